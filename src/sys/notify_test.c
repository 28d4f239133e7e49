/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/notify.h"

/* A manager that listens at `name`, as $NOTIFY_SOCKET says it. */
static int
listen_at(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	memcpy(at.sun_path, name, strlen(name));
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(name))),
	    0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void
assert_heard(int fd, const char *state)
{
	char got[64] = {0};
	ssize_t n = recv(fd, got, sizeof got - 1, 0);

	assert_int_equal(n, (ssize_t)strlen(state));
	assert_string_equal(got, state);
}

static void
a_manager_hears(const char *name)
{
	int fd = listen_at(name);

	sgl_notify("READY=1");
	sgl_notify("STOPPING=1");
	assert_heard(fd, "READY=1");
	assert_heard(fd, "STOPPING=1");
	(void)close(fd);
}

static void
managers_hear(void **state)
{
	char name[64];
	sgl_folder folder;

	(void)state;
	sgl_folder_make(&folder);
	a_manager_hears(sgl_folder_path(&folder, "notify"));
	sgl_folder_remove(&folder);
	(void)snprintf(name, sizeof name, "@sigill-test-%d", (int)getpid());
	a_manager_hears(name);
}

/* Nothing happens: no descriptor is left, and no time passes. */
static void
nobody_to_tell(void **state)
{
	char long_name[300];
	int before = dup(0), after;

	(void)state;
	(void)close(before);
	memset(long_name, 'x', sizeof long_name);
	long_name[0] = '/';
	long_name[sizeof long_name - 1] = '\0';
	(void)unsetenv("NOTIFY_SOCKET");
	sgl_notify("READY=1");
	for (const char *const *n = (const char *const[]){"", "/", "@",
		 "vsock:1", "/nobody/here", "@sigill-nobody", long_name, NULL};
	     *n != NULL; n++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", *n, 1), 0);
		sgl_notify("READY=1");
	}
	after = dup(0);
	assert_int_equal(after, before);
	(void)close(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(managers_hear),
	    cmocka_unit_test(nobody_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
