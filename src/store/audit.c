/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#define COLUMNS                                                                \
	"sequence, at, who, action, object, before, after, previous, hash"

void
sgl_audit_record_clear(sgl_audit_record *r)
{
	sgl_mem_free(r->who);
	sgl_mem_free(r->action);
	sgl_mem_free(r->object);
	sgl_mem_free(r->before);
	sgl_mem_free(r->after);
	*r = (sgl_audit_record){0};
}

static void
clear(void *record)
{
	sgl_audit_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_audit_record *r = record;

	r->sequence = sgl_query_int(q, 0);
	r->at = sgl_query_int(q, 1);
	TRY(sgl_query_text(q, 2, &r->who, err));
	TRY(sgl_query_text(q, 3, &r->action, err));
	TRY(sgl_query_text(q, 4, &r->object, err));
	TRY(sgl_query_text(q, 5, &r->before, err));
	TRY(sgl_query_text(q, 6, &r->after, err));
	TRY(sgl_query_digest(q, 7, r->previous, err));
	return sgl_query_digest(q, 8, r->hash, err);
}

static const sgl_record_type type = {sizeof(sgl_audit_record), read_row, clear};

/* Unless the record before is there, `previous` is NULL, which it must not be.
 */
sgl_status
sgl_store_add_audit(sgl_store *store, const sgl_audit_record *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    r->sequence == 1 ? "INSERT INTO audit (" COLUMNS ")"
			       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
			     : "INSERT INTO audit (" COLUMNS ")"
			       " VALUES ($1, $2, $3, $4, $5, $6, $7,"
			       " (SELECT a.hash FROM audit a"
			       " WHERE a.sequence = $1 - 1 AND a.hash = $8),"
			       " $9)");

	sgl_query_bind_int(&q, r->sequence);
	sgl_query_bind_int(&q, r->at);
	sgl_query_bind_str(&q, r->who);
	sgl_query_bind_str(&q, r->action);
	sgl_query_bind_str(&q, r->object);
	sgl_query_bind_str(&q, r->before);
	sgl_query_bind_str(&q, r->after);
	sgl_query_bind_blob(&q, sgl_slice_of(r->previous, 32));
	sgl_query_bind_blob(&q, sgl_slice_of(r->hash, 32));
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_last_audit(
    sgl_store *store, sgl_audit_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS " FROM audit ORDER BY sequence DESC LIMIT 1");

	return sgl_query_one(&q, &type, out, found, err);
}

SGL_VISITOR(sgl_audit_visit);

static void
bind_last(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_audit_record *r = last;
	const visitor *v = ctx;

	sgl_query_bind_int(q, r == NULL ? v->from : r->sequence + 1);
}

sgl_status
sgl_store_each_audit(sgl_store *store, int64_t sequence, sgl_audit_visit visit,
    void *ctx, sgl_err *err)
{
	visitor v = {.visit = visit, .ctx = ctx, .from = sequence};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT " COLUMNS " FROM audit WHERE sequence >= $1"
		   " ORDER BY sequence" SGL_PAGE_LIMIT,
	    .bind = bind_last,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}
