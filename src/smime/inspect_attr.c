/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of signers, recipients and bags, each by name with its value
 * decoded (RFC 5652 11, RFC 8551 2.5, RFC 2634, RFC 5035, RFC 6211). */
#include "smime/inspect.h"

static bool
show_capabilities(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "capability", sgl_show_algorithm);
}

static const sgl_field_of ess_issuer[] = {
    {"issuer", SGL_SEQUENCE, false, sgl_show_generals},
    {"serial", SGL_INTEGER, false, sgl_show_integer},
};
static SGL_SHOW_TABLE(show_ess_issuer, ess_issuer)

    /* ESSCertIDv2; without an algorithm it is SHA-256 (RFC 5035 4). The first
     * version has none and is SHA-1. */
    static const sgl_field_of ess_cert[] = {
	{"digest algorithm", SGL_SEQUENCE, true, sgl_show_algorithm},
	{"certificate hash", SGL_OCTET_STRING, false, sgl_show_hex},
	{"issuer and serial", SGL_SEQUENCE, true, show_ess_issuer},
};
static SGL_SHOW_TABLE(show_ess_cert, ess_cert)

    static bool show_ess_certs(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "certificate", show_ess_cert);
}

static const sgl_field_of signing_certificate[] = {
    {"certificates", SGL_SEQUENCE, false, show_ess_certs},
    {"policies", SGL_SEQUENCE, true, sgl_show_any},
};
static SGL_SHOW_TABLE(show_signing_certificate, signing_certificate)

    static const sgl_field_of recipient_key[] = {
	{"subject key identifier", SGL_OCTET_STRING, false, sgl_show_hex},
	{"date", SGL_GENERALIZED_TIME, true, sgl_show_time},
	{"other", SGL_SEQUENCE, true, sgl_show_any},
};

/* SMIMEEncryptionKeyPreference (RFC 8551 2.5.3). */
static bool
show_key_preference(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (sgl_der_next_is(in, SGL_CONTEXT(0)) ||
	    sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_issuer_serial(l, in, name);
	if (!sgl_der_next_is(in, SGL_CONTEXT(1)))
		return sgl_show_hex(l, in, "subject key identifier");
	if (!sgl_look_open(l, in, name, &body) ||
	    !SGL_SHOW_FIELDS(l, &body, recipient_key))
		return false;
	sgl_tree_close(&l->tree);
	return true;
}

/* RFC 6211 2. */
static const sgl_field_of algorithm_protection[] = {
    {"digest algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signature algorithm", SGL_CONTEXT(1), true, sgl_show_algorithm},
    {"MAC algorithm", SGL_CONTEXT(2), true, sgl_show_algorithm},
};
static SGL_SHOW_TABLE(show_algorithm_protection, algorithm_protection)

    /* What is secret is not shown. */
    static bool show_hidden(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in;

	if (!sgl_der_read_any(in, NULL, NULL, NULL))
		return sgl_look_bad(l, in, "no whole element");
	sgl_tree_leaf(
	    &l->tree, sgl_span_from(&start, in), name, SGL_LIT("(not shown)"));
	return true;
}

static bool
show_extension_request(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_extensions(l, in, name);
}

static const struct {
	sgl_oid oid;
	sgl_show *show;
} known[] = {
    {SGL_OID_AA_CONTENT_TYPE, sgl_show_oid},
    {SGL_OID_AA_MESSAGE_DIGEST, sgl_show_hex},
    {SGL_OID_AA_SIGNING_TIME, sgl_show_time},
    {SGL_OID_AA_COUNTERSIGNATURE, sgl_show_signer},
    {SGL_OID_AA_CHALLENGE_PASSWORD, show_hidden},
    {SGL_OID_AA_EXTENSION_REQUEST, show_extension_request},
    {SGL_OID_AA_SMIME_CAPABILITIES, show_capabilities},
    {SGL_OID_AA_RECEIPT_REQUEST, sgl_show_receipt_request},
    {SGL_OID_AA_SECURITY_LABEL, sgl_show_security_label},
    {SGL_OID_AA_ML_EXPAND_HISTORY, sgl_show_ml_history},
    {SGL_OID_AA_EQUIVALENT_LABELS, sgl_show_equivalent_labels},
    {SGL_OID_AA_CONTENT_HINT, sgl_show_content_hints},
    {SGL_OID_AA_MSG_SIG_DIGEST, sgl_show_hex},
    {SGL_OID_AA_CONTENT_IDENTIFIER, sgl_show_content_identifier},
    {SGL_OID_AA_CONTENT_REFERENCE, sgl_show_content_reference},
    {SGL_OID_AA_ENCRYP_KEY_PREF, show_key_preference},
    {SGL_OID_AA_MS_ENCRYPTION_KEY_PREF, show_key_preference},
    {SGL_OID_AA_SIGNING_CERTIFICATE, show_signing_certificate},
    {SGL_OID_AA_SIGNING_CERTIFICATE_V2, show_signing_certificate},
    {SGL_OID_AA_CMS_ALGORITHM_PROTECTION, show_algorithm_protection},
    {SGL_OID_AA_TIME_STAMP_TOKEN, sgl_show_content_info},
    {SGL_OID_BAG_FRIENDLY_NAME, sgl_show_text},
    {SGL_OID_BAG_LOCAL_KEY_ID, sgl_show_hex},
    {SGL_OID_BAG_MS_CSP_NAME, sgl_show_text},
};

static sgl_show *
find_show(sgl_slice oid)
{
	sgl_oid id = sgl_oid_find(oid);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].oid == id)
			return known[i].show;
	return sgl_show_any;
}

static bool
has_one(sgl_der values)
{
	return sgl_der_read_any(&values, NULL, NULL, NULL) &&
	    sgl_der_done(&values);
}

/* Attribute: a type and a SET of values, mostly one, which then stands for the
 * whole. */
static bool
show_attribute(sgl_look *l, sgl_der *in, const char *name)
{
	char label[SGL_OID_TEXT];
	sgl_der start = *in, body, values;
	sgl_slice oid;

	(void)name;
	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid) ||
	    !sgl_der_read(&body, SGL_SET, &values) || !sgl_der_done(&body))
		return sgl_look_bad(l, &start, "malformed Attribute");
	(void)sgl_oid_label(oid, label);
	if (has_one(values)) {
		sgl_look_try(l, find_show(oid), &values, label);
		return true;
	}
	sgl_tree_open(&l->tree, sgl_span_from(&start, in), label,
	    sgl_der_done(&values) ? SGL_LIT("no value") : SGL_LIT(""));
	while (!sgl_der_done(&values))
		sgl_look_try(l, find_show(oid), &values, "value");
	sgl_tree_close(&l->tree);
	return true;
}

bool
sgl_show_attributes(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "attribute", show_attribute);
}
