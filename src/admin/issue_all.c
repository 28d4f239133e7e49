/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill cert issue --all: everybody who lacks a certificate gets one.
 *
 * The home tells who lacks which; then theirs are issued in changes of some
 * dozens of people, so that others can work in between, and an interruption
 * loses little. Where one of them cannot get any, nothing is kept of that
 * change, and each of the others has one alone. Whoever has got them meanwhile
 * is left alone.
 */
#include <stdio.h>

#include "ca/published.h"
#include "admin/batch.h"
#include "admin/issue.h"
#include "admin/wire.h"
#include "sys/log.h"
#include "sys/progress.h"
#include "sys/wire.h"

#define ROOM "admin.issue"
#define NUM_PURPOSES 2
#define ADDRESS_SIZE 1024
#define BATCH_MAX 64
#define BATCH_MS 200

/* One person, and which certificates are missing (by sgl_cert_purpose). */
typedef struct lack {
	int64_t person;
	char address[ADDRESS_SIZE];
	bool of[NUM_PURPOSES];
} lack;

static void
add_lack(sgl_wire *w, const lack *l)
{
	sgl_wire_add_int(w, l->person);
	sgl_wire_add_text(w, l->address);
	for (size_t i = 0; i < NUM_PURPOSES; i++)
		sgl_wire_add_int(w, l->of[i]);
}

static void
read_lack(sgl_unwire *u, lack *out)
{
	out->person = sgl_unwire_int(u, 1, INT64_MAX);
	sgl_unwire_text(u, out->address, sizeof out->address);
	for (size_t i = 0; i < NUM_PURPOSES; i++)
		out->of[i] = sgl_unwire_bool(u);
}

static size_t
count(const lack *l)
{
	return (size_t)l->of[SGL_CERT_SIGNING] +
	    (size_t)l->of[SGL_CERT_ENCRYPTION];
}

/* ---------------------------------------------------------------- who lacks
 * ---
 */

typedef struct search {
	sgl_session *s;
	sgl_authorities authorities;
	sgl_time now;
	sgl_wire wire;
} search;

/* What was taken from somebody on purpose is not given back by the way. */
static bool
was_taken(const sgl_cert_record *c)
{
	return c->status == SGL_CERT_REVOKED &&
	    (c->revocation.reason == SGL_REASON_CERTIFICATE_HOLD ||
		c->revocation.reason == SGL_REASON_CESSATION_OF_OPERATION ||
		c->revocation.reason == SGL_REASON_PRIVILEGE_WITHDRAWN);
}

/* Nobody believes what a revoked authority issued. */
static bool
is_believed(const search *f, const sgl_cert_record *c)
{
	for (size_t i = 0; i < f->authorities.num; i++)
		if (f->authorities.items[i].id == c->issuer)
			return f->authorities.items[i].state !=
			    SGL_AUTHORITY_REVOKED;
	return true;
}

/* Newest first: the last that was taken counts, unless there is another. */
static bool
is_missing(
    const search *f, const sgl_cert_records *list, sgl_cert_purpose purpose)
{
	const sgl_cert_record *newest = NULL;

	for (size_t i = 0; i < list->num; i++) {
		const sgl_cert_record *c = &list->items[i];
		if (c->purpose != purpose)
			continue;
		if (newest == NULL)
			newest = c;
		if (c->status == SGL_CERT_CURRENT && c->not_after > f->now &&
		    is_believed(f, c))
			return false;
	}
	return newest == NULL || !was_taken(newest);
}

static sgl_status
find_lack(const search *f, const sgl_person *p, lack *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	*out = (lack){.person = p->id};
	if (p->state != SGL_PERSON_ACTIVE || p->deleted != 0)
		return SGL_OK;
	TRY(sgl_store_list_certs(
	    sgl_home_store(f->s->home), p->id, &list, err));
	for (size_t i = 0; i < NUM_PURPOSES; i++)
		out->of[i] = is_missing(f, &list, (sgl_cert_purpose)i);
	return SGL_OK;
}

static sgl_status
search_begin(sgl_session *s, search *f, sgl_err *err)
{
	*f = (search){.s = s, .now = sgl_engine_now(s->engine)};
	return sgl_store_list_authorities(
	    sgl_home_store(s->home), &f->authorities, err);
}

static void
search_clear(search *f)
{
	sgl_authorities_clear(&f->authorities);
}
SGL_AUTO_CLEAR_TYPE(search, search_clear)

static sgl_status
look_at(void *ctx, const sgl_person *p, sgl_err *err)
{
	search *f = ctx;
	lack l;

	TRY(find_lack(f, p, &l, err));
	if (count(&l) == 0)
		return SGL_OK;
	(void)snprintf(l.address, sizeof l.address, "%s", p->address);
	add_lack(&f->wire, &l);
	return SGL_OK;
}

/* -------------------------------------------------------------- on the home
 * ---
 */

static sgl_status
list_all(sgl_session *s, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(search) f = {0};

	TRY(search_begin(s, &f, err));
	r->has_file = true;
	f.wire = sgl_wire_over(&r->file);
	TRY(sgl_store_each_person(sgl_home_store(s->home), look_at, &f, err));
	return sgl_wire_end(&f.wire, err);
}

/* Those of one; *num is how many. `first` of the change; else it *waits where
 * its keys are not made yet. */
static sgl_status
issue_to(const search *f, sgl_ca_many *many, sgl_person *p, bool first,
    size_t *num, bool *waits, sgl_err *err)
{
	sgl_home *home = f->s->home;
	bool is_dual = sgl_ca_is_dual(home, p), ready = true;
	sgl_ca_needs needs = {true, true};
	lack l;

	TRY(find_lack(f, p, &l, err));
	*num = count(&l);
	if (*num == 0)
		return SGL_OK;
	if (!first)
		TRY(sgl_session_has_keys(
		    f->s, is_dual ? 1 : *num, &ready, err));
	*waits = !ready;
	if (*waits)
		return SGL_OK;
	if (!is_dual)
		needs = (sgl_ca_needs){
		    l.of[SGL_CERT_SIGNING], l.of[SGL_CERT_ENCRYPTION]};
	return sgl_ca_many_issue(many, p, needs, err);
}

static sgl_status
issue_for(const search *f, sgl_ca_many *many, int64_t id, bool first,
    size_t *num, bool *waits, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	bool found;

	*num = 0;
	TRY(sgl_store_get_person(
	    sgl_home_store(f->s->home), id, &p, &found, err));
	return found ? issue_to(f, many, &p, first, num, waits, err) : SGL_OK;
}

/* The reply's file is how many certificates each of the first of these people
 * got; the caller orders the others again. */
static sgl_status
issue_for_all(sgl_session *s, sgl_slice people, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(search) f = {0};
	SGL_AUTO(sgl_ca_many)
	many = NULL;
	sgl_unwire u = sgl_unwire_over(people);
	sgl_wire w = sgl_wire_over(&r->file);
	bool waits = false;

	r->has_file = true;
	TRY(search_begin(s, &f, err));
	TRY(sgl_ca_many_new(s->home, &many, err));
	for (bool first = true; !waits && u.at < u.end; first = false) {
		int64_t id = sgl_unwire_int(&u, 1, INT64_MAX);
		size_t num = 0;

		if (u.failed)
			return sgl_unwire_end(&u, err);
		TRY(issue_for(&f, many, id, first, &num, &waits, err));
		if (!waits)
			sgl_wire_add_int(&w, (int64_t)num);
	}
	TRY(sgl_ca_many_end(many, err));
	return sgl_wire_end(&w, err);
}

/* The first order gives the list in the reply's file; each that follows names
 * some of its people. */
sgl_status
sgl_org_cert_issue_all(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	if (order->input.len > 0)
		return issue_for_all(s, sgl_buf_slice(&order->input), r, err);
	TRY(sgl_published_require(s->home, false, err));
	return list_all(s, r, err);
}

sgl_status
sgl_org_cert_issue_plan(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)order;
	return list_all(s, r, err);
}

/* -------------------------------------------------------- some at a time ---
 */

typedef struct issuing {
	const sgl_call *call;
	sgl_reply *r;
	bool is_plan;
	size_t people, certs, failed;
	sgl_batch batch;
	lack next[BATCH_MAX]; /* of the next order */
	size_t num;
} issuing;

static sgl_status
tell_plan(issuing *a, const lack *l, sgl_err *err)
{
	sgl_json *json = &a->r->json;

	a->people++;
	a->certs += count(l);
	if (!a->r->as_json) {
		TRY(sgl_cell_add(&a->r->text, l->address, 32, err));
		return sgl_buf_printf(&a->r->text, err, "%s%s%s\n",
		    l->of[SGL_CERT_SIGNING] ? _("signing") : "",
		    count(l) == 2 ? ", " : "",
		    l->of[SGL_CERT_ENCRYPTION] ? _("encryption") : "");
	}
	sgl_json_object(json, NULL);
	sgl_json_str(json, "address", l->address);
	sgl_json_array(json, "purposes");
	for (size_t i = 0; i < NUM_PURPOSES; i++)
		if (l->of[i])
			sgl_json_str(json, NULL,
			    sgl_cert_purpose_name((sgl_cert_purpose)i));
	sgl_json_close_array(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
tell_failure(issuing *a, const lack *l, const sgl_err *failure, sgl_err *err)
{
	sgl_json *json = &a->r->json;
	bool has_detail = failure->detail[0] != '\0';

	a->failed++;
	if (!a->r->as_json)
		return sgl_buf_printf(&a->r->text, err, "%s: %s%s%s\n",
		    l->address, _(failure->text), has_detail ? ": " : "",
		    failure->detail);
	sgl_json_object(json, NULL);
	sgl_json_str(json, "address", l->address);
	sgl_json_str(json, "why", failure->text);
	sgl_json_str(json, "detail", failure->detail);
	sgl_json_close_object(json);
	return SGL_OK;
}

/* No keys, no database, no memory: the next one would fare no better. */
static bool
is_everybodys(sgl_status status)
{
	return status == SGL_E_PASSWORD || status == SGL_E_IO ||
	    status == SGL_E_NOMEM;
}

/* Counts what they got; *num is how many people they are, at first and then. */
static sgl_status
take_numbers(issuing *a, sgl_slice numbers, size_t *num, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(numbers);
	size_t most = *num;

	for (*num = 0; !u.failed && u.at < u.end && *num < most; ++*num) {
		int64_t got = sgl_unwire_int(&u, 0, NUM_PURPOSES);

		a->people += got > 0;
		a->certs += (size_t)got;
	}
	TRY(sgl_unwire_end(&u, err));
	return *num > 0
	    ? SGL_OK
	    : sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		  N_("a message between our processes is malformed"));
}

static sgl_status
ask_for(issuing *a, const lack *some, size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_order)
	order = {.call = a->call, .input = {.max = SGL_ORG_CALL_MAX}};
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_wire w = sgl_wire_over(&order.input);

	for (size_t i = 0; i < *num; i++)
		sgl_wire_add_int(&w, some[i].person);
	TRY(sgl_wire_end(&w, err));
	sgl_reply_init(&r, a->call);
	TRY(sgl_org_ask(&order, &r, err));
	return take_numbers(a, sgl_buf_slice(&r.file), num, err);
}

static sgl_status
issue_each(issuing *a, const lack *some, size_t num, sgl_err *err)
{
	for (size_t i = 0; i < num; i++) {
		sgl_err failure = {0};
		size_t one = 1;
		sgl_status status = ask_for(a, &some[i], &one, &failure);

		if (status == SGL_OK)
			continue;
		if (is_everybodys(status)) {
			*err = failure;
			return status;
		}
		TRY(tell_failure(a, &some[i], &failure, err));
	}
	return SGL_OK;
}

/* Together; each alone, if one of them spoils it for all. */
static sgl_status
issue_some(issuing *a, const lack *some, size_t num, sgl_err *err)
{
	for (size_t at = 0, part; at < num; at += part) {
		const size_t left = num - at;
		sgl_err failure = {0};
		sgl_status status;

		part = left;
		status = ask_for(a, &some[at], &part, &failure);
		if (status != SGL_OK && is_everybodys(status)) {
			*err = failure;
			return status;
		}
		if (status != SGL_OK && left == 1)
			return tell_failure(a, &some[at], &failure, err);
		if (status != SGL_OK)
			return issue_each(a, &some[at], left, err);
	}
	return SGL_OK;
}

static sgl_status
issue_next(issuing *a, sgl_err *err)
{
	size_t num = a->num;

	a->num = 0;
	if (num == 0)
		return SGL_OK;
	sgl_batch_begin(&a->batch);
	TRY(issue_some(a, a->next, num, err));
	sgl_batch_end(&a->batch);
	return SGL_OK;
}

static sgl_status
take_lack(issuing *a, const lack *l, sgl_err *err)
{
	if (a->is_plan)
		return tell_plan(a, l, err);
	a->next[a->num++] = *l;
	return a->num < a->batch.size ? SGL_OK : issue_next(a, err);
}

static sgl_status
go_through(issuing *a, sgl_slice list, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(list);
	lack l;

	sgl_progress_start(a->call->command->name, list.len);
	while (!u.failed && u.at < u.end) {
		read_lack(&u, &l);
		if (!u.failed)
			TRY(take_lack(a, &l, err));
		sgl_progress_at((uint64_t)(u.at - list.data));
	}
	TRY(sgl_unwire_end(&u, err));
	return issue_next(a, err);
}

static sgl_status
tell_end(const issuing *a, sgl_err *err)
{
	sgl_json *json = &a->r->json;

	if (a->failed > 0)
		a->r->exit_status = SGL_EXIT_NO;
	if (!a->r->as_json)
		return sgl_buf_printf(&a->r->text, err,
		    a->is_plan
			? _("People who lack certificates: %zu; certificates "
			    "to issue: %zu\n")
			: _("People who got certificates: %zu; certificates "
			    "issued: %zu; people who could not: %zu\n"),
		    a->people, a->certs, a->failed);
	sgl_json_close_array(json);
	sgl_json_uint(json, "people", a->people);
	sgl_json_uint(json, "certificates", a->certs);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
issue_all(issuing *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) list = {0};
	const sgl_order order = {.call = a->call};

	sgl_reply_init(&list, a->call);
	TRY(sgl_org_ask(&order, &list, err));
	if (a->r->as_json) {
		sgl_json_object(&a->r->json, NULL);
		sgl_json_array(&a->r->json, a->is_plan ? "missing" : "failed");
	}
	TRY(go_through(a, sgl_buf_slice(&list.file), err));
	return tell_end(a, err);
}

int
sgl_org_cert_issue_any(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	issuing a = {.call = call,
	    .r = &r,
	    .is_plan = sgl_call_has(call, "plan"),
	    .batch = {.size = 1, .max = BATCH_MAX, .most = BATCH_MS}};
	bool all = sgl_call_has(call, "all");
	sgl_err err = {0};
	sgl_status status;

	if (!all && a.is_plan)
		return sgl_call_usage(call, _("--plan goes with --all"));
	if (!all && call->num_args == 0)
		return sgl_call_usage(
		    call, _("something is missing: %s"), "ADDRESS");
	if (!all)
		return sgl_org_run(call);
	if (call->num_args > 0 || sgl_call_has(call, "csr") ||
	    sgl_call_has(call, "purpose") || sgl_call_has(call, "output"))
		return sgl_call_usage(
		    call, _("--all stands alone, or with --plan"));
	sgl_reply_init(&r, call);
	status = issue_all(&a, &err);
	sgl_progress_end();
	if (status != SGL_OK && a.people > 0)
		sgl_log_note(_("people who got certificates before this: %zu; "
			       "the same command goes on"),
		    a.people);
	return sgl_org_end(call, status, &r, &err);
}
