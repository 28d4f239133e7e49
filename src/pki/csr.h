/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification requests (PKCS#10, RFC 2986): reading what a stranger asks for
 * and writing one. What is asked for is a wish: the authority's profile
 * decides, not this.
 */
#ifndef SGL_PKI_CSR_H
#define SGL_PKI_CSR_H

#include "pki/build.h"

/* No honest request is longer. */
#define SGL_CSR_MAX ((size_t)64 * 1024)

typedef struct sgl_csr {
	/*
	 * The certificate as it would be if all were granted: der (of the
	 * request), subject, spki, key_kind, key_bits, key_id, addresses, what
	 * the requested extensions say, and the faults in them. Times, serial
	 * number and issuer are empty. It is part of the request: no reference
	 * is to be kept.
	 */
	sgl_cert asked;
	bool has_challenge;
	sgl_buf challenge; /* challengePassword (RFC 2985 5.4.1) as UTF-8 */
	/* How a private key that the authority makes is to be encrypted (RFC
	 * 7030 4.4.1): the names of a public or of a shared secret key, data
	 * NULL if there are none; and SMIMECapabilities (contents octets). */
	sgl_slice public_key_id, secret_key_id, capabilities;
} sgl_csr;

/*
 * sgl_csr_read parses one DER request (copied; wiped when freed, for its
 * password). The signature is not looked at. SGL_E_ENCODING with the offset,
 * SGL_E_LIMIT.
 */
SGL_MUST sgl_status sgl_csr_read(
    sgl_engine *engine, sgl_slice der, sgl_csr **out, sgl_err *err);
void sgl_csr_free(sgl_csr *csr);
SGL_AUTO_TYPE(sgl_csr, sgl_csr_free)

/* sgl_csr_is_signed sets *good: whoever asks has the private key. A key or an
 * algorithm that cannot be used is SGL_E_UNSUPPORTED, SGL_E_LIMIT or
 * SGL_E_ENCODING. */
SGL_MUST sgl_status sgl_csr_is_signed(
    sgl_engine *engine, const sgl_csr *csr, bool *good, sgl_err *err);
/* sgl_csr_check_signed: SGL_E_MISMATCH if it is not. */
SGL_MUST sgl_status sgl_csr_check_signed(
    sgl_engine *engine, const sgl_csr *csr, sgl_err *err);

/*
 * sgl_csr_build appends a request for `asked`, of which subject and extensions
 * count, signed with `key`, whose public half it holds. `challenge` (UTF-8)
 * may be empty. Failures are those of sgl_cert_build.
 */
SGL_MUST sgl_status sgl_csr_build(sgl_engine *engine,
    const sgl_cert_template *asked, sgl_slice challenge, sgl_key *key,
    sgl_digest_alg digest, sgl_buf *out, sgl_err *err);

#endif
