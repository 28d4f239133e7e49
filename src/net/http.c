/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "net/http.h"
#include "net/loop_inside.h"
#include "net/tls_inside.h"

#define ROOM "net.http"
#define HEADERS_MAX 8192
#define CLIENT_MAX ((size_t)64 << 10)
#define PATIENCE 30 /* seconds a connection may be silent */
#define REQUEST 60  /* seconds that a request may take */
#define ANSWER 600  /* seconds that reading an answer may take */

/* One connection. We hold it too, so that it can be looked at: libevent does
 * not tell which there are. */
typedef struct held {
	struct bufferevent *stream;
	time_t began; /* it, or what came behind its latest whole request */
} held;

struct sgl_http {
	struct evhttp *server;
	struct evconnlistener *listener; /* the server's */
	sgl_wait *again;
	sgl_tls *tls; /* NULL: plain */
	sgl_http_on_request *on_request;
	void *ctx;
	sgl_http_on_answered *on_answered; /* NULL: nobody counts */
	void *answered_ctx;
	sgl_http_limits limits;
	held held[SGL_HTTP_CONNECTIONS];
	size_t num_held;
};

/* libevent's request is the exchange. */
static struct evhttp_request *
request_of(sgl_http_exchange *e)
{
	return (struct evhttp_request *)(void *)e;
}

static const char *
reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 415:
		return "Unsupported Media Type";
	case 503:
		return "Service Unavailable";
	default:
		return "Error";
	}
}

sgl_status
sgl_http_shared_new(sgl_slice bytes, sgl_http_shared **out, sgl_err *err)
{
	sgl_http_shared *s = sgl_mem_resize(NULL, sizeof *s + bytes.len);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->refs = 1;
	s->len = bytes.len;
	if (bytes.len > 0)
		memcpy(s->bytes, bytes.data, bytes.len);
	*out = s;
	return SGL_OK;
}

sgl_http_shared *
sgl_http_shared_ref(sgl_http_shared *s)
{
	s->refs++;
	return s;
}

void
sgl_http_shared_unref(sgl_http_shared *s)
{
	if (s != NULL && --s->refs == 0)
		sgl_mem_free(s);
}

/* RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT" */
static void
add_time(struct evkeyvalq *out, const char *name, sgl_time t)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const sgl_civil c = sgl_time_to_civil(t);
	char text[64];

	if (t <= 0)
		return;
	(void)snprintf(text, sizeof text,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * (t / 86400 % 7), c.day, months + 3 * (c.month - 1),
	    c.year, c.hour, c.minute, c.second);
	(void)evhttp_add_header(out, name, text);
}

static void
add_validators(struct evkeyvalq *out, const sgl_http_answer *a)
{
	char tag[80];

	add_time(out, "Last-Modified", a->last_modified);
	add_time(out, "Expires", a->expires);
	if (a->tag == NULL)
		return;
	(void)snprintf(tag, sizeof tag, "\"%s\"", a->tag);
	(void)evhttp_add_header(out, "ETag", tag);
}

/* RFC 5019 6.2 wants more for what has a version. */
static void
add_age(struct evkeyvalq *out, const sgl_http_answer *a)
{
	char age[96] = "no-store";

	if (a->max_age > 0)
		(void)snprintf(age, sizeof age, "public, max-age=%u%s",
		    a->max_age,
		    a->tag == NULL ? "" : ", no-transform, must-revalidate");
	(void)evhttp_add_header(out, "Cache-Control", age);
}

static void
add_headers(struct evkeyvalq *out, const sgl_http_answer *a)
{
	char seconds[16];

	add_validators(out, a);
	if (a->allow != NULL)
		(void)evhttp_add_header(out, "Allow", a->allow);
	if (a->type != NULL)
		(void)evhttp_add_header(out, "Content-Type", a->type);
	add_age(out, a);
	(void)evhttp_add_header(out, "X-Content-Type-Options", "nosniff");
	if (a->is_base64)
		(void)evhttp_add_header(
		    out, "Content-Transfer-Encoding", "base64");
	if (a->authenticate != NULL)
		(void)evhttp_add_header(
		    out, "WWW-Authenticate", a->authenticate);
	if (a->retry_after > 0) {
		(void)snprintf(seconds, sizeof seconds, "%u", a->retry_after);
		(void)evhttp_add_header(out, "Retry-After", seconds);
	}
}

static void
drop_shared(const void *bytes, size_t len, void *shared)
{
	(void)bytes;
	(void)len;
	sgl_http_shared_unref(shared);
}

static bool
add_shared(struct evbuffer *out, sgl_http_shared *s)
{
	if (evbuffer_add_reference(out, s->bytes, s->len, drop_shared,
		sgl_http_shared_ref(s)) == 0)
		return true;
	sgl_http_shared_unref(s);
	return false;
}

/* To HEAD goes the header section alone (RFC 9110 9.3.2); libevent would send
 * the body. */
static bool
add_body(
    struct evhttp_request *r, struct evbuffer *out, const sgl_http_answer *a)
{
	size_t size = a->shared != NULL ? a->shared->len : a->body.len;
	char len[24];

	if (evhttp_request_get_command(r) != EVHTTP_REQ_HEAD)
		return a->shared != NULL
		    ? add_shared(out, a->shared)
		    : evbuffer_add(out, a->body.data, size) == 0;
	(void)snprintf(len, sizeof len, "%zu", size);
	return evhttp_add_header(evhttp_request_get_output_headers(r),
		   "Content-Length", len) == 0;
}

static const char *
header_of(struct evhttp_request *r, const char *name)
{
	const char *value =
	    evhttp_find_header(evhttp_request_get_input_headers(r), name);

	return value == NULL ? "" : value;
}

/* RFC 9110 13.1.2: a list of tags, or all there are. */
static bool
is_known(struct evhttp_request *r, const sgl_http_answer *a)
{
	const char *tags = header_of(r, "If-None-Match");

	return a->status == 200 && a->tag != NULL &&
	    (strcmp(tags, "*") == 0 || strstr(tags, a->tag) != NULL);
}

void
sgl_http_answer_send(sgl_http_exchange *exchange, const sgl_http_answer *a)
{
	struct evhttp_request *r = request_of(exchange);
	struct evbuffer *body = evbuffer_new();
	int status = is_known(r, a) ? 304 : a->status;

	if (body == NULL || (status != 304 && !add_body(r, body, a)))
		status = 503;
	add_headers(evhttp_request_get_output_headers(r), a);
	evhttp_send_reply(r, status, reason_of(status), body);
	if (body != NULL)
		evbuffer_free(body);
}

static void
refuse(struct evhttp_request *r, int status)
{
	const sgl_http_answer a = {.status = status};

	sgl_http_answer_send((sgl_http_exchange *)(void *)r, &a);
}

static bool
read_method(struct evhttp_request *r, sgl_http_method *out)
{
	switch (evhttp_request_get_command(r)) {
	case EVHTTP_REQ_GET:
		*out = SGL_HTTP_GET;
		return true;
	case EVHTTP_REQ_HEAD:
		*out = SGL_HTTP_HEAD;
		return true;
	case EVHTTP_REQ_POST:
		*out = SGL_HTTP_POST;
		return true;
	default:
		return false;
	}
}

static sgl_slice
body_of(struct evhttp_request *r)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(r);
	size_t len = evbuffer_get_length(in);

	return sgl_slice_of(evbuffer_pullup(in, -1), len);
}

/* The path as it was meant; what is not text is none. */
static char *
path_of(struct evhttp_request *r)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	size_t len;
	char *decoded;

	if (path == NULL || path[0] != '/')
		return NULL;
	decoded = evhttp_uridecode(path, 0, &len);
	if (decoded != NULL && strlen(decoded) != len) {
		free(decoded);
		return NULL;
	}
	return decoded;
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
decode(const char *at, size_t len, sgl_buf *out)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)at[i];
		if (c == '%') {
			int high = i + 2 < len ? hex_of(at[i + 1]) : -1;
			int low = i + 2 < len ? hex_of(at[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (uint8_t)(high * 16 + low);
			i += 2;
		}
		if (sgl_buf_add(out, sgl_slice_of(&c, 1), NULL) != SGL_OK)
			return false;
	}
	return true;
}

bool
sgl_http_query_find(const char *query, const char *name, sgl_buf *out)
{
	size_t len = strlen(name);

	for (const char *at = query; at != NULL; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return decode(
			    at + len + 1, strcspn(at + len + 1, "&"), out);
	}
	return false;
}

static const char *
query_of(struct evhttp_request *r)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r);
	const char *query = uri == NULL ? NULL : evhttp_uri_get_query(uri);

	return query == NULL ? "" : query;
}

static struct bufferevent *
stream_of(struct evhttp_request *r)
{
	return evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(r));
}

static sgl_status
find_client(struct evhttp_request *r, sgl_buf *out)
{
	return sgl_tls_client(stream_of(r), out, NULL);
}

static time_t
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
note_request(sgl_http *http, const struct bufferevent *stream)
{
	for (size_t i = 0; i < http->num_held; i++)
		if (http->held[i].stream == stream)
			http->held[i].began = seconds_now();
}

static void
on_complete(struct evhttp_request *r, void *ctx)
{
	const sgl_http *http = ctx;
	char *path = path_of(r);

	http->on_answered(http->answered_ctx, path == NULL ? "" : path,
	    evhttp_request_get_response_code(r));
	free(path);
}

static void
pass_on(sgl_http *http, struct evhttp_request *r, sgl_http_request *request)
{
	SGL_AUTO_CLEAR(sgl_buf) client = sgl_buf_init(CLIENT_MAX);

	note_request(http, stream_of(r));
	/* Where TLS could not be begun, libevent would do without. */
	if (http->tls != NULL && !sgl_tls_is(stream_of(r))) {
		refuse(r, 503);
		return;
	}
	request->query = query_of(r);
	request->type = header_of(r, "Content-Type");
	request->authorization = header_of(r, "Authorization");
	request->body = body_of(r);
	request->is_private = http->tls != NULL;
	if (find_client(r, &client) != SGL_OK) {
		refuse(r, 503);
		return;
	}
	request->client = sgl_buf_slice(&client);
	http->on_request(http->ctx, request, (sgl_http_exchange *)(void *)r);
}

static void
on_http(struct evhttp_request *r, void *ctx)
{
	sgl_http_request request = {0};
	const sgl_http *http = ctx;
	char *path;

	if (http->on_answered != NULL)
		evhttp_request_set_on_complete_cb(r, on_complete, ctx);
	if (!read_method(r, &request.method)) {
		refuse(r, 405);
		return;
	}
	path = path_of(r);
	if (path == NULL) {
		refuse(r, 400);
		return;
	}
	request.path = path;
	pass_on(ctx, r, &request);
	free(path);
}

/* Is held by us alone: libevent has let go, which takes its callbacks away. */
static bool
is_gone(struct bufferevent *stream)
{
	bufferevent_data_cb on_read, on_write;
	bufferevent_event_cb on_event;
	void *ctx;

	bufferevent_getcb(stream, &on_read, &on_write, &on_event, &ctx);
	return on_event == NULL;
}

/* A dripping peer is told the same as a silent one. */
static bool
is_late(const sgl_http *http, const held *h, time_t now)
{
	bool is_reading =
	    evbuffer_get_length(bufferevent_get_output(h->stream)) > 0;

	return now - h->began >
	    (time_t)(is_reading ? http->limits.answer : http->limits.request);
}

static void
sweep(sgl_http *http)
{
	time_t now = seconds_now();
	size_t num = 0;

	for (size_t i = 0; i < http->num_held; i++) {
		held h = http->held[i];
		if (!is_gone(h.stream) && is_late(http, &h, now))
			bufferevent_trigger_event(
			    h.stream, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
		if (is_gone(h.stream))
			(void)bufferevent_decref(h.stream);
		else
			http->held[num++] = h;
	}
	http->num_held = num;
}

/* With as many as there may be, the next wait in the system's queue. */
static void
hold(sgl_http *http, struct bufferevent *stream)
{
	if (http->num_held + 1 >= http->limits.connections)
		sweep(http);
	bufferevent_incref(stream);
	http->held[http->num_held++] = (held){stream, seconds_now()};
	if (http->num_held >= http->limits.connections)
		(void)evconnlistener_disable(http->listener);
}

static struct bufferevent *
accept_one(struct event_base *base, void *ctx)
{
	sgl_http *http = ctx;
	struct bufferevent *stream = http->tls != NULL
	    ? sgl_tls_accept(http->tls, base)
	    : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (stream != NULL)
		hold(http, stream);
	return stream;
}

void
sgl_http_use_tls(sgl_http *http, sgl_tls *tls)
{
	http->tls = tls;
}

void
sgl_http_watch(sgl_http *http, sgl_http_on_answered *on_answered, void *ctx)
{
	http->on_answered = on_answered;
	http->answered_ctx = ctx;
}

void
sgl_http_limit(sgl_http *http, const sgl_http_limits *limits)
{
	http->limits = *limits;
	if (http->limits.connections > SGL_HTTP_CONNECTIONS)
		http->limits.connections = SGL_HTTP_CONNECTIONS;
}

/* Without descriptors to spare nobody can be accepted: waiting for some to be
 * given back must not keep us busy. */
static void
on_accept_failed(struct evconnlistener *listener, void *ctx)
{
	(void)ctx;
	(void)evconnlistener_disable(listener);
}

static void
accept_again(void *ctx)
{
	sgl_http *http = ctx;

	sweep(http);
	if (http->num_held < http->limits.connections)
		(void)evconnlistener_enable(http->listener);
}

static sgl_status
listen_on(sgl_http *http, sgl_loop *loop, int fd, sgl_err *err)
{
	struct evhttp_bound_socket *bound;

	TRY(sgl_wait_every(loop, 1, accept_again, http, &http->again, err));
	bound = evhttp_accept_socket_with_handle(http->server, fd);
	if (bound == NULL)
		return sgl_oom(err, ROOM);
	http->listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(http->listener, on_accept_failed);
	return SGL_OK;
}

static sgl_status
start(sgl_http *http, sgl_loop *loop, int fd, size_t max_body, sgl_err *err)
{
	http->server = evhttp_new(loop->base);
	if (http->server == NULL)
		return sgl_oom(err, ROOM);
	evhttp_set_max_headers_size(http->server, HEADERS_MAX);
	evhttp_set_max_body_size(http->server, (ev_ssize_t)max_body);
	evhttp_set_timeout(http->server, PATIENCE);
	evhttp_set_allowed_methods(
	    http->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	evhttp_set_gencb(http->server, on_http, http);
	evhttp_set_bevcb(http->server, accept_one, http);
	return listen_on(http, loop, fd, err);
}

sgl_status
sgl_http_new(sgl_loop *loop, int fd, size_t max_body,
    sgl_http_on_request *on_request, void *ctx, sgl_http **out, sgl_err *err)
{
	sgl_http *http = sgl_mem_zeroed(1, sizeof *http);
	sgl_status status;

	if (http == NULL)
		return sgl_oom(err, ROOM);
	http->limits = (sgl_http_limits){SGL_HTTP_CONNECTIONS, REQUEST, ANSWER};
	http->on_request = on_request;
	http->ctx = ctx;
	status = start(http, loop, fd, max_body, err);
	if (status == SGL_OK)
		*out = http;
	else
		sgl_http_free(http);
	return status;
}

void
sgl_http_free(sgl_http *http)
{
	if (http == NULL)
		return;
	sgl_wait_free(http->again);
	if (http->server != NULL)
		evhttp_free(http->server);
	for (size_t i = 0; i < http->num_held; i++)
		(void)bufferevent_decref(http->held[i].stream);
	sgl_mem_free(http);
}
