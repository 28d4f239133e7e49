/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.2.3 a, g to n and 7.1.6: policies and the smaller extensions. */
#include "ca/lint_inside.h"

/* ----------------------------------------------------------- policies --- */

/* What BR 1.1 calls an S/MIME certificate needs a policy of theirs. */
static bool
to_mail_of_subscriber(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->is_leaf &&
	    (c->num_reserved > 0 || (c->has_mail_purpose && c->has_mailbox));
}

static bool
has_one_policy(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->num_reserved == 1;
}

static bool
is_cps_good(sgl_der qualifier, sgl_lint_note *note)
{
	sgl_slice uri;

	if (!sgl_der_read_bytes(&qualifier, SGL_IA5_STRING, &uri))
		return false;
	return sgl_lint_is_http(uri) ||
	    sgl_slice_starts_nocase(uri, SGL_LIT("https://")) ||
	    sgl_lint_say_bytes(note, uri);
}

/* explicitText, and no noticeRef. */
static bool
is_notice_good(sgl_der qualifier)
{
	sgl_der notice;

	return sgl_der_read(&qualifier, SGL_SEQUENCE, &notice) &&
	    !sgl_der_done(&notice) && !sgl_der_next_is(&notice, SGL_SEQUENCE);
}

static bool
is_qualifier_good(
    const sgl_lint_rule *r, sgl_slice oid, sgl_der value, sgl_lint_note *note)
{
	if (sgl_oid_find(oid) != r->oid)
		return true;
	return r->oid == SGL_OID_QT_CPS ? is_cps_good(value, note)
					: is_notice_good(value);
}

static bool
are_qualifiers_good(const sgl_lint_rule *r, sgl_der info, sgl_lint_note *note)
{
	sgl_der list, one;
	sgl_slice oid;

	if (!sgl_der_read_oid(&info, &oid) ||
	    !sgl_der_read(&info, SGL_SEQUENCE, &list))
		return true;
	while (sgl_der_read(&list, SGL_SEQUENCE, &one))
		if (sgl_der_read_oid(&one, &oid) &&
		    !is_qualifier_good(r, oid, one, note))
			return false;
	return true;
}

static bool
are_all_qualifiers_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->policies), info;

	while (sgl_der_read(&in, SGL_SEQUENCE, &info))
		if (!are_qualifiers_good(r, info, note))
			return false;
	return true;
}

/* ------------------------------------------------------- identifiers --- */

static bool
to_br_with_authority_key_id(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br(c, r) && !c->cert->is_ca &&
	    sgl_lint_has(c, r->oid);
}

/* ------------------------------------------- attributes, LEI, Adobe --- */

static bool
is_absent(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return !sgl_lint_has(c, r->oid);
}

/* BR 7.1.2.3 l: an organisation may have an LEI, a sponsored person a role
 * beside; neither is critical. */
static bool
is_lei_allowed(const sgl_lint_case *c, sgl_oid oid)
{
	const unsigned with_lei = SGL_LINT_ORGANIZATION | SGL_LINT_SPONSOR;
	const unsigned types =
	    oid == SGL_OID_LEI_ROLE ? SGL_LINT_SPONSOR : with_lei;

	return !sgl_lint_has(c, oid) ||
	    ((c->types & ~types) == 0 && !c->ext[oid].critical);
}

static bool
are_lei_allowed(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	if (!is_lei_allowed(c, SGL_OID_LEI))
		return sgl_lint_say(note, sgl_oid_name(SGL_OID_LEI));
	return is_lei_allowed(c, SGL_OID_LEI_ROLE) ||
	    sgl_lint_say(note, sgl_oid_name(SGL_OID_LEI_ROLE));
}

static bool
has_adobe(const sgl_lint_case *c)
{
	return sgl_lint_has(c, SGL_OID_ADOBE_TIME_STAMP) ||
	    sgl_lint_has(c, SGL_OID_ADOBE_ARCHIVE_REV_INFO);
}

static bool
has_no_adobe(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return !has_adobe(c);
}

static bool
to_wider_with_adobe(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_wider(c, r) && has_adobe(c);
}

static bool
is_adobe_not_critical(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return !c->ext[SGL_OID_ADOBE_TIME_STAMP].critical &&
	    !c->ext[SGL_OID_ADOBE_ARCHIVE_REV_INFO].critical;
}

#define FROM SGL_LINT_BR_1_0_0

static const sgl_lint_rule rules[] = {
    {"br-policy-one", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 a, 7.1.6.4", FROM, 0,
	to_mail_of_subscriber, has_one_policy,
	N_("not exactly one of the policies of the Baseline Requirements"), 0,
	true},
    {"br-policy-legacy", SGL_LINT_ERROR, "S/MIME BR 1.2.1", SGL_LINT_NO_LEGACY,
	0, sgl_lint_to_legacy, sgl_lint_never,
	N_("legacy certificates are no longer issued since 2025-07-15"), 0,
	false},
    {"br-policy-critical", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 a", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the certificate policies are critical"),
	SGL_OID_CE_CERTIFICATE_POLICIES, false},
    {"br-policy-cps", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 a", FROM, 0,
	sgl_lint_to_br, are_all_qualifiers_good,
	N_("a policy points to a practice statement by other means than HTTP "
	   "or HTTPS"),
	SGL_OID_QT_CPS, false},
    {"br-policy-notice", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 a", FROM, 0,
	sgl_lint_to_br, are_all_qualifiers_good,
	N_("a policy's user notice has no text, or refers to another"),
	SGL_OID_QT_UNOTICE, false},

    {"br-aki-present", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 g", FROM, 0,
	sgl_lint_to_br_leaf, sgl_lint_is_present,
	N_("no authority key identifier"), SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER,
	false},
    {"br-aki", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 g", FROM, 0,
	to_br_with_authority_key_id, sgl_lint_is_key_id_alone,
	N_("the authority key identifier is critical, or not a key identifier "
	   "alone"),
	SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, false},
    {"br-capabilities-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 i", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the S/MIME capabilities are critical"),
	SGL_OID_AA_SMIME_CAPABILITIES, false},
    {"br-sda", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 j", FROM, 0,
	sgl_lint_to_newer, is_absent,
	N_("subject directory attributes in a strict or multipurpose "
	   "certificate"),
	SGL_OID_CE_SUBJECT_DIRECTORY_ATTRIBUTES, false},
    {"br-qc-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 k", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the statements of a qualified certificate are critical"),
	SGL_OID_PE_QC_STATEMENTS, false},
    {"br-lei", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 l", FROM, 0,
	sgl_lint_to_br_leaf, are_lei_allowed,
	N_("a legal entity identifier that is critical, or not for this type "
	   "of certificate"),
	0, false},
    {"br-adobe-strict", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 m", FROM, 0,
	sgl_lint_to_strict, has_no_adobe,
	N_("an extension of Adobe in a strict certificate"), 0, false},
    {"br-adobe-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 m", FROM, 0,
	to_wider_with_adobe, is_adobe_not_critical,
	N_("an extension of Adobe is critical"), 0, false},
    {"br-ski-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 n", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the subject key identifier is critical"),
	SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, false},
};

SGL_LINT_TABLE(sgl_lint_br_extensions, rules);
