/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signer: is the signature right, whose is it, may that certificate be
 * believed, and is it the sender's? Where the signature itself cannot be relied
 * on, that is all there is to say. Else everything that is wrong is noted, and
 * the worst is the verdict: one thing that somebody can live with must not hide
 * another.
 */
#include "base/addr.h"
#include "smime/verdict.h"

#define ROOM "smime.judge"
/* From and certificate are the sender's own: their product needs a bound. */
#define MAX_COMPARISONS ((size_t)1 << 18)

unsigned
sgl_signature_rank(sgl_signature_state s)
{
	static const sgl_signature_state order[] = {
	    SGL_SIGNATURE_VALID_TRUSTED,
	    SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN,
	    SGL_SIGNATURE_VALID_ADDRESS_MISMATCH,
	    SGL_SIGNATURE_WEAK,
	    SGL_SIGNATURE_VALID_UNTRUSTED,
	    SGL_SIGNATURE_WRONG_USAGE,
	    SGL_SIGNATURE_NOT_YET_VALID,
	    SGL_SIGNATURE_EXPIRED,
	    SGL_SIGNATURE_CHAIN_ERROR,
	    SGL_SIGNATURE_REVOKED,
	    SGL_SIGNATURE_NO_CERTIFICATE,
	    SGL_SIGNATURE_UNSUPPORTED,
	    SGL_SIGNATURE_TAMPERED,
	    SGL_SIGNATURE_NONE,
	};
	unsigned i = 0;

	while (i < sizeof order / sizeof *order && order[i] != s)
		i++;
	return i;
}

/* The one thing to say. */
static void
decide(sgl_signer_verdict *out, sgl_signature_state state, const char *reason)
{
	out->state = state;
	out->reason = reason;
	out->defects = 1u << state;
}

/* One thing that is wrong, beside others. */
static void
note(sgl_signer_verdict *out, sgl_signature_state state, const char *reason)
{
	out->defects |= 1u << state;
	if (sgl_signature_rank(state) <= sgl_signature_rank(out->state))
		return;
	out->state = state;
	out->reason = reason;
}

/* What the reader already found wrong. */
static bool
judge_faults(const sgl_signer_info *info, sgl_signer_verdict *out)
{
	switch (info->fault) {
	case SGL_SIGNER_OK:
	case SGL_SIGNER_NOT_LISTED:
	case SGL_SIGNER_UNSUPPORTED:
		return false;
	case SGL_SIGNER_ATTRIBUTES:
		decide(out, SGL_SIGNATURE_TAMPERED, "malformed-attributes");
		break;
	case SGL_SIGNER_CONTENT_TYPE:
		decide(out, SGL_SIGNATURE_TAMPERED, "content-type-mismatch");
		break;
	case SGL_SIGNER_ALGORITHMS:
		decide(out, SGL_SIGNATURE_TAMPERED, "algorithm-mismatch");
		break;
	}
	return true;
}

/* What cannot be verified, whatever the key. */
static bool
judge_algorithms(const sgl_signer_info *info, sgl_signer_verdict *out)
{
	if (info->fault == SGL_SIGNER_NOT_LISTED)
		decide(out, SGL_SIGNATURE_UNSUPPORTED, "digest-not-listed");
	else if (info->fault == SGL_SIGNER_UNSUPPORTED)
		decide(out, SGL_SIGNATURE_UNSUPPORTED, "unsupported-algorithm");
	else if (info->digest == SGL_DIGEST_MD5)
		/* It can be made to match: it proves nothing. */
		decide(out, SGL_SIGNATURE_UNSUPPORTED, "md5");
	else if (!info->has_content_digest)
		decide(out, SGL_SIGNATURE_UNSUPPORTED, "digest-not-made");
	else
		return false;
	return true;
}

/* RFC 5652 5.4: with signed attributes, message-digest is the content's. Where
 * it is not, that is so whether or not the signature can be verified. */
static bool
judge_digest(const sgl_signer_info *info, sgl_signer_verdict *out)
{
	if (!info->has_content_digest || !info->has_attrs ||
	    sgl_slice_eq(
		info->message_digest, sgl_digest_slice(&info->content_digest)))
		return false;
	decide(out, SGL_SIGNATURE_TAMPERED, "digest-mismatch");
	return true;
}

/* RFC 5035 4: the certificate must be the one the signer meant. */
static sgl_status
is_meant(const sgl_judging *j, const sgl_signer_info *info,
    const sgl_cert *cert, bool *meant, sgl_err *err)
{
	sgl_digest d;

	*meant = true;
	if (!info->has_ess_hash)
		return SGL_OK;
	if (info->ess_digest == SGL_DIGEST_SHA256) {
		*meant = sgl_slice_eq(
		    info->ess_hash, sgl_slice_of(cert->fingerprint, 32));
		return SGL_OK;
	}
	if (info->ess_digest == SGL_DIGEST_MD5) {
		*meant = false;
		return SGL_OK;
	}
	TRY(sgl_hash_once(j->engine, info->ess_digest, cert->der, &d, err));
	*meant = sgl_slice_eq(info->ess_hash, sgl_digest_slice(&d));
	return SGL_OK;
}

/*
 * Finds the signer's certificate and verifies with it. Somebody may have put
 * another certificate of the same name beside it: every one that the
 * identifier names is tried, and one that verifies settles it.
 */
static sgl_status
find_signer(const sgl_judging *j, const sgl_signer_info *info,
    sgl_signer_verdict *out, sgl_err *err)
{
	decide(out, SGL_SIGNATURE_NO_CERTIFICATE, "no-signer-certificate");
	for (size_t i = 0; i < j->pool.num; i++) {
		sgl_cert *cert = j->pool.items[i];
		bool meant, good = false;
		sgl_status status;

		if (!sgl_signer_is_named(info, cert))
			continue;
		TRY(is_meant(j, info, cert, &meant, err));
		status = meant ? sgl_signer_verify(j->engine, info,
				     j->cms->digests, cert, &good, err)
			       : SGL_OK;
		if (status == SGL_E_NOMEM || status == SGL_E_CRYPTO)
			return status;
		sgl_cert_unref(out->cert);
		out->cert = sgl_cert_ref(cert);
		if (good) {
			out->is_intact = true;
			out->state = SGL_SIGNATURE_VALID_TRUSTED;
			out->reason = "";
			out->defects = 0;
			return SGL_OK;
		}
		if (status != SGL_OK)
			decide(
			    out, SGL_SIGNATURE_UNSUPPORTED, "unsupported-key");
		else
			decide(out, SGL_SIGNATURE_TAMPERED,
			    meant ? "signature-mismatch"
				  : "certificate-exchanged");
	}
	return SGL_OK;
}

static sgl_signature_state
state_of_fault(sgl_path_fault fault)
{
	switch (fault) {
	case SGL_PATH_OK:
		return SGL_SIGNATURE_VALID_TRUSTED;
	case SGL_PATH_NO_ANCHOR:
		return SGL_SIGNATURE_VALID_UNTRUSTED;
	case SGL_PATH_EXPIRED:
		return SGL_SIGNATURE_EXPIRED;
	case SGL_PATH_NOT_YET_VALID:
		return SGL_SIGNATURE_NOT_YET_VALID;
	case SGL_PATH_WRONG_USAGE:
		return SGL_SIGNATURE_WRONG_USAGE;
	case SGL_PATH_REVOKED:
		return SGL_SIGNATURE_REVOKED;
	case SGL_PATH_REVOCATION_UNKNOWN:
		return SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN;
	case SGL_PATH_BAD_SIGNATURE:
	case SGL_PATH_NOT_A_CA:
	case SGL_PATH_TOO_LONG:
	case SGL_PATH_KEY_USAGE:
	case SGL_PATH_EXT_KEY_USAGE:
	case SGL_PATH_NAME_CONSTRAINTS:
	case SGL_PATH_POLICY:
	case SGL_PATH_UNKNOWN_CRITICAL:
	case SGL_PATH_MALFORMED:
	case SGL_PATH_UNSUPPORTED:
	case SGL_PATH_WEAK: /* MD5: the weaker links are allowed, and judged */
	case SGL_PATH_GAVE_UP:
		return SGL_SIGNATURE_CHAIN_ERROR;
	}
	return SGL_SIGNATURE_CHAIN_ERROR;
}

static void
note_path(sgl_signer_verdict *out)
{
	const sgl_path *path = &out->path;

	/* The first fault that RFC 5280 meets speaks for others like it. */
	if (path->fault != SGL_PATH_OK)
		note(out, state_of_fault(path->fault),
		    sgl_path_fault_name(path->fault));
	for (unsigned i = SGL_PATH_OK + 1; i <= SGL_PATH_GAVE_UP; i++)
		if ((path->faults & 1u << i) != 0)
			note(out, state_of_fault((sgl_path_fault)i),
			    sgl_path_fault_name((sgl_path_fault)i));
}

/* Weak links are judged here, so that a chain with SHA-1 in it is told from a
 * chain that does not hold at all. */
static sgl_status
judge_path(const sgl_judging *j, sgl_signer_verdict *out, sgl_err *err)
{
	static const sgl_certs none = {0};
	sgl_evidence evidence = {
	    .anchors =
		j->options->anchors == NULL ? &none : j->options->anchors,
	    .intermediates = &j->pool,
	    .crls = &j->crls,
	};
	sgl_path_policy policy = {
	    .time = j->verdict->time,
	    .purpose = SGL_PURPOSE_MAIL_SIGN,
	    .require_revocation = j->options->require_revocation,
	    .check_revocation =
		j->options->require_revocation || j->crls.num > 0,
	    .allow_weak = true,
	};

	TRY(sgl_path_check(
	    j->engine, out->cert, &evidence, &policy, &out->path, err));
	out->has_path = true;
	note_path(out);
	return SGL_OK;
}

static bool
has_address(const sgl_cert *cert, const char *addr, size_t *which)
{
	for (size_t i = 0; i < cert->num_addresses; i++) {
		if (sgl_addr_compare(cert->addresses[i], sgl_slice_str(addr)) ==
		    SGL_ADDR_DIFFERENT)
			continue;
		*which = i;
		return true;
	}
	return false;
}

static bool
has_sender(const sgl_report *report)
{
	return report->sender.num_addrs > 0 || report->sender.malformed;
}

/* RFC 8550 3: every author's address must be one of the certificate's. */
static void
judge_address(const sgl_judging *j, sgl_signer_verdict *out)
{
	const sgl_verdict *v = j->verdict;

	/* Without From, Sender is what a reader would be shown. */
	if (v->num_from_fields == 0 && !has_sender(v->report))
		return;
	out->address = SGL_ADDRESS_DIFFERS;
	if (v->num_from_fields > 1 || v->from.malformed ||
	    v->from.num_addrs == 0 ||
	    v->from.num_addrs * out->cert->num_addresses > MAX_COMPARISONS)
		return;
	for (size_t i = 0; i < v->from.num_addrs; i++)
		if (!has_address(out->cert, v->from.addrs[i], &out->matching))
			return;
	out->address = SGL_ADDRESS_MATCHES;
}

static bool
sender_matches(const sgl_judging *j, const sgl_cert *cert)
{
	const sgl_mailboxes *sender = &j->verdict->report->sender;
	size_t which;

	return sender->num_addrs == 1 &&
	    has_address(cert, sender->addrs[0], &which);
}

static const char *
mismatch_reason(const sgl_judging *j, const sgl_cert *cert)
{
	const sgl_verdict *v = j->verdict;

	if (v->num_from_fields > 1)
		return "several-from-fields";
	if (v->from.malformed || v->from.num_addrs == 0)
		return "unreadable-from";
	if (cert->num_addresses == 0)
		return "certificate-without-address";
	return sender_matches(j, cert) ? "only-sender-matches"
				       : "address-mismatch";
}

sgl_status
sgl_judge_signer(const sgl_judging *j, const sgl_signer_info *info,
    sgl_signer_verdict *out, sgl_err *err)
{
	if (judge_faults(info, out) || judge_digest(info, out) ||
	    judge_algorithms(info, out))
		return SGL_OK;
	TRY(find_signer(j, info, out, err));
	if (!out->is_intact)
		return SGL_OK;
	TRY(judge_path(j, out, err));
	if (info->digest == SGL_DIGEST_SHA1)
		note(out, SGL_SIGNATURE_WEAK, "sha1");
	if (out->path.is_weak)
		note(out, SGL_SIGNATURE_WEAK, "weak-chain");
	judge_address(j, out);
	if (out->address == SGL_ADDRESS_DIFFERS)
		note(out, SGL_SIGNATURE_VALID_ADDRESS_MISMATCH,
		    mismatch_reason(j, out->cert));
	return SGL_OK;
}
