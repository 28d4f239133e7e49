/* SPDX-License-Identifier: Apache-2.0 */
/* control: owns the store, and does what the command line asks. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca/algorithm.h"
#include "daemon/aside.h"
#include "daemon/daemon.h"
#include "daemon/errands.h"
#include "admin/admit.h"
#include "daemon/front_desk.h"
#include "admin/mail_desk.h"
#include "admin/table.h"
#include "admin/wire.h"
#include "daemon/publish_wire.h"
#include "daemon/publisher.h"
#include "cli/remote.h"
#include "daemon/renewer.h"
#include "daemon/replies.h"
#include "cli/resolve_wire.h"
#include "daemon/tally.h"
#include "daemon/watcher.h"
#include "net/peer.h"
#include "org/audit.h"
#include "org/home_parts.h"
#include "sys/fail.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"

#define ROOM "daemon.control"
/* Seconds for one answer of the keyholder, who may wait for a token itself; so
 * long that it says why, and so short that our caller still listens. */
#define KEY_PATIENCE 45
#define CALL_PATIENCE 60
/* As long as the keys that a command on a message has been lent. */
#define MAIL_PATIENCE 3600
#define CALLERS_MAX 256
#define CALLERS_OF_ONE 64 /* unless it may do everything */
#define STRANGERS_MAX 8
#define QUESTION_MAX (SGL_FARKEY_INPUT + ((size_t)1 << 20))

typedef struct control control;

/* One conversation with a command line. */
typedef struct caller {
	control *control;
	sgl_peer *peer;
	unsigned uid;
	unsigned *among;     /* how many of its kind there are */
	sgl_mail_desk *desk; /* of a command on a message; else NULL */
	struct caller *next;
} caller;

struct control {
	const sgl_daemon_start *start;
	sgl_session session;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash, *on_caller, *on_guest;
	int listener, public; /* of the owner, and of all users */
	unsigned num_callers, num_strangers;
	caller *callers;
	sgl_time stranger; /* when the last one was recorded */
	char owner[64];	   /* the name of who owns the home */
	sgl_channel *keyholder;
	sgl_keeper *keeper;
	sgl_key_sort sort; /* that the keyholder has ready */
	sgl_renewer *renewer;
	sgl_publisher *publisher;
	sgl_errands *errands;
	sgl_watcher *watcher;
	sgl_peer *front; /* NULL until we are joined */
	sgl_wait *on_tick;
	sgl_processes processes;
	bool awaits_keyholder; /* it begins anew, because we told it to */
	sgl_front_desk *enrolments;
	sgl_aside *aside;
	sgl_tally tally;
	sgl_ticket_mint mint;
};

/* ---------------------------------------------------------- the keyholder ---
 */

static void
leave_keyholder(control *c)
{
	if (c->publisher != NULL)
		sgl_publisher_drop_keys(c->publisher);
	for (caller *k = c->callers; k != NULL; k = k->next)
		if (k->desk != NULL)
			sgl_mail_desk_drop(k->desk);
	if (c->session.home != NULL)
		sgl_home_set_keeper(c->session.home, NULL);
	sgl_keeper_free(c->keeper);
	sgl_channel_free(c->keyholder);
	c->keeper = NULL;
	c->keyholder = NULL;
	if (c->renewer != NULL)
		sgl_renewer_rest(c->renewer);
}

/* It did not answer when we left it, nor when it was joined anew: whatever it
 * waits for, nobody would ever have an answer again. */
static sgl_status
give_up_keyholder(control *c, const sgl_err *why, sgl_err *err)
{
	sgl_journal_err("keyholder-hangs", why);
	leave_keyholder(c);
	return sgl_leash_tell(c->start->leash, SGL_LEASH_JOIN, true, err);
}

static sgl_status
begin_asking(control *c, sgl_err *err)
{
	sgl_err why = {0};
	sgl_status status;

	c->sort = sgl_ca_usual_sort(c->session.home);
	status = sgl_keeper_use_sort(c->keeper, c->sort, &why);

	if (status != SGL_OK && sgl_channel_is_late(c->keyholder))
		return give_up_keyholder(c, &why, err);
	if (status != SGL_OK) {
		*err = why;
		return status;
	}
	sgl_renewer_wake(c->renewer);
	sgl_publisher_tick(c->publisher);
	return sgl_channel_send(
	    c->start->leash, SGL_LEASH_JOINED, (sgl_slice){NULL, 0}, err);
}

/* The organisation may have chosen another since. */
static void
follow_sort(control *c)
{
	const sgl_key_sort sort = sgl_ca_usual_sort(c->session.home);
	sgl_err err = {0};

	if (c->keeper == NULL || sgl_key_sort_same(sort, c->sort))
		return;
	c->sort = sort;
	if (sgl_keeper_use_sort(c->keeper, sort, &err) != SGL_OK)
		sgl_journal_err("spare-keys", &err);
}

static sgl_status
join_keyholder(control *c, int fd, sgl_err *err)
{
	sgl_status status;

	leave_keyholder(c);
	c->awaits_keyholder = false;
	status = sgl_channel_new(fd, &c->keyholder, err);
	if (status != SGL_OK) {
		(void)close(fd);
		return status;
	}
	TRY(sgl_channel_patience(c->keyholder, KEY_PATIENCE, err));
	TRY(sgl_keeper_new_far(c->session.engine, c->keyholder,
	    sgl_ticket_source_of(&c->mint), &c->keeper, err));
	sgl_home_set_keeper(c->session.home, c->keeper);
	return begin_asking(c, err);
}

/* One that answered too late, or has ended: what it says next could be meant
 * for an earlier question. */
static void
check_keyholder(control *c)
{
	sgl_err err = {0};

	if (c->keyholder == NULL || sgl_channel_is_open(c->keyholder))
		return;
	leave_keyholder(c);
	if (sgl_channel_send(c->start->leash, SGL_LEASH_JOIN,
		(sgl_slice){NULL, 0}, &err) != SGL_OK)
		sgl_journal_err("join", &err);
}

/* Once all is kept, for that needed the keys perhaps. Whoever was told to begin
 * anew is gone, and the next one here at once. */
static sgl_status
tell_keyholder(control *c, sgl_err *err)
{
	bool locked = c->session.wish == SGL_WISH_LOCKED;

	if (c->session.wish == SGL_WISH_NONE || c->keeper == NULL)
		return SGL_OK;
	TRY(sgl_keeper_restart(c->keeper, locked, err));
	leave_keyholder(c);
	c->awaits_keyholder = true;
	return SGL_OK;
}

/* What is not on record was not done. */
static void
lock_again(control *c)
{
	sgl_err err = {0};

	if (!c->session.was_unlocked)
		return;
	c->session.wish = SGL_WISH_LOCKED;
	if (tell_keyholder(c, &err) != SGL_OK)
		sgl_journal_err("lock", &err);
}

static sgl_status
await_keyholder(control *c, sgl_err *err)
{
	/* What the supervisor has said already counts. */
	TRY(sgl_leash_pass_time(&c->leash, 0, err));
	for (int i = 0; i < 20 && c->awaits_keyholder; i++)
		TRY(sgl_leash_pass_time(&c->leash, 100, err));
	c->awaits_keyholder = false;
	return SGL_OK;
}

/* ------------------------------------------------------------------ front ---
 */

static void
leave_front(control *c)
{
	if (c->publisher != NULL)
		sgl_publisher_set_front(c->publisher, NULL);
	sgl_peer_free(c->front);
	c->front = NULL;
}

static sgl_status
tell_metrics(control *c, sgl_slice question, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_PUBLISH_ANSWER_MAX);
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_ANSWER_MAX);
	sgl_unwire u = sgl_unwire_over(question);
	sgl_wire w = sgl_wire_over(&body);
	sgl_slice nothing;
	int64_t number = sgl_publish_read_metrics(&u, &nothing);
	sgl_err why = {0};

	TRY(sgl_unwire_end(&u, err));
	/* Without numbers front tells that there are none. */
	if (sgl_tally_tell(&c->tally, c->session.home, &text, &why) != SGL_OK) {
		sgl_journal_err("metrics", &why);
		sgl_buf_clear(&text);
	}
	sgl_publish_add_metrics(&w, number, sgl_buf_slice(&text));
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(
	    c->front, SGL_PUBLISH_METRICS_ARE, sgl_buf_slice(&body), err);
}

static void
on_front(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	control *c = ctx;
	sgl_err err = {0};

	(void)peer;
	if (sgl_publisher_hear(c->publisher, type, body) ||
	    type != SGL_PUBLISH_METRICS)
		return;
	if (tell_metrics(c, body, &err) != SGL_OK)
		sgl_journal_err("metrics", &err);
}

static void
on_front_rests(void *ctx, sgl_peer *peer)
{
	const control *c = ctx;

	(void)peer;
	sgl_publisher_rest(c->publisher);
}

static void
on_front_gone(void *ctx, sgl_peer *peer)
{
	(void)peer;
	leave_front(ctx);
}

static sgl_status
join_front(control *c, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    on_front, on_front_rests, on_front_gone};
	sgl_status status;

	leave_front(c);
	status = sgl_peer_new(c->loop, fd, SGL_PUBLISH_QUESTION_MAX, 0,
	    &handler, c, &c->front, err);
	if (status == SGL_OK)
		sgl_publisher_set_front(c->publisher, c->front);
	else
		(void)close(fd);
	return status;
}

static void
on_tick(void *ctx)
{
	control *c = ctx;

	check_keyholder(c);
	sgl_publisher_tick(c->publisher);
	sgl_errands_tick(c->errands);
	sgl_watcher_tick(c->watcher);
}

static sgl_status
on_tickets(void *ctx, sgl_slice secret, sgl_err *err)
{
	control *c = ctx;

	sgl_ticket_mint_clear(&c->mint);
	c->mint.holder = SGL_ROLE_CONTROL;
	return sgl_secret_set(&c->mint.secret, secret, err);
}

static sgl_status
record_refusal(control *c, const char *why, sgl_err *err)
{
	sgl_home *home = c->session.home;

	TRY(sgl_home_begin(home, err));
	sgl_home_set_actor(home, "keyholder");
	TRY(sgl_audit_refusal(home, "private keys", why, err));
	return sgl_home_commit(home, err);
}

/* Somebody wanted something of the keyholder without our leave. */
static void
on_refused(void *ctx, const char *why)
{
	control *c = ctx;
	sgl_err err = {0};

	if (record_refusal(c, why, &err) == SGL_OK)
		return;
	sgl_home_rollback(c->session.home);
	sgl_journal_err("audit", &err);
}

static sgl_status
join_fetcher(control *c, int fd, sgl_err *err)
{
	sgl_status status = sgl_errands_join(c->errands, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	if (role == SGL_ROLE_KEYHOLDER)
		return join_keyholder(ctx, fd, err);
	if (role == SGL_ROLE_FRONT)
		return join_front(ctx, fd, err);
	if (role == SGL_ROLE_FETCHER)
		return join_fetcher(ctx, fd, err);
	(void)close(fd);
	return SGL_OK;
}

static sgl_status
on_enrol(void *ctx, int fd, sgl_err *err)
{
	control *c = ctx;
	sgl_status status = sgl_front_desk_join(c->enrolments, fd, err);

	if (status != SGL_OK)
		(void)close(fd);
	return status;
}

static void
on_processes(void *ctx, const sgl_processes *p)
{
	control *c = ctx;

	c->processes = *p;
	c->session.processes = &c->processes;
}

/* ------------------------------------------------------------- commands --- */

static sgl_status
do_job(control *c, const sgl_org_job *job, const sgl_order *order, sgl_reply *r,
    sgl_err *err)
{
	sgl_err aside = {0};
	sgl_status status;

	if (job->changes)
		TRY(sgl_home_begin(c->session.home, err));
	status = job->work(&c->session, order, r, err);
	/* Also where one of many failed, and the others did not. */
	if (status == SGL_OK && sgl_aside_lacks(c->aside))
		status = SGL_E_LIMIT;
	if (status == SGL_OK)
		status = sgl_reply_end(r, err);
	if (status == SGL_OK && job->changes)
		status =
		    sgl_org_finish(&c->session, job, order->call, &aside, err);
	if (status != SGL_OK && job->changes)
		sgl_home_rollback(c->session.home);
	if (aside.status != SGL_OK)
		sgl_journal_err("publish", &aside);
	if (status == SGL_OK && job->changes) {
		sgl_publisher_changed(c->publisher);
		sgl_watcher_changed(c->watcher);
	}
	return status;
}

/* The end of the chain of records goes where the log goes, out of reach of
 * who changes the database later. */
static void
note_end(const control *c, sgl_json *json)
{
	int64_t sequence;
	const uint8_t *hash;

	if (!sgl_audit_last(c->session.home, &sequence, &hash))
		return;
	sgl_json_uint(json, "audit_sequence", (uint64_t)sequence);
	sgl_json_hex(json, "audit_hash", sgl_slice_of(hash, 32));
}

static void
note_call(const control *c, unsigned uid, const sgl_org_job *job,
    const sgl_call *call, int64_t generation, sgl_status status)
{
	sgl_journal j;

	sgl_journal_begin(&j, SGL_LEVEL_INFO, "command");
	sgl_json_str(&j.json, "command", call->command->name);
	sgl_json_uint(&j.json, "uid", uid);
	sgl_json_uint(&j.json, "generation", (uint64_t)generation);
	sgl_json_str(&j.json, "result", sgl_status_name(status));
	if (job->changes)
		note_end(c, &j.json);
	sgl_journal_end(&j);
}

static const char *
find_name(const control *c, unsigned uid, const sgl_administrators *list)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].uid == uid)
			return list->items[i].name;
	if (uid == sgl_home_owner(c->session.home) && c->owner[0] != '\0')
		return c->owner;
	return uid == 0 ? "root" : NULL;
}

/* By the names that we know: to look up others, files elsewhere would have to
 * be read. */
static sgl_status
name_actor(control *c, unsigned uid, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_administrators) list = {0};
	char who[SGL_ACTOR_TEXT];

	TRY(sgl_store_list_administrators(
	    sgl_home_store(c->session.home), &list, err));
	sgl_home_set_actor(c->session.home,
	    sgl_actor_text(uid, find_name(c, uid, &list), who));
	return SGL_OK;
}

/* Strangers can call as often as they like: one record a second tells enough.
 */
static void
record_stranger(
    control *c, const sgl_org_job *job, const char *object, bool is_stranger)
{
	sgl_time now = sgl_engine_now(c->session.engine);
	sgl_err err = {0};

	if (is_stranger && now == c->stranger)
		return;
	if (is_stranger)
		c->stranger = now;
	if (sgl_org_note_refusal(c->session.home, job, object, &err) != SGL_OK)
		sgl_journal_err("audit", &err);
}

/* Every job begins with what other machines have left. */
static sgl_status
notice_others(control *c, sgl_err *err)
{
	bool changed;
	sgl_journal j;

	TRY(sgl_home_notice(c->session.home, &changed, err));
	if (!changed)
		return SGL_OK;
	sgl_journal_begin(&j, SGL_LEVEL_INFO, "changed-elsewhere");
	sgl_json_uint(&j.json, "generation",
	    (uint64_t)sgl_home_generation(c->session.home));
	sgl_journal_end(&j);
	return SGL_OK;
}

/* Whether this user may have it done. */
static sgl_status
admit(control *c, unsigned uid, const sgl_org_job *job, const char *object,
    sgl_err *err)
{
	sgl_status status;

	TRY(name_actor(c, uid, err));
	status = sgl_org_admit(&c->session, uid, job, err);
	if (status == SGL_E_USAGE)
		record_stranger(c, job, object, c->session.offices == 0);
	return status;
}

static sgl_status
perform(caller *k, sgl_slice body, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_org_called) called = {0};
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_unwire u = sgl_unwire_over(body);
	control *c = k->control;
	const sgl_org_job *job;
	sgl_status status;
	int64_t began, at = sgl_microseconds_now();

	TRY(sgl_org_read_call(&u, &called, err));
	job = sgl_org_find_job(&called.call);
	if (job == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the service does not do this command"));
	sgl_text_speak(called.language);
	c->mint.job++;
	sgl_reply_init(&r, &called.call);
	TRY(notice_others(c, err));
	began = sgl_home_generation(c->session.home);
	TRY(await_keyholder(c, err));
	c->session.wish = SGL_WISH_NONE;
	c->session.was_unlocked = false;
	status = admit(c, k->uid, job, sgl_call_arg(&called.call, 0), err);
	if (status == SGL_OK)
		status = do_job(c, job, &called.order, &r, err);
	if (status != SGL_OK)
		lock_again(c);
	follow_sort(c);
	if (status == SGL_OK)
		status = tell_keyholder(c, err);
	if (status != SGL_OK && sgl_aside_lacks(c->aside))
		return status;
	note_call(c, k->uid, job, &called.call, began, status);
	sgl_tally_command(&c->tally, status, at);
	return status == SGL_OK || r.needs_password
	    ? sgl_send_reply(k->peer, &r, err)
	    : status;
}

/* ------------------------------------------------- commands on messages --- */

static sgl_status
open_for_mail(void *ctx, sgl_home **out, sgl_err *err)
{
	const caller *k = ctx;

	TRY(notice_others(k->control, err));
	*out = k->control->session.home;
	return SGL_OK;
}

static sgl_status
admit_mail(void *ctx, sgl_home *home, const sgl_org_job *job,
    const char *address, sgl_err *err)
{
	const caller *k = ctx;

	(void)home;
	return admit(k->control, k->uid, job, address, err);
}

static void
note_mail(const caller *k, const char *action)
{
	sgl_journal j;

	sgl_journal_begin(&j, SGL_LEVEL_INFO, action);
	sgl_json_uint(&j.json, "uid", k->uid);
	note_end(k->control, &j.json);
	sgl_journal_end(&j);
}

static sgl_status
record_mail(void *ctx, sgl_home *home, const char *action, const char *address,
    sgl_err *err)
{
	const caller *k = ctx;
	sgl_status status;

	TRY(sgl_home_begin(home, err));
	status = sgl_audit_add(home, action, address, NULL, NULL, err);
	if (status == SGL_OK)
		status = sgl_home_commit(home, err);
	if (status == SGL_OK)
		note_mail(k, action);
	else
		sgl_home_rollback(home);
	return status;
}

static sgl_status
get_desk(caller *k, sgl_mail_desk **out, sgl_err *err)
{
	const sgl_mail_host host = {
	    open_for_mail, admit_mail, record_mail, k, true};

	if (k->desk == NULL)
		TRY(sgl_mail_desk_new(
		    k->control->session.engine, &host, &k->desk, err));
	*out = k->desk;
	return SGL_OK;
}

static sgl_status
answer_mail(caller *k, unsigned question, sgl_slice body, sgl_err *err)
{
	sgl_buf answer = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_mail_desk *desk;
	sgl_status status;
	unsigned type;

	k->control->mint.job++;
	TRY(await_keyholder(k->control, err));
	TRY(get_desk(k, &desk, err));
	status =
	    sgl_mail_desk_answer(desk, question, body, &type, &answer, err);
	/* What it has been lent it may use while its message lasts. */
	if (status == SGL_OK)
		sgl_peer_set_patience(k->peer, MAIL_PATIENCE);
	if (status == SGL_OK)
		status =
		    sgl_peer_send(k->peer, type, sgl_buf_slice(&answer), err);
	sgl_buf_wipe(&answer);
	return status;
}

/* ------------------------------------------------------------ the callers ---
 */

static sgl_status
attend(caller *k, unsigned type, sgl_slice body, sgl_err *err)
{
	sgl_aside_begin(k->control->aside);
	if (sgl_aside_has(k->control->aside, k->peer))
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	return type == SGL_ORG_CALL ? perform(k, body, err)
				    : answer_mail(k, type, body, err);
}

static void
on_call(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	caller *k = ctx;
	const sgl_aside_caller again = {on_call, sgl_tell_wait, k};
	sgl_err failure = {0}, err = {0};

	if (attend(k, type, body, &failure) == SGL_OK ||
	    sgl_aside_put(k->control->aside, &again, peer, type, body))
		return;
	if (sgl_send_failure(peer, &failure, &err) != SGL_OK)
		sgl_journal_err("answer", &err);
}

static void
let_go(caller *k)
{
	caller **at = &k->control->callers;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	(*k->among)--;
	sgl_aside_drop(k->control->aside, k->peer);
	sgl_mail_desk_free(k->desk);
	sgl_peer_free(k->peer);
	sgl_mem_free(k);
}

static void
on_gone(void *ctx, sgl_peer *peer)
{
	(void)peer;
	let_go(ctx);
}

/* Who holds an office, even the least of them, could keep the others out. */
static bool
has_many(const control *c, unsigned uid)
{
	unsigned num = 0;

	if (sgl_office_is_born(c->session.home, uid))
		return false;
	for (const caller *k = c->callers; k != NULL; k = k->next)
		num += k->uid == uid;
	return num >= CALLERS_OF_ONE;
}

/* Strangers are told that they are, but do not keep the others out. */
static sgl_status
greet(control *c, int fd, unsigned uid, bool is_stranger, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_call, .on_end = on_gone};
	unsigned *among = is_stranger ? &c->num_strangers : &c->num_callers;
	SGL_AUTO_MEM caller *k = sgl_mem_zeroed(1, sizeof *k);

	if (k == NULL)
		return sgl_oom(err, ROOM);
	if (*among >= (is_stranger ? STRANGERS_MAX : CALLERS_MAX) ||
	    has_many(c, uid))
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("a caller was turned away: there are too many"));
	TRY(sgl_peer_new(c->loop, fd, QUESTION_MAX, CALL_PATIENCE, &handler, k,
	    &k->peer, err));
	k->control = c;
	k->uid = uid;
	k->among = among;
	k->next = c->callers;
	c->callers = k;
	k = NULL;
	(*among)++;
	return SGL_OK;
}

/* While the database is away nobody else is; the call itself tells why. */
static bool
is_known(const control *c, unsigned uid)
{
	sgl_offices held = 0;

	if (sgl_office_is_born(c->session.home, uid))
		return true;
	return sgl_offices_of(c->session.home, uid, &held, NULL) == SGL_OK &&
	    held != 0;
}

/* What it has said of the processes already. */
static void
hear_supervisor(const control *c)
{
	for (int i = 0; i < 8; i++)
		(void)!sgl_leash_pass_time(&c->leash, 0, NULL);
}

/* None of them calls, unless a stranger's code has got hold of it. */
static bool
is_ours(const sgl_processes *p, pid_t pid)
{
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (pid > 0 && p->of[i].pid == pid)
			return true;
	return pid > 0 && p->supervisor.pid == pid;
}

static sgl_status
take_caller(control *c, int fd, sgl_err *err)
{
	struct ucred who;
	socklen_t len = sizeof who;

	hear_supervisor(c);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	if (is_ours(&c->processes, who.pid))
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a process of the service itself wanted to give "
		       "commands: is a PKCS#11 module hostile?"));
	return greet(c, fd, who.uid, !is_known(c, who.uid), err);
}

static void
take_from(control *c, int listener)
{
	sgl_err err = {0};
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || take_caller(c, fd, &err) == SGL_OK)
		return;
	sgl_journal_err("caller", &err);
	(void)close(fd);
}

static void
on_caller(void *ctx)
{
	control *c = ctx;

	take_from(c, c->listener);
}

static void
on_guest(void *ctx)
{
	control *c = ctx;

	take_from(c, c->public);
}

/* The home stays closed: whoever does not own it calls elsewhere, where the
 * kernel says who it is. */
static sgl_status
listen_for_callers(control *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) folder = {0};
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	const char *public = c->start->config->socket;

	TRY(sgl_home_join(c->session.home, "run", &folder, err));
	if (mkdir((const char *)folder.data, 0700) != 0 && errno != EEXIST)
		return sgl_fail_errno(
		    err, errno, ROOM, (const char *)folder.data);
	TRY(sgl_home_join(c->session.home, SGL_ORG_SOCKET, &path, err));
	TRY(sgl_listen_local((const char *)path.data, 0600, &c->listener, err));
	return public == NULL ? SGL_OK
			      : sgl_listen_local(public, 0666, &c->public, err);
}

/* --------------------------------------------------------------- the life ---
 */

static sgl_status
prepare(control *c, sgl_err *err)
{
	TRY(sgl_engine_new(NULL, &c->session.engine, err));
	TRY(sgl_engine_load_legacy(c->session.engine, err));
	TRY(sgl_home_serve(
	    c->session.engine, c->start->home, &c->session.home, err));
	TRY(listen_for_callers(c, err));
	TRY(sgl_loop_new(&c->loop, err));
	TRY(sgl_aside_new(c->loop, &c->session, &c->aside, err));
	TRY(sgl_front_desk_new(
	    c->loop, &c->session, &c->tally, c->aside, &c->enrolments, err));
	c->leash = (sgl_leash){.channel = c->start->leash,
	    .loop = c->loop,
	    .on_peer = on_peer,
	    .on_enrol = on_enrol,
	    .on_processes = on_processes,
	    .on_tickets = on_tickets,
	    .on_refused = on_refused,
	    .ctx = c};
	TRY(sgl_publisher_new(&c->session, &c->publisher, err));
	TRY(sgl_renewer_new(c->loop, &c->session, &c->renewer, err));
	TRY(sgl_errands_new(c->loop, c->start->leash, &c->errands, err));
	TRY(sgl_watcher_new(
	    &c->session, c->errands, c->start->config, &c->watcher, err));
	TRY(sgl_wait_every(c->loop, 1, on_tick, c, &c->on_tick, err));
	TRY(sgl_leash_follow(&c->leash, &c->on_leash, err));
	if (c->public >= 0)
		TRY(sgl_wait_readable(
		    c->loop, c->public, on_guest, c, &c->on_guest, err));
	return sgl_wait_readable(
	    c->loop, c->listener, on_caller, c, &c->on_caller, err);
}

/* Before files are fenced off: who owns the home, and catalogues of texts. */
static void
learn_names(control *c)
{
	const struct passwd *owner = getpwuid(sgl_home_owner(c->session.home));

	if (owner != NULL)
		(void)snprintf(c->owner, sizeof c->owner, "%s", owner->pw_name);
	sgl_text_speak("sv");
	(void)sgl_text(N_("no permission"));
	sgl_text_speak("en");
}

/* The keys are not among the parts of the home that are left to us. */
static sgl_status
shut_in(control *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_home_parts) parts = {0};
	sgl_sandbox fence = {.places = parts.paths,
	    .may_accept = true,
	    .may_connect = c->start->config->database != NULL,
	    .best_effort = c->start->config->best_effort};

	TRY(sgl_home_parts_list(c->session.home, &parts, err));
	return sgl_sandbox_enter(&fence, err);
}

static sgl_status
run(control *c, sgl_err *err)
{
	TRY(prepare(c, err));
	learn_names(c);
	TRY(shut_in(c, err));
	TRY(sgl_leash_ready(c->start->leash, err));
	return sgl_loop_run(c->loop, err);
}

sgl_status
sgl_control_run(const sgl_daemon_start *start, sgl_err *err)
{
	control c = {.start = start, .listener = -1, .public = -1};
	sgl_status status;

	c.session.processes = &c.processes;
	sgl_signals_leave_to_parent();
	status = run(&c, err);
	leave_front(&c);
	while (c.callers != NULL)
		let_go(c.callers);
	leave_keyholder(&c);
	sgl_publisher_free(c.publisher);
	sgl_renewer_free(c.renewer);
	sgl_watcher_free(c.watcher);
	sgl_errands_free(c.errands);
	sgl_wait_free(c.on_tick);
	sgl_ticket_mint_clear(&c.mint);
	sgl_wait_free(c.on_leash);
	sgl_wait_free(c.on_caller);
	sgl_wait_free(c.on_guest);
	sgl_front_desk_free(c.enrolments);
	sgl_aside_free(c.aside);
	sgl_tally_clear(&c.tally);
	sgl_loop_free(c.loop);
	if (c.listener >= 0)
		(void)close(c.listener);
	if (c.public >= 0)
		(void)close(c.public);
	sgl_session_close(&c.session);
	return status;
}
