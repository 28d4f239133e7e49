/* SPDX-License-Identifier: Apache-2.0 */
/* Where the service of an organisation is called. */
#ifndef SGL_CLI_REMOTE_H
#define SGL_CLI_REMOTE_H

#include "sys/channel.h"

#define SGL_ORG_SOCKET "run/control.sock" /* in the home */
/* Where the service of a machine is called by those who do not own its home. */
#define SGL_ORG_PUBLIC_SOCKET "/run/sigill/control.sock"

/* sgl_remote_open finds the service of the home (NULL: the usual place); *out
 * stays NULL where none runs. */
SGL_MUST sgl_status sgl_remote_open(
    const char *home, sgl_channel **out, sgl_err *err);
/* sgl_remote_is_named: somebody said which service is meant, by its socket. */
bool sgl_remote_is_named(const char *home);

#endif
