/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for many things at once, in one thread: descriptors, times, signals.
 * A callback never runs inside another.
 */
#ifndef SGL_NET_LOOP_H
#define SGL_NET_LOOP_H

#include "base/mem.h"

typedef struct sgl_loop sgl_loop;
SGL_MUST sgl_status sgl_loop_new(sgl_loop **out, sgl_err *err);
/* sgl_loop_new_for_many makes one for many connections: the kernel is told
 * together what is waited for now. Nobody else may have a descriptor in it, by
 * dup(2) or fork(2), that is closed here. */
SGL_MUST sgl_status sgl_loop_new_for_many(sgl_loop **out, sgl_err *err);
/* Everything that waits in it must be gone before. */
void sgl_loop_free(sgl_loop *loop);
SGL_AUTO_TYPE(sgl_loop, sgl_loop_free)
/* sgl_loop_run calls what is due until sgl_loop_stop. */
SGL_MUST sgl_status sgl_loop_run(sgl_loop *loop, sgl_err *err);
void sgl_loop_stop(sgl_loop *loop);

/* Something that waits. */
typedef struct sgl_wait sgl_wait;
void sgl_wait_free(sgl_wait *w);
SGL_AUTO_TYPE(sgl_wait, sgl_wait_free)

typedef void sgl_on_due(void *ctx);
/* Whenever `fd` (borrowed) can be read. */
SGL_MUST sgl_status sgl_wait_readable(sgl_loop *loop, int fd,
    sgl_on_due *on_due, void *ctx, sgl_wait **out, sgl_err *err);
/* Every `seconds`, the first time that much from now. */
SGL_MUST sgl_status sgl_wait_every(sgl_loop *loop, unsigned seconds,
    sgl_on_due *on_due, void *ctx, sgl_wait **out, sgl_err *err);
SGL_MUST sgl_status sgl_wait_often(sgl_loop *loop, unsigned milliseconds,
    sgl_on_due *on_due, void *ctx, sgl_wait **out, sgl_err *err);
/* Whenever the signal comes. */
SGL_MUST sgl_status sgl_wait_signal(sgl_loop *loop, int number,
    sgl_on_due *on_due, void *ctx, sgl_wait **out, sgl_err *err);

#endif
