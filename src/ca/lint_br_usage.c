/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.2.3 e and f: what a subscriber's key may be used for. */
#include "ca/lint_inside.h"

#define SIGNING SGL_KU_DIGITAL_SIGNATURE
#define REPUDIATION SGL_KU_NON_REPUDIATION
#define ENCIPHER SGL_KU_KEY_ENCIPHERMENT
#define DATA SGL_KU_DATA_ENCIPHERMENT
#define AGREE SGL_KU_KEY_AGREEMENT
#define AGREE_LIMITS (SGL_KU_ENCIPHER_ONLY | SGL_KU_DECIPHER_ONLY)

typedef enum key_class {
	KEY_OTHER,
	KEY_RSA,
	KEY_EC,
	KEY_EDWARDS,
	KEY_ML_DSA,
	KEY_ML_KEM
} key_class;

static key_class
class_of(const sgl_cert *cert)
{
	switch (cert->key_algorithm) {
	case SGL_OID_RSA_ENCRYPTION:
		return KEY_RSA;
	case SGL_OID_EC_PUBLIC_KEY:
		return KEY_EC;
	case SGL_OID_ED25519:
	case SGL_OID_ED448:
		return KEY_EDWARDS;
	case SGL_OID_ML_DSA_44:
	case SGL_OID_ML_DSA_65:
	case SGL_OID_ML_DSA_87:
		return KEY_ML_DSA;
	case SGL_OID_ML_KEM_512:
	case SGL_OID_ML_KEM_768:
	case SGL_OID_ML_KEM_1024:
		return KEY_ML_KEM;
	default:
		return KEY_OTHER;
	}
}

/*
 * Keys that sign or serve to agree on keys, or both: at least one of the two
 * bits must be there (`kind`), and then nothing but what goes with it. A usage
 * without any bit is RFC 5280's matter.
 */
static bool
is_usage_of(const sgl_lint_case *c, const sgl_lint_rule *r, key_class class)
{
	return sgl_lint_to_br_leaf(c, r) && c->cert->has_key_usage &&
	    class_of(c->cert) == class;
}

static bool
has_bits(const sgl_lint_case *c, unsigned bits)
{
	return (c->cert->key_usage & bits) != 0;
}

static bool
is_within(unsigned usage, unsigned key_bit, unsigned key_extras)
{
	unsigned allowed = 0;

	if ((usage & SIGNING) != 0)
		allowed |= SIGNING | REPUDIATION;
	if ((usage & key_bit) != 0)
		allowed |= key_bit | key_extras;
	return (usage & ~allowed) == 0;
}

/* ------------------------------------------------------------------ RSA --- */

static bool
to_rsa(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return is_usage_of(c, r, KEY_RSA) && c->cert->key_usage != 0;
}

static bool
is_rsa_kind(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_bits(c, SIGNING | ENCIPHER);
}

static bool
to_rsa_strict(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_rsa(c, r) && has_bits(c, SIGNING | ENCIPHER) &&
	    sgl_lint_to_strict(c, r);
}

static bool
is_rsa_strict(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return is_within(c->cert->key_usage, ENCIPHER, 0);
}

static bool
to_rsa_wider(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_rsa(c, r) && has_bits(c, SIGNING | ENCIPHER) &&
	    sgl_lint_to_wider(c, r);
}

static bool
is_rsa_wider(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return is_within(c->cert->key_usage, ENCIPHER, DATA);
}

/* ----------------------------------------------------- elliptic curves --- */

static bool
to_ec(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return is_usage_of(c, r, KEY_EC) && c->cert->key_usage != 0;
}

static bool
is_ec_kind(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_bits(c, SIGNING | AGREE);
}

static bool
to_ec_of_a_kind(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_ec(c, r) && has_bits(c, SIGNING | AGREE);
}

static bool
is_ec_usage(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return is_within(c->cert->key_usage, AGREE, AGREE_LIMITS);
}

/* ------------------------------------- keys that sign, or encapsulate --- */

static bool
to_edwards(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return is_usage_of(c, r, KEY_EDWARDS);
}

static bool
to_ml_dsa(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return is_usage_of(c, r, KEY_ML_DSA);
}

static bool
to_ml_kem(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return is_usage_of(c, r, KEY_ML_KEM);
}

static bool
is_signing_usage(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_bits(c, SIGNING) && is_within(c->cert->key_usage, 0, 0);
}

static bool
is_encapsulating_usage(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->key_usage == ENCIPHER;
}

/* ---------------------------------------------------- extended key usage ---
 */

static bool
is_mail_alone(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->ext_key_usage);
	sgl_slice oid;

	(void)r;
	while (sgl_der_read_oid(&in, &oid))
		if (sgl_oid_find(oid) != SGL_OID_KP_EMAIL_PROTECTION)
			return sgl_lint_say_oid(note, oid);
	return c->has_mail_purpose;
}

#define USAGE "S/MIME BR 7.1.2.3 e"

static const sgl_lint_rule rules[] = {
    {"br-ku-present", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_br_leaf, sgl_lint_is_present, N_("no key usage"),
	SGL_OID_CE_KEY_USAGE, false},
    {"br-ku-critical", SGL_LINT_WARN, USAGE, SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_br_extension, sgl_lint_is_critical,
	N_("the key usage is not critical"), SGL_OID_CE_KEY_USAGE, false},
    {"br-ku-rsa-kind", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0, to_rsa,
	is_rsa_kind,
	N_("the usage of an RSA key is neither digitalSignature nor "
	   "keyEncipherment"),
	0, false},
    {"br-ku-rsa-strict", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0,
	to_rsa_strict, is_rsa_strict,
	N_("a key usage beyond those that a strict certificate with an RSA key "
	   "may have together"),
	0, false},
    {"br-ku-rsa", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0, to_rsa_wider,
	is_rsa_wider,
	N_("a key usage beyond those that a certificate with an RSA key may "
	   "have together"),
	0, false},
    {"br-ku-ec-kind", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0, to_ec,
	is_ec_kind,
	N_("the usage of an EC key is neither digitalSignature nor "
	   "keyAgreement"),
	0, false},
    {"br-ku-ec", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0, to_ec_of_a_kind,
	is_ec_usage,
	N_("a key usage beyond those that a certificate with an EC key may "
	   "have together"),
	0, false},
    {"br-ku-edwards", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_0, 0, to_edwards,
	is_signing_usage,
	N_("the usage of an Edwards curve key is not digitalSignature, with or "
	   "without nonRepudiation"),
	0, false},
    {"br-ku-ml-dsa", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_11, 0, to_ml_dsa,
	is_signing_usage,
	N_("the usage of an ML-DSA key is not digitalSignature, with or "
	   "without nonRepudiation"),
	0, false},
    {"br-ku-ml-kem", SGL_LINT_ERROR, USAGE, SGL_LINT_BR_1_0_11, 0, to_ml_kem,
	is_encapsulating_usage,
	N_("the usage of an ML-KEM key is not keyEncipherment alone"), 0,
	false},

    {"br-eku-present", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 f", SGL_LINT_BR_1_0_0,
	0, sgl_lint_to_br_leaf, sgl_lint_is_present,
	N_("no extended key usage"), SGL_OID_CE_EXT_KEY_USAGE, false},
    {"br-eku-strict", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 f", SGL_LINT_BR_1_0_0,
	0, sgl_lint_to_strict, is_mail_alone,
	N_("the extended key usage of a strict certificate is not "
	   "emailProtection alone"),
	0, false},
    {"br-eku", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 f", SGL_LINT_BR_1_0_0, 0,
	sgl_lint_to_wider, sgl_lint_are_purposes_right,
	N_("the extended key usage is without emailProtection, or has a "
	   "purpose that is not allowed beside it"),
	0, false},
};

SGL_LINT_TABLE(sgl_lint_br_usage, rules);
