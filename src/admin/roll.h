/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many people at once: the rows of a table, on their way from the file to
 * whoever works on the home, and what came of each on the way back.
 */
#ifndef SGL_ADMIN_ROLL_H
#define SGL_ADMIN_ROLL_H

#include "admin/work.h"
#include "sys/wire.h"

#define SGL_ROLL_ADDRESS 512
#define SGL_ROLL_NAME 512
#define SGL_ROLL_ALIASES 16
#define SGL_ROLL_MAX 200000 /* rows */

typedef struct sgl_roll_row {
	size_t line; /* of the file */
	char address[SGL_ROLL_ADDRESS];
	char name[SGL_ROLL_NAME]; /* "": none was given */
	char aliases[SGL_ROLL_ALIASES][SGL_ROLL_ADDRESS];
	size_t num_aliases;
	bool signing, encryption; /* which certificates */
	bool dual;		  /* both are one */
	bool has_custody;
	sgl_custody custody;
} sgl_roll_row;
void sgl_roll_add(sgl_wire *w, const sgl_roll_row *row);
void sgl_roll_read(sgl_unwire *u, sgl_roll_row *out);

typedef enum sgl_roll_outcome {
	SGL_ROLL_NEW,	/* can be added, or was */
	SGL_ROLL_THERE, /* is there already */
	SGL_ROLL_WRONG
} sgl_roll_outcome;
#define SGL_ROLL_TEXT 1024
typedef struct sgl_roll_result {
	size_t line;
	sgl_roll_outcome outcome;
	char text[SGL_ROLL_TEXT]; /* N_(); "" unless it is wrong */
	char detail[SGL_ROLL_TEXT];
} sgl_roll_result;
void sgl_roll_add_result(sgl_wire *w, const sgl_roll_result *r);
void sgl_roll_read_result(sgl_unwire *u, sgl_roll_result *out);

/* In front of the rows: whether they are to be looked at alone, and how many
 * there are. */
typedef struct sgl_roll_head {
	bool only_check;
	size_t num;
} sgl_roll_head;
void sgl_roll_add_head(sgl_wire *w, const sgl_roll_head *head);
void sgl_roll_read_head(sgl_unwire *u, sgl_roll_head *out);

/* The table in a file: its good rows, as messages one behind the other. */
typedef struct sgl_roll_file {
	sgl_buf rows;
	size_t *ends; /* of each, in `rows` */
	size_t num;
} sgl_roll_file;
void sgl_roll_file_clear(sgl_roll_file *f);
SGL_AUTO_CLEAR_TYPE(sgl_roll_file, sgl_roll_file_clear)
/* sgl_roll_file_read calls `wrong` for each row that is none, and reads on.
 * SGL_E_ENCODING: there is no row at all, or no column "address"; SGL_E_LIMIT;
 * the failures of reading a file. */
typedef sgl_status (*sgl_roll_wrong)(
    void *ctx, size_t line, const char *text, const char *detail, sgl_err *err);
SGL_MUST sgl_status sgl_roll_file_read(const char *path, sgl_roll_file *out,
    sgl_roll_wrong wrong, void *ctx, sgl_err *err);
/* Rows from `from` on, `num` of them. */
sgl_slice sgl_roll_file_part(const sgl_roll_file *f, size_t from, size_t num);

sgl_org_work sgl_org_user_add_many;
/* sigill user add, with an ADDRESS or with --from. */
int sgl_org_user_add_any(sgl_call *call);

#endif
