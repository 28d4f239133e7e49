/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/health.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"
#include "org/unlocking.h"
#include "sys/text.h"

#define DAY ((sgl_time)86400)
#define BACKUP_OLD (7 * DAY)
#define AUTHORITY_SOON (90 * DAY)
#define ROOT_CRL_SOON (30 * DAY)
#define HTTPS_SOON (30 * DAY)
#define HTTPS_NEAR (7 * DAY)

const char *
sgl_alarm_name(sgl_alarm alarm)
{
	static const char *const names[] = {
	    "OK", "WARNING", "CRITICAL", "UNKNOWN"};

	return names[alarm];
}

static void add(sgl_health *h, sgl_alarm alarm, const char *name,
    const char *format, ...) SGL_PRINTF(4, 5);

static void
add(sgl_health *h, sgl_alarm alarm, const char *name, const char *format, ...)
{
	sgl_duty *d = &h->duties[h->num];
	va_list args;

	if (h->num == SGL_DUTIES)
		return;
	h->num++;
	d->alarm = alarm;
	d->name = name;
	va_start(args, format);
	(void)vsnprintf(d->text, sizeof d->text, format, args);
	va_end(args);
	if (alarm > h->worst)
		h->worst = alarm;
}

static void
judge_processes(sgl_health *h, const sgl_processes *p)
{
	if (p == NULL) {
		add(h, SGL_ALARM_CRITICAL, "service-down",
		    _("the service does not run: sigill serve, or systemctl "
		      "start sigilld"));
		return;
	}
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (p->of[i].is_needed && !p->of[i].is_ready)
			add(h, SGL_ALARM_CRITICAL, "process-down",
			    _("the process %s does not run: its log says why"),
			    sgl_role_name((sgl_role)i));
}

static void
judge_certs(sgl_health *h, const sgl_facts *f)
{
	if (f->counts.ended > 0)
		add(h, SGL_ALARM_CRITICAL, "certificates-ended",
		    _("certificates that have ended: %lld"
		      "; sigill cert renew ADDRESS"),
		    (long long)f->counts.ended);
	if (f->counts.ending > 0)
		add(h, SGL_ALARM_WARNING, "certificates-ending",
		    _("certificates that end within 30 days: %lld"
		      "; sigill cert renew ADDRESS"),
		    (long long)f->counts.ending);
	if (f->counts.early > 0)
		add(h, SGL_ALARM_WARNING, "certificates-early",
		    _("certificates that are not valid yet: %lld"
		      "; the clock is behind, or was ahead when they were "
		      "issued: then sigill cert renew ADDRESS"),
		    (long long)f->counts.early);
}

static void
judge_authority(sgl_health *h, const sgl_facts *f)
{
	char text[SGL_TIME_TEXT];

	if (f->authority_until == 0)
		add(h, SGL_ALARM_CRITICAL, "no-authority",
		    _("no authority issues certificates"));
	else if (f->authority_until < f->now)
		add(h, SGL_ALARM_CRITICAL, "authority-ended",
		    _("an authority has ended: %s"),
		    sgl_time_text(f->authority_until, text));
	else if (f->authority_until - f->now < AUTHORITY_SOON)
		add(h, SGL_ALARM_WARNING, "authority-ending",
		    _("an authority ends soon: %s"),
		    sgl_time_text(f->authority_until, text));
	if (f->lost_authority != 0)
		add(h, SGL_ALARM_WARNING, "authority-lost",
		    _("the key of authority %lld is lost: what it issued can "
		      "only be revoked with it; sigill ca revoke-issuing %lld"),
		    (long long)f->lost_authority, (long long)f->lost_authority);
}

/* A root whose key is away signs its list when somebody comes with it. */
static void
judge_root_crl(sgl_health *h, const sgl_crl_fact *c, sgl_time now)
{
	char text[SGL_TIME_TEXT];

	(void)sgl_time_text(c->next_update, text);
	if (c->next_update < now)
		add(h, SGL_ALARM_CRITICAL, "root-crl-stale",
		    _("the root's list of revoked authorities is stale since "
		      "%s: sigill ca root-crl, with the root's key"),
		    text);
	else if (c->next_update - now < ROOT_CRL_SOON)
		add(h, SGL_ALARM_WARNING, "root-crl-ending",
		    _("the root's list of revoked authorities is stale from %s "
		      "on: sigill ca root-crl, with the root's key"),
		    text);
}

/* A new one is made long before the old one is stale: who is left with a
 * quarter of the time has not been renewed when it should have been. */
static void
judge_crl(sgl_health *h, const sgl_crl_fact *c, sgl_time now)
{
	char text[SGL_TIME_TEXT];

	if (c->is_by_hand) {
		judge_root_crl(h, c, now);
		return;
	}
	(void)sgl_time_text(c->next_update, text);
	if (c->next_update < now)
		add(h, SGL_ALARM_CRITICAL, "crl-stale",
		    _("the CRL of authority %lld (part %lld"
		      ") is stale since %s: others may refuse all mail"),
		    (long long)c->authority, (long long)c->shard, text);
	else if (c->next_update - now < (c->next_update - c->this_update) / 4)
		add(h, SGL_ALARM_WARNING, "crl-late",
		    _("the CRL of authority %lld (part %lld"
		      ") was not renewed in time: it is stale from %s on"),
		    (long long)c->authority, (long long)c->shard, text);
}

/* Whoever enrols is turned away by the device itself. */
static void
judge_https(sgl_health *h, sgl_time until, sgl_time now)
{
	char text[SGL_TIME_TEXT];

	(void)sgl_time_text(until, text);
	if (until == 0)
		return;
	if (until < now)
		add(h, SGL_ALARM_CRITICAL, "https-ended",
		    _("the certificate of the HTTPS server has ended: %s"),
		    text);
	else if (until - now < DAY)
		add(h, SGL_ALARM_CRITICAL, "https-ending",
		    _("the certificate of the HTTPS server ends within a day: "
		      "%s"),
		    text);
	else if (until - now < HTTPS_NEAR)
		add(h, SGL_ALARM_WARNING, "https-ending",
		    _("the certificate of the HTTPS server ends within 7 days: "
		      "%s"),
		    text);
	else if (until - now < HTTPS_SOON)
		add(h, SGL_ALARM_WARNING, "https-ending",
		    _("the certificate of the HTTPS server ends within 30 "
		      "days: "
		      "%s"),
		    text);
}

static void
judge_backup(sgl_health *h, const sgl_facts *f)
{
	char text[SGL_TIME_TEXT];

	if (f->backup == 0)
		add(h, SGL_ALARM_WARNING, "no-backup",
		    _("there is no backup yet: without one, a broken disk "
		      "takes all keys"));
	else if (f->now - f->backup > BACKUP_OLD)
		add(h, SGL_ALARM_WARNING, "backup-old",
		    _("the last backup is old: %s"),
		    sgl_time_text(f->backup, text));
}

static void
judge_vault(sgl_health *h, const sgl_patient *p)
{
	if (p->vault == NULL) {
		add(h, SGL_ALARM_CRITICAL, "vault-unreachable",
		    _("the private keys cannot be reached"));
		return;
	}
	if (p->vault->is_locked && p->processes != NULL)
		add(h, SGL_ALARM_CRITICAL, "vault-locked",
		    _("the private keys are locked: sigill key unlock"));
	if (sgl_unlock_rank_of(p->vault) == SGL_UNLOCK_BARE && !p->is_demo)
		add(h, SGL_ALARM_WARNING, "vault-bare", "%s",
		    _(sgl_unlock_rank_text(SGL_UNLOCK_BARE)));
}

/* The first stands for all: one way there is closed to many URLs. */
static void
judge_watched(sgl_health *h, const sgl_watched *w)
{
	char text[SGL_TIME_TEXT];

	if (w == NULL || w->num == 0)
		return;
	add(h, SGL_ALARM_CRITICAL, "unpublished",
	    _("what is published cannot be had since %s (%zu of %zu): %s: %s; "
	      "sigill doctor tells of all"),
	    sgl_time_text(w->faults[0].since, text), w->num, w->num_seen,
	    w->faults[0].url, _(w->faults[0].fault));
}

static void
judge_tokens(sgl_health *h, const sgl_checked_keys *keys)
{
	for (size_t i = 0; keys != NULL && i < keys->num; i++) {
		const sgl_checked_key *k = &keys->items[i];

		if (k->why.status != SGL_OK)
			add(h, SGL_ALARM_CRITICAL, "token-away",
			    _("authority %lld cannot sign: %s: %s"),
			    (long long)k->authority, _(k->why.text),
			    k->why.detail);
	}
}

void
sgl_health_judge(const sgl_patient *p, sgl_health *out)
{
	const sgl_facts *f = p->facts;

	*out = (sgl_health){0};
	judge_processes(out, p->processes);
	judge_vault(out, p);
	judge_tokens(out, p->tokens);
	judge_certs(out, f);
	judge_authority(out, f);
	for (size_t i = 0; i < f->num_crls; i++)
		judge_crl(out, &f->crls[i], f->now);
	judge_watched(out, p->watched);
	if (p->processes != NULL)
		judge_https(out, p->processes->https_until, f->now);
	judge_backup(out, f);
}
