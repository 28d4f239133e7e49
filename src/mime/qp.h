/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quoted-printable (RFC 2045 6.7), streaming. Encoding loses nothing: decoding
 * gives the very bytes back.
 */
#ifndef SGL_MIME_QP_H
#define SGL_MIME_QP_H

#include "base/slice.h"

/* What may have to wait: a run of blanks, which belongs to the text unless a
 * line ends behind it. A longer run is taken for text. */
#define SGL_QP_HELD 998

/*
 * A lenient decoder. A line break in the encoding is CRLF in what it encodes
 * (rule 4), however it is written. What is no quoted-printable passes as it is
 * and sets `dirty`. All-zero is ready to use.
 */
typedef struct sgl_qp_dec {
	uint8_t held[SGL_QP_HELD]; /* raw bytes that wait for the next one */
	size_t num_held;
	bool dirty;
} sgl_qp_dec;

#define SGL_QP_DECODED(len) ((len)*2 + SGL_QP_HELD)
/* `out` has room for SGL_QP_DECODED(in.len); returns bytes written. */
size_t sgl_qp_dec_update(sgl_qp_dec *d, sgl_slice in, uint8_t *out);
size_t sgl_qp_dec_finish(sgl_qp_dec *d, uint8_t *out);

#endif
