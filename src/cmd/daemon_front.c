/* SPDX-License-Identifier: Apache-2.0 */
/* front: speaks HTTP with strangers. It has no files and no keys; what it may
 * tell it asks control for. */
#include <unistd.h>

#include "cmd/daemon.h"
#include "net/http.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"

#define BODY_MAX ((size_t)64 << 10)

typedef struct front {
	const sgl_daemon_start *start;
	sgl_loop *loop;
	sgl_wait *on_leash;
	sgl_http *http;
} front;

static void
on_request(
    void *ctx, const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const sgl_http_answer nothing = {.status = 404};

	(void)ctx;
	(void)request;
	sgl_http_answer_send(exchange, &nothing);
}

static sgl_status
listen_on(front *f, int fd, sgl_err *err)
{
	sgl_status status;

	sgl_http_free(f->http);
	f->http = NULL;
	status =
	    sgl_http_new(f->loop, fd, BODY_MAX, on_request, f, &f->http, err);
	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static sgl_status
obey(front *f, bool *ended, sgl_err *err)
{
	unsigned type;
	sgl_slice body;
	int fd;

	TRY(sgl_channel_receive(
	    f->start->leash, 1024, &type, &body, ended, err));
	fd = sgl_channel_take_fd(f->start->leash);
	if (*ended || fd < 0)
		return SGL_OK;
	if (type == SGL_LEASH_SOCKET)
		return listen_on(f, fd, err);
	(void)close(fd);
	return SGL_OK;
}

static void
on_leash(void *ctx)
{
	front *f = ctx;
	bool ended = false;
	sgl_err err = {0};
	sgl_status status = obey(f, &ended, &err);

	if (status != SGL_OK)
		sgl_journal_err("leash-failed", &err);
	if (status != SGL_OK || ended)
		sgl_loop_stop(f->loop);
}

static sgl_status
run(front *f, sgl_err *err)
{
	const sgl_sandbox fence = {
	    .may_accept = true, .best_effort = f->start->config->best_effort};

	TRY(sgl_loop_new(&f->loop, err));
	TRY(sgl_wait_readable(f->loop, sgl_channel_fd(f->start->leash),
	    on_leash, f, &f->on_leash, err));
	TRY(sgl_sandbox_enter(&fence, err));
	TRY(sgl_channel_send(
	    f->start->leash, SGL_LEASH_READY, (sgl_slice){NULL, 0}, err));
	return sgl_loop_run(f->loop, err);
}

sgl_status
sgl_front_run(const sgl_daemon_start *start, sgl_err *err)
{
	front f = {.start = start};
	sgl_status status;

	sgl_signals_leave_to_parent();
	status = run(&f, err);
	sgl_http_free(f.http);
	sgl_wait_free(f.on_leash);
	sgl_loop_free(f.loop);
	return status;
}
