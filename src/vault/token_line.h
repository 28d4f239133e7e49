/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys on tokens for a process that may not load a module, a stranger's code:
 * the near side asks for them over a channel, the far side has the tokens. The
 * near side reads no PIN; the far side learns the PINs before it is shut in, so
 * that it begins anew as a process when there is another URI, or another PIN.
 *
 * A key of the near side outlives the far side: after that one was started
 * again the token is logged in to, and the key looked for, anew.
 */
#ifndef SGL_VAULT_TOKEN_LINE_H
#define SGL_VAULT_TOKEN_LINE_H

#include "sys/farkey.h"
#include "vault/token.h"

/* The longest URI of a key. */
#define SGL_TOKEN_URI ((size_t)2048)

/* Who opens keys on tokens. */
typedef struct sgl_token_source {
	/* The key stands as long as the source does. */
	sgl_status (*open)(
	    void *ctx, const char *uri, sgl_key **out, sgl_err *err);
	void *ctx;
} sgl_token_source;

typedef struct sgl_token_line {
	sgl_engine *engine;   /* borrowed */
	sgl_channel *channel; /* NULL: nobody is there */
	unsigned generation;  /* of those who were at the other end */
	/* Has the far side started, with this URI among its own: `anew` even
	 * if it runs. Returns when it has joined, or does not. */
	void (*summon)(void *ctx, const char *uri, bool anew);
	void *ctx;
} sgl_token_line;
/* sgl_token_line_join takes a channel to whoever is at the other end now. */
SGL_MUST sgl_status sgl_token_line_join(
    sgl_token_line *line, int fd, sgl_err *err);
void sgl_token_line_leave(sgl_token_line *line);
/* sgl_token_line_source: keys over this line, which is borrowed. *err of a
 * failure names the token. */
sgl_token_source sgl_token_line_source(sgl_token_line *line);

/* The far side. */
typedef struct sgl_token_server sgl_token_server;
SGL_MUST sgl_status sgl_token_server_new(
    sgl_engine *engine, sgl_token_server **out, sgl_err *err);
/* sgl_token_server_watch_pins: sgl_token_watch_pin of all that are added, with
 * the URI. */
typedef sgl_status sgl_on_token_pin(
    void *ctx, const char *uri, const sgl_pin_note *note, sgl_err *err);
void sgl_token_server_watch_pins(
    sgl_token_server *s, sgl_on_token_pin *on_pin, void *ctx);
void sgl_token_server_free(sgl_token_server *s);
SGL_AUTO_TYPE(sgl_token_server, sgl_token_server_free)
/* sgl_token_server_add reads a URI and, if `pin` is nothing, its PIN;
 * `known`, if not NULL, is what was noted of its PIN. What is wrong with the
 * URI is told to who asks for its key. */
SGL_MUST sgl_status sgl_token_server_add(sgl_token_server *s, const char *uri,
    sgl_slice pin, const sgl_pin_note *known, sgl_err *err);
/* sgl_token_serve answers one message. A failure of its own ends the
 * conversation. */
SGL_MUST sgl_status sgl_token_serve(sgl_token_server *s, sgl_channel *channel,
    unsigned type, sgl_slice body, sgl_err *err);
/* Inside: the messages. */
typedef enum sgl_token_message {
	SGL_TOKEN_OPEN = SGL_MESSAGE_OTHERS,
	SGL_TOKEN_OPENED
} sgl_token_message;
void sgl_token_add_open(sgl_wire *w, const char *uri);
void sgl_token_read_open(sgl_unwire *u, char uri[SGL_TOKEN_URI + 1]);
/* Where a key is, and its public half; or that the far side has to begin anew
 * for it. */
typedef struct sgl_token_opened {
	bool anew;
	size_t place;
	sgl_slice spki;
} sgl_token_opened;
void sgl_token_add_opened(sgl_wire *w, const sgl_token_opened *o);
void sgl_token_read_opened(sgl_unwire *u, sgl_token_opened *out);

#endif
