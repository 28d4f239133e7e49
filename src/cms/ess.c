/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/time.h"
#include "base/utf8.h"
#include "cms/ess.h"
#include "cms/write_parts.h"
#include "crypto/hash.h"
#include "pki/general.h"

#define ROOM "cms.ess"

/* --- reading labels, RFC 2634 3.2 --- */

static const char *const classes[] = {"unmarked", "unclassified", "restricted",
    "confidential", "secret", "top-secret"};
#define NUM_CLASSES ((int)(sizeof classes / sizeof *classes))

const char *
sgl_classification_name(int classification)
{
	return classification >= 0 && classification < NUM_CLASSES
	    ? classes[classification]
	    : NULL;
}

static bool
read_classification(sgl_der *in, sgl_label *out)
{
	uint64_t n;

	if (out->classification >= 0 || !sgl_der_read_uint(in, &n) ||
	    n > SGL_CLASSIFICATION_MAX)
		return false;
	out->classification = (int)n;
	return true;
}

static bool
read_mark(sgl_der *in, sgl_tag tag, sgl_label *out)
{
	if (out->mark.len > 0 || !sgl_der_read_bytes(in, tag, &out->mark) ||
	    out->mark.len == 0)
		return false;
	return tag == SGL_UTF8_STRING ? sgl_utf8_is(out->mark)
				      : out->mark.len <= SGL_PRIVACY_MARK_MAX &&
		sgl_der_is_printable(out->mark);
}

/* SecurityCategory ::= SEQUENCE { type [0] OBJECT IDENTIFIER, value [1] } */
static bool
read_categories(sgl_der *in, sgl_label *out)
{
	sgl_der set, category;

	if (out->num_categories > 0 || !sgl_der_read(in, SGL_SET, &set))
		return false;
	while (!sgl_der_done(&set)) {
		if (!sgl_der_read(&set, SGL_SEQUENCE, &category) ||
		    !sgl_der_read(&category, SGL_CONTEXT_PRIMITIVE(0), NULL) ||
		    !sgl_der_read(&category, SGL_CONTEXT(1), NULL) ||
		    !sgl_der_done(&category))
			return false;
		out->num_categories++;
	}
	return out->num_categories > 0 &&
	    out->num_categories <= SGL_CATEGORIES_MAX;
}

/* It is a SET: the fields are told by their tags. */
static bool
read_label_field(sgl_der *in, sgl_label *out)
{
	sgl_tag tag;

	if (!sgl_der_peek(in, &tag))
		return false;
	switch (tag) {
	case SGL_OID:
		return out->policy.len == 0 &&
		    sgl_der_read_oid(in, &out->policy);
	case SGL_INTEGER:
		return read_classification(in, out);
	case SGL_UTF8_STRING:
	case SGL_PRINTABLE_STRING:
		return read_mark(in, tag, out);
	case SGL_SET:
		return read_categories(in, out);
	}
	return false;
}

bool
sgl_label_read(sgl_slice der, sgl_label *out)
{
	sgl_label label = {.whole = der, .classification = -1};
	sgl_der in = sgl_der_over(der), body;

	if (!sgl_der_read(&in, SGL_SET, &body) || !sgl_der_done(&in))
		return false;
	while (!sgl_der_done(&body))
		if (!read_label_field(&body, &label))
			return false;
	if (label.policy.len == 0)
		return false;
	*out = label;
	return true;
}

/* --- writing labels --- */

static sgl_status
refuse(const char *text, sgl_slice part, sgl_err *err)
{
	int len = part.len < SGL_ERR_DETAIL ? (int)part.len : SGL_ERR_DETAIL;

	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text, "%.*s",
	    len, part.len > 0 ? (const char *)part.data : "");
}

/* Up to the next colon, which goes away. */
static sgl_slice
take_part(sgl_slice *rest)
{
	const uint8_t *colon =
	    rest->len == 0 ? NULL : memchr(rest->data, ':', rest->len);
	size_t n = colon == NULL ? rest->len : (size_t)(colon - rest->data);
	sgl_slice part = sgl_slice_first(*rest, n);

	*rest = sgl_slice_from(*rest, colon == NULL ? n : n + 1);
	return part;
}

static bool
parse_classification(sgl_slice text, int *out)
{
	int n = 0;

	*out = -1;
	if (text.len == 0)
		return true;
	for (int i = 0; i < NUM_CLASSES; i++)
		if (sgl_slice_eq(text, sgl_slice_str(classes[i]))) {
			*out = i;
			return true;
		}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		n = 10 * n + text.data[i] - '0';
		if (n > SGL_CLASSIFICATION_MAX)
			return false;
	}
	*out = n;
	return true;
}

/* No control characters, and not too long for anybody. */
static bool
is_fit_mark(sgl_slice mark)
{
	size_t chars = 0, n;
	uint32_t c;

	for (; mark.len > 0; mark = sgl_slice_from(mark, n), chars++) {
		n = sgl_utf8_read(mark, &c);
		if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return chars <= SGL_PRIVACY_MARK_MAX;
}

static sgl_status
parse_label(const char *text, sgl_label *out, sgl_buf *policy, sgl_err *err)
{
	sgl_slice rest = sgl_slice_str(text);
	sgl_slice part = take_part(&rest);

	*out = (sgl_label){.classification = -1};
	/* So that lack of memory is not taken for a bad policy. */
	TRY(sgl_buf_reserve(policy, policy->max, err));
	if (!sgl_oid_parse(part, policy))
		return refuse("the label's policy is no object identifier",
		    sgl_slice_str(text), err);
	out->policy = sgl_buf_slice(policy);
	part = take_part(&rest);
	if (!parse_classification(part, &out->classification))
		return refuse(
		    "the label's classification is unknown", part, err);
	if (!is_fit_mark(rest))
		return refuse(
		    "the label's privacy mark is too long, or no text", rest,
		    err);
	out->mark = rest;
	return SGL_OK;
}

/* In the order of DER: that of the tags (X.690 10.3). */
static void
add_label(sgl_derb *b, const sgl_label *label)
{
	size_t set = sgl_derb_open(b, SGL_SET);

	if (label->classification >= 0)
		sgl_derb_uint(b, (uint64_t)label->classification);
	sgl_derb_oid(b, label->policy);
	if (label->mark.len > 0)
		sgl_derb_bytes(b,
		    sgl_der_is_printable(label->mark) ? SGL_PRINTABLE_STRING
						      : SGL_UTF8_STRING,
		    label->mark);
	sgl_derb_close(b, set);
}

/* @req rfc2634-3.2 */
sgl_status
sgl_label_add(const char *text, sgl_buf *attributes, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) policy = sgl_buf_init(SGL_OID_TEXT);
	sgl_derb b = sgl_derb_over(attributes);
	sgl_attribute_marks m;
	sgl_label label;

	TRY(parse_label(text, &label, &policy, err));
	m = sgl_attribute_open(&b, SGL_OID_AA_SECURITY_LABEL);
	add_label(&b, &label);
	sgl_attribute_close(&b, m);
	return sgl_derb_end(&b, err);
}

/* --- receipt requests, RFC 2634 2.7 --- */

static bool
read_receipts_from(sgl_der *in, sgl_receipt_request *out)
{
	sgl_slice n;
	sgl_der list;

	if (sgl_der_next_is(in, SGL_CONTEXT(1))) {
		if (!sgl_der_read(in, SGL_CONTEXT(1), &list))
			return false;
		out->from = SGL_RECEIPTS_LISTED;
		out->listed = sgl_der_rest(&list);
		return true;
	}
	if (!sgl_der_read_bytes(in, SGL_CONTEXT_PRIMITIVE(0), &n) ||
	    n.len != 1 || n.data[0] > 1)
		return false;
	out->from = n.data[0] == 0 ? SGL_RECEIPTS_ALL : SGL_RECEIPTS_FIRST_TIER;
	return true;
}

/* SEQUENCE OF GeneralNames, that many of them. */
static bool
are_names(sgl_slice contents, size_t min, size_t max)
{
	sgl_der in = sgl_der_over(contents), names;
	sgl_general name;
	size_t num = 0;

	for (; !sgl_der_done(&in); num++) {
		if (!sgl_der_read(&in, SGL_SEQUENCE, &names) ||
		    sgl_der_done(&names))
			return false;
		while (!sgl_der_done(&names))
			if (!sgl_general_read(&names, &name) ||
			    name.kind == SGL_GENERAL_BAD)
				return false;
	}
	return num >= min && num <= max;
}

bool
sgl_receipt_request_read(sgl_slice der, sgl_receipt_request *out)
{
	sgl_receipt_request r = {.whole = der};
	sgl_der in = sgl_der_over(der), body, to;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &r.identifier) ||
	    !read_receipts_from(&body, &r) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, &to) || !sgl_der_done(&body))
		return false;
	r.to = sgl_der_rest(&to);
	if (!are_names(r.to, 1, SGL_RECEIPTS_TO_MAX) ||
	    !are_names(r.listed, 0, SIZE_MAX))
		return false;
	*out = r;
	return true;
}

/* Of the names of one entity the first address will do. */
bool
sgl_receipt_address_read(sgl_der *in, sgl_slice *address)
{
	sgl_general name;
	sgl_der names;

	while (sgl_der_read(in, SGL_SEQUENCE, &names))
		while (sgl_general_read(&names, &name)) {
			if (name.kind != SGL_GENERAL_RFC822 &&
			    name.kind != SGL_GENERAL_SMTP_UTF8)
				continue;
			*address = name.value;
			return true;
		}
	return false;
}

static bool
is_ascii(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] > 126 || s.data[i] < 33)
			return false;
	return s.len > 0;
}

static sgl_status
find_address(const sgl_cert *cert, sgl_slice *out, sgl_err *err)
{
	char label[SGL_CERT_LABEL];

	for (size_t i = 0; i < sgl_cert_num_addresses(cert); i++) {
		*out = sgl_cert_get_address(cert, i);
		if (is_ascii(*out))
			return SGL_OK;
	}
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    "the certificate names no address that receipts could go to", "%s",
	    sgl_cert_label(cert, label));
}

/* The key's identifier, a GeneralizedTime and a random number: unique, as 2.7
 * advises. */
#define KEY_LEN 20
#define TIME_LEN 15
#define RANDOM_LEN 16
#define IDENTIFIER_LEN (KEY_LEN + TIME_LEN + RANDOM_LEN)

static sgl_status
make_identifier(sgl_engine *engine, const sgl_cert *cert, sgl_time time,
    uint8_t out[IDENTIFIER_LEN], sgl_err *err)
{
	sgl_civil c = sgl_time_to_civil(time);
	char text[80];

	(void)snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", c.year,
	    c.month, c.day, c.hour, c.minute, c.second);
	memcpy(out, cert->key_id, KEY_LEN);
	memcpy(out + KEY_LEN, text, TIME_LEN);
	return sgl_random(engine, out + KEY_LEN + TIME_LEN, RANDOM_LEN, err);
}

static void
add_request(sgl_derb *b, sgl_slice identifier, sgl_slice address)
{
	static const uint8_t all_receipts[] = {0};
	size_t request = sgl_derb_open(b, SGL_SEQUENCE), to, names;

	sgl_derb_octets(b, identifier);
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(0),
	    sgl_slice_of(all_receipts, sizeof all_receipts));
	to = sgl_derb_open(b, SGL_SEQUENCE);
	names = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(1), address);
	sgl_derb_close(b, names);
	sgl_derb_close(b, to);
	sgl_derb_close(b, request);
}

/* @req rfc2634-2.7 */
sgl_status
sgl_receipt_request_add(sgl_engine *engine, const sgl_cert *signer,
    sgl_time time, sgl_buf *attributes, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(attributes);
	uint8_t identifier[IDENTIFIER_LEN];
	sgl_attribute_marks m;
	sgl_slice address;

	TRY(find_address(signer, &address, err));
	TRY(make_identifier(engine, signer, time, identifier, err));
	m = sgl_attribute_open(&b, SGL_OID_AA_RECEIPT_REQUEST);
	add_request(&b, sgl_slice_of(identifier, sizeof identifier), address);
	sgl_attribute_close(&b, m);
	return sgl_derb_end(&b, err);
}

/* --- receipts --- */

bool
sgl_receipt_read(sgl_slice der, sgl_receipt *out)
{
	sgl_der in = sgl_der_over(der), body;
	sgl_receipt r;
	uint64_t version;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_uint(&body, &version) || version != 1 ||
	    !sgl_der_read_oid(&body, &r.content_type) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &r.identifier) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &r.signature) ||
	    !sgl_der_done(&body))
		return false;
	*out = r;
	return true;
}
