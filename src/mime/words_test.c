/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime/words.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *in, *want;
} cases[] = {
    {"", ""},
    {" Lunch at noon\r\n", "Lunch at noon"},
    {"a\r\n b\r\n\tc  d", "a b c d"},
    {"=?utf-8?q?H=C3=A4lsning?=", "H\xc3\xa4lsning"},
    {"=?UTF-8?B?SMOkbHNuaW5n?= to you", "H\xc3\xa4lsning to you"},
    {"=?iso-8859-1?Q?H=E4lsning_nu?=", "H\xc3\xa4lsning nu"},
    {"=?utf-8*sv?q?H=C3=A4?=", "H\xc3\xa4"},
    {"=?utf-8?q?a?= =?utf-8?q?b?=\r\n =?utf-8?q?c?= d", "abc d"},
    {"=?utf-8?q?H=C3?= =?utf-8?q?=A4?=", "H\xc3\xa4"},
    {"=?utf-8?q?a?=, =?utf-8?q?b?=", "a, b"},
    {"H\xc3\xa4", "H\xc3\xa4"},
    {"H\xe4", "H?"},
    /* What cannot be read stays. */
    {"=?koi8-r?q?=C1?=", "=?koi8-r?q?=C1?="},
    {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
    {"=?utf-8?q?a", "=?utf-8?q?a"},
    {"=?", "=?"},
    {"=?utf-8?q?=4?=", "=4"},
    /* Nobody gets a second line, or turns the writing round. */
    {"=?utf-8?q?a=0D=0A=0D=0Ab?=", "a????b"},
    {"=?utf-8?b?YQoK4oCuYg==?=", "a???b"},
    {"=?utf-8?b?###?=", ""},
};

static void
reads_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);

		assert_int_equal(
		    sgl_words_read(sgl_slice_str(cases[i].in), &out, NULL),
		    SGL_OK);
		if (!sgl_slice_eq(
			sgl_buf_slice(&out), sgl_slice_str(cases[i].want)))
			fail_msg("%s: %.*s", cases[i].in, (int)out.len,
			    (const char *)out.data);
	}
}

static void
adds_characters(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(64);

	(void)state;
	assert_int_equal(sgl_utf8_add(&out, 'a', NULL), SGL_OK);
	assert_int_equal(sgl_utf8_add(&out, 0xe4, NULL), SGL_OK);
	assert_int_equal(sgl_utf8_add(&out, 0x20ac, NULL), SGL_OK);
	assert_int_equal(sgl_utf8_add(&out, 0x1f600, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&out),
	    SGL_LIT("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_words),
	    cmocka_unit_test(adds_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
