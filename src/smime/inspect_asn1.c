/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any ASN.1, without a schema. What is cut short or malformed is shown as far
 * as it goes, so this has a reader of headers of its own, where the cursors
 * want whole elements.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "smime/inspect.h"

#define SHORT_INTEGER 8 /* bytes that are shown where keys may be near */

typedef struct element {
	sgl_tag tag;
	bool indefinite;
	uint64_t len;	  /* as the header says */
	sgl_der contents; /* what is there of it */
	uint64_t missing; /* bytes of it that are not there */
} element;

static bool
read_tag(sgl_der *in, sgl_tag *tag)
{
	uint32_t top, number;

	if (sgl_der_done(in))
		return false;
	top = *in->at & 0xe0u;
	number = *in->at++ & 0x1fu;
	if (number == 0x1f) {
		number = 0;
		for (int i = 0;; i++) {
			if (i == 4 || sgl_der_done(in))
				return false;
			number = number << 7 | (*in->at & 0x7fu);
			if ((*in->at++ & 0x80) == 0)
				break;
		}
	}
	*tag = SGL_TAG(top, number);
	return true;
}

static bool
read_length(sgl_der *in, element *e)
{
	unsigned n;

	if (sgl_der_done(in))
		return false;
	n = *in->at++;
	e->indefinite = n == 0x80;
	e->len = n < 0x80 ? n : 0;
	if (n <= 0x80)
		return true;
	n &= 0x7f;
	if (n > 8)
		return false;
	while (n-- > 0) {
		if (sgl_der_done(in))
			return false;
		e->len = e->len << 8 | *in->at++;
	}
	return true;
}

/* Moves *in behind the header; false moves nothing. */
static bool
read_header(sgl_der *in, element *e)
{
	sgl_der look = *in;
	uint64_t there;

	*e = (element){0};
	if (!read_tag(&look, &e->tag) || !read_length(&look, e))
		return false;
	if (e->indefinite && (e->tag & SGL_TAG_CONSTRUCTED) == 0)
		return false;
	*in = look;
	e->contents = look;
	there = (uint64_t)(look.end - look.at);
	if (e->len > there)
		e->missing = e->len - there;
	else if (!e->indefinite)
		e->contents.end = look.at + e->len;
	return true;
}

static const char *
universal_name(uint32_t number)
{
	static const char *const names[] = {"end", "BOOLEAN", "INTEGER",
	    "BIT STRING", "OCTET STRING", "NULL", "OBJECT IDENTIFIER",
	    "ObjectDescriptor", "EXTERNAL", "REAL", "ENUMERATED",
	    "EMBEDDED PDV", "UTF8String", "RELATIVE-OID", "TIME", NULL,
	    "SEQUENCE", "SET", "NumericString", "PrintableString", "T61String",
	    "VideotexString", "IA5String", "UTCTime", "GeneralizedTime",
	    "GraphicString", "VisibleString", "GeneralString",
	    "UniversalString", "CHARACTER STRING", "BMPString"};

	return number < sizeof names / sizeof *names ? names[number] : NULL;
}

void
sgl_tag_name(sgl_tag tag, char out[SGL_TAG_NAME])
{
	static const char *const classes[] = {
	    "UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
	uint32_t number = SGL_TAG_NUMBER(tag), class = tag >> 30;
	const char *name = class == 0 ? universal_name(number) : NULL;

	if (name != NULL)
		(void)snprintf(out, SGL_TAG_NAME, "%s", name);
	else
		(void)snprintf(out, SGL_TAG_NAME, "[%s%u]", classes[class],
		    (unsigned)number);
}

/* A BIT STRING or OCTET STRING is often a wrapping of something: DER says so
 * by fitting to the last byte. */
static bool
is_wrapping(sgl_tag tag, sgl_slice bytes, sgl_slice *inside)
{
	sgl_der in;
	sgl_tag first;

	if (tag == SGL_BIT_STRING && bytes.len > 0 && bytes.data[0] == 0)
		bytes = sgl_slice_from(bytes, 1);
	else if (tag != SGL_OCTET_STRING)
		return false;
	*inside = bytes;
	in = sgl_der_over(bytes);
	return bytes.len > 2 && sgl_der_read_any(&in, &first, NULL, NULL) &&
	    sgl_der_done(&in) && (first == SGL_SEQUENCE || first == SGL_SET);
}

static bool
is_printable(sgl_slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] < 0x20 || bytes.data[i] >= 0x7f)
			return false;
	return bytes.len > 0;
}

/* Values of tags without an alphabet: as text if they look like it. */
static void
leaf_bytes(
    sgl_look *l, sgl_span at, const char *name, sgl_tag tag, sgl_slice bytes)
{
	bool is_context = tag >> 30 == 2;

	if (l->hide_values && (tag != SGL_INTEGER || bytes.len > SHORT_INTEGER))
		sgl_tree_leaff(
		    &l->tree, at, name, "%zu bytes, not shown", bytes.len);
	else if (is_context && is_printable(bytes))
		sgl_tree_leaff(&l->tree, at, name, "\"%.*s\"",
		    bytes.len > 200 ? 200 : (int)bytes.len,
		    (const char *)bytes.data);
	else if (bytes.len == 0)
		sgl_tree_leaf(&l->tree, at, name, SGL_LIT(""));
	else
		sgl_tree_hex(&l->tree, at, name, bytes);
}

static bool show_elements(sgl_look *l, sgl_der *in, bool until_end);

static void
leaf_wrapping(sgl_look *l, sgl_span at, const char *name, const sgl_der *whole,
    sgl_slice inside)
{
	/* The same space of offsets: a cursor with the outer origin. */
	sgl_der in = {
	    inside.data, inside.data + inside.len, whole->origin, whole->ber};

	sgl_tree_openf(
	    &l->tree, at, name, "%zu bytes, ASN.1 inside", inside.len);
	if (l->tree.skipped == 0)
		(void)show_elements(l, &in, false);
	sgl_tree_close(&l->tree);
}

/* How a primitive element is shown, if better than by its bytes. */
static sgl_show *
find_show(const sgl_look *l, sgl_der in, const element *e)
{
	sgl_time time;
	sgl_slice oid;

	switch (e->tag) {
	case SGL_OID:
		return sgl_der_read_oid(&in, &oid) ? sgl_show_oid : NULL;
	case SGL_BOOLEAN:
		return e->len == 1 ? sgl_show_bool : NULL;
	case SGL_INTEGER:
	case SGL_ENUMERATED:
		return e->len > 0 && !l->hide_values ? sgl_show_uint : NULL;
	case SGL_UTC_TIME:
	case SGL_GENERALIZED_TIME:
		return sgl_der_read_time(&in, &time) ? sgl_show_time : NULL;
	default:
		return e->tag >> 30 == 0 && SGL_TAG_NUMBER(e->tag) >= 12 &&
			!l->hide_values
		    ? sgl_show_text
		    : NULL;
	}
}

/* `in` is a cursor at a whole primitive element. */
static void
show_primitive(sgl_look *l, sgl_der in, const element *e, const char *name)
{
	sgl_slice bytes = sgl_der_rest(&e->contents), inside;
	sgl_span at = sgl_span_next(&in);
	sgl_show *show = find_show(l, in, e);

	if (show != NULL)
		(void)show(l, &in, name);
	else if (is_wrapping(e->tag, bytes, &inside))
		leaf_wrapping(l, at, name, &e->contents, inside);
	else
		leaf_bytes(l, at, name, e->tag, bytes);
}

static sgl_span
span_of(const sgl_der *start, const element *e)
{
	sgl_span at = SGL_NOWHERE;

	if (e->indefinite)
		at = sgl_span_next(start);
	if (at.offset == SGL_NO_OFFSET)
		at = sgl_span_from(start, &(sgl_der){.at = e->contents.end});
	return at;
}

static bool
show_constructed(
    sgl_look *l, const sgl_der *start, element *e, const char *name)
{
	bool good;

	sgl_tree_open(&l->tree, span_of(start, e), name,
	    e->indefinite ? SGL_LIT("indefinite length") : SGL_LIT(""));
	if (l->tree.skipped > 0) /* no deeper; where it ends is known or not */
		good = !e->indefinite;
	else
		good = show_elements(l, &e->contents, e->indefinite);
	if (good && e->missing > 0)
		good = sgl_look_bad(
		    l, &e->contents, "the input ends within this element");
	sgl_tree_close(&l->tree);
	return good;
}

/* One element; *in moves behind it, or to where it is malformed. */
static bool
show_element(sgl_look *l, sgl_der *in, const char *name)
{
	char tag_name[SGL_TAG_NAME];
	sgl_der start = *in;
	element e;

	if (!read_header(in, &e))
		return sgl_look_bad(l, in, "no identifier and length");
	sgl_tag_name(e.tag, tag_name);
	if (name == NULL)
		name = tag_name;
	if ((e.tag & SGL_TAG_CONSTRUCTED) != 0) {
		if (!show_constructed(l, &start, &e, name))
			return false;
		in->at = e.indefinite ? e.contents.at : e.contents.end;
		return true;
	}
	if (e.missing > 0) {
		sgl_tree_leaff(&l->tree, span_of(&start, &e), name, "%zu bytes",
		    sgl_der_rest(&e.contents).len);
		return sgl_look_bad(
		    l, &start, "the input ends within this element");
	}
	show_primitive(l, start, &e, name);
	in->at = e.contents.end;
	return true;
}

/* Up to the end-of-contents octets, which are stepped over, or to the end. */
static bool
show_elements(sgl_look *l, sgl_der *in, bool until_end)
{
	while (!sgl_der_done(in)) {
		if (until_end && in->end - in->at >= 2 && in->at[0] == 0 &&
		    in->at[1] == 0) {
			in->at += 2;
			return true;
		}
		if (!show_element(l, in, NULL))
			return false;
	}
	if (until_end)
		return sgl_look_bad(l, in, "no end-of-contents octets");
	return true;
}

bool
sgl_show_any(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der look = *in, one = *in;

	if (!sgl_der_read_any(&look, NULL, NULL, NULL))
		return sgl_look_bad(l, in, "no whole element");
	one.end = look.at;
	if (!show_element(l, &one, name))
		return false;
	*in = look;
	return true;
}

/*
 * Private keys and PFX begin with a version; messages, certificates and most
 * else with an object identifier or another SEQUENCE. Whatever does not, be it
 * a broken key, may be one.
 */
static bool
may_hold_key(sgl_der in)
{
	element e;

	return !read_header(&in, &e) || e.tag != SGL_SEQUENCE ||
	    !read_header(&in, &e) ||
	    (e.tag != SGL_OID && e.tag != SGL_SEQUENCE);
}

bool
sgl_show_asn1(sgl_look *l, sgl_der *in)
{
	bool hidden = l->hide_values, good;

	l->hide_values = hidden || may_hold_key(*in);
	good = show_elements(l, in, false);
	l->hide_values = hidden;
	return good;
}
