/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "admin/plist.h"

#define ROOM "admin.plist"
#define HEAD                                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                         \
	"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\""               \
	" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"               \
	"<plist version=\"1.0\">\n"

static void
put(sgl_plist *p, sgl_slice text)
{
	if (p->failed == SGL_OK)
		p->failed = sgl_buf_add(p->out, text, NULL);
}

static void
put_str(sgl_plist *p, const char *text)
{
	put(p, sgl_slice_str(text));
}

sgl_plist
sgl_plist_over(sgl_buf *out)
{
	sgl_plist p = {.out = out};

	put_str(&p, HEAD);
	return p;
}

sgl_status
sgl_plist_end(sgl_plist *p, sgl_err *err)
{
	put_str(p, "</plist>\n");
	if (p->failed == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	return p->failed == SGL_OK
	    ? SGL_OK
	    : sgl_fail(err, p->failed, ROOM, SGL_NO_OFFSET,
		  "the property list is too long");
}

/* XML 1.0 2.2 and 2.4. */
static void
put_escaped(sgl_plist *p, sgl_slice text)
{
	while (text.len > 0) {
		uint32_t cp = 0;
		size_t n = sgl_utf8_read(text, &cp);
		bool bad = n == 0 || cp == 0xfffe || cp == 0xffff ||
		    (cp < 0x20 && cp != '\t' && cp != '\n');

		if (bad)
			put_str(p, "\xef\xbf\xbd");
		else if (cp == '&')
			put_str(p, "&amp;");
		else if (cp == '<')
			put_str(p, "&lt;");
		else if (cp == '>')
			put_str(p, "&gt;");
		else
			put(p, sgl_slice_first(text, n));
		text = sgl_slice_from(text, n == 0 ? 1 : n);
	}
}

static void
indent(sgl_plist *p)
{
	for (unsigned i = 0; i < p->depth; i++)
		put_str(p, "\t");
}

static void
begin(sgl_plist *p, const char *key)
{
	if (key != NULL) {
		indent(p);
		put_str(p, "<key>");
		put_escaped(p, sgl_slice_str(key));
		put_str(p, "</key>\n");
	}
	indent(p);
}

static void
open_one(sgl_plist *p, const char *key, const char *tag)
{
	begin(p, key);
	put_str(p, tag);
	p->depth++;
}

static void
close_one(sgl_plist *p, const char *tag)
{
	p->depth--;
	indent(p);
	put_str(p, tag);
}

void
sgl_plist_dict(sgl_plist *p, const char *key)
{
	open_one(p, key, "<dict>\n");
}

void
sgl_plist_close_dict(sgl_plist *p)
{
	close_one(p, "</dict>\n");
}

void
sgl_plist_array(sgl_plist *p, const char *key)
{
	open_one(p, key, "<array>\n");
}

void
sgl_plist_close_array(sgl_plist *p)
{
	close_one(p, "</array>\n");
}

void
sgl_plist_string(sgl_plist *p, const char *key, const char *text)
{
	begin(p, key);
	put_str(p, "<string>");
	put_escaped(p, sgl_slice_str(text));
	put_str(p, "</string>\n");
}

void
sgl_plist_int(sgl_plist *p, const char *key, int value)
{
	begin(p, key);
	if (p->failed == SGL_OK)
		p->failed = sgl_buf_printf(
		    p->out, NULL, "<integer>%d</integer>\n", value);
}

void
sgl_plist_bool(sgl_plist *p, const char *key, bool yes)
{
	begin(p, key);
	put_str(p, yes ? "<true/>\n" : "<false/>\n");
}

/* The encoder ends its lines with CRLF, an XML file with LF. */
static void
put_lines(sgl_plist *p, sgl_slice text)
{
	while (text.len > 0) {
		const uint8_t *cr = memchr(text.data, '\r', text.len);
		size_t n = cr == NULL ? text.len : (size_t)(cr - text.data);

		put(p, sgl_slice_first(text, n));
		text = sgl_slice_from(text, n < text.len ? n + 1 : n);
	}
}

void
sgl_plist_data(sgl_plist *p, const char *key, sgl_slice bytes)
{
	uint8_t block[SGL_BASE64_ENCODED(3000)];
	sgl_base64_enc enc = {0};

	begin(p, key);
	put_str(p, "<data>\n");
	while (bytes.len > 0) {
		size_t n = bytes.len < 2048 ? bytes.len : 2048;
		size_t len = sgl_base64_enc_update(
		    &enc, sgl_slice_first(bytes, n), block);

		put_lines(p, sgl_slice_of(block, len));
		bytes = sgl_slice_from(bytes, n);
	}
	put_lines(p, sgl_slice_of(block, sgl_base64_enc_finish(&enc, block)));
	sgl_mem_wipe(block, sizeof block);
	indent(p);
	put_str(p, "</data>\n");
}
