/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys sealed to a recovery key. */
#include "store/query.h"
#include "store/recovery.h"

#define ESCROW                                                                 \
	"e.key, e.recovery_key, k.spki_digest, e.made_for, e.sealed, "         \
	"e.created"

void
sgl_escrow_record_clear(sgl_escrow_record *e)
{
	sgl_mem_free(e->made_for);
	sgl_buf_clear(&e->sealed);
	*e = (sgl_escrow_record){0};
}

static void
clear(void *record)
{
	sgl_escrow_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_escrow_record *e = record;

	e->key = sgl_query_int(q, 0);
	e->recovery_key = sgl_query_int(q, 1);
	TRY(sgl_query_digest(q, 2, e->spki_digest, err));
	TRY(sgl_query_text(q, 3, &e->made_for, err));
	TRY(sgl_query_blob(q, 4, &e->sealed, err));
	e->created = sgl_query_int(q, 5);
	return SGL_OK;
}

static const sgl_record_type type = {
    sizeof(sgl_escrow_record), read_row, clear};

void
sgl_escrow_records_clear(sgl_escrow_records *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_escrow_records){0};
}

sgl_status
sgl_store_set_escrow(sgl_store *store, const sgl_escrow_record *e, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO escrow (key, recovery_key, made_for, sealed, created)"
	    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE"
	    " SET recovery_key = $2, made_for = $3, sealed = $4, created = $5");

	sgl_query_bind_int(&q, e->key);
	sgl_query_bind_int(&q, e->recovery_key);
	sgl_query_bind_str(&q, e->made_for);
	sgl_query_bind_blob(&q, sgl_buf_slice(&e->sealed));
	sgl_query_bind_int(&q, e->created);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
list(sgl_query *q, int64_t id, sgl_escrow_records *out, sgl_err *err)
{
	sgl_rows rows;

	sgl_query_bind_int(q, id);
	TRY(sgl_query_rows(q, &type, &rows, err));
	*out = (sgl_escrow_records){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_escrows(
    sgl_store *store, int64_t person, sgl_escrow_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " ESCROW " FROM escrow e JOIN key k ON k.id = e.key"
	    " WHERE k.person = $1 ORDER BY e.key DESC");

	return list(&q, person, out, err);
}

sgl_status
sgl_store_list_escrows_to(sgl_store *store, int64_t recovery_key,
    sgl_escrow_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " ESCROW " FROM escrow e JOIN key k ON k.id = e.key"
	    " WHERE e.recovery_key = $1 ORDER BY e.key LIMIT 200");

	return list(&q, recovery_key, out, err);
}

sgl_status
sgl_store_drop_escrows(sgl_store *store, int64_t person, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM escrow WHERE key IN"
	    " (SELECT id FROM key WHERE person = $1)");

	sgl_query_bind_int(&q, person);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_count_escrows(
    sgl_store *store, int64_t recovery_key, int64_t *out, sgl_err *err)
{
	SGL_QUERY(
	    q, store, "SELECT count(*) FROM escrow WHERE recovery_key = $1");
	bool row;

	sgl_query_bind_int(&q, recovery_key);
	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}

sgl_status
sgl_store_add_request_key(
    sgl_store *store, int64_t request, int64_t key, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recovery_request_key (request, key) VALUES ($1, $2)");

	sgl_query_bind_int(&q, request);
	sgl_query_bind_int(&q, key);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_list_request_keys(
    sgl_store *store, int64_t request, sgl_escrow_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " ESCROW " FROM recovery_request_key r"
	    " JOIN escrow e ON e.key = r.key JOIN key k ON k.id = e.key"
	    " WHERE r.request = $1 ORDER BY e.key DESC");

	return list(&q, request, out, err);
}

/* ----------------------------------------------------- not escrowed yet --- */

typedef struct unescrowed {
	sgl_key_record key;
	char *address;
} unescrowed;

static void
clear_unescrowed(void *record)
{
	unescrowed *u = record;

	sgl_key_record_clear(&u->key);
	sgl_mem_free(u->address);
	u->address = NULL;
}

static sgl_status
read_unescrowed(sgl_query *q, void *record, sgl_err *err)
{
	unescrowed *u = record;

	u->key.id = sgl_query_int(q, 0);
	TRY(sgl_query_digest(q, 1, u->key.spki_digest, err));
	TRY(sgl_query_blob(q, 2, &u->key.sealed, err));
	TRY(sgl_query_text(q, 3, &u->key.kind, err));
	u->key.person = sgl_query_int(q, 4);
	u->key.created = sgl_query_int(q, 5);
	u->key.handed = sgl_query_int(q, 6);
	return sgl_query_text(q, 7, &u->address, err);
}

static const sgl_record_type unescrowed_type = {
    sizeof(unescrowed), read_unescrowed, clear_unescrowed};

typedef struct visitor {
	sgl_unescrowed_visit visit;
	void *ctx;
	int64_t recovery_key;
	bool with_dual;
} visitor;

static sgl_status
visit_one(void *ctx, const void *record, sgl_err *err)
{
	const visitor *v = ctx;
	const unescrowed *u = record;

	return v->visit(v->ctx, &u->key, u->address, err);
}

static void
bind_last(sgl_query *q, const void *last, const void *ctx)
{
	const unescrowed *u = last;
	const visitor *v = ctx;

	sgl_query_bind_int(q, u == NULL ? 0 : u->key.id);
	sgl_query_bind_int(q, v->recovery_key);
	sgl_query_bind_int(q, v->with_dual);
}

sgl_status
sgl_store_each_unescrowed(sgl_store *store, int64_t recovery_key,
    bool with_dual, sgl_unescrowed_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {visit, ctx, recovery_key, with_dual};
	const sgl_pages pages = {
	    .type = &unescrowed_type,
	    .sql = "SELECT k.id, k.spki_digest, k.sealed, k.kind, k.person,"
		   " k.created, k.handed, p.address FROM key k"
		   " JOIN person p ON p.id = k.person"
		   " WHERE k.id > $1 AND length(k.sealed) > 0"
		   " AND p.custody <> 'sealed'"
		   " AND EXISTS (SELECT 1 FROM certificate c"
		   " WHERE c.person = k.person AND c.key = k.id"
		   " AND c.purpose = 'encryption')"
		   " AND NOT EXISTS (SELECT 1 FROM escrow e"
		   " WHERE e.key = k.id AND e.recovery_key = $2)"
		   " AND ($3 = 1 OR NOT EXISTS (SELECT 1 FROM certificate c"
		   " WHERE c.person = k.person AND c.key = k.id"
		   " AND c.purpose = 'signing'))"
		   " ORDER BY k.id" SGL_PAGE_LIMIT,
	    .bind = bind_last,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}
