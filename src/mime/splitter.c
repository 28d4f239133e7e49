/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "mime/crlf.h"
#include "mime/cutter.h"
#include "mime/stage.h"

#define ROOM "mime.splitter"

enum where { IN_PREAMBLE, IN_PARTS, IN_EPILOGUE };

struct sgl_splitter {
	sgl_sink sink;
	sgl_cutter cutter;
	const sgl_splitter_handler *handler;
	void *ctx;
	uint8_t *boundary;
	size_t num_boundary;
	enum where where;
	size_t num_parts;
	uint64_t epilogue;
	sgl_crlf part; /* its sink is NULL outside parts */
};

static uint64_t
count_visible(sgl_slice in)
{
	uint64_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];

		n += c != ' ' && c != '\t' && c != '\r' && c != '\n';
	}
	return n;
}

static sgl_status
on_content(void *ctx, sgl_slice in, size_t *used, sgl_err *err)
{
	sgl_splitter *s = ctx;

	*used = in.len;
	if (s->where == IN_EPILOGUE)
		s->epilogue += count_visible(in);
	if (s->part.next == NULL)
		return SGL_OK;
	/* The signature in the second part may be bytes, not text. */
	if (!s->cutter.wants_bare || !s->cutter.bare || s->num_parts > 1)
		return sgl_sink_write(s->part.next, in, err);
	s->part.prev = 0; /* the cutter parts no CRLF */
	return sgl_crlf_add(&s->part, in, err);
}

static bool
on_find(void *ctx, sgl_slice line, sgl_cut *out)
{
	sgl_splitter *s = ctx;

	out->level = 0;
	out->kind = s->where == IN_EPILOGUE
	    ? SGL_DELIMITER_NONE
	    : sgl_delimiter_match(
		  line, sgl_slice_of(s->boundary, s->num_boundary));
	return out->kind != SGL_DELIMITER_NONE;
}

static sgl_status
end_part(sgl_splitter *s, sgl_err *err)
{
	sgl_sink *part = s->part.next;

	if (part == NULL)
		return SGL_OK;
	s->part.next = NULL;
	return sgl_sink_finish(part, err);
}

static sgl_status
on_cut(void *ctx, sgl_cut cut, sgl_slice eol, sgl_slice line, uint64_t next,
    sgl_err *err)
{
	sgl_splitter *s = ctx;

	(void)eol;
	(void)line;
	TRY(end_part(s, err));
	if (cut.kind == SGL_DELIMITER_CLOSE) {
		s->where = IN_EPILOGUE;
		return SGL_OK;
	}
	s->where = IN_PARTS;
	return s->handler->on_part(
	    s->ctx, s->num_parts++, next, &s->part.next, err);
}

static const sgl_cutter_ops cutter_ops = {on_content, on_find, on_cut};

static sgl_status
splitter_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	return sgl_cutter_push(&((sgl_splitter *)sink)->cutter, in, err);
}

static sgl_status
finish_all(sgl_splitter *s, sgl_err *err)
{
	TRY(sgl_cutter_finish(&s->cutter, err));
	return end_part(s, err);
}

static void
splitter_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_splitter *)sink)->part.next);
}

static sgl_status
splitter_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_status status = finish_all((sgl_splitter *)sink, err);

	if (status != SGL_OK)
		splitter_abort(sink);
	return status;
}

static const sgl_sink_ops splitter_ops = {
    splitter_write, splitter_finish, splitter_abort};

static sgl_status
copy_boundary(sgl_splitter *s, const char *boundary, sgl_err *err)
{
	sgl_slice b = sgl_boundary_trim(sgl_slice_str(boundary));

	if (b.len > SGL_BOUNDARY_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "multipart boundary is too long");
	s->num_boundary = b.len;
	return sgl_slice_copy(b, &s->boundary, ROOM, err);
}

sgl_status
sgl_splitter_new(const char *boundary, bool canonical,
    const sgl_splitter_handler *handler, void *ctx, sgl_splitter **out,
    sgl_err *err)
{
	SGL_AUTO(sgl_splitter)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &splitter_ops;
	s->handler = handler;
	s->ctx = ctx;
	sgl_cutter_init(&s->cutter, &cutter_ops, s, canonical);
	TRY(copy_boundary(s, boundary, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_sink *
sgl_splitter_sink(sgl_splitter *s)
{
	return &s->sink;
}

bool
sgl_splitter_is_closed(const sgl_splitter *s)
{
	return s->where == IN_EPILOGUE;
}

size_t
sgl_splitter_num_parts(const sgl_splitter *s)
{
	return s->num_parts;
}

uint64_t
sgl_splitter_epilogue(const sgl_splitter *s)
{
	return s->epilogue;
}

void
sgl_splitter_free(sgl_splitter *s)
{
	if (s == NULL)
		return;
	sgl_crlf_clear(&s->part);
	/* Of a line that was cut off it may be all there was. */
	sgl_mem_wipe(s->cutter.line, sizeof s->cutter.line);
	sgl_mem_free(s->boundary);
	sgl_mem_free(s);
}
