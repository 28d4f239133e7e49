/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the log is one, whatever it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/journal.h"

static char told[65536];
static int ends[2], standard_error;

static void
listen_in(void)
{
	assert_int_equal(pipe(ends), 0);
	standard_error = dup(STDERR_FILENO);
	assert_true(standard_error >= 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	(void)close(ends[1]);
}

/* What was told since, in `told`. */
static size_t
stop_listening(void)
{
	size_t len = 0;
	ssize_t n;

	assert_int_equal(dup2(standard_error, STDERR_FILENO), STDERR_FILENO);
	(void)close(standard_error);
	while ((n = read(ends[0], told + len, sizeof told - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(ends[0]);
	told[len] = '\0';
	return len;
}

static void
assert_one_line(size_t len)
{
	assert_true(len > 2);
	assert_int_equal(told[0], '{');
	assert_int_equal(told[len - 2], '}');
	assert_ptr_equal(strchr(told, '\n'), told + len - 1);
}

static void
an_event_has_its_members(void **state)
{
	(void)state;
	listen_in();
	sgl_journal_name("control");
	sgl_journal_event(SGL_LEVEL_WARNING, "tested");
	assert_one_line(stop_listening());
	assert_non_null(strstr(told, "\"time\": \"2"));
	assert_non_null(strstr(told, "\"process\": \"control\""));
	assert_non_null(strstr(told, "\"level\": \"warning\""));
	assert_non_null(strstr(told, "\"event\": \"tested\""));
}

static void
what_a_stranger_wrote_stays_inside(void **state)
{
	const sgl_err err = {.status = SGL_E_USAGE,
	    .room = "test",
	    .text = "is no address",
	    .detail = "a\"}\n{\"event\": \"forged\\\x01\xff\xc3\x1b[2J\r"};

	(void)state;
	listen_in();
	sgl_journal_err("asked", &err);
	assert_one_line(stop_listening());
	assert_non_null(strstr(told, "\"error\": \"is no address\""));
	assert_non_null(
	    strstr(told, "a\\\"}\\n{\\\"event\\\": \\\"forged\\\\"));
	for (const char *c = told; *c != '\n'; c++)
		assert_true((unsigned char)*c >= 0x20);
	assert_null(strchr(told, '\xff'));
}

static void
what_has_no_room_is_not_told_in_part(void **state)
{
	static char words[20000];
	sgl_journal j;

	(void)state;
	memset(words, 'x', sizeof words - 1);
	listen_in();
	sgl_journal_begin(&j, SGL_LEVEL_INFO, "long");
	sgl_json_str(&j.json, "words", words);
	sgl_journal_end(&j);
	assert_int_equal(stop_listening(), 0);
}

static void
lines_follow_each_other(void **state)
{
	size_t num = 0;

	(void)state;
	listen_in();
	for (int i = 0; i < 100; i++)
		sgl_journal_event(SGL_LEVEL_INFO, "again");
	assert_true(stop_listening() > 0);
	for (const char *c = told; (c = strchr(c, '\n')) != NULL; c++)
		num++;
	assert_int_equal(num, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_has_its_members),
	    cmocka_unit_test(what_a_stranger_wrote_stays_inside),
	    cmocka_unit_test(what_has_no_room_is_not_told_in_part),
	    cmocka_unit_test(lines_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
