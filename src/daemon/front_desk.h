/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control's end of the line to front: what strangers may be told and given.
 * Nothing that front says of a stranger is believed but that it has read it:
 * codes and certificates are looked up here.
 */
#ifndef SGL_DAEMON_FRONT_DESK_H
#define SGL_DAEMON_FRONT_DESK_H

#include "daemon/aside.h"
#include "admin/work.h"
#include "daemon/tally.h"
#include "net/loop.h"

typedef struct sgl_front_desk sgl_front_desk;
/* All is borrowed. */
SGL_MUST sgl_status sgl_front_desk_new(sgl_loop *loop, sgl_session *session,
    sgl_tally *tally, sgl_aside *aside, sgl_front_desk **out, sgl_err *err);
void sgl_front_desk_free(sgl_front_desk *desk);
/* sgl_front_desk_join takes the descriptor of a front on success. */
SGL_MUST sgl_status sgl_front_desk_join(
    sgl_front_desk *desk, int fd, sgl_err *err);

#endif
