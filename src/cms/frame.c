/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "cms/frame.h"

#define ROOM "cms.frame"
#define HEADER_ROOM 16
#define SMALL 4096 /* heads are algorithm identifiers */

sgl_status
sgl_frame_init(sgl_frame *f, sgl_oid type, sgl_frame_content content,
    size_t max, sgl_sink *out, sgl_err *err)
{
	*f = (sgl_frame){.out = out,
	    .type = type,
	    .content = content,
	    .front = sgl_buf_init(max),
	    .head = sgl_buf_init(SMALL)};
	if (content == SGL_FRAME_ABSENT)
		return SGL_OK;
	f->block =
	    sgl_mem_resize(NULL, HEADER_ROOM + SGL_SEGMENT + SGL_SEGMENT_SLACK);
	return f->block == NULL ? sgl_oom(err, ROOM) : SGL_OK;
}

void
sgl_frame_clear(sgl_frame *f)
{
	/* While all fits, no more has been written to; a padded last block may
	 * lie in the slack. */
	bool is_part = !f->streams && f->fill < SGL_SEGMENT;
	size_t used = is_part ? f->fill : SGL_SEGMENT;

	if (f->block != NULL)
		sgl_mem_wipe(f->block, HEADER_ROOM + used + SGL_SEGMENT_SLACK);
	sgl_mem_free(f->block);
	f->block = NULL;
	sgl_buf_clear(&f->front);
	sgl_buf_clear(&f->head);
}

uint8_t *
sgl_frame_at(const sgl_frame *f)
{
	return f->block + HEADER_ROOM + f->fill;
}

size_t
sgl_frame_room(const sgl_frame *f)
{
	return SGL_SEGMENT - f->fill;
}

static sgl_slice
filled(const sgl_frame *f)
{
	return f->content == SGL_FRAME_ABSENT
	    ? sgl_slice_of(NULL, 0)
	    : sgl_slice_of(f->block + HEADER_ROOM, f->fill);
}

/* --- BER of indefinite length --- */

static void
add_indefinite(sgl_derb *b, sgl_tag tag)
{
	uint8_t bytes[2];

	(void)sgl_der_put_indefinite(bytes, tag);
	sgl_derb_raw(b, sgl_slice_of(bytes, sizeof bytes));
}

sgl_status
sgl_frame_stream(sgl_frame *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	start = sgl_buf_init(f->front.len + f->head.len + SMALL);
	sgl_derb b = sgl_derb_over(&start);

	assert(!f->streams && f->content != SGL_FRAME_ABSENT);
	add_indefinite(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(f->type));
	add_indefinite(&b, SGL_CONTEXT(0));
	add_indefinite(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, sgl_buf_slice(&f->front));
	add_indefinite(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, sgl_buf_slice(&f->head));
	add_indefinite(&b, SGL_CONTEXT(0));
	if (f->content == SGL_FRAME_EXPLICIT)
		add_indefinite(&b, SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED);
	TRY(sgl_derb_end(&b, err));
	f->streams = true;
	return sgl_sink_write(f->out, sgl_buf_slice(&start), err);
}

sgl_status
sgl_frame_flush(sgl_frame *f, sgl_slice rest, sgl_err *err)
{
	uint8_t head[10];
	size_t n;

	assert(f->streams);
	if (f->fill + rest.len == 0)
		return SGL_OK;
	n = sgl_der_put_header(head, SGL_OCTET_STRING, f->fill + rest.len);
	/* Right in front of the bytes, so that one write takes both. */
	memcpy(f->block + HEADER_ROOM - n, head, n);
	n += f->fill;
	TRY(sgl_sink_write(f->out,
	    sgl_slice_of(f->block + HEADER_ROOM + f->fill - n, n), err));
	f->fill = 0;
	return sgl_sink_write(f->out, rest, err);
}

/* Ends of contents: the OCTET STRING, [0], the inner SEQUENCE; then the rest.
 */
static sgl_status
end_stream(sgl_frame *f, sgl_slice back, sgl_err *err)
{
	static const uint8_t zeros[8];
	size_t inner = f->content == SGL_FRAME_EXPLICIT ? 6 : 4;

	TRY(sgl_frame_flush(f, sgl_slice_of(NULL, 0), err));
	TRY(sgl_sink_write(f->out, sgl_slice_of(zeros, inner), err));
	TRY(sgl_sink_write(f->out, back, err));
	return sgl_sink_write(f->out, sgl_slice_of(zeros, 6), err);
}

/* --- DER --- */

static size_t
with_header(size_t len)
{
	return sgl_der_header_len(len) + len;
}

static void
add_header(sgl_derb *b, sgl_tag tag, size_t len)
{
	uint8_t bytes[10];
	size_t n = sgl_der_put_header(bytes, tag, len);

	sgl_derb_raw(b, sgl_slice_of(bytes, n));
}

/* The lengths are known from the inside out, so nothing has to be moved. */
static sgl_status
build_start(const sgl_frame *f, size_t back, sgl_buf *start, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(start);
	size_t octets = with_header(f->fill), tagged = octets;
	size_t encap, data, type = with_header(sgl_oid_der(f->type).len);

	if (f->content == SGL_FRAME_EXPLICIT)
		tagged = with_header(octets);
	else if (f->content == SGL_FRAME_ABSENT)
		tagged = 0;
	encap = f->head.len + tagged;
	data = f->front.len + with_header(encap) + back;
	add_header(&b, SGL_SEQUENCE, type + with_header(with_header(data)));
	sgl_derb_oid(&b, sgl_oid_der(f->type));
	add_header(&b, SGL_CONTEXT(0), with_header(data));
	add_header(&b, SGL_SEQUENCE, data);
	sgl_derb_raw(&b, sgl_buf_slice(&f->front));
	add_header(&b, SGL_SEQUENCE, encap);
	sgl_derb_raw(&b, sgl_buf_slice(&f->head));
	if (f->content == SGL_FRAME_EXPLICIT) {
		add_header(&b, SGL_CONTEXT(0), octets);
		add_header(&b, SGL_OCTET_STRING, f->fill);
	} else if (f->content == SGL_FRAME_IMPLICIT) {
		add_header(&b, SGL_CONTEXT_PRIMITIVE(0), f->fill);
	}
	return sgl_derb_end(&b, err);
}

static sgl_status
write_der(sgl_frame *f, sgl_slice back, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	start = sgl_buf_init(f->front.len + f->head.len + SMALL);

	TRY(build_start(f, back.len, &start, err));
	TRY(sgl_sink_write(f->out, sgl_buf_slice(&start), err));
	TRY(sgl_sink_write(f->out, filled(f), err));
	return sgl_sink_write(f->out, back, err);
}

sgl_status
sgl_frame_finish(sgl_frame *f, sgl_slice back, sgl_err *err)
{
	if (f->streams)
		TRY(end_stream(f, back, err));
	else
		TRY(write_der(f, back, err));
	return sgl_sink_finish(f->out, err);
}
