/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "pki/cert.h"
#include "sys/text.h"
#include "vault/token_line.h"

#define ROOM "vault.token"
#define PLACES 64

/* One key. */
typedef struct place {
	char *uri;
	sgl_token *token; /* NULL: `why` says why */
	sgl_err why;	  /* of what happened before anybody asked */
	char *pin_file;	  /* NULL: there is none */
	struct stat pin;  /* as it was then; all-zero: not there */
	sgl_token_server *server;
} place;

struct sgl_token_server {
	sgl_engine *engine;
	place places[PLACES];
	sgl_key *keys[PLACES]; /* NULL: not found yet */
	size_t num;
	sgl_on_token_pin *on_pin;
	void *ctx;
};

sgl_status
sgl_token_server_new(sgl_engine *engine, sgl_token_server **out, sgl_err *err)
{
	sgl_token_server *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->engine = engine;
	*out = s;
	return SGL_OK;
}

void
sgl_token_server_free(sgl_token_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->num; i++) {
		sgl_key_unref(s->keys[i]);
		sgl_token_free(s->places[i].token);
		sgl_mem_free(s->places[i].uri);
		sgl_mem_free(s->places[i].pin_file);
	}
	sgl_mem_free(s);
}

/* ------------------------------------------------------------------ PINs ---
 */

static void
look_at_pin_file(const place *p, struct stat *out)
{
	*out = (struct stat){0};
	if (p->pin_file != NULL && stat(p->pin_file, out) != 0)
		*out = (struct stat){0};
}

/* Files cannot be read any more, but looked at. */
static bool
has_new_pin(const place *p)
{
	struct stat now;

	look_at_pin_file(p, &now);
	return now.st_ino != p->pin.st_ino || now.st_size != p->pin.st_size ||
	    now.st_mtim.tv_sec != p->pin.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != p->pin.st_mtim.tv_nsec;
}

void
sgl_token_server_watch_pins(
    sgl_token_server *s, sgl_on_token_pin *on_pin, void *ctx)
{
	s->on_pin = on_pin;
	s->ctx = ctx;
}

static sgl_status
on_pin(void *ctx, const sgl_pin_note *note, sgl_err *err)
{
	const place *p = ctx;

	return p->server->on_pin == NULL
	    ? SGL_OK
	    : p->server->on_pin(p->server->ctx, p->uri, note, err);
}

sgl_status
sgl_token_server_add(sgl_token_server *s, const char *uri, sgl_slice pin,
    const sgl_pin_note *known, sgl_err *err)
{
	place *p = &s->places[s->num];

	if (s->num == PLACES)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too many tokens"));
	TRY(sgl_slice_copy(sgl_slice_str(uri), (uint8_t **)&p->uri, ROOM, err));
	s->num++;
	if (sgl_token_new(s->engine, uri, pin, &p->token, &p->why) ==
	    SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	if (p->token == NULL)
		return SGL_OK;
	TRY(sgl_token_pin_file(p->token, &p->pin_file, err));
	look_at_pin_file(p, &p->pin);
	p->server = s;
	sgl_token_watch_pin(p->token, on_pin, p);
	if (known != NULL)
		sgl_token_know_pin(p->token, known);
	return SGL_OK;
}

/* ------------------------------------------------------------------ keys ---
 */

static sgl_status
find_key(const place *p, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	if (p->why.status != SGL_OK) {
		*err = p->why;
		return p->why.status;
	}
	TRY(sgl_token_begin(p->token, err));
	TRY(sgl_token_add_to_ring(p->token, &ring, err));
	if (ring.num_keys != 1)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the URI means several keys: add object= or id="));
	*out = sgl_key_ref(ring.keys[0]);
	return SGL_OK;
}

/* Where it is, ready to be used. */
static sgl_status
get_ready(
    sgl_token_server *s, const char *uri, sgl_token_opened *out, sgl_err *err)
{
	size_t i = 0;

	while (i < s->num && strcmp(s->places[i].uri, uri) != 0)
		i++;
	*out = (sgl_token_opened){.place = i};
	out->anew = i == s->num || has_new_pin(&s->places[i]);
	if (out->anew) {
		out->place = 0;
		return SGL_OK;
	}
	if (s->keys[i] == NULL)
		TRY(find_key(&s->places[i], &s->keys[i], err));
	else
		TRY(sgl_token_check(s->places[i].token, err));
	out->spki = sgl_key_get_spki(s->keys[i]);
	return SGL_OK;
}

static sgl_status
on_open(
    sgl_token_server *s, sgl_channel *channel, sgl_slice question, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);
	sgl_unwire u = sgl_unwire_over(question);
	char uri[SGL_TOKEN_URI + 1];
	sgl_token_opened opened;
	sgl_err why = {0};

	sgl_token_read_open(&u, uri);
	TRY(sgl_unwire_end(&u, err));
	if (get_ready(s, uri, &opened, &why) != SGL_OK)
		return sgl_failure_send(channel, &why, err);
	sgl_token_add_opened(&w, &opened);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    channel, SGL_TOKEN_OPENED, sgl_buf_slice(&body), err);
}

static sgl_status
on_ask_key(
    sgl_token_server *s, sgl_channel *channel, sgl_slice body, sgl_err *err)
{
	sgl_farkey_questions q;

	TRY(sgl_farkey_asked(SGL_MESSAGE_ASK_KEY, body, &q, err));
	return sgl_farkey_serve(s->engine, channel, s->keys, s->num, &q, err);
}

sgl_status
sgl_token_serve(sgl_token_server *s, sgl_channel *channel, unsigned type,
    sgl_slice body, sgl_err *err)
{
	if (type == SGL_TOKEN_OPEN)
		return on_open(s, channel, body, err);
	if (type == SGL_MESSAGE_ASK_KEY)
		return on_ask_key(s, channel, body, err);
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("a message between our processes is malformed"));
}
