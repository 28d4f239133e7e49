/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 2045 6.8, RFC 4648) in blocks, with AVX2 where the processor has
 * it (asked at run time) and portable code elsewhere. Both give the same bytes
 * and the same error offsets; `portable` in a coder asks for the latter, for
 * tests and benchmarks.
 */
#ifndef SGL_BASE_BASE64_H
#define SGL_BASE_BASE64_H

#include "base/buf.h"

/* Bytes that encoding `len` bytes takes at most: lines of 76 with CRLF. */
#define SGL_BASE64_ENCODED(len)                                                \
	(((len) + 2) / 3 * 4 / 76 * 2 + ((len) + 2) / 3 * 4 + 8)

/* A streaming encoder: 76 characters per line, CRLF behind each. */
typedef struct sgl_base64_enc {
	uint8_t held[3];
	unsigned num_held, column;
	bool portable;
} sgl_base64_enc;
/* `out` has room for SGL_BASE64_ENCODED(in.len + 2); returns bytes written. */
size_t sgl_base64_enc_update(sgl_base64_enc *e, sgl_slice in, uint8_t *out);
/* The rest, with padding and a last CRLF if the line is not empty. Up to 8. The
 * encoder may then begin anew. */
size_t sgl_base64_enc_finish(sgl_base64_enc *e, uint8_t *out);

/*
 * A streaming decoder. Blanks, tabs and line ends are skipped; any other
 * character outside the alphabet, data behind padding, missing or misplaced
 * padding and non-zero spare bits are malformed, where strict; where lenient
 * (RFC 2045 6.8 lets mail readers skip what does not belong) they set
 * `dirty` instead: strangers and misplaced pads are skipped, data behind
 * padding is dropped, a lacking pad is accepted. All-zero is a lenient decoder
 * ready to use.
 */
typedef struct sgl_base64_dec {
	uint32_t bits;
	unsigned num_chars, num_pad;
	uint64_t offset; /* of the next input byte */
	bool strict, dirty, ended, portable;
} sgl_base64_dec;
/* `out` has room for in.len / 4 * 3 + 6, all of which may be written to. false:
 * malformed at d->offset (spare bits: at the first pad; a lacking pad: at the
 * end), with *out_len telling the bytes before; a lenient one never fails. */
SGL_MUST bool sgl_base64_dec_update(
    sgl_base64_dec *d, sgl_slice in, uint8_t *out, size_t *out_len);
/* The rest: up to 2 bytes. */
SGL_MUST bool
sgl_base64_dec_finish(sgl_base64_dec *d, uint8_t *out, size_t *out_len);

/* Whole values: append to *out. encode: one line, no line end. decode: strict,
 * SGL_E_ENCODING with the offset. */
SGL_MUST sgl_status sgl_base64_encode(sgl_slice in, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_base64_decode(sgl_slice in, sgl_buf *out, sgl_err *err);

#endif
