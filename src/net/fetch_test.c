/* SPDX-License-Identifier: Apache-2.0 */
/* Against a server of our own in another process, which answers one request in
 * the way that the test says, and tells what it was sent. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/fetch.h"

static int listener;
static unsigned port;

static int
set_up(void **state)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;

	(void)state;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(listener, 8) != 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &len) != 0)
		return -1;
	port = ntohs(at.sin_port);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return close(listener);
}

/* Answers one request; an answer of NULL never comes. What was asked can be
 * read from the pipe. */
static pid_t
serve(const char *answer, int *asked)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		char request[4096];
		int fd = accept(listener, NULL, NULL);
		ssize_t n = recv(fd, request, sizeof request, 0);

		(void)!write(ends[1], request, n > 0 ? (size_t)n : 0);
		if (answer == NULL)
			(void)sleep(60);
		else
			(void)!write(fd, answer, strlen(answer));
		_exit(0);
	}
	(void)close(ends[1]);
	*asked = ends[0];
	return pid;
}

static void
fetch(const sgl_fetch_order *wish, const char *host, sgl_fetched *out)
{
	char url[256];
	sgl_fetch_order order = *wish;
	sgl_err err = {0};

	(void)snprintf(url, sizeof url, "http://%s:%u/x", host, port);
	order.url = url;
	order.max = 1000;
	if (order.seconds == 0)
		order.seconds = 10;
	if (sgl_fetch(&order, out, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
}

static void
what_was_asked(int fd, pid_t pid, char *out, size_t max)
{
	ssize_t n = read(fd, out, max - 1);

	assert_true(n > 0);
	out[n] = '\0';
	(void)close(fd);
	(void)waitpid(pid, NULL, 0);
}

static void
a_name_is_found_by_ourselves(void **state)
{
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};
	char asked[4096];
	int fd;
	pid_t pid =
	    serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", &fd);

	(void)state;
	fetch(&(sgl_fetch_order){.seconds = 0}, "localhost", &f);
	assert_int_equal(f.fault, SGL_FETCH_GOOD);
	assert_true(sgl_slice_eq(sgl_buf_slice(&f.body), SGL_LIT("hi")));
	what_was_asked(fd, pid, asked, sizeof asked);
	assert_memory_equal(asked, "GET /x HTTP/1.1\r\nHost: localhost:", 33);
}

static void
a_body_is_posted(void **state)
{
	const sgl_fetch_order order = {
	    .body = SGL_LIT("question"), .type = "application/x-question"};
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};
	char asked[4096];
	int fd;
	pid_t pid = serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &fd);

	(void)state;
	fetch(&order, "127.0.0.1", &f);
	assert_int_equal(f.fault, SGL_FETCH_GOOD);
	what_was_asked(fd, pid, asked, sizeof asked);
	assert_memory_equal(asked, "POST /x HTTP/1.1\r\n", 18);
	assert_non_null(
	    strstr(asked, "\r\nContent-Type: application/x-question\r\n"));
	assert_non_null(strstr(asked, "\r\n\r\nquestion"));
}

static bool
somebody_waits(void)
{
	struct pollfd waiting = {.fd = listener, .events = POLLIN};

	return poll(&waiting, 1, 0) > 0;
}

/* However the address came about, nobody is connected to. */
static void
no_private_address_is_asked(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost",
	    "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1"};

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		SGL_AUTO_CLEAR(sgl_fetched) f = {0};

		fetch(&(sgl_fetch_order){.only_public = true}, hosts[i], &f);
		if (f.fault != SGL_FETCH_PRIVATE)
			fail_msg("%s: %d", hosts[i], (int)f.fault);
	}
	assert_false(somebody_waits());
}

static void
a_redirect_is_told(void **state)
{
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};
	char asked[4096];
	int fd;
	pid_t pid = serve("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n"
			  "Content-Length: 0\r\n\r\n",
	    &fd);

	(void)state;
	fetch(&(sgl_fetch_order){.seconds = 0}, "127.0.0.1", &f);
	assert_int_equal(f.fault, SGL_FETCH_REDIRECT);
	assert_string_equal(f.where, "http://10.0.0.1/");
	what_was_asked(fd, pid, asked, sizeof asked);
}

static bool
is_over(void *ctx)
{
	return ++*(int *)ctx > 1;
}

static void
it_ends_when_it_is_over(void **state)
{
	int times = 0;
	const sgl_fetch_order order = {
	    .seconds = 50, .is_over = is_over, .ctx = &times};
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};
	int fd;
	pid_t pid = serve(NULL, &fd);

	(void)state;
	fetch(&order, "127.0.0.1", &f);
	assert_int_not_equal(f.fault, SGL_FETCH_GOOD);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(fd);
}

static void
names_and_urls_that_are_none(void **state)
{
	static const char *const hosts[] = {"sigill.invalid", "a b", ""};

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		SGL_AUTO_CLEAR(sgl_fetched) f = {0};

		fetch(&(sgl_fetch_order){.seconds = 0}, hosts[i], &f);
		assert_int_equal(f.fault, SGL_FETCH_NAME);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_name_is_found_by_ourselves),
	    TEST(a_body_is_posted),
	    TEST(no_private_address_is_asked),
	    TEST(a_redirect_is_told),
	    TEST(it_ends_when_it_is_over),
	    TEST(names_and_urls_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
