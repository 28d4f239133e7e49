/* SPDX-License-Identifier: Apache-2.0 */
/* sigill audit list, verify, export */
#include <stdio.h>

#include "base/time.h"
#include "admin/work.h"
#include "admin/files.h"
#include "org/audit_verify.h"
#include "store/recovery.h"
#include "sys/input.h"
#include "sys/output.h"

#define ROOM "admin.audit"

/* ------------------------------------------------------------------- list ---
 */

typedef struct listing {
	sgl_reply *r;
	sgl_time now;
	const char *object; /* NULL: any */
	sgl_time since;
	/* Recoveries that these offices see only from a time on. */
	sgl_request_records secret;
} listing;

static void
listing_clear(listing *l)
{
	sgl_request_records_clear(&l->secret);
}
SGL_AUTO_CLEAR_TYPE(listing, listing_clear)

/* Who recovers and who answers for the whole sees all; to others it is told
 * when the person may be told (sigill user show). */
static sgl_status
find_secret(sgl_session *s, listing *l, sgl_err *err)
{
	if (sgl_offices_allow(s->offices, SGL_OFFICE_ADMINISTRATOR) ||
	    sgl_offices_allow(s->offices, SGL_OFFICE_RECOVERY_OFFICER))
		return SGL_OK;
	return sgl_store_list_requests(
	    sgl_home_store(s->home), &l->secret, err);
}

static bool
is_about_request(const char *action)
{
	static const char *const actions[] = {"recovery.open",
	    "recovery.approve", "recovery.collect", "recovery.move",
	    "recovery.cancel"};

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(action, actions[i]) == 0)
			return true;
	return false;
}

static bool
is_secret(const listing *l, const sgl_audit_record *r)
{
	char number[32];

	for (size_t i = 0; i < l->secret.num; i++) {
		const sgl_request_record *q = &l->secret.items[i];

		(void)snprintf(number, sizeof number, "%lld", (long long)q->id);
		if (q->tell > l->now && is_about_request(r->action) &&
		    strcmp(number, r->object) == 0)
			return true;
	}
	return false;
}

static void
add_json(sgl_json *json, const sgl_audit_record *r)
{
	sgl_json_object(json, NULL);
	sgl_json_uint(json, "sequence", (uint64_t)r->sequence);
	sgl_json_time(json, "at", r->at);
	sgl_json_str(json, "who", r->who);
	sgl_json_str(json, "action", r->action);
	sgl_json_str(json, "object", r->object);
	sgl_json_str(json, "before", r->before);
	sgl_json_str(json, "after", r->after);
	sgl_json_hex(json, "hash", sgl_slice_of(r->hash, sizeof r->hash));
	sgl_json_close_object(json);
}

/* "Bob -> Robert", or what there is of the two. */
static sgl_status
add_change(sgl_buf *out, const sgl_audit_record *r, sgl_err *err)
{
	if (r->before[0] == '\0')
		return sgl_buf_printf(out, err, "%s\n", r->after);
	return sgl_buf_printf(out, err, "%s -> %s\n", r->before, r->after);
}

static sgl_status
add_line(sgl_buf *out, const sgl_audit_record *r, sgl_err *err)
{
	char at[SGL_TIME_TEXT];

	TRY(sgl_buf_printf(out, err, "%6lld  %s  ", (long long)r->sequence,
	    sgl_time_text(r->at, at)));
	TRY(sgl_cell_add(out, r->who, 16, err));
	TRY(sgl_cell_add(out, r->action, 18, err));
	TRY(sgl_cell_add(out, r->object, 28, err));
	return add_change(out, r, err);
}

/* What is done to a certificate is done to whose it is: the address comes
 * first, then what it is for and its number. */
static bool
is_about(const sgl_audit_record *r, const char *object)
{
	size_t len = strlen(object);

	return strncmp(r->object, object, len) == 0 &&
	    (r->object[len] == '\0' || r->object[len] == ' ');
}

static sgl_status
list_one(void *ctx, const sgl_audit_record *r, sgl_err *err)
{
	const listing *l = ctx;

	if (r->at < l->since ||
	    (l->object != NULL && !is_about(r, l->object)) || is_secret(l, r))
		return SGL_OK;
	if (!l->r->as_json)
		return add_line(&l->r->text, r, err);
	add_json(&l->r->json, r);
	return SGL_OK;
}

static sgl_status
read_since(const sgl_call *call, sgl_time *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "since");

	*out = INT64_MIN;
	if (text == NULL || sgl_time_parse(sgl_slice_str(text), out))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--since is a time like 2026-11-23 or 2026-11-23T20:52:00Z"),
	    "%s", text);
}

sgl_status
sgl_org_audit_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(listing)
	l = {.r = r,
	    .now = sgl_engine_now(s->engine),
	    .object = sgl_call_get(order->call, "object")};

	TRY(find_secret(s, &l, err));
	TRY(read_since(order->call, &l.since, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "records");
	}
	TRY(sgl_store_each_audit(
	    sgl_home_store(s->home), 0, list_one, &l, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* ----------------------------------------------------------------- verify ---
 */

static void
tell_json(sgl_json *json, const sgl_audit_report *report)
{
	sgl_json_object(json, NULL);
	sgl_json_bool(json, "whole", report->num_findings == 0);
	sgl_json_uint(json, "records", (uint64_t)report->num_records);
	sgl_json_uint(json, "last_signed", (uint64_t)report->last_signed);
	sgl_json_uint(json, "num_findings", report->num_findings);
	sgl_json_array(json, "findings");
	for (size_t i = 0; i < report->num_findings && i < SGL_AUDIT_FINDINGS;
	     i++) {
		const sgl_audit_finding *f = &report->findings[i];
		sgl_json_object(json, NULL);
		sgl_json_uint(json, "sequence", (uint64_t)f->sequence);
		sgl_json_str(json, "fault", sgl_audit_fault_name(f->fault));
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
	sgl_json_close_object(json);
}

static sgl_status
tell_findings(sgl_buf *out, const sgl_audit_report *report, sgl_err *err)
{
	for (size_t i = 0; i < report->num_findings && i < SGL_AUDIT_FINDINGS;
	     i++)
		TRY(sgl_buf_printf(out, err, _("record %lld %s\n"),
		    (long long)report->findings[i].sequence,
		    _(sgl_audit_fault_text(report->findings[i].fault))));
	if (report->num_findings > SGL_AUDIT_FINDINGS)
		TRY(sgl_buf_printf(out, err, _("and more: %zu in all\n"),
		    report->num_findings));
	return SGL_OK;
}

static sgl_status
tell_report(sgl_reply *r, const sgl_audit_report *report, sgl_err *err)
{
	if (report->num_findings > 0)
		r->exit_status = SGL_EXIT_NO;
	if (r->as_json) {
		tell_json(&r->json, report);
		return SGL_OK;
	}
	if (report->num_findings > 0)
		return tell_findings(&r->text, report, err);
	return sgl_buf_printf(&r->text, err,
	    _("Records, all as they were made: %lld; the last signature is "
	      "that of record %lld\n"),
	    (long long)report->num_records, (long long)report->last_signed);
}

sgl_status
sgl_org_audit_verify(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *text = sgl_call_get(order->call, "head");
	SGL_AUTO_CLEAR(sgl_audit_end) end = {0};
	sgl_audit_report report;

	if (text != NULL)
		TRY(sgl_audit_end_read(sgl_slice_str(text), &end, err));
	TRY(sgl_audit_verify(
	    s->home, text == NULL ? NULL : &end, &report, err));
	return tell_report(r, &report, err);
}

static sgl_status
check_head(const char *text, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_end) end = {0};

	return sgl_audit_end_read(sgl_slice_str(text), &end, err);
}

/* The file is the caller's: what is in it takes its name's place. */
static sgl_status
read_head(sgl_call *call, sgl_buf *text, sgl_err *err)
{
	for (size_t i = 0; i < call->num_given; i++) {
		const char **value = &call->given[i].value, *path = *value;
		if (strcmp(call->given[i].option->name, "head") != 0)
			continue;
		TRY(sgl_file_read(*value, text, err));
		if (memchr(text->data, 0, text->len) != NULL)
			text->len = 0;
		TRY(sgl_buf_text(text, value, err));
		TRY(sgl_org_of_file(path, check_head(*value, err), err));
	}
	return SGL_OK;
}

int
sgl_org_audit_verify_any(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_AUDIT_END_TEXT + 1);
	sgl_err err = {0};

	return read_head(call, &text, &err) == SGL_OK
	    ? sgl_org_run(call)
	    : sgl_call_fail(call, &err);
}

/* ----------------------------------------------------------------- export ---
 */

sgl_status
sgl_org_audit_export(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_end) end = {0};

	TRY(sgl_audit_find_end(s->home, &end, err));
	r->has_file = true;
	sgl_reply_tell_file(r, order->call, "audit-head");
	return sgl_audit_end_add(&end, &r->file, err);
}
