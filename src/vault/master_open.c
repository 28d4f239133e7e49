/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "pki/cert.h"
#include "sys/input.h"
#include "sys/text.h"
#include "vault/master.h"
#include "vault/token.h"

#define ROOM "vault.master"
#define SECRET_MAX ((size_t)4096)

/* --------------------------------------------------------------- secrets ---
 */

/* The first line, if it is not a key: an editor leaves a line end behind. */
static sgl_slice
passphrase_in(sgl_slice text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] != '\n')
		len++;
	if (len > 0 && text.data[len - 1] == '\r')
		len--;
	return sgl_slice_first(text, len);
}

sgl_status
sgl_secret_of_file(const char *path, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = {.max = SECRET_MAX, .secret = true};
	sgl_slice secret;

	TRY(sgl_file_read(path, &text, err));
	secret = sgl_buf_slice(&text);
	if (secret.len != SGL_MASTER_KEY)
		secret = passphrase_in(secret);
	if (secret.len == 0)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("the secret is empty"), "%s", path);
	return sgl_secret_set(out, secret, err);
}

static bool
is_credential_name(const char *name)
{
	size_t len = strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "._-");

	return name[len] == '\0' && len > 0 && len <= 64 && name[0] != '.';
}

sgl_status
sgl_credential_path(const char *name, sgl_buf *out, sgl_err *err)
{
	const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");

	*out = sgl_buf_init(SECRET_MAX);
	if (!is_credential_name(name))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("cannot be the name of a credential (letters, digits, "
		       ". _ -)"),
		    "%s", name);
	if (folder == NULL || folder[0] != '/')
		return SGL_OK;
	return sgl_buf_printf(out, err, "%s/%s%c", folder, name, 0);
}

/* ---------------------------------------------------------------- the ways -
 */

static sgl_status
check_id(sgl_engine *engine, const sgl_ways *ways, sgl_slice key, sgl_err *err)
{
	uint8_t id[SGL_MASTER_ID];

	TRY(sgl_master_id(engine, key, id, err));
	if (sgl_mem_equal(id, ways->id, sizeof id))
		return SGL_OK;
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("a way to the master key does not lead there"));
}

/* *out stays empty where no file belongs to the way, or there is none now. */
static sgl_status
read_secret(const sgl_way *w, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	if (w->kind == SGL_WAY_KEY_FILE)
		return sgl_secret_of_file(w->name, out, err);
	if (w->kind != SGL_WAY_CREDENTIAL)
		return SGL_OK;
	TRY(sgl_credential_path(w->name, &path, err));
	return path.len == 0
	    ? SGL_OK
	    : sgl_secret_of_file((const char *)path.data, out, err);
}

sgl_status
sgl_master_gather(sgl_master *m, sgl_err *err)
{
	for (size_t i = 0; i < m->ways.num; i++)
		if (read_secret(&m->ways.items[i], &m->gathered[i], NULL) ==
		    SGL_E_NOMEM)
			return sgl_oom(err, ROOM);
	return SGL_OK;
}

static sgl_status
by_file(sgl_engine *engine, const sgl_way *w, const sgl_secret *gathered,
    sgl_secret *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};

	if (gathered->len > 0)
		return sgl_way_unwrap(
		    engine, w, sgl_secret_slice(gathered), key, err);
	TRY(read_secret(w, &secret, err));
	return secret.len == 0
	    ? SGL_OK
	    : sgl_way_unwrap(engine, w, sgl_secret_slice(&secret), key, err);
}

static sgl_status
by_token_here(
    sgl_engine *engine, const sgl_way *w, sgl_secret *key, sgl_err *err)
{
	SGL_AUTO(sgl_token)
	token = NULL;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_token_open_found(engine, w->name, &token, err));
	TRY(sgl_token_add_to_ring(token, &ring, err));
	if (ring.num_keys != 1)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("does not name one key of the token"), "%s", w->name);
	return sgl_way_unwrap_key(engine, w, ring.keys[0], key, err);
}

static sgl_status
by_token_far(sgl_engine *engine, const sgl_token_source *tokens,
    const sgl_way *w, sgl_secret *key, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	on_token = NULL;

	TRY(tokens->open(tokens->ctx, w->name, &on_token, err));
	return sgl_way_unwrap_key(engine, w, on_token, key, err);
}

/* Which ways are gone. */
typedef struct going {
	bool apart, by_token;
	const sgl_token_source *tokens; /* NULL: the module is loaded here */
} going;

static sgl_status
by_token(sgl_engine *engine, const going *g, const sgl_way *w, sgl_secret *key,
    sgl_err *err)
{
	if (!g->by_token)
		return SGL_OK;
	return g->tokens == NULL ? by_token_here(engine, w, key, err)
				 : by_token_far(engine, g->tokens, w, key, err);
}

/* *key stays empty where it cannot be tried. */
static sgl_status
go(sgl_engine *engine, const going *g, const sgl_way *w,
    const sgl_secret *gathered, sgl_secret *key, sgl_err *err)
{
	switch (w->kind) {
	case SGL_WAY_KEY_FILE:
	case SGL_WAY_CREDENTIAL:
		return g->apart ? by_file(engine, w, gathered, key, err)
				: SGL_OK;
	case SGL_WAY_TOKEN:
		return by_token(engine, g, w, key, err);
	case SGL_WAY_PASSPHRASE:
	case SGL_NUM_WAY_KINDS:
		break;
	}
	return SGL_OK;
}

static sgl_status
go_all(sgl_engine *engine, const going *g, const sgl_master *m, sgl_secret *key,
    sgl_err *err)
{
	if (m->bare.len > 0)
		return sgl_secret_set(key, sgl_secret_slice(&m->bare), err);
	for (size_t i = 0; i < m->ways.num && key->len == 0; i++) {
		sgl_status status =
		    go(engine, g, &m->ways.items[i], &m->gathered[i], key, err);

		if (status == SGL_OK && key->len > 0)
			status = check_id(
			    engine, &m->ways, sgl_secret_slice(key), err);
		if (status == SGL_E_NOMEM)
			return status;
		if (status != SGL_OK)
			sgl_secret_clear(key);
	}
	return SGL_OK;
}

sgl_status
sgl_master_open(
    sgl_engine *engine, const sgl_master *m, sgl_secret *key, sgl_err *err)
{
	const going g = {.apart = true, .by_token = true};

	return go_all(engine, &g, m, key, err);
}

sgl_status
sgl_master_open_apart(
    sgl_engine *engine, const sgl_master *m, sgl_secret *key, sgl_err *err)
{
	const going g = {.apart = true};

	return go_all(engine, &g, m, key, err);
}

sgl_status
sgl_master_open_on(sgl_engine *engine, const sgl_master *m,
    const sgl_token_source *tokens, sgl_secret *key, sgl_err *err)
{
	const going g = {.by_token = true, .tokens = tokens};

	return go_all(engine, &g, m, key, err);
}

sgl_status
sgl_master_open_by(sgl_engine *engine, const sgl_master *m,
    sgl_slice passphrase, sgl_secret *key, sgl_err *err)
{
	sgl_status status = SGL_E_PASSWORD;

	(void)sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("no passphrase opens this vault"));
	for (size_t i = 0; i < m->ways.num; i++) {
		const sgl_way *w = &m->ways.items[i];

		if (w->kind != SGL_WAY_PASSPHRASE)
			continue;
		status = sgl_way_unwrap(engine, w, passphrase, key, err);
		if (status == SGL_OK)
			return check_id(
			    engine, &m->ways, sgl_secret_slice(key), err);
		if (status != SGL_E_PASSWORD)
			return status;
		(void)sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the passphrase of the vault is wrong"));
	}
	return status;
}
