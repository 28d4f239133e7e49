/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys: read by our own DER code into EVP_PKEY_fromdata (libcrypto's
 * decoder costs as much as seven RSA verifications), and remembered by the
 * digest of their SubjectPublicKeyInfo. And what private keys need beyond the
 * public header: making, writing, pairing.
 */
#ifndef SGL_CRYPTO_PUBKEY_H
#define SGL_CRYPTO_PUBKEY_H

#include "base/buf.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"

typedef struct sgl_pubkey sgl_pubkey;

/*
 * sgl_pubkey_read reads a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7, RFC
 * 3279, RFC 5480, RFC 8410). RSA: 1024 to 16384 bits, exponent odd and 3 to 64
 * bits; EC: named curve, point checked to lie on it. SGL_E_ENCODING,
 * SGL_E_UNSUPPORTED, SGL_E_LIMIT.
 */
SGL_MUST sgl_status sgl_pubkey_read(
    sgl_engine *engine, sgl_slice spki, sgl_pubkey **out, sgl_err *err);
/* sgl_pubkey_check: whether sgl_pubkey_read would take it, and its kind. Far
 * quicker for the point of a curve, where nobody is going to use the key. */
SGL_MUST sgl_status sgl_pubkey_check(
    sgl_engine *engine, sgl_slice spki, sgl_key_kind *kind, sgl_err *err);
sgl_pubkey *sgl_pubkey_ref(sgl_pubkey *key);
void sgl_pubkey_unref(sgl_pubkey *key);
SGL_AUTO_TYPE(sgl_pubkey, sgl_pubkey_unref)
sgl_key_kind sgl_pubkey_get_kind(const sgl_pubkey *key);
unsigned sgl_pubkey_get_bits(const sgl_pubkey *key);
/* sgl_pubkey_same compares the keys themselves, however they were written. */
bool sgl_pubkey_same(const sgl_pubkey *a, const sgl_pubkey *b);
const char *sgl_key_kind_name(sgl_key_kind kind); /* "rsa", "p256", ... */

/*
 * sgl_pubkey_verify sets *good; a bad signature, of any malformation, is
 * SGL_OK with *good false. `message` is what was signed. SGL_E_UNSUPPORTED
 * where the key cannot do the scheme. For PSS, alg->salt_len is exact.
 */
SGL_MUST sgl_status sgl_pubkey_verify(sgl_engine *engine, sgl_pubkey *key,
    const sgl_sig_alg *alg, sgl_slice message, sgl_slice signature, bool *good,
    sgl_err *err);
/* The same over a digest already made by alg->digest; never for Ed25519. */
SGL_MUST sgl_status sgl_pubkey_verify_digest(sgl_engine *engine,
    sgl_pubkey *key, const sgl_sig_alg *alg, sgl_slice digest,
    sgl_slice signature, bool *good, sgl_err *err);

typedef struct sgl_oaep {
	sgl_digest_alg digest, mgf;
	sgl_slice label;
} sgl_oaep;
/* sgl_pubkey_encrypt encrypts a content key; oaep NULL means PKCS#1 v1.5.
 * Appends to *out. */
SGL_MUST sgl_status sgl_pubkey_encrypt(sgl_engine *engine, sgl_pubkey *key,
    const sgl_oaep *oaep, sgl_slice in, sgl_buf *out, sgl_err *err);
/*
 * sgl_pubkey_agree makes an ephemeral key of the same curve and agrees with
 * `key`: the ephemeral public value (uncompressed point, or X25519 u) is
 * appended to *point and the shared secret stored in *secret.
 */
SGL_MUST sgl_status sgl_pubkey_agree(sgl_engine *engine, sgl_pubkey *key,
    sgl_buf *point, sgl_secret *secret, sgl_err *err);

/* sgl_pubkey_check_sig: SGL_E_UNSUPPORTED where the key does not make such
 * signatures. */
SGL_MUST sgl_status sgl_pubkey_check_sig(
    const sgl_pubkey *key, const sgl_sig_alg *alg, sgl_err *err);

/*
 * Public halves that come as bare numbers. sgl_spki_of_rsa and sgl_spki_of_bits
 * append a SubjectPublicKeyInfo to *out; `bits` is the point of an EC key, or
 * the 32 bytes of Ed25519 and X25519. What they hold is not checked: that is
 * sgl_pubkey_read's.
 */
SGL_MUST sgl_status sgl_spki_of_rsa(
    sgl_slice n, sgl_slice e, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_spki_of_bits(
    sgl_key_kind kind, sgl_slice bits, sgl_buf *out, sgl_err *err);
/* sgl_point_expand checks that somebody's point (or X25519 u) is one of the
 * curve and writes it uncompressed; SGL_E_DECRYPT if not. */
#define SGL_POINT_MAX 133 /* 04, x and y of P-521 */
SGL_MUST sgl_status sgl_point_expand(sgl_engine *engine, sgl_key_kind kind,
    sgl_slice point, uint8_t out[SGL_POINT_MAX], size_t *len, sgl_err *err);

/* sgl_key_fits tells whether `spki`, from a certificate, is the public half of
 * `key`, though it may be written otherwise. */
SGL_MUST sgl_status sgl_key_fits(sgl_engine *engine, const sgl_key *key,
    sgl_slice spki, bool *fits, sgl_err *err);

/* sgl_key_generate makes a key in memory; bits is for RSA alone,
 * 2048 to 8192. */
SGL_MUST sgl_status sgl_key_generate(sgl_engine *engine, sgl_key_kind kind,
    unsigned bits, sgl_key **out, sgl_err *err);
/* sgl_key_is_remote: somebody else answers for it (sgl_key_new_remote). */
bool sgl_key_is_remote(const sgl_key *key);
/* sgl_key_vouch: whoever answers for this remote key is ours and has it in
 * memory, where it was found to belong to its public half; so what it signs
 * need not be verified again. sgl_key_is_vouched: also of keys that are here.
 */
void sgl_key_vouch(sgl_key *key);
bool sgl_key_is_vouched(const sgl_key *key);
/* sgl_key_write gives a key in memory as DER PKCS#8 (RFC 5958).
 * SGL_E_UNSUPPORTED for a remote key. */
SGL_MUST sgl_status sgl_key_write(
    const sgl_key *key, sgl_secret *out, sgl_err *err);
SGL_AUTO_TYPE(sgl_key, sgl_key_unref)
SGL_AUTO_TYPE(sgl_engine, sgl_engine_free)

/*
 * A cache of facts by a 32-byte digest, for rooms above: remember takes the
 * value (on success) and frees it with `drop` (may be NULL) when it is pushed
 * out, least recently used first, or replaced, or the engine goes. recall
 * borrows it until the next remember; NULL is "not known".
 * The pki room remembers "this certificate's signature is good under that
 * key" there: a fact that neither time nor trust can change.
 */
void *sgl_engine_recall(sgl_engine *engine, const uint8_t digest[32]);
SGL_MUST sgl_status sgl_engine_remember(sgl_engine *engine,
    const uint8_t digest[32], void *value, void (*drop)(void *), sgl_err *err);

#endif
