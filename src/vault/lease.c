/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "vault/lease.h"
#include "crypto/pubkey.h"

#define ROOM "vault.lease"
/* Before the time that the keyholder reads on its clock. */
#define SPARE 2

typedef struct lease {
	sgl_engine *engine;
	sgl_keeper *keeper;
	sgl_key *inner;
	int64_t uses;
	sgl_time expires;
	sgl_lease_order order; /* its question is in: */
	sgl_buf question;
} lease;

static void
release(void *ctx)
{
	lease *l = ctx;

	sgl_key_unref(l->inner);
	sgl_buf_clear(&l->question);
	sgl_mem_free(l);
}

static void
begin(lease *l, sgl_key *inner, const sgl_ticket *t)
{
	l->inner = inner;
	l->uses = t->uses;
	l->expires = t->expires;
}

static sgl_status
renew(lease *l, sgl_err *err)
{
	sgl_ticket ticket;
	sgl_key *inner;

	TRY(sgl_keeper_reopen(l->keeper, &l->order, &inner, &ticket, err));
	sgl_key_unref(l->inner);
	begin(l, inner, &ticket);
	return SGL_OK;
}

/* As many as the ticket at hand allows; *done tells how many these were. */
static sgl_status
use(lease *l, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, size_t *done, sgl_err *err)
{
	if (l->uses <= 0 || sgl_engine_now(l->engine) + SPARE >= l->expires)
		TRY(renew(l, err));
	*done = l->uses > 0 && l->uses < (int64_t)num ? (size_t)l->uses : num;
	l->uses -= (int64_t)*done;
	return sgl_key_ask_many(
	    l->engine, l->inner, requests, *done, answers, err);
}

static sgl_status
use_all(lease *l, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, sgl_err *err)
{
	size_t done;

	for (; num > 0; num -= done) {
		TRY(use(l, requests, num, answers, &done, err));
		requests += done;
		answers += done;
	}
	return SGL_OK;
}

/* Which key it was, where nobody has said more. */
static sgl_status
ask_many(void *ctx, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, sgl_err *err)
{
	lease *l = ctx;
	sgl_status status = use_all(l, requests, num, answers, err);

	if (status == SGL_E_IO && err != NULL && err->detail[0] == '\0')
		(void)snprintf(
		    err->detail, sizeof err->detail, "%s", l->order.name);
	return status;
}

static sgl_status
ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	return ask_many(ctx, request, 1, answer, err);
}

static sgl_status
fill(lease *l, const sgl_lease_order *order, sgl_err *err)
{
	l->question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	TRY(sgl_buf_add(&l->question, order->question, err));
	l->order = *order;
	l->order.question = sgl_buf_slice(&l->question);
	return SGL_OK;
}

sgl_status
sgl_lease_new(sgl_engine *engine, sgl_keeper *keeper, sgl_key *inner,
    const sgl_ticket *ticket, const sgl_lease_order *order, sgl_key **out,
    sgl_err *err)
{
	static const sgl_key_ops ops = {
	    .ask = ask, .release = release, .ask_many = ask_many};
	lease *l = sgl_mem_zeroed(1, sizeof *l);
	sgl_status status;

	if (l == NULL) {
		sgl_key_unref(inner);
		return sgl_oom(err, ROOM);
	}
	l->engine = engine;
	l->keeper = keeper;
	begin(l, inner, ticket);
	status = fill(l, order, err);
	if (status == SGL_OK)
		status = sgl_key_new_remote(
		    engine, sgl_key_get_spki(inner), &ops, l, out, err);
	if (status != SGL_OK)
		release(l);
	return status;
}
