/* SPDX-License-Identifier: Apache-2.0 */
/* What the system refuses, in words. */
#ifndef SGL_SYS_FAIL_H
#define SGL_SYS_FAIL_H

#include "sigill/base.h"

/* sgl_fail_errno fills *err for an errno value with a constant text and the
 * name of the thing (a file, NULL if none). SGL_E_NOMEM for ENOMEM, else
 * SGL_E_IO. */
sgl_status
sgl_fail_errno(sgl_err *err, int error, const char *room, const char *name);

/* What standard input and output are called. */
const char *sgl_stdin_name(void);
const char *sgl_stdout_name(void);

#endif
