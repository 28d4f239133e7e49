/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed a CRL, and whether that counts; for this room. */
#ifndef SGL_PKI_CRL_CHECK_H
#define SGL_PKI_CRL_CHECK_H

#include "pki/crl_scope.h"
#include "pki/search.h"

/*
 * sgl_crl_find_signer looks for the certificate whose key signed `crl` and
 * which may: in the chain above s->chain[at], else with a path of its own to
 * the same anchor. *signer is NULL if there is none.
 */
SGL_MUST sgl_status sgl_crl_find_signer(sgl_search *s, size_t at,
    const sgl_crl *crl, sgl_cert **signer, sgl_err *err);
/* sgl_crl_is_signed_by: by this one, found before. */
SGL_MUST sgl_status sgl_crl_is_signed_by(sgl_search *s, const sgl_crl *crl,
    const sgl_cert *signer, bool *good, sgl_err *err);

#endif
