/* SPDX-License-Identifier: Apache-2.0 */
/* sigill status */

#include "base/time.h"
#include "ca/algorithm.h"
#include "admin/work.h"
#include "admin/health.h"
#include "org/unlocking.h"

#define LABEL 14

typedef struct view {
	const sgl_session *s;
	const sgl_facts *facts;
	const sgl_health *health;
	const sgl_vault_state *vault; /* NULL: not known */
	size_t spare;		      /* keys that are made already */
} view;

static const char *
kind_of(const view *st)
{
	return sgl_store_kind(sgl_home_store(st->s->home));
}

/* Without a service it is only locked in that every command has to open it. */
static const char *
vault_word(const view *st)
{
	if (st->vault == NULL)
		return N_("unreachable");
	if (st->vault->is_locked && st->s->processes != NULL)
		return N_("LOCKED");
	if (sgl_unlock_rank_of(st->vault) == SGL_UNLOCK_BARE)
		return N_("not protected");
	return st->s->processes == NULL ? N_("protected") : N_("open");
}

/* ------------------------------------------------------------------ JSON ---
 */

static void
json_vault(sgl_json *j, const view *st)
{
	sgl_json_object(j, "vault");
	sgl_json_str(j, "state", vault_word(st));
	sgl_json_bool(j, "locked",
	    st->vault != NULL && st->vault->is_locked &&
		st->s->processes != NULL);
	sgl_json_array(j, "ways");
	for (size_t i = 0; st->vault != NULL && i < SGL_NUM_WAY_KINDS; i++)
		for (unsigned n = 0; n < st->vault->num_of[i]; n++)
			sgl_json_str(
			    j, NULL, sgl_way_kind_name((sgl_way_kind)i));
	sgl_json_close_array(j);
	sgl_json_close_object(j);
}

static void
json_time_or_null(sgl_json *j, const char *name, sgl_time t)
{
	if (t == 0)
		sgl_json_null(j, name);
	else
		sgl_json_time(j, name, t);
}

static void
json_process(sgl_json *j, const char *name, const sgl_process *p)
{
	sgl_json_object(j, NULL);
	sgl_json_str(j, "name", name);
	sgl_json_bool(j, "running", p->is_ready);
	sgl_json_bool(j, "needed", p->is_needed);
	sgl_json_uint(j, "pid", (uint64_t)p->pid);
	json_time_or_null(j, "since", p->since);
	sgl_json_uint(j, "restarts", (uint64_t)p->restarts);
	sgl_json_str(j, "user", p->user);
	sgl_json_close_object(j);
}

static void
json_service(sgl_json *j, const sgl_processes *p)
{
	sgl_json_object(j, "service");
	sgl_json_bool(j, "running", p != NULL);
	if (p != NULL) {
		sgl_json_time(j, "since", p->supervisor.since);
		sgl_json_bool(j, "users_apart", sgl_processes_are_apart(p));
		sgl_json_array(j, "processes");
		json_process(j, "supervisor", &p->supervisor);
		for (size_t i = 0; i < SGL_NUM_ROLES; i++)
			json_process(j, sgl_role_name((sgl_role)i), &p->of[i]);
		sgl_json_close_array(j);
		json_time_or_null(j, "https_until", p->https_until);
	}
	sgl_json_close_object(j);
}

static void
json_counts(sgl_json *j, const sgl_facts *f)
{
	sgl_json_uint(j, "people", (uint64_t)f->counts.people);
	sgl_json_object(j, "certificates");
	sgl_json_uint(j, "current", (uint64_t)f->counts.certs);
	sgl_json_uint(j, "ending", (uint64_t)f->counts.ending);
	sgl_json_uint(j, "ended", (uint64_t)f->counts.ended);
	sgl_json_close_object(j);
	sgl_json_uint(j, "keys_kept", (uint64_t)f->counts.keys);
	sgl_json_uint(j, "recoveries_open", (uint64_t)f->counts.recoveries);
	sgl_json_uint(j, "reminders_due", (uint64_t)f->counts.reminders);
}

static void
json_crls(sgl_json *j, const sgl_facts *f)
{
	sgl_json_array(j, "crls");
	for (size_t i = 0; i < f->num_crls; i++) {
		const sgl_crl_fact *c = &f->crls[i];

		sgl_json_object(j, NULL);
		sgl_json_uint(j, "authority", (uint64_t)c->authority);
		sgl_json_uint(j, "part", (uint64_t)c->shard);
		sgl_json_uint(j, "number", (uint64_t)c->number);
		sgl_json_time(j, "this_update", c->this_update);
		sgl_json_time(j, "next_update", c->next_update);
		sgl_json_close_object(j);
	}
	sgl_json_close_array(j);
}

static void
json_watched(sgl_json *j, const sgl_watched *w)
{
	if (w == NULL) {
		sgl_json_null(j, "publication");
		return;
	}
	sgl_json_object(j, "publication");
	json_time_or_null(j, "looked", w->looked);
	sgl_json_uint(j, "seen", w->num_seen);
	sgl_json_array(j, "failing");
	for (size_t i = 0; i < w->num && i < SGL_WATCHED_MAX; i++) {
		const sgl_watched_fault *f = &w->faults[i];

		sgl_json_object(j, NULL);
		sgl_json_str(j, "url", f->url);
		sgl_json_str(j, "error", f->fault);
		sgl_json_str(j, "detail", f->detail);
		sgl_json_time(j, "since", f->since);
		sgl_json_close_object(j);
	}
	sgl_json_close_array(j);
	sgl_json_close_object(j);
}

static void
json_records(sgl_json *j, const view *st)
{
	const sgl_facts *f = st->facts;

	json_time_or_null(j, "authority_until", f->authority_until);
	json_crls(j, f);
	json_watched(j, st->s->watched);
	json_time_or_null(j, "last_backup", f->backup);
	sgl_json_object(j, "database");
	sgl_json_str(j, "kind", kind_of(st));
	sgl_json_uint(j, "schema", (uint64_t)sgl_store_version());
	sgl_json_uint(j, "size", (uint64_t)f->size);
	sgl_json_uint(j, "generation", (uint64_t)f->generation);
	sgl_json_close_object(j);
	sgl_json_object(j, "audit");
	sgl_json_uint(j, "records", (uint64_t)f->audit);
	sgl_json_hex(
	    j, "head", sgl_slice_of(f->audit_hash, f->audit > 0 ? 32 : 0));
	sgl_json_close_object(j);
}

static void
json_duties(sgl_json *j, const sgl_health *h)
{
	sgl_json_str(j, "state", sgl_alarm_name(h->worst));
	sgl_json_array(j, "to_do");
	for (size_t i = 0; i < h->num; i++) {
		sgl_json_object(j, NULL);
		sgl_json_str(j, "state", sgl_alarm_name(h->duties[i].alarm));
		sgl_json_str(j, "name", h->duties[i].name);
		sgl_json_str(j, "text", h->duties[i].text);
		sgl_json_close_object(j);
	}
	sgl_json_close_array(j);
}

static void
say_json(const view *st, sgl_json *j)
{
	const sgl_organisation *o = sgl_home_organisation(st->s->home);

	sgl_json_object(j, NULL);
	sgl_json_str(j, "domain", o->domain);
	sgl_json_bool(j, "demo", o->is_demo);
	json_service(j, st->s->processes);
	json_vault(j, st);
	sgl_json_str(j, "algorithm", o->algorithm);
	sgl_json_uint(j, "spare_keys", st->spare);
	json_counts(j, st->facts);
	json_records(j, st);
	json_duties(j, st->health);
	sgl_json_close_object(j);
}

/* ------------------------------------------------------------ for people ---
 */

static sgl_status
say_process(sgl_buf *out, const char *name, const sgl_process *p, sgl_err *err)
{
	char since[SGL_TIME_TEXT];

	TRY(sgl_cell_add(out, "", LABEL, err));
	TRY(sgl_cell_add(out, name, 10, err));
	if (!p->is_ready)
		return sgl_buf_printf(out, err, "%s\n",
		    p->is_needed ? _("does not run") : _("is not needed"));
	TRY(sgl_buf_printf(
	    out, err, _("since %s"), sgl_time_text(p->since, since)));
	TRY(sgl_buf_printf(out, err, _(", user %s"), p->user));
	if (p->restarts > 0)
		TRY(sgl_buf_printf(
		    out, err, _(", restarts: %lld"), (long long)p->restarts));
	return sgl_buf_add_str(out, "\n", err);
}

/* Not wrong, but less than could be. */
static sgl_status
say_users(sgl_buf *out, const sgl_processes *p, sgl_err *err)
{
	if (sgl_processes_are_apart(p))
		return SGL_OK;
	TRY(sgl_cell_add(out, "", LABEL, err));
	return sgl_buf_printf(out, err,
	    _("all run as one user (%s): who is that user can read the "
	      "keys. See sigilld(8), USERS\n"),
	    p->supervisor.user);
}

static sgl_status
say_time(sgl_buf *out, const char *label, sgl_time t, sgl_err *err)
{
	char text[SGL_TIME_TEXT];

	TRY(sgl_cell_add(out, label, LABEL, err));
	return sgl_buf_printf(
	    out, err, "%s\n", t == 0 ? _("never") : sgl_time_text(t, text));
}

static sgl_status
say_service(sgl_buf *out, const sgl_processes *p, sgl_err *err)
{
	char since[SGL_TIME_TEXT];

	TRY(sgl_cell_add(out, _("Service"), LABEL, err));
	if (p == NULL)
		return sgl_buf_printf(out, err, "%s\n", _("does not run"));
	TRY(sgl_buf_printf(out, err, _("runs since %s\n"),
	    sgl_time_text(p->supervisor.since, since)));
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		TRY(say_process(
		    out, sgl_role_name((sgl_role)i), &p->of[i], err));
	TRY(say_users(out, p, err));
	return p->https_until == 0
	    ? SGL_OK
	    : say_time(out, _("HTTPS until"), p->https_until, err);
}

static sgl_status
say_vault(sgl_buf *out, const view *st, sgl_err *err)
{
	const char *between = ": ";

	TRY(sgl_cell_add(out, _("Private keys"), LABEL, err));
	TRY(sgl_buf_add_str(out, _(vault_word(st)), err));
	for (size_t i = 0; st->vault != NULL && i < SGL_NUM_WAY_KINDS; i++) {
		if (st->vault->num_of[i] == 0)
			continue;
		TRY(sgl_buf_printf(out, err, "%s%s", between,
		    _(sgl_way_kind_name((sgl_way_kind)i))));
		between = ", ";
	}
	if (st->spare > 0)
		TRY(sgl_buf_printf(
		    out, err, _("; new ones made ahead: %zu"), st->spare));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
say_organisation(sgl_buf *out, const view *st, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(st->s->home);

	TRY(sgl_cell_add(out, _("Organisation"), LABEL, err));
	TRY(sgl_buf_printf(
	    out, err, "%s%s\n", o->domain, o->is_demo ? " (DEMO)" : ""));
	TRY(sgl_cell_add(out, _("People"), LABEL, err));
	TRY(sgl_buf_printf(
	    out, err, "%lld\n", (long long)st->facts->counts.people));
	TRY(sgl_cell_add(out, _("Certificates"), LABEL, err));
	return sgl_buf_printf(out, err,
	    _("%lld, of these end within 30 days: %lld\n"),
	    (long long)st->facts->counts.certs,
	    (long long)st->facts->counts.ending);
}

static sgl_status
say_crls(sgl_buf *out, const sgl_facts *f, sgl_err *err)
{
	char from[SGL_TIME_TEXT], until[SGL_TIME_TEXT];

	for (size_t i = 0; i < f->num_crls; i++) {
		const sgl_crl_fact *c = &f->crls[i];

		TRY(sgl_cell_add(out, i == 0 ? _("CRLs") : "", LABEL, err));
		TRY(sgl_buf_printf(out, err,
		    _("authority %lld, part %lld"
		      ": number %lld, of %s, next %s\n"),
		    (long long)c->authority, (long long)c->shard,
		    (long long)c->number, sgl_time_text(c->this_update, from),
		    sgl_time_text(c->next_update, until)));
	}
	return SGL_OK;
}

static sgl_status
say_watched(sgl_buf *out, const sgl_watched *w, sgl_err *err)
{
	char text[SGL_TIME_TEXT];

	if (w == NULL || w->looked == 0)
		return SGL_OK;
	TRY(sgl_cell_add(out, _("Publication"), LABEL, err));
	return sgl_buf_printf(out, err,
	    _("seen from outside at %s: good: %zu, failing: %zu\n"),
	    sgl_time_text(w->looked, text), w->num_seen - w->num, w->num);
}

static sgl_status
say_audit(sgl_buf *out, const sgl_facts *f, sgl_err *err)
{
	if (f->audit == 0)
		return SGL_OK;
	TRY(sgl_cell_add(out, _("Audit"), LABEL, err));
	TRY(sgl_buf_printf(out, err, _("record %lld, "), (long long)f->audit));
	TRY(sgl_hex_add(out, sgl_slice_of(f->audit_hash, 32), err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
say_records(sgl_buf *out, const view *st, sgl_err *err)
{
	const sgl_facts *f = st->facts;

	if (f->authority_until != 0)
		TRY(say_time(out, _("Issues until"), f->authority_until, err));
	TRY(say_crls(out, f, err));
	TRY(say_watched(out, st->s->watched, err));
	TRY(say_time(out, _("Last backup"), f->backup, err));
	TRY(sgl_cell_add(out, _("Database"), LABEL, err));
	TRY(sgl_buf_printf(out, err, _("%s, generation %lld\n"), kind_of(st),
	    (long long)f->generation));
	return say_audit(out, f, err);
}

static sgl_status
say_duties(sgl_buf *out, const sgl_health *h, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "%s\n",
	    h->num == 0 ? _("Nothing is to be done.") : _("To do:")));
	for (size_t i = 0; i < h->num; i++)
		TRY(sgl_buf_printf(out, err, "  %s %s\n",
		    h->duties[i].alarm == SGL_ALARM_CRITICAL ? "!!" : "! ",
		    h->duties[i].text));
	return SGL_OK;
}

static sgl_status
say_text(const view *st, sgl_buf *out, sgl_err *err)
{
	TRY(say_service(out, st->s->processes, err));
	TRY(say_vault(out, st, err));
	TRY(say_organisation(out, st, err));
	TRY(say_records(out, st, err));
	return say_duties(out, st->health, err);
}

/* -------------------------------------------------------- for monitoring ---
 */

/* Seconds that the first CRL to become stale still has. */
static int64_t
crl_left(const sgl_facts *f)
{
	int64_t least = 0;

	for (size_t i = 0; i < f->num_crls; i++) {
		int64_t left = f->crls[i].next_update - f->now;
		if (i == 0 || left < least)
			least = left;
	}
	return least;
}

static sgl_status
say_performance(const view *st, sgl_buf *out, sgl_err *err)
{
	const sgl_facts *f = st->facts;

	TRY(sgl_buf_printf(out, err,
	    " | people=%lld certs=%lld ending=%lld"
	    ";0 ended=%lld;;0 generation=%lldc",
	    (long long)f->counts.people, (long long)f->counts.certs,
	    (long long)f->counts.ending, (long long)f->counts.ended,
	    (long long)f->generation));
	if (f->num_crls > 0)
		TRY(sgl_buf_printf(
		    out, err, " crl_left=%llds;;0:", (long long)crl_left(f)));
	if (f->backup != 0)
		TRY(sgl_buf_printf(out, err, " backup_age=%llds",
		    (long long)(f->now - f->backup)));
	return sgl_buf_add_str(out, "\n", err);
}

/* The worst first, for a pager shows the beginning of the line. A bar would
 * begin the numbers. */
static sgl_status
say_nagios(const view *st, sgl_buf *out, sgl_err *err)
{
	const sgl_health *h = st->health;
	const char *between = " - ";

	TRY(sgl_buf_printf(out, err, "SIGILL %s", sgl_alarm_name(h->worst)));
	for (int alarm = SGL_ALARM_CRITICAL; alarm > SGL_ALARM_NONE; alarm--)
		for (size_t i = 0; i < h->num; i++) {
			if ((int)h->duties[i].alarm != alarm)
				continue;
			TRY(sgl_buf_printf(
			    out, err, "%s%s", between, h->duties[i].text));
			between = ", ";
		}
	if (h->num == 0)
		TRY(sgl_buf_printf(
		    out, err, " - %s", _("nothing is to be done")));
	return say_performance(st, out, err);
}

/* Only a service makes any; one that cannot be asked has none. */
static size_t
count_spare(const sgl_session *s)
{
	sgl_keeper *keeper = sgl_home_keeper(s->home);
	size_t num;

	if (keeper == NULL ||
	    sgl_keeper_want(
		keeper, sgl_ca_usual_sort(s->home), 0, &num, NULL) != SGL_OK ||
	    num == SIZE_MAX)
		return 0;
	return num;
}

/* The service knows which PIN was wrong; without it, to look would be to try
 * again. */
static sgl_status
check_tokens(const view *st, sgl_checked_keys *out, sgl_err *err)
{
	*out = (sgl_checked_keys){0};
	if (!sgl_home_is_served(st->s->home) || st->vault == NULL ||
	    st->vault->is_locked)
		return SGL_OK;
	return sgl_ca_check_keys(st->s->home, false, out, err);
}

sgl_status
sgl_org_status(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_facts) facts = {0};
	sgl_health health;
	sgl_vault_state vault;
	bool known;
	sgl_checked_keys tokens;
	view st = {s, &facts, &health, &vault, count_spare(s)};

	TRY(sgl_facts_gather(s->home, &facts, err));
	TRY(sgl_home_vault_state(s->home, &vault, &known, err));
	if (!known)
		st.vault = NULL;
	TRY(check_tokens(&st, &tokens, err));
	sgl_health_judge(&(sgl_patient){.facts = &facts,
			     .processes = s->processes,
			     .vault = st.vault,
			     .is_demo = sgl_home_organisation(s->home)->is_demo,
			     .watched = s->watched,
			     .tokens = &tokens},
	    &health);
	if (sgl_call_has(order->call, "nagios")) {
		r->is_whole = true;
		r->exit_status = (int)health.worst;
		return say_nagios(&st, &r->text, err);
	}
	if (!r->as_json)
		return say_text(&st, &r->text, err);
	say_json(&st, &r->json);
	return SGL_OK;
}

/* Whoever pages people wants one line on standard output, also of a failure. */
static int
say_unknown(const sgl_call *call, const sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	bool has_detail = err->detail[0] != '\0';

	if (sgl_buf_printf(&out, NULL, "SIGILL UNKNOWN - %s%s%s\n",
		_(err->text), has_detail ? ": " : "",
		has_detail ? err->detail : "") == SGL_OK)
		(void)sgl_print(call, sgl_buf_slice(&out));
	return SGL_ALARM_UNKNOWN;
}

int
sgl_org_status_any(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};
	sgl_status status;

	if (sgl_call_has(call, "nagios") && sgl_call_has(call, "json"))
		return sgl_call_usage(
		    call, _("--nagios and --json exclude each other"));
	sgl_reply_init(&r, call);
	status = sgl_org_perform(call, &r, &err);
	if (status != SGL_OK && sgl_call_has(call, "nagios"))
		return say_unknown(call, &err);
	return sgl_org_end(call, status, &r, &err);
}
