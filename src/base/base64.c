/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/simd.h"

#define ROOM "base.base64"
#define LINE_CHARS 76 /* RFC 2045 6.8 */
#define LINE_BYTES 57
/* Characters that sgl_base64_decode takes at a time. */
#define BLOCK 4096

static void
put_crlf(sgl_base64_run *r)
{
	*r->out++ = '\r';
	*r->out++ = '\n';
}

/* The last one or two bytes, with their padding. */
static void
put_padded(sgl_base64_run *r, const uint8_t *bytes, size_t num)
{
	uint8_t triple[3] = {bytes[0], num > 1 ? bytes[1] : 0, 0};
	sgl_base64_run last = {triple, triple + 3, r->out, NULL};

	sgl_base64_triples(&last);
	if (num == 1)
		r->out[2] = '=';
	r->out[3] = '=';
	r->out += 4;
}

static void
put_triples(sgl_base64_run *r, size_t num_bytes)
{
	sgl_base64_run part = {r->in, r->in + num_bytes, r->out, NULL};

	if (sgl_simd_has_avx2())
		sgl_simd_base64_triples(&part);
	sgl_base64_triples(&part);
	r->in = part.in;
	r->out = part.out;
}

/* As many triples as there are and the line has room for. */
static void
put_line(sgl_base64_enc *e, sgl_base64_run *r)
{
	size_t room = (LINE_CHARS - e->column) / 4 * 3;
	size_t have = (size_t)(r->in_end - r->in) / 3 * 3;
	size_t now = room < have ? room : have;

	put_triples(r, now);
	e->column += (unsigned)(now / 3 * 4);
	if (e->column == LINE_CHARS) {
		put_crlf(r);
		e->column = 0;
	}
}

/* Fills up a triple that an earlier update began. */
static void
put_held(sgl_base64_enc *e, sgl_base64_run *r)
{
	sgl_base64_run one = {e->held, e->held + 3, r->out, NULL};

	while (e->num_held < 3 && r->in < r->in_end)
		e->held[e->num_held++] = *r->in++;
	if (e->num_held < 3)
		return;
	e->num_held = 0;
	put_line(e, &one);
	r->out = one.out;
}

size_t
sgl_base64_enc_update(sgl_base64_enc *e, sgl_slice in, uint8_t *out)
{
	sgl_base64_run r = {in.data, in.data, out, NULL};

	if (in.len == 0)
		return 0;
	r.in_end += in.len;
	if (e->num_held > 0)
		put_held(e, &r);
	while (r.in_end - r.in >= 3) {
		if (e->column == 0 && sgl_simd_has_avx2())
			sgl_simd_base64_lines(&r);
		put_line(e, &r);
	}
	while (r.in < r.in_end)
		e->held[e->num_held++] = *r.in++;
	return (size_t)(r.out - out);
}

size_t
sgl_base64_enc_finish(sgl_base64_enc *e, uint8_t *out)
{
	sgl_base64_run r = {NULL, NULL, out, NULL};

	if (e->num_held > 0)
		put_padded(&r, e->held, e->num_held);
	if (e->num_held > 0 || e->column > 0)
		put_crlf(&r);
	*e = (sgl_base64_enc){.num_held = 0};
	return (size_t)(r.out - out);
}

/* Something malformed: the end where strict, a finding where lenient. */
static bool
tolerate(sgl_base64_dec *d)
{
	d->dirty = d->dirty || !d->strict;
	return !d->strict;
}

/* One or two bytes, of two or three characters. */
static void
put_tail(sgl_base64_dec *d, sgl_base64_run *r)
{
	if (d->num_chars == 2) {
		*r->out++ = (uint8_t)(d->bits >> 4);
	} else if (d->num_chars == 3) {
		*r->out++ = (uint8_t)(d->bits >> 10);
		*r->out++ = (uint8_t)(d->bits >> 2);
	}
	d->ended = true;
}

static bool
take_value(sgl_base64_dec *d, uint8_t value, sgl_base64_run *r)
{
	if (d->num_pad > 0)
		return tolerate(d);
	d->bits = d->bits << 6 | value;
	if (++d->num_chars < 4)
		return true;
	*r->out++ = (uint8_t)(d->bits >> 16);
	*r->out++ = (uint8_t)(d->bits >> 8);
	*r->out++ = (uint8_t)d->bits;
	d->num_chars = 0;
	return true;
}

static bool
take_pad(sgl_base64_dec *d, sgl_base64_run *r)
{
	uint32_t spare = d->num_chars == 2 ? 0xf : 0x3;

	if (d->ended || d->num_chars < 2)
		return tolerate(d);
	if (d->num_pad == 0 && (d->bits & spare) != 0 && !tolerate(d))
		return false;
	d->num_pad++;
	if (d->num_chars + d->num_pad == 4)
		put_tail(d, r);
	return true;
}

/* Character by character, until a quad is full or it fails at r->in. */
static bool
take_chars(sgl_base64_dec *d, sgl_base64_run *r)
{
	for (; r->in < r->in_end; r->in++) {
		uint8_t value = sgl_base64_values[*r->in];
		bool good = true;

		if (value < 64)
			good = take_value(d, value, r);
		else if (value == SGL_BASE64_PAD)
			good = take_pad(d, r);
		else if (value == SGL_BASE64_ALIEN)
			good = tolerate(d);
		if (!good)
			return false;
		if (value < 64 && d->num_chars == 0) {
			r->in++;
			return true;
		}
	}
	return true;
}

static void
take_quads(sgl_base64_run *r)
{
	if (sgl_simd_has_avx2())
		sgl_simd_base64_quads(r);
	sgl_base64_quads(r);
}

bool
sgl_base64_dec_update(
    sgl_base64_dec *d, sgl_slice in, uint8_t *out, size_t *out_len)
{
	sgl_base64_run r = {in.data, in.data, out, out + in.len / 4 * 3 + 6};
	bool good = true;

	*out_len = 0;
	if (in.len == 0)
		return true;
	r.in_end += in.len;
	if (d->ended && d->dirty)
		r.in = r.in_end; /* nothing more can come of it */
	while (good && r.in < r.in_end) {
		if (d->num_chars == 0 && d->num_pad == 0)
			take_quads(&r);
		good = take_chars(d, &r);
	}
	d->offset += (uint64_t)(r.in - in.data);
	*out_len = (size_t)(r.out - out);
	return good;
}

bool
sgl_base64_dec_finish(sgl_base64_dec *d, uint8_t *out, size_t *out_len)
{
	sgl_base64_run r = {NULL, NULL, out, NULL};

	*out_len = 0;
	if (d->ended || d->num_chars == 0)
		return true;
	if (!tolerate(d))
		return false;
	put_tail(d, &r);
	*out_len = (size_t)(r.out - out);
	return true;
}

sgl_status
sgl_base64_encode(sgl_slice in, sgl_buf *out, sgl_err *err)
{
	size_t whole = in.len / 3 * 3;
	sgl_base64_run r = {in.data, NULL, NULL, NULL};

	if (in.len == 0)
		return SGL_OK;
	TRY(sgl_buf_reserve(out, (in.len + 2) / 3 * 4, err));
	r.out = out->data + out->len;
	put_triples(&r, whole);
	if (in.len > whole)
		put_padded(&r, r.in, in.len - whole);
	out->len = (size_t)(r.out - out->data);
	return SGL_OK;
}

static sgl_status
decode_block(
    sgl_base64_dec *d, sgl_slice in, bool last, sgl_buf *out, sgl_err *err)
{
	uint8_t block[BLOCK / 4 * 3 + 6 + 2];
	size_t len, more = 0;
	sgl_status status = SGL_OK;

	if (!sgl_base64_dec_update(d, in, block, &len) ||
	    (last && !sgl_base64_dec_finish(d, block + len, &more)))
		status = sgl_fail(
		    err, SGL_E_ENCODING, ROOM, d->offset, "malformed base64");
	else
		status = sgl_buf_add(out, sgl_slice_of(block, len + more), err);
	sgl_mem_wipe(block, sizeof block); /* it may have been a key */
	return status;
}

sgl_status
sgl_base64_decode(sgl_slice in, sgl_buf *out, sgl_err *err)
{
	sgl_base64_dec d = {.strict = true};
	size_t before = out->len, n;
	sgl_status status;

	do {
		n = in.len < BLOCK ? in.len : BLOCK;
		status = decode_block(
		    &d, sgl_slice_first(in, n), n == in.len, out, err);
		in = sgl_slice_from(in, n);
	} while (status == SGL_OK && in.len > 0);
	if (status != SGL_OK)
		out->len = before;
	return status;
}
