/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: what an entity says, without how it is encoded. The header fields
 * but the transfer encoding's, and what every leaf decodes to with CRLF line
 * ends. Rewriting must not change it. What is around parts is left out.
 */
#ifndef SGL_MIME_FLATTEN_TEST_H
#define SGL_MIME_FLATTEN_TEST_H

#include "mime/walk.h"
#include "mime/write.h"

typedef struct flattener {
	sgl_walk walk;
	sgl_buf *out;
	sgl_bufsink sink;
	sgl_decode_stage *decode;
	sgl_crlf_stage *crlf;
	sgl_sink *leaf;
} flattener;

static inline sgl_status
flatten_text(sgl_buf *out, sgl_slice text, sgl_err *err)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == '\n' && (i == 0 || text.data[i - 1] != '\r'))
			TRY(sgl_buf_add_str(out, "\r", err));
		TRY(sgl_buf_add(out, sgl_slice_of(&c, 1), err));
	}
	return SGL_OK;
}

static inline sgl_status
flatten_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *h,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	flattener *f = ctx;

	(void)blank;
	TRY(sgl_buf_printf(f->out, err, "<%d,%d,%d,%d\n", (int)e->kind,
	    e->is_text, e->is_sealed, e->is_signed));
	TRY(flatten_text(
	    f->out, sgl_slice_first(fields, fields.len - h->bytes.len), err));
	for (size_t i = 0; i < h->num_fields; i++)
		if (!sgl_slice_eq_nocase(h->fields[i].name,
			SGL_LIT("Content-Transfer-Encoding")))
			TRY(flatten_text(f->out, h->fields[i].whole, err));
	if (e->kind != SGL_WALK_LEAF)
		return SGL_OK;
	sgl_bufsink_init(&f->sink, f->out);
	TRY(sgl_decode_stage_new(e->cte, &f->sink.sink, &f->decode, err));
	f->leaf = sgl_decode_stage_sink(f->decode);
	if (e->cte == SGL_CTE_7BIT || e->cte == SGL_CTE_8BIT ||
	    e->cte == SGL_CTE_UNKNOWN) {
		TRY(sgl_crlf_stage_new(f->leaf, &f->crlf, err));
		f->leaf = sgl_crlf_stage_sink(f->crlf);
	}
	return SGL_OK;
}

static inline sgl_status
flatten_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	return e->where == SGL_WALK_IN_BODY
	    ? sgl_sink_write(((flattener *)ctx)->leaf, in, err)
	    : SGL_OK;
}

static inline sgl_status
flatten_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	(void)e;
	(void)eol;
	(void)line;
	return sgl_buf_printf(
	    ((flattener *)ctx)->out, err, "\n-%d\n", (int)kind);
}

static inline sgl_status
flatten_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	flattener *f = ctx;

	if (e->kind == SGL_WALK_LEAF) {
		TRY(sgl_sink_finish(f->leaf, err));
		sgl_decode_stage_free(SGL_TAKE(&f->decode));
		sgl_crlf_stage_free(SGL_TAKE(&f->crlf));
	}
	return sgl_buf_add_str(f->out, ">\n", err);
}

static inline sgl_status
flatten(sgl_slice entity, sgl_buf *out, sgl_err *err)
{
	static const sgl_walk_ops ops = {
	    flatten_entity, flatten_bytes, flatten_delimiter, flatten_end};
	flattener f = {.out = out};
	sgl_status status = sgl_walk_init(&f.walk, NULL, &ops, &f, err);

	if (status == SGL_OK)
		status = sgl_walk_push(&f.walk, entity, err);
	if (status == SGL_OK)
		status = sgl_walk_finish(&f.walk, err);
	sgl_decode_stage_free(f.decode);
	sgl_crlf_stage_free(f.crlf);
	sgl_walk_clear(&f.walk);
	return status;
}

#endif
