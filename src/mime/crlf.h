/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes line ends CRLF on the way to a sink: LF alone becomes CRLF; CRLF and
 * CR alone stay (RFC 8551 3.1.1). What needs no change is passed on where it
 * lies. All-zero but for `next` is ready to use; the block is made when first
 * needed.
 */
#ifndef SGL_MIME_CRLF_H
#define SGL_MIME_CRLF_H

#include "base/slice.h"

typedef struct sgl_crlf {
	sgl_sink *next; /* borrowed */
	uint8_t *block;
	size_t touched; /* of the block, so much must be wiped */
	uint8_t prev;	/* the byte that came before; 0 at the start */
} sgl_crlf;

SGL_MUST sgl_status sgl_crlf_add(sgl_crlf *c, sgl_slice in, sgl_err *err);
void sgl_crlf_clear(sgl_crlf *c);

#endif
