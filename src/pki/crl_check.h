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
/*
 * sgl_signer_has_path sets *good where `cert`, which signed a CRL or an OCSP
 * response, has a path of its own to the anchor of `s`, under the same rules
 * but for the purpose.
 */
SGL_MUST sgl_status sgl_signer_has_path(
    sgl_search *s, sgl_cert *cert, bool *good, sgl_err *err);
/* sgl_signer_is_in_progress: the path of `cert` is being checked right now, and
 * what it signed is what its own status hangs on. A CRL does not speak against
 * its own signer, and nobody else is there to ask; a responder can be asked for
 * elsewhere, and must not vouch for itself. */
bool sgl_signer_is_in_progress(const sgl_search *s, const sgl_cert *cert);
/* sgl_crl_is_signed_by: by this one, found before. */
SGL_MUST sgl_status sgl_crl_is_signed_by(sgl_search *s, const sgl_crl *crl,
    const sgl_cert *signer, bool *good, sgl_err *err);

#endif
