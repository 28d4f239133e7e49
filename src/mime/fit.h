/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for what keeps text from being clear-signed as it is: what is not 7-bit
 * (RFC 8551 3.1.3, RFC 2045 2.7), and what mail servers are known to change.
 */
#ifndef SGL_MIME_FIT_H
#define SGL_MIME_FIT_H

#include "base/slice.h"

typedef enum sgl_flaw {
	SGL_FLAW_8BIT = 1,
	SGL_FLAW_NUL = 2,
	SGL_FLAW_BARE_CR = 4,
	SGL_FLAW_LONG = 8,	/* a line over 998 bytes */
	SGL_FLAW_FROM = 16,	/* a line that starts "From " */
	SGL_FLAW_TRAILING = 32, /* a line that ends with a blank */
	SGL_FLAW_BARE_LF = 64	/* a flaw only where CRLF may not replace it */
} sgl_flaw;

/* All of them that are flaws anywhere. */
#define SGL_FLAWS_ANY (SGL_FLAW_BARE_LF - 1u)

/* All-zero is ready to use. Once `flaws` has one of `stop`, no more is looked
 * for. */
typedef struct sgl_fit {
	unsigned flaws, stop;
	uint8_t prev;  /* the byte before; 0 at the start */
	size_t column; /* bytes of the line so far */
	unsigned from; /* of them that match "From " */
} sgl_fit;

void sgl_fit_push(sgl_fit *f, sgl_slice in);
/* The end of the text ends a line. */
unsigned sgl_fit_finish(sgl_fit *f);

#endif
