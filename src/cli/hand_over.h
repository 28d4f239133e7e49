/* SPDX-License-Identifier: Apache-2.0 */
/* From sigill to the programs that belong to it, which are looked for in
 * $SIGILL_EXEC_PATH, beside this program, in ../libexec/sigill from there, and
 * where they were installed. */
#ifndef SGL_CLI_HAND_OVER_H
#define SGL_CLI_HAND_OVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* sgl_hand_over becomes sigill-org with these arguments; returns only if it is
 * not there. */
void sgl_hand_over(char *const *argv);

/* sgl_start_beside starts the program argv[0] beside us; it gets the descriptor
 * `fd` as number `as`. Gives the process, or 0 if it is not there. */
#define SGL_PROGRAM_ANSWER "sigill-answer"
pid_t sgl_start_beside(const char *const *argv, int fd, int as);

#endif
