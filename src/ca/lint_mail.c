/* SPDX-License-Identifier: Apache-2.0 */
/* What S/MIME and its mail addresses demand: RFC 8550, 8551, 4262, 8398, 9598.
 */
#include "base/addr.h"
#include "ca/lint_inside.h"

#define WEAK_RSA 2048

/* ------------------------------------------------------- addresses --- */

static bool
has_address_in_alt_name(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->has_mailbox;
}

static bool
has_no_address_in_subject(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return !sgl_lint_subject_has(c, SGL_OID_AT_EMAIL_ADDRESS);
}

/* The first mailbox of a kind for which `good` does not hold. */
typedef bool mailbox_fn(sgl_slice address);

static bool
is_every_mailbox(const sgl_lint_case *c, sgl_general_kind kind,
    mailbox_fn *good, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == kind && !good(name.value))
			return sgl_lint_say_bytes(note, name.value);
	return true;
}

static bool
has_kind(const sgl_lint_case *c, sgl_general_kind kind)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == kind)
			return true;
	return false;
}

static bool
has_rfc822(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return has_kind(c, SGL_GENERAL_RFC822);
}

static bool
has_utf8_mailbox(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return has_kind(c, SGL_GENERAL_SMTP_UTF8);
}

/* Not the name, not the angle brackets, and one address alone. */
static bool
is_ascii_mailbox(sgl_slice address)
{
	return sgl_addr_is_ascii(address) && sgl_addr_is(address);
}

static bool
are_rfc822_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_mailbox(c, SGL_GENERAL_RFC822, is_ascii_mailbox, note);
}

static bool
has_wide_local_part(sgl_slice address)
{
	sgl_slice local, domain;

	return sgl_addr_split(address, &local, &domain) &&
	    !sgl_addr_is_ascii(local);
}

static bool
are_utf8_needed(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_mailbox(
	    c, SGL_GENERAL_SMTP_UTF8, has_wide_local_part, note);
}

static bool
is_utf8_mailbox(sgl_slice address)
{
	return !sgl_slice_starts(address, SGL_LIT("\xef\xbb\xbf")) &&
	    sgl_addr_is(address);
}

static bool
are_utf8_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_mailbox(
	    c, SGL_GENERAL_SMTP_UTF8, is_utf8_mailbox, note);
}

static bool
has_a_label_domain(sgl_slice address)
{
	sgl_slice local, domain;

	return !sgl_addr_split(address, &local, &domain) ||
	    sgl_addr_is_ascii(domain);
}

static bool
are_domains_a_labels(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_mailbox(
	    c, SGL_GENERAL_SMTP_UTF8, has_a_label_domain, note);
}

static bool
has_no_a_label(sgl_slice address)
{
	sgl_slice local, domain;

	if (!sgl_addr_split(address, &local, &domain))
		return true;
	for (size_t i = 0; i < domain.len; i++)
		if ((i == 0 || domain.data[i - 1] == '.') &&
		    sgl_slice_starts_nocase(
			sgl_slice_from(domain, i), SGL_LIT("xn--")))
			return false;
	return true;
}

static bool
are_domains_u_labels(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_mailbox(c, SGL_GENERAL_SMTP_UTF8, has_no_a_label, note);
}

/* ------------------------------------------------- what keys are for --- */

static bool
to_mail_without_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_mail(c, r) && !sgl_lint_to_br_leaf(c, r);
}

/* The BR soften this to a SHOULD for their certificates. */
static bool
to_mail_with_usage(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_mail_without_br(c, r) && sgl_lint_has(c, r->oid);
}

static bool
is_usage_for_mail(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	const unsigned mail = SGL_KU_DIGITAL_SIGNATURE |
	    SGL_KU_NON_REPUDIATION | SGL_KU_KEY_ENCIPHERMENT |
	    SGL_KU_KEY_AGREEMENT;

	(void)r;
	(void)note;
	return (c->cert->key_usage & mail) != 0;
}

static bool
has_mailbox_and_purpose(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_ca && c->has_mailbox &&
	    sgl_lint_has(c, SGL_OID_CE_EXT_KEY_USAGE);
}

static bool
is_purpose_mail(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->has_mail_purpose ||
	    sgl_lint_has_purpose(c->cert, SGL_OID_ANY_EXT_KEY_USAGE);
}

static bool
has_no_basic_constraints(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return !sgl_lint_has(c, r->oid);
}

/* Those that RFC 8550 4.4 lists may be critical. */
static bool
is_critical_usual(sgl_oid oid)
{
	return oid == SGL_OID_CE_BASIC_CONSTRAINTS ||
	    oid == SGL_OID_CE_KEY_USAGE || oid == SGL_OID_CE_EXT_KEY_USAGE ||
	    oid == SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER ||
	    oid == SGL_OID_CE_SUBJECT_KEY_IDENTIFIER ||
	    oid == SGL_OID_CE_SUBJECT_ALT_NAME;
}

static bool
are_criticals_usual(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der list = sgl_der_over(c->cert->extensions);
	sgl_ext ext;

	(void)r;
	while (sgl_ext_read(&list, &ext))
		if (ext.critical && !is_critical_usual(sgl_oid_find(ext.oid)))
			return sgl_lint_say_oid(note, ext.oid);
	return true;
}

/* --------------------------------------------------------- algorithms --- */

static bool
is_signed_by_other(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_self_issued;
}

static bool
is_digest_not_broken(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->signature_algorithm), body;
	sgl_slice oid;

	(void)r;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid))
		return true;
	switch (sgl_oid_find(oid)) {
	case SGL_OID_MD2_RSA:
	case SGL_OID_MD5_RSA:
	case SGL_OID_SHA1_RSA:
	case SGL_OID_OIW_SHA1_RSA:
	case SGL_OID_ECDSA_SHA1:
	case SGL_OID_DSA_SHA1:
		return sgl_lint_say_oid(note, oid);
	default:
		return sgl_cert_get_signature_digest(c->cert) !=
		    SGL_DIGEST_SHA1;
	}
}

static bool
has_rsa_without_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return c->cert->key_kind == SGL_KEY_RSA && !sgl_lint_to_br(c, r);
}

static bool
is_rsa_long(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->key_bits >= WEAK_RSA;
}

/* SMIMECapabilities (RFC 8551 2.5.2): SEQUENCE OF SEQUENCE { OID, ANY }. */
static bool
are_capabilities_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[r->oid].value), list, one;
	sgl_slice oid;

	(void)note;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &list) || !sgl_der_done(&in))
		return false;
	while (!sgl_der_done(&list))
		if (!sgl_der_read(&list, SGL_SEQUENCE, &one) ||
		    !sgl_der_read_oid(&one, &oid) ||
		    (!sgl_der_done(&one) &&
			!sgl_der_read_any(&one, NULL, NULL, NULL)) ||
		    !sgl_der_done(&one))
			return false;
	return true;
}

static bool
is_weak_cipher(sgl_oid oid)
{
	return oid == SGL_OID_RC2_CBC || oid == SGL_OID_RC4 ||
	    oid == SGL_OID_DES_CBC || oid == SGL_OID_RC5_CBC_PAD ||
	    oid == SGL_OID_DES_EDE3_CBC;
}

static bool
are_capabilities_strong(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[r->oid].value), list, one;
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &list))
		return true;
	while (sgl_der_read(&list, SGL_SEQUENCE, &one))
		if (sgl_der_read_oid(&one, &oid) &&
		    is_weak_cipher(sgl_oid_find(oid)))
			return sgl_lint_say_oid(note, oid);
	return true;
}

static const sgl_lint_rule rules[] = {
    {"rfc8550-address-in-san", SGL_LINT_WARN, "RFC 8550 3", 0, 0,
	to_mail_without_br, has_address_in_alt_name,
	N_("no mail address in the subject alternative name"), 0, false},
    {"rfc8550-address-in-subject", SGL_LINT_WARN, "RFC 8550 3", 0, 0,
	to_mail_without_br, has_no_address_in_subject,
	N_("the subject has a mail address, whose place is the subject "
	   "alternative name"),
	0, false},
    {"rfc5280-san-rfc822", SGL_LINT_ERROR, "RFC 5280 4.2.1.6", 0, 0, has_rfc822,
	are_rfc822_good,
	N_("an rfc822Name is not one plain mail address in ASCII"), 0, false},
    {"rfc9598-ascii-local", SGL_LINT_ERROR, "RFC 9598 3, RFC 8550 4.4.3", 0, 0,
	has_utf8_mailbox, are_utf8_needed,
	N_("an SmtpUTF8Mailbox whose local part is ASCII; its place is an "
	   "rfc822Name"),
	0, false},
    {"rfc9598-mailbox", SGL_LINT_ERROR, "RFC 9598 3", 0, 0, has_utf8_mailbox,
	are_utf8_good,
	N_("an SmtpUTF8Mailbox is not one plain mail address in UTF-8"), 0,
	false},
    {"rfc9598-a-labels", SGL_LINT_ERROR, "RFC 9598 3", SGL_LINT_RFC_9598, 0,
	has_utf8_mailbox, are_domains_a_labels,
	N_("the domain of an SmtpUTF8Mailbox is not in A-labels"), 0, false},
    {"rfc8398-u-labels", SGL_LINT_ERROR, "RFC 8398 3", 0, SGL_LINT_RFC_9598,
	has_utf8_mailbox, are_domains_u_labels,
	N_("the domain of an SmtpUTF8Mailbox is not in U-labels"), 0, false},

    {"rfc8550-ku-critical", SGL_LINT_ERROR, "RFC 8550 4.4.2", 0, 0,
	to_mail_with_usage, sgl_lint_is_critical,
	N_("the key usage is not critical"), SGL_OID_CE_KEY_USAGE, false},
    {"rfc8550-ku-mail", SGL_LINT_WARN, "RFC 8550 4.4.2", 0, 0, sgl_lint_to_mail,
	is_usage_for_mail,
	N_("the key usage allows neither signing nor encrypting mail"), 0,
	false},
    {"rfc8550-eku-mail", SGL_LINT_WARN, "RFC 8550 4.4.4", 0, 0,
	has_mailbox_and_purpose, is_purpose_mail,
	N_("it has a mail address, but its extended key usage is not mail"), 0,
	false},
    {"rfc8550-basic-leaf", SGL_LINT_NOTICE, "RFC 8550 4.4.1", 0, 0,
	sgl_lint_to_mail, has_no_basic_constraints,
	N_("basic constraints of what is no authority"),
	SGL_OID_CE_BASIC_CONSTRAINTS, false},
    {"rfc8550-critical-other", SGL_LINT_WARN, "RFC 8550 4.4", 0, 0,
	sgl_lint_to_mail, are_criticals_usual,
	N_("an extension is critical that mail programs need not know"), 0,
	false},

    {"rfc8550-digest", SGL_LINT_ERROR, "RFC 8550 A", SGL_LINT_RFC_8550, 0,
	is_signed_by_other, is_digest_not_broken,
	N_("it is signed with a digest that is no longer safe"), 0, false},
    {"rfc8550-rsa-size", SGL_LINT_ERROR, "RFC 8550 4.3", SGL_LINT_RFC_8550, 0,
	has_rsa_without_br, is_rsa_long, N_("an RSA key below 2048 bits"), 0,
	false},

    {"rfc4262-critical", SGL_LINT_ERROR, "RFC 4262 2", 0, 0,
	sgl_lint_to_extension, sgl_lint_is_not_critical,
	N_("the S/MIME capabilities are critical"),
	SGL_OID_AA_SMIME_CAPABILITIES, false},
    {"rfc8551-capabilities", SGL_LINT_ERROR, "RFC 8551 2.5.2", 0, 0,
	sgl_lint_to_extension, are_capabilities_good,
	N_("the S/MIME capabilities are malformed"),
	SGL_OID_AA_SMIME_CAPABILITIES, false},
    {"rfc8551-capabilities-weak", SGL_LINT_WARN, "RFC 8551 2.7", 0, 0,
	sgl_lint_to_extension, are_capabilities_strong,
	N_("the S/MIME capabilities offer a cipher that is no longer safe"),
	SGL_OID_AA_SMIME_CAPABILITIES, false},
};

SGL_LINT_TABLE(sgl_lint_mail, rules);
