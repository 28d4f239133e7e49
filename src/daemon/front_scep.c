/* SPDX-License-Identifier: Apache-2.0 */
/* SCEP (RFC 8894) for strangers. What is signed and encrypted is taken apart
 * and put together here; the door's key is asked over the line, and control
 * decides what becomes of it. */
#include <string.h>

#include "base/base64.h"
#include "ca/scep.h"
#include "daemon/front_enrol.h"
#include "sys/journal.h"
#include "sys/text.h"

#define OPERATION_MAX 64
#define CERTS_MAX ((size_t)1 << 20)

/* One exchange, until it is answered. */
typedef struct serving {
	const sgl_front_tools *tools;
	sgl_http_exchange *exchange;
	bool tells_certs;    /* GetCACert */
	sgl_buf message;     /* PKIOperation */
	sgl_cert *door_cert; /* as control told it */
	sgl_key *door_key;
	sgl_certs authorities;
	sgl_scep_door door;
	sgl_scep *scep;
	bool is_answering;
} serving;

static void
serving_free(serving *s)
{
	sgl_scep_free(s->scep);
	sgl_certs_clear(&s->authorities);
	sgl_key_unref(s->door_key);
	sgl_cert_unref(s->door_cert);
	sgl_buf_clear(&s->message);
	sgl_mem_free(s);
}

/* ------------------------------------------------------------- answers --- */

static void
answer(sgl_http_exchange *exchange, const char *type, sgl_slice body)
{
	const sgl_http_answer a = {.status = 200, .type = type, .body = body};

	sgl_http_answer_send(exchange, &a);
}

/* The end of one that cannot be answered in its own form. What failed at our
 * side may go well later. */
static void
give_up(serving *s, sgl_status status, const sgl_err *err)
{
	if (status == SGL_E_ENCODING || status == SGL_E_LIMIT ||
	    status == SGL_E_UNSUPPORTED) {
		sgl_front_refuse(
		    s->exchange, 400, "this is no message of SCEP\n");
	} else {
		sgl_journal_err("scep", err);
		sgl_front_busy(s->exchange);
	}
	serving_free(s);
}

static void drive(serving *s, sgl_status status, sgl_err *err);

/* -------------------------------------------------------------- asking --- */

/* Whoever asks lets go of `s`: what comes next is in `answered`. */
static void
ask(serving *s, sgl_front_question *q, sgl_front_answered *answered)
{
	sgl_err err = {0};
	sgl_status status = sgl_front_ask(s->tools->line, q, answered, s, &err);

	if (status != SGL_OK)
		give_up(s, SGL_E_IO, &err);
}

static sgl_status
unanswered(sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, "daemon.scep", SGL_NO_OFFSET,
	    N_("control had no answer"));
}

static void
on_key(void *ctx, sgl_unwire *u)
{
	serving *s = ctx;
	sgl_key_answer key_answer = {0};
	sgl_err err = {0};
	sgl_status status = SGL_E_IO;

	if (u == NULL) {
		(void)unanswered(&err);
		give_up(s, SGL_E_IO, &err);
		return;
	}
	sgl_farkey_read_answer(u, &key_answer);
	status = sgl_unwire_end(u, &err);
	if (status == SGL_OK)
		status = sgl_scep_go_on(s->scep, SGL_OK, &key_answer, &err);
	sgl_mem_wipe(&key_answer, sizeof key_answer);
	drive(s, status, &err);
}

static void
ask_key(serving *s)
{
	sgl_front_question q;

	sgl_front_ask_begin(
	    s->tools->line, SGL_FRONT_DOOR_KEY, SGL_FRONT_DOOR_KEY_IS, &q);
	sgl_farkey_add_question(&q.wire, 0, sgl_scep_question(s->scep));
	ask(s, &q, on_key);
}

/* ------------------------------------------------- what became of a wish ---
 */

static void
reply(serving *s, const sgl_scep_outcome *outcome)
{
	sgl_err err = {0};

	s->is_answering = true;
	drive(s, sgl_scep_reply(s->scep, outcome, &err), &err);
}

static void
reply_failure(serving *s, sgl_scep_fail fail)
{
	const sgl_scep_outcome outcome = {.fail = fail};

	reply(s, &outcome);
}

/* The one that was issued, and no other, so that nobody takes another for it.
 */
static void
reply_cert(serving *s, sgl_slice der)
{
	SGL_AUTO_CLEAR(sgl_certs) set = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	const sgl_scep_outcome outcome = {.certs = &set};
	sgl_err err = {0};
	sgl_status status = sgl_cert_read(s->tools->engine, der, &cert, &err);

	if (status == SGL_OK)
		status = sgl_certs_add(&set, cert, &err);
	if (status == SGL_OK)
		reply(s, &outcome);
	else
		give_up(s, SGL_E_IO, &err);
}

static void
reply_crl(serving *s, sgl_slice der)
{
	SGL_AUTO_CLEAR(sgl_crls) set = {0};
	const sgl_scep_outcome outcome = {.crls = &set};
	sgl_err err = {0};
	sgl_crl *crl;
	sgl_status status = sgl_crl_read(s->tools->engine, der, &crl, &err);

	if (status == SGL_OK) {
		status = sgl_crls_add(&set, crl, &err);
		sgl_crl_unref(crl);
	}
	if (status == SGL_OK)
		reply(s, &outcome);
	else
		give_up(s, SGL_E_IO, &err);
}

static void
on_enrolled(void *ctx, sgl_unwire *u)
{
	serving *s = ctx;
	sgl_front_enrolled e = {.outcome = SGL_ENROL_REFUSED};
	sgl_err err = {0};
	sgl_status status = u == NULL ? unanswered(&err) : SGL_OK;

	if (status == SGL_OK) {
		sgl_front_read_enrolled(u, &e);
		status = sgl_unwire_end(u, &err);
	}
	if (status != SGL_OK)
		give_up(s, status, &err);
	else if (e.outcome == SGL_ENROL_DONE)
		reply_cert(s, e.cert);
	else
		reply_failure(s,
		    e.outcome == SGL_ENROL_BAD_KEY ? SGL_SCEP_BAD_ALG
						   : SGL_SCEP_BAD_REQUEST);
}

static void
on_found(void *ctx, sgl_unwire *u)
{
	serving *s = ctx;
	sgl_err err = {0};
	sgl_status status = u == NULL ? unanswered(&err) : SGL_OK;
	sgl_slice der = {NULL, 0};

	if (status == SGL_OK) {
		der = sgl_unwire_bytes(u, SGL_FRONT_MESSAGE);
		status = sgl_unwire_end(u, &err);
	}
	if (status != SGL_OK)
		give_up(s, status, &err);
	else if (der.len == 0)
		reply_failure(s, SGL_SCEP_BAD_CERT_ID);
	else if (sgl_scep_wish_of(s->scep)->kind == SGL_SCEP_GET_CRL)
		reply_crl(s, der);
	else
		reply_cert(s, der);
}

/* -------------------------------------------------------------- wishes --- */

/* A device that has a certificate may renew it by PKCSReq, too, as clients did
 * before there was RenewalReq (RFC 8894 3.5.2, "Renewal"); its code is then the
 * one that it had once. */
static bool
is_of_ours(const serving *s, sgl_slice der)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	if (sgl_cert_read(s->tools->engine, der, &cert, NULL) != SGL_OK)
		return false;
	for (size_t i = 0; i < s->authorities.num; i++)
		if (sgl_name_same(sgl_cert_get_issuer(cert),
			sgl_cert_get_subject(s->authorities.items[i])))
			return true;
	return false;
}

static void
ask_enrol(serving *s, const sgl_scep_wish *wish)
{
	sgl_front_enrol e = {
	    .protocol = SGL_FRONT_SCEP, .e = {.spki = wish->spki}};
	sgl_front_question q;

	if (wish->kind == SGL_SCEP_ENROL)
		e.e.code = wish->challenge;
	if (wish->kind == SGL_SCEP_RENEW || is_of_ours(s, wish->client))
		e.e.client = wish->client;
	sgl_front_ask_begin(
	    s->tools->line, SGL_FRONT_ENROL, SGL_FRONT_ENROL_IS, &q);
	sgl_front_add_enrol(&q.wire, &e);
	ask(s, &q, on_enrolled);
}

static void
ask_find(serving *s, const sgl_scep_wish *wish)
{
	const sgl_front_find f = {.crl = wish->kind == SGL_SCEP_GET_CRL,
	    .issuer = wish->issuer,
	    .serial = wish->serial};
	sgl_front_question q;

	sgl_front_ask_begin(
	    s->tools->line, SGL_FRONT_FIND, SGL_FRONT_FIND_IS, &q);
	sgl_front_add_find(&q.wire, &f);
	ask(s, &q, on_found);
}

static void
grant(serving *s)
{
	const sgl_scep_wish *wish = sgl_scep_wish_of(s->scep);

	if (wish->is_refused)
		reply_failure(s, wish->fail);
	else if (wish->kind == SGL_SCEP_ENROL || wish->kind == SGL_SCEP_RENEW)
		ask_enrol(s, wish);
	else
		ask_find(s, wish);
}

/* A transaction goes on with what its last step gave. */
static void
drive(serving *s, sgl_status status, sgl_err *err)
{
	if (status == SGL_NEED_KEY) {
		ask_key(s);
	} else if (status != SGL_OK) {
		give_up(s, s->is_answering ? SGL_E_IO : status, err);
	} else if (!s->is_answering) {
		grant(s);
	} else {
		answer(s->exchange, "application/x-pki-message",
		    sgl_scep_answer_of(s->scep));
		serving_free(s);
	}
}

/* ------------------------------------------------------------- the door --- */

/* Its questions go over the line. */
static sgl_status
ask_later(void *ctx, const sgl_key_request *request, sgl_key_answer *key_answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)key_answer;
	(void)err;
	return SGL_NEED_KEY;
}

static sgl_status
take_door(serving *s, const sgl_front_door *d, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = ask_later};
	sgl_engine *engine = s->tools->engine;

	TRY(sgl_cert_read(engine, d->door, &s->door_cert, err));
	TRY(sgl_key_new_remote(engine, sgl_cert_get_spki(s->door_cert), &ops,
	    NULL, &s->door_key, err));
	for (size_t i = 0; i < d->num_authorities; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(engine, d->authorities[i], &cert, err));
		TRY(sgl_certs_add(&s->authorities, cert, err));
	}
	s->door = (sgl_scep_door){s->door_cert, s->door_key};
	return SGL_OK;
}

static sgl_status
tell_certs(serving *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(CERTS_MAX);

	TRY(sgl_certs_add(&s->authorities, s->door_cert, err));
	TRY(sgl_certs_only(s->tools->engine, &s->authorities, NULL, &der, err));
	answer(
	    s->exchange, "application/x-x509-ca-ra-cert", sgl_buf_slice(&der));
	return SGL_OK;
}

static void
pass_door(serving *s)
{
	sgl_err err = {0};
	sgl_status status;

	if (!s->tells_certs) {
		status = sgl_scep_begin(s->tools->engine, &s->door,
		    sgl_buf_slice(&s->message), &s->scep, &err);
		drive(s, status, &err);
		return;
	}
	status = tell_certs(s, &err);
	if (status == SGL_OK)
		serving_free(s);
	else
		give_up(s, SGL_E_IO, &err);
}

static void
on_door(void *ctx, sgl_unwire *u)
{
	serving *s = ctx;
	sgl_front_door d;
	sgl_err err = {0};
	sgl_status status = u == NULL ? unanswered(&err) : SGL_OK;

	if (status == SGL_OK) {
		sgl_front_read_door(u, &d);
		status = sgl_unwire_end(u, &err);
	}
	if (status == SGL_OK)
		status = take_door(s, &d, &err);
	if (status == SGL_OK)
		pass_door(s);
	else
		give_up(s, SGL_E_IO, &err);
}

static void
begin(const sgl_front_tools *tools, sgl_http_exchange *exchange,
    const sgl_buf *message)
{
	serving *s = sgl_mem_zeroed(1, sizeof *s);
	sgl_front_question q;

	if (s == NULL) {
		sgl_front_busy(exchange);
		return;
	}
	*s = (serving){.tools = tools,
	    .exchange = exchange,
	    .tells_certs = message == NULL,
	    .message = sgl_buf_init(SGL_SCEP_MESSAGE_MAX)};
	if (message != NULL &&
	    sgl_buf_add(&s->message, sgl_buf_slice(message), NULL) != SGL_OK) {
		sgl_front_busy(exchange);
		serving_free(s);
		return;
	}
	sgl_front_ask_begin(tools->line, SGL_FRONT_DOOR, SGL_FRONT_DOOR_IS, &q);
	sgl_wire_add_int(&q.wire, true);
	ask(s, &q, on_door);
}

/* ------------------------------------------------------------- requests --- */

/* By POST as it is, by GET in base64 (RFC 8894 4.1). */
static bool
read_message(const sgl_http_request *r, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf)
	text = sgl_buf_init(2 * SGL_SCEP_MESSAGE_MAX);

	if (r->method == SGL_HTTP_POST)
		return sgl_buf_add(out, r->body, NULL) == SGL_OK;
	return sgl_http_query_find(r->query, "message", &text) &&
	    sgl_base64_decode(sgl_buf_slice(&text), out, NULL) == SGL_OK;
}

static void
operate(const sgl_front_tools *tools, const sgl_http_request *r,
    sgl_http_exchange *exchange)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(SGL_SCEP_MESSAGE_MAX);

	if (read_message(r, &message) && message.len > 0)
		begin(tools, exchange, &message);
	else
		sgl_front_refuse(exchange, 400, "this is no message of SCEP\n");
}

static bool
is_place(const char *path)
{
	return strcmp(path, "/scep") == 0 ||
	    strncmp(path, "/scep/", strlen("/scep/")) == 0 ||
	    strcmp(path, "/cgi-bin/pkiclient.exe") == 0;
}

bool
sgl_front_scep(const sgl_front_tools *tools, const sgl_http_request *r,
    sgl_http_exchange *exchange)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(OPERATION_MAX);
	sgl_slice operation;

	if (!is_place(r->path))
		return false;
	operation = sgl_http_query_find(r->query, "operation", &text)
	    ? sgl_buf_slice(&text)
	    : (sgl_slice){NULL, 0};
	if (sgl_slice_eq(operation, SGL_LIT("PKIOperation")))
		operate(tools, r, exchange);
	else if (r->method == SGL_HTTP_POST)
		sgl_front_refuse(
		    exchange, 405, "POST is for PKIOperation alone\n");
	else if (sgl_slice_eq(operation, SGL_LIT("GetCACaps")))
		answer(exchange, "text/plain", SGL_LIT(SGL_SCEP_CAPABILITIES));
	else if (sgl_slice_eq(operation, SGL_LIT("GetCACert")))
		begin(tools, exchange, NULL);
	else
		sgl_front_refuse(exchange, 400, "there is no such operation\n");
	return true;
}
