/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a protected message, for sign and encrypt. */
#ifndef SGL_MESSAGE_WRITE_H
#define SGL_MESSAGE_WRITE_H

#include "message/certs.h"
#include "message/keys.h"

/* sgl_msg_write protects the MESSAGE as `options` say and writes it to -o:
 * whole, or not at all. With --json it tells what was done. */
SGL_MUST sgl_status sgl_msg_write(
    sgl_msg *m, const sgl_protect_options *options, sgl_err *err);

#define SGL_OPTION_PROTECT_HEADERS                                             \
	{                                                                      \
		"protect-headers", 0, NULL,                                    \
		    N_("protect subject and other header fields too"), false   \
	}

#endif
