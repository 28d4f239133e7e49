/* SPDX-License-Identifier: Apache-2.0 */
/* --password-out: a password that is made here, for a file that is handed out;
 * it goes another way than the file. */
#ifndef SGL_ADMIN_PASSWORD_OUT_H
#define SGL_ADMIN_PASSWORD_OUT_H

#include "cli/command.h"
#include "base/buf.h"

/* sgl_password_make makes one, of 125 bits. SGL_E_USAGE: --password-file is
 * given too; SGL_E_PASSWORD: it shall go to the terminal, and there is none. */
SGL_MUST sgl_status sgl_password_make(
    const sgl_call *call, sgl_secret *out, sgl_err *err);
/* sgl_password_give writes it to where --password-out says, a file for its
 * owner alone (0600), before the file that it opens appears. Without the option
 * it does nothing. */
SGL_MUST sgl_status sgl_password_give(
    const sgl_call *call, const sgl_secret *password, sgl_err *err);

#endif
