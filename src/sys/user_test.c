/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming somebody else needs root; each attempt is made by a child. */
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/user.h"

#define OTHER 54321u

static void
need_root(void)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
}

static void
users_are_found(void **state)
{
	static const struct {
		const char *text;
		unsigned uid, gid;
	} good[] = {{"root", 0, 0}, {"0", 0, 0}, {"54321", OTHER, OTHER},
	    {"54321:7", OTHER, 7}, {"4294967294", 4294967294u, 4294967294u}};
	static const char *const bad[] = {
	    "", "nobody-of-that-name", "4294967295", "1:", ":1", "1:x", "-1"};
	sgl_user u;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(sgl_user_find(good[i].text, &u, NULL), SGL_OK);
		assert_int_equal(u.uid, good[i].uid);
		assert_int_equal(u.gid, good[i].gid);
		assert_true(u.name[0] != '\0');
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(sgl_user_find(bad[i], &u, NULL), SGL_E_USAGE);
	sgl_user_of(OTHER, &u);
	assert_string_equal(u.name, "54321");
}

static bool
says(const char *line)
{
	char text[8192];
	FILE *f = fopen("/proc/self/status", "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);

	if (f != NULL)
		(void)fclose(f);
	text[n] = '\0';
	return strstr(text, line) != NULL;
}

static int
become(void)
{
	const gid_t groups[] = {1, 2, 3};
	sgl_user u;

	if (setgroups(3, groups) != 0 ||
	    sgl_user_find("54321:54322", &u, NULL) != SGL_OK)
		return 1;
	/* It is closed to us then, as the memory of others is. */
	if (!says("Groups:\t1 2 3") || sgl_user_become(&u, NULL) != SGL_OK)
		return 2;
	if (getuid() != OTHER || geteuid() != OTHER || getgid() != 54322)
		return 3;
	if (getgroups(0, NULL) != 0)
		return 4;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return 5;
	if (open("/etc/shadow", O_RDONLY) >= 0 || kill(getppid(), 0) == 0)
		return 6;
	return 0;
}

static int
keep(void)
{
	if (sgl_rights_keep(SGL_RIGHT_BECOME | SGL_RIGHT_KILL, NULL) != SGL_OK)
		return 1;
	/* setuid, setgid and kill are the bits 7, 6 and 5. */
	if (!says("CapPrm:\t00000000000000e0") ||
	    !says("CapEff:\t00000000000000e0") ||
	    !says("CapBnd:\t00000000000000e0") || !says("NoNewPrivs:\t1"))
		return 2;
	return chown("/dev/null", OTHER, OTHER) == 0 ? 3 : 0;
}

static int
act(void)
{
	sgl_folder f;
	struct stat st;

	sgl_folder_make(&f);
	if (chmod(f.path, 0777) != 0 ||
	    sgl_user_act_as(OTHER, OTHER, NULL) != SGL_OK)
		return 1;
	if (open("/etc/shadow", O_RDONLY) >= 0)
		return 2;
	sgl_folder_write(&f, "mine", SGL_LIT("x"));
	if (!sgl_user_step_out() || geteuid() != 0 || sgl_user_step_out())
		return 5;
	sgl_user_step_in(false);
	if (geteuid() != 0)
		return 6;
	sgl_user_step_in(true);
	if (geteuid() != OTHER || getegid() != OTHER)
		return 7;
	sgl_user_act_as_root();
	if (sgl_user_step_out())
		return 8;
	if (geteuid() != 0 || getegid() != 0)
		return 3;
	if (stat(sgl_folder_path(&f, "mine"), &st) != 0 || st.st_uid != OTHER ||
	    st.st_gid != OTHER)
		return 4;
	sgl_folder_remove(&f);
	return 0;
}

static void
expect_in_child(int (*attempt)(void))
{
	int status = 0;
	pid_t pid;

	need_root();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(attempt());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
becoming_is_for_ever(void **state)
{
	(void)state;
	expect_in_child(become);
}

static void
rights_are_given_up(void **state)
{
	(void)state;
	expect_in_child(keep);
}

static void
acting_ends(void **state)
{
	(void)state;
	expect_in_child(act);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(users_are_found),
	    cmocka_unit_test(becoming_is_for_ever),
	    cmocka_unit_test(rights_are_given_up),
	    cmocka_unit_test(acting_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
