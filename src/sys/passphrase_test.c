/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/passphrase.h"
#include "sys/progress.h"

static void
the_first_line_counts(void **state)
{
	static const struct {
		const char *file;
		size_t len;
		sgl_status status;
		const char *want;
	} cases[] = {
	    {"secret", 6, SGL_OK, "secret"},
	    {"secret\n", 7, SGL_OK, "secret"},
	    {"secret\r\n", 8, SGL_OK, "secret"},
	    {"secret \nmore\n", 13, SGL_OK, "secret "},
	    {"h\xc3\xa4st\n", 6, SGL_OK, "h\xc3\xa4st"},
	    {"\n", 1, SGL_OK, ""},
	    {"", 0, SGL_E_ENCODING, NULL},
	    {"a\0b\n", 4, SGL_E_ENCODING, NULL},
	};
	sgl_folder folder;

	(void)state;
	sgl_folder_make(&folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_secret s = {0};
		sgl_folder_write(
		    &folder, "pw", sgl_slice_of(cases[i].file, cases[i].len));
		assert_int_equal(sgl_passphrase_file(
				     sgl_folder_path(&folder, "pw"), &s, NULL),
		    cases[i].status);
		if (cases[i].want != NULL)
			assert_true(sgl_slice_eq(sgl_secret_slice(&s),
			    sgl_slice_str(cases[i].want)));
		sgl_secret_clear(&s);
	}
	sgl_folder_remove(&folder);
}

/* Reads from the terminal until `text` was seen; all of it is in `seen`. */
static void
await(int terminal, const char *text, char *seen, size_t cap)
{
	size_t len = strlen(seen);

	while (strstr(seen, text) == NULL) {
		ssize_t n = read(terminal, seen + len, cap - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
		seen[len] = '\0';
	}
}

static int
ask(bool twice)
{
	sgl_secret s = {0};
	sgl_err err = {0};
	sgl_status status = sgl_passphrase_ask("Password: ", twice, &s, &err);
	int result = status == SGL_OK &&
		sgl_slice_eq(sgl_secret_slice(&s), SGL_LIT("secret"))
	    ? 0
	    : 1;

	if (status == SGL_E_PASSWORD &&
	    strcmp(err.text, "the two passwords differ") == 0)
		result = 2;
	sgl_secret_clear(&s);
	return result;
}

static void
expect_answer(bool twice, const char *second, int want)
{
	char seen[4096] = "";
	int terminal, how;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);

	if (child == 0)
		_exit(ask(twice));
	await(terminal, "Password: ", seen, sizeof seen);
	usleep(100000);
	assert_int_equal(write(terminal, "secret\n", 7), 7);
	if (twice) {
		await(terminal, "Once more: ", seen, sizeof seen);
		usleep(100000);
		assert_true(write(terminal, second, strlen(second)) > 0);
	}
	await(terminal, "never", seen, sizeof seen);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(WEXITSTATUS(how), want);
	assert_null(strstr(seen, "secret"));
	close(terminal);
}

static void
a_person_is_asked_without_echo(void **state)
{
	(void)state;
	expect_answer(false, NULL, 0);
	expect_answer(true, "secret\n", 0);
	expect_answer(true, "other\n", 2);
}

static void
without_a_terminal_it_says_what_to_do(void **state)
{
	int how;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		sgl_secret s = {0};
		sgl_err err = {0};
		(void)setsid();
		_exit(sgl_passphrase_ask("?", false, &s, &err) !=
			SGL_E_PASSWORD ||
		    strstr(err.text, "--password-file") == NULL);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(WEXITSTATUS(how), 0);
}

/* A terminal sees a line after a second, and then it is gone. */
static void
progress_is_shown_on_a_terminal(void **state)
{
	char seen[4096] = "";
	int terminal, how;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);

	(void)state;
	if (child == 0) {
		sgl_progress_start("test", 2000000000);
		sgl_progress_at(1);
		usleep(1100000);
		sgl_progress_at(740000000);
		sgl_progress_end();
		_exit(0);
	}
	await(terminal, "never", seen, sizeof seen);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_string_equal(
	    seen, "\r\033[Ksigill: test: 37 % of 2.0 GB\r\033[K");
	close(terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_line_counts),
	    cmocka_unit_test(a_person_is_asked_without_echo),
	    cmocka_unit_test(without_a_terminal_it_says_what_to_do),
	    cmocka_unit_test(progress_is_shown_on_a_terminal),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
