/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

static size_t
bytes_of_lead(uint8_t lead, uint32_t *cp)
{
	if (lead < 0x80) {
		*cp = lead;
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0) {
		*cp = lead & 0x1fu;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*cp = lead & 0x0fu;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf5) {
		*cp = lead & 0x07u;
		return 4;
	}
	return 0;
}

size_t
sgl_utf8_read(sgl_slice s, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t value = 0;
	size_t len = s.len == 0 ? 0 : bytes_of_lead(s.data[0], &value);

	if (len == 0 || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s.data[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s.data[i] & 0x3fu);
	}
	if (value < least[len] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*cp = value;
	return len;
}

bool
sgl_utf8_is(sgl_slice s)
{
	uint32_t cp;
	size_t n;

	for (; s.len > 0; s = sgl_slice_from(s, n))
		if ((n = sgl_utf8_read(s, &cp)) == 0)
			return false;
	return true;
}

bool
sgl_utf8_is_harmful(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x061c ||
	    cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

void
sgl_utf8_make_safe(uint8_t *text, size_t len)
{
	sgl_slice rest = sgl_slice_of(text, len);

	while (rest.len > 0) {
		uint32_t cp = 0;
		size_t n = sgl_utf8_read(rest, &cp);

		if (n == 0 || sgl_utf8_is_harmful(cp))
			memset(text + len - rest.len, '?', n == 0 ? 1 : n);
		rest = sgl_slice_from(rest, n == 0 ? 1 : n);
	}
}
