/* SPDX-License-Identifier: Apache-2.0 */
/* As much of HTML as is needed to find the body and an element in it. */
#include "base/utf8.h"
#include "mime/legacy_cut.h"
#include "mime/lex.h"

#define CLASS "header-protection-legacy-display"

typedef struct tag {
	sgl_slice name, attrs;
	size_t from, to;
	bool is_end;
} tag;

static size_t
find_from(sgl_slice html, size_t at, const char *what)
{
	sgl_slice want = sgl_slice_str(what);

	for (; at < html.len; at++)
		if (sgl_slice_starts_nocase(sgl_slice_from(html, at), want))
			return at;
	return html.len;
}

static bool
is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_name(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

/* The end of the tag that begins at `at`: behind the '>' outside quotes. */
static size_t
end_of_tag(sgl_slice html, size_t at)
{
	uint8_t quote = 0;

	for (; at < html.len; at++) {
		uint8_t c = html.data[at];

		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return at + 1;
	}
	return html.len + 1;
}

/* Steps to the next tag from *at on; false: there is no whole one. */
static bool
next_tag(sgl_slice html, size_t *at, tag *t)
{
	for (;;) {
		size_t i = find_from(html, *at, "<"), start;

		if (i == html.len)
			return false;
		if (sgl_slice_starts(
			sgl_slice_from(html, i), SGL_LIT("<!--"))) {
			*at = find_from(html, i + 4, "-->");
			continue;
		}
		*t = (tag){.from = i++};
		if (i < html.len &&
		    (html.data[i] == '/' || html.data[i] == '!'))
			t->is_end = html.data[i++] == '/';
		start = i;
		while (i < html.len && is_name(html.data[i]))
			i++;
		*at = i;
		if (i == start || !is_letter(html.data[start]))
			continue;
		t->to = end_of_tag(html, i);
		if (t->to > html.len)
			return false;
		t->name = sgl_slice_of(html.data + start, i - start);
		t->attrs = sgl_slice_of(html.data + i, t->to - 1 - i);
		*at = t->to;
		return true;
	}
}

static bool
is_called(const tag *t, const char *name)
{
	return sgl_slice_eq_nocase(t->name, sgl_slice_str(name));
}

/* What is inside of these is no HTML. */
static void
skip_raw(sgl_slice html, const tag *t, size_t *at)
{
	if (t->is_end)
		return;
	if (is_called(t, "script"))
		*at = find_from(html, *at, "</script");
	else if (is_called(t, "style"))
		*at = find_from(html, *at, "</style");
	else if (is_called(t, "title"))
		*at = find_from(html, *at, "</title");
}

sgl_legacy_place
sgl_legacy_place_in_html(sgl_slice html)
{
	size_t at = 0, place = 0;
	tag t;

	if (sgl_slice_starts(html, SGL_LIT("\xef\xbb\xbf")))
		place = 3;
	while (next_tag(html, &at, &t)) {
		bool is_body = is_called(&t, "body") && !t.is_end;

		if (is_body || is_called(&t, "doctype") ||
		    (is_called(&t, "html") && !t.is_end) ||
		    (is_called(&t, "head") && t.is_end))
			place = t.to;
		if (is_body)
			break;
		skip_raw(html, &t, &at);
	}
	return (sgl_legacy_place){place, place};
}

/* Is the class among those of a class attribute? */
static bool
has_word(sgl_slice words)
{
	sgl_slice want = SGL_LIT(CLASS);

	while (words.len > 0) {
		size_t n = 0;

		while (n < words.len && !sgl_lex_is_blank(words.data[n]))
			n++;
		if (sgl_slice_eq(sgl_slice_first(words, n), want))
			return true;
		words = sgl_slice_from(words, n < words.len ? n + 1 : n);
	}
	return false;
}

static sgl_slice
attr_value(sgl_slice *a)
{
	uint8_t quote = a->len > 0 ? a->data[0] : 0;
	bool is_quoted = quote == '"' || quote == '\'';
	size_t n = 0;
	sgl_slice value;

	if (is_quoted)
		*a = sgl_slice_from(*a, 1);
	while (n < a->len &&
	    (is_quoted ? a->data[n] != quote : !sgl_lex_is_blank(a->data[n])))
		n++;
	value = sgl_slice_first(*a, n);
	*a = sgl_slice_from(*a, n < a->len ? n + 1 : n);
	return value;
}

static bool
has_class(sgl_slice a)
{
	while (a.len > 0) {
		sgl_slice name, value = {0};
		size_t n = 0;

		a = sgl_slice_trim(a);
		while (n < a.len && a.data[n] != '=' &&
		    !sgl_lex_is_blank(a.data[n]))
			n++;
		name = sgl_slice_first(a, n);
		a = sgl_slice_trim(sgl_slice_from(a, n));
		if (a.len > 0 && a.data[0] == '=') {
			a = sgl_slice_trim(sgl_slice_from(a, 1));
			value = attr_value(&a);
		}
		if (sgl_slice_eq_nocase(name, SGL_LIT("class")))
			return has_word(value);
	}
	return false;
}

/* @req rfc9788-4.5.3.3 */
sgl_legacy_place
sgl_legacy_find_in_html(sgl_slice html)
{
	size_t at = 0, from = 0, depth = 0;
	tag t;

	while (next_tag(html, &at, &t)) {
		skip_raw(html, &t, &at);
		if (!is_called(&t, "div"))
			continue;
		if (depth == 0) {
			from = t.from;
			depth = !t.is_end && has_class(t.attrs);
			continue;
		}
		depth = t.is_end ? depth - 1 : depth + 1;
		if (depth == 0)
			return (sgl_legacy_place){from, t.to};
	}
	return (sgl_legacy_place){0, 0};
}

static sgl_status
add_char(sgl_buf *out, uint32_t c, sgl_slice as_is, sgl_err *err)
{
	switch (c) {
	case '<':
		return sgl_buf_add_str(out, "&lt;", err);
	case '>':
		return sgl_buf_add_str(out, "&gt;", err);
	case '&':
		return sgl_buf_add_str(out, "&amp;", err);
	case '"':
		return sgl_buf_add_str(out, "&quot;", err);
	case '\'':
		return sgl_buf_add_str(out, "&apos;", err);
	default:
		break;
	}
	return c < 0x80 ? sgl_buf_add(out, as_is, err)
			: sgl_buf_printf(out, err, "&#%u;", (unsigned)c);
}

/* @req rfc9788-10.3: escaped; and ASCII, whatever the charset. */
sgl_status
sgl_legacy_html_text(sgl_slice text, sgl_buf *out, sgl_err *err)
{
	text = sgl_slice_trim(text);
	TRY(sgl_buf_add_str(out, "<div class=\"" CLASS "\">\r\n<pre>", err));
	for (size_t n; text.len > 0; text = sgl_slice_from(text, n)) {
		uint32_t c = '?';

		n = sgl_utf8_read(text, &c);
		n = n == 0 ? 1 : n;
		TRY(add_char(out, c, sgl_slice_first(text, n), err));
	}
	return sgl_buf_add_str(out, "</pre>\r\n</div>", err);
}
