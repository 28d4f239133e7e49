/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an issuer signs, a certificate or a CRL, and whether it did. Answers
 * are remembered in the engine by the digest of both.
 */
#ifndef SGL_PKI_SIGNED_H
#define SGL_PKI_SIGNED_H

#include "pki/cert.h"

typedef struct sgl_signed {
	sgl_slice tbs;
	sgl_slice tbs_algorithm, algorithm; /* inside and outside */
	sgl_slice signature;
	const uint8_t *fingerprint; /* 32 bytes, of the whole */
} sgl_signed;
sgl_signed sgl_cert_as_signed(const sgl_cert *cert);

/* sgl_signed_check sets *good, and *was_known where no arithmetic was needed.
 * SGL_E_UNSUPPORTED, SGL_E_ENCODING, SGL_E_LIMIT: key or algorithm cannot be
 * used. */
SGL_MUST sgl_status sgl_signed_check(sgl_engine *engine, const sgl_signed *s,
    const sgl_cert *issuer, bool *good, bool *was_known, sgl_err *err);

#endif
