/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

void
sgl_issuer_record_clear(sgl_issuer_record *r)
{
	sgl_buf_clear(&r->der);
	*r = (sgl_issuer_record){0};
}

static void
clear(void *record)
{
	sgl_issuer_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_issuer_record *r = record;

	TRY(sgl_query_digest(q, 0, r->fingerprint, err));
	return sgl_query_blob(q, 1, &r->der, err);
}

static const sgl_record_type type = {
    sizeof(sgl_issuer_record), read_row, clear};

void
sgl_issuer_records_clear(sgl_issuer_records *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_issuer_records){0};
}

static sgl_status
list(sgl_query *q, sgl_issuer_records *out, sgl_err *err)
{
	sgl_rows rows;

	TRY(sgl_query_rows(q, &type, &rows, err));
	*out = (sgl_issuer_records){rows.items, rows.num};
	return SGL_OK;
}

static sgl_slice
fingerprint_of(const sgl_issuer_record *r)
{
	return sgl_slice_of(r->fingerprint, sizeof r->fingerprint);
}

/* Many certificates have the same ones above them. */
static sgl_status
add_issuer(
    sgl_store *store, const sgl_issuer_record *r, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO issuer (fingerprint, der) VALUES ($1, $2)"
	    " ON CONFLICT (fingerprint) DO UPDATE SET der = excluded.der"
	    " RETURNING id");

	sgl_query_bind_blob(&q, fingerprint_of(r));
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->der));
	return sgl_query_change(&q, id, NULL, err);
}

static sgl_status
add_link(sgl_store *store, int64_t certificate, int64_t place, int64_t issuer,
    sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO chain (certificate, place, issuer)"
	    " VALUES ($1, $2, $3)");

	sgl_query_bind_int(&q, certificate);
	sgl_query_bind_int(&q, place);
	sgl_query_bind_int(&q, issuer);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
add_both(sgl_store *store, int64_t certificate, int64_t place,
    const sgl_issuer_record *r, sgl_err *err)
{
	int64_t issuer = 0;

	TRY(add_issuer(store, r, &issuer, err));
	return add_link(store, certificate, place, issuer, err);
}

sgl_status
sgl_store_add_chain(sgl_store *store, int64_t certificate, int64_t place,
    const sgl_issuer_record *r, sgl_err *err)
{
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	return sgl_change_end(
	    store, own, add_both(store, certificate, place, r, err), err);
}

sgl_status
sgl_store_list_chain(sgl_store *store, int64_t certificate,
    sgl_issuer_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT i.fingerprint, i.der FROM chain c"
	    " JOIN issuer i ON i.id = c.issuer"
	    " WHERE c.certificate = $1 ORDER BY c.place");

	sgl_query_bind_int(&q, certificate);
	return list(&q, out, err);
}

sgl_status
sgl_store_add_trusted(sgl_store *store, const sgl_issuer_record *r,
    sgl_time now, bool *added, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO trusted (fingerprint, der, created)"
	    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");

	sgl_query_bind_blob(&q, fingerprint_of(r));
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->der));
	sgl_query_bind_int(&q, now);
	return sgl_query_change(&q, NULL, added, err);
}

sgl_status
sgl_store_remove_trusted(sgl_store *store, const uint8_t fingerprint[32],
    bool *removed, sgl_err *err)
{
	SGL_QUERY(q, store, "DELETE FROM trusted WHERE fingerprint = $1");

	sgl_query_bind_blob(&q, sgl_slice_of(fingerprint, 32));
	return sgl_query_change(&q, NULL, removed, err);
}

sgl_status
sgl_store_list_trusted(sgl_store *store, sgl_issuer_records *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT fingerprint, der FROM trusted"
	    " ORDER BY created, fingerprint");

	return list(&q, out, err);
}
