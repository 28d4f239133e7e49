/* SPDX-License-Identifier: Apache-2.0 */
/* A server with TLS in a process of its own, and openssl at the other end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/http.h"
#include "support/folder.h"

static sgl_folder folder;
static char place[32];
static pid_t server;

static void
make_cert(const char *name, const char *more)
{
	char command[512];

	(void)snprintf(command, sizeof command,
	    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 %s "
	    "-keyout %s.key -out %s.pem -days 30 -subj /CN=localhost "
	    "-addext subjectAltName=IP:127.0.0.1 2>/dev/null",
	    more, name, name);
	sgl_folder_run(&folder, command);
}

static sgl_status
load(const char *chain, const char *key, sgl_tls **out)
{
	SGL_AUTO_CLEAR(sgl_buf) c = sgl_folder_read(&folder, chain);
	SGL_AUTO_CLEAR(sgl_buf) k = sgl_folder_read(&folder, key);

	return sgl_tls_new(sgl_buf_slice(&c), sgl_buf_slice(&k), out, NULL);
}

/* "PATH QUERY CLIENT": how long the client's certificate is, if it has one. */
static void
on_request(void *ctx, const sgl_http_request *r, sgl_http_exchange *exchange)
{
	char text[1024];
	const int len = snprintf(text, sizeof text, "[%s %s %s]", r->path,
	    r->query, r->client.len > 0 ? "known" : "nobody");
	const sgl_http_answer answer = {.status = 200,
	    .type = "text/plain",
	    .body = sgl_slice_of(text, (size_t)len)};

	(void)ctx;
	assert_true(r->is_private);
	sgl_http_answer_send(exchange, &answer);
}

static int
serve(int fd)
{
	sgl_loop *loop;
	sgl_http *http;
	sgl_tls *tls;

	if (load("server.pem", "server.key", &tls) != SGL_OK ||
	    sgl_loop_new_for_many(&loop, NULL) != SGL_OK ||
	    sgl_http_new(loop, fd, 1000, on_request, NULL, &http, NULL) !=
		SGL_OK)
		return 1;
	sgl_http_use_tls(http, tls);
	return sgl_loop_run(loop, NULL) == SGL_OK ? 0 : 1;
}

static void
find_place(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(
	    place, sizeof place, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
	(void)close(fd);
}

static int
set_up(void **state)
{
	int fd;

	(void)state;
	sgl_folder_make(&folder);
	sgl_folder_need("openssl");
	make_cert("server", "-nodes");
	make_cert("other", "-nodes");
	make_cert("locked", "-passout pass:secret");
	find_place();
	assert_int_equal(sgl_listen(place, &fd, NULL), SGL_OK);
	server = fork();
	if (server == 0)
		_exit(serve(fd));
	(void)close(fd);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(waitpid(server, NULL, WNOHANG), 0);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
	sgl_folder_remove(&folder);
	return 0;
}

/* What openssl is answered for "GET /path?query" holds `want`. */
static void
expect_answer(const char *options, const char *want)
{
	char command[512];

	(void)snprintf(command, sizeof command,
	    "printf 'GET /x?a=b HTTP/1.1\\r\\nHost: h\\r\\nConnection: close"
	    "\\r\\n\\r\\n' | openssl s_client -quiet -connect %s -CAfile "
	    "server.pem -verify_return_error %s 2>/dev/null > answer; "
	    "grep -qF '%s' answer",
	    place, options, want);
	sgl_folder_run(&folder, command);
}

static void
speaks(void **state)
{
	(void)state;
	expect_answer("", "[/x a=b nobody]");
	expect_answer("-tls1_2", "[/x a=b nobody]");
}

static void
who_has_a_certificate(void **state)
{
	(void)state;
	expect_answer("-cert other.pem -key other.key", "[/x a=b known]");
	expect_answer(
	    "-tls1_2 -cert other.pem -key other.key", "[/x a=b known]");
}

static void
not_old_ones(void **state)
{
	char command[256];

	(void)state;
	(void)snprintf(command, sizeof command,
	    "! openssl s_client -connect %s -tls1_1 -cipher ALL:@SECLEVEL=0 "
	    "</dev/null >out 2>&1",
	    place);
	sgl_folder_run(&folder, command);
}

/* Whoever does not speak TLS, or stops in the middle, disturbs nobody. */
static void
others(void **state)
{
	char command[256];

	(void)state;
	(void)snprintf(command, sizeof command,
	    "for what in GET '\\026\\003\\001\\377\\377' ''; do "
	    "exec 5<>/dev/tcp/127.0.0.1/%s; printf \"$what\" >&5; "
	    "exec 5>&-; done",
	    strchr(place, ':') + 1);
	sgl_folder_write(&folder, "others", sgl_slice_str(command));
	sgl_folder_run(&folder, "bash others");
	expect_answer("", "[/x a=b nobody]");
}

static void
files(void **state)
{
	static const struct {
		const char *chain, *key;
		sgl_status want;
	} table[] = {
	    {"server.pem", "server.key", SGL_OK},
	    {"server.pem", "other.key", SGL_E_MISMATCH},
	    {"server.key", "server.key", SGL_E_ENCODING},
	    {"server.pem", "server.pem", SGL_E_ENCODING},
	    {"locked.pem", "locked.key", SGL_E_ENCODING},
	    {"empty", "server.key", SGL_E_ENCODING},
	    {"server.pem", "empty", SGL_E_ENCODING},
	};

	(void)state;
	sgl_folder_write(&folder, "empty", SGL_LIT(""));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SGL_AUTO(sgl_tls)
		tls = NULL;
		assert_int_equal(
		    load(table[i].chain, table[i].key, &tls), table[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files),
	    cmocka_unit_test(speaks),
	    cmocka_unit_test(who_has_a_certificate),
	    cmocka_unit_test(not_old_ones),
	    cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
