/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop_inside.h"
#include "sys/text.h"

#define ROOM "net.loop"

struct sgl_wait {
	struct event *event;
	sgl_on_due *on_due;
	void *ctx;
};

static sgl_status
refuse(sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("waiting for connections does not work on this system"));
}

/* What passes through libevent may be a password or a ticket: none of it is
 * left behind in memory that is free. */
static void
free_wiped(void *p)
{
	if (p == NULL)
		return;
	sgl_mem_wipe(p, malloc_usable_size(p));
	free(p);
}

static void *
resize_wiped(void *old, size_t size)
{
	size_t had = old == NULL ? 0 : malloc_usable_size(old);
	void *fresh = malloc(size);

	if (fresh == NULL)
		return NULL;
	if (had > 0)
		memcpy(fresh, old, had < size ? had : size);
	free_wiped(old);
	return fresh;
}

static struct event_base *
base_new(int flags)
{
	struct event_config *how = event_config_new();
	struct event_base *base = NULL;

	if (how == NULL)
		return NULL;
	if (event_config_set_flag(how, flags) == 0)
		base = event_base_new_with_config(how);
	event_config_free(how);
	return base;
}

static sgl_status
loop_new(int flags, sgl_loop **out, sgl_err *err)
{
	sgl_loop *loop = sgl_mem_zeroed(1, sizeof *loop);

	event_set_mem_functions(malloc, resize_wiped, free_wiped);
	if (loop == NULL)
		return sgl_oom(err, ROOM);
	loop->base = base_new(flags);
	if (loop->base == NULL) {
		sgl_mem_free(loop);
		return refuse(err);
	}
	*out = loop;
	return SGL_OK;
}

sgl_status
sgl_loop_new(sgl_loop **out, sgl_err *err)
{
	return loop_new(0, out, err);
}

sgl_status
sgl_loop_new_for_many(sgl_loop **out, sgl_err *err)
{
	return loop_new(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, out, err);
}

void
sgl_loop_free(sgl_loop *loop)
{
	if (loop == NULL)
		return;
	event_base_free(loop->base);
	sgl_mem_free(loop);
}

sgl_status
sgl_loop_run(sgl_loop *loop, sgl_err *err)
{
	return event_base_dispatch(loop->base) < 0 ? refuse(err) : SGL_OK;
}

void
sgl_loop_stop(sgl_loop *loop)
{
	(void)event_base_loopbreak(loop->base);
}

static void
on_event(evutil_socket_t fd, short what, void *ctx)
{
	const sgl_wait *w = ctx;

	(void)fd;
	(void)what;
	w->on_due(w->ctx);
}

static sgl_status
wait_new(sgl_loop *loop, int fd, short what, const struct timeval *every,
    const sgl_wait *how, sgl_wait **out, sgl_err *err)
{
	sgl_wait *w = sgl_mem_zeroed(1, sizeof *w);

	if (w == NULL)
		return sgl_oom(err, ROOM);
	*w = *how;
	w->event = event_new(loop->base, fd, what, on_event, w);
	if (w->event == NULL || event_add(w->event, every) != 0) {
		sgl_wait_free(w);
		return refuse(err);
	}
	*out = w;
	return SGL_OK;
}

void
sgl_wait_free(sgl_wait *w)
{
	if (w == NULL)
		return;
	if (w->event != NULL)
		event_free(w->event);
	sgl_mem_free(w);
}

sgl_status
sgl_wait_readable(sgl_loop *loop, int fd, sgl_on_due *on_due, void *ctx,
    sgl_wait **out, sgl_err *err)
{
	const sgl_wait how = {.on_due = on_due, .ctx = ctx};

	return wait_new(loop, fd, EV_READ | EV_PERSIST, NULL, &how, out, err);
}

sgl_status
sgl_wait_every(sgl_loop *loop, unsigned seconds, sgl_on_due *on_due, void *ctx,
    sgl_wait **out, sgl_err *err)
{
	return sgl_wait_often(loop, 1000 * seconds, on_due, ctx, out, err);
}

sgl_status
sgl_wait_often(sgl_loop *loop, unsigned milliseconds, sgl_on_due *on_due,
    void *ctx, sgl_wait **out, sgl_err *err)
{
	const struct timeval every = {.tv_sec = (time_t)(milliseconds / 1000),
	    .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)};
	const sgl_wait how = {.on_due = on_due, .ctx = ctx};

	return wait_new(loop, -1, EV_PERSIST, &every, &how, out, err);
}

sgl_status
sgl_wait_signal(sgl_loop *loop, int number, sgl_on_due *on_due, void *ctx,
    sgl_wait **out, sgl_err *err)
{
	const sgl_wait how = {.on_due = on_due, .ctx = ctx};

	return wait_new(
	    loop, number, EV_SIGNAL | EV_PERSIST, NULL, &how, out, err);
}
