/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/limits.h"
#include "mime/qp.h"
#include "mime/stage.h"

#define ROOM "mime.decode"

/* Input that is decoded at a time, so that `out` holds its decoded form. */
#define BASE64_STEP ((SGL_BLOCK - 6) / 3 * 4)
#define QP_STEP ((SGL_BLOCK - SGL_QP_HELD) / 2)

struct sgl_decode_stage {
	sgl_sink sink;
	sgl_sink *next;
	sgl_cte cte;
	sgl_base64_dec base64;
	sgl_qp_dec qp;
	size_t touched; /* of `out`, so much must be wiped */
	uint8_t out[];	/* SGL_BLOCK bytes where something is decoded */
};

static sgl_status
pass(sgl_decode_stage *s, size_t len, sgl_err *err)
{
	if (len > s->touched)
		s->touched = len;
	return sgl_sink_write(s->next, sgl_slice_of(s->out, len), err);
}

static sgl_status
refuse(const sgl_decode_stage *s, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, s->base64.offset,
	    "base64 cannot be decoded");
}

static sgl_status
decode_base64(sgl_decode_stage *s, sgl_slice in, sgl_err *err)
{
	size_t len;

	if (!sgl_base64_dec_update(&s->base64, in, s->out, &len))
		return refuse(s, err);
	return pass(s, len, err);
}

static sgl_status
decode_qp(sgl_decode_stage *s, sgl_slice in, sgl_err *err)
{
	return pass(s, sgl_qp_dec_update(&s->qp, in, s->out), err);
}

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_decode_stage *s = (sgl_decode_stage *)sink;
	bool is_base64 = s->cte == SGL_CTE_BASE64;
	size_t step = is_base64 ? BASE64_STEP : QP_STEP;

	if (!is_base64 && s->cte != SGL_CTE_QUOTED_PRINTABLE)
		return sgl_sink_write(s->next, in, err);
	while (in.len > 0) {
		size_t n = in.len < step ? in.len : step;
		sgl_slice piece = sgl_slice_first(in, n);

		TRY(is_base64 ? decode_base64(s, piece, err)
			      : decode_qp(s, piece, err));
		in = sgl_slice_from(in, n);
	}
	return SGL_OK;
}

static sgl_status
decode_rest(sgl_decode_stage *s, sgl_err *err)
{
	size_t len = 0;

	if (s->cte == SGL_CTE_BASE64) {
		if (!sgl_base64_dec_finish(&s->base64, s->out, &len))
			return refuse(s, err);
	} else if (s->cte == SGL_CTE_QUOTED_PRINTABLE) {
		len = sgl_qp_dec_finish(&s->qp, s->out);
	}
	return pass(s, len, err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_decode_stage *s = (sgl_decode_stage *)sink;
	sgl_status status = decode_rest(s, err);

	if (status != SGL_OK) {
		sgl_sink_abort(s->next);
		return status;
	}
	return sgl_sink_finish(s->next, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_decode_stage *)sink)->next);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_decode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_decode_stage **out, sgl_err *err)
{
	bool decodes = cte == SGL_CTE_BASE64 || cte == SGL_CTE_QUOTED_PRINTABLE;
	size_t size = sizeof(sgl_decode_stage) + (decodes ? SGL_BLOCK : 0);
	sgl_decode_stage *s = sgl_mem_resize(NULL, size);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	memset(s, 0, sizeof *s);
	s->sink.ops = &stage_ops;
	s->next = next;
	s->cte = cte;
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_decode_stage_sink(sgl_decode_stage *s)
{
	return &s->sink;
}

bool
sgl_decode_stage_is_dirty(const sgl_decode_stage *s)
{
	return s->base64.dirty || s->qp.dirty;
}

void
sgl_decode_stage_free(sgl_decode_stage *s)
{
	if (s == NULL)
		return;
	sgl_mem_wipe(s->out, s->touched);
	sgl_mem_free(s);
}
