/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/lock.h"
#include "sys/plain.h"

static sgl_folder folder;
static sgl_plain_folder plain;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return sgl_plain_open(folder.path, &plain, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_plain_close(&plain);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_status
try_to_read(const char *name)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(64);
	sgl_plain_facts is;
	bool absent = false;

	return sgl_plain_read(&plain, name, &b, &is, &absent, NULL);
}

static void
what_is_written_is_read(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(64);
	sgl_plain_facts is = {0};
	bool absent = true;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    sgl_plain_write(&plain, "file", SGL_LIT("bytes"), NULL),
		    SGL_OK);
	assert_int_equal(
	    sgl_plain_read(&plain, "file", &b, &is, &absent, NULL), SGL_OK);
	assert_false(absent);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("bytes")));
	assert_int_equal(is.uid, geteuid());
	assert_int_equal(is.mode, 0600);
	assert_int_equal(sgl_folder_num(&folder), 1);
	b.max = b.len + 4;
	assert_int_equal(sgl_plain_read(&plain, "file", &b, &is, &absent, NULL),
	    SGL_E_LIMIT);
}

static void
what_is_not_there_is_absent(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(64);
	sgl_plain_facts is;
	bool absent = false;

	(void)state;
	assert_int_equal(
	    sgl_plain_read(&plain, "file", &b, &is, &absent, NULL), SGL_OK);
	assert_true(absent);
}

static void
nothing_but_plain_files_is_opened(void **state)
{
	(void)state;
	sgl_folder_write(&folder, "file", SGL_LIT("x"));
	assert_int_equal(try_to_read("file"), SGL_OK);
	assert_int_equal(symlink("file", sgl_folder_path(&folder, "soft")), 0);
	assert_int_equal(try_to_read("soft"), SGL_E_USAGE);
	assert_int_equal(mkfifo(sgl_folder_path(&folder, "pipe"), 0600), 0);
	assert_int_equal(try_to_read("pipe"), SGL_E_USAGE);
	assert_int_equal(mkdir(sgl_folder_path(&folder, "sub"), 0700), 0);
	assert_int_equal(try_to_read("sub"), SGL_E_USAGE);
	assert_int_equal(link(sgl_folder_path(&folder, "file"),
			     sgl_folder_path(&folder, "hard")),
	    0);
	assert_int_equal(try_to_read("file"), SGL_E_USAGE);
	assert_int_equal(try_to_read("hard"), SGL_E_USAGE);
}

static void
what_is_replaced_is_not_followed(void **state)
{
	sgl_buf got;

	(void)state;
	sgl_folder_write(&folder, "other", SGL_LIT("kept"));
	assert_int_equal(symlink("other", sgl_folder_path(&folder, "file")), 0);
	/* Left by whoever was killed, or put there to be written through. */
	assert_int_equal(
	    symlink("other", sgl_folder_path(&folder, ".sigill-new")), 0);
	assert_int_equal(
	    sgl_plain_write(&plain, "file", SGL_LIT("new"), NULL), SGL_OK);
	got = sgl_folder_read(&folder, "other");
	assert_true(sgl_slice_eq(sgl_buf_slice(&got), SGL_LIT("kept")));
	sgl_buf_clear(&got);
	assert_int_equal(try_to_read("file"), SGL_OK);
}

static void
a_folder_is_no_link(void **state)
{
	sgl_plain_folder other;

	(void)state;
	sgl_folder_write(&folder, "file", SGL_LIT("x"));
	assert_int_equal(symlink(".", sgl_folder_path(&folder, "soft")), 0);
	assert_int_equal(
	    sgl_plain_open(sgl_folder_path(&folder, "soft"), &other, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_plain_open(sgl_folder_path(&folder, "file"), &other, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_plain_open(sgl_folder_path(&folder, "no"), &other, NULL),
	    SGL_E_IO);
}

static sgl_status
count(void *ctx, const char *name, sgl_err *err)
{
	(void)name;
	(void)err;
	(*(int *)ctx)++;
	return SGL_OK;
}

static void
every_name_is_visited(void **state)
{
	int num = 0;

	(void)state;
	sgl_folder_write(&folder, "a", SGL_LIT("x"));
	sgl_folder_write(&folder, ".b", SGL_LIT("x"));
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    sgl_plain_each(&plain, count, &num, NULL), SGL_OK);
	assert_int_equal(num, 4);
}

/* Of two names one leads there, past a folder that is somebody else's. */
static void
what_is_roots_is_found(void **state)
{
	char real[SGL_PLAIN_PATH], want[SGL_PLAIN_PATH];
	const char *file = sgl_folder_path(&folder, "inner/file");

	(void)state;
	assert_false(sgl_plain_find_roots("relative", real));
	assert_false(sgl_plain_find_roots("/nowhere/at/all", real));
	if (geteuid() != 0)
		return;
	sgl_folder_run(&folder,
	    "mkdir inner others && echo x >inner/file &&"
	    "chmod 755 . inner && chmod 644 inner/file &&"
	    "ln -s ../inner/file others/link && chown 54321 others");
	assert_non_null(realpath(file, want));
	assert_true(sgl_plain_find_roots(file, real));
	assert_string_equal(real, want);
	assert_true(sgl_plain_find_roots(
	    sgl_folder_path(&folder, "others/link"), real));
	assert_string_equal(real, want);
	sgl_folder_run(&folder, "cp inner/file others/file");
	assert_false(sgl_plain_find_roots(
	    sgl_folder_path(&folder, "others/file"), real));
	sgl_folder_run(&folder, "chmod 777 inner");
	assert_false(sgl_plain_find_roots(file, real));
	sgl_folder_run(&folder, "chmod 755 inner && chmod 664 inner/file");
	assert_false(sgl_plain_find_roots(file, real));
	sgl_folder_run(&folder, "chmod 644 inner/file && chown 54321 .");
	assert_false(sgl_plain_find_roots(file, real));
	sgl_folder_run(&folder, "chown 0 .");
	assert_true(sgl_plain_find_roots(file, real));
}

/* What the folder's owner has moved there, or linked, stays root's. */
static void
a_lock_is_no_other_file(void **state)
{
	const char *path = sgl_folder_path(&folder, "lock");
	sgl_plain_folder others;
	sgl_lock *lock = NULL;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		return;
	sgl_folder_run(&folder, "chown 54321 . && echo secret >lock");
	assert_int_equal(sgl_plain_open(folder.path, &others, NULL), SGL_OK);
	assert_int_equal(
	    sgl_lock_new_in(&others, "lock", 0, &lock, NULL), SGL_E_USAGE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	sgl_folder_run(&folder, "rm lock && : >other && ln other lock");
	assert_int_equal(
	    sgl_lock_new_in(&others, "lock", 0, &lock, NULL), SGL_E_USAGE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	sgl_folder_run(&folder, "rm lock");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    sgl_lock_new_in(&others, "lock", 0, &lock, NULL), SGL_OK);
		sgl_lock_free(lock);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 54321);
	}
	sgl_plain_close(&others);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_is_written_is_read),
	    TEST(what_is_not_there_is_absent),
	    TEST(nothing_but_plain_files_is_opened),
	    TEST(what_is_replaced_is_not_followed),
	    TEST(a_folder_is_no_link),
	    TEST(every_name_is_visited),
	    TEST(what_is_roots_is_found),
	    TEST(a_lock_is_no_other_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
