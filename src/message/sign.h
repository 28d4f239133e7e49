/* SPDX-License-Identifier: Apache-2.0 */
/* Signing, as sign and encrypt --sign do it. */
#ifndef SGL_MESSAGE_SIGN_H
#define SGL_MESSAGE_SIGN_H

#include "message/keys.h"

/* All-zero is empty; must outlive the options that it fills. */
typedef struct sgl_msg_signing {
	sgl_ids ids;
	sgl_signers signers;
} sgl_msg_signing;
void sgl_msg_signing_clear(sgl_msg_signing *s);
SGL_AUTO_CLEAR_TYPE(sgl_msg_signing, sgl_msg_signing_clear)

/* sgl_msg_signing_prepare loads the IDs of `option` and fills the fields of
 * *out that are about signing. */
SGL_MUST sgl_status sgl_msg_signing_prepare(sgl_msg *m, const char *option,
    sgl_msg_signing *s, sgl_protect_options *out, sgl_err *err);

/* sgl_msg_check_label: --label, if it is there, can be read. */
SGL_MUST sgl_status sgl_msg_check_label(const sgl_msg *m, sgl_err *err);

#define SGL_OPTIONS_ESS                                                        \
	{"receipt-request", 0, NULL,                                           \
	    N_("ask everybody who gets it for a signed receipt"), false},      \
	{                                                                      \
		"label", 0, "LABEL",                                           \
		    N_("a security label: POLICY-OID, or "                     \
		       "POLICY-OID:CLASSIFICATION[:PRIVACY MARK]"),            \
		    false                                                      \
	}

#endif
