/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery officers, recovery keys and their shares. */
#include "store/query.h"
#include "store/recovery.h"

#define OFFICER "o.id, o.name, o.signing, o.encryption, o.created, o.removed"

/* ------------------------------------------------------------ officers --- */

void
sgl_officer_record_clear(sgl_officer_record *o)
{
	sgl_mem_free(o->name);
	sgl_buf_clear(&o->signing);
	sgl_buf_clear(&o->encryption);
	*o = (sgl_officer_record){0};
}

static void
clear_officer(void *record)
{
	sgl_officer_record_clear(record);
}

static sgl_status
read_officer(sgl_query *q, void *record, sgl_err *err)
{
	sgl_officer_record *o = record;

	o->id = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &o->name, err));
	TRY(sgl_query_blob(q, 2, &o->signing, err));
	TRY(sgl_query_blob(q, 3, &o->encryption, err));
	o->created = sgl_query_int(q, 4);
	o->removed = sgl_query_int(q, 5);
	return SGL_OK;
}

static const sgl_record_type officer_type = {
    sizeof(sgl_officer_record), read_officer, clear_officer};

void
sgl_officer_records_clear(sgl_officer_records *list)
{
	sgl_rows_clear(&officer_type, (sgl_rows){list->items, list->num});
	*list = (sgl_officer_records){0};
}

sgl_status
sgl_store_add_officer(
    sgl_store *store, const sgl_officer_record *o, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO officer (name, signing, encryption, created)"
	    " VALUES ($1, $2, $3, $4)");

	sgl_query_bind_str(&q, o->name);
	sgl_query_bind_blob(&q, sgl_buf_slice(&o->signing));
	sgl_query_bind_blob(&q, sgl_buf_slice(&o->encryption));
	sgl_query_bind_int(&q, o->created);
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_list_officers(
    sgl_store *store, sgl_officer_records *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT " OFFICER " FROM officer o WHERE o.removed IS NULL"
	    " ORDER BY o.id");

	TRY(sgl_query_rows(&q, &officer_type, &rows, err));
	*out = (sgl_officer_records){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_find_officer(sgl_store *store, const char *name,
    sgl_officer_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " OFFICER " FROM officer o WHERE o.removed IS NULL"
	    " AND o.name = $1");

	sgl_query_bind_str(&q, name);
	return sgl_query_one(&q, &officer_type, out, found, err);
}

sgl_status
sgl_store_remove_officer(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	SGL_QUERY(q, store, "UPDATE officer SET removed = $1 WHERE id = $2");

	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* ------------------------------------------------------- recovery keys --- */

void
sgl_recovery_key_record_clear(sgl_recovery_key_record *k)
{
	sgl_buf_clear(&k->spki);
	sgl_buf_clear(&k->policy);
	*k = (sgl_recovery_key_record){0};
}

static void
clear_key(void *record)
{
	sgl_recovery_key_record_clear(record);
}

static sgl_status
read_key(sgl_query *q, void *record, sgl_err *err)
{
	sgl_recovery_key_record *k = record;

	k->id = sgl_query_int(q, 0);
	k->threshold = sgl_query_int(q, 1);
	TRY(sgl_query_blob(q, 2, &k->spki, err));
	TRY(sgl_query_blob(q, 3, &k->policy, err));
	k->created = sgl_query_int(q, 4);
	return SGL_OK;
}

static const sgl_record_type key_type = {
    sizeof(sgl_recovery_key_record), read_key, clear_key};

sgl_status
sgl_store_add_recovery_key(sgl_store *store, const sgl_recovery_key_record *k,
    int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recovery_key (threshold, created) VALUES ($1, $2)");

	sgl_query_bind_int(&q, k->threshold);
	sgl_query_bind_int(&q, k->created);
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_set_recovery_key(
    sgl_store *store, const sgl_recovery_key_record *k, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE recovery_key SET spki = $1, policy = $2 WHERE id = $3");

	sgl_query_bind_blob(&q, sgl_buf_slice(&k->spki));
	sgl_query_bind_blob(&q, sgl_buf_slice(&k->policy));
	sgl_query_bind_int(&q, k->id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_recovery_key(sgl_store *store, int64_t id,
    sgl_recovery_key_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT id, threshold, spki, policy, created FROM recovery_key"
	    " WHERE spki IS NOT NULL AND ($1 = 0 OR id = $1)"
	    " ORDER BY id DESC LIMIT 1");

	sgl_query_bind_int(&q, id);
	return sgl_query_one(&q, &key_type, out, found, err);
}

/* -------------------------------------------------------------- shares --- */

void
sgl_share_record_clear(sgl_share_record *s)
{
	sgl_mem_free(s->name);
	sgl_buf_clear(&s->signing);
	sgl_buf_clear(&s->envelope);
	*s = (sgl_share_record){0};
}

static void
clear_share(void *record)
{
	sgl_share_record_clear(record);
}

static sgl_status
read_share(sgl_query *q, void *record, sgl_err *err)
{
	sgl_share_record *s = record;

	s->officer = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &s->name, err));
	TRY(sgl_query_blob(q, 2, &s->signing, err));
	s->removed = sgl_query_int(q, 3);
	return sgl_query_blob(q, 4, &s->envelope, err);
}

static const sgl_record_type share_type = {
    sizeof(sgl_share_record), read_share, clear_share};

void
sgl_share_records_clear(sgl_share_records *list)
{
	sgl_rows_clear(&share_type, (sgl_rows){list->items, list->num});
	*list = (sgl_share_records){0};
}

sgl_status
sgl_store_add_share(sgl_store *store, int64_t recovery_key, int64_t officer,
    sgl_slice envelope, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recovery_share (recovery_key, officer, envelope)"
	    " VALUES ($1, $2, $3)");

	sgl_query_bind_int(&q, recovery_key);
	sgl_query_bind_int(&q, officer);
	sgl_query_bind_blob(&q, envelope);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_list_shares(sgl_store *store, int64_t recovery_key,
    sgl_share_records *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT o.id, o.name, o.signing, o.removed, s.envelope"
	    " FROM recovery_share s JOIN officer o ON o.id = s.officer"
	    " WHERE s.recovery_key = $1 ORDER BY o.id");

	sgl_query_bind_int(&q, recovery_key);
	TRY(sgl_query_rows(&q, &share_type, &rows, err));
	*out = (sgl_share_records){rows.items, rows.num};
	return SGL_OK;
}
