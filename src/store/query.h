/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the store: the database handle and prepared statements. */
#ifndef SGL_STORE_QUERY_H
#define SGL_STORE_QUERY_H

#include <sqlite3.h>

#include "store/store.h"

#define SGL_STORE_ROOM "store"
/* What one value in the database may hold. */
#define SGL_STORE_BLOB ((size_t)1 << 20)

struct sgl_store {
	sqlite3 *db;
	char *path;
};

/* sgl_store_fail fills *err for what the database answered. */
sgl_status sgl_store_fail(const sgl_store *store, int answer, sgl_err *err);
/* sgl_store_run executes a statement (or several) without values. */
SGL_MUST sgl_status sgl_store_run(
    sgl_store *store, const char *sql, sgl_err *err);

/* A prepared statement. Values are bound in order and borrowed until the query
 * ends; the first failure sticks and is told by the next step. */
typedef struct sgl_query {
	sgl_store *store;
	sqlite3_stmt *statement;
	int num_bound, answer;
} sgl_query;
void sgl_query_clear(sgl_query *q);
SGL_AUTO_CLEAR_TYPE(sgl_query, sgl_query_clear)

sgl_query sgl_query_over(sgl_store *store, const char *sql);
void sgl_query_bind_int(sgl_query *q, int64_t value);
/* 0 is stored as NULL. */
void sgl_query_bind_ref(sgl_query *q, int64_t id);
void sgl_query_bind_text(sgl_query *q, sgl_slice text);
void sgl_query_bind_blob(sgl_query *q, sgl_slice bytes);

/* sgl_query_step goes to the next row; *row false at the end. sgl_query_done
 * is for statements that give none. */
SGL_MUST sgl_status sgl_query_step(sgl_query *q, bool *row, sgl_err *err);
SGL_MUST sgl_status sgl_query_done(sgl_query *q, sgl_err *err);

/* The columns of the row at hand; a slice is borrowed until the next step. */
int64_t sgl_query_int(sgl_query *q, int column);
sgl_slice sgl_query_slice(sgl_query *q, int column);
SGL_MUST sgl_status sgl_query_text(
    sgl_query *q, int column, char **out, sgl_err *err);
SGL_MUST sgl_status sgl_query_blob(
    sgl_query *q, int column, sgl_buf *out, sgl_err *err);

/* Room for one more in a list of records; the new one is all-zero. */
SGL_MUST sgl_status sgl_list_grow(
    void *items, size_t num, size_t size, sgl_err *err);

#endif
