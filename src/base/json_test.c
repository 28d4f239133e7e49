/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "support/fault.h"

static void
write_example(sgl_json *j)
{
	sgl_json_object(j, NULL);
	sgl_json_str(j, "text", "a");
	sgl_json_str(j, "none", NULL);
	sgl_json_array(j, "list");
	sgl_json_uint(j, NULL, 0);
	sgl_json_uint(j, NULL, UINT64_MAX);
	sgl_json_object(j, NULL);
	sgl_json_bool(j, "yes", true);
	sgl_json_bool(j, "no", false);
	sgl_json_close_object(j);
	sgl_json_array(j, NULL);
	sgl_json_close_array(j);
	sgl_json_close_array(j);
	sgl_json_object(j, "empty");
	sgl_json_close_object(j);
	sgl_json_hex(j, "hex", SGL_LIT("\x00\x9f\xff"));
	sgl_json_time(j, "time", 0);
	sgl_json_close_object(j);
}

static const char example[] = "{\n"
			      "  \"text\": \"a\",\n"
			      "  \"none\": null,\n"
			      "  \"list\": [\n"
			      "    0,\n"
			      "    18446744073709551615,\n"
			      "    {\n"
			      "      \"yes\": true,\n"
			      "      \"no\": false\n"
			      "    },\n"
			      "    []\n"
			      "  ],\n"
			      "  \"empty\": {},\n"
			      "  \"hex\": \"009fff\",\n"
			      "  \"time\": \"1970-01-01T00:00:00Z\"\n"
			      "}\n";

static void
the_layout_is_fixed(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1000);
	sgl_json j = sgl_json_over(&b);

	(void)state;
	write_example(&j);
	assert_int_equal(sgl_json_end(&j, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), sgl_slice_str(example)));
}

static void
strings_are_escaped(void **state)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
	    {"", "\"\"\n"},
	    {"plain / <text>", "\"plain / <text>\"\n"},
	    {"\"\\", "\"\\\"\\\\\"\n"},
	    {"\r\n\t", "\"\\r\\n\\t\"\n"},
	    {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"\n"},
	    {"\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\"\n"},
	    {"\xe2\x82\xac\xf0\x9f\x98\x80",
		"\"\xe2\x82\xac\xf0\x9f\x98\x80\"\n"},
	    {"a\xff\xfe"
	     "b",
		"\"a\xef\xbf\xbd\xef\xbf\xbd"
		"b\"\n"},
	    {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	    {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1000);
		sgl_json j = sgl_json_over(&b);

		sgl_json_str(&j, NULL, cases[i].given);
		assert_int_equal(sgl_json_end(&j, NULL), SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&b), sgl_slice_str(cases[i].want)));
	}
}

static void
a_nul_does_not_end_a_string(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1000);
	sgl_json j = sgl_json_over(&b);

	(void)state;
	sgl_json_string(&j, NULL, SGL_LIT("a\0b"));
	assert_int_equal(sgl_json_end(&j, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("\"a\\u0000b\"\n")));
}

static void
the_limit_sticks(void **state)
{
	(void)state;
	for (size_t max = 0; max < sizeof example - 1; max++) {
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(max);
		sgl_json j = sgl_json_over(&b);
		sgl_err err;

		write_example(&j);
		assert_int_equal(sgl_json_end(&j, &err), SGL_E_LIMIT);
		assert_int_equal(err.status, SGL_E_LIMIT);
	}
}

static sgl_status
one_document(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1000);
	sgl_json j = sgl_json_over(&b);

	(void)ctx;
	write_example(&j);
	return sgl_json_end(&j, err);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(one_document, NULL) >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_layout_is_fixed),
	    cmocka_unit_test(strings_are_escaped),
	    cmocka_unit_test(a_nul_does_not_end_a_string),
	    cmocka_unit_test(the_limit_sticks),
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
