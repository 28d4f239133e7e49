/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/slice.h"

static void
resize_grows_and_frees(void **state)
{
	uint8_t *p = sgl_mem_resize(NULL, 3);

	(void)state;
	assert_non_null(p);
	memcpy(p, "abc", 3);
	p = sgl_mem_resize(p, 100000);
	assert_non_null(p);
	assert_memory_equal(p, "abc", 3);
	assert_null(sgl_mem_resize(p, 0));
	assert_null(sgl_mem_resize(NULL, 0));
	sgl_mem_free(NULL);
}

static void
zeroed_is_zero_and_bounded(void **state)
{
	static const uint8_t zeros[64];
	SGL_AUTO_MEM uint8_t *p = sgl_mem_zeroed(8, 8);

	(void)state;
	assert_non_null(p);
	assert_memory_equal(p, zeros, sizeof zeros);
	assert_null(sgl_mem_zeroed(SIZE_MAX, 2));
	assert_null(sgl_mem_zeroed(2, SIZE_MAX));
	assert_null(sgl_mem_zeroed(0, 5));
	assert_null(sgl_mem_zeroed(5, 0));
}

static void
wipe_and_equal(void **state)
{
	static const struct {
		const char *a, *b;
		size_t len;
		bool want;
	} cases[] = {
	    {"", "", 0, true},
	    {"a", "b", 0, true},
	    {"abc", "abc", 3, true},
	    {"abc", "abd", 3, false},
	    {"xbc", "abc", 3, false},
	    {"abc", "abd", 2, true},
	    {"ab\x80", "ab\x00", 3, false},
	};
	uint8_t bytes[5] = {1, 2, 3, 4, 5};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    sgl_mem_equal(cases[i].a, cases[i].b, cases[i].len),
		    cases[i].want);
	sgl_mem_wipe(bytes + 1, 3);
	assert_memory_equal(bytes, "\1\0\0\0\5", 5);
	sgl_mem_wipe(NULL, 0);
}

static sgl_status
give(sgl_status status)
{
	return status;
}

static sgl_status
try_twice(sgl_status first, sgl_status second, int *calls)
{
	++*calls;
	TRY(give(first));
	++*calls;
	TRY(give(second));
	++*calls;
	return SGL_OK;
}

static void
try_passes_failures_on(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(try_twice(SGL_OK, SGL_OK, &calls), SGL_OK);
	assert_int_equal(calls, 3);
	assert_int_equal(try_twice(SGL_E_IO, SGL_OK, &calls), SGL_E_IO);
	assert_int_equal(calls, 4);
	assert_int_equal(try_twice(SGL_OK, SGL_NEED_KEY, &calls), SGL_NEED_KEY);
	assert_int_equal(calls, 6);
}

static void
take_lets_go(void **state)
{
	uint8_t *kept = NULL;

	(void)state;
	{
		SGL_AUTO_MEM uint8_t *p = sgl_mem_zeroed(1, 1);

		assert_non_null(p);
		kept = SGL_TAKE(&p);
		assert_null(p);
	}
	assert_int_equal(*kept, 0);
	sgl_mem_free(kept);
}

static void
errors_are_told(void **state)
{
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_oom(NULL, "room"), SGL_E_NOMEM);
	assert_int_equal(sgl_oom(&err, "room"), SGL_E_NOMEM);
	assert_int_equal(err.status, SGL_E_NOMEM);
	assert_string_equal(err.room, "room");
	assert_true(err.offset == SGL_NO_OFFSET);
	assert_string_equal(err.detail, "");
	assert_int_equal(
	    sgl_fail(&err, SGL_E_ENCODING, "r", 7, "text"), SGL_E_ENCODING);
	assert_true(err.offset == 7);
	assert_string_equal(err.text, "text");
	for (int s = SGL_OK; s <= SGL_E_CRYPTO; s++)
		assert_string_not_equal(
		    sgl_status_name((sgl_status)s), "unknown");
	assert_string_equal(sgl_status_name((sgl_status)99), "unknown");
}

static void
details_are_printable_and_cut(void **state)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
	    {"", ""},
	    {"plain ~", "plain ~"},
	    {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
	    {"a\x1b[31m\r\n\tb", "a?[31m???b"},
	    {"\x7f\xc2\x9b\xc2\xa0", "???\xc2\xa0"},
	    {"\xff\xc3", "??"},
	    {"\xe2\x82", "??"},
	};
	char longer[SGL_ERR_DETAIL + 50];
	sgl_err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(sgl_fail_at(&err, SGL_E_IO, "r", 1, "t", "%s",
				     cases[i].given),
		    SGL_E_IO);
		assert_string_equal(err.detail, cases[i].want);
	}
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	(void)sgl_fail_at(&err, SGL_E_IO, "r", 1, "t", "%s", longer);
	assert_int_equal(strlen(err.detail), SGL_ERR_DETAIL - 1);
	assert_int_equal(
	    sgl_fail_at(NULL, SGL_E_IO, "r", 1, "t", "%d", 1), SGL_E_IO);
}

static void
slices_compare(void **state)
{
	static const struct {
		const char *a, *b;
		bool same, same_nocase, starts, starts_nocase;
		int order;
	} cases[] = {
	    {"", "", true, true, true, true, 0},
	    {"abc", "abc", true, true, true, true, 0},
	    {"aBc", "Abc", false, true, false, true, 1},
	    {"abc", "ab", false, false, true, true, 1},
	    {"ABC", "ab", false, false, false, true, -1},
	    {"ab", "abc", false, false, false, false, -1},
	    {"abc", "", false, false, true, true, 1},
	    {"a[", "a{", false, false, false, false, -1},
	    {"\xc3\x84", "\xc3\xa4", false, false, false, false, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_slice a = sgl_slice_str(cases[i].a);
		sgl_slice b = sgl_slice_str(cases[i].b);
		int order = sgl_slice_compare(a, b);

		assert_int_equal(sgl_slice_eq(a, b), cases[i].same);
		assert_int_equal(
		    sgl_slice_eq_nocase(a, b), cases[i].same_nocase);
		assert_int_equal(sgl_slice_starts(a, b), cases[i].starts);
		assert_int_equal(
		    sgl_slice_starts_nocase(a, b), cases[i].starts_nocase);
		assert_int_equal((order > 0) - (order < 0), cases[i].order);
	}
}

static void
slices_of_nothing(void **state)
{
	sgl_slice none = {NULL, 0}, empty = SGL_LIT("");

	(void)state;
	assert_true(sgl_slice_eq(none, empty));
	assert_true(sgl_slice_eq_nocase(none, empty));
	assert_true(sgl_slice_starts(empty, none));
	assert_true(sgl_slice_starts_nocase(none, none));
	assert_int_equal(sgl_slice_compare(none, empty), 0);
	assert_int_equal(sgl_slice_from(none, 0).len, 0);
	assert_int_equal(sgl_slice_trim(none).len, 0);
}

static void
slices_are_trimmed(void **state)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
	    {"", ""},
	    {" \t\r\n", ""},
	    {"a", "a"},
	    {" a b\r\n", "a b"},
	    {"\va ", "\va"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(
		    sgl_slice_eq(sgl_slice_trim(sgl_slice_str(cases[i].given)),
			sgl_slice_str(cases[i].want)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(resize_grows_and_frees),
	    cmocka_unit_test(zeroed_is_zero_and_bounded),
	    cmocka_unit_test(wipe_and_equal),
	    cmocka_unit_test(try_passes_failures_on),
	    cmocka_unit_test(take_lets_go),
	    cmocka_unit_test(errors_are_told),
	    cmocka_unit_test(details_are_printable_and_cut),
	    cmocka_unit_test(slices_compare),
	    cmocka_unit_test(slices_of_nothing),
	    cmocka_unit_test(slices_are_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
