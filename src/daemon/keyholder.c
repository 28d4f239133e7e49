/* SPDX-License-Identifier: Apache-2.0 */
/* keyholder: has the master key, and answers whoever the supervisor joins it
 * with. */
#include <stdio.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/maker_line.h"
#include "daemon/token_list.h"
#include "org/home.h"
#include "org/keys.h"
#include "org/place.h"
#include "sys/harden.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "sys/text.h"
#include "vault/keeper.h"

#define ROOM "daemon.keyholder"
#define TOKEN_WAITS                                                            \
	60	       /* tenths of a second until the token process is there  \
			*/
#define TOKEN_RETRY 10 /* seconds */
#define QUESTION_MAX (SGL_FARKEY_INPUT + ((size_t)1 << 20))

typedef struct keyholder {
	const sgl_daemon_start *start;
	sgl_engine *engine;
	sgl_keeper *keeper;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash, *on_control;
	sgl_channel *control; /* NULL until we are joined */
	sgl_keeper_server *server;
	sgl_stock *stock;
	sgl_maker_line *makers;
	bool is_locked; /* as the supervisor was told */
	sgl_ticket_gate gate;
	sgl_time told; /* when we last told of a refusal */
	sgl_token_line line;
	sgl_token_source tokens;
	sgl_wait *on_tick;
	sgl_status token_failed; /* why the ways by token led nowhere */
	bool is_serving;
	int next_control; /* -1; else to be joined with after serving */
} keyholder;

static void
leave_control(keyholder *k)
{
	sgl_wait_free(k->on_control);
	sgl_keeper_server_free(k->server);
	sgl_channel_free(k->control);
	k->on_control = NULL;
	k->server = NULL;
	k->control = NULL;
}

static sgl_status
tell_state(keyholder *k, sgl_err *err)
{
	sgl_vault_state state;

	TRY(sgl_keeper_state(k->keeper, &state, err));
	k->is_locked = state.is_locked;
	return sgl_leash_tell(
	    k->start->leash, SGL_LEASH_VAULT, k->is_locked, err);
}

/* Restarting is the supervisor's to do: it lets go of us. */
static sgl_status
tell_supervisor(keyholder *k, sgl_err *err)
{
	sgl_vault_state state;
	sgl_keeper_wish wish = sgl_keeper_asked(k->keeper);

	if (wish != SGL_WISH_NONE)
		return sgl_leash_tell(k->start->leash, SGL_LEASH_RESTART,
		    wish == SGL_WISH_LOCKED, err);
	TRY(sgl_keeper_state(k->keeper, &state, err));
	return state.is_locked == k->is_locked ? SGL_OK : tell_state(k, err);
}

static sgl_status
answer(keyholder *k, bool *ended, sgl_err *err)
{
	unsigned type;
	sgl_slice body;
	sgl_status status;

	TRY(sgl_channel_receive(
	    k->control, QUESTION_MAX, &type, &body, ended, err));
	if (*ended)
		return SGL_OK;
	status = sgl_keeper_serve(k->server, type, body, err);
	/* A passphrase, perhaps, and there may be no next one for long. */
	sgl_channel_forget(k->control);
	TRY(status);
	sgl_maker_line_look(k->makers);
	return tell_supervisor(k, err);
}

static sgl_status join(keyholder *k, int fd, sgl_err *err);

/* Another control came while this one's question was answered. */
static void
turn_to_next(keyholder *k)
{
	sgl_err err = {0};
	int fd = k->next_control;

	k->next_control = -1;
	if (fd >= 0 && join(k, fd, &err) != SGL_OK)
		sgl_journal_err("control-failed", &err);
}

static void
on_control(void *ctx)
{
	keyholder *k = ctx;
	bool ended = false;
	sgl_err err = {0};
	sgl_status status;

	k->is_serving = true;
	status = answer(k, &ended, &err);
	k->is_serving = false;
	if (status != SGL_OK)
		sgl_journal_err("control-failed", &err);
	if (status != SGL_OK || ended)
		leave_control(k);
	turn_to_next(k);
}

/* -------------------------------------------------------------- tokens --- */

static sgl_status
tell_wish(const keyholder *k, const sgl_token_wish *wish, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_TOKEN_LIST_TEXT);
	sgl_wire w = sgl_wire_over(&body);

	sgl_token_wish_add(&w, wish);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    k->start->leash, SGL_LEASH_TOKEN, sgl_buf_slice(&body), err);
}

/* Starting is the supervisor's to do, who joins us then. Nothing else is
 * answered meanwhile; what waits for us waits longer than that. */
static void
summon(void *ctx, const char *uri, bool anew)
{
	const keyholder *k = ctx;
	sgl_token_wish wish = {.anew = anew};
	sgl_err err = {0};
	sgl_status status;

	(void)snprintf(wish.uri, sizeof wish.uri, "%s", uri);
	status = tell_wish(k, &wish, &err);
	for (int i = 0; i < TOKEN_WAITS && status == SGL_OK; i++) {
		if (k->line.channel != NULL)
			return;
		status = sgl_leash_pass_time(&k->leash, 100, &err);
	}
	if (status != SGL_OK)
		sgl_journal_err("token", &err);
}

/* Why a way is closed is for the log. */
static void
go_tokens(keyholder *k)
{
	sgl_err err = {0};
	sgl_status status = sgl_keeper_go_tokens(k->keeper, &err);

	k->token_failed = status == SGL_OK ? err.status : status;
	if (err.status != SGL_OK)
		sgl_journal_err("locked", &err);
}

static bool
waits_for_token(const keyholder *k, const sgl_vault_state *state)
{
	return state->is_locked && !k->start->locked &&
	    state->num_of[SGL_WAY_TOKEN] > 0;
}

/* One that is put in later opens the vault by itself, but what has to do with
 * its PIN is not tried again and again. */
static void
on_tick(void *ctx)
{
	keyholder *k = ctx;
	sgl_vault_state state;
	sgl_err err = {0};

	if (k->token_failed != SGL_OK && k->token_failed != SGL_E_PASSWORD &&
	    sgl_keeper_state(k->keeper, &state, &err) == SGL_OK &&
	    waits_for_token(k, &state)) {
		go_tokens(k);
		if (tell_supervisor(k, &err) != SGL_OK)
			sgl_journal_err("tell", &err);
	}
}

static sgl_status
on_tickets(void *ctx, sgl_slice secret, sgl_err *err)
{
	keyholder *k = ctx;

	sgl_ticket_gate_clear(&k->gate);
	return sgl_secret_set(&k->gate.secret, secret, err);
}

static sgl_status
tell_refused(const keyholder *k, const sgl_err *why, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1024);
	sgl_wire w = sgl_wire_over(&body);

	sgl_wire_add_text(&w, why->text);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    k->start->leash, SGL_LEASH_REFUSED, sgl_buf_slice(&body), err);
}

/* Whoever asks and asks shall not keep the others busy: once a second. */
static void
on_refused(void *ctx, const sgl_err *why)
{
	keyholder *k = ctx;
	sgl_time now = sgl_engine_now(k->engine);
	sgl_err err = {0};

	if (now == k->told)
		return;
	k->told = now;
	sgl_journal_err("refused", why);
	if (tell_refused(k, why, &err) != SGL_OK)
		sgl_journal_err("tell", &err);
}

static sgl_status
join(keyholder *k, int fd, sgl_err *err)
{
	const sgl_keeper_door door = {.gate = &k->gate,
	    .holder = SGL_ROLE_CONTROL,
	    .on_refused = on_refused,
	    .ctx = k,
	    .stock = k->stock};
	sgl_status status;

	leave_control(k);
	status = sgl_channel_new(fd, &k->control, err);
	if (status != SGL_OK) {
		(void)close(fd);
		return status;
	}
	TRY(sgl_keeper_server_new(
	    k->engine, k->keeper, k->control, &door, &k->server, err));
	return sgl_wait_readable(
	    k->loop, fd, on_control, k, &k->on_control, err);
}

static sgl_status
join_maker(const keyholder *k, int fd, sgl_err *err)
{
	sgl_status status = sgl_maker_line_join(k->makers, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	keyholder *k = ctx;

	if (role == SGL_ROLE_MAKER)
		return join_maker(k, fd, err);
	if (role == SGL_ROLE_TOKEN)
		return sgl_token_line_join(&k->line, fd, err);
	if (role == SGL_ROLE_CONTROL && !k->is_serving)
		return join(k, fd, err);
	if (role != SGL_ROLE_CONTROL) {
		(void)close(fd);
		return SGL_OK;
	}
	if (k->next_control >= 0)
		(void)close(k->next_control);
	k->next_control = fd;
	return SGL_OK;
}

/* After this nothing is opened any more: the master key has been read. */
static sgl_status
close_off(const keyholder *k, sgl_err *err)
{
	const sgl_sandbox none = {.best_effort = k->start->config->best_effort};

	return sgl_sandbox_enter(&none, err);
}

/* The supervisor has handed it over; another one in its place has a key of
 * somebody else's choice. */
static sgl_status
read_own(const char *path, const sgl_user *user, sgl_master *out, sgl_err *err)
{
	sgl_plain_folder keys;
	sgl_status status;

	TRY(sgl_plain_open(path, &keys, err));
	status = sgl_keys_check_owner(&keys, user->uid, err);
	if (status == SGL_OK)
		status = sgl_master_read_in(&keys, out, err);
	sgl_plain_close(&keys);
	return status;
}

sgl_status
sgl_keyholder_prepare(const sgl_daemon_start *start, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) keys = sgl_buf_init(SGL_PLACE_MAX);

	sgl_sys_lock_memory();
	TRY(sgl_buf_add_str(&keys, start->home, err));
	TRY(sgl_place_add(&keys, SGL_HOME_KEYS, err));
	TRY(start->user == NULL
		? sgl_master_read((const char *)keys.data, start->master, err)
		: read_own((const char *)keys.data, start->user, start->master,
		      err));
	return start->locked ? SGL_OK : sgl_master_gather(start->master, err);
}

/* Why a way is closed is for the log. */
static sgl_status
open_keys(keyholder *k, sgl_err *err)
{
	sgl_vault_state state;
	sgl_err why = {0};

	if (sgl_keeper_new_over(k->engine, k->start->master, k->start->locked,
		&k->keeper, &why) != SGL_OK) {
		*err = why;
		return why.status;
	}
	TRY(sgl_keeper_state(k->keeper, &state, err));
	if (state.is_locked && why.status != SGL_OK)
		sgl_journal_err("locked", &why);
	return SGL_OK;
}

/* Ready is who was joined to others; the ways by token need that. */
static sgl_status
begin_serving(keyholder *k, sgl_err *err)
{
	sgl_vault_state state;

	k->line =
	    (sgl_token_line){.engine = k->engine, .summon = summon, .ctx = k};
	k->tokens = sgl_token_line_source(&k->line);
	sgl_keeper_set_tokens(k->keeper, &k->tokens);
	TRY(sgl_keeper_state(k->keeper, &state, err));
	if (waits_for_token(k, &state))
		go_tokens(k);
	return tell_state(k, err);
}

static sgl_status
run(keyholder *k, sgl_err *err)
{
	TRY(sgl_engine_new(NULL, &k->engine, err));
	TRY(sgl_engine_load_legacy(k->engine, err));
	TRY(open_keys(k, err));
	TRY(sgl_loop_new(&k->loop, err));
	TRY(sgl_stock_new(
	    sgl_daemon_spare_keys(k->start->config), &k->stock, err));
	TRY(sgl_maker_line_new(k->loop, k->engine, k->stock,
	    sgl_daemon_key_makers(k->start->config), &k->makers, err));
	k->leash = (sgl_leash){.channel = k->start->leash,
	    .loop = k->loop,
	    .on_peer = on_peer,
	    .on_tickets = on_tickets,
	    .ctx = k};
	TRY(sgl_leash_follow(&k->leash, &k->on_leash, err));
	TRY(sgl_wait_every(k->loop, TOKEN_RETRY, on_tick, k, &k->on_tick, err));
	TRY(close_off(k, err));
	TRY(sgl_leash_ready(k->start->leash, err));
	TRY(begin_serving(k, err));
	return sgl_loop_run(k->loop, err);
}

sgl_status
sgl_keyholder_run(const sgl_daemon_start *start, sgl_err *err)
{
	keyholder k = {.start = start, .next_control = -1};
	sgl_status status;

	sgl_signals_leave_to_parent();
	status = run(&k, err);
	leave_control(&k);
	sgl_maker_line_free(k.makers);
	sgl_stock_free(k.stock);
	if (k.next_control >= 0)
		(void)close(k.next_control);
	sgl_token_line_leave(&k.line);
	sgl_wait_free(k.on_tick);
	sgl_ticket_gate_clear(&k.gate);
	sgl_wait_free(k.on_leash);
	sgl_loop_free(k.loop);
	sgl_keeper_free(k.keeper);
	sgl_engine_free(k.engine);
	return status;
}
