/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and their options, as tables: parsing, help and usage errors are
 * the same everywhere.
 *
 * `sigill` knows the commands on messages and hands everything else over to
 * `sigill-org`, which knows those on the organisation.
 */
#ifndef SGL_CLI_COMMAND_H
#define SGL_CLI_COMMAND_H

#include "sigill/base.h"
#include "sys/exit.h"
#include "sys/text.h"

typedef struct sgl_option {
	const char *name;  /* "output"; NULL ends a table */
	char letter;	   /* 'o', or 0 */
	const char *value; /* "FILE": takes a value; NULL: a switch */
	const char *help;  /* N_("...") */
	bool repeats;	   /* else the option may be given once */
} sgl_option;

#define SGL_OPTION_JSON                                                        \
	{                                                                      \
		"json", 0, NULL, N_("print JSON"), false                       \
	}
#define SGL_OPTION_HOME                                                        \
	{                                                                      \
		"home", 0, "DIR",                                              \
		    N_("the organisation's folder (else $SIGILL_HOME, else "   \
		       "~/.local/share/sigill)"),                              \
		    false                                                      \
	}
#define SGL_OPTION_OUTPUT                                                      \
	{                                                                      \
		"output", 'o', "FILE",                                         \
		    N_("write to FILE, whole or not at all (else standard "    \
		       "output)"),                                             \
		    false                                                      \
	}
#define SGL_OPTIONS_END                                                        \
	{                                                                      \
		NULL, 0, NULL, NULL, false                                     \
	}

typedef struct sgl_call sgl_call;

/* One without `run` is a group: "cert", for its verbs "cert list" and so on. */
typedef struct sgl_command {
	const char *name;      /* "sign", "cert export" */
	const char *arguments; /* "[MESSAGE]"; "" for none */
	const char *summary;   /* N_("...") one line */
	const char *details;   /* N_("...") more for --help; NULL: none */
	const sgl_option *options;
	size_t min_args, max_args;
	/* Without --trust it believes the organisation's roots, if there is an
	 * organisation. */
	bool uses_trust;
	int (*run)(sgl_call *call); /* gives the exit status */
} sgl_command;

/* What was asked: borrowed from argv, which stays as it is. */
#define SGL_CALL_OPTIONS 256
#define SGL_CALL_ARGS 64
struct sgl_call {
	const sgl_command *command;
	const char *args[SGL_CALL_ARGS];
	size_t num_args;
	struct {
		const sgl_option *option;
		const char *value; /* NULL: a switch */
	} given[SGL_CALL_OPTIONS];
	size_t num_given;
};

bool sgl_call_has(const sgl_call *call, const char *name);
/* sgl_call_get: the value of an option, or NULL. */
const char *sgl_call_get(const sgl_call *call, const char *name);
/* The values of one that repeats. */
size_t sgl_call_num(const sgl_call *call, const char *name);
const char *sgl_call_nth(const sgl_call *call, const char *name, size_t i);
/* sgl_call_arg: the i-th argument, or NULL. */
const char *sgl_call_arg(const sgl_call *call, size_t i);

/* sgl_call_fail tells a failure on standard error and gives its exit status;
 * sgl_call_usage tells what is wrong with the call itself: always 2. */
int sgl_call_fail(const sgl_call *call, const sgl_err *err);
int sgl_call_usage(const sgl_call *call, const char *fmt, ...) SGL_PRINTF(2, 3);
/* sgl_print writes to standard output at once; a failure is told and becomes
 * the status. */
int sgl_print(const sgl_call *call, sgl_slice text);

/* sgl_program_start is the first thing in every main. */
void sgl_program_start(void);

/*
 * sgl_commands_parse finds the command among `tables` (ended by NULL; each
 * ended by a name of NULL) and reads its options. False: all is said (help, a
 * version, a usage error), and *status is how to end.
 */
SGL_MUST bool sgl_commands_parse(const sgl_command *const *tables, int argc,
    char **argv, sgl_call *call, int *status);
/* sgl_commands_knows: argv names a command of `tables`. */
bool
sgl_commands_knows(const sgl_command *const *tables, int argc, char **argv);

#endif
