/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content encryption (RFC 3565 AES-CBC, RFC 5084 AES-GCM, RFC 8103
 * ChaCha20-Poly1305; 3DES, RC2 and DES to read old mail) and key wrapping.
 */
#ifndef SGL_CRYPTO_CIPHER_H
#define SGL_CRYPTO_CIPHER_H

#include "base/buf.h"
#include "sigill/crypto.h"

typedef enum sgl_cipher_alg {
	SGL_CIPHER_NONE,
	SGL_CIPHER_AES128_CBC,
	SGL_CIPHER_AES192_CBC,
	SGL_CIPHER_AES256_CBC,
	SGL_CIPHER_AES128_GCM,
	SGL_CIPHER_AES192_GCM,
	SGL_CIPHER_AES256_GCM,
	SGL_CIPHER_CHACHA20_POLY1305,
	SGL_CIPHER_DES3_CBC, /* reading only, as all below */
	SGL_CIPHER_RC2_CBC,  /* key_len and rc2_bits say which */
	SGL_CIPHER_DES_CBC
} sgl_cipher_alg;

size_t sgl_cipher_key_len(sgl_cipher_alg alg); /* RC2: 16 */
size_t sgl_cipher_iv_len(sgl_cipher_alg alg);  /* AEAD: 12 */
/* GCM reads nonces of 8 to 16 bytes (RFC 5084 3.2 only recommends 12). */
bool sgl_cipher_iv_fits(sgl_cipher_alg alg, size_t len);
bool sgl_cipher_is_aead(sgl_cipher_alg alg);
bool sgl_cipher_is_old(sgl_cipher_alg alg);
const char *sgl_cipher_name(sgl_cipher_alg alg); /* "aes-256-cbc" */
sgl_cipher_alg sgl_cipher_find(sgl_slice name);	 /* NONE if unknown */

typedef struct sgl_cipher sgl_cipher;

typedef struct sgl_cipher_params {
	sgl_cipher_alg alg;
	bool encrypt;
	sgl_slice key, iv;
	unsigned rc2_bits; /* effective key bits of RC2: 40, 64, 128 */
	sgl_slice aad;	   /* AEAD, when known before the content */
} sgl_cipher_params;

/* sgl_cipher_new: SGL_E_UNSUPPORTED if libcrypto lacks it, SGL_E_DECRYPT for a
 * key of the wrong length when decrypting. */
SGL_MUST sgl_status sgl_cipher_new(sgl_engine *engine,
    const sgl_cipher_params *params, sgl_cipher **out, sgl_err *err);
/* sgl_cipher_update turns `in` into *out_len bytes at `out`, which has room
 * for in.len + 32 and may not overlap. Decrypting CBC holds back the last
 * block until finish. What comes out of AEAD decryption is unjudged. */
SGL_MUST sgl_status sgl_cipher_update(
    sgl_cipher *c, sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err);
/* sgl_cipher_finish ends CBC: writes the padded last block, or checks and
 * removes the padding; every fault is the same SGL_E_DECRYPT. Up to 32 bytes.
 */
SGL_MUST sgl_status sgl_cipher_finish(
    sgl_cipher *c, uint8_t *out, size_t *out_len, sgl_err *err);
/* sgl_cipher_tag ends AEAD encryption and gives the 16-byte tag. */
SGL_MUST sgl_status sgl_cipher_tag(
    sgl_cipher *c, uint8_t tag[16], sgl_err *err);
/*
 * sgl_cipher_check ends AEAD decryption: SGL_OK or SGL_E_DECRYPT. `tag` has 12
 * to 16 bytes. `late_aad` is associated data that came after the ciphertext,
 * as the authAttrs of RFC 5083 do. GCM needs no second pass for it: the tag is
 * linear in GHASH, so the share of the late data is worked into the expected
 * tag. ChaCha20-Poly1305 is not linear: SGL_E_UNSUPPORTED if late_aad is not
 * empty (spool the ciphertext and give aad at the start instead).
 */
SGL_MUST sgl_status sgl_cipher_check(
    sgl_cipher *c, sgl_slice tag, sgl_slice late_aad, sgl_err *err);
void sgl_cipher_free(sgl_cipher *c);
SGL_AUTO_TYPE(sgl_cipher, sgl_cipher_free)

/* AES key wrap, RFC 3394: kek of 16, 24 or 32 bytes. Unwrapping that fails its
 * check is SGL_E_DECRYPT. `out` has room for in.len + 8 (wrap), in.len. */
SGL_MUST sgl_status sgl_key_wrap(sgl_engine *engine, sgl_slice kek,
    sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err);
SGL_MUST sgl_status sgl_key_unwrap(sgl_engine *engine, sgl_slice kek,
    sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err);
/* The Triple-DES key wrap of RFC 3217, for reading old mail; kek of 24. */
SGL_MUST sgl_status sgl_key_unwrap_des3(sgl_engine *engine, sgl_slice kek,
    sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err);

/* One CBC pass without padding, for the password wrapping of RFC 3211: in.len
 * is a multiple of the block; out has room for in.len. */
SGL_MUST sgl_status sgl_cbc_raw(sgl_engine *engine, sgl_cipher_alg alg,
    bool encrypt, sgl_slice key, sgl_slice iv, sgl_slice in, uint8_t *out,
    sgl_err *err);

#endif
