/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An organisation below another: its root is the other's, which certifies its
 * issuing authority (sigill ca branch add there). The key is made here, a
 * request for it goes there, and the certificate comes back.
 */
#ifndef SGL_CA_BELOW_H
#define SGL_CA_BELOW_H

#include "ca/ca.h"

/* sgl_below_request appends a certification request (PKCS#10, DER) for the key
 * of the next issuing authority, which is made unless there is one, in the
 * caller's change. SGL_E_USAGE: the organisation has a root of its own. */
SGL_MUST sgl_status sgl_below_request(
    sgl_home *home, sgl_buf *out, sgl_err *err);

/*
 * sgl_below_install takes, in the caller's change, the certificate for that key
 * out of `certs`, where the root must be too, and stores both: from now on the
 * new authority issues. *id is its number. SGL_E_NOKEY: none is for that key,
 * or the root is missing; SGL_E_MISMATCH: it is not what it must be.
 */
SGL_MUST sgl_status sgl_below_install(
    sgl_home *home, const sgl_certs *certs, int64_t *id, sgl_err *err);

#endif
