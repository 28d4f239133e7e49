/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as people export them (RFC 4180, and what Excel makes of it): UTF-8
 * with or without a BOM, lines that end in CRLF or LF, fields in quotes where
 * they hold a separator, a quote or a line end. The separator is the comma, the
 * semicolon or the tab, whichever comes first in the first line.
 *
 * What is wrong with one row is told of that row, and reading goes on behind
 * it.
 */
#ifndef SGL_ADMIN_CSV_H
#define SGL_ADMIN_CSV_H

#include "base/buf.h"

#define SGL_CSV_FIELDS 32
#define SGL_CSV_FIELD_MAX ((size_t)4096) /* bytes of one field */

typedef struct sgl_csv {
	sgl_slice rest; /* borrowed */
	size_t line;	/* of what comes next, from 1 */
	uint8_t separator;
} sgl_csv;
sgl_csv sgl_csv_over(sgl_slice text);

typedef struct sgl_csv_row {
	size_t line; /* where it begins */
	/* Texts without NUL in them, one behind; blanks around what was not
	 * quoted are gone. They stand until the row is read again. */
	const char *fields[SGL_CSV_FIELDS];
	size_t num;
	const char *fault; /* N_(): then the fields are worth nothing */
	sgl_buf store;
} sgl_csv_row;
void sgl_csv_row_clear(sgl_csv_row *row); /* wipes: it may hold passwords */
SGL_AUTO_CLEAR_TYPE(sgl_csv_row, sgl_csv_row_clear)

/* sgl_csv_next reads the next row that is not empty; *found false at the end.
 * SGL_E_NOMEM is the only failure. */
SGL_MUST sgl_status sgl_csv_next(
    sgl_csv *csv, sgl_csv_row *row, bool *found, sgl_err *err);

/* sgl_csv_find gives the place of a column by its name in the header, whatever
 * its case; SGL_CSV_FIELDS if there is none. */
size_t sgl_csv_find(const sgl_csv_row *header, const char *name);

#endif
