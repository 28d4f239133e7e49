/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime/fit.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static unsigned
flaws_of(sgl_slice in, size_t step)
{
	sgl_fit f = {0};

	while (in.len > 0) {
		size_t n = step == 0 || step > in.len ? in.len : step;

		sgl_fit_push(&f, sgl_slice_first(in, n));
		in = sgl_slice_from(in, n);
	}
	return sgl_fit_finish(&f);
}

static const struct {
	const char *in;
	unsigned want;
} texts[] = {
    {"", 0},
    {"a\r\nb", 0},
    {"a\nb", SGL_FLAW_BARE_LF},
    {"a\rb", SGL_FLAW_BARE_CR},
    {"a\r\r\n", SGL_FLAW_BARE_CR},
    {"a\r", SGL_FLAW_BARE_CR},
    {"a \r\nb", SGL_FLAW_TRAILING},
    {"a\t\nb", SGL_FLAW_TRAILING | SGL_FLAW_BARE_LF},
    {"a ", SGL_FLAW_TRAILING},
    {" \r\n", SGL_FLAW_TRAILING},
    {"\xc3\xa5", SGL_FLAW_8BIT},
    {"From x", SGL_FLAW_FROM},
    {"a\r\nFrom x", SGL_FLAW_FROM},
    {"From:", 0},
    {"xFrom x", 0},
    {">From x", 0},
    {"from x", 0},
    {" From x\r\nFro", 0},
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		for (size_t step = 0; step < 4; step++)
			assert_int_equal(
			    flaws_of(sgl_slice_str(texts[i].in), step),
			    texts[i].want);
	assert_int_equal(flaws_of(SGL_LIT("a\0b"), 0), SGL_FLAW_NUL);
}

/* Lines around the limit, at every place in what is looked at together. */
static void
test_long_lines(void **state)
{
	static uint8_t text[6000];

	(void)state;
	for (size_t at = 0; at < 2200; at += 7) {
		for (size_t len = 996; len < 1003; len++) {
			unsigned want = len > 998 ? SGL_FLAW_LONG : 0;
			size_t end = at + 2 + len;

			memset(text, 'x', sizeof text);
			for (size_t i = 0; i + 1 < at; i += 50)
				memcpy(text + i, "\r\n", 2);
			memcpy(text + at, "\r\n", 2);
			memcpy(text + end, "\r\n", 2);
			for (size_t i = end + 2; i + 1 < sizeof text; i += 60)
				memcpy(text + i, "\r\n", 2);
			assert_int_equal(
			    flaws_of(sgl_slice_of(text, sizeof text), 0), want);
			text[end] = '\n';
			text[end + 1] = 'x';
			assert_int_equal(
			    flaws_of(sgl_slice_of(text, sizeof text), 0),
			    want | SGL_FLAW_BARE_LF);
			text[end] = '\r'; /* two bytes more, no line end */
			assert_int_equal(
			    flaws_of(sgl_slice_of(text, sizeof text), 0),
			    SGL_FLAW_BARE_CR | (len > 996 ? SGL_FLAW_LONG : 0));
		}
	}
}

/* Chunks find what single bytes do. */
static void
test_against_bytes(void **state)
{
	static const char *const bits[] = {"From ", "\nFrom ", "Fro", "\r\n",
	    "\n", "\r", " ", "\t", "\x80", "\xff", "x"};
	static uint8_t text[5000];
	uint32_t seed = 5;

	(void)state;
	for (int round = 0; round < 6000; round++) {
		memset(text, 'x', sizeof text);
		for (size_t i = 0; i < sizeof text - 1; i += 70)
			memcpy(text + i, "\r\n", 2);
		for (int i = 0; i < round % 4; i++) {
			const char *bit;

			seed = seed * 1664525 + 1013904223;
			bit = bits[(seed >> 8) % COUNT(bits)];
			memcpy(text + (seed >> 16) % (sizeof text - 6), bit,
			    strlen(bit));
		}
		seed = seed * 1664525 + 1013904223;
		if (round % 7 == 0)
			text[(seed >> 16) % sizeof text] = 0;
		assert_int_equal(flaws_of(sgl_slice_of(text, sizeof text), 0),
		    flaws_of(sgl_slice_of(text, sizeof text), 1));
		assert_int_equal(flaws_of(sgl_slice_of(text, sizeof text),
				     2 + (seed >> 8) % 3000),
		    flaws_of(sgl_slice_of(text, sizeof text), 1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_against_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
