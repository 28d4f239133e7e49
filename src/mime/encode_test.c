/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime/fit.h"
#include "mime/write.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define X70                                                                    \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xx"

static const struct {
	sgl_cte cte;
	const char *in, *want;
} codings[] = {
    {SGL_CTE_7BIT, "a\n b ", "a\n b "},
    {SGL_CTE_BASE64, "", ""},
    {SGL_CTE_BASE64, "Hi there", "SGkgdGhlcmU=\r\n"},
    {SGL_CTE_QUOTED_PRINTABLE, "", ""},
    {SGL_CTE_QUOTED_PRINTABLE, "a\r\nb\r\n", "a\r\nb\r\n"},
    {SGL_CTE_QUOTED_PRINTABLE, "a=b\xc3\xa5\x7f", "a=3Db=C3=A5=7F"},
    {SGL_CTE_QUOTED_PRINTABLE, "\n\r\r\n", "=0A=0D\r\n"},
    {SGL_CTE_QUOTED_PRINTABLE, "a b\tc \r\n \t\r\n ",
	"a b\tc=20\r\n =09\r\n=20"},
    {SGL_CTE_QUOTED_PRINTABLE, "From a\r\nFrom\r\n From b\r\nFrom",
	"=46rom a\r\nFrom\r\n From b\r\nFrom"},
    {SGL_CTE_QUOTED_PRINTABLE, ".\r\n..\r\n.a\r\n.", "=2E\r\n..\r\n.a\r\n=2E"},
    {SGL_CTE_QUOTED_PRINTABLE, "--b\r\n-\r\n- -\r\n--",
	"=2D-b\r\n-\r\n- -\r\n=2D-"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "123456", X70 "123456"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "123456\r\n", X70 "123456\r\n"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "1234567", X70 "12345=\r\n67"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "123=\r\n", X70 "123=3D\r\n"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "123==", X70 "123=\r\n=3D=3D"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "12345--b", X70 "12345=\r\n=2D-b"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "12345From b", X70 "12345=\r\n=46rom b"},
    {SGL_CTE_QUOTED_PRINTABLE, X70 "1234  \r\n", X70 "1234 =\r\n=20\r\n"},
};

static void
encode(sgl_cte cte, sgl_slice in, size_t step, sgl_buf *out)
{
	SGL_AUTO(sgl_encode_stage)
	s = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_encode_stage_new(cte, &sink.sink, &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_encode_stage_sink(s), in, step, NULL), SGL_OK);
	assert_true(sink.finished);
}

static void
decode(sgl_cte cte, sgl_slice in, size_t step, sgl_buf *out)
{
	SGL_AUTO(sgl_decode_stage)
	s = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_decode_stage_new(cte, &sink.sink, &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_decode_stage_sink(s), in, step, NULL), SGL_OK);
	assert_false(sgl_decode_stage_is_dirty(s));
}

static void
test_codings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codings) * SGL_FEED_STEPS; i++) {
		size_t c = i / SGL_FEED_STEPS;
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);

		encode(codings[c].cte, sgl_slice_str(codings[c].in),
		    sgl_feed_steps[i % SGL_FEED_STEPS], &out);
		assert_int_equal(
		    sgl_buf_add(&out, SGL_LIT("\0"), NULL), SGL_OK);
		assert_string_equal((char *)out.data, codings[c].want);
	}
}

static void
check_lines(sgl_slice text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		sgl_slice rest = sgl_slice_from(text, i);

		assert_true(
		    column > 0 || !sgl_slice_starts(rest, SGL_LIT("--")));
		assert_true(
		    column > 0 || !sgl_slice_starts(rest, SGL_LIT(".\r\n")));
		column = sgl_slice_starts(rest, SGL_LIT("\r\n")) ? 0
		    : text.data[i] == '\n'			 ? 0
								 : column + 1;
		assert_true(column <= 76);
	}
}

/* Whatever goes in comes out of the decoder again; what is between is fit. */
static void
test_round_trips(void **state)
{
	static const char *const bits[] = {"From ", "--", ".", " ", "\t",
	    "\r\n", "\r", "\n", "=", "\xc3\xa5", "x", "text of some words ",
	    X70, "\r\n.\r\n"};
	uint32_t seed = 11;

	(void)state;
	for (size_t round = 0; round < 6000; round++) {
		sgl_cte cte =
		    round % 2 ? SGL_CTE_BASE64 : SGL_CTE_QUOTED_PRINTABLE;
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(1 << 16);
		SGL_AUTO_CLEAR(sgl_buf) coded = sgl_buf_init(1 << 16);
		SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(1 << 16);
		SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(1 << 16);
		sgl_fit fit = {0};

		for (int i = 0; i < 20; i++) {
			seed = seed * 1664525 + 1013904223;
			assert_int_equal(
			    sgl_buf_add_str(
				&in, bits[(seed >> 16) % COUNT(bits)], NULL),
			    SGL_OK);
		}
		encode(cte, sgl_buf_slice(&in), 0, &coded);
		encode(cte, sgl_buf_slice(&in), 1 + round % 9, &again);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&coded), sgl_buf_slice(&again)));
		sgl_fit_push(&fit, sgl_buf_slice(&coded));
		assert_int_equal(sgl_fit_finish(&fit), 0);
		check_lines(sgl_buf_slice(&coded));
		decode(cte, sgl_buf_slice(&coded), round % 5, &back);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&in), sgl_buf_slice(&back)));
	}
}

/* Larger than the stage's own steps. */
static void
test_large(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(1 << 22);

	(void)state;
	for (uint32_t i = 0; i < 60000; i++) {
		uint32_t word = i * 2654435761u;

		assert_int_equal(
		    sgl_buf_add(&in, sgl_slice_of(&word, sizeof word), NULL),
		    SGL_OK);
	}
	for (int i = 0; i < 2; i++) {
		sgl_cte cte = i ? SGL_CTE_BASE64 : SGL_CTE_QUOTED_PRINTABLE;
		SGL_AUTO_CLEAR(sgl_buf) coded = sgl_buf_init(1 << 22);
		SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(1 << 22);

		encode(cte, sgl_buf_slice(&in), 0, &coded);
		check_lines(sgl_buf_slice(&coded));
		decode(cte, sgl_buf_slice(&coded), 0, &back);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&in), sgl_buf_slice(&back)));
	}
}

static void
test_boundary(void **state)
{
	char got[SGL_MIME_BOUNDARY];
	uint8_t random[40];

	(void)state;
	for (size_t i = 0; i < sizeof random; i++)
		random[i] = (uint8_t)(i * 9);
	sgl_mime_boundary(sgl_slice_of(random, 16), got);
	assert_string_equal(got, "=_0009121b242d363f48515a636c757e87");
	sgl_mime_boundary(sgl_slice_of(random, sizeof random), got);
	assert_int_equal(strlen(got), 66);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_codings),
	    cmocka_unit_test(test_round_trips),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
