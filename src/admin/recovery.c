/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery open, request, submit, collect, list, show, cancel */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "admin/recovery.h"
#include "sys/input.h"

#define ROOM "admin.recovery"
#define ANSWER_MAX ((size_t)64 << 10)

/* ------------------------------------------------------------- reading --- */

static sgl_status
need(const sgl_call *call, const char *name, const char *text, const char **out,
    sgl_err *err)
{
	*out = sgl_call_get(call, name);
	return *out != NULL
	    ? SGL_OK
	    : sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text);
}

/* "90m", "12h", "7d": 0 where it is not given. */
static sgl_status
read_duration(
    const sgl_call *call, const char *name, sgl_time *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, name);

	*out = 0;
	if (text == NULL || sgl_span_parse(sgl_slice_str(text), out))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is no length of time: a number and s, m, h, d or w, up to ten "
	       "years"),
	    "--%s %s", name, text);
}

static sgl_status
read_key(const sgl_call *call, int64_t *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "recovery-key");
	char *end = NULL;

	*out = text == NULL ? 0 : strtoll(text, &end, 10);
	if (text == NULL || (*end == '\0' && *out > 0))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--recovery-key is a number"), "%s", text);
}

static sgl_status
read_wish(const sgl_call *call, sgl_recovery_wish *out, sgl_err *err)
{
	out->address = sgl_call_arg(call, 0);
	if ((out->address == NULL) != sgl_call_has(call, "move"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("give either an address or --move"));
	TRY(need(
	    call, "case", N_("--case NUMBER is missing"), &out->number, err));
	TRY(need(
	    call, "reason", N_("--reason TEXT is missing"), &out->reason, err));
	TRY(read_duration(call, "tell-user-after", &out->tell_after, err));
	TRY(read_duration(call, "open-for", &out->open_for, err));
	return read_key(call, &out->recovery_key, err);
}

sgl_status
sgl_answer_bring(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	order->input = (sgl_buf){.max = ANSWER_MAX, .secret = true};
	order->file = sgl_call_arg(call, 1);
	return sgl_file_read(order->file, &order->input, err);
}

/* ------------------------------------------------------------- telling --- */

/* A request with what there is to tell of it. */
typedef struct tale {
	const sgl_request_record *r;
	sgl_recovery_key_record key;
	sgl_approval_records approvals;
	sgl_escrow_records keys;
	size_t num_counting; /* approvals, of those in office */
	const char *state;
} tale;

static void
tale_clear(tale *t)
{
	sgl_recovery_key_record_clear(&t->key);
	sgl_approval_records_clear(&t->approvals);
	sgl_escrow_records_clear(&t->keys);
}
SGL_AUTO_CLEAR_TYPE(tale, tale_clear)

static sgl_status
tale_read(sgl_session *s, const sgl_request_record *r, tale *t, sgl_err *err)
{
	sgl_store *store = sgl_home_store(s->home);
	bool found;

	t->r = r;
	TRY(sgl_store_find_recovery_key(
	    store, r->recovery_key, &t->key, &found, err));
	TRY(sgl_store_list_approvals(store, r->id, &t->approvals, err));
	TRY(sgl_store_list_request_keys(store, r->id, &t->keys, err));
	for (size_t i = 0; i < t->approvals.num; i++)
		t->num_counting += t->approvals.items[i].removed == 0;
	t->state = sgl_recovery_state(
	    r, t->num_counting, t->key.threshold, sgl_engine_now(s->engine));
	return SGL_OK;
}

static void
json_approvals(sgl_json *json, const tale *t)
{
	sgl_json_array(json, "approvals");
	for (size_t i = 0; i < t->approvals.num; i++) {
		const sgl_approval_record *a = &t->approvals.items[i];

		sgl_json_object(json, NULL);
		sgl_json_str(json, "officer", a->name);
		sgl_json_time(json, "at", a->at);
		sgl_json_time(json, "received", a->received);
		sgl_json_bool(json, "counts", a->removed == 0);
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
}

static void
json_tale(sgl_json *json, const tale *t)
{
	const sgl_request_record *r = t->r;

	sgl_json_object(json, NULL);
	sgl_json_uint(json, "request", (uint64_t)r->id);
	sgl_json_str(json, "state", t->state);
	if (r->move_to != 0)
		sgl_json_uint(json, "move_to", (uint64_t)r->move_to);
	else
		sgl_json_str(json, "address", r->address);
	sgl_json_str(json, "case", r->number);
	sgl_json_str(json, "reason", r->reason);
	sgl_json_str(json, "opened_by", r->opened_by);
	sgl_json_time(json, "opened", r->opened);
	sgl_json_time(json, "expires", r->expires);
	if (r->ended != 0)
		sgl_json_time(json, "ended", r->ended);
	sgl_json_time(json, "tell_user_from", r->tell);
	sgl_json_uint(json, "recovery_key", (uint64_t)r->recovery_key);
	sgl_json_uint(json, "keys", t->keys.num);
	sgl_json_uint(json, "threshold", (uint64_t)t->key.threshold);
	json_approvals(json, t);
	sgl_json_close_object(json);
}

static sgl_status
text_approvals(const tale *t, sgl_buf *out, sgl_err *err)
{
	char at[SGL_TIME_TEXT];

	for (size_t i = 0; i < t->approvals.num; i++) {
		const sgl_approval_record *a = &t->approvals.items[i];

		TRY(sgl_buf_printf(out, err,
		    a->removed == 0
			? _("Approved by %s, %s\n")
			: _("Approved by %s, %s, who is in office no more: "
			    "it does not count\n"),
		    a->name, sgl_time_text(a->at, at)));
	}
	return SGL_OK;
}

static sgl_status
text_about(const tale *t, sgl_buf *out, sgl_err *err)
{
	const sgl_request_record *r = t->r;
	char tell[SGL_TIME_TEXT];

	if (r->move_to != 0)
		return sgl_buf_printf(out, err,
		    _("Every key that is sealed to recovery key %lld is sealed "
		      "to %lld instead\n"),
		    (long long)r->recovery_key, (long long)r->move_to);
	return sgl_buf_printf(out, err,
	    _("Address: %s (keys: %zu)\nThe person may be told from %s\n"),
	    r->address, t->keys.num, sgl_time_text(r->tell, tell));
}

static sgl_status
text_tale(const tale *t, sgl_buf *out, sgl_err *err)
{
	const sgl_request_record *r = t->r;
	char opened[SGL_TIME_TEXT], expires[SGL_TIME_TEXT];

	TRY(sgl_buf_printf(
	    out, err, _("Request %lld: %s\n"), (long long)r->id, _(t->state)));
	TRY(text_about(t, out, err));
	TRY(sgl_buf_printf(out, err,
	    _("Case: %s\nReason: %s\nOpened by: %s\nOpened: %s, until "
	      "%s\nApprovals: %zu of %lld\n"),
	    r->number, r->reason, r->opened_by,
	    sgl_time_text(r->opened, opened),
	    sgl_time_text(r->expires, expires), t->num_counting,
	    (long long)t->key.threshold));
	return text_approvals(t, out, err);
}

static sgl_status
tell_request(
    sgl_session *s, const sgl_request_record *req, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(tale) t = {0};

	TRY(tale_read(s, req, &t, err));
	if (!r->as_json)
		return text_tale(&t, &r->text, err);
	json_tale(&r->json, &t);
	return SGL_OK;
}

/* ------------------------------------------------------------ commands --- */

static sgl_status
get_request(sgl_session *s, const sgl_order *order, sgl_request_record *out,
    sgl_err *err)
{
	return sgl_recovery_get(
	    s->home, sgl_call_arg(order->call, 0), out, err);
}

static sgl_status
tell_next(const sgl_request_record *r, size_t left, sgl_buf *out, sgl_err *err)
{
	if (left > 0)
		TRY(sgl_buf_printf(out, err,
		    _("Keys sealed to other recovery keys: %zu (they need a "
		      "request of their own, with --recovery-key)\n"),
		    left));
	return sgl_buf_printf(out, err,
	    _("Next: sigill recovery request %lld -o FILE   for the "
	      "officers\n"),
	    (long long)r->id);
}

sgl_status
sgl_org_recovery_open(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};
	sgl_recovery_wish wish = {0};
	size_t left = 0;

	TRY(read_wish(order->call, &wish, err));
	TRY(sgl_call_has(order->call, "move")
		? sgl_recovery_open_move(s->home, &wish, &request, err)
		: sgl_recovery_open(s->home, &wish, &request, &left, err));
	TRY(tell_request(s, &request, r, err));
	return r->as_json ? SGL_OK : tell_next(&request, left, &r->text, err);
}

static sgl_status
list_row(sgl_buf *out, const char *number, const char *state,
    const char *address, const char *word, sgl_err *err)
{
	TRY(sgl_cell_add(out, number, 8, err));
	TRY(sgl_cell_add(out, state, 10, err));
	TRY(sgl_cell_add(out, address, 32, err));
	return sgl_buf_printf(out, err, "%s\n", word);
}

static sgl_status
list_one(
    sgl_session *s, const sgl_request_record *req, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(tale) t = {0};
	char number[24];

	TRY(tale_read(s, req, &t, err));
	if (r->as_json) {
		json_tale(&r->json, &t);
		return SGL_OK;
	}
	(void)snprintf(number, sizeof number, "%lld", (long long)req->id);
	return list_row(
	    &r->text, number, _(t.state), req->address, req->number, err);
}

static sgl_status
list_head(size_t num, sgl_reply *r, sgl_err *err)
{
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "requests");
		return SGL_OK;
	}
	if (num == 0)
		return sgl_buf_add_str(
		    &r->text, _("No requests for recovery\n"), err);
	return list_row(
	    &r->text, _("REQUEST"), _("STATE"), _("ADDRESS"), _("CASE"), err);
}

sgl_status
sgl_org_recovery_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_records) list = {0};

	(void)order;
	TRY(sgl_store_list_requests(sgl_home_store(s->home), &list, err));
	TRY(list_head(list.num, r, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(list_one(s, &list.items[i], r, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

sgl_status
sgl_org_recovery_show(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};

	TRY(get_request(s, order, &request, err));
	return tell_request(s, &request, r, err);
}

sgl_status
sgl_org_recovery_request(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};

	TRY(get_request(s, order, &request, err));
	sgl_reply_tell_file(r, order->call, "recovery-request");
	r->has_file = true;
	return sgl_recovery_write_request(s->home, &request, &r->file, err);
}

sgl_status
sgl_org_recovery_submit(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};
	SGL_AUTO_CLEAR(sgl_recovery_progress) p = {0};
	bool enough;

	TRY(get_request(s, order, &request, err));
	TRY(sgl_recovery_submit(
	    s->home, &request, sgl_buf_slice(&order->input), &p, err));
	if (r->as_json)
		return tell_request(s, &request, r, err);
	enough = (int64_t)p.approvals >= p.threshold;
	TRY(sgl_buf_printf(&r->text, err,
	    _("%s has approved request %lld: %zu of %lld\n"), p.officer,
	    (long long)request.id, p.approvals, (long long)p.threshold));
	return enough ? sgl_buf_printf(&r->text, err,
			    _("Next: sigill recovery collect %lld -o FILE\n"),
			    (long long)request.id)
		      : SGL_OK;
}

static sgl_status
move(sgl_session *s, const sgl_request_record *request, sgl_reply *r,
    sgl_err *err)
{
	size_t num;

	TRY(sgl_recovery_move(s->home, request, &num, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("Keys sealed to recovery key %lld instead: %zu\n"),
		    (long long)request->move_to, num);
	sgl_json_object(&r->json, NULL);
	sgl_json_uint(&r->json, "recovery_key", (uint64_t)request->move_to);
	sgl_json_uint(&r->json, "moved", num);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_recovery_collect(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};

	TRY(get_request(s, order, &request, err));
	if (order->is_settled)
		return request.state == SGL_REQUEST_OPEN
		    ? sgl_recovery_end(s->home, &request, err)
		    : SGL_OK;
	if (request.move_to != 0)
		return move(s, &request, r, err);
	TRY(sgl_org_check_new_password(order, r, err));
	sgl_reply_tell_file(r, order->call, "pkcs12");
	r->has_file = true;
	r->file_is_secret = true;
	r->wants_settling = true;
	return sgl_recovery_collect(s->home, &request,
	    sgl_secret_slice(&order->password), &r->file, err);
}

sgl_status
sgl_org_recovery_cancel(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) request = {0};
	SGL_AUTO_CLEAR(sgl_request_record) after = {0};

	TRY(get_request(s, order, &request, err));
	TRY(sgl_recovery_cancel(s->home, &request, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("Request %lld is cancelled\n"), (long long)request.id);
	TRY(get_request(s, order, &after, err));
	return tell_request(s, &after, r, err);
}
