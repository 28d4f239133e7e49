/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/der.h"

#include "base/time.h"

/* Indefinite lengths inside small captured BER nest at most this deep. */
#define MAX_NESTING 32

typedef struct element {
	sgl_tag tag;
	const uint8_t *body, *body_end, *end;
} element;

sgl_der
sgl_der_over(sgl_slice bytes)
{
	/* Never NULL, so that the pointers may be subtracted. */
	const uint8_t *at =
	    bytes.data != NULL ? bytes.data : (const uint8_t *)"";

	return (sgl_der){at, at + bytes.len, at, false};
}

sgl_der
sgl_ber_over(sgl_slice bytes)
{
	sgl_der in = sgl_der_over(bytes);

	in.ber = true;
	return in;
}

static bool
read_tag(const uint8_t **at, const uint8_t *end, sgl_tag *tag)
{
	uint32_t top, number;

	if (*at == end)
		return false;
	top = **at & 0xe0u;
	number = *(*at)++ & 0x1fu;
	if (number != 0x1f) {
		*tag = SGL_TAG(top, number);
		return true;
	}
	/* High tag numbers (X.690 8.1.2.4): shortest form, 28 bits. */
	number = 0;
	for (int i = 0; i < 4 && *at < end; i++) {
		uint8_t c = *(*at)++;
		if (i == 0 && c == 0x80)
			return false;
		number = number << 7 | (c & 0x7fu);
		if ((c & 0x80) == 0) {
			*tag = SGL_TAG(top, number);
			return number >= 0x1f;
		}
	}
	return false;
}

/* X.690 8.1.3. In DER the shortest form alone is right (10.1). */
static bool
read_long_length(
    const uint8_t **at, const uint8_t *end, unsigned n, bool ber, size_t *len)
{
	uint64_t value = 0;

	if ((size_t)(end - *at) < n || (n > 8 && !ber))
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (value >> 56 != 0)
			return false;
		value = value << 8 | *(*at)++;
	}
	if (!ber && (value < 0x80 || value >> (8 * (n - 1)) == 0))
		return false;
	*len = value;
	return value <= SIZE_MAX;
}

static bool
read_length(const uint8_t **at, const uint8_t *end, bool ber, size_t *len,
    bool *indefinite)
{
	uint8_t first;

	*indefinite = false;
	if (*at == end)
		return false;
	first = *(*at)++;
	if (first < 0x80) {
		*len = first;
		return true;
	}
	if (first == 0x80) {
		*indefinite = true;
		*len = 0;
		return ber;
	}
	return first != 0xff &&
	    read_long_length(at, end, first & 0x7fu, ber, len);
}

/* Finds the end-of-contents octets that close an indefinite length, counting
 * open ones instead of calling itself. */
static bool
skip_indefinite(const uint8_t **at, const uint8_t *end)
{
	unsigned open = 1;

	while (open > 0) {
		sgl_tag tag;
		size_t len;
		bool indefinite;

		if (end - *at >= 2 && (*at)[0] == 0 && (*at)[1] == 0) {
			*at += 2;
			open--;
			continue;
		}
		if (!read_tag(at, end, &tag) || tag == 0 ||
		    !read_length(at, end, true, &len, &indefinite))
			return false;
		if (indefinite) {
			if ((tag & SGL_TAG_CONSTRUCTED) == 0 ||
			    ++open > MAX_NESTING)
				return false;
		} else if (len > (size_t)(end - *at)) {
			return false;
		} else {
			*at += len;
		}
	}
	return true;
}

static bool
next_element(const sgl_der *in, element *e)
{
	const uint8_t *at = in->at;
	size_t len;
	bool indefinite;

	if (!read_tag(&at, in->end, &e->tag) || e->tag == 0 ||
	    !read_length(&at, in->end, in->ber, &len, &indefinite))
		return false;
	e->body = at;
	if (indefinite) {
		if ((e->tag & SGL_TAG_CONSTRUCTED) == 0 ||
		    !skip_indefinite(&at, in->end))
			return false;
		e->body_end = at - 2;
		e->end = at;
		return true;
	}
	if (len > (size_t)(in->end - at))
		return false;
	e->body_end = e->end = at + len;
	return true;
}

bool
sgl_der_peek(const sgl_der *in, sgl_tag *tag)
{
	element e;

	if (!next_element(in, &e))
		return false;
	*tag = e.tag;
	return true;
}

bool
sgl_der_next_is(const sgl_der *in, sgl_tag tag)
{
	const uint8_t *at = in->at;
	sgl_tag next;

	return read_tag(&at, in->end, &next) && next == tag;
}

static void
step_over(sgl_der *in, const element *e, sgl_der *body)
{
	if (body != NULL)
		*body = (sgl_der){e->body, e->body_end, in->origin, in->ber};
	in->at = e->end;
}

bool
sgl_der_read(sgl_der *in, sgl_tag tag, sgl_der *body)
{
	element e;

	if (!next_element(in, &e) || e.tag != tag)
		return false;
	step_over(in, &e, body);
	return true;
}

bool
sgl_der_read_opt(sgl_der *in, sgl_tag tag, sgl_der *body, bool *present)
{
	if (!sgl_der_next_is(in, tag)) {
		*present = false;
		return true;
	}
	if (!sgl_der_read(in, tag, body))
		return false;
	*present = true;
	return true;
}

bool
sgl_der_read_any(sgl_der *in, sgl_tag *tag, sgl_slice *whole, sgl_der *body)
{
	element e;

	if (!next_element(in, &e))
		return false;
	if (tag != NULL)
		*tag = e.tag;
	if (whole != NULL)
		*whole = sgl_slice_of(in->at, (size_t)(e.end - in->at));
	step_over(in, &e, body);
	return true;
}

bool
sgl_der_read_whole(sgl_der *in, sgl_tag tag, sgl_slice *whole)
{
	return sgl_der_next_is(in, tag) &&
	    sgl_der_read_any(in, NULL, whole, NULL);
}

bool
sgl_der_read_bytes(sgl_der *in, sgl_tag tag, sgl_slice *bytes)
{
	sgl_der body;

	if ((tag & SGL_TAG_CONSTRUCTED) != 0 || !sgl_der_read(in, tag, &body))
		return false;
	*bytes = sgl_der_rest(&body);
	return true;
}

bool
sgl_der_read_bool(sgl_der *in, bool *value)
{
	sgl_der look = *in;
	sgl_slice bytes;

	if (!sgl_der_read_bytes(&look, SGL_BOOLEAN, &bytes) || bytes.len != 1)
		return false;
	/* X.690 11.1: TRUE is 0xff. */
	if (!in->ber && bytes.data[0] != 0 && bytes.data[0] != 0xff)
		return false;
	*value = bytes.data[0] != 0;
	*in = look;
	return true;
}

/* X.690 8.3.2: the first nine bits are not all equal. */
static bool
is_shortest_integer(sgl_slice c)
{
	if (c.len == 0)
		return false;
	if (c.len == 1)
		return true;
	return !(c.data[0] == 0 && (c.data[1] & 0x80) == 0) &&
	    !(c.data[0] == 0xff && (c.data[1] & 0x80) != 0);
}

bool
sgl_der_read_integer(sgl_der *in, sgl_slice *contents)
{
	sgl_der look = *in;

	if (!sgl_der_read_bytes(&look, SGL_INTEGER, contents) ||
	    !is_shortest_integer(*contents))
		return false;
	*in = look;
	return true;
}

bool
sgl_der_read_unsigned(sgl_der *in, sgl_slice *magnitude)
{
	sgl_der look = *in;
	sgl_slice c;

	if (!sgl_der_read_integer(&look, &c) || (c.data[0] & 0x80) != 0)
		return false;
	if (c.data[0] == 0)
		c = sgl_slice_from(c, 1);
	*magnitude = c;
	*in = look;
	return true;
}

bool
sgl_der_read_uint(sgl_der *in, uint64_t *value)
{
	sgl_der look = *in;
	sgl_slice m;
	uint64_t v = 0;

	if (!sgl_der_read_unsigned(&look, &m) || m.len > 8)
		return false;
	for (size_t i = 0; i < m.len; i++)
		v = v << 8 | m.data[i];
	*value = v;
	*in = look;
	return true;
}

bool
sgl_der_read_oid(sgl_der *in, sgl_slice *oid)
{
	sgl_der look = *in;
	sgl_slice c;
	bool at_start = true;

	if (!sgl_der_read_bytes(&look, SGL_OID, &c) || c.len == 0)
		return false;
	for (size_t i = 0; i < c.len; i++) {
		if (at_start && c.data[i] == 0x80)
			return false; /* X.690 8.19.2: shortest */
		at_start = (c.data[i] & 0x80) == 0;
	}
	if (!at_start)
		return false;
	*oid = c;
	*in = look;
	return true;
}

bool
sgl_der_read_bits(sgl_der *in, sgl_slice *bits, unsigned *unused)
{
	sgl_der look = *in;
	sgl_slice c;
	unsigned n;

	if (!sgl_der_read_bytes(&look, SGL_BIT_STRING, &c) || c.len == 0)
		return false;
	n = c.data[0];
	if (n > 7 || (n > 0 && c.len == 1))
		return false;
	/* X.690 11.2.1: unused bits are zero. */
	if (!in->ber && n > 0 && (c.data[c.len - 1] & ((1u << n) - 1)) != 0)
		return false;
	*bits = sgl_slice_from(c, 1);
	*unused = n;
	*in = look;
	return true;
}

static bool
read_digits(sgl_slice *text, size_t n, int *value)
{
	if (text->len < n)
		return false;
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = text->data[i];
		if (c < '0' || c > '9')
			return false;
		*value = *value * 10 + (c - '0');
	}
	*text = sgl_slice_from(*text, n);
	return true;
}

static bool
read_offset(sgl_slice *text, int *seconds)
{
	int hours, minutes, sign;

	if (text->len == 0)
		return false;
	sign = text->data[0];
	*text = sgl_slice_from(*text, 1);
	*seconds = 0;
	if (sign == 'Z')
		return text->len == 0;
	if ((sign != '+' && sign != '-') || !read_digits(text, 2, &hours) ||
	    !read_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
	return text->len == 0;
}

static bool
skip_fraction(sgl_slice *text)
{
	int digit;

	if (text->len == 0 || (text->data[0] != '.' && text->data[0] != ','))
		return true;
	*text = sgl_slice_from(*text, 1);
	if (!read_digits(text, 1, &digit))
		return false;
	while (read_digits(text, 1, &digit))
		;
	return true;
}

static bool
parse_time(sgl_slice text, bool generalized, bool lenient, sgl_time *out)
{
	sgl_civil c = {0};
	int offset;
	bool with_seconds;

	if (!read_digits(&text, generalized ? 4 : 2, &c.year) ||
	    !read_digits(&text, 2, &c.month) ||
	    !read_digits(&text, 2, &c.day) || !read_digits(&text, 2, &c.hour) ||
	    !read_digits(&text, 2, &c.minute))
		return false;
	if (!generalized)
		c.year += c.year < 50 ? 2000 : 1900;
	with_seconds = read_digits(&text, 2, &c.second);
	if (lenient) {
		if (generalized && !skip_fraction(&text))
			return false;
	} else if (!with_seconds || !sgl_slice_eq(text, SGL_LIT("Z"))) {
		return false;
	}
	if (!read_offset(&text, &offset) || !sgl_time_from_civil(&c, out))
		return false;
	*out -= offset;
	return true;
}

bool
sgl_der_read_time(sgl_der *in, sgl_time *time)
{
	sgl_der look = *in;
	sgl_slice text;
	bool generalized = sgl_der_next_is(in, SGL_GENERALIZED_TIME);
	sgl_tag tag = generalized ? SGL_GENERALIZED_TIME : SGL_UTC_TIME;

	if (!sgl_der_read_bytes(&look, tag, &text) ||
	    !parse_time(text, generalized, in->ber, time))
		return false;
	*in = look;
	return true;
}

/* Pieces are OCTET STRINGs, themselves perhaps in pieces (X.690 8.7.3). */
static bool
join_pieces(sgl_der body, unsigned depth, sgl_buf *store)
{
	while (!sgl_der_done(&body)) {
		sgl_tag tag;
		sgl_der piece;

		if (!sgl_der_read_any(&body, &tag, NULL, &piece))
			return false;
		if (tag == (SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED)) {
			if (depth >= 8 || !join_pieces(piece, depth + 1, store))
				return false;
		} else if (tag != SGL_OCTET_STRING ||
		    sgl_buf_add(store, sgl_der_rest(&piece), NULL) != SGL_OK) {
			return false;
		}
	}
	return true;
}

bool
sgl_der_read_octets(sgl_der *in, sgl_tag tag, sgl_slice *bytes, sgl_buf *store)
{
	sgl_der look = *in, body;
	size_t start = store->len;

	if (sgl_der_read_bytes(in, tag, bytes))
		return true;
	if (!in->ber || !sgl_der_read(&look, tag | SGL_TAG_CONSTRUCTED, &body))
		return false;
	if (!join_pieces(body, 0, store)) {
		store->len = start;
		return false;
	}
	*bytes = (sgl_slice){0};
	if (store->len > start)
		*bytes = sgl_slice_of(store->data + start, store->len - start);
	*in = look;
	return true;
}
