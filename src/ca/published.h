/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the world finds what our certificates point to: every authority's
 * certificate and every part of its CRL is fetched by its public URL, as
 * anybody would, and compared with what it should be.
 *
 * A certificate whose list cannot be fetched is refused by strict programs, and
 * its URLs cannot be changed: so an organisation issues none to people before
 * it has been seen that they lead here, or somebody says that they will.
 */
#ifndef SGL_CA_PUBLISHED_H
#define SGL_CA_PUBLISHED_H

#include "org/home.h"

#define SGL_PUBLISHED_DETAIL 320
typedef struct sgl_published {
	const char *url;
	const char *fault; /* N_(): what is wrong; NULL: nothing */
	char detail[SGL_PUBLISHED_DETAIL];
} sgl_published;

/* sgl_published_look tells of each URL, which may take so many seconds; *good:
 * all are as they should be. SGL_E_UNSUPPORTED: nothing can be fetched
 * (net/fetch.h). */
#define SGL_PUBLISHED_SECONDS 30
typedef sgl_status
sgl_published_fn(void *ctx, const sgl_published *p, sgl_err *err);
SGL_MUST sgl_status sgl_published_look(sgl_home *home, unsigned seconds,
    sgl_published_fn *each, void *ctx, bool *good, sgl_err *err);

/* sgl_published_note remembers, in the caller's change, that all was found; or,
 * `unseen`, that it shall be believed. */
SGL_MUST sgl_status sgl_published_note(
    sgl_home *home, bool unseen, sgl_err *err);
SGL_MUST sgl_status sgl_published_is_noted(
    sgl_home *home, bool *noted, sgl_err *err);
/* sgl_published_require: SGL_E_USAGE for an organisation, not a trial, of which
 * neither is noted; or, if it shall be `believed`, that is noted. */
SGL_MUST sgl_status sgl_published_require(
    sgl_home *home, bool believed, sgl_err *err);

#endif
