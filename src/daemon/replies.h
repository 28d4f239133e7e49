/* SPDX-License-Identifier: Apache-2.0 */
/* What control says to its callers. */
#ifndef SGL_DAEMON_REPLIES_H
#define SGL_DAEMON_REPLIES_H

#include "admin/work.h"
#include "net/peer.h"

SGL_MUST sgl_status sgl_send_reply(
    sgl_peer *peer, const sgl_reply *r, sgl_err *err);
SGL_MUST sgl_status sgl_send_failure(
    sgl_peer *peer, const sgl_err *failure, sgl_err *err);
/* sgl_tell_wait: so many keys are ready, so many are needed; `ctx` is not used.
 */
void sgl_tell_wait(void *ctx, sgl_peer *peer, size_t have, size_t need);

#endif
