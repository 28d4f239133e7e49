/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, revocation lists and the sets they come in (RFC 5280, RFC
 * 8550). A certificate is parsed once, by our own code, and never changes.
 */
#ifndef SIGILL_PKI_H
#define SIGILL_PKI_H

#include "sigill/crypto.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A certificate; shared and immutable, counted. What the getters lend stands
 * as long as the certificate. */
typedef struct sgl_cert sgl_cert;

/* sgl_cert_read parses one DER certificate (copied). SGL_E_ENCODING with the
 * offset in `der`. An unknown critical extension or an unsupported key is not
 * a failure here: it is found when a path is checked. */
SGL_API SGL_MUST sgl_status sgl_cert_read(
    sgl_engine *engine, sgl_slice der, sgl_cert **out, sgl_err *err);
SGL_API sgl_cert *sgl_cert_ref(sgl_cert *cert);
SGL_API void sgl_cert_unref(sgl_cert *cert);

SGL_API sgl_slice sgl_cert_get_der(const sgl_cert *cert);
/* DER INTEGER contents octets, as issuerAndSerialNumber compares them. */
SGL_API sgl_slice sgl_cert_get_serial(const sgl_cert *cert);
SGL_API sgl_slice sgl_cert_get_issuer(const sgl_cert *cert);  /* DER Name */
SGL_API sgl_slice sgl_cert_get_subject(const sgl_cert *cert); /* DER Name */
SGL_API sgl_slice sgl_cert_get_spki(const sgl_cert *cert);
/* The subject key identifier extension's value; empty if absent. */
SGL_API sgl_slice sgl_cert_get_ski(const sgl_cert *cert);
SGL_API sgl_time sgl_cert_get_not_before(const sgl_cert *cert);
SGL_API sgl_time sgl_cert_get_not_after(const sgl_cert *cert);
/* SHA-256 over the DER, 32 bytes. */
SGL_API sgl_slice sgl_cert_get_fingerprint(const sgl_cert *cert);

/* The mail addresses a certificate speaks for, as UTF-8: SAN rfc822Name and
 * SmtpUTF8Mailbox (RFC 8398); the subject's emailAddress only where the SAN
 * has no address at all (RFC 8550 3). */
SGL_API size_t sgl_cert_num_addresses(const sgl_cert *cert);
SGL_API sgl_slice sgl_cert_get_address(const sgl_cert *cert, size_t i);

/* keyUsage bits (RFC 5280 4.2.1.3); absent means all. */
typedef enum sgl_key_usage {
	SGL_KU_DIGITAL_SIGNATURE = 1 << 0,
	SGL_KU_NON_REPUDIATION = 1 << 1,
	SGL_KU_KEY_ENCIPHERMENT = 1 << 2,
	SGL_KU_DATA_ENCIPHERMENT = 1 << 3,
	SGL_KU_KEY_AGREEMENT = 1 << 4,
	SGL_KU_KEY_CERT_SIGN = 1 << 5,
	SGL_KU_CRL_SIGN = 1 << 6,
	SGL_KU_ENCIPHER_ONLY = 1 << 7,
	SGL_KU_DECIPHER_ONLY = 1 << 8,
	SGL_KU_ALL = 0x1ff
} sgl_key_usage;
SGL_API unsigned sgl_cert_get_key_usage(const sgl_cert *cert);

/* What a mail certificate may be used for by its key usage, extended key usage
 * and kind of key (RFC 8550 4.4.2, 4.4.4). */
SGL_API bool sgl_cert_may_sign(const sgl_cert *cert);
SGL_API bool sgl_cert_may_encrypt(const sgl_cert *cert);
SGL_API bool sgl_cert_is_ca(const sgl_cert *cert);
SGL_API bool sgl_cert_is_self_issued(const sgl_cert *cert);

/* A set of certificates in order of arrival, without doubles; holds counted
 * references. All-zero is an empty set. */
typedef struct sgl_certs {
	sgl_cert **items;
	size_t num;
} sgl_certs;
/* sgl_certs_add keeps a new reference, unless the set has the same bytes. */
SGL_API SGL_MUST sgl_status sgl_certs_add(
    sgl_certs *set, sgl_cert *cert, sgl_err *err);
SGL_API void sgl_certs_clear(sgl_certs *set);

/* A certificate revocation list (RFC 5280 5); shared and immutable. */
typedef struct sgl_crl sgl_crl;
SGL_API SGL_MUST sgl_status sgl_crl_read(
    sgl_engine *engine, sgl_slice der, sgl_crl **out, sgl_err *err);
SGL_API sgl_crl *sgl_crl_ref(sgl_crl *crl);
SGL_API void sgl_crl_unref(sgl_crl *crl);
typedef struct sgl_crls {
	sgl_crl **items;
	size_t num;
} sgl_crls;
SGL_API SGL_MUST sgl_status sgl_crls_add(
    sgl_crls *set, sgl_crl *crl, sgl_err *err);
SGL_API void sgl_crls_clear(sgl_crls *set);

/*
 * Certificates with their private keys: who we are when signing, and every key
 * a mailbox ever had when decrypting. Keys and certificates may be added in
 * any order and from any file; they are paired by public key. All-zero is
 * empty.
 */
typedef struct sgl_keyring {
	sgl_certs certs; /* all, with or without key */
	sgl_key **keys;
	size_t num_keys;
} sgl_keyring;
SGL_API SGL_MUST sgl_status sgl_keyring_add_key(
    sgl_keyring *ring, sgl_key *key, sgl_err *err);
SGL_API SGL_MUST sgl_status sgl_keyring_add_cert(
    sgl_keyring *ring, sgl_cert *cert, sgl_err *err);
/* sgl_keyring_find_key borrows the key of a certificate, or NULL. */
SGL_API sgl_key *
sgl_keyring_find_key(const sgl_keyring *ring, const sgl_cert *cert);
SGL_API void sgl_keyring_clear(sgl_keyring *ring);

/*
 * Keys that are looked up by what a message calls its recipients (RFC 5652
 * 6.2.1), for whoever has too many to have all of them ready. A recipient has
 * issuer (a Name, DER) and serial number, or a subject key identifier; data of
 * the others is NULL. `find` sets keys[i] to a reference to the key of the i-th
 * one, or leaves it NULL; a failure is the reader's. It is asked for so many at
 * once at most, and only while recipients are read.
 */
#define SGL_FIND_AT_ONCE 64
typedef struct sgl_named_recipient {
	sgl_slice issuer, serial, ski;
} sgl_named_recipient;
typedef struct sgl_key_finder {
	sgl_status (*find)(void *ctx, const sgl_named_recipient *recipients,
	    size_t num, sgl_key **keys, sgl_err *err);
	void *ctx;
} sgl_key_finder;

#ifdef __cplusplus
}
#endif
#endif
