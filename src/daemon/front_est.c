/* SPDX-License-Identifier: Apache-2.0 */
/* EST (RFC 7030) for strangers. */
#include "base/base64.h"
#include "ca/est.h"
#include "ca/scep.h"
#include "daemon/front_enrol.h"
#include "sys/journal.h"

#define ROOM "daemon.est"
#define BODY_MAX ((size_t)1 << 20)

/* A request that waits for control. */
typedef struct waiting {
	const sgl_front_tools *tools;
	sgl_http_exchange *exchange;
	sgl_est_operation operation;
	bool is_encrypted; /* a key that is waited for */
} waiting;

/* ------------------------------------------------------------- answers --- */

static sgl_status
answer(
    sgl_http_exchange *exchange, const char *type, sgl_slice der, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(BODY_MAX);
	sgl_http_answer a = {.status = 200, .type = type, .is_base64 = true};

	TRY(sgl_base64_encode(der, &body, err));
	a.body = sgl_buf_slice(&body);
	sgl_http_answer_send(exchange, &a);
	return SGL_OK;
}

static sgl_status
pack_certs(sgl_engine *engine, const sgl_slice *ders, size_t num, sgl_buf *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	for (size_t i = 0; i < num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(engine, ders[i], &cert, err));
		TRY(sgl_certs_add(&set, cert, err));
	}
	return sgl_certs_only(engine, &set, NULL, out, err);
}

static sgl_status
answer_certs(const waiting *w, const sgl_slice *ders, size_t num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(BODY_MAX);

	TRY(pack_certs(w->tools->engine, ders, num, &der, err));
	return answer(
	    w->exchange, SGL_EST_CERTS_TYPE, sgl_buf_slice(&der), err);
}

static sgl_status
answer_key(const waiting *w, const sgl_front_enrolled *e, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(BODY_MAX);
	sgl_buf body = {.max = BODY_MAX, .secret = true};
	sgl_http_answer a = {.status = 200, .type = SGL_EST_KEY_TYPE};
	sgl_status status;

	TRY(pack_certs(w->tools->engine, &e->cert, 1, &der, err));
	status = sgl_est_add_key(
	    e->key, w->is_encrypted, sgl_buf_slice(&der), &body, err);
	if (status == SGL_OK) {
		a.body = sgl_buf_slice(&body);
		sgl_http_answer_send(w->exchange, &a);
	}
	sgl_buf_wipe(&body);
	return status;
}

/* ------------------------------------------------ what control answered --- */

static sgl_status
tell_attributes(const waiting *w, const sgl_front_door *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1024);

	TRY(sgl_est_csrattrs(d->kind, d->bits, &der, err));
	return answer(
	    w->exchange, "application/csrattrs", sgl_buf_slice(&der), err);
}

static sgl_status
tell_door(const waiting *w, sgl_unwire *u, sgl_err *err)
{
	sgl_front_door d;

	sgl_front_read_door(u, &d);
	TRY(sgl_unwire_end(u, err));
	if (w->operation == SGL_EST_CSRATTRS)
		return tell_attributes(w, &d, err);
	return answer_certs(w, d.authorities, d.num_authorities, err);
}

static sgl_status
tell_enrolled(const waiting *w, sgl_unwire *u, sgl_err *err)
{
	sgl_front_enrolled e;

	sgl_front_read_enrolled(u, &e);
	TRY(sgl_unwire_end(u, err));
	switch (e.outcome) {
	case SGL_ENROL_DONE:
		return w->operation == SGL_EST_KEYGEN
		    ? answer_key(w, &e, err)
		    : answer_certs(w, &e.cert, 1, err);
	case SGL_ENROL_REFUSED:
		sgl_front_refuse(w->exchange, 401,
		    "the code or the certificate is none that may enrol\n");
		break;
	case SGL_ENROL_BAD_KEY:
		sgl_front_refuse(w->exchange, 400,
		    "there is no certificate for such a key: RSA of 2048 bits "
		    "or more, P-256, P-384, P-521, that nobody has yet\n");
		break;
	case SGL_ENROL_WRONG_WAY:
		sgl_front_refuse(w->exchange, 400,
		    w->operation == SGL_EST_KEYGEN
			? "this key the device makes itself: simpleenroll\n"
			: "this key is made here: serverkeygen\n");
		break;
	}
	return SGL_OK;
}

static void
on_answer(void *ctx, sgl_unwire *u)
{
	SGL_AUTO_MEM waiting *w = ctx;
	sgl_err err = {0};
	sgl_status status = SGL_OK;

	if (u == NULL)
		sgl_front_busy(w->exchange);
	else if (w->operation == SGL_EST_CACERTS ||
	    w->operation == SGL_EST_CSRATTRS)
		status = tell_door(w, u, &err);
	else
		status = tell_enrolled(w, u, &err);
	if (status == SGL_OK)
		return;
	sgl_journal_err("est", &err);
	sgl_front_busy(w->exchange);
}

/* -------------------------------------------------------------- asking --- */

static void
ask(const sgl_front_tools *tools, sgl_front_question *q,
    sgl_est_operation operation, bool is_encrypted, sgl_http_exchange *exchange)
{
	waiting *w = sgl_mem_zeroed(1, sizeof *w);
	sgl_err err = {0};

	if (w != NULL)
		*w = (waiting){tools, exchange, operation, is_encrypted};
	if (w != NULL &&
	    sgl_front_ask(tools->line, q, on_answer, w, &err) == SGL_OK)
		return;
	sgl_buf_wipe(&q->body);
	sgl_mem_free(w);
	sgl_front_busy(exchange);
}

static void
ask_door(const sgl_front_tools *tools, sgl_est_operation operation,
    sgl_http_exchange *exchange)
{
	sgl_front_question q;

	sgl_front_ask_begin(tools->line, SGL_FRONT_DOOR, SGL_FRONT_DOOR_IS, &q);
	sgl_wire_add_int(&q.wire, false);
	ask(tools, &q, operation, false, exchange);
}

static void
ask_enrol(const sgl_front_tools *tools, const sgl_enrolment *e,
    sgl_est_operation operation, sgl_http_exchange *exchange)
{
	const sgl_front_enrol enrol = {.protocol = SGL_FRONT_EST, .e = *e};
	sgl_front_question q;

	sgl_front_ask_begin(
	    tools->line, SGL_FRONT_ENROL, SGL_FRONT_ENROL_IS, &q);
	sgl_front_add_enrol(&q.wire, &enrol);
	ask(tools, &q, operation, e->recipient.spki.len > 0, exchange);
}

/* ------------------------------------------------------------ enrolling --- */

/* An enrolment is with a code; where there is none, as when enrolling again,
 * the certificate that the client has shown stands for it (RFC 7030 3.2.3). */
static void
enrol_by_code(const sgl_front_tools *tools, sgl_enrolment *e,
    sgl_est_operation operation, const sgl_http_request *r,
    sgl_http_exchange *exchange)
{
	SGL_AUTO_CLEAR(sgl_est_login) login = {{NULL, 0}, {NULL, 0}};
	bool found;

	if (sgl_est_read_login(r->authorization, &login, &found, NULL) !=
	    SGL_OK) {
		sgl_front_busy(exchange);
		return;
	}
	if (!found) {
		sgl_front_refuse(exchange, 401, "a code is needed to enrol\n");
		return;
	}
	e->address = sgl_secret_slice(&login.user);
	e->code = sgl_secret_slice(&login.code);
	ask_enrol(tools, e, operation, exchange);
}

static void
enrol_again(const sgl_front_tools *tools, const sgl_csr *csr,
    const sgl_http_request *r, sgl_http_exchange *exchange)
{
	const sgl_enrolment e = {.spki = csr->asked.spki, .client = r->client};
	SGL_AUTO(sgl_cert)
	client = NULL;

	if (sgl_cert_read(tools->engine, r->client, &client, NULL) != SGL_OK)
		sgl_front_refuse(
		    exchange, 401, "the certificate cannot be read\n");
	else if (!sgl_est_is_same(csr, client))
		sgl_front_refuse(exchange, 400,
		    "the request does not name whom the certificate names\n");
	else
		ask_enrol(tools, &e, SGL_EST_REENROL, exchange);
}

/* What is wrong with a request; for good, unless memory is short. */
static void
refuse_request(sgl_status status, sgl_http_exchange *exchange)
{
	if (status == SGL_E_NOMEM)
		sgl_front_busy(exchange);
	else if (status == SGL_E_MISMATCH)
		sgl_front_refuse(exchange, 400,
		    "the request is not signed with its own key, or names "
		    "another\n");
	else if (status == SGL_E_UNSUPPORTED)
		sgl_front_refuse(exchange, 400,
		    "the request names a key or an algorithm that cannot be "
		    "used\n");
	else
		sgl_front_refuse(exchange, 400,
		    "this is no certification request (PKCS#10 in base64)\n");
}

static void
enrol(const sgl_front_tools *tools, sgl_est_operation operation,
    const sgl_http_request *r, sgl_http_exchange *exchange)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_enrolment e = {.wants_key = false};
	sgl_status status = sgl_est_read(tools->engine, r->body, &csr, NULL);

	if (status != SGL_OK) {
		refuse_request(status, exchange);
		return;
	}
	e.spki = csr->asked.spki;
	if (operation == SGL_EST_REENROL && r->client.len > 0 &&
	    r->authorization[0] == '\0')
		enrol_again(tools, csr, r, exchange);
	else
		enrol_by_code(tools, &e, operation, r, exchange);
}

/* A key that is made here (RFC 7030 4.4). */
static void
enrol_for_key(const sgl_front_tools *tools, const sgl_http_request *r,
    sgl_http_exchange *exchange)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_enrolment e = {.wants_key = true};
	sgl_status status = sgl_est_read_keygen(
	    tools->engine, r->body, &csr, &e.recipient.key_id, &e.cipher, NULL);

	if (status != SGL_OK) {
		refuse_request(status, exchange);
		return;
	}
	if (e.recipient.key_id.len > 0)
		e.recipient.spki = csr->asked.spki;
	enrol_by_code(tools, &e, SGL_EST_KEYGEN, r, exchange);
}

static bool
is_request(const char *type)
{
	static const char want[] = "application/pkcs10";
	const sgl_slice all = sgl_slice_str(type);

	return sgl_slice_starts_nocase(all, SGL_LIT("application/pkcs10")) &&
	    (all.len == sizeof want - 1 ||
		strchr("; \t", type[sizeof want - 1]));
}

bool
sgl_front_est(const sgl_front_tools *tools, const sgl_http_request *r,
    sgl_http_exchange *exchange)
{
	sgl_est_operation operation;
	bool tells;

	if (!sgl_est_find(r->path, &operation))
		return false;
	tells = operation == SGL_EST_CACERTS || operation == SGL_EST_CSRATTRS;
	if (!r->is_private)
		sgl_front_refuse(
		    exchange, 403, "EST is spoken over HTTPS alone\n");
	else if (tells ? r->method == SGL_HTTP_POST
		       : r->method != SGL_HTTP_POST)
		sgl_front_refuse(exchange, 405, "not with this method\n");
	else if (tells)
		ask_door(tools, operation, exchange);
	else if (!is_request(r->type))
		sgl_front_refuse(
		    exchange, 415, "application/pkcs10 is wanted\n");
	else if (operation == SGL_EST_KEYGEN)
		enrol_for_key(tools, r, exchange);
	else
		enrol(tools, operation, r, exchange);
	return true;
}
