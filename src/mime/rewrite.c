/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/crlf.h"
#include "mime/survey.h"
#include "mime/walk.h"

#define ROOM "mime.rewrite"

/* What becomes of the bytes of the entity under way. */
enum mode { AS_TEXT, AS_IS, ENCODED, DROPPED };

struct sgl_rewrite_stage {
	sgl_sink sink;
	sgl_walk walk;
	const sgl_survey *survey; /* borrowed; may be NULL */
	sgl_crlf text;		  /* into the next stage */
	enum mode mode;
	/* A leaf under way: decoded, or its line ends made CRLF, or neither;
	 * then encoded into `tail`, which ends with it. */
	sgl_sink *leaf;
	sgl_decode_stage *decode;
	sgl_crlf_stage *crlf;
	sgl_encode_stage *encode;
	sgl_sink tail;
};

/* `tail`: a leaf's end is not that of the stream. */

static sgl_status
tail_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	size_t at = offsetof(sgl_rewrite_stage, tail);
	sgl_rewrite_stage *r = (sgl_rewrite_stage *)(void *)((char *)sink - at);

	return sgl_sink_write(r->text.next, in, err);
}

static sgl_status
tail_finish(sgl_sink *sink, sgl_err *err)
{
	(void)sink;
	(void)err;
	return SGL_OK;
}

static void
tail_abort(sgl_sink *sink)
{
	(void)sink;
}

static const sgl_sink_ops tail_ops = {tail_write, tail_finish, tail_abort};

static sgl_plan
plan_of(const sgl_rewrite_stage *r, const sgl_walk_entity *e)
{
	return r->survey == NULL ? SGL_PLAN_KEEP
				 : sgl_survey_plan(r->survey, e->index);
}

/* What the leaf will be encoded as. Text whose very bytes count, line ends
 * too, is no text here. */
static sgl_cte
encoding_for(const sgl_walk_entity *e)
{
	if (e->cte == SGL_CTE_BASE64 || e->cte == SGL_CTE_QUOTED_PRINTABLE)
		return e->cte;
	return e->is_text && e->cte != SGL_CTE_BINARY ? SGL_CTE_QUOTED_PRINTABLE
						      : SGL_CTE_BASE64;
}

/* The label an entity gets; its own where that stays. */
static sgl_cte
label_for(const sgl_rewrite_stage *r, const sgl_walk_entity *e)
{
	sgl_plan plan = plan_of(r, e);

	if (r->survey == NULL || e->is_sealed || plan == SGL_PLAN_STUCK)
		return e->cte;
	if (e->kind == SGL_WALK_LEAF && plan == SGL_PLAN_CHANGE)
		return encoding_for(e);
	return e->cte == SGL_CTE_8BIT || e->cte == SGL_CTE_BINARY ? SGL_CTE_7BIT
								  : e->cte;
}

/* Text goes out in pieces that part no CRLF. */
static sgl_status
put_text(sgl_rewrite_stage *r, sgl_slice text, sgl_err *err)
{
	r->text.prev = 0;
	return sgl_crlf_add(&r->text, text, err);
}

static sgl_status
put_label(sgl_rewrite_stage *r, sgl_cte cte, bool has_line_end, sgl_err *err)
{
	TRY(put_text(r, SGL_LIT("Content-Transfer-Encoding: "), err));
	TRY(put_text(r, sgl_slice_str(sgl_cte_name(cte)), err));
	return has_line_end ? put_text(r, SGL_LIT("\r\n"), err) : SGL_OK;
}

static bool
ends_line(sgl_slice s)
{
	return s.len > 0 && s.data[s.len - 1] == '\n';
}

/* Puts the new label in the place of the old, or behind all fields. More
 * labels than one would leave it to chance which is believed. */
static sgl_status
put_fields(
    sgl_rewrite_stage *r, const sgl_headers *h, sgl_cte label, sgl_err *err)
{
	bool done = false;

	for (size_t i = 0; i < h->num_fields; i++) {
		const sgl_field *f = &h->fields[i];
		bool is_label = sgl_slice_eq_nocase(
		    f->name, SGL_LIT("Content-Transfer-Encoding"));

		if (!is_label)
			TRY(put_text(r, f->whole, err));
		else if (!done)
			TRY(put_label(r, label, ends_line(f->whole), err));
		done |= is_label;
	}
	return done ? SGL_OK : put_label(r, label, true, err);
}

static sgl_status
put_header(sgl_rewrite_stage *r, const sgl_walk_entity *e, const sgl_headers *h,
    sgl_slice fields, sgl_err *err)
{
	sgl_cte label = label_for(r, e);

	if (label == e->cte)
		return put_text(r, fields, err);
	/* The "From " line in front of an inner message is none of its fields.
	 */
	TRY(put_text(
	    r, sgl_slice_first(fields, fields.len - h->bytes.len), err));
	return put_fields(r, h, label, err);
}

static void
free_leaf(sgl_rewrite_stage *r)
{
	sgl_decode_stage_free(SGL_TAKE(&r->decode));
	sgl_crlf_stage_free(SGL_TAKE(&r->crlf));
	sgl_encode_stage_free(SGL_TAKE(&r->encode));
	r->leaf = NULL;
}

static sgl_status
begin_leaf(sgl_rewrite_stage *r, const sgl_walk_entity *e, sgl_err *err)
{
	sgl_cte cte = encoding_for(e);

	r->tail = (sgl_sink){.ops = &tail_ops};
	TRY(sgl_encode_stage_new(cte, &r->tail, &r->encode, err));
	r->leaf = sgl_encode_stage_sink(r->encode);
	if (cte == e->cte) {
		TRY(sgl_decode_stage_new(cte, r->leaf, &r->decode, err));
		r->leaf = sgl_decode_stage_sink(r->decode);
	} else if (e->cte != SGL_CTE_BINARY) {
		TRY(sgl_crlf_stage_new(r->leaf, &r->crlf, err));
		r->leaf = sgl_crlf_stage_sink(r->crlf);
	}
	return SGL_OK;
}

static enum mode
mode_for(const sgl_rewrite_stage *r, const sgl_walk_entity *e)
{
	if (plan_of(r, e) == SGL_PLAN_CHANGE)
		return e->kind == SGL_WALK_LEAF ? ENCODED : DROPPED;
	return e->kind == SGL_WALK_LEAF && e->cte == SGL_CTE_BINARY ? AS_IS
								    : AS_TEXT;
}

static sgl_status
on_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *headers,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	sgl_rewrite_stage *r = ctx;

	TRY(put_header(r, e, headers, fields, err));
	if (blank.len > 0)
		TRY(put_text(r, SGL_LIT("\r\n"), err));
	r->mode = mode_for(r, e);
	return r->mode == ENCODED ? begin_leaf(r, e, err) : SGL_OK;
}

static sgl_status
on_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	sgl_rewrite_stage *r = ctx;

	(void)e;
	switch (r->mode) {
	case AS_TEXT:
		return put_text(r, in, err);
	case AS_IS:
		return sgl_sink_write(r->text.next, in, err);
	case ENCODED:
		return sgl_sink_write(r->leaf, in, err);
	case DROPPED:
		break;
	}
	return SGL_OK;
}

/* "--" boundary, perhaps "--", without what a mail server would strip. */
static sgl_slice
without_padding(sgl_slice line)
{
	while (line.len > 0 &&
	    (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
		line.len--;
	return line;
}

static sgl_slice
without_line_end(sgl_slice line)
{
	if (!ends_line(line))
		return line;
	line.len--;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

static sgl_status
on_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	sgl_rewrite_stage *r = ctx;
	sgl_slice text = without_line_end(line);
	bool preamble_went =
	    e->where == SGL_WALK_IN_PREAMBLE && r->mode == DROPPED;

	(void)kind;
	if (eol.len > 0 && !preamble_went)
		TRY(put_text(r, SGL_LIT("\r\n"), err));
	if (r->survey != NULL && !e->is_sealed)
		text = without_padding(text);
	TRY(put_text(r, text, err));
	if (ends_line(line))
		TRY(put_text(r, SGL_LIT("\r\n"), err));
	r->mode = mode_for(r, e); /* for what is between or behind parts */
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	sgl_rewrite_stage *r = ctx;

	(void)e;
	if (r->leaf == NULL)
		return SGL_OK;
	TRY(sgl_sink_finish(r->leaf, err));
	free_leaf(r);
	return SGL_OK;
}

static const sgl_walk_ops walk_ops = {
    on_entity, on_bytes, on_delimiter, on_end};

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	return sgl_walk_push(&((sgl_rewrite_stage *)sink)->walk, in, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_rewrite_stage *)sink)->text.next);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_rewrite_stage *r = (sgl_rewrite_stage *)sink;
	sgl_status status = sgl_walk_finish(&r->walk, err);

	if (status != SGL_OK) {
		stage_abort(sink);
		return status;
	}
	return sgl_sink_finish(r->text.next, err);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_rewrite_stage_new(const sgl_survey *survey, const sgl_limits *limits,
    sgl_sink *next, sgl_rewrite_stage **out, sgl_err *err)
{
	SGL_AUTO(sgl_rewrite_stage)
	r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->sink.ops = &stage_ops;
	r->survey = survey;
	r->text.next = next;
	TRY(sgl_walk_init(&r->walk, limits, &walk_ops, r, err));
	r->walk.keeps_binary = survey == NULL;
	*out = SGL_TAKE(&r);
	return SGL_OK;
}

sgl_sink *
sgl_rewrite_stage_sink(sgl_rewrite_stage *r)
{
	return &r->sink;
}

void
sgl_rewrite_stage_free(sgl_rewrite_stage *r)
{
	if (r == NULL)
		return;
	sgl_walk_clear(&r->walk);
	free_leaf(r);
	sgl_crlf_clear(&r->text);
	sgl_mem_free(r);
}
