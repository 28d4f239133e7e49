/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#define COLUMNS                                                                \
	"k.id, k.spki_digest, k.sealed, k.kind, k.person, k.created,"          \
	" k.handed, k.gone"

void
sgl_key_record_clear(sgl_key_record *k)
{
	sgl_buf_wipe(&k->sealed);
	sgl_mem_free(k->kind);
	*k = (sgl_key_record){0};
}

static void
clear(void *record)
{
	sgl_key_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_key_record *k = record;

	k->id = sgl_query_int(q, 0);
	TRY(sgl_query_digest(q, 1, k->spki_digest, err));
	TRY(sgl_query_blob(q, 2, &k->sealed, err));
	TRY(sgl_query_text(q, 3, &k->kind, err));
	k->person = sgl_query_int(q, 4);
	k->created = sgl_query_int(q, 5);
	k->handed = sgl_query_int(q, 6);
	k->gone = sgl_query_int(q, 7);
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_key_record), read_row, clear};

void
sgl_key_records_clear(sgl_key_records *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_key_records){0};
}

sgl_status
sgl_store_next_key_id(sgl_store *store, int64_t *id, sgl_err *err)
{
	return sgl_store_number(store, store->driver->next_key, id, err);
}

static void
bind_key(sgl_query *q, const sgl_key_record *k)
{
	sgl_query_bind_blob(
	    q, sgl_slice_of(k->spki_digest, sizeof k->spki_digest));
	sgl_query_bind_blob(q, sgl_buf_slice(&k->sealed));
	sgl_query_bind_str(q, k->kind);
	sgl_query_bind_ref(q, k->person);
	sgl_query_bind_int(q, k->created);
}

sgl_status
sgl_store_add_key(sgl_store *store, const sgl_key_record *k, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO key (id, spki_digest, sealed, kind, person, created)"
	    " VALUES ($1, $2, $3, $4, $5, $6)");

	sgl_query_bind_int(&q, k->id);
	bind_key(&q, k);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_add_public_key(
    sgl_store *store, const sgl_key_record *k, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO key (spki_digest, sealed, kind, person, created)"
	    " VALUES ($1, $2, $3, $4, $5)"
	    " ON CONFLICT (spki_digest) DO NOTHING");

	bind_key(&q, k);
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_find_key(sgl_store *store, int64_t id, sgl_key_record *out,
    bool *found, sgl_err *err)
{
	SGL_QUERY(q, store, "SELECT " COLUMNS " FROM key k WHERE k.id = $1");

	sgl_query_bind_int(&q, id);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_find_key_by_digest(sgl_store *store, const uint8_t spki_digest[32],
    sgl_key_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(
	    q, store, "SELECT " COLUMNS " FROM key k WHERE k.spki_digest = $1");

	sgl_query_bind_blob(&q, sgl_slice_of(spki_digest, 32));
	return sgl_query_one(&q, &type, out, found, err);
}

static sgl_status
list(sgl_query *q, sgl_key_records *out, sgl_err *err)
{
	sgl_rows rows;

	TRY(sgl_query_rows(q, &type, &rows, err));
	*out = (sgl_key_records){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_keys(
    sgl_store *store, int64_t person, sgl_key_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    person == 0 ? "SELECT " COLUMNS " FROM key k"
			  " WHERE k.person IS NULL ORDER BY k.id DESC"
			: "SELECT " COLUMNS " FROM key k"
			  " WHERE k.person = $1 ORDER BY k.id DESC");

	if (person != 0)
		sgl_query_bind_int(&q, person);
	return list(&q, out, err);
}

typedef struct key_visitor {
	sgl_key_visit visit;
	void *ctx;
} key_visitor;

static sgl_status
visit_record(void *ctx, const void *record, sgl_err *err)
{
	const key_visitor *v = ctx;

	return v->visit(v->ctx, record, err);
}

static void
bind_after(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_key_record *k = last;

	(void)ctx;
	sgl_query_bind_int(q, k == NULL ? 0 : k->id);
}

sgl_status
sgl_store_each_key(
    sgl_store *store, sgl_key_visit visit, void *ctx, sgl_err *err)
{
	key_visitor v = {visit, ctx};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT " COLUMNS " FROM key k WHERE k.id > $1"
		   " ORDER BY k.id" SGL_PAGE_LIMIT,
	    .bind = bind_after,
	    .visit = visit_record,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}

sgl_status
sgl_store_hand_key(sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	SGL_QUERY(q, store, "UPDATE key SET handed = $1 WHERE id = $2");

	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* A file is overwritten by SQLite (secure_delete); of PostgreSQL, what was
 * there goes with the next VACUUM. */
sgl_status
sgl_store_drop_key(sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE key SET sealed = $1, gone = $2 WHERE id = $3"
	    " AND gone IS NULL");

	sgl_query_bind_blob(&q, SGL_LIT(""));
	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_add_recipient(
    sgl_store *store, int64_t key, const sgl_recipient_name *name, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recipient (issuer, serial, key, ski)"
	    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");

	sgl_query_bind_blob(&q, sgl_slice_of(name->issuer, 32));
	sgl_query_bind_blob(&q, name->serial);
	sgl_query_bind_int(&q, key);
	sgl_query_bind_blob_or_null(&q, name->ski);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* A person may have many keys, a name has one: `+` keeps SQLite from looking
 * into the index of people, too. */
const char sgl_sql_key_by_recipient[] =
    "SELECT " COLUMNS " FROM recipient r JOIN key k ON k.id = r.key"
    " WHERE r.issuer = $1 AND r.serial = $2 AND +k.person = $3"
    " ORDER BY r.key DESC LIMIT 16";
const char sgl_sql_key_by_ski[] =
    "SELECT " COLUMNS " FROM key k WHERE k.id IN"
    " (SELECT r.key FROM recipient r WHERE r.ski = $1)"
    " AND +k.person = $2 ORDER BY k.id DESC LIMIT 16";

sgl_status
sgl_store_find_key_by_recipient(sgl_store *store, int64_t person,
    const uint8_t issuer[32], sgl_slice serial, sgl_key_records *out,
    sgl_err *err)
{
	SGL_QUERY(q, store, sgl_sql_key_by_recipient);

	sgl_query_bind_blob(&q, sgl_slice_of(issuer, 32));
	sgl_query_bind_blob(&q, serial);
	sgl_query_bind_int(&q, person);
	return list(&q, out, err);
}

/* A key with several certificates has as many names, but is one. */
sgl_status
sgl_store_find_key_by_ski(sgl_store *store, int64_t person, sgl_slice ski,
    sgl_key_records *out, sgl_err *err)
{
	SGL_QUERY(q, store, sgl_sql_key_by_ski);

	sgl_query_bind_blob(&q, ski);
	sgl_query_bind_int(&q, person);
	return list(&q, out, err);
}

sgl_status
sgl_store_has_key(sgl_store *store, int64_t person, bool *has, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT k.id FROM key k WHERE k.person = $1"
	    " AND length(k.sealed) > 0 LIMIT 1");

	sgl_query_bind_int(&q, person);
	return sgl_query_step(&q, has, err);
}
