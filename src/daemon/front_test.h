/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of front that strangers' requests go through, in the process of a test:
 * HTTP over a socket, EST, SCEP, what is published. The test is the client, and
 * control at the other end of both lines. What cannot be had is `false`;
 * nothing here fails by itself.
 */
#ifndef SGL_DAEMON_FRONT_TEST_H
#define SGL_DAEMON_FRONT_TEST_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/front_serve.h"
#include "sys/channel.h"

#define SGL_TEST_BODY ((size_t)64 << 10)
#define SGL_TEST_PATIENCE 5 /* seconds without anything */

typedef struct sgl_test_front {
	sgl_loop *loop;
	sgl_engine *engine;
	sgl_http *http;
	sgl_outlet *outlet;
	sgl_front_tools tools;
	sgl_peer *peer;		 /* front's end of what is published */
	sgl_channel *control;	 /* the test's */
	sgl_channel *enrolments; /* the test's end of the other line */
	struct sockaddr_in place;
	bool is_private; /* as if it came over TLS */
	bool is_late;	 /* nothing came in time */
} sgl_test_front;

static inline void
sgl_test_front_on_request(
    void *ctx, const sgl_http_request *request, sgl_http_exchange *exchange)
{
	sgl_test_front *f = ctx;
	sgl_http_request r = *request;

	r.is_private = f->is_private;
	sgl_front_serve(&f->tools, f->outlet, &r, exchange);
}

static inline void
sgl_test_front_on_message(
    void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	(void)peer;
	(void)sgl_outlet_hear(((sgl_test_front *)ctx)->outlet, type, body);
}

static inline void
sgl_test_front_leave(sgl_test_front *f)
{
	if (f->outlet != NULL)
		sgl_outlet_set_control(f->outlet, NULL);
	sgl_peer_free(f->peer);
	f->peer = NULL;
	sgl_channel_free(f->control);
	f->control = NULL;
}

static inline void
sgl_test_front_on_end(void *ctx, sgl_peer *peer)
{
	sgl_test_front *f = ctx;

	sgl_outlet_set_control(f->outlet, NULL);
	sgl_peer_free(peer);
	f->peer = NULL;
}

/* Control is there (anew). */
static inline sgl_status
sgl_test_front_join(sgl_test_front *f, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = sgl_test_front_on_message,
	    .on_end = sgl_test_front_on_end};
	sgl_status status;
	int ends[2];

	sgl_test_front_leave(f);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return SGL_E_IO;
	status = sgl_channel_new(ends[0], &f->control, err);
	if (status != SGL_OK)
		(void)close(ends[0]);
	if (status == SGL_OK)
		status = sgl_peer_new(f->loop, ends[1], SGL_CHANNEL_MESSAGE, 0,
		    &handler, f, &f->peer, err);
	if (f->peer == NULL)
		(void)close(ends[1]);
	TRY(status);
	sgl_outlet_set_control(f->outlet, f->peer);
	return SGL_OK;
}

static inline sgl_status
sgl_test_front_join_line(sgl_test_front *f, sgl_err *err)
{
	sgl_status status;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return SGL_E_IO;
	status = sgl_channel_new(ends[0], &f->enrolments, err);
	if (status != SGL_OK)
		(void)close(ends[0]);
	if (status == SGL_OK)
		status = sgl_front_line_join(f->tools.line, ends[1], err);
	if (status != SGL_OK)
		(void)close(ends[1]);
	return status;
}

/* Any port that is free. */
static inline int
sgl_test_front_open(struct sockaddr_in *place)
{
	socklen_t len = sizeof *place;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*place = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd >= 0 &&
	    (bind(fd, (const struct sockaddr *)place, len) != 0 ||
		listen(fd, 512) != 0 ||
		getsockname(fd, (struct sockaddr *)place, &len) != 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static inline sgl_status
sgl_test_front_listen(sgl_test_front *f, sgl_err *err)
{
	int fd = sgl_test_front_open(&f->place);
	sgl_status status = fd < 0
	    ? SGL_E_IO
	    : sgl_http_new(f->loop, fd, SGL_TEST_BODY,
		  sgl_test_front_on_request, f, &f->http, err);

	if (status != SGL_OK && fd >= 0)
		(void)close(fd);
	return status;
}

/* `engine` is borrowed. Cleared also where it could not be made. */
static inline sgl_status
sgl_test_front_init(sgl_test_front *f, sgl_engine *engine, sgl_err *err)
{
	*f = (sgl_test_front){.engine = engine, .tools.engine = engine};
	TRY(sgl_loop_new(&f->loop, err));
	TRY(sgl_front_line_new(f->loop, &f->tools.line, err));
	TRY(sgl_outlet_new(f->loop, &f->outlet, err));
	TRY(sgl_test_front_listen(f, err));
	TRY(sgl_test_front_join_line(f, err));
	return sgl_test_front_join(f, err);
}

static inline void
sgl_test_front_clear(sgl_test_front *f)
{
	sgl_front_line_free(f->tools.line);
	sgl_test_front_leave(f);
	sgl_outlet_free(f->outlet);
	sgl_http_free(f->http);
	sgl_channel_free(f->enrolments);
	sgl_loop_free(f->loop);
	*f = (sgl_test_front){0};
}

/* -------------------------------------------------------------- waiting ---
 */

static inline bool
sgl_test_is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

static inline void
sgl_test_front_stop(void *ctx)
{
	sgl_loop_stop(((sgl_test_front *)ctx)->loop);
}

static inline void
sgl_test_front_give_up(void *ctx)
{
	sgl_test_front *f = ctx;

	f->is_late = true;
	sgl_loop_stop(f->loop);
}

/* Front works until one of these can be read (-1: none); false: it does not
 * come. What the waits need is not what is tested. */
static inline bool
sgl_test_front_run(sgl_test_front *f, const int fds[3])
{
	sgl_wait *waits[4] = {NULL};
	bool good = sgl_wait_every(f->loop, SGL_TEST_PATIENCE,
			sgl_test_front_give_up, f, &waits[3], NULL) == SGL_OK;

	f->is_late = false;
	for (size_t i = 0; i < 3; i++)
		good = good &&
		    (fds[i] < 0 ||
			sgl_wait_readable(f->loop, fds[i], sgl_test_front_stop,
			    f, &waits[i], NULL) == SGL_OK);
	good = good && sgl_loop_run(f->loop, NULL) == SGL_OK;
	for (size_t i = 0; i < 4; i++)
		sgl_wait_free(waits[i]);
	return good && !f->is_late;
}

/* ------------------------------------------------------------- the client ---
 */

static inline int
sgl_test_front_dial(const sgl_test_front *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&f->place, sizeof f->place) !=
		0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static inline int
sgl_test_front_say(const sgl_test_front *f, sgl_slice request)
{
	int fd = sgl_test_front_dial(f);

	if (fd >= 0 &&
	    send(fd, request.data, request.len, MSG_NOSIGNAL) !=
		(ssize_t)request.len) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The rest of the answer, until front closes; then the socket is closed. */
static inline bool
sgl_test_front_hear(sgl_test_front *f, int client, sgl_buf *out)
{
	const int fds[3] = {client, -1, -1};
	uint8_t piece[4096];
	bool good;
	ssize_t n = 1;

	while ((good = sgl_test_is_readable(client) ||
		       sgl_test_front_run(f, fds)) &&
	    (n = recv(client, piece, sizeof piece, 0)) > 0)
		if (sgl_buf_add(out, sgl_slice_of(piece, (size_t)n), NULL) !=
		    SGL_OK)
			break;
	(void)close(client);
	return good && n <= 0;
}

#endif
