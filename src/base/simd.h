/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which code runs: AVX2 where it was built and the processor has it, otherwise
 * the portable code. Private to base. The vector functions are speed alone:
 * they may stop early anywhere, and the portable code goes on from there.
 */
#ifndef SGL_BASE_SIMD_H
#define SGL_BASE_SIMD_H

#include "base/slice.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(SGL_NO_SIMD)
#define SGL_HAVE_AVX2 1
#define SGL_AVX2 __attribute__((target("avx2")))
#else
#define SGL_HAVE_AVX2 0
#endif

/* sgl_simd_has_avx2: the sgl_simd_* functions below may be called. */
static inline bool
sgl_simd_has_avx2(void)
{
#if SGL_HAVE_AVX2
	return __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}

/* Where a coder stands in its input and in its output. */
typedef struct sgl_base64_run {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_end;
} sgl_base64_run;

/* The value of a character: 0 to 63, or one of these, all above. */
#define SGL_BASE64_BLANK 0x40
#define SGL_BASE64_PAD 0x41
#define SGL_BASE64_ALIEN 0x80
extern const uint8_t sgl_base64_values[256];
extern const uint8_t sgl_base64_alphabet[64];

/*
 * sgl_base64_quads steps over quads of four alphabet characters, writing the
 * three bytes of each, and over blanks and line ends between quads. It stops
 * on a quad's edge before anything else.
 */
void sgl_base64_quads(sgl_base64_run *r);

/* sgl_base64_triples encodes whole triples of bytes while there are some. */
void sgl_base64_triples(sgl_base64_run *r);

/* The portable half of sgl_scan_*: there is no event before `at`. */
size_t sgl_scan_line_event_from(sgl_slice in, uint8_t prev, size_t at);
size_t sgl_scan_bare_lf_from(sgl_slice in, uint8_t prev, size_t at);

#if SGL_HAVE_AVX2
void sgl_simd_base64_quads(sgl_base64_run *r);
void sgl_simd_base64_triples(sgl_base64_run *r);
/* sgl_simd_base64_lines encodes 57 bytes to 76 characters and CRLF. */
void sgl_simd_base64_lines(sgl_base64_run *r);
/* How many bytes at the start are known to be no event of sgl_scan_*. The byte
 * in.data[-1] must be readable. */
size_t sgl_simd_scan_line_event(sgl_slice in);
size_t sgl_simd_scan_bare_lf(sgl_slice in);
#else
#define sgl_simd_base64_quads(r) ((void)(r))
#define sgl_simd_base64_triples(r) ((void)(r))
#define sgl_simd_base64_lines(r) ((void)(r))
#define sgl_simd_scan_line_event(in) ((void)(in), (size_t)0)
#define sgl_simd_scan_bare_lf(in) ((void)(in), (size_t)0)
#endif

#endif
