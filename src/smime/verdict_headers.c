/* SPDX-License-Identifier: Apache-2.0 */
/* What a verdict says of protected header fields (RFC 9788 4.3). */
#include "smime/verdict.h"

#define TEXT_MAX 2048

/* A signature that counts, whoever made it. */
static bool
is_signed(const sgl_verdict *v)
{
	return (v->defects & ~(1u << SGL_SIGNATURE_VALID_ADDRESS_MISMATCH)) ==
	    0;
}

/* @req rfc9788-4.3.1 */
static const char *
state_name(const sgl_verdict *v, const sgl_hp_field *f)
{
	if (f->is_secret)
		return is_signed(v) ? "signed-and-encrypted" : "encrypted-only";
	return is_signed(v) ? "signed-only" : "unprotected";
}

static const char *
outside_name(sgl_hp_outside o)
{
	switch (o) {
	case SGL_HP_OUTSIDE_SAME:
		return "same";
	case SGL_HP_OUTSIDE_HIDDEN:
		return "hidden";
	case SGL_HP_OUTSIDE_ABSENT:
		return "absent";
	case SGL_HP_OUTSIDE_DIFFERS:
		return "differs";
	}
	return "differs";
}

static void
put_fields(sgl_json *j, const sgl_verdict *v)
{
	const sgl_hp_report *hp = &v->report->hp;

	sgl_json_uint(j, "num_fields", hp->num_fields);
	sgl_json_array(j, "fields");
	for (size_t i = 0; i < hp->num_shown; i++) {
		const sgl_hp_field *f = &hp->fields[i];

		sgl_json_object(j, NULL);
		sgl_json_str(j, "name", f->name);
		sgl_json_str(j, "state", state_name(v, f));
		sgl_json_str(j, "outside", outside_name(f->outside));
		sgl_json_close_object(j);
	}
	sgl_json_close_array(j);
}

static bool
has_differing(const sgl_hp_report *hp)
{
	for (size_t i = 0; i < hp->num_shown; i++)
		if (hp->fields[i].outside == SGL_HP_OUTSIDE_DIFFERS)
			return true;
	return false;
}

/* @req rfc9788-10.2: what was meant and what is are two things. */
static void
put_findings(sgl_json *j, const sgl_verdict *v)
{
	const sgl_hp_report *hp = &v->report->hp;

	sgl_json_array(j, "findings");
	if (hp->from_differs)
		sgl_json_str(j, NULL, "from-mismatch");
	if (v->from_is_unproven)
		sgl_json_str(j, NULL, "from-unproven");
	if (has_differing(hp))
		sgl_json_str(j, NULL, "outside-differs");
	if (hp->intent == SGL_HP_CIPHER && !hp->is_encrypted)
		sgl_json_str(j, NULL, "not-encrypted");
	if (hp->intent == SGL_HP_CLEAR && hp->is_encrypted && !hp->is_draft)
		sgl_json_str(j, NULL, "encrypted-by-another");
	sgl_json_close_array(j);
}

void
sgl_verdict_put_headers(sgl_json *j, const sgl_verdict *v)
{
	const sgl_hp_report *hp = &v->report->hp;

	if (hp->intent == SGL_HP_NONE)
		return;
	sgl_json_object(j, "header_protection");
	sgl_json_str(j, "form", hp->is_draft ? "draft" : "rfc9788");
	if (!hp->is_draft)
		sgl_json_str(j, "intent",
		    hp->intent == SGL_HP_CIPHER ? "cipher" : "clear");
	sgl_json_array(j, "outer_from");
	for (size_t i = 0; i < hp->outer_from.num_addrs; i++)
		sgl_json_str(j, NULL, hp->outer_from.addrs[i]);
	sgl_json_close_array(j);
	put_fields(j, v);
	put_findings(j, v);
	sgl_json_close_object(j);
}

static sgl_status
describe_differing(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SIZE_MAX);
	const sgl_hp_report *hp = &v->report->hp;

	for (size_t i = 0; i < hp->num_shown && text.len < TEXT_MAX; i++) {
		if (hp->fields[i].outside != SGL_HP_OUTSIDE_DIFFERS)
			continue;
		if (text.len > 0)
			TRY(sgl_buf_add_str(&text, ", ", err));
		TRY(sgl_buf_add_str(&text, hp->fields[i].name, err));
	}
	return sgl_verdict_take_text(&text, &v->differing, err);
}

sgl_status
sgl_verdict_describe_headers(sgl_verdict *v, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SIZE_MAX);

	if (v->report->hp.intent == SGL_HP_NONE)
		return SGL_OK;
	TRY(describe_differing(v, err));
	TRY(sgl_verdict_add_addresses(&v->report->hp.outer_from, &text, err));
	TRY(sgl_verdict_take_text(&text, &v->outer_from, err));
	TRY(sgl_verdict_add_addresses(&v->report->from, &text, err));
	return sgl_verdict_take_text(&text, &v->protected_from, err);
}

static bool
is_subject_hidden(const sgl_hp_report *hp)
{
	for (size_t i = 0; i < hp->num_shown; i++)
		if (hp->fields[i].outside == SGL_HP_OUTSIDE_HIDDEN &&
		    sgl_slice_eq_nocase(
			sgl_slice_str(hp->fields[i].name), SGL_LIT("Subject")))
			return true;
	return false;
}

void
sgl_verdict_summarise_headers(const sgl_verdict *v, sgl_verdict_summary *out)
{
	const sgl_hp_report *hp = &v->report->hp;

	out->protects_headers = hp->intent != SGL_HP_NONE;
	out->subject_was_hidden = is_subject_hidden(hp);
	out->differing_fields = v->differing == NULL ? "" : v->differing;
	out->outer_from = v->outer_from == NULL ? "" : v->outer_from;
	out->protected_from =
	    v->protected_from == NULL ? "" : v->protected_from;
	out->from_differs = hp->from_differs;
	out->from_is_unproven = v->from_is_unproven;
}
