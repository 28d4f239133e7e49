/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short secret in a page of its own: it is not written to swap as far as
 * RLIMIT_MEMLOCK lets us, is in no core file, and is wiped when it is cleared.
 */
#ifndef SGL_SYS_GUARDED_H
#define SGL_SYS_GUARDED_H

#include "base/buf.h"

/* All-zero is none. */
typedef struct sgl_guarded {
	uint8_t *page;
	size_t len;
} sgl_guarded;
#define SGL_GUARDED_MAX ((size_t)4096)
SGL_MUST sgl_status sgl_guarded_set(
    sgl_guarded *g, sgl_slice bytes, sgl_err *err);
void sgl_guarded_clear(sgl_guarded *g);
static inline sgl_slice
sgl_guarded_slice(const sgl_guarded *g)
{
	return (sgl_slice){g->page, g->len};
}

#endif
