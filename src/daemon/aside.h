/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What control has set aside, because it needs private keys that are still
 * being made: messages of callers, first come, first served. What each began
 * was undone; when enough keys are there it is done anew, from the message on,
 * and meanwhile everybody else is answered.
 */
#ifndef SGL_DAEMON_ASIDE_H
#define SGL_DAEMON_ASIDE_H

#include "admin/work.h"
#include "net/peer.h"

typedef struct sgl_aside sgl_aside;

/* Whose message it is. */
typedef struct sgl_aside_caller {
	void (*again)(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body);
	/* Tells how many keys of how many are there; NULL: nobody wants to
	 * know. */
	void (*tell)(void *ctx, sgl_peer *peer, size_t have, size_t need);
	void *ctx;
} sgl_aside_caller;

SGL_MUST sgl_status sgl_aside_new(
    sgl_loop *loop, sgl_session *session, sgl_aside **out, sgl_err *err);
void sgl_aside_free(sgl_aside *a);

/* sgl_aside_begin comes before a message is attended to. While others wait, it
 * finds no keys. */
void sgl_aside_begin(sgl_aside *a);
/* sgl_aside_lacks: since then there was no key for somebody. */
bool sgl_aside_lacks(const sgl_aside *a);
/* sgl_aside_put is what to do with one that failed: true if it was for want of
 * keys, and it is set aside (`caller` and `body` are copied). false: it failed
 * for another reason, or no keys have come for too long. */
bool sgl_aside_put(sgl_aside *a, const sgl_aside_caller *caller, sgl_peer *peer,
    unsigned type, sgl_slice body);
/* sgl_aside_has: it has one of this peer, who then has nothing to say. */
bool sgl_aside_has(const sgl_aside *a, const sgl_peer *peer);
/* sgl_aside_drop forgets what a peer wanted. */
void sgl_aside_drop(sgl_aside *a, const sgl_peer *peer);

#endif
