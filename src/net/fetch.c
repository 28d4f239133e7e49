/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "net/address.h"
#include "net/curl.h"
#include "net/fetch.h"
#include "sys/text.h"

#define ROOM "net.fetch"
#define CONNECT_SECONDS 10L
#define HTTP_OK 200
#define HTTP_REDIRECT 300
#define HTTP_REFUSED 400
#define RESOLVE_MAX 8192
#define TYPE_MAX 128

void
sgl_fetched_clear(sgl_fetched *f)
{
	sgl_buf_clear(&f->body);
	*f = (sgl_fetched){0};
}

const char *
sgl_fetch_fault_text(sgl_fetch_fault fault)
{
	static const char *const texts[] = {
	    [SGL_FETCH_GOOD] = NULL,
	    [SGL_FETCH_NAME] = N_("the name of the host does not resolve"),
	    [SGL_FETCH_PRIVATE] =
		N_("the host's address is a private one, which the service "
		   "does not ask (fetch_private in sigilld.conf)"),
	    [SGL_FETCH_CONNECT] =
		N_("the connection is refused: nobody listens there"),
	    [SGL_FETCH_TIME] = N_("no whole answer came in time"),
	    [SGL_FETCH_STATUS] =
		N_("the server answers, but not with the file"),
	    [SGL_FETCH_REDIRECT] =
		N_("the server sends the asker elsewhere, where programs that "
		   "check certificates do not follow"),
	    [SGL_FETCH_SIZE] = N_("what comes is far too long"),
	    [SGL_FETCH_BROKEN] = N_("the answer is no HTTP, or is cut off"),
	};

	return texts[fault];
}

typedef struct fetching {
	const sgl_fetch_order *order;
	sgl_curl curl;
	CURL *handle;
	CURLU *url;
	struct curl_slist *headers, *addresses;
	bool is_private; /* what was to be connected to */
	sgl_fetched *out;
	sgl_err *err;
	sgl_status status;
} fetching;

static void
fetching_clear(fetching *f)
{
	if (f->handle != NULL)
		f->curl.curl_easy_cleanup(f->handle);
	if (f->url != NULL)
		f->curl.curl_url_cleanup(f->url);
	if (f->headers != NULL)
		f->curl.curl_slist_free_all(f->headers);
	if (f->addresses != NULL)
		f->curl.curl_slist_free_all(f->addresses);
}
SGL_AUTO_CLEAR_TYPE(fetching, fetching_clear)

/* Anything but the length ends the transfer. */
static size_t
take_body(char *bytes, size_t one, size_t num, void *ctx)
{
	fetching *f = ctx;

	f->status =
	    sgl_buf_add(&f->out->body, sgl_slice_of(bytes, one * num), f->err);
	return f->status == SGL_OK ? num : 0;
}

/* What is connected to, at last: no name can be resolved to something else
 * behind this. */
static curl_socket_t
open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	fetching *f = ctx;

	(void)purpose;
	if (f->order->only_public && !sgl_address_is_public(&to->addr)) {
		f->is_private = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const fetching *f = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return f->order->is_over != NULL && f->order->is_over(f->order->ctx);
}

/* ------------------------------------------------------------ addresses --- */

static sgl_status
add_address(const struct addrinfo *a, sgl_buf *out, sgl_err *err)
{
	char text[NI_MAXHOST];
	bool is_six = a->ai_family == AF_INET6;

	if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0,
		NI_NUMERICHOST) != 0)
		return SGL_OK;
	return sgl_buf_printf(out, err, is_six ? "%s[%s]" : "%s%s",
	    out->data[out->len - 1] == ':' ? "" : ",", text);
}

/* "HOST:PORT:ADDRESS,ADDRESS": libcurl would start a thread to find these out,
 * which our processes may not. */
static sgl_status
add_addresses(const struct addrinfo *list, sgl_buf *out, sgl_err *err)
{
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
		TRY(add_address(a, out, err));
	return SGL_OK;
}

static sgl_status
resolve(
    fetching *f, const char *host, const char *port, bool *found, sgl_err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(RESOLVE_MAX);
	struct addrinfo *list = NULL;
	const char *entry;
	sgl_status status;

	*found = getaddrinfo(host, port, &hints, &list) == 0;
	if (!*found)
		return SGL_OK;
	status = sgl_buf_printf(&text, err, "%s:%s:", host, port);
	if (status == SGL_OK)
		status = add_addresses(list, &text, err);
	freeaddrinfo(list);
	if (status != SGL_OK)
		return status;
	TRY(sgl_buf_text(&text, &entry, err));
	f->addresses = f->curl.curl_slist_append(NULL, entry);
	return f->addresses == NULL ||
		f->curl.curl_easy_setopt(
		    f->handle, CURLOPT_RESOLVE, f->addresses) != CURLE_OK
	    ? sgl_oom(err, ROOM)
	    : SGL_OK;
}

/* *found false: the URL is none, or its host has no address. */
static sgl_status
find_addresses(fetching *f, bool *found, sgl_err *err)
{
	char *host = NULL, *port = NULL;
	sgl_status status = SGL_OK;

	*found = false;
	f->url = f->curl.curl_url();
	if (f->url == NULL)
		return sgl_oom(err, ROOM);
	if (f->curl.curl_url_set(f->url, CURLUPART_URL, f->order->url, 0) !=
		CURLUE_OK ||
	    f->curl.curl_url_get(f->url, CURLUPART_HOST, &host, 0) !=
		CURLUE_OK ||
	    f->curl.curl_url_get(
		f->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
		status = SGL_OK;
	else if (host[0] == '[') /* an address already */
		*found = true;
	else
		status = resolve(f, host, port, found, err);
	f->curl.curl_free(host);
	f->curl.curl_free(port);
	return status;
}

/* -------------------------------------------------------------- options --- */

static CURLcode
set_callbacks(fetching *f)
{
	CURL *h = f->handle;
	CURLcode code =
	    f->curl.curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);

	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(h, CURLOPT_WRITEDATA, f);
	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(
		    h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, f);
	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(
		    h, CURLOPT_XFERINFOFUNCTION, on_progress);
	return code == CURLE_OK
	    ? f->curl.curl_easy_setopt(h, CURLOPT_XFERINFODATA, f)
	    : code;
}

static CURLcode
set_body(fetching *f)
{
	const sgl_fetch_order *o = f->order;
	char type[TYPE_MAX];
	CURLcode code;

	if (o->body.len == 0)
		return CURLE_OK;
	(void)snprintf(type, sizeof type, "Content-Type: %s", o->type);
	f->headers = f->curl.curl_slist_append(NULL, type);
	if (f->headers == NULL)
		return CURLE_OUT_OF_MEMORY;
	code = f->curl.curl_easy_setopt(
	    f->handle, CURLOPT_POSTFIELDSIZE, (long)o->body.len);
	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(
		    f->handle, CURLOPT_POSTFIELDS, o->body.data);
	return code == CURLE_OK ? f->curl.curl_easy_setopt(
				      f->handle, CURLOPT_HTTPHEADER, f->headers)
				: code;
}

static sgl_status
set(fetching *f, sgl_err *err)
{
	CURL *h = f->handle;
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
	    {CURLOPT_NOSIGNAL, 1},
	    {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS},
	    {CURLOPT_TIMEOUT, (long)f->order->seconds},
	    {CURLOPT_NOPROGRESS, 0},
	    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
	    {CURLOPT_FORBID_REUSE, 1},
	};
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
	    {CURLOPT_URL, f->order->url},
	    {CURLOPT_PROTOCOLS_STR, "http"},
	    /* Whatever the environment says. */
	    {CURLOPT_PROXY, ""},
	    {CURLOPT_USERAGENT, "sigill/" SGL_VERSION},
	};
	CURLcode code = CURLE_OK;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (code == CURLE_OK)
			code = f->curl.curl_easy_setopt(
			    h, numbers[i].option, numbers[i].value);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (code == CURLE_OK)
			code = f->curl.curl_easy_setopt(
			    h, texts[i].option, texts[i].value);
	if (code == CURLE_OK)
		code = set_callbacks(f);
	if (code == CURLE_OK)
		code = set_body(f);
	return code == CURLE_OK ? SGL_OK : sgl_oom(err, ROOM);
}

static sgl_fetch_fault
judge_transfer(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return SGL_FETCH_GOOD;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_URL_MALFORMAT:
		return SGL_FETCH_NAME;
	case CURLE_COULDNT_CONNECT:
		return SGL_FETCH_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return SGL_FETCH_TIME;
	default:
		return SGL_FETCH_BROKEN;
	}
}

static sgl_fetch_fault
judge_status(long status)
{
	if (status == HTTP_OK)
		return SGL_FETCH_GOOD;
	return status >= HTTP_REDIRECT && status < HTTP_REFUSED
	    ? SGL_FETCH_REDIRECT
	    : SGL_FETCH_STATUS;
}

static void
judge(fetching *f, CURLcode code)
{
	sgl_fetched *out = f->out;
	char *where = NULL;

	(void)f->curl.curl_easy_getinfo(
	    f->handle, CURLINFO_RESPONSE_CODE, &out->status);
	out->fault = judge_transfer(code);
	if (f->status == SGL_E_LIMIT)
		out->fault = SGL_FETCH_SIZE;
	if (f->is_private && out->status == 0)
		out->fault = SGL_FETCH_PRIVATE;
	if (out->fault == SGL_FETCH_GOOD)
		out->fault = judge_status(out->status);
	if (out->fault == SGL_FETCH_REDIRECT &&
	    f->curl.curl_easy_getinfo(
		f->handle, CURLINFO_REDIRECT_URL, &where) == CURLE_OK &&
	    where != NULL)
		(void)snprintf(out->where, sizeof out->where, "%s", where);
}

sgl_status
sgl_fetch(const sgl_fetch_order *order, sgl_fetched *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_fetched) got = {.body = sgl_buf_init(order->max)};
	sgl_err inside = {0};
	bool found;
	SGL_AUTO_CLEAR(fetching)
	f = {.order = order, .out = &got, .err = &inside, .status = SGL_OK};

	TRY(sgl_curl_load(&f.curl, err));
	f.handle = f.curl.curl_easy_init();
	if (f.handle == NULL)
		return sgl_oom(err, ROOM);
	TRY(set(&f, err));
	TRY(find_addresses(&f, &found, err));
	if (found)
		judge(&f, f.curl.curl_easy_perform(f.handle));
	else
		got.fault = SGL_FETCH_NAME;
	if (f.status != SGL_OK && f.status != SGL_E_LIMIT)
		return sgl_oom(err, ROOM);
	*out = got;
	got = (sgl_fetched){0};
	return SGL_OK;
}

sgl_status
sgl_fetch_prepare(sgl_err *err)
{
	sgl_curl curl;
	CURL *handle;

	TRY(sgl_curl_load(&curl, err));
	handle = curl.curl_easy_init();
	if (handle == NULL)
		return sgl_oom(err, ROOM);
	curl.curl_easy_cleanup(handle);
	return SGL_OK;
}
