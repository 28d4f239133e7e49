/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "net/curl.h"
#include "net/fetch.h"

#define ROOM "net.fetch"
#define CONNECT_SECONDS 10L
#define HTTP_OK 200
#define HTTP_REDIRECT 300
#define HTTP_REFUSED 400

void
sgl_fetched_clear(sgl_fetched *f)
{
	sgl_buf_clear(&f->body);
	*f = (sgl_fetched){0};
}

typedef struct fetching {
	sgl_curl curl;
	CURL *handle;
	sgl_fetched *out;
	sgl_err *err;
	sgl_status status;
} fetching;

static void
fetching_clear(fetching *f)
{
	if (f->handle != NULL)
		f->curl.curl_easy_cleanup(f->handle);
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

static sgl_status
set(fetching *f, const char *url, unsigned seconds, sgl_err *err)
{
	CURL *h = f->handle;
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
	    {CURLOPT_NOSIGNAL, 1},
	    {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS},
	    {CURLOPT_TIMEOUT, (long)seconds},
	    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
	    {CURLOPT_FORBID_REUSE, 1},
	};
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
	    {CURLOPT_URL, url},
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
		code = f->curl.curl_easy_setopt(
		    h, CURLOPT_WRITEFUNCTION, take_body);
	if (code == CURLE_OK)
		code = f->curl.curl_easy_setopt(h, CURLOPT_WRITEDATA, f);
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
	if (out->fault == SGL_FETCH_GOOD)
		out->fault = judge_status(out->status);
	if (out->fault == SGL_FETCH_REDIRECT &&
	    f->curl.curl_easy_getinfo(
		f->handle, CURLINFO_REDIRECT_URL, &where) == CURLE_OK &&
	    where != NULL)
		(void)snprintf(out->where, sizeof out->where, "%s", where);
}

sgl_status
sgl_fetch(const char *url, size_t max, unsigned seconds, sgl_fetched *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_fetched) got = {.body = sgl_buf_init(max)};
	sgl_err inside = {0};
	SGL_AUTO_CLEAR(fetching)
	f = {.out = &got, .err = &inside, .status = SGL_OK};

	TRY(sgl_curl_load(&f.curl, err));
	f.handle = f.curl.curl_easy_init();
	if (f.handle == NULL)
		return sgl_oom(err, ROOM);
	TRY(set(&f, url, seconds, err));
	judge(&f, f.curl.curl_easy_perform(f.handle));
	if (f.status != SGL_OK && f.status != SGL_E_LIMIT)
		return sgl_oom(err, ROOM);
	*out = got;
	got = (sgl_fetched){0};
	return SGL_OK;
}
