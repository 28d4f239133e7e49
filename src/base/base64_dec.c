/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/simd.h"

#define ROOM "base.base64"
/* Characters that sgl_base64_decode takes at a time. */
#define BLOCK 4096

/* Something malformed: the end where strict, a finding where lenient. */
static bool
tolerate(sgl_base64_dec *d)
{
	if (d->strict)
		return false;
	d->dirty = true;
	return true;
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
take_pad(sgl_base64_dec *d, sgl_base64_run *r)
{
	uint32_t spare = d->num_chars == 2 ? 0xf : 0x3;

	if (d->ended)
		return tolerate(d);
	if ((d->bits & spare) != 0 && !tolerate(d))
		return false;
	d->num_pad++;
	if (d->num_chars + d->num_pad == 4)
		put_tail(d, r);
	return true;
}

/* From the first pad in its place on, only pads and blanks may come. */
static bool
take_padding(sgl_base64_dec *d, sgl_base64_run *r)
{
	if (d->ended && d->dirty)
		r->in = r->in_end; /* nothing more can come of it */
	for (; r->in < r->in_end; r->in++) {
		uint8_t value = sgl_base64_values[*r->in];

		if (value == SGL_BASE64_PAD
			? !take_pad(d, r)
			: value != SGL_BASE64_BLANK && !tolerate(d))
			return false;
	}
	return true;
}

/* Character by character up to `until`, and on to the next edge of a quad; but
 * not over a pad in its place. */
static bool
take_chars(sgl_base64_dec *d, sgl_base64_run *r, const uint8_t *until)
{
	sgl_base64_run at = *r; /* a copy, which no byte written can change */
	uint32_t bits = d->bits;
	unsigned num = d->num_chars;
	bool good = true;

	while (at.in < at.in_end && (num > 0 || at.in < until)) {
		uint8_t value = sgl_base64_values[*at.in];

		if (value < 64) {
			bits = bits << 6 | value;
			num++;
		} else if (value == SGL_BASE64_PAD && num >= 2) {
			break;
		} else if (value != SGL_BASE64_BLANK && !tolerate(d)) {
			good = false;
			break;
		}
		if (num == 4) {
			*at.out++ = (uint8_t)(bits >> 16);
			*at.out++ = (uint8_t)(bits >> 8);
			*at.out++ = (uint8_t)bits;
			num = 0;
		}
		at.in++;
	}
	d->bits = bits;
	d->num_chars = num;
	*r = at;
	return good;
}

/* Whole quads, then what lies between them and the next. Where there is little
 * between line ends or strangers, trying for quads costs more than it gives. */
static bool
take_data(sgl_base64_dec *d, sgl_base64_run *r)
{
	const uint8_t *before = r->in, *until;

	if (d->num_chars == 0 && !d->portable && sgl_simd_has_avx2())
		sgl_simd_base64_quads(r);
	if (d->num_chars == 0)
		sgl_base64_quads(r);
	until = r->in;
	if (r->in - before < 8)
		until = r->in_end - r->in > 64 ? r->in + 64 : r->in_end;
	else if (r->in < r->in_end)
		until++;
	return take_chars(d, r, until);
}

static bool
is_at_padding(const sgl_base64_dec *d, const sgl_base64_run *r)
{
	return d->num_pad > 0 || (d->num_chars >= 2 && *r->in == '=');
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
	while (good && r.in < r.in_end)
		good = is_at_padding(d, &r) ? take_padding(d, &r)
					    : take_data(d, &r);
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
