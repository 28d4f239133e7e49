/* SPDX-License-Identifier: Apache-2.0 */
/* sigill-org: all commands, those on the organisation among them. */
#include "cmd/command.h"

static const sgl_command *const tables[] = {
    sgl_msg_commands, sgl_org_commands, NULL};

int
main(int argc, char **argv)
{
	sgl_call call;
	int status;

	sgl_program_start();
	if (!sgl_commands_parse(tables, argc, argv, &call, &status))
		return status;
	return call.command->run(&call);
}
