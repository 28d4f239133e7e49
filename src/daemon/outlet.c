/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/base64.h"
#include "ca/urls.h"
#include "daemon/outlet.h"
#include "daemon/publish_wire.h"
#include "crypto/lru.h"
#include "sys/journal.h"

#define ROOM "daemon.outlet"
#define KEPT_MAX SGL_LRU_MAX
#define QUESTIONS_MAX 256 /* that control has not answered yet */
#define WAITING_MAX 2048  /* requests that wait for them */
#define PATIENCE 10	  /* seconds */
#define AGE_MAX 300	  /* seconds that caches of others may keep something */
#define AGE_CERT 86400
#define GET_MAX 8192

/* What is published under this name, as it is kept: the first bytes differ
 * most. */
typedef struct name {
	uint8_t bytes[SGL_LRU_KEY];
} name;

typedef enum kind { KIND_CERT, KIND_CRL, KIND_OCSP } kind;

typedef struct kept {
	sgl_http_shared *body;
	char tag[2 * SGL_PUBLISH_TAG + 1];
	sgl_time this_update, next_update;
} kept;

typedef struct waiting {
	sgl_http_exchange *exchange;
	struct waiting *next;
} waiting;

/* Number 0: not in use. */
typedef struct question {
	int64_t number;
	kind kind;
	bool is_shared; /* others may wait for it, too */
	name name;
	time_t asked;
	waiting *first;
} question;

struct sgl_outlet {
	sgl_peer *control;
	sgl_wait *tick;
	sgl_publish_state state;
	bool knows; /* what the state is */
	sgl_lru *kept;
	question questions[QUESTIONS_MAX];
	int64_t num_asked;
	size_t latest; /* the place of the newest question */
	unsigned num_waiting;
	sgl_outlet_counts counts;
};

static time_t
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* -------------------------------------------------------------- answering ---
 */

static const char *const types[] = {
    [KIND_CERT] = "application/pkix-cert",
    [KIND_CRL] = "application/pkix-crl",
    [KIND_OCSP] = "application/ocsp-response",
};

static void
send_status(sgl_http_exchange *exchange, int status)
{
	const sgl_http_answer a = {
	    .status = status, .retry_after = status == 503 ? 1 : 0};

	sgl_http_answer_send(exchange, &a);
}

static void
send_wrong_method(sgl_http_exchange *exchange, const char *allow)
{
	const sgl_http_answer a = {.status = 405, .allow = allow};

	sgl_http_answer_send(exchange, &a);
}

/* OCSP has its own way to say no (RFC 6960 2.3). */
static void
send_error(sgl_outlet *o, sgl_http_exchange *exchange, sgl_ocsp_error error)
{
	const sgl_http_answer a = {.status = 200,
	    .type = types[KIND_OCSP],
	    .body = sgl_ocsp_error_response(error)};

	o->counts.errors[error]++;
	sgl_http_answer_send(exchange, &a);
}

static void
send_later(sgl_outlet *o, sgl_http_exchange *exchange, kind k)
{
	if (k == KIND_OCSP)
		send_error(o, exchange, SGL_OCSP_TRY_LATER);
	else
		send_status(exchange, 503);
}

/* RFC 5019 6.2: not longer than it holds. */
static unsigned
age_of(const kept *k)
{
	sgl_time left = k->next_update - (sgl_time)time(NULL);

	if (k->next_update == 0)
		return AGE_CERT;
	if (left <= 0)
		return 0;
	return left < AGE_MAX ? (unsigned)left : AGE_MAX;
}

static void
send_kept(sgl_outlet *o, sgl_http_exchange *exchange, kind what, const kept *k)
{
	const sgl_http_answer a = {.status = 200,
	    .type = types[what],
	    .shared = k->body,
	    .tag = k->tag,
	    .max_age = age_of(k),
	    .last_modified = k->this_update,
	    .expires = k->next_update};

	o->counts.stored += what == KIND_OCSP;
	sgl_http_answer_send(exchange, &a);
}

/* Made for this request alone. */
static void
send_own(sgl_outlet *o, sgl_http_exchange *exchange, kind what, sgl_slice bytes)
{
	const sgl_http_answer a = {
	    .status = 200, .type = types[what], .body = bytes};

	o->counts.live += what == KIND_OCSP;
	sgl_http_answer_send(exchange, &a);
}

/* ---------------------------------------------------------------- keeping ---
 */

static void
drop_kept(void *value)
{
	kept *k = value;

	if (k == NULL)
		return;
	sgl_http_shared_unref(k->body);
	sgl_mem_free(k);
}

static kept *
keep(sgl_outlet *o, const name *n, const sgl_publish_answer *a)
{
	kept *k = sgl_mem_zeroed(1, sizeof *k);

	if (k == NULL ||
	    sgl_http_shared_new(a->bytes, &k->body, NULL) != SGL_OK) {
		sgl_mem_free(k);
		return NULL;
	}
	for (size_t i = 0; i < SGL_PUBLISH_TAG; i++)
		(void)snprintf(k->tag + 2 * i, 3, "%02x", a->tag[i]);
	k->this_update = a->this_update;
	k->next_update = a->next_update;
	sgl_lru_add(o->kept, n->bytes, k, drop_kept);
	return k;
}

/* An OCSP answer is made anew after half its time, and control does that. */
static const kept *
find_kept(sgl_outlet *o, kind what, const name *n)
{
	const kept *k = sgl_lru_find(o->kept, n->bytes);
	sgl_time now = (sgl_time)time(NULL);

	if (k == NULL || k->next_update == 0)
		return k;
	if (now >= k->next_update)
		return NULL;
	if (what == KIND_OCSP &&
	    now >= k->this_update + (k->next_update - k->this_update) / 2)
		return NULL;
	return k;
}

/* ----------------------------------------------------------------- asking ---
 */

static void
forget_question(sgl_outlet *o, question *q)
{
	while (q->first != NULL) {
		waiting *w = q->first;

		q->first = w->next;
		sgl_mem_free(w);
		o->num_waiting--;
	}
	*q = (question){.number = 0};
}

static void
excuse(sgl_outlet *o, question *q)
{
	for (const waiting *w = q->first; w != NULL; w = w->next)
		send_later(o, w->exchange, q->kind);
	forget_question(o, q);
}

static void
excuse_all(sgl_outlet *o, time_t asked_before)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (o->questions[i].number != 0 &&
		    o->questions[i].asked < asked_before)
			excuse(o, &o->questions[i]);
}

static bool
wait_for(sgl_outlet *o, question *q, sgl_http_exchange *exchange)
{
	waiting *w;

	if (o->num_waiting == WAITING_MAX)
		return false;
	w = sgl_mem_zeroed(1, sizeof *w);
	if (w == NULL)
		return false;
	*w = (waiting){exchange, q->first};
	q->first = w;
	o->num_waiting++;
	return true;
}

static question *
find_same(sgl_outlet *o, const name *n)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		question *q = &o->questions[i];
		if (q->number != 0 && q->is_shared &&
		    memcmp(&q->name, n, sizeof *n) == 0)
			return q;
	}
	return NULL;
}

/* Its number tells its place. */
static question *
begin_question(sgl_outlet *o, kind what, const name *n)
{
	size_t place = o->latest;
	question *q;

	do
		place = (place + 1) % QUESTIONS_MAX;
	while (o->questions[place].number != 0 && place != o->latest);
	q = &o->questions[place];
	if (q->number != 0)
		return NULL;
	o->latest = place;
	*q = (question){
	    .number = ++o->num_asked * QUESTIONS_MAX + (int64_t)place,
	    .kind = what,
	    .is_shared = n != NULL,
	    .asked = seconds_now()};
	if (n != NULL)
		q->name = *n;
	return q;
}

/* NULL: nobody waits for the answer any more. */
static question *
find_question(sgl_outlet *o, int64_t number)
{
	question *q = &o->questions[(size_t)number % QUESTIONS_MAX];

	return number != 0 && q->number == number ? q : NULL;
}

/* What is asked of control: a file, or about certificates. */
typedef struct asking {
	kind kind;
	const name *name; /* NULL: the answer is for this request alone */
	const sgl_publish_file *file;
	const sgl_ca_ocsp_question *ocsp;
} asking;

static sgl_status
send_question(sgl_outlet *o, const question *q, const asking *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_QUESTION_MAX);
	sgl_wire w = sgl_wire_over(&body);

	if (a->file != NULL)
		sgl_publish_add_file(&w, q->number, a->file);
	else
		sgl_publish_add_ocsp(&w, q->number, a->ocsp);
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(o->control,
	    a->file != NULL ? SGL_PUBLISH_FILE : SGL_PUBLISH_OCSP,
	    sgl_buf_slice(&body), err);
}

static void
ask(sgl_outlet *o, const asking *a, sgl_http_exchange *exchange)
{
	question *q = a->name == NULL ? NULL : find_same(o, a->name);
	sgl_err err = {0};

	if (q != NULL) {
		if (!wait_for(o, q, exchange))
			send_later(o, exchange, a->kind);
		return;
	}
	q = o->control == NULL ? NULL : begin_question(o, a->kind, a->name);
	if (q == NULL || !wait_for(o, q, exchange)) {
		if (q != NULL)
			forget_question(o, q);
		send_later(o, exchange, a->kind);
	} else if (send_question(o, q, a, &err) != SGL_OK) {
		sgl_journal_err("publish", &err);
		excuse(o, q);
	}
}

static void
send_answer(sgl_outlet *o, const question *q, const sgl_publish_answer *a)
{
	const kept *k =
	    a->outcome == SGL_PUBLISH_FOUND && a->is_shared && q->is_shared
	    ? keep(o, &q->name, a)
	    : NULL;

	for (const waiting *w = q->first; w != NULL; w = w->next) {
		if (a->outcome == SGL_PUBLISH_LATER)
			send_later(o, w->exchange, q->kind);
		else if (k != NULL)
			send_kept(o, w->exchange, q->kind, k);
		else if (a->outcome == SGL_PUBLISH_FOUND)
			send_own(o, w->exchange, q->kind, a->bytes);
		else if (q->kind == KIND_OCSP)
			send_error(o, w->exchange, a->error);
		else
			send_status(w->exchange, 404);
	}
}

static void
on_answer(sgl_outlet *o, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_publish_answer a;
	int64_t number = sgl_publish_read_answer(&u, &a);
	question *q;
	sgl_err err = {0};

	if (sgl_unwire_end(&u, &err) != SGL_OK) {
		sgl_journal_err("publish", &err);
		return;
	}
	q = find_question(o, number);
	if (q == NULL)
		return;
	send_answer(o, q, &a);
	forget_question(o, q);
}

static void
on_state(sgl_outlet *o, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_err err = {0};

	sgl_lru_empty(o->kept);
	sgl_publish_read_state(&u, &o->state);
	o->knows = sgl_unwire_end(&u, &err) == SGL_OK;
	if (!o->knows)
		sgl_journal_err("publish", &err);
}

bool
sgl_outlet_hear(sgl_outlet *o, unsigned type, sgl_slice body)
{
	if (type == SGL_PUBLISH_STATE)
		on_state(o, body);
	else if (type == SGL_PUBLISH_ANSWER)
		on_answer(o, body);
	else
		return false;
	return true;
}

void
sgl_outlet_set_control(sgl_outlet *o, sgl_peer *control)
{
	o->control = control;
	o->knows = false;
	sgl_lru_empty(o->kept);
	excuse_all(o, seconds_now() + 1);
}

/* ------------------------------------------------------------------- files ---
 */

/* Digits without a sign or zeros in front, which are not another name for the
 * same thing. */
static const char *
read_number(const char *at, int64_t *out)
{
	const char *begin = at;

	for (*out = 0; *at >= '0' && *at <= '9' && at - begin < 18; at++)
		*out = *out * 10 + (*at - '0');
	if (at == begin || (*begin == '0' && at - begin > 1))
		return NULL;
	return at;
}

/* "2-0.crl", "2.cer" */
static bool
read_file_name(const char *text, bool is_crl, sgl_publish_file *out)
{
	*out = (sgl_publish_file){.is_crl = is_crl};
	text = read_number(text, &out->authority);
	if (text != NULL && is_crl)
		text = *text == '-' ? read_number(text + 1, &out->shard) : NULL;
	return text != NULL && strcmp(text, is_crl ? ".crl" : ".cer") == 0;
}

static bool
is_published(const sgl_outlet *o, const sgl_publish_file *f)
{
	for (size_t i = 0; i < o->state.num; i++)
		if (o->state.authorities[i].id == f->authority)
			return f->shard < o->state.authorities[i].num_shards;
	return false;
}

static void
put_number(uint8_t *out, int64_t number)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)number >> (8 * i));
}

static name
name_of_file(const sgl_publish_file *f)
{
	name n = {{0}};

	n.bytes[0] = (uint8_t)(f->authority * 31 + f->shard * 2 + f->is_crl);
	n.bytes[1] = f->is_crl;
	put_number(n.bytes + 2, f->authority);
	put_number(n.bytes + 10, f->shard);
	n.bytes[31] = 0xff; /* no serial number */
	return n;
}

static void
serve_file(sgl_outlet *o, const char *text, bool is_crl,
    const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const kind what = is_crl ? KIND_CRL : KIND_CERT;
	sgl_publish_file f;
	const kept *k;
	name n;

	if (request->method == SGL_HTTP_POST) {
		send_wrong_method(exchange, "GET, HEAD");
	} else if (!read_file_name(text, is_crl, &f)) {
		send_status(exchange, 404);
	} else if (!o->knows) {
		send_status(exchange, 503);
	} else if (!is_published(o, &f)) {
		send_status(exchange, 404);
	} else {
		n = name_of_file(&f);
		k = find_kept(o, what, &n);
		if (k != NULL)
			send_kept(o, exchange, what, k);
		else
			ask(o, &(asking){what, &n, &f, NULL}, exchange);
	}
}

/* -------------------------------------------------------------------- OCSP ---
 */

static const sgl_published *
find_issuer(const sgl_outlet *o, const sgl_ocsp_id *id)
{
	for (size_t i = 0; i < o->state.num; i++) {
		const sgl_published *p = &o->state.authorities[i];
		if (p->answers && sgl_ocsp_issuer_is(&p->names, id))
			return p;
	}
	return NULL;
}

/* false: not all of them can be ours. */
static bool
note_facts(
    const sgl_outlet *o, const sgl_ocsp_request *r, sgl_ca_ocsp_question *out)
{
	for (size_t i = 0; i < r->num_ids; i++) {
		const sgl_ocsp_id *id = &r->ids[i];
		const sgl_published *p = find_issuer(o, id);
		sgl_ca_ocsp_id *to = &out->ids[i];

		if (p == NULL || id->serial.len == 0 ||
		    id->serial.len > sizeof to->serial)
			return false;
		*to = (sgl_ca_ocsp_id){.authority = p->id,
		    .digest = id->digest,
		    .serial_len = id->serial.len};
		memcpy(to->serial, id->serial.data, id->serial.len);
	}
	out->num_ids = r->num_ids;
	out->nonce_len = r->nonce.len;
	if (r->nonce.len > 0)
		memcpy(out->nonce, r->nonce.data, r->nonce.len);
	return true;
}

/* Serial numbers of ours are random, and 16 bytes long; the last bytes first.
 */
static name
name_of_id(const sgl_ca_ocsp_id *id)
{
	name n = {{0}};

	for (size_t i = 0; i < id->serial_len; i++)
		n.bytes[i] = id->serial[id->serial_len - 1 - i];
	n.bytes[20] = (uint8_t)id->serial_len;
	n.bytes[21] = id->digest == SGL_DIGEST_SHA256;
	put_number(n.bytes + 22, id->authority);
	return n;
}

static void
serve_question(
    sgl_outlet *o, const sgl_ca_ocsp_question *q, sgl_http_exchange *exchange)
{
	const bool is_shared = q->num_ids == 1 && q->nonce_len == 0;
	const kept *k = NULL;
	name n;

	if (is_shared) {
		n = name_of_id(&q->ids[0]);
		k = find_kept(o, KIND_OCSP, &n);
	}
	if (k != NULL)
		send_kept(o, exchange, KIND_OCSP, k);
	else
		ask(o, &(asking){KIND_OCSP, is_shared ? &n : NULL, NULL, q},
		    exchange);
}

static void
serve_request(sgl_outlet *o, sgl_slice der, sgl_http_exchange *exchange)
{
	sgl_ca_ocsp_question q = {.num_ids = 0};
	sgl_ocsp_request r;

	if (sgl_ocsp_request_read(der, &r, NULL) != SGL_OK)
		send_error(o, exchange, SGL_OCSP_MALFORMED);
	else if (!o->knows)
		send_error(o, exchange, SGL_OCSP_TRY_LATER);
	else if (!note_facts(o, &r, &q))
		send_error(o, exchange, SGL_OCSP_UNAUTHORIZED);
	else
		serve_question(o, &q, exchange);
}

static bool
is_ocsp_type(const char *type)
{
	static const char want[] = "application/ocsp-request";
	size_t len = sizeof want - 1;

	return strncasecmp(type, want, len) == 0 &&
	    (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* RFC 6960 A.1: the request in base64, percent-encoded, as the last part of
 * the path. Some clients lose the slashes around it. */
static void
serve_ocsp(sgl_outlet *o, const char *rest, const sgl_http_request *request,
    sgl_http_exchange *exchange)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(GET_MAX);

	if (*rest == '/')
		rest++;
	if (request->method == SGL_HTTP_POST) {
		if (is_ocsp_type(request->type))
			serve_request(o, request->body, exchange);
		else
			send_status(exchange, 415);
		return;
	}
	if (sgl_base64_decode(sgl_slice_str(rest), &der, NULL) != SGL_OK)
		send_error(o, exchange, SGL_OCSP_MALFORMED);
	else
		serve_request(o, sgl_buf_slice(&der), exchange);
}

/* ------------------------------------------------------------------- paths ---
 */

/* A path below the public URL's own is ours too. */
static const char *
strip_prefix(const sgl_outlet *o, const char *path)
{
	size_t len = strlen(o->state.prefix);

	return len > 0 && strncmp(path, o->state.prefix, len) == 0 &&
		path[len] == '/'
	    ? path + len
	    : path;
}

static const char *
behind(const char *path, const char *begin)
{
	size_t len = strlen(begin);

	return strncmp(path, begin, len) == 0 ? path + len : NULL;
}

const sgl_outlet_counts *
sgl_outlet_counts_of(const sgl_outlet *o)
{
	return &o->counts;
}

const char *
sgl_outlet_service(const sgl_outlet *o, const char *path)
{
	path = strip_prefix(o, path);
	if (behind(path, SGL_PATH_CA) != NULL)
		return "ca";
	if (behind(path, SGL_PATH_CRL) != NULL)
		return "crl";
	return behind(path, SGL_PATH_OCSP) != NULL ? "ocsp" : "other";
}

bool
sgl_outlet_serve(
    sgl_outlet *o, const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const char *path = strip_prefix(o, request->path);
	const char *rest;

	if ((rest = behind(path, SGL_PATH_CA)) != NULL)
		serve_file(o, rest, false, request, exchange);
	else if ((rest = behind(path, SGL_PATH_CRL)) != NULL)
		serve_file(o, rest, true, request, exchange);
	else if ((rest = behind(path, SGL_PATH_OCSP)) != NULL &&
	    (*rest == '\0' || *rest == '/'))
		serve_ocsp(o, rest, request, exchange);
	else
		return false;
	return true;
}

/* ---------------------------------------------------------------- the life ---
 */

static void
on_tick(void *ctx)
{
	excuse_all(ctx, seconds_now() - PATIENCE);
}

static sgl_status
prepare(sgl_outlet *o, sgl_loop *loop, sgl_err *err)
{
	TRY(sgl_lru_new(KEPT_MAX, &o->kept, err));
	return sgl_wait_every(loop, 1, on_tick, o, &o->tick, err);
}

sgl_status
sgl_outlet_new(sgl_loop *loop, sgl_outlet **out, sgl_err *err)
{
	sgl_outlet *o = sgl_mem_zeroed(1, sizeof *o);
	sgl_status status;

	if (o == NULL)
		return sgl_oom(err, ROOM);
	status = prepare(o, loop, err);
	if (status == SGL_OK)
		*out = o;
	else
		sgl_outlet_free(o);
	return status;
}

void
sgl_outlet_free(sgl_outlet *o)
{
	if (o == NULL)
		return;
	excuse_all(o, seconds_now() + 1);
	sgl_wait_free(o->tick);
	sgl_lru_free(o->kept);
	sgl_mem_free(o);
}
