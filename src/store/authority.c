/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"
#include "store/revocation.h"

static const char *const kinds[] = {
    [SGL_AUTHORITY_ROOT] = "root",
    [SGL_AUTHORITY_ISSUING] = "issuing",
};
#define NUM_KINDS (sizeof kinds / sizeof kinds[0])

static const char *const states[] = {
    [SGL_AUTHORITY_ACTIVE] = "active",
    [SGL_AUTHORITY_RETIRED] = "retired",
    [SGL_AUTHORITY_REVOKED] = "revoked",
};
#define NUM_STATES (sizeof states / sizeof states[0])

const char *
sgl_authority_state_name(sgl_authority_state state)
{
	return states[state];
}

void
sgl_authority_clear(sgl_authority *a)
{
	sgl_buf_clear(&a->der);
	sgl_mem_free(a->key_location);
	*a = (sgl_authority){0};
}

bool
sgl_authority_is_parents(const sgl_authority *a)
{
	return strcmp(a->key_location, SGL_KEY_PARENTS) == 0;
}

bool
sgl_authority_is_lost(const sgl_authority *a)
{
	return strcmp(a->key_location, SGL_KEY_LOST) == 0;
}

static void
clear(void *record)
{
	sgl_authority_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_authority *a = record;
	unsigned word;

	a->id = sgl_query_int(q, 0);
	TRY(sgl_query_word(q, 1, kinds, NUM_KINDS, &word, err));
	a->kind = (sgl_authority_kind)word;
	TRY(sgl_query_word(q, 2, states, NUM_STATES, &word, err));
	a->state = (sgl_authority_state)word;
	TRY(sgl_query_blob(q, 3, &a->der, err));
	TRY(sgl_query_text(q, 4, &a->key_location, err));
	a->key = sgl_query_int(q, 5);
	a->issuer = sgl_query_int(q, 6);
	a->num_shards = sgl_query_int(q, 7);
	a->crl_number = sgl_query_int(q, 8);
	a->created = sgl_query_int(q, 9);
	return sgl_query_revocation(q, 10, &a->revocation, err);
}

static const sgl_record_type type = {sizeof(sgl_authority), read_row, clear};

void
sgl_authorities_clear(sgl_authorities *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_authorities){0};
}

/* What may be set later. */
static void
bind_changing(sgl_query *q, const sgl_authority *a)
{
	sgl_query_bind_str(q, states[a->state]);
	sgl_query_bind_str(
	    q, a->key_location == NULL ? SGL_KEY_IN_VAULT : a->key_location);
	sgl_query_bind_int(q, a->num_shards == 0 ? 1 : a->num_shards);
	sgl_query_bind_revocation(q, &a->revocation);
}

sgl_status
sgl_store_add_authority(
    sgl_store *store, const sgl_authority *a, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO authority (state, key_location, num_shards, revoked,"
	    " reason, kind, der, key, issuer, crl_number, created)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");

	bind_changing(&q, a);
	sgl_query_bind_str(&q, kinds[a->kind]);
	sgl_query_bind_blob(&q, sgl_buf_slice(&a->der));
	sgl_query_bind_ref(&q, a->key);
	sgl_query_bind_ref(&q, a->issuer);
	sgl_query_bind_int(&q, a->crl_number);
	sgl_query_bind_int(&q, a->created);
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_set_authority(sgl_store *store, const sgl_authority *a, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE authority SET state = $1, key_location = $2,"
	    " num_shards = $3, revoked = $4, reason = $5 WHERE id = $6");

	bind_changing(&q, a);
	sgl_query_bind_int(&q, a->id);
	return sgl_query_change(&q, NULL, NULL, err);
}

#define FROM                                                                   \
	"SELECT id, kind, state, der, key_location, key, issuer,"              \
	" num_shards, crl_number, created, revoked, reason FROM authority"
#define IN_ORDER " ORDER BY id DESC"

sgl_status
sgl_store_find_issuing(
    sgl_store *store, sgl_authority *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    FROM " WHERE kind = 'issuing' AND state = 'active'" IN_ORDER
		 " LIMIT 1");

	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_list_authorities(sgl_store *store, sgl_authorities *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store, FROM IN_ORDER);

	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_authorities){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_take_crl_number(
    sgl_store *store, int64_t authority, int64_t *number, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE authority SET crl_number = crl_number + 1 WHERE id = $1"
	    " RETURNING crl_number");
	bool there;

	sgl_query_bind_int(&q, authority);
	TRY(sgl_query_change(&q, number, &there, err));
	return there ? SGL_OK
		     : sgl_store_refused(store, "no such authority", err);
}
