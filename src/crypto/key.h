/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the crypto room: what public and private keys are made of.
 */
#ifndef SGL_CRYPTO_KEY_H
#define SGL_CRYPTO_KEY_H

#include "asn1/oid.h"
#include "crypto/engine.h"

#define SGL_RSA_MIN_BITS 1024
#define SGL_RSA_MAX_BITS 16384
#define SGL_RSA_MAX_BYTES (SGL_RSA_MAX_BITS / 8)
#define SGL_SHARED_MAX 66  /* x of P-521 */
#define SGL_RAW_KEY_LEN 32 /* Ed25519, X25519 */

/* What every failed decryption says. */
#define SGL_NOT_UNWRAPPED "key cannot be unwrapped"

/* All ones where v is 0, else 0. */
static inline uint32_t
sgl_mask_zero(uint32_t v)
{
	uint32_t mask = 0 - ((~v & (v - 1)) >> 31);

	/* Keep the compiler from seeing that this is a condition. */
	__asm__("" : "+r"(mask));
	return mask;
}

/* What is asked of libcrypto with a key: the same again needs no set-up. */
typedef enum sgl_op_kind {
	SGL_OP_NONE,
	SGL_OP_SIGN,
	SGL_OP_VERIFY,
	SGL_OP_ENCRYPT,
	SGL_OP_DECRYPT,
	SGL_OP_DERIVE
} sgl_op_kind;

typedef enum sgl_padding {
	SGL_PAD_UNSET, /* not RSA */
	SGL_PAD_RAW,
	SGL_PAD_PKCS1,
	SGL_PAD_PSS,
	SGL_PAD_OAEP
} sgl_padding;

typedef struct sgl_op {
	sgl_op_kind kind;
	sgl_padding padding;
	sgl_digest_alg digest, mgf;
	uint32_t salt_len; /* PSS */
	bool labelled;	   /* OAEP with a label, which is set each time */
} sgl_op;

/* An EVP_PKEY with the contexts of its latest operations. */
#define SGL_KEPT_OPS 4
typedef struct sgl_evp_key {
	OSSL_LIB_CTX *lib; /* borrowed from the engine that made it */
	EVP_PKEY *pkey;
	struct {
		sgl_op op;
		EVP_PKEY_CTX *ctx;
	} kept[SGL_KEPT_OPS];
	unsigned next;
} sgl_evp_key;

/* sgl_evp_key_ctx lends a context that is ready for `op`. */
SGL_MUST sgl_status sgl_evp_key_ctx(sgl_engine *engine, sgl_evp_key *key,
    const sgl_op *op, EVP_PKEY_CTX **out, sgl_err *err);
void sgl_evp_key_clear(sgl_evp_key *key);

/* sgl_op_for_sig is the operation behind a signature algorithm; scheme ECDSA,
 * RSA_PKCS1 or RSA_PSS. */
sgl_op sgl_op_for_sig(sgl_op_kind kind, const sgl_sig_alg *alg);
/* sgl_oaep_prepare lends a context for OAEP with its label set. */
SGL_MUST sgl_status sgl_oaep_prepare(sgl_engine *engine, sgl_evp_key *key,
    sgl_op_kind kind, const sgl_oaep *oaep, EVP_PKEY_CTX **out, sgl_err *err);

/* What an id-RSASSA-PSS key may do (RFC 4055 3.3). */
typedef struct sgl_pss_limit {
	bool only_pss, has_params;
	sgl_digest_alg digest, mgf;
	uint32_t min_salt;
} sgl_pss_limit;

/* sgl_sig_check tells whether a key can do a scheme at all. */
SGL_MUST sgl_status sgl_sig_check(sgl_key_kind kind, const sgl_pss_limit *limit,
    const sgl_sig_alg *alg, sgl_err *err);

/* The AlgorithmIdentifier of a key, public or private. */
typedef struct sgl_key_alg {
	sgl_key_kind kind;
	sgl_pss_limit pss;
	sgl_slice whole; /* borrowed */
} sgl_key_alg;
SGL_MUST sgl_status sgl_key_alg_read(
    sgl_der *in, sgl_key_alg *out, sgl_err *err);

/* Names and sizes by kind. */
typedef struct sgl_kind_info {
	const char *name, *evp; /* "p256", "EC" */
	const char *group;	/* EC: "P-256" */
	unsigned bits, field;	/* not RSA: bits; bytes of a coordinate */
	sgl_oid algorithm, curve;
} sgl_kind_info;
const sgl_kind_info *sgl_kind_info_of(sgl_key_kind kind);
bool sgl_kind_is_ec(sgl_key_kind kind);
unsigned sgl_bits_of(sgl_slice magnitude);
/* sgl_rsa_check_public: sizes and oddness of modulus and exponent. */
SGL_MUST sgl_status sgl_rsa_check_public(
    sgl_slice n, sgl_slice e, sgl_err *err);
/* sgl_point_is: a compressed or uncompressed point, by form and length. */
bool sgl_point_is(sgl_key_kind kind, sgl_slice point);

struct sgl_pubkey {
	unsigned refs;
	sgl_key_kind kind;
	unsigned bits;
	sgl_pss_limit pss;
	sgl_evp_key evp;
};

struct sgl_key {
	unsigned refs;
	sgl_key_kind kind;
	sgl_secret spki; /* no secret, but owned the same way */
	bool remote, vouched;
	sgl_key_ops ops; /* remote */
	void *ctx;
	sgl_evp_key evp; /* local, as all below */
	sgl_pss_limit pss;
	sgl_secret algorithm; /* AlgorithmIdentifier, for writing */
	size_t modulus_len;   /* RSA */
	/* RSA: SHA-256 of the private exponent, from which the answers to
	 * malformed ciphertexts are drawn. */
	sgl_digest exponent;
};

/* sgl_key_new_local wraps a private EVP_PKEY (taken on success): finds the
 * public half and what else struct sgl_key keeps. */
SGL_MUST sgl_status sgl_key_new_local(sgl_engine *engine, sgl_key_kind kind,
    const sgl_pss_limit *pss, sgl_slice algorithm, EVP_PKEY **pkey,
    sgl_key **out, sgl_err *err);
/* The steps of sgl_key_read. `in` stands at RSAPrivateKey or ECPrivateKey; kind
 * UNKNOWN means that the curve must be named inside. */
SGL_MUST sgl_status sgl_key_read_rsa(sgl_engine *engine, sgl_der in,
    const sgl_key_alg *alg, sgl_key **out, sgl_err *err);
/* sgl_engine_group lends the curve of a kind of key, made once. */
SGL_MUST sgl_status sgl_engine_group(
    sgl_engine *engine, sgl_key_kind kind, EC_GROUP **out, sgl_err *err);
SGL_MUST sgl_status sgl_key_read_ec(sgl_engine *engine, sgl_der in,
    sgl_key_kind kind, sgl_key **out, sgl_err *err);
SGL_MUST sgl_status sgl_key_import(sgl_engine *engine, const char *type,
    OSSL_PARAM *params, EVP_PKEY **out, sgl_err *err);
sgl_status sgl_key_malformed(const sgl_der *at, sgl_err *err);
sgl_status sgl_key_mismatch(sgl_err *err);
sgl_status sgl_key_no_sum(sgl_err *err);
/* sgl_key_get_integer copies a number of the key, sgl_key_get_point the public
 * point (EC, X25519). */
SGL_MUST sgl_status sgl_key_get_integer(
    EVP_PKEY *pkey, const char *name, sgl_secret *out, sgl_err *err);
SGL_MUST sgl_status sgl_key_get_point(
    EVP_PKEY *pkey, uint8_t point[SGL_POINT_MAX], size_t *len, sgl_err *err);
/* sgl_key_ask_local performs a request in memory. */
SGL_MUST sgl_status sgl_key_ask_local(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
/* sgl_rsa_unwrap_v15 answers with implicit rejection (see rsa_v15.c). */
SGL_MUST sgl_status sgl_rsa_unwrap_v15(sgl_engine *engine, sgl_key *key,
    sgl_slice in, size_t want_len, uint8_t *out, sgl_err *err);
/* sgl_ed25519_sign and _verify are one-shot by nature. */
SGL_MUST sgl_status sgl_ed25519_sign(
    sgl_evp_key *key, sgl_slice message, sgl_key_answer *answer, sgl_err *err);
SGL_MUST sgl_status sgl_ed25519_verify(sgl_evp_key *key, sgl_slice message,
    sgl_slice signature, bool *good, sgl_err *err);

#endif
