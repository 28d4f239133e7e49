/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making certificates and CRLs: a template is encoded as DER and signed with a
 * key that is asked (so it may be a token). With a key that answers later the
 * calls return SGL_NEED_KEY and are repeated with the answer.
 */
#ifndef SGL_PKI_BUILD_H
#define SGL_PKI_BUILD_H

#include "pki/cert.h"

typedef struct sgl_cert_template {
	sgl_slice serial;	   /* positive, big-endian, at most 20 bytes */
	sgl_slice issuer, subject; /* DER Names; see sgl_name_build */
	sgl_time not_before, not_after;
	sgl_slice spki;
	bool is_ca;
	bool has_path_len;
	unsigned path_len;
	unsigned key_usage;	      /* SGL_KU_*; 0: no extension */
	const sgl_oid *ext_key_usage; /* not critical */
	size_t num_ext_key_usage;
	/* rfc822Name where the local part is ASCII, else SmtpUTF8Mailbox
	 * (RFC 8398); the domain as A-labels. */
	const sgl_slice *addresses;
	size_t num_addresses;
	sgl_slice issuer_key_id;   /* AKI keyIdentifier; empty: none */
	const sgl_slice *policies; /* OID contents */
	size_t num_policies;
	/* Where the practice statement is (RFC 5280 4.2.1.4), of each policy
	 * but anyPolicy; empty: none. */
	sgl_slice cps_url;
	sgl_slice crl_url, issuer_url, ocsp_url; /* empty: none */
	sgl_slice smime_capabilities; /* whole SEQUENCE; empty: none */
	/* CA: rfc822Name constraints (RFC 5280 4.2.1.10): "example.org" is the
	 * host alone, ".example.org" all below it, "a@example.org" a mailbox.
	 */
	const sgl_slice *permitted, *excluded;
	size_t num_permitted, num_excluded;
	bool ocsp_nocheck; /* OCSP responder: RFC 6960 4.2.2.2.1 */
	/* `spki` is the public half of an sgl_key, which was checked when that
	 * was made. */
	bool is_key_checked;
} sgl_cert_template;

/*
 * sgl_cert_build encodes, signs with `key` by sgl_sig_alg_for_key (with PSS if
 * the key can do nothing else) and gives the parsed certificate. SKI is made
 * from the SPKI (RFC 5280 4.2.1.2 (1)). SGL_E_USAGE: what RFC 5280 forbids,
 * such as keyCertSign without is_ca or the reverse; SGL_E_MISMATCH: what a
 * remote key answered is no signature by it.
 */
SGL_MUST sgl_status sgl_cert_build(sgl_engine *engine,
    const sgl_cert_template *t, sgl_key *key, sgl_digest_alg digest,
    sgl_cert **out, sgl_err *err);
/*
 * The same in two steps, where the key is asked for many at once:
 * sgl_cert_draft_make, the key's answer to sgl_cert_draft_request (which
 * borrows from the draft), sgl_cert_draft_end.
 */
typedef struct sgl_cert_draft {
	sgl_buf tbs;
	sgl_sig_alg alg;
} sgl_cert_draft;
void sgl_cert_draft_clear(sgl_cert_draft *d);
SGL_AUTO_CLEAR_TYPE(sgl_cert_draft, sgl_cert_draft_clear)
SGL_MUST sgl_status sgl_cert_draft_make(sgl_engine *engine,
    const sgl_cert_template *t, sgl_key *key, sgl_digest_alg digest,
    sgl_cert_draft *out, sgl_err *err);
sgl_key_request sgl_cert_draft_request(const sgl_cert_draft *d);
SGL_MUST sgl_status sgl_cert_draft_end(sgl_engine *engine,
    const sgl_cert_draft *d, sgl_key *key, sgl_slice signature, sgl_cert **out,
    sgl_err *err);

/* A revoked certificate, as a CRL lists it. */
typedef struct sgl_revoked {
	sgl_slice serial; /* INTEGER contents of a positive number */
	sgl_time revoked_at;
	int reason; /* RFC 5280 5.3.1; -1: none given */
	bool has_invalidity_date;
	sgl_time invalidity_date;
} sgl_revoked;

typedef struct sgl_crl_template {
	sgl_slice issuer; /* DER Name */
	sgl_slice issuer_key_id;
	sgl_time this_update, next_update;
	uint64_t number;
	/*
	 * next tells entry `i`, counted from 0, or sets *end; what it points to
	 * stands until it is called again. NULL: no entries. When sgl_crl_build
	 * is repeated after SGL_NEED_KEY, it begins at 0 again and must be told
	 * the same.
	 */
	sgl_status (*next)(
	    void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err);
	void *ctx;
	/* issuingDistributionPoint (RFC 5280 5.2.5), for a list that is not
	 * about all certificates: the URL stands in their distribution points,
	 * too. Empty and false: none. */
	sgl_slice point_url;
	bool only_user_certs, only_ca_certs;
} sgl_crl_template;
/* sgl_crl_build appends a v2 CRL to *out, whose max bounds it. SGL_E_USAGE:
 * what RFC 5280 5 forbids, and a reason that belongs to delta CRLs;
 * SGL_E_MISMATCH as above. */
SGL_MUST sgl_status sgl_crl_build(sgl_engine *engine, const sgl_crl_template *t,
    sgl_key *key, sgl_digest_alg digest, sgl_buf *out, sgl_err *err);

typedef struct sgl_rdn {
	sgl_oid type;
	sgl_slice value; /* UTF-8 */
} sgl_rdn;
/* sgl_name_build appends a DER Name of single-valued RDNs (C, serialNumber and
 * dnQualifier as PrintableString, DC and emailAddress as IA5String, others as
 * UTF8String). SGL_E_USAGE: a value is empty, over its upper bound (RFC 5280
 * A.1), or has characters that the type or a name cannot have. */
SGL_MUST sgl_status sgl_name_build(
    const sgl_rdn *rdns, size_t num, sgl_buf *out, sgl_err *err);

#endif
