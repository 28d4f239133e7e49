/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.2.3 b and c: where CRLs, OCSP and the issuer's certificate are. */
#include "ca/lint_inside.h"

/* ---------------------------------------------------------------- CRLs --- */

static bool
has_point(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_points w = sgl_lint_points_of(c->cert);
	sgl_slice uri;

	(void)r;
	(void)note;
	return sgl_lint_points_next(&w, &uri);
}

/* Legacy: one over HTTP is enough; else every one. */
static bool
are_points_http(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	const bool all =
	    sgl_lint_is_generation(c, SGL_LINT_MULTIPURPOSE | SGL_LINT_STRICT);
	sgl_lint_points w = sgl_lint_points_of(c->cert);
	sgl_slice uri;
	bool any = false, none = true;

	(void)r;
	while (sgl_lint_points_next(&w, &uri)) {
		none = false;
		if (sgl_lint_is_http(uri))
			any = true;
		else
			(void)sgl_lint_say_bytes(note, uri);
		if (all && note->text[0] != '\0')
			return false;
	}
	return any || none;
}

/* ------------------------------------------------ OCSP and issuer --- */

static bool
is_access(sgl_oid method)
{
	return method == SGL_OID_AD_OCSP || method == SGL_OID_AD_CA_ISSUERS;
}

static bool
to_newer_with_access(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br_extension(c, r) &&
	    sgl_lint_is_generation(c, SGL_LINT_MULTIPURPOSE | SGL_LINT_STRICT);
}

static bool
are_accesses_http(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_access w = sgl_lint_access_of(c->cert);
	sgl_oid method;
	sgl_slice uri;

	(void)r;
	while (sgl_lint_access_next(&w, &method, &uri))
		if (is_access(method) && !sgl_lint_is_http(uri))
			return sgl_lint_say_bytes(note, uri);
	return true;
}

static bool
to_legacy_with_access(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_legacy(c, r) && sgl_lint_has(c, r->oid);
}

static bool
has_http_of_each(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	if (!sgl_lint_has_access(c->cert, SGL_OID_AD_OCSP, sgl_lint_is_http))
		return sgl_lint_say(note, sgl_oid_name(SGL_OID_AD_OCSP));
	return sgl_lint_has_access(
		   c->cert, SGL_OID_AD_CA_ISSUERS, sgl_lint_is_http) ||
	    sgl_lint_say(note, sgl_oid_name(SGL_OID_AD_CA_ISSUERS));
}

static bool
has_issuer(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_access w = sgl_lint_access_of(c->cert);
	sgl_oid method;
	sgl_slice uri;

	(void)r;
	(void)note;
	while (sgl_lint_access_next(&w, &method, &uri))
		if (method == SGL_OID_AD_CA_ISSUERS)
			return true;
	return false;
}

/* ------------------------------------------------------- internal names --- */

static size_t
find_any(sgl_slice s, const char *of)
{
	size_t i = 0;

	while (i < s.len && (s.data[i] == 0 || strchr(of, s.data[i]) == NULL))
		i++;
	return i;
}

/* The host of "scheme://user@host:port/path"; empty where there is none. */
static sgl_slice
host_of(sgl_slice uri)
{
	size_t i = find_any(uri, ":");
	sgl_slice rest = sgl_slice_from(uri, i);

	if (!sgl_slice_starts(rest, SGL_LIT("://")))
		return (sgl_slice){0};
	rest = sgl_slice_from(rest, 3);
	rest = sgl_slice_first(rest, find_any(rest, "/?#"));
	i = find_any(rest, "@");
	if (i < rest.len)
		rest = sgl_slice_from(rest, i + 1);
	if (rest.len > 0 && rest.data[0] == '[')
		return sgl_slice_first(rest, find_any(rest, "]"));
	return sgl_slice_first(rest, find_any(rest, ":"));
}

/* An address as numbers; names of machines do not end in a digit. */
static bool
is_ip(sgl_slice host)
{
	uint8_t last = host.len > 0 ? host.data[host.len - 1] : 0;

	return host.len > 0 &&
	    (host.data[0] == '[' || (last >= '0' && last <= '9'));
}

/* Top-level domains that are reserved, or that no registry will ever run (RFC
 * 2606, 6761, 6762, 7686, 8375, 9476; ICANN). */
static const char *const internal_domains[] = {"alt", "corp", "domain",
    "example", "home", "home.arpa", "internal", "intranet", "invalid", "lan",
    "local", "localdomain", "localhost", "mail", "onion", "private", "test"};
#define NUM_INTERNAL (sizeof internal_domains / sizeof *internal_domains)

static bool
ends_with_label(sgl_slice host, sgl_slice domain)
{
	return host.len > domain.len &&
	    host.data[host.len - domain.len - 1] == '.' &&
	    sgl_slice_eq_nocase(
		sgl_slice_from(host, host.len - domain.len), domain);
}

static bool
is_internal(sgl_slice host)
{
	if (host.len > 0 && host.data[host.len - 1] == '.')
		host.len--;
	if (find_any(host, ".") == host.len)
		return true;
	for (size_t i = 0; i < NUM_INTERNAL; i++)
		if (ends_with_label(host, sgl_slice_str(internal_domains[i])))
			return true;
	return false;
}

static bool
to_br_with_access(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br(c, r) && sgl_lint_has(c, r->oid);
}

static bool
are_hosts_public(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_access w = sgl_lint_access_of(c->cert);
	sgl_oid method;
	sgl_slice uri;

	(void)r;
	while (sgl_lint_access_next(&w, &method, &uri)) {
		sgl_slice host = host_of(uri);

		if (is_access(method) && !is_ip(host) && is_internal(host))
			return sgl_lint_say_bytes(note, uri);
	}
	return true;
}

#define FROM SGL_LINT_BR_1_0_0

static const sgl_lint_rule rules[] = {
    {"br-crldp-present", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 b", FROM, 0,
	sgl_lint_to_br_leaf, sgl_lint_is_present,
	N_("no CRL distribution points"), SGL_OID_CE_CRL_DISTRIBUTION_POINTS,
	false},
    {"br-crldp-uri", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 b", FROM, 0,
	sgl_lint_to_br_extension, has_point,
	N_("no CRL distribution point has a URI"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    {"br-crldp-http", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 b", FROM, 0,
	sgl_lint_to_br_extension, are_points_http,
	N_("a CRL distribution point is not HTTP (legacy: none is)"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},
    {"br-crldp-critical", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 b", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the CRL distribution points are critical"),
	SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false},

    {"br-aia-present", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 c", FROM, 0,
	sgl_lint_to_br_leaf, sgl_lint_is_present,
	N_("no authority information access"), SGL_OID_PE_AUTHORITY_INFO_ACCESS,
	false},
    {"br-aia-critical", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 c", FROM, 0,
	sgl_lint_to_br_extension, sgl_lint_is_not_critical,
	N_("the authority information access is critical"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
    {"br-aia-http", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 c", FROM, 0,
	to_newer_with_access, are_accesses_http,
	N_("the place of OCSP or of the issuer's certificate is not HTTP"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
    {"br-aia-http-legacy", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 c", FROM, 0,
	to_legacy_with_access, has_http_of_each,
	N_("no place of OCSP or of the issuer's certificate is HTTP"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
    {"br-aia-issuer", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 c", FROM, 0,
	sgl_lint_to_br_extension, has_issuer,
	N_("the authority information access does not tell where the issuer's "
	   "certificate is"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
    {"br-aia-internal", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 c", FROM, 0,
	to_br_with_access, are_hosts_public,
	N_("the authority information access names a machine that others "
	   "cannot reach"),
	SGL_OID_PE_AUTHORITY_INFO_ACCESS, false},
};

SGL_LINT_TABLE(sgl_lint_br_access, rules);
