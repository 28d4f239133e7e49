/* SPDX-License-Identifier: Apache-2.0 */
/* Digests (RFC 5754, RFC 6234), random bytes and key derivation. */
#ifndef SGL_CRYPTO_HASH_H
#define SGL_CRYPTO_HASH_H

#include "base/buf.h"
#include "sigill/crypto.h"

size_t sgl_digest_len(sgl_digest_alg alg);	 /* 0 for NONE */
const char *sgl_digest_name(sgl_digest_alg alg); /* "sha256", "none" */
/* sgl_digest_find reads "sha256", "SHA-256" and the like; NONE if unknown. */
sgl_digest_alg sgl_digest_find(sgl_slice name);

typedef struct sgl_digest {
	size_t len;
	uint8_t bytes[SGL_DIGEST_MAX];
} sgl_digest;
static inline sgl_slice
sgl_digest_slice(const sgl_digest *d)
{
	return (sgl_slice){d->bytes, d->len};
}

/* A running digest. The engine keeps the fetched algorithm and reuses spent
 * contexts, so a new one is cheap. */
typedef struct sgl_hash sgl_hash;
SGL_MUST sgl_status sgl_hash_new(
    sgl_engine *engine, sgl_digest_alg alg, sgl_hash **out, sgl_err *err);
SGL_MUST sgl_status sgl_hash_update(sgl_hash *h, sgl_slice in, sgl_err *err);
/* sgl_hash_value gives the digest of all so far; the hash may go on. */
SGL_MUST sgl_status sgl_hash_value(
    const sgl_hash *h, sgl_digest *out, sgl_err *err);
void sgl_hash_free(sgl_hash *h);
SGL_AUTO_TYPE(sgl_hash, sgl_hash_free)

/* sgl_hash_once digests one slice. */
SGL_MUST sgl_status sgl_hash_once(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice in, sgl_digest *out, sgl_err *err);
SGL_MUST sgl_status sgl_hmac(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice key, sgl_slice in, sgl_digest *out, sgl_err *err);

/* sgl_random fills buf from libcrypto's private generator. */
SGL_MUST sgl_status sgl_random(
    sgl_engine *engine, uint8_t *buf, size_t len, sgl_err *err);

/* Key derivation; `out` is filled whole. */
SGL_MUST sgl_status sgl_kdf_x963(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice secret, sgl_slice info, uint8_t *out, size_t len, sgl_err *err);
SGL_MUST sgl_status sgl_kdf_hkdf(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice secret, sgl_slice salt, sgl_slice info, uint8_t *out, size_t len,
    sgl_err *err);
SGL_MUST sgl_status sgl_kdf_pbkdf2(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice password, sgl_slice salt, uint64_t iterations, uint8_t *out,
    size_t len, sgl_err *err);
/* RFC 7292 appendix B; `id` is 1 key, 2 IV, 3 MAC; password as BMPString with
 * its two zero bytes. */
SGL_MUST sgl_status sgl_kdf_pkcs12(sgl_engine *engine, sgl_digest_alg alg,
    sgl_slice bmp_password, sgl_slice salt, uint64_t iterations, int id,
    uint8_t *out, size_t len, sgl_err *err);
/* scrypt, RFC 7914. SGL_E_LIMIT where it wants more than half of
 * SGL_SCRYPT_MEMORY, or takes longer than that much deserves. */
#define SGL_SCRYPT_MEMORY ((uint64_t)128 << 20)
SGL_MUST sgl_status sgl_kdf_scrypt(sgl_engine *engine, sgl_slice password,
    sgl_slice salt, uint64_t n, uint32_t r, uint32_t p, uint8_t *out,
    size_t len, sgl_err *err);

#endif
