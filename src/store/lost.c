/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lost.h"
#include "store/revocation.h"

static void
clear(void *record)
{
	sgl_cert_record_clear(record);
}

static sgl_status
read_mark(sgl_query *q, int column, sgl_revocation_mark *out, sgl_err *err)
{
	TRY(sgl_query_revocation(q, column, out, err));
	out->invalidity = sgl_query_int(q, column + 2);
	return SGL_OK;
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_cert_record *c = record;

	c->status = SGL_CERT_REVOKED;
	c->issuer = sgl_query_int(q, 0);
	c->shard = sgl_query_int(q, 1);
	TRY(sgl_query_blob(q, 2, &c->serial, err));
	return read_mark(q, 3, &c->revocation, err);
}

static const sgl_record_type type = {sizeof(sgl_cert_record), read_row, clear};

SGL_VISITOR(sgl_cert_visit);

static void
bind(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_cert_record *c = last;
	const visitor *v = ctx;

	sgl_query_bind_int(q, v->from);
	sgl_query_bind_int(q, v->part);
	sgl_query_bind_blob(
	    q, c == NULL ? (sgl_slice){NULL, 0} : sgl_buf_slice(&c->serial));
}

sgl_status
sgl_store_each_lost(sgl_store *store, int64_t authority, int64_t shard,
    sgl_cert_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {
	    .visit = visit, .ctx = ctx, .from = authority, .part = shard};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT authority, shard, serial, revoked, reason,"
		   " invalidity FROM lost_revocation WHERE authority = $1"
		   " AND shard = $2 AND serial > $3"
		   " ORDER BY serial" SGL_PAGE_LIMIT,
	    .bind = bind,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}

sgl_status
sgl_store_add_lost_revocation(
    sgl_store *store, const sgl_lost_revocation *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO lost_revocation"
	    " (authority, shard, serial, revoked, reason, invalidity)"
	    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");

	sgl_query_bind_int(&q, r->authority);
	sgl_query_bind_int(&q, r->shard);
	sgl_query_bind_blob(&q, r->serial);
	sgl_query_bind_revocation(&q, &r->revocation);
	sgl_query_bind_ref(&q, r->revocation.invalidity);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_lost_revocation(sgl_store *store, int64_t authority,
    sgl_slice serial, sgl_revocation_mark *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT revoked, reason, invalidity FROM lost_revocation"
	    " WHERE authority = $1 AND serial = $2");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_blob(&q, serial);
	TRY(sgl_query_step(&q, found, err));
	return *found ? read_mark(&q, 0, out, err) : SGL_OK;
}
