/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine handle and private keys.
 *
 * An engine is what every other call works with: one per thread, never shared
 * between threads at the same time. It owns a libcrypto context of its own:
 * what another part of the program loads or sets there does not reach it, and
 * a configuration file that is broken does not matter. (libcrypto 3 still uses
 * an ENGINE that the administrator's openssl.cnf makes the default.)
 *
 * A private key is asked, not held: the engine states a request and somebody
 * answers it, at once (a key in memory) or later (a token, another process, a
 * browser). See sgl_key_new_remote.
 */
#ifndef SIGILL_CRYPTO_H
#define SIGILL_CRYPTO_H

#include "sigill/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sgl_engine sgl_engine;

typedef struct sgl_engine_config {
	const sgl_limits *limits; /* NULL: the defaults; copied */
	/* The clock, in seconds since 1970; NULL: the system's. */
	sgl_time (*now)(void *ctx);
	void *now_ctx;
} sgl_engine_config;

/* sgl_engine_new makes an engine; config may be NULL. SGL_E_NOMEM,
 * SGL_E_CRYPTO (libcrypto's default provider cannot be loaded). */
SGL_API SGL_MUST sgl_status sgl_engine_new(
    const sgl_engine_config *config, sgl_engine **out, sgl_err *err);
/* sgl_engine_free takes back everything but objects with counts of their own
 * (keys, certificates), which must be released before. NULL does nothing. */
SGL_API void sgl_engine_free(sgl_engine *engine);
/* sgl_engine_load_legacy loads what old mail needs (RC2, DES, PKCS#12 with
 * RC2) now instead of at first need: for a program that is about to seal
 * itself into a sandbox. SGL_E_UNSUPPORTED where libcrypto came without. */
SGL_API SGL_MUST sgl_status sgl_engine_load_legacy(
    sgl_engine *engine, sgl_err *err);
/* sgl_engine_forget drops what the engine remembers about keys and
 * certificates that it has met. Nothing but speed depends on it. */
SGL_API void sgl_engine_forget(sgl_engine *engine);
SGL_API sgl_time sgl_engine_now(const sgl_engine *engine);
SGL_API const sgl_limits *sgl_engine_limits(const sgl_engine *engine);

typedef enum sgl_digest_alg {
	SGL_DIGEST_NONE,
	SGL_DIGEST_MD5, /* named so that it can be refused by name */
	SGL_DIGEST_SHA1,
	SGL_DIGEST_SHA224,
	SGL_DIGEST_SHA256,
	SGL_DIGEST_SHA384,
	SGL_DIGEST_SHA512
} sgl_digest_alg;
#define SGL_DIGEST_MAX 64 /* bytes of the longest digest */

typedef enum sgl_key_kind {
	SGL_KEY_UNKNOWN,
	SGL_KEY_RSA,
	SGL_KEY_P256,
	SGL_KEY_P384,
	SGL_KEY_P521,
	SGL_KEY_ED25519,
	SGL_KEY_X25519
} sgl_key_kind;

typedef enum sgl_sig_scheme {
	SGL_SIG_NONE,
	SGL_SIG_RSA_PKCS1, /* RFC 8017 8.2 */
	SGL_SIG_RSA_PSS,   /* RFC 8017 8.1, RFC 4056 */
	SGL_SIG_ECDSA,	   /* RFC 5753, signature as DER */
	SGL_SIG_ED25519	   /* RFC 8419 */
} sgl_sig_scheme;

typedef struct sgl_sig_alg {
	sgl_sig_scheme scheme;
	sgl_digest_alg digest;
	sgl_digest_alg mgf; /* PSS: the digest of MGF1 */
	uint32_t salt_len;  /* PSS: bytes */
} sgl_sig_alg;

/*
 * What is asked of a private key. Slices are borrowed from the asker and stand
 * until the request is answered.
 */
typedef enum sgl_key_op {
	SGL_KEY_SIGN,	  /* input: the message itself, not its digest */
	SGL_KEY_RSA_V15,  /* input: the ciphertext */
	SGL_KEY_RSA_OAEP, /* input: the ciphertext */
	SGL_KEY_ECDH	  /* input: the peer's public point or X25519 u */
} sgl_key_op;

typedef struct sgl_key_request {
	sgl_key_op op;
	sgl_slice input;
	sgl_sig_alg sig; /* SIGN */
	/*
	 * RSA_V15: exactly how many bytes the answer has. Whoever answers must
	 * do so with implicit rejection: after any padding or length fault the
	 * answer is SGL_OK and want_len bytes that look random, in the same
	 * time as a good answer, so that nobody learns which it was.
	 */
	size_t want_len;
	sgl_digest_alg oaep_digest, oaep_mgf; /* RSA_OAEP */
	sgl_slice oaep_label;
} sgl_key_request;

/* Room for any answer: a signature, a content key, a shared secret. The asker
 * wipes it. */
#define SGL_ANSWER_MAX 2048
typedef struct sgl_key_answer {
	size_t len;
	uint8_t bytes[SGL_ANSWER_MAX];
} sgl_key_answer;

/* A private key; shared and immutable, counted. One thread at a time. */
typedef struct sgl_key sgl_key;
SGL_API sgl_key *sgl_key_ref(sgl_key *key);
SGL_API void sgl_key_unref(sgl_key *key);
SGL_API sgl_key_kind sgl_key_get_kind(const sgl_key *key);
/* sgl_key_get_spki borrows the public half as DER SubjectPublicKeyInfo. */
SGL_API sgl_slice sgl_key_get_spki(const sgl_key *key);

/*
 * sgl_key_new_remote makes a key whose operations somebody else performs.
 * `spki` (DER SubjectPublicKeyInfo) is copied. `ask` is called with each
 * request: SGL_OK with *answer filled, SGL_NEED_KEY when the answer will come
 * later through the asker's own answer call, or a failure. `release` (may be
 * NULL) is called when the last reference goes. `ask_many` is for whom several
 * requests at once cost less than one after the other (NULL: they do not): 2 to
 * SGL_KEY_MANY of them, and SGL_OK with all answers filled, or a failure.
 */
#define SGL_KEY_MANY 64
typedef struct sgl_key_ops {
	sgl_status (*ask)(void *ctx, const sgl_key_request *request,
	    sgl_key_answer *answer, sgl_err *err);
	void (*release)(void *ctx);
	sgl_status (*ask_many)(void *ctx, const sgl_key_request *requests,
	    size_t num, sgl_key_answer *answers, sgl_err *err);
} sgl_key_ops;
SGL_API SGL_MUST sgl_status sgl_key_new_remote(sgl_engine *engine,
    sgl_slice spki, const sgl_key_ops *ops, void *ctx, sgl_key **out,
    sgl_err *err);

/* sgl_key_read reads an unencrypted private key: PKCS#8 (RFC 5958), PKCS#1
 * RSAPrivateKey or SEC1 ECPrivateKey, as DER. SGL_E_ENCODING,
 * SGL_E_UNSUPPORTED (kind, curve or size), SGL_E_MISMATCH (the private value
 * does not belong to the public one inside). */
SGL_API SGL_MUST sgl_status sgl_key_read(
    sgl_engine *engine, sgl_slice der, sgl_key **out, sgl_err *err);

/* sgl_key_ask performs `request` with `key`: SGL_OK and *answer, SGL_NEED_KEY
 * (a remote key will answer later), SGL_E_UNSUPPORTED (this kind of key cannot
 * do that), SGL_E_DECRYPT. */
SGL_API SGL_MUST sgl_status sgl_key_ask(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
/* sgl_key_ask_many performs `num` requests: SGL_OK and as many answers, or what
 * one of them failed with; then none of the answers counts. */
SGL_API SGL_MUST sgl_status sgl_key_ask_many(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *requests, size_t num, sgl_key_answer *answers,
    sgl_err *err);

#ifdef __cplusplus
}
#endif
#endif
