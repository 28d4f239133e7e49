/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to recover keys, and their approvals. */
#include "store/query.h"
#include "store/recovery.h"

#define REQUEST                                                                \
	"id, recovery_key, person, address, number, reason, opened_by, state," \
	" opened, expires, ended, tell, move_to, session, session_sealed"

static const char *const states[] = {
    [SGL_REQUEST_OPEN] = "open",
    [SGL_REQUEST_COLLECTED] = "collected",
    [SGL_REQUEST_CANCELLED] = "cancelled",
};
#define NUM_STATES (sizeof states / sizeof states[0])

const char *
sgl_request_state_name(sgl_request_state state)
{
	return states[state];
}

/* ------------------------------------------------------------ requests --- */

void
sgl_request_record_clear(sgl_request_record *r)
{
	sgl_mem_free(r->address);
	sgl_mem_free(r->number);
	sgl_mem_free(r->reason);
	sgl_mem_free(r->opened_by);
	sgl_buf_clear(&r->session);
	sgl_buf_clear(&r->session_sealed);
	*r = (sgl_request_record){0};
}

static void
clear_request(void *record)
{
	sgl_request_record_clear(record);
}

static sgl_status
read_words(sgl_query *q, sgl_request_record *r, sgl_err *err)
{
	unsigned word;

	TRY(sgl_query_text(q, 3, &r->address, err));
	TRY(sgl_query_text(q, 4, &r->number, err));
	TRY(sgl_query_text(q, 5, &r->reason, err));
	TRY(sgl_query_text(q, 6, &r->opened_by, err));
	TRY(sgl_query_word(q, 7, states, NUM_STATES, &word, err));
	r->state = (sgl_request_state)word;
	return SGL_OK;
}

static sgl_status
read_request(sgl_query *q, void *record, sgl_err *err)
{
	sgl_request_record *r = record;

	r->id = sgl_query_int(q, 0);
	r->recovery_key = sgl_query_int(q, 1);
	r->person = sgl_query_int(q, 2);
	TRY(read_words(q, r, err));
	r->opened = sgl_query_int(q, 8);
	r->expires = sgl_query_int(q, 9);
	r->ended = sgl_query_int(q, 10);
	r->tell = sgl_query_int(q, 11);
	r->move_to = sgl_query_int(q, 12);
	TRY(sgl_query_blob(q, 13, &r->session, err));
	return sgl_query_blob(q, 14, &r->session_sealed, err);
}

static const sgl_record_type request_type = {
    sizeof(sgl_request_record), read_request, clear_request};

void
sgl_request_records_clear(sgl_request_records *list)
{
	sgl_rows_clear(&request_type, (sgl_rows){list->items, list->num});
	*list = (sgl_request_records){0};
}

sgl_status
sgl_store_add_request(
    sgl_store *store, const sgl_request_record *r, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recovery_request (recovery_key, person, address,"
	    " number, reason, opened_by, state, opened, expires, tell, move_to)"
	    " VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10)");

	sgl_query_bind_int(&q, r->recovery_key);
	sgl_query_bind_int(&q, r->person);
	sgl_query_bind_str(&q, r->address);
	sgl_query_bind_str(&q, r->number);
	sgl_query_bind_str(&q, r->reason);
	sgl_query_bind_str(&q, r->opened_by);
	sgl_query_bind_int(&q, r->opened);
	sgl_query_bind_int(&q, r->expires);
	sgl_query_bind_int(&q, r->tell);
	sgl_query_bind_ref(&q, r->move_to);
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_set_session(
    sgl_store *store, const sgl_request_record *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE recovery_request SET session = $1, session_sealed = $2"
	    " WHERE id = $3");

	sgl_query_bind_blob(&q, sgl_buf_slice(&r->session));
	sgl_query_bind_blob(&q, sgl_buf_slice(&r->session_sealed));
	sgl_query_bind_int(&q, r->id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_request(sgl_store *store, int64_t id, sgl_request_record *out,
    bool *found, sgl_err *err)
{
	SGL_QUERY(
	    q, store, "SELECT " REQUEST " FROM recovery_request WHERE id = $1");

	sgl_query_bind_int(&q, id);
	return sgl_query_one(&q, &request_type, out, found, err);
}

sgl_status
sgl_store_list_requests(
    sgl_store *store, sgl_request_records *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT " REQUEST " FROM recovery_request ORDER BY id DESC");

	TRY(sgl_query_rows(&q, &request_type, &rows, err));
	*out = (sgl_request_records){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_requests_of(
    sgl_store *store, int64_t person, sgl_request_records *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT " REQUEST " FROM recovery_request WHERE person = $1"
	    " ORDER BY id DESC");

	sgl_query_bind_int(&q, person);
	TRY(sgl_query_rows(&q, &request_type, &rows, err));
	*out = (sgl_request_records){rows.items, rows.num};
	return SGL_OK;
}

static sgl_status
drop_approvals(sgl_store *store, int64_t id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE recovery_approval SET share = NULL, signature = NULL"
	    " WHERE request = $1");

	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
set_end(sgl_store *store, int64_t id, sgl_request_state state, sgl_time when,
    sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE recovery_request SET state = $1, ended = $2,"
	    " session_sealed = NULL WHERE id = $3");

	sgl_query_bind_str(&q, states[state]);
	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_end_request(sgl_store *store, int64_t id, sgl_request_state state,
    sgl_time when, sgl_err *err)
{
	sgl_status status;
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	status = drop_approvals(store, id, err);
	if (status == SGL_OK)
		status = set_end(store, id, state, when, err);
	return sgl_change_end(store, own, status, err);
}

static sgl_status
has_expired(sgl_store *store, sgl_time now, bool *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT 1 FROM recovery_request WHERE state = 'open'"
	    " AND expires <= $1 AND session_sealed IS NOT NULL LIMIT 1");

	sgl_query_bind_int(&q, now);
	return sgl_query_step(&q, out, err);
}

static sgl_status
wipe_expired(sgl_store *store, sgl_time now, sgl_err *err)
{
	SGL_QUERY(shares, store,
	    "UPDATE recovery_approval SET share = NULL, signature = NULL"
	    " WHERE request IN (SELECT id FROM recovery_request"
	    " WHERE state = 'open' AND expires <= $1)");
	SGL_QUERY(sessions, store,
	    "UPDATE recovery_request SET session_sealed = NULL"
	    " WHERE state = 'open' AND expires <= $1");

	sgl_query_bind_int(&shares, now);
	sgl_query_bind_int(&sessions, now);
	TRY(sgl_query_change(&shares, NULL, NULL, err));
	return sgl_query_change(&sessions, NULL, NULL, err);
}

sgl_status
sgl_store_wipe_expired(sgl_store *store, sgl_time now, sgl_err *err)
{
	bool own, expired;

	TRY(has_expired(store, now, &expired, err));
	if (!expired)
		return SGL_OK;
	TRY(sgl_change_begin(store, &own, err));
	return sgl_change_end(store, own, wipe_expired(store, now, err), err);
}

/* ----------------------------------------------------------- approvals --- */

void
sgl_approval_record_clear(sgl_approval_record *a)
{
	sgl_mem_free(a->name);
	sgl_buf_clear(&a->share);
	sgl_buf_clear(&a->signature);
	*a = (sgl_approval_record){0};
}

static void
clear_approval(void *record)
{
	sgl_approval_record_clear(record);
}

static sgl_status
read_approval(sgl_query *q, void *record, sgl_err *err)
{
	sgl_approval_record *a = record;

	a->request = sgl_query_int(q, 0);
	a->officer = sgl_query_int(q, 1);
	TRY(sgl_query_text(q, 2, &a->name, err));
	a->removed = sgl_query_int(q, 3);
	a->at = sgl_query_int(q, 4);
	TRY(sgl_query_blob(q, 5, &a->share, err));
	TRY(sgl_query_blob(q, 6, &a->signature, err));
	a->received = sgl_query_int(q, 7);
	return SGL_OK;
}

static const sgl_record_type approval_type = {
    sizeof(sgl_approval_record), read_approval, clear_approval};

void
sgl_approval_records_clear(sgl_approval_records *list)
{
	sgl_rows_clear(&approval_type, (sgl_rows){list->items, list->num});
	*list = (sgl_approval_records){0};
}

sgl_status
sgl_store_add_approval(
    sgl_store *store, const sgl_approval_record *a, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO recovery_approval (request, officer, at, share,"
	    " signature, received) VALUES ($1, $2, $3, $4, $5, $6)");

	sgl_query_bind_int(&q, a->request);
	sgl_query_bind_int(&q, a->officer);
	sgl_query_bind_int(&q, a->at);
	sgl_query_bind_blob(&q, sgl_buf_slice(&a->share));
	sgl_query_bind_blob(&q, sgl_buf_slice(&a->signature));
	sgl_query_bind_int(&q, a->received);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_list_approvals(
    sgl_store *store, int64_t request, sgl_approval_records *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT a.request, a.officer, o.name, o.removed, a.at, a.share,"
	    " a.signature, a.received FROM recovery_approval a"
	    " JOIN officer o ON o.id = a.officer WHERE a.request = $1"
	    " ORDER BY a.officer");

	sgl_query_bind_int(&q, request);
	TRY(sgl_query_rows(&q, &approval_type, &rows, err));
	*out = (sgl_approval_records){rows.items, rows.num};
	return SGL_OK;
}
