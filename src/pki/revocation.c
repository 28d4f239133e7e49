/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "pki/crl_check.h"
#include "pki/ocsp.h"

#define ROOM "pki.revocation"

/* CRLs are tried in this order: those in force at the time asked for, the
 * newest first; then later ones, the nearest first; then outdated ones, which
 * can still say that something is revoked. */
typedef enum age { IN_FORCE, LATER, OUTDATED } age;

typedef struct candidate {
	sgl_crl *crl;
	age age;
} candidate;

typedef struct job {
	sgl_search *s;
	size_t at;
	const sgl_cert *cert;
	unsigned covered; /* reasons that some CRL has spoken about */
	bool is_revoked, saw_outdated, is_good_by_ocsp;
	sgl_crl_found found;
} job;

static age
age_of(const sgl_crl *crl, sgl_time time)
{
	if (crl->this_update > time)
		return LATER;
	return crl->has_next_update && crl->next_update < time ? OUTDATED
							       : IN_FORCE;
}

static int
compare_candidates(const void *a, const void *b)
{
	const candidate *x = a, *y = b;
	sgl_time t = x->crl->this_update, u = y->crl->this_update;

	if (x->age != y->age)
		return x->age < y->age ? -1 : 1;
	if (t != u)
		return (x->age == LATER ? t < u : t > u) ? -1 : 1;
	/* Equal ones must compare as equal, or qsort may run astray. */
	return sgl_slice_compare(y->crl->number, x->crl->number);
}

/* The delta CRLs that are in force, the newest of them, by the same signer
 * (6.3.3 (c), (h)). */
static sgl_status
find_delta(job *j, const sgl_crl *base, const sgl_cert *signer, sgl_crl **delta,
    sgl_err *err)
{
	const sgl_crls *crls = j->s->evidence.crls;
	bool good;

	*delta = NULL;
	for (size_t i = 0; i < crls->num; i++) {
		sgl_crl *one = crls->items[i];

		if (!sgl_crl_fits_delta(base, one) ||
		    age_of(one, j->s->policy->time) != IN_FORCE ||
		    (*delta != NULL &&
			one->this_update <= (*delta)->this_update))
			continue;
		TRY(sgl_crl_is_signed_by(j->s, one, signer, &good, err));
		if (good)
			*delta = one;
	}
	return SGL_OK;
}

/*
 * A list made after the time asked about tells when, and what was revoked only
 * later was good then. An invalidity date (5.3.2) is when it really happened.
 */
static bool
was_revoked(const job *j, const sgl_crl *crl, const sgl_crl_found *found)
{
	sgl_time time = j->s->policy->time;

	return crl->this_update <= time || found->revoked_at <= time ||
	    (found->has_invalidity_date && found->invalidity_date <= time);
}

/* (i) to (k): what the delta says, else what the base says. */
static sgl_status
look_up(job *j, sgl_crl *base, sgl_crl *delta, sgl_err *err)
{
	sgl_crl *in = delta != NULL ? delta : base;
	sgl_crl_found found;
	bool is_listed;

	TRY(sgl_crl_find(
	    in, j->cert->issuer, j->cert->serial, &is_listed, &found, err));
	if (!is_listed && in != base) {
		in = base;
		TRY(sgl_crl_find(in, j->cert->issuer, j->cert->serial,
		    &is_listed, &found, err));
	}
	if (is_listed && found.reason != SGL_CRL_REASON_REMOVE &&
	    was_revoked(j, in, &found)) {
		j->is_revoked = true;
		j->found = found;
	}
	return SGL_OK;
}

/* What is left out of a list because it has expired is not for that good. */
static bool
is_too_late(const job *j, const sgl_crl *crl)
{
	return crl->this_update > j->cert->not_after &&
	    crl->this_update > j->s->policy->time;
}

static sgl_status
try_crl(job *j, const candidate *c, unsigned reasons, sgl_err *err)
{
	sgl_cert *signer;
	sgl_crl *delta;
	bool is_current;

	TRY(sgl_crl_find_signer(j->s, j->at, c->crl, &signer, err));
	if (signer == NULL)
		return SGL_OK;
	TRY(find_delta(j, c->crl, signer, &delta, err));
	TRY(look_up(j, c->crl, delta, err));
	/* With a delta in force the two together are what is in force. */
	is_current = delta != NULL || c->age != OUTDATED;
	if (!is_current)
		j->saw_outdated = true;
	else if (!is_too_late(j, c->crl))
		j->covered |= reasons;
	return SGL_OK;
}

static bool
is_settled(const job *j)
{
	return j->is_revoked || j->covered == SGL_ALL_REASONS ||
	    *j->s->effort == 0;
}

/* 6.3.3 for one distribution point. */
static sgl_status
try_point(job *j, const sgl_crl_point *point, candidate *list, sgl_err *err)
{
	const sgl_crls *crls = j->s->evidence.crls;
	size_t num = 0;

	for (size_t i = 0; i < crls->num; i++) {
		sgl_crl *crl = crls->items[i];
		bool covers;

		if (crl->is_delta)
			continue;
		TRY(sgl_crl_covers(
		    crl, point, j->cert, j->s->effort, &covers, err));
		if (covers)
			list[num++] =
			    (candidate){crl, age_of(crl, j->s->policy->time)};
	}
	if (num > 1)
		qsort(list, num, sizeof *list, compare_candidates);
	for (size_t i = 0; i < num && !is_settled(j); i++) {
		unsigned reasons = list[i].crl->reasons & point->reasons;

		if ((reasons & ~j->covered) != 0)
			TRY(try_crl(j, &list[i], reasons, err));
	}
	return SGL_OK;
}

static sgl_status
try_points(job *j, candidate *list, sgl_err *err)
{
	sgl_der in = sgl_der_over(j->cert->crl_distribution_points);
	sgl_crl_point point;

	while (!is_settled(j) && sgl_crl_point_read(&in, &point))
		TRY(try_point(j, &point, list, err));
	if (is_settled(j))
		return SGL_OK;
	point = sgl_crl_point_default();
	return try_point(j, &point, list, err);
}

static sgl_status
try_crls(job *j, const sgl_crls *crls, sgl_err *err)
{
	SGL_AUTO_MEM candidate *list = sgl_mem_zeroed(crls->num, sizeof *list);

	if (list == NULL)
		return sgl_oom(err, ROOM);
	return try_points(j, list, err);
}

static void
note_ocsp(job *j, const sgl_ocsp_finding *f)
{
	switch (f->revocation) {
	case SGL_REVOCATION_REVOKED:
		j->is_revoked = true;
		j->found = (sgl_crl_found){
		    .revoked_at = f->revoked_at, .reason = f->reason};
		break;
	case SGL_REVOCATION_GOOD:
		j->is_good_by_ocsp = true;
		break;
	case SGL_REVOCATION_STALE:
		j->saw_outdated = true;
		break;
	case SGL_REVOCATION_UNKNOWN:
	case SGL_REVOCATION_NOT_ASKED:
		break;
	}
}

/* Hashes of the issuer, and a look at each answer. */
static uint32_t
cost_of_looking(const sgl_ocsp *ocsp)
{
	return ocsp->num_responses < SGL_STEP_EFFORT
	    ? 10 + (uint32_t)ocsp->num_responses
	    : SGL_STEP_EFFORT;
}

/* The issuer's signature or, for each certificate that came along, that on it
 * and its own. */
static uint32_t
cost_of_verifying(const sgl_ocsp *ocsp)
{
	return (uint32_t)(1 + 2 * ocsp->certs.num) * SGL_STEP_EFFORT;
}

/* RFC 6960 3.2 */
static sgl_status
try_ocsp(job *j, const sgl_ocsp *ocsp, sgl_err *err)
{
	const sgl_path_policy *policy = j->s->policy;
	sgl_ocsp_policy rules = {
	    .time = policy->time, .allow_weak = policy->allow_weak};
	sgl_ocsp_finding f;
	bool good = true;

	if (!sgl_search_spend(j->s, cost_of_looking(ocsp)))
		return SGL_OK;
	TRY(sgl_ocsp_check(j->s->engine, ocsp, j->cert, j->s->chain[j->at + 1],
	    &rules, &f, err));
	/* Most are about others. */
	if (f.fault == SGL_OCSP_FAULT_ERROR ||
	    f.fault == SGL_OCSP_FAULT_NO_ANSWER)
		return SGL_OK;
	(void)sgl_search_spend(j->s, cost_of_verifying(ocsp));
	if (f.ask_for_signer) {
		if (sgl_signer_is_in_progress(j->s, f.signer))
			return SGL_OK;
		TRY(sgl_signer_has_path(j->s, f.signer, &good, err));
	}
	if (good)
		note_ocsp(j, &f);
	return SGL_OK;
}

static sgl_status
try_ocsps(job *j, const sgl_ocsps *ocsps, sgl_err *err)
{
	if (j->at + 1 >= j->s->num)
		return SGL_OK; /* nobody issued it */
	for (size_t i = 0; i < ocsps->num && !j->is_revoked; i++)
		TRY(try_ocsp(j, ocsps->items[i], err));
	return SGL_OK;
}

static sgl_revocation
conclude(const job *j)
{
	if (j->is_revoked)
		return SGL_REVOCATION_REVOKED;
	if (j->covered == SGL_ALL_REASONS || j->is_good_by_ocsp)
		return SGL_REVOCATION_GOOD;
	return j->saw_outdated ? SGL_REVOCATION_STALE : SGL_REVOCATION_UNKNOWN;
}

sgl_status
sgl_revocation_check(sgl_search *s, size_t at, sgl_path *out, sgl_err *err)
{
	job j = {.s = s, .at = at, .cert = s->chain[at]};
	const sgl_evidence *e = &s->evidence;

	if (e->crls != NULL && e->crls->num > 0)
		TRY(try_crls(&j, e->crls, err));
	if (e->ocsps != NULL)
		TRY(try_ocsps(&j, e->ocsps, err));
	out->revocation[at] = conclude(&j);
	if (j.is_revoked) {
		out->revoked_at = j.found.revoked_at;
		out->revoked_reason = j.found.reason;
	}
	return SGL_OK;
}
