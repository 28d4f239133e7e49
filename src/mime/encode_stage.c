/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/base64.h"
#include "mime/cte_stage.h"
#include "mime/qp.h"
#include "mime/write.h"

#define ROOM "mime.encode"

/* Input that is encoded at a time, so that its encoded form fits a block. */
#define BASE64_STEP ((SGL_BLOCK - 16) / 78 * 57 - 2)
#define QP_STEP ((SGL_BLOCK - 8) / 4 - SGL_QP_LOOK)

static_assert(SGL_BASE64_ENCODED(BASE64_STEP + 2) <= SGL_BLOCK, "base64 fits");
static_assert(SGL_QP_ENCODED(QP_STEP) <= SGL_BLOCK, "quoted-printable fits");

struct sgl_encode_stage {
	sgl_cte_stage stage;
	sgl_base64_enc base64;
	sgl_qp_enc qp;
};

static sgl_status
encode(sgl_cte_stage *stage, sgl_slice in, size_t *len, sgl_err *err)
{
	sgl_encode_stage *s = (sgl_encode_stage *)stage;

	(void)err;
	*len = stage->cte == SGL_CTE_BASE64
	    ? sgl_base64_enc_update(&s->base64, in, stage->out)
	    : sgl_qp_enc_update(&s->qp, in, stage->out);
	return SGL_OK;
}

static sgl_status
encode_rest(sgl_cte_stage *stage, size_t *len, sgl_err *err)
{
	sgl_encode_stage *s = (sgl_encode_stage *)stage;

	(void)err;
	*len = stage->cte == SGL_CTE_BASE64
	    ? sgl_base64_enc_finish(&s->base64, stage->out)
	    : sgl_qp_enc_finish(&s->qp, stage->out);
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
sgl_encode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_encode_stage **out, sgl_err *err)
{
	sgl_encode_stage *s =
	    sgl_cte_stage_new(sizeof *s, cte, step_of(cte), next);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->stage.convert = encode;
	s->stage.rest = encode_rest;
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_encode_stage_sink(sgl_encode_stage *s)
{
	return &s->stage.sink;
}

void
sgl_encode_stage_free(sgl_encode_stage *s)
{
	sgl_cte_stage_free(s == NULL ? NULL : &s->stage);
}
