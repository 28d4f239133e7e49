/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/json.h"

#define MAX_DEPTH 32

/* All that was allocated, so that a leak checker sees it. */
static struct held {
	struct held *next;
	max_align_t bytes[];
} * held;

static void *
hold(size_t size)
{
	struct held *h = calloc(1, sizeof *h + size);

	assert_non_null(h);
	h->next = held;
	held = h;
	return h->bytes;
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *
expect(const char *p, char c)
{
	p = skip_blanks(p);
	if (*p != c)
		fail_msg("JSON: '%c' expected before \"%.20s\"", c, p);
	return p + 1;
}

static char *
put_utf8(char *out, unsigned long c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

static const char *
unescape(const char *p, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple = *p == '\0' ? NULL : strchr(from, *p);
	char digits[5] = {0};

	if (simple != NULL) {
		*(*out)++ = to[simple - from];
		return p + 1;
	}
	if (*p != 'u' || strspn(p + 1, "0123456789abcdefABCDEF") < 4)
		fail_msg("JSON: bad escape");
	memcpy(digits, p + 1, 4);
	*out = put_utf8(*out, strtoul(digits, NULL, 16));
	return p + 5;
}

static const char *
read_string(const char *p, char **out)
{
	size_t room = 0;
	char *at;

	p = expect(p, '"');
	for (; p[room] != '"'; room++) {
		if (p[room] == '\0')
			fail_msg("JSON: string does not end");
		if (p[room] == '\\' && p[room + 1] != '\0')
			room++;
	}
	at = *out = hold(room + 1);
	while (*p != '"') {
		if (*p == '\\')
			p = unescape(p + 1, &at);
		else
			*at++ = *p++;
	}
	return p + 1;
}

static const char *read_value(const char *p, json *out, unsigned depth);

static const char *
read_members(const char *p, json *out, char close, unsigned depth)
{
	json **last = &out->first;

	p = skip_blanks(p);
	if (*p == close)
		return p + 1;
	for (;;) {
		json *member = hold(sizeof *member);
		if (close == '}') {
			p = read_string(p, &member->name);
			p = expect(p, ':');
		}
		p = skip_blanks(read_value(p, member, depth + 1));
		*last = member;
		last = &member->next;
		if (*p == close)
			return p + 1;
		p = expect(p, ',');
	}
}

static const char *
read_value(const char *p, json *out, unsigned depth)
{
	size_t len;

	assert_true(depth < MAX_DEPTH);
	p = skip_blanks(p);
	if (*p == '{')
		return read_members(p + 1, out, '}', depth);
	if (*p == '[')
		return read_members(p + 1, out, ']', depth);
	if (*p == '"')
		return read_string(p, &out->text);
	len = strcspn(p, ",]} \t\r\n");
	out->text = hold(len + 1);
	memcpy(out->text, p, len);
	return p + len;
}

const json *
json_parse(const char *text)
{
	json *root = hold(sizeof *root);

	if (*skip_blanks(read_value(text, root, 0)) != '\0')
		fail_msg("JSON: more than one value");
	return root;
}

const json *
json_find(const json *object, const char *name)
{
	for (const json *m = object->first; m != NULL; m = m->next)
		if (m->name != NULL && strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const json *
json_get(const json *object, const char *name)
{
	const json *m = json_find(object, name);

	if (m == NULL)
		fail_msg("JSON: no member \"%s\"", name);
	return m;
}

const char *
json_text(const json *object, const char *name)
{
	const json *m = json_get(object, name);

	assert_non_null(m->text);
	return m->text;
}

long
json_number(const json *object, const char *name)
{
	return strtol(json_text(object, name), NULL, 10);
}
