/* SPDX-License-Identifier: Apache-2.0 */
/* sigill: the commands on messages. All else is sigill-org's. */
#include <string.h>

#include "cmd/hand_over.h"
#include "cmd/help.h"
#include "sys/log.h"

static const sgl_command *const tables[] = {sgl_msg_commands, NULL};

/* Help lists all commands, where sigill-org is there to do so. */
static int
other(int argc, char **argv)
{
	bool version = argc > 1 && strcmp(argv[1], "--version") == 0;

	if (argc > 1 && !version)
		sgl_hand_over(argv);
	return sgl_help_or_unknown(tables, argc, argv);
}

int
main(int argc, char **argv)
{
	sgl_call call;
	int status;

	sgl_program_start();
	if (!sgl_commands_knows(tables, argc, argv))
		return other(argc, argv);
	if (!sgl_commands_parse(tables, argc, argv, &call, &status))
		return status;
	if (!sgl_call_needs_org(&call))
		return call.command->run(&call);
	sgl_hand_over(argv);
	sgl_log_error(_("%s: sigill-org is not installed, and only it knows "
			"the organisation"),
	    call.command->name);
	return SGL_EXIT_ENVIRONMENT;
}
