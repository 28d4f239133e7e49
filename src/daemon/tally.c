/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tally.h"

#include <stdio.h>
#include <time.h>

#define FACTS_MAX ((size_t)512 << 10)
#define RARELY 20

static const char *const results[SGL_NUM_TALLY_RESULTS] = {
    [SGL_TALLY_DONE] = "done",
    [SGL_TALLY_REFUSED] = "refused",
    [SGL_TALLY_FAILED] = "failed",
};

void
sgl_tally_clear(sgl_tally *t)
{
	sgl_buf_clear(&t->facts);
	*t = (sgl_tally){.gathered = 0};
}

int64_t
sgl_microseconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static sgl_tally_result
result_of(sgl_status status)
{
	if (status == SGL_OK)
		return SGL_TALLY_DONE;
	return status == SGL_E_IO || status == SGL_E_NOMEM ||
		status == SGL_E_CRYPTO
	    ? SGL_TALLY_FAILED
	    : SGL_TALLY_REFUSED;
}

void
sgl_tally_command(sgl_tally *t, sgl_status status, int64_t began)
{
	sgl_durations_note(
	    &t->commands[result_of(status)], sgl_microseconds_now() - began);
}

void
sgl_tally_enrolment(
    sgl_tally *t, sgl_front_protocol protocol, sgl_tally_result result)
{
	t->enrolments[protocol][result]++;
}

/* ------------------------------------------------------- what was done ---
 */

static void
tell_done(const sgl_tally *t, sgl_metrics *m)
{
	sgl_metrics_histogram(m, "sigill_command_duration_seconds",
	    "Time that commands of administrators took.");
	for (size_t i = 0; i < SGL_NUM_TALLY_RESULTS; i++)
		sgl_metrics_durations(
		    m, &(sgl_label){"result", results[i]}, &t->commands[i]);
	sgl_metrics_counter(m, "sigill_enrolments_total",
	    "Certificates that devices asked for.");
	for (size_t p = 0; p < SGL_FRONT_NUM_PROTOCOLS; p++)
		for (size_t i = 0; i < SGL_NUM_TALLY_RESULTS; i++)
			sgl_metrics_add(m,
			    SGL_LABELS({"protocol",
					   sgl_front_protocol_name(
					       (sgl_front_protocol)p)},
				{"result", results[i]}),
			    (int64_t)t->enrolments[p][i]);
}

/* --------------------------------------------------- the organisation ---
 */

typedef struct number {
	char text[24];
} number;

static number
text_of(int64_t value)
{
	number n;

	(void)snprintf(n.text, sizeof n.text, "%lld", (long long)value);
	return n;
}

static void
tell_one(sgl_metrics *m, const char *name, int64_t value, const char *help)
{
	sgl_metrics_gauge(m, name, help);
	sgl_metrics_add(m, NULL, value);
}

/* What has never been has no time. */
static void
tell_time(sgl_metrics *m, const char *name, sgl_time t, const char *help)
{
	if (t != 0)
		tell_one(m, name, t, help);
}

static void
tell_certs(sgl_metrics *m, const sgl_cert_count *c)
{
	const number authority = text_of(c->authority);
	const struct {
		const char *state;
		int64_t value;
	} states[] = {{"current", c->current}, {"expired", c->expired},
	    {"revoked", c->revoked}};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		sgl_metrics_add(m,
		    SGL_LABELS({"authority", authority.text},
			{"purpose", sgl_cert_purpose_name(c->purpose)},
			{"state", states[i].state}),
		    states[i].value);
}

static void
tell_ending(sgl_metrics *m, const sgl_cert_count *c)
{
	const number authority = text_of(c->authority);

	for (size_t i = 0; i < SGL_NUM_HORIZONS; i++)
		sgl_metrics_add(m,
		    SGL_LABELS({"authority", authority.text},
			{"purpose", sgl_cert_purpose_name(c->purpose)},
			{"days", text_of(sgl_cert_horizons[i]).text}),
		    c->ending[i]);
}

static void
tell_counts(sgl_metrics *m, const sgl_counts *c)
{
	tell_one(m, "sigill_people", c->people, "People who are active.");
	sgl_metrics_gauge(m, "sigill_certificates",
	    "Certificates of people by the number of their authority (0: of "
	    "others), purpose and state.");
	for (size_t i = 0; i < c->num; i++)
		tell_certs(m, &c->of[i]);
	sgl_metrics_gauge(m, "sigill_certificates_expiring",
	    "Current certificates that end within so many days.");
	for (size_t i = 0; i < c->num; i++)
		tell_ending(m, &c->of[i]);
	tell_one(m, "sigill_keys_kept", c->keys,
	    "Private keys of people that are kept here.");
	tell_one(m, "sigill_recovery_requests_open", c->recoveries,
	    "Requests to recover keys that are open.");
	tell_one(m, "sigill_reminders_due", c->reminders,
	    "Mails to people that are not sent yet.");
}

typedef struct crl_family {
	const char *name, *help;
	size_t place; /* of the number in sgl_crl_fact */
} crl_family;

static const crl_family crl_families[] = {
    {"sigill_crl_number", "Number of the newest CRL of a part.",
	offsetof(sgl_crl_fact, number)},
    {"sigill_crl_this_update_timestamp_seconds",
	"When the newest CRL was made.", offsetof(sgl_crl_fact, this_update)},
    {"sigill_crl_next_update_timestamp_seconds",
	"When the newest CRL becomes stale.",
	offsetof(sgl_crl_fact, next_update)},
};

static void
tell_crls(sgl_metrics *m, const sgl_facts *f, const crl_family *family)
{
	int64_t value;

	sgl_metrics_gauge(m, family->name, family->help);
	for (size_t i = 0; i < f->num_crls; i++) {
		const sgl_crl_fact *c = &f->crls[i];

		memcpy(&value, (const char *)c + family->place, sizeof value);
		sgl_metrics_add(m,
		    SGL_LABELS({"authority", text_of(c->authority).text},
			{"kind", c->is_root ? "root" : "issuing"},
			{"shard", text_of(c->shard).text}),
		    value);
	}
}

static void
tell_records(sgl_metrics *m, sgl_home *home, const sgl_facts *f)
{
	tell_time(m, "sigill_authority_not_after_timestamp_seconds",
	    f->authority_until,
	    "When the first of the authorities that issue ends.");
	tell_time(m, "sigill_backup_last_timestamp_seconds", f->backup,
	    "When the last backup was made.");
	tell_one(
	    m, "sigill_audit_records", f->audit, "Records in the audit chain.");
	tell_time(m, "sigill_audit_signed_timestamp_seconds", f->signed_at,
	    "When the last record was made that a signature covers.");
	sgl_metrics_gauge(
	    m, "sigill_database_info", "Which kind of database it is.");
	sgl_metrics_add(
	    m, SGL_LABELS({"kind", sgl_store_kind(sgl_home_store(home))}), 1);
	tell_one(m, "sigill_database_schema_version", sgl_store_version(),
	    "Version of the tables.");
	tell_one(m, "sigill_database_size_bytes", f->size,
	    "Room that the database takes.");
	tell_one(m, "sigill_database_generation", f->generation,
	    "Number that every change raises.");
}

static sgl_status
gather(sgl_tally *t, sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_facts) f = {0};
	sgl_metrics m = sgl_metrics_over(&t->facts);

	sgl_buf_clear(&t->facts);
	t->facts = sgl_buf_init(FACTS_MAX);
	TRY(sgl_facts_gather(home, &f, err));
	tell_counts(&m, &f.counts);
	for (size_t i = 0; i < sizeof crl_families / sizeof *crl_families; i++)
		tell_crls(&m, &f, &crl_families[i]);
	tell_records(&m, home, &f);
	return sgl_metrics_end(&m, err);
}

static sgl_status
gather_if_old(sgl_tally *t, sgl_home *home, sgl_err *err)
{
	const int64_t now = sgl_microseconds_now();

	if (t->gathered != 0 && now - t->gathered < t->took * RARELY)
		return SGL_OK;
	t->gathered = 0;
	TRY(gather(t, home, err));
	t->gathered = now;
	t->took = sgl_microseconds_now() - now;
	return SGL_OK;
}

sgl_status
sgl_tally_tell(sgl_tally *t, sgl_home *home, sgl_buf *out, sgl_err *err)
{
	sgl_metrics m = sgl_metrics_over(out);

	TRY(gather_if_old(t, home, err));
	tell_done(t, &m);
	TRY(sgl_metrics_end(&m, err));
	return sgl_buf_add(out, sgl_buf_slice(&t->facts), err);
}
