/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/search.h"

#define MIN_RSA_BITS 2048

static bool
is_for_mail(const sgl_search *s)
{
	return s->policy->purpose != SGL_PURPOSE_ANY;
}

static sgl_path_fault
judge_form(const sgl_cert *cert)
{
	return cert->malformed_extension.len > 0 ||
		cert->duplicate_extension.len > 0 ||
		cert->forbidden_extension.len > 0
	    ? SGL_PATH_MALFORMED
	    : SGL_PATH_OK;
}

static sgl_path_fault
judge_time(const sgl_search *s, const sgl_cert *cert)
{
	if (s->policy->time < cert->not_before)
		return SGL_PATH_NOT_YET_VALID;
	if (s->policy->time > cert->not_after)
		return SGL_PATH_EXPIRED;
	return SGL_PATH_OK;
}

/* What can be seen of any certificate by itself (RFC 5280 6.1.3 (a)(2), 4.2).
 */
static sgl_path_fault
judge_one(const sgl_search *s, const sgl_cert *cert)
{
	sgl_path_fault fault = judge_form(cert);

	return fault != SGL_PATH_OK ? fault : judge_time(s, cert);
}

static bool
has_short_key(const sgl_cert *cert)
{
	return cert->key_kind == SGL_KEY_RSA && cert->key_bits < MIN_RSA_BITS;
}

/* The signature that `issuer` made on `cert`. */
static sgl_path_fault
judge_strength(const sgl_search *s, const sgl_cert *cert,
    const sgl_cert *issuer, bool *is_weak)
{
	switch (sgl_cert_get_signature_digest(cert)) {
	case SGL_DIGEST_MD5:
		*is_weak = true;
		return SGL_PATH_WEAK;
	case SGL_DIGEST_SHA1:
		*is_weak = true;
		break;
	case SGL_DIGEST_NONE:
	case SGL_DIGEST_SHA224:
	case SGL_DIGEST_SHA256:
	case SGL_DIGEST_SHA384:
	case SGL_DIGEST_SHA512:
		if (!has_short_key(issuer))
			return SGL_PATH_OK;
		*is_weak = true;
	}
	return s->policy->allow_weak ? SGL_PATH_OK : SGL_PATH_WEAK;
}

/* RFC 5280 6.1.4 (k) leaves certificates without extensions to other ways of
 * knowing: being made an anchor by hand is one. */
static bool
is_ca(const sgl_cert *cert, bool is_anchor)
{
	if (cert->subject.len <= 2)
		return false; /* 4.1.2.6: a CA has a name */
	return cert->is_ca ||
	    (is_anchor && cert->version < 3 && cert->extensions.len == 0 &&
		cert->is_self_issued);
}

/* RFC 5280 6.1.4 (k), (n), 4.2.1.12; the order is that of the clause. */
static sgl_path_fault
judge_ca(const sgl_search *s, const sgl_cert *cert, bool is_anchor)
{
	if (!is_ca(cert, is_anchor))
		return SGL_PATH_NOT_A_CA;
	if ((cert->key_usage & SGL_KU_KEY_CERT_SIGN) == 0)
		return SGL_PATH_KEY_USAGE;
	if (is_for_mail(s) &&
	    !sgl_cert_has_ext_key_usage(cert, SGL_OID_KP_EMAIL_PROTECTION))
		return SGL_PATH_EXT_KEY_USAGE;
	return SGL_PATH_OK;
}

static sgl_path_fault
judge_usage(const sgl_search *s, const sgl_cert *leaf)
{
	bool may = true;

	switch (s->policy->purpose) {
	case SGL_PURPOSE_ANY:
		return SGL_PATH_OK;
	case SGL_PURPOSE_MAIL_SIGN:
		may = sgl_cert_may_sign(leaf);
		break;
	case SGL_PURPOSE_MAIL_ENCRYPT:
		may = sgl_cert_may_encrypt(leaf);
		break;
	}
	if (may)
		return SGL_PATH_OK;
	return leaf->key_kind == SGL_KEY_UNKNOWN ? SGL_PATH_UNSUPPORTED
						 : SGL_PATH_WRONG_USAGE;
}

static bool
is_weak_leaf(const sgl_search *s, const sgl_cert *leaf, sgl_path *out)
{
	if (!has_short_key(leaf))
		return false;
	out->is_weak = true;
	return !s->policy->allow_weak;
}

sgl_path_fault
sgl_judge_leaf(const sgl_search *s)
{
	sgl_path_fault fault = judge_one(s, s->leaf);

	if (fault == SGL_PATH_OK && s->leaf->unknown_critical.len > 0)
		fault = SGL_PATH_UNKNOWN_CRITICAL;
	return fault != SGL_PATH_OK ? fault : judge_usage(s, s->leaf);
}

/* Certificates between the leaf and chain[below], both left out, that count
 * for a path length (RFC 5280 4.2.1.9). */
static size_t
num_between(sgl_cert *const *chain, size_t below)
{
	size_t n = 0;

	for (size_t i = 1; i < below; i++)
		n += !chain[i]->is_self_issued;
	return n;
}

sgl_path_fault
sgl_judge_edge(const sgl_search *s, const sgl_cert *issuer)
{
	sgl_path_fault fault = judge_one(s, issuer);
	bool is_weak = false;

	/* An anchor may pass as CA where another may not; sgl_judge_chain will
	 * see the difference. */
	if (fault == SGL_PATH_OK)
		fault = judge_ca(s, issuer, true);
	if (fault == SGL_PATH_OK && issuer->unknown_critical.len > 0)
		fault = SGL_PATH_UNKNOWN_CRITICAL;
	if (fault == SGL_PATH_OK && issuer->has_path_len &&
	    num_between(s->chain, s->num) > issuer->path_len)
		fault = SGL_PATH_TOO_LONG;
	if (fault == SGL_PATH_OK)
		fault =
		    judge_strength(s, s->chain[s->num - 1], issuer, &is_weak);
	return fault;
}

/* One walk from the anchor down (RFC 5280 6.1.3 to 6.1.5). */
typedef struct walk {
	sgl_search *s;
	sgl_path *out;
	size_t policy_fault_at;
	uint64_t max_path_len;
} walk;

/* The first is remembered as the fault, and all are. */
static void
note(walk *w, size_t i, sgl_path_fault fault)
{
	if (fault == SGL_PATH_OK)
		return;
	if (w->out->faults == 0) {
		w->out->fault = fault;
		w->out->fault_at = i;
	}
	w->out->faults |= 1u << fault;
}

static void
note_one(walk *w, size_t i)
{
	note(w, i, judge_form(w->s->chain[i]));
	note(w, i, judge_time(w->s, w->s->chain[i]));
}

static bool
is_settled(const walk *w)
{
	return w->s->outer != NULL && w->out->faults != 0;
}

static bool
constraints_allow(const walk *w, size_t i)
{
	const sgl_search *s = w->s;
	const sgl_cert *cert = s->chain[i];

	/* 6.1.3 (b): a self-issued one in between is spared. */
	if (cert->is_self_issued && i > 0)
		return true;
	for (size_t k = i + 1; k < s->num; k++)
		if (s->chain[k]->name_constraints.len > 0 &&
		    !sgl_constraints_allow(s->chain[k], cert, s->effort))
			return false;
	return true;
}

/* The date and reason of a revocation are those of the first. */
static sgl_status
check_revocation(walk *w, size_t i, sgl_err *err)
{
	sgl_path *out = w->out;
	bool has_date = (out->faults & 1u << SGL_PATH_REVOKED) != 0;
	sgl_time at = out->revoked_at;
	int reason = out->revoked_reason;

	TRY(sgl_revocation_check(w->s, i, out, err));
	if (has_date) {
		out->revoked_at = at;
		out->revoked_reason = reason;
	}
	return SGL_OK;
}

/* Who vouches for a CRL is known only where there is an anchor. */
static sgl_status
judge_revocation(walk *w, size_t i, sgl_err *err)
{
	const sgl_path_policy *policy = w->s->policy;

	if (!w->out->reaches_anchor ||
	    (!policy->check_revocation && !policy->require_revocation))
		return SGL_OK;
	TRY(check_revocation(w, i, err));
	switch (w->out->revocation[i]) {
	case SGL_REVOCATION_REVOKED:
		note(w, i, SGL_PATH_REVOKED);
		break;
	case SGL_REVOCATION_UNKNOWN:
	case SGL_REVOCATION_STALE:
		/* Who floods us with CRLs must not hide the right one. */
		if (*w->s->effort == 0)
			note(w, i, SGL_PATH_GAVE_UP);
		else if (policy->require_revocation)
			note(w, i, SGL_PATH_REVOCATION_UNKNOWN);
		break;
	case SGL_REVOCATION_NOT_ASKED:
	case SGL_REVOCATION_GOOD:
		break;
	}
	return SGL_OK;
}

/* What concerns certificates below the last (6.1.3). */
static sgl_status
judge_below(walk *w, size_t i, sgl_err *err)
{
	const sgl_search *s = w->s;

	note(w, i,
	    judge_strength(s, s->chain[i], s->chain[i + 1], &w->out->is_weak));
	note_one(w, i);
	if (is_settled(w))
		return SGL_OK;
	TRY(judge_revocation(w, i, err));
	if (is_settled(w))
		return SGL_OK;
	if (!constraints_allow(w, i))
		note(w, i, SGL_PATH_NAME_CONSTRAINTS);
	if (w->policy_fault_at == i)
		note(w, i, SGL_PATH_POLICY);
	return SGL_OK;
}

/* 6.1.4 (k) to (o) */
static void
judge_issuer(walk *w, size_t i)
{
	const sgl_cert *cert = w->s->chain[i];
	bool is_anchor = i == w->s->num - 1 && w->out->reaches_anchor;
	sgl_path_fault fault = judge_ca(w->s, cert, is_anchor);

	if (fault == SGL_PATH_NOT_A_CA)
		note(w, i, fault);
	if (!is_anchor && !cert->is_self_issued) {
		if (w->max_path_len == 0)
			note(w, i, SGL_PATH_TOO_LONG);
		else
			w->max_path_len--;
	}
	if (cert->has_path_len && cert->path_len < w->max_path_len)
		w->max_path_len = cert->path_len;
	note(w, i, fault);
	if (cert->unknown_critical.len > 0)
		note(w, i, SGL_PATH_UNKNOWN_CRITICAL);
}

static void
judge_end(walk *w)
{
	const sgl_cert *leaf = w->s->leaf;

	if (leaf->unknown_critical.len > 0)
		note(w, 0, SGL_PATH_UNKNOWN_CRITICAL);
	if (is_weak_leaf(w->s, leaf, w->out))
		note(w, 0, SGL_PATH_WEAK);
	note(w, 0, judge_usage(w->s, leaf));
}

static sgl_status
judge_step(walk *w, size_t i, sgl_err *err)
{
	if (i == w->s->num - 1)
		note_one(w, i);
	else
		TRY(judge_below(w, i, err));
	if (i > 0)
		judge_issuer(w, i);
	else
		judge_end(w);
	return SGL_OK;
}

sgl_status
sgl_judge_chain(sgl_search *s, sgl_path *out, sgl_err *err)
{
	walk w = {.s = s,
	    .out = out,
	    .policy_fault_at = SIZE_MAX,
	    .max_path_len = UINT64_MAX};

	out->revoked_reason = -1;
	if (out->reaches_anchor)
		TRY(sgl_policies_check(
		    s->chain, s->num, s->policy, &w.policy_fault_at, err));
	for (size_t i = s->num; i-- > 0 && !is_settled(&w);)
		TRY(judge_step(&w, i, err));
	return SGL_OK;
}
