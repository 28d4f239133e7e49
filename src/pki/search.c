/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/search.h"

/*
 * The search goes from the leaf upwards, depth first (RFC 4158 2.4.2), anchors
 * before others at every level, and among them those first whose key the
 * certificate names. It runs twice at most: first along edges without fault
 * only; and where that finds nothing, along all whose signatures are good, so
 * that there is something to tell. A graph of cross certificates has paths
 * without number; the count of steps ends it.
 */

bool
sgl_search_spend(const sgl_search *s, uint32_t cost)
{
	if (*s->effort < cost) {
		*s->effort = 0;
		return false;
	}
	*s->effort -= cost;
	return true;
}

typedef enum match {
	MATCH_YES, /* authority and subject key identifiers agree */
	MATCH_MAYBE,
	MATCH_NO
} match;

static match
match_keys(const sgl_cert *cert, const sgl_cert *issuer)
{
	if (cert->aki_key_id.len > 0 && issuer->ski.len > 0)
		return sgl_slice_eq(cert->aki_key_id, issuer->ski) ? MATCH_YES
								   : MATCH_NO;
	return MATCH_MAYBE;
}

static bool
is_among(const sgl_certs *set, const sgl_cert *cert)
{
	for (size_t i = 0; set != NULL && i < set->num; i++)
		if (!memcmp(set->items[i]->fingerprint, cert->fingerprint,
			sizeof cert->fingerprint))
			return true;
	return false;
}

/* RFC 4158 5.2: the same name and key a second time leads in a circle. */
static bool
is_in_chain(const sgl_search *s, const sgl_cert *cert)
{
	for (size_t i = 0; i < s->num; i++)
		if (s->chain[i] == cert ||
		    (s->chain[i]->subject_hash == cert->subject_hash &&
			sgl_slice_eq(s->chain[i]->spki, cert->spki) &&
			sgl_name_same(s->chain[i]->subject, cert->subject)))
			return true;
	return false;
}

/* Is `a` better to tell about than `b`? Both have faults. */
static bool
is_better(const sgl_path *a, const sgl_path *b)
{
	if (a->reaches_anchor != b->reaches_anchor)
		return a->reaches_anchor;
	if (a->reaches_anchor)
		return a->fault_at < b->fault_at;
	if (a->num != b->num)
		return a->num > b->num;
	return b->fault == SGL_PATH_NO_ANCHOR && a->fault != b->fault;
}

static void
offer(sgl_search *s, const sgl_path *p)
{
	if (s->has_best && p->fault != SGL_PATH_OK && !is_better(p, s->best))
		return;
	*s->best = *p;
	s->has_best = true;
}

static void
copy_chain(const sgl_search *s, sgl_path *p)
{
	memcpy(p->certs, s->chain, s->num * sizeof *s->chain);
	p->num = s->num;
}

/* The path ends at the last certificate so far, for the reason given. */
static void
offer_end(sgl_search *s, sgl_path_fault fault)
{
	sgl_path p = {0};

	copy_chain(s, &p);
	p.fault = fault;
	p.fault_at = s->num - 1;
	p.faults = 1u << fault | 1u << SGL_PATH_NO_ANCHOR;
	p.is_weak = fault == SGL_PATH_WEAK;
	p.revoked_reason = -1;
	offer(s, &p);
}

static sgl_status
offer_whole(sgl_search *s, sgl_err *err)
{
	sgl_path p = {0};

	copy_chain(s, &p);
	p.reaches_anchor = true;
	TRY(sgl_judge_chain(s, &p, err));
	offer(s, &p);
	return SGL_OK;
}

static bool
is_found(const sgl_search *s)
{
	return s->has_best && s->best->fault == SGL_PATH_OK;
}

/* *fault is OK where the candidate's key verifies the certificate. A key that
 * cannot be used verifies nothing, but is not a failure of ours. */
static sgl_status
check_signature(sgl_search *s, const sgl_cert *cert, const sgl_cert *issuer,
    sgl_path_fault *fault, sgl_err *err)
{
	bool good = false;
	sgl_status status;

	/* Whoever can make two texts with one digest can make any: such a
	 * signature is not even looked at. */
	if (sgl_cert_get_signature_digest(cert) == SGL_DIGEST_MD5) {
		*fault = SGL_PATH_WEAK;
		return SGL_OK;
	}
	status = sgl_cert_is_signed_by(s->engine, cert, issuer, &good, err);
	switch (status) {
	case SGL_OK:
		*fault = good ? SGL_PATH_OK : SGL_PATH_BAD_SIGNATURE;
		return SGL_OK;
	case SGL_E_UNSUPPORTED:
	case SGL_E_LIMIT:
		*fault = SGL_PATH_UNSUPPORTED;
		return SGL_OK;
	case SGL_E_ENCODING:
		*fault = SGL_PATH_BAD_SIGNATURE;
		return SGL_OK;
	case SGL_NEED_KEY:
	case SGL_E_NOKEY:
	case SGL_E_PASSWORD:
	case SGL_E_DECRYPT:
	case SGL_E_MISMATCH:
	case SGL_E_USAGE:
	case SGL_E_IO:
	case SGL_E_NOMEM:
	case SGL_E_CRYPTO:
		break;
	}
	return status;
}

static sgl_status extend(sgl_search *s, sgl_err *err);

static sgl_status
go_up(sgl_search *s, sgl_cert *issuer, bool is_anchor, sgl_err *err)
{
	sgl_status status;

	s->chain[s->num++] = issuer;
	status = is_anchor ? offer_whole(s, err) : extend(s, err);
	s->num--;
	return status;
}

static sgl_status
try_issuer(sgl_search *s, sgl_cert *issuer, bool is_anchor, match m,
    bool *is_dead_end, sgl_err *err)
{
	const sgl_cert *cert = s->chain[s->num - 1];
	sgl_path_fault fault;

	if (is_in_chain(s, issuer) ||
	    (!s->lenient && sgl_judge_edge(s, issuer) != SGL_PATH_OK))
		return SGL_OK;
	if (s->num == SGL_PATH_MAX) {
		s->was_cut = true;
		return SGL_OK;
	}
	if (s->steps == 0 ||
	    (s->outer != NULL && !sgl_search_spend(s, SGL_STEP_EFFORT))) {
		s->was_cut = s->gave_up = true;
		return SGL_OK;
	}
	s->steps--;
	TRY(check_signature(s, cert, issuer, &fault, err));
	if (fault == SGL_PATH_OK) {
		*is_dead_end = false;
		return go_up(s, issuer, is_anchor, err);
	}
	/* One of the same name with another key than the one meant says
	 * nothing about the certificate. */
	if (m != MATCH_NO)
		offer_end(s, fault);
	return SGL_OK;
}

static sgl_status
try_set(sgl_search *s, const sgl_certs *set, bool are_anchors, match m,
    bool *is_dead_end, sgl_err *err)
{
	const sgl_cert *cert = s->chain[s->num - 1];

	for (size_t i = 0; set != NULL && i < set->num; i++) {
		sgl_cert *issuer = set->items[i];

		if (issuer->subject_hash != cert->issuer_hash ||
		    match_keys(cert, issuer) != m ||
		    !sgl_name_same(issuer->subject, cert->issuer) ||
		    (!are_anchors && is_among(s->evidence.anchors, issuer)))
			continue;
		TRY(try_issuer(s, issuer, are_anchors, m, is_dead_end, err));
		if (is_found(s) || s->gave_up)
			break;
	}
	return SGL_OK;
}

static sgl_status
extend(sgl_search *s, sgl_err *err)
{
	static const match order[] = {MATCH_YES, MATCH_MAYBE, MATCH_NO};
	bool is_dead_end = true;

	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		TRY(try_set(
		    s, s->evidence.anchors, true, order[i], &is_dead_end, err));
		if (is_found(s) || s->gave_up)
			return SGL_OK;
		TRY(try_set(s, s->evidence.intermediates, false, order[i],
		    &is_dead_end, err));
		if (is_found(s) || s->gave_up)
			return SGL_OK;
	}
	if (is_dead_end)
		offer_end(s, SGL_PATH_NO_ANCHOR);
	return SGL_OK;
}

static sgl_status
search_once(sgl_search *s, bool lenient, sgl_err *err)
{
	s->lenient = lenient;
	s->gave_up = s->was_cut = false;
	s->steps = sgl_engine_limits(s->engine)->path_steps;
	s->chain[0] = s->leaf;
	s->num = 1;
	if (is_among(s->evidence.anchors, s->leaf))
		return offer_whole(s, err);
	return extend(s, err);
}

/* What else is wrong with the best path, which leads to no anchor. */
static sgl_status
judge_loose_end(sgl_search *s, sgl_err *err)
{
	if (s->outer != NULL || s->best->reaches_anchor)
		return SGL_OK;
	memcpy(s->chain, s->best->certs, s->best->num * sizeof *s->chain);
	s->num = s->best->num;
	return sgl_judge_chain(s, s->best, err);
}

sgl_status
sgl_search_run(sgl_search *s, sgl_path *out, sgl_err *err)
{
	bool was_cut = false;

	*out = (sgl_path){.revoked_reason = -1};
	s->best = out;
	s->has_best = false;
	/* No path mends what is wrong with the leaf itself. */
	if (sgl_judge_leaf(s) == SGL_PATH_OK) {
		TRY(search_once(s, false, err));
		if (is_found(s))
			return SGL_OK;
		was_cut = s->was_cut;
	}
	TRY(search_once(s, true, err));
	if (!s->has_best)
		offer_end(s, SGL_PATH_GAVE_UP);
	if (was_cut && out->fault != SGL_PATH_OK) {
		out->fault = SGL_PATH_GAVE_UP;
		out->faults |= 1u << SGL_PATH_GAVE_UP;
	}
	return judge_loose_end(s, err);
}
