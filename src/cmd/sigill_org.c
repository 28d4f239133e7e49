/* SPDX-License-Identifier: Apache-2.0 */
/* sigill-org: the commands on the organisation. */
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "admin/table.h"

/* What Exchange calls the virtual certificate collection is "trust" here. */
static void
translate_alias(int argc, char **argv)
{
	static char trust[] = "trust";

	if (argc > 1 && strcmp(argv[1], "collection") == 0)
		argv[1] = trust;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	sgl_call call;
	int status;

	sgl_program_start();
	if (strcmp(word, SGL_HELP_MORE) == 0)
		return sgl_help_more(sgl_org_tables);
	translate_alias(argc, argv);
	if (!sgl_commands_parse(sgl_org_tables, argc, argv, &call, &status))
		return status;
	return call.command->run(&call);
}
