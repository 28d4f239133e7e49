/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing a secret (Shamir, 1979) byte by byte over GF(256), with the
 * polynomial x^8 + x^4 + x^3 + x + 1 that AES has: of `num` shares any
 * `threshold` give the secret back, and fewer are consistent with every secret
 * of that length, whatever the computer that looks at them.
 *
 * Time and memory access do not depend on secret bytes: there are no tables and
 * no branches on them. (libgfshare, which Debian has, looks secret bytes up in
 * tables.)
 */
#ifndef SGL_VAULT_SHAMIR_H
#define SGL_VAULT_SHAMIR_H

#include "base/buf.h"
#include "sigill/crypto.h"

#define SGL_SHARES_MAX 255

/* `x` is no secret: where the polynomials were evaluated, 1 to 255. */
typedef struct sgl_share {
	uint8_t x;
	sgl_secret y; /* as long as the secret */
} sgl_share;
void sgl_share_clear(sgl_share *share);
SGL_AUTO_CLEAR_TYPE(sgl_share, sgl_share_clear)

/* sgl_shamir_split fills shares[num] (which were empty) with x of 1 to num.
 * SGL_E_USAGE unless 1 <= threshold <= num <= 255 and there is a secret; after
 * a failure all are empty. */
SGL_MUST sgl_status sgl_shamir_split(sgl_engine *engine, sgl_slice secret,
    unsigned threshold, unsigned num, sgl_share *shares, sgl_err *err);

/* sgl_shamir_combine takes all `num` shares given; how many are enough it
 * cannot know, and what comes of too few, or of changed ones, is another
 * secret. SGL_E_MISMATCH: an x is 0 or comes twice, or they differ in length,
 * or there are none. */
SGL_MUST sgl_status sgl_shamir_combine(
    const sgl_share *shares, size_t num, sgl_secret *out, sgl_err *err);

#endif
