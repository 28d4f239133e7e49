/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include "asn1/builder.h"
#include "base/time.h"

#define ROOM "asn1.builder"

sgl_derb
sgl_derb_over(sgl_buf *out)
{
	return (sgl_derb){.out = out};
}

sgl_status
sgl_derb_end(sgl_derb *b, sgl_err *err)
{
	switch (b->failed) {
	case SGL_OK:
		assert(b->open == 0);
		return SGL_OK;
	case SGL_E_NOMEM:
		return sgl_oom(err, ROOM);
	default:
		return sgl_fail(err, b->failed, ROOM, SGL_NO_OFFSET,
		    "the structure cannot be encoded");
	}
}

static bool
add(sgl_derb *b, sgl_slice bytes)
{
	if (b->failed == SGL_OK)
		b->failed = sgl_buf_add(b->out, bytes, NULL);
	return b->failed == SGL_OK;
}

static size_t
put_tag(uint8_t *out, sgl_tag tag)
{
	uint32_t number = SGL_TAG_NUMBER(tag);
	size_t n = 1;

	if (number < 0x1f) {
		out[0] = (uint8_t)(tag >> 24 | number);
		return 1;
	}
	out[0] = (uint8_t)(tag >> 24 | 0x1f);
	for (int shift = 21; shift >= 0; shift -= 7) {
		uint8_t bits = (uint8_t)(number >> shift & 0x7f);
		if (n > 1 || bits != 0 || shift == 0)
			out[n++] = (uint8_t)(bits | (shift > 0 ? 0x80 : 0));
	}
	return n;
}

static size_t
put_length(uint8_t *out, uint64_t len)
{
	size_t n = 0;

	if (len < 0x80) {
		out[0] = (uint8_t)len;
		return 1;
	}
	while (n < 8 && len >> (8 * n) != 0)
		n++;
	out[0] = (uint8_t)(0x80 | n);
	for (size_t i = 0; i < n; i++)
		out[1 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
	return 1 + n;
}

size_t
sgl_der_header_len(uint64_t len)
{
	uint8_t scratch[9];

	return 1 + put_length(scratch, len);
}

size_t
sgl_der_put_header(uint8_t out[10], sgl_tag tag, uint64_t len)
{
	assert(SGL_TAG_NUMBER(tag) < 0x1f);
	return put_tag(out, tag) + put_length(out + 1, len);
}

size_t
sgl_der_put_indefinite(uint8_t out[2], sgl_tag tag)
{
	assert(SGL_TAG_NUMBER(tag) < 0x1f);
	(void)put_tag(out, tag);
	out[1] = 0x80;
	return 2;
}

size_t
sgl_derb_open(sgl_derb *b, sgl_tag tag)
{
	uint8_t head[6];
	size_t n = put_tag(head, tag);

	b->open++;
	head[n++] = 0; /* the length, fixed by close */
	(void)add(b, sgl_slice_of(head, n));
	return b->out->len;
}

void
sgl_derb_close(sgl_derb *b, size_t mark)
{
	uint8_t length[9];
	size_t body, n;

	b->open--;
	if (b->failed != SGL_OK)
		return;
	body = b->out->len - mark;
	n = put_length(length, body);
	if (n > 1) {
		b->failed = sgl_buf_reserve(b->out, n - 1, NULL);
		if (b->failed != SGL_OK)
			return;
		memmove(b->out->data + mark + n - 1, b->out->data + mark, body);
		b->out->len += n - 1;
	}
	memcpy(b->out->data + mark - 1, length, n);
}

static int
compare_slices(const void *a, const void *b)
{
	return sgl_slice_compare(*(const sgl_slice *)a, *(const sgl_slice *)b);
}

static size_t
count_elements(sgl_slice body)
{
	sgl_der in = sgl_der_over(body);
	size_t n = 0;

	while (!sgl_der_done(&in)) {
		if (!sgl_der_read_any(&in, NULL, NULL, NULL))
			return SIZE_MAX;
		n++;
	}
	return n;
}

/* X.690 11.6: the elements of a SET OF in ascending order of their bytes. */
static sgl_status
sort_elements(uint8_t *body, size_t len, size_t n)
{
	SGL_AUTO_MEM sgl_slice *parts = sgl_mem_zeroed(n, sizeof *parts);
	SGL_AUTO_MEM uint8_t *copy = sgl_mem_resize(NULL, len);
	sgl_der in;

	if (parts == NULL || copy == NULL)
		return SGL_E_NOMEM;
	memcpy(copy, body, len);
	in = sgl_der_over(sgl_slice_of(copy, len));
	for (size_t i = 0; i < n; i++)
		if (!sgl_der_read_any(&in, NULL, &parts[i], NULL))
			return SGL_E_USAGE;
	qsort(parts, n, sizeof *parts, compare_slices);
	for (size_t i = 0; i < n; i++) {
		memcpy(body, parts[i].data, parts[i].len);
		body += parts[i].len;
	}
	return SGL_OK;
}

void
sgl_derb_close_set_of(sgl_derb *b, size_t mark)
{
	size_t len, n;

	if (b->failed == SGL_OK) {
		len = b->out->len - mark;
		n = count_elements(sgl_slice_of(b->out->data + mark, len));
		if (n == SIZE_MAX)
			b->failed = SGL_E_USAGE;
		else if (n > 1)
			b->failed = sort_elements(b->out->data + mark, len, n);
	}
	sgl_derb_close(b, mark);
}

void
sgl_derb_raw(sgl_derb *b, sgl_slice whole_elements)
{
	(void)add(b, whole_elements);
}

void
sgl_derb_bytes(sgl_derb *b, sgl_tag tag, sgl_slice contents)
{
	uint8_t head[16];
	size_t n = put_tag(head, tag);

	n += put_length(head + n, contents.len);
	if (add(b, sgl_slice_of(head, n)))
		(void)add(b, contents);
}

void
sgl_derb_bool(sgl_derb *b, bool value)
{
	uint8_t byte = value ? 0xff : 0;

	sgl_derb_bytes(b, SGL_BOOLEAN, sgl_slice_of(&byte, 1));
}

void
sgl_derb_unsigned(sgl_derb *b, sgl_slice m)
{
	uint8_t head[16];
	size_t n;
	bool pad;

	while (m.len > 0 && m.data[0] == 0)
		m = sgl_slice_from(m, 1);
	pad = m.len == 0 || (m.data[0] & 0x80) != 0;
	n = put_tag(head, SGL_INTEGER);
	n += put_length(head + n, m.len + (pad ? 1 : 0));
	if (pad)
		head[n++] = 0;
	if (add(b, sgl_slice_of(head, n)))
		(void)add(b, m);
}

void
sgl_derb_uint(sgl_derb *b, uint64_t value)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
	sgl_derb_unsigned(b, sgl_slice_of(bytes, 8));
}

void
sgl_derb_null(sgl_derb *b)
{
	sgl_derb_bytes(b, SGL_NULL, sgl_slice_of(NULL, 0));
}

void
sgl_derb_oid(sgl_derb *b, sgl_slice oid)
{
	sgl_derb_bytes(b, SGL_OID, oid);
}

void
sgl_derb_bits(sgl_derb *b, sgl_slice bits, unsigned unused)
{
	uint8_t head[16];
	size_t n = put_tag(head, SGL_BIT_STRING);

	n += put_length(head + n, bits.len + 1);
	head[n++] = (uint8_t)unused;
	if (add(b, sgl_slice_of(head, n)))
		(void)add(b, bits);
}

void
sgl_derb_octets(sgl_derb *b, sgl_slice contents)
{
	sgl_derb_bytes(b, SGL_OCTET_STRING, contents);
}

void
sgl_derb_utf8(sgl_derb *b, sgl_slice text)
{
	sgl_derb_bytes(b, SGL_UTF8_STRING, text);
}

static char *
put_two(char *at, int value)
{
	*at++ = (char)('0' + value / 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static void
add_time(sgl_derb *b, sgl_time time, bool generalized)
{
	sgl_civil c = sgl_time_to_civil(time);
	char text[16], *at = text;

	if (c.year < 0 || c.year > 9999) {
		b->failed = SGL_E_USAGE;
		return;
	}
	if (generalized)
		at = put_two(at, c.year / 100);
	at = put_two(at, c.year % 100);
	at = put_two(at, c.month);
	at = put_two(at, c.day);
	at = put_two(at, c.hour);
	at = put_two(at, c.minute);
	at = put_two(at, c.second);
	*at++ = 'Z';
	sgl_derb_bytes(b, generalized ? SGL_GENERALIZED_TIME : SGL_UTC_TIME,
	    sgl_slice_of(text, (size_t)(at - text)));
}

void
sgl_derb_time(sgl_derb *b, sgl_time time)
{
	sgl_civil c = sgl_time_to_civil(time);

	add_time(b, time, c.year < 1950 || c.year > 2049);
}

void
sgl_derb_generalized_time(sgl_derb *b, sgl_time time)
{
	add_time(b, time, true);
}
