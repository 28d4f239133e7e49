/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/section.h"

#define ROOM "mime.header"

static sgl_status
keep(sgl_section *s, sgl_slice part, sgl_err *err)
{
	if (part.len > s->raw.max - s->raw.len)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, 0,
		    "header section is over the limit");
	return sgl_buf_add(&s->raw, part, err);
}

static bool
is_blank(const uint8_t *line, size_t len)
{
	return len == 1 || (len == 2 && line[0] == '\r');
}

sgl_status
sgl_section_push(
    sgl_section *s, sgl_slice in, size_t *used, bool *done, sgl_err *err)
{
	*used = 0;
	*done = false;
	while (*used < in.len && !*done) {
		sgl_slice rest = sgl_slice_from(in, *used);
		const uint8_t *lf = memchr(rest.data, '\n', rest.len);

		if (lf != NULL)
			rest.len = (size_t)(lf - rest.data) + 1;
		TRY(keep(s, rest, err));
		*used += rest.len;
		if (lf == NULL)
			break;
		*done = is_blank(s->raw.data + s->line, s->raw.len - s->line);
		s->line = s->raw.len;
	}
	return SGL_OK;
}

void
sgl_section_clear(sgl_section *s)
{
	sgl_buf_clear(&s->raw);
	s->line = 0;
}
