/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime/header.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
assert_slice(const char *name, const char *what, sgl_slice got, sgl_slice want)
{
	if (!sgl_slice_eq(got, want))
		fail_msg("%s: %s is [%.*s], not [%.*s]", name, what,
		    (int)got.len, (const char *)got.data, (int)want.len,
		    (const char *)want.data);
}

typedef struct want_field {
	const char *whole, *name, *value;
} want_field;

#define MAX_WANT 6
static const struct {
	const char *name, *section;
	want_field fields[MAX_WANT];
} splits[] = {
    {"nothing", "", {{0}}},
    {"only a blank line", "\r\n", {{0}}},
    {"one field", "Subject: Hi\r\n\r\n",
	{{"Subject: Hi\r\n", "Subject", " Hi"}}},
    {"LF", "A: 1\nB: 2\n\n", {{"A: 1\n", "A", " 1"}, {"B: 2\n", "B", " 2"}}},
    {"no last line end", "A: 1\r\nB: 2",
	{{"A: 1\r\n", "A", " 1"}, {"B: 2", "B", " 2"}}},
    {"folded", "A: 1\r\n 2\r\n\t3\r\nB:\r\n",
	{{"A: 1\r\n 2\r\n\t3\r\n", "A", " 1\r\n 2\r\n\t3"},
	    {"B:\r\n", "B", ""}}},
    {"a line of blanks continues", "A: 1\r\n  \r\nB: 2\r\n",
	{{"A: 1\r\n  \r\n", "A", " 1\r\n  "}, {"B: 2\r\n", "B", " 2"}}},
    {"obsolete blank before the colon", "A \t: 1\r\n",
	{{"A \t: 1\r\n", "A", " 1"}}},
    {"no field", "garbage\r\nA: 1\r\n",
	{{"garbage\r\n", "", ""}, {"A: 1\r\n", "A", " 1"}}},
    {"a name with a blank", "a b: 1\r\n", {{"a b: 1\r\n", "", ""}}},
    {"no name", ": 1\r\n", {{": 1\r\n", "", ""}}},
    {"a name in UTF-8", "\xc3\xa5: 1\r\n", {{"\xc3\xa5: 1\r\n", "", ""}}},
    {"a value in UTF-8", "S: \xc3\xa5\r\n",
	{{"S: \xc3\xa5\r\n", "S", " \xc3\xa5"}}},
    {"continuation of nothing", " x\r\nA: 1\r\n",
	{{" x\r\n", "", ""}, {"A: 1\r\n", "A", " 1"}}},
    {"mbox line", "From alice@example.org Mon Nov 23 20:52:00 2026\nA: 1\n",
	{{"A: 1\n", "A", " 1"}}},
    {"mbox line later", "A: 1\nFrom x Mon Nov 23 20:52:00 2026\n",
	{{"A: 1\n", "A", " 1"}, {"From x Mon Nov 23 20:52:00 2026\n", "", ""}}},
    {"From with an obsolete blank", "From : alice@example.org\r\n",
	{{"From : alice@example.org\r\n", "From", " alice@example.org"}}},
    {"CR alone", "A: 1\r2\r\r\nB: 3\r\n",
	{{"A: 1\r2\r\r\n", "A", " 1\r2\r"}, {"B: 3\r\n", "B", " 3"}}},
    {"body is not ours", "A: 1\r\n\r\nB: 2\r\n", {{"A: 1\r\n", "A", " 1"}}},
    {"a colon in the value", "A:b:c\r\n", {{"A:b:c\r\n", "A", "b:c"}}},
};

static void
test_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(splits); i++) {
		SGL_AUTO_CLEAR(sgl_headers) h = {0};
		const want_field *want = splits[i].fields;
		size_t n = 0;

		assert_int_equal(
		    sgl_headers_read(
			sgl_slice_str(splits[i].section), 4096, &h, NULL),
		    SGL_OK);
		for (; n < MAX_WANT && want[n].whole != NULL; n++) {
			const sgl_field *f = &h.fields[n];

			assert_true(n < h.num_fields);
			assert_slice(splits[i].name, "field", f->whole,
			    sgl_slice_str(want[n].whole));
			assert_slice(splits[i].name, "name", f->name,
			    sgl_slice_str(want[n].name));
			assert_slice(splits[i].name, "value", f->value,
			    sgl_slice_str(want[n].value));
		}
		assert_int_equal(h.num_fields, n);
	}
}

/* What the fields hold together is the section, byte for byte. */
static void
test_nothing_is_lost(void **state)
{
	static const uint8_t alphabet[] = "A: \t\r\n-\xc3";
	uint8_t bytes[24];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		SGL_AUTO_CLEAR(sgl_headers) h = {0};
		size_t len, at = 0;

		for (len = 0; len < sizeof bytes; len++) {
			seed = seed * 1664525 + 1013904223;
			bytes[len] = alphabet[(seed >> 16) % 8];
		}
		assert_int_equal(
		    sgl_headers_read(sgl_slice_of(bytes, len), 4096, &h, NULL),
		    SGL_OK);
		for (size_t i = 0; i < h.num_fields; i++) {
			sgl_slice whole = h.fields[i].whole;

			assert_true(whole.len > 0);
			assert_memory_equal(whole.data, bytes + at, whole.len);
			at += whole.len;
		}
		assert_int_equal(at, h.bytes.len);
		assert_true(at == len || bytes[at] == '\n' ||
		    (bytes[at] == '\r' && bytes[at + 1] == '\n'));
	}
}

static void
test_limits(void **state)
{
	SGL_AUTO_CLEAR(sgl_headers) h = {0};
	SGL_AUTO_CLEAR(sgl_buf) many = sgl_buf_init(1 << 20);
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_headers_read(SGL_LIT("A: 12345\r\n"), 9, &h, &err),
	    SGL_E_LIMIT);
	assert_int_equal(err.status, SGL_E_LIMIT);
	for (int i = 0; i < 16385; i++)
		assert_int_equal(sgl_buf_add_str(&many, "x\n", NULL), SGL_OK);
	assert_int_equal(
	    sgl_headers_read(sgl_buf_slice(&many), 1 << 20, &h, &err),
	    SGL_E_LIMIT);
	assert_null(h.fields);
}

static void
test_find(void **state)
{
	SGL_AUTO_CLEAR(sgl_headers) h = {0};
	size_t count;

	(void)state;
	assert_int_equal(
	    sgl_headers_read(
		SGL_LIT("a: 1\nB: 2\nA: 3\nMime-version: 1.0\ncontent-x: y\n"),
		4096, &h, NULL),
	    SGL_OK);
	assert_slice("find", "value", sgl_headers_find(&h, "A", &count)->value,
	    SGL_LIT(" 1"));
	assert_int_equal(count, 2);
	assert_null(sgl_headers_find(&h, "C", &count));
	assert_int_equal(count, 0);
	assert_false(sgl_field_is_content(&h.fields[0]));
	assert_true(sgl_field_is_content(&h.fields[3]));
	assert_true(sgl_field_is_content(&h.fields[4]));
}

static const struct {
	const char *value, *want;
} unfolds[] = {
    {"", ""},
    {"  Hi \t", "Hi"},
    {" a\r\n b", "a b"},
    {" a\n\tb\r\n  c\r\n ", "a\tb  c"},
    {"a\rb", "a b"},
    {"\r\n a", "a"},
};

static void
test_unfold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(unfolds); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(100);
		sgl_field f = {.value = sgl_slice_str(unfolds[i].value)};

		assert_int_equal(sgl_field_unfold(&f, &out, NULL), SGL_OK);
		assert_slice("unfold", unfolds[i].value, sgl_buf_slice(&out),
		    sgl_slice_str(unfolds[i].want));
	}
}

static const struct {
	const char *section;
	sgl_cte want;
} ctes[] = {
    {"A: b\n", SGL_CTE_7BIT},
    {"Content-Transfer-Encoding: BASE64\n", SGL_CTE_BASE64},
    {"content-transfer-encoding:quoted-Printable\n", SGL_CTE_QUOTED_PRINTABLE},
    {"Content-Transfer-Encoding: (hi) 8bit (there)\n", SGL_CTE_8BIT},
    {"Content-Transfer-Encoding:\n binary\n", SGL_CTE_BINARY},
    {"Content-Transfer-Encoding: 7bit;\n", SGL_CTE_7BIT},
    {"Content-Transfer-Encoding: 7bits\n", SGL_CTE_UNKNOWN},
    {"Content-Transfer-Encoding:\n", SGL_CTE_UNKNOWN},
    {"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n",
	SGL_CTE_BASE64},
};

static void
test_cte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ctes); i++) {
		SGL_AUTO_CLEAR(sgl_headers) h = {0};

		assert_int_equal(
		    sgl_headers_read(
			sgl_slice_str(ctes[i].section), 4096, &h, NULL),
		    SGL_OK);
		assert_string_equal(sgl_cte_name(sgl_headers_cte(&h)),
		    sgl_cte_name(ctes[i].want));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_splits),
	    cmocka_unit_test(test_nothing_is_lost),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_unfold),
	    cmocka_unit_test(test_cte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
