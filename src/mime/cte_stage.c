/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/cte_stage.h"

static sgl_status
pass(sgl_cte_stage *s, size_t len, sgl_err *err)
{
	if (len > s->touched)
		s->touched = len;
	return sgl_sink_write(s->next, sgl_slice_of(s->out, len), err);
}

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_cte_stage *s = (sgl_cte_stage *)sink;

	if (s->step == 0)
		return sgl_sink_write(s->next, in, err);
	while (in.len > 0) {
		size_t n = in.len < s->step ? in.len : s->step, len;

		TRY(s->convert(s, sgl_slice_first(in, n), &len, err));
		TRY(pass(s, len, err));
		in = sgl_slice_from(in, n);
	}
	return SGL_OK;
}

static sgl_status
write_rest(sgl_cte_stage *s, sgl_err *err)
{
	size_t len;

	if (s->step == 0)
		return SGL_OK;
	TRY(s->rest(s, &len, err));
	return pass(s, len, err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_cte_stage *s = (sgl_cte_stage *)sink;
	sgl_status status = write_rest(s, err);

	if (status == SGL_OK)
		return sgl_sink_finish(s->next, err);
	sgl_sink_abort(s->next);
	return status;
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_cte_stage *)sink)->next);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

/* The block stands behind the stage, and is not cleared: it is large. */
void *
sgl_cte_stage_new(size_t size, sgl_cte cte, size_t step, sgl_sink *next)
{
	uint8_t *bytes =
	    sgl_mem_resize(NULL, size + (step == 0 ? 0 : SGL_BLOCK));
	sgl_cte_stage *s = (sgl_cte_stage *)(void *)bytes;

	if (bytes == NULL)
		return NULL;
	memset(bytes, 0, size);
	s->sink.ops = &stage_ops;
	s->next = next;
	s->cte = cte;
	s->step = step;
	s->out = step == 0 ? NULL : bytes + size;
	return s;
}

void
sgl_cte_stage_free(sgl_cte_stage *s)
{
	if (s == NULL)
		return;
	if (s->out != NULL)
		sgl_mem_wipe(s->out, s->touched);
	sgl_mem_free(s);
}
