/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5280 4.2: what stands in alternative names, policies, mappings and name
 * constraints. */
#include "ca/lint_inside.h"

#define MOST_LABEL 63
#define MOST_NAME 253
#define MAX_MAPPINGS 64 /* that are looked for among the policies */

/* ------------------------------------------------- hosts and URIs --- */

static bool
is_label(sgl_slice label)
{
	if (label.len == 0 || label.len > MOST_LABEL || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = label.data[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!is_letter && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

/* RFC 1034 3.5 with RFC 1123 2.1; a wildcard in front is common. */
static bool
is_host(sgl_slice name)
{
	if (name.len == 0 || name.len > MOST_NAME)
		return false;
	if (sgl_slice_starts(name, SGL_LIT("*.")))
		name = sgl_slice_from(name, 2);
	for (;;) {
		const uint8_t *dot = memchr(name.data, '.', name.len);

		if (dot == NULL)
			return is_label(name);
		if (!is_label(
			sgl_slice_of(name.data, (size_t)(dot - name.data))))
			return false;
		name = sgl_slice_from(name, (size_t)(dot - name.data) + 1);
	}
}

/* RFC 3986 3.1: the length of the scheme; 0: there is none. */
static size_t
scheme_len(sgl_slice uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		uint8_t c = uri.data[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool is_other =
		    (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';

		if (c == ':')
			return i;
		if (!is_letter && (i == 0 || !is_other))
			return 0;
	}
	return 0;
}

/* RFC 5280 4.2.1.6: absolute, in ASCII, and with more than the scheme; where
 * there is an authority, it is not empty. */
static bool
is_absolute(sgl_slice uri)
{
	size_t n = scheme_len(uri);
	sgl_slice rest;

	for (size_t i = 0; i < uri.len; i++)
		if (uri.data[i] <= ' ' || uri.data[i] >= 0x7f)
			return false;
	if (n == 0 || n + 1 >= uri.len)
		return false;
	rest = sgl_slice_from(uri, n + 1);
	if (!sgl_slice_starts(rest, SGL_LIT("//")))
		return true;
	rest = sgl_slice_from(rest, 2);
	return rest.len > 0 &&
	    (rest.data[0] != '/' ||
		sgl_slice_starts_nocase(uri, SGL_LIT("file:")));
}

static bool
is_every_host(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	(void)r;
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_DNS && name.value.len > 0 &&
		    !is_host(name.value))
			return sgl_lint_say_bytes(note, name.value);
	return true;
}

static bool
is_every_uri(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	(void)r;
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_URI && name.value.len > 0 &&
		    !is_absolute(name.value))
			return sgl_lint_say_bytes(note, name.value);
	return true;
}

static bool
is_name_good(const sgl_general *name)
{
	if (name->value.len == 0)
		return false;
	switch (name->kind) {
	case SGL_GENERAL_BAD:
		return false;
	case SGL_GENERAL_DNS:
		return is_host(name->value);
	case SGL_GENERAL_URI:
		return is_absolute(name->value);
	case SGL_GENERAL_OTHER:
	case SGL_GENERAL_RFC822:
	case SGL_GENERAL_X400:
	case SGL_GENERAL_DIRECTORY:
	case SGL_GENERAL_EDI:
	case SGL_GENERAL_IP:
	case SGL_GENERAL_REGISTERED:
	case SGL_GENERAL_SMTP_UTF8:
		break;
	}
	return true;
}

static bool
are_issuer_names_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->ext[r->oid].value), list;
	sgl_general name;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &list) || sgl_der_done(&list))
		return false;
	while (sgl_general_read(&list, &name))
		if (!is_name_good(&name))
			return sgl_lint_say_bytes(note, name.value);
	return sgl_der_done(&list);
}

/* ------------------------------------------------- places to look --- */

/* The BR have rules of their own for places. */
static bool
is_extension_beyond_br(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_extension(c, r) && c->num_reserved == 0;
}

static bool
is_fetched(sgl_slice uri)
{
	return sgl_lint_is_http(uri) ||
	    sgl_slice_starts_nocase(uri, SGL_LIT("ldap://"));
}

static bool
has_fetched_point(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_lint_has_point(c->cert, is_fetched);
}

static bool
has_fetched_issuer(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_lint_has_access(c->cert, SGL_OID_AD_CA_ISSUERS, is_fetched);
}

/* ----------------------------------------------- policies, mappings --- */

static bool
is_any_policy(sgl_slice oid)
{
	return sgl_oid_find(oid) == SGL_OID_ANY_POLICY;
}

static bool
are_any_qualifiers_known(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->policies), info, list, one;
	sgl_slice oid;

	(void)r;
	while (sgl_der_read(&in, SGL_SEQUENCE, &info)) {
		if (!sgl_der_read_oid(&info, &oid) || !is_any_policy(oid) ||
		    !sgl_der_read(&info, SGL_SEQUENCE, &list))
			continue;
		while (sgl_der_read(&list, SGL_SEQUENCE, &one))
			if (sgl_der_read_oid(&one, &oid) &&
			    sgl_oid_find(oid) != SGL_OID_QT_CPS &&
			    sgl_oid_find(oid) != SGL_OID_QT_UNOTICE)
				return sgl_lint_say_oid(note, oid);
	}
	return true;
}

static bool
are_mappings_named(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->policy_mappings), pair;
	sgl_slice from, to;

	(void)r;
	(void)note;
	while (sgl_der_read(&in, SGL_SEQUENCE, &pair) &&
	    sgl_der_read_oid(&pair, &from) && sgl_der_read_oid(&pair, &to))
		if (is_any_policy(from) || is_any_policy(to))
			return false;
	return true;
}

static bool
has_policy(const sgl_cert *cert, sgl_slice wanted)
{
	sgl_der in = sgl_der_over(cert->policies), info;
	sgl_slice oid;

	while (sgl_der_read(&in, SGL_SEQUENCE, &info) &&
	    sgl_der_read_oid(&info, &oid))
		if (sgl_slice_eq(oid, wanted))
			return true;
	return false;
}

static bool
are_mapped_asserted(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->policy_mappings), pair;
	sgl_slice from;

	(void)r;
	for (int i = 0; i < MAX_MAPPINGS; i++) {
		if (!sgl_der_read(&in, SGL_SEQUENCE, &pair) ||
		    !sgl_der_read_oid(&pair, &from))
			break;
		if (!is_any_policy(from) && !has_policy(c->cert, from))
			return sgl_lint_say_oid(note, from);
	}
	return true;
}

/* ------------------------------------------------ name constraints --- */

/* GeneralSubtree (RFC 5280 4.2.1.10): the name alone; a URI's is a host, or all
 * below a domain. */
static bool
is_subtree_good(sgl_der subtree)
{
	sgl_general base;
	sgl_slice host;

	if (!sgl_general_read(&subtree, &base) || !sgl_der_done(&subtree) ||
	    base.kind == SGL_GENERAL_BAD)
		return false;
	if (base.kind != SGL_GENERAL_URI)
		return true;
	host = base.value;
	if (sgl_slice_starts(host, SGL_LIT(".")))
		host = sgl_slice_from(host, 1);
	return is_host(host) && host.data[0] != '*' &&
	    memchr(host.data, '.', host.len) != NULL;
}

typedef bool subtree_fn(sgl_der subtree);

/* permitted, then excluded. */
static bool
is_every_subtree(const sgl_cert *cert, subtree_fn *is_good)
{
	sgl_der in = sgl_der_over(cert->name_constraints), list, subtree;
	sgl_tag tag;

	while (sgl_der_read_any(&in, &tag, NULL, &list))
		while (sgl_der_read(&list, SGL_SEQUENCE, &subtree))
			if (!is_good(subtree))
				return false;
	return true;
}

static bool
has_empty_list(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->name_constraints), list;

	while (sgl_der_read_any(&in, NULL, NULL, &list))
		if (sgl_der_done(&list))
			return true;
	return false;
}

static bool
are_constraints_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return !has_empty_list(c->cert) &&
	    is_every_subtree(c->cert, is_subtree_good);
}

static bool
is_kind_usual(sgl_der subtree)
{
	sgl_general base;

	return !sgl_general_read(&subtree, &base) ||
	    (base.kind != SGL_GENERAL_X400 && base.kind != SGL_GENERAL_EDI &&
		base.kind != SGL_GENERAL_REGISTERED);
}

static bool
are_kinds_usual(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return is_every_subtree(c->cert, is_kind_usual);
}

static const sgl_lint_rule rules[] = {
    {"rfc5280-san-dns", SGL_LINT_ERROR, "RFC 5280 4.2.1.6", 0, 0,
	sgl_lint_to_extension, is_every_host,
	N_("a dNSName is not the name of a host"), SGL_OID_CE_SUBJECT_ALT_NAME,
	false},
    {"rfc5280-san-uri", SGL_LINT_ERROR, "RFC 5280 4.2.1.6", 0, 0,
	sgl_lint_to_extension, is_every_uri,
	N_("a URI in the subject alternative name is not absolute"),
	SGL_OID_CE_SUBJECT_ALT_NAME, false},
    {"rfc5280-ian-form", SGL_LINT_ERROR, "RFC 5280 4.2.1.7", 0, 0,
	sgl_lint_to_extension, are_issuer_names_good,
	N_("an issuer alternative name is empty or malformed"),
	SGL_OID_CE_ISSUER_ALT_NAME, false},
    {"rfc5280-crldp-uri", SGL_LINT_WARN, "RFC 5280 4.2.1.13", 0, 0,
	is_extension_beyond_br, has_fetched_point,
	N_("no CRL distribution point is HTTP or LDAP"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    {"rfc5280-aia-issuer", SGL_LINT_WARN, "RFC 5280 4.2.2.1", 0, 0,
	is_extension_beyond_br, has_fetched_issuer,
	N_("no place of the issuer's certificate is HTTP or LDAP"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
    {"rfc5280-policy-any", SGL_LINT_ERROR, "RFC 5280 4.2.1.4", 0, 0,
	sgl_lint_to_extension, are_any_qualifiers_known,
	N_("anyPolicy has a qualifier that it must not have"),
	SGL_OID_CE_CERTIFICATE_POLICIES, false},
    {"rfc5280-mapping-any", SGL_LINT_ERROR, "RFC 5280 4.2.1.5", 0, 0,
	sgl_lint_to_extension, are_mappings_named,
	N_("a policy is mapped from or to anyPolicy"),
	SGL_OID_CE_POLICY_MAPPINGS, false},
    {"rfc5280-mapping-critical", SGL_LINT_WARN, "RFC 5280 4.2.1.5", 0, 0,
	sgl_lint_to_extension, sgl_lint_is_critical,
	N_("the policy mappings are not critical"), SGL_OID_CE_POLICY_MAPPINGS,
	false},
    {"rfc5280-mapping-policy", SGL_LINT_WARN, "RFC 5280 4.2.1.5", 0, 0,
	sgl_lint_to_extension, are_mapped_asserted,
	N_("a policy is mapped that the certificate does not assert"),
	SGL_OID_CE_POLICY_MAPPINGS, false},
    {"rfc5280-nc-form", SGL_LINT_ERROR, "RFC 5280 4.2.1.10", 0, 0,
	sgl_lint_to_extension, are_constraints_good,
	N_("a name constraint is empty, limited by depth or no host"),
	SGL_OID_CE_NAME_CONSTRAINTS, false},
    {"rfc5280-nc-kind", SGL_LINT_WARN, "RFC 5280 4.2.1.10", 0, 0,
	sgl_lint_to_extension, are_kinds_usual,
	N_("name constraints for names that nobody compares"),
	SGL_OID_CE_NAME_CONSTRAINTS, false},
};

SGL_LINT_TABLE(sgl_lint_contents, rules);
