/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/param.h"

/* Up to two digits are enough for SGL_MIME_PARAMS_MAX pieces. */
static bool
read_section(sgl_slice digits, int *section)
{
	int n = 0;

	if (digits.len == 0 || digits.len > 2)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
		n = n * 10 + (digits.data[i] - '0');
	}
	*section = n;
	return true;
}

/* RFC 2231 7: attribute, "*" section, "*". */
static bool
split_stars(sgl_slice name, sgl_param_piece *p)
{
	const uint8_t *star;
	size_t at;

	p->section = SGL_PARAM_NO_SECTION;
	if (name.len > 0 && name.data[name.len - 1] == '*') {
		p->is_extended = true;
		name.len--;
	}
	p->base = name;
	if (name.len == 0)
		return false;
	star = memchr(name.data, '*', name.len);
	if (star == NULL)
		return true;
	at = (size_t)(star - name.data);
	p->base = sgl_slice_first(name, at);
	return at > 0 &&
	    read_section(sgl_slice_from(name, at + 1), &p->section);
}

/* A value without quotes goes on to ';', a comment or the end. Blanks inside
 * it mean that quotes were forgotten. */
static sgl_slice
read_bare(sgl_lex *l, bool *malformed)
{
	const uint8_t *start = l->at, *last = l->at;

	while (l->at < l->end && *l->at != ';') {
		bool was_blank = last != l->at;

		if (sgl_lex_is_blank(*l->at)) {
			l->at++;
			continue;
		}
		if (*l->at == '(' && (was_blank || l->at == start))
			break;
		if (was_blank)
			*malformed = true;
		last = ++l->at;
	}
	return sgl_slice_of(start, (size_t)(last - start));
}

static void
skip_to_semicolon(sgl_lex *l, bool *malformed)
{
	sgl_slice dropped;

	for (;;) {
		int c;

		sgl_lex_cfws(l);
		c = sgl_lex_peek(l);
		if (c < 0 || c == ';')
			return;
		*malformed = true;
		if (c == '"')
			(void)!sgl_lex_quoted(l, &dropped);
		else
			l->at++;
	}
}

static bool
is_param_name(uint8_t c)
{
	return sgl_lex_is_token(c) || c >= 0x80;
}

static bool
read_piece(sgl_lex *l, sgl_param_piece *p, bool *malformed)
{
	sgl_slice name = sgl_lex_run(l, is_param_name);

	sgl_lex_cfws(l);
	if (!split_stars(name, p) || sgl_lex_peek(l) != '=')
		return false;
	l->at++;
	sgl_lex_cfws(l);
	if (sgl_lex_peek(l) == '"')
		return sgl_lex_quoted(l, &p->raw) || p->raw.len > 1;
	p->raw = read_bare(l, malformed);
	return p->raw.len > 0;
}

static sgl_param_piece
with_extent(sgl_param_piece p, const uint8_t *start)
{
	p.whole = sgl_slice_of(start, (size_t)(p.raw.data + p.raw.len - start));
	return p;
}

void
sgl_param_read(sgl_lex *l, sgl_param_pieces *out, bool *malformed)
{
	skip_to_semicolon(l, malformed);
	while (sgl_lex_peek(l) == ';') {
		const uint8_t *start = l->at;
		sgl_param_piece p = {0};

		l->at++;
		sgl_lex_cfws(l);
		if (sgl_lex_done(l) || sgl_lex_peek(l) == ';')
			continue;
		if (!read_piece(l, &p, malformed))
			*malformed = true;
		else if (out->num < SGL_MIME_PARAMS_MAX)
			out->all[out->num++] = with_extent(p, start);
		else
			*malformed = true;
		skip_to_semicolon(l, malformed);
	}
	*malformed |= l->malformed;
}

/* Quotes, backslashes and folding go. */
static void
unquote(sgl_slice raw, sgl_buf *out)
{
	bool quoted = raw.len > 0 && raw.data[0] == '"';

	for (size_t i = quoted ? 1 : 0; i < raw.len; i++) {
		uint8_t c = raw.data[i];

		if (quoted && c == '"')
			return;
		if (quoted && c == '\\' && i + 1 < raw.len)
			c = raw.data[++i];
		if (c != '\r' && c != '\n')
			out->data[out->len++] = c;
	}
}

/* Undoes %XX from `from` on, in place. */
static void
unpercent(sgl_buf *b, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < b->len; i++) {
		int high = -1, low = -1;

		if (b->data[i] == '%' && i + 2 < b->len) {
			high = sgl_hex_digit(b->data[i + 1]);
			low = sgl_hex_digit(b->data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			b->data[to++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			b->data[to++] = b->data[i];
		}
	}
	b->len = to;
}

/* RFC 2231 4: charset ' language ' text. The bytes stay in their charset. */
static void
drop_charset(sgl_buf *b, size_t from)
{
	const uint8_t *at = b->data + from, *end = b->data + b->len;

	for (int quotes = 0; quotes < 2; quotes++) {
		const uint8_t *q = memchr(at, '\'', (size_t)(end - at));

		if (q == NULL)
			return;
		at = q + 1;
	}
	memmove(b->data + from, at, (size_t)(end - at));
	b->len = from + (size_t)(end - at);
}

static sgl_status
append_value(const sgl_param_piece *p, sgl_buf *out, sgl_err *err)
{
	size_t from = out->len;

	TRY(sgl_buf_reserve(out, p->raw.len, err));
	unquote(p->raw, out);
	if (p->is_extended) {
		if (p->section <= 0)
			drop_charset(out, from);
		unpercent(out, from);
	}
	return SGL_OK;
}

static const sgl_param_piece *
find_section(const sgl_param_pieces *ps, sgl_slice base, int section)
{
	for (size_t i = 0; i < ps->num; i++)
		if (ps->all[i].section == section &&
		    sgl_slice_eq_nocase(ps->all[i].base, base))
			return &ps->all[i];
	return NULL;
}

sgl_status
sgl_param_value(const sgl_param_pieces *ps, const sgl_param_piece *first,
    sgl_buf *out, sgl_err *err)
{
	const sgl_param_piece *p = first;

	if (first->section == SGL_PARAM_NO_SECTION)
		return append_value(first, out, err);
	for (int n = 0; p != NULL; p = find_section(ps, first->base, ++n))
		TRY(append_value(p, out, err));
	return SGL_OK;
}

bool
sgl_param_is_continuation(const sgl_param_pieces *ps, const sgl_param_piece *p)
{
	for (int n = 0; n < p->section; n++)
		if (find_section(ps, p->base, n) == NULL)
			return false;
	return p->section > 0 && find_section(ps, p->base, p->section) == p;
}
