/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/exit.h"
#include "sys/fail.h"
#include "sys/harden.h"
#include "sys/lock.h"
#include "sys/log.h"
#include "sys/progress.h"
#include "sys/text.h"

static char said[8192];

/* What `tell` writes to standard error. */
static const char *
listen(void (*tell)(void))
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	tell();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(ends[1]);
	n = read(ends[0], said, sizeof said - 1);
	close(ends[0]);
	said[n < 0 ? 0 : n] = '\0';
	return said;
}

static sgl_err err;

static void
tell_err(void)
{
	sgl_log_err("verify", &err);
}

static void
tell_plain(void)
{
	sgl_log_err(NULL, &err);
}

static void
tell_warning(void)
{
	sgl_log_warning("%s is \x1b[31m%s\xc2\x9b", "this", "red\n");
}

static void
tell_long(void)
{
	char *text = malloc(5000);

	assert_non_null(text);
	memset(text, 'x', 4999);
	text[4999] = '\0';
	sgl_log_note("%s", text);
	free(text);
}

static void
lines_are_whole_and_harmless(void **state)
{
	(void)state;
	(void)sgl_fail_at(
	    &err, SGL_E_ENCODING, "x", 12, "is empty", "%s", "a.eml");
	assert_string_equal(
	    listen(tell_err), "sigill: verify: is empty: a.eml (at byte 12)\n");
	(void)sgl_fail(&err, SGL_E_IO, "x", SGL_NO_OFFSET, "no permission");
	assert_string_equal(listen(tell_plain), "sigill: no permission\n");
	err = (sgl_err){.status = SGL_E_NOKEY, .offset = SGL_NO_OFFSET};
	assert_string_equal(listen(tell_plain), "sigill: no-key\n");
	assert_string_equal(
	    listen(tell_warning), "sigill: warning: this is ?[31mred?\xc2?\n");
	assert_int_equal(strlen(listen(tell_long)), 2047);
	assert_int_equal(said[2046], '\n');
}

static void
system_errors_have_words(void **state)
{
	static const struct {
		int error;
		sgl_status status;
		const char *text, *detail;
	} cases[] = {
	    {ENOSPC, SGL_E_IO, "no space left on the disk", "f"},
	    {ENOMEM, SGL_E_NOMEM, "out of memory", ""},
	    {EXDEV, SGL_E_IO, "the system refuses",
		"f: Invalid cross-device link"},
	    {99999, SGL_E_IO, "the system refuses", "f: ?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(sgl_fail_errno(&err, cases[i].error, "x", "f"),
		    cases[i].status);
		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.detail, cases[i].detail);
	}
}

static void
every_failure_has_an_exit_status(void **state)
{
	static const int want[] = {[SGL_OK] = 0,
	    [SGL_NEED_KEY] = 3,
	    [SGL_E_ENCODING] = 4,
	    [SGL_E_LIMIT] = 4,
	    [SGL_E_UNSUPPORTED] = 4,
	    [SGL_E_NOKEY] = 3,
	    [SGL_E_PASSWORD] = 3,
	    [SGL_E_DECRYPT] = 4,
	    [SGL_E_MISMATCH] = 3,
	    [SGL_E_USAGE] = 2,
	    [SGL_E_IO] = 5,
	    [SGL_E_NOMEM] = 5,
	    [SGL_E_CRYPTO] = 5};

	(void)state;
	for (unsigned s = 0; s < sizeof want / sizeof want[0]; s++)
		assert_int_equal(sgl_exit_of((sgl_status)s), want[s]);
}

static void
texts_without_a_catalogue_are_english(void **state)
{
	(void)state;
	sgl_text_init();
	assert_string_equal(_("is empty"), "is empty");
	assert_string_equal(sgl_text(NULL), "");
	assert_string_equal(sgl_text(""), "");
	assert_int_equal(sgl_text_columns("", 5), 5);
	assert_int_equal(sgl_text_columns("issuer", 5), 5);
	assert_int_equal(sgl_text_columns("utf\xc3\xa4rdare", 5), 6);
}

static void
a_lock_is_held_once(void **state)
{
	sgl_folder folder;
	const char *path;
	sgl_lock *a, *b;

	(void)state;
	sgl_folder_make(&folder);
	path = sgl_folder_path(&folder, "lock");
	assert_int_equal(sgl_lock_new(path, true, 0, &a, NULL), SGL_OK);
	assert_int_equal(sgl_lock_new(path, true, 60, &b, &err), SGL_E_IO);
	assert_string_equal(err.detail, path);
	assert_int_equal(sgl_lock_new(path, false, 0, &b, NULL), SGL_E_IO);
	sgl_lock_free(a);
	assert_int_equal(sgl_lock_new(path, false, 0, &a, NULL), SGL_OK);
	assert_int_equal(sgl_lock_new(path, false, 0, &b, NULL), SGL_OK);
	sgl_lock_free(a);
	sgl_lock_free(b);
	assert_int_equal(
	    sgl_lock_new("/nowhere/lock", true, 0, &a, &err), SGL_E_IO);
	sgl_folder_remove(&folder);
}

static void
no_core_is_left(void **state)
{
	struct rlimit limit;

	(void)state;
	sgl_sys_harden();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
}

static void
tell_progress(void)
{
	sgl_progress_start("test", 1000);
	sgl_progress_at(500);
	sgl_progress_end();
}

static void
progress_is_for_terminals(void **state)
{
	(void)state;
	assert_string_equal(listen(tell_progress), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_whole_and_harmless),
	    cmocka_unit_test(system_errors_have_words),
	    cmocka_unit_test(every_failure_has_an_exit_status),
	    cmocka_unit_test(texts_without_a_catalogue_are_english),
	    cmocka_unit_test(a_lock_is_held_once),
	    cmocka_unit_test(no_core_is_left),
	    cmocka_unit_test(progress_is_for_terminals),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
