/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/header.h"
#include "mime/lex.h"

#define ROOM "mime.type"

#define NO_SECTION (-1)

/* One "name=value" as it stands in the field. RFC 2231 makes one parameter of
 * several such pieces: name*0, name*1*, and marks extended ones with '*'. */
typedef struct piece {
	sgl_slice base; /* the name without its stars */
	int section;
	bool is_extended;
	sgl_slice raw; /* the value, quotes included */
} piece;

typedef struct pieces {
	piece all[SGL_MIME_PARAMS_MAX];
	size_t num;
} pieces;

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static sgl_status
copy_lower(sgl_slice s, char **out, sgl_err *err)
{
	uint8_t *copy;

	TRY(sgl_slice_copy(s, &copy, ROOM, err));
	for (size_t i = 0; i < s.len; i++)
		copy[i] = lower(copy[i]);
	*out = (char *)copy;
	return SGL_OK;
}

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
split_stars(sgl_slice name, piece *p)
{
	const uint8_t *star;
	size_t at;

	p->section = NO_SECTION;
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
read_piece(sgl_lex *l, piece *p, bool *malformed)
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

static void
read_pieces(sgl_lex *l, pieces *out, bool *malformed)
{
	skip_to_semicolon(l, malformed);
	while (sgl_lex_peek(l) == ';') {
		piece p = {0};

		l->at++;
		sgl_lex_cfws(l);
		if (sgl_lex_done(l) || sgl_lex_peek(l) == ';')
			continue;
		if (!read_piece(l, &p, malformed))
			*malformed = true;
		else if (out->num < SGL_MIME_PARAMS_MAX)
			out->all[out->num++] = p;
		else
			*malformed = true;
		skip_to_semicolon(l, malformed);
	}
	*malformed |= l->malformed;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
			high = hex_digit(b->data[i + 1]);
			low = hex_digit(b->data[i + 2]);
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
append_value(const piece *p, sgl_buf *out, sgl_err *err)
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

static const piece *
find_section(const pieces *ps, sgl_slice base, int section)
{
	for (size_t i = 0; i < ps->num; i++)
		if (ps->all[i].section == section &&
		    sgl_slice_eq_nocase(ps->all[i].base, base))
			return &ps->all[i];
	return NULL;
}

static sgl_status
join_value(const pieces *ps, const piece *first, sgl_buf *out, sgl_err *err)
{
	const piece *p = first;

	if (first->section == NO_SECTION)
		return append_value(first, out, err);
	for (int n = 0; p != NULL; p = find_section(ps, first->base, ++n))
		TRY(append_value(p, out, err));
	return SGL_OK;
}

static bool
has_param(const sgl_mime_type *t, sgl_slice name)
{
	for (size_t i = 0; i < t->num_params; i++)
		if (sgl_slice_eq_nocase(name, sgl_slice_str(t->params[i].name)))
			return true;
	return false;
}

static sgl_status
add_param(sgl_mime_type *t, sgl_slice name, sgl_slice value, sgl_err *err)
{
	sgl_mime_param *p = &t->params[t->num_params];
	uint8_t *copy;

	TRY(sgl_slice_copy(value, &copy, ROOM, err));
	p->value = (char *)copy;
	p->value_len = value.len;
	t->num_params++; /* so that clear frees it whatever comes next */
	return copy_lower(name, &p->name, err);
}

/* Whether piece `p` is joined behind a piece 0; a gap or a double ends that. */
static bool
is_continuation(const pieces *ps, const piece *p)
{
	for (int n = 0; n < p->section; n++)
		if (find_section(ps, p->base, n) == NULL)
			return false;
	return p->section > 0 && find_section(ps, p->base, p->section) == p;
}

static sgl_status
join_pieces(const pieces *ps, sgl_mime_type *t, size_t max, sgl_err *err)
{
	if (ps->num == 0)
		return SGL_OK;
	t->params = sgl_mem_zeroed(ps->num, sizeof *t->params);
	if (t->params == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < ps->num; i++) {
		SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(max);
		const piece *p = &ps->all[i];

		if (is_continuation(ps, p))
			continue;
		if (p->section > 0 || has_param(t, p->base)) {
			t->malformed = true;
			continue;
		}
		TRY(join_value(ps, p, &value, err));
		TRY(add_param(t, p->base, sgl_buf_slice(&value), err));
	}
	return SGL_OK;
}

static bool
read_type(sgl_lex *l, sgl_slice *type, sgl_slice *subtype)
{
	sgl_lex_cfws(l);
	*type = sgl_lex_run(l, sgl_lex_is_token);
	*subtype = sgl_slice_first(*type, 0);
	sgl_lex_cfws(l);
	if (sgl_lex_peek(l) != '/')
		return type->len > 0;
	l->at++;
	sgl_lex_cfws(l);
	*subtype = sgl_lex_run(l, sgl_lex_is_token);
	return type->len > 0 && subtype->len > 0;
}

sgl_status
sgl_mime_type_read(sgl_slice value, sgl_mime_type *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	sgl_lex l = sgl_lex_over(value);
	pieces ps = {0};
	sgl_slice type, subtype;

	t.malformed = !read_type(&l, &type, &subtype);
	TRY(copy_lower(type, &t.type, err));
	TRY(copy_lower(subtype, &t.subtype, err));
	read_pieces(&l, &ps, &t.malformed);
	TRY(join_pieces(&ps, &t, value.len, err));
	*out = t;
	t = (sgl_mime_type){0};
	return SGL_OK;
}

void
sgl_mime_type_clear(sgl_mime_type *t)
{
	for (size_t i = 0; i < t->num_params; i++) {
		sgl_mem_free(t->params[i].name);
		sgl_mem_free(t->params[i].value);
	}
	sgl_mem_free(t->params);
	sgl_mem_free(t->type);
	sgl_mem_free(t->subtype);
	*t = (sgl_mime_type){0};
}

const char *
sgl_mime_type_param(const sgl_mime_type *t, const char *name)
{
	for (size_t i = 0; i < t->num_params; i++)
		if (!strcmp(t->params[i].name, name))
			return t->params[i].value;
	return NULL;
}

bool
sgl_mime_type_is(const sgl_mime_type *t, const char *type, const char *subtype)
{
	return !strcmp(t->type, type) && !strcmp(t->subtype, subtype);
}

sgl_status
sgl_headers_content_type(const sgl_headers *h, sgl_mime_type *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	const sgl_field *f = sgl_headers_find(h, "Content-Type", NULL);

	if (f == NULL)
		return sgl_mime_type_read(SGL_LIT("text/plain"), out, err);
	TRY(sgl_mime_type_read(f->value, &t, err));
	if (t.type[0] == '\0' || t.subtype[0] == '\0') {
		TRY(sgl_mime_type_read(SGL_LIT("text/plain"), out, err));
		out->malformed = true;
		return SGL_OK;
	}
	*out = t;
	t = (sgl_mime_type){0};
	return SGL_OK;
}
