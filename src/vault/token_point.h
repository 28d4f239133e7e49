/* SPDX-License-Identifier: Apache-2.0 */
/* Curves and points as tokens write them. */
#ifndef SGL_VAULT_TOKEN_POINT_H
#define SGL_VAULT_TOKEN_POINT_H

#include "base/buf.h"
#include "sigill/crypto.h"

/* sgl_token_curve reads CKA_EC_PARAMS: a curve's OID, or the PrintableString
 * that PKCS#11 3.0 has for the Montgomery and Edwards curves. UNKNOWN for all
 * others. */
sgl_key_kind sgl_token_curve(sgl_slice params);
/* sgl_token_point borrows the point out of CKA_EC_POINT: raw, or in an OCTET
 * STRING. false: it is neither, by its length. That the point lies on the curve
 * is not looked at. */
SGL_MUST bool
sgl_token_point(sgl_key_kind kind, sgl_slice value, sgl_slice *point);

#endif
