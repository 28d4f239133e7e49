/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "mime/crlf.h"
#include "mime/stage.h"

#define ROOM "mime.crlf"

struct sgl_crlf_stage {
	sgl_sink sink;
	sgl_crlf crlf;
};

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	return sgl_crlf_add(&((sgl_crlf_stage *)sink)->crlf, in, err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	return sgl_sink_finish(((sgl_crlf_stage *)sink)->crlf.next, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_crlf_stage *)sink)->crlf.next);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_crlf_stage_new(sgl_sink *next, sgl_crlf_stage **out, sgl_err *err)
{
	sgl_crlf_stage *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &stage_ops;
	s->crlf.next = next;
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_crlf_stage_sink(sgl_crlf_stage *s)
{
	return &s->sink;
}

void
sgl_crlf_stage_free(sgl_crlf_stage *s)
{
	if (s == NULL)
		return;
	sgl_crlf_clear(&s->crlf);
	sgl_mem_free(s);
}
