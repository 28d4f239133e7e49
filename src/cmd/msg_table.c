/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on messages. */
#include "cmd/command.h"

const sgl_command sgl_msg_commands[] = {
    {.name = NULL},
};
