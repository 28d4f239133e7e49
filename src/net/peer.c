/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>
#include <time.h>

#include "net/loop_inside.h"
#include "net/peer.h"
#include "sys/text.h"
#include "sys/wire.h"

#define ROOM "net.peer"
#define QUEUE_MAX ((size_t)64 << 20)
/* What is read and written in one go: many messages, where they come together,
 * but not so many that others wait long. */
#define PIECE ((size_t)64 << 10)

struct sgl_peer {
	struct bufferevent *stream;
	sgl_peer_handler handler;
	void *ctx;
	size_t max;
	unsigned patience;
	time_t began; /* when the message that is not whole yet did; 0: none */
	bool *freed;  /* while a message is delivered: set by sgl_peer_free */
};

static void
end(sgl_peer *p)
{
	p->handler.on_end(p->ctx, p);
}

/* The next whole message, if it has come. *bad: there will be none. */
static bool
next(const sgl_peer *p, struct evbuffer *in, unsigned *type, size_t *len,
    bool *bad)
{
	sgl_wire_head head;

	if (evbuffer_copyout(in, head.bytes, sizeof head.bytes) <
	    (ev_ssize_t)sizeof head.bytes)
		return false;
	sgl_wire_head_read(&head, len, type);
	*bad = *len > p->max;
	return !*bad && evbuffer_get_length(in) >= SGL_WIRE_HEAD + *len;
}

/* Copied out first: the handler may send, and may free the peer. */
static void
deliver(sgl_peer *p, struct evbuffer *in, unsigned type, size_t len)
{
	SGL_AUTO_MEM uint8_t *body = sgl_mem_resize(NULL, len + 1);

	if (body == NULL) {
		end(p);
		return;
	}
	(void)evbuffer_drain(in, SGL_WIRE_HEAD);
	(void)evbuffer_remove(in, body, len);
	p->handler.on_message(p->ctx, p, type, sgl_slice_of(body, len));
	sgl_mem_wipe(body, len);
}

/* Silence is libevent's to notice; a byte now and then is ours. */
static bool
takes_too_long(sgl_peer *p, const struct evbuffer *in, bool is_new)
{
	struct timespec now;

	if (p->patience == 0 || evbuffer_get_length(in) == 0) {
		p->began = 0;
		return false;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (is_new || p->began == 0)
		p->began = now.tv_sec;
	return now.tv_sec - p->began > (time_t)p->patience;
}

/* It was not silent while we worked for it. */
static void
begin_patience(sgl_peer *p)
{
	const struct timeval limit = {.tv_sec = (time_t)p->patience};

	if (p->patience == 0)
		return;
	(void)event_base_update_cache_time(bufferevent_get_base(p->stream));
	(void)bufferevent_set_timeouts(p->stream, &limit, &limit);
}

void
sgl_peer_set_patience(sgl_peer *p, unsigned patience)
{
	p->patience = patience;
	begin_patience(p);
}

static void
on_read(struct bufferevent *stream, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(stream);
	bool bad = false, freed = false, came = false;
	sgl_peer *p = ctx;
	unsigned type;
	size_t len;

	p->freed = &freed;
	while (!freed && next(p, in, &type, &len, &bad)) {
		came = true;
		deliver(p, in, type, len);
	}
	if (!freed && came && p->handler.on_rest != NULL)
		p->handler.on_rest(p->ctx, p);
	if (freed)
		return;
	p->freed = NULL;
	if (came)
		begin_patience(p);
	if (bad || takes_too_long(p, in, came))
		end(p);
}

static void
on_event(struct bufferevent *stream, short what, void *ctx)
{
	(void)stream;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0)
		end(ctx);
}

static sgl_status
open_stream(sgl_peer *p, sgl_loop *loop, int fd, sgl_err *err)
{
	p->stream =
	    bufferevent_socket_new(loop->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (p->stream == NULL)
		return sgl_oom(err, ROOM);
	bufferevent_setcb(p->stream, on_read, NULL, on_event, p);
	(void)bufferevent_set_max_single_read(p->stream, PIECE);
	(void)bufferevent_set_max_single_write(p->stream, PIECE);
	begin_patience(p);
	(void)bufferevent_enable(p->stream, EV_READ | EV_WRITE);
	return SGL_OK;
}

sgl_status
sgl_peer_new(sgl_loop *loop, int fd, size_t max, unsigned patience,
    const sgl_peer_handler *handler, void *ctx, sgl_peer **out, sgl_err *err)
{
	sgl_peer *p = sgl_mem_zeroed(1, sizeof *p);
	sgl_status status;

	if (p == NULL)
		return sgl_oom(err, ROOM);
	p->handler = *handler;
	p->ctx = ctx;
	p->max = max;
	p->patience = patience;
	status = evutil_make_socket_nonblocking(fd) == 0
	    ? open_stream(p, loop, fd, err)
	    : sgl_oom(err, ROOM);
	if (status == SGL_OK)
		*out = p;
	else
		sgl_mem_free(p);
	return status;
}

void
sgl_peer_free(sgl_peer *p)
{
	if (p == NULL)
		return;
	if (p->freed != NULL)
		*p->freed = true;
	bufferevent_free(p->stream);
	sgl_mem_free(p);
}

sgl_status
sgl_peer_send(sgl_peer *p, unsigned type, sgl_slice body, sgl_err *err)
{
	struct evbuffer *out = bufferevent_get_output(p->stream);
	const sgl_wire_head head = sgl_wire_head_of(body.len, type);

	if (evbuffer_get_length(out) + body.len > QUEUE_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("another process does not read what it was sent"));
	if (evbuffer_add(out, head.bytes, sizeof head.bytes) != 0 ||
	    evbuffer_add(out, body.data, body.len) != 0)
		return sgl_oom(err, ROOM);
	return SGL_OK;
}

void
sgl_peer_rest(sgl_peer *p, bool rests)
{
	const struct timeval limit = {.tv_sec = (time_t)p->patience};

	p->began = 0;
	if (p->patience > 0)
		(void)bufferevent_set_timeouts(
		    p->stream, rests ? NULL : &limit, rests ? NULL : &limit);
}

bool
sgl_peer_user(const sgl_peer *p, unsigned *uid)
{
	struct ucred who;
	socklen_t len = sizeof who;

	if (getsockopt(bufferevent_getfd(p->stream), SOL_SOCKET, SO_PEERCRED,
		&who, &len) != 0)
		return false;
	*uid = (unsigned)who.uid;
	return true;
}
