/* SPDX-License-Identifier: Apache-2.0 */
/* Signing, as sign and encrypt --sign do it. */
#ifndef SGL_CMD_MSG_SIGN_H
#define SGL_CMD_MSG_SIGN_H

#include "cmd/msg_keys.h"

/* All-zero is empty; must outlive the options that it fills. */
typedef struct sgl_signing {
	sgl_ids ids;
	sgl_signers signers;
} sgl_signing;
void sgl_signing_clear(sgl_signing *s);
SGL_AUTO_CLEAR_TYPE(sgl_signing, sgl_signing_clear)

/* sgl_signing_prepare loads the IDs of `option` and fills the fields of *out
 * that are about signing. */
SGL_MUST sgl_status sgl_signing_prepare(sgl_msg *m, const char *option,
    sgl_signing *s, sgl_protect_options *out, sgl_err *err);

#endif
