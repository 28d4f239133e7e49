/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left to do after a bare RSA decryption that somebody else performed:
 * a token. `em` is the block that came out, as long as the modulus, still
 * secret; nothing here branches on it or uses it as an address before it is
 * known to be good. The caller wipes it.
 */
#ifndef SGL_CRYPTO_UNPAD_H
#define SGL_CRYPTO_UNPAD_H

#include "crypto/pubkey.h"

/*
 * sgl_rsa_v15_unpad takes a key of want_len bytes out of PKCS#1 v1.5 padding
 * (RFC 8017 7.2.2) with implicit rejection: after any fault the answer is
 * SGL_OK and bytes drawn from `secret` and `ciphertext`. `secret` must be fixed
 * for the key and unknown to all who send ciphertexts.
 */
SGL_MUST sgl_status sgl_rsa_v15_unpad(sgl_engine *engine, sgl_slice secret,
    sgl_slice ciphertext, sgl_slice em, uint8_t *out, size_t want_len,
    sgl_err *err);
/* sgl_rsa_v15_draw gives the bytes that stand for a bad ciphertext. */
SGL_MUST sgl_status sgl_rsa_v15_draw(sgl_engine *engine, sgl_slice secret,
    sgl_slice ciphertext, uint8_t *out, size_t want_len, sgl_err *err);

/* sgl_rsa_oaep_unpad takes the message out of OAEP (RFC 8017 7.1.2): at most
 * em.len bytes, of which *len are set. SGL_E_DECRYPT for every fault alike. */
SGL_MUST sgl_status sgl_rsa_oaep_unpad(sgl_engine *engine, const sgl_oaep *oaep,
    sgl_slice em, uint8_t *out, size_t *len, sgl_err *err);

#endif
