/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "mime/walk.h"

#define ROOM "mime.walk"

static sgl_walk_entity *
innermost(sgl_walk *w)
{
	return &w->open[w->num_open - 1];
}

static sgl_status
make_room(sgl_walk *w, sgl_err *err)
{
	size_t cap = w->cap_open == 0 ? 4 : w->cap_open * 2;
	sgl_walk_entity *grown;

	if (w->num_open < w->cap_open)
		return SGL_OK;
	grown = sgl_mem_resize(w->open, cap * sizeof *grown);
	if (grown == NULL)
		return sgl_oom(err, ROOM);
	w->open = grown;
	w->cap_open = cap;
	return SGL_OK;
}

static sgl_status
begin_entity(sgl_walk *w, sgl_err *err)
{
	bool is_sealed = w->num_open > 0 && innermost(w)->is_sealed;

	TRY(make_room(w, err));
	w->open[w->num_open++] = (sgl_walk_entity){.index = w->num_entities++,
	    .offset = w->offset,
	    .is_sealed = is_sealed};
	w->in_header = true;
	return SGL_OK;
}

static bool
ends_with_blank_line(sgl_slice s)
{
	return s.len > 0 && s.data[s.len - 1] == '\n' &&
	    (s.len == 1 || s.data[s.len - 2] == '\n' ||
		(s.data[s.len - 2] == '\r' &&
		    (s.len == 2 || s.data[s.len - 3] == '\n')));
}

/* Parts the blank line from the fields; *blank stays empty without one. */
static sgl_slice
cut_blank_line(sgl_slice s, sgl_slice *blank)
{
	size_t len = s.len;

	if (!ends_with_blank_line(s))
		return s;
	len--;
	if (len > 0 && s.data[len - 1] == '\r')
		len--;
	*blank = sgl_slice_from(s, len);
	return sgl_slice_first(s, len);
}

static sgl_status
end_header(sgl_walk *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_headers) headers = {0};
	sgl_walk_entity *e = innermost(w);
	const sgl_walk_entity *parent = w->num_open > 1 ? e - 1 : NULL;
	sgl_slice fields = sgl_buf_slice(&w->section.raw);
	sgl_slice blank = {0};
	bool has_body;

	w->in_header = false;
	TRY(sgl_headers_read(fields, w->section.raw.max, &headers, err));
	TRY(sgl_walk_classify(
	    e, &headers, parent, w->num_open < w->max_open, err));
	if (w->keeps_binary && e->kind == SGL_WALK_MESSAGE &&
	    e->cte == SGL_CTE_BINARY)
		e->kind = SGL_WALK_LEAF;
	fields = cut_blank_line(fields, &blank);
	if (e->index == 0)
		fields = sgl_buf_slice(&headers.bytes);
	TRY(w->ops->entity(w->ctx, e, &headers, fields, blank, err));
	has_body = blank.len > 0;
	sgl_section_clear(&w->section);
	if (e->kind == SGL_WALK_MESSAGE && has_body)
		return begin_entity(w, err);
	return SGL_OK;
}

/* Ends the innermost entities until `keep` of them are left. */
static sgl_status
end_entities(sgl_walk *w, size_t keep, sgl_err *err)
{
	if (w->in_header && w->num_open > keep)
		TRY(end_header(w, err));
	while (w->num_open > keep) {
		TRY(w->ops->end(w->ctx, innermost(w), err));
		sgl_mem_free(innermost(w)->boundary);
		w->num_open--;
	}
	return SGL_OK;
}

static sgl_status
on_content(void *ctx, sgl_slice in, size_t *used, sgl_err *err)
{
	sgl_walk *w = ctx;
	bool done;

	if (!w->in_header) {
		w->offset += in.len;
		return w->ops->bytes(w->ctx, innermost(w), in, err);
	}
	TRY(sgl_section_push(&w->section, in, used, &done, err));
	w->offset += *used;
	return done ? end_header(w, err) : SGL_OK;
}

/* The outermost multipart has the first word. */
static bool
on_find(void *ctx, sgl_slice line, sgl_cut *out)
{
	sgl_walk *w = ctx;

	for (size_t i = 0; i < w->num_open; i++) {
		const sgl_walk_entity *e = &w->open[i];

		if (e->boundary == NULL || e->where == SGL_WALK_IN_EPILOGUE)
			continue;
		out->level = i;
		out->kind = sgl_delimiter_match(
		    line, sgl_slice_of(e->boundary, e->num_boundary));
		if (out->kind != SGL_DELIMITER_NONE)
			return true;
	}
	return false;
}

static sgl_status
on_cut(void *ctx, sgl_cut cut, sgl_slice eol, sgl_slice line, uint64_t next,
    sgl_err *err)
{
	sgl_walk *w = ctx;
	sgl_walk_entity *e = &w->open[cut.level];

	TRY(end_entities(w, cut.level + 1, err));
	w->offset = next;
	TRY(w->ops->delimiter(w->ctx, e, cut.kind, eol, line, err));
	if (cut.kind == SGL_DELIMITER_CLOSE) {
		e->where = SGL_WALK_IN_EPILOGUE;
		return SGL_OK;
	}
	e->where = SGL_WALK_IN_PARTS;
	e->has_more = e->has_parts;
	e->has_parts = true;
	return begin_entity(w, err);
}

static const sgl_cutter_ops cutter_ops = {on_content, on_find, on_cut};

sgl_status
sgl_walk_init(sgl_walk *w, const sgl_limits *limits, const sgl_walk_ops *ops,
    void *ctx, sgl_err *err)
{
	sgl_limits full = sgl_limits_fill(limits);

	*w = (sgl_walk){.ops = ops,
	    .ctx = ctx,
	    .section.raw = sgl_buf_init(full.headers),
	    .max_open = full.mime_depth};
	sgl_cutter_init(&w->cutter, &cutter_ops, w, false);
	return begin_entity(w, err);
}

sgl_status
sgl_walk_push(sgl_walk *w, sgl_slice in, sgl_err *err)
{
	return sgl_cutter_push(&w->cutter, in, err);
}

sgl_status
sgl_walk_finish(sgl_walk *w, sgl_err *err)
{
	TRY(sgl_cutter_finish(&w->cutter, err));
	return end_entities(w, 0, err);
}

void
sgl_walk_clear(sgl_walk *w)
{
	for (size_t i = 0; i < w->num_open; i++)
		sgl_mem_free(w->open[i].boundary);
	sgl_mem_free(w->open);
	sgl_section_clear(&w->section);
	*w = (sgl_walk){0};
}
