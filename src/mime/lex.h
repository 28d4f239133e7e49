/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over a structured header field (RFC 5322 3.2), raw as it came:
 * folding counts as blank. Every call moves on or stands at the end, and none
 * recurses, so a stranger's nesting costs time in proportion to its length.
 */
#ifndef SGL_MIME_LEX_H
#define SGL_MIME_LEX_H

#include "base/slice.h"

typedef struct sgl_lex {
	const uint8_t *at, *end;
	bool malformed; /* an unfinished comment or quoted string was met */
} sgl_lex;

static inline sgl_lex
sgl_lex_over(sgl_slice value)
{
	/* An empty slice may have no bytes at all; the sum needs some. */
	const uint8_t *at = value.len > 0 ? value.data : (const uint8_t *)"";

	return (sgl_lex){.at = at, .end = at + value.len};
}

static inline bool
sgl_lex_done(const sgl_lex *l)
{
	return l->at == l->end;
}

/* The byte under the cursor, or -1 at the end. */
static inline int
sgl_lex_peek(const sgl_lex *l)
{
	return l->at < l->end ? *l->at : -1;
}

static inline bool
sgl_lex_is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* sgl_lex_cfws steps over blanks, folding and comments, nested ones too. */
void sgl_lex_cfws(sgl_lex *l);

/* sgl_lex_quoted steps over the quoted string under the cursor and sets *raw
 * to all of it, quotes included. false: it does not end; the cursor stands at
 * the end of the field and *raw is the rest of it. */
SGL_MUST bool sgl_lex_quoted(sgl_lex *l, sgl_slice *raw);

/* sgl_lex_run steps over bytes that `is_member` accepts. */
sgl_slice sgl_lex_run(sgl_lex *l, bool (*is_member)(uint8_t c));

/* A token of RFC 2045 5.1: printable ASCII without tspecials. */
bool sgl_lex_is_token(uint8_t c);

#endif
