/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict as JSON; docs/verdict.md is its description and must change
 * with it. */
#include "base/json.h"
#include "smime/verdict.h"

#define ROOM "smime.verdict"
#define JSON_MAX ((size_t)16 << 20)
#define SCHEMA_VERSION 1

static void
put_name(sgl_json *j, const char *key, sgl_slice name)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(JSON_MAX);

	sgl_status status = sgl_name_text(name, &text, NULL);

	if (status == SGL_E_NOMEM)
		j->failed = status;
	if (status != SGL_OK)
		text.len = 0;
	sgl_json_string(j, key, sgl_buf_slice(&text));
}

static void
put_certificate(sgl_json *j, const char *key, const sgl_cert *cert)
{
	sgl_json_object(j, key);
	put_name(j, "subject", cert->subject);
	put_name(j, "issuer", cert->issuer);
	sgl_json_hex(j, "serial", cert->serial);
	sgl_json_time(j, "not_before", cert->not_before);
	sgl_json_time(j, "not_after", cert->not_after);
	sgl_json_hex(j, "sha256", sgl_slice_of(cert->fingerprint, 32));
	sgl_json_str(j, "key", sgl_key_kind_name(cert->key_kind));
	sgl_json_array(j, "addresses");
	for (size_t i = 0; i < cert->num_addresses; i++)
		sgl_json_string(j, NULL, cert->addresses[i]);
	sgl_json_close_array(j);
	sgl_json_close_object(j);
}

static const char *
revocation_name(sgl_revocation r)
{
	switch (r) {
	case SGL_REVOCATION_NOT_ASKED:
		return "not-checked";
	case SGL_REVOCATION_GOOD:
		return "good";
	case SGL_REVOCATION_REVOKED:
		return "revoked";
	case SGL_REVOCATION_UNKNOWN:
		return "unknown";
	case SGL_REVOCATION_STALE:
		return "stale";
	}
	return "unknown";
}

static void
put_path(sgl_json *j, const sgl_path *path)
{
	sgl_json_object(j, "path");
	sgl_json_bool(j, "reaches_anchor", path->reaches_anchor);
	sgl_json_str(j, "fault", sgl_path_fault_name(path->fault));
	if (path->fault != SGL_PATH_OK)
		sgl_json_uint(j, "fault_at", path->fault_at);
	if ((path->faults & 1u << SGL_PATH_REVOKED) != 0) {
		sgl_json_time(j, "revoked_at", path->revoked_at);
		if (path->revoked_reason >= 0)
			sgl_json_uint(j, "revoked_reason",
			    (uint64_t)path->revoked_reason);
	}
	sgl_json_array(j, "certificates");
	for (size_t i = 0; i < path->num; i++) {
		sgl_json_object(j, NULL);
		put_name(j, "subject", path->certs[i]->subject);
		sgl_json_hex(
		    j, "sha256", sgl_slice_of(path->certs[i]->fingerprint, 32));
		sgl_json_str(
		    j, "revocation", revocation_name(path->revocation[i]));
		sgl_json_close_object(j);
	}
	sgl_json_close_array(j);
	if (path->missing_issuer_url.len > 0)
		sgl_json_string(
		    j, "missing_issuer_url", path->missing_issuer_url);
	if (path->missing_crl_url.len > 0)
		sgl_json_string(j, "missing_crl_url", path->missing_crl_url);
	sgl_json_close_object(j);
}

static const char *
scheme_name(sgl_sig_scheme s)
{
	switch (s) {
	case SGL_SIG_NONE:
		return "unknown";
	case SGL_SIG_RSA_PKCS1:
		return "rsa-pkcs1";
	case SGL_SIG_RSA_PSS:
		return "rsa-pss";
	case SGL_SIG_ECDSA:
		return "ecdsa";
	case SGL_SIG_ED25519:
		return "ed25519";
	}
	return "unknown";
}

static const char *
address_name(sgl_address_check a)
{
	switch (a) {
	case SGL_ADDRESS_NOT_CHECKED:
		return "not-checked";
	case SGL_ADDRESS_MATCHES:
		return "matches";
	case SGL_ADDRESS_DIFFERS:
		return "differs";
	}
	return "not-checked";
}

static void
put_algorithm(sgl_json *j, const sgl_signer_info *info)
{
	if (info->fault == SGL_SIGNER_UNSUPPORTED) {
		sgl_json_str(j, "unsupported", info->unsupported);
		return;
	}
	sgl_json_str(j, "algorithm", scheme_name(info->sig.scheme));
	sgl_json_str(j, "digest", sgl_digest_name(info->digest));
}

/* The worst comes first. */
static void
put_defects(sgl_json *j, unsigned defects)
{
	sgl_json_array(j, "defects");
	for (unsigned r = SGL_SIGNATURE_NO_CERTIFICATE + 1; r-- > 0;)
		for (unsigned s = 0; s <= SGL_SIGNATURE_NO_CERTIFICATE; s++)
			if ((defects & 1u << s) != 0 &&
			    sgl_signature_rank((sgl_signature_state)s) == r)
				sgl_json_str(j, NULL,
				    sgl_signature_state_name(
					(sgl_signature_state)s));
	sgl_json_close_array(j);
}

static void
put_addresses(sgl_json *j, const char *key, sgl_slice names)
{
	sgl_der in = sgl_der_over(names);
	sgl_slice address;

	sgl_json_array(j, key);
	while (sgl_receipt_address_read(&in, &address))
		sgl_json_string(j, NULL, address);
	sgl_json_close_array(j);
}

static void
put_request(sgl_json *j, const sgl_receipt_request *r)
{
	sgl_json_object(j, "receipt_request");
	sgl_json_hex(j, "content_identifier", r->identifier);
	switch (r->from) {
	case SGL_RECEIPTS_ALL:
		sgl_json_str(j, "receipts_from", "all");
		break;
	case SGL_RECEIPTS_FIRST_TIER:
		sgl_json_str(j, "receipts_from", "first-tier");
		break;
	case SGL_RECEIPTS_LISTED:
		sgl_json_str(j, "receipts_from", "listed");
		put_addresses(j, "listed", r->listed);
		break;
	}
	put_addresses(j, "receipts_to", r->to);
	sgl_json_close_object(j);
}

static void
put_label(sgl_json *j, const sgl_label *label)
{
	const char *name = sgl_classification_name(label->classification);
	char policy[SGL_OID_TEXT];

	sgl_json_object(j, "label");
	sgl_json_str(j, "policy", sgl_oid_dotted(label->policy, policy));
	if (label->classification >= 0)
		sgl_json_uint(
		    j, "classification", (uint64_t)label->classification);
	if (name != NULL)
		sgl_json_str(j, "classification_name", name);
	if (label->mark.len > 0)
		sgl_json_string(j, "privacy_mark", label->mark);
	sgl_json_uint(j, "num_categories", label->num_categories);
	sgl_json_close_object(j);
}

/* RFC 2634 2.3, 3.1.2: what is not under a right signature counts for
 * nothing. */
static void
put_ess(sgl_json *j, const sgl_signer_info *info)
{
	if (info->has_receipt_request)
		put_request(j, &info->receipt_request);
	if (info->has_label)
		put_label(j, &info->label);
	if (info->msg_sig_digest.data != NULL)
		sgl_json_hex(j, "msg_sig_digest", info->msg_sig_digest);
}

static void
put_signer(
    sgl_json *j, const sgl_signer_verdict *s, const sgl_signer_info *info)
{
	sgl_json_object(j, NULL);
	sgl_json_str(j, "state", sgl_signature_state_name(s->state));
	sgl_json_str(j, "reason", s->reason);
	put_defects(j, s->defects);
	sgl_json_bool(j, "intact", s->is_intact);
	sgl_json_str(j, "address", address_name(s->address));
	put_algorithm(j, info);
	if (info->has_signing_time)
		sgl_json_time(j, "signing_time", info->signing_time);
	if (s->is_intact)
		put_ess(j, info);
	if (s->cert != NULL)
		put_certificate(j, "certificate", s->cert);
	if (s->has_path)
		put_path(j, &s->path);
	sgl_json_close_object(j);
}

static void
put_recipients(sgl_json *j, const sgl_cms_report *cms)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(JSON_MAX);

	sgl_json_uint(j, "num_recipients", cms->num_recipients);
	sgl_json_array(j, "recipients");
	for (size_t i = 0; i < cms->num_shown; i++) {
		sgl_status status;

		text.len = 0;
		status = sgl_recipient_text(&cms->recipients[i], &text, NULL);
		if (status == SGL_E_NOMEM)
			j->failed = status;
		if (status == SGL_OK)
			sgl_json_string(j, NULL, sgl_buf_slice(&text));
	}
	sgl_json_close_array(j);
}

static const char *
form_name(sgl_layer_form form)
{
	switch (form) {
	case SGL_FORM_CLEAR_SIGNED:
		return "multipart-signed";
	case SGL_FORM_PKCS7_MIME:
		return "pkcs7-mime";
	case SGL_FORM_BARE:
		return "bare";
	}
	return "bare";
}

static void
put_findings(
    sgl_json *j, const sgl_layer *layer, const sgl_layer_verdict *verdict)
{
	sgl_json_array(j, "findings");
	if (layer->cms->has_trailing_bytes)
		sgl_json_str(j, NULL, "trailing-bytes");
	if (layer->has_wrong_micalg)
		sgl_json_str(j, NULL, "wrong-micalg");
	if (layer->has_more_parts)
		sgl_json_str(j, NULL, "unsigned-parts");
	if (layer->has_dirty_base64)
		sgl_json_str(j, NULL, "dirty-base64");
	if (layer->has_wrong_encoding)
		sgl_json_str(j, NULL, "wrong-encoding");
	if (layer->has_text_around)
		sgl_json_str(j, NULL, "text-around");
	if (layer->cms->num_unreadable > 0)
		sgl_json_str(j, NULL, "unreadable-certificates");
	if (layer->cms->type != SGL_CMS_SIGNED &&
	    sgl_cipher_is_old(layer->cms->content_alg.cipher))
		sgl_json_str(j, NULL, "old-cipher");
	if (layer->cms->type == SGL_CMS_AUTH_ENVELOPED &&
	    layer->cms->content_alg.icv_omitted)
		sgl_json_str(j, NULL, "icv-length-omitted");
	if (verdict->labels_differ)
		sgl_json_str(j, NULL, "labels-differ");
	if (verdict->requests_differ)
		sgl_json_str(j, NULL, "receipt-requests-differ");
	if (verdict->has_misplaced_request)
		sgl_json_str(j, NULL, "misplaced-receipt-request");
	sgl_json_close_array(j);
}

static void
put_encryption(sgl_json *j, const sgl_cms_report *cms, bool has_integrity)
{
	sgl_json_str(j, "kind", "encrypted");
	sgl_json_str(j, "cipher", sgl_cipher_name(cms->content_alg.cipher));
	sgl_json_bool(j, "authenticated", cms->type == SGL_CMS_AUTH_ENVELOPED);
	sgl_json_bool(j, "integrity", has_integrity);
	sgl_json_bool(j, "locked", cms->is_locked);
	if (cms->opened_by != NULL)
		sgl_json_str(j, "opened_by", cms->opened_by);
	put_recipients(j, cms);
}

/* Which message it is for. */
static void
put_receipt(sgl_json *j, sgl_slice der)
{
	char label[SGL_OID_TEXT];
	sgl_receipt r;

	sgl_json_str(j, "content_type", "receipt");
	if (!sgl_receipt_read(der, &r))
		return;
	sgl_json_object(j, "receipt");
	sgl_json_hex(j, "content_identifier", r.identifier);
	sgl_json_str(j, "content_type", sgl_oid_label(r.content_type, label));
	sgl_json_hex(j, "originator_signature", r.signature);
	sgl_json_close_object(j);
}

/* What is inside, if it is no message. */
static void
put_content_type(sgl_json *j, const sgl_layer *layer)
{
	sgl_slice oid = sgl_buf_slice(&layer->cms->content_type);
	char label[SGL_OID_TEXT];

	if (sgl_cms_report_is_receipt(layer->cms))
		put_receipt(j, sgl_buf_slice(&layer->receipt));
	else if (sgl_oid_find(oid) != SGL_OID_DATA)
		sgl_json_str(j, "content_type", sgl_oid_label(oid, label));
}

static void
put_signatures(sgl_json *j, const sgl_layer *layer, const sgl_layer_verdict *l)
{
	const sgl_cms_report *cms = layer->cms;

	sgl_json_str(
	    j, "kind", cms->num_signers == 0 ? "certs-only" : "signed");
	if (cms->num_signers > 0)
		sgl_json_str(j, "state", sgl_signature_state_name(l->state));
	put_content_type(j, layer);
	sgl_json_array(j, "signers");
	for (size_t i = 0; i < l->num_signers; i++)
		put_signer(j, &l->signers[i], &cms->signers[i]);
	sgl_json_close_array(j);
	sgl_json_uint(j, "num_certificates", cms->certs.num);
}

static void
put_layer(sgl_json *j, const sgl_verdict *v, size_t i)
{
	const sgl_layer *layer = &v->report->layers[i];

	sgl_json_object(j, NULL);
	sgl_json_str(j, "form", form_name(layer->form));
	if (layer->cms->type == SGL_CMS_SIGNED)
		put_signatures(j, layer, &v->layers[i]);
	else
		put_encryption(j, layer->cms, v->layers[i].has_integrity);
	put_findings(j, layer, &v->layers[i]);
	sgl_json_close_object(j);
}

static void
put_summary(sgl_json *j, const sgl_verdict *v)
{
	sgl_verdict_summary s;

	sgl_verdict_get_summary(v, &s);
	sgl_json_object(j, "signature");
	sgl_json_str(j, "state", sgl_signature_state_name(s.signature));
	sgl_json_str(j, "reason", s.reason);
	put_defects(j, s.defects);
	sgl_json_str(j, "signer", s.signer_address);
	sgl_json_bool(j, "around_encryption", s.signs_ciphertext);
	sgl_json_str(
	    j, "revocation", s.revocation_checked ? "checked" : "not-checked");
	sgl_json_close_object(j);
	sgl_json_object(j, "confidentiality");
	sgl_json_str(
	    j, "state", sgl_confidentiality_state_name(s.confidentiality));
	sgl_json_bool(j, "holds_encryption", s.holds_encryption);
	sgl_json_close_object(j);
}

sgl_status
sgl_verdict_json(const sgl_verdict *v, sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(JSON_MAX);
	sgl_json j = sgl_json_over(&text);

	sgl_json_object(&j, NULL);
	sgl_json_uint(&j, "sigill-verdict", SCHEMA_VERSION);
	put_summary(&j, v);
	sgl_json_array(&j, "from");
	for (size_t i = 0; i < v->from.num_addrs; i++)
		sgl_json_str(&j, NULL, v->from.addrs[i]);
	sgl_json_close_array(&j);
	sgl_verdict_put_headers(&j, v);
	sgl_json_time(&j, "judged_at", v->time);
	sgl_json_array(&j, "findings");
	if (v->report->has_signed_part)
		sgl_json_str(&j, NULL, "signed-part-inside");
	if (v->report->has_encrypted_part)
		sgl_json_str(&j, NULL, "encrypted-part-inside");
	if (v->report->has_protected_part)
		sgl_json_str(&j, NULL, "protected-part-inside");
	if (v->report->has_torn_signature)
		sgl_json_str(&j, NULL, "torn-signature");
	if (v->report->has_openpgp)
		sgl_json_str(&j, NULL, "openpgp");
	if (v->report->has_tnef)
		sgl_json_str(&j, NULL, "tnef");
	sgl_json_close_array(&j);
	sgl_json_array(&j, "layers");
	for (size_t i = 0; i < v->report->num_layers; i++)
		put_layer(&j, v, i);
	sgl_json_close_array(&j);
	sgl_json_close_object(&j);
	TRY(sgl_json_end(&j, err));
	*out = (sgl_bytes){text.data, text.len};
	text = sgl_buf_init(0);
	return SGL_OK;
}
