/* SPDX-License-Identifier: Apache-2.0 */
/* From what was found to what it proves. Pure: no clock, no network. */
#include "base/addr.h"
#include "smime/verdict.h"

#define ROOM "smime.judge"

static const char *const signature_names[] = {
    [SGL_SIGNATURE_NONE] = "none",
    [SGL_SIGNATURE_VALID_TRUSTED] = "valid-trusted",
    [SGL_SIGNATURE_VALID_ADDRESS_MISMATCH] = "valid-address-mismatch",
    [SGL_SIGNATURE_VALID_UNTRUSTED] = "valid-untrusted",
    [SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN] = "valid-revocation-unknown",
    [SGL_SIGNATURE_WEAK] = "weak",
    [SGL_SIGNATURE_REVOKED] = "revoked",
    [SGL_SIGNATURE_EXPIRED] = "expired",
    [SGL_SIGNATURE_NOT_YET_VALID] = "not-yet-valid",
    [SGL_SIGNATURE_WRONG_USAGE] = "wrong-usage",
    [SGL_SIGNATURE_CHAIN_ERROR] = "chain-error",
    [SGL_SIGNATURE_TAMPERED] = "tampered",
    [SGL_SIGNATURE_UNSUPPORTED] = "unsupported",
    [SGL_SIGNATURE_NO_CERTIFICATE] = "no-certificate",
};
#define NUM_STATES (sizeof signature_names / sizeof *signature_names)

const char *
sgl_signature_state_name(sgl_signature_state s)
{
	return signature_names[s];
}

bool
sgl_signature_state_find(sgl_slice name, sgl_signature_state *out)
{
	for (size_t i = 0; i < NUM_STATES; i++)
		if (sgl_slice_eq(name, sgl_slice_str(signature_names[i]))) {
			*out = (sgl_signature_state)i;
			return true;
		}
	return false;
}

const char *
sgl_confidentiality_state_name(sgl_confidentiality_state s)
{
	switch (s) {
	case SGL_CONFIDENTIALITY_NONE:
		return "none";
	case SGL_CONFIDENTIALITY_ENCRYPTED:
		return "encrypted";
	case SGL_CONFIDENTIALITY_NO_INTEGRITY:
		return "encrypted-no-integrity";
	case SGL_CONFIDENTIALITY_LOCKED:
		return "locked";
	}
	return "none";
}

static unsigned
count(unsigned defects)
{
	unsigned n = 0;

	for (; defects != 0; defects &= defects - 1)
		n++;
	return n;
}

/* Of several signers the best counts, because one good signature authenticates
 * the content (RFC 5652 5.1). */
static bool
is_better(const sgl_signer_verdict *a, const sgl_signer_verdict *b)
{
	if (a->state != b->state)
		return sgl_signature_rank(a->state) <
		    sgl_signature_rank(b->state);
	return count(a->defects) < count(b->defects);
}

static sgl_status
add_all_certs(sgl_certs *pool, const sgl_certs *more, sgl_err *err)
{
	for (size_t i = 0; more != NULL && i < more->num; i++)
		TRY(sgl_certs_add(pool, more->items[i], err));
	return SGL_OK;
}

static sgl_status
add_all_crls(sgl_crls *pool, const sgl_crls *more, sgl_err *err)
{
	for (size_t i = 0; more != NULL && i < more->num; i++)
		TRY(sgl_crls_add(pool, more->items[i], err));
	return SGL_OK;
}

/* The mail's own certificates first: the signer's is nearly always there.
 * CRLs in a mail count as evidence (RFC 5652 5.1): they are signed. */
static sgl_status
gather(sgl_judging *j, sgl_err *err)
{
	TRY(add_all_certs(&j->pool, &j->cms->certs, err));
	TRY(add_all_certs(&j->pool, j->options->intermediates, err));
	TRY(add_all_certs(&j->pool, j->options->anchors, err));
	TRY(add_all_crls(&j->crls, j->options->crls, err));
	return add_all_crls(&j->crls, &j->cms->crls, err);
}

static sgl_status
judge_signers(sgl_judging *j, sgl_layer_verdict *out, sgl_err *err)
{
	const sgl_cms_report *cms = j->cms;

	if (cms->num_signers == 0)
		return SGL_OK;
	out->signers = sgl_mem_zeroed(cms->num_signers, sizeof *out->signers);
	if (out->signers == NULL)
		return sgl_oom(err, ROOM);
	out->num_signers = cms->num_signers;
	for (size_t i = 0; i < cms->num_signers; i++) {
		TRY(sgl_judge_signer(
		    j, &cms->signers[i], &out->signers[i], err));
		if (is_better(&out->signers[i], &out->signers[out->best]))
			out->best = i;
	}
	out->state = out->signers[out->best].state;
	return SGL_OK;
}

/* Labels of signatures that are right must be there in all, and be the same. */
static void
compare_labels(const sgl_cms_report *cms, sgl_layer_verdict *out)
{
	const sgl_signer_info *first = NULL;

	for (size_t i = 0; i < cms->num_signers; i++) {
		const sgl_signer_info *info = &cms->signers[i];

		if (!out->signers[i].is_intact)
			continue;
		if (first == NULL)
			first = info;
		else if (!sgl_slice_eq(first->label.whole, info->label.whole))
			out->labels_differ = true;
	}
}

/* Not all need to ask for receipts; but who does must ask for the same. */
static void
compare_requests(const sgl_cms_report *cms, sgl_layer_verdict *out)
{
	const sgl_signer_info *first = NULL;

	for (size_t i = 0; i < cms->num_signers; i++) {
		const sgl_signer_info *info = &cms->signers[i];

		if (!out->signers[i].is_intact || !info->has_receipt_request)
			continue;
		if (first == NULL)
			first = info;
		else if (!sgl_slice_eq(first->receipt_request.whole,
			     info->receipt_request.whole))
			out->requests_differ = true;
	}
	/* RFC 2634 2.2: nobody asks for a receipt for a receipt. */
	out->has_misplaced_request =
	    first != NULL && sgl_cms_report_is_receipt(cms);
}

static sgl_status
judge_layer(sgl_engine *engine, const sgl_verdict *v,
    const sgl_judge_options *options, size_t i, sgl_layer_verdict *out,
    sgl_err *err)
{
	sgl_judging j = {.engine = engine,
	    .options = options,
	    .verdict = v,
	    .cms = v->report->layers[i].cms};
	sgl_status status;

	if (j.cms->type != SGL_CMS_SIGNED)
		return SGL_OK;
	status = gather(&j, err);
	if (status == SGL_OK)
		status = judge_signers(&j, out, err);
	if (status == SGL_OK) {
		compare_labels(j.cms, out);
		compare_requests(j.cms, out);
	}
	sgl_certs_clear(&j.pool);
	sgl_crls_clear(&j.crls);
	return status;
}

static bool
is_signature(const sgl_verdict *v, size_t i)
{
	return v->report->layers[i].cms->type == SGL_CMS_SIGNED &&
	    v->report->layers[i].cms->num_signers > 0;
}

/*
 * The layers lie inside each other in order. The innermost signature is about
 * the content; but an outer one that is broken says that the message was
 * changed on its way, whatever is inside. A signature around an encryption
 * that was opened is not about the content: its signer need not have known it,
 * and anybody can take off another's and put on his own.
 */
static void
sum_up_signature(sgl_verdict *v)
{
	v->signature = SGL_SIGNATURE_NONE;
	v->defects = 1u << SGL_SIGNATURE_NONE;
	v->reason = "";
	v->signature_layer = -1;
	for (size_t i = 0; i < v->report->num_layers; i++) {
		const sgl_layer_verdict *l = &v->layers[i];

		if (!is_signature(v, i)) {
			v->outside_encryption |= v->signature_layer >= 0 &&
			    v->report->layers[i].cms->type != SGL_CMS_SIGNED;
			continue;
		}
		if (v->signature == SGL_SIGNATURE_TAMPERED)
			return;
		v->signature = l->state;
		v->defects = l->signers[l->best].defects;
		v->reason = l->signers[l->best].reason;
		v->signature_layer = (int)i;
		v->outside_encryption = false;
	}
	if (v->outside_encryption && v->signature != SGL_SIGNATURE_TAMPERED) {
		v->signature = SGL_SIGNATURE_NONE;
		v->defects = 1u << SGL_SIGNATURE_NONE;
		v->reason = "only-around-encryption";
	}
}

/* RFC 2634 2.2: receipts are asked for in the innermost signature. */
static void
find_misplaced_requests(sgl_verdict *v)
{
	bool is_innermost = true;

	for (size_t i = v->report->num_layers; i-- > 0;) {
		const sgl_cms_report *cms = v->report->layers[i].cms;
		sgl_layer_verdict *l = &v->layers[i];

		if (!is_signature(v, i))
			continue;
		for (size_t k = 0; !is_innermost && k < cms->num_signers; k++)
			l->has_misplaced_request |= l->signers[k].is_intact &&
			    cms->signers[k].has_receipt_request;
		is_innermost = false;
	}
}

/* That part proves nothing about the whole; but where to look is good to
 * know. */
static void
tell_of_parts(sgl_verdict *v)
{
	const sgl_report *r = v->report;

	if (v->signature != SGL_SIGNATURE_NONE || v->reason[0] != '\0')
		return;
	if (r->has_signed_part)
		v->reason = "signed-part-inside";
	else if (r->has_protected_part)
		v->reason = "protected-part-inside";
	else if (r->has_torn_signature)
		v->reason = "torn-signature";
	else if (r->has_openpgp)
		v->reason = "openpgp";
	else if (r->has_tnef)
		v->reason = "tnef";
}

/* The first label that is under a right signature about the content. */
static void
sum_up_label(sgl_verdict *v)
{
	const sgl_cms_report *cms;
	const sgl_layer_verdict *l;

	if (v->signature_layer < 0 || v->signature == SGL_SIGNATURE_NONE)
		return;
	cms = v->report->layers[v->signature_layer].cms;
	l = &v->layers[v->signature_layer];
	v->has_label_conflict = l->labels_differ;
	for (size_t i = 0; i < cms->num_signers && v->label == NULL; i++)
		if (l->signers[i].is_intact && cms->signers[i].has_label)
			v->label = &cms->signers[i].label;
}

static bool
is_trusted(const sgl_verdict *v, size_t i)
{
	return i < v->report->num_layers && is_signature(v, i) &&
	    v->layers[i].state == SGL_SIGNATURE_VALID_TRUSTED;
}

/* CBC ciphertext can be changed without a key. What is inside is safe from
 * that only if all of it is one good signature. A signature or a tag around it
 * is no help: whoever changed the ciphertext could have put it there. */
static bool
has_integrity(const sgl_verdict *v, size_t i)
{
	return v->report->layers[i].cms->type == SGL_CMS_AUTH_ENVELOPED ||
	    is_trusted(v, i + 1);
}

static void
sum_up_confidentiality(sgl_verdict *v)
{
	v->confidentiality = SGL_CONFIDENTIALITY_NONE;
	for (size_t i = 0; i < v->report->num_layers; i++) {
		if (v->report->layers[i].cms->type == SGL_CMS_SIGNED)
			continue;
		v->layers[i].has_integrity = has_integrity(v, i);
		if (!v->layers[i].has_integrity)
			v->confidentiality = SGL_CONFIDENTIALITY_NO_INTEGRITY;
		else if (v->confidentiality == SGL_CONFIDENTIALITY_NONE)
			v->confidentiality = SGL_CONFIDENTIALITY_ENCRYPTED;
	}
	if (v->report->is_locked)
		v->confidentiality = SGL_CONFIDENTIALITY_LOCKED;
}

static sgl_status
copy_mailboxes(const sgl_mailboxes *m, sgl_mailboxes *out, sgl_err *err)
{
	out->malformed = m->malformed;
	if (m->num_addrs == 0)
		return SGL_OK;
	out->addrs = sgl_mem_zeroed(m->num_addrs, sizeof *out->addrs);
	if (out->addrs == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < m->num_addrs; i++) {
		uint8_t *copy;

		TRY(sgl_slice_copy(
		    sgl_slice_str(m->addrs[i]), &copy, ROOM, err));
		out->addrs[out->num_addrs++] = (char *)copy;
	}
	return SGL_OK;
}

static sgl_status
take_from(sgl_verdict *v, const sgl_judge_options *options, sgl_err *err)
{
	if (options->from.data == NULL) {
		v->num_from_fields = v->report->num_from;
		return copy_mailboxes(&v->report->from, &v->from, err);
	}
	v->num_from_fields = 1;
	return sgl_mailboxes_read(options->from, &v->from, err);
}

/* Is the protected From the signer's? Where another was given to compare with,
 * that one was. */
static bool
is_from_proven(const sgl_verdict *v, const sgl_judge_options *options)
{
	const sgl_mailboxes *from = &v->report->from;

	if (v->signature != SGL_SIGNATURE_VALID_TRUSTED)
		return false;
	return options->from.data == NULL ||
	    (from->num_addrs == 1 && !from->malformed &&
		v->report->num_from == 1 &&
		sgl_addr_compare(sgl_slice_str(from->addrs[0]),
		    options->from) != SGL_ADDR_DIFFERENT);
}

static sgl_status
judge_all(sgl_engine *engine, sgl_verdict *v, const sgl_judge_options *options,
    sgl_err *err)
{
	size_t n = v->report->num_layers;

	TRY(take_from(v, options, err));
	if (n > 0) {
		v->layers = sgl_mem_zeroed(n, sizeof *v->layers);
		if (v->layers == NULL)
			return sgl_oom(err, ROOM);
	}
	for (size_t i = 0; i < n; i++)
		TRY(judge_layer(engine, v, options, i, &v->layers[i], err));
	sum_up_signature(v);
	tell_of_parts(v);
	sum_up_label(v);
	find_misplaced_requests(v);
	sum_up_confidentiality(v);
	v->from_is_unproven =
	    v->report->hp.from_differs && !is_from_proven(v, options);
	return sgl_verdict_describe(v, err);
}

sgl_status
sgl_judge(sgl_engine *engine, const sgl_report *report,
    const sgl_judge_options *options, sgl_verdict **out, sgl_err *err)
{
	SGL_AUTO(sgl_verdict)
	v = sgl_mem_zeroed(1, sizeof *v);

	if (v == NULL)
		return sgl_oom(err, ROOM);
	v->report = report;
	v->time = options->time;
	v->revocation_asked = options->require_revocation ||
	    (options->crls != NULL && options->crls->num > 0);
	TRY(judge_all(engine, v, options, err));
	*out = SGL_TAKE(&v);
	return SGL_OK;
}

static void
clear_layer(sgl_layer_verdict *l)
{
	for (size_t i = 0; i < l->num_signers; i++) {
		sgl_cert_unref(l->signers[i].cert);
		sgl_path_clear(&l->signers[i].path);
	}
	sgl_mem_free(l->signers);
}

void
sgl_verdict_free(sgl_verdict *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; v->layers != NULL && i < v->report->num_layers; i++)
		clear_layer(&v->layers[i]);
	sgl_mem_free(v->layers);
	sgl_mailboxes_clear(&v->from);
	sgl_mem_free(v->signer_address);
	sgl_mem_free(v->signer_name);
	sgl_mem_free(v->issuer_name);
	sgl_mem_free(v->from_text);
	sgl_mem_free(v->needed_key);
	sgl_mem_free(v->outer_from);
	sgl_mem_free(v->protected_from);
	sgl_mem_free(v->differing);
	sgl_mem_free(v->label_policy);
	sgl_mem_free(v->label_mark);
	sgl_mem_free(v);
}

sgl_signature_state
sgl_verdict_get_signature(const sgl_verdict *v)
{
	return v->signature;
}

sgl_confidentiality_state
sgl_verdict_get_confidentiality(const sgl_verdict *v)
{
	return v->confidentiality;
}
