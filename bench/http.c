/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-http PORT PATH [BODY-FILE [SECONDS [CONNECTIONS]]]: how many requests a
 * server on 127.0.0.1 answers in a second, each connection asking again as soon
 * as it has its answer. With a body it is POST, of an OCSP request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512
#define REQUEST_MAX 8192
#define ANSWER_MAX 65536

typedef struct connection {
	int fd;
	char got[ANSWER_MAX];
	size_t len;
} connection;

static struct sockaddr_in place;
static char request[REQUEST_MAX];
static size_t request_len;
static connection connections[CONNECTIONS_MAX];

static void
give_up(const char *what)
{
	(void)fprintf(stderr, "bench-http: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
read_body(const char *name, char *out, size_t max)
{
	FILE *f = fopen(name, "rb");
	size_t len;

	if (f == NULL)
		give_up(name);
	len = fread(out, 1, max, f);
	(void)fclose(f);
	return len;
}

static void
make_request(const char *path, const char *body_file)
{
	char body[REQUEST_MAX / 2];
	size_t len = 0;
	int n;

	if (body_file == NULL) {
		n = snprintf(request, sizeof request,
		    "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
	} else {
		len = read_body(body_file, body, sizeof body);
		n = snprintf(request, sizeof request,
		    "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
		    "application/ocsp-request\r\nContent-Length: %zu\r\n\r\n",
		    path, len);
	}
	if (n < 0 || (size_t)n + len > sizeof request)
		give_up("request");
	request_len = (size_t)n;
	if (len > 0)
		memcpy(request + request_len, body, len);
	request_len += len;
}

static void
dial(connection *c)
{
	const int yes = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->len = 0;
	if (c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)&place, sizeof place) != 0)
		give_up("connect");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void
say(connection *c)
{
	if (send(c->fd, request, request_len, MSG_NOSIGNAL) !=
	    (ssize_t)request_len)
		give_up("send");
}

/* Whether the answer is whole. */
static int
is_whole(const connection *c)
{
	const char *end = memmem(c->got, c->len, "\r\n\r\n", 4), *length;
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - c->got) + 4;
	length = strcasestr(c->got, "content-length:");
	if (length == NULL || length > end)
		return 0;
	return c->len >= head + strtoul(length + 15, NULL, 10);
}

static void
check(const connection *c)
{
	if (strncmp(c->got, "HTTP/1.1 200", 12) == 0 ||
	    strncmp(c->got, "HTTP/1.0 200", 12) == 0)
		return;
	(void)fprintf(stderr, "bench-http: %.60s\n", c->got);
	exit(1);
}

/* One that is closed behind each answer is dialled again. */
static unsigned
hear(connection *c)
{
	ssize_t n = recv(c->fd, c->got + c->len, sizeof c->got - 1 - c->len, 0);
	unsigned whole = 0;

	if (n > 0) {
		c->len += (size_t)n;
		c->got[c->len] = '\0';
		if (!is_whole(c))
			return 0;
		whole = 1;
	} else if (c->len > 0) {
		whole = 1;
	}
	if (whole)
		check(c);
	if (n <= 0) {
		(void)close(c->fd);
		dial(c);
	}
	c->len = 0;
	say(c);
	return whole;
}

static double
run(size_t num, double seconds)
{
	struct pollfd polls[CONNECTIONS_MAX];
	double start = now(), end = start + seconds, last = start;
	unsigned long done = 0;

	for (size_t i = 0; i < num; i++) {
		dial(&connections[i]);
		say(&connections[i]);
	}
	while (last < end) {
		for (size_t i = 0; i < num; i++)
			polls[i] =
			    (struct pollfd){connections[i].fd, POLLIN, 0};
		if (poll(polls, num, 10000) <= 0)
			give_up("no answer");
		for (size_t i = 0; i < num; i++)
			if (polls[i].revents != 0)
				done += hear(&connections[i]);
		last = now();
	}
	return (double)done / (last - start);
}

int
main(int argc, char **argv)
{
	size_t num = argc > 5 ? strtoul(argv[5], NULL, 10) : 32;

	if (argc < 3 || num == 0 || num > CONNECTIONS_MAX) {
		(void)fprintf(stderr,
		    "usage: bench-http PORT PATH [BODY-FILE|- [SECONDS "
		    "[CONNECTIONS]]]\n");
		return 2;
	}
	place = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	make_request(
	    argv[2], argc > 3 && strcmp(argv[3], "-") != 0 ? argv[3] : NULL);
	(void)printf("%.0f\n", run(num, argc > 4 ? strtod(argv[4], NULL) : 3));
	return 0;
}
