/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "mime/legacy_cut.h"
#include "mime/words.h"

static size_t
line_length(sgl_slice s)
{
	const uint8_t *lf = memchr(s.data, '\n', s.len);

	return lf == NULL ? s.len : (size_t)(lf - s.data) + 1;
}

static bool
is_empty_line(sgl_slice line)
{
	return sgl_slice_eq(line, SGL_LIT("\n")) ||
	    sgl_slice_eq(line, SGL_LIT("\r\n"));
}

static bool
is_field_line(sgl_slice line)
{
	size_t n = 0;

	while (n < line.len && line.data[n] > 0x20 && line.data[n] < 0x7f &&
	    line.data[n] != ':')
		n++;
	return n > 0 && n < line.len && line.data[n] == ':';
}

/* @req rfc9788-4.5.3.2. What does not look like header fields stays: rather a
 * line too much is shown than one too few. */
sgl_legacy_place
sgl_legacy_find_in_plain(sgl_slice head)
{
	size_t at = 0;

	while (at < head.len) {
		sgl_slice rest = sgl_slice_from(head, at);
		sgl_slice line = sgl_slice_first(rest, line_length(rest));

		if (is_empty_line(line) && at > 0)
			return (sgl_legacy_place){0, at + line.len};
		if (!is_field_line(line))
			break;
		at += line.len;
	}
	return (sgl_legacy_place){0, 0};
}

/* --- the text --- */

static const struct {
	const char *prefix;
	sgl_legacy_charset charset;
} charsets[] = {
    {"utf-8", SGL_LEGACY_UTF8},
    {"us-ascii", SGL_LEGACY_ASCII},
    {"iso-8859-15", SGL_LEGACY_LIKE_ASCII},
    {"iso-8859-1", SGL_LEGACY_LATIN1},
    {"windows-1252", SGL_LEGACY_LATIN1},
    {"iso-8859-", SGL_LEGACY_LIKE_ASCII},
    {"windows-125", SGL_LEGACY_LIKE_ASCII},
    {"koi8-", SGL_LEGACY_LIKE_ASCII},
};

sgl_legacy_charset
sgl_legacy_find_charset(const sgl_mime_type *t)
{
	const char *name = sgl_mime_type_param(t, "charset");
	sgl_slice s = name == NULL ? SGL_LIT("us-ascii") : sgl_slice_str(name);

	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
		sgl_slice prefix = sgl_slice_str(charsets[i].prefix);
		bool is_open = prefix.data[prefix.len - 1] == '-' ||
		    sgl_slice_eq(prefix, SGL_LIT("windows-125"));

		if (is_open ? sgl_slice_starts_nocase(s, prefix)
			    : sgl_slice_eq_nocase(s, prefix))
			return charsets[i].charset;
	}
	return SGL_LEGACY_UNKNOWN;
}

static bool
can_take(sgl_legacy_charset charset, uint32_t c)
{
	if (c < 0x80)
		return charset != SGL_LEGACY_UNKNOWN;
	if (charset == SGL_LEGACY_LATIN1)
		return c >= 0xa0 && c <= 0xff;
	return charset == SGL_LEGACY_UTF8 || charset == SGL_LEGACY_ASCII;
}

/* @req rfc9788-5.2.2 */
sgl_status
sgl_legacy_plain_text(sgl_slice text, sgl_legacy_charset charset, sgl_buf *out,
    bool *fits, sgl_err *err)
{
	*fits = true;
	for (size_t n; text.len > 0; text = sgl_slice_from(text, n)) {
		uint32_t c = '?';
		uint8_t byte;

		n = sgl_utf8_read(text, &c);
		n = n == 0 ? 1 : n;
		*fits &= can_take(charset, c);
		byte = (uint8_t)c;
		TRY(sgl_buf_add(out,
		    charset == SGL_LEGACY_LATIN1 ? sgl_slice_of(&byte, 1)
						 : sgl_slice_first(text, n),
		    err));
	}
	return sgl_buf_add(out, SGL_LIT("\r\n"), err);
}

/* --- the stage --- */

static sgl_legacy_place
find_place(const sgl_legacy_cut *c)
{
	sgl_slice head = sgl_buf_slice(&c->head);

	if (c->element.len == 0)
		return c->is_html ? sgl_legacy_find_in_html(head)
				  : sgl_legacy_find_in_plain(head);
	return c->is_html ? sgl_legacy_place_in_html(head)
			  : (sgl_legacy_place){0, 0};
}

static sgl_status
settle(sgl_legacy_cut *c, sgl_err *err)
{
	sgl_slice head = sgl_buf_slice(&c->head);
	sgl_legacy_place p = find_place(c);

	c->done = true;
	TRY(sgl_sink_write(c->next, sgl_slice_first(head, p.from), err));
	TRY(sgl_sink_write(c->next, sgl_buf_slice(&c->element), err));
	TRY(sgl_sink_write(c->next, sgl_slice_from(head, p.to), err));
	sgl_buf_clear(&c->head);
	return SGL_OK;
}

static sgl_status
cut_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_legacy_cut *c = (sgl_legacy_cut *)sink;
	size_t n = c->head.max - c->head.len;

	if (!c->done) {
		n = n < in.len ? n : in.len;
		TRY(sgl_buf_add(&c->head, sgl_slice_first(in, n), err));
		in = sgl_slice_from(in, n);
		if (c->head.len < c->head.max)
			return SGL_OK;
		TRY(settle(c, err));
	}
	return in.len == 0 ? SGL_OK : sgl_sink_write(c->next, in, err);
}

static sgl_status
cut_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_legacy_cut *c = (sgl_legacy_cut *)sink;

	if (!c->done)
		TRY(settle(c, err));
	return sgl_sink_finish(c->next, err);
}

static void
cut_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_legacy_cut *)sink)->next);
}

static const sgl_sink_ops cut_ops = {cut_write, cut_finish, cut_abort};

void
sgl_legacy_cut_init(sgl_legacy_cut *c, bool is_html, sgl_sink *next)
{
	*c = (sgl_legacy_cut){.sink.ops = &cut_ops,
	    .next = next,
	    .is_html = is_html,
	    .element = {.max = SIZE_MAX, .secret = true},
	    .head = {.max = SGL_LEGACY_HEAD, .secret = true}};
}

void
sgl_legacy_cut_clear(sgl_legacy_cut *c)
{
	sgl_buf_clear(&c->element);
	sgl_buf_clear(&c->head);
}
