/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other side of a sys/channel.h, for a process that has many to listen to:
 * messages arrive through a callback, and sending never waits.
 */
#ifndef SGL_NET_PEER_H
#define SGL_NET_PEER_H

#include "net/loop.h"
#include "base/slice.h"

typedef struct sgl_peer sgl_peer;

typedef struct sgl_peer_handler {
	/* A whole message; `body` is borrowed for the call. */
	void (*on_message)(
	    void *ctx, sgl_peer *peer, unsigned type, sgl_slice body);
	/* All that has come was delivered (may be NULL): what belongs
	 * together can be done together now. */
	void (*on_rest)(void *ctx, sgl_peer *peer);
	/* It closed (what was queued for it goes with it), or sent what is no
	 * message, or more than is allowed, or was silent too long. Called
	 * once, last; free the peer in it. */
	void (*on_end)(void *ctx, sgl_peer *peer);
} sgl_peer_handler;

/* sgl_peer_new takes the descriptor on success. `max`: the longest message it
 * may send. `patience`: seconds that it may be silent, and that one message
 * may take to arrive; 0: any. */
SGL_MUST sgl_status sgl_peer_new(sgl_loop *loop, int fd, size_t max,
    unsigned patience, const sgl_peer_handler *handler, void *ctx,
    sgl_peer **out, sgl_err *err);
void sgl_peer_free(sgl_peer *peer);
/* sgl_peer_set_patience changes it, from now on; not to 0. */
void sgl_peer_set_patience(sgl_peer *peer, unsigned patience);
/* sgl_peer_send queues a message. SGL_E_LIMIT: the other side does not read
 * what it was sent already; SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_peer_send(
    sgl_peer *peer, unsigned type, sgl_slice body, sgl_err *err);
/* sgl_peer_rest: while it waits for us it may be silent for as long as it
 * likes. */
void sgl_peer_rest(sgl_peer *peer, bool rests);
/* Who is there (SO_PEERCRED); false: not known. */
bool sgl_peer_user(const sgl_peer *peer, unsigned *uid);

#endif
