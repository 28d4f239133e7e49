/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with another process of ours over a connected stream socket:
 * whole messages, each with a type, in order. Blocking; for one thread. The
 * buffers are wiped, for a message may carry a secret.
 */
#ifndef SGL_SYS_CHANNEL_H
#define SGL_SYS_CHANNEL_H

#include "base/buf.h"

typedef struct sgl_channel sgl_channel;

/* No message is longer. */
#define SGL_CHANNEL_MESSAGE ((size_t)16 << 20)

/* sgl_channel_new takes the descriptor on success; it is closed by free. */
SGL_MUST sgl_status sgl_channel_new(int fd, sgl_channel **out, sgl_err *err);
void sgl_channel_free(sgl_channel *c);
SGL_AUTO_TYPE(sgl_channel, sgl_channel_free)

/* sgl_channel_send sends one message. SGL_E_IO: the other side is gone;
 * SGL_E_LIMIT. */
SGL_MUST sgl_status sgl_channel_send(
    sgl_channel *c, unsigned type, sgl_slice body, sgl_err *err);
/* sgl_channel_send_fd sends a copy of a descriptor along; -1: none. */
SGL_MUST sgl_status sgl_channel_send_fd(
    sgl_channel *c, unsigned type, sgl_slice body, int fd, sgl_err *err);
/* sgl_channel_receive waits for the next message; *body is borrowed until the
 * next call. *ended: the other side has closed between two messages, and there
 * is none. SGL_E_IO (also where it closed inside a message, or announced one
 * that is longer than `max`), SGL_E_NOMEM. A failure sticks. */
SGL_MUST sgl_status sgl_channel_receive(sgl_channel *c, size_t max,
    unsigned *type, sgl_slice *body, bool *ended, sgl_err *err);
/* sgl_channel_forget wipes the message that was received last; the next one
 * does the same. */
void sgl_channel_forget(sgl_channel *c);
/* sgl_channel_take_fd gives the descriptor that came with the last message, to
 * be closed by the caller, or -1. */
int sgl_channel_take_fd(sgl_channel *c);
/* sgl_channel_is_open: it has not failed and, at a moment when nothing is
 * expected of the other side, that one is there and has said nothing. */
bool sgl_channel_is_open(const sgl_channel *c);
/* sgl_channel_is_late: it has failed because nothing came in time. */
bool sgl_channel_is_late(const sgl_channel *c);
/* The socket, to wait for; borrowed. */
int sgl_channel_fd(const sgl_channel *c);
/* sgl_channel_patience: receiving and sending fail (SGL_E_IO) when the other
 * side does nothing for so long, or a message that began is not whole in twice
 * that time, a byte now and then or not. */
SGL_MUST sgl_status sgl_channel_patience(
    sgl_channel *c, unsigned seconds, sgl_err *err);

#endif
