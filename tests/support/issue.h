/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing certificates and CRLs in tests, with little to say. Failures fail
 * the test. */
#ifndef SGL_SUPPORT_ISSUE_H
#define SGL_SUPPORT_ISSUE_H

#include "pki/build.h"

/* Somebody with a key and a certificate. All-zero is nobody. */
typedef struct sgl_who {
	sgl_key *key;
	sgl_cert *cert;
} sgl_who;
void sgl_who_clear(sgl_who *w);
SGL_AUTO_CLEAR_TYPE(sgl_who, sgl_who_clear)

#define SGL_ISSUE_FROM 1735689600  /* 2025-01-01 */
#define SGL_ISSUE_UNTIL 2051222400 /* 2035-01-01 */
#define SGL_ISSUE_TIME 1767225600  /* 2026-01-01, in between */

/* Zero means the default beside it. */
typedef struct sgl_issue {
	const char *name;    /* CN; "" is an empty subject */
	const char *address; /* none */
	sgl_key_kind kind;   /* P-256 */
	sgl_key *key;	     /* made new; else shared */
	bool is_ca;
	bool has_path_len;
	unsigned path_len;
	unsigned key_usage; /* CA: keyCertSign, cRLSign; else digitalSignature
			       and keyEncipherment or keyAgreement */
	const sgl_oid *ext_key_usage; /* emailProtection unless a CA */
	size_t num_ext_key_usage;
	sgl_time from, until;
	const char *permitted_domain;		     /* none */
	const char *crl_url, *issuer_url, *ocsp_url; /* none */
	bool ocsp_nocheck;
	sgl_digest_alg digest; /* what suits the key */
} sgl_issue;

/* sgl_issue_cert makes *out, signed by `issuer`, or by itself where that is
 * NULL. Serial numbers count up. */
void sgl_issue_cert(sgl_engine *engine, const sgl_issue *what,
    const sgl_who *issuer, sgl_who *out);
/* sgl_issue_crl makes a CRL of a week from SGL_ISSUE_TIME minus an hour that
 * lists the given certificate (or NULL) as revoked a day before, with `reason`
 * (-1: none). */
sgl_crl *sgl_issue_crl(sgl_engine *engine, const sgl_who *issuer,
    const sgl_cert *revoked, int reason);
/* sgl_issue_pem replaces *out by the certificate in PEM. */
void sgl_issue_pem(const sgl_cert *cert, sgl_buf *out);

#endif
