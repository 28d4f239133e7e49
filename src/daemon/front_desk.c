/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/algorithm.h"
#include "ca/door.h"
#include "daemon/front_desk.h"
#include "daemon/front_wire.h"
#include "net/peer.h"
#include "org/choose.h"
#include "sys/journal.h"

#define ROOM "daemon.control"
#define KEY_MAX ((size_t)64 << 10)

/* Whoever guesses, at all codes together: so many in so long. */
#define GUESSES 30
#define GUESSES_TIME 60

struct sgl_front_desk {
	sgl_loop *loop;
	sgl_session *session;
	sgl_aside *aside;
	sgl_tally *tally;
	sgl_peer *front; /* NULL: none is there */
	sgl_time guesses_since;
	unsigned guesses;
};

/* An answer that is being written. */
typedef struct answer {
	unsigned type;
	sgl_buf body;
	sgl_wire wire;
} answer;

static void
answer_begin(answer *a, unsigned type)
{
	a->type = type;
}

/* --------------------------------------------------------------- asking --- */

static sgl_status
add_certs(sgl_front_door *d, const sgl_certs *set)
{
	for (size_t i = 0;
	     i < set->num && d->num_authorities < SGL_FRONT_AUTHORITIES_MAX;
	     i++)
		d->authorities[d->num_authorities++] =
		    sgl_cert_get_der(set->items[i]);
	return SGL_OK;
}

static sgl_status
make_door(sgl_home *home, sgl_ca_door *out, sgl_err *err)
{
	sgl_status status;

	sgl_home_set_actor(home, sgl_front_protocol_name(SGL_FRONT_SCEP));
	TRY(sgl_home_begin(home, err));
	status = sgl_ca_door_get(home, out, err);
	if (status == SGL_OK)
		status = sgl_home_commit(home, err);
	if (status != SGL_OK)
		sgl_home_rollback(home);
	return status;
}

/* A change is begun only where there is none yet. */
static sgl_status
open_door(sgl_home *home, sgl_ca_door *out, sgl_err *err)
{
	bool found;

	TRY(sgl_ca_door_find(home, out, &found, err));
	return found ? SGL_OK : make_door(home, out, err);
}

static sgl_status
on_door(sgl_front_desk *desk, sgl_unwire *u, answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	sgl_home *home = desk->session->home;
	const sgl_ca_algorithm *algorithm =
	    sgl_ca_algorithm_find(sgl_home_organisation(home)->algorithm);
	SGL_AUTO_CLEAR(sgl_ca_door) door = {0};
	sgl_front_door d = {.kind = SGL_KEY_UNKNOWN};
	bool by_scep = sgl_unwire_bool(u);

	TRY(sgl_unwire_end(u, err));
	if (by_scep) {
		TRY(open_door(home, &door, err));
		d.door = sgl_cert_get_der(door.cert);
	}
	TRY(sgl_home_add_authorities(home, &roots, &issuing, err));
	if (algorithm != NULL) {
		d.kind = algorithm->kind;
		d.bits = algorithm->bits;
	}
	TRY(add_certs(&d, &issuing));
	TRY(add_certs(&d, &roots));
	answer_begin(a, SGL_FRONT_DOOR_IS);
	sgl_front_add_door(&a->wire, &d);
	return SGL_OK;
}

/* What the key may be asked the keyholder knows; this one key alone is. */
static sgl_status
on_door_key(sgl_front_desk *desk, sgl_unwire *u, answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_door) door = {0};
	sgl_key_request request = {0};
	sgl_key_answer key_answer = {0};
	sgl_status status;

	(void)sgl_farkey_read_question(u, &request);
	TRY(sgl_unwire_end(u, err));
	TRY(open_door(desk->session->home, &door, err));
	status = sgl_ca_door_ask(
	    desk->session->home, &door, &request, &key_answer, err);
	if (status == SGL_OK) {
		answer_begin(a, SGL_FRONT_DOOR_KEY_IS);
		sgl_farkey_add_answer(&a->wire, &key_answer);
	}
	sgl_mem_wipe(&key_answer, sizeof key_answer);
	return status;
}

/* ------------------------------------------------------------- finding --- */

/* Whose issuer is named so, and whose number it is. */
static sgl_status
find_cert(sgl_front_desk *desk, const sgl_front_find *f, sgl_cert_record *out,
    bool *found, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_session *s = desk->session;

	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(s->home), f->serial, out, found, err));
	*found = *found && out->issuer != 0;
	if (!*found)
		return SGL_OK;
	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&out->der), &cert, err));
	*found = sgl_name_same(sgl_cert_get_issuer(cert), f->issuer);
	return SGL_OK;
}

static sgl_status
on_find(sgl_front_desk *desk, sgl_unwire *u, answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO_CLEAR(sgl_crl_record) crl = {0};
	sgl_slice der = {NULL, 0};
	sgl_front_find f;
	bool found;

	sgl_front_read_find(u, &f);
	TRY(sgl_unwire_end(u, err));
	TRY(find_cert(desk, &f, &c, &found, err));
	if (found && f.crl)
		TRY(sgl_store_find_crl(sgl_home_store(desk->session->home),
		    c.issuer, c.shard, &crl, &found, err));
	if (found)
		der = sgl_buf_slice(f.crl ? &crl.der : &c.der);
	answer_begin(a, SGL_FRONT_FIND_IS);
	sgl_wire_add_bytes(&a->wire, der);
	return SGL_OK;
}

/* ------------------------------------------------------------ enrolling --- */

static bool
too_many_guesses(sgl_front_desk *desk, sgl_time now)
{
	if (now - desk->guesses_since >= GUESSES_TIME ||
	    now < desk->guesses_since) {
		desk->guesses_since = now;
		desk->guesses = 0;
	}
	return desk->guesses >= GUESSES;
}

static const char *
outcome_name(sgl_enrol_outcome outcome)
{
	static const char *const names[] = {[SGL_ENROL_DONE] = "done",
	    [SGL_ENROL_REFUSED] = "refused",
	    [SGL_ENROL_BAD_KEY] = "bad-key",
	    [SGL_ENROL_WRONG_WAY] = "wrong-way"};

	return names[outcome];
}

static void
note_enrolment(sgl_front_desk *desk, const sgl_front_enrol *e,
    sgl_enrol_outcome outcome, const sgl_cert_record *c)
{
	sgl_journal j;

	sgl_tally_enrolment(desk->tally, e->protocol,
	    outcome == SGL_ENROL_DONE ? SGL_TALLY_DONE : SGL_TALLY_REFUSED);

	sgl_journal_begin(&j, SGL_LEVEL_INFO, "enrolment");
	sgl_json_str(&j.json, "protocol", sgl_front_protocol_name(e->protocol));
	sgl_json_bool(&j.json, "renewal", e->e.client.len > 0);
	sgl_json_bool(&j.json, "key", e->e.wants_key);
	sgl_json_str(&j.json, "result", outcome_name(outcome));
	if (outcome == SGL_ENROL_DONE)
		sgl_json_hex(&j.json, "serial", sgl_buf_slice(&c->serial));
	sgl_journal_end(&j);
}

/* All of it is kept, or nothing: a certificate, and that its code is used up.
 */
static sgl_status
enrol(sgl_front_desk *desk, const sgl_front_enrol *e,
    sgl_enrol_outcome *outcome, sgl_cert_record *c, sgl_buf *key, sgl_err *err)
{
	sgl_home *home = desk->session->home;
	sgl_status status;

	sgl_home_set_actor(home, sgl_front_protocol_name(e->protocol));
	TRY(sgl_home_begin(home, err));
	status = sgl_enrol(home, &e->e, outcome, c, key, err);
	if (status == SGL_OK)
		status = sgl_home_commit(home, err);
	if (status != SGL_OK)
		sgl_home_rollback(home);
	return status;
}

/* While they are, nothing is said about a code, right or wrong, and none is
 * used up or guessed. */
static sgl_status
check_unlocked(sgl_home *home, sgl_err *err)
{
	sgl_vault_state state;
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_keeper_state(sgl_vault_keeper(vault), &state, err));
	return state.is_locked
	    ? sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		  N_("the private keys are locked: sigill key unlock"))
	    : SGL_OK;
}

/* What cannot be recorded counts, too. */
static sgl_status
enrol_counted(sgl_front_desk *desk, const sgl_front_enrol *e,
    sgl_enrol_outcome *outcome, sgl_cert_record *c, sgl_buf *key, sgl_err *err)
{
	sgl_status status;

	TRY(check_unlocked(desk->session->home, err));
	if (too_many_guesses(desk, sgl_engine_now(desk->session->engine)))
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too many wrong codes came: nobody enrols for a "
		       "minute"));
	status = enrol(desk, e, outcome, c, key, err);
	if (status != SGL_OK && sgl_aside_lacks(desk->aside))
		return status; /* it goes on, later */
	if (status != SGL_OK || *outcome == SGL_ENROL_REFUSED)
		desk->guesses++;
	return status;
}

static void
tell_enrolled(sgl_front_desk *desk, const sgl_front_enrol *e,
    sgl_enrol_outcome outcome, const sgl_cert_record *c, const sgl_buf *key,
    answer *a)
{
	sgl_front_enrolled told = {.outcome = outcome};

	note_enrolment(desk, e, outcome, c);
	if (outcome == SGL_ENROL_DONE) {
		told.cert = sgl_buf_slice(&c->der);
		told.key = sgl_buf_slice(key);
	}
	answer_begin(a, SGL_FRONT_ENROL_IS);
	sgl_front_add_enrolled(&a->wire, &told);
}

static sgl_status
on_enrol(sgl_front_desk *desk, sgl_unwire *u, answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	sgl_buf key = {.max = KEY_MAX, .secret = true};
	sgl_enrol_outcome outcome = SGL_ENROL_REFUSED;
	sgl_front_enrol e;
	sgl_status status;

	sgl_front_read_enrol(u, &e);
	TRY(sgl_unwire_end(u, err));
	status = enrol_counted(desk, &e, &outcome, &c, &key, err);
	if (status == SGL_OK)
		tell_enrolled(desk, &e, outcome, &c, &key, a);
	else if (!sgl_aside_lacks(desk->aside))
		sgl_tally_enrolment(desk->tally, e.protocol, SGL_TALLY_FAILED);
	sgl_buf_wipe(&key);
	return status;
}

/* ------------------------------------------------------------- the line --- */

static sgl_status
perform(
    sgl_front_desk *desk, unsigned type, sgl_unwire *u, answer *a, sgl_err *err)
{
	switch (type) {
	case SGL_FRONT_DOOR:
		return on_door(desk, u, a, err);
	case SGL_FRONT_ENROL:
		return on_enrol(desk, u, a, err);
	case SGL_FRONT_DOOR_KEY:
		return on_door_key(desk, u, a, err);
	case SGL_FRONT_FIND:
		return on_find(desk, u, a, err);
	default:
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	}
}

static sgl_status
send(const sgl_front_desk *desk, const answer *a, sgl_err *err)
{
	TRY(sgl_wire_end(&a->wire, err));
	return sgl_peer_send(
	    desk->front, a->type, sgl_buf_slice(&a->body), err);
}

static void
send_failure(const sgl_front_desk *desk, int64_t number)
{
	answer a = {.type = SGL_FRONT_FAILED, .body = sgl_buf_init(64)};
	sgl_err err = {0};

	a.wire = sgl_wire_over(&a.body);
	sgl_wire_add_int(&a.wire, number);
	if (send(desk, &a, &err) != SGL_OK)
		sgl_journal_err("front", &err);
	sgl_buf_clear(&a.body);
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	sgl_front_desk *desk = ctx;
	const sgl_aside_caller caller = {.again = on_message, .ctx = desk};
	sgl_unwire u = sgl_unwire_over(body);
	int64_t number = sgl_unwire_int(&u, 1, INT64_MAX);
	answer a = {.body = {.max = SGL_FRONT_MESSAGE, .secret = true}};
	sgl_err err = {0};
	sgl_status status;

	sgl_aside_begin(desk->aside);
	a.wire = sgl_wire_over(&a.body);
	sgl_wire_add_int(&a.wire, number);
	status = perform(desk, type, &u, &a, &err);
	if (status == SGL_OK)
		status = send(desk, &a, &err);
	sgl_buf_wipe(&a.body);
	if (status == SGL_OK ||
	    sgl_aside_put(desk->aside, &caller, peer, type, body))
		return;
	sgl_journal_err("front", &err);
	send_failure(desk, number);
}

static void
on_end(void *ctx, sgl_peer *peer)
{
	sgl_front_desk *desk = ctx;

	if (desk->front == peer)
		desk->front = NULL;
	sgl_aside_drop(desk->aside, peer);
	sgl_peer_free(peer);
}

sgl_status
sgl_front_desk_new(sgl_loop *loop, sgl_session *session, sgl_tally *tally,
    sgl_aside *aside, sgl_front_desk **out, sgl_err *err)
{
	sgl_front_desk *desk = sgl_mem_zeroed(1, sizeof *desk);

	if (desk == NULL)
		return sgl_oom(err, ROOM);
	desk->loop = loop;
	desk->session = session;
	desk->aside = aside;
	desk->tally = tally;
	*out = desk;
	return SGL_OK;
}

static void
leave_front(sgl_front_desk *desk)
{
	sgl_aside_drop(desk->aside, desk->front);
	sgl_peer_free(desk->front);
	desk->front = NULL;
}

void
sgl_front_desk_free(sgl_front_desk *desk)
{
	if (desk == NULL)
		return;
	leave_front(desk);
	sgl_mem_free(desk);
}

sgl_status
sgl_front_desk_join(sgl_front_desk *desk, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_end};

	leave_front(desk);
	return sgl_peer_new(desk->loop, fd, SGL_FRONT_MESSAGE, 0, &handler,
	    desk, &desk->front, err);
}
