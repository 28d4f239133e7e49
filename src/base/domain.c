/* SPDX-License-Identifier: Apache-2.0 */
/* Domains as A-labels: RFC 5891 5 (lookup) with the Punycode of RFC 3492. */
#include "base/addr.h"

#define LABEL_MAX 63   /* RFC 1035 2.3.4 */
#define DOMAIN_MAX 253 /* the 255 of the wire form, as text */

typedef struct text {
	uint8_t bytes[DOMAIN_MAX];
	size_t len, max;
} text;

static bool
put(text *t, uint8_t c)
{
	if (t->len >= t->max)
		return false;
	t->bytes[t->len++] = c;
	return true;
}

/*
 * Code points that no U-label has, whatever the Unicode version: blanks, what
 * looks like a dot or is invisible, compatibility forms, private use (all
 * DISALLOWED by RFC 5892). Whether a letter is assigned and in lower case is
 * the registry's business: two spellings are never made the same here.
 */
static bool
is_refused(uint32_t cp)
{
	static const uint32_t ranges[][2] = {{0x80, 0xb6}, {0xb8, 0xbf},
	    {0xd7, 0xd7}, {0xf7, 0xf7}, {0x2000, 0x200b}, {0x200e, 0x2071},
	    {0x2e80, 0x3004}, {0xe000, 0xfa0d}, {0xfe00, 0xfe1f},
	    {0xfe30, 0xfe6f}, {0xfeff, 0xffff}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

static bool
is_ldh(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Reads one label, ASCII in lower case; false if it can be none. */
static bool
read_label(sgl_slice in, uint32_t cps[LABEL_MAX], size_t *num, bool *ascii)
{
	size_t count = 0, n;

	*ascii = true;
	for (; in.len > 0; in = sgl_slice_from(in, n)) {
		uint32_t cp;

		if (count == LABEL_MAX || (n = sgl_utf8_read(in, &cp)) == 0)
			return false;
		if (cp >= 'A' && cp <= 'Z')
			cp |= 0x20;
		if (cp < 0x80 ? !is_ldh(cp) : is_refused(cp))
			return false;
		*ascii = *ascii && cp < 0x80;
		cps[count++] = cp;
	}
	*num = count;
	return count > 0 && cps[0] != '-' && cps[count - 1] != '-';
}

static uint32_t
adapt_bias(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta /= first ? 700 : 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

/* A generalized variable-length integer (RFC 3492 3.3). */
static bool
put_delta(text *t, uint32_t delta, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (uint32_t k = 36;; k += 36) {
		uint32_t least = k <= bias ? 1 : k - bias > 26 ? 26 : k - bias;

		if (delta < least)
			return put(t, (uint8_t)digits[delta]);
		if (!put(t,
			(uint8_t)
			    digits[least + (delta - least) % (36 - least)]))
			return false;
		delta = (delta - least) / (36 - least);
	}
}

/* The smallest code point that is at least `from`. */
static uint32_t
next_point(const uint32_t *cps, size_t num, uint32_t from)
{
	uint32_t next = UINT32_MAX;

	for (size_t i = 0; i < num; i++)
		if (cps[i] >= from && cps[i] < next)
			next = cps[i];
	return next;
}

/* RFC 3492 6.3. 63 code points of 21 bits cannot overflow delta. */
static bool
put_punycode(text *t, const uint32_t *cps, size_t num)
{
	uint32_t basic = 0, done, delta = 0, bias = 72, n = 0x80;

	for (size_t i = 0; i < num; i++)
		if (cps[i] < 0x80) {
			basic++;
			if (!put(t, (uint8_t)cps[i]))
				return false;
		}
	if (basic > 0 && !put(t, '-'))
		return false;
	for (done = basic; done < num; n++, delta++) {
		uint32_t next = next_point(cps, num, n);

		delta += (next - n) * (done + 1);
		n = next;
		for (size_t i = 0; i < num; i++) {
			if (cps[i] < n)
				delta++;
			if (cps[i] != n)
				continue;
			if (!put_delta(t, delta, bias))
				return false;
			bias = adapt_bias(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	return true;
}

static bool
put_label(text *t, sgl_slice label)
{
	uint32_t cps[LABEL_MAX];
	size_t num;
	bool ascii, good = true;

	if (!read_label(label, cps, &num, &ascii))
		return false;
	t->max = t->len + LABEL_MAX;
	if (t->max > DOMAIN_MAX)
		t->max = DOMAIN_MAX;
	if (ascii) {
		for (size_t i = 0; i < num && good; i++)
			good = put(t, (uint8_t)cps[i]);
		return good;
	}
	/* RFC 5891 4.2.3.1: no hyphens where a prefix would have them. */
	if (num >= 4 && cps[2] == '-' && cps[3] == '-')
		return false;
	for (const char *s = "xn--"; *s != '\0' && good; s++)
		good = put(t, (uint8_t)*s);
	return good && put_punycode(t, cps, num);
}

static bool
to_ascii(sgl_slice domain, text *t)
{
	for (;;) {
		const uint8_t *dot = domain.len == 0
		    ? NULL
		    : memchr(domain.data, '.', domain.len);
		size_t len =
		    dot == NULL ? domain.len : (size_t)(dot - domain.data);

		if (!put_label(t, sgl_slice_first(domain, len)))
			return false;
		if (dot == NULL)
			return true;
		t->max = DOMAIN_MAX;
		if (!put(t, '.'))
			return false;
		domain = sgl_slice_from(domain, len + 1);
	}
}

bool
sgl_domain_to_ascii(sgl_slice domain, sgl_buf *out)
{
	text t = {.len = 0};

	return to_ascii(domain, &t) &&
	    sgl_buf_add(out, sgl_slice_of(t.bytes, t.len), NULL) == SGL_OK;
}

bool
sgl_domain_same(sgl_slice a, sgl_slice b)
{
	text ta = {.len = 0}, tb = {.len = 0};

	if (a.len == 0 || b.len == 0)
		return false;
	if (sgl_slice_eq_nocase(a, b))
		return true;
	if (sgl_addr_is_ascii(a) && sgl_addr_is_ascii(b))
		return false;
	return to_ascii(a, &ta) && to_ascii(b, &tb) && ta.len == tb.len &&
	    memcmp(ta.bytes, tb.bytes, ta.len) == 0;
}
