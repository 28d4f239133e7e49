/* SPDX-License-Identifier: Apache-2.0 */
/* sigill reminders: what is done on the home. */
#include "base/addr.h"
#include "admin/reminder_mail.h"
#include "org/audit.h"

#define ROOM "admin.reminders"
#define DAY ((sgl_time)24 * 60 * 60)
#define MAIL_MAX 16384
/* Who has claimed one and did not end it in this time is taken to have died. */
#define PATIENCE (5 * 60)

/* -------------------------------------------------------------------- send ---
 */

static sgl_status
make_one(void *ctx, const sgl_due_reminder *due, sgl_err *err)
{
	sgl_session *s = ctx;
	SGL_AUTO_CLEAR(sgl_buf) mail = sgl_buf_init(MAIL_MAX);
	sgl_reminder r = {.kind = due->kind,
	    .mailbox = due->mailbox->id,
	    .person = due->person->id,
	    .about = due->about,
	    .days = due->days,
	    .created = sgl_engine_now(s->engine)};
	const char *text;
	bool has;

	TRY(sgl_store_has_reminder(sgl_home_store(s->home), &r, &has, err));
	if (has)
		return SGL_OK;
	TRY(sgl_reminder_mail(s, due, &mail, err));
	TRY(sgl_buf_text(&mail, &text, err));
	r.mail = (char *)(uintptr_t)text; /* not cleared */
	TRY(sgl_store_add_reminder(sgl_home_store(s->home), &r, err));
	return sgl_audit_add(s->home, "reminder.make", due->person->address,
	    NULL, due->mailbox->address, err);
}

static sgl_status
take_next(sgl_session *s, int64_t after, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reminder) next = {0};
	sgl_time now = sgl_engine_now(s->engine);
	bool found;

	TRY(sgl_store_claim_reminder(sgl_home_store(s->home), after,
	    now - PATIENCE, now, &next, &found, err));
	if (!found)
		return SGL_OK;
	r->goes_on = true;
	r->at = next.id;
	return sgl_buf_add(&r->file, sgl_slice_str(next.mail), err);
}

/*
 * A step for every mail. The first makes what is due; each gives the next mail
 * in the reply's file, claimed so that no other sender takes it. `is_settled`
 * tells what became of it: `done` is 1 if it was sent.
 */
sgl_status
sgl_org_reminders_send(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	if (order->is_settled)
		return sgl_store_end_reminder(sgl_home_store(s->home),
		    order->at, order->done == 0 ? 0 : sgl_engine_now(s->engine),
		    err);
	if (order->at == 0)
		TRY(sgl_remind_each(s->home, make_one, s, err));
	return take_next(s, order->at, r, err);
}

/* -------------------------------------------------------------------- list ---
 */

static sgl_status
tell_what(sgl_reply *r, const sgl_reminder *one, sgl_err *err)
{
	char ends[SGL_DATE_TEXT];

	switch (one->kind) {
	case SGL_NOTICE_ENDS:
		return sgl_buf_printf(&r->text, err, _("ends %s, %2lld days  "),
		    sgl_date_text(one->about * DAY, ends),
		    (long long)one->days);
	case SGL_NOTICE_FETCH:
		return sgl_cell_add(&r->text, _("new keys wait"), 25, err);
	case SGL_NOTICE_RECOVERED:
	case SGL_NUM_NOTICE_KINDS:
		break;
	}
	return sgl_buf_printf(&r->text, err, _("recovered, request %-5lld  "),
	    (long long)one->about);
}

static sgl_status
tell_one(sgl_reply *r, const sgl_reminder *one, sgl_err *err)
{
	char sent[SGL_DATE_TEXT];

	TRY(sgl_cell_add(&r->text, one->address, 32, err));
	TRY(tell_what(r, one, err));
	return sgl_buf_printf(&r->text, err, "%s\n",
	    one->sent == 0 ? _("not sent") : sgl_date_text(one->sent, sent));
}

static sgl_status
list_one(void *ctx, const sgl_reminder *one, sgl_err *err)
{
	sgl_reply *r = ctx;
	char ends[SGL_DATE_TEXT];

	if (!r->as_json)
		return tell_one(r, one, err);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "mailbox", one->address);
	sgl_json_str(&r->json, "kind", sgl_notice_kind_name(one->kind));
	if (one->kind == SGL_NOTICE_ENDS) {
		sgl_json_str(
		    &r->json, "ends", sgl_date_text(one->about * DAY, ends));
		sgl_json_uint(&r->json, "days", (uint64_t)one->days);
	} else {
		sgl_json_uint(&r->json,
		    one->kind == SGL_NOTICE_FETCH ? "certificate" : "request",
		    (uint64_t)one->about);
	}
	sgl_json_time(&r->json, "made", one->created);
	if (one->sent == 0)
		sgl_json_null(&r->json, "sent");
	else
		sgl_json_time(&r->json, "sent", one->sent);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_reminders_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)order;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "reminders");
	}
	TRY(sgl_store_each_reminder(sgl_home_store(s->home), list_one, r, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* --------------------------------------------------------------------- set ---
 */

static sgl_status
set_one(sgl_session *s, const char *name, const char *value, sgl_err *err)
{
	TRY(sgl_store_set_setting(
	    sgl_home_store(s->home), name, sgl_slice_str(value), err));
	return sgl_audit_add(s->home, "setting", name, NULL, value, err);
}

static sgl_status
check_set(const char *from, const char *language, sgl_err *err)
{
	if (from == NULL && language == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("nothing is to be set: give an option"));
	if (from != NULL && !sgl_addr_is(sgl_slice_str(from)))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail address"), "%s", from);
	if (language != NULL && strcmp(language, "en") != 0 &&
	    strcmp(language, "sv") != 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--language is en or sv"), "%s", language);
	return SGL_OK;
}

sgl_status
sgl_org_reminders_set(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *from = sgl_call_get(order->call, "from");
	const char *language = sgl_call_get(order->call, "language");

	TRY(check_set(from, language, err));
	if (from != NULL)
		TRY(set_one(s, SGL_SETTING_REMINDER_FROM, from, err));
	if (language != NULL)
		TRY(set_one(s, SGL_SETTING_REMINDER_LANGUAGE, language, err));
	if (!r->as_json)
		return SGL_OK;
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "from", from);
	sgl_json_str(&r->json, "language", language);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}
