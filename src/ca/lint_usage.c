/* SPDX-License-Identifier: Apache-2.0 */
/* What keys and signatures of each algorithm are for, and how they are written
 * (RFC 3279, 4055, 5280, 8813). The BR have their own rules of this kind for
 * their certificates. */
#include "ca/lint_inside.h"

static bool
has_usage_beyond_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->has_key_usage && c->num_reserved == 0;
}

/* For mail there is a rule of its own (RFC 8550 4.4.2). */
static bool
has_usage_not_for_mail(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return has_usage_beyond_br(c, r) && !sgl_lint_to_mail(c, r);
}

static bool
has_rsa_usage(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return has_usage_beyond_br(c, r) && c->cert->key_kind == SGL_KEY_RSA;
}

static bool
has_rsa_authority_usage(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return has_rsa_usage(c, r) && c->cert->is_ca;
}

static bool
has_ec_usage(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return has_usage_beyond_br(c, r) &&
	    c->cert->key_algorithm == SGL_OID_EC_PUBLIC_KEY;
}

/* KeyUsage has nine bits (RFC 5280 4.2.1.3). */
static bool
is_usage_of_nine(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[SGL_OID_CE_KEY_USAGE].value);
	sgl_slice contents;
	unsigned flags;

	(void)r;
	(void)note;
	return !sgl_der_read_bytes(&in, SGL_BIT_STRING, &contents) ||
	    !sgl_lax_flags(contents, &flags) ||
	    (contents.len <= 3 && (flags & ~(unsigned)SGL_KU_ALL) == 0);
}

static bool
is_usage_of_rsa(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return (c->cert->key_usage &
		   (SGL_KU_KEY_AGREEMENT | SGL_KU_ENCIPHER_ONLY |
		       SGL_KU_DECIPHER_ONLY)) == 0;
}

static bool
is_signing_alone(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return (c->cert->key_usage &
		   (SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN)) == 0 ||
	    (c->cert->key_usage &
		(SGL_KU_KEY_ENCIPHERMENT | SGL_KU_DATA_ENCIPHERMENT)) == 0;
}

static bool
is_usage_of_ec(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return (c->cert->key_usage &
		   (SGL_KU_KEY_ENCIPHERMENT | SGL_KU_DATA_ENCIPHERMENT)) == 0;
}

/* ------------------------------------------------------- parameters --- */

static bool
is_beyond_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->num_reserved == 0;
}

/* rsaEncryption and the signatures by PKCS#1 v1.5 (RFC 3279 2.2.1, RFC 4055 5),
 * which all have NULL. */
static bool
wants_null(sgl_slice oid)
{
	static const uint8_t arc[] = {
	    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
	uint8_t last;

	if (oid.len != sizeof arc + 1 ||
	    !sgl_slice_starts(oid, sgl_slice_of(arc, sizeof arc)))
		return false;
	last = oid.data[sizeof arc];
	return (last >= 1 && last <= 5) || (last >= 11 && last <= 14);
}

static bool
has_its_null(sgl_slice algorithm)
{
	sgl_der in = sgl_der_over(algorithm), body;
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid) || !wants_null(oid))
		return true;
	return sgl_slice_eq(sgl_der_rest(&body), SGL_LIT("\x05\x00"));
}

static bool
is_key_with_null(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_its_null(sgl_lint_key_algorithm(c->cert));
}

static bool
is_signature_with_null(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_its_null(c->cert->tbs_algorithm) &&
	    has_its_null(c->cert->signature_algorithm);
}

static const sgl_lint_rule rules[] = {
    {"rfc5280-ku-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.3", 0, 0,
	has_usage_not_for_mail, sgl_lint_is_critical,
	N_("the key usage is not critical"), SGL_OID_CE_KEY_USAGE, false},
    {"rfc5280-ku-length", SGL_LINT_ERROR, "RFC 5280 4.2.1.3", 0, 0,
	sgl_lint_to_extension, is_usage_of_nine,
	N_("the key usage has bits that there are not"), SGL_OID_CE_KEY_USAGE,
	false},
    {"rfc3279-ku-rsa", SGL_LINT_ERROR, "RFC 3279 2.3.1", 0, 0, has_rsa_usage,
	is_usage_of_rsa, N_("an RSA key agrees on no keys"), 0, false},
    {"rfc3279-ku-rsa-authority", SGL_LINT_WARN, "RFC 3279 2.3.1", 0, 0,
	has_rsa_authority_usage, is_signing_alone,
	N_("an authority's RSA key is for encryption, too"), 0, false},
    {"rfc8813-ku-ec", SGL_LINT_ERROR, "RFC 8813 3", 0, 0, has_ec_usage,
	is_usage_of_ec, N_("an EC key enciphers nothing"), 0, false},
    {"rfc3279-key-parameters", SGL_LINT_ERROR, "RFC 3279 2.3.1", 0, 0,
	is_beyond_br, is_key_with_null,
	N_("the parameters of the RSA key are not NULL"), 0, false},
    {"rfc4055-signature-parameters", SGL_LINT_ERROR, "RFC 3279 2.2.1, 4055 5",
	0, 0, is_beyond_br, is_signature_with_null,
	N_("the parameters of the RSA signature are not NULL"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_usage, rules);
