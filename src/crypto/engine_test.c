/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "crypto/lru.h"
#include "crypto/pubkey.h"

static int dropped[64];

static void
drop(void *value)
{
	++*(int *)value;
}

/* With `same_bucket`, keys differ only where the bucket is not chosen. */
static const uint8_t *
key_of(unsigned i, bool same_bucket)
{
	static uint8_t key[SGL_LRU_KEY];

	memset(key, 0, sizeof key);
	key[same_bucket ? 31 : 0] = (uint8_t)i;
	return key;
}

static void
run(bool same_bucket)
{
	sgl_lru *l = NULL;

	memset(dropped, 0, sizeof dropped);
	assert_int_equal(sgl_lru_new(4, &l, NULL), SGL_OK);
	assert_null(sgl_lru_find(l, key_of(0, same_bucket)));
	for (unsigned i = 0; i < 4; i++)
		sgl_lru_add(l, key_of(i, same_bucket), &dropped[i], drop);
	/* 0 is used, so 1 is the one to go. */
	assert_ptr_equal(sgl_lru_find(l, key_of(0, same_bucket)), &dropped[0]);
	sgl_lru_add(l, key_of(4, same_bucket), &dropped[4], drop);
	assert_int_equal(dropped[1], 1);
	assert_null(sgl_lru_find(l, key_of(1, same_bucket)));
	for (unsigned i = 0; i < 5; i++)
		if (i != 1)
			assert_ptr_equal(
			    sgl_lru_find(l, key_of(i, same_bucket)),
			    &dropped[i]);
	/* A new value under an old key. */
	sgl_lru_add(l, key_of(2, same_bucket), &dropped[20], drop);
	assert_int_equal(dropped[2], 1);
	assert_ptr_equal(sgl_lru_find(l, key_of(2, same_bucket)), &dropped[20]);
	/* The same value again is not dropped. */
	sgl_lru_add(l, key_of(2, same_bucket), &dropped[20], drop);
	assert_int_equal(dropped[20], 0);
	for (unsigned i = 30; i < 60; i++)
		sgl_lru_add(l, key_of(i, same_bucket), &dropped[i], drop);
	for (unsigned i = 30; i < 56; i++)
		assert_int_equal(dropped[i], 1);
	sgl_lru_free(l);
	for (unsigned i = 56; i < 60; i++)
		assert_int_equal(dropped[i], 1);
	assert_int_equal(dropped[0], 1);
	assert_int_equal(dropped[3], 1);
	assert_int_equal(dropped[4], 1);
	assert_int_equal(dropped[20], 1);
}

static void
test_order(void **state)
{
	(void)state;
	run(false);
	run(true);
}

static void
test_one(void **state)
{
	sgl_lru *l = NULL;

	(void)state;
	assert_int_equal(sgl_lru_new(1, &l, NULL), SGL_OK);
	for (unsigned i = 0; i < 5; i++) {
		sgl_lru_add(l, key_of(i, false), &dropped[i], NULL);
		assert_ptr_equal(
		    sgl_lru_find(l, key_of(i, false)), &dropped[i]);
	}
	sgl_lru_free(l);
	sgl_lru_free(NULL);
}

static void
test_facts(void **state)
{
	sgl_engine *engine = NULL;

	(void)state;
	memset(dropped, 0, sizeof dropped);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	assert_null(sgl_engine_recall(engine, key_of(1, false)));
	assert_int_equal(sgl_engine_remember(
			     engine, key_of(1, false), &dropped[1], drop, NULL),
	    SGL_OK);
	assert_ptr_equal(
	    sgl_engine_recall(engine, key_of(1, false)), &dropped[1]);
	sgl_engine_forget(engine);
	assert_int_equal(dropped[1], 1);
	assert_null(sgl_engine_recall(engine, key_of(1, false)));
	assert_int_equal(sgl_engine_remember(
			     engine, key_of(1, false), &dropped[2], drop, NULL),
	    SGL_OK);
	sgl_engine_free(engine);
	assert_int_equal(dropped[1], 1);
	assert_int_equal(dropped[2], 1);
}

static sgl_time
fixed_clock(void *ctx)
{
	return *(sgl_time *)ctx;
}

static void
test_engine(void **state)
{
	sgl_time at = 42;
	sgl_limits limits = {.signers = 3};
	sgl_engine_config config = {&limits, fixed_clock, &at};
	sgl_engine *engine = NULL;

	(void)state;
	assert_int_equal(sgl_engine_new(&config, &engine, NULL), SGL_OK);
	limits.signers = 4;
	assert_int_equal(sgl_engine_now(engine), 42);
	assert_int_equal(sgl_engine_limits(engine)->signers, 3);
	assert_int_not_equal(sgl_engine_limits(engine)->layers, 0);
	assert_int_equal(sgl_engine_load_legacy(engine, NULL), SGL_OK);
	assert_int_equal(sgl_engine_load_legacy(engine, NULL), SGL_OK);
	sgl_engine_free(engine);
	sgl_engine_free(NULL);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	assert_true(sgl_engine_now(engine) > 1700000000);
	sgl_engine_free(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_one),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
