/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/mem.h"
#include "base/scan.h"
#include "mime/crlf.h"

#define ROOM "mime.crlf"

/* Every byte may become two. */
#define STEP (SGL_BLOCK / 2)

/* Converts one step of `in`, which begins behind the byte `prev`. */
static size_t
convert(sgl_slice in, uint8_t prev, uint8_t *out)
{
	const uint8_t *at = in.data, *end = in.data + in.len;
	uint8_t *to = out;

	while (at < end) {
		const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((lf == NULL ? end : lf) - at);

		memcpy(to, at, len);
		to += len;
		if (lf == NULL)
			break;
		if ((len > 0 ? lf[-1] : prev) != '\r')
			*to++ = '\r';
		*to++ = '\n';
		prev = '\n';
		at = lf + 1;
	}
	return (size_t)(to - out);
}

static sgl_status
add_converted(sgl_crlf *c, sgl_slice in, sgl_err *err)
{
	if (c->block == NULL)
		c->block = sgl_mem_resize(NULL, SGL_BLOCK);
	if (c->block == NULL)
		return sgl_oom(err, ROOM);
	while (in.len > 0) {
		sgl_slice piece =
		    sgl_slice_first(in, in.len < STEP ? in.len : STEP);
		size_t len = convert(piece, c->prev, c->block);

		if (len > c->touched)
			c->touched = len;
		TRY(sgl_sink_write(c->next, sgl_slice_of(c->block, len), err));
		c->prev = piece.data[piece.len - 1];
		in = sgl_slice_from(in, piece.len);
	}
	return SGL_OK;
}

sgl_status
sgl_crlf_add(sgl_crlf *c, sgl_slice in, sgl_err *err)
{
	if (in.len == 0)
		return SGL_OK;
	if (sgl_scan_bare_lf(in, c->prev) < in.len)
		return add_converted(c, in, err);
	c->prev = in.data[in.len - 1];
	return sgl_sink_write(c->next, in, err);
}

void
sgl_crlf_clear(sgl_crlf *c)
{
	sgl_mem_wipe(c->block, c->touched);
	sgl_mem_free(c->block);
	*c = (sgl_crlf){0};
}
