/* SPDX-License-Identifier: Apache-2.0 */
/* sigill: the commands on messages. All else is sigill-org's. */
#include <string.h>

#include "cli/command.h"
#include "cli/hand_over.h"
#include "cli/help.h"
#include "message/main.h"
#include "sys/log.h"

static const sgl_command *const tables[] = {sgl_msg_commands, NULL};

/* Whoever comes back from handing over has not found sigill-org. */
static int
without_org(int argc, char **argv)
{
	int status = sgl_help_or_unknown(tables, argc, argv);

	sgl_log_note(_("hint: the commands on the organisation are in "
		       "sigill-org, which is not installed"));
	return status;
}

/* Help lists all commands: ours here, and sigill-org goes on with its own. */
static int
other(int argc, char **argv)
{
	static char more[] = SGL_HELP_MORE;
	char *const go_on[] = {argv[0], more, NULL};
	const char *word = argc > 1 ? argv[1] : "";

	if (sgl_help_is_asked(word)) {
		int status = sgl_help_begin(tables);
		if (status != SGL_EXIT_OK)
			return status;
		sgl_hand_over(go_on);
		return sgl_help_more(NULL);
	}
	if (argc > 1 && strcmp(word, "--version") != 0) {
		sgl_hand_over(argv);
		return without_org(argc, argv);
	}
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
	return call.command->run(&call);
}
