/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering small HTTP/1.1 requests (RFC 9112) on a listening socket, many at a
 * time, with keep-alive. What a stranger sends is bounded: header section,
 * body, time; so is how many there may be at once: others wait until somebody
 * has gone. The syntax is libevent's; what is asked for, the caller's.
 */
#ifndef SGL_NET_HTTP_H
#define SGL_NET_HTTP_H

#include "base/buf.h"
#include "net/loop.h"
#include "net/tls.h"

typedef enum sgl_http_method {
	SGL_HTTP_GET,
	SGL_HTTP_HEAD,
	SGL_HTTP_POST
} sgl_http_method;

typedef struct sgl_http_request {
	sgl_http_method method;
	const char *path;	   /* percent-decoded, begins with '/' */
	const char *query;	   /* as it came, percent-encoded; "" if none */
	const char *type;	   /* Content-Type; "" if none */
	const char *authorization; /* "" if none */
	sgl_slice body;
	/* TLS: the certificate of the client, which has the key of it; else
	 * empty. */
	sgl_slice client;
	bool is_private; /* TLS */
} sgl_http_request;

/* Bytes that many answers share and that are copied for none; counted. */
typedef struct sgl_http_shared {
	unsigned refs;
	size_t len;
	uint8_t bytes[];
} sgl_http_shared;
SGL_MUST sgl_status sgl_http_shared_new(
    sgl_slice bytes, sgl_http_shared **out, sgl_err *err);
sgl_http_shared *sgl_http_shared_ref(sgl_http_shared *s);
void sgl_http_shared_unref(sgl_http_shared *s);

typedef struct sgl_http_answer {
	int status;		 /* 200 */
	const char *type;	 /* Content-Type; NULL: none */
	sgl_slice body;		 /* copied */
	sgl_http_shared *shared; /* in its place, not copied; borrowed */
	unsigned max_age;	 /* seconds that caches may keep it; 0: none */
	bool is_base64;		 /* the body is (Content-Transfer-Encoding) */
	const char *authenticate;
	unsigned retry_after; /* seconds, with 503; 0: nothing is said */
	const char *allow;    /* with 405; NULL: none */
	/* ETag, without its quotes; NULL: none. Whoever has that one already
	 * gets 304 in place of 200. */
	const char *tag;
	sgl_time last_modified, expires; /* 0: not said */
} sgl_http_answer;

/* One request that waits for its answer; exactly one sgl_http_answer_send ends
 * it, now or later. */
typedef struct sgl_http_exchange sgl_http_exchange;
typedef void sgl_http_on_request(
    void *ctx, const sgl_http_request *request, sgl_http_exchange *exchange);
/* Called when an answer is on its way, with the path of its request. */
typedef void sgl_http_on_answered(void *ctx, const char *path, int status);
void sgl_http_answer_send(
    sgl_http_exchange *exchange, const sgl_http_answer *answer);

/* sgl_http_query_find appends what stands behind "NAME=" in a query, without
 * its percent-encoding; a '+' stays one. False: it is not there, or it is
 * malformed, or longer than out->max. */
SGL_MUST bool
sgl_http_query_find(const char *query, const char *name, sgl_buf *out);

typedef struct sgl_http sgl_http;
/* sgl_http_new takes `fd`, a socket that listens already, on success.
 * `max_body`: longer ones are answered with 413. */
SGL_MUST sgl_status sgl_http_new(sgl_loop *loop, int fd, size_t max_body,
    sgl_http_on_request *on_request, void *ctx, sgl_http **out, sgl_err *err);
/* sgl_http_use_tls: connections are accepted with TLS from now on; `tls` is
 * borrowed, until another takes its place. */
void sgl_http_use_tls(sgl_http *http, sgl_tls *tls);
/* sgl_http_watch: this is called for every answer from now on. */
void
sgl_http_watch(sgl_http *http, sgl_http_on_answered *on_answered, void *ctx);
/* sgl_http_limit sets other limits than the usual ones. */
typedef struct sgl_http_limits {
	unsigned connections; /* at most SGL_HTTP_CONNECTIONS */
	/* Seconds that a request may take to arrive, and an idle connection
	 * may last; and that an answer may take to be read. */
	unsigned request, answer;
} sgl_http_limits;
#define SGL_HTTP_CONNECTIONS 900u
void sgl_http_limit(sgl_http *http, const sgl_http_limits *limits);
/* No exchange may wait any more. */
void sgl_http_free(sgl_http *http);

/* sgl_listen_check: could sgl_listen understand that text? SGL_E_USAGE. */
SGL_MUST sgl_status sgl_listen_check(const char *where, sgl_err *err);
/* sgl_listen opens a socket for "HOST:PORT" ("127.0.0.1:8080", "[::1]:8080").
 * SGL_E_USAGE: it is no such text; SGL_E_IO: it cannot be had (err->detail). */
SGL_MUST sgl_status sgl_listen(const char *where, int *fd, sgl_err *err);

#endif
