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

/*
 * An encoder for what may be clear-signed (RFC 8551 3.1.3): CRLF is a line
 * break, and every other CR, LF and 8-bit byte is encoded. No line is longer
 * than 76, ends with a blank, starts "From " or "--" or is a dot alone: mail
 * servers change some of these, and no text may become a delimiter by being
 * broken in lines. All-zero is ready to use.
 */
#define SGL_QP_LOOK 5 /* bytes that must be seen to encode one: "From " */
typedef struct sgl_qp_enc {
	uint8_t held[SGL_QP_LOOK];
	size_t num_held;
	unsigned column;
} sgl_qp_enc;

#define SGL_QP_ENCODED(len) (((len) + SGL_QP_LOOK) * 4 + 8)
/* `out` has room for SGL_QP_ENCODED(in.len); returns bytes written. */
size_t sgl_qp_enc_update(sgl_qp_enc *e, sgl_slice in, uint8_t *out);
size_t sgl_qp_enc_finish(sgl_qp_enc *e, uint8_t *out);

#endif
