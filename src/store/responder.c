/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

static const char *const protocols[] = {
    [SGL_RESPONDER_OCSP] = "ocsp",
    [SGL_RESPONDER_SCEP] = "scep",
};

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
	unsigned word;

	r->id = sgl_query_int(q, 0);
	r->authority = sgl_query_int(q, 1);
	r->key = sgl_query_int(q, 2);
	r->not_after = sgl_query_int(q, 3);
	r->created = sgl_query_int(q, 4);
	TRY(sgl_query_word(q, 5, protocols, 2, &word, err));
	r->protocol = (sgl_responder_protocol)word;
	return sgl_query_blob(q, 6, &r->der, err);
}

static const sgl_record_type type = {
    sizeof(sgl_responder_record), read_row, clear};

sgl_status
sgl_store_add_responder(
    sgl_store *store, const sgl_responder_record *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO responder (authority, key, not_after, created, der,"
	    " protocol) VALUES ($1, $2, $3, $4, $5, $6)");

	sgl_query_bind_int(&q, r->authority);
	sgl_query_bind_int(&q, r->key);
	sgl_query_bind_int(&q, r->not_after);
	sgl_query_bind_int(&q, r->created);
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->der));
	sgl_query_bind_str(&q, protocols[r->protocol]);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_responder(sgl_store *store, int64_t authority,
    sgl_responder_protocol protocol, sgl_responder_record *out, bool *found,
    sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT id, authority, key, not_after, created, protocol, der"
	    " FROM responder WHERE authority = $1 AND protocol = $2 ORDER BY "
	    "id DESC LIMIT 1");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_str(&q, protocols[protocol]);
	return sgl_query_one(&q, &type, out, found, err);
}
