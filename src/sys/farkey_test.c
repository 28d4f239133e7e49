/* SPDX-License-Identifier: Apache-2.0 */
/* A second process holds the keys; this one must get the same from them as
 * from keys of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "sys/farkey.h"

#define NUM_KEYS 4
/* How many questions the far side has got in all. */
#define COUNT_MESSAGES 99

typedef struct sides {
	sgl_engine *engine;
	sgl_key *own[NUM_KEYS];
	sgl_channel *channel;
	pid_t child;
} sides;

static const sgl_key_kind kinds[NUM_KEYS] = {
    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_ED25519, SGL_KEY_X25519};

static sgl_status
answer(const sides *s, sgl_channel *channel, unsigned type, sgl_slice body)
{
	static size_t messages;
	sgl_farkey_questions q;
	size_t dropped;

	if (type == SGL_MESSAGE_DROP_KEY)
		return sgl_farkey_dropped(body, &dropped, NULL);
	if (type == COUNT_MESSAGES)
		return sgl_channel_send(channel, COUNT_MESSAGES,
		    sgl_slice_of((const uint8_t *)&messages, sizeof messages),
		    NULL);
	messages++;
	TRY(sgl_farkey_asked(type, body, &q, NULL));
	return sgl_farkey_serve(s->engine, channel, s->own, NUM_KEYS, &q, NULL);
}

/* The far side, until the channel is closed. */
static int
serve(const sides *s, int fd)
{
	sgl_channel *channel;
	sgl_slice body;
	unsigned type;
	bool ended;

	if (sgl_channel_new(fd, &channel, NULL) != SGL_OK)
		return 1;
	while (sgl_channel_receive(channel, SGL_CHANNEL_MESSAGE, &type, &body,
		   &ended, NULL) == SGL_OK &&
	    !ended)
		if (answer(s, channel, type, body) != SGL_OK)
			return 2;
	sgl_channel_free(channel);
	return 0;
}

static int
set_up(void **state)
{
	static sides s;
	int ends[2];

	assert_int_equal(sgl_engine_new(NULL, &s.engine, NULL), SGL_OK);
	for (size_t i = 0; i < NUM_KEYS; i++)
		assert_int_equal(
		    sgl_key_generate(s.engine, kinds[i], 2048, &s.own[i], NULL),
		    SGL_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	s.child = fork();
	if (s.child == 0) {
		(void)close(ends[0]);
		_exit(serve(&s, ends[1]));
	}
	(void)close(ends[1]);
	assert_int_equal(sgl_channel_new(ends[0], &s.channel, NULL), SGL_OK);
	*state = &s;
	return 0;
}

static int
tear_down(void **state)
{
	sides *s = *state;
	int status;

	sgl_channel_free(s->channel);
	assert_int_equal(waitpid(s->child, &status, 0), s->child);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < NUM_KEYS; i++)
		sgl_key_unref(s->own[i]);
	sgl_engine_free(s->engine);
	return 0;
}

static sgl_key *
far_key(const sides *s, size_t i, bool is_lent)
{
	sgl_key *key;

	assert_int_equal(sgl_farkey_new(s->engine, s->channel, i, is_lent,
			     sgl_key_get_spki(s->own[i]), &key, NULL),
	    SGL_OK);
	return key;
}

static sgl_key *
far(const sides *s, size_t i)
{
	return far_key(s, i, false);
}

static sgl_key_answer
ask(const sides *s, sgl_key *key, const sgl_key_request *request)
{
	sgl_key_answer answer = {0};
	sgl_err err = {0};

	if (sgl_key_ask(s->engine, key, request, &answer, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return answer;
}

/* Both give the same bytes. */
static void
assert_same(const sides *s, size_t i, const sgl_key_request *request)
{
	sgl_key *key = far(s, i);
	sgl_key_answer far_one = ask(s, key, request);
	sgl_key_answer own = ask(s, s->own[i], request);

	assert_int_equal(far_one.len, own.len);
	assert_true(own.len > 0);
	assert_memory_equal(far_one.bytes, own.bytes, own.len);
	sgl_key_unref(key);
}

static void
answers_are_those_of_a_key_at_hand(void **state)
{
	const sides *s = *state;
	sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("message"),
	    .sig = {.scheme = SGL_SIG_RSA_PKCS1, .digest = SGL_DIGEST_SHA384}};
	uint8_t noise[256];
	sgl_key_request unwrap = {.op = SGL_KEY_RSA_V15,
	    .input = sgl_slice_of(noise, sizeof noise),
	    .want_len = 32};

	assert_same(s, 0, &sign);
	memset(noise, 0x5a, sizeof noise);
	assert_same(s, 0, &unwrap); /* implicit rejection, the same one */
	sign.sig = (sgl_sig_alg){
	    .scheme = SGL_SIG_ED25519, .digest = SGL_DIGEST_SHA512};
	assert_same(s, 2, &sign);
}

static void
a_far_signature_verifies(void **state)
{
	const sides *s = *state;
	const sgl_sig_alg alg = {
	    .scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256};
	const sgl_key_request sign = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("message"), .sig = alg};
	sgl_key *key = far(s, 1);
	sgl_key_answer answer = ask(s, key, &sign);
	sgl_pubkey *public;
	bool good = false;

	assert_int_equal(
	    sgl_pubkey_read(s->engine, sgl_key_get_spki(key), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_verify(s->engine, public, &alg, sign.input,
		sgl_slice_of(answer.bytes, answer.len), &good, NULL),
	    SGL_OK);
	assert_true(good);
	sgl_pubkey_unref(public);
	sgl_key_unref(key);
}

/* What the far side refuses is told in its words. */
static void
failures_travel(void **state)
{
	const sides *s = *state;
	const sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("message"),
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_err here = {0}, there = {0};
	sgl_key_answer answer;
	sgl_key *key = far(s, 3);

	assert_int_equal(
	    sgl_key_ask(s->engine, s->own[3], &sign, &answer, &here),
	    SGL_E_UNSUPPORTED);
	assert_int_equal(sgl_key_ask(s->engine, key, &sign, &answer, &there),
	    SGL_E_UNSUPPORTED);
	assert_int_equal(there.status, SGL_E_UNSUPPORTED);
	assert_string_equal(there.text, here.text);
	assert_string_equal(there.room, here.room);
	assert_string_equal(there.detail, here.detail);
	assert_int_equal(there.offset, here.offset);
	sgl_key_unref(key);
}

static size_t
count_messages(const sides *s)
{
	sgl_slice body;
	size_t num;

	assert_int_equal(sgl_exchange(s->channel, COUNT_MESSAGES,
			     (sgl_slice){NULL, 0}, COUNT_MESSAGES, &body, NULL),
	    SGL_OK);
	assert_int_equal(body.len, sizeof num);
	memcpy(&num, body.data, sizeof num);
	return num;
}

#define MANY (SGL_KEY_MANY + 7)

/* What Ed25519 signs is the same each time. */
static void
note_questions(sgl_slice inputs[MANY], sgl_key_request requests[MANY])
{
	for (size_t i = 0; i < MANY; i++)
		requests[i] = (sgl_key_request){.op = SGL_KEY_SIGN,
		    .input = inputs[i],
		    .sig = {.scheme = SGL_SIG_ED25519,
			.digest = SGL_DIGEST_SHA512}};
}

static void
expect_each_own(
    const sides *s, const sgl_key_request *requests, const sgl_key_answer *got)
{
	for (size_t i = 0; i < MANY; i++) {
		const sgl_key_answer own = ask(s, s->own[2], &requests[i]);

		assert_int_equal(got[i].len, own.len);
		assert_memory_equal(got[i].bytes, own.bytes, own.len);
	}
}

/* Each has its own answer, and they cost two messages, or where the far side
 * takes one question at a time, one each. */
static void
many_are_asked_at_once(void **state)
{
	static sgl_key_answer answers[MANY];
	static char texts[MANY][8];
	const sides *s = *state;
	sgl_slice inputs[MANY];
	sgl_key_request requests[MANY];

	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(texts[i], sizeof texts[i], "%zu", i);
		inputs[i] = sgl_slice_str(texts[i]);
	}
	note_questions(inputs, requests);
	for (int is_lent = 0; is_lent < 2; is_lent++) {
		sgl_key *key = far_key(s, 2, is_lent);
		const size_t before = count_messages(s);

		memset(answers, 0, sizeof answers);
		assert_int_equal(sgl_key_ask_many(s->engine, key, requests,
				     MANY, answers, NULL),
		    SGL_OK);
		assert_int_equal(
		    count_messages(s) - before, is_lent ? 2 : MANY);
		expect_each_own(s, requests, answers);
		sgl_key_unref(key);
	}
}

/* Together they would be more than a message may be. */
static void
long_ones_go_in_several_messages(void **state)
{
	static sgl_key_answer answers[MANY];
	const sides *s = *state;
	const size_t len = SGL_FARKEY_INPUT / 2;
	SGL_AUTO_MEM uint8_t *text = sgl_mem_zeroed(1, len);
	sgl_slice inputs[MANY];
	sgl_key_request requests[MANY];
	size_t before = count_messages(s);
	sgl_key *key = far_key(s, 2, true);

	for (size_t i = 0; i < MANY; i++)
		inputs[i] = sgl_slice_of(text, i % 20 == 0 ? len : 1 + i);
	note_questions(inputs, requests);
	assert_int_equal(
	    sgl_key_ask_many(s->engine, key, requests, MANY, answers, NULL),
	    SGL_OK);
	assert_int_equal(count_messages(s) - before, 5);
	expect_each_own(s, requests, answers);
	sgl_key_unref(key);
}

/* One that cannot be answered is told, and the next ones are as ever. */
static void
one_of_many_fails_all(void **state)
{
	static sgl_key_answer answers[MANY];
	const sides *s = *state;
	sgl_slice inputs[MANY];
	sgl_key_request requests[MANY];
	sgl_key *key = far_key(s, 2, true);
	sgl_err err = {0};

	for (size_t i = 0; i < MANY; i++)
		inputs[i] = SGL_LIT("message");
	note_questions(inputs, requests);
	requests[5].sig.scheme = SGL_SIG_RSA_PKCS1;
	assert_int_equal(
	    sgl_key_ask_many(s->engine, key, requests, MANY, answers, &err),
	    SGL_E_UNSUPPORTED);
	assert_int_equal(err.status, SGL_E_UNSUPPORTED);
	note_questions(inputs, requests);
	assert_int_equal(
	    sgl_key_ask_many(s->engine, key, requests, MANY, answers, NULL),
	    SGL_OK);
	expect_each_own(s, requests, answers);
	sgl_key_unref(key);
}

/* ------------------------------------------------- the messages themselves ---
 */

/* It may come in pieces of one byte. */
static void
many_questions_byte_by_byte(void **state)
{
	const sides *s = *state;
	const sgl_key_request two[2] = {
	    {.op = SGL_KEY_SIGN,
		.input = SGL_LIT("one"),
		.sig = {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}},
	    {.op = SGL_KEY_SIGN,
		.input = SGL_LIT("other"),
		.sig = {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}}};
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(4096);
	sgl_wire w = sgl_wire_over(&body);
	sgl_wire_head head;
	sgl_slice answers;
	sgl_unwire u;
	unsigned type;
	bool ended;

	sgl_farkey_add_questions(&w, 2, two, 2);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	head = sgl_wire_head_of(body.len, SGL_MESSAGE_ASK_KEYS);
	assert_int_equal(sgl_buf_add(&bytes,
			     sgl_slice_of(head.bytes, sizeof head.bytes), NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_buf_add(&bytes, sgl_buf_slice(&body), NULL), SGL_OK);
	for (size_t i = 0; i < bytes.len; i++)
		assert_int_equal(
		    write(sgl_channel_fd(s->channel), bytes.data + i, 1), 1);
	assert_int_equal(sgl_channel_receive(s->channel, SGL_CHANNEL_MESSAGE,
			     &type, &answers, &ended, NULL),
	    SGL_OK);
	assert_int_equal(type, SGL_MESSAGE_KEY_ANSWERS);
	u = sgl_unwire_over(answers);
	for (size_t i = 0; i < 2; i++) {
		const sgl_key_answer own = ask(s, s->own[2], &two[i]);
		sgl_key_answer got = {0};

		sgl_farkey_read_answer(&u, &got);
		assert_int_equal(got.len, own.len);
		assert_memory_equal(got.bytes, own.bytes, own.len);
	}
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
}

/* What the near side sends for these, and answers as if it were told `back`. */
static sgl_status
talk(const sides *s, const sgl_key_request *requests, size_t num,
    sgl_slice back, sgl_buf *sent)
{
	static sgl_key_answer answers[SGL_KEY_MANY];
	sgl_channel *near_end, *far_end;
	sgl_status status;
	sgl_key *key;
	sgl_slice body;
	unsigned type;
	bool ended;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(sgl_channel_new(ends[0], &near_end, NULL), SGL_OK);
	assert_int_equal(sgl_channel_new(ends[1], &far_end, NULL), SGL_OK);
	assert_int_equal(sgl_farkey_new(s->engine, near_end, 2, true,
			     sgl_key_get_spki(s->own[2]), &key, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_channel_send(far_end, SGL_MESSAGE_KEY_ANSWERS, back, NULL),
	    SGL_OK);
	status = sgl_key_ask_many(s->engine, key, requests, num, answers, NULL);
	assert_int_equal(sgl_channel_receive(far_end, SGL_CHANNEL_MESSAGE,
			     &type, &body, &ended, NULL),
	    SGL_OK);
	assert_int_equal(type, SGL_MESSAGE_ASK_KEYS);
	assert_int_equal(sgl_buf_add(sent, body, NULL), SGL_OK);
	sgl_key_unref(key);
	sgl_channel_free(near_end);
	sgl_channel_free(far_end);
	return status;
}

/* Cut short anywhere, or with more behind, it is no message. */
static void
many_questions_are_whole_or_none(void **state)
{
	static sgl_farkey_questions q;
	const sides *s = *state;
	const sgl_key_request two[2] = {
	    {.op = SGL_KEY_SIGN, .input = SGL_LIT("one")},
	    {.op = SGL_KEY_RSA_OAEP,
		.input = SGL_LIT("other"),
		.oaep_label = SGL_LIT("label")}};
	SGL_AUTO_CLEAR(sgl_buf) sent = sgl_buf_init(4096);
	size_t len;

	assert_int_equal(
	    talk(s, two, 2, (sgl_slice){NULL, 0}, &sent), SGL_E_IO);
	for (len = 0; len < sent.len; len++)
		assert_int_equal(sgl_farkey_asked(SGL_MESSAGE_ASK_KEYS,
				     sgl_slice_of(sent.data, len), &q, NULL),
		    SGL_E_IO);
	assert_int_equal(sgl_farkey_asked(SGL_MESSAGE_ASK_KEYS,
			     sgl_buf_slice(&sent), &q, NULL),
	    SGL_OK);
	assert_int_equal(q.number, 2);
	assert_int_equal(q.num, 2);
	assert_true(sgl_slice_eq(q.requests[0].input, two[0].input));
	assert_true(sgl_slice_eq(q.requests[1].input, two[1].input));
	assert_true(sgl_slice_eq(q.requests[1].oaep_label, two[1].oaep_label));
	assert_int_equal(sgl_buf_add(&sent, SGL_LIT("x"), NULL), SGL_OK);
	assert_int_equal(sgl_farkey_asked(SGL_MESSAGE_ASK_KEYS,
			     sgl_buf_slice(&sent), &q, NULL),
	    SGL_E_IO);
	sent.len--;
	/* No, and too many, are as bad: the number is the second field. */
	sent.data[15] = 0;
	assert_int_equal(sgl_farkey_asked(SGL_MESSAGE_ASK_KEYS,
			     sgl_buf_slice(&sent), &q, NULL),
	    SGL_E_IO);
	sent.data[15] = SGL_KEY_MANY + 1;
	assert_int_equal(sgl_farkey_asked(SGL_MESSAGE_ASK_KEYS,
			     sgl_buf_slice(&sent), &q, NULL),
	    SGL_E_IO);
}

static void
many_answers_are_whole_or_none(void **state)
{
	const sides *s = *state;
	static const sgl_key_answer answer = {.len = 3, .bytes = "abc"};
	const sgl_key_request two[2] = {
	    {.op = SGL_KEY_SIGN, .input = SGL_LIT("one")},
	    {.op = SGL_KEY_SIGN, .input = SGL_LIT("other")}};
	SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(256);
	SGL_AUTO_CLEAR(sgl_buf) sent = sgl_buf_init(65536);
	sgl_wire w = sgl_wire_over(&back);
	size_t whole;

	for (int i = 0; i < 3; i++)
		sgl_farkey_add_answer(&w, &answer);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	whole = back.len / 3 * 2;
	for (size_t len = 0; len <= back.len; len++)
		assert_int_equal(
		    talk(s, two, 2, sgl_slice_of(back.data, len), &sent),
		    len == whole ? SGL_OK : SGL_E_IO);
}

/* A failure that is none, cut short, or of a status that does not exist. */
static void
a_failure_is_never_success(void **state)
{
	uint8_t bytes[64] = {0};
	sgl_err err = {0};

	(void)state;
	for (size_t len = 0; len < sizeof bytes; len++)
		for (int status = 0; status < 256; status += 5) {
			bytes[7] = (uint8_t)status;
			assert_int_not_equal(
			    sgl_failure_take(sgl_slice_of(bytes, len), &err),
			    SGL_OK);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_those_of_a_key_at_hand),
	    cmocka_unit_test(a_far_signature_verifies),
	    cmocka_unit_test(failures_travel),
	    cmocka_unit_test(many_are_asked_at_once),
	    cmocka_unit_test(long_ones_go_in_several_messages),
	    cmocka_unit_test(one_of_many_fails_all),
	    cmocka_unit_test(many_questions_byte_by_byte),
	    cmocka_unit_test(many_questions_are_whole_or_none),
	    cmocka_unit_test(many_answers_are_whole_or_none),
	    cmocka_unit_test(a_failure_is_never_success),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
