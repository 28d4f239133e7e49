/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define COLUMNS "sequence, key, signature"

void
sgl_audit_head_clear(sgl_audit_head *h)
{
	sgl_buf_clear(&h->signature);
	*h = (sgl_audit_head){0};
}

static void
clear(void *record)
{
	sgl_audit_head_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_audit_head *h = record;

	h->sequence = sgl_query_int(q, 0);
	h->key = sgl_query_int(q, 1);
	return sgl_query_blob(q, 2, &h->signature, err);
}

static const sgl_record_type type = {sizeof(sgl_audit_head), read_row, clear};

sgl_status
sgl_store_add_audit_head(
    sgl_store *store, const sgl_audit_head *h, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO audit_head (" COLUMNS ") VALUES ($1, $2, $3)");

	sgl_query_bind_int(&q, h->sequence);
	sgl_query_bind_int(&q, h->key);
	sgl_query_bind_blob(&q, sgl_buf_slice(&h->signature));
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_next_audit_head(sgl_store *store, int64_t sequence,
    sgl_audit_head *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS " FROM audit_head WHERE sequence >= $1"
	    " ORDER BY sequence LIMIT 1");

	sgl_query_bind_int(&q, sequence);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_find_last_audit_head(
    sgl_store *store, sgl_audit_head *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS
	    " FROM audit_head ORDER BY sequence DESC LIMIT 1");

	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_last_signed(sgl_store *store, sgl_time *out, sgl_err *err)
{
	return sgl_store_number(store,
	    "SELECT at FROM audit WHERE sequence ="
	    " (SELECT max(sequence) FROM audit_head)",
	    out, err);
}
