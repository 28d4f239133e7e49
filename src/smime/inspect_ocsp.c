/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of OCSP (RFC 6960 4.2.1). */
#include "smime/inspect.h"

/* What lies in an EXPLICIT tag, under the name of the whole. */
static bool
show_inside(sgl_look *l, sgl_der *in, const char *name, sgl_show *show)
{
	sgl_der body;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	return show(l, &body, name);
}

static bool
show_explicit_time(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, sgl_show_time);
}

static bool
show_explicit_reason(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, sgl_show_reason);
}

static bool
show_explicit_hex(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, sgl_show_hex);
}

static bool
show_explicit_name(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, sgl_show_name);
}

static bool
show_word(sgl_look *l, sgl_der *in, const char *name, const char *word)
{
	sgl_der start = *in;

	if (!sgl_der_read_any(in, NULL, NULL, NULL))
		return sgl_look_bad(l, in, "no whole element");
	sgl_tree_leaf(
	    &l->tree, sgl_span_from(&start, in), name, sgl_slice_str(word));
	return true;
}

static bool
show_good(sgl_look *l, sgl_der *in, const char *name)
{
	return show_word(l, in, name, "good");
}

static bool
show_unknown(sgl_look *l, sgl_der *in, const char *name)
{
	return show_word(l, in, name, "unknown");
}

static const sgl_field_of cert_id[] = {
    {"digest algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"issuer name hash", SGL_OCTET_STRING, false, sgl_show_hex},
    {"issuer key hash", SGL_OCTET_STRING, false, sgl_show_hex},
    {"serial", SGL_INTEGER, false, sgl_show_integer},
};
static SGL_SHOW_TABLE(show_cert_id, cert_id)

    static const sgl_field_of revoked[] = {
	{"revoked at", SGL_GENERALIZED_TIME, false, sgl_show_time},
	{"reason", SGL_CONTEXT(0), true, show_explicit_reason},
};
static SGL_SHOW_TABLE(show_revoked, revoked)

    /* One of the three stands there: their tags differ from what follows. */
    static const sgl_field_of single[] = {
	{"certificate", SGL_SEQUENCE, false, show_cert_id},
	{"status", SGL_CONTEXT_PRIMITIVE(0), true, show_good},
	{"status: revoked", SGL_CONTEXT(1), true, show_revoked},
	{"status", SGL_CONTEXT_PRIMITIVE(2), true, show_unknown},
	{"this update", SGL_GENERALIZED_TIME, false, sgl_show_time},
	{"next update", SGL_CONTEXT(0), true, show_explicit_time},
	{"extensions", SGL_CONTEXT(1), true, sgl_show_extensions},
};
static SGL_SHOW_TABLE(show_single, single)

    static bool show_answers(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "answer", show_single);
}

static const sgl_field_of data[] = {
    {"version", SGL_CONTEXT(0), true, sgl_show_explicit_integer},
    {"responder", SGL_CONTEXT(1), true, show_explicit_name},
    {"responder key", SGL_CONTEXT(2), true, show_explicit_hex},
    {"produced at", SGL_GENERALIZED_TIME, false, sgl_show_time},
    {"answers", SGL_SEQUENCE, false, show_answers},
    {"extensions", SGL_CONTEXT(1), true, sgl_show_extensions},
};
static SGL_SHOW_TABLE(show_data, data)

    static bool show_certs(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(
	    l, in, name, "certificate", sgl_show_certificate_brief);
}

static bool
show_explicit_certs(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, show_certs);
}

static const sgl_field_of basic[] = {
    {"to be signed", SGL_SEQUENCE, false, show_data},
    {"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signature", SGL_BIT_STRING, false, sgl_show_bits},
    {"certificates", SGL_CONTEXT(0), true, show_explicit_certs},
};
static SGL_SHOW_TABLE(show_basic, basic)

    static bool show_basic_string(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der inside;

	if (!sgl_look_string(l, in, name, &store, &inside))
		return false;
	sgl_look_try(l, show_basic, &inside, "BasicOCSPResponse");
	sgl_tree_close(&l->tree);
	return true;
}

static const sgl_field_of bytes[] = {
    {"type", SGL_OID, false, sgl_show_oid},
    {"response", SGL_OCTET_STRING, false, show_basic_string},
};
static SGL_SHOW_TABLE(show_bytes, bytes)

    static bool show_explicit_bytes(sgl_look *l, sgl_der *in, const char *name)
{
	return show_inside(l, in, name, show_bytes);
}

static bool
show_status(sgl_look *l, sgl_der *in, const char *name)
{
	static const char *const names[] = {"successful", "malformedRequest",
	    "internalError", "tryLater", "4", "sigRequired", "unauthorized"};
	sgl_der start = *in;
	sgl_slice b;

	if (!sgl_der_read_bytes(in, SGL_ENUMERATED, &b) || b.len != 1)
		return sgl_look_bad(l, &start, "malformed OCSPResponseStatus");
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name, "%s",
	    b.data[0] < sizeof names / sizeof *names ? names[b.data[0]]
						     : "unknown");
	return true;
}

static const sgl_field_of ocsp[] = {
    {"status", SGL_ENUMERATED, false, show_status},
    {"response bytes", SGL_CONTEXT(0), true, show_explicit_bytes},
};
SGL_SHOW_TABLE(sgl_show_ocsp, ocsp)
