/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the crypto room: the AlgorithmIdentifiers of password encryption. */
#ifndef SGL_CRYPTO_PBE_ALG_H
#define SGL_CRYPTO_PBE_ALG_H

#include "crypto/pbe.h"

/* What an AlgorithmIdentifier says, whichever of the three schemes it is. */
typedef enum sgl_pbe_kdf {
	SGL_PBE_PKCS12,
	SGL_PBE_PBKDF2,
	SGL_PBE_SCRYPT
} sgl_pbe_kdf;

typedef struct sgl_pbe_alg {
	sgl_pbe_kdf kdf;
	sgl_digest_alg digest;
	sgl_slice salt, iv; /* borrowed; PKCS#12 derives the IV */
	uint64_t iterations;
	uint64_t n, r, p; /* scrypt */
	uint64_t key_len; /* as told, 0 if not */
	sgl_cipher_alg cipher;
	size_t derived; /* bytes of key that the derivation gives */
	unsigned rc2_bits;
} sgl_pbe_alg;

SGL_MUST sgl_status sgl_pbe_alg_read(
    sgl_slice algorithm, sgl_pbe_alg *out, sgl_err *err);

#endif
