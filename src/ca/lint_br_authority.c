/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.2.2, 7.1.4.3 and 7.1.6.3: authorities below a root that issue S/MIME
 * certificates. Whether a root is under the BR does not show. */
#include "ca/lint_inside.h"

static bool
is_below_root(const sgl_lint_case *c)
{
	return c->cert->is_ca && !c->cert->is_self_issued;
}

static bool
to_mail_authority(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_below_root(c) && (c->has_mail_purpose || c->num_reserved > 0);
}

/* Its own policies, or any if root and authority are the same house. */
static bool
has_policy(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->num_reserved > 0 || c->has_any_policy;
}

/* Those that put themselves under the BR. */
static bool
to_br_authority(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return is_below_root(c) &&
	    (c->num_reserved > 0 || (c->has_any_policy && c->has_mail_purpose));
}

static bool
to_br_authority_extension(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_br_authority(c, r) && sgl_lint_has(c, r->oid);
}

static bool
has_http_point(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_lint_has_point(c->cert, sgl_lint_is_http);
}

static bool
is_usage_for_certs_and_crls(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	const unsigned want = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN;

	(void)note;
	return (c->cert->key_usage & want) == want && c->ext[r->oid].critical;
}

static bool
has_full_name(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	static const sgl_oid needed[] = {
	    SGL_OID_AT_CN, SGL_OID_AT_O, SGL_OID_AT_C};

	(void)r;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!sgl_lint_subject_has(c, needed[i]))
			return sgl_lint_say(note, sgl_oid_name(needed[i]));
	return true;
}

#define FROM SGL_LINT_BR_1_0_0

static const sgl_lint_rule rules[] = {
    {"br-ca-policy", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 a, 7.1.6.3", FROM, 0,
	to_mail_authority, has_policy,
	N_("an authority for mail without a policy of the Baseline "
	   "Requirements"),
	0, true},
    {"br-ca-policy-critical", SGL_LINT_WARN, "S/MIME BR 7.1.2.2 a", FROM, 0,
	to_br_authority_extension, sgl_lint_is_not_critical,
	N_("the certificate policies are critical"),
	SGL_OID_CE_CERTIFICATE_POLICIES, false},
    {"br-ca-crldp", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 b", FROM, 0,
	to_br_authority, has_http_point,
	N_("no CRL distribution point over HTTP"), 0, false},
    {"br-ca-crldp-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 b", FROM, 0,
	to_br_authority_extension, sgl_lint_is_not_critical,
	N_("the CRL distribution points are critical"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    {"br-ca-aia", SGL_LINT_WARN, "S/MIME BR 7.1.2.2 c", FROM, 0,
	to_br_authority, sgl_lint_is_present,
	N_("no authority information access"), SGL_OID_PE_AUTHORITY_INFO_ACCESS,
	false},
    {"br-ca-ku", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 e", FROM, 0,
	to_br_authority, is_usage_for_certs_and_crls,
	N_("the key usage of an authority is not critical, or lacks "
	   "keyCertSign or cRLSign"),
	SGL_OID_CE_KEY_USAGE, false},
    {"br-ca-eku", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 g", FROM, 0,
	to_br_authority, sgl_lint_are_purposes_right,
	N_("the extended key usage is without emailProtection, or has a "
	   "purpose that is not allowed beside it"),
	0, false},
    {"br-ca-eku-critical", SGL_LINT_WARN, "S/MIME BR 7.1.2.2 g", FROM, 0,
	to_br_authority_extension, sgl_lint_is_not_critical,
	N_("the extended key usage is critical"), SGL_OID_CE_EXT_KEY_USAGE,
	false},
    {"br-ca-aki", SGL_LINT_ERROR, "S/MIME BR 7.1.2.2 h", FROM, 0,
	to_br_authority, sgl_lint_is_key_id_alone,
	N_("the authority key identifier is critical, or not a key identifier "
	   "alone"),
	SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, false},
    {"br-ca-name", SGL_LINT_ERROR, "S/MIME BR 7.1.4.3.1", FROM, 0,
	to_br_authority, has_full_name,
	N_("the authority's name is not complete"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_br_authority, rules);
