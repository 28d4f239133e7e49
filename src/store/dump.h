/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All records of a database, table by table, in a form that either database
 * takes: for backups, and to move from one to the other. Nothing here knows
 * what the tables mean, so none can be forgotten.
 */
#ifndef SGL_STORE_DUMP_H
#define SGL_STORE_DUMP_H

#include "store/query.h"

#define SGL_DUMP_TABLES 64
#define SGL_DUMP_NAME 64 /* with the NUL */

typedef struct sgl_dump_table {
	char name[SGL_DUMP_NAME];
	size_t num; /* of columns */
	struct {
		char name[SGL_DUMP_NAME];
		sgl_value_kind kind;
	} columns[SGL_QUERY_VALUES];
} sgl_dump_table;

/* sgl_store_dump tells each table and then its rows, as they all were at one
 * moment, whoever changes something meanwhile. What it gives is borrowed until
 * the next call; what a visitor returns ends the visit unless it is SGL_OK. */
typedef struct sgl_dump_visitor {
	sgl_status (*table)(
	    void *ctx, const sgl_dump_table *table, sgl_err *err);
	sgl_status (*row)(void *ctx, const sgl_dump_table *table,
	    const sgl_value *values, sgl_err *err);
	void *ctx;
} sgl_dump_visitor;
SGL_MUST sgl_status sgl_store_dump(
    sgl_store *store, const sgl_dump_visitor *visitor, sgl_err *err);

/*
 * A loader fills a new database, in one change: sgl_loader_new makes the tables
 * of a version (SGL_E_UNSUPPORTED: of a newer release), tables and rows come in
 * the order of the dump, and sgl_loader_end brings all to the present version.
 * The change is still open then: sgl_store_commit keeps it. Before that, who is
 * freed leaves the database empty.
 * SGL_E_ENCODING: a table or column that this version does not have, or a row
 * that does not fit.
 */
typedef struct sgl_loader sgl_loader;
SGL_MUST sgl_status sgl_loader_new(
    const char *location, int version, sgl_loader **out, sgl_err *err);
SGL_MUST sgl_status sgl_loader_table(
    sgl_loader *l, const sgl_dump_table *table, sgl_err *err);
SGL_MUST sgl_status sgl_loader_row(
    sgl_loader *l, const sgl_value *values, size_t num, sgl_err *err);
/* `options` as for sgl_store_open; *out is the database. */
SGL_MUST sgl_status sgl_loader_end(sgl_loader *l,
    const sgl_store_options *options, sgl_store **out, sgl_err *err);
void sgl_loader_free(sgl_loader *l);
SGL_AUTO_TYPE(sgl_loader, sgl_loader_free)

#endif
