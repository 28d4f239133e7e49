/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/delimiter.h"

sgl_slice
sgl_boundary_trim(sgl_slice boundary)
{
	while (boundary.len > 0 &&
	    (boundary.data[boundary.len - 1] == ' ' ||
		boundary.data[boundary.len - 1] == '\t'))
		boundary.len--;
	return boundary;
}

sgl_delimiter
sgl_delimiter_match(sgl_slice line, sgl_slice boundary)
{
	sgl_delimiter kind = SGL_DELIMITER_OPEN;

	if (!sgl_slice_starts(line, SGL_LIT("--")) ||
	    !sgl_slice_starts(sgl_slice_from(line, 2), boundary))
		return SGL_DELIMITER_NONE;
	line = sgl_slice_from(line, 2 + boundary.len);
	if (sgl_slice_starts(line, SGL_LIT("--"))) {
		kind = SGL_DELIMITER_CLOSE;
		line = sgl_slice_from(line, 2);
	}
	if (line.len > 0 && line.data[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] != ' ' && line.data[i] != '\t')
			return SGL_DELIMITER_NONE;
	return kind;
}

/* Vectors of the compiler's own find the place, some at a time, and memchr the
 * byte. */
typedef uint8_t vec __attribute__((vector_size(16)));
#define NUM_VECS 4

static bool
has_dash_line(const uint8_t *p)
{
	vec here, next, any = {0};
	uint64_t halves[2];

	for (int i = 0; i < NUM_VECS; i++) {
		memcpy(&here, p + i * 16, sizeof here);
		memcpy(&next, p + i * 16 + 1, sizeof next);
		any |= (vec)((here == '\n') & (next == '-'));
	}
	memcpy(halves, &any, sizeof halves);
	return (halves[0] | halves[1]) != 0;
}

size_t
sgl_scan_dash_line(sgl_slice in)
{
	size_t at = 0;

	while (at + NUM_VECS * sizeof(vec) < in.len &&
	    !has_dash_line(in.data + at))
		at += NUM_VECS * sizeof(vec);
	for (;;) {
		const uint8_t *lf;

		if (at == in.len)
			return at;
		lf = memchr(in.data + at, '\n', in.len - at);
		if (lf == NULL)
			return in.len;
		at = (size_t)(lf - in.data);
		if (at + 1 == in.len || lf[1] == '-')
			return at;
		at++;
	}
}
