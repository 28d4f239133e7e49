/* SPDX-License-Identifier: Apache-2.0 */
/* Help and version, from the tables of commands. */
#ifndef SGL_CLI_HELP_H
#define SGL_CLI_HELP_H

#include "cli/command.h"

/* sgl_help_command prints what a command does and its options. */
int sgl_help_command(const sgl_call *call);
/* The list of all commands is told by two programs, one after the other:
 * sgl_help_begin prints how to call sigill and the commands of its tables, and
 * sigill-org, started with SGL_HELP_MORE, those of its own (NULL: none) and the
 * end. */
#define SGL_HELP_MORE "--more-help"
int sgl_help_begin(const sgl_command *const *tables);
int sgl_help_more(const sgl_command *const *tables);
/* "--help", "-h" or "help". */
bool sgl_help_is_asked(const char *word);
/* sgl_help_or_unknown: argv names no command. Prints help, the version, or
 * what is wrong; gives the exit status. */
int
sgl_help_or_unknown(const sgl_command *const *tables, int argc, char **argv);

#endif
