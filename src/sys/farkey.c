/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"
#include "sys/farkey.h"
#include "sys/text.h"

#define ROOM "sys.farkey"
#define LABEL_MAX ((size_t)64 << 10)
#define FAILURE_MAX 4096
#define KEYS_MAX 1000000

/* -------------------------------------------------------------- messages ---
 */

static void
add_sig_alg(sgl_wire *w, const sgl_sig_alg *a)
{
	sgl_wire_add_int(w, a->scheme);
	sgl_wire_add_int(w, a->digest);
	sgl_wire_add_int(w, a->mgf);
	sgl_wire_add_int(w, a->salt_len);
}

static sgl_digest_alg
read_digest(sgl_unwire *u)
{
	return (sgl_digest_alg)sgl_unwire_int(
	    u, SGL_DIGEST_NONE, SGL_DIGEST_SHA512);
}

static sgl_sig_alg
read_sig_alg(sgl_unwire *u)
{
	sgl_sig_alg a;

	a.scheme =
	    (sgl_sig_scheme)sgl_unwire_int(u, SGL_SIG_NONE, SGL_SIG_ED25519);
	a.digest = read_digest(u);
	a.mgf = read_digest(u);
	a.salt_len = (uint32_t)sgl_unwire_int(u, 0, UINT32_MAX);
	return a;
}

static void
add_request(sgl_wire *w, const sgl_key_request *r)
{
	sgl_wire_add_int(w, r->op);
	sgl_wire_add_bytes(w, r->input);
	add_sig_alg(w, &r->sig);
	sgl_wire_add_int(w, (int64_t)r->want_len);
	sgl_wire_add_int(w, r->oaep_digest);
	sgl_wire_add_int(w, r->oaep_mgf);
	sgl_wire_add_bytes(w, r->oaep_label);
}

static void
read_request(sgl_unwire *u, sgl_key_request *r)
{
	r->op = (sgl_key_op)sgl_unwire_int(u, SGL_KEY_SIGN, SGL_KEY_ECDH);
	r->input = sgl_unwire_bytes(u, SGL_FARKEY_INPUT);
	r->sig = read_sig_alg(u);
	r->want_len = (size_t)sgl_unwire_int(u, 0, SGL_ANSWER_MAX);
	r->oaep_digest = read_digest(u);
	r->oaep_mgf = read_digest(u);
	r->oaep_label = sgl_unwire_bytes(u, LABEL_MAX);
}

void
sgl_farkey_add_question(sgl_wire *w, size_t number, const sgl_key_request *r)
{
	sgl_wire_add_int(w, (int64_t)number);
	add_request(w, r);
}

size_t
sgl_farkey_read_question(sgl_unwire *u, sgl_key_request *r)
{
	size_t number = (size_t)sgl_unwire_int(u, 0, KEYS_MAX);

	read_request(u, r);
	return number;
}

void
sgl_farkey_add_questions(
    sgl_wire *w, size_t number, const sgl_key_request *requests, size_t num)
{
	sgl_wire_add_int(w, (int64_t)number);
	sgl_wire_add_int(w, (int64_t)num);
	for (size_t i = 0; i < num; i++)
		add_request(w, &requests[i]);
}

static void
read_questions(sgl_unwire *u, sgl_farkey_questions *q)
{
	q->number = (size_t)sgl_unwire_int(u, 0, KEYS_MAX);
	q->num = (size_t)sgl_unwire_int(u, 1, SGL_KEY_MANY);
	for (size_t i = 0; i < q->num; i++)
		read_request(u, &q->requests[i]);
}

sgl_status
sgl_farkey_asked(
    unsigned type, sgl_slice body, sgl_farkey_questions *out, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);

	out->type = type;
	out->num = 1;
	if (type == SGL_MESSAGE_ASK_KEYS)
		read_questions(&u, out);
	else
		out->number = sgl_farkey_read_question(&u, out->requests);
	return sgl_unwire_end(&u, err);
}

void
sgl_farkey_add_answer(sgl_wire *w, const sgl_key_answer *answer)
{
	sgl_wire_add_bytes(w, sgl_slice_of(answer->bytes, answer->len));
}

void
sgl_farkey_read_answer(sgl_unwire *u, sgl_key_answer *out)
{
	sgl_slice bytes = sgl_unwire_bytes(u, SGL_ANSWER_MAX);

	out->len = bytes.len;
	if (bytes.len > 0)
		memcpy(out->bytes, bytes.data, bytes.len);
}

static void
add_failure(sgl_wire *w, const sgl_err *e)
{
	sgl_wire_add_int(w, e->status);
	sgl_wire_add_text(w, e->room);
	sgl_wire_add_text(w, e->text);
	sgl_wire_add_text(w, e->detail);
	sgl_wire_add_bytes(
	    w, sgl_slice_of((const uint8_t *)&e->offset, sizeof e->offset));
}

/* One string for each that was met: they are constants at the other side. */
static const char *
keep(const char *text)
{
	static char *kept[512];
	static size_t num;
	char *copy;

	for (size_t i = 0; i < num; i++)
		if (strcmp(kept[i], text) == 0)
			return kept[i];
	copy = num < sizeof kept / sizeof *kept
	    ? sgl_mem_resize(NULL, strlen(text) + 1)
	    : NULL;
	if (copy == NULL)
		return N_("another process of ours has failed");
	memcpy(copy, text, strlen(text) + 1);
	kept[num++] = copy;
	return copy;
}

static void
read_failure(sgl_unwire *u, sgl_err *out)
{
	char room[64], text[FAILURE_MAX];
	sgl_slice offset;

	out->status =
	    (sgl_status)sgl_unwire_int(u, SGL_E_ENCODING, SGL_E_CRYPTO);
	sgl_unwire_text(u, room, sizeof room);
	sgl_unwire_text(u, text, sizeof text);
	sgl_unwire_text(u, out->detail, sizeof out->detail);
	offset = sgl_unwire_bytes(u, sizeof out->offset);
	if (offset.len != sizeof out->offset)
		u->failed = true;
	if (u->failed)
		return;
	memcpy(&out->offset, offset.data, sizeof out->offset);
	out->room = keep(room);
	out->text = keep(text);
}

/* -------------------------------------------------------------- failures ---
 */

sgl_status
sgl_failure_write(const sgl_err *failure, sgl_buf *body, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(body);

	add_failure(&w, failure);
	return sgl_wire_end(&w, err);
}

sgl_status
sgl_failure_send(sgl_channel *channel, const sgl_err *failure, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(2 * FAILURE_MAX);

	TRY(sgl_failure_write(failure, &body, err));
	return sgl_channel_send(
	    channel, SGL_MESSAGE_FAILURE, sgl_buf_slice(&body), err);
}

sgl_status
sgl_failure_take(sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_err failure = {0};

	read_failure(&u, &failure);
	TRY(sgl_unwire_end(&u, err));
	if (err != NULL)
		*err = failure;
	return failure.status;
}

sgl_status
sgl_exchange(sgl_channel *channel, unsigned type, sgl_slice question,
    unsigned want, sgl_slice *body, sgl_err *err)
{
	unsigned got;
	bool ended;

	TRY(sgl_channel_send(channel, type, question, err));
	TRY(sgl_channel_receive(
	    channel, SGL_CHANNEL_MESSAGE, &got, body, &ended, err));
	if (ended)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("another process of ours has ended"));
	if (got == SGL_MESSAGE_FAILURE)
		return sgl_failure_take(*body, err);
	if (got != want)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	return SGL_OK;
}

/* --------------------------------------------------------- the near side ---
 */

typedef struct farkey {
	sgl_channel *channel;
	size_t number;
	bool is_lent;
} farkey;

/* `question` is wiped. */
static sgl_status
exchange(farkey *k, unsigned type, const sgl_wire *w, unsigned want,
    sgl_unwire *out, sgl_err *err)
{
	sgl_slice body = {NULL, 0};
	sgl_status status = sgl_wire_end(w, err);

	if (status == SGL_OK)
		status = sgl_exchange(
		    k->channel, type, sgl_buf_slice(w->out), want, &body, err);
	sgl_buf_wipe(w->out);
	*out = sgl_unwire_over(body);
	return status;
}

static sgl_status
ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	farkey *k = ctx;
	sgl_buf question = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_farkey_add_question(&w, k->number, request);
	TRY(exchange(
	    k, SGL_MESSAGE_ASK_KEY, &w, SGL_MESSAGE_KEY_ANSWER, &u, err));
	sgl_farkey_read_answer(&u, answer);
	return sgl_unwire_end(&u, err);
}

/* How many of them together are not more than one of them may be. */
static size_t
count_fitting(const sgl_key_request *requests, size_t num)
{
	size_t n = 0, len = 0;

	do
		len += requests[n].input.len + requests[n].oaep_label.len;
	while (len <= SGL_FARKEY_INPUT && ++n < num);
	return n > 0 ? n : 1;
}

static sgl_status
ask_fitting(farkey *k, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, sgl_err *err)
{
	sgl_buf question = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_farkey_add_questions(&w, k->number, requests, num);
	TRY(exchange(
	    k, SGL_MESSAGE_ASK_KEYS, &w, SGL_MESSAGE_KEY_ANSWERS, &u, err));
	for (size_t i = 0; i < num; i++)
		sgl_farkey_read_answer(&u, &answers[i]);
	return sgl_unwire_end(&u, err);
}

static sgl_status
ask_many(void *ctx, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, sgl_err *err)
{
	while (num > 0) {
		const size_t n = count_fitting(requests, num);

		TRY(ask_fitting(ctx, requests, n, answers, err));
		requests += n;
		answers += n;
		num -= n;
	}
	return SGL_OK;
}

/* Should the far side be gone, there is nothing to drop. */
static void
release(void *ctx)
{
	farkey *k = ctx;
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	sgl_wire_add_int(&w, (int64_t)k->number);
	if (k->is_lent && sgl_wire_end(&w, NULL) == SGL_OK)
		(void)!sgl_channel_send(k->channel, SGL_MESSAGE_DROP_KEY,
		    sgl_buf_slice(&body), NULL);
	sgl_mem_free(k);
}

sgl_status
sgl_farkey_new(sgl_engine *engine, sgl_channel *channel, size_t number,
    bool is_lent, sgl_slice spki, sgl_key **out, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = ask, .release = release};
	static const sgl_key_ops ops_lent = {
	    .ask = ask, .release = release, .ask_many = ask_many};
	farkey *k = sgl_mem_zeroed(1, sizeof *k);
	sgl_status status;

	if (k == NULL)
		return sgl_oom(err, ROOM);
	*k = (farkey){channel, number, is_lent};
	status = sgl_key_new_remote(
	    engine, spki, is_lent ? &ops_lent : &ops, k, out, err);
	if (status != SGL_OK)
		release(k);
	return status;
}

/* ---------------------------------------------------------- the far side ---
 */

sgl_status
sgl_farkey_dropped(sgl_slice body, size_t *number, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);

	*number = (size_t)sgl_unwire_int(&u, 0, KEYS_MAX);
	return sgl_unwire_end(&u, err);
}

/* All of them, or *failure. */
static sgl_status
answer_all(sgl_engine *engine, sgl_key *key, const sgl_farkey_questions *q,
    sgl_wire *w, sgl_err *failure)
{
	sgl_key_answer answer = {0};
	sgl_status status = SGL_OK;

	for (size_t i = 0; i < q->num && status == SGL_OK; i++) {
		status =
		    sgl_key_ask(engine, key, &q->requests[i], &answer, failure);
		if (status == SGL_OK)
			sgl_farkey_add_answer(w, &answer);
	}
	sgl_mem_wipe(&answer, sizeof answer);
	return status == SGL_OK ? sgl_wire_end(w, failure) : status;
}

sgl_status
sgl_farkey_serve(sgl_engine *engine, sgl_channel *channel, sgl_key *const *keys,
    size_t num_keys, const sgl_farkey_questions *q, sgl_err *err)
{
	sgl_buf body = {.max = q->num * (SGL_ANSWER_MAX + 64), .secret = true};
	sgl_wire w = sgl_wire_over(&body);
	sgl_err failure = {0};
	sgl_status status;

	if (q->number >= num_keys || keys[q->number] == NULL)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	if (answer_all(engine, keys[q->number], q, &w, &failure) == SGL_OK)
		status = sgl_channel_send(channel,
		    q->type == SGL_MESSAGE_ASK_KEYS ? SGL_MESSAGE_KEY_ANSWERS
						    : SGL_MESSAGE_KEY_ANSWER,
		    sgl_buf_slice(&body), err);
	else
		status = sgl_failure_send(channel, &failure, err);
	sgl_buf_wipe(&body);
	return status;
}
