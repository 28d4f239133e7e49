/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill doctor: everything that can be wrong with an organisation, why it
 * matters and what to do about it.
 *
 * It looks by itself, as the home's owner, with the home open for reading; the
 * network is never control's business. What it has seen of the publication is
 * noted by a job.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ca/published.h"
#include "admin/doctor.h"
#include "admin/remote.h"

#define ROOM "admin.doctor"
#define TIMEOUT_MAX 600

void
sgl_findings_clear(sgl_findings *f)
{
	sgl_mem_free(f->items);
	*f = (sgl_findings){0};
}

sgl_status
sgl_findings_add(sgl_findings *f, const sgl_ailment *ailment, sgl_err *err,
    const char *format, ...)
{
	sgl_finding *more =
	    sgl_mem_resize(f->items, (f->num + 1) * sizeof *more);
	sgl_finding *one;
	va_list args;

	if (more == NULL)
		return sgl_oom(err, ROOM);
	f->items = more;
	one = &more[f->num++];
	*one = (sgl_finding){.alarm = ailment->alarm,
	    .name = ailment->name,
	    .why = ailment->why,
	    .todo = ailment->todo};
	va_start(args, format);
	(void)vsnprintf(one->what, sizeof one->what, format, args);
	va_end(args);
	return SGL_OK;
}

/* ------------------------------------------------------------- looking --- */

/* Whoever answers at control's socket has all its processes, or says in its log
 * and in sigill status which is missing. */
static sgl_status
check_service(const sgl_call *call, bool *runs, sgl_err *err)
{
	SGL_AUTO(sgl_channel)
	service = NULL;

	TRY(sgl_remote_open(sgl_call_get(call, "home"), &service, err));
	*runs = service != NULL;
	return SGL_OK;
}

/* What sigill status says, too. */
static sgl_status
check_health(
    const sgl_call *call, sgl_session *s, sgl_findings *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_facts) facts = {0};
	sgl_processes all = {0};
	sgl_vault_state vault;
	sgl_health health;
	sgl_patient patient = {.facts = &facts,
	    .is_demo = sgl_home_organisation(s->home)->is_demo};
	bool runs, known;

	TRY(check_service(call, &runs, err));
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		all.of[i].is_ready = true;
	TRY(sgl_facts_gather(s->home, &facts, err));
	TRY(sgl_home_vault_state(s->home, &vault, &known, err));
	patient.processes = runs ? &all : NULL;
	patient.vault = known ? &vault : NULL;
	sgl_health_judge(&patient, &health);
	for (size_t i = 0; i < health.num; i++) {
		const sgl_ailment duty = {.alarm = health.duties[i].alarm,
		    .name = health.duties[i].name};
		TRY(sgl_findings_add(
		    f, &duty, err, "%s", health.duties[i].text));
	}
	return SGL_OK;
}

static sgl_status
add_lines(sgl_findings *f, sgl_slice text, sgl_err *err)
{
	const sgl_ailment away = {
	    .alarm = SGL_ALARM_CRITICAL, .name = "token-away"};

	while (text.len > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.data);

		TRY(sgl_findings_add(
		    f, &away, err, "%.*s", (int)len, (const char *)text.data));
		text = sgl_slice_from(text, end == NULL ? len : len + 1);
	}
	return SGL_OK;
}

/* The service looks: it knows which PIN was wrong, and must not be tried. */
static sgl_status
check_keys(const sgl_call *call, sgl_findings *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const sgl_call own = sgl_org_call_like(call, "ca check");
	bool runs;

	TRY(check_service(call, &runs, err));
	if (!runs)
		return SGL_OK;
	sgl_reply_init(&r, &own);
	TRY(sgl_org_perform(&own, &r, err));
	return r.exit_status == SGL_EXIT_OK
	    ? SGL_OK
	    : add_lines(f, sgl_buf_slice(&r.text), err);
}

static sgl_status
read_timeout(const sgl_call *call, unsigned *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "timeout");
	char *end;
	long seconds;

	if (text == NULL)
		return SGL_OK;
	seconds = strtol(text, &end, 10);
	if (end == text || *end != '\0' || seconds < 1 || seconds > TIMEOUT_MAX)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--timeout is 1 to 600 seconds"), "%s", text);
	*out = (unsigned)seconds;
	return SGL_OK;
}

/* *first: it was seen for the first time that all is published. */
static sgl_status
check_published(const sgl_call *call, sgl_session *s, sgl_findings *f,
    bool *first, sgl_err *err)
{
	unsigned seconds = SGL_PUBLISHED_SECONDS;
	bool noted, good;

	TRY(read_timeout(call, &seconds, err));
	if (sgl_home_organisation(s->home)->public_url == NULL ||
	    sgl_call_has(call, "offline"))
		return SGL_OK;
	TRY(sgl_doctor_published(s, seconds, f, &good, err));
	TRY(sgl_published_is_noted(s->home, &noted, err));
	*first = good && !noted;
	return SGL_OK;
}

static sgl_status
look(const sgl_call *call, sgl_findings *f, sgl_unlockings *u, bool *first,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};

	TRY(sgl_session_open(call, false, &s, err));
	TRY(sgl_doctor_place(&s, f, err));
	TRY(sgl_doctor_unlock(&s, f, u, err));
	TRY(check_health(call, &s, f, err));
	TRY(check_keys(call, f, err));
	return check_published(call, &s, f, first, err);
}

/* ------------------------------------------------------------- telling --- */

static sgl_alarm
worst_of(const sgl_findings *f)
{
	sgl_alarm worst = SGL_ALARM_NONE;

	for (size_t i = 0; i < f->num; i++)
		if (f->items[i].alarm > worst)
			worst = f->items[i].alarm;
	return worst;
}

static void
tell_unlocking_json(const sgl_unlockings *u, sgl_json *json)
{
	sgl_json_array(json, "unlocking");
	for (size_t i = 0; i < u->num; i++) {
		const sgl_unlocking *one = &u->items[i];

		sgl_json_object(json, NULL);
		sgl_json_str(json, "way", one->way);
		sgl_json_str(json, "name", one->name);
		sgl_json_bool(json, "unattended", !one->is_attended);
		sgl_json_bool(json, "on_the_disk", one->is_on_the_disk);
		sgl_json_str(json, "text", sgl_text(one->text));
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
}

static void
tell_json(const sgl_findings *f, const sgl_unlockings *u, sgl_json *json)
{
	sgl_json_object(json, NULL);
	sgl_json_str(json, "state", sgl_alarm_name(worst_of(f)));
	sgl_json_array(json, "findings");
	for (size_t i = 0; i < f->num; i++) {
		const sgl_finding *one = &f->items[i];

		sgl_json_object(json, NULL);
		sgl_json_str(json, "state", sgl_alarm_name(one->alarm));
		sgl_json_str(json, "name", one->name);
		sgl_json_str(json, "what", one->what);
		sgl_json_str(
		    json, "why", one->why == NULL ? NULL : sgl_text(one->why));
		sgl_json_str(json, "to_do",
		    one->todo == NULL ? NULL : sgl_text(one->todo));
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
	tell_unlocking_json(u, json);
	sgl_json_close_object(json);
}

static bool
is_same_advice(const sgl_finding *a, const sgl_finding *b)
{
	return a->why == b->why && a->todo == b->todo;
}

static const char *
sign_of(sgl_alarm alarm)
{
	return alarm == SGL_ALARM_CRITICAL ? "!!"
	    : alarm == SGL_ALARM_NONE	   ? "- "
					   : "! ";
}

/* What several have in common is said once, behind the last of them. */
static sgl_status
tell_text(const sgl_findings *f, sgl_buf *out, sgl_err *err)
{
	for (size_t i = 0; i < f->num; i++) {
		const sgl_finding *one = &f->items[i];

		TRY(sgl_buf_printf(
		    out, err, "%s %s\n", sign_of(one->alarm), one->what));
		if (i + 1 < f->num && is_same_advice(one, one + 1))
			continue;
		if (one->why != NULL)
			TRY(sgl_buf_printf(
			    out, err, "   %s\n", sgl_text(one->why)));
		if (one->todo != NULL)
			TRY(sgl_buf_printf(
			    out, err, "   %s\n", sgl_text(one->todo)));
	}
	return f->num > 0
	    ? SGL_OK
	    : sgl_buf_printf(out, err, "%s\n", _("Nothing is wrong."));
}

/* "credential vault: after a reboot by itself; bound to ..." */
static sgl_status
tell_unlocking(const sgl_unlockings *u, sgl_buf *out, sgl_err *err)
{
	if (u->num > 0)
		TRY(sgl_buf_printf(out, err, "%s\n",
		    _("How the private keys are unlocked, the easiest way "
		      "first:")));
	for (size_t i = 0; i < u->num; i++) {
		const sgl_unlocking *one = &u->items[i];

		TRY(sgl_buf_printf(out, err, "   %s%s%s: %s; %s\n", one->way,
		    one->name[0] == '\0' ? "" : " ", one->name,
		    one->is_attended
			? _("after a reboot somebody must unlock them")
			: _("after a reboot by itself"),
		    sgl_text(one->text)));
	}
	return SGL_OK;
}

sgl_status
sgl_org_doctor_note(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)order;
	(void)r;
	return sgl_published_note(s->home, false, err);
}

static sgl_status
note_first(const sgl_call *call, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};

	sgl_reply_init(&r, call);
	return sgl_org_perform(call, &r, err);
}

static sgl_status
run(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_findings) f = {0};
	sgl_unlockings u = {.num = 0};
	bool first = false;

	TRY(look(call, &f, &u, &first, err));
	if (first)
		TRY(note_first(call, err));
	if (worst_of(&f) >= SGL_ALARM_CRITICAL)
		r->exit_status = SGL_EXIT_NO;
	if (r->as_json) {
		tell_json(&f, &u, &r->json);
		return SGL_OK;
	}
	TRY(tell_text(&f, &r->text, err));
	return tell_unlocking(&u, &r->text, err);
}

int
sgl_org_doctor(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	sgl_reply_init(&r, call);
	return sgl_org_end(call, run(call, &r, &err), &r, &err);
}
