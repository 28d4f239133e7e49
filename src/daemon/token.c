/* SPDX-License-Identifier: Apache-2.0 */
/* token: loads PKCS#11 modules, and answers the keyholder alone. What a module
 * does in here it does without a file of the home, and without a key that is
 * not on its token. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/token_list.h"
#include "sys/harden.h"
#include "sys/journal.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "sys/text.h"

#define ROOM "daemon.token"
#define QUESTION_MAX (SGL_FARKEY_INPUT + ((size_t)1 << 20))
#define PATHS_MAX 32

typedef struct token {
	const sgl_daemon_start *start;
	sgl_engine *engine;
	sgl_loop *loop;
	sgl_leash leash;
	sgl_wait *on_leash, *on_keyholder;
	sgl_channel *keyholder; /* NULL until we are joined */
	sgl_token_server *server;
} token;

static void
leave_keyholder(token *t)
{
	sgl_wait_free(t->on_keyholder);
	sgl_channel_free(t->keyholder);
	t->on_keyholder = NULL;
	t->keyholder = NULL;
}

/* The supervisor remembers what must not be tried again. */
static sgl_status
on_pin(void *ctx, const char *uri, const sgl_pin_note *note, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_TOKEN_LIST_TEXT);
	sgl_wire w = sgl_wire_over(&body);
	const token *t = ctx;
	sgl_listed_token said = {.note = *note};

	(void)snprintf(said.uri, sizeof said.uri, "%s", uri);
	sgl_listed_token_add(&w, &said);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    t->start->leash, SGL_LEASH_PIN, sgl_buf_slice(&body), err);
}

static sgl_status
answer(token *t, bool *ended, sgl_err *err)
{
	unsigned type;
	sgl_slice body;

	TRY(sgl_channel_receive(
	    t->keyholder, QUESTION_MAX, &type, &body, ended, err));
	if (*ended)
		return SGL_OK;
	return sgl_token_serve(t->server, t->keyholder, type, body, err);
}

static void
on_keyholder(void *ctx)
{
	token *t = ctx;
	bool ended = false;
	sgl_err err = {0};

	if (answer(t, &ended, &err) != SGL_OK)
		sgl_journal_err("keyholder-failed", &err);
	else if (!ended)
		return;
	leave_keyholder(t);
}

static sgl_status
on_peer(void *ctx, sgl_role role, int fd, sgl_err *err)
{
	token *t = ctx;
	sgl_status status = SGL_OK;

	leave_keyholder(t);
	if (role == SGL_ROLE_KEYHOLDER)
		status = sgl_channel_new(fd, &t->keyholder, err);
	if (t->keyholder == NULL) {
		(void)close(fd);
		return status;
	}
	return sgl_wait_readable(
	    t->loop, fd, on_keyholder, t, &t->on_keyholder, err);
}

/* ----------------------------------------------------------- beginning --- */

void
sgl_token_start_free(sgl_token_start *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < SGL_TOKENS_MAX; i++)
		sgl_secret_clear(&t->pins[i]);
	sgl_mem_free(t);
}

/* The supervisor says it before anything else. */
static sgl_status
receive_list(sgl_channel *leash, sgl_token_list *out, sgl_err *err)
{
	unsigned type;
	sgl_slice body;
	bool ended;
	sgl_unwire u;

	TRY(sgl_channel_receive(
	    leash, SGL_TOKEN_LIST_TEXT, &type, &body, &ended, err));
	u = sgl_unwire_over(body);
	sgl_token_list_read(&u, out);
	u.failed = u.failed || ended || type != SGL_LEASH_TOKENS;
	return sgl_unwire_end(&u, err);
}

/* pin-source=file:$CREDENTIALS_DIRECTORY/NAME. Root reads nothing else that a
 * URI names; what this is not, the token process reads for itself. */
static bool
names_credential(const char *uri, char out[SGL_TOKEN_URI + 1])
{
	static const char source[] = "pin-source=file:";
	const char *folder = secure_getenv("CREDENTIALS_DIRECTORY"),
		   *at = strstr(uri, source);
	size_t len;

	if (at == NULL || folder == NULL || folder[0] == '\0')
		return false;
	at += sizeof source - 1;
	if (strncmp(at, "///", 3) == 0)
		at += 2;
	len = strlen(folder);
	if (strncmp(at, folder, len) != 0 || at[len] != '/')
		return false;
	at += len + 1;
	(void)snprintf(
	    out, SGL_TOKEN_URI + 1, "%.*s", (int)strcspn(at, "&;?"), at);
	return true;
}

static sgl_status
read_pin(const char *uri, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	char name[SGL_TOKEN_URI + 1];

	if (!names_credential(uri, name) ||
	    sgl_credential_path(name, &path, NULL) != SGL_OK ||
	    sgl_secret_of_file((const char *)path.data, out, NULL) !=
		SGL_E_NOMEM)
		return SGL_OK;
	return sgl_oom(err, ROOM);
}

sgl_status
sgl_token_prepare(const sgl_daemon_start *start, sgl_err *err)
{
	sgl_token_start *t = sgl_mem_zeroed(1, sizeof *t);

	if (t == NULL)
		return sgl_oom(err, ROOM);
	*start->tokens = t;
	sgl_sys_lock_memory();
	TRY(receive_list(start->leash, &t->list, err));
	for (size_t i = 0; i < t->list.num; i++)
		TRY(read_pin(t->list.items[i].uri, &t->pins[i], err));
	return SGL_OK;
}

static sgl_status
take_list(token *t, sgl_err *err)
{
	sgl_token_start *s = *t->start->tokens;

	for (size_t i = 0; i < s->list.num; i++) {
		const sgl_listed_token *item = &s->list.items[i];

		TRY(sgl_token_server_add(t->server, item->uri,
		    sgl_secret_slice(&s->pins[i]), &item->note, err));
		sgl_secret_clear(&s->pins[i]);
	}
	return SGL_OK;
}

/* What modules need: where they are and what configures them, USB devices, the
 * folder of SoftHSM. The socket of pcscd is in /run. */
static const char *const read_paths[] = {"/usr/lib", "/usr/lib64", "/usr/local",
    "/usr/share/p11-kit", "/lib", "/lib64", "/opt", "/etc/ld.so.cache",
    "/etc/pkcs11", "/etc/opensc", "/etc/softhsm", "/etc/libccid_Info.plist",
    "/etc/localtime", "/run/udev", "/run/pcscd", "/sys/bus", "/sys/class",
    "/sys/devices", "/dev/urandom", "/dev/random", NULL};
static const char *const write_paths[] = {
    "/dev/bus/usb", "/dev/null", "/var/lib/softhsm"};

typedef struct fence {
	char *own; /* what the settings say, cut into pieces */
	const char *readable[PATHS_MAX], *places[PATHS_MAX];
} fence;

static void
fence_clear(fence *f)
{
	sgl_mem_free(f->own);
}
SGL_AUTO_CLEAR_TYPE(fence, fence_clear)

static sgl_status
add_own(fence *f, const char *paths, size_t num, sgl_err *err)
{
	char *rest = NULL;

	if (paths == NULL)
		return SGL_OK;
	TRY(sgl_slice_copy(
	    sgl_slice_str(paths), (uint8_t **)&f->own, ROOM, err));
	for (char *p = strtok_r(f->own, ":", &rest); p != NULL;
	     p = strtok_r(NULL, ":", &rest)) {
		if (num + 1 == PATHS_MAX)
			return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
			    N_("token_paths names too many places"));
		f->places[num++] = p;
	}
	return SGL_OK;
}

/* Modules read no file of the home: where that lies in a place which they might
 * read, the place is left out, and the log says so. */
static void
leave_out_home(const char **list, const char *home)
{
	size_t left = 0;

	for (size_t i = 0; list[i] != NULL; i++) {
		sgl_journal j;

		if (!sgl_sandbox_covers(list[i], home)) {
			list[left++] = list[i];
			continue;
		}
		sgl_journal_begin(&j, SGL_LEVEL_WARNING, "left-out");
		sgl_json_str(&j.json, "path", list[i]);
		sgl_json_str(&j.json, "why", "the home lies in it");
		sgl_journal_end(&j);
	}
	list[left] = NULL;
}

static sgl_status
shut_in(const token *t, sgl_err *err)
{
	const sgl_daemon_config *c = t->start->config;
	SGL_AUTO_CLEAR(fence) f = {0};
	const size_t num_read = sizeof read_paths / sizeof *read_paths,
		     num_write = sizeof write_paths / sizeof *write_paths;
	const sgl_sandbox s = {.places = f.places,
	    .readable = f.readable,
	    .has_modules = true,
	    .may_connect = c->token_network,
	    .best_effort = c->best_effort};

	memcpy(f.readable, read_paths, sizeof read_paths);
	memcpy(f.places, write_paths, sizeof write_paths);
	f.readable[num_read - 1] = secure_getenv("SOFTHSM2_CONF");
	TRY(add_own(&f, c->token_paths, num_write, err));
	leave_out_home(f.readable, t->start->home);
	leave_out_home(f.places, t->start->home);
	return sgl_sandbox_enter(&s, err);
}

static sgl_status
run(token *t, sgl_err *err)
{
	TRY(sgl_engine_new(NULL, &t->engine, err));
	TRY(sgl_token_server_new(t->engine, &t->server, err));
	sgl_token_server_watch_pins(t->server, on_pin, t);
	TRY(take_list(t, err));
	TRY(sgl_loop_new(&t->loop, err));
	t->leash = (sgl_leash){.channel = t->start->leash,
	    .loop = t->loop,
	    .on_peer = on_peer,
	    .ctx = t};
	TRY(sgl_leash_follow(&t->leash, &t->on_leash, err));
	TRY(shut_in(t, err));
	TRY(sgl_leash_ready(t->start->leash, err));
	return sgl_loop_run(t->loop, err);
}

sgl_status
sgl_token_run(const sgl_daemon_start *start, sgl_err *err)
{
	token t = {.start = start};
	sgl_status status;

	sgl_signals_leave_to_parent();
	status = run(&t, err);
	leave_keyholder(&t);
	sgl_wait_free(t.on_leash);
	sgl_loop_free(t.loop);
	sgl_token_server_free(t.server);
	sgl_engine_free(t.engine);
	return status;
}
