/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a verdict: names and addresses, made safe to show. */
#include "base/utf8.h"
#include "smime/verdict.h"

#define ROOM "smime.verdict"
#define TEXT_MAX 2048
#define HEX_MAX 64 /* bytes of an identifier that are shown */

sgl_status
sgl_verdict_take_text(sgl_buf *text, char **out, sgl_err *err)
{
	uint8_t *copy;

	if (text->len > 0)
		sgl_utf8_make_safe(text->data, text->len);
	TRY(sgl_slice_copy(sgl_buf_slice(text), &copy, ROOM, err));
	*out = (char *)copy;
	text->len = 0;
	return SGL_OK;
}

/* A stranger's name may be malformed: that is no reason to have no verdict. */
static sgl_status
add_name(sgl_buf *out, sgl_slice name, sgl_err *err)
{
	size_t start = out->len;
	sgl_status status = sgl_name_text(name, out, err);

	if (status != SGL_E_ENCODING && status != SGL_E_LIMIT)
		return status;
	out->len = start;
	return sgl_buf_add_str(out, "(unreadable name)", err);
}

/* Common name, else organisation, else the whole name. */
static sgl_status
name_of(sgl_slice name, char **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(TEXT_MAX);

	/* All the room at once: which name is shown must not hang on it. */
	TRY(sgl_buf_reserve(&text, TEXT_MAX, err));
	if (!sgl_name_find(name, SGL_OID_AT_CN, &text)) {
		text.len = 0;
		if (!sgl_name_find(name, SGL_OID_AT_O, &text)) {
			text.len = 0;
			TRY(add_name(&text, name, err));
		}
	}
	return sgl_verdict_take_text(&text, out, err);
}

static sgl_status
describe_signer(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(TEXT_MAX);
	const sgl_layer_verdict *l;
	const sgl_signer_verdict *s;

	if (v->signature_layer < 0)
		return SGL_OK;
	l = &v->layers[v->signature_layer];
	s = &l->signers[l->best];
	if (s->cert == NULL)
		return SGL_OK;
	TRY(name_of(s->cert->subject, &v->signer_name, err));
	TRY(name_of(s->cert->issuer, &v->issuer_name, err));
	if (s->cert->num_addresses == 0)
		return SGL_OK;
	if (s->cert->addresses[s->matching].len > TEXT_MAX)
		return SGL_OK;
	TRY(sgl_buf_add(&text, s->cert->addresses[s->matching], err));
	return sgl_verdict_take_text(&text, &v->signer_address, err);
}

sgl_status
sgl_verdict_add_addresses(const sgl_mailboxes *m, sgl_buf *text, sgl_err *err)
{
	for (size_t i = 0; i < m->num_addrs; i++) {
		if (text->len > TEXT_MAX)
			break;
		if (i > 0)
			TRY(sgl_buf_add_str(text, ", ", err));
		TRY(sgl_buf_add(text, sgl_slice_str(m->addrs[i]), err));
	}
	return SGL_OK;
}

static sgl_status
describe_from(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SIZE_MAX);

	TRY(sgl_verdict_add_addresses(&v->from, &text, err));
	return sgl_verdict_take_text(&text, &v->from_text, err);
}

static sgl_status
add_hex(sgl_buf *out, sgl_slice bytes, sgl_err *err)
{
	for (size_t i = 0; i < bytes.len && i < HEX_MAX; i++)
		TRY(sgl_buf_printf(out, err, "%02x", bytes.data[i]));
	return bytes.len > HEX_MAX ? sgl_buf_add_str(out, "...", err) : SGL_OK;
}

sgl_status
sgl_recipient_text(const sgl_recipient_id *id, sgl_buf *out, sgl_err *err)
{
	if (id->ski.len > 0) {
		TRY(sgl_buf_add_str(out, "key identifier ", err));
		return add_hex(out, id->ski, err);
	}
	TRY(sgl_buf_add_str(out, "serial ", err));
	TRY(add_hex(out, id->serial, err));
	TRY(sgl_buf_add_str(out, ", issuer ", err));
	return add_name(out, id->issuer, err);
}

/* The first recipients of the first layer that is locked. */
static sgl_status
describe_needed(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)64 * TEXT_MAX);

	for (size_t i = 0; i < v->report->num_layers; i++) {
		const sgl_cms_report *cms = v->report->layers[i].cms;

		if (!cms->is_locked || cms->num_shown == 0)
			continue;
		TRY(sgl_recipient_text(&cms->recipients[0], &text, err));
		if (cms->num_recipients > 1)
			TRY(sgl_buf_printf(&text, err, " (and %llu more)",
			    (unsigned long long)cms->num_recipients - 1));
		break;
	}
	return sgl_verdict_take_text(&text, &v->needed_key, err);
}

/* So much of a text as fits into a line. */
#define MARK_MAX 128

static sgl_status
add_short(sgl_buf *out, sgl_slice text, sgl_err *err)
{
	size_t n = text.len;

	if (n > MARK_MAX)
		for (n = MARK_MAX; n > 0 && (text.data[n] & 0xc0) == 0x80;)
			n--;
	TRY(sgl_buf_add(out, sgl_slice_first(text, n), err));
	return n < text.len ? sgl_buf_add_str(out, "...", err) : SGL_OK;
}

static sgl_status
describe_label(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(TEXT_MAX);
	char policy[SGL_OID_TEXT];

	if (v->label == NULL)
		return SGL_OK;
	TRY(sgl_buf_add_str(
	    &text, sgl_oid_dotted(v->label->policy, policy), err));
	TRY(sgl_verdict_take_text(&text, &v->label_policy, err));
	TRY(add_short(&text, v->label->mark, err));
	return sgl_verdict_take_text(&text, &v->label_mark, err);
}

/* The innermost layer that was read tells what there is. */
static bool
is_receipt(const sgl_verdict *v)
{
	size_t n = v->report->num_layers;

	return n > 0 && v->report->layers[n - 1].cms->type == SGL_CMS_SIGNED &&
	    sgl_cms_report_is_receipt(v->report->layers[n - 1].cms);
}

sgl_status
sgl_verdict_describe(sgl_verdict *v, sgl_err *err)
{
	TRY(describe_signer(v, err));
	TRY(describe_from(v, err));
	TRY(sgl_verdict_describe_headers(v, err));
	TRY(describe_label(v, err));
	return describe_needed(v, err);
}

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

static const char *
outermost_cipher(const sgl_verdict *v)
{
	for (size_t i = 0; i < v->report->num_layers; i++)
		if (v->report->layers[i].cms->type != SGL_CMS_SIGNED)
			return sgl_cipher_name(
			    v->report->layers[i].cms->content_alg.cipher);
	return "";
}

static void
summarise_locks(const sgl_verdict *v, sgl_verdict_summary *out)
{
	for (size_t i = 0; i < v->report->num_layers; i++) {
		const sgl_cms_report *cms = v->report->layers[i].cms;

		out->needs_password |= cms->is_locked && cms->has_password;
		out->needs_kek |= cms->is_locked && cms->has_kek;
	}
}

static void
summarise_signer(const sgl_verdict *v, sgl_verdict_summary *out)
{
	const sgl_layer_verdict *l;
	const sgl_signer_info *info;
	const sgl_signer_verdict *s;

	if (v->signature_layer < 0)
		return;
	l = &v->layers[v->signature_layer];
	s = &l->signers[l->best];
	info = &v->report->layers[v->signature_layer].cms->signers[l->best];
	out->num_signers = l->num_signers;
	out->has_signing_time = info->has_signing_time;
	out->signing_time = info->signing_time;
	if (s->cert != NULL)
		out->cert_not_after = s->cert->not_after;
	for (size_t i = 0; s->has_path && i < s->path.num; i++)
		if (s->path.revocation[i] == SGL_REVOCATION_GOOD ||
		    s->path.revocation[i] == SGL_REVOCATION_REVOKED)
			out->revocation_checked = true;
}

static bool
has_text_around(const sgl_report *r)
{
	for (size_t i = 0; i < r->num_layers; i++)
		if (r->layers[i].has_text_around)
			return true;
	return false;
}

void
sgl_verdict_get_summary(const sgl_verdict *v, sgl_verdict_summary *out)
{
	*out = (sgl_verdict_summary){
	    .signature = v->signature,
	    .defects = v->defects,
	    .confidentiality = v->confidentiality,
	    .signer_address = or_empty(v->signer_address),
	    .signer_name = or_empty(v->signer_name),
	    .issuer_name = or_empty(v->issuer_name),
	    .from = or_empty(v->from_text),
	    .reason = v->reason,
	    .cipher = outermost_cipher(v),
	    .needed_key = or_empty(v->needed_key),
	    .num_layers = v->report->num_layers,
	    .signs_ciphertext = v->outside_encryption,
	    .holds_encryption = v->report->holds_encryption,
	    .has_encrypted_part = v->report->has_encrypted_part,
	    .has_protected_part = v->report->has_protected_part,
	    .has_openpgp_encryption = v->report->has_openpgp_encryption,
	    .has_tnef = v->report->has_tnef,
	    .has_text_around = has_text_around(v->report),
	    .label_policy = or_empty(v->label_policy),
	    .label_mark = or_empty(v->label_mark),
	    .label_classification =
		v->label == NULL ? -1 : v->label->classification,
	    .labels_differ = v->has_label_conflict,
	    .is_receipt = is_receipt(v),
	};
	summarise_signer(v, out);
	sgl_verdict_summarise_headers(v, out);
	summarise_locks(v, out);
}
