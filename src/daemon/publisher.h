/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control's part in publishing: it answers what front asks, tells it at once
 * when something it was told is no longer true, and makes in time what has to
 * be made again and again: CRLs, responders' certificates, OCSP answers.
 */
#ifndef SGL_DAEMON_PUBLISHER_H
#define SGL_DAEMON_PUBLISHER_H

#include "admin/work.h"
#include "net/peer.h"

typedef struct sgl_publisher sgl_publisher;
/* `session` is borrowed. */
SGL_MUST sgl_status sgl_publisher_new(
    sgl_session *session, sgl_publisher **out, sgl_err *err);
void sgl_publisher_free(sgl_publisher *p);

/* sgl_publisher_set_front: this is front now (borrowed; NULL: nobody). */
void sgl_publisher_set_front(sgl_publisher *p, sgl_peer *front);
/* sgl_publisher_hear takes what front says; false: it is not about this. What
 * is asked by OCSP is answered by sgl_publisher_rest at the latest, together,
 * for to ask the keyholder costs as much once as often. */
bool sgl_publisher_hear(sgl_publisher *p, unsigned type, sgl_slice body);
void sgl_publisher_rest(sgl_publisher *p);
/* sgl_publisher_changed is called behind each commit; whoever asks front after
 * that is told the new state. */
void sgl_publisher_changed(sgl_publisher *p);
/* sgl_publisher_tick is called every second, outside of changes. */
void sgl_publisher_tick(sgl_publisher *p);
/* sgl_publisher_drop_keys lets go of opened keys, before who has them goes. */
void sgl_publisher_drop_keys(sgl_publisher *p);

#endif
