/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/folder.h"
#include "sys/input.h"
#include "sys/signals.h"
#include "sys/spool.h"

static sgl_folder folder;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_folder_remove(&folder);
	return 0;
}

static void
files_are_read_whole(void **state)
{
	static const size_t sizes[] = {1, 65535, 65536, 65537, 1000000};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *bytes = calloc(sizes[i], 1);
		sgl_buf b = sgl_buf_init(1000000);
		assert_non_null(bytes);
		bytes[sizes[i] - 1] = 7;
		sgl_folder_write(&folder, "in", sgl_slice_of(bytes, sizes[i]));
		assert_int_equal(
		    sgl_file_read(sgl_folder_path(&folder, "in"), &b, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&b), sgl_slice_of(bytes, sizes[i])));
		sgl_buf_clear(&b);
		free(bytes);
	}
}

static void
refusals_are_clear(void **state)
{
	static const struct {
		const char *path;
		sgl_status status;
		const char *text;
	} cases[] = {
	    {"/nowhere/at/all", SGL_E_IO, "no such file or folder"},
	    {"/tmp", SGL_E_IO, "is a folder"},
	    {"/dev/null", SGL_E_ENCODING, "is empty"},
	    {"/dev/zero", SGL_E_LIMIT, "larger than is allowed here"},
	    {"/etc/passwd/x", SGL_E_IO, "a part of the path is not a folder"},
	    {"", SGL_E_IO, "no such file or folder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_buf b = sgl_buf_init(100000);
		sgl_err err = {0};
		assert_int_equal(
		    sgl_file_read(cases[i].path, &b, &err), cases[i].status);
		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.detail, cases[i].path);
		sgl_buf_clear(&b);
	}
}

static void
the_limit_is_exact(void **state)
{
	sgl_buf b = sgl_buf_init(5);

	(void)state;
	sgl_folder_write(&folder, "in", SGL_LIT("12345"));
	assert_int_equal(
	    sgl_file_read(sgl_folder_path(&folder, "in"), &b, NULL), SGL_OK);
	sgl_buf_clear(&b);
	sgl_folder_write(&folder, "in", SGL_LIT("123456"));
	assert_int_equal(
	    sgl_file_read(sgl_folder_path(&folder, "in"), &b, NULL),
	    SGL_E_LIMIT);
	sgl_buf_clear(&b);
}

static void
expect_twice(sgl_input *in, sgl_slice want)
{
	sgl_source *source = sgl_input_source(in);

	assert_non_null(source->ops->rewind);
	for (int round = 0; round < 2; round++) {
		sgl_buf b = sgl_buf_init(100000);
		sgl_bufsink sink;
		sgl_bufsink_init(&sink, &b);
		assert_int_equal(sgl_pump(source, &sink.sink, NULL), SGL_OK);
		assert_true(sgl_slice_eq(sgl_buf_slice(&b), want));
		sgl_buf_clear(&b);
		assert_int_equal(source->ops->rewind(source, NULL), SGL_OK);
	}
}

static void
a_file_can_be_read_again(void **state)
{
	SGL_AUTO(sgl_input)
	in = NULL;
	const char *path = sgl_folder_path(&folder, "in");

	(void)state;
	sgl_folder_write(&folder, "in", SGL_LIT("hello"));
	assert_int_equal(sgl_input_open(path, &in, NULL), SGL_OK);
	assert_string_equal(sgl_input_name(in), path);
	sgl_input_watch(in, "test");
	expect_twice(in, SGL_LIT("hello"));
}

/* A pipe as standard input, in a child. */
static int
hold_a_pipe(void)
{
	static const char text[] = "from a pipe";
	sgl_engine *engine;
	sgl_input *in;
	int ends[2];

	if (pipe(ends) != 0 || write(ends[1], text, 11) != 11 ||
	    dup2(ends[0], 0) != 0)
		return 1;
	close(ends[1]);
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK ||
	    sgl_input_open("-", &in, NULL) != SGL_OK)
		return 2;
	if (sgl_input_source(in)->ops->rewind != NULL)
		return 3;
	if (sgl_input_hold(in, engine, folder.path, NULL) != SGL_OK ||
	    sgl_input_hold(in, engine, folder.path, NULL) != SGL_OK)
		return 4;
	expect_twice(in, SGL_LIT("from a pipe"));
	sgl_input_free(in);
	sgl_engine_free(engine);
	return 0;
}

/* Nobody writes; a signal comes. */
static int
wait_in_vain(void)
{
	sgl_input *in;
	sgl_err err = {0};
	uint8_t byte;
	size_t got;
	int ends[2];

	sgl_signals_init();
	if (pipe(ends) != 0 || dup2(ends[0], 0) != 0 ||
	    sgl_input_open(NULL, &in, NULL) != SGL_OK)
		return 1;
	(void)signal(SIGALRM, SIG_IGN);
	if (fork() == 0) {
		usleep(200000);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	if (sgl_input_source(in)->ops->read(
		sgl_input_source(in), &byte, 1, &got, &err) != SGL_E_IO)
		return 2;
	sgl_input_free(in);
	return strcmp(err.text, "interrupted") != 0 ||
	    sgl_signals_caught() != SIGINT;
}

static int
closed_input(void)
{
	sgl_input *in;

	close(0);
	return sgl_input_open("-", &in, NULL) != SGL_E_IO;
}

static void
standard_input_works(void **state)
{
	static int (*const jobs[])(void) = {
	    hold_a_pipe, wait_in_vain, closed_input};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int how;
		pid_t child = fork();
		if (child == 0)
			_exit(jobs[i]());
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_read_whole),
	    cmocka_unit_test(refusals_are_clear),
	    cmocka_unit_test(the_limit_is_exact),
	    cmocka_unit_test(a_file_can_be_read_again),
	    cmocka_unit_test(standard_input_works),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
