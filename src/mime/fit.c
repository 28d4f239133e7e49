/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/fit.h"

/* RFC 5322 2.1.1, without the line end. */
#define LINE_MAX 998

static const char from[] = "From ";
#define FROM_LEN (sizeof from - 1)

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The rules, a byte at a time. */
static unsigned
line_flaws(const sgl_fit *f, uint8_t c)
{
	unsigned flaws = 0;

	if (c >= 0x80)
		flaws |= SGL_FLAW_8BIT;
	if (c == 0)
		flaws |= SGL_FLAW_NUL;
	if (f->prev == '\r' && c != '\n')
		flaws |= SGL_FLAW_BARE_CR;
	if (f->prev != '\r' && c == '\n')
		flaws |= SGL_FLAW_BARE_LF;
	if (is_blank(f->prev) && (c == '\r' || c == '\n'))
		flaws |= SGL_FLAW_TRAILING;
	if (f->column >= LINE_MAX && c != '\r' && c != '\n')
		flaws |= SGL_FLAW_LONG;
	if (f->column == FROM_LEN - 1 && f->from == FROM_LEN - 1 && c == ' ')
		flaws |= SGL_FLAW_FROM;
	return flaws;
}

static void
step(sgl_fit *f, uint8_t c)
{
	f->flaws |= line_flaws(f, c);
	if (c == '\n') {
		f->column = f->from = 0;
	} else {
		if (f->column < FROM_LEN && f->from == f->column &&
		    c == (uint8_t)from[f->column])
			f->from++;
		f->column++;
	}
	f->prev = c;
}

/* The same rules for p[1, len], p[0] being the byte before, by vectors of the
 * compiler's own. *starts: some line starts with 'F'. */
typedef uint8_t vec __attribute__((vector_size(16)));
#define LANES sizeof(vec)

static bool
any_set(vec v)
{
	uint64_t halves[2];

	memcpy(halves, &v, sizeof halves);
	return (halves[0] | halves[1]) != 0;
}

static unsigned
scan(const uint8_t *p, size_t len, bool *starts)
{
	vec high = {0}, nul = {0}, cr = {0}, lf = {0}, trail = {0}, f = {0};
	unsigned flaws = 0;

	for (size_t i = 0; i < len; i += LANES) {
		vec a, b, a_cr, b_lf, blank;

		memcpy(&a, p + i, LANES);
		memcpy(&b, p + i + 1, LANES);
		a_cr = (vec)(a == '\r');
		b_lf = (vec)(b == '\n');
		blank = (vec)((a == ' ') | (a == '\t'));
		high |= b;
		nul |= (vec)(b == 0);
		cr |= a_cr & ~b_lf;
		lf |= b_lf & ~a_cr;
		trail |= blank & (b_lf | (vec)(b == '\r'));
		f |= (vec)((a == '\n') & (b == 'F'));
	}
	high &= 0x80;
	flaws |= any_set(high) ? SGL_FLAW_8BIT : 0;
	flaws |= any_set(nul) ? SGL_FLAW_NUL : 0;
	flaws |= any_set(cr) ? SGL_FLAW_BARE_CR : 0;
	flaws |= any_set(lf) ? SGL_FLAW_BARE_LF : 0;
	flaws |= any_set(trail) ? SGL_FLAW_TRAILING : 0;
	*starts = any_set(f);
	return flaws;
}

/* Whether "From " stands behind an LF of the first `len` bytes; a few more
 * bytes than these can be read. */
static bool
has_from(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (!memcmp(++p, from, FROM_LEN))
			return true;
		if (p == end)
			break;
	}
	return false;
}

/*
 * The lines of p[0, len), the first of which has `column` bytes already. Only
 * the last LF within reach of a line's start is looked for, so that most bytes
 * are not looked at.
 */
static void
scan_lines(sgl_fit *f, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	for (;;) {
		/* An LF further on leaves no room for CR in front of it. */
		size_t reach = LINE_MAX + 2 - f->column;
		size_t window = (size_t)(end - p);
		const uint8_t *lf;

		if (f->column > LINE_MAX + 1)
			reach = 0;
		if (reach < window)
			window = reach;
		lf = memrchr(p, '\n', window);
		if (lf == NULL && window == reach) {
			f->flaws |= SGL_FLAW_LONG;
			lf = memrchr(p, '\n', (size_t)(end - p));
		}
		if (lf == NULL) {
			f->column += (size_t)(end - p);
			return;
		}
		if (lf == p + reach - 1 && lf[-1] != '\r' &&
		    memrchr(p, '\n', reach - 1) == NULL)
			f->flaws |= SGL_FLAW_LONG;
		p = lf + 1;
		f->column = 0;
	}
}

/* Bytes behind a chunk that has_from may look at. */
#define AHEAD 8
#define CHUNK 1024u

/* Looks at p[0, len), len being a multiple of LANES. */
static void
push_chunk(sgl_fit *f, const uint8_t *p, size_t len)
{
	bool starts;

	f->flaws |= scan(p - 1, len, &starts);
	if (starts && has_from(p - 1, len))
		f->flaws |= SGL_FLAW_FROM;
	scan_lines(f, p, len);
	f->prev = p[len - 1];
	f->from = 0;
}

/* How much of in[at, ...) can be looked at as a chunk: none at the edges of a
 * push, nor while a "From " may be under way. */
static size_t
chunk_length(const sgl_fit *f, sgl_slice in, size_t at)
{
	bool quiet = f->column == 0 || f->from < f->column;
	size_t len;

	if (at == 0 || !quiet || in.len - at < LANES + AHEAD)
		return 0;
	len = (in.len - at - AHEAD) / LANES * LANES;
	return len < CHUNK ? len : CHUNK;
}

void
sgl_fit_push(sgl_fit *f, sgl_slice in)
{
	size_t at = 0;

	while (at < in.len && (f->flaws & f->stop) == 0) {
		size_t len = chunk_length(f, in, at);

		if (len > 0)
			push_chunk(f, in.data + at, len);
		else
			step(f, in.data[at++]);
		at += len;
	}
}

unsigned
sgl_fit_finish(sgl_fit *f)
{
	if (f->prev == '\r')
		f->flaws |= SGL_FLAW_BARE_CR;
	if (is_blank(f->prev))
		f->flaws |= SGL_FLAW_TRAILING;
	return f->flaws;
}
