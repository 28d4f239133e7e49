/* SPDX-License-Identifier: Apache-2.0 */
/* front: speaks HTTP with strangers. It has no files and no keys; what it may
 * tell it asks control for. */
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/tls.h"
#include "daemon/front_metrics.h"
#include "daemon/front_serve.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "sys/text.h"

#define BODY_MAX ((size_t)64 << 10)

typedef struct front {
	const sgl_daemon_start *start;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash;
	sgl_engine *engine;
	sgl_http *http, *https;
	sgl_tls *tls; /* of https */
	sgl_front_tools tools;
	sgl_outlet *outlet;
	sgl_front_metrics *metrics;
	sgl_peer *control; /* NULL until we are joined */
} front;

static void
on_request(
    void *ctx, const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const front *f = ctx;

	sgl_front_serve(&f->tools, f->outlet, request, exchange);
}

/* ---------------------------------------------------------------- control ---
 */

static void
leave_control(front *f)
{
	if (f->outlet != NULL)
		sgl_outlet_set_control(f->outlet, NULL);
	if (f->metrics != NULL)
		sgl_front_metrics_set_control(f->metrics, NULL);
	sgl_peer_free(f->control);
	f->control = NULL;
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	const front *f = ctx;

	(void)peer;
	if (!sgl_outlet_hear(f->outlet, type, body))
		(void)sgl_front_metrics_hear(f->metrics, type, body);
}

static void
on_gone(void *ctx, sgl_peer *peer)
{
	(void)peer;
	leave_control(ctx);
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_gone};
	front *f = ctx;
	sgl_status status;

	(void)role; /* there is no other */
	leave_control(f);
	status = sgl_peer_new(
	    f->loop, fd, SGL_CHANNEL_MESSAGE, 0, &handler, f, &f->control, err);
	if (status != SGL_OK) {
		(void)close(fd);
		return status;
	}
	sgl_outlet_set_control(f->outlet, f->control);
	sgl_front_metrics_set_control(f->metrics, f->control);
	return SGL_OK;
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
	else
		sgl_http_watch(f->http, sgl_front_metrics_note, f->metrics);
	return status;
}

/* ------------------------------------------------------------ monitoring ---
 */

static sgl_status
on_metrics(void *ctx, int fd, sgl_err *err)
{
	const front *f = ctx;
	sgl_status status = sgl_front_metrics_listen(f->metrics, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static void
on_processes(void *ctx, const sgl_processes *p)
{
	const front *f = ctx;

	sgl_front_metrics_set_processes(f->metrics, p);
}

/* ----------------------------------------------------------------- TLS ---
 */

/* Connections that there are keep the old certificate. One that cannot be used
 * leaves the old one in use. */
static sgl_status
on_tls(void *ctx, sgl_slice body, sgl_err *err)
{
	front *f = ctx;
	sgl_tls *fresh;

	TRY(sgl_leash_read_tls(body, &fresh, err));
	if (f->https != NULL)
		sgl_http_use_tls(f->https, fresh);
	sgl_tls_free(f->tls);
	f->tls = fresh;
	return SGL_OK;
}

static sgl_status
listen_privately(front *f, int fd, sgl_err *err)
{
	sgl_http_free(f->https);
	f->https = NULL;
	TRY(sgl_http_new(f->loop, fd, BODY_MAX, on_request, f, &f->https, err));
	sgl_http_use_tls(f->https, f->tls);
	sgl_http_watch(f->https, sgl_front_metrics_note, f->metrics);
	return SGL_OK;
}

static sgl_status
on_tls_socket(void *ctx, int fd, sgl_err *err)
{
	front *f = ctx;
	sgl_status status = f->tls == NULL
	    ? sgl_fail(err, SGL_E_IO, "daemon.front", SGL_NO_OFFSET,
		  N_("a socket for TLS came, but no certificate"))
	    : listen_privately(f, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static sgl_status
on_enrol(void *ctx, int fd, sgl_err *err)
{
	const front *f = ctx;
	sgl_status status = sgl_front_line_join(f->tools.line, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

/* ---------------------------------------------------------------- life --- */

static sgl_status
run(front *f, sgl_err *err)
{
	const sgl_sandbox fence = {
	    .may_accept = true, .best_effort = f->start->config->best_effort};

	TRY(sgl_loop_new_for_many(&f->loop, err));
	TRY(sgl_engine_new(NULL, &f->engine, err));
	f->tools.engine = f->engine;
	TRY(sgl_front_line_new(f->loop, &f->tools.line, err));
	TRY(sgl_outlet_new(f->loop, &f->outlet, err));
	TRY(sgl_front_metrics_new(f->loop, f->outlet, &f->metrics, err));
	f->leash = (sgl_leash){.channel = f->start->leash,
	    .loop = f->loop,
	    .on_socket = on_socket,
	    .on_peer = on_peer,
	    .on_enrol = on_enrol,
	    .on_tls = on_tls,
	    .on_tls_socket = on_tls_socket,
	    .on_metrics = on_metrics,
	    .on_processes = on_processes,
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
	sgl_front_line_free(f.tools.line);
	leave_control(&f);
	sgl_outlet_free(f.outlet);
	sgl_http_free(f.http);
	sgl_http_free(f.https);
	sgl_front_metrics_free(f.metrics);
	sgl_tls_free(f.tls);
	sgl_wait_free(f.on_leash);
	sgl_loop_free(f.loop);
	sgl_engine_free(f.engine);
	return status;
}
