/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching what is published: soon after the service has started, from time to
 * time, and after something was published, control has all of it fetched from
 * outside and judges it as sigill doctor does (ca/published.h). What begins to
 * fail and what is well again is told in the log, and how it is by sigill
 * status.
 */
#ifndef SGL_DAEMON_WATCHER_H
#define SGL_DAEMON_WATCHER_H

#include "daemon/errands.h"
#include "admin/work.h"
#include "admin/watched.h"

typedef struct sgl_watcher sgl_watcher;
/* `session` and `errands` are borrowed and outlive it. */
SGL_MUST sgl_status sgl_watcher_new(sgl_session *session, sgl_errands *errands,
    const sgl_daemon_config *config, sgl_watcher **out, sgl_err *err);
void sgl_watcher_free(sgl_watcher *w);
/* sgl_watcher_tick is called every second. */
void sgl_watcher_tick(sgl_watcher *w);
/* sgl_watcher_changed is called behind each commit. */
void sgl_watcher_changed(sgl_watcher *w);

#endif
