/* SPDX-License-Identifier: Apache-2.0 */
/* sigill key protect: done by whoever may read the folder of the keys, for the
 * service's processes may not write there. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/work.h"
#include "crypto/hash.h"
#include "org/keys.h"
#include "org/place.h"
#include "sys/lock.h"
#include "sys/log.h"
#include "sys/output.h"
#include "sys/passphrase.h"
#include "vault/token.h"

#define ROOM "admin.key"
#define PATIENCE_MS 10000
#define SHORTEST 10

typedef struct protecting {
	const sgl_call *call;
	sgl_engine *engine;
	sgl_buf path;
	sgl_plain_folder keys;
	sgl_lock *lock;
	sgl_master master;
	sgl_secret key;
} protecting;

static void
protecting_clear(protecting *p)
{
	sgl_secret_clear(&p->key);
	sgl_master_clear(&p->master);
	sgl_lock_free(p->lock);
	sgl_plain_close(&p->keys);
	sgl_buf_clear(&p->path);
	sgl_engine_free(p->engine);
}
SGL_AUTO_CLEAR_TYPE(protecting, protecting_clear)

static const char *
folder_of(const protecting *p)
{
	return (const char *)p->path.data;
}

/* ----------------------------------------------------------- the old ways -
 */

static sgl_status
open_key(protecting *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) passphrase = {0};
	sgl_vault_state state;

	TRY(sgl_master_open(p->engine, &p->master, &p->key, err));
	if (p->key.len > 0)
		return SGL_OK;
	sgl_master_state(&p->master, &state);
	if (state.num_of[SGL_WAY_PASSPHRASE] == 0)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("none of the ways to the master key is open here: its "
		       "credential, key file or token is missing"));
	TRY(sgl_ask_vault(&passphrase, err));
	return sgl_master_open_by(
	    p->engine, &p->master, sgl_secret_slice(&passphrase), &p->key, err);
}

static sgl_status
begin(protecting *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) home = sgl_buf_init(SGL_PLACE_MAX);

	TRY(sgl_engine_new(NULL, &p->engine, err));
	TRY(sgl_place_find(sgl_call_get(p->call, "home"), &home, err));
	/* Before anything is made where no home is. */
	TRY(sgl_keys_read((const char *)home.data, &p->master, err));
	sgl_master_clear(&p->master);
	p->master = (sgl_master){0};
	TRY(sgl_keys_open((const char *)home.data, &p->path, &p->keys, err));
	TRY(sgl_lock_new_in(&p->keys, "lock", PATIENCE_MS, &p->lock, err));
	TRY(sgl_master_read_in(&p->keys, &p->master, err));
	return open_key(p, err);
}

/* ------------------------------------------------------------ the new way -
 */

static sgl_status
wrap(protecting *p, sgl_way_kind kind, const char *name,
    const sgl_secret *secret, sgl_way *out, sgl_err *err)
{
	return sgl_way_wrap(p->engine, kind, name, sgl_secret_slice(secret),
	    sgl_secret_slice(&p->key), out, err);
}

static sgl_status
by_passphrase(protecting *p, sgl_way *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) passphrase = {0};
	const char *path = sgl_call_get(p->call, "password-file");

	TRY(path != NULL
		? sgl_passphrase_file(path, &passphrase, err)
		: sgl_passphrase_ask(_("New passphrase of the vault: "), true,
		      &passphrase, err));
	if (passphrase.len < SHORTEST)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the passphrase is too short: it guards all private "
		       "keys, so take ten characters or more"));
	return wrap(p, SGL_WAY_PASSPHRASE, "", &passphrase, out, err);
}

/* One that is not there is made, with a key in it. */
static sgl_status
secret_at(protecting *p, const char *path, sgl_secret *out, sgl_err *err)
{
	if (access(path, F_OK) == 0)
		return sgl_secret_of_file(path, out, err);
	TRY(sgl_secret_zeroed(out, SGL_MASTER_KEY, err));
	TRY(sgl_random(p->engine, out->data, out->len, err));
	return sgl_file_write(
	    p->engine, path, true, sgl_secret_slice(out), err);
}

static sgl_status
by_credential(protecting *p, const char *name, sgl_way *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	const char *from = sgl_call_get(p->call, "from");

	TRY(sgl_credential_path(name, &path, err));
	if (from != NULL)
		TRY(secret_at(p, from, &secret, err));
	else if (path.len > 0)
		TRY(sgl_secret_of_file((const char *)path.data, &secret, err));
	else
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("where is the credential's secret now? Give --from "
		       "FILE"));
	return wrap(p, SGL_WAY_CREDENTIAL, name, &secret, out, err);
}

/* Beside what it opens it would protect nothing. */
static bool
lies_in_home(const protecting *p, const char *path)
{
	char given[PATH_MAX], folder[PATH_MAX], home[PATH_MAX];
	size_t len = (size_t)(strrchr(path, '/') - path);

	(void)snprintf(given, sizeof given, "%.*s/", (int)len, path);
	if (realpath(given, folder) == NULL)
		return false;
	(void)snprintf(given, sizeof given, "%s/..", folder_of(p));
	if (realpath(given, home) == NULL)
		return false;
	len = strlen(home);
	return strncmp(folder, home, len) == 0 &&
	    (folder[len] == '/' || folder[len] == '\0');
}

static sgl_status
by_key_file(protecting *p, const char *given, sgl_way *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};

	if (given[0] != '/' || strlen(given) > SGL_WAY_NAME)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the service starts elsewhere: give the whole path of "
		       "the key file"),
		    "%s", given);
	if (lies_in_home(p, given))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a key file in the home itself protects nothing"), "%s",
		    given);
	TRY(secret_at(p, given, &secret, err));
	return wrap(p, SGL_WAY_KEY_FILE, given, &secret, out, err);
}

static sgl_status
by_token(protecting *p, const char *uri, sgl_way *out, sgl_err *err)
{
	SGL_AUTO(sgl_token)
	token = NULL;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_secret) key = {0};

	if (strstr(uri, "pin-value=") != NULL || strlen(uri) > SGL_WAY_NAME)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the PIN would lie beside what it opens: put it into a "
		       "file, and ?pin-source=file:... into the URI"));
	TRY(sgl_token_open(p->engine, uri, (sgl_slice){NULL, 0}, &token, err));
	TRY(sgl_token_add_to_ring(token, &ring, err));
	if (ring.num_keys != 1)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the URI means several keys: add object= or id="));
	TRY(sgl_way_wrap_key(p->engine, uri, sgl_key_get_spki(ring.keys[0]),
	    sgl_secret_slice(&p->key), out, err));
	/* It is gone once before the old ways go: not every key on a token may
	 * decrypt or derive. */
	return sgl_way_unwrap_key(p->engine, out, ring.keys[0], &key, err);
}

static sgl_status
make_way(protecting *p, sgl_way *out, sgl_err *err)
{
	const char *credential = sgl_call_get(p->call, "credential");
	const char *token = sgl_call_get(p->call, "token");
	const char *file = sgl_call_get(p->call, "key-file");

	if (credential != NULL)
		return by_credential(p, credential, out, err);
	if (token != NULL)
		return by_token(p, token, out, err);
	return file != NULL ? by_key_file(p, file, out, err)
			    : by_passphrase(p, out, err);
}

static sgl_status
add_way(protecting *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_way) way = {0};
	sgl_ways *ways = &p->master.ways;
	sgl_way_kind kind;
	SGL_AUTO_MEM char *name = NULL;

	TRY(make_way(p, &way, err));
	kind = way.kind;
	TRY(sgl_slice_copy(
	    sgl_slice_str(way.name), (uint8_t **)&name, ROOM, err));
	TRY(sgl_master_id(p->engine, sgl_secret_slice(&p->key), ways->id, err));
	TRY(sgl_ways_put(ways, &way, err));
	if (sgl_call_has(p->call, "only"))
		sgl_ways_keep_only(ways, kind, name);
	return sgl_master_write(&p->keys, ways, err);
}

static sgl_status
protect(const sgl_call *call, sgl_err *err)
{
	SGL_AUTO_CLEAR(protecting) p = {.call = call, .keys = {.fd = -1}};

	TRY(begin(&p, err));
	return add_way(&p, err);
}

sgl_status
sgl_bring_ways(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	sgl_vault_state state;
	sgl_wire w;

	TRY(sgl_place_find(sgl_call_get(call, "home"), &path, err));
	TRY(sgl_keys_read((const char *)path.data, &master, err));
	sgl_master_state(&master, &state);
	order->input = sgl_buf_init(256);
	w = sgl_wire_over(&order->input);
	sgl_ways_count_add(&w, &state);
	return sgl_wire_end(&w, err);
}

static int
num_ways(const sgl_call *call)
{
	return sgl_call_has(call, "passphrase") +
	    sgl_call_has(call, "credential") + sgl_call_has(call, "token") +
	    sgl_call_has(call, "key-file");
}

/* The service learns what was done, but not the new passphrase. */
static sgl_call
without_password(const sgl_call *call)
{
	sgl_call c = *call;

	c.num_given = 0;
	for (size_t i = 0; i < call->num_given; i++)
		if (strcmp(call->given[i].option->name, "password-file") != 0)
			c.given[c.num_given++] = call->given[i];
	return c;
}

int
sgl_org_key_protect(sgl_call *call)
{
	const sgl_call told = without_password(call);
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	if (num_ways(call) != 1)
		return sgl_call_usage(call,
		    _("give one of --passphrase, --credential, --token and "
		      "--key-file"));
	if (protect(call, &err) != SGL_OK)
		return sgl_call_fail(call, &err);
	sgl_reply_init(&r, call);
	if (sgl_org_perform(&told, &r, &err) == SGL_OK)
		return sgl_org_end(call, SGL_OK, &r, &err);
	sgl_log_warning(
	    _("the master key is protected, but that is not recorded"));
	return sgl_call_fail(call, &err);
}
