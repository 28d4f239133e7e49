/* SPDX-License-Identifier: Apache-2.0 */
/* A second process holds the keys; this one must get the same from them as
 * from keys of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "sys/farkey.h"

#define NUM_KEYS 4

typedef struct sides {
	sgl_engine *engine;
	sgl_key *own[NUM_KEYS];
	sgl_channel *channel;
	pid_t child;
} sides;

static const sgl_key_kind kinds[NUM_KEYS] = {
    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_ED25519, SGL_KEY_X25519};

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
		if (type != SGL_MESSAGE_ASK_KEY ||
		    sgl_farkey_serve(s->engine, channel, s->own, NUM_KEYS, body,
			NULL) != SGL_OK)
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
far(const sides *s, size_t i)
{
	sgl_key *key;

	assert_int_equal(sgl_farkey_new(s->engine, s->channel, i, false,
			     sgl_key_get_spki(s->own[i]), &key, NULL),
	    SGL_OK);
	return key;
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
	    cmocka_unit_test(a_failure_is_never_success),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
