/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the store: statements with values, and records out of their rows. */
#ifndef SGL_STORE_QUERY_H
#define SGL_STORE_QUERY_H

#include "store/store.h"

#define SGL_STORE_ROOM "store"
/* What one value in the database may hold. */
#define SGL_STORE_BLOB ((size_t)64 << 20)
#define SGL_QUERY_VALUES 24

typedef struct sgl_driver sgl_driver;

typedef enum sgl_value_kind {
	SGL_VALUE_INT,
	SGL_VALUE_TEXT,
	SGL_VALUE_BLOB
} sgl_value_kind;

typedef struct sgl_value {
	sgl_value_kind kind;
	bool is_null;
	int64_t number;
	sgl_slice bytes;
} sgl_value;

/* A statement: `sql` is a constant, kept by pointer. Values are bound in order
 * and borrowed until the query ends. */
typedef struct sgl_query {
	sgl_store *store;
	const char *sql;
	size_t num_values;
	void *state;   /* the driver's; NULL until the first step */
	bool wants_id; /* of the row that it adds */
	int row;
	sgl_value values[SGL_QUERY_VALUES];
} sgl_query;
void sgl_query_clear(sgl_query *q);
SGL_AUTO_CLEAR_TYPE(sgl_query, sgl_query_clear)

/* sgl_query_init fills *q, which need not be cleared before. */
void sgl_query_init(sgl_query *q, sgl_store *store, const char *sql);
#define SGL_QUERY(q, store, sql)                                               \
	SGL_AUTO_CLEAR(sgl_query) q;                                           \
	sgl_query_init(&q, store, sql)

void sgl_query_bind_int(sgl_query *q, int64_t value);
/* 0 is stored as NULL. */
void sgl_query_bind_ref(sgl_query *q, int64_t id);
void sgl_query_bind_text(sgl_query *q, sgl_slice text);
/* NULL is stored as NULL. */
void sgl_query_bind_str(sgl_query *q, const char *text);
void sgl_query_bind_blob(sgl_query *q, sgl_slice bytes);
/* No bytes are stored as NULL. */
void sgl_query_bind_blob_or_null(sgl_query *q, sgl_slice bytes);

/* Whatever the value is. */
void sgl_query_bind(sgl_query *q, const sgl_value *value);

/* sgl_query_step goes to the next row; *row false at the end. For statements
 * that change nothing. */
SGL_MUST sgl_status sgl_query_step(sgl_query *q, bool *row, sgl_err *err);
/* sgl_query_change executes one that changes something: *changed false if that
 * was no row; with RETURNING, *out is what it gave for its one row. Both may be
 * NULL. Outside of begin and commit it is a change of its own. */
SGL_MUST sgl_status sgl_query_change(
    sgl_query *q, int64_t *out, bool *changed, sgl_err *err);
/* sgl_query_insert executes one that adds a row to a table with an `id`, which
 * goes to *id; 0 if it adds none (ON CONFLICT DO NOTHING). */
SGL_MUST sgl_status sgl_query_insert(sgl_query *q, int64_t *id, sgl_err *err);

/* A change of several statements that may stand alone or inside another:
 *	TRY(sgl_change_begin(store, &own, err));
 *	return sgl_change_end(store, own, add_all(...), err);
 */
SGL_MUST sgl_status sgl_change_begin(sgl_store *store, bool *own, sgl_err *err);
SGL_MUST sgl_status sgl_change_end(
    sgl_store *store, bool own, sgl_status status, sgl_err *err);

/* sgl_store_run executes a statement (or several) without values. */
SGL_MUST sgl_status sgl_store_run(
    sgl_store *store, const char *sql, sgl_err *err);
/* sgl_store_number is the one number that a statement answers; 0 if none. */
SGL_MUST sgl_status sgl_store_number(
    sgl_store *store, const char *sql, int64_t *out, sgl_err *err);
/* sgl_store_damaged: a value that the tables do not admit. */
sgl_status sgl_store_damaged(const sgl_store *store, sgl_err *err);

/* How keys are looked up by what mail calls them (store/key.c), also for the
 * test that asks which index that takes. */
extern const char sgl_sql_key_by_recipient[], sgl_sql_key_by_ski[];
/* How certificates are counted (store/count.c), likewise. */
extern const char sgl_sql_count_certs[];

/* The columns of the row at hand; a slice is borrowed until the next step. */
int64_t sgl_query_int(sgl_query *q, int column);
sgl_slice sgl_query_slice(sgl_query *q, int column);
SGL_MUST sgl_status sgl_query_text(
    sgl_query *q, int column, char **out, sgl_err *err);
SGL_MUST sgl_status sgl_query_blob(
    sgl_query *q, int column, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_query_digest(
    sgl_query *q, int column, uint8_t out[32], sgl_err *err);
/* sgl_query_word finds the text among `num` names; its place goes to *out,
 * which is the caller's enum. */
SGL_MUST sgl_status sgl_query_word(sgl_query *q, int column,
    const char *const *names, size_t num, unsigned *out, sgl_err *err);

/* ------------------------------------------------------------- records --- */

/* How a record is read out of a row, and cleared: all that lists, single
 * records and iterators of a type need. */
typedef struct sgl_record_type {
	size_t size;
	sgl_status (*read)(sgl_query *q, void *record, sgl_err *err);
	void (*clear)(void *record);
} sgl_record_type;

typedef struct sgl_rows {
	void *items;
	size_t num;
} sgl_rows;
void sgl_rows_clear(const sgl_record_type *type, sgl_rows rows);

/* sgl_query_one reads the first row into *record, if there is one. */
SGL_MUST sgl_status sgl_query_one(sgl_query *q, const sgl_record_type *type,
    void *record, bool *found, sgl_err *err);
/* sgl_query_rows reads all rows. */
SGL_MUST sgl_status sgl_query_rows(
    sgl_query *q, const sgl_record_type *type, sgl_rows *out, sgl_err *err);

/* The numbers of all records of the certificate that the record with this
 * number is about: one that serves both purposes has two. */
#define SGL_SAME_CERTIFICATE(id)                                               \
	"SELECT o.id FROM certificate o JOIN certificate t"                    \
	" ON t.serial = o.serial AND t.der = o.der WHERE t.id = " id

/* A long list, read in pages of at most SGL_PAGE records (which `sql` must
 * say by LIMIT): `bind` says behind which record the page begins, NULL for the
 * first. Between pages nothing is open, so `visit` may use the store. */
#define SGL_PAGE 256
#define SGL_PAGE_LIMIT " LIMIT 256"
typedef struct sgl_pages {
	const sgl_record_type *type;
	const char *sql;
	void (*bind)(sgl_query *q, const void *last, const void *ctx);
	sgl_status (*visit)(void *ctx, const void *record, sgl_err *err);
	void *ctx;
} sgl_pages;
SGL_MUST sgl_status sgl_store_pages(
    sgl_store *store, const sgl_pages *pages, sgl_err *err);

/* SGL_VISITOR makes a file's `visitor`, the ctx of its pages: a caller's
 * function of this type and the ctx of that, and with what the pages begin; and
 * visit_one, which hands it a record. */
#define SGL_VISITOR(type)                                                      \
	typedef struct visitor {                                               \
		type visit;                                                    \
		void *ctx;                                                     \
		int64_t from, part;                                            \
	} visitor;                                                             \
	static sgl_status visit_one(                                           \
	    void *ctx, const void *record, sgl_err *err)                       \
	{                                                                      \
		const visitor *v = ctx;                                        \
		return v->visit(v->ctx, record, err);                          \
	}                                                                      \
	struct visitor

#endif
