/* SPDX-License-Identifier: Apache-2.0 */
/* What an OCSP response proves: RFC 6960 3.2, 4.2.2. */
#include "pki/ocsp_inside.h"
#include "pki/signed.h"

#define MIN_RSA_BITS 2048

static const char *const fault_names[] = {
    [SGL_OCSP_FAULT_NONE] = "none",
    [SGL_OCSP_FAULT_ERROR] = "error",
    [SGL_OCSP_FAULT_NO_ANSWER] = "no-answer",
    [SGL_OCSP_FAULT_UNUSABLE] = "unknown-critical-extension",
    [SGL_OCSP_FAULT_NONCE] = "nonce",
    [SGL_OCSP_FAULT_RESPONDER] = "not-authorised",
    [SGL_OCSP_FAULT_SIGNATURE] = "bad-signature",
    [SGL_OCSP_FAULT_WEAK] = "weak",
};

const char *
sgl_ocsp_fault_name(sgl_ocsp_fault fault)
{
	return fault_names[fault];
}

typedef struct job {
	sgl_engine *engine;
	const sgl_ocsp *ocsp;
	const sgl_cert *cert;
	sgl_cert *issuer;
	const sgl_ocsp_policy *policy;
	bool saw_bad_signature;
} job;

/* The newest of what is said about the certificate. */
static sgl_status
find_answer(job *j, sgl_ocsp_single *out, bool *found, sgl_err *err)
{
	sgl_der in = sgl_der_over(j->ocsp->responses);
	sgl_ocsp_issuer issuer;
	sgl_ocsp_single one;

	*found = false;
	TRY(sgl_ocsp_issuer_init(j->engine, j->issuer, &issuer, err));
	while (sgl_ocsp_single_read(&in, &one)) {
		if (!sgl_slice_eq(one.id.serial, j->cert->serial) ||
		    !sgl_ocsp_issuer_is(&issuer, &one.id) ||
		    (*found && one.this_update <= out->this_update))
			continue;
		*out = one;
		*found = true;
	}
	return SGL_OK;
}

static bool
is_nonce_good(const job *j)
{
	sgl_slice want = j->policy->nonce, got = j->ocsp->nonce;

	if (want.len == 0 || got.len == 0)
		return want.len == 0 || !j->policy->require_nonce;
	return sgl_slice_eq(want, got);
}

/* responderID is no more than a hint. */
static bool
is_named(const sgl_ocsp *ocsp, const sgl_cert *cert)
{
	if (ocsp->responder_name.len > 0)
		return sgl_name_same(ocsp->responder_name, cert->subject);
	return sgl_slice_eq(ocsp->responder_key,
	    sgl_slice_of(cert->key_id, sizeof cert->key_id));
}

/* 4.2.2.2: it must be said, and "any usage" does not say it. */
static bool
is_for_ocsp(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->ext_key_usage);
	sgl_slice oid;

	if ((cert->key_usage & SGL_KU_DIGITAL_SIGNATURE) == 0)
		return false;
	while (sgl_der_read_bytes(&in, SGL_OID, &oid))
		if (sgl_slice_eq(oid, sgl_oid_der(SGL_OID_KP_OCSP_SIGNING)))
			return true;
	return false;
}

/* It was valid when it signed, and, as a key that was given up could date its
 * answers back, is so at the time that is asked about. */
static bool
is_in_force(const job *j, const sgl_cert *cert)
{
	sgl_time made = j->ocsp->produced_at, asked = j->policy->time;

	return cert->not_before <= made + j->policy->leeway &&
	    made <= cert->not_after && asked <= cert->not_after;
}

static bool
may_be_delegate(const job *j, const sgl_cert *cert)
{
	return cert->issuer_hash == j->issuer->subject_hash &&
	    sgl_name_same(cert->issuer, j->issuer->subject) &&
	    is_for_ocsp(cert) && is_in_force(j, cert) &&
	    cert->malformed_extension.len == 0 &&
	    cert->duplicate_extension.len == 0 &&
	    cert->forbidden_extension.len == 0 &&
	    cert->unknown_critical.len == 0;
}

static bool
is_unusable_key(sgl_status status)
{
	return status == SGL_E_UNSUPPORTED || status == SGL_E_LIMIT ||
	    status == SGL_E_ENCODING;
}

static sgl_status
is_signed_by(job *j, const sgl_cert *cert, bool *good, sgl_err *err)
{
	const sgl_ocsp *o = j->ocsp;
	sgl_signed what = {
	    o->tbs, o->algorithm, o->algorithm, o->signature, o->fingerprint};
	bool was_known;
	sgl_status status =
	    sgl_signed_check(j->engine, &what, cert, good, &was_known, err);

	if (is_unusable_key(status)) {
		*good = false;
		status = SGL_OK;
	}
	if (status == SGL_OK && !*good)
		j->saw_bad_signature = true;
	return status;
}

static sgl_status
is_delegate(job *j, const sgl_cert *cert, bool *good, sgl_err *err)
{
	sgl_status status;

	*good = false;
	if (!is_named(j->ocsp, cert) || !may_be_delegate(j, cert))
		return SGL_OK;
	status = sgl_cert_is_signed_by(j->engine, cert, j->issuer, good, err);
	if (is_unusable_key(status)) {
		*good = false;
		return SGL_OK;
	}
	return status;
}

static sgl_status
find_signer(job *j, sgl_cert **signer, sgl_err *err)
{
	const sgl_certs *certs = &j->ocsp->certs;
	bool good = false;

	*signer = NULL;
	if (is_named(j->ocsp, j->issuer))
		TRY(is_signed_by(j, j->issuer, &good, err));
	if (good)
		*signer = j->issuer;
	for (size_t i = 0; *signer == NULL && i < certs->num; i++) {
		TRY(is_delegate(j, certs->items[i], &good, err));
		if (good)
			TRY(is_signed_by(j, certs->items[i], &good, err));
		if (good)
			*signer = certs->items[i];
	}
	return SGL_OK;
}

static bool
is_weak_digest(sgl_digest_alg digest, bool allow_weak)
{
	return digest == SGL_DIGEST_NONE || digest == SGL_DIGEST_MD5 ||
	    (digest == SGL_DIGEST_SHA1 && !allow_weak);
}

static bool
is_weak(const job *j, const sgl_cert *signer)
{
	bool allow = j->policy->allow_weak;
	sgl_sig_alg alg;

	if (sgl_sig_alg_read(j->ocsp->algorithm, &alg, NULL) != SGL_OK ||
	    is_weak_digest(alg.digest, allow))
		return true;
	if (signer->key_kind == SGL_KEY_RSA &&
	    signer->key_bits < MIN_RSA_BITS && !allow)
		return true;
	return signer != j->issuer &&
	    is_weak_digest(sgl_cert_get_signature_digest(signer), allow);
}

static sgl_status
judge(job *j, sgl_ocsp_single *one, sgl_ocsp_finding *out, sgl_err *err)
{
	bool found;

	out->fault = SGL_OCSP_FAULT_ERROR;
	if (j->ocsp->error != SGL_OCSP_SUCCESSFUL)
		return SGL_OK;
	out->fault = SGL_OCSP_FAULT_NO_ANSWER;
	TRY(find_answer(j, one, &found, err));
	if (!found)
		return SGL_OK;
	out->fault = SGL_OCSP_FAULT_UNUSABLE;
	if (j->ocsp->is_unusable || one->is_unusable)
		return SGL_OK;
	out->fault = SGL_OCSP_FAULT_NONCE;
	if (!is_nonce_good(j))
		return SGL_OK;
	TRY(find_signer(j, &out->signer, err));
	out->fault = j->saw_bad_signature ? SGL_OCSP_FAULT_SIGNATURE
					  : SGL_OCSP_FAULT_RESPONDER;
	if (out->signer == NULL)
		return SGL_OK;
	out->fault =
	    is_weak(j, out->signer) ? SGL_OCSP_FAULT_WEAK : SGL_OCSP_FAULT_NONE;
	return SGL_OK;
}

static bool
is_outdated(const sgl_ocsp_single *one, const sgl_ocsp_policy *p)
{
	sgl_time end = one->has_next_update ? one->next_update
					    : one->this_update + p->max_age;

	return end + p->leeway < p->time;
}

/* RFC 6960 2.4, 4.2.2.1, and what sgl_path_policy says about times. */
static sgl_revocation
conclude(
    const sgl_ocsp_single *one, const sgl_ocsp_policy *p, const sgl_cert *cert)
{
	bool is_later = one->this_update > p->time + p->leeway;

	switch (one->status) {
	case SGL_OCSP_UNKNOWN:
		return SGL_REVOCATION_UNKNOWN;
	case SGL_OCSP_REVOKED:
		return is_later && one->revoked_at > p->time
		    ? SGL_REVOCATION_GOOD
		    : SGL_REVOCATION_REVOKED;
	case SGL_OCSP_GOOD:
		break;
	}
	/* Whoever keeps no records of what has expired calls it good. */
	if (is_later && one->this_update > cert->not_after)
		return SGL_REVOCATION_UNKNOWN;
	return is_outdated(one, p) ? SGL_REVOCATION_STALE : SGL_REVOCATION_GOOD;
}

sgl_status
sgl_ocsp_check(sgl_engine *engine, const sgl_ocsp *ocsp, const sgl_cert *cert,
    sgl_cert *issuer, const sgl_ocsp_policy *policy, sgl_ocsp_finding *out,
    sgl_err *err)
{
	job j = {.engine = engine,
	    .ocsp = ocsp,
	    .cert = cert,
	    .issuer = issuer,
	    .policy = policy};
	sgl_ocsp_finding f = {
	    .revocation = SGL_REVOCATION_UNKNOWN, .reason = -1};
	sgl_ocsp_single one = {.reason = -1};

	TRY(judge(&j, &one, &f, err));
	if (f.fault == SGL_OCSP_FAULT_NONE) {
		f.revocation = conclude(&one, policy, cert);
		f.revoked_at = one.revoked_at;
		f.reason = one.reason;
		f.this_update = one.this_update;
		f.next_update = one.next_update;
		f.has_next_update = one.has_next_update;
		f.ask_for_signer =
		    f.signer != issuer && !f.signer->ocsp_nocheck;
	}
	*out = f;
	return SGL_OK;
}
