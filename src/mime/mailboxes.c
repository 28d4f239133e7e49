/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "mime/header.h"
#include "mime/lex.h"

#define ROOM "mime.mailboxes"

/*
 * One pass over the list, item by item. What stands in front of '<' is a
 * display name and never an address, whatever it looks like; an item with more
 * than one reading yields no address at all.
 */
typedef struct parser {
	sgl_lex in;
	sgl_buf addr; /* the addr-spec being read */
	sgl_mailboxes *out;
	size_t cap;
	bool in_group;
} parser;

static bool
is_atext(uint8_t c)
{
	return c > 0x20 && c != 0x7f && strchr("()<>[]:;@\\,.\"", c) == NULL;
}

static bool
is_separator(int c)
{
	return c < 0 || c == ',' || c == ';';
}

/* Adds bytes to the address without the folding in them. A CR alone is none
 * and stays, to be refused. */
static sgl_status
add_unfolded(parser *p, sgl_slice raw, sgl_err *err)
{
	TRY(sgl_buf_reserve(&p->addr, raw.len, err));
	for (size_t i = 0; i < raw.len; i++) {
		uint8_t c = raw.data[i];
		bool is_end = c == '\n' ||
		    (c == '\r' && i + 1 < raw.len && raw.data[i + 1] == '\n');

		if (!is_end)
			p->addr.data[p->addr.len++] = c;
	}
	return SGL_OK;
}

/* An atom, a quoted string or a dot; empty where none of them is. */
static sgl_slice
next_piece(parser *p, bool *whole)
{
	int c = sgl_lex_peek(&p->in);
	sgl_slice raw = sgl_slice_of(p->in.at, 0);

	*whole = true;
	if (c == '.') {
		raw.len = 1;
		p->in.at++;
	} else if (c == '"') {
		*whole = sgl_lex_quoted(&p->in, &raw);
	} else if (c >= 0) {
		raw = sgl_lex_run(&p->in, is_atext);
	}
	return raw;
}

/* Steps over a byte that no word may hold and no list uses. '[' and ']' and
 * '\' in a display name are only bad style; a control character is a trick. */
static bool
skip_odd(parser *p)
{
	int c = sgl_lex_peek(&p->in);
	bool is_bracket = c == '[' || c == ']' || c == '\\';
	bool is_control = c >= 0 && (c < 0x20 || c == 0x7f);

	if (is_control)
		p->out->malformed = true;
	if (is_bracket || is_control)
		p->in.at++;
	return is_bracket || is_control;
}

/*
 * Reads words and dots up to something else, into p->addr. *is_local tells
 * that they can be a local part: RFC 5322 3.4.1 and 4.4 (blanks and comments
 * around the dots), and more dots than that, since some providers gave such
 * addresses away. Words side by side are a display name.
 */
static sgl_status
read_words(parser *p, bool *is_local, sgl_err *err)
{
	bool after_word = false;

	p->addr.len = 0;
	*is_local = true;
	for (;;) {
		sgl_slice raw;
		bool whole, is_dot;

		sgl_lex_cfws(&p->in);
		raw = next_piece(p, &whole);
		if (raw.len == 0) {
			if (!skip_odd(p))
				break;
			*is_local = false;
			continue;
		}
		is_dot = raw.data[0] == '.';
		if (!whole || (after_word && !is_dot))
			*is_local = false;
		after_word = !is_dot;
		TRY(add_unfolded(p, raw, err));
	}
	if (p->addr.len == 0)
		*is_local = false;
	return SGL_OK;
}

static sgl_status
read_literal(parser *p, bool *good, sgl_err *err)
{
	const uint8_t *start = p->in.at;

	while (p->in.at < p->in.end && *p->in.at != ']' &&
	    !sgl_lex_is_blank(*p->in.at) &&
	    (p->in.at == start || *p->in.at != '['))
		p->in.at++;
	*good = sgl_lex_peek(&p->in) == ']';
	if (!*good)
		return SGL_OK;
	p->in.at++;
	return sgl_buf_add(
	    &p->addr, sgl_slice_of(start, (size_t)(p->in.at - start)), err);
}

/* Behind '@': a domain literal, or labels with dots between them. */
static sgl_status
read_domain(parser *p, bool *good, sgl_err *err)
{
	sgl_lex_cfws(&p->in);
	if (sgl_lex_peek(&p->in) == '[')
		return read_literal(p, good, err);
	for (;;) {
		sgl_slice label = sgl_lex_run(&p->in, is_atext);

		*good = label.len > 0;
		TRY(sgl_buf_add(&p->addr, label, err));
		sgl_lex_cfws(&p->in);
		if (!*good || sgl_lex_peek(&p->in) != '.')
			return SGL_OK;
		TRY(sgl_buf_add(&p->addr, SGL_LIT("."), err));
		p->in.at++;
		sgl_lex_cfws(&p->in);
	}
}

/* With the cursor on '@' and the local part in p->addr. */
static sgl_status
read_at_domain(parser *p, bool *good, sgl_err *err)
{
	p->in.at++;
	TRY(sgl_buf_add(&p->addr, SGL_LIT("@"), err));
	TRY(read_domain(p, good, err));
	sgl_lex_cfws(&p->in);
	return SGL_OK;
}

static bool
is_clean(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.data[i] < 0x20 && s.data[i] != '\t') ||
		    s.data[i] == 0x7f)
			return false;
	return sgl_utf8_is(s);
}

static sgl_status
make_room(parser *p, sgl_err *err)
{
	size_t cap = p->cap == 0 ? 4 : p->cap * 2;
	char **grown;

	if (p->out->num_addrs < p->cap)
		return SGL_OK;
	if (p->out->num_addrs == SGL_MAILBOXES_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many addresses in one field");
	grown = sgl_mem_resize(p->out->addrs, cap * sizeof *grown);
	if (grown == NULL)
		return sgl_oom(err, ROOM);
	p->out->addrs = grown;
	p->cap = cap;
	return SGL_OK;
}

static sgl_status
keep_address(parser *p, sgl_err *err)
{
	uint8_t *copy;

	if (!is_clean(sgl_buf_slice(&p->addr))) {
		p->out->malformed = true;
		return SGL_OK;
	}
	TRY(make_room(p, err));
	TRY(sgl_slice_copy(sgl_buf_slice(&p->addr), &copy, ROOM, err));
	p->out->addrs[p->out->num_addrs++] = (char *)copy;
	return SGL_OK;
}

/* To the end of an item that cannot be read, which is a finding and so SGL_OK.
 * Quotes and comments still hide their commas. */
static sgl_status
skip_item(parser *p)
{
	sgl_slice dropped;

	p->out->malformed = true;
	for (;;) {
		int c;

		sgl_lex_cfws(&p->in);
		c = sgl_lex_peek(&p->in);
		if (is_separator(c))
			return SGL_OK;
		if (c == '"')
			(void)!sgl_lex_quoted(&p->in, &dropped);
		else
			p->in.at++;
	}
}

/* The obsolete route <@a,@b:addr> (RFC 5322 4.4) names relays, no addressee. */
static bool
skip_route(parser *p)
{
	sgl_lex_cfws(&p->in);
	if (sgl_lex_peek(&p->in) != '@')
		return true;
	while (p->in.at < p->in.end) {
		int c;

		sgl_lex_cfws(&p->in);
		c = sgl_lex_peek(&p->in);
		if (c < 0 || strchr("<>;\"", c) != NULL)
			return false;
		p->in.at++;
		if (c == ':')
			return true;
	}
	return false;
}

/* With the cursor on '<'. */
static sgl_status
read_angle(parser *p, sgl_err *err)
{
	bool good;

	p->in.at++;
	if (!skip_route(p))
		return skip_item(p);
	TRY(read_words(p, &good, err));
	if (!good || sgl_lex_peek(&p->in) != '@')
		return skip_item(p);
	TRY(read_at_domain(p, &good, err));
	if (!good || sgl_lex_peek(&p->in) != '>')
		return skip_item(p);
	p->in.at++;
	sgl_lex_cfws(&p->in);
	if (!is_separator(sgl_lex_peek(&p->in)))
		return skip_item(p);
	return keep_address(p, err);
}

/* With the cursor on '@' behind words: an address without brackets, unless '<'
 * makes it a display name without quotes. */
static sgl_status
read_plain(parser *p, bool is_local, sgl_err *err)
{
	bool good;

	TRY(read_at_domain(p, &good, err));
	if (is_local && good && is_separator(sgl_lex_peek(&p->in)))
		return keep_address(p, err);
	p->out->malformed = true;
	while (!is_separator(sgl_lex_peek(&p->in)) &&
	    sgl_lex_peek(&p->in) != '<') {
		TRY(read_words(p, &good, err));
		if (sgl_lex_peek(&p->in) != '@')
			break;
		p->in.at++;
	}
	if (sgl_lex_peek(&p->in) == '<')
		return read_angle(p, err);
	return skip_item(p);
}

/* With the cursor on ':' behind the group's name. Groups do not nest. */
static sgl_status
open_group(parser *p)
{
	if (p->in_group || p->addr.len == 0)
		return skip_item(p);
	p->in.at++;
	p->in_group = true;
	return SGL_OK;
}

static sgl_status
read_item(parser *p, sgl_err *err)
{
	bool is_local;

	TRY(read_words(p, &is_local, err));
	switch (sgl_lex_peek(&p->in)) {
	case '<':
		return read_angle(p, err);
	case '@':
		return read_plain(p, is_local, err);
	case ':':
		return open_group(p);
	case ',':
	case ';':
	case -1:
		/* Nothing between two commas is obsolete, but harmless. */
		if (p->addr.len > 0)
			p->out->malformed = true;
		return SGL_OK;
	default:
		return skip_item(p);
	}
}

static void
step_over_separator(parser *p)
{
	int c = sgl_lex_peek(&p->in);

	if (c == ';') {
		/* Some programs part addresses with it; RFC 5322 does not. */
		if (!p->in_group)
			p->out->malformed = true;
		p->in_group = false;
	}
	if (c == ',' || c == ';')
		p->in.at++;
}

static sgl_status
read_list(parser *p, sgl_err *err)
{
	while (!sgl_lex_done(&p->in)) {
		TRY(read_item(p, err));
		step_over_separator(p);
	}
	if (p->in_group || p->in.malformed)
		p->out->malformed = true;
	return SGL_OK;
}

sgl_status
sgl_mailboxes_read(sgl_slice value, sgl_mailboxes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};
	parser p = {.in = sgl_lex_over(value),
	    .addr = sgl_buf_init(value.len + 1),
	    .out = &m};
	sgl_status status = read_list(&p, err);

	sgl_buf_clear(&p.addr);
	if (status != SGL_OK)
		return status;
	*out = m;
	m = (sgl_mailboxes){0};
	return SGL_OK;
}

void
sgl_mailboxes_clear(sgl_mailboxes *m)
{
	for (size_t i = 0; i < m->num_addrs; i++)
		sgl_mem_free(m->addrs[i]);
	sgl_mem_free(m->addrs);
	*m = (sgl_mailboxes){0};
}
