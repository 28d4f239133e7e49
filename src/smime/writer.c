/* SPDX-License-Identifier: Apache-2.0 */
/* The public writer: input, line ends, seals, output. */
#include "smime/writer_inside.h"

#define ROOM "smime.writer"

/* --- the way in --- */

/* Every seal's head goes to the one outside of it; that of the outermost
 * follows the fields that stay outside. */
static sgl_status
on_outside(void *ctx, sgl_slice fields, sgl_slice display, sgl_err *err)
{
	sgl_writer *w = ctx;
	sgl_slice mime_version = SGL_LIT("MIME-Version: 1.0\r\n");
	sgl_sink *next = w->out;

	TRY(sgl_sink_write(w->out, fields, err));
	TRY(sgl_sink_write(w->out, mime_version, err));
	for (size_t i = w->num_seals; i-- > 0;) {
		TRY(sgl_sink_write(next, sgl_seal_head(w->seals[i]), err));
		next = sgl_seal_sink(w->seals[i]);
	}
	return w->legacy == NULL
	    ? SGL_OK
	    : sgl_legacy_stage_add(w->legacy, display, err);
}

/* @req rfc9788-2.1.1: what the value says of header fields is what is done. */
static sgl_hp
protection_of_headers(const sgl_writer *w)
{
	if (!w->options.protect_headers)
		return SGL_HP_NONE;
	return w->options.what == SGL_PROTECT_SIGN ? SGL_HP_CLEAR
						   : SGL_HP_CIPHER;
}

static sgl_status
open_survey(sgl_writer *w, sgl_err *err)
{
	const sgl_limits *limits = sgl_engine_limits(w->engine);

	w->state = SGL_WRITER_SURVEY;
	TRY(sgl_survey_new(limits, &w->survey, err));
	return sgl_intake_new(limits, protection_of_headers(w), NULL, NULL,
	    sgl_survey_sink(w->survey), &w->input, err);
}

static sgl_status
open_content(sgl_writer *w, sgl_err *err)
{
	const sgl_limits *limits = sgl_engine_limits(w->engine);
	sgl_hp hp = protection_of_headers(w);
	sgl_sink *next;

	w->state = SGL_WRITER_CONTENT;
	TRY(sgl_rewrite_stage_new(
	    w->survey, limits, sgl_seal_sink(w->seals[0]), &w->rewrite, err));
	next = sgl_rewrite_stage_sink(w->rewrite);
	if (hp == SGL_HP_CIPHER) {
		TRY(sgl_legacy_stage_new(limits, next, &w->legacy, err));
		next = sgl_legacy_stage_sink(w->legacy);
	}
	return sgl_intake_new(limits, hp, on_outside, w, next, &w->input, err);
}

/* The outermost layer is a clear signature, over what came in. */
static bool
is_clear_alone(const sgl_writer *w)
{
	return w->options.what == SGL_PROTECT_SIGN && !w->options.opaque;
}

static sgl_status
fill(sgl_writer *w, sgl_err *err)
{
	TRY(sgl_writer_plan(w, err));
	return is_clear_alone(w) ? open_survey(w, err) : open_content(w, err);
}

sgl_status
sgl_writer_new(sgl_engine *engine, const sgl_protect_options *options,
    sgl_sink *out, sgl_writer **w, sgl_err *err)
{
	sgl_writer *made = sgl_mem_zeroed(1, sizeof *made);
	sgl_status status;

	if (made == NULL)
		return sgl_oom(err, ROOM);
	made->engine = engine;
	made->options = *options;
	made->out = out;
	status = fill(made, err);
	if (status == SGL_OK) {
		*w = made;
		return SGL_OK;
	}
	made->out = NULL; /* the caller still has it */
	sgl_writer_free(made);
	return status;
}

bool
sgl_writer_needs_survey(const sgl_writer *w)
{
	return w->state == SGL_WRITER_SURVEY;
}

/* --- feeding --- */

/* A failure sticks and ends the output. */
static sgl_status
fail(sgl_writer *w, sgl_status status)
{
	w->state = SGL_WRITER_FAILED;
	w->failed = status;
	if (w->input != NULL)
		sgl_sink_abort(sgl_intake_sink(w->input));
	sgl_sink_abort(w->out);
	return status;
}

static sgl_status
check_state(const sgl_writer *w, bool fits, sgl_err *err)
{
	if (w->state == SGL_WRITER_FAILED)
		return sgl_fail(err, w->failed, ROOM, SGL_NO_OFFSET,
		    "the writer has already failed");
	if (!fits)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "the writer is not at that point");
	return SGL_OK;
}

static sgl_status
end_survey(sgl_writer *w, sgl_err *err)
{
	const sgl_survey_result *result;

	TRY(sgl_sink_finish(sgl_intake_sink(w->input), err));
	result = sgl_survey_get_result(w->survey);
	if (result->is_stuck)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, result->offset,
		    "a part cannot be made fit for a clear signature");
	sgl_intake_free(SGL_TAKE(&w->input));
	return open_content(w, err);
}

sgl_status
sgl_writer_survey_done(sgl_writer *w, sgl_err *err)
{
	sgl_status status;

	TRY(check_state(w, w->state == SGL_WRITER_SURVEY, err));
	status = end_survey(w, err);
	return status == SGL_OK ? SGL_OK : fail(w, status);
}

sgl_status
sgl_writer_push(sgl_writer *w, sgl_slice in, size_t *taken, sgl_err *err)
{
	sgl_status status;

	TRY(check_state(w,
	    w->state == SGL_WRITER_SURVEY || w->state == SGL_WRITER_CONTENT,
	    err));
	status = sgl_sink_write(sgl_intake_sink(w->input), in, err);
	if (status != SGL_OK)
		return fail(w, status);
	*taken = in.len;
	return SGL_OK;
}

static sgl_status
settle(sgl_writer *w, sgl_status status)
{
	if (status == SGL_OK && w->asker.is_open)
		status = SGL_NEED_KEY;
	if (status == SGL_OK)
		w->state = SGL_WRITER_DONE;
	else if (status == SGL_NEED_KEY)
		w->state = SGL_WRITER_ASKING;
	else
		return fail(w, status);
	return status;
}

sgl_status
sgl_writer_finish(sgl_writer *w, sgl_err *err)
{
	if (w->state == SGL_WRITER_DONE)
		return SGL_OK;
	if (w->state == SGL_WRITER_ASKING)
		return SGL_NEED_KEY;
	TRY(check_state(w, w->state == SGL_WRITER_CONTENT, err));
	return settle(w, sgl_sink_finish(sgl_intake_sink(w->input), err));
}

const sgl_key_request *
sgl_writer_request(const sgl_writer *w, sgl_key **key)
{
	if (!w->asker.is_open)
		return NULL;
	*key = w->asker.key;
	return &w->asker.request;
}

sgl_status
sgl_writer_answer(sgl_writer *w, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err)
{
	TRY(check_state(w, w->state == SGL_WRITER_ASKING, err));
	return settle(w, sgl_asker_answer(&w->asker, status, answer, err));
}

void
sgl_writer_free(sgl_writer *w)
{
	if (w == NULL)
		return;
	if (w->out != NULL && w->state != SGL_WRITER_DONE)
		(void)fail(w, SGL_E_USAGE);
	sgl_intake_free(w->input);
	sgl_legacy_stage_free(w->legacy);
	sgl_rewrite_stage_free(w->rewrite);
	sgl_survey_free(w->survey);
	for (size_t i = 0; i < w->num_seals; i++)
		sgl_seal_free(w->seals[i]);
	sgl_mem_free(w->signers);
	sgl_buf_clear(&w->ess);
	sgl_mem_free(w);
}
