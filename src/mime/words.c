/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/utf8.h"
#include "mime/lex.h"
#include "mime/words.h"

typedef enum charset { CHARSET_UTF8, CHARSET_LATIN1, CHARSET_OTHER } charset;

/* =?charset?encoding?text?= (RFC 2047 2) and what follows it. */
typedef struct encoded_word {
	charset charset;
	bool is_base64;
	sgl_slice text, rest;
} encoded_word;

static charset
find_charset(sgl_slice name)
{
	static const struct {
		const char *name;
		charset charset;
	} known[] = {{"utf-8", CHARSET_UTF8}, {"us-ascii", CHARSET_UTF8},
	    {"iso-8859-1", CHARSET_LATIN1}, {"windows-1252", CHARSET_LATIN1}};
	const uint8_t *star =
	    name.len == 0 ? NULL : memchr(name.data, '*', name.len);

	/* RFC 2231 5: a language may follow. */
	if (star != NULL)
		name = sgl_slice_first(name, (size_t)(star - name.data));
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (sgl_slice_eq_nocase(name, sgl_slice_str(known[i].name)))
			return known[i].charset;
	return CHARSET_OTHER;
}

static bool
cut_at_mark(sgl_slice *from, sgl_slice *before)
{
	const uint8_t *mark =
	    from->len == 0 ? NULL : memchr(from->data, '?', from->len);

	if (mark == NULL)
		return false;
	*before = sgl_slice_first(*from, (size_t)(mark - from->data));
	*from = sgl_slice_from(*from, before->len + 1);
	return true;
}

static bool
split_word(sgl_slice token, encoded_word *w)
{
	sgl_slice name, encoding;

	if (!sgl_slice_starts(token, SGL_LIT("=?")))
		return false;
	token = sgl_slice_from(token, 2);
	if (!cut_at_mark(&token, &name) || !cut_at_mark(&token, &encoding) ||
	    !cut_at_mark(&token, &w->text) || token.len == 0 ||
	    token.data[0] != '=')
		return false;
	w->rest = sgl_slice_from(token, 1);
	w->charset = find_charset(name);
	w->is_base64 = sgl_slice_eq_nocase(encoding, SGL_LIT("B"));
	return w->charset != CHARSET_OTHER &&
	    (w->is_base64 || sgl_slice_eq_nocase(encoding, SGL_LIT("Q")));
}

/* RFC 2047 4.2 */
static void
decode_q(sgl_slice text, uint8_t *out, size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		int high, low;

		if (c == '=' && i + 2 < text.len) {
			high = sgl_hex_digit(text.data[i + 1]);
			low = sgl_hex_digit(text.data[i + 2]);
			if (high >= 0 && low >= 0) {
				c = (uint8_t)(high << 4 | low);
				i += 2;
			}
		}
		out[(*len)++] = c == '_' && text.data[i] == '_' ? ' ' : c;
	}
}

static sgl_status
decode(const encoded_word *w, sgl_buf *bytes, sgl_err *err)
{
	sgl_status status;

	if (w->is_base64) {
		status = sgl_base64_decode(w->text, bytes, err);
		return status == SGL_E_ENCODING ? SGL_OK : status;
	}
	TRY(sgl_buf_reserve(bytes, w->text.len, err));
	decode_q(w->text, bytes->data, &bytes->len);
	return SGL_OK;
}

sgl_status
sgl_utf8_add(sgl_buf *out, uint32_t cp, sgl_err *err)
{
	uint8_t b[4];
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	if (n == 1)
		b[0] = (uint8_t)cp;
	else
		b[0] = (uint8_t)((0xf00u >> n & 0xf0) | cp >> 6 * (n - 1));
	for (size_t i = 1; i < n; i++)
		b[i] = (uint8_t)(0x80 | (cp >> 6 * (n - 1 - i) & 0x3f));
	return sgl_buf_add(out, sgl_slice_of(b, n), err);
}

static sgl_status
add_word(const encoded_word *w, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(w->text.len + 1);

	TRY(sgl_buf_reserve(&bytes, w->text.len + 1, err));
	TRY(decode(w, &bytes, err));
	if (w->charset == CHARSET_UTF8)
		return sgl_buf_add(out, sgl_buf_slice(&bytes), err);
	for (size_t i = 0; i < bytes.len; i++)
		TRY(sgl_utf8_add(out, bytes.data[i], err));
	return SGL_OK;
}

static sgl_slice
next_token(sgl_slice *from)
{
	size_t start = 0, end;

	while (start < from->len && sgl_lex_is_blank(from->data[start]))
		start++;
	end = start;
	while (end < from->len && !sgl_lex_is_blank(from->data[end]))
		end++;
	*from = sgl_slice_from(*from, start);
	return sgl_slice_first(*from, end - start);
}

/* Blanks between two encoded words are none (RFC 2047 6.2), so that a
 * character may be in both. */
static sgl_status
join_words(sgl_slice value, sgl_buf *out, sgl_err *err)
{
	bool was_word = false, is_first = true;

	for (;;) {
		sgl_slice token = next_token(&value);
		encoded_word w;
		bool is_word = split_word(token, &w);

		if (token.len == 0)
			return SGL_OK;
		if (!is_first && !(was_word && is_word))
			TRY(sgl_buf_add(out, SGL_LIT(" "), err));
		TRY(is_word ? add_word(&w, out, err)
			    : sgl_buf_add(out, token, err));
		if (is_word)
			TRY(sgl_buf_add(out, w.rest, err));
		was_word = is_word && w.rest.len == 0;
		is_first = false;
		value = sgl_slice_from(value, token.len);
	}
}

static bool
is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

sgl_status
sgl_words_read(sgl_slice value, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	joined = {.max = value.len * 2 + 1, .secret = out->secret};
	sgl_slice left;
	size_t n;

	TRY(join_words(value, &joined, err));
	for (left = sgl_buf_slice(&joined); left.len > 0;
	     left = sgl_slice_from(left, n)) {
		uint32_t c;

		n = sgl_utf8_read(left, &c);
		if (n == 0 || is_harmful(c)) {
			n = n == 0 ? 1 : n;
			TRY(sgl_buf_add(out, SGL_LIT("?"), err));
			continue;
		}
		TRY(sgl_buf_add(out, sgl_slice_first(left, n), err));
	}
	return SGL_OK;
}
