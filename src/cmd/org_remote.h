/* SPDX-License-Identifier: Apache-2.0 */
/* A command on the organisation, done by the service. */
#ifndef SGL_CMD_ORG_REMOTE_H
#define SGL_CMD_ORG_REMOTE_H

#include "cmd/org.h"
#include "sys/channel.h"

/* sgl_remote_open finds the service of the home; *out stays NULL where none
 * runs. */
SGL_MUST sgl_status sgl_remote_open(
    const char *home, sgl_channel **out, sgl_err *err);
/* sgl_remote_perform has it do the command. */
SGL_MUST sgl_status sgl_remote_perform(
    sgl_channel *channel, const sgl_order *order, sgl_reply *r, sgl_err *err);

#endif
