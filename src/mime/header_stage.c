/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/section.h"
#include "mime/stage.h"

#define ROOM "mime.header"

struct sgl_header_stage {
	sgl_sink sink;
	const sgl_header_handler *handler;
	void *ctx;
	sgl_section section;
	sgl_sink *body; /* borrowed; NULL before the body and if dropped */
	bool in_body;
};

static sgl_status
end_section(sgl_header_stage *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_headers) headers = {0};
	uint64_t offset = s->section.raw.len;

	TRY(sgl_headers_read(
	    sgl_buf_slice(&s->section.raw), s->section.raw.max, &headers, err));
	sgl_section_clear(&s->section);
	s->in_body = true;
	return s->handler->on_headers(s->ctx, &headers, offset, &s->body, err);
}

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_header_stage *s = (sgl_header_stage *)sink;
	size_t used = 0;
	bool done;

	if (!s->in_body) {
		TRY(sgl_section_push(&s->section, in, &used, &done, err));
		if (!done)
			return SGL_OK;
		TRY(end_section(s, err));
	}
	if (s->body == NULL)
		return SGL_OK;
	return sgl_sink_write(s->body, sgl_slice_from(in, used), err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_header_stage *s = (sgl_header_stage *)sink;

	if (!s->in_body) {
		sgl_status status = end_section(s, err);

		if (status != SGL_OK) {
			sgl_sink_abort(s->body);
			return status;
		}
	}
	return s->body == NULL ? SGL_OK : sgl_sink_finish(s->body, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_header_stage *)sink)->body);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_header_stage_new(size_t max, const sgl_header_handler *handler, void *ctx,
    sgl_header_stage **out, sgl_err *err)
{
	sgl_header_stage *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &stage_ops;
	s->handler = handler;
	s->ctx = ctx;
	s->section.raw = sgl_buf_init(max);
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_header_stage_sink(sgl_header_stage *s)
{
	return &s->sink;
}

void
sgl_header_stage_free(sgl_header_stage *s)
{
	if (s == NULL)
		return;
	sgl_section_clear(&s->section);
	sgl_mem_free(s);
}
