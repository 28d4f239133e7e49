/* SPDX-License-Identifier: Apache-2.0 */
/* A command on the organisation, done by the service. */
#ifndef SGL_ADMIN_REMOTE_H
#define SGL_ADMIN_REMOTE_H

#include "admin/work.h"
#include "cli/remote.h"

/* sgl_remote_perform has it do the command. */
SGL_MUST sgl_status sgl_remote_perform(
    sgl_channel *channel, const sgl_order *order, sgl_reply *r, sgl_err *err);

#endif
