/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords: from a file, or from a person at the terminal. */
#ifndef SGL_SYS_PASSPHRASE_H
#define SGL_SYS_PASSPHRASE_H

#include "base/buf.h"

/* sgl_passphrase_file takes the first line of a file ("-": standard input)
 * without its line end. SGL_E_ENCODING: the file is empty, or holds a NUL. */
SGL_MUST sgl_status sgl_passphrase_file(
    const char *path, sgl_secret *out, sgl_err *err);
/* sgl_passphrase_ask asks on the controlling terminal, without showing what is
 * typed; `twice` for a new password. `prompt` is in the user's language.
 * SGL_E_PASSWORD: there is no terminal, or the two differ. */
SGL_MUST sgl_status sgl_passphrase_ask(
    const char *prompt, bool twice, sgl_secret *out, sgl_err *err);

#endif
