/* SPDX-License-Identifier: Apache-2.0 */
/* Whom we believe, and whom we write to. */
#ifndef SGL_MESSAGE_CERTS_H
#define SGL_MESSAGE_CERTS_H

#include "message/work.h"

/* What a signature is judged by. All-zero is empty. */
typedef struct sgl_trust {
	sgl_certs anchors, intermediates;
	sgl_crls crls;
} sgl_trust;
void sgl_trust_clear(sgl_trust *trust);
SGL_AUTO_CLEAR_TYPE(sgl_trust, sgl_trust_clear)

/* sgl_trust_load: --trust, --intermediate and --crl; without --trust the
 * organisation's anchors and CRLs, where there is an organisation. */
SGL_MUST sgl_status sgl_trust_load(sgl_msg *m, sgl_trust *out, sgl_err *err);

/* sgl_recipients_load: every --to. Nobody is left out in silence: SGL_E_NOKEY
 * where somebody has no certificate that can be encrypted to now. */
SGL_MUST sgl_status sgl_recipients_load(
    sgl_msg *m, sgl_certs *out, sgl_err *err);

#endif
