/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"
#include "smime/inspect.h"

/* Steps over one element of any tag. */
static bool
take(sgl_look *l, sgl_der *in, sgl_tag *tag, sgl_der *body, sgl_span *at)
{
	sgl_der start = *in;

	if (!sgl_der_read_any(in, tag, NULL, body))
		return sgl_look_bad(l, in, "no whole element");
	*at = sgl_span_from(&start, in);
	return true;
}

/* The contents of a primitive element. */
static bool
take_bytes(sgl_look *l, sgl_der *in, sgl_slice *bytes, sgl_span *at)
{
	sgl_der start = *in, body;
	sgl_tag tag;

	if (!take(l, in, &tag, &body, at))
		return false;
	if ((tag & SGL_TAG_CONSTRUCTED) != 0)
		return sgl_look_bad(l, &start, "constructed, but may not be");
	*bytes = sgl_der_rest(&body);
	return true;
}

static void
leaf_integer(sgl_look *l, sgl_span at, const char *name, sgl_slice c)
{
	uint64_t value = 0;

	if (c.len == 0) {
		(void)sgl_look_bad_at(l, at.offset, "an INTEGER of no bytes");
		return;
	}
	if (c.len > 8 || (c.data[0] & 0x80) != 0) {
		sgl_tree_hex(&l->tree, at, name, c);
		return;
	}
	for (size_t i = 0; i < c.len; i++)
		value = value << 8 | c.data[i];
	sgl_tree_leaff(&l->tree, at, name, "%" PRIu64, value);
}

bool
sgl_show_uint(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_slice bytes = {0};
	sgl_span at;

	if (!take_bytes(l, in, &bytes, &at))
		return false;
	leaf_integer(l, at, name, bytes);
	return true;
}

bool
sgl_show_integer(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_slice bytes = {0};
	sgl_span at;

	if (!take_bytes(l, in, &bytes, &at))
		return false;
	sgl_tree_hex(&l->tree, at, name, bytes);
	return true;
}

bool
sgl_show_explicit_integer(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_tag tag;
	sgl_der body;
	sgl_span at;

	return take(l, in, &tag, &body, &at) && sgl_show_uint(l, &body, name);
}

bool
sgl_show_bool(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_slice bytes = {0};
	sgl_span at;

	if (!take_bytes(l, in, &bytes, &at))
		return false;
	if (bytes.len != 1)
		return sgl_look_bad_at(l, at.offset, "malformed BOOLEAN");
	sgl_tree_leaf(&l->tree, at, name,
	    bytes.data[0] != 0 ? SGL_LIT("true") : SGL_LIT("false"));
	return true;
}

bool
sgl_show_null(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_slice bytes = {0};
	sgl_span at;

	if (!take_bytes(l, in, &bytes, &at))
		return false;
	sgl_tree_leaf(&l->tree, at, name, SGL_LIT(""));
	return true;
}

bool
sgl_show_oid(sgl_look *l, sgl_der *in, const char *name)
{
	char label[SGL_OID_TEXT], dotted[SGL_OID_TEXT];
	sgl_der start = *in;
	sgl_slice oid;

	if (!sgl_der_read_oid(in, &oid))
		return sgl_look_bad(l, in, "malformed OBJECT IDENTIFIER");
	(void)sgl_oid_dotted(oid, dotted);
	if (sgl_oid_find(oid) == SGL_OID_UNKNOWN)
		sgl_tree_leaff(
		    &l->tree, sgl_span_from(&start, in), name, "%s", dotted);
	else
		sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
		    "%s (%s)", sgl_oid_label(oid, label), dotted);
	return true;
}

bool
sgl_show_time(sgl_look *l, sgl_der *in, const char *name)
{
	char text[SGL_TIME_TEXT];
	sgl_der start = *in;
	sgl_slice bytes = {0};
	sgl_span at;
	sgl_time t;

	if (sgl_der_read_time(in, &t)) {
		sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name, "%s",
		    sgl_time_text(t, text));
		return true;
	}
	if (!take_bytes(l, in, &bytes, &at))
		return false;
	sgl_tree_leaf(&l->tree, at, name, bytes);
	return sgl_look_bad_at(l, at.offset, "malformed time");
}

bool
sgl_look_octets(sgl_look *l, sgl_der *in, sgl_slice *bytes, sgl_wiped *store)
{
	sgl_tag tag;

	if (!sgl_der_peek(in, &tag))
		return false;
	store->buf.max = sgl_der_rest(in).len;
	if ((tag & SGL_TAG_CONSTRUCTED) != 0 &&
	    !sgl_look_good(
		l, sgl_buf_reserve(&store->buf, store->buf.max, NULL)))
		return false;
	return sgl_der_read_octets(
	    in, tag & ~SGL_TAG_CONSTRUCTED, bytes, &store->buf);
}

bool
sgl_show_hex(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der start = *in;
	sgl_slice bytes;

	if (!sgl_look_octets(l, in, &bytes, &store))
		return sgl_look_bad(l, in, "malformed string of bytes");
	sgl_tree_hex(&l->tree, sgl_span_from(&start, in), name, bytes);
	return true;
}

bool
sgl_show_size(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der start = *in;
	sgl_slice bytes;

	if (!sgl_look_octets(l, in, &bytes, &store))
		return sgl_look_bad(l, in, "malformed string of bytes");
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
	    store.buf.data != NULL ? "%zu bytes, in pieces" : "%zu bytes",
	    bytes.len);
	return true;
}

bool
sgl_show_bits(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in;
	sgl_slice bits;
	unsigned unused;

	if (!sgl_der_read_bits(in, &bits, &unused))
		return sgl_look_bad(l, in, "malformed BIT STRING");
	sgl_tree_leaff(
	    &l->tree, sgl_span_from(&start, in), name, "%zu bytes", bits.len);
	return true;
}

/* Context tags hide which alphabet it was: then it is UTF-8 or escaped. */
bool
sgl_show_text(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_TREE_BYTES);
	sgl_slice bytes = {0};
	sgl_span at;
	sgl_tag tag;

	if (!sgl_der_peek(in, &tag))
		tag = SGL_UTF8_STRING;
	if (!take_bytes(l, in, &bytes, &at))
		return false;
	if (sgl_der_text(tag, bytes, &text))
		sgl_tree_leaf(&l->tree, at, name, sgl_buf_slice(&text));
	else
		sgl_tree_leaf(&l->tree, at, name, bytes);
	return true;
}

bool
sgl_show_name(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_TREE_BYTES);
	sgl_der start = *in;
	sgl_slice whole;

	if (!sgl_der_read_whole(in, SGL_SEQUENCE, &whole))
		return sgl_look_bad(l, in, "malformed Name");
	if (!sgl_look_good(l, sgl_name_text(whole, &text, NULL)))
		return sgl_look_bad(l, &start, "malformed Name");
	sgl_tree_leaf(&l->tree, sgl_span_from(&start, in), name,
	    text.len > 0 ? sgl_buf_slice(&text) : SGL_LIT("(empty)"));
	return true;
}

static const sgl_field_of issuer_serial[] = {
    {"issuer", SGL_SEQUENCE, false, sgl_show_name},
    {"serial", SGL_INTEGER, false, sgl_show_integer},
};

/* IssuerAndSerialNumber (RFC 5652 10.2.4). */
SGL_SHOW_TABLE(sgl_show_issuer_serial, issuer_serial)

static const sgl_field_of other_name[] = {
    {"type", SGL_OID, false, sgl_show_oid},
    {"value", SGL_CONTEXT(0), false, sgl_show_any},
};

static bool
show_other_name(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der look = *in, body, value;
	sgl_slice type;
	sgl_tag tag;

	/* The two kinds that hold a name in plain text. */
	if (sgl_der_read_any(&look, &tag, NULL, &body) &&
	    sgl_der_read_oid(&body, &type) &&
	    (sgl_oid_find(type) == SGL_OID_ON_SMTP_UTF8_MAILBOX ||
		sgl_oid_find(type) == SGL_OID_MS_UPN) &&
	    sgl_der_read(&body, SGL_CONTEXT(0), &value)) {
		*in = look;
		return sgl_show_text(
		    l, &value, sgl_oid_name(sgl_oid_find(type)));
	}
	if (!sgl_look_open(l, in, name, &body) ||
	    !SGL_SHOW_FIELDS(l, &body, other_name))
		return false;
	sgl_tree_close(&l->tree);
	return true;
}

static bool
show_directory_name(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;
	sgl_span at;
	sgl_tag tag;

	return take(l, in, &tag, &body, &at) && sgl_show_name(l, &body, name);
}

static bool
show_ip_address(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_slice b;
	sgl_span at;

	if (!take_bytes(l, in, &b, &at))
		return false;
	if (b.len == 4)
		sgl_tree_leaff(&l->tree, at, name, "%u.%u.%u.%u", b.data[0],
		    b.data[1], b.data[2], b.data[3]);
	else
		sgl_tree_hex(&l->tree, at, name, b);
	return true;
}

bool
sgl_show_implicit_oid(sgl_look *l, sgl_der *in, const char *name)
{
	char label[SGL_OID_TEXT];
	sgl_slice bytes = {0};
	sgl_span at;

	if (!take_bytes(l, in, &bytes, &at))
		return false;
	sgl_tree_leaff(&l->tree, at, name, "%s", sgl_oid_label(bytes, label));
	return true;
}

/* GeneralName (RFC 5280 4.2.1.6). */
bool
sgl_show_general(sgl_look *l, sgl_der *in, const char *name)
{
	static const struct {
		sgl_tag tag;
		const char *name;
		sgl_show *show;
	} kinds[] = {
	    {SGL_CONTEXT(0), "otherName", show_other_name},
	    {SGL_CONTEXT_PRIMITIVE(1), "rfc822Name", sgl_show_text},
	    {SGL_CONTEXT_PRIMITIVE(2), "dNSName", sgl_show_text},
	    {SGL_CONTEXT(3), "x400Address", sgl_show_any},
	    {SGL_CONTEXT(4), "directoryName", show_directory_name},
	    {SGL_CONTEXT(5), "ediPartyName", sgl_show_any},
	    {SGL_CONTEXT_PRIMITIVE(6), "uniformResourceIdentifier",
		sgl_show_text},
	    {SGL_CONTEXT_PRIMITIVE(7), "iPAddress", show_ip_address},
	    {SGL_CONTEXT_PRIMITIVE(8), "registeredID", sgl_show_implicit_oid},
	};

	(void)name;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (sgl_der_next_is(in, kinds[i].tag))
			return kinds[i].show(l, in, kinds[i].name);
	return sgl_look_bad(l, in, "no GeneralName");
}

bool
sgl_show_generals(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "name", sgl_show_general);
}

/* Opens a string that holds an element: in the same space of offsets where it
 * is in one piece, in a space of its own where it had to be joined. */
bool
sgl_look_string(sgl_look *l, sgl_der *in, const char *name, sgl_wiped *store,
    sgl_der *inside)
{
	sgl_der start = *in;
	sgl_slice bytes;
	sgl_tag tag;

	if (!sgl_der_peek(in, &tag) || !sgl_look_octets(l, in, &bytes, store))
		return sgl_look_bad(l, &start, "malformed string of bytes");
	if ((tag & SGL_TAG_CONSTRUCTED) != 0) {
		sgl_tree_open_decoded(
		    &l->tree, sgl_span_from(&start, in), name, bytes.len);
		*inside = sgl_ber_over(bytes);
		return true;
	}
	sgl_tree_openf(
	    &l->tree, sgl_span_from(&start, in), name, "%zu bytes", bytes.len);
	*inside =
	    (sgl_der){bytes.data, bytes.data + bytes.len, in->origin, in->ber};
	return true;
}
