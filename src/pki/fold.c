/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "pki/name.h"

/* Capital letters and the distance to their small ones, in the scripts whose
 * letters come in rows: simple case folding, one character to one. */
static const struct {
	uint32_t first, last;
	uint32_t step, distance;
} capitals[] = {
    {0x00c0, 0x00d6, 1, 0x20},			       /* Latin-1 */
    {0x00d8, 0x00de, 1, 0x20}, {0x0100, 0x012e, 2, 1}, /* Latin Extended-A */
    {0x0132, 0x0136, 2, 1}, {0x0139, 0x0147, 2, 1}, {0x014a, 0x0176, 2, 1},
    {0x0179, 0x017d, 2, 1},
    {0x01cd, 0x01db, 2, 1}, /* Latin Extended-B, what is used of it */
    {0x01de, 0x01ee, 2, 1}, {0x01f8, 0x021e, 2, 1}, {0x0222, 0x0232, 2, 1},
    {0x0386, 0x0386, 1, 0x26}, /* Greek */
    {0x0388, 0x038a, 1, 0x25}, {0x038c, 0x038c, 1, 0x40},
    {0x038e, 0x038f, 1, 0x3f}, {0x0391, 0x03a1, 1, 0x20},
    {0x03a3, 0x03ab, 1, 0x20},
    {0x03c2, 0x03c2, 1, 1},    /* final sigma is a sigma */
    {0x0400, 0x040f, 1, 0x50}, /* Cyrillic */
    {0x0410, 0x042f, 1, 0x20}, {0x0460, 0x0480, 2, 1}, {0x048a, 0x04be, 2, 1},
    {0x04c1, 0x04cd, 2, 1}, {0x04d0, 0x052e, 2, 1},
    {0x0531, 0x0556, 1, 0x30}, /* Armenian */
    {0x1e00, 0x1e94, 2, 1},    /* Latin Extended Additional */
    {0x1ea0, 0x1efe, 2, 1}, {0xff21, 0xff3a, 1, 0x20}, /* full-width Latin */
};

static uint32_t
fold_case(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
	if (c == 0x0178)
		return 0xff;
	for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
		if (c <= capitals[i].last)
			return c >= capitals[i].first &&
				(c - capitals[i].first) % capitals[i].step == 0
			    ? c + capitals[i].distance
			    : c;
	return c;
}

/* RFC 4518 2.2: what is mapped to SPACE. */
static bool
is_blank(uint32_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* RFC 4518 2.2: what is mapped to nothing. */
static bool
is_nothing(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad ||
	    c == 0x034f || c == 0x06dd || c == 0x070f || c == 0x1806 ||
	    (c >= 0x180b && c <= 0x180e) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffc) || (c >= 0xe0000 && c <= 0xe007f);
}

static uint32_t
take_unit(sgl_slice *in, size_t bytes)
{
	uint32_t c = 0;

	for (size_t i = 0; i < bytes; i++)
		c = c << 8 | in->data[i];
	*in = sgl_slice_from(*in, bytes);
	return c;
}

/* A surrogate pair in a BMPString is not allowed there, but it is written. */
static uint32_t
read_wide(sgl_slice *in, size_t bytes)
{
	uint32_t c, low;

	if (in->len < bytes)
		return SGL_FOLD_BAD;
	c = take_unit(in, bytes);
	if (bytes == 2 && c >= 0xd800 && c < 0xdc00 && in->len >= 2) {
		low = take_unit(in, 2);
		if (low < 0xdc00 || low > 0xdfff)
			return SGL_FOLD_BAD;
		return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return SGL_FOLD_BAD;
	return c;
}

static uint32_t
read_char(sgl_fold *f)
{
	uint32_t c = 0;
	size_t n;

	if (f->in.len == 0)
		return SGL_FOLD_END;
	switch (f->tag) {
	case SGL_BMP_STRING:
		return read_wide(&f->in, 2);
	case SGL_UNIVERSAL_STRING:
		return read_wide(&f->in, 4);
	case SGL_UTF8_STRING:
		if (f->in.data[0] < 0x80)
			return take_unit(&f->in, 1);
		n = sgl_utf8_read(f->in, &c);
		if (n == 0)
			return SGL_FOLD_BAD;
		f->in = sgl_slice_from(f->in, n);
		return c;
	case SGL_T61_STRING:
		return take_unit(&f->in, 1);
	}
	c = take_unit(&f->in, 1);
	return c < 0x80 ? c : SGL_FOLD_BAD;
}

bool
sgl_fold_over(sgl_tag tag, sgl_slice value, sgl_fold *out)
{
	switch (tag) {
	case SGL_UTF8_STRING:
	case SGL_PRINTABLE_STRING:
	case SGL_IA5_STRING:
	case SGL_NUMERIC_STRING:
	case SGL_VISIBLE_STRING:
	case SGL_T61_STRING:
	case SGL_BMP_STRING:
	case SGL_UNIVERSAL_STRING:
		*out = (sgl_fold){.tag = tag, .in = value};
		return true;
	}
	return false;
}

uint32_t
sgl_fold_next(sgl_fold *f)
{
	bool blank = false;
	uint32_t c = f->held;

	f->held = 0;
	if (c != 0)
		return c;
	for (;;) {
		c = read_char(f);
		if (c >= SGL_FOLD_BAD)
			return c; /* blanks at the end fall away */
		if (is_blank(c)) {
			blank = f->started;
		} else if ((c > 0x20 && c < 0x7f) || !is_nothing(c)) {
			c = fold_case(c);
			break;
		}
	}
	f->started = true;
	if (!blank)
		return c;
	f->held = c;
	return ' ';
}
