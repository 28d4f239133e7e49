/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/errands.h"
#include "daemon/fetch_wire.h"
#include "net/peer.h"
#include "sys/journal.h"
#include "sys/text.h"

#define ROOM "daemon.errands"
#define PATIENCE 60 /* seconds until the fetcher must be there */
#define SLACK 15    /* seconds that an answer may take longer than it may */
#define TRIES 2	    /* of one errand, at which it may end */

typedef struct errand {
	sgl_buf order; /* as it is sent */
	sgl_errand_done *done;
	void *ctx;
	unsigned seconds; /* that it may take */
	unsigned tries, waited;
	struct errand *next;
} errand;

struct sgl_errands {
	sgl_loop *loop;
	sgl_channel *leash;
	sgl_peer *fetcher; /* NULL: it is not there */
	errand *first;	   /* the one that it was sent for */
};

static void
errand_free(errand *e)
{
	if (e == NULL)
		return;
	sgl_buf_clear(&e->order);
	sgl_mem_free(e);
}

sgl_status
sgl_errands_new(
    sgl_loop *loop, sgl_channel *leash, sgl_errands **out, sgl_err *err)
{
	sgl_errands *e = sgl_mem_zeroed(1, sizeof *e);

	if (e == NULL)
		return sgl_oom(err, ROOM);
	e->loop = loop;
	e->leash = leash;
	*out = e;
	return SGL_OK;
}

void
sgl_errands_free(sgl_errands *e)
{
	if (e == NULL)
		return;
	while (e->first != NULL) {
		errand *one = e->first;

		e->first = one->next;
		errand_free(one);
	}
	sgl_peer_free(e->fetcher);
	sgl_mem_free(e);
}

/* ------------------------------------------------------------- sending --- */

static void
leave(sgl_errands *e)
{
	sgl_peer_free(e->fetcher);
	e->fetcher = NULL;
}

/* Whoever is told may send for more. */
static void
end_first(sgl_errands *e, const sgl_fetched *came, const sgl_err *failure)
{
	errand *one = e->first;

	e->first = one->next;
	one->done(one->ctx, came, failure);
	errand_free(one);
}

static sgl_status
call(sgl_errands *e, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	sgl_leash_add_peer(&w, SGL_ROLE_FETCHER);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    e->leash, SGL_LEASH_WANT, sgl_buf_slice(&body), err);
}

static void
send_first(sgl_errands *e)
{
	sgl_err err = {0};

	if (e->first == NULL) {
		leave(e);
		return;
	}
	e->first->tries++;
	e->first->waited = 0;
	if (sgl_peer_send(e->fetcher, SGL_FETCH_ORDER,
		sgl_buf_slice(&e->first->order), &err) != SGL_OK) {
		sgl_journal_err("fetch", &err);
		leave(e);
	}
}

sgl_status
sgl_errands_send(sgl_errands *e, const sgl_fetch_order *order,
    sgl_errand_done *done, void *ctx, sgl_err *err)
{
	errand *one = sgl_mem_zeroed(1, sizeof *one), **last = &e->first;
	const bool is_first = e->first == NULL;
	sgl_wire w;
	sgl_status status;

	if (one == NULL)
		return sgl_oom(err, ROOM);
	*one = (errand){.order = sgl_buf_init(SGL_FETCH_ORDER_MAX),
	    .done = done,
	    .ctx = ctx,
	    .seconds = order->seconds};
	w = sgl_wire_over(&one->order);
	sgl_fetch_add_order(&w, order);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK && is_first && e->fetcher == NULL)
		status = call(e, err);
	if (status != SGL_OK) {
		errand_free(one);
		return status;
	}
	while (*last != NULL)
		last = &(*last)->next;
	*last = one;
	return SGL_OK;
}

/* ------------------------------------------------------------ answers --- */

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	SGL_AUTO_CLEAR(sgl_fetched) came = {0};
	sgl_errands *e = ctx;
	sgl_unwire u = sgl_unwire_over(body);
	sgl_err failure = {0};
	sgl_status status;

	(void)peer;
	if (e->first == NULL)
		return; /* it answers what nobody asked */
	status = type == SGL_FETCH_CAME
	    ? sgl_fetch_read_came(&u, &came, &failure)
	    : sgl_failure_take(body, &failure);
	end_first(e, status == SGL_OK ? &came : NULL, &failure);
	send_first(e);
}

/* It is started again, and joined; unless this errand is what ends it. */
static void
on_gone(void *ctx, sgl_peer *peer)
{
	sgl_errands *e = ctx;
	sgl_err failure = {0};

	(void)peer;
	leave(e);
	if (e->first == NULL || e->first->tries < TRIES)
		return;
	(void)sgl_fail(&failure, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the process that fetches has ended over this"));
	end_first(e, NULL, &failure);
}

sgl_status
sgl_errands_join(sgl_errands *e, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_gone};

	leave(e);
	TRY(sgl_peer_new(e->loop, fd, SGL_CHANNEL_MESSAGE, 0, &handler, e,
	    &e->fetcher, err));
	send_first(e);
	return SGL_OK;
}

/* One that hangs is told to nobody but by its silence. */
void
sgl_errands_tick(sgl_errands *e)
{
	const bool is_there = e->fetcher != NULL;
	sgl_err failure = {0};

	if (e->first == NULL ||
	    ++e->first->waited <
		(is_there ? e->first->seconds + SLACK : PATIENCE))
		return;
	(void)sgl_fail(&failure, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    is_there ? N_("the process that fetches does not answer")
		     : N_("the process that fetches does not start: its log "
			  "says why"));
	leave(e);
	end_first(e, NULL, &failure);
}
