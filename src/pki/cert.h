/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a certificate, for the rooms of libsigill. */
#ifndef SGL_PKI_CERT_H
#define SGL_PKI_CERT_H

#include "asn1/builder.h"
#include "asn1/oid.h"
#include "crypto/pubkey.h"
#include "sigill/pki.h"

SGL_AUTO_TYPE(sgl_cert, sgl_cert_unref)
SGL_AUTO_TYPE(sgl_crl, sgl_crl_unref)
SGL_AUTO_CLEAR_TYPE(sgl_certs, sgl_certs_clear)
SGL_AUTO_CLEAR_TYPE(sgl_crls, sgl_crls_clear)
SGL_AUTO_CLEAR_TYPE(sgl_keyring, sgl_keyring_clear)

/*
 * Every slice borrows from `der`; an absent extension is an empty slice whose
 * data is NULL. Oddities that decide nothing are read past (negative serials,
 * BOOLEANs that are neither 0 nor 255, times without seconds); faults that a
 * path must not have are noted here and found when one is checked.
 */
struct sgl_cert {
	unsigned refs;
	sgl_slice der, tbs;
	unsigned version; /* 1 to 3 */
	sgl_slice serial; /* INTEGER contents */
	sgl_slice issuer, subject;
	uint64_t issuer_hash, subject_hash; /* sgl_name_hash */
	bool is_self_issued;
	sgl_time not_before, not_after;
	sgl_slice spki;
	sgl_slice tbs_algorithm;       /* AlgorithmIdentifier inside, whole */
	sgl_slice signature_algorithm; /* and outside; must be the same */
	sgl_slice signature;

	sgl_slice extensions; /* contents: Extension elements, all of them */
	sgl_slice ski;	      /* key identifier */
	sgl_slice aki;	      /* contents of the SEQUENCE */
	sgl_slice aki_key_id; /* [0] of it */
	sgl_slice aki_issuer; /* [1]: contents, GeneralNames */
	sgl_slice aki_serial; /* [2]: INTEGER contents */
	bool has_key_usage;
	unsigned key_usage; /* SGL_KU_*; ALL where absent */
	bool has_basic_constraints, is_ca, has_path_len;
	uint64_t path_len;
	sgl_slice ext_key_usage;    /* contents: OIDs */
	sgl_slice subject_alt_name; /* contents: GeneralNames */
	sgl_slice name_constraints; /* contents of each SEQUENCE */
	sgl_slice policies, policy_mappings, policy_constraints;
	bool has_require_explicit, has_inhibit_mapping, has_inhibit_any;
	uint64_t require_explicit, inhibit_mapping, inhibit_any;
	sgl_slice crl_distribution_points, authority_info_access;
	sgl_slice smime_capabilities;  /* whole SEQUENCE (RFC 4262) */
	sgl_slice unknown_critical;    /* OID of the first, or empty */
	sgl_slice duplicate_extension; /* OID of the first, or empty */
	sgl_slice malformed_extension; /* OID of the first that matters */
	/* OID of one that RFC 5280 forbids here, or with what it says: a path
	 * must not be trusted with it. Or empty. */
	sgl_slice forbidden_extension;
	bool ocsp_nocheck;

	uint8_t fingerprint[32]; /* SHA-256 of der */
	uint8_t key_id[20]; /* RFC 5280 4.2.1.2 (1): SHA-1 of the key bits */
	sgl_slice *addresses;
	size_t num_addresses;
	uint8_t *address_store; /* decoded addresses that are not in der */
	sgl_key_kind key_kind;	/* UNKNOWN if unsupported */
	sgl_oid key_algorithm;	/* rsaEncryption, id-RSASSA-PSS, ... */
	unsigned key_bits;	/* RSA: of the modulus; EC: of the curve */
};

/* sgl_cert_get_pubkey reads (or recalls) the key; unref it. */
SGL_MUST sgl_status sgl_cert_get_pubkey(
    sgl_engine *engine, const sgl_cert *cert, sgl_pubkey **out, sgl_err *err);
/* sgl_cert_has_ext_key_usage: the purpose or anyExtendedKeyUsage is there, or
 * the extension is absent. */
bool sgl_cert_has_ext_key_usage(const sgl_cert *cert, sgl_oid purpose);
bool sgl_cert_is_valid_at(const sgl_cert *cert, sgl_time t);
/* They have a mail address in common, by its letters. */
bool sgl_cert_shares_address(const sgl_cert *a, const sgl_cert *b);
/* sgl_cert_may_sign and sgl_cert_may_encrypt without mail: by key and key usage
 * alone. */
bool sgl_cert_has_signing_usage(const sgl_cert *cert);
bool sgl_cert_has_encryption_usage(const sgl_cert *cert);
/* sgl_cert_is_signed_by: *good tells whether `issuer`'s key verifies the
 * certificate. Good ones are remembered in the engine by digest of both. */
SGL_MUST sgl_status sgl_cert_is_signed_by(sgl_engine *engine,
    const sgl_cert *cert, const sgl_cert *issuer, bool *good, sgl_err *err);
/* The strength of the digest in the certificate's own signature. */
sgl_digest_alg sgl_cert_get_signature_digest(const sgl_cert *cert);

/* sgl_certs_find_* borrow, or NULL. */
sgl_cert *sgl_certs_find_issuer_serial(
    const sgl_certs *set, sgl_slice issuer, sgl_slice serial);
sgl_cert *sgl_certs_find_ski(const sgl_certs *set, sgl_slice ski);

/* --- sig_alg.h material: signature AlgorithmIdentifiers (RFC 4055, 5758,
 * 8410), used for certificates, CRLs and SignerInfos --- */

/* sgl_sig_alg_read reads an AlgorithmIdentifier (whole DER or BER). For
 * rsaEncryption and id-ecPublicKey, as SignerInfos may carry, alg->digest is
 * NONE: the caller has it elsewhere. SGL_E_ENCODING, SGL_E_UNSUPPORTED with
 * the OID. */
SGL_MUST sgl_status sgl_sig_alg_read(
    sgl_slice algorithm, sgl_sig_alg *out, sgl_err *err);
/* sgl_sig_alg_add appends the AlgorithmIdentifier. */
void sgl_sig_alg_add(sgl_derb *b, const sgl_sig_alg *alg);
/* sgl_sig_alg_for_key: what a key signs with by default: RSA with PKCS#1 v1.5
 * and `digest`, ECDSA with `digest` (NONE: the curve's own: 256, 384, 512),
 * Ed25519 with SHA-512. */
SGL_MUST sgl_status sgl_sig_alg_for_key(sgl_key_kind kind,
    sgl_digest_alg digest, bool pss, sgl_sig_alg *out, sgl_err *err);
/* Digest AlgorithmIdentifiers (RFC 5754 2): read accepts NULL or absent
 * parameters; UNSUPPORTED names the OID. */
SGL_MUST sgl_status sgl_digest_alg_read(
    sgl_slice algorithm, sgl_digest_alg *out, sgl_err *err);
void sgl_digest_alg_add(sgl_derb *b, sgl_digest_alg alg); /* absent params */
void sgl_digest_alg_add_null(sgl_derb *b, sgl_digest_alg alg); /* NULL */
sgl_oid sgl_digest_alg_oid(sgl_digest_alg alg);
sgl_digest_alg sgl_digest_alg_from_oid(sgl_oid oid);

/* --- names --- */

/* sgl_name_same compares DER Names as RFC 5280 7.1 says: equal bytes, or equal
 * after folding case and blanks in directory strings. */
bool sgl_name_same(sgl_slice a, sgl_slice b);
/* sgl_name_starts: the RDNs of `base` are the first of `name`, compared in the
 * same way (RFC 5280 4.2.1.10, directoryName). */
bool sgl_name_starts(sgl_slice name, sgl_slice base);
/* sgl_name_hash is the same for names that are the same. Not a digest: it only
 * spares comparisons. */
uint64_t sgl_name_hash(sgl_slice name);
/* sgl_name_text appends "CN=Alice,O=Example,C=SE" (RFC 4514 order and
 * escapes, control characters escaped), for people and logs. */
SGL_MUST sgl_status sgl_name_text(sgl_slice name, sgl_buf *out, sgl_err *err);
/* sgl_name_find appends the first value of an attribute as UTF-8; false where
 * it is absent. */
SGL_MUST bool sgl_name_find(sgl_slice name, sgl_oid attribute, sgl_buf *out);

#endif
