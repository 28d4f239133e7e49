/* SPDX-License-Identifier: Apache-2.0 */
/* From sigill to sigill-org, which is looked for in $SIGILL_EXEC_PATH, beside
 * this program, in ../libexec/sigill from there, and where it was installed. */
#ifndef SGL_CMD_HAND_OVER_H
#define SGL_CMD_HAND_OVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* sgl_hand_over becomes sigill-org with these arguments; returns only if it is
 * not there. */
void sgl_hand_over(char *const *argv);

/* sgl_start_org starts it beside us; it gets the descriptor `fd` as number
 * `as`. Gives the process, or 0 if it is not there. */
pid_t sgl_start_org(const char *const *argv, int fd, int as);

#endif
