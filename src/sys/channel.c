/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "sys/channel.h"
#include "sys/fail.h"
#include "sys/signals.h"
#include "sys/text.h"
#include "sys/wire.h"

#define ROOM "sys.channel"
/* What is read at a time: a length that was only announced costs nothing. */
#define PIECE ((size_t)64 << 10)

struct sgl_channel {
	int fd, came; /* came: with the last message, or -1 */
	bool late;
	int64_t patience, until; /* milliseconds for a message; 0: any time */
	sgl_status failed;
	sgl_buf in;
};

sgl_status
sgl_channel_new(int fd, sgl_channel **out, sgl_err *err)
{
	sgl_channel *c = sgl_mem_zeroed(1, sizeof *c);

	if (c == NULL)
		return sgl_oom(err, ROOM);
	c->fd = fd;
	c->came = -1;
	c->in = (sgl_buf){.max = SGL_CHANNEL_MESSAGE, .secret = true};
	*out = c;
	return SGL_OK;
}

static void
drop_fd(sgl_channel *c)
{
	if (c->came >= 0)
		(void)close(c->came);
	c->came = -1;
}

void
sgl_channel_free(sgl_channel *c)
{
	if (c == NULL)
		return;
	sgl_buf_wipe(&c->in);
	drop_fd(c);
	(void)close(c->fd);
	sgl_mem_free(c);
}

int
sgl_channel_fd(const sgl_channel *c)
{
	return c->fd;
}

bool
sgl_channel_is_open(const sgl_channel *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	return c->failed == SGL_OK && poll(&p, 1, 0) == 0;
}

bool
sgl_channel_is_late(const sgl_channel *c)
{
	return c->late;
}

int
sgl_channel_take_fd(sgl_channel *c)
{
	int fd = c->came;

	c->came = -1;
	return fd;
}

sgl_status
sgl_channel_patience(sgl_channel *c, unsigned seconds, sgl_err *err)
{
	const struct timeval t = {.tv_sec = (time_t)seconds};

	c->patience = (int64_t)seconds * 1000;
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) != 0 ||
	    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	return SGL_OK;
}

static int64_t
clock_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* From here on a message has to be done with in time, as a whole: the kernel
 * would begin anew at every byte. */
static void
begin_message(sgl_channel *c)
{
	c->until = c->patience > 0 ? clock_ms() + c->patience : INT64_MAX;
}

static bool
is_in_time(const sgl_channel *c)
{
	return c->patience == 0 || clock_ms() < c->until;
}

static sgl_status
repeat(const sgl_channel *c, sgl_err *err)
{
	return sgl_fail(err, c->failed, ROOM, SGL_NO_OFFSET,
	    N_("the conversation with another process of ours has failed"));
}

static sgl_status
gone(sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("another process of ours has ended"));
}

/* ------------------------------------------------------------- sending --- */

static sgl_status
send_all(const sgl_channel *c, sgl_slice bytes, sgl_err *err)
{
	while (bytes.len > 0) {
		ssize_t n = send(c->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (n >= 0 && (size_t)n < bytes.len && !is_in_time(c))
			return sgl_fail_errno(err, EAGAIN, ROOM, NULL);
		if (n >= 0)
			bytes = sgl_slice_from(bytes, (size_t)n);
		else if (errno == EPIPE || errno == ECONNRESET)
			return gone(err);
		else if (errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, NULL);
		else
			TRY(sgl_signals_check(ROOM, err));
	}
	return SGL_OK;
}

/* The descriptor travels with the first byte. */
static sgl_status
send_fd(int socket, uint8_t first, int fd, sgl_err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room = {0};
	struct iovec one = {.iov_base = &first, .iov_len = 1};
	struct msghdr m = {.msg_iov = &one,
	    .msg_iovlen = 1,
	    .msg_control = room.bytes,
	    .msg_controllen = sizeof room.bytes};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	while (sendmsg(socket, &m, MSG_NOSIGNAL) != 1) {
		if (errno == EPIPE || errno == ECONNRESET)
			return gone(err);
		if (errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, NULL);
		TRY(sgl_signals_check(ROOM, err));
	}
	return SGL_OK;
}

/* In one go: else whoever waits for it is woken for the head, and waits again.
 */
static sgl_status
send_both(const sgl_channel *c, sgl_slice head, sgl_slice body, sgl_err *err)
{
	struct iovec both[] = {
	    {.iov_base = (void *)(uintptr_t)head.data, .iov_len = head.len},
	    {.iov_base = (void *)(uintptr_t)body.data, .iov_len = body.len}};
	const struct msghdr m = {.msg_iov = both, .msg_iovlen = 2};
	ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	size_t sent = n > 0 ? (size_t)n : 0;

	/* What went wrong is said by the next try. */
	if (sent < head.len)
		TRY(send_all(c, sgl_slice_from(head, sent), err));
	return send_all(c,
	    sgl_slice_from(body, sent < head.len ? 0 : sent - head.len), err);
}

static sgl_status
send_message(
    sgl_channel *c, unsigned type, sgl_slice body, int along, sgl_err *err)
{
	const sgl_wire_head head = sgl_wire_head_of(body.len, type);
	sgl_slice rest = sgl_slice_of(head.bytes, sizeof head.bytes);

	begin_message(c);
	if (along >= 0) {
		TRY(send_fd(c->fd, head.bytes[0], along, err));
		rest = sgl_slice_from(rest, 1);
	}
	return send_both(c, rest, body, err);
}

sgl_status
sgl_channel_send(sgl_channel *c, unsigned type, sgl_slice body, sgl_err *err)
{
	return sgl_channel_send_fd(c, type, body, -1, err);
}

sgl_status
sgl_channel_send_fd(
    sgl_channel *c, unsigned type, sgl_slice body, int fd, sgl_err *err)
{
	if (c->failed != SGL_OK)
		return repeat(c, err);
	if (body.len > SGL_CHANNEL_MESSAGE)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too much for one message between our processes"));
	c->failed = send_message(c, type, body, fd, err);
	return c->failed;
}

/* ----------------------------------------------------------- receiving --- */

/* What a call says that could not receive. */
static sgl_status
not_received(sgl_channel *c, int error, sgl_err *err)
{
	c->late = error == EAGAIN || error == EWOULDBLOCK;
	return c->late ? sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
			     N_("another process of ours does not answer"))
		       : sgl_fail_errno(err, error, ROOM, NULL);
}

/* Fills `len` bytes; *got is less only where the other side has closed. */
static sgl_status
receive_all(sgl_channel *c, uint8_t *out, size_t len, size_t *got, sgl_err *err)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = recv(c->fd, out + *got, len - *got, 0);

		if (n > 0 && (size_t)n < len - *got && !is_in_time(c))
			return not_received(c, EAGAIN, err);
		if (n > 0)
			*got += (size_t)n;
		else if (n == 0 || errno == ECONNRESET)
			return SGL_OK;
		else if (errno != EINTR)
			return not_received(c, errno, err);
		else
			TRY(sgl_signals_check(ROOM, err));
	}
	return SGL_OK;
}

static void
keep_fd(sgl_channel *c, struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL;
	     h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		drop_fd(c);
		memcpy(&c->came, CMSG_DATA(h), sizeof c->came);
	}
}

/* The first byte of a message, and what came with it. The kernel is told of
 * room for one descriptor, without the padding, which would take a second one:
 * it closes any others. */
static sgl_status
receive_first(sgl_channel *c, uint8_t *first, size_t *got, sgl_err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room;
	struct iovec one = {.iov_base = first, .iov_len = 1};
	struct msghdr m = {.msg_iov = &one,
	    .msg_iovlen = 1,
	    .msg_control = room.bytes,
	    .msg_controllen = CMSG_LEN(sizeof(int))};
	ssize_t n;

	drop_fd(c);
	*got = 0;
	while ((n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC)) < 0) {
		if (errno == ECONNRESET)
			return SGL_OK;
		if (errno != EINTR)
			return not_received(c, errno, err);
		TRY(sgl_signals_check(ROOM, err));
	}
	*got = (size_t)n;
	keep_fd(c, &m);
	return SGL_OK;
}

static sgl_status
receive_body(sgl_channel *c, size_t len, sgl_err *err)
{
	while (c->in.len < len) {
		size_t left = len - c->in.len, got;
		size_t piece = left < PIECE ? left : PIECE;

		TRY(sgl_buf_reserve(&c->in, piece, err));
		TRY(receive_all(c, c->in.data + c->in.len, piece, &got, err));
		c->in.len += got;
		if (got < piece)
			return gone(err);
	}
	return SGL_OK;
}

static sgl_status
receive(sgl_channel *c, size_t max, unsigned *type, bool *ended, sgl_err *err)
{
	sgl_wire_head head;
	size_t got, len;

	TRY(receive_first(c, head.bytes, &got, err));
	*ended = got == 0;
	if (*ended)
		return SGL_OK;
	begin_message(c);
	TRY(receive_all(c, head.bytes + 1, SGL_WIRE_HEAD - 1, &got, err));
	if (got < SGL_WIRE_HEAD - 1)
		return gone(err);
	sgl_wire_head_read(&head, &len, type);
	if (len > max)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	return receive_body(c, len, err);
}

sgl_status
sgl_channel_receive(sgl_channel *c, size_t max, unsigned *type, sgl_slice *body,
    bool *ended, sgl_err *err)
{
	if (c->failed != SGL_OK)
		return repeat(c, err);
	sgl_buf_wipe(&c->in);
	*type = 0;
	c->failed = receive(c, max, type, ended, err);
	*body = sgl_buf_slice(&c->in);
	return c->failed;
}

void
sgl_channel_forget(sgl_channel *c)
{
	sgl_buf_wipe(&c->in);
}
