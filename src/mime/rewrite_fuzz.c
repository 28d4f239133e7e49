/* SPDX-License-Identifier: Apache-2.0 */
/* Surveying and rewriting: what an entity says stays, what comes out is fit,
 * and where the input is cut never matters. The first byte chooses the cuts. */
#include <assert.h>

#include "mime/flatten_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_status
feed(sgl_sink *s, sgl_slice in, size_t step)
{
	while (in.len > 0) {
		size_t n = step == 0 || step > in.len ? in.len : step;

		TRY(sgl_sink_write(s, sgl_slice_first(in, n), NULL));
		in = sgl_slice_from(in, n);
	}
	return sgl_sink_finish(s, NULL);
}

/* NULL where a limit was met. */
static sgl_survey *
survey(sgl_slice in, size_t step)
{
	SGL_AUTO(sgl_survey)
	s = NULL;
	sgl_status status;

	assert(sgl_survey_new(NULL, &s, NULL) == SGL_OK);
	status = feed(sgl_survey_sink(s), in, step);
	assert(status == SGL_OK || status == SGL_E_LIMIT);
	return status == SGL_OK ? SGL_TAKE(&s) : NULL;
}

static void
rewrite(sgl_slice in, const sgl_survey *s, size_t step, sgl_buf *out)
{
	SGL_AUTO(sgl_rewrite_stage)
	r = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert(sgl_rewrite_stage_new(s, NULL, &sink.sink, &r, NULL) == SGL_OK);
	assert(feed(sgl_rewrite_stage_sink(r), in, step) == SGL_OK);
}

static void
check(sgl_slice in, const sgl_survey *s, sgl_slice out)
{
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(1 << 24);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(1 << 24);
	SGL_AUTO(sgl_survey)
	again = survey(out, 0);

	/* What was stuck may have gone with a label, but none has come. */
	assert(s == NULL || sgl_survey_get_result(s)->is_stuck ||
	    sgl_survey_get_result(again)->is_fit);
	assert(flatten(in, &before, NULL) == SGL_OK);
	assert(flatten(out, &after, NULL) == SGL_OK);
	assert(sgl_slice_eq(sgl_buf_slice(&before), sgl_buf_slice(&after)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_survey)
	s = NULL;
	sgl_slice in = sgl_slice_of(data + 1, size - 1);

	/* Of two mailbox lines the first goes, and the second is the first. */
	if (size < 1 || sgl_slice_starts(in, SGL_LIT("From ")))
		return 0;
	s = survey(in, data[0]);
	if (s == NULL)
		return 0;
	for (int i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(1 << 24);
		SGL_AUTO_CLEAR(sgl_buf) pieces = sgl_buf_init(1 << 24);

		rewrite(in, i == 0 ? s : NULL, 0, &whole);
		rewrite(in, i == 0 ? s : NULL, data[0], &pieces);
		assert(sgl_slice_eq(
		    sgl_buf_slice(&whole), sgl_buf_slice(&pieces)));
		check(in, i == 0 ? s : NULL, sgl_buf_slice(&whole));
	}
	return 0;
}
