/* SPDX-License-Identifier: Apache-2.0 */
/* How a command ends; the same for every command (the manual has the table). */
#ifndef SGL_SYS_EXIT_H
#define SGL_SYS_EXIT_H

#include "sigill/base.h"

typedef enum sgl_exit {
	SGL_EXIT_OK = 0,
	SGL_EXIT_NO = 1, /* the message failed its check; nothing found */
	SGL_EXIT_USAGE = 2,
	SGL_EXIT_KEY = 3,   /* no key fits, wrong password, locked */
	SGL_EXIT_INPUT = 4, /* malformed, unsupported, over a limit */
	SGL_EXIT_ENVIRONMENT = 5,
	SGL_EXIT_SIGNAL = 128 /* plus the signal's number */
} sgl_exit;

/* sgl_exit_of gives the exit status for a failure. After a signal it is
 * 128+n, whatever failed because of it. */
int sgl_exit_of(sgl_status status);

#endif
