/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the world finds what our certificates point to: every authority's
 * certificate, every part of its CRL and an answer of OCSP are fetched by their
 * public URLs, as anybody would, and compared with what they should be. What is
 * to be fetched, and what is to be thought of what came, are told here; who
 * fetches, and when, is another matter.
 *
 * A certificate whose list cannot be fetched is refused by strict programs, and
 * its URLs cannot be changed: so an organisation issues none to people before
 * it has been seen that they lead here, or somebody says that they will.
 */
#ifndef SGL_CA_PUBLISHED_H
#define SGL_CA_PUBLISHED_H

#include "net/fetch.h"
#include "org/home.h"

typedef enum sgl_publication_kind {
	SGL_PUBLICATION_ISSUER,
	SGL_PUBLICATION_CRL,
	SGL_PUBLICATION_OCSP
} sgl_publication_kind;

/* One thing to fetch. */
typedef struct sgl_publication {
	sgl_publication_kind kind;
	int64_t authority, shard;
	sgl_buf issuer; /* the authority's certificate */
	sgl_buf about;	/* OCSP: a certificate that it issued */
	sgl_buf url;	/* with a NUL behind */
	sgl_buf body;	/* OCSP by POST: the request */
} sgl_publication;

typedef struct sgl_publications {
	sgl_publication *items;
	size_t num;
} sgl_publications;
void sgl_publications_clear(sgl_publications *list);
SGL_AUTO_CLEAR_TYPE(sgl_publications, sgl_publications_clear)

/* sgl_publications_list gives all that is published; nothing where there is no
 * public URL. */
SGL_MUST sgl_status sgl_publications_list(
    sgl_home *home, sgl_publications *out, sgl_err *err);
/* sgl_publication_order is how one is fetched, in so many seconds; borrowed. */
sgl_fetch_order
sgl_publication_order(const sgl_publication *p, unsigned seconds);

#define SGL_PUBLISHED_DETAIL 320
typedef struct sgl_publication_finding {
	const char *fault; /* N_(): what is wrong; NULL: nothing */
	char detail[SGL_PUBLISHED_DETAIL];
} sgl_publication_finding;
/* sgl_publication_judge tells what is wrong with what came. */
SGL_MUST sgl_status sgl_publication_judge(sgl_home *home,
    const sgl_publication *p, const sgl_fetched *came,
    sgl_publication_finding *out, sgl_err *err);
/* sgl_publication_say appends "URL: what is wrong (detail)", translated. */
SGL_MUST sgl_status sgl_publication_say(const sgl_publication *p,
    const sgl_publication_finding *f, sgl_buf *out, sgl_err *err);

/* sgl_published_look fetches all and tells of each, with so many seconds for
 * one; *good: all are as they should be. SGL_E_UNSUPPORTED: nothing can be
 * fetched (net/fetch.h). */
#define SGL_PUBLISHED_SECONDS 30
typedef sgl_status sgl_published_fn(void *ctx, const sgl_publication *p,
    const sgl_publication_finding *f, sgl_err *err);
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
