/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Front's part in being watched: GET /metrics at a listener of its own. It adds
 * what it has counted itself and what the supervisor says of the processes to
 * what control tells; without control that is all, and sigill_up is 0.
 */
#ifndef SGL_DAEMON_FRONT_METRICS_H
#define SGL_DAEMON_FRONT_METRICS_H

#include "daemon/metrics.h"
#include "daemon/outlet.h"
#include "admin/processes.h"

typedef struct sgl_front_metrics sgl_front_metrics;
/* `outlet` is borrowed: it counts, too. */
SGL_MUST sgl_status sgl_front_metrics_new(sgl_loop *loop,
    const sgl_outlet *outlet, sgl_front_metrics **out, sgl_err *err);
void sgl_front_metrics_free(sgl_front_metrics *f);

/* sgl_front_metrics_listen takes the socket on success. */
SGL_MUST sgl_status sgl_front_metrics_listen(
    sgl_front_metrics *f, int fd, sgl_err *err);
/* This is control now (borrowed; NULL: nobody), and what it says; false: it is
 * not about this. */
void sgl_front_metrics_set_control(sgl_front_metrics *f, sgl_peer *control);
bool
sgl_front_metrics_hear(sgl_front_metrics *f, unsigned type, sgl_slice body);
void
sgl_front_metrics_set_processes(sgl_front_metrics *f, const sgl_processes *p);
/* An answer went to a stranger (sgl_http_on_answered). */
void sgl_front_metrics_note(void *f, const char *path, int status);

#endif
