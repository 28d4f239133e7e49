/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are made ahead: how many are ordered, that none is given twice, and
 * that all of them go. The keys are small ones; to the stock they are equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vault/stock.h"

static sgl_engine *engine;
static const sgl_key_sort usual = {SGL_KEY_RSA, 3072},
			  other = {SGL_KEY_RSA, 4096};

static sgl_key *
new_key(void)
{
	sgl_key *key = NULL;

	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	return key;
}

static sgl_stock *
new_stock(size_t spare)
{
	sgl_stock *s = NULL;

	assert_int_equal(sgl_stock_new(spare, &s, NULL), SGL_OK);
	sgl_stock_use(s, usual);
	return s;
}

/* Orders and delivers all that is to be made; how many. */
static size_t
fill(sgl_stock *s, size_t makers)
{
	sgl_key_sort sort;
	size_t num = 0;

	while (sgl_stock_order(s, makers, &sort)) {
		sgl_stock_put(s, sort, new_key());
		num++;
	}
	return num;
}

static void
keeps_as_many_as_it_is_told(void **state)
{
	SGL_AUTO(sgl_stock)
	s = new_stock(4);

	(void)state;
	assert_int_equal(fill(s, 2), 4);
	assert_int_equal(sgl_stock_count(s, usual), 4);
	assert_int_equal(fill(s, 2), 0);
}

static void
hurries_only_when_somebody_waits(void **state)
{
	SGL_AUTO(sgl_stock)
	s = new_stock(4);
	sgl_key_sort sort;
	sgl_key *key;

	(void)state;
	assert_true(sgl_stock_order(s, 3, &sort));
	assert_true(sgl_key_sort_same(sort, usual));
	assert_false(sgl_stock_order(s, 3, &sort)); /* one at a time */
	assert_false(sgl_stock_take(s, usual, &key));
	assert_true(sgl_stock_order(s, 3, &sort));
	assert_true(sgl_stock_order(s, 3, &sort));
	assert_false(sgl_stock_order(s, 3, &sort)); /* all are at work */
	sgl_stock_forget(s);
	assert_true(sgl_stock_order(s, 3, &sort));
}

static void
gives_none_twice(void **state)
{
	SGL_AUTO(sgl_stock)
	s = new_stock(2);
	sgl_key *first = NULL, *again = NULL, *second = NULL, *third = NULL;

	(void)state;
	assert_int_equal(fill(s, 1), 2);
	assert_true(sgl_stock_take(s, usual, &first));
	sgl_stock_settle(s, false); /* it was not used: it comes back */
	assert_int_equal(sgl_stock_count(s, usual), 2);
	assert_true(sgl_stock_take(s, usual, &again));
	assert_ptr_equal(first, again);
	sgl_stock_settle(s, true);
	assert_true(sgl_stock_take(s, usual, &second));
	assert_ptr_not_equal(second, again);
	sgl_stock_settle(s, true);
	assert_false(sgl_stock_take(s, usual, &third));
	sgl_stock_settle(s, false);
	assert_false(sgl_stock_take(s, usual, &third));
	sgl_key_unref(first);
	sgl_key_unref(again);
	sgl_key_unref(second);
}

static void
makes_others_for_whoever_waits(void **state)
{
	SGL_AUTO(sgl_stock)
	s = new_stock(1);
	sgl_key_sort sort;
	sgl_key *key = NULL;

	(void)state;
	assert_int_equal(fill(s, 1), 1);
	sgl_stock_want(s, other, 2);
	assert_true(sgl_stock_order(s, 1, &sort));
	assert_true(sgl_key_sort_same(sort, other));
	sgl_stock_put(s, sort, NULL); /* it failed */
	assert_int_equal(fill(s, 1), 2);
	assert_int_equal(sgl_stock_count(s, other), 2);
	assert_true(sgl_stock_take(s, other, &key));
	sgl_key_unref(key);
	sgl_stock_settle(s, true);
	assert_int_equal(sgl_stock_count(s, other), 0);
	assert_int_equal(sgl_stock_count(s, usual), 1);
}

static void
lets_go_of_what_is_usual_no_more(void **state)
{
	SGL_AUTO(sgl_stock)
	s = new_stock(3);
	sgl_key_sort sort;

	(void)state;
	assert_int_equal(fill(s, 1), 3);
	sgl_stock_use(s, other);
	assert_int_equal(sgl_stock_count(s, usual), 0);
	assert_true(sgl_stock_order(s, 1, &sort));
	assert_true(sgl_key_sort_same(sort, other));
	/* One that comes late is nobody's. */
	sgl_stock_put(s, usual, new_key());
	assert_int_equal(sgl_stock_count(s, usual), 0);
	sgl_stock_use(s, (sgl_key_sort){SGL_KEY_P256, 0});
	assert_false(sgl_stock_order(s, 1, &sort));
}

static int
set_up(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : 1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_as_many_as_it_is_told),
	    cmocka_unit_test(hurries_only_when_somebody_waits),
	    cmocka_unit_test(gives_none_twice),
	    cmocka_unit_test(makes_others_for_whoever_waits),
	    cmocka_unit_test(lets_go_of_what_is_usual_no_more),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
