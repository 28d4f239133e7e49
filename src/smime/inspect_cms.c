/* SPDX-License-Identifier: Apache-2.0 */
/* CMS (RFC 5652, 5083, 3274): ContentInfo and every type of content, each as a
 * table of its fields. */
#include "smime/inspect.h"

/* What a layer holds is shown in a space of its own, if it is of our kinds. */
static void
show_inside(sgl_look *l, sgl_span at, sgl_slice bytes)
{
	if (!sgl_look_knows(l, bytes, false)) {
		sgl_tree_leaff(&l->tree, at, "content", "%zu bytes", bytes.len);
		return;
	}
	if (!sgl_look_enter(l, at, "content", bytes))
		return;
	sgl_show_content(l, bytes);
	sgl_look_leave(l);
}

/* RFC 2634 2.8 */
static void
show_receipt(sgl_look *l, sgl_span at, sgl_slice bytes)
{
	sgl_der in = sgl_ber_over(bytes);

	if (!sgl_look_enter(l, at, "content", bytes))
		return;
	sgl_look_try(l, sgl_show_receipt, &in, "receipt");
	if (!sgl_der_done(&in))
		(void)sgl_look_bad(l, &in, "an element that does not belong");
	sgl_look_leave(l);
}

typedef void show_bytes(sgl_look *l, sgl_span at, sgl_slice bytes);

/* eContent [0] EXPLICIT OCTET STRING; PKCS#7 had ANY there (RFC 5652 5.2.1). */
static bool
show_content_as(sgl_look *l, sgl_der *in, const char *name, show_bytes *show)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der body, start;
	sgl_slice bytes;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	start = body;
	if (!sgl_der_next_is(&body, SGL_OCTET_STRING) &&
	    !sgl_der_next_is(&body, SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED))
		return sgl_show_any(l, &body, name);
	if (!sgl_look_octets(l, &body, &bytes, &store))
		return sgl_look_bad(l, &start, "malformed string of bytes");
	show(l, sgl_span_from(&start, &body), bytes);
	return true;
}

static bool
show_content(sgl_look *l, sgl_der *in, const char *name)
{
	return show_content_as(l, in, name, show_inside);
}

static bool
show_receipt_content(sgl_look *l, sgl_der *in, const char *name)
{
	return show_content_as(l, in, name, show_receipt);
}

static const sgl_field_of encapsulated[] = {
    {"content type", SGL_OID, false, sgl_show_oid},
    {"content", SGL_CONTEXT(0), true, show_content},
};
static SGL_SHOW_TABLE(show_message, encapsulated)

    static const sgl_field_of encapsulated_receipt[] = {
	{"content type", SGL_OID, false, sgl_show_oid},
	{"content", SGL_CONTEXT(0), true, show_receipt_content},
};
static SGL_SHOW_TABLE(show_encapsulated_receipt, encapsulated_receipt)

    static bool is_receipt(sgl_der in)
{
	sgl_der body;
	sgl_slice oid;

	return sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read_oid(&body, &oid) &&
	    sgl_oid_find(oid) == SGL_OID_CT_RECEIPT;
}

static bool
show_encapsulated(sgl_look *l, sgl_der *in, const char *name)
{
	return is_receipt(*in) ? show_encapsulated_receipt(l, in, name)
			       : show_message(l, in, name);
}

static const sgl_field_of encrypted[] = {
    {"content type", SGL_OID, false, sgl_show_oid},
    {"encryption algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"encrypted content", SGL_CONTEXT_PRIMITIVE(0), true, sgl_show_size},
};
static SGL_SHOW_TABLE(show_encrypted, encrypted)

    /* CertificateChoices (RFC 5652 10.2.2): the first is a SEQUENCE. */
    static bool show_certificate_choice(
	sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_certificate_brief(l, in, name);
	return sgl_show_any(l, in, "another kind of certificate");
}

bool
sgl_show_certificates(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(
	    l, in, name, "certificate", show_certificate_choice);
}

static bool
show_crl_choice(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_crl(l, in, name);
	return sgl_show_any(l, in, "other revocation information");
}

bool
sgl_show_crls(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "CRL", show_crl_choice);
}

static bool
show_digest_algorithms(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "digest", sgl_show_algorithm);
}

static bool
show_signers(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "signer", sgl_show_signer);
}

/* RFC 5652 5.1. */
static const sgl_field_of signed_data[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"digest algorithms", SGL_SET, false, show_digest_algorithms},
    {"encapsulated content", SGL_SEQUENCE, false, show_encapsulated},
    {"certificates", SGL_CONTEXT(0), true, sgl_show_certificates},
    {"CRLs", SGL_CONTEXT(1), true, sgl_show_crls},
    {"signers", SGL_SET, false, show_signers},
};
static SGL_SHOW_TABLE(show_signed_data, signed_data)

    /* RFC 5652 6.1. */
    static const sgl_field_of enveloped_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"originator", SGL_CONTEXT(0), true, sgl_show_originator_info},
	{"recipients", SGL_SET, false, sgl_show_recipients},
	{"encrypted content info", SGL_SEQUENCE, false, show_encrypted},
	{"unprotected attributes", SGL_CONTEXT(1), true, sgl_show_attributes},
};
static SGL_SHOW_TABLE(show_enveloped_data, enveloped_data)

    /* RFC 5083 2.1. */
    static const sgl_field_of auth_enveloped_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"originator", SGL_CONTEXT(0), true, sgl_show_originator_info},
	{"recipients", SGL_SET, false, sgl_show_recipients},
	{"encrypted content info", SGL_SEQUENCE, false, show_encrypted},
	{"authenticated attributes", SGL_CONTEXT(1), true, sgl_show_attributes},
	{"MAC", SGL_OCTET_STRING, false, sgl_show_size},
	{"unauthenticated attributes", SGL_CONTEXT(2), true,
	    sgl_show_attributes},
};
static SGL_SHOW_TABLE(show_auth_enveloped_data, auth_enveloped_data)

    /* RFC 5652 9.1. */
    static const sgl_field_of authenticated_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"originator", SGL_CONTEXT(0), true, sgl_show_originator_info},
	{"recipients", SGL_SET, false, sgl_show_recipients},
	{"MAC algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"digest algorithm", SGL_CONTEXT(1), true, sgl_show_algorithm},
	{"encapsulated content", SGL_SEQUENCE, false, show_encapsulated},
	{"authenticated attributes", SGL_CONTEXT(2), true, sgl_show_attributes},
	{"MAC", SGL_OCTET_STRING, false, sgl_show_size},
	{"unauthenticated attributes", SGL_CONTEXT(3), true,
	    sgl_show_attributes},
};
static SGL_SHOW_TABLE(show_authenticated_data, authenticated_data)

    /* RFC 5652 7. */
    static const sgl_field_of digested_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"digest algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"encapsulated content", SGL_SEQUENCE, false, show_encapsulated},
	{"digest", SGL_OCTET_STRING, false, sgl_show_hex},
};
static SGL_SHOW_TABLE(show_digested_data, digested_data)

    /* RFC 5652 8. */
    static const sgl_field_of encrypted_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"encrypted content info", SGL_SEQUENCE, false, show_encrypted},
	{"unprotected attributes", SGL_CONTEXT(1), true, sgl_show_attributes},
};
static SGL_SHOW_TABLE(show_encrypted_data, encrypted_data)

    static const sgl_field_of compressed[] = {
	{"content type", SGL_OID, false, sgl_show_oid},
	{"compressed content", SGL_CONTEXT(0), true, show_content},
};
static SGL_SHOW_TABLE(show_compressed, compressed)

    /* RFC 3274 1.1. */
    static const sgl_field_of compressed_data[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"compression algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"encapsulated content", SGL_SEQUENCE, false, show_compressed},
};
static SGL_SHOW_TABLE(show_compressed_data, compressed_data)

    static const struct {
	sgl_oid oid;
	const char *name;
	sgl_show *show;
} types[] = {
    {SGL_OID_DATA, "content", sgl_show_size},
    {SGL_OID_SIGNED_DATA, "SignedData", show_signed_data},
    {SGL_OID_ENVELOPED_DATA, "EnvelopedData", show_enveloped_data},
    {SGL_OID_AUTH_ENVELOPED_DATA, "AuthEnvelopedData",
	show_auth_enveloped_data},
    {SGL_OID_AUTH_DATA, "AuthenticatedData", show_authenticated_data},
    {SGL_OID_DIGESTED_DATA, "DigestedData", show_digested_data},
    {SGL_OID_ENCRYPTED_DATA, "EncryptedData", show_encrypted_data},
    {SGL_OID_COMPRESSED_DATA, "CompressedData", show_compressed_data},
};

static bool
show_type(sgl_look *l, sgl_der *content, sgl_oid oid)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].oid == oid)
			return types[i].show(l, content, types[i].name);
	return sgl_show_any(l, content, "content");
}

/* ContentInfo (RFC 5652 3). */
bool
sgl_show_content_info(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body, look, content;
	sgl_slice oid;

	if (!sgl_look_open(l, in, name, &body))
		return false;
	if (sgl_look_is_deep(l)) {
		sgl_tree_close(&l->tree);
		return true;
	}
	look = body;
	if (!sgl_der_read_oid(&look, &oid) ||
	    !sgl_show_oid(l, &body, "content type"))
		return sgl_look_bad(l, &body, "malformed ContentInfo");
	if (!sgl_der_done(&body)) {
		if (!sgl_der_read(&body, SGL_CONTEXT(0), &content))
			return sgl_look_bad(l, &body, "malformed ContentInfo");
		if (!show_type(l, &content, sgl_oid_find(oid)))
			return false;
		if (!sgl_der_done(&content) || !sgl_der_done(&body))
			return sgl_look_bad(
			    l, &content, "an element that does not belong");
	}
	sgl_tree_close(&l->tree);
	return true;
}
