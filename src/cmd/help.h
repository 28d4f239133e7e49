/* SPDX-License-Identifier: Apache-2.0 */
/* Help and version, from the tables of commands. */
#ifndef SGL_CMD_HELP_H
#define SGL_CMD_HELP_H

#include "cmd/command.h"

/* sgl_help_command prints what a command does and its options. */
int sgl_help_command(const sgl_call *call);
/* sgl_help_or_unknown: argv names no command. Prints help, the version, or
 * what is wrong; gives the exit status. */
int
sgl_help_or_unknown(const sgl_command *const *tables, int argc, char **argv);

#endif
