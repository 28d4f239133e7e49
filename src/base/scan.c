/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scan.h"
#include "base/simd.h"

/* The next LF at or behind `at` (which is in.len at most), or in.len. */
static size_t
next_lf(sgl_slice in, size_t at)
{
	const uint8_t *lf;

	if (at >= in.len || in.data[at] == '\n')
		return at;
	lf = memchr(in.data + at, '\n', in.len - at);
	return lf == NULL ? in.len : (size_t)(lf - in.data);
}

size_t
sgl_scan_line_event_from(sgl_slice in, uint8_t prev, size_t at)
{
	for (at = next_lf(in, at); at < in.len; at = next_lf(in, at + 1)) {
		uint8_t before = at > 0 ? in.data[at - 1] : prev;

		if (before != '\r' || at + 1 == in.len ||
		    in.data[at + 1] == '-')
			return at;
	}
	return in.len;
}

size_t
sgl_scan_bare_lf_from(sgl_slice in, uint8_t prev, size_t at)
{
	for (at = next_lf(in, at); at < in.len; at = next_lf(in, at + 1))
		if ((at > 0 ? in.data[at - 1] : prev) != '\r')
			return at;
	return in.len;
}

/* The vector code looks at the byte before each, so the first is ours. */
static bool
may_skip(sgl_slice in)
{
	return in.len > 1 && in.data[0] != '\n' && sgl_simd_has_avx2();
}

size_t
sgl_scan_line_event(sgl_slice in, uint8_t prev)
{
	size_t at = 0;

	if (may_skip(in))
		at = 1 + sgl_simd_scan_line_event(sgl_slice_from(in, 1));
	return sgl_scan_line_event_from(in, prev, at);
}

size_t
sgl_scan_bare_lf(sgl_slice in, uint8_t prev)
{
	size_t at = 0;

	if (may_skip(in))
		at = 1 + sgl_simd_scan_bare_lf(sgl_slice_from(in, 1));
	return sgl_scan_bare_lf_from(in, prev, at);
}
