/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/search.h"

#include "pki/general.h"

/* For one check: about 10 ms, be it names or signatures. */
#define EFFORT 100000u

static const char *const fault_names[] = {
    [SGL_PATH_OK] = "ok",
    [SGL_PATH_NO_ANCHOR] = "no-anchor",
    [SGL_PATH_EXPIRED] = "expired",
    [SGL_PATH_NOT_YET_VALID] = "not-yet-valid",
    [SGL_PATH_BAD_SIGNATURE] = "bad-signature",
    [SGL_PATH_NOT_A_CA] = "not-a-ca",
    [SGL_PATH_TOO_LONG] = "too-long",
    [SGL_PATH_KEY_USAGE] = "key-usage",
    [SGL_PATH_EXT_KEY_USAGE] = "extended-key-usage",
    [SGL_PATH_WRONG_USAGE] = "wrong-usage",
    [SGL_PATH_NAME_CONSTRAINTS] = "name-constraints",
    [SGL_PATH_POLICY] = "policy",
    [SGL_PATH_UNKNOWN_CRITICAL] = "unknown-critical-extension",
    [SGL_PATH_MALFORMED] = "malformed",
    [SGL_PATH_WEAK] = "weak",
    [SGL_PATH_UNSUPPORTED] = "unsupported",
    [SGL_PATH_REVOKED] = "revoked",
    [SGL_PATH_REVOCATION_UNKNOWN] = "revocation-unknown",
    [SGL_PATH_GAVE_UP] = "gave-up",
};

const char *
sgl_path_fault_name(sgl_path_fault fault)
{
	return fault_names[fault];
}

void
sgl_path_clear(sgl_path *p)
{
	for (size_t i = 0; i < p->num; i++)
		sgl_cert_unref(p->certs[i]);
	*p = (sgl_path){0};
}

/* AccessDescription (RFC 5280 4.2.2.1) */
static sgl_slice
find_access_url(const sgl_cert *cert, sgl_oid wanted)
{
	sgl_der in = sgl_der_over(cert->authority_info_access), one;
	sgl_slice method, url;

	while (sgl_der_read(&in, SGL_SEQUENCE, &one)) {
		if (!sgl_der_read_oid(&one, &method) ||
		    !sgl_slice_eq(method, sgl_oid_der(wanted)))
			continue;
		url = sgl_general_find_http(sgl_der_rest(&one));
		if (url.len > 0)
			return url;
	}
	return (sgl_slice){0};
}

/* DistributionPoint (RFC 5280 4.2.1.13): the first fullName with a URL. */
static sgl_slice
find_crl_url(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->crl_distribution_points), one;
	sgl_der name, full;
	sgl_slice url;

	while (sgl_der_read(&in, SGL_SEQUENCE, &one)) {
		if (!sgl_der_read(&one, SGL_CONTEXT(0), &name) ||
		    !sgl_der_read(&name, SGL_CONTEXT(0), &full))
			continue;
		url = sgl_general_find_http(sgl_der_rest(&full));
		if (url.len > 0)
			return url;
	}
	return (sgl_slice){0};
}

static void
name_what_is_missing(sgl_path *p)
{
	if (!p->reaches_anchor && p->num > 0)
		p->missing_issuer_url = find_access_url(
		    p->certs[p->num - 1], SGL_OID_AD_CA_ISSUERS);
	for (size_t i = p->num; i-- > 0;) {
		if (p->revocation[i] != SGL_REVOCATION_UNKNOWN &&
		    p->revocation[i] != SGL_REVOCATION_STALE)
			continue;
		if (p->missing_crl_url.len == 0)
			p->missing_crl_url = find_crl_url(p->certs[i]);
		if (p->missing_ocsp_url.len == 0)
			p->missing_ocsp_url =
			    find_access_url(p->certs[i], SGL_OID_AD_OCSP);
	}
}

sgl_status
sgl_path_check(sgl_engine *engine, sgl_cert *leaf, const sgl_evidence *evidence,
    const sgl_path_policy *policy, sgl_path *out, sgl_err *err)
{
	uint32_t effort = EFFORT;
	sgl_search s = {.engine = engine,
	    .evidence = *evidence,
	    .policy = policy,
	    .leaf = leaf,
	    .effort = &effort};
	sgl_path path;

	TRY(sgl_search_run(&s, &path, err));
	for (size_t i = 0; i < path.num; i++)
		(void)sgl_cert_ref(path.certs[i]);
	name_what_is_missing(&path);
	*out = path;
	return SGL_OK;
}
