/* SPDX-License-Identifier: Apache-2.0 */
/* fetcher: gets from the network what control wants. It has no files and no
 * keys, and reads strangers' bytes only as far as HTTP goes. It is started when
 * there is something to fetch, and ends when control has no more. */
#include <poll.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/fetch_wire.h"
#include "net/peer.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "sys/text.h"

typedef struct fetcher {
	const sgl_daemon_start *start;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash;
	sgl_peer *control; /* NULL until we are joined */
} fetcher;

/* Nobody waits for it any more. */
static bool
is_over(void *ctx)
{
	const fetcher *f = ctx;
	struct pollfd leash = {
	    .fd = sgl_channel_fd(f->start->leash), .events = POLLRDHUP};

	return poll(&leash, 1, 0) > 0;
}

static sgl_status
send_came(fetcher *f, const sgl_fetched *came, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);

	sgl_fetch_add_came(&w, came);
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(
	    f->control, SGL_FETCH_CAME, sgl_buf_slice(&body), err);
}

static sgl_status
send_failure(fetcher *f, const sgl_err *failure, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(16384);

	TRY(sgl_failure_write(failure, &body, err));
	return sgl_peer_send(
	    f->control, SGL_MESSAGE_FAILURE, sgl_buf_slice(&body), err);
}

/* Control says which addresses it means; the settings have the last word. */
static sgl_status
obey(fetcher *f, unsigned type, sgl_slice body, sgl_fetched *came, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_fetch_read read;

	sgl_fetch_read_order(&u, &read);
	TRY(sgl_unwire_end(&u, err));
	if (type != SGL_FETCH_ORDER)
		return sgl_fail(err, SGL_E_IO, "daemon.fetcher", SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	read.order.only_public = read.order.only_public ||
	    f->start->config->fetch_private == SGL_PRIVATE_NEVER;
	read.order.is_over = is_over;
	read.order.ctx = f;
	return sgl_fetch(&read.order, came, err);
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	SGL_AUTO_CLEAR(sgl_fetched) came = {0};
	fetcher *f = ctx;
	sgl_err failure = {0}, err = {0};
	sgl_status status = obey(f, type, body, &came, &failure);

	(void)peer;
	if ((status == SGL_OK ? send_came(f, &came, &err)
			      : send_failure(f, &failure, &err)) != SGL_OK)
		sgl_journal_err("answer", &err);
}

static void
on_gone(void *ctx, sgl_peer *peer)
{
	fetcher *f = ctx;

	(void)peer;
	sgl_loop_stop(f->loop);
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_gone};
	fetcher *f = ctx;
	sgl_status status;

	(void)role; /* there is no other */
	sgl_peer_free(f->control);
	f->control = NULL;
	status = sgl_peer_new(
	    f->loop, fd, SGL_FETCH_ORDER_MAX, 0, &handler, f, &f->control, err);
	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static sgl_status
run(fetcher *f, sgl_err *err)
{
	const sgl_sandbox fence = {
	    .may_fetch = true, .best_effort = f->start->config->best_effort};

	TRY(sgl_loop_new(&f->loop, err));
	f->leash = (sgl_leash){.channel = f->start->leash,
	    .loop = f->loop,
	    .on_peer = on_peer,
	    .ctx = f};
	TRY(sgl_leash_follow(&f->leash, &f->on_leash, err));
	TRY(sgl_fetch_prepare(err));
	TRY(sgl_sandbox_enter(&fence, err));
	TRY(sgl_leash_ready(f->start->leash, err));
	return sgl_loop_run(f->loop, err);
}

sgl_status
sgl_fetcher_run(const sgl_daemon_start *start, sgl_err *err)
{
	fetcher f = {.start = start};
	sgl_status status;

	sgl_signals_leave_to_parent();
	status = run(&f, err);
	sgl_peer_free(f.control);
	sgl_wait_free(f.on_leash);
	sgl_loop_free(f.loop);
	return status;
}
