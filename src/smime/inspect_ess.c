/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts, labels and mailing lists: RFC 2634. */
#include <inttypes.h>

#include "cms/ess.h"
#include "smime/inspect.h"

/* Some are text, some a key's identifier and random bytes. */
bool
sgl_show_content_identifier(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der look = *in;
	sgl_slice bytes;

	return sgl_look_octets(l, &look, &bytes, &store) &&
		sgl_der_is_printable(bytes)
	    ? sgl_show_text(l, in, name)
	    : sgl_show_hex(l, in, name);
}

/* --- receipts --- */

/* ReceiptsFrom (2.7): all or first tier, or a list. */
static bool
show_receipts_from(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_CONTEXT(1)))
		return sgl_show_each(
		    l, in, name, "recipient", sgl_show_generals);
	return sgl_show_uint(l, in, "receipts from (0 all, 1 first tier)");
}

static bool
show_receipts_to(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "address", sgl_show_generals);
}

static const sgl_field_of receipt_request[] = {
    {"content identifier", SGL_OCTET_STRING, false,
	sgl_show_content_identifier},
    {"receipts from", SGL_ANY_TAG, false, show_receipts_from},
    {"receipts to", SGL_SEQUENCE, false, show_receipts_to},
};
SGL_SHOW_TABLE(sgl_show_receipt_request, receipt_request)

/* 2.8 */
static const sgl_field_of receipt[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"content type", SGL_OID, false, sgl_show_oid},
    {"content identifier", SGL_OCTET_STRING, false,
	sgl_show_content_identifier},
    {"originator signature", SGL_OCTET_STRING, false, sgl_show_size},
};
SGL_SHOW_TABLE(sgl_show_receipt, receipt)

/* --- labels, 3.2 --- */

static bool
show_classification(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in;
	const char *known = NULL;
	uint64_t n;

	if (!sgl_der_read_uint(in, &n))
		return sgl_look_bad(l, in, "malformed classification");
	if (n <= SGL_CLASSIFICATION_MAX)
		known = sgl_classification_name((int)n);
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
	    "%" PRIu64 "%s%s", n, known == NULL ? "" : ", ",
	    known == NULL ? "" : known);
	return true;
}

static const sgl_field_of category[] = {
    {"type", SGL_CONTEXT_PRIMITIVE(0), false, sgl_show_implicit_oid},
    {"value", SGL_CONTEXT(1), false, sgl_show_any},
};
static SGL_SHOW_TABLE(show_category, category)

    /* ESSSecurityLabel is a SET, so the fields are told by their tags. */
    static bool show_label_field(sgl_look *l, sgl_der *in, const char *name)
{
	(void)name;
	if (sgl_der_next_is(in, SGL_OID))
		return sgl_show_oid(l, in, "policy");
	if (sgl_der_next_is(in, SGL_INTEGER))
		return show_classification(l, in, "classification");
	if (sgl_der_next_is(in, SGL_UTF8_STRING) ||
	    sgl_der_next_is(in, SGL_PRINTABLE_STRING))
		return sgl_show_text(l, in, "privacy mark");
	return sgl_show_each(l, in, "categories", "category", show_category);
}

bool
sgl_show_security_label(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "field", show_label_field);
}

bool
sgl_show_equivalent_labels(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "label", sgl_show_security_label);
}

/* --- hints and references, 2.9 and 2.11 --- */

static const sgl_field_of content_hints[] = {
    {"description", SGL_UTF8_STRING, true, sgl_show_text},
    {"content type", SGL_OID, false, sgl_show_oid},
};
SGL_SHOW_TABLE(sgl_show_content_hints, content_hints)

static const sgl_field_of content_reference[] = {
    {"content type", SGL_OID, false, sgl_show_oid},
    {"content identifier", SGL_OCTET_STRING, false,
	sgl_show_content_identifier},
    {"originator signature", SGL_OCTET_STRING, false, sgl_show_size},
};
SGL_SHOW_TABLE(sgl_show_content_reference, content_reference)

/* --- mailing lists, 4.4 --- */

/* EntityIdentifier: issuer and serial number, or a key identifier. */
static bool
show_entity(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_issuer_serial(l, in, name);
	return sgl_show_hex(l, in, "list's key identifier");
}

static bool
show_receipt_policy(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_CONTEXT(1)))
		return sgl_show_each(
		    l, in, "receipts instead to", "address", sgl_show_generals);
	if (sgl_der_next_is(in, SGL_CONTEXT(2)))
		return sgl_show_each(
		    l, in, "receipts also to", "address", sgl_show_generals);
	if (sgl_der_next_is(in, SGL_CONTEXT_PRIMITIVE(0)))
		return sgl_show_null(l, in, "no receipts");
	return sgl_show_any(l, in, name);
}

static const sgl_field_of expansion[] = {
    {"list", SGL_ANY_TAG, false, show_entity},
    {"time", SGL_GENERALIZED_TIME, false, sgl_show_time},
    {"receipt policy", SGL_ANY_TAG, true, show_receipt_policy},
};
static SGL_SHOW_TABLE(show_expansion, expansion)

    bool sgl_show_ml_history(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "expansion", show_expansion);
}
