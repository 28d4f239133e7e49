/* SPDX-License-Identifier: Apache-2.0 */
/* A server in a process of its own; what it understood is its answer's text. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/http.h"

#define BODY_MAX 1000
#define FEW 32 /* descriptors that the server may have */

static struct sockaddr_in place;
static pid_t server;

/* "METHOD PATH TYPE LENGTH" */
static void
on_request(void *ctx, const sgl_http_request *r, sgl_http_exchange *exchange)
{
	static const char *const methods[] = {"GET", "HEAD", "POST"};
	char text[4096];
	const int len = snprintf(text, sizeof text, "[%s %s %s %zu]",
	    methods[r->method], r->path, r->type, r->body.len);
	const sgl_http_answer answer = {.status = 200,
	    .type = "text/plain",
	    .body = sgl_slice_of(text, (size_t)len),
	    .max_age = strcmp(r->path, "/kept") == 0 ? 60 : 0};

	(void)ctx;
	sgl_http_answer_send(exchange, &answer);
}

/* Fewer than descriptors, in the second half of these tests. */
static sgl_http_limits limits = {SGL_HTTP_CONNECTIONS, 60, 60};

static int
serve(int fd)
{
	const struct rlimit few = {.rlim_cur = FEW, .rlim_max = FEW};
	sgl_loop *loop;
	sgl_http *http;

	return setrlimit(RLIMIT_NOFILE, &few) == 0 &&
		sgl_loop_new_for_many(&loop, NULL) == SGL_OK &&
		sgl_http_new(loop, fd, BODY_MAX, on_request, NULL, &http,
		    NULL) == SGL_OK &&
		(sgl_http_limit(http, &limits), true) &&
		sgl_loop_run(loop, NULL) == SGL_OK
	    ? 0
	    : 1;
}

/* A port that is free, or at least was just now. */
static void
find_place(void)
{
	socklen_t len = sizeof place;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	place = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&place, sizeof place), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &len), 0);
	(void)close(fd);
}

static const char *
name_place(void)
{
	static char name[32];

	(void)snprintf(
	    name, sizeof name, "127.0.0.1:%u", (unsigned)ntohs(place.sin_port));
	return name;
}

static int
set_up(void **state)
{
	int fd;

	(void)state;
	find_place();
	assert_int_equal(sgl_listen(name_place(), &fd, NULL), SGL_OK);
	server = fork();
	if (server == 0)
		_exit(serve(fd));
	(void)close(fd);
	return 0;
}

/* It is still there, whatever was said to it. */
static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(waitpid(server, NULL, WNOHANG), 0);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
	return 0;
}

static int
dial(void)
{
	const struct timeval limit = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&place, sizeof place), 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* All that is answered until the server closes; with our half closed it does
 * once it has answered. */
static const char *
ask(const char *text)
{
	static char got[16384];
	size_t len = 0;
	ssize_t n;
	int fd = dial();

	say(fd, text);
	while ((n = recv(fd, got + len, sizeof got - 1 - len, 0)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	got[len] = '\0';
	(void)close(fd);
	return got;
}

#define LAST "Host: x\r\nConnection: close\r\n\r\n"

static void
assert_answer(const char *request, const char *line, const char *part)
{
	const char *got = ask(request);

	if (strncmp(got, line, strlen(line)) != 0 || strstr(got, part) == NULL)
		fail_msg("to %.200s: %s", request, got);
}

static void
methods(void **state)
{
	(void)state;
	assert_answer("GET /a%20b HTTP/1.1\r\n" LAST, "HTTP/1.1 200 OK\r\n",
	    "\r\n\r\n[GET /a b  0]");
	assert_answer("POST /x HTTP/1.1\r\nContent-Type: a/b\r\n"
		      "Content-Length: 5\r\n" LAST "12345",
	    "HTTP/1.1 200 OK\r\n", "\r\n\r\n[POST /x a/b 5]");
	assert_answer("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" LAST
		      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "\r\n\r\n[POST /x  5]");
	assert_answer("HEAD /x HTTP/1.1\r\n" LAST, "HTTP/1.1 200 OK\r\n",
	    "\r\nContent-Length: 12\r\n");
	assert_null(strchr(ask("HEAD /x HTTP/1.1\r\n" LAST), '['));
	assert_answer("DELETE /x HTTP/1.1\r\n" LAST, "HTTP/1.1 501 ", "");
	assert_answer("BREW /x HTTP/1.1\r\n" LAST, "HTTP/1.1 ", "");
	assert_null(strchr(ask("BREW /x HTTP/1.1\r\n" LAST), '['));
}

static void
headers(void **state)
{
	(void)state;
	assert_answer("GET /kept HTTP/1.1\r\n" LAST, "HTTP/1.1 200",
	    "Cache-Control: public, max-age=60\r\n");
	assert_answer("GET /x HTTP/1.1\r\n" LAST, "HTTP/1.1 200",
	    "Cache-Control: no-store\r\n");
	assert_answer("GET /x HTTP/1.1\r\n" LAST, "HTTP/1.1 200",
	    "X-Content-Type-Options: nosniff\r\n");
	assert_answer("GET /x HTTP/1.1\r\n" LAST, "HTTP/1.1 200",
	    "Content-Type: text/plain\r\n");
}

/* A path with a NUL in it is none, and nobody is asked. */
static void
paths(void **state)
{
	(void)state;
	assert_answer("GET /a%00b HTTP/1.1\r\n" LAST, "HTTP/1.1 400 ", "");
	assert_answer("GET * HTTP/1.1\r\n" LAST, "HTTP/1.1 400 ", "");
	assert_answer("GET /%zz%4 HTTP/1.1\r\n" LAST, "HTTP/1.1 ", "\r\n\r\n");
	assert_answer("GET /x?y=%00 HTTP/1.1\r\n" LAST, "HTTP/1.1 200 OK\r\n",
	    "[GET /x  0]");
}

static void
too_much(void **state)
{
	static char text[20000];
	int len = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nX: ");

	(void)state;
	assert_answer("POST /x HTTP/1.1\r\nContent-Length: 1001\r\n" LAST "x",
	    "HTTP/1.1 413 ", "");
	assert_null(
	    strstr(ask("POST /x HTTP/1.1\r\n"
		       "Transfer-Encoding: chunked\r\n" LAST "fffffff\r\nabc"),
		"200 OK"));
	memset(text + len, 'x', 9000);
	(void)strcpy(text + len + 9000, "\r\n" LAST);
	assert_answer(text, "HTTP/1.1 4", "");
	assert_answer("POST /x HTTP/1.1\r\nContent-Length: -1\r\n" LAST "x",
	    "HTTP/1.1 4", "");
}

static void
read_until(int fd, const char *what, unsigned times)
{
	char got[8192] = {0};
	size_t len = 0;

	while (times > 0) {
		const char *at = got;
		unsigned found = 0;
		ssize_t n = recv(fd, got + len, sizeof got - 1 - len, 0);

		assert_true(n > 0);
		len += (size_t)n;
		while ((at = strstr(at, what)) != NULL) {
			at++;
			found++;
		}
		if (found >= times)
			return;
	}
}

static void
one_connection_many_requests(void **state)
{
	int fd = dial();

	(void)state;
	for (int i = 0; i < 5; i++) {
		say(fd, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
		read_until(fd, "[GET /again  0]", 1);
	}
	say(fd, "HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, "\r\n\r\n", 1);
	say(fd,
	    "GET /p HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /p HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /p HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, "[GET /p  0]", 3);
	(void)close(fd);
}

/* Somebody who dawdles keeps nobody else waiting. */
static void
a_slow_one_is_alone(void **state)
{
	int slow = dial();

	(void)state;
	for (const char *c = "GET /slow HTTP/1.1\r\n"; *c != '\0'; c++) {
		assert_int_equal(send(slow, c, 1, MSG_NOSIGNAL), 1);
		if (*c == ' ')
			assert_answer("GET /fast HTTP/1.1\r\n" LAST,
			    "HTTP/1.1 200", "[GET /fast  0]");
	}
	say(slow, "Host: x\r\n\r\n");
	read_until(slow, "[GET /slow  0]", 1);
	(void)close(slow);
}

/* The ticks that the server has computed for. */
static unsigned long
spent(void)
{
	unsigned long user = 0, system = 0;
	char name[64];
	FILE *f;

	(void)snprintf(name, sizeof name, "/proc/%d/stat", (int)server);
	f = fopen(name, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f,
			     "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u "
			     "%*u %*u %lu %lu",
			     &user, &system),
	    2);
	(void)fclose(f);
	return user + system;
}

/* More than it can take: the server waits in peace, and then goes on. */
static void
too_many_at_once(void **state)
{
	const struct timespec pause = {.tv_sec = 2};
	int fds[2 * FEW];
	unsigned long before;

	(void)state;
	for (int i = 0; i < 2 * FEW; i++)
		fds[i] = dial();
	before = spent();
	(void)nanosleep(&pause, NULL);
	assert_in_range(spent() - before, 0, 20);
	for (int i = 0; i < 2 * FEW; i++)
		(void)close(fds[i]);
	assert_answer(
	    "GET /after HTTP/1.1\r\n" LAST, "HTTP/1.1 200", "[GET /after  0]");
}

static int
set_up_narrow(void **state)
{
	limits = (sgl_http_limits){3, 2, 60};
	return set_up(state);
}

static bool
is_closed(int fd)
{
	const struct timeval limit = {.tv_sec = 8};
	char byte;

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	return recv(fd, &byte, 1, 0) == 0;
}

/* Whoever drips has a place until it is late; then others get theirs. */
static void
who_drips_goes(void **state)
{
	const struct timespec pause = {.tv_nsec = 500000000};
	int fds[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		fds[i] = dial();
	for (int turn = 0; turn < 3; turn++) {
		for (int i = 0; i < 3; i++)
			assert_int_equal(send(fds[i], &"GET"[turn], 1, 0), 1);
		(void)nanosleep(&pause, NULL);
	}
	/* A fourth waits its turn, which comes. */
	assert_answer(
	    "GET /after HTTP/1.1\r\n" LAST, "HTTP/1.1 200", "[GET /after  0]");
	for (int i = 0; i < 3; i++) {
		assert_true(is_closed(fds[i]));
		(void)close(fds[i]);
	}
}

/* Each request on it begins the time anew. */
static void
who_asks_stays(void **state)
{
	static const char request[] = "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n";
	const struct timespec pause = {.tv_sec = 1};
	char answer[4096];
	int fd = dial();

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(send(fd, request, sizeof request - 1, 0),
		    sizeof request - 1);
		assert_true(recv(fd, answer, sizeof answer, 0) > 0);
		(void)nanosleep(&pause, NULL);
	}
	(void)close(fd);
}

static void
places_to_listen(void **state)
{
	static const char *const wrong[] = {"", "8080", "here:1", "127.0.0.1",
	    "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:0",
	    "[::1:1", "::1", NULL};
	sgl_err err = {0};
	int fd = -1;

	(void)state;
	for (const char *const *w = wrong; *w != NULL; w++) {
		if (sgl_listen(*w, &fd, &err) != SGL_E_USAGE)
			fail_msg("%s", *w);
		assert_int_equal(err.status, SGL_E_USAGE);
	}
	assert_int_equal(sgl_listen(name_place(), &fd, &err), SGL_E_IO);
	assert_non_null(strstr(err.detail, name_place()));
}

/* Of "a=..." what is there, in ten bytes. */
static void
queries(void **state)
{
	static const struct {
		const char *query, *want;
	} table[] = {
	    {"a=b", "b"},
	    {"x=y&a=b", "b"},
	    {"a=b&a=c", "b"},
	    {"a=", ""},
	    {"a=%41%2b+", "A++"},
	    {"a=%4", NULL},
	    {"a=%", NULL},
	    {"a=%4g", NULL},
	    {"a=%4&b", NULL},
	    {"aa=b", NULL},
	    {"a", NULL},
	    {"", NULL},
	    {"&&a=b", "b"},
	    {"a=0123456789", "0123456789"},
	    {"a=0123456789a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(10);
		bool found = sgl_http_query_find(table[i].query, "a", &out);

		assert_int_equal(found, table[i].want != NULL);
		if (found)
			assert_true(sgl_slice_eq(
			    sgl_buf_slice(&out), sgl_slice_str(table[i].want)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(queries),
	    cmocka_unit_test(methods),
	    cmocka_unit_test(headers),
	    cmocka_unit_test(paths),
	    cmocka_unit_test(too_much),
	    cmocka_unit_test(one_connection_many_requests),
	    cmocka_unit_test(a_slow_one_is_alone),
	    cmocka_unit_test(too_many_at_once),
	    cmocka_unit_test(places_to_listen),
	};

	const struct CMUnitTest narrow[] = {
	    cmocka_unit_test(who_drips_goes),
	    cmocka_unit_test(who_asks_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down) +
	    cmocka_run_group_tests(narrow, set_up_narrow, tear_down);
}
