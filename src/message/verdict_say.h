/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict for people, in their language: at most six lines that say who,
 * whether to believe it, why not, and what to do.
 */
#ifndef SGL_MESSAGE_VERDICT_SAY_H
#define SGL_MESSAGE_VERDICT_SAY_H

#include "base/buf.h"
#include "sigill/smime.h"

/* sgl_verdict_say appends the lines. What strangers wrote is shown without
 * characters that could move a cursor or turn text around. */
SGL_MUST sgl_status sgl_verdict_say(
    const sgl_verdict_summary *sum, sgl_buf *out, sgl_err *err);

/* sgl_say_safe appends a stranger's text: control characters (C0, DEL, C1),
 * those that turn the direction of text, and what is no UTF-8 become '?'. */
SGL_MUST sgl_status sgl_say_safe(sgl_buf *out, const char *text, sgl_err *err);

#endif
