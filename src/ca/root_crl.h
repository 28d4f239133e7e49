/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of the authorities that a root has revoked. Where the root's key is
 * away from the home the list lives long, and is made whenever the key is at
 * hand; everybody who checks a certificate wants it, also while it is empty.
 */
#ifndef SGL_CA_ROOT_CRL_H
#define SGL_CA_ROOT_CRL_H

#include "ca/making.h"

/* The Baseline Requirements allow twelve months (BR 4.9.7). */
#define SGL_ROOT_CRL_DAYS 360

/* sgl_root_crl_build appends the list with this number: the authorities among
 * `list` that are revoked and were issued by `root`. It changes nothing. */
SGL_MUST sgl_status sgl_root_crl_build(sgl_home *home,
    const sgl_authorities *list, const sgl_ca_signer *root, int64_t number,
    sgl_buf *out, sgl_err *err);
#define SGL_ROOT_CRL_MAX ((size_t)1 << 20)
/* sgl_root_crl_number: 0 for none, or one that is none of ours. */
int64_t sgl_root_crl_number(const sgl_crl *crl);
/* sgl_root_crl_store stores one that was signed elsewhere. SGL_E_MISMATCH: it
 * is not the root's, or not the next one. */
SGL_MUST sgl_status sgl_root_crl_store(sgl_home *home, int64_t root,
    const sgl_cert *cert, sgl_crl *crl, sgl_err *err);
/* sgl_root_crl_make builds and stores the next one. */
SGL_MUST sgl_status sgl_root_crl_make(
    sgl_home *home, const sgl_ca_signer *root, sgl_err *err);

#endif
