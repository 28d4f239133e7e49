/* SPDX-License-Identifier: Apache-2.0 */
/* front: speaks HTTP with strangers. It has no files and no keys; what it may
 * tell it asks control for. */
#include <unistd.h>

#include "cmd/daemon.h"
#include "net/http.h"
#include "sys/sandbox.h"
#include "sys/signals.h"

#define BODY_MAX ((size_t)64 << 10)

typedef struct front {
	const sgl_daemon_start *start;
	sgl_loop *loop;
	sgl_leash leash;
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
on_socket(void *ctx, int fd, sgl_err *err)
{
	front *f = ctx;
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
run(front *f, sgl_err *err)
{
	const sgl_sandbox fence = {
	    .may_accept = true, .best_effort = f->start->config->best_effort};

	TRY(sgl_loop_new(&f->loop, err));
	f->leash = (sgl_leash){.channel = f->start->leash,
	    .loop = f->loop,
	    .on_socket = on_socket,
	    .ctx = f};
	TRY(sgl_leash_follow(&f->leash, &f->on_leash, err));
	TRY(sgl_sandbox_enter(&fence, err));
	TRY(sgl_leash_ready(f->start->leash, err));
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
