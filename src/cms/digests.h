/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digests of one signed content, made while it passes. Which are needed is
 * known beforehand (digestAlgorithms of SignedData) or only guessed (micalg of
 * multipart/signed): so the content itself is kept too as long as it is small,
 * and a digest that nobody thought of can still be made. That also serves
 * signatures without signed attributes by algorithms that need the content
 * itself (Ed25519).
 */
#ifndef SGL_CMS_DIGESTS_H
#define SGL_CMS_DIGESTS_H

#include "crypto/hash.h"

/* A set of sgl_digest_alg. */
typedef unsigned sgl_digest_mask;
#define SGL_DIGEST_BIT(alg) (1u << (alg))
/* What senders use: SHA-1 and the SHA-2 family. */
#define SGL_DIGEST_LIKELY                                                      \
	(SGL_DIGEST_BIT(SGL_DIGEST_SHA1) | SGL_DIGEST_BIT(SGL_DIGEST_SHA256) | \
	    SGL_DIGEST_BIT(SGL_DIGEST_SHA384) |                                \
	    SGL_DIGEST_BIT(SGL_DIGEST_SHA512))

/* How much of a clear-signed content is kept: longer mail whose micalg is wrong
 * is rare enough to be read twice. */
#define SGL_DIGESTS_KEEP ((size_t)256 * 1024)

typedef struct sgl_digests sgl_digests;

/* keep_max: bytes of content kept at most; 0 keeps none. MD5 and unknown bits
 * are left out. */
SGL_MUST sgl_status sgl_digests_new(sgl_engine *engine, sgl_digest_mask mask,
    size_t keep_max, sgl_digests **out, sgl_err *err);
SGL_MUST sgl_status sgl_digests_update(
    sgl_digests *d, sgl_slice in, sgl_err *err);
/* sgl_digests_value sets *found false where the digest was not made and the
 * content is no longer there to make it. */
SGL_MUST sgl_status sgl_digests_value(sgl_digests *d, sgl_digest_alg alg,
    sgl_digest *out, bool *found, sgl_err *err);
/* sgl_digests_content borrows the whole content; false if not all was kept. */
SGL_MUST bool sgl_digests_content(const sgl_digests *d, sgl_slice *out);
/* sgl_digests_is_attributes: the content begins as the DER of signed attributes
 * does, and as no text and no MIME entity does. */
bool sgl_digests_is_attributes(const sgl_digests *d);
void sgl_digests_free(sgl_digests *d);
SGL_AUTO_TYPE(sgl_digests, sgl_digests_free)

#endif
