/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

static uint8_t
fold(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? (uint8_t)(c | 0x20) : c;
}

static bool
same_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool
sgl_slice_eq_nocase(sgl_slice a, sgl_slice b)
{
	return a.len == b.len && same_nocase(a.data, b.data, a.len);
}

bool
sgl_slice_starts(sgl_slice s, sgl_slice prefix)
{
	return s.len >= prefix.len &&
	    (prefix.len == 0 || !memcmp(s.data, prefix.data, prefix.len));
}

bool
sgl_slice_starts_nocase(sgl_slice s, sgl_slice prefix)
{
	return s.len >= prefix.len &&
	    same_nocase(s.data, prefix.data, prefix.len);
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

sgl_slice
sgl_slice_trim(sgl_slice s)
{
	while (s.len > 0 && is_space(s.data[0]))
		s = sgl_slice_from(s, 1);
	while (s.len > 0 && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

int
sgl_slice_compare(sgl_slice a, sgl_slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

	if (order != 0)
		return order;
	return a.len == b.len ? 0 : (a.len < b.len ? -1 : 1);
}
