/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor: starts the processes, joins them, and starts again what
 * ended, at once the first time and then ever more slowly. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "daemon/daemon.h"
#include "daemon/tls.h"
#include "daemon/token_list.h"
#include "net/http.h"
#include "net/loop.h"
#include "sys/fail.h"
#include "sys/journal.h"
#include "sys/log.h"
#include "sys/notify.h"
#include "sys/signals.h"

#define ROOM "daemon.supervisor"
#define COUNT(table) (sizeof(table) / sizeof *(table))
#define USER_TEXT 32
#define MESSAGE_MAX 4096 /* the longest that a process says */
#define SLOWEST 30	 /* seconds between two starts */
/* Seconds for a message that began, or that is not taken: who is slower is not
 * well, and must not keep the others waiting. */
#define LEASH_PATIENCE 5
/* Seconds until who was let go, and is called again, must have ended. */
#define CALL_PATIENCE 20
#define HEALTHY 60 /* seconds after which a process may fail at once again */
#define BEAT 10	   /* seconds between two questions whether it still answers */

extern char **environ;

typedef struct child {
	struct supervisor *owner;
	sgl_role role;
	pid_t pid; /* 0: not running */
	sgl_channel *leash;
	sgl_wait *on_leash;
	bool is_ready;
	/* Control: it reaches the keyholder; the keyholder: it has gone the
	 * ways to the master key. */
	bool has_keys;
	time_t started, due; /* due: when to start it again */
	unsigned delay;
	sgl_time since;
	int64_t num_starts;
	bool is_wanted; /* that it ends: it is started again at once */
	/* One that runs while there is something to do: nothing is; control
	 * called for it. */
	bool is_idle, is_called;
	time_t called;
	/* Ticks since it was asked whether it still answers, or since it did.
	 */
	bool is_asked;
	unsigned ticks;
} child;

typedef struct supervisor {
	const char *home, *program;
	const sgl_daemon_config *config;
	sgl_daemon_users users;
	int http, https, metrics; /* the last two: -1 if there is none */
	sgl_daemon_tls tls;
	sgl_loop *loop;
	child children[SGL_NUM_ROLES];
	bool was_ready; /* all of them, once */
	bool is_ending;
	int status;
	sgl_time since;
	bool is_locked, stays_locked; /* the vault, as the keyholder says */
	sgl_token_list tokens;	      /* that the keyholder has asked for */
} supervisor;

static time_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Modules are loaded only where there is something on a token, and what is
 * sent for things runs only while there are any. */
static bool
is_needed(const supervisor *s, sgl_role role)
{
	return !s->children[role].is_idle &&
	    (role != SGL_ROLE_TOKEN || s->tokens.num > 0);
}

static void
note_child(const child *c, sgl_level level, const char *event, int status)
{
	sgl_journal j;

	sgl_journal_begin(&j, level, event);
	sgl_json_str(&j.json, "name", sgl_role_name(c->role));
	if (c->pid > 0)
		sgl_json_uint(&j.json, "pid", (uint64_t)c->pid);
	if (WIFSIGNALED(status))
		sgl_json_uint(&j.json, "signal", (uint64_t)WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		sgl_json_uint(&j.json, "status", (uint64_t)WEXITSTATUS(status));
	sgl_journal_end(&j);
}

/* -------------------------------------------------------------- joining --- */

/* Who talks with whom, and how each is told of it: by the other's role, or as
 * a line for one thing alone. */
static const struct {
	sgl_role a, b;
	sgl_leash_message how;
} joints[] = {
    {SGL_ROLE_CONTROL, SGL_ROLE_KEYHOLDER, SGL_LEASH_PEER},
    {SGL_ROLE_KEYHOLDER, SGL_ROLE_TOKEN, SGL_LEASH_PEER},
    {SGL_ROLE_CONTROL, SGL_ROLE_FRONT, SGL_LEASH_PEER},
    {SGL_ROLE_KEYHOLDER, SGL_ROLE_MAKER, SGL_LEASH_PEER},
    {SGL_ROLE_CONTROL, SGL_ROLE_FRONT, SGL_LEASH_ENROL},
    {SGL_ROLE_CONTROL, SGL_ROLE_FETCHER, SGL_LEASH_PEER},
};

static sgl_status
send_end(child *to, sgl_leash_message how, sgl_role other, int fd, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	sgl_leash_add_peer(&w, other);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send_fd(
	    to->leash, how, sgl_buf_slice(&body), fd, err);
}

/* Both have the secret before they have each other. */
static sgl_status
share_secret(const child *a, const child *b, sgl_err *err)
{
	if (a->role != SGL_ROLE_CONTROL || b->role != SGL_ROLE_KEYHOLDER)
		return SGL_OK;
	return sgl_leash_share(a->leash, b->leash, err);
}

static void
join(child *a, child *b, sgl_leash_message how)
{
	sgl_err err = {0};
	int ends[2];

	if (!a->is_ready || !b->is_ready)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		(void)sgl_fail_errno(&err, errno, ROOM, NULL);
		sgl_journal_err("join", &err);
		return;
	}
	/* A process that is just ending is joined again when it is back. */
	if ((how == SGL_LEASH_PEER && share_secret(a, b, &err) != SGL_OK) ||
	    send_end(a, how, b->role, ends[0], &err) != SGL_OK ||
	    send_end(b, how, a->role, ends[1], &err) != SGL_OK)
		sgl_journal_err("join", &err);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
join_all(supervisor *s, sgl_role role)
{
	for (size_t i = 0; i < sizeof joints / sizeof *joints; i++)
		if (joints[i].a == role || joints[i].b == role)
			join(&s->children[joints[i].a],
			    &s->children[joints[i].b], joints[i].how);
}

static sgl_status
send_sockets(child *c, const supervisor *s, sgl_err *err)
{
	const sgl_slice nothing = {NULL, 0};

	TRY(sgl_channel_send_fd(
	    c->leash, SGL_LEASH_SOCKET, nothing, s->http, err));
	if (s->metrics >= 0)
		TRY(sgl_channel_send_fd(
		    c->leash, SGL_LEASH_METRICS, nothing, s->metrics, err));
	if (s->https < 0)
		return SGL_OK;
	TRY(sgl_leash_send_tls(c->leash, &s->tls, err));
	return sgl_channel_send_fd(
	    c->leash, SGL_LEASH_TLS_SOCKET, nothing, s->https, err);
}

static void
send_socket(child *c)
{
	sgl_err err = {0};

	if (c->role == SGL_ROLE_FRONT &&
	    send_sockets(c, c->owner, &err) != SGL_OK)
		sgl_journal_err("socket", &err);
}

/* ------------------------------------------------- telling the children --- */

/* That it is just starting is no reason to call somebody. */
static bool
is_needed_now(const child *c)
{
	return is_needed(c->owner, c->role) &&
	    (c->role != SGL_ROLE_FETCHER || c->is_ready || c->delay > 0);
}

static sgl_process
describe(const child *c)
{
	sgl_process p = {.pid = c->pid > 0 ? c->pid : 0,
	    .since = c->since,
	    .restarts = c->num_starts > 0 ? c->num_starts - 1 : 0,
	    .is_ready = c->is_ready,
	    .is_needed = is_needed_now(c)};

	(void)snprintf(
	    p.user, sizeof p.user, "%s", c->owner->users.of[c->role].name);
	return p;
}

static sgl_status
send_processes(const supervisor *s, sgl_channel *to, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1024);
	sgl_wire w = sgl_wire_over(&body);
	sgl_processes p = {.supervisor = {.pid = getpid(),
			       .since = s->since,
			       .is_ready = true,
			       .is_needed = true},
	    .https_until = s->tls.until,
	    .is_locked = s->is_locked};
	sgl_user self;

	sgl_user_of(geteuid(), &self);
	(void)snprintf(
	    p.supervisor.user, sizeof p.supervisor.user, "%s", self.name);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		p.of[i] = describe(&s->children[i]);
	sgl_processes_add(&w, &p);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    to, SGL_LEASH_PROCESSES, sgl_buf_slice(&body), err);
}

static void
tell_child(const supervisor *s, sgl_role role)
{
	const child *c = &s->children[role];
	sgl_err err = {0};

	if (c->is_ready && !s->is_ending &&
	    send_processes(s, c->leash, &err) != SGL_OK)
		sgl_journal_err("tell", &err);
}

/* Control knows what it means; front tells it to whoever watches while control
 * is away. */
static void
tell_children(const supervisor *s)
{
	tell_child(s, SGL_ROLE_CONTROL);
	tell_child(s, SGL_ROLE_FRONT);
}

static bool
all_ready(const supervisor *s)
{
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (!s->children[i].is_ready && is_needed(s, (sgl_role)i))
			return false;
	return true;
}

/* For systemctl status. */
static void
tell_manager(const supervisor *s)
{
	if (!all_ready(s)) {
		sgl_notify("STATUS=a process does not run");
		return;
	}
	sgl_notify(s->is_locked ? "STATUS=serving; the private keys are locked "
				  "(sigill key unlock)"
				: "STATUS=serving");
}

/* Control keeps the records of what was refused. */
static void
pass_on_refused(const supervisor *s, sgl_slice body)
{
	const child *control = &s->children[SGL_ROLE_CONTROL];
	sgl_err err = {0};

	if (control->is_ready &&
	    sgl_channel_send(control->leash, SGL_LEASH_REFUSED, body, &err) !=
		SGL_OK)
		sgl_journal_err("tell", &err);
}

static void
check_all_ready(supervisor *s)
{
	if (!s->children[SGL_ROLE_CONTROL].has_keys ||
	    !s->children[SGL_ROLE_KEYHOLDER].has_keys)
		return;
	tell_manager(s);
	/* A token that is away keeps nobody waiting. */
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (!s->children[i].is_ready && i != SGL_ROLE_TOKEN &&
		    i != SGL_ROLE_FETCHER)
			return;
	if (s->was_ready)
		return;
	s->was_ready = true;
	sgl_journal_event(SGL_LEVEL_INFO, "ready");
	sgl_notify("READY=1");
}

static void
let_go(child *c)
{
	sgl_wait_free(c->on_leash);
	sgl_channel_free(c->leash);
	c->on_leash = NULL;
	c->leash = NULL;
	c->is_ready = c->has_keys = c->is_asked = false;
	c->ticks = 0;
}

static void
on_ready(child *c)
{
	c->is_ready = true;
	send_socket(c);
	/* Control knows a process before that one is asked for anything. */
	tell_children(c->owner);
	join_all(c->owner, c->role);
	check_all_ready(c->owner);
}

static void
on_joined(child *control)
{
	control->has_keys = true;
	check_all_ready(control->owner);
}

static void
on_vault(supervisor *s, bool locked)
{
	s->children[SGL_ROLE_KEYHOLDER].has_keys = true;
	s->is_locked = locked;
	s->stays_locked = s->stays_locked && locked;
	tell_children(s);
	check_all_ready(s);
}

static void try_start(child *c);

/* One that is just ending is started again when it has. */
static void
on_called(supervisor *s, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_role role = sgl_leash_read_peer(&u);
	child *c;

	if (sgl_unwire_end(&u, NULL) != SGL_OK || role != SGL_ROLE_FETCHER)
		return;
	c = &s->children[role];
	if (!c->is_idle && !c->is_called)
		c->called = now();
	c->is_called = !c->is_idle;
	if (!c->is_idle)
		return;
	c->is_idle = false;
	try_start(c);
}

/* It ends when its leash does. */
static void
on_wanted(child *c, bool locked)
{
	c->is_wanted = true;
	c->owner->stays_locked = locked;
	let_go(c);
}

/* ------------------------------------------------------------- tokens --- */

static void try_start(child *c);

/* The token process reads PINs only before it is shut in: for another URI it
 * begins anew, as it does when somebody has waited for it too long. */
static void
on_token(supervisor *s, sgl_slice body)
{
	child *c = &s->children[SGL_ROLE_TOKEN];
	sgl_unwire u = sgl_unwire_over(body);
	sgl_token_wish wish;
	bool added;
	sgl_err err = {0};

	sgl_token_wish_read(&u, &wish);
	if (sgl_unwire_end(&u, &err) != SGL_OK ||
	    sgl_token_list_put(&s->tokens, wish.uri, &added, &err) != SGL_OK) {
		sgl_journal_err("token", &err);
		return;
	}
	if (c->pid > 0 && (added || wish.anew)) {
		c->is_wanted = true;
		(void)kill(c->pid, SIGKILL);
	} else if (c->pid <= 0 && c->due <= now())
		try_start(c);
}

static void
on_pin(supervisor *s, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_listed_token said;
	sgl_err err = {0};

	sgl_listed_token_read(&u, &said);
	if (sgl_unwire_end(&u, &err) == SGL_OK)
		sgl_token_list_note(&s->tokens, &said);
	else
		sgl_journal_err("token", &err);
}

static sgl_status
send_tokens(const child *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_TOKEN_LIST_TEXT);
	sgl_wire w = sgl_wire_over(&body);

	if (c->role != SGL_ROLE_TOKEN)
		return SGL_OK;
	sgl_token_list_add(&w, &c->owner->tokens);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    c->leash, SGL_LEASH_TOKENS, sgl_buf_slice(&body), err);
}

/* What it has said of PINs counts, also if it ended before we listened. */
static void
hear_last_words(child *c)
{
	struct pollfd wait;
	unsigned type;
	sgl_slice body;
	bool ended = c->leash == NULL || c->role != SGL_ROLE_TOKEN;

	while (!ended) {
		wait = (struct pollfd){
		    .fd = sgl_channel_fd(c->leash), .events = POLLIN};
		if (poll(&wait, 1, 0) <= 0 ||
		    sgl_channel_receive(c->leash, MESSAGE_MAX, &type, &body,
			&ended, NULL) != SGL_OK)
			return;
		if (!ended && type == SGL_LEASH_PIN)
			on_pin(c->owner, body);
	}
}

/* Whoever hangs has to go, also with keys that it was given by somebody. */
static void
on_join(child *control, bool hangs)
{
	child *keyholder = &control->owner->children[SGL_ROLE_KEYHOLDER];

	if (!hangs)
		join(control, keyholder, SGL_LEASH_PEER);
	else if (keyholder->pid > 0)
		(void)kill(keyholder->pid, SIGKILL);
}

static void
on_beat(child *c)
{
	c->is_asked = false;
	c->ticks = 0;
}

static void
on_leash(void *ctx)
{
	child *c = ctx;
	unsigned type;
	sgl_slice body;
	bool ended;
	sgl_err err = {0};
	sgl_status status = sgl_channel_receive(
	    c->leash, MESSAGE_MAX, &type, &body, &ended, &err);

	if (status != SGL_OK)
		(void)kill(c->pid, SIGKILL);
	if (status != SGL_OK || ended) {
		let_go(c); /* its end will be told by a signal */
		return;
	}
	if (type == SGL_LEASH_READY)
		on_ready(c);
	else if (type == SGL_LEASH_BEAT)
		on_beat(c);
	else if (type == SGL_LEASH_JOINED && c->role == SGL_ROLE_CONTROL)
		on_joined(c);
	else if (type == SGL_LEASH_WANT && c->role == SGL_ROLE_CONTROL)
		on_called(c->owner, body);
	else if (type == SGL_LEASH_JOIN && c->role == SGL_ROLE_CONTROL)
		on_join(c, sgl_leash_read_told(body));
	else if (type == SGL_LEASH_PIN && c->role == SGL_ROLE_TOKEN)
		on_pin(c->owner, body);
	else if (c->role != SGL_ROLE_KEYHOLDER)
		return;
	else if (type == SGL_LEASH_TOKEN)
		on_token(c->owner, body);
	else if (type == SGL_LEASH_REFUSED)
		pass_on_refused(c->owner, body);
	else if (type == SGL_LEASH_VAULT)
		on_vault(c->owner, sgl_leash_read_told(body));
	else if (type == SGL_LEASH_RESTART)
		on_wanted(c, sgl_leash_read_told(body));
}

/* ------------------------------------------------------------- starting --- */

/* What is NULL is left out. */
static void
put_words(const char *const *words, size_t num, char **argv)
{
	size_t n = 0;

	for (size_t i = 0; i < num; i++)
		if (words[i] != NULL)
			argv[n++] = (char *)(uintptr_t)words[i];
	argv[n] = NULL;
}

static pid_t
spawn(const supervisor *s, sgl_role role, int leash)
{
	char user[USER_TEXT];
	const char *const words[] = {"sigilld", "--role", sgl_role_name(role),
	    "--home", s->home,
	    s->stays_locked && role == SGL_ROLE_KEYHOLDER ? "--locked" : NULL,
	    "--user", user, NULL};
	char *argv[COUNT(words)];
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;

	put_words(
	    words, s->users.are_apart ? COUNT(words) : COUNT(words) - 3, argv);
	(void)snprintf(user, sizeof user, "%u:%u", s->users.of[role].uid,
	    s->users.of[role].gid);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return 0;
	if (posix_spawn_file_actions_adddup2(&actions, leash, SGL_LEASH_FD) !=
		0 ||
	    posix_spawn(&pid, s->program, &actions, NULL, argv, environ) != 0)
		pid = 0;
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static sgl_status
start_child(child *c, sgl_err *err)
{
	int ends[2];
	sgl_status status;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	c->started = now();
	c->since = (sgl_time)time(NULL);
	c->num_starts++;
	c->pid = spawn(c->owner, c->role, ends[1]);
	(void)close(ends[1]);
	status = sgl_channel_new(ends[0], &c->leash, err);
	if (status != SGL_OK) {
		(void)close(ends[0]);
		return status;
	}
	if (c->pid <= 0)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a process cannot be started"));
	note_child(c, SGL_LEVEL_INFO, "started", 0);
	TRY(sgl_channel_patience(c->leash, LEASH_PATIENCE, err));
	TRY(send_tokens(c, err));
	return sgl_wait_readable(
	    c->owner->loop, ends[0], on_leash, c, &c->on_leash, err);
}

static void
try_start(child *c)
{
	sgl_err err = {0};

	if (start_child(c, &err) == SGL_OK)
		return;
	sgl_journal_err("start", &err);
	let_go(c);
	c->due = now() + SLOWEST;
}

static void
ask(child *c)
{
	const sgl_slice nothing = {NULL, 0};
	sgl_err err = {0};

	/* Who cannot be told anything is as silent as who does not answer. */
	c->is_asked = true;
	c->ticks = 0;
	if (sgl_channel_send(c->leash, SGL_LEASH_BEAT, nothing, &err) != SGL_OK)
		sgl_journal_err("tell", &err);
}

/* Our own ticks are counted, not the time: while the machine sleeps, or we are
 * stopped, nobody is late. */
static void
look_after(child *c)
{
	const unsigned patience = c->owner->config->patience;

	if (!c->is_ready || patience == 0)
		return;
	c->ticks++;
	if (!c->is_asked && c->ticks >= BEAT)
		ask(c);
	if (!c->is_asked || c->ticks < patience)
		return;
	note_child(c, SGL_LEVEL_ERROR, "hangs", 0);
	(void)kill(c->pid, SIGKILL);
	c->ticks = 0;
}

static void
on_tick(void *ctx)
{
	supervisor *s = ctx;

	sgl_notify("WATCHDOG=1");
	for (size_t i = 0; i < SGL_NUM_ROLES; i++) {
		child *c = &s->children[i];
		look_after(c);
		if (c->pid > 0 && c->is_called &&
		    now() - c->called >= CALL_PATIENCE)
			(void)kill(c->pid, SIGKILL);
		if (c->pid <= 0 && !s->is_ending && now() >= c->due &&
		    is_needed(s, c->role))
			try_start(c);
	}
}

/* --------------------------------------------------------------- ending --- */

static void
set_due(child *c)
{
	if (c->is_wanted) {
		c->due = now();
		c->is_wanted = false;
		c->num_starts--;
		return;
	}
	if (now() - c->started >= HEALTHY)
		c->delay = 0;
	c->due = now() + (time_t)c->delay;
	c->delay = c->delay == 0 ? 1 : c->delay * 2;
	if (c->delay > SLOWEST)
		c->delay = SLOWEST;
}

/* It has done what there was to do. */
static void
rest(child *c)
{
	c->is_idle = !c->is_called;
	c->is_called = false;
	c->delay = 0;
	c->due = now();
	c->num_starts--;
}

/* What cannot even begin will not get better by itself. */
static void
give_up(supervisor *s, int status)
{
	s->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : SGL_EXIT_ENVIRONMENT;
	s->is_ending = true;
	sgl_loop_stop(s->loop);
}

static void
on_ended(supervisor *s, pid_t pid, int status)
{
	for (size_t i = 0; i < SGL_NUM_ROLES; i++) {
		child *c = &s->children[i];
		bool is_resting = c->role == SGL_ROLE_FETCHER && status == 0;
		if (c->pid != pid)
			continue;
		note_child(c,
		    s->is_ending || c->is_wanted || is_resting
			? SGL_LEVEL_INFO
			: SGL_LEVEL_ERROR,
		    "ended", status);
		c->pid = 0;
		hear_last_words(c);
		let_go(c);
		set_due(c);
		if (is_resting)
			rest(c);
		/* A module that breaks is no reason for all to end. */
		if (!s->was_ready && !s->is_ending && i != SGL_ROLE_TOKEN &&
		    i != SGL_ROLE_FETCHER)
			give_up(s, status);
		else if (c->due <= now() && !c->is_idle && !s->is_ending)
			try_start(c);
		tell_children(s);
		tell_manager(s);
	}
}

static void
on_child(void *ctx)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_ended(ctx, pid, status);
}

static void
on_stop(void *ctx)
{
	supervisor *s = ctx;

	s->is_ending = true;
	sgl_notify("STOPPING=1");
	sgl_loop_stop(s->loop);
}

/* With TLS its files are read anew; else it is the end, as when a terminal
 * closes. */
static void
on_hangup(void *ctx)
{
	supervisor *s = ctx;
	child *front = &s->children[SGL_ROLE_FRONT];
	sgl_daemon_tls fresh;
	sgl_err err = {0};

	if (s->https < 0) {
		on_stop(ctx);
		return;
	}
	if (sgl_daemon_tls_read(s->config, &fresh, &err) != SGL_OK) {
		sgl_journal_err("certificate", &err);
		return;
	}
	sgl_daemon_tls_clear(&s->tls);
	s->tls = fresh;
	sgl_journal_event(SGL_LEVEL_INFO, "certificate");
	tell_children(s);
	if (front->is_ready &&
	    sgl_leash_send_tls(front->leash, &s->tls, &err) != SGL_OK)
		sgl_journal_err("certificate", &err);
}

/* Their leashes closed, all end by themselves; who does not, is made to. */
static void
end_all(supervisor *s)
{
	time_t limit = now() + 10;

	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		let_go(&s->children[i]);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++) {
		child *c = &s->children[i];
		while (c->pid > 0 && waitpid(c->pid, NULL, WNOHANG) == 0) {
			const struct timespec pause = {.tv_nsec = 10000000};
			if (now() >= limit)
				(void)kill(c->pid, SIGKILL);
			(void)nanosleep(&pause, NULL);
		}
		c->pid = 0;
	}
}

typedef struct watches {
	sgl_wait *child, *term, *interrupt, *hangup, *tick;
} watches;

static sgl_status
watch(supervisor *s, watches *w, sgl_err *err)
{
	TRY(sgl_loop_new(&s->loop, err));
	TRY(sgl_wait_signal(s->loop, SIGCHLD, on_child, s, &w->child, err));
	TRY(sgl_wait_signal(s->loop, SIGTERM, on_stop, s, &w->term, err));
	TRY(sgl_wait_signal(s->loop, SIGINT, on_stop, s, &w->interrupt, err));
	TRY(sgl_wait_signal(s->loop, SIGHUP, on_hangup, s, &w->hangup, err));
	/* One that came before we listened would be heard by nobody. */
	TRY(sgl_signals_check(ROOM, err));
	return sgl_wait_every(s->loop, 1, on_tick, s, &w->tick, err);
}

static void
note_handed_over(const supervisor *s)
{
	sgl_journal j;

	sgl_journal_begin(&j, SGL_LEVEL_INFO, "keys-handed-over");
	sgl_json_str(&j.json, "from", s->users.of[SGL_ROLE_CONTROL].name);
	sgl_json_str(&j.json, "to", s->users.of[SGL_ROLE_KEYHOLDER].name);
	sgl_journal_end(&j);
}

/* Of what root may do only what it takes to start the others again is left. */
static sgl_status
set_apart(supervisor *s, sgl_err *err)
{
	const unsigned rights =
	    SGL_RIGHT_READ | SGL_RIGHT_KILL | SGL_RIGHT_BECOME;
	bool handed;

	TRY(sgl_daemon_users_find(
	    (const char *const *)s->config->users, s->home, &s->users, err));
	if (!s->users.are_apart)
		return SGL_OK;
	TRY(sgl_daemon_hand_over(s->home, &s->users, &handed, err));
	if (handed)
		note_handed_over(s);
	return sgl_rights_keep(rights, err);
}

static sgl_status
supervise(supervisor *s, watches *w, sgl_err *err)
{
	const char *http = s->config->http;

	TRY(set_apart(s, err));
	TRY(sgl_daemon_tls_read(s->config, &s->tls, err));
	TRY(sgl_listen(http == NULL ? SGL_DAEMON_HTTP : http, &s->http, err));
	if (s->config->https != NULL)
		TRY(sgl_listen(s->config->https, &s->https, err));
	if (s->config->metrics != NULL)
		TRY(sgl_listen(s->config->metrics, &s->metrics, err));
	TRY(watch(s, w, err));
	for (size_t i = 0; i < SGL_NUM_ROLES; i++) {
		s->children[i] = (child){.owner = s, .role = (sgl_role)i};
		s->children[i].is_idle = i == SGL_ROLE_FETCHER;
		if (is_needed(s, (sgl_role)i))
			TRY(start_child(&s->children[i], err));
	}
	return sgl_loop_run(s->loop, err);
}

int
sgl_supervise(
    const sgl_daemon_config *config, const char *home, const char *const *argv)
{
	supervisor s = {.home = home,
	    .program = "/proc/self/exe",
	    .config = config,
	    .http = -1,
	    .https = -1,
	    .metrics = -1,
	    .since = (sgl_time)time(NULL)};
	watches w = {0};
	sgl_err err = {0};

	(void)argv;
	if (supervise(&s, &w, &err) != SGL_OK) {
		sgl_log_err("sigilld", &err);
		s.status = sgl_exit_of(err.status);
	}
	end_all(&s);
	sgl_wait_free(w.child);
	sgl_wait_free(w.term);
	sgl_wait_free(w.interrupt);
	sgl_wait_free(w.hangup);
	sgl_wait_free(w.tick);
	sgl_loop_free(s.loop);
	if (s.http >= 0)
		(void)close(s.http);
	if (s.https >= 0)
		(void)close(s.https);
	if (s.metrics >= 0)
		(void)close(s.metrics);
	sgl_daemon_tls_clear(&s.tls);
	if (s.status == 0)
		sgl_journal_event(SGL_LEVEL_INFO, "stopped");
	return s.status;
}
