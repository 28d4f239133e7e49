/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define COLUMNS "locator, person, purpose, salt, hash, created, expires, tries"

void
sgl_enrol_code_clear(sgl_enrol_code *c)
{
	sgl_mem_free(c->locator);
	*c = (sgl_enrol_code){0};
}

static void
clear(void *record)
{
	sgl_enrol_code_clear(record);
}

static sgl_status
read_purpose(sgl_query *q, int column, sgl_cert_purpose *out, sgl_err *err)
{
	return sgl_cert_purpose_find(sgl_query_slice(q, column), out)
	    ? SGL_OK
	    : sgl_store_damaged(q->store, err);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_enrol_code *c = record;

	TRY(sgl_query_text(q, 0, &c->locator, err));
	c->person = sgl_query_int(q, 1);
	TRY(read_purpose(q, 2, &c->purpose, err));
	TRY(sgl_query_digest(q, 3, c->salt, err));
	TRY(sgl_query_digest(q, 4, c->hash, err));
	c->created = sgl_query_int(q, 5);
	c->expires = sgl_query_int(q, 6);
	c->tries = sgl_query_int(q, 7);
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_enrol_code), read_row, clear};

static sgl_status
drop_former(sgl_store *store, const sgl_enrol_code *c, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM enrol_code WHERE person = $1 AND purpose = $2");

	sgl_query_bind_int(&q, c->person);
	sgl_query_bind_str(&q, sgl_cert_purpose_name(c->purpose));
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
add(sgl_store *store, const sgl_enrol_code *c, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO enrol_code (" COLUMNS
	    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

	TRY(drop_former(store, c, err));
	sgl_query_bind_str(&q, c->locator);
	sgl_query_bind_int(&q, c->person);
	sgl_query_bind_str(&q, sgl_cert_purpose_name(c->purpose));
	sgl_query_bind_blob(&q, sgl_slice_of(c->salt, sizeof c->salt));
	sgl_query_bind_blob(&q, sgl_slice_of(c->hash, sizeof c->hash));
	sgl_query_bind_int(&q, c->created);
	sgl_query_bind_int(&q, c->expires);
	sgl_query_bind_int(&q, c->tries);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_set_enrol_code(
    sgl_store *store, const sgl_enrol_code *c, sgl_err *err)
{
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	return sgl_change_end(store, own, add(store, c, err), err);
}

sgl_status
sgl_store_find_enrol_code(sgl_store *store, const char *locator,
    sgl_enrol_code *out, bool *found, sgl_err *err)
{
	SGL_QUERY(
	    q, store, "SELECT " COLUMNS " FROM enrol_code WHERE locator = $1");

	sgl_query_bind_str(&q, locator);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_note_enrol_try(sgl_store *store, const char *locator, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE enrol_code SET tries = tries + 1 WHERE locator = $1");

	sgl_query_bind_str(&q, locator);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_drop_enrol_code(
    sgl_store *store, const char *locator, bool *dropped, sgl_err *err)
{
	SGL_QUERY(q, store, "DELETE FROM enrol_code WHERE locator = $1");

	sgl_query_bind_str(&q, locator);
	return sgl_query_change(&q, NULL, dropped, err);
}

sgl_status
sgl_store_drop_enrol_codes(sgl_store *store, int64_t *dropped, sgl_err *err)
{
	SGL_QUERY(q, store, "DELETE FROM enrol_code");

	TRY(sgl_store_number(
	    store, "SELECT count(*) FROM enrol_code", dropped, err));
	return sgl_query_change(&q, NULL, NULL, err);
}
