/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that come along with messages; wire_test.c has the messages. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/channel.h"

typedef struct pair {
	sgl_channel *from, *to;
	int raw; /* the socket of `from` */
} pair;

static int
set_up(void **state)
{
	static pair p;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(sgl_channel_new(ends[0], &p.from, NULL), SGL_OK);
	assert_int_equal(sgl_channel_new(ends[1], &p.to, NULL), SGL_OK);
	p.raw = ends[0];
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	pair *p = *state;

	sgl_channel_free(p->from);
	sgl_channel_free(p->to);
	return 0;
}

static void
assert_receives(pair *p, unsigned want, const char *text)
{
	sgl_slice body;
	unsigned type;
	bool ended;

	assert_int_equal(
	    sgl_channel_receive(p->to, 100, &type, &body, &ended, NULL),
	    SGL_OK);
	assert_false(ended);
	assert_int_equal(type, want);
	assert_true(sgl_slice_eq(body, sgl_slice_str(text)));
}

static size_t
num_open(void)
{
	size_t num = 0;

	for (int fd = 0; fd < 256; fd++)
		num += fcntl(fd, F_GETFD) >= 0;
	return num;
}

static int
open_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool
is_null(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat("/dev/null", &b) == 0 &&
	    a.st_rdev == b.st_rdev && a.st_ino == b.st_ino;
}

static void
one_comes_along(void **state)
{
	pair *p = *state;
	size_t before = num_open();
	int fd = open_null(), got;

	assert_int_equal(
	    sgl_channel_send_fd(p->from, 7, SGL_LIT("with"), fd, NULL), SGL_OK);
	(void)close(fd);
	assert_int_equal(
	    sgl_channel_send(p->from, 8, SGL_LIT("without"), NULL), SGL_OK);
	assert_receives(p, 7, "with");
	got = sgl_channel_take_fd(p->to);
	assert_true(got >= 0);
	assert_true(is_null(got));
	assert_true((fcntl(got, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(sgl_channel_take_fd(p->to), -1);
	assert_receives(p, 8, "without");
	assert_int_equal(sgl_channel_take_fd(p->to), -1);
	(void)close(got);
	assert_int_equal(num_open(), before);
}

/* It belongs to one message, and is closed with it. */
static void
what_nobody_takes_is_closed(void **state)
{
	pair *p = *state;
	size_t before = num_open();
	int fd = open_null();

	for (int i = 0; i < 3; i++)
		assert_int_equal(sgl_channel_send_fd(p->from, 1,
				     (sgl_slice){NULL, 0}, fd, NULL),
		    SGL_OK);
	assert_int_equal(sgl_channel_send(p->from, 2, SGL_LIT("x"), NULL), 0);
	(void)close(fd);
	for (int i = 0; i < 3; i++)
		assert_receives(p, 1, "");
	assert_receives(p, 2, "x");
	assert_int_equal(sgl_channel_take_fd(p->to), -1);
	assert_int_equal(num_open(), before);
}

#define MANY 5

static void
send_raw(const pair *p, sgl_slice bytes, size_t num_fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(MANY * sizeof(int))];
	} room = {0};
	struct iovec part = {
	    .iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.len};
	struct msghdr m = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = room.bytes,
	    .msg_controllen = CMSG_SPACE(num_fds * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = open_null();

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(num_fds * sizeof(int));
	for (size_t i = 0; i < num_fds; i++)
		memcpy(CMSG_DATA(c) + i * sizeof fd, &fd, sizeof fd);
	assert_int_equal(sendmsg(p->raw, &m, 0), (ssize_t)bytes.len);
	(void)close(fd);
}

/* However many a peer offers, one is kept and the others are not left open. */
static void
several_leave_one(void **state)
{
	pair *p = *state;

	for (size_t num = 1; num <= MANY; num++) {
		size_t before = num_open();
		int got;

		send_raw(p, SGL_LIT("\0\0\0\2\0\3ab"), num);
		assert_receives(p, 3, "ab");
		got = sgl_channel_take_fd(p->to);
		assert_true(is_null(got));
		(void)close(got);
		assert_int_equal(num_open(), before);
	}
}

/* Behind the first byte of a message none is looked for. */
static void
one_at_the_wrong_place_is_dropped(void **state)
{
	pair *p = *state;
	size_t before = num_open();

	assert_int_equal(send(p->raw, "\0\0\0\2", 4, 0), 4);
	send_raw(p, SGL_LIT("\0\3a"), 2);
	send_raw(p, SGL_LIT("b"), 1);
	assert_receives(p, 3, "ab");
	assert_int_equal(sgl_channel_take_fd(p->to), -1);
	assert_int_equal(num_open(), before);
}

static void
one_that_is_none_is_not_sent(void **state)
{
	pair *p = *state;

	assert_int_equal(
	    sgl_channel_send_fd(p->from, 1, SGL_LIT("x"), 255, NULL), SGL_E_IO);
	assert_int_equal(
	    sgl_channel_send(p->from, 1, SGL_LIT("x"), NULL), SGL_E_IO);
}

static void
who_says_nothing_is_not_waited_for(void **state)
{
	pair *p = *state;
	sgl_slice body;
	unsigned type;
	bool ended;

	assert_int_equal(sgl_channel_patience(p->to, 1, NULL), SGL_OK);
	assert_true(sgl_channel_is_open(p->to));
	assert_int_equal(
	    sgl_channel_receive(p->to, 100, &type, &body, &ended, NULL),
	    SGL_E_IO);
	/* What comes now would be taken for another answer. */
	assert_true(sgl_channel_is_late(p->to));
	assert_false(sgl_channel_is_open(p->to));
}

/* A byte now and then, which the kernel would wait for each time anew. */
static pid_t
drip(int socket, sgl_slice bytes)
{
	const struct timespec pause = {.tv_nsec = 300000000};
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (size_t i = 0; i < bytes.len; i++) {
		(void)send(socket, bytes.data + i, 1, MSG_NOSIGNAL);
		(void)nanosleep(&pause, NULL);
	}
	_exit(0);
}

static void
who_says_little_is_not_waited_for(void **state)
{
	pair *p = *state;
	const time_t began = time(NULL);
	sgl_slice body;
	unsigned type;
	bool ended;
	pid_t pid =
	    drip(p->raw, SGL_LIT("\0\0\0\60\0\3as slow as one likes to be"));

	assert_int_equal(sgl_channel_patience(p->to, 1, NULL), SGL_OK);
	assert_int_equal(
	    sgl_channel_receive(p->to, 100, &type, &body, &ended, NULL),
	    SGL_E_IO);
	assert_true(sgl_channel_is_late(p->to));
	assert_true(time(NULL) - began <= 4);
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
who_is_gone_or_speaks_unasked_is_not_there(void **state)
{
	pair *p = *state;

	assert_true(sgl_channel_is_open(p->to));
	assert_int_equal(
	    sgl_channel_send(p->from, 1, SGL_LIT("unasked"), NULL), SGL_OK);
	assert_false(sgl_channel_is_open(p->to));
	assert_receives(p, 1, "unasked");
	assert_true(sgl_channel_is_open(p->to));
	sgl_channel_free(p->from);
	p->from = NULL;
	assert_false(sgl_channel_is_open(p->to));
	assert_false(sgl_channel_is_late(p->to));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(one_comes_along, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_nobody_takes_is_closed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		several_leave_one, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_at_the_wrong_place_is_dropped, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_that_is_none_is_not_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		who_says_nothing_is_not_waited_for, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		who_says_little_is_not_waited_for, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		who_is_gone_or_speaks_unasked_is_not_there, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
