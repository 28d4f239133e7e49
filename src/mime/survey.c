/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "mime/fit.h"
#include "mime/survey.h"
#include "mime/walk.h"

#define ROOM "mime.survey"

/* What a header section must be free of, since it is never changed. Blanks at
 * the end of its lines are common and pass. */
#define HEADER_FLAWS                                                           \
	(SGL_FLAW_NUL | SGL_FLAW_BARE_CR | SGL_FLAW_LONG | SGL_FLAW_FROM)

struct sgl_survey {
	sgl_sink sink;
	sgl_walk walk;
	sgl_fit fit;	    /* of the body, preamble or epilogue under way */
	bool has_odd_label; /* of the entity under way: 8bit or binary */
	sgl_buf plans;	    /* two bits for every entity, as far as needed */
	sgl_survey_result result;
};

sgl_plan
sgl_survey_plan(const sgl_survey *s, uint64_t index)
{
	if (index / 4 >= s->plans.len)
		return SGL_PLAN_KEEP;
	return (sgl_plan)(s->plans.data[index / 4] >> (index % 4 * 2) & 3);
}

static sgl_status
set_plan(sgl_survey *s, uint64_t index, sgl_plan plan, sgl_err *err)
{
	uint64_t byte = index / 4;

	if (byte >= s->plans.max)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many parts in one message");
	if (byte >= s->plans.len) {
		size_t more = (size_t)byte + 1 - s->plans.len;

		TRY(sgl_buf_reserve(&s->plans, more, err));
		memset(s->plans.data + s->plans.len, 0, more);
		s->plans.len += more;
	}
	s->plans.data[byte] |= (uint8_t)(plan << (index % 4 * 2));
	return SGL_OK;
}

static void
note_unfit(sgl_survey *s, const sgl_walk_entity *e)
{
	s->result.is_fit = false;
	if (e->offset < s->result.offset)
		s->result.offset = e->offset;
}

static void
note_stuck(sgl_survey *s, const sgl_walk_entity *e)
{
	s->result.is_stuck = true;
	note_unfit(s, e);
}

static void
begin_text(sgl_survey *s)
{
	s->fit = (sgl_fit){.stop = SGL_FLAWS_ANY};
}

static void
look_at_header(sgl_survey *s, const sgl_walk_entity *e, sgl_slice fields)
{
	sgl_fit fit = {.stop = HEADER_FLAWS};

	sgl_fit_push(&fit, fields);
	if (sgl_fit_finish(&fit) & HEADER_FLAWS)
		note_stuck(s, e);
	if (fit.flaws & SGL_FLAW_8BIT)
		s->result.has_8bit_headers = true;
}

static sgl_status
on_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *headers,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	sgl_survey *s = ctx;

	(void)headers;
	(void)blank;
	(void)err;
	look_at_header(s, e, fields);
	s->has_odd_label = !e->is_sealed &&
	    (e->cte == SGL_CTE_8BIT || e->cte == SGL_CTE_BINARY);
	if (s->has_odd_label)
		note_unfit(s, e);
	s->result.has_signed |= e->is_signed;
	begin_text(s);
	return SGL_OK;
}

static sgl_status
on_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	sgl_survey *s = ctx;

	(void)e;
	(void)err;
	sgl_fit_push(&s->fit, in);
	return SGL_OK;
}

/* Binary content keeps its line ends, which clear-signed mail cannot. */
static bool
is_unfit(sgl_survey *s, const sgl_walk_entity *e)
{
	unsigned flaws = sgl_fit_finish(&s->fit);

	if (e->kind == SGL_WALK_LEAF && e->cte == SGL_CTE_BINARY)
		return flaws != 0;
	return (flaws & SGL_FLAWS_ANY) != 0;
}

static sgl_status
unfit_text(
    sgl_survey *s, const sgl_walk_entity *e, bool can_change, sgl_err *err)
{
	note_unfit(s, e);
	if (can_change && !e->is_sealed)
		return set_plan(s, e->index, SGL_PLAN_CHANGE, err);
	note_stuck(s, e);
	return set_plan(s, e->index, SGL_PLAN_STUCK, err);
}

static sgl_status
end_leaf(sgl_survey *s, const sgl_walk_entity *e, sgl_err *err)
{
	s->result.num_leaves++;
	if (is_unfit(s, e)) {
		s->result.num_unfit++;
		return unfit_text(s, e, e->is_encodable, err);
	}
	s->result.num_unfit += s->has_odd_label;
	return SGL_OK;
}

/* Text around parts may go; but where no part came it is all there is. */
static sgl_status
end_surroundings(
    sgl_survey *s, const sgl_walk_entity *e, bool has_parts, sgl_err *err)
{
	if (!is_unfit(s, e))
		return SGL_OK;
	return unfit_text(s, e, has_parts, err);
}

static sgl_status
on_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	switch (e->where) {
	case SGL_WALK_IN_BODY:
		return e->kind == SGL_WALK_LEAF ? end_leaf(ctx, e, err)
						: SGL_OK;
	case SGL_WALK_IN_PREAMBLE:
	case SGL_WALK_IN_EPILOGUE:
		return end_surroundings(ctx, e, e->has_parts, err);
	case SGL_WALK_IN_PARTS:
		break;
	}
	return SGL_OK;
}

/* Blanks behind a delimiter can go; what else is odd in it is its boundary. */
static sgl_status
on_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	sgl_survey *s = ctx;
	sgl_fit fit = {0};
	unsigned flaws;

	(void)eol;
	if (e->where == SGL_WALK_IN_PREAMBLE)
		TRY(end_surroundings(s, e, kind == SGL_DELIMITER_OPEN, err));
	sgl_fit_push(&fit, line);
	flaws = sgl_fit_finish(&fit) & SGL_FLAWS_ANY;
	if ((flaws & ~(unsigned)SGL_FLAW_TRAILING) != 0 ||
	    (flaws != 0 && e->is_sealed))
		note_stuck(s, e);
	else if (flaws != 0)
		note_unfit(s, e);
	begin_text(s);
	return SGL_OK;
}

static const sgl_walk_ops walk_ops = {
    on_entity, on_bytes, on_delimiter, on_end};

static sgl_status
survey_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	return sgl_walk_push(&((sgl_survey *)sink)->walk, in, err);
}

static sgl_status
survey_finish(sgl_sink *sink, sgl_err *err)
{
	return sgl_walk_finish(&((sgl_survey *)sink)->walk, err);
}

static void
survey_abort(sgl_sink *sink)
{
	(void)sink;
}

static const sgl_sink_ops survey_ops = {
    survey_write, survey_finish, survey_abort};

sgl_status
sgl_survey_new(const sgl_limits *limits, sgl_survey **out, sgl_err *err)
{
	SGL_AUTO(sgl_survey)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &survey_ops;
	s->plans = sgl_buf_init(sgl_limits_fill(limits).sets);
	s->result =
	    (sgl_survey_result){.is_fit = true, .offset = SGL_NO_OFFSET};
	TRY(sgl_walk_init(&s->walk, limits, &walk_ops, s, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_sink *
sgl_survey_sink(sgl_survey *s)
{
	return &s->sink;
}

const sgl_survey_result *
sgl_survey_get_result(const sgl_survey *s)
{
	return &s->result;
}

void
sgl_survey_free(sgl_survey *s)
{
	if (s == NULL)
		return;
	sgl_walk_clear(&s->walk);
	sgl_buf_clear(&s->plans);
	sgl_mem_free(s);
}
