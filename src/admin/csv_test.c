/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "admin/csv.h"
#include "support/fault.h"

/* All rows as "LINE:field|field;" or "LINE!what is wrong;". */
static void
write_rows(sgl_slice text, char *out, size_t size)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	sgl_csv csv = sgl_csv_over(text);
	bool found = true;
	size_t n = 0;

	out[0] = '\0';
	for (;;) {
		assert_int_equal(
		    sgl_csv_next(&csv, &row, &found, NULL), SGL_OK);
		if (!found)
			return;
		n += (size_t)snprintf(out + n, size - n, "%zu%s", row.line,
		    row.fault == NULL ? ":" : "!");
		if (row.fault != NULL)
			n += (size_t)snprintf(
			    out + n, size - n, "%s", row.fault);
		for (size_t i = 0; row.fault == NULL && i < row.num; i++)
			n += (size_t)snprintf(out + n, size - n, "%s%s",
			    i > 0 ? "|" : "", row.fields[i]);
		n += (size_t)snprintf(out + n, size - n, ";");
	}
}

static void
rows_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", ""},
	    {"\n\r\n", ""},
	    {"a,b\n1,2\n", "1:a|b;2:1|2;"},
	    {"a,b\r\n1,2", "1:a|b;2:1|2;"},
	    {"\xef\xbb\xbf"
	     "a;b\n1,5;2\n",
		"1:a|b;2:1,5|2;"},
	    {"a\tb\n1, \t 2\n", "1:a|b;2:1,|2;"},
	    {"a\n\n\"x\ny\"\nz\n", "1:a;3:x\ny;5:z;"},
	    {"a,b\n\"say \"\"hi\"\"\",\n", "1:a|b;2:say \"hi\"|;"},
	    {"a,b\n \"x\" , y \n", "1:a|b;2:x|y;"},
	    {"n\n\xc3\x85sa\n", "1:n;2:\xc3\x85sa;"},
	    {",\n", "1:|;"},
	    {"a\n\"b\nc", "1:a;2!a quote is not closed;"},
	    {"a\n\"b\"c,d\ne\n", "1:a;2!text follows a closing quote;3:e;"},
	    {"a\nb\"c\nd\n", "1:a;2!a quote stands inside of a field;3:d;"},
	    {"a\nb\xe5\nc\n", "1:a;2!is not UTF-8;3:c;"},
	    {"a\nb\x1b[2J\nc\n", "1:a;2!holds control characters;3:c;"},
	    {"1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,"
	     "3\nb\n",
		"1!has too many fields;2:b;"},
	};
	char got[512];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		write_rows(sgl_slice_str(cases[i].text), got, sizeof got);
		assert_string_equal(got, cases[i].want);
	}
}

static void
a_nul_is_no_text(void **state)
{
	char got[128];

	(void)state;
	write_rows(sgl_slice_of("a\nb\0c\nd\n", 8), got, sizeof got);
	assert_string_equal(got, "1:a;2!holds control characters;3:d;");
}

static void
a_long_field_is_told(void **state)
{
	static char text[3 * SGL_CSV_FIELD_MAX];
	char got[SGL_CSV_FIELD_MAX + 64];

	(void)state;
	memset(text, 'x', sizeof text);
	text[SGL_CSV_FIELD_MAX] = '\n';
	text[2 * SGL_CSV_FIELD_MAX + 2] = '\n';
	write_rows(sgl_slice_of(text, sizeof text - 10), got, sizeof got);
	assert_int_equal(strcspn(got, ";"), 2 + SGL_CSV_FIELD_MAX);
	assert_non_null(strstr(got, ";2!a field is too long;3:"));
}

static void
columns_have_names(void **state)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	sgl_csv csv = sgl_csv_over(SGL_LIT("Address,NAME\n"));
	bool found = false;

	(void)state;
	assert_int_equal(sgl_csv_next(&csv, &row, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(sgl_csv_find(&row, "address"), 0);
	assert_int_equal(sgl_csv_find(&row, "name"), 1);
	assert_int_equal(sgl_csv_find(&row, "alias"), SGL_CSV_FIELDS);
}

static sgl_status
read_all(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	sgl_csv csv = sgl_csv_over(SGL_LIT("a,b\nlonger than before,2\n"));
	bool found = true;

	(void)ctx;
	while (found)
		TRY(sgl_csv_next(&csv, &row, &found, err));
	return SGL_OK;
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(read_all, NULL) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_read),
	    cmocka_unit_test(a_nul_is_no_text),
	    cmocka_unit_test(a_long_field_is_told),
	    cmocka_unit_test(columns_have_names),
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
