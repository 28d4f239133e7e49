/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering: the side of sigill-answer, which has the home where no service
 * runs, and tokens always. It ends when the command closes the channel. A
 * question that fails is answered with the failure.
 */
#include <unistd.h>

#include "admin/answer.h"
#include "admin/mail_desk.h"
#include "admin/admit.h"
#include "cli/resolve_wire.h"
#include "sys/log.h"
#include "sys/signals.h"
#include "vault/token.h"

#define ROOM "admin.answer"
#define QUESTION_MAX (SGL_FARKEY_INPUT + ((size_t)1 << 20))

typedef struct answerer {
	sgl_engine *engine;
	const char *place; /* of the home, as it was given */
	sgl_home *home;	   /* opened when it is asked about */
	sgl_channel *channel;
	sgl_mail_desk *desk;
	sgl_token **tokens;
	size_t num_tokens;
} answerer;

/* ------------------------------------------------------------ the home --- */

/* The home is not held open while a message is read, and nobody is asked twice
 * for the same. */
static sgl_secret passphrase;

static sgl_status
ask_once(sgl_secret *out, sgl_err *err)
{
	if (passphrase.len == 0)
		TRY(sgl_ask_vault(&passphrase, err));
	return sgl_secret_set(out, sgl_secret_slice(&passphrase), err);
}

static sgl_status
open_home(void *ctx, sgl_home **out, sgl_err *err)
{
	answerer *a = ctx;

	if (a->home == NULL) {
		TRY(sgl_home_open(a->engine, a->place, false, &a->home, err));
		sgl_home_set_asker(a->home, ask_once);
	}
	*out = a->home;
	return SGL_OK;
}

static void
close_home(answerer *a)
{
	sgl_home_free(a->home);
	a->home = NULL;
}

static sgl_status
admit(void *ctx, sgl_home *home, const sgl_org_job *job, const char *address,
    sgl_err *err)
{
	const answerer *a = ctx;
	sgl_session s = {.engine = a->engine, .home = home};

	(void)address;
	return sgl_org_admit(&s, getuid(), job, err);
}

/* Who has the home to itself keeps records only of what it changes. */
static sgl_status
record(void *ctx, sgl_home *home, const char *action, const char *address,
    sgl_err *err)
{
	(void)ctx;
	(void)home;
	(void)action;
	(void)address;
	(void)err;
	return SGL_OK;
}

/* -------------------------------------------------------------- tokens --- */

static sgl_status
keep_token(answerer *a, sgl_token *token, sgl_err *err)
{
	sgl_token **more =
	    sgl_mem_resize(a->tokens, (a->num_tokens + 1) * sizeof *more);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	a->tokens = more;
	more[a->num_tokens++] = token;
	return SGL_OK;
}

static sgl_status
find_token(
    answerer *a, const sgl_token_question *q, sgl_identity *out, sgl_err *err)
{
	sgl_token *token = NULL;
	sgl_status status;

	TRY(sgl_token_open(a->engine, q->uri, q->pin, &token, err));
	status = keep_token(a, token, err);
	if (status != SGL_OK) {
		sgl_token_free(token);
		return status;
	}
	return sgl_token_add_to_ring(token, &out->ring, err);
}

static sgl_status
answer_token(answerer *a, sgl_slice body, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	sgl_unwire u = sgl_unwire_over(body);
	sgl_wire w = sgl_wire_over(out);
	sgl_token_question q;
	size_t first;

	sgl_resolve_read_token(&u, &q);
	TRY(sgl_unwire_end(&u, err));
	TRY(find_token(a, &q, &id, err));
	TRY(sgl_mail_desk_add_keys(a->desk, &id.ring, &first, err));
	sgl_resolve_add_identity(&w, &id, first);
	return sgl_wire_end(&w, err);
}

/* ---------------------------------------------------------- the process --- */

static sgl_status
find_answer(answerer *a, unsigned question, sgl_slice body, unsigned *type,
    sgl_buf *out, sgl_err *err)
{
	sgl_status status;

	if (question == SGL_RESOLVE_TOKEN) {
		*type = SGL_RESOLVED_IDENTITY;
		return answer_token(a, body, out, err);
	}
	status = sgl_mail_desk_answer(a->desk, question, body, type, out, err);
	if (question == SGL_RESOLVE_KEYS)
		close_home(a); /* the message goes on */
	return status;
}

static sgl_status
answer(answerer *a, unsigned question, sgl_slice body, sgl_err *err)
{
	sgl_buf out = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_err failure = {0};
	unsigned type;
	sgl_status status;

	if (question == SGL_RESOLVE_SETTLED) {
		close_home(a);
		return SGL_OK;
	}
	if (find_answer(a, question, body, &type, &out, &failure) == SGL_OK)
		status = sgl_channel_send(
		    a->channel, type, sgl_buf_slice(&out), err);
	else
		status = sgl_failure_send(a->channel, &failure, err);
	sgl_buf_wipe(&out);
	return status;
}

static sgl_status
converse(answerer *a, sgl_err *err)
{
	unsigned type;
	sgl_slice body;
	bool ended;

	for (;;) {
		TRY(sgl_channel_receive(
		    a->channel, QUESTION_MAX, &type, &body, &ended, err));
		if (ended)
			return SGL_OK;
		TRY(answer(a, type, body, err));
	}
}

static sgl_status
start(answerer *a, sgl_err *err)
{
	const sgl_mail_host host = {open_home, admit, record, a, false};

	TRY(sgl_channel_new(SGL_ANSWER_FD, &a->channel, err));
	TRY(sgl_engine_new(NULL, &a->engine, err));
	return sgl_mail_desk_new(a->engine, &host, &a->desk, err);
}

static void
end(answerer *a)
{
	sgl_mail_desk_free(a->desk);
	for (size_t i = 0; i < a->num_tokens; i++)
		sgl_token_free(a->tokens[i]);
	sgl_mem_free(a->tokens);
	close_home(a);
	sgl_secret_clear(&passphrase);
	sgl_channel_free(a->channel);
	sgl_engine_free(a->engine);
}

int
sgl_answer_main(int argc, char **argv)
{
	answerer a = {0};
	sgl_err err = {0};
	sgl_status status;

	sgl_signals_leave_to_parent();
	if (argc == 3 && strcmp(argv[1], "--home") == 0)
		a.place = argv[2];
	status = start(&a, &err);
	if (status == SGL_OK)
		status = converse(&a, &err);
	if (status != SGL_OK)
		sgl_log_err("sigill-answer", &err);
	end(&a);
	return sgl_exit_of(status);
}
