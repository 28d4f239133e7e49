/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maker: finds primes, which takes seconds, so that neither the keyholder nor
 * control stand still. It is several processes, so that all cores can be used:
 * one that passes on orders and keys, and others that make one key at a time.
 * All have a low priority. It keeps no key, and knows of nobody.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/maker_line.h"
#include "sys/fail.h"
#include "sys/harden.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "vault/keeper_wire.h"

#define ROOM "daemon.maker"
#define NICENESS 10
#define LOOK 10 /* seconds between two looks at who is busy */

typedef struct worker {
	struct maker *owner;
	sgl_peer *peer; /* NULL: it is not there */
	bool is_busy;
	unsigned looks; /* since it is */
} worker;

typedef struct maker {
	const sgl_daemon_start *start;
	sgl_engine *engine;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash, *on_look;
	sgl_peer *keyholder; /* NULL until we are joined */
	size_t num;
	worker workers[SGL_DAEMON_KEY_MAKERS_MAX];
} maker;

/* ----------------------------------------------------------- the workers ---
 */

static sgl_status
close_off(const maker *m, sgl_err *err)
{
	const sgl_sandbox none = {.best_effort = m->start->config->best_effort};

	return sgl_sandbox_enter(&none, err);
}

/* What cannot be made is told as an empty one. */
static sgl_status
send_key(sgl_channel *channel, sgl_key_sort sort, sgl_slice pkcs8, sgl_err *err)
{
	sgl_buf body = {.max = SGL_MAKER_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&body);
	sgl_status status;

	sgl_keeper_add_sort(&w, sort);
	sgl_wire_add_bytes(&w, pkcs8);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_channel_send(
		    channel, SGL_MAKER_KEY, sgl_buf_slice(&body), err);
	sgl_buf_wipe(&body);
	return status;
}

static sgl_status
make(sgl_engine *engine, sgl_key_sort sort, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(sgl_key_generate(engine, sort.kind, sort.bits, &key, err));
	return sgl_key_write(key, out, err);
}

static sgl_status
work_on(const maker *m, sgl_channel *orders, bool *ended, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_key_sort sort;
	sgl_err failure = {0};
	sgl_unwire u;
	sgl_slice body;
	unsigned type;

	TRY(sgl_channel_receive(
	    orders, SGL_MAKER_MESSAGE, &type, &body, ended, err));
	if (*ended)
		return SGL_OK;
	u = sgl_unwire_over(body);
	sort = sgl_keeper_read_sort(&u);
	TRY(sgl_unwire_end(&u, err));
	if (make(m->engine, sort, &pkcs8, &failure) != SGL_OK)
		sgl_journal_err("make", &failure);
	return send_key(orders, sort, sgl_secret_slice(&pkcs8), err);
}

/* Ends with the one that it was divided from. */
static int
be_worker(const maker *m, pid_t parent, int fd)
{
	SGL_AUTO(sgl_channel)
	orders = NULL;
	bool ended = false;
	sgl_err err = {0};
	sgl_status status;

	if (!sgl_sys_end_with(parent))
		return 1;
	status = sgl_channel_new(fd, &orders, &err);
	if (status == SGL_OK)
		status = close_off(m, &err);
	while (status == SGL_OK && !ended)
		status = work_on(m, orders, &ended, &err);
	if (status != SGL_OK)
		sgl_journal_err("ended", &err);
	return status == SGL_OK ? 0 : 1;
}

/* ------------------------------------------------------------ passing on ---
 */

/* The keyholder orders no more than there are workers for. */
static void
pass_order(maker *m, sgl_slice body)
{
	sgl_err err = {0};

	for (size_t i = 0; i < m->num; i++) {
		worker *w = &m->workers[i];

		if (w->is_busy || w->peer == NULL)
			continue;
		if (sgl_peer_send(w->peer, SGL_MAKER_ORDER, body, &err) !=
		    SGL_OK)
			sgl_journal_err("order", &err);
		w->is_busy = true;
		w->looks = 0;
		return;
	}
}

static void
on_order(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	(void)peer;
	if (type == SGL_MAKER_ORDER)
		pass_order(ctx, body);
}

/* Orders of one that is gone are nobody's; what comes of them is not passed
 * on. */
static void
leave_keyholder(maker *m)
{
	sgl_peer_free(m->keyholder);
	m->keyholder = NULL;
}

static void
on_keyholder_gone(void *ctx, sgl_peer *peer)
{
	(void)peer;
	leave_keyholder(ctx);
}

static void
on_key(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	worker *w = ctx;
	const maker *m = w->owner;
	sgl_err err = {0};

	(void)peer;
	w->is_busy = false;
	if (m->keyholder != NULL &&
	    sgl_peer_send(m->keyholder, type, body, &err) != SGL_OK)
		sgl_journal_err("key", &err);
}

/* All begin anew then: the supervisor sees to that. */
static void
on_worker_gone(void *ctx, sgl_peer *peer)
{
	worker *w = ctx;

	sgl_peer_free(peer);
	w->peer = NULL;
	sgl_loop_stop(w->owner->loop);
}

/* Nobody else knows of the workers: for one that hangs, too, all begin anew.
 * Our own looks are counted, as the supervisor counts its ticks. */
static void
on_look(void *ctx)
{
	maker *m = ctx;
	const unsigned patience = m->start->config->patience;

	for (size_t i = 0; i < m->num; i++) {
		worker *w = &m->workers[i];

		if (!w->is_busy || patience == 0 ||
		    ++w->looks * LOOK <= patience)
			continue;
		sgl_journal_event(SGL_LEVEL_ERROR, "worker-hangs");
		sgl_loop_stop(m->loop);
		return;
	}
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_order, .on_end = on_keyholder_gone};
	maker *m = ctx;
	sgl_status status;

	if (role != SGL_ROLE_KEYHOLDER) {
		(void)close(fd);
		return SGL_OK;
	}
	leave_keyholder(m);
	status = sgl_peer_new(
	    m->loop, fd, SGL_MAKER_MESSAGE, 0, &handler, m, &m->keyholder, err);
	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

/* --------------------------------------------------------------- the life ---
 */

static sgl_status
start_worker(maker *m, int *end, sgl_err *err)
{
	const pid_t parent = getpid();
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	pid = fork();
	if (pid == 0) {
		(void)close(SGL_LEASH_FD);
		(void)close(ends[0]);
		_exit(be_worker(m, parent, ends[1]));
	}
	(void)close(ends[1]);
	if (pid > 0) {
		*end = ends[0];
		return SGL_OK;
	}
	(void)close(ends[0]);
	return sgl_fail_errno(err, errno, ROOM, NULL);
}

/* Divided before there is anything that both would wait for. */
static sgl_status
start_workers(maker *m, int *ends, sgl_err *err)
{
	(void)signal(SIGCHLD, SIG_IGN);
	for (m->num = 0; m->num < sgl_daemon_key_makers(m->start->config);
	     m->num++)
		TRY(start_worker(m, &ends[m->num], err));
	return SGL_OK;
}

static sgl_status
listen_to_workers(maker *m, const int *ends, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_key, .on_end = on_worker_gone};

	for (size_t i = 0; i < m->num; i++) {
		worker *w = &m->workers[i];

		w->owner = m;
		TRY(sgl_peer_new(m->loop, ends[i], SGL_MAKER_MESSAGE, 0,
		    &handler, w, &w->peer, err));
	}
	return SGL_OK;
}

static sgl_status
run(maker *m, sgl_err *err)
{
	int ends[SGL_DAEMON_KEY_MAKERS_MAX];

	/* Who was started nicer than that may not take it back. */
	if (getpriority(PRIO_PROCESS, 0) < NICENESS &&
	    setpriority(PRIO_PROCESS, 0, NICENESS) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	TRY(sgl_engine_new(NULL, &m->engine, err));
	TRY(start_workers(m, ends, err));
	TRY(sgl_loop_new(&m->loop, err));
	TRY(listen_to_workers(m, ends, err));
	m->leash = (sgl_leash){.channel = m->start->leash,
	    .loop = m->loop,
	    .on_peer = on_peer,
	    .ctx = m};
	TRY(sgl_leash_follow(&m->leash, &m->on_leash, err));
	TRY(sgl_wait_every(m->loop, LOOK, on_look, m, &m->on_look, err));
	TRY(close_off(m, err));
	TRY(sgl_leash_ready(m->start->leash, err));
	return sgl_loop_run(m->loop, err);
}

sgl_status
sgl_maker_run(const sgl_daemon_start *start, sgl_err *err)
{
	maker m = {.start = start};
	sgl_status status;

	sgl_signals_leave_to_parent();
	status = run(&m, err);
	leave_keyholder(&m);
	for (size_t i = 0; i < m.num; i++)
		sgl_peer_free(m.workers[i].peer);
	sgl_wait_free(m.on_look);
	sgl_wait_free(m.on_leash);
	sgl_loop_free(m.loop);
	sgl_engine_free(m.engine);
	return status;
}
