/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cms/asker.h"
#include "support/people.h"

typedef struct witness {
	sgl_engine *engine;
	sgl_asker asker;
	sgl_tester alice;
	sgl_key *late;
	unsigned resumed;
	sgl_status status;
	size_t len;
	bool asks_again;
} witness;

static sgl_status
on_answer(
    void *ctx, sgl_status status, const sgl_key_answer *answer, sgl_err *err)
{
	witness *w = ctx;
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .sig.scheme = SGL_SIG_ED25519};
	sgl_key_answer unused;

	w->resumed++;
	w->status = status;
	w->len = answer == NULL ? 0 : answer->len;
	assert_false(w->asker.is_open);
	if (!w->asks_again)
		return status;
	w->asks_again = false;
	/* A stage further on asks, and its own caller does not notice. */
	assert_int_equal(sgl_asker_ask(&w->asker, w->engine, w->late, &request,
			     &unused, on_answer, w, err),
	    SGL_NEED_KEY);
	return SGL_OK;
}

static sgl_status
ask(witness *w, sgl_key *key, sgl_key_answer *answer)
{
	sgl_key_request request = {.op = SGL_KEY_SIGN,
	    .sig = {.scheme = SGL_SIG_ED25519, .digest = SGL_DIGEST_SHA512},
	    .input = {(const uint8_t *)"abc", 3}};

	return sgl_asker_ask(
	    &w->asker, w->engine, key, &request, answer, on_answer, w, NULL);
}

static void
answers_at_once(void **state)
{
	witness *w = *state;
	sgl_key_answer answer = {.len = 0};

	assert_int_equal(ask(w, w->alice.key, &answer), SGL_OK);
	assert_int_equal(answer.len, 64);
	assert_false(w->asker.is_open);
	assert_int_equal(w->resumed, 0);
}

static void
answers_later(void **state)
{
	witness *w = *state;
	sgl_key_answer answer = {.len = 0};
	sgl_err err;

	assert_int_equal(ask(w, w->late, &answer), SGL_NEED_KEY);
	assert_true(w->asker.is_open);
	assert_ptr_equal(w->asker.key, w->late);
	assert_int_equal(w->asker.request.input.len, 3);
	answer.len = SGL_ANSWER_MAX + 1;
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, &answer, &err), SGL_E_USAGE);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, NULL, &err), SGL_E_USAGE);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_NEED_KEY, NULL, &err), SGL_E_USAGE);
	assert_int_equal(w->resumed, 0);
	answer.len = 5;
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, &answer, &err), SGL_OK);
	assert_int_equal(w->resumed, 1);
	assert_int_equal(w->len, 5);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, &answer, &err), SGL_E_USAGE);
}

static void
passes_refusals(void **state)
{
	witness *w = *state;
	sgl_key_answer answer = {.len = 7};
	sgl_err err = {.status = SGL_OK};

	assert_int_equal(ask(w, w->late, &answer), SGL_NEED_KEY);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_E_PASSWORD, &answer, &err),
	    SGL_E_PASSWORD);
	assert_int_equal(w->status, SGL_E_PASSWORD);
	assert_int_equal(w->len, 0);
	assert_int_equal(err.status, SGL_E_PASSWORD);
}

static void
tells_of_the_next_question(void **state)
{
	witness *w = *state;
	sgl_key_answer answer = {.len = 1};

	w->asks_again = true;
	assert_int_equal(ask(w, w->late, &answer), SGL_NEED_KEY);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, &answer, NULL), SGL_NEED_KEY);
	assert_int_equal(
	    sgl_asker_answer(&w->asker, SGL_OK, &answer, NULL), SGL_OK);
	assert_int_equal(w->resumed, 2);
}

static witness the_witness;

static int
start(void **state)
{
	witness *w = &the_witness;

	*w = (witness){.resumed = 0};
	if (sgl_engine_new(NULL, &w->engine, NULL) != SGL_OK)
		return -1;
	sgl_tester_make(
	    w->engine, SGL_KEY_ED25519, "alice", 1, SGL_KU_ALL, &w->alice);
	w->late = sgl_key_new_late(w->engine, w->alice.key);
	*state = w;
	return 0;
}

static int
stop(void **state)
{
	witness *w = *state;

	sgl_key_unref(w->late);
	sgl_tester_clear(&w->alice);
	sgl_engine_free(w->engine);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answers_at_once),
	    TEST(answers_later),
	    TEST(passes_refusals),
	    TEST(tells_of_the_next_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
