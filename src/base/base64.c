/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/simd.h"

#define LINE_CHARS 76 /* RFC 2045 6.8 */

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
put_triples(sgl_base64_run *r, size_t num_bytes, bool portable)
{
	sgl_base64_run part = {r->in, r->in + num_bytes, r->out, NULL};

	if (!portable && sgl_simd_has_avx2())
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

	put_triples(r, now, e->portable);
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
		if (e->column == 0 && !e->portable && sgl_simd_has_avx2())
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
	e->num_held = e->column = 0;
	return (size_t)(r.out - out);
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
	put_triples(&r, whole, false);
	if (in.len > whole)
		put_padded(&r, r.in, in.len - whole);
	out->len = (size_t)(r.out - out->data);
	return SGL_OK;
}
