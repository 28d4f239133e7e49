/* SPDX-License-Identifier: Apache-2.0 */
#include "smime/reader_inside.h"

#define ROOM "smime.pem"

struct sgl_pem_stage {
	sgl_sink sink;
	sgl_decode_stage *decode;
	enum { LABEL, CODED, BEHIND } at;
};

static sgl_status
find_label(sgl_pem_stage *s, sgl_slice *in)
{
	const uint8_t *lf = memchr(in->data, '\n', in->len);

	if (lf == NULL) {
		*in = sgl_slice_from(*in, in->len);
		return SGL_OK;
	}
	*in = sgl_slice_from(*in, (size_t)(lf - in->data) + 1);
	s->at = CODED;
	return SGL_OK;
}

/* Base64 has no '-': the first one starts the end line. */
static sgl_status
pass_coded(sgl_pem_stage *s, sgl_slice *in, sgl_err *err)
{
	const uint8_t *dash = memchr(in->data, '-', in->len);
	size_t n = dash == NULL ? in->len : (size_t)(dash - in->data);
	sgl_slice coded = sgl_slice_first(*in, n);

	*in = sgl_slice_from(*in, n);
	if (dash != NULL)
		s->at = BEHIND;
	return sgl_sink_write(sgl_decode_stage_sink(s->decode), coded, err);
}

static sgl_status
pem_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_pem_stage *s = (sgl_pem_stage *)sink;

	while (in.len > 0 && s->at != BEHIND)
		TRY(s->at == CODED ? pass_coded(s, &in, err)
				   : find_label(s, &in));
	return SGL_OK;
}

static sgl_status
pem_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_pem_stage *s = (sgl_pem_stage *)sink;

	return sgl_sink_finish(sgl_decode_stage_sink(s->decode), err);
}

static void
pem_abort(sgl_sink *sink)
{
	sgl_pem_stage *s = (sgl_pem_stage *)sink;

	sgl_sink_abort(sgl_decode_stage_sink(s->decode));
}

static const sgl_sink_ops pem_ops = {pem_write, pem_finish, pem_abort};

sgl_status
sgl_pem_stage_new(sgl_sink *next, sgl_pem_stage **out, sgl_err *err)
{
	sgl_pem_stage *s = sgl_mem_zeroed(1, sizeof *s);
	sgl_status status;

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &pem_ops;
	status = sgl_decode_stage_new(SGL_CTE_BASE64, next, &s->decode, err);
	if (status != SGL_OK) {
		sgl_mem_free(s);
		return status;
	}
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_pem_stage_sink(sgl_pem_stage *s)
{
	return &s->sink;
}

void
sgl_pem_stage_free(sgl_pem_stage *s)
{
	if (s == NULL)
		return;
	sgl_decode_stage_free(s->decode);
	sgl_mem_free(s);
}
