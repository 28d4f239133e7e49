/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a certificate revocation list (RFC 5280 5). */
#ifndef SGL_PKI_CRL_H
#define SGL_PKI_CRL_H

#include "pki/signed.h"

/* ReasonFlags (RFC 5280 4.2.1.13): bit 0 is unused. */
#define SGL_ALL_REASONS 0x1feu
/* CRLReason (RFC 5280 5.3.1) */
#define SGL_CRL_REASON_REMOVE 8

/* Every slice borrows from `der`. */
struct sgl_crl {
	unsigned refs;
	sgl_slice der, tbs;
	sgl_slice issuer;
	uint64_t issuer_hash;
	sgl_time this_update, next_update;
	bool has_next_update;
	sgl_slice tbs_algorithm, signature_algorithm;
	sgl_slice signature;

	sgl_slice entries; /* contents: the revokedCertificates */
	size_t num_entries;
	bool has_other_issuers; /* certificateIssuer in some entry */

	sgl_slice aki_key_id;
	sgl_slice number;      /* magnitude; empty: none */
	sgl_slice base_number; /* of a delta CRL */
	bool is_delta;
	/* issuingDistributionPoint */
	sgl_slice idp;	    /* the extension's value, to compare; or empty */
	sgl_slice idp_name; /* contents of its DistributionPointName */
	bool only_user_certs, only_ca_certs, only_attribute_certs;
	bool is_indirect;
	unsigned reasons; /* SGL_ALL_REASONS unless onlySomeReasons */

	/* RFC 5280 5.2, 5.3: a critical extension that is not understood, or
	 * one that cannot be read: the CRL proves nothing. */
	bool is_unusable;

	uint8_t fingerprint[32];     /* SHA-256 of der */
	struct sgl_crl_index *index; /* made at the first lookup */
};

sgl_signed sgl_crl_as_signed(const sgl_crl *crl);

typedef struct sgl_crl_found {
	sgl_time revoked_at;
	int reason; /* -1: none given */
	bool has_invalidity_date;
	sgl_time invalidity_date;
} sgl_crl_found;

/*
 * sgl_crl_find looks for the certificate with `serial` (INTEGER contents) of
 * `issuer` (DER Name). The first lookup makes an index, so that the others take
 * the same time in a list of any length.
 */
SGL_MUST sgl_status sgl_crl_find(sgl_crl *crl, sgl_slice issuer,
    sgl_slice serial, bool *found, sgl_crl_found *out, sgl_err *err);

/* sgl_crl_each tells all entries that are of the CRL's own issuer, in their
 * order. `serial` is INTEGER contents, borrowed from the CRL. */
SGL_MUST sgl_status sgl_crl_each(const sgl_crl *crl,
    sgl_status (*visit)(
	void *ctx, sgl_slice serial, const sgl_crl_found *found, sgl_err *err),
    void *ctx, sgl_err *err);

#endif
