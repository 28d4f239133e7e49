/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/time.h"
#include "base/utf8.h"

#define ROOM "base.json"

static void
put(sgl_json *j, sgl_slice bytes)
{
	if (j->failed == SGL_OK)
		j->failed = sgl_buf_add(j->out, bytes, NULL);
}

static void
put_line_start(sgl_json *j)
{
	if (j->one_line)
		return;
	put(j, SGL_LIT("\n"));
	for (unsigned i = 0; i < j->depth; i++)
		put(j, SGL_LIT("  "));
}

/* RFC 8259 7 wants quote, backslash and the C0 controls escaped. DEL and the C1
 * controls are too, because they move the cursor of some terminals. */
static void
put_char(sgl_json *j, uint32_t cp, sgl_slice utf8)
{
	char text[8];

	if (cp == '"' || cp == '\\') {
		put(j, SGL_LIT("\\"));
		put(j, utf8);
	} else if (cp == '\n') {
		put(j, SGL_LIT("\\n"));
	} else if (cp == '\r') {
		put(j, SGL_LIT("\\r"));
	} else if (cp == '\t') {
		put(j, SGL_LIT("\\t"));
	} else {
		(void)snprintf(text, sizeof text, "\\u%04x", (unsigned)cp);
		put(j, sgl_slice_str(text));
	}
}

static bool
is_plain(uint32_t cp)
{
	return cp >= 0x20 && cp != '"' && cp != '\\' &&
	    (cp < 0x7f || cp > 0x9f);
}

static void
put_quoted(sgl_json *j, sgl_slice s)
{
	size_t plain = 0, n;
	uint32_t cp;

	put(j, SGL_LIT("\""));
	while (plain < s.len) {
		n = sgl_utf8_read(sgl_slice_from(s, plain), &cp);
		if (n > 0 && is_plain(cp)) {
			plain += n;
			continue;
		}
		put(j, sgl_slice_first(s, plain));
		s = sgl_slice_from(s, plain);
		if (n > 0)
			put_char(j, cp, sgl_slice_first(s, n));
		else
			put(j, SGL_LIT("\xef\xbf\xbd"));
		s = sgl_slice_from(s, n > 0 ? n : 1);
		plain = 0;
	}
	put(j, s);
	put(j, SGL_LIT("\""));
}

static void
begin(sgl_json *j, const char *key)
{
	assert(j->depth > 0 || (!j->comma && key == NULL));
	if (j->comma)
		put(j, SGL_LIT(","));
	if (j->depth > 0)
		put_line_start(j);
	if (key != NULL) {
		put_quoted(j, sgl_slice_str(key));
		put(j, SGL_LIT(": "));
	}
	j->comma = true;
}

static void
value(sgl_json *j, const char *key, sgl_slice text)
{
	begin(j, key);
	put(j, text);
}

static void
open_level(sgl_json *j, const char *key, sgl_slice mark)
{
	value(j, key, mark);
	j->comma = false;
	j->depth++;
}

static void
close_level(sgl_json *j, sgl_slice mark)
{
	assert(j->depth > 0);
	j->depth--;
	if (j->comma)
		put_line_start(j);
	put(j, mark);
	j->comma = true;
}

sgl_json
sgl_json_over(sgl_buf *out)
{
	return (sgl_json){.out = out};
}

sgl_status
sgl_json_end(sgl_json *j, sgl_err *err)
{
	assert(j->depth == 0);
	put(j, SGL_LIT("\n"));
	if (j->failed == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	if (j->failed != SGL_OK)
		return sgl_fail(err, j->failed, ROOM, SGL_NO_OFFSET,
		    "JSON is larger than the limit allows");
	return SGL_OK;
}

void
sgl_json_object(sgl_json *j, const char *key)
{
	open_level(j, key, SGL_LIT("{"));
}

void
sgl_json_array(sgl_json *j, const char *key)
{
	open_level(j, key, SGL_LIT("["));
}

void
sgl_json_close_object(sgl_json *j)
{
	close_level(j, SGL_LIT("}"));
}

void
sgl_json_close_array(sgl_json *j)
{
	close_level(j, SGL_LIT("]"));
}

void
sgl_json_string(sgl_json *j, const char *key, sgl_slice text)
{
	begin(j, key);
	put_quoted(j, text);
}

void
sgl_json_str(sgl_json *j, const char *key, const char *text)
{
	if (text == NULL)
		sgl_json_null(j, key);
	else
		sgl_json_string(j, key, sgl_slice_str(text));
}

void
sgl_json_hex(sgl_json *j, const char *key, sgl_slice bytes)
{
	static const char hex[] = "0123456789abcdef";
	char pair[2];

	value(j, key, SGL_LIT("\""));
	for (size_t i = 0; i < bytes.len; i++) {
		pair[0] = hex[bytes.data[i] >> 4];
		pair[1] = hex[bytes.data[i] & 15];
		put(j, sgl_slice_of(pair, 2));
	}
	put(j, SGL_LIT("\""));
}

void
sgl_json_uint(sgl_json *j, const char *key, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, number);
	value(j, key, sgl_slice_str(text));
}

void
sgl_json_bool(sgl_json *j, const char *key, bool yes)
{
	value(j, key, yes ? SGL_LIT("true") : SGL_LIT("false"));
}

void
sgl_json_null(sgl_json *j, const char *key)
{
	value(j, key, SGL_LIT("null"));
}

void
sgl_json_time(sgl_json *j, const char *key, sgl_time t)
{
	char text[SGL_TIME_TEXT];

	sgl_json_str(j, key, sgl_time_text(t, text));
}
