/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "base/scan.h"
#include "mime/crlf.h"
#include "mime/stage.h"

#define ROOM "mime.crlf"

struct sgl_crlf_stage {
	sgl_sink sink;
	sgl_crlf crlf;
};

sgl_status
sgl_crlf_add(sgl_crlf *c, sgl_slice in, sgl_err *err)
{
	while (in.len > 0) {
		size_t at = sgl_scan_bare_lf(in, c->prev);
		sgl_slice text = sgl_slice_first(in, at);

		TRY(sgl_joiner_add(&c->out, text, err));
		if (at == in.len) {
			c->prev = in.data[at - 1];
			break;
		}
		TRY(sgl_joiner_add(&c->out, SGL_LIT("\r\n"), err));
		c->prev = '\n';
		in = sgl_slice_from(in, at + 1);
	}
	return SGL_OK;
}

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_crlf_stage *s = (sgl_crlf_stage *)sink;

	TRY(sgl_crlf_add(&s->crlf, in, err));
	return sgl_joiner_flush(&s->crlf.out, err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	return sgl_sink_finish(((sgl_crlf_stage *)sink)->crlf.out.next, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_crlf_stage *)sink)->crlf.out.next);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_crlf_stage_new(sgl_sink *next, sgl_crlf_stage **out, sgl_err *err)
{
	sgl_crlf_stage *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &stage_ops;
	s->crlf.out.next = next;
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
	sgl_joiner_clear(&s->crlf.out);
	sgl_mem_free(s);
}
