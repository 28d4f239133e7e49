/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey.h"
#include "sys/text.h"
#include "vault/keeper_inside.h"

#define ROOM "vault.keeper"
#define KEYS_MAX 100000

/* What is left of the ticket that opened a key. */
typedef struct leave {
	unsigned powers;
	int64_t uses;
	sgl_time expires;
	sgl_seal_purpose purpose; /* of the key */
} leave;

struct sgl_keeper_server {
	sgl_engine *engine;
	sgl_keeper *keeper;
	sgl_channel *channel;
	sgl_keeper_door door;
	sgl_ticket ticket; /* of the question at hand */
	sgl_key **keys;	   /* by place; NULL: free */
	leave *leaves;	   /* by place too */
	size_t num_keys;
};

sgl_status
sgl_keeper_server_new(sgl_engine *engine, sgl_keeper *keeper,
    sgl_channel *channel, const sgl_keeper_door *door, sgl_keeper_server **out,
    sgl_err *err)
{
	sgl_keeper_server *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->engine = engine;
	s->keeper = keeper;
	s->channel = channel;
	s->door = *door;
	*out = s;
	return SGL_OK;
}

void
sgl_keeper_server_free(sgl_keeper_server *s)
{
	if (s == NULL)
		return;
	/* Whether what they were for was kept nobody will tell now. */
	if (s->door.stock != NULL)
		sgl_stock_settle(s->door.stock, true);
	for (size_t i = 0; i < s->num_keys; i++)
		sgl_key_unref(s->keys[i]);
	sgl_mem_free(s->keys);
	sgl_mem_free(s->leaves);
	sgl_mem_free(s);
}

static sgl_status
more_places(sgl_keeper_server *s, sgl_err *err)
{
	const size_t num = s->num_keys + 1;
	sgl_key **keys;
	leave *leaves;

	if (s->num_keys == KEYS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too many private keys are open at once"));
	keys = sgl_mem_resize(s->keys, num * sizeof *keys);
	if (keys == NULL)
		return sgl_oom(err, ROOM);
	s->keys = keys;
	leaves = sgl_mem_resize(s->leaves, num * sizeof *leaves);
	if (leaves == NULL)
		return sgl_oom(err, ROOM);
	s->leaves = leaves;
	s->keys[s->num_keys++] = NULL;
	return SGL_OK;
}

/* A place for a key, which is taken. */
static sgl_status
place_key(sgl_keeper_server *s, sgl_key *key, sgl_seal_purpose purpose,
    size_t *place, sgl_err *err)
{
	for (*place = 0; *place < s->num_keys; (*place)++)
		if (s->keys[*place] == NULL)
			break;
	if (*place == s->num_keys)
		TRY(more_places(s, err));
	s->keys[*place] = key;
	s->leaves[*place] = (leave){
	    s->ticket.powers, s->ticket.uses, s->ticket.expires, purpose};
	return SGL_OK;
}

static sgl_status
send(sgl_keeper_server *s, unsigned type, const sgl_wire *w, sgl_err *err)
{
	TRY(sgl_wire_end(w, err));
	return sgl_channel_send(s->channel, type, sgl_buf_slice(w->out), err);
}

/* The key is taken, also by a failure. It was sealed just now, or opened. */
static sgl_status
tell_key(sgl_keeper_server *s, unsigned type, sgl_key *key, sgl_slice sealed,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);
	sgl_told_key told = {.spki = sgl_key_get_spki(key)};
	sgl_status status =
	    place_key(s, key, sgl_sealed_purpose(sealed), &told.place, err);

	if (status != SGL_OK) {
		sgl_key_unref(key);
		return status;
	}
	if (type == SGL_KEEPER_SEALED)
		told.sealed = sealed;
	sgl_keeper_add_told(&w, &told);
	return send(s, type, &w, err);
}

static sgl_status
tell_lack(sgl_keeper_server *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);
	const sgl_told_key none = {0};

	sgl_keeper_add_told(&w, &none);
	return send(s, SGL_KEEPER_SEALED, &w, err);
}

/* One that was made before. */
static sgl_status
lend(sgl_keeper_server *s, const sgl_generate_order *o, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	sgl_slice master;
	sgl_key *key;
	sgl_status status;

	TRY(sgl_keeper_key(s->keeper, &master, err));
	if (!sgl_stock_take(s->door.stock, o->sort, &key))
		return tell_lack(s, err);
	status = sgl_keeper_take(s->keeper, key, o->id, &sealed, err);
	if (status != SGL_OK) {
		sgl_key_unref(key);
		return status;
	}
	return tell_key(s, SGL_KEEPER_SEALED, key, sgl_buf_slice(&sealed), err);
}

static sgl_status
on_generate(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	sgl_generate_order o;
	sgl_key *key;

	sgl_keeper_read_generate(u, &o);
	TRY(sgl_unwire_end(u, err));
	if (s->door.stock != NULL && sgl_key_sort_is_slow(o.sort))
		return lend(s, &o, err);
	TRY(o.purpose == SGL_SEAL_AUDIT
		? sgl_keeper_make_audit_key(s->keeper, o.id, &sealed, &key, err)
		: sgl_keeper_generate(s->keeper, o.sort.kind, o.sort.bits, o.id,
		      &sealed, &key, err));
	return tell_key(s, SGL_KEEPER_SEALED, key, sgl_buf_slice(&sealed), err);
}

static sgl_status
on_take(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&body);
	sgl_slice pkcs8;
	int64_t id = sgl_keeper_read_take(u, &pkcs8);

	TRY(sgl_unwire_end(u, err));
	TRY(sgl_key_read(s->engine, pkcs8, &key, err));
	TRY(sgl_keeper_take(s->keeper, key, id, &sealed, err));
	sgl_keeper_add_taken(&w, sgl_buf_slice(&sealed));
	return send(s, SGL_KEEPER_TAKEN, &w, err);
}

static sgl_status
on_open(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	sgl_sealed_key sealed;
	sgl_key *key;

	sgl_keeper_read_sealed_key(u, &sealed);
	TRY(sgl_unwire_end(u, err));
	TRY(sgl_keeper_open(s->keeper, &sealed, &key, err));
	return tell_key(s, SGL_KEEPER_OPENED, key, sealed.sealed, err);
}

static sgl_status
on_open_token(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	char uri[SGL_TOKEN_URI + 1];
	sgl_key *key;

	sgl_keeper_read_token(u, uri);
	TRY(sgl_unwire_end(u, err));
	TRY(sgl_keeper_open_token(s->keeper, uri, &key, err));
	return tell_key(s, SGL_KEEPER_OPENED, key, (sgl_slice){NULL, 0}, err);
}

static sgl_status
tell_file(sgl_keeper_server *s, sgl_slice file, sgl_err *err)
{
	sgl_buf body = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&body);
	sgl_status status;

	sgl_wire_add_bytes(&w, file);
	status = send(s, SGL_KEEPER_FILE, &w, err);
	sgl_buf_wipe(&body);
	return status;
}

static sgl_status
on_pkcs12(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) certs = {0};
	sgl_sealed_key *keys = NULL;
	sgl_handout what = {0};
	sgl_bytes file = {0};
	sgl_status status =
	    sgl_keeper_read_handout(s->engine, u, &what, &keys, &certs, err);

	if (status == SGL_OK)
		status = sgl_keeper_pkcs12(s->keeper, &what, &file, err);
	if (status == SGL_OK)
		status = tell_file(s, sgl_slice_of(file.data, file.len), err);
	sgl_bytes_free(&file);
	sgl_mem_free(keys);
	return status;
}

static sgl_status
on_hand_over(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_buf out = {.max = SGL_KEEPER_FILE_MAX, .secret = true};
	sgl_hand_over what;
	sgl_status status =
	    sgl_keeper_read_hand_over(s->engine, u, &what, &cert, err);

	if (status == SGL_OK)
		status = sgl_keeper_hand_over(s->keeper, &what, &out, err);
	if (status == SGL_OK)
		status = tell_file(s, sgl_buf_slice(&out), err);
	sgl_buf_wipe(&out);
	return status;
}

static sgl_status
tell_done(sgl_keeper_server *s, sgl_err *err)
{
	return sgl_channel_send(
	    s->channel, SGL_KEEPER_DONE, (sgl_slice){NULL, 0}, err);
}

static sgl_status
on_unlock(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	sgl_slice passphrase = sgl_keeper_read_unlock(u);

	TRY(sgl_unwire_end(u, err));
	TRY(sgl_keeper_unlock(s->keeper, passphrase, err));
	return tell_done(s, err);
}

static sgl_status
on_ask_state(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(256);
	sgl_wire w = sgl_wire_over(&body);
	sgl_vault_state state;

	TRY(sgl_unwire_end(u, err));
	TRY(sgl_keeper_state(s->keeper, &state, err));
	sgl_keeper_add_state(&w, &state);
	return send(s, SGL_KEEPER_STATE, &w, err);
}

static sgl_status
on_restart(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	bool locked = sgl_keeper_read_restart(u);

	TRY(sgl_unwire_end(u, err));
	TRY(sgl_keeper_restart(s->keeper, locked, err));
	return tell_done(s, err);
}

static sgl_status
on_stock_use(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	const sgl_key_sort sort = sgl_keeper_read_sort(u);

	TRY(sgl_unwire_end(u, err));
	if (s->door.stock != NULL)
		sgl_stock_use(s->door.stock, sort);
	return tell_done(s, err);
}

static sgl_status
on_stock_want(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);
	size_t num, there = SGL_STOCK_MAX;
	const sgl_key_sort sort = sgl_keeper_read_want(u, &num);

	TRY(sgl_unwire_end(u, err));
	if (s->door.stock != NULL && num > 0)
		sgl_stock_want(s->door.stock, sort, num);
	if (s->door.stock != NULL)
		there = sgl_stock_count(s->door.stock, sort);
	sgl_keeper_add_stock(&w, there);
	return send(s, SGL_KEEPER_STOCK, &w, err);
}

static sgl_status
on_settle(sgl_keeper_server *s, sgl_unwire *u, sgl_err *err)
{
	const bool kept = sgl_keeper_read_settle(u);

	TRY(sgl_unwire_end(u, err));
	if (s->door.stock != NULL)
		sgl_stock_settle(s->door.stock, kept);
	return tell_done(s, err);
}

static sgl_status
on_other(sgl_keeper_server *s, unsigned type, sgl_unwire *u, sgl_err *err)
{
	sgl_buf body = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	unsigned answer = 0;
	bool known = false;
	sgl_status status = sgl_keeper_recovery_serve(
	    s->engine, s->keeper, type, u, &body, &answer, &known, err);

	if (status == SGL_OK && !known)
		status = sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	if (status == SGL_OK)
		status = sgl_channel_send(
		    s->channel, answer, sgl_buf_slice(&body), err);
	sgl_buf_wipe(&body);
	return status;
}

static sgl_status
on_drop(sgl_keeper_server *s, sgl_slice body, sgl_err *err)
{
	size_t place;

	TRY(sgl_farkey_dropped(body, &place, err));
	if (place < s->num_keys) {
		sgl_key_unref(s->keys[place]);
		s->keys[place] = NULL;
	}
	return SGL_OK;
}

static sgl_status
answer(sgl_keeper_server *s, unsigned type, sgl_unwire *u, sgl_err *err)
{
	switch (type) {
	case SGL_KEEPER_GENERATE:
		return on_generate(s, u, err);
	case SGL_KEEPER_TAKE:
		return on_take(s, u, err);
	case SGL_KEEPER_OPEN:
		return on_open(s, u, err);
	case SGL_KEEPER_OPEN_TOKEN:
		return on_open_token(s, u, err);
	case SGL_KEEPER_PKCS12:
		return on_pkcs12(s, u, err);
	case SGL_KEEPER_HAND_OVER:
		return on_hand_over(s, u, err);
	case SGL_KEEPER_UNLOCK:
		return on_unlock(s, u, err);
	case SGL_KEEPER_ASK_STATE:
		return on_ask_state(s, u, err);
	case SGL_KEEPER_RESTART:
		return on_restart(s, u, err);
	case SGL_KEEPER_STOCK_USE:
		return on_stock_use(s, u, err);
	case SGL_KEEPER_STOCK_WANT:
		return on_stock_want(s, u, err);
	case SGL_KEEPER_SETTLE:
		return on_settle(s, u, err);
	default:
		return on_other(s, type, u, err);
	}
}

/* Nobody is told more than that it was refused; who keeps the records is. */
static sgl_status
refuse(sgl_keeper_server *s, const sgl_err *why, sgl_err *err)
{
	if (s->door.on_refused != NULL)
		s->door.on_refused(s->door.ctx, why);
	return sgl_failure_send(s->channel, why, err);
}

/* Takes the ticket off the message, and looks at it. */
static sgl_status
check_ticket(sgl_keeper_server *s, unsigned type, sgl_slice body,
    sgl_slice *question, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_err none = {0};

	sgl_keeper_read_ticketed(&u, &s->ticket, question);
	if (sgl_unwire_end(&u, &none) != SGL_OK)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the keyholder was asked without a ticket"));
	return sgl_ticket_check(s->engine, s->door.gate, s->door.holder,
	    &s->ticket, type, *question, err);
}

/* An end of the audit chain is signed by a key that is for this alone. */
static bool
fits_purpose(const leave *l, const sgl_key_request *r)
{
	const bool is_end = r->op == SGL_KEY_SIGN &&
	    sgl_slice_starts(r->input, SGL_LIT(SGL_AUDIT_MARK));

	return is_end == (l->purpose == SGL_SEAL_AUDIT);
}

static bool
is_allowed(const leave *l, const sgl_farkey_questions *q)
{
	for (size_t i = 0; i < q->num; i++) {
		const sgl_key_request *r = &q->requests[i];

		if ((l->powers & sgl_power_of(r->op)) == 0 ||
		    !fits_purpose(l, r))
			return false;
	}
	return true;
}

/* For all of them, or for none. */
static sgl_status
take_leave(leave *l, const sgl_farkey_questions *q, sgl_time now, sgl_err *err)
{
	if (now >= l->expires)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the ticket for a private key has expired"));
	if (!is_allowed(l, q))
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the ticket for a private key is not for this"));
	if (l->uses < (int64_t)q->num)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the ticket for a private key is used up"));
	l->uses -= (int64_t)q->num;
	return SGL_OK;
}

static sgl_status
on_ask_key(sgl_keeper_server *s, unsigned type, sgl_slice body, sgl_err *err)
{
	sgl_farkey_questions q;
	sgl_err why = {0};

	TRY(sgl_farkey_asked(type, body, &q, err));
	if (q.number < s->num_keys && s->keys[q.number] != NULL &&
	    take_leave(&s->leaves[q.number], &q, sgl_engine_now(s->engine),
		&why) != SGL_OK)
		return refuse(s, &why, err);
	return sgl_farkey_serve(
	    s->engine, s->channel, s->keys, s->num_keys, &q, err);
}

static sgl_status
on_question(sgl_keeper_server *s, unsigned type, sgl_slice body, sgl_err *err)
{
	sgl_slice question;
	sgl_unwire u;
	sgl_err failure = {0};
	sgl_status status = check_ticket(s, type, body, &question, &failure);

	if (status == SGL_E_NOMEM)
		return sgl_failure_send(s->channel, &failure, err);
	if (status != SGL_OK)
		return refuse(s, &failure, err);
	u = sgl_unwire_over(question);
	if (answer(s, type, &u, &failure) == SGL_OK)
		return SGL_OK;
	return sgl_failure_send(s->channel, &failure, err);
}

sgl_status
sgl_keeper_serve(
    sgl_keeper_server *s, unsigned type, sgl_slice body, sgl_err *err)
{
	switch (type) {
	case SGL_MESSAGE_ASK_KEY:
	case SGL_MESSAGE_ASK_KEYS:
		return on_ask_key(s, type, body, err);
	case SGL_MESSAGE_DROP_KEY:
		return on_drop(s, body, err);
	default:
		return on_question(s, type, body, err);
	}
}
