/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What control sends the fetcher for, one thing after the other. The fetcher is
 * called for when there is something, and let go when there is no more.
 */
#ifndef SGL_DAEMON_ERRANDS_H
#define SGL_DAEMON_ERRANDS_H

#include "daemon/daemon.h"
#include "net/fetch.h"

typedef struct sgl_errands sgl_errands;
/* Both are borrowed and outlive it. */
SGL_MUST sgl_status sgl_errands_new(
    sgl_loop *loop, sgl_channel *leash, sgl_errands **out, sgl_err *err);
/* sgl_errands_free: what has not been fetched yet is told to nobody. */
void sgl_errands_free(sgl_errands *e);

/* sgl_errands_join: the fetcher is there; `fd` is taken on success. */
SGL_MUST sgl_status sgl_errands_join(sgl_errands *e, int fd, sgl_err *err);
/* sgl_errands_tick is called every second. */
void sgl_errands_tick(sgl_errands *e);

/* What came, or (came NULL) why nothing could be fetched at all. */
typedef void
sgl_errand_done(void *ctx, const sgl_fetched *came, const sgl_err *failure);
/* sgl_errands_send has `order`, which is copied, fetched; `done` is called
 * once, later. */
SGL_MUST sgl_status sgl_errands_send(sgl_errands *e,
    const sgl_fetch_order *order, sgl_errand_done *done, void *ctx,
    sgl_err *err);

#endif
