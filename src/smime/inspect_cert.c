/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates (RFC 5280 4), their requests (RFC 2986), and public keys. */
#include <inttypes.h>
#include <stdio.h>

#include "smime/inspect.h"

/* "rsa, 2048 bits", or nothing for a key that we cannot use. */
static void
describe_key(sgl_look *l, sgl_slice spki, char *out, size_t cap)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;

	out[0] = '\0';
	if (sgl_look_good(l, sgl_pubkey_read(l->engine, spki, &key, NULL)))
		(void)snprintf(out, cap, "%s, %u bits",
		    sgl_key_kind_name(sgl_pubkey_get_kind(key)),
		    sgl_pubkey_get_bits(key));
}

static const sgl_field_of public_key[] = {
    {"algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"key", SGL_BIT_STRING, false, sgl_show_bits},
};

/* SubjectPublicKeyInfo. */
bool
sgl_show_public_key(sgl_look *l, sgl_der *in, const char *name)
{
	char text[64];
	sgl_der start = *in, body;
	sgl_slice whole;

	if (!sgl_der_read_any(in, NULL, &whole, &body))
		return sgl_look_bad(l, in, "no whole element");
	describe_key(l, whole, text, sizeof text);
	sgl_tree_openf(&l->tree, sgl_span_from(&start, in), name, "%s", text);
	if (!SGL_SHOW_FIELDS(l, &body, public_key))
		return false;
	sgl_tree_close(&l->tree);
	return true;
}

/* [0] EXPLICIT Version, which counts from 0. */
static bool
show_version(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in, body;
	uint64_t version;

	if (!sgl_der_read(in, SGL_CONTEXT(0), &body) ||
	    !sgl_der_read_uint(&body, &version))
		return sgl_look_bad(l, &start, "malformed version");
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
	    "%" PRIu64 " (v%" PRIu64 ")", version, version + 1);
	return true;
}

static const sgl_field_of validity[] = {
    {"not before", SGL_ANY_TAG, false, sgl_show_time},
    {"not after", SGL_ANY_TAG, false, sgl_show_time},
};
static SGL_SHOW_TABLE(show_validity, validity)

    static const sgl_field_of tbs[] = {
	{"version", SGL_CONTEXT(0), true, show_version},
	{"serial", SGL_INTEGER, false, sgl_show_integer},
	{"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"issuer", SGL_SEQUENCE, false, sgl_show_name},
	{"validity", SGL_SEQUENCE, false, show_validity},
	{"subject", SGL_SEQUENCE, false, sgl_show_name},
	{"public key", SGL_SEQUENCE, false, sgl_show_public_key},
	{"issuer unique id", SGL_CONTEXT_PRIMITIVE(1), true, sgl_show_hex},
	{"subject unique id", SGL_CONTEXT_PRIMITIVE(2), true, sgl_show_hex},
	{"extensions", SGL_CONTEXT(3), true, sgl_show_extensions},
};
static SGL_SHOW_TABLE(show_tbs, tbs)

    static bool pass_over(sgl_look *l, sgl_der *in, const char *name)
{
	(void)name;
	if (!sgl_der_read_any(in, NULL, NULL, NULL))
		return sgl_look_bad(l, in, "no whole element");
	return true;
}

/* Inside a message: who it is, and what the key may do. */
static const sgl_field_of brief_tbs[] = {
    {"version", SGL_CONTEXT(0), true, pass_over},
    {"serial", SGL_INTEGER, false, sgl_show_integer},
    {"signature algorithm", SGL_SEQUENCE, false, pass_over},
    {"issuer", SGL_SEQUENCE, false, sgl_show_name},
    {"validity", SGL_SEQUENCE, false, show_validity},
    {"subject", SGL_SEQUENCE, false, sgl_show_name},
    {"public key", SGL_SEQUENCE, false, sgl_show_public_key},
    {"issuer unique id", SGL_CONTEXT_PRIMITIVE(1), true, pass_over},
    {"subject unique id", SGL_CONTEXT_PRIMITIVE(2), true, pass_over},
    {"extensions", SGL_CONTEXT(3), true, sgl_show_extensions_brief},
};

static bool
show_brief_tbs(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	(void)name;
	if (!sgl_der_read(in, SGL_SEQUENCE, &body))
		return sgl_look_bad(l, in, "no whole element");
	return SGL_SHOW_FIELDS(l, &body, brief_tbs);
}

static const sgl_field_of certificate[] = {
    {"to be signed", SGL_SEQUENCE, false, show_tbs},
    {"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signature", SGL_BIT_STRING, false, sgl_show_bits},
};
SGL_SHOW_TABLE(sgl_show_certificate, certificate)

static const sgl_field_of brief_certificate[] = {
    {"to be signed", SGL_SEQUENCE, false, show_brief_tbs},
    {"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signature", SGL_BIT_STRING, false, pass_over},
};
SGL_SHOW_TABLE(sgl_show_certificate_brief, brief_certificate)

static const sgl_field_of request_info[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"subject", SGL_SEQUENCE, false, sgl_show_name},
    {"public key", SGL_SEQUENCE, false, sgl_show_public_key},
    {"attributes", SGL_CONTEXT(0), true, sgl_show_attributes},
};
static SGL_SHOW_TABLE(show_request_info, request_info)

    static const sgl_field_of request[] = {
	{"to be signed", SGL_SEQUENCE, false, show_request_info},
	{"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"signature", SGL_BIT_STRING, false, sgl_show_bits},
};
SGL_SHOW_TABLE(sgl_show_request, request)
