/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5280 4.2: extensions. */
#include "ca/lint_inside.h"

#define NOTICE_MOST 200 /* characters (RFC 5280 4.2.1.4) */
#define MAX_POLICIES 64 /* that are looked through for doubles */

/* ------------------------------------------------------ as a whole --- */

static bool
are_extensions_single(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return c->cert->duplicate_extension.len == 0 ||
	    sgl_lint_say_oid(note, c->cert->duplicate_extension);
}

/* Extensions that sgl_cert_read takes for absent where they cannot be read. */
static bool
find_unread(const sgl_lint_case *c, sgl_oid *oid)
{
	const struct {
		sgl_oid oid;
		const sgl_slice *read;
	} hints[] = {
	    {SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, &c->cert->ski},
	    {SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, &c->cert->aki},
	    {SGL_OID_CE_CRL_DISTRIBUTION_POINTS,
		&c->cert->crl_distribution_points},
	    {SGL_OID_PE_AUTHORITY_INFO_ACCESS, &c->cert->authority_info_access},
	};

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (sgl_lint_has(c, hints[i].oid) &&
		    hints[i].read->data == NULL) {
			*oid = hints[i].oid;
			return true;
		}
	return false;
}

static bool
are_extensions_read(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_oid oid;

	(void)r;
	if (c->cert->malformed_extension.len > 0)
		return sgl_lint_say_oid(note, c->cert->malformed_extension);
	return !find_unread(c, &oid) || sgl_lint_say(note, sgl_oid_name(oid));
}

/* DER: a BOOLEAN that is FALSE by default is left out, and TRUE is 0xff (X.690
 * 11.1, 11.5). */
static bool
is_critical_der(sgl_der *list, sgl_slice *oid)
{
	sgl_der body;
	sgl_slice byte;

	if (!sgl_der_read(list, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_bytes(&body, SGL_OID, oid) ||
	    !sgl_der_next_is(&body, SGL_BOOLEAN))
		return true;
	return sgl_der_read_bytes(&body, SGL_BOOLEAN, &byte) && byte.len == 1 &&
	    byte.data[0] == 0xff;
}

static bool
are_criticals_der(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der list = sgl_der_over(c->cert->extensions);
	sgl_slice oid = {0};

	(void)r;
	while (sgl_der_next_is(&list, SGL_SEQUENCE))
		if (!is_critical_der(&list, &oid))
			return sgl_lint_say_oid(note, oid);
	return true;
}

/* For mail there is a rule of its own (RFC 8550 4.4). */
static bool
is_not_for_mail(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return !sgl_lint_to_mail(c, r);
}

static bool
has_no_unknown_critical(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return c->cert->unknown_critical.len == 0 ||
	    sgl_lint_say_oid(note, c->cert->unknown_critical);
}

/* ----------------------------------------------- key identifiers --- */

/* All but an authority that signed itself. */
static bool
is_issued(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_ca || !c->cert->is_self_issued ||
	    c->cert->subject.len <= 2;
}

static bool
has_authority_key_id(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->aki_key_id.len > 0;
}

static bool
is_authority_pair_whole(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return (c->cert->aki_issuer.data == NULL) ==
	    (c->cert->aki_serial.data == NULL);
}

static bool
is_no_authority(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_ca;
}

/* -------------------------------------------------- key usage, rights --- */

static bool
is_usage_given(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->key_usage != 0;
}

/* A named BIT STRING ends with its last bit that is set (X.690 11.2.2). */
static bool
is_usage_der(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[SGL_OID_CE_KEY_USAGE].value);
	sgl_slice bits;
	uint8_t last;

	(void)r;
	(void)note;
	if (!sgl_der_read_bytes(&in, SGL_BIT_STRING, &bits) || bits.len < 2)
		return true;
	last = bits.data[bits.len - 1];
	return last != 0 && bits.data[0] == __builtin_ctz(last);
}

static bool
may_certify(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->has_key_usage &&
	    (c->cert->key_usage & SGL_KU_KEY_CERT_SIGN) != 0;
}

static bool
is_authority(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->is_ca;
}

static bool
has_agreement_limit(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->has_key_usage &&
	    (c->cert->key_usage &
		(SGL_KU_ENCIPHER_ONLY | SGL_KU_DECIPHER_ONLY)) != 0;
}

static bool
has_agreement(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return (c->cert->key_usage & SGL_KU_KEY_AGREEMENT) != 0;
}

static bool
has_path_length(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->has_path_len;
}

static bool
is_path_length_useful(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->is_ca && c->cert->has_key_usage &&
	    (c->cert->key_usage & SGL_KU_KEY_CERT_SIGN) != 0;
}

/* cA is FALSE by default and then left out (X.690 11.5). */
static bool
is_basic_der(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[r->oid].value), body;
	sgl_slice byte;

	(void)note;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_next_is(&body, SGL_BOOLEAN))
		return true;
	return sgl_der_read_bytes(&body, SGL_BOOLEAN, &byte) && byte.len == 1 &&
	    byte.data[0] == 0xff;
}

static bool
is_any_purpose_not_critical(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return !c->ext[r->oid].critical ||
	    !sgl_lint_has_purpose(c->cert, SGL_OID_ANY_EXT_KEY_USAGE);
}

/* ---------------------------------------------------------- policies --- */

static bool
are_policies_single(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice seen[MAX_POLICIES], oid;
	sgl_der in = sgl_der_over(c->cert->policies), info;
	size_t num = 0;

	(void)r;
	while (sgl_der_read(&in, SGL_SEQUENCE, &info) &&
	    sgl_der_read_oid(&info, &oid)) {
		for (size_t i = 0; i < num; i++)
			if (sgl_slice_eq(seen[i], oid))
				return sgl_lint_say_oid(note, oid);
		if (num < MAX_POLICIES)
			seen[num++] = oid;
	}
	return true;
}

/* DisplayText: not IA5String (RFC 6818 3), and not endless. */
static bool
is_display_text(sgl_tag tag, sgl_slice text)
{
	size_t num = 0;

	if (tag == SGL_BMP_STRING)
		return text.len / 2 <= NOTICE_MOST;
	for (size_t i = 0; i < text.len; i++)
		num += (text.data[i] & 0xc0) != 0x80;
	return (tag == SGL_UTF8_STRING || tag == SGL_VISIBLE_STRING) &&
	    num <= NOTICE_MOST;
}

static bool
is_notice_good(sgl_der qualifier)
{
	sgl_der notice, text;
	sgl_tag tag;

	if (!sgl_der_read(&qualifier, SGL_SEQUENCE, &notice) ||
	    (sgl_der_next_is(&notice, SGL_SEQUENCE) &&
		!sgl_der_read(&notice, SGL_SEQUENCE, NULL)))
		return false;
	return sgl_der_done(&notice) ||
	    (sgl_der_read_any(&notice, &tag, NULL, &text) &&
		is_display_text(tag, sgl_der_rest(&text)));
}

static bool
are_qualifiers_good(sgl_der info)
{
	sgl_der list, one;
	sgl_slice oid;

	if (!sgl_der_read_oid(&info, &oid) ||
	    !sgl_der_read(&info, SGL_SEQUENCE, &list))
		return true;
	while (sgl_der_read(&list, SGL_SEQUENCE, &one))
		if (sgl_der_read_oid(&one, &oid) &&
		    sgl_oid_find(oid) == SGL_OID_QT_UNOTICE &&
		    !is_notice_good(one))
			return false;
	return true;
}

static bool
are_notices_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->policies), info;

	(void)r;
	(void)note;
	while (sgl_der_read(&in, SGL_SEQUENCE, &info))
		if (!are_qualifiers_good(info))
			return false;
	return true;
}

/* ------------------------------------------------- alternative names --- */

static bool
has_alt_name(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->subject_alt_name.len > 0;
}

static bool
are_alt_names_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	(void)r;
	(void)note;
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_BAD || name.value.len == 0)
			return false;
	return true;
}

/* The BR have their own rule for their certificates. */
static bool
is_alt_name_beside_subject(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_extension(c, r) && c->cert->subject.len > 2 &&
	    !sgl_lint_to_br_leaf(c, r);
}

/* ---------------------------------------------------- CRL and access --- */

/* DistributionPoint: not reasons alone. */
static bool
are_points_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->crl_distribution_points), point;

	(void)r;
	(void)note;
	while (sgl_der_read(&in, SGL_SEQUENCE, &point)) {
		bool name, reasons, issuer;

		if (!sgl_der_read_opt(&point, SGL_CONTEXT(0), NULL, &name) ||
		    !sgl_der_read_opt(
			&point, SGL_CONTEXT_PRIMITIVE(1), NULL, &reasons) ||
		    !sgl_der_read_opt(&point, SGL_CONTEXT(2), NULL, &issuer) ||
		    !sgl_der_done(&point) || (!name && !issuer))
			return false;
	}
	return sgl_der_done(&in);
}

#define NOT_CRITICAL(id, clause, text, oid)                                    \
	{                                                                      \
		id, SGL_LINT_ERROR, clause, 0, 0, sgl_lint_to_extension,       \
		    sgl_lint_is_not_critical, text, oid, false                 \
	}
#define CRITICAL(id, clause, text, oid)                                        \
	{                                                                      \
		id, SGL_LINT_ERROR, clause, 0, 0, sgl_lint_to_extension,       \
		    sgl_lint_is_critical, text, oid, false                     \
	}

static const sgl_lint_rule rules[] = {
    {"rfc5280-extension-twice", SGL_LINT_ERROR, "RFC 5280 4.2", 0, 0,
	sgl_lint_to_all, are_extensions_single, N_("it has an extension twice"),
	0, false},
    {"rfc5280-extension-form", SGL_LINT_ERROR, "RFC 5280 4.2", 0, 0,
	sgl_lint_to_all, are_extensions_read, N_("an extension cannot be read"),
	0, false},
    {"rfc5280-critical-der", SGL_LINT_ERROR, "RFC 5280 4.2, X.690 11.5", 0, 0,
	sgl_lint_to_all, are_criticals_der,
	N_("whether an extension is critical is not written as DER"), 0, false},
    {"rfc5280-critical-unknown", SGL_LINT_WARN, "RFC 5280 4.2", 0, 0,
	is_not_for_mail, has_no_unknown_critical,
	N_("a critical extension that few programs know, so that they refuse "
	   "the certificate"),
	0, false},

    {"rfc5280-aki-present", SGL_LINT_ERROR, "RFC 5280 4.2.1.1", 0, 0, is_issued,
	has_authority_key_id,
	N_("no authority key identifier with a key identifier"), 0, false},
    NOT_CRITICAL("rfc5280-aki-critical", "RFC 5280 4.2.1.1",
	N_("the authority key identifier is critical"),
	SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER),
    {"rfc5280-aki-pair", SGL_LINT_ERROR, "RFC 5280 A.2", 0, 0,
	sgl_lint_to_extension, is_authority_pair_whole,
	N_("the authority key identifier names issuer or serial number without "
	   "the other"),
	SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, false},
    {"rfc5280-ski-authority", SGL_LINT_ERROR, "RFC 5280 4.2.1.2", 0, 0,
	sgl_lint_to_authorities, sgl_lint_is_present,
	N_("an authority without subject key identifier"),
	SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, false},
    {"rfc5280-ski-present", SGL_LINT_WARN, "RFC 5280 4.2.1.2", 0, 0,
	is_no_authority, sgl_lint_is_present, N_("no subject key identifier"),
	SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, false},
    NOT_CRITICAL("rfc5280-ski-critical", "RFC 5280 4.2.1.2",
	N_("the subject key identifier is critical"),
	SGL_OID_CE_SUBJECT_KEY_IDENTIFIER),

    {"rfc5280-ku-authority", SGL_LINT_ERROR, "RFC 5280 4.2.1.3", 0, 0,
	sgl_lint_to_authorities, sgl_lint_is_present,
	N_("an authority without key usage"), SGL_OID_CE_KEY_USAGE, false},
    {"rfc5280-ku-empty", SGL_LINT_ERROR, "RFC 5280 4.2.1.3", 0, 0,
	sgl_lint_to_extension, is_usage_given,
	N_("the key usage allows nothing"), SGL_OID_CE_KEY_USAGE, false},
    {"rfc5280-ku-der", SGL_LINT_ERROR, "RFC 5280 4.2.1.3, X.690 11.2.2", 0, 0,
	sgl_lint_to_extension, is_usage_der,
	N_("the key usage is not written as DER"), SGL_OID_CE_KEY_USAGE, false},
    {"rfc5280-ku-cert-sign", SGL_LINT_ERROR, "RFC 5280 4.2.1.9", 0, 0,
	may_certify, is_authority,
	N_("the key usage is to sign certificates, but it is no authority"), 0,
	false},
    {"rfc5280-ku-agreement-limit", SGL_LINT_WARN, "RFC 5280 4.2.1.3", 0, 0,
	has_agreement_limit, has_agreement,
	N_("encipherOnly or decipherOnly without keyAgreement means nothing"),
	0, false},

    {"rfc5280-policies-twice", SGL_LINT_ERROR, "RFC 5280 4.2.1.4", 0, 0,
	sgl_lint_to_extension, are_policies_single, N_("it has a policy twice"),
	SGL_OID_CE_CERTIFICATE_POLICIES, false},
    {"rfc5280-policy-notice", SGL_LINT_ERROR, "RFC 5280 4.2.1.4, RFC 6818 3",
	SGL_LINT_RFC_6818, 0, sgl_lint_to_extension, are_notices_good,
	N_("a policy's user notice is malformed, longer than 200 characters or "
	   "an IA5String"),
	SGL_OID_CE_CERTIFICATE_POLICIES, false},

    {"rfc5280-san-form", SGL_LINT_ERROR, "RFC 5280 4.2.1.6", 0, 0, has_alt_name,
	are_alt_names_good,
	N_("a subject alternative name is empty or malformed"), 0, false},
    {"rfc5280-san-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.6", 0, 0,
	is_alt_name_beside_subject, sgl_lint_is_not_critical,
	N_("the subject alternative name is critical beside a subject"),
	SGL_OID_CE_SUBJECT_ALT_NAME, false},
    {"rfc5280-ian-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.7", 0, 0,
	sgl_lint_to_extension, sgl_lint_is_not_critical,
	N_("the issuer alternative name is critical"),
	SGL_OID_CE_ISSUER_ALT_NAME, false},
    NOT_CRITICAL("rfc5280-sda-critical", "RFC 5280 4.2.1.8",
	N_("the subject directory attributes are critical"),
	SGL_OID_CE_SUBJECT_DIRECTORY_ATTRIBUTES),

    {"rfc5280-basic-authority", SGL_LINT_ERROR, "RFC 5280 4.2.1.9", 0, 0,
	sgl_lint_to_authorities, sgl_lint_is_critical,
	N_("the basic constraints of an authority are not critical"),
	SGL_OID_CE_BASIC_CONSTRAINTS, false},
    {"rfc5280-basic-path-length", SGL_LINT_ERROR, "RFC 5280 4.2.1.9", 0, 0,
	has_path_length, is_path_length_useful,
	N_("a path length for what cannot issue certificates"), 0, false},
    {"rfc5280-basic-der", SGL_LINT_ERROR, "RFC 5280 4.2.1.9, X.690 11.5", 0, 0,
	sgl_lint_to_extension, is_basic_der,
	N_("the basic constraints are not written as DER"),
	SGL_OID_CE_BASIC_CONSTRAINTS, false},

    {"rfc5280-nc-authority", SGL_LINT_ERROR, "RFC 5280 4.2.1.10", 0, 0,
	sgl_lint_to_extension, is_authority,
	N_("name constraints of what is no authority"),
	SGL_OID_CE_NAME_CONSTRAINTS, false},
    CRITICAL("rfc5280-nc-critical", "RFC 5280 4.2.1.10",
	N_("the name constraints are not critical"),
	SGL_OID_CE_NAME_CONSTRAINTS),
    CRITICAL("rfc5280-pc-critical", "RFC 5280 4.2.1.11",
	N_("the policy constraints are not critical"),
	SGL_OID_CE_POLICY_CONSTRAINTS),
    CRITICAL("rfc5280-any-policy-critical", "RFC 5280 4.2.1.14",
	N_("inhibiting any policy is not critical"),
	SGL_OID_CE_INHIBIT_ANY_POLICY),
    {"rfc5280-eku-any-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.12", 0, 0,
	sgl_lint_to_extension, is_any_purpose_not_critical,
	N_("the extended key usage is critical, but allows every purpose"),
	SGL_OID_CE_EXT_KEY_USAGE, false},

    {"rfc5280-crldp-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.13", 0, 0,
	sgl_lint_to_extension, sgl_lint_is_not_critical,
	N_("the CRL distribution points are critical"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    {"rfc5280-crldp-form", SGL_LINT_ERROR, "RFC 5280 4.2.1.13", 0, 0,
	sgl_lint_to_extension, are_points_good,
	N_("a CRL distribution point names no place and no issuer"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    NOT_CRITICAL("rfc5280-freshest-critical", "RFC 5280 4.2.1.15",
	N_("the place of delta CRLs is critical"), SGL_OID_CE_FRESHEST_CRL),
    NOT_CRITICAL("rfc5280-aia-critical", "RFC 5280 4.2.2.1",
	N_("the authority information access is critical"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS),
};

SGL_LINT_TABLE(sgl_lint_extensions, rules);
