/* SPDX-License-Identifier: Apache-2.0 */
/* Which CRL speaks for which certificate (RFC 5280 6.3.3 (b)). */
#ifndef SGL_PKI_CRL_SCOPE_H
#define SGL_PKI_CRL_SCOPE_H

#include "pki/crl.h"

/* A DistributionPoint (RFC 5280 4.2.1.13); slices borrow. */
typedef struct sgl_crl_point {
	sgl_slice name; /* contents of the DistributionPointName, or empty */
	unsigned reasons;
	sgl_slice crl_issuer; /* GeneralNames, or empty */
	bool is_default;      /* the one that every certificate has besides */
} sgl_crl_point;

/* sgl_crl_point_read steps over the next; false at the end or at one that is
 * malformed. */
SGL_MUST bool sgl_crl_point_read(sgl_der *in, sgl_crl_point *out);
/* The certificate's issuer as distribution point, all reasons. */
sgl_crl_point sgl_crl_point_default(void);

/* sgl_crl_covers sets *covers: `crl` is of the issuer and the scope that
 * `point` of `cert` asks for. Never where *effort runs out. */
SGL_MUST sgl_status sgl_crl_covers(const sgl_crl *crl,
    const sgl_crl_point *point, const sgl_cert *cert, uint32_t *effort,
    bool *covers, sgl_err *err);

/* sgl_crl_fits_delta: `delta` brings `base` up to date (RFC 5280 5.2.4). */
bool sgl_crl_fits_delta(const sgl_crl *base, const sgl_crl *delta);

#endif
