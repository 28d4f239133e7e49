/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/config.h"

typedef struct settings {
	char colour[32], shape[32];
	unsigned num_set;
} settings;

static sgl_status
keep(settings *s, char out[32], const char *value, sgl_err *err)
{
	if (strcmp(value, "wrong") == 0)
		return sgl_fail(
		    err, SGL_E_USAGE, "test", SGL_NO_OFFSET, "is wrong");
	if (strcmp(value, "broken") == 0)
		return sgl_fail(
		    err, SGL_E_NOMEM, "test", SGL_NO_OFFSET, "none");
	(void)snprintf(out, 32, "%s", value);
	s->num_set++;
	return SGL_OK;
}

static sgl_status
set_colour(void *to, const char *value, sgl_err *err)
{
	settings *s = to;

	return keep(s, s->colour, value, err);
}

static sgl_status
set_shape(void *to, const char *value, sgl_err *err)
{
	settings *s = to;

	return keep(s, s->shape, value, err);
}

static const sgl_config_name names[] = {
    {"colour", set_colour},
    {"shape", set_shape},
    {NULL, NULL},
};

static sgl_folder folder;

static const char *
put(sgl_slice text)
{
	sgl_folder_write(&folder, "x.conf", text);
	return sgl_folder_path(&folder, "x.conf");
}

static settings
reads(sgl_slice text)
{
	settings s = {0};
	sgl_err err = {0};

	if (sgl_config_read(put(text), names, &s, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return s;
}

/* `where` is what the detail ends with, behind the name of the file. */
static void
refuses(sgl_slice text, sgl_status status, const char *where)
{
	settings s = {0};
	sgl_err err = {0};
	size_t len, end = strlen(where);

	assert_int_equal(sgl_config_read(put(text), names, &s, &err), status);
	assert_int_equal(err.status, status);
	len = strlen(err.detail);
	assert_true(len >= end);
	assert_string_equal(err.detail + len - end, where);
}

static void
settings_are_read(void **state)
{
	settings s = reads(SGL_LIT("# first\n\n \t\ncolour = dark blue\r\n"
				   "  shape=a = b  # no comment"));

	(void)state;
	assert_string_equal(s.colour, "dark blue");
	assert_string_equal(s.shape, "a = b  # no comment");
	assert_int_equal(s.num_set, 2);
}

static void
what_is_not_there_is_empty(void **state)
{
	settings s = {0};

	(void)state;
	assert_int_equal(reads(SGL_LIT("")).num_set, 0);
	assert_int_equal(reads(SGL_LIT("#")).num_set, 0);
	assert_int_equal(reads(SGL_LIT("shape =\n")).num_set, 1);
	assert_int_equal(
	    sgl_config_read(sgl_folder_path(&folder, "none"), names, &s, NULL),
	    SGL_OK);
	assert_int_equal(s.num_set, 0);
}

static void
what_is_wrong_is_named(void **state)
{
	(void)state;
	refuses(SGL_LIT("colour = a\nsize = 1\n"), SGL_E_USAGE, ":2: size");
	refuses(SGL_LIT("\n\nshape"), SGL_E_USAGE, ":3: shape");
	refuses(SGL_LIT("shape = a\nshape = b"), SGL_E_USAGE, ":2: shape");
	refuses(SGL_LIT("= a"), SGL_E_USAGE, ":1: ");
	refuses(SGL_LIT("shape = wrong"), SGL_E_USAGE, ":1: shape");
	refuses(SGL_LIT("shape = a\0b\n"), SGL_E_USAGE, ": ");
	refuses(SGL_LIT("shape = broken"), SGL_E_NOMEM, "");
}

/* A file that is there and cannot be read is not taken for an empty one. */
static void
what_cannot_be_read_is_told(void **state)
{
	char long_name[5000];
	settings s = {0};

	(void)state;
	memset(long_name, 'x', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	assert_int_equal(sgl_config_read(long_name, names, &s, NULL), SGL_E_IO);
	assert_int_equal(
	    sgl_config_read(folder.path, names, &s, NULL), SGL_E_IO);
}

static void
a_file_has_a_longest_length(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)4 << 20);
	settings s = {0};

	(void)state;
	for (int i = 0; i < 150000; i++)
		assert_int_equal(
		    sgl_buf_add_str(&text, "# words\n", NULL), SGL_OK);
	assert_int_equal(
	    sgl_config_read(put(sgl_buf_slice(&text)), names, &s, NULL),
	    SGL_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(settings_are_read),
	    cmocka_unit_test(what_is_not_there_is_empty),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(what_cannot_be_read_is_told),
	    cmocka_unit_test(a_file_has_a_longest_length),
	};
	int failed;

	sgl_folder_make(&folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sgl_folder_remove(&folder);
	return failed;
}
