/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/qp.h"

#define LINE_MAX 76

/* What stands for itself wherever it is, but at the start of a line. */
static const bool graph[256] = {['!' ... '<'] = true, ['>' ... '~'] = true};

/* Whether a line, or the text, ends in front of `s`. */
static bool
is_line_end(sgl_slice s)
{
	return s.len == 0 || sgl_slice_starts(s, SGL_LIT("\r\n"));
}

/* What would be misread at the start of a line. */
static bool
is_risky_start(sgl_slice s)
{
	return sgl_slice_starts(s, SGL_LIT("From ")) ||
	    sgl_slice_starts(s, SGL_LIT("--")) ||
	    (s.data[0] == '.' && is_line_end(sgl_slice_from(s, 1)));
}

static bool
is_literal(sgl_slice s, unsigned column)
{
	if (s.data[0] == ' ' || s.data[0] == '\t')
		return !is_line_end(sgl_slice_from(s, 1));
	return graph[s.data[0]] && (column > 0 || !is_risky_start(s));
}

static uint8_t *
put(uint8_t *out, sgl_slice s)
{
	memcpy(out, s.data, s.len);
	return out + s.len;
}

/* A soft break takes the last column, unless the line ends anyway. */
static uint8_t *
break_line(sgl_qp_enc *e, sgl_slice s, uint8_t *out)
{
	unsigned width = is_literal(s, e->column) ? 1 : 3;
	unsigned max =
	    is_line_end(sgl_slice_from(s, 1)) ? LINE_MAX : LINE_MAX - 1;

	if (e->column + width <= max)
		return out;
	e->column = 0;
	return put(out, SGL_LIT("=\r\n"));
}

/* Encodes the first byte of `s`, or a CRLF; returns how many were taken. */
static size_t
encode_one(sgl_qp_enc *e, sgl_slice s, uint8_t **out)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t c = s.data[0];

	if (c == '\r' && is_line_end(s)) {
		*out = put(*out, SGL_LIT("\r\n"));
		e->column = 0;
		return 2;
	}
	*out = break_line(e, s, *out);
	if (is_literal(s, e->column)) {
		*(*out)++ = c;
		e->column++;
	} else {
		*(*out)++ = '=';
		*(*out)++ = (uint8_t)hex[c >> 4];
		*(*out)++ = (uint8_t)hex[c & 15];
		e->column += 3;
	}
	return 1;
}

/* The usual case, fast: within a line, text that stands for itself. */
static size_t
encode_run(sgl_qp_enc *e, sgl_slice s, uint8_t **out)
{
	size_t max = LINE_MAX - 1 - e->column, i = 0;

	if (e->column == 0)
		return 0;
	if (max > s.len - 1)
		max = s.len - 1;
	while (i < max &&
	    (graph[s.data[i]] || (s.data[i] == ' ' && graph[s.data[i + 1]])))
		i++;
	*out = put(*out, sgl_slice_first(s, i));
	e->column += (unsigned)i;
	return i;
}

/* Goes on from the held bytes until the rest is the caller's alone. Returns
 * how much of `in` is done. */
static size_t
encode_held(sgl_qp_enc *e, sgl_slice in, uint8_t **out)
{
	uint8_t joined[2 * SGL_QP_LOOK];
	size_t n = sizeof joined - e->num_held, at = 0;
	sgl_slice s;

	if (n > in.len)
		n = in.len;
	memcpy(joined, e->held, e->num_held);
	memcpy(joined + e->num_held, in.data, n);
	s = sgl_slice_of(joined, e->num_held + n);
	while (at < e->num_held && s.len - at >= SGL_QP_LOOK)
		at += encode_one(e, sgl_slice_from(s, at), out);
	if (at >= e->num_held) {
		n = at - e->num_held;
		e->num_held = 0;
		return n;
	}
	e->num_held = s.len - at;
	memcpy(e->held, joined + at, e->num_held);
	return n;
}

size_t
sgl_qp_enc_update(sgl_qp_enc *e, sgl_slice in, uint8_t *out)
{
	uint8_t *to = out;

	if (e->num_held > 0)
		in = sgl_slice_from(in, encode_held(e, in, &to));
	while (in.len >= SGL_QP_LOOK) {
		size_t n = encode_run(e, in, &to);

		if (n == 0)
			n = encode_one(e, in, &to);
		in = sgl_slice_from(in, n);
	}
	if (in.len > 0) {
		memcpy(e->held, in.data, in.len);
		e->num_held = in.len;
	}
	return (size_t)(to - out);
}

size_t
sgl_qp_enc_finish(sgl_qp_enc *e, uint8_t *out)
{
	sgl_slice rest = sgl_slice_of(e->held, e->num_held);
	uint8_t *to = out;

	while (rest.len > 0)
		rest = sgl_slice_from(rest, encode_one(e, rest, &to));
	e->num_held = 0;
	return (size_t)(to - out);
}
