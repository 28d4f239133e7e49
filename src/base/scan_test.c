/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scan.h"
#include "base/simd.h"

static uint32_t seed = 1;

static uint32_t
any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* What the header says, one byte after the other. */
static bool
is_event(sgl_slice in, size_t i, uint8_t prev, bool line)
{
	uint8_t before = i > 0 ? in.data[i - 1] : prev;

	if (in.data[i] != '\n')
		return false;
	if (before != '\r')
		return true;
	return line && (i + 1 == in.len || in.data[i + 1] == '-');
}

static size_t
first_lf(sgl_slice in, uint8_t prev, bool line)
{
	size_t i = 0;

	while (i < in.len && !is_event(in, i, prev, line))
		i++;
	return i;
}

static void
check(sgl_slice in, uint8_t prev)
{
	size_t line = first_lf(in, prev, true);
	size_t bare = first_lf(in, prev, false);

	assert_int_equal(sgl_scan_line_event(in, prev), line);
	assert_int_equal(sgl_scan_line_event_from(in, prev, 0), line);
	assert_int_equal(sgl_scan_bare_lf(in, prev), bare);
	assert_int_equal(sgl_scan_bare_lf_from(in, prev, 0), bare);
}

/* In a block of its own, so that a sanitizer sees a step over its edges. */
static void
check_copy(sgl_slice in)
{
	SGL_AUTO_MEM uint8_t *copy = NULL;
	sgl_slice own = {NULL, in.len};

	if (in.len > 0) {
		copy = sgl_mem_resize(NULL, in.len);
		assert_non_null(copy);
		memcpy(copy, in.data, in.len);
		own.data = copy;
	}
	check(own, 0);
	check(own, '\r');
	check(own, 'x');
}

static void
short_texts(void **state)
{
	static const char *const texts[] = {"", "\n", "\r", "\r\n", "-", "\n-",
	    "\r\n-", "\r\n\r\n-", "a\r\nb", "a\nb", "a\r\n", "\n\n", "\r\r\n-",
	    "-\r\n--x\r\n", "\x7f\x80", "\x01"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check_copy(sgl_slice_str(texts[i]));
	check_copy(SGL_LIT("ab\0"));
}

/* One event at every place of texts of many lengths. */
static void
every_place(void **state)
{
	static const char *const events[] = {
	    "\n", "\r\n", "\r\n-", "\xff", "\x80", "\r", "\r\r\n", "\n-"};
	uint8_t text[300];

	(void)state;
	for (size_t len = 1; len <= sizeof text; len += len < 140 ? 1 : 13)
		for (size_t at = 0; at < len; at++) {
			sgl_slice event = sgl_slice_str(events[(at + len) %
			    (sizeof events / sizeof *events)]);
			size_t n = event.len < len - at ? event.len : len - at;

			memset(text, 'a', len);
			memcpy(text + at, event.data, n);
			check_copy(sgl_slice_of(text, len));
		}
}

static void
random_texts(void **state)
{
	static const char parts[] = "\r\n-\r\n\x80\x81\xff";
	uint8_t text[700];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t len = any(sizeof text);
		uint32_t rare = 1 + any(200);

		for (size_t i = 0; i < len; i++)
			text[i] = any(rare) == 0
			    ? (uint8_t)parts[any(sizeof parts)]
			    : 'm';
		for (size_t i = 1; i < len; i++)
			if (text[i] == '\n' && any(8) > 0)
				text[i - 1] = '\r';
		check_copy(sgl_slice_of(text, len));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_texts),
	    cmocka_unit_test(every_place),
	    cmocka_unit_test(random_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
