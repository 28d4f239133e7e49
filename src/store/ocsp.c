/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void
sgl_ocsp_record_clear(sgl_ocsp_record *r)
{
	sgl_mem_free(r->digest);
	sgl_buf_clear(&r->der);
	*r = (sgl_ocsp_record){0};
}

static void
clear(void *record)
{
	sgl_ocsp_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_ocsp_record *r = record;

	r->certificate = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &r->digest, err));
	r->this_update = sgl_query_int(q, 2);
	r->next_update = sgl_query_int(q, 3);
	return sgl_query_blob(q, 4, &r->der, err);
}

static const sgl_record_type type = {sizeof(sgl_ocsp_record), read_row, clear};

sgl_status
sgl_store_set_ocsp(sgl_store *store, const sgl_ocsp_record *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO ocsp_response (certificate, digest, this_update,"
	    " next_update, der) VALUES ($1, $2, $3, $4, $5)"
	    " ON CONFLICT (certificate, digest) DO UPDATE SET"
	    " this_update = excluded.this_update,"
	    " next_update = excluded.next_update, der = excluded.der");

	sgl_query_bind_int(&q, r->certificate);
	sgl_query_bind_str(&q, r->digest);
	sgl_query_bind_int(&q, r->this_update);
	sgl_query_bind_int(&q, r->next_update);
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->der));
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_ocsp(sgl_store *store, int64_t certificate, const char *digest,
    sgl_ocsp_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT certificate, digest, this_update, next_update, der"
	    " FROM ocsp_response WHERE certificate = $1 AND digest = $2");

	sgl_query_bind_int(&q, certificate);
	sgl_query_bind_str(&q, digest);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_drop_ocsp(sgl_store *store, int64_t certificate, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM ocsp_response WHERE certificate IN"
	    " (" SGL_SAME_CERTIFICATE("$1") ")");

	sgl_query_bind_int(&q, certificate);
	return sgl_query_change(&q, NULL, NULL, err);
}
