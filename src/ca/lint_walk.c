/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules use to look at a certificate and to say what they saw. */
#include <stdio.h>

#include "base/utf8.h"
#include "ca/lint_inside.h"

/* ------------------------------------------ for which certificates --- */

bool
sgl_lint_to_all(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)c;
	(void)r;
	return true;
}

bool
sgl_lint_to_authorities(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->is_ca;
}

bool
sgl_lint_to_extension(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_has(c, r->oid);
}

/* A key that anything is allowed to (RFC 8550 4.4.4) is for mail if there is
 * an address. */
bool
sgl_lint_to_mail(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_ca &&
	    (c->has_mail_purpose ||
		(c->has_mailbox && !sgl_lint_has(c, SGL_OID_CE_EXT_KEY_USAGE)));
}

bool
sgl_lint_to_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->num_reserved > 0;
}

bool
sgl_lint_to_br_leaf(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->is_leaf && c->num_reserved > 0;
}

bool
sgl_lint_to_br_extension(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br_leaf(c, r) && sgl_lint_has(c, r->oid);
}

static bool
is_leaf_of(const sgl_lint_case *c, unsigned generations)
{
	return c->is_leaf && sgl_lint_is_generation(c, generations);
}

bool
sgl_lint_to_legacy(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_leaf_of(c, SGL_LINT_LEGACY);
}

bool
sgl_lint_to_strict(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_leaf_of(c, SGL_LINT_STRICT);
}

bool
sgl_lint_to_wider(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_leaf_of(c, SGL_LINT_LEGACY | SGL_LINT_MULTIPURPOSE);
}

bool
sgl_lint_to_newer(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_leaf_of(c, SGL_LINT_MULTIPURPOSE | SGL_LINT_STRICT);
}

/* ------------------------------------------------ what they demand --- */

bool
sgl_lint_never(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)c;
	(void)r;
	(void)note;
	return false;
}

bool
sgl_lint_is_present(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return sgl_lint_has(c, r->oid);
}

bool
sgl_lint_is_critical(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return c->ext[r->oid].critical;
}

bool
sgl_lint_is_not_critical(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return !c->ext[r->oid].critical;
}

bool
sgl_lint_is_version_3(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->version == 3;
}

bool
sgl_lint_is_key_id_alone(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	const sgl_cert *cert = c->cert;

	if (c->ext[r->oid].critical)
		return sgl_lint_say(note, "critical");
	if (cert->aki_key_id.len == 0)
		return sgl_lint_say(note, "keyIdentifier");
	if (cert->aki_issuer.data != NULL)
		return sgl_lint_say(note, "authorityCertIssuer");
	return cert->aki_serial.data == NULL ||
	    sgl_lint_say(note, "authorityCertSerialNumber");
}

static bool
is_forbidden_purpose(sgl_oid oid)
{
	return oid == SGL_OID_KP_SERVER_AUTH ||
	    oid == SGL_OID_KP_CODE_SIGNING || oid == SGL_OID_KP_TIME_STAMPING ||
	    oid == SGL_OID_ANY_EXT_KEY_USAGE;
}

bool
sgl_lint_are_purposes_right(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->ext_key_usage);
	sgl_slice oid;

	(void)r;
	while (sgl_der_read_oid(&in, &oid))
		if (is_forbidden_purpose(sgl_oid_find(oid)))
			return sgl_lint_say_oid(note, oid);
	return c->has_mail_purpose;
}

/* ---------------------------------------------------------- saying --- */

bool
sgl_lint_say(sgl_lint_note *note, const char *text)
{
	return sgl_lint_say_bytes(note, sgl_slice_str(text));
}

static bool
is_printable(uint32_t c)
{
	return c >= 0x20 && c != 0x7f && (c < 0x80 || c > 0x9f) &&
	    c != 0x2028 && c != 0x2029 &&
	    /* what turns the direction of a line around */
	    (c < 0x202a || c > 0x202e) && (c < 0x2066 || c > 0x2069);
}

bool
sgl_lint_say_bytes(sgl_lint_note *note, sgl_slice text)
{
	size_t at = 0;

	while (text.len > 0) {
		uint32_t c;
		size_t n = sgl_utf8_read(text, &c);
		bool good = n > 0 && is_printable(c);
		size_t room = good ? n : 1;

		if (at + room >= sizeof note->text)
			break;
		if (good)
			memcpy(note->text + at, text.data, n);
		else
			note->text[at] = '?';
		at += room;
		text = sgl_slice_from(text, n > 0 ? n : 1);
	}
	note->text[at] = '\0';
	return false;
}

bool
sgl_lint_say_oid(sgl_lint_note *note, sgl_slice oid)
{
	char label[SGL_OID_TEXT];

	return sgl_lint_say(note, sgl_oid_label(oid, label));
}

/* --------------------------------------------------------- walking --- */

sgl_lint_avas
sgl_lint_avas_of(sgl_slice name)
{
	sgl_lint_avas w = {0};

	if (!sgl_name_open(name, &w.rdns))
		w.rdns = (sgl_der){0};
	return w;
}

bool
sgl_lint_avas_next(sgl_lint_avas *w, sgl_ava *out)
{
	while (!sgl_ava_read(&w->rdn, out))
		if (!sgl_der_read(&w->rdns, SGL_SET, &w->rdn))
			return false;
	return true;
}

bool
sgl_lint_avas_find(sgl_lint_avas *w, sgl_oid type, sgl_ava *out)
{
	while (sgl_lint_avas_next(w, out))
		if (sgl_slice_eq(out->type, sgl_oid_der(type)))
			return true;
	return false;
}

bool
sgl_lint_subject_has(const sgl_lint_case *c, sgl_oid type)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_ava ava;

	return sgl_lint_avas_find(&w, type, &ava);
}

bool
sgl_lint_value_of(const sgl_ava *ava, sgl_lint_value *out)
{
	sgl_buf text = {.data = out->bytes,
	    .cap = sizeof out->bytes,
	    .max = sizeof out->bytes};

	if (!sgl_ava_text(ava, &text))
		return false;
	out->len = text.len;
	return true;
}

sgl_lint_points
sgl_lint_points_of(const sgl_cert *cert)
{
	return (sgl_lint_points){
	    .points = sgl_der_over(cert->crl_distribution_points)};
}

/* RFC 5280 4.2.1.13: DistributionPoint, [0] DistributionPointName, [0]
 * fullName. */
static bool
open_next_point(sgl_lint_points *w)
{
	sgl_der point, name;

	if (!sgl_der_read(&w->points, SGL_SEQUENCE, &point))
		return false;
	if (!sgl_der_read(&point, SGL_CONTEXT(0), &name) ||
	    !sgl_der_read(&name, SGL_CONTEXT(0), &w->names))
		w->names = (sgl_der){0};
	return true;
}

bool
sgl_lint_points_next(sgl_lint_points *w, sgl_slice *uri)
{
	sgl_general name;

	for (;;) {
		while (sgl_general_read(&w->names, &name))
			if (name.kind == SGL_GENERAL_URI) {
				*uri = name.value;
				return true;
			}
		if (!open_next_point(w))
			return false;
	}
}

sgl_lint_access
sgl_lint_access_of(const sgl_cert *cert)
{
	return (sgl_lint_access){sgl_der_over(cert->authority_info_access)};
}

bool
sgl_lint_access_next(sgl_lint_access *w, sgl_oid *method, sgl_slice *uri)
{
	sgl_der one;
	sgl_slice oid;
	sgl_general name;

	while (sgl_der_read(&w->list, SGL_SEQUENCE, &one)) {
		if (!sgl_der_read_oid(&one, &oid) ||
		    !sgl_general_read(&one, &name) ||
		    name.kind != SGL_GENERAL_URI)
			continue;
		*method = sgl_oid_find(oid);
		*uri = name.value;
		return true;
	}
	return false;
}

bool
sgl_lint_has_purpose(const sgl_cert *cert, sgl_oid purpose)
{
	sgl_der in = sgl_der_over(cert->ext_key_usage);
	sgl_slice oid;

	while (sgl_der_read_oid(&in, &oid))
		if (sgl_slice_eq(oid, sgl_oid_der(purpose)))
			return true;
	return false;
}

bool
sgl_lint_has_point(const sgl_cert *cert, sgl_lint_uri_check *will_do)
{
	sgl_lint_points w = sgl_lint_points_of(cert);
	sgl_slice uri;

	while (sgl_lint_points_next(&w, &uri))
		if (will_do(uri))
			return true;
	return false;
}

bool
sgl_lint_has_access(
    const sgl_cert *cert, sgl_oid method, sgl_lint_uri_check *will_do)
{
	sgl_lint_access w = sgl_lint_access_of(cert);
	bool none = true;
	sgl_oid of;
	sgl_slice uri;

	while (sgl_lint_access_next(&w, &of, &uri)) {
		if (of != method)
			continue;
		if (will_do(uri))
			return true;
		none = false;
	}
	return none;
}

bool
sgl_lint_is_http(sgl_slice uri)
{
	return sgl_slice_starts_nocase(uri, SGL_LIT("http://"));
}

static bool
open_key(const sgl_cert *cert, sgl_slice *algorithm, sgl_slice *bits)
{
	sgl_der in = sgl_der_over(cert->spki), spki;
	unsigned unused;

	return sgl_der_read(&in, SGL_SEQUENCE, &spki) &&
	    sgl_der_read_whole(&spki, SGL_SEQUENCE, algorithm) &&
	    sgl_der_read_bits(&spki, bits, &unused);
}

sgl_slice
sgl_lint_key_algorithm(const sgl_cert *cert)
{
	sgl_slice algorithm, bits;

	return open_key(cert, &algorithm, &bits) ? algorithm : (sgl_slice){0};
}

bool
sgl_lint_open_rsa(const sgl_cert *cert, sgl_slice *n, sgl_slice *e)
{
	sgl_slice algorithm, bits;
	sgl_der in, key;

	if (cert->key_kind != SGL_KEY_RSA || !open_key(cert, &algorithm, &bits))
		return false;
	in = sgl_der_over(bits);
	return sgl_der_read(&in, SGL_SEQUENCE, &key) &&
	    sgl_der_read_unsigned(&key, n) && sgl_der_read_unsigned(&key, e);
}
