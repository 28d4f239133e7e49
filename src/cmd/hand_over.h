/* SPDX-License-Identifier: Apache-2.0 */
/* From sigill to sigill-org, in the same process. */
#ifndef SGL_CMD_HAND_OVER_H
#define SGL_CMD_HAND_OVER_H

#include "cmd/command.h"

/* sgl_call_needs_org: an address stands where a file could, or the trust of
 * the organisation is wanted and there is one. */
bool sgl_call_needs_org(const sgl_call *call);

/* sgl_hand_over becomes sigill-org with the same arguments. It looks in
 * $SIGILL_EXEC_PATH, beside this program, in ../libexec/sigill from there, and
 * where it was installed; returns only if it is not there. */
void sgl_hand_over(char **argv);

#endif
