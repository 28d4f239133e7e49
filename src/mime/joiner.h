/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins small pieces into blocks on their way to a sink, and lets large ones
 * pass uncopied. Flush at the end of every push: pieces that were not copied
 * belong to the caller's block. All-zero but for `next` is ready to use; with
 * next NULL everything is dropped. The block is made when first needed.
 */
#ifndef SGL_MIME_JOINER_H
#define SGL_MIME_JOINER_H

#include "base/slice.h"

typedef struct sgl_joiner {
	sgl_sink *next; /* borrowed */
	uint8_t *block;
	size_t len;
} sgl_joiner;

SGL_MUST sgl_status sgl_joiner_add(
    sgl_joiner *j, sgl_slice piece, sgl_err *err);
SGL_MUST sgl_status sgl_joiner_flush(sgl_joiner *j, sgl_err *err);
void sgl_joiner_clear(sgl_joiner *j);

#endif
