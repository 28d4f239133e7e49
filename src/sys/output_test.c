/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/folder.h"
#include "sys/output.h"
#include "sys/signals.h"

static sgl_engine *engine;
static sgl_folder folder;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static void
expect_file(const char *name, const char *want, mode_t mode)
{
	sgl_buf got = sgl_folder_read(&folder, name);
	struct stat st;

	assert_string_equal(got.data, want);
	assert_int_equal(stat(sgl_folder_path(&folder, name), &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
	sgl_buf_clear(&got);
}

static void
a_file_appears_at_commit(void **state)
{
	const char *path = sgl_folder_path(&folder, "out");
	sgl_output *o;

	(void)state;
	assert_int_equal(sgl_output_new(engine, path, false, &o, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(sgl_output_sink(o), SGL_LIT("good"), NULL), SGL_OK);
	assert_int_equal(sgl_output_commit(o, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_sink_finish(sgl_output_sink(o), NULL), SGL_OK);
	assert_int_equal(sgl_folder_num(&folder), 0);
	assert_int_equal(sgl_output_commit(o, NULL), SGL_OK);
	assert_int_equal(sgl_output_commit(o, NULL), SGL_E_USAGE);
	sgl_output_free(o);
	expect_file("out", "good", 0644);
	assert_int_equal(unlink(path), 0);
}

static void
what_is_not_committed_leaves_nothing(void **state)
{
	const char *path = sgl_folder_path(&folder, "out");

	(void)state;
	sgl_folder_write(&folder, "out", SGL_LIT("old"));
	for (int step = 0; step < 4; step++) {
		sgl_output *o;
		sgl_status status;
		assert_int_equal(
		    sgl_output_new(engine, path, true, &o, NULL), SGL_OK);
		if (step > 0)
			assert_int_equal(sgl_sink_write(sgl_output_sink(o),
					     SGL_LIT("bad"), NULL),
			    SGL_OK);
		if (step == 2)
			assert_int_equal(
			    sgl_sink_finish(sgl_output_sink(o), NULL), SGL_OK);
		if (step == 3) {
			sgl_sink_abort(sgl_output_sink(o));
			status = sgl_output_commit(o, NULL);
			assert_int_equal(status, SGL_E_USAGE);
		}
		sgl_output_free(o);
		expect_file("out", "old", 0644);
		assert_int_equal(sgl_folder_num(&folder), 1);
	}
	assert_int_equal(unlink(path), 0);
}

static void
replacing_keeps_mode_and_links(void **state)
{
	const char *path = sgl_folder_path(&folder, "out");
	const char *link = sgl_folder_path(&folder, "link");
	struct stat st;

	(void)state;
	sgl_folder_write(&folder, "out", SGL_LIT("old"));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(symlink("out", link), 0);
	assert_int_equal(
	    sgl_file_write(engine, link, false, SGL_LIT("new"), NULL), SGL_OK);
	expect_file("out", "new", 0640);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(
	    sgl_file_write(engine, path, true, SGL_LIT("key"), NULL), SGL_OK);
	expect_file("out", "key", 0600);
	assert_int_equal(sgl_folder_num(&folder), 2);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(path), 0);
}

static void
a_name_without_folder_is_here(void **state)
{
	char before[512];

	(void)state;
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder.path), 0);
	assert_int_equal(
	    sgl_file_write(engine, "here", false, SGL_LIT("x"), NULL), SGL_OK);
	expect_file("here", "x", 0644);
	assert_int_equal(unlink("here"), 0);
	assert_int_equal(chdir(before), 0);
}

static void
refusals_are_clear(void **state)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
	    {"/nowhere/at/all", "no such file or folder"},
	    {"/", "is a folder"},
	    {"/tmp", "is a folder"},
	    {"/tmp/", "is a folder"},
	    {"/proc/self/fd", "is a folder"},
	    {"/etc/passwd/x", "a part of the path is not a folder"},
	    {"/dev/full", "no space left on the disk"},
	    {"", "no such file or folder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_err err = {0};
		assert_int_equal(sgl_file_write(engine, cases[i].path, false,
				     SGL_LIT("x"), &err),
		    SGL_E_IO);
		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.detail, cases[i].path);
	}
}

static void
devices_and_pipes_get_the_bytes_at_commit(void **state)
{
	int ends[2];
	char path[64], buf[16];
	sgl_output *o;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	(void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(sgl_output_new(engine, path, false, &o, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(sgl_output_sink(o), SGL_LIT("good"), NULL), SGL_OK);
	assert_int_equal(sgl_sink_finish(sgl_output_sink(o), NULL), SGL_OK);
	assert_int_equal(read(ends[0], buf, sizeof buf), -1);
	assert_int_equal(sgl_output_commit(o, NULL), SGL_OK);
	assert_int_equal(read(ends[0], buf, sizeof buf), 4);
	sgl_output_free(o);
	close(ends[0]);
	close(ends[1]);
}

static void
a_broken_pipe_is_told(void **state)
{
	int ends[2];
	char path[64];
	sgl_output *o;
	sgl_err err = {0};

	(void)state;
	sgl_signals_init();
	assert_int_equal(pipe(ends), 0);
	(void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
	assert_int_equal(sgl_output_new(engine, path, false, &o, NULL), SGL_OK);
	close(ends[0]);
	assert_int_equal(
	    sgl_sink_write(sgl_output_sink(o), SGL_LIT("x"), NULL), SGL_OK);
	assert_int_equal(sgl_sink_finish(sgl_output_sink(o), NULL), SGL_OK);
	assert_int_equal(sgl_output_commit(o, &err), SGL_E_IO);
	assert_string_equal(err.text, "the reader has gone (broken pipe)");
	sgl_output_free(o);
	close(ends[1]);
}

/* ------------------------------------------------- in a child process --- */

static void
expect_in_child(int (*job)(void))
{
	int how;
	pid_t child = fork();

	if (child == 0)
		_exit(job());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
}

/* openat with the bit of O_TMPFILE that O_DIRECTORY lacks is refused, as on a
 * file system without it. */
static bool
forbid_unnamed_files(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, args[2])),
	    BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof code[0], code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
without_unnamed_files(void)
{
	const char *path = sgl_folder_path(&folder, "named");
	sgl_output *o;

	if (!forbid_unnamed_files())
		return 1;
	if (sgl_file_write(engine, path, true, SGL_LIT("one"), NULL) !=
		SGL_OK ||
	    sgl_file_write(engine, path, true, SGL_LIT("two"), NULL) != SGL_OK)
		return 2;
	if (sgl_output_new(engine, path, true, &o, NULL) != SGL_OK)
		return 3;
	if (sgl_folder_num(&folder) != 2)
		return 4;
	sgl_output_free(o);
	return sgl_folder_num(&folder) == 1 ? 0 : 5;
}

static void
without_unnamed_files_it_works_too(void **state)
{
	(void)state;
	expect_in_child(without_unnamed_files);
	expect_file("named", "two", 0600);
	assert_int_equal(unlink(sgl_folder_path(&folder, "named")), 0);
}

/* The second signal ends the program, but not without cleaning. */
static int
signalled_without_unnamed_files(void)
{
	sgl_output *o;

	sgl_signals_init();
	if (!forbid_unnamed_files() ||
	    sgl_output_new(engine, sgl_folder_path(&folder, "gone"), true, &o,
		NULL) != SGL_OK)
		return 1;
	raise(SIGTERM);
	if (sgl_signals_caught() != SIGTERM)
		return 2;
	if (sgl_sink_finish(sgl_output_sink(o), NULL) != SGL_OK ||
	    sgl_output_commit(o, NULL) != SGL_E_IO)
		return 3;
	raise(SIGTERM);
	return 4;
}

static void
a_second_signal_cleans_up(void **state)
{
	int how;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(signalled_without_unnamed_files());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(WEXITSTATUS(how), 128 + SIGTERM);
	assert_int_equal(sgl_folder_num(&folder), 0);
}

static int
over_the_limit(void)
{
	const struct rlimit small = {100000, 100000};
	static uint8_t plain[200000];
	sgl_err err = {0};

	sgl_signals_init();
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 1;
	if (sgl_file_write(engine, sgl_folder_path(&folder, "big"), false,
		sgl_slice_of(plain, sizeof plain), &err) != SGL_E_IO)
		return 2;
	return strcmp(err.text, "larger than a file may become here") != 0;
}

static void
a_full_disk_leaves_nothing(void **state)
{
	(void)state;
	expect_in_child(over_the_limit);
	assert_int_equal(sgl_folder_num(&folder), 0);
}

/* As somebody without rights; root would be let in. */
static int
as_nobody(void)
{
	const char *inside = sgl_folder_path(&folder, "inside");
	sgl_err err = {0};

	if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
		return 1;
	if (sgl_file_write(engine, sgl_folder_path(&folder, "kept"), false,
		SGL_LIT("new"), &err) != SGL_E_IO ||
	    strcmp(err.text, "no permission") != 0)
		return 2;
	return sgl_file_write(engine, inside, false, SGL_LIT("x"), &err) !=
	    SGL_E_IO ||
	    strcmp(err.text, "no permission") != 0;
}

static void
what_may_not_be_written_stays(void **state)
{
	const char *kept = sgl_folder_path(&folder, "kept");

	(void)state;
	sgl_folder_write(&folder, "kept", SGL_LIT("old"));
	assert_int_equal(chmod(kept, 0444), 0);
	assert_int_equal(chmod(folder.path, 0555), 0);
	expect_in_child(as_nobody);
	assert_int_equal(chmod(folder.path, 0755), 0);
	expect_file("kept", "old", 0444);
	assert_int_equal(unlink(kept), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_appears_at_commit),
	    cmocka_unit_test(what_is_not_committed_leaves_nothing),
	    cmocka_unit_test(replacing_keeps_mode_and_links),
	    cmocka_unit_test(a_name_without_folder_is_here),
	    cmocka_unit_test(refusals_are_clear),
	    cmocka_unit_test(devices_and_pipes_get_the_bytes_at_commit),
	    cmocka_unit_test(a_broken_pipe_is_told),
	    cmocka_unit_test(without_unnamed_files_it_works_too),
	    cmocka_unit_test(a_second_signal_cleans_up),
	    cmocka_unit_test(a_full_disk_leaves_nothing),
	    cmocka_unit_test(what_may_not_be_written_stays),
	};

	(void)umask(022);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
