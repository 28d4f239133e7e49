/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering: the side of sigill-answer. It ends when the command closes the
 * channel. A question that fails is answered with the failure.
 */
#include "cmd/org.h"
#include "cmd/answer.h"
#include "cmd/resolve_wire.h"
#include "org/choose.h"
#include "sys/log.h"
#include "sys/signals.h"
#include "vault/token.h"

#define ROOM "cmd.answer"
#define QUESTION_MAX (SGL_FARKEY_INPUT + ((size_t)1 << 20))

typedef struct answerer {
	sgl_engine *engine;
	const char *place; /* of the home, as it was given */
	sgl_home *home;	   /* opened when it is asked about */
	sgl_channel *channel;
	sgl_key **keys; /* all that were told of, by their places */
	size_t num_keys;
	sgl_token **tokens;
	size_t num_tokens;
} answerer;

static sgl_status
open_home(answerer *a, sgl_err *err)
{
	if (a->home != NULL)
		return SGL_OK;
	TRY(sgl_home_open(a->engine, a->place, false, &a->home, err));
	sgl_home_set_asker(a->home, sgl_ask_vault);
	return SGL_OK;
}

/* ------------------------------------------------------------ identity --- */

/* Whoever only opens mail needs no key to sign with. */
static sgl_status
choose_signing(answerer *a, const char *address, int64_t person,
    sgl_identity *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	bool here;

	TRY(sgl_choose_cert(a->home, person, SGL_CERT_SIGNING, &chosen, err));
	if (chosen.cert == NULL) {
		(void)sgl_choose_fail(&chosen, address, &id->no_signing);
		return SGL_OK;
	}
	TRY(sgl_choose_is_here(a->home, &chosen, &here, err));
	if (!here)
		(void)sgl_fail_at(&id->no_signing, SGL_E_NOKEY, ROOM,
		    SGL_NO_OFFSET,
		    N_("the key to sign with was handed out and is not kept "
		       "here (custody): it signs where it was taken to"),
		    "%s", address);
	else
		id->signing_cert = SGL_TAKE(&chosen.cert);
	return SGL_OK;
}

static sgl_status
find_identity(answerer *a, const char *address, sgl_identity *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(open_home(a, err));
	TRY(sgl_people_get(a->home, address, &p, err));
	TRY(sgl_home_add_keys(a->home, p.id, &out->ring, err));
	TRY(sgl_home_add_certs(a->home, p.id, &out->ring, err));
	TRY(sgl_home_add_authorities(
	    a->home, &out->ring.certs, &out->ring.certs, err));
	return choose_signing(a, address, p.id, out, err);
}

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

/* ------------------------------------------------------------- answers --- */

static sgl_status
tell(answerer *a, unsigned type, const sgl_wire *w, sgl_err *err)
{
	TRY(sgl_wire_end(w, err));
	return sgl_channel_send(a->channel, type, sgl_buf_slice(w->out), err);
}

static sgl_status
keep_key(answerer *a, sgl_key *key, sgl_err *err)
{
	sgl_key **more =
	    sgl_mem_resize(a->keys, (a->num_keys + 1) * sizeof *more);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	a->keys = more;
	more[a->num_keys++] = sgl_key_ref(key);
	return SGL_OK;
}

/* Keys keep their places for as long as we live; one that is asked for twice
 * has two, for the other side counts on from the first. */
static sgl_status
tell_identity(answerer *a, const sgl_identity *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);

	sgl_resolve_add_identity(&w, id, a->num_keys);
	for (size_t i = 0; i < id->ring.num_keys; i++)
		TRY(keep_key(a, id->ring.keys[i], err));
	return tell(a, SGL_RESOLVED_IDENTITY, &w, err);
}

static sgl_status
tell_certs(
    answerer *a, const sgl_certs *first, const sgl_certs *second, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);

	sgl_resolve_add_certs(&w, first);
	sgl_resolve_add_certs(&w, second);
	return tell(a, SGL_RESOLVED_CERTS, &w, err);
}

/* A function for each question: it answers, or fails and then the failure is
 * the answer. */
static sgl_status
on_identity(answerer *a, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	char address[SGL_RESOLVE_NAME];

	sgl_resolve_read_name(u, address);
	TRY(sgl_unwire_end(u, err));
	TRY(find_identity(a, address, &id, err));
	return tell_identity(a, &id, err);
}

static sgl_status
on_token(answerer *a, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	sgl_token_question q;

	sgl_resolve_read_token(u, &q);
	TRY(sgl_unwire_end(u, err));
	TRY(find_token(a, &q, &id, err));
	return tell_identity(a, &id, err);
}

static sgl_status
on_recipient(answerer *a, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	sgl_certs one = {.items = &chosen.cert, .num = 1}, none = {0};
	char address[SGL_RESOLVE_NAME];

	sgl_resolve_read_name(u, address);
	TRY(sgl_unwire_end(u, err));
	TRY(open_home(a, err));
	TRY(sgl_people_get(a->home, address, &p, err));
	TRY(sgl_choose_cert(a->home, p.id, SGL_CERT_ENCRYPTION, &chosen, err));
	if (chosen.cert == NULL)
		return sgl_choose_fail(&chosen, address, err);
	return tell_certs(a, &one, &none, err);
}

static sgl_status
on_trust(answerer *a, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};

	TRY(sgl_unwire_end(u, err));
	TRY(open_home(a, err));
	TRY(sgl_home_add_authorities(a->home, &roots, &issuing, err));
	TRY(sgl_home_add_trusted(a->home, &roots, &issuing, err));
	return tell_certs(a, &roots, &issuing, err);
}

/* Which part of whose list has this number; false: there are no more. */
static bool
find_part(const sgl_authorities *list, size_t number, int64_t *authority,
    int64_t *shard)
{
	for (size_t i = 0; i < list->num; i++) {
		size_t num = (size_t)list->items[i].num_shards;

		*authority = list->items[i].id;
		*shard = (int64_t)number;
		if (number < num)
			return true;
		number -= num;
	}
	return false;
}

static sgl_status
find_crl(answerer *a, size_t number, sgl_crl_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	int64_t authority, shard;
	bool found = false;

	TRY(open_home(a, err));
	TRY(sgl_store_list_authorities(sgl_home_store(a->home), &list, err));
	/* One that was never made is passed over. */
	while (!found && find_part(&list, number++, &authority, &shard))
		TRY(sgl_store_find_crl(sgl_home_store(a->home), authority,
		    shard, out, &found, err));
	return SGL_OK;
}

static sgl_status
on_crl(answerer *a, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);
	size_t number = sgl_resolve_read_number(u);

	TRY(sgl_unwire_end(u, err));
	TRY(find_crl(a, number, &c, err));
	sgl_resolve_add_crl(&w, sgl_buf_slice(&c.der));
	return tell(a, SGL_RESOLVED_CRL, &w, err);
}

static sgl_status
on_settled(answerer *a, sgl_unwire *u, sgl_err *err)
{
	TRY(sgl_unwire_end(u, err));
	sgl_home_free(a->home);
	a->home = NULL;
	return SGL_OK;
}

static sgl_status
on_other(answerer *a, sgl_unwire *u, sgl_err *err)
{
	(void)a;
	(void)u;
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("a message between our processes is malformed"));
}

typedef sgl_status on_question(answerer *a, sgl_unwire *u, sgl_err *err);

static on_question *
find_question(unsigned type)
{
	static const struct {
		unsigned type;
		on_question *answer;
	} questions[] = {
	    {SGL_RESOLVE_IDENTITY, on_identity},
	    {SGL_RESOLVE_TOKEN, on_token},
	    {SGL_RESOLVE_RECIPIENT, on_recipient},
	    {SGL_RESOLVE_TRUST, on_trust},
	    {SGL_RESOLVE_CRL, on_crl},
	    {SGL_RESOLVE_SETTLED, on_settled},
	};

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (questions[i].type == type)
			return questions[i].answer;
	return on_other;
}

static sgl_status
answer(answerer *a, unsigned type, sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_err failure = {0};

	if (type == SGL_MESSAGE_ASK_KEY)
		return sgl_farkey_serve(
		    a->engine, a->channel, a->keys, a->num_keys, body, err);
	if (find_question(type)(a, &u, &failure) == SGL_OK)
		return SGL_OK;
	return sgl_failure_send(a->channel, &failure, err);
}

/* ---------------------------------------------------------- the process --- */

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
	TRY(sgl_channel_new(SGL_ANSWER_FD, &a->channel, err));
	return sgl_engine_new(NULL, &a->engine, err);
}

static void
end(answerer *a)
{
	for (size_t i = 0; i < a->num_keys; i++)
		sgl_key_unref(a->keys[i]);
	sgl_mem_free(a->keys);
	for (size_t i = 0; i < a->num_tokens; i++)
		sgl_token_free(a->tokens[i]);
	sgl_mem_free(a->tokens);
	sgl_home_free(a->home);
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
