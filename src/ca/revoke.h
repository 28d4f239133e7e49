/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revoking certificates of people. All calls are made in an open transaction of
 * the home. They note which part of the authority's CRL is due to be published
 * (crl.h does it), and drop the OCSP answers that are no longer true.
 */
#ifndef SGL_CA_REVOKE_H
#define SGL_CA_REVOKE_H

#include "org/home.h"

/*
 * sgl_ca_revoke revokes a certificate; `mark->when` 0 is now. One that is
 * revoked already keeps the time, and its reason may change from a hold to any
 * other, from unspecified to a better one, and to keyCompromise; the same
 * reason again does nothing, or corrects since when the key was not safe.
 * SGL_E_USAGE: another change, a reason that people's certificates cannot have
 * (RFC 5280 5.3.1), a time to come.
 */
SGL_MUST sgl_status sgl_ca_revoke(sgl_home *home, const sgl_cert_record *cert,
    const sgl_revocation_mark *mark, sgl_err *err);

/* sgl_ca_release takes back a hold. SGL_E_USAGE: it is not on hold. */
SGL_MUST sgl_status sgl_ca_release(
    sgl_home *home, const sgl_cert_record *cert, sgl_err *err);

#endif
