/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes line ends CRLF on the way to a sink: LF alone becomes CRLF; CRLF and
 * CR alone stay (RFC 8551 3.1.1). All-zero but for out.next is ready to use.
 */
#ifndef SGL_MIME_CRLF_H
#define SGL_MIME_CRLF_H

#include "mime/joiner.h"

typedef struct sgl_crlf {
	sgl_joiner out; /* flush it at the end of every push */
	uint8_t prev;	/* the byte that came before; 0 at the start */
} sgl_crlf;

SGL_MUST sgl_status sgl_crlf_add(sgl_crlf *c, sgl_slice in, sgl_err *err);

#endif
