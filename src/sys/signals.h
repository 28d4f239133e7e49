/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals set a flag, which whatever moves bytes looks at: it then fails with
 * SGL_E_IO and everything is cleaned up on the usual way out. A second signal
 * ends the program at once, after removing what was told to be removed.
 */
#ifndef SGL_SYS_SIGNALS_H
#define SGL_SYS_SIGNALS_H

#include "sigill/base.h"

/* sgl_signals_init: SIGINT, SIGTERM, SIGHUP (unless it was ignored, as nohup
 * does) set the flag; SIGPIPE and SIGXFSZ are ignored, so that writing fails
 * with a reason. */
void sgl_signals_init(void);

/* sgl_signals_leave_to_parent: for a process that ends when the one which
 * started it does; what is typed at the terminal is that one's affair. */
void sgl_signals_leave_to_parent(void);

/* sgl_signals_caught is the first signal that came, or 0. */
int sgl_signals_caught(void);
/* sgl_signals_check fails once a signal came. */
SGL_MUST sgl_status sgl_signals_check(const char *room, sgl_err *err);

/* sgl_signals_remove names the one file to unlink should a second signal come
 * (NULL: none). The string is borrowed until the next call. */
void sgl_signals_remove(const char *path);

#endif
