/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command tells on standard error: whole lines, each written at once,
 * without control characters whatever a stranger put into a name.
 *
 *	sigill: WHAT: text: detail
 */
#ifndef SGL_SYS_LOG_H
#define SGL_SYS_LOG_H

#include "sigill/base.h"

/* sgl_log_err tells a failure; `what` is the command or the file at work, NULL
 * or empty for none. err->text is translated. */
void sgl_log_err(const char *what, const sgl_err *err);

/* The others take an already translated format, without a line end. */
void sgl_log_error(const char *fmt, ...) SGL_PRINTF(1, 2);
void sgl_log_warning(const char *fmt, ...) SGL_PRINTF(1, 2);
void sgl_log_note(const char *fmt, ...) SGL_PRINTF(1, 2);

#endif
