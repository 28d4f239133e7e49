/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void
sgl_responder_record_clear(sgl_responder_record *r)
{
	sgl_buf_clear(&r->der);
	*r = (sgl_responder_record){0};
}

static void
clear(void *record)
{
	sgl_responder_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_responder_record *r = record;

	r->id = sgl_query_int(q, 0);
	r->authority = sgl_query_int(q, 1);
	r->key = sgl_query_int(q, 2);
	r->not_after = sgl_query_int(q, 3);
	r->created = sgl_query_int(q, 4);
	return sgl_query_blob(q, 5, &r->der, err);
}

static const sgl_record_type type = {
    sizeof(sgl_responder_record), read_row, clear};

sgl_status
sgl_store_add_responder(
    sgl_store *store, const sgl_responder_record *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO responder (authority, key, not_after, created, der)"
	    " VALUES ($1, $2, $3, $4, $5)");

	sgl_query_bind_int(&q, r->authority);
	sgl_query_bind_int(&q, r->key);
	sgl_query_bind_int(&q, r->not_after);
	sgl_query_bind_int(&q, r->created);
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->der));
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_responder(sgl_store *store, int64_t authority,
    sgl_responder_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT id, authority, key, not_after, created, der"
	    " FROM responder WHERE authority = $1 ORDER BY id DESC LIMIT 1");

	sgl_query_bind_int(&q, authority);
	return sgl_query_one(&q, &type, out, found, err);
}
