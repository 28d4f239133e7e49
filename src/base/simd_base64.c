/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, 32 characters at a time. Within its two lanes of 16 bytes AVX2 does
 * the same to both, so a lane takes 12 bytes and makes 16 characters. */
#include "base/simd.h"

#if SGL_HAVE_AVX2
#include <immintrin.h>

/* The same 16 bytes for both lanes. */
#define LANES(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/*
 * What makes a character a stranger, by its high and low nibble: a set bit in
 * common. Bit 0: only + and / of 0x20 to 0x2f; bit 1: the digits of 0x30 to
 * 0x3f; bit 2: not 0x40 and 0x60; bit 3: up to z of 0x50 and 0x70 to 0x7f;
 * bit 4: the other rows have none.
 */
static inline SGL_AVX2 __m256i
find_strangers(__m256i chars, __m256i high)
{
	const __m256i by_high = LANES(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04,
	    0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
	const __m256i by_low = LANES(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
	    0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
	__m256i low = _mm256_and_si256(chars, _mm256_set1_epi8(0x0f));

	return _mm256_and_si256(_mm256_shuffle_epi8(by_high, high),
	    _mm256_shuffle_epi8(by_low, low));
}

static inline SGL_AVX2 __m256i
high_nibbles(__m256i chars)
{
	return _mm256_and_si256(
	    _mm256_srli_epi32(chars, 4), _mm256_set1_epi8(0x0f));
}

/* 24 bytes at the start from 32 characters, all of the alphabet. */
static inline SGL_AVX2 __m256i
decode(__m256i chars, __m256i high)
{
	/* What to add to get the value; a slash, which shares its row with
	 * plus, counts as row 1. */
	const __m256i shift =
	    LANES(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i order =
	    LANES(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	__m256i slash = _mm256_cmpeq_epi8(chars, _mm256_set1_epi8('/'));
	__m256i row = _mm256_add_epi8(high, slash);
	__m256i v = _mm256_add_epi8(chars, _mm256_shuffle_epi8(shift, row));

	/* a b c d, six bits each: a << 6 | b and c << 6 | d, then both. */
	v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
	v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
	v = _mm256_shuffle_epi8(v, order);
	return _mm256_permutevar8x32_epi32(
	    v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

static inline SGL_AVX2 __m256i
load(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i_u *)p);
}

/* Decodes 32 characters and returns the marks of strangers among them; up to
 * the first the bytes are right. 32 bytes are written. */
static inline SGL_AVX2 __m256i
step(const uint8_t *in, uint8_t *out)
{
	__m256i chars = load(in), high = high_nibbles(chars);

	_mm256_storeu_si256((__m256i_u *)out, decode(chars, high));
	return find_strangers(chars, high);
}

/* How a line ended, which tells where to expect the next end. */
typedef struct line_shape {
	size_t chars, end; /* a multiple of 4; 1 for LF, 2 for CRLF */
} line_shape;

static inline bool
has_line_end(const uint8_t *in, const line_shape *s)
{
	return in[s->chars + s->end - 1] == '\n' &&
	    (s->end == 1 || in[s->chars] == '\r');
}

/* One line of that shape and of nothing but the alphabet. */
static inline SGL_AVX2 bool
step_line(const uint8_t *in, uint8_t *out, const line_shape *s)
{
	size_t at = 0, last = s->chars - 32;
	__m256i strangers = _mm256_setzero_si256();

	for (; at <= last; at += 32)
		strangers =
		    _mm256_or_si256(strangers, step(in + at, out + at / 4 * 3));
	if (s->chars % 32 != 0)
		strangers = _mm256_or_si256(
		    strangers, step(in + last, out + last / 4 * 3));
	return _mm256_testz_si256(strangers, strangers);
}

/*
 * Lines like the last. That the next begins a known distance on lets the
 * processor work on several at once; searching for each end takes it about
 * three times as long.
 */
static inline SGL_AVX2 void
step_lines(sgl_base64_run *r, const line_shape *s)
{
	size_t in_line = s->chars + s->end, out_line = s->chars / 4 * 3;

	while ((size_t)(r->in_end - r->in) >= in_line &&
	    (size_t)(r->out_end - r->out) >= out_line + 8 &&
	    has_line_end(r->in, s) && step_line(r->in, r->out, s)) {
		r->in += in_line;
		r->out += out_line;
	}
}

static inline const uint8_t *
skip_blanks(const uint8_t *in, const uint8_t *end)
{
	while (in < end && sgl_base64_values[*in] == SGL_BASE64_BLANK)
		in++;
	return in;
}

SGL_AVX2 void
sgl_simd_base64_quads(sgl_base64_run *r)
{
	sgl_base64_run at = *r; /* a copy, which no byte written can change */
	const uint8_t *line = at.in, *edge;
	line_shape shape;

	while (at.in_end - at.in >= 32 && at.out_end - at.out >= 32) {
		__m256i strangers = step(at.in, at.out);
		unsigned clean, stop;

		if (_mm256_testz_si256(strangers, strangers)) {
			at.in += 32;
			at.out += 24;
			continue;
		}
		clean = (unsigned)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(strangers, _mm256_setzero_si256()));
		stop = (unsigned)__builtin_ctz(~clean);
		at.in += stop / 4 * 4;
		at.out += stop / 4 * 3;
		edge = at.in;
		if (stop % 4 == 0)
			at.in = skip_blanks(at.in, at.in_end);
		if (at.in == edge)
			break;
		shape.chars = (size_t)(edge - line);
		shape.end = (size_t)(at.in - edge);
		if (shape.chars >= 32 && shape.end <= 2)
			step_lines(&at, &shape);
		line = at.in;
	}
	*r = at;
}

/* 32 characters from 24 bytes; 28 are read. */
static inline SGL_AVX2 __m256i
encode(const uint8_t *in)
{
	const __m256i order =
	    LANES(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	/* What to add to a value: of 0 to 25, 26 to 51, a digit, + and /. */
	const __m256i shift = LANES('a' - 26, '0' - 52, '0' - 52, '0' - 52,
	    '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
	    '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	__m256i v, high, low, row, upper;

	v = _mm256_inserti128_si256(
	    _mm256_castsi128_si256(_mm_loadu_si128((const __m128i_u *)in)),
	    _mm_loadu_si128((const __m128i_u *)(in + 12)), 1);
	/* Two halves of 16 bits hold the triple: aaaaaabb bbbb.... and
	 * ....cccc ccdddddd. Multiplying moves each six bits to its byte. */
	v = _mm256_shuffle_epi8(v, order);
	high = _mm256_mulhi_epu16(
	    _mm256_and_si256(v, _mm256_set1_epi32(0x0fc0fc00)),
	    _mm256_set1_epi32(0x04000040));
	low = _mm256_mullo_epi16(
	    _mm256_and_si256(v, _mm256_set1_epi32(0x003f03f0)),
	    _mm256_set1_epi32(0x01000010));
	v = _mm256_or_si256(high, low);
	/* Row 13: upper case, 0: lower case, 1 to 10: digits, 11: +, 12: / */
	row = _mm256_subs_epu8(v, _mm256_set1_epi8(51));
	upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), v);
	row =
	    _mm256_or_si256(row, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
	return _mm256_add_epi8(v, _mm256_shuffle_epi8(shift, row));
}

SGL_AVX2 void
sgl_simd_base64_triples(sgl_base64_run *r)
{
	for (; r->in_end - r->in >= 28; r->in += 24, r->out += 32)
		_mm256_storeu_si256((__m256i_u *)r->out, encode(r->in));
}

SGL_AVX2 void
sgl_simd_base64_lines(sgl_base64_run *r)
{
	const uint8_t *in = r->in;
	uint8_t *out = r->out;

	/* The last 24 bytes overlap with those before: 33 + 28 are read. */
	for (; r->in_end - in >= 61; in += 57, out += 78) {
		_mm256_storeu_si256((__m256i_u *)out, encode(in));
		_mm256_storeu_si256((__m256i_u *)(out + 32), encode(in + 24));
		_mm256_storeu_si256((__m256i_u *)(out + 44), encode(in + 33));
		out[76] = '\r';
		out[77] = '\n';
	}
	r->in = in;
	r->out = out;
}

#endif
