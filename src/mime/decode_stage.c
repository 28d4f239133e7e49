/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "mime/cte_stage.h"
#include "mime/qp.h"
#include "mime/stage.h"

#define ROOM "mime.decode"

/* Input that is decoded at a time, so that its decoded form fits a block. */
#define BASE64_STEP ((SGL_BLOCK - 6) / 3 * 4)
#define QP_STEP ((SGL_BLOCK - SGL_QP_HELD) / 2)

struct sgl_decode_stage {
	sgl_cte_stage stage;
	sgl_base64_dec base64;
	sgl_qp_dec qp;
};

static sgl_status
refuse(const sgl_decode_stage *s, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, s->base64.offset,
	    "base64 cannot be decoded");
}

static sgl_status
decode(sgl_cte_stage *stage, sgl_slice in, size_t *len, sgl_err *err)
{
	sgl_decode_stage *s = (sgl_decode_stage *)stage;

	if (stage->cte == SGL_CTE_BASE64)
		return sgl_base64_dec_update(&s->base64, in, stage->out, len)
		    ? SGL_OK
		    : refuse(s, err);
	*len = sgl_qp_dec_update(&s->qp, in, stage->out);
	return SGL_OK;
}

static sgl_status
decode_rest(sgl_cte_stage *stage, size_t *len, sgl_err *err)
{
	sgl_decode_stage *s = (sgl_decode_stage *)stage;

	if (stage->cte == SGL_CTE_BASE64)
		return sgl_base64_dec_finish(&s->base64, stage->out, len)
		    ? SGL_OK
		    : refuse(s, err);
	*len = sgl_qp_dec_finish(&s->qp, stage->out);
	return SGL_OK;
}

static size_t
step_of(sgl_cte cte)
{
	if (cte == SGL_CTE_BASE64)
		return BASE64_STEP;
	return cte == SGL_CTE_QUOTED_PRINTABLE ? QP_STEP : 0;
}

sgl_status
sgl_decode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_decode_stage **out, sgl_err *err)
{
	sgl_decode_stage *s =
	    sgl_cte_stage_new(sizeof *s, cte, step_of(cte), next);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->stage.convert = decode;
	s->stage.rest = decode_rest;
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_decode_stage_sink(sgl_decode_stage *s)
{
	return &s->stage.sink;
}

bool
sgl_decode_stage_is_dirty(const sgl_decode_stage *s)
{
	return s->base64.dirty || s->qp.dirty;
}

void
sgl_decode_stage_free(sgl_decode_stage *s)
{
	sgl_cte_stage_free(s == NULL ? NULL : &s->stage);
}
