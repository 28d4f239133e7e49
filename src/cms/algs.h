/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AlgorithmIdentifiers of content encryption and key management (RFC 3560,
 * 3565, 5084, 5753, 8103, 8418), both ways.
 */
#ifndef SGL_CMS_ALGS_H
#define SGL_CMS_ALGS_H

#include "crypto/cipher.h"
#include "pki/cert.h"

/* contentEncryptionAlgorithm. */
typedef struct sgl_content_alg {
	sgl_cipher_alg cipher;
	uint8_t iv[16];
	size_t iv_len;
	unsigned rc2_bits; /* effective key bits (RFC 2268, RFC 8018 B.2.3) */
	size_t icv_len;	   /* aes-ICVlen as given, default 12; ChaCha: 16 */
	bool icv_omitted;  /* GCM: the default was meant */
} sgl_content_alg;
/* Reads the whole AlgorithmIdentifier, DER or BER. SGL_E_UNSUPPORTED names the
 * OID; an ICV length outside 12..16 is SGL_E_ENCODING. */
SGL_MUST sgl_status sgl_content_alg_read(
    sgl_slice algorithm, sgl_content_alg *out, sgl_err *err);
/* Writes one for encrypting; GCM with aes-ICVlen 16. */
void sgl_content_alg_add(sgl_derb *b, const sgl_content_alg *alg);

/* id-RSAES-OAEP parameters (RFC 4055 4.1). A digest, MGF or label source that
 * cannot be read is a failure, never a silent default. The label borrows. */
SGL_MUST sgl_status sgl_oaep_read(
    sgl_slice algorithm, sgl_oaep *out, sgl_err *err);
void sgl_oaep_add(sgl_derb *b, const sgl_oaep *oaep);

/* keyEncryptionAlgorithm of KeyAgreeRecipientInfo. */
typedef struct sgl_agree_alg {
	bool hkdf;	       /* RFC 8418 2.2, else X9.63 */
	sgl_digest_alg digest; /* of the derivation */
	sgl_oid wrap;	       /* id-aesNNN-wrap */
	sgl_slice wrap_der;    /* the KeyWrapAlgorithm as it came (borrowed) */
	size_t kek_len;
} sgl_agree_alg;
SGL_MUST sgl_status sgl_agree_alg_read(
    sgl_slice algorithm, sgl_agree_alg *out, sgl_err *err);
/* sgl_agree_alg_for: X9.63 with the curve's digest (P-256: SHA-256, P-384:
 * SHA-384, P-521: SHA-512; X25519: HKDF with SHA-256) and a wrap as strong as
 * a content key of `key_len` bytes. wrap_der is empty. */
void sgl_agree_alg_for(sgl_key_kind kind, size_t key_len, sgl_agree_alg *out);
void sgl_agree_alg_add(sgl_derb *b, const sgl_agree_alg *alg);
/* sgl_agree_kek derives the key-encryption key: ECC-CMS-SharedInfo (RFC 5753
 * 7.2) over wrap algorithm, ukm (data NULL: absent) and length. */
SGL_MUST sgl_status sgl_agree_kek(sgl_engine *engine, const sgl_agree_alg *alg,
    sgl_slice ukm, sgl_slice shared, uint8_t kek[32], sgl_err *err);

/*
 * Passwords (RFC 3211): id-alg-PWRI-KEK over a CBC cipher whose key PBKDF2
 * makes. sgl_pwri_wrap appends a whole RecipientInfo ([3]): PBKDF2 with
 * HMAC-SHA-256 and SGL_PWRI_ITERATIONS rounds, AES-256-CBC.
 */
#define SGL_PWRI_ITERATIONS 600000
SGL_MUST sgl_status sgl_pwri_wrap(sgl_engine *engine, sgl_slice password,
    sgl_slice cek, sgl_derb *b, sgl_err *err);

/* What a PasswordRecipientInfo says; slices borrow from it, DER or BER. */
typedef struct sgl_pwri {
	sgl_slice derivation; /* contents of keyDerivationAlgorithm [0]; data
				 NULL: absent */
	sgl_slice encryption; /* keyEncryptionAlgorithm, whole */
	sgl_slice wrapped;    /* contents of encryptedKey */
} sgl_pwri;
/*
 * sgl_pwri_unwrap: SGL_E_PASSWORD where the check bytes tell that the password
 * is another one (a wrong one passes once in 16 million times, and then the
 * content cannot be decrypted); SGL_E_LIMIT where this and what was done so far
 * (*rounds, counted on) is more than limits.kdf_iterations; SGL_E_ENCODING;
 * SGL_E_UNSUPPORTED, also where no derivation is given. Who calls checks the
 * length of the key.
 */
SGL_MUST sgl_status sgl_pwri_unwrap(sgl_engine *engine, sgl_slice password,
    const sgl_pwri *pwri, uint64_t *rounds, sgl_secret *cek, sgl_err *err);

#endif
