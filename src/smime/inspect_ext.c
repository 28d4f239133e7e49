/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of certificates, CRLs and their entries (RFC 5280 4.2, 5.2, 5.3),
 * each by name with its value decoded. */
#include <inttypes.h>
#include <stdio.h>

#include "smime/inspect.h"

/* Named bits, as "digitalSignature, keyEncipherment". */
static bool
show_flags(sgl_look *l, sgl_der *in, const char *name, const char *const *names,
    size_t num)
{
	char text[512] = "";
	sgl_der start = *in;
	sgl_slice bits;
	unsigned unused;
	size_t n = 0;

	if (!sgl_der_read_bits(in, &bits, &unused))
		return sgl_look_bad(l, in, "malformed BIT STRING");
	for (size_t i = 0; i < 8 * bits.len && i < num; i++)
		if ((bits.data[i / 8] & (0x80 >> i % 8)) != 0)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
			    n > 0 ? ", " : "", names[i]);
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name, "%s",
	    n > 0 ? text : "(none)");
	return true;
}

static bool
show_key_usage(sgl_look *l, sgl_der *in, const char *name)
{
	static const char *const bits[] = {"digitalSignature", "nonRepudiation",
	    "keyEncipherment", "dataEncipherment", "keyAgreement",
	    "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

	return show_flags(l, in, name, bits, sizeof bits / sizeof *bits);
}

/* DistributionPoint's ReasonFlags, of an implicit tag. */
static bool
show_reasons(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_hex(l, in, name);
}

static bool
show_ns_cert_type(sgl_look *l, sgl_der *in, const char *name)
{
	static const char *const bits[] = {"sslClient", "sslServer", "smime",
	    "objectSigning", "reserved", "sslCA", "smimeCA", "objectSigningCA"};

	return show_flags(l, in, name, bits, sizeof bits / sizeof *bits);
}

bool
sgl_show_reason(sgl_look *l, sgl_der *in, const char *name)
{
	static const char *const reasons[] = {"unspecified", "keyCompromise",
	    "cACompromise", "affiliationChanged", "superseded",
	    "cessationOfOperation", "certificateHold", "7", "removeFromCRL",
	    "privilegeWithdrawn", "aACompromise"};
	sgl_der start = *in;
	sgl_slice b;

	if (!sgl_der_read_bytes(in, SGL_ENUMERATED, &b) || b.len != 1)
		return sgl_look_bad(l, &start, "malformed CRLReason");
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name, "%s",
	    b.data[0] < sizeof reasons / sizeof *reasons ? reasons[b.data[0]]
							 : "unknown");
	return true;
}

static bool
show_oids(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "purpose", sgl_show_oid);
}

static const sgl_field_of basic_constraints[] = {
    {"CA", SGL_BOOLEAN, true, sgl_show_bool},
    {"path length", SGL_INTEGER, true, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_basic_constraints, basic_constraints)

    static const sgl_field_of authority_key[] = {
	{"key identifier", SGL_CONTEXT_PRIMITIVE(0), true, sgl_show_hex},
	{"issuer", SGL_CONTEXT(1), true, sgl_show_generals},
	{"serial", SGL_CONTEXT_PRIMITIVE(2), true, sgl_show_integer},
};
static SGL_SHOW_TABLE(show_authority_key, authority_key)

    static const sgl_field_of access[] = {
	{"method", SGL_OID, false, sgl_show_oid},
	{"location", SGL_ANY_TAG, false, sgl_show_general},
};
static SGL_SHOW_TABLE(show_access, access)

    static bool show_info_access(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "access", show_access);
}

static const sgl_field_of qualifier[] = {
    {"qualifier", SGL_OID, false, sgl_show_oid},
    {"value", SGL_ANY_TAG, true, sgl_show_any},
};
static SGL_SHOW_TABLE(show_qualifier, qualifier)

    static bool show_qualifiers(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "qualifier", show_qualifier);
}

static const sgl_field_of policy[] = {
    {"policy", SGL_OID, false, sgl_show_oid},
    {"qualifiers", SGL_SEQUENCE, true, show_qualifiers},
};
static SGL_SHOW_TABLE(show_policy, policy)

    static bool show_policies(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "policy information", show_policy);
}

static const sgl_field_of mapping[] = {
    {"issuer domain", SGL_OID, false, sgl_show_oid},
    {"subject domain", SGL_OID, false, sgl_show_oid},
};
static SGL_SHOW_TABLE(show_mapping, mapping)

    static bool show_mappings(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "mapping", show_mapping);
}

static const sgl_field_of policy_constraints[] = {
    {"require explicit policy", SGL_CONTEXT_PRIMITIVE(0), true, sgl_show_uint},
    {"inhibit policy mapping", SGL_CONTEXT_PRIMITIVE(1), true, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_policy_constraints, policy_constraints)

    static const sgl_field_of subtree[] = {
	{"base", SGL_ANY_TAG, false, sgl_show_general},
	{"minimum", SGL_CONTEXT_PRIMITIVE(0), true, sgl_show_uint},
	{"maximum", SGL_CONTEXT_PRIMITIVE(1), true, sgl_show_uint},
};
static SGL_SHOW_TABLE(show_subtree, subtree)

    static bool show_subtrees(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "subtree", show_subtree);
}

static const sgl_field_of name_constraints[] = {
    {"permitted", SGL_CONTEXT(0), true, show_subtrees},
    {"excluded", SGL_CONTEXT(1), true, show_subtrees},
};
static SGL_SHOW_TABLE(show_name_constraints, name_constraints)

    /* DistributionPointName: [0] of GeneralNames, or [1] relative. */
    static bool show_point_name(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	if (sgl_der_next_is(&body, SGL_CONTEXT(0)))
		return sgl_show_generals(l, &body, name);
	return sgl_show_any(l, &body, name);
}

static const sgl_field_of point[] = {
    {"full name", SGL_CONTEXT(0), true, show_point_name},
    {"reasons", SGL_CONTEXT_PRIMITIVE(1), true, show_reasons},
    {"CRL issuer", SGL_CONTEXT(2), true, sgl_show_generals},
};
static SGL_SHOW_TABLE(show_point, point)

    static bool show_points(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "distribution point", show_point);
}

static const sgl_field_of issuing_point[] = {
    {"full name", SGL_CONTEXT(0), true, show_point_name},
    {"only user certificates", SGL_CONTEXT_PRIMITIVE(1), true, sgl_show_bool},
    {"only CA certificates", SGL_CONTEXT_PRIMITIVE(2), true, sgl_show_bool},
    {"only some reasons", SGL_CONTEXT_PRIMITIVE(3), true, show_reasons},
    {"indirect CRL", SGL_CONTEXT_PRIMITIVE(4), true, sgl_show_bool},
    {"only attribute certificates", SGL_CONTEXT_PRIMITIVE(5), true,
	sgl_show_bool},
};
static SGL_SHOW_TABLE(show_issuing_point, issuing_point)

    static const sgl_field_of key_period[] = {
	{"not before", SGL_CONTEXT_PRIMITIVE(0), true, sgl_show_text},
	{"not after", SGL_CONTEXT_PRIMITIVE(1), true, sgl_show_text},
};
static SGL_SHOW_TABLE(show_key_period, key_period)

    static bool show_capabilities(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "capability", sgl_show_algorithm);
}

static const struct extension {
	sgl_oid oid;
	sgl_show *show;
	bool in_brief;
} known[] = {
    {SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, sgl_show_hex, true},
    {SGL_OID_CE_KEY_USAGE, show_key_usage, true},
    {SGL_OID_CE_PRIVATE_KEY_USAGE_PERIOD, show_key_period, false},
    {SGL_OID_CE_SUBJECT_ALT_NAME, sgl_show_generals, true},
    {SGL_OID_CE_ISSUER_ALT_NAME, sgl_show_generals, false},
    {SGL_OID_CE_BASIC_CONSTRAINTS, show_basic_constraints, true},
    {SGL_OID_CE_CRL_NUMBER, sgl_show_uint, false},
    {SGL_OID_CE_CRL_REASON, sgl_show_reason, false},
    {SGL_OID_CE_INVALIDITY_DATE, sgl_show_time, false},
    {SGL_OID_CE_DELTA_CRL_INDICATOR, sgl_show_uint, false},
    {SGL_OID_CE_ISSUING_DISTRIBUTION_POINT, show_issuing_point, false},
    {SGL_OID_CE_CERTIFICATE_ISSUER, sgl_show_generals, false},
    {SGL_OID_CE_NAME_CONSTRAINTS, show_name_constraints, false},
    {SGL_OID_CE_CRL_DISTRIBUTION_POINTS, show_points, false},
    {SGL_OID_CE_FRESHEST_CRL, show_points, false},
    {SGL_OID_CE_CERTIFICATE_POLICIES, show_policies, false},
    {SGL_OID_CE_POLICY_MAPPINGS, show_mappings, false},
    {SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, show_authority_key, false},
    {SGL_OID_CE_POLICY_CONSTRAINTS, show_policy_constraints, false},
    {SGL_OID_CE_EXT_KEY_USAGE, show_oids, true},
    {SGL_OID_CE_INHIBIT_ANY_POLICY, sgl_show_uint, false},
    {SGL_OID_PE_AUTHORITY_INFO_ACCESS, show_info_access, false},
    {SGL_OID_AA_SMIME_CAPABILITIES, show_capabilities, false},
    {SGL_OID_PKIX_OCSP_NOCHECK, sgl_show_null, false},
    {SGL_OID_OCSP_NONCE, sgl_show_hex, false},
    {SGL_OID_NS_CERT_TYPE, show_ns_cert_type, false},
    {SGL_OID_NS_COMMENT, sgl_show_text, false},
};

static const struct extension *
find(sgl_slice oid)
{
	sgl_oid id = sgl_oid_find(oid);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].oid == id)
			return &known[i];
	return NULL;
}

typedef struct parts {
	sgl_slice oid;
	bool critical;
	sgl_der value; /* contents of extnValue */
} parts;

static bool
read_parts(sgl_der *in, parts *p)
{
	sgl_der look = *in, body;

	p->critical = false;
	if (!sgl_der_read(&look, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &p->oid))
		return false;
	if (sgl_der_next_is(&body, SGL_BOOLEAN) &&
	    !sgl_der_read_bool(&body, &p->critical))
		return false;
	if (!sgl_der_read(&body, SGL_OCTET_STRING, &p->value) ||
	    !sgl_der_done(&body))
		return false;
	*in = look;
	return true;
}

static bool
is_one_element(sgl_der in)
{
	return sgl_der_read_any(&in, NULL, NULL, NULL) && sgl_der_done(&in);
}

/* Values are DER; what is none (some put bare text there) is shown as it is. */
static bool
show_value(sgl_look *l, parts *p, const struct extension *e, const char *name)
{
	sgl_slice bytes = sgl_der_rest(&p->value);

	if (e == NULL && !is_one_element(p->value)) {
		sgl_tree_hex(&l->tree,
		    (sgl_span){sgl_der_offset(&p->value), bytes.len}, name,
		    bytes);
		return true;
	}
	if (!(e == NULL ? sgl_show_any : e->show)(l, &p->value, name))
		return false;
	return sgl_der_done(&p->value) ||
	    sgl_look_bad(l, &p->value, "an element that does not belong");
}

/* The name is that of the standard; ", critical" goes behind it. */
static bool
show_one(sgl_look *l, sgl_der *in, bool brief)
{
	char label[SGL_OID_TEXT], name[SGL_OID_TEXT + 16];
	const struct extension *e;
	parts p;

	if (!read_parts(in, &p))
		return sgl_look_bad(l, in, "malformed Extension");
	e = find(p.oid);
	if (brief && (e == NULL || !e->in_brief))
		return true;
	(void)snprintf(name, sizeof name, "%s%s", sgl_oid_label(p.oid, label),
	    p.critical ? ", critical" : "");
	return show_value(l, &p, e, name);
}

static bool
show_extension(sgl_look *l, sgl_der *in, const char *name)
{
	(void)name;
	return show_one(l, in, false);
}

static bool
show_extension_brief(sgl_look *l, sgl_der *in, const char *name)
{
	(void)name;
	return show_one(l, in, true);
}

/* Extensions, bare or in an EXPLICIT tag. */
static bool
show_all(sgl_look *l, sgl_der *in, const char *name, sgl_show *one)
{
	sgl_der body;

	if (sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_each(l, in, name, "extension", one);
	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	return sgl_show_each(l, &body, name, "extension", one);
}

bool
sgl_show_extensions(sgl_look *l, sgl_der *in, const char *name)
{
	return show_all(l, in, name, show_extension);
}

bool
sgl_show_extensions_brief(sgl_look *l, sgl_der *in, const char *name)
{
	return show_all(l, in, name, show_extension_brief);
}
