/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/time.h"

static void
agrees_with_the_c_library(void **state)
{
	const int64_t first = -62167219200, last = 253402300799;

	(void)state;
	/* A step that wanders through the day. */
	for (int64_t t = first; t <= last; t += 86400 * 3 + 4001) {
		sgl_civil c = sgl_time_to_civil(t);
		time_t libc = (time_t)t;
		struct tm tm;
		sgl_time back;

		assert_non_null(gmtime_r(&libc, &tm));
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(c.hour, tm.tm_hour);
		assert_int_equal(c.minute, tm.tm_min);
		assert_int_equal(c.second, tm.tm_sec);
		assert_true(sgl_time_from_civil(&c, &back));
		assert_true(back == t);
	}
}

static void
texts(void **state)
{
	static const struct {
		sgl_time t;
		const char *want;
	} cases[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {-1, "1969-12-31T23:59:59Z"},
	    {951782400, "2000-02-29T00:00:00Z"},
	    {1795467120, "2026-11-23T20:52:00Z"},
	    {-62167219200, "0000-01-01T00:00:00Z"},
	    {-62167219201, "0000-01-01T00:00:00Z"},
	    {INT64_MIN, "0000-01-01T00:00:00Z"},
	    {253402300799, "9999-12-31T23:59:59Z"},
	    {INT64_MAX, "9999-12-31T23:59:59Z"},
	};
	char text[SGL_TIME_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    sgl_time_text(cases[i].t, text), cases[i].want);
}

static void
fields_have_ranges(void **state)
{
	static const struct {
		sgl_civil c;
		bool good;
		sgl_time want;
	} cases[] = {
	    {{1970, 1, 1, 0, 0, 0}, true, 0},
	    {{2016, 12, 31, 23, 59, 60}, true, 1483228800},
	    {{2024, 2, 29, 0, 0, 0}, true, 1709164800},
	    {{2023, 2, 29, 0, 0, 0}, false, 0},
	    {{1900, 2, 29, 0, 0, 0}, false, 0},
	    {{2000, 2, 29, 0, 0, 0}, true, 951782400},
	    {{2000, 2, 30, 0, 0, 0}, false, 0},
	    {{2000, 4, 31, 0, 0, 0}, false, 0},
	    {{2000, 0, 1, 0, 0, 0}, false, 0},
	    {{2000, 13, 1, 0, 0, 0}, false, 0},
	    {{2000, 1, 0, 0, 0, 0}, false, 0},
	    {{2000, 1, 32, 0, 0, 0}, false, 0},
	    {{2000, 1, 1, 24, 0, 0}, false, 0},
	    {{2000, 1, 1, -1, 0, 0}, false, 0},
	    {{2000, 1, 1, 0, 60, 0}, false, 0},
	    {{2000, 1, 1, 0, -1, 0}, false, 0},
	    {{2000, 1, 1, 0, 0, 61}, false, 0},
	    {{2000, 1, 1, 0, 0, -1}, false, 0},
	    {{-1, 1, 1, 0, 0, 0}, false, 0},
	    {{10000, 1, 1, 0, 0, 0}, false, 0},
	    {{9999, 12, 31, 23, 59, 60}, false, 0},
	    {{INT32_MAX, INT32_MAX, 1, 0, 0, 0}, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_time t = 42;

		assert_int_equal(
		    sgl_time_from_civil(&cases[i].c, &t), cases[i].good);
		assert_true(t == (cases[i].good ? cases[i].want : 42));
	}
}

static void
texts_are_parsed(void **state)
{
	static const struct {
		const char *text;
		bool good;
		sgl_time want;
	} cases[] = {
	    {"2026-11-23T20:52:00Z", true, 1795467120},
	    {"2026-11-23t20:52:00z", true, 1795467120},
	    {"2026-11-23 20:52:00Z", true, 1795467120},
	    {"2026-11-23T20:52:00.999Z", true, 1795467120},
	    {"2026-11-23T22:52:00+02:00", true, 1795467120},
	    {"2026-11-23T15:22:00-05:30", true, 1795467120},
	    {"2026-11-23", true, 1795392000},
	    {"@0", true, 0},
	    {"@1795467120", true, 1795467120},
	    {"@-1", true, -1},
	    {"@253402300799", true, 253402300799},
	    {"@253402300800", false, 0},
	    {"@-62167219200", true, -62167219200},
	    {"@-62167219201", false, 0},
	    {"@99999999999999999999999999", false, 0},
	    {"@", false, 0},
	    {"@-", false, 0},
	    {"@--1", false, 0},
	    {"@1 ", false, 0},
	    {"", false, 0},
	    {"2026", false, 0},
	    {"2026-11-2", false, 0},
	    {"2026-11-23T", false, 0},
	    {"2026-11-23T20:52Z", false, 0},
	    {"2026-11-23T20:52:00", false, 0},
	    {"2026-11-23T20:52:00.Z", false, 0},
	    {"2026-11-23T20:52:00Zx", false, 0},
	    {"2026-11-23x20:52:00Z", false, 0},
	    {"2026-11-23T20:52:00+0200", false, 0},
	    {"2026-11-23T20:52:00+24:00", false, 0},
	    {"2026-11-23T20:52:00+02:60", false, 0},
	    {"2026-13-23", false, 0},
	    {"2026-02-29T00:00:00Z", false, 0},
	    {"0000-01-01T00:00:00+00:01", false, 0},
	    {"9999-12-31T23:59:59-00:01", false, 0},
	    {"9999-12-31T23:59:60+00:01", true, 253402300740},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_time t = 42;
		bool good = sgl_time_parse(sgl_slice_str(cases[i].text), &t);

		if (good != cases[i].good ||
		    t != (cases[i].good ? cases[i].want : 42))
			fail_msg("%s", cases[i].text);
	}
	assert_false(sgl_time_parse(SGL_LIT("2026-11-23\0"), &(sgl_time){0}));
}

static void
lengths_are_parsed(void **state)
{
	static const struct {
		const char *text;
		sgl_time want; /* 0: it is none */
	} cases[] = {
	    {"30s", 30},
	    {"90m", 5400},
	    {"12h", 43200},
	    {"7d", 604800},
	    {"2w", 1209600},
	    {"007d", 604800},
	    {"3650d", SGL_SPAN_MAX},
	    {"3651d", 0},
	    {"522w", 0},
	    {"99999999999999999999s", 0},
	    {"0s", 0},
	    {"s", 0},
	    {"", 0},
	    {"1", 0},
	    {"1 h", 0},
	    {"-1h", 0},
	    {"1hh", 0},
	    {"1y", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_time t = 0;
		bool good = sgl_span_parse(sgl_slice_str(cases[i].text), &t);

		if (good != (cases[i].want != 0) || t != cases[i].want)
			fail_msg("%s", cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_the_c_library),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(fields_have_ranges),
	    cmocka_unit_test(texts_are_parsed),
	    cmocka_unit_test(lengths_are_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
