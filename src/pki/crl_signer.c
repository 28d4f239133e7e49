/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl_check.h"

/* A CRL is no better than the signature on it (RFC 5280 6.3.3 (f), (g)). */
static bool
is_strong(const sgl_search *s, const sgl_crl *crl)
{
	sgl_sig_alg alg;

	if (sgl_sig_alg_read(crl->signature_algorithm, &alg, NULL) != SGL_OK ||
	    alg.digest == SGL_DIGEST_MD5)
		return false;
	return alg.digest != SGL_DIGEST_SHA1 || s->policy->allow_weak;
}

static bool
may_be_signer(const sgl_crl *crl, const sgl_cert *cert)
{
	if (cert->subject_hash != crl->issuer_hash ||
	    (cert->key_usage & SGL_KU_CRL_SIGN) == 0 ||
	    !sgl_name_same(cert->subject, crl->issuer))
		return false;
	return crl->aki_key_id.len == 0 || cert->ski.len == 0 ||
	    sgl_slice_eq(crl->aki_key_id, cert->ski);
}

static sgl_status
is_signed(sgl_search *s, const sgl_crl *crl, const sgl_cert *cert, bool *good,
    sgl_err *err)
{
	sgl_signed what = sgl_crl_as_signed(crl);
	sgl_status status;
	bool was_known;

	*good = false;
	if (!sgl_search_spend(s, SGL_STEP_EFFORT))
		return SGL_OK;
	status =
	    sgl_signed_check(s->engine, &what, cert, good, &was_known, err);
	if (status == SGL_E_UNSUPPORTED || status == SGL_E_LIMIT ||
	    status == SGL_E_ENCODING)
		return SGL_OK;
	return status;
}

bool
sgl_signer_is_in_progress(const sgl_search *s, const sgl_cert *cert)
{
	for (; s->outer != NULL; s = s->outer)
		if (!memcmp(s->leaf->fingerprint, cert->fingerprint,
			sizeof cert->fingerprint))
			return true;
	return false;
}

/* (f) */
sgl_status
sgl_signer_has_path(sgl_search *s, sgl_cert *cert, bool *good, sgl_err *err)
{
	sgl_path_policy policy = {.time = s->policy->time,
	    .purpose = SGL_PURPOSE_ANY,
	    .require_revocation = s->policy->require_revocation,
	    .check_revocation = s->policy->check_revocation,
	    .allow_weak = s->policy->allow_weak};
	sgl_cert *anchor = s->chain[s->num - 1];
	sgl_certs anchors = {&anchor, 1};
	sgl_search inner = {.engine = s->engine,
	    .evidence = s->evidence,
	    .policy = &policy,
	    .leaf = cert,
	    .outer = s,
	    .depth = s->depth + 1,
	    .effort = s->effort};
	sgl_path path;

	*good = false;
	if (inner.depth > SGL_MAX_SIGNERS)
		return SGL_OK;
	inner.evidence.anchors = &anchors;
	TRY(sgl_search_run(&inner, &path, err));
	*good = path.fault == SGL_PATH_OK;
	return SGL_OK;
}

static sgl_status
try_chain(sgl_search *s, size_t at, const sgl_crl *crl, sgl_cert **signer,
    sgl_err *err)
{
	bool good;

	/* They were judged before what is below them. */
	for (size_t i = at + 1; i < s->num; i++) {
		if (!may_be_signer(crl, s->chain[i]))
			continue;
		TRY(is_signed(s, crl, s->chain[i], &good, err));
		if (good) {
			*signer = s->chain[i];
			return SGL_OK;
		}
	}
	return SGL_OK;
}

static sgl_status
try_set(sgl_search *s, const sgl_certs *set, const sgl_crl *crl,
    sgl_cert **signer, sgl_err *err)
{
	bool good;

	for (size_t i = 0; set != NULL && i < set->num; i++) {
		if (!may_be_signer(crl, set->items[i]))
			continue;
		TRY(is_signed(s, crl, set->items[i], &good, err));
		if (good && !sgl_signer_is_in_progress(s, set->items[i]))
			TRY(sgl_signer_has_path(s, set->items[i], &good, err));
		if (good) {
			*signer = set->items[i];
			return SGL_OK;
		}
	}
	return SGL_OK;
}

sgl_status
sgl_crl_find_signer(sgl_search *s, size_t at, const sgl_crl *crl,
    sgl_cert **signer, sgl_err *err)
{
	*signer = NULL;
	if (!is_strong(s, crl))
		return SGL_OK;
	TRY(try_chain(s, at, crl, signer, err));
	if (*signer == NULL)
		TRY(try_set(s, s->evidence.intermediates, crl, signer, err));
	return SGL_OK;
}

sgl_status
sgl_crl_is_signed_by(sgl_search *s, const sgl_crl *crl, const sgl_cert *signer,
    bool *good, sgl_err *err)
{
	*good = false;
	if (!is_strong(s, crl) || !may_be_signer(crl, signer))
		return SGL_OK;
	return is_signed(s, crl, signer, good, err);
}
