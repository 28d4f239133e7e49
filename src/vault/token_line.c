/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "crypto/pubkey.h"
#include "sys/text.h"
#include "vault/token_line.h"

#define ROOM "vault.token"
#define SPKI_MAX ((size_t)8192)
#define PLACES_MAX 1000
/* For one answer: less than whoever asks us waits for ours. */
#define PATIENCE 15

/* ------------------------------------------------------------- messages --- */

void
sgl_token_add_open(sgl_wire *w, const char *uri)
{
	sgl_wire_add_text(w, uri);
}

void
sgl_token_read_open(sgl_unwire *u, char uri[SGL_TOKEN_URI + 1])
{
	sgl_unwire_text(u, uri, SGL_TOKEN_URI + 1);
}

void
sgl_token_add_opened(sgl_wire *w, const sgl_token_opened *o)
{
	sgl_wire_add_int(w, o->anew);
	sgl_wire_add_int(w, (int64_t)o->place);
	sgl_wire_add_bytes(w, o->spki);
}

void
sgl_token_read_opened(sgl_unwire *u, sgl_token_opened *out)
{
	out->anew = sgl_unwire_bool(u);
	out->place = (size_t)sgl_unwire_int(u, 0, PLACES_MAX);
	out->spki = sgl_unwire_bytes(u, SPKI_MAX);
}

/* -------------------------------------------------------------- the line ---
 */

void
sgl_token_line_leave(sgl_token_line *line)
{
	sgl_channel_free(line->channel);
	line->channel = NULL;
}

sgl_status
sgl_token_line_join(sgl_token_line *line, int fd, sgl_err *err)
{
	sgl_status status;

	sgl_token_line_leave(line);
	line->generation++;
	status = sgl_channel_new(fd, &line->channel, err);
	if (status == SGL_OK)
		return sgl_channel_patience(line->channel, PATIENCE, err);
	(void)close(fd);
	return status;
}

/* Whether somebody is there to be asked. */
static sgl_status
reach(sgl_token_line *line, const char *uri, sgl_err *err)
{
	if (line->channel != NULL && !sgl_channel_is_open(line->channel))
		sgl_token_line_leave(line);
	if (line->channel == NULL)
		line->summon(line->ctx, uri, false);
	if (line->channel != NULL)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the process for tokens does not run: its log says why"));
}

/* The token, without where its PIN and its module are. */
static void
name_token(const char *uri, sgl_err *err)
{
	if (err != NULL && err->detail[0] == '\0')
		(void)snprintf(err->detail, sizeof err->detail, "%.*s",
		    (int)strcspn(uri, "?"), uri);
}

/*
 * What became of a question: where nobody answered, the other end is left. One
 * that is still busy is told to begin anew, for its answer would be taken for
 * that of the next question.
 */
static sgl_status
conclude(sgl_token_line *line, const char *uri, sgl_status status, sgl_err *err)
{
	bool late;

	if (status == SGL_OK)
		return SGL_OK;
	late = sgl_channel_is_late(line->channel);
	if (!sgl_channel_is_open(line->channel)) {
		sgl_token_line_leave(line);
		if (status != SGL_E_IO)
			return status;
		status = sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    late ? N_("the token does not answer: is its device busy, "
			      "or waiting for somebody?")
			 : N_("the process for tokens ended while it used the "
			      "token: try again"));
	}
	if (late)
		line->summon(line->ctx, uri, true);
	name_token(uri, err);
	return status;
}

static sgl_status
ask_open(
    sgl_token_line *line, const char *uri, sgl_token_opened *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_TOKEN_URI + 64);
	sgl_wire w = sgl_wire_over(&question);
	sgl_slice answer;
	sgl_unwire u;

	sgl_token_add_open(&w, uri);
	TRY(sgl_wire_end(&w, err));
	TRY(sgl_exchange(line->channel, SGL_TOKEN_OPEN,
	    sgl_buf_slice(&question), SGL_TOKEN_OPENED, &answer, err));
	u = sgl_unwire_over(answer);
	sgl_token_read_opened(&u, out);
	return sgl_unwire_end(&u, err);
}

/* Begun anew for us, it is asked once more. */
static sgl_status
find(sgl_token_line *line, const char *uri, sgl_token_opened *out, sgl_err *err)
{
	TRY(reach(line, uri, err));
	TRY(conclude(line, uri, ask_open(line, uri, out, err), err));
	if (!out->anew)
		return SGL_OK;
	sgl_token_line_leave(line);
	line->summon(line->ctx, uri, true);
	TRY(reach(line, uri, err));
	TRY(conclude(line, uri, ask_open(line, uri, out, err), err));
	if (!out->anew)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the PIN of the token is being changed: try again"));
}

/* ------------------------------------------------------------------ keys ---
 */

typedef struct token_key {
	sgl_token_line *line;
	sgl_key *inner; /* NULL: to be found anew */
	unsigned generation;
	sgl_secret spki; /* no secret, but owned the same way */
	char uri[SGL_TOKEN_URI + 1];
} token_key;

static void
key_free(token_key *k)
{
	if (k == NULL)
		return;
	sgl_key_unref(k->inner);
	sgl_secret_clear(&k->spki);
	sgl_mem_free(k);
}
SGL_AUTO_TYPE(token_key, key_free)

static void
release(void *ctx)
{
	key_free(ctx);
}

static void
forget(token_key *k)
{
	sgl_key_unref(k->inner);
	k->inner = NULL;
}

static sgl_status
find_inner(token_key *k, sgl_err *err)
{
	sgl_token_opened o;

	forget(k);
	TRY(find(k->line, k->uri, &o, err));
	if (k->spki.len == 0)
		TRY(sgl_secret_set(&k->spki, o.spki, err));
	if (!sgl_slice_eq(o.spki, sgl_secret_slice(&k->spki)))
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("another key is in its place on the token"));
	k->generation = k->line->generation;
	return sgl_farkey_new(k->line->engine, k->line->channel, o.place, false,
	    o.spki, &k->inner, err);
}

static bool
is_there(const token_key *k)
{
	return k->inner != NULL && k->line->channel != NULL &&
	    k->generation == k->line->generation &&
	    sgl_channel_is_open(k->line->channel);
}

static sgl_status
ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	token_key *k = ctx;
	sgl_status status = SGL_OK;

	if (!is_there(k))
		status = find_inner(k, err);
	if (status == SGL_OK)
		status = conclude(k->line, k->uri,
		    sgl_key_ask(
			k->line->engine, k->inner, request, answer, err),
		    err);
	/* Whatever is about the token is looked at before the next time. */
	if (status == SGL_E_IO || status == SGL_E_PASSWORD)
		forget(k);
	if (status != SGL_OK)
		name_token(k->uri, err);
	return status;
}

static sgl_status
open_key(void *ctx, const char *uri, sgl_key **out, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = ask, .release = release};
	sgl_token_line *line = ctx;
	SGL_AUTO(token_key)
	k = sgl_mem_zeroed(1, sizeof *k);
	sgl_status status;

	if (k == NULL)
		return sgl_oom(err, ROOM);
	if (strlen(uri) > SGL_TOKEN_URI)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the pkcs11: URI is too long"));
	k->line = line;
	(void)snprintf(k->uri, sizeof k->uri, "%s", uri);
	status = find_inner(k, err);
	if (status != SGL_OK) {
		name_token(uri, err);
		return status;
	}
	TRY(sgl_key_new_remote(
	    line->engine, sgl_secret_slice(&k->spki), &ops, k, out, err));
	(void)SGL_TAKE(&k);
	return SGL_OK;
}

sgl_token_source
sgl_token_line_source(sgl_token_line *line)
{
	return (sgl_token_source){open_key, line};
}
