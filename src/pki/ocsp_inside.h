/* SPDX-License-Identifier: Apache-2.0 */
/* What requests and responses of OCSP have in common; for their files. */
#ifndef SGL_PKI_OCSP_INSIDE_H
#define SGL_PKI_OCSP_INSIDE_H

#include "pki/build_inside.h"
#include "pki/ocsp.h"

SGL_MUST bool sgl_ocsp_id_read(sgl_der *in, sgl_ocsp_id *out);

/* sgl_ocsp_add_nonce appends the Extension. */
void sgl_ocsp_add_nonce(sgl_derb *b, sgl_slice nonce);
/*
 * sgl_ocsp_exts_read goes over an EXPLICIT tag's Extensions. A nonce goes to
 * *nonce (may be NULL: not to be expected here); *critical becomes true where
 * another one is critical. false: malformed, or a nonce that is twice there or
 * has not 1 to 128 bytes.
 */
SGL_MUST bool
sgl_ocsp_exts_read(sgl_der wrap, sgl_slice *nonce, bool *critical);

#endif
