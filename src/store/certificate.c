/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lost.h"
#include "store/revocation.h"
#include "sys/text.h"

#define COLUMNS                                                                \
	"c.id, c.person, c.purpose, c.status, c.serial, c.not_before,"         \
	" c.not_after, c.der, c.issuer, c.shard, c.key, c.created,"            \
	" c.superseded, c.invalidity, c.revoked, c.reason, p.address,"         \
	" p.address_key, c.is_preferred, c.waits_until"
#define FROM " FROM certificate c JOIN person p ON p.id = c.person"

static const char *const purposes[] = {
    [SGL_CERT_SIGNING] = N_("signing"),
    [SGL_CERT_ENCRYPTION] = N_("encryption"),
    [SGL_CERT_DUAL] = N_("dual"),
};
#define NUM_PURPOSES (sizeof purposes / sizeof purposes[0])

static const char *const statuses[] = {
    [SGL_CERT_CURRENT] = "current",
    [SGL_CERT_SUPERSEDED] = "superseded",
    [SGL_CERT_REVOKED] = "revoked",
};
#define NUM_STATUSES (sizeof statuses / sizeof statuses[0])

const char *
sgl_cert_purpose_name(sgl_cert_purpose purpose)
{
	return purposes[purpose];
}

bool
sgl_cert_purpose_find(sgl_slice name, sgl_cert_purpose *out)
{
	for (size_t i = 0; i < NUM_PURPOSES; i++)
		if (sgl_slice_eq(name, sgl_slice_str(purposes[i]))) {
			*out = (sgl_cert_purpose)i;
			return true;
		}
	return false;
}

bool
sgl_cert_is_twin(const sgl_cert_record *a, const sgl_cert_record *b)
{
	return a->purpose != b->purpose &&
	    sgl_slice_eq(
		sgl_buf_slice(&a->serial), sgl_buf_slice(&b->serial)) &&
	    sgl_slice_eq(sgl_buf_slice(&a->der), sgl_buf_slice(&b->der));
}

const sgl_cert_record *
sgl_cert_find_twin(const sgl_cert_records *list, const sgl_cert_record *c)
{
	for (size_t i = 0; i < list->num; i++)
		if (sgl_cert_is_twin(&list->items[i], c))
			return &list->items[i];
	return NULL;
}

const char *
sgl_cert_status_name(sgl_cert_status status)
{
	return statuses[status];
}

void
sgl_cert_record_clear(sgl_cert_record *c)
{
	sgl_mem_free(c->address);
	sgl_buf_clear(&c->serial);
	sgl_buf_clear(&c->der);
	*c = (sgl_cert_record){0};
}

/* With what the pages go by. */
typedef struct row {
	sgl_cert_record c;
	char *address_key;
} row;

static void
clear(void *record)
{
	row *r = record;

	sgl_cert_record_clear(&r->c);
	sgl_mem_free(r->address_key);
}

static sgl_status
read_record(sgl_query *q, void *record, sgl_err *err)
{
	sgl_cert_record *c = record;
	unsigned word;

	c->id = sgl_query_int(q, 0);
	c->person = sgl_query_int(q, 1);
	TRY(sgl_query_word(q, 2, purposes, NUM_PURPOSES, &word, err));
	c->purpose = (sgl_cert_purpose)word;
	TRY(sgl_query_word(q, 3, statuses, NUM_STATUSES, &word, err));
	c->status = (sgl_cert_status)word;
	TRY(sgl_query_blob(q, 4, &c->serial, err));
	c->not_before = sgl_query_int(q, 5);
	c->not_after = sgl_query_int(q, 6);
	TRY(sgl_query_blob(q, 7, &c->der, err));
	c->issuer = sgl_query_int(q, 8);
	c->shard = sgl_query_int(q, 9);
	c->key = sgl_query_int(q, 10);
	c->created = sgl_query_int(q, 11);
	c->superseded = sgl_query_int(q, 12);
	c->revocation.invalidity = sgl_query_int(q, 13);
	TRY(sgl_query_revocation(q, 14, &c->revocation, err));
	c->is_preferred = sgl_query_int(q, 18) != 0;
	c->waits_until = sgl_query_int(q, 19);
	return sgl_query_text(q, 16, &c->address, err);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	row *r = record;

	TRY(read_record(q, &r->c, err));
	return sgl_query_text(q, 17, &r->address_key, err);
}

static void
clear_record(void *record)
{
	sgl_cert_record_clear(record);
}

static const sgl_record_type type = {
    sizeof(sgl_cert_record), read_record, clear_record};
static const sgl_record_type row_type = {sizeof(row), read_row, clear};

void
sgl_cert_records_clear(sgl_cert_records *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_cert_records){0};
}

sgl_status
sgl_store_take_serial(
    sgl_store *store, sgl_slice serial, bool *taken, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO serial (serial) VALUES ($1) ON CONFLICT DO NOTHING");

	sgl_query_bind_blob(&q, serial);
	return sgl_query_change(&q, NULL, taken, err);
}

sgl_status
sgl_store_add_cert(
    sgl_store *store, const sgl_cert_record *c, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO certificate (person, purpose, status, serial,"
	    " not_before, not_after, der, issuer, shard, key, created,"
	    " superseded, waits_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
	    " $9, $10, $11, $12, $13)");

	sgl_query_bind_int(&q, c->person);
	sgl_query_bind_str(&q, purposes[c->purpose]);
	sgl_query_bind_str(&q, statuses[c->status]);
	sgl_query_bind_blob(&q, sgl_buf_slice(&c->serial));
	sgl_query_bind_int(&q, c->not_before);
	sgl_query_bind_int(&q, c->not_after);
	sgl_query_bind_blob(&q, sgl_buf_slice(&c->der));
	sgl_query_bind_ref(&q, c->issuer);
	sgl_query_bind_int(&q, c->shard);
	sgl_query_bind_int(&q, c->key);
	sgl_query_bind_int(&q, c->created);
	sgl_query_bind_ref(&q, c->superseded);
	sgl_query_bind_ref(&q, c->waits_until);
	return sgl_query_insert(&q, id, err);
}

#define OTHER                                                                  \
	" FROM certificate t JOIN certificate o ON o.serial = t.serial"        \
	" AND o.der = t.der AND o.person = t.person"                           \
	" AND o.purpose <> t.purpose WHERE t.id = $1"

sgl_status
sgl_store_mark_dual(sgl_store *store, int64_t id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET is_dual = 1 WHERE id IN"
	    " (SELECT t.id" OTHER " UNION ALL SELECT o.id" OTHER ")");

	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

#define OF_PERSON "SELECT " COLUMNS FROM " WHERE c.person = $1"
#define IN_ORDER " ORDER BY c.id DESC"

static sgl_status
list(sgl_store *store, const char *sql, int64_t person, sgl_cert_records *out,
    sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store, sql);

	sgl_query_bind_int(&q, person);
	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_cert_records){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err)
{
	return list(store, OF_PERSON IN_ORDER, person, out, err);
}

sgl_status
sgl_store_list_current_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err)
{
	return list(store,
	    OF_PERSON
	    " AND c.status = 'current' AND c.issuer IS NOT NULL" IN_ORDER,
	    person, out, err);
}

SGL_VISITOR(sgl_cert_visit);

static sgl_status
visit_row(void *ctx, const void *record, sgl_err *err)
{
	const visitor *v = ctx;
	const row *r = record;

	return v->visit(v->ctx, &r->c, err);
}

static void
bind_row(sgl_query *q, const void *last, const void *ctx)
{
	const row *r = last;

	(void)ctx;
	sgl_query_bind_str(q, r == NULL ? "" : r->address_key);
	sgl_query_bind_int(q, r == NULL ? 0 : r->c.id);
}

/* The first half of the condition is what an index can find. */
sgl_status
sgl_store_each_cert(
    sgl_store *store, sgl_cert_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {.visit = visit, .ctx = ctx};
	const sgl_pages pages = {
	    .type = &row_type,
	    .sql = "SELECT " COLUMNS FROM " WHERE p.address_key >= $1"
		   " AND (p.address_key > $1 OR c.id < $2)"
		   " ORDER BY p.address_key, c.id DESC" SGL_PAGE_LIMIT,
	    .bind = bind_row,
	    .visit = visit_row,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}

static void
bind_revoked(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_cert_record *c = last;
	const visitor *v = ctx;

	sgl_query_bind_int(q, v->from);
	sgl_query_bind_int(q, v->part);
	sgl_query_bind_int(q, c == NULL ? 0 : c->id);
}

sgl_status
sgl_store_each_revoked(sgl_store *store, int64_t authority, int64_t shard,
    sgl_cert_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {
	    .visit = visit, .ctx = ctx, .from = authority, .part = shard};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT " COLUMNS FROM " WHERE c.status = 'revoked'"
		   " AND c.issuer = $1 AND c.shard = $2 AND c.id > $3"
		   /* One that serves both purposes is listed once. */
		   " AND NOT EXISTS (SELECT 1 FROM certificate o"
		   " WHERE o.serial = c.serial AND o.issuer = c.issuer"
		   " AND o.id < c.id)"
		   " ORDER BY c.id" SGL_PAGE_LIMIT,
	    .bind = bind_revoked,
	    .visit = visit_one,
	    .ctx = &v,
	};

	TRY(sgl_store_pages(store, &pages, err));
	return sgl_store_each_lost(store, authority, shard, visit, ctx, err);
}

typedef struct newest {
	visitor v;
	const sgl_newest *which;
} newest;

static void
bind_newest(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_cert_record *c = last;
	const newest *n = ctx;

	sgl_query_bind_int(q, c == NULL ? n->which->after : c->id);
	sgl_query_bind_int(q, n->which->up_to);
	sgl_query_bind_int(q, n->which->before);
}

sgl_status
sgl_store_each_newest(sgl_store *store, const sgl_newest *which,
    sgl_cert_visit visit, void *ctx, sgl_err *err)
{
	newest n = {{.visit = visit, .ctx = ctx}, which};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT " COLUMNS FROM " JOIN key k ON k.id = c.key"
		   " WHERE c.id > $1 AND c.id <= $2 AND c.not_after < $3"
		   " AND c.status = 'current' AND c.issuer IS NOT NULL"
		   " AND p.state = 'active'"
		   " AND (k.handed IS NOT NULL OR length(k.sealed) > 0)"
		   " AND NOT EXISTS (SELECT 1 FROM certificate o"
		   " WHERE o.person = c.person AND o.purpose = c.purpose"
		   " AND o.status = 'current' AND o.id > c.id)"
		   " ORDER BY c.id" SGL_PAGE_LIMIT,
	    .bind = bind_newest,
	    .visit = visit_one,
	    .ctx = &n,
	};

	return sgl_store_pages(store, &pages, err);
}

sgl_status
sgl_store_find_cert_by_serial(sgl_store *store, sgl_slice serial,
    sgl_cert_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS FROM " WHERE c.serial = $1"
	    " ORDER BY c.issuer IS NULL, c.id LIMIT 1");

	sgl_query_bind_blob(&q, serial);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_find_last_cert(sgl_store *store, int64_t authority,
    sgl_cert_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS FROM
	    " WHERE c.issuer = $1 ORDER BY c.id DESC LIMIT 1");

	sgl_query_bind_int(&q, authority);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_supersede_cert(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET status = 'superseded', superseded = $1"
	    " WHERE id = $2 AND status = 'current'");

	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_confirm_cert(sgl_store *store, int64_t id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET waits_until = NULL WHERE id = $1");

	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_prefer_cert(sgl_store *store, int64_t person,
    sgl_cert_purpose purpose, int64_t id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET is_preferred ="
	    " CASE WHEN id = $1 THEN 1 ELSE 0 END"
	    " WHERE person = $2 AND purpose = $3");

	sgl_query_bind_int(&q, id);
	sgl_query_bind_int(&q, person);
	sgl_query_bind_str(&q, purposes[purpose]);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_revoke_cert(sgl_store *store, int64_t id,
    const sgl_revocation_mark *revocation, bool *done, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET status = 'revoked', revoked = $1,"
	    " reason = $2, invalidity = $3"
	    " WHERE id IN (" SGL_SAME_CERTIFICATE("$4") ")");

	sgl_query_bind_revocation(&q, revocation);
	sgl_query_bind_ref(&q, revocation->invalidity);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, done, err);
}

/* What it was before can be told by what else is known of it. */
sgl_status
sgl_store_release_cert(sgl_store *store, int64_t id, bool *done, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE certificate SET status = CASE WHEN superseded IS NULL"
	    " THEN 'current' ELSE 'superseded' END, revoked = NULL,"
	    " reason = NULL, invalidity = NULL"
	    " WHERE id IN (" SGL_SAME_CERTIFICATE(
		"$1") ")"
		      " AND status = 'revoked'");

	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, done, err);
}
