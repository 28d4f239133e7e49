/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/der.h"
#include "base/addr.h"

static bool
add_utf8(sgl_buf *out, uint32_t c)
{
	uint8_t b[4];
	size_t n;

	if (c < 0x80) {
		b[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (uint8_t)(0xc0 | c >> 6);
		b[1] = (uint8_t)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (uint8_t)(0xe0 | c >> 12);
		b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | c >> 18);
		b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		b[3] = (uint8_t)(0x80 | (c & 0x3f));
		n = 4;
	}
	return sgl_buf_add(out, sgl_slice_of(b, n), NULL) == SGL_OK;
}

static bool
is_character(uint32_t c)
{
	return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* BMPString and UniversalString: big-endian units. A surrogate pair in a
 * BMPString is not allowed there, but Windows writes it. */
static bool
add_wide(sgl_slice bytes, size_t unit, sgl_buf *out)
{
	if (bytes.len % unit != 0)
		return false;
	for (size_t i = 0; i < bytes.len; i += unit) {
		uint32_t c = 0, low;

		for (size_t k = 0; k < unit; k++)
			c = c << 8 | bytes.data[i + k];
		if (unit == 2 && c >= 0xd800 && c < 0xdc00 &&
		    i + 4 <= bytes.len) {
			low = (uint32_t)bytes.data[i + 2] << 8 |
			    bytes.data[i + 3];
			if (low < 0xdc00 || low > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		if (!is_character(c) || !add_utf8(out, c))
			return false;
	}
	return true;
}

static bool
add_latin1(sgl_slice bytes, uint8_t max, sgl_buf *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] > max || !add_utf8(out, bytes.data[i]))
			return false;
	return true;
}

bool
sgl_der_text(sgl_tag tag, sgl_slice bytes, sgl_buf *out)
{
	switch (tag) {
	case SGL_UTF8_STRING:
		return sgl_utf8_is(bytes) &&
		    sgl_buf_add(out, bytes, NULL) == SGL_OK;
	case SGL_PRINTABLE_STRING:
	case SGL_IA5_STRING:
	case SGL_NUMERIC_STRING:
	case SGL_VISIBLE_STRING:
		return add_latin1(bytes, 0x7f, out);
	case SGL_T61_STRING:
		return add_latin1(bytes, 0xff, out);
	case SGL_BMP_STRING:
		return add_wide(bytes, 2, out);
	case SGL_UNIVERSAL_STRING:
		return add_wide(bytes, 4, out);
	}
	return false;
}

bool
sgl_der_is_printable(sgl_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') &&
		    (c == 0 || strchr(" '()+,-./:=?", c) == NULL))
			return false;
	}
	return true;
}
