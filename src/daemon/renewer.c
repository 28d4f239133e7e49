/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/renewer.h"
#include "ca/renew.h"
#include "sys/journal.h"

#define ROOM "daemon.renewer"
#define SECONDS 5	/* between two turns */
#define PER_TURN 4	/* certificates */
#define IDLE_TURNS 120	/* when nothing was to be done: ten minutes */
#define ACTOR "renewal" /* in the record of what was done */

struct sgl_renewer {
	sgl_session *session;
	sgl_wait *wait;
	bool is_awake;
	unsigned idle;	/* turns to leave out */
	int64_t after;	/* below this number all is done, or failed */
	bool has_begun; /* this round */
};

/* One change, kept or not as a whole. */
static sgl_status
change(sgl_renewer *r, sgl_status (*work)(sgl_home *, void *, sgl_err *),
    void *ctx, sgl_err *err)
{
	sgl_home *home = r->session->home;
	sgl_err aside = {0};
	sgl_status status;

	sgl_home_set_actor(home, ACTOR);
	TRY(sgl_home_begin(home, err));
	status = work(home, ctx, err);
	if (status == SGL_OK)
		status = sgl_session_commit(r->session, &aside, err);
	if (status != SGL_OK)
		sgl_home_rollback(home);
	if (aside.status != SGL_OK)
		sgl_journal_err("publish", &aside);
	return status;
}

static sgl_status
renew(sgl_home *home, void *ctx, sgl_err *err)
{
	return sgl_renew_one(home, ctx, err);
}

static sgl_status
settle(sgl_home *home, void *ctx, sgl_err *err)
{
	(void)ctx;
	return sgl_renew_settle(home, err);
}

static sgl_status
end_all(sgl_home *home, void *ctx, sgl_err *err)
{
	(void)ctx;
	return sgl_renew_all_end(home, err);
}

/* The end of a round: until the next one there is time. */
static sgl_status
end_round(sgl_renewer *r, int64_t up_to, sgl_err *err)
{
	r->after = 0;
	r->has_begun = false;
	r->idle = IDLE_TURNS;
	return up_to == 0 ? SGL_OK : change(r, end_all, NULL, err);
}

/* No keys, no database, no memory: the next one would fare no better. */
static bool
is_everybodys(sgl_status status)
{
	return status == SGL_E_PASSWORD || status == SGL_E_IO ||
	    status == SGL_E_NOMEM;
}

/* The next turn finds keys that are made now. */
static bool
awaits_keys(const sgl_renewer *r)
{
	sgl_keeper *keeper = sgl_home_keeper(r->session->home);
	sgl_lack lack;
	size_t have;

	return keeper != NULL && sgl_keeper_take_lack(keeper, &lack) &&
	    sgl_keeper_want(keeper, lack.sort, lack.num, &have, NULL) == SGL_OK;
}

/* A failure of one is noted, and left behind. */
static sgl_status
do_next(sgl_renewer *r, sgl_err *err)
{
	sgl_renewal next;
	int64_t up_to;
	bool found;
	sgl_err failure = {0};
	sgl_status status;

	TRY(sgl_renew_all_get(r->session->home, &up_to, err));
	TRY(sgl_renew_next(
	    r->session->home, up_to, r->after, &next, &found, err));
	if (!found)
		return end_round(r, up_to, err);
	status = change(r, renew, &next, &failure);
	if (status != SGL_OK && awaits_keys(r))
		return SGL_OK;
	if (is_everybodys(status)) {
		*err = failure;
		return status;
	}
	r->after = next.id;
	if (status != SGL_OK)
		sgl_journal_err("renewal", &failure);
	return SGL_OK;
}

static sgl_status
do_turn(sgl_renewer *r, sgl_err *err)
{
	if (!r->has_begun)
		TRY(change(r, settle, NULL, err));
	r->has_begun = true;
	for (int i = 0; i < PER_TURN && r->has_begun; i++)
		TRY(do_next(r, err));
	return SGL_OK;
}

static void
on_turn(void *ctx)
{
	sgl_renewer *r = ctx;
	sgl_err err = {0};

	if (!r->is_awake)
		return;
	if (r->idle > 0) {
		r->idle--;
		return;
	}
	if (do_turn(r, &err) == SGL_OK)
		return;
	sgl_journal_err("renewal", &err);
	r->idle = IDLE_TURNS;
}

sgl_status
sgl_renewer_new(
    sgl_loop *loop, sgl_session *session, sgl_renewer **out, sgl_err *err)
{
	sgl_renewer *r = sgl_mem_zeroed(1, sizeof *r);
	sgl_status status;

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->session = session;
	status = sgl_wait_every(loop, SECONDS, on_turn, r, &r->wait, err);
	if (status == SGL_OK)
		*out = r;
	else
		sgl_mem_free(r);
	return status;
}

void
sgl_renewer_free(sgl_renewer *r)
{
	if (r == NULL)
		return;
	sgl_wait_free(r->wait);
	sgl_mem_free(r);
}

void
sgl_renewer_wake(sgl_renewer *r)
{
	r->is_awake = true;
	r->idle = 0;
}

void
sgl_renewer_rest(sgl_renewer *r)
{
	r->is_awake = false;
}
