/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/lex.h"

/* A backslash speaks for the byte behind it, if there is one. */
static void
skip_pair(sgl_lex *l)
{
	l->at++;
	if (l->at < l->end)
		l->at++;
}

static void
skip_comment(sgl_lex *l)
{
	size_t depth = 0;

	do {
		int c = sgl_lex_peek(l);

		if (c < 0) {
			l->malformed = true;
			return;
		}
		if (c == '\\') {
			skip_pair(l);
			continue;
		}
		if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		l->at++;
	} while (depth > 0);
}

void
sgl_lex_cfws(sgl_lex *l)
{
	for (;;) {
		int c = sgl_lex_peek(l);

		if (c == '(')
			skip_comment(l);
		else if (sgl_lex_is_blank(c))
			l->at++;
		else
			return;
	}
}

bool
sgl_lex_quoted(sgl_lex *l, sgl_slice *raw)
{
	const uint8_t *start = l->at++;

	while (l->at < l->end && *l->at != '"') {
		if (*l->at == '\\')
			skip_pair(l);
		else
			l->at++;
	}
	if (l->at == l->end) {
		l->malformed = true;
		*raw = sgl_slice_of(start, (size_t)(l->at - start));
		return false;
	}
	l->at++;
	*raw = sgl_slice_of(start, (size_t)(l->at - start));
	return true;
}

sgl_slice
sgl_lex_run(sgl_lex *l, bool (*is_member)(uint8_t c))
{
	const uint8_t *start = l->at;

	while (l->at < l->end && is_member(*l->at))
		l->at++;
	return sgl_slice_of(start, (size_t)(l->at - start));
}

bool
sgl_lex_is_token(uint8_t c)
{
	return c > 0x20 && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}
