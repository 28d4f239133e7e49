/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the crypto room: what an engine holds, and the few helpers around
 * libcrypto that all files here use. No other room includes this.
 */
#ifndef SGL_CRYPTO_ENGINE_H
#define SGL_CRYPTO_ENGINE_H

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/lru.h"
#include "crypto/pubkey.h"

#define SGL_NUM_DIGESTS (SGL_DIGEST_SHA512 + 1)
#define SGL_NUM_CIPHERS (SGL_CIPHER_DES_CBC + 1)
#define SGL_NUM_KINDS (SGL_KEY_X25519 + 1)

typedef enum sgl_kdf_alg {
	SGL_KDF_X963,
	SGL_KDF_HKDF,
	SGL_KDF_PBKDF2,
	SGL_KDF_PKCS12,
	SGL_KDF_SCRYPT,
	SGL_NUM_KDFS
} sgl_kdf_alg;

/* Names outside sgl_cipher_alg that are fetched all the same. */
typedef enum sgl_raw_cipher {
	SGL_RAW_WRAP128,
	SGL_RAW_WRAP192,
	SGL_RAW_WRAP256,
	SGL_RAW_WRAP_DES3,
	SGL_RAW_ECB128,
	SGL_RAW_ECB192,
	SGL_RAW_ECB256,
	SGL_NUM_RAW
} sgl_raw_cipher;

/*
 * Algorithms are fetched at first use and kept: a fetch costs as much as a
 * digest, and the first of each kind a thousand times that.
 */
struct sgl_engine {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *base, *legacy;
	sgl_limits limits;
	sgl_time (*now)(void *ctx);
	void *now_ctx;

	EVP_MD *md[SGL_NUM_DIGESTS];
	EVP_CIPHER *cipher[SGL_NUM_CIPHERS];
	EVP_CIPHER *raw[SGL_NUM_RAW];
	EVP_KDF *kdf[SGL_NUM_KDFS];
	EVP_MAC_CTX *hmac[SGL_NUM_DIGESTS]; /* digest set, no key */

	sgl_hash *spare_hash[SGL_NUM_DIGESTS]; /* spent, to be used again */
	EVP_MD_CTX *scratch;		       /* for sgl_hash_value */

	EVP_PKEY_CTX *import[SGL_NUM_KINDS]; /* of public keys */
	EVP_PKEY_CTX *keygen[SGL_NUM_KINDS]; /* EC, Ed25519, X25519 */
	EVP_PKEY *curve[SGL_NUM_KINDS];	     /* EC: a public key to copy */
	EVP_PKEY *peer[SGL_NUM_KINDS];	     /* a curve to put points on */
	EC_GROUP *group[SGL_NUM_KINDS];	     /* a curve to compute on */

	sgl_lru *pubkeys, *facts;
};

/*
 * sgl_crypto_fail empties libcrypto's error queue and fails with `status`, or
 * with SGL_E_NOMEM where the queue shows that this was the cause.
 */
sgl_status sgl_crypto_fail(
    sgl_err *err, sgl_status status, const char *room, const char *text);
/* sgl_crypto_drain empties the queue; true if libcrypto lacked memory. */
bool sgl_crypto_drain(void);

/* sgl_engine_md lends a fetched digest; SGL_E_UNSUPPORTED for NONE and MD5. */
SGL_MUST sgl_status sgl_engine_md(
    sgl_engine *engine, sgl_digest_alg alg, EVP_MD **out, sgl_err *err);
/* The name by which libcrypto knows a digest, for its parameters. */
const char *sgl_digest_evp_name(sgl_digest_alg alg);
void sgl_hash_drop_spares(sgl_engine *engine);

SGL_MUST sgl_status sgl_engine_cipher(
    sgl_engine *engine, sgl_cipher_alg alg, EVP_CIPHER **out, sgl_err *err);
SGL_MUST sgl_status sgl_engine_raw_cipher(
    sgl_engine *engine, sgl_raw_cipher alg, EVP_CIPHER **out, sgl_err *err);

typedef struct sgl_cipher_info {
	const char *name, *evp;
	uint8_t key_len, iv_len, block; /* block: 1 for AEAD */
	bool old, legacy;
} sgl_cipher_info;
const sgl_cipher_info *sgl_cipher_info_of(sgl_cipher_alg alg);
#define SGL_MAX_BLOCK 16

/* Parameters over borrowed constants; libcrypto does not write to them. */
OSSL_PARAM sgl_param_octets(const char *key, sgl_slice value);
OSSL_PARAM sgl_param_utf8(const char *key, const char *value);

/* sgl_engine_keygen makes a key of a kind other than RSA. */
SGL_MUST sgl_status sgl_engine_keygen(
    sgl_engine *engine, sgl_key_kind kind, EVP_PKEY **out, sgl_err *err);

/*
 * The share that associated data which came late has in a GCM tag (see
 * gcm_late.c): `share` is to be XORed into the expected tag. `content` is the
 * number of content bytes, `h` the hash key AES_K(0).
 */
void sgl_gcm_late_share(
    const uint8_t h[16], sgl_slice aad, uint64_t content, uint8_t share[16]);

static inline void
sgl_evp_pkey_auto(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}
static inline void
sgl_evp_pkey_ctx_auto(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}
#define SGL_AUTO_PKEY __attribute__((cleanup(sgl_evp_pkey_auto))) EVP_PKEY *
#define SGL_AUTO_PKEY_CTX                                                      \
	__attribute__((cleanup(sgl_evp_pkey_ctx_auto))) EVP_PKEY_CTX *

#endif
