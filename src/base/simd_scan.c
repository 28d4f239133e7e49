/* SPDX-License-Identifier: Apache-2.0 */
#include "base/simd.h"

#if SGL_HAVE_AVX2
#include <immintrin.h>

static inline SGL_AVX2 __m256i
load(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i_u *)p);
}

static inline SGL_AVX2 __m256i
is(const uint8_t *p, char c)
{
	return _mm256_cmpeq_epi8(load(p), _mm256_set1_epi8(c));
}

static inline SGL_AVX2 __m256i
bare_lfs(const uint8_t *p)
{
	return _mm256_andnot_si256(is(p - 1, '\r'), is(p, '\n'));
}

static inline SGL_AVX2 __m256i
line_events(const uint8_t *p)
{
	return _mm256_or_si256(
	    bare_lfs(p), _mm256_and_si256(is(p, '\n'), is(p + 1, '-')));
}

static inline SGL_AVX2 uint64_t
bits_of(__m256i low, __m256i high)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
	    (uint32_t)_mm256_movemask_epi8(low);
}

static inline SGL_AVX2 size_t
first_of(__m256i a, __m256i b, __m256i c, __m256i d)
{
	uint64_t low = bits_of(a, b);

	return (size_t)(low != 0 ? __builtin_ctzll(low)
				 : 64 + __builtin_ctzll(bits_of(c, d)));
}

/* `find` marks those of 32 bytes that are events, by their high bit. It may
 * look at one byte before and one behind them. */
#define SKIP(in, find)                                                         \
	do {                                                                   \
		size_t at = 0;                                                 \
		for (; at + 129 <= (in).len; at += 128) {                      \
			const uint8_t *p = (in).data + at;                     \
			__m256i a = find(p), b = find(p + 32),                 \
				c = find(p + 64), d = find(p + 96);            \
			__m256i ab = _mm256_or_si256(a, b),                    \
				cd = _mm256_or_si256(c, d);                    \
			if (_mm256_movemask_epi8(_mm256_or_si256(ab, cd)))     \
				return at + first_of(a, b, c, d);              \
		}                                                              \
		for (; at + 33 <= (in).len; at += 32) {                        \
			uint64_t bits = bits_of(                               \
			    find((in).data + at), _mm256_setzero_si256());     \
			if (bits != 0)                                         \
				return at + (size_t)__builtin_ctzll(bits);     \
		}                                                              \
		return at;                                                     \
	} while (0)

SGL_AVX2 size_t
sgl_simd_scan_line_event(sgl_slice in)
{
	SKIP(in, line_events);
}

SGL_AVX2 size_t
sgl_simd_scan_bare_lf(sgl_slice in)
{
	SKIP(in, bare_lfs);
}

#endif
