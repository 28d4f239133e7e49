/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/base64.h"
#include "base/limits.h"
#include "mime/qp.h"
#include "mime/write.h"

#define ROOM "mime.encode"

/* Input that is encoded at a time, so that `out` holds its encoded form. */
#define BASE64_STEP ((SGL_BLOCK - 16) / 78 * 57 - 2)
#define QP_STEP ((SGL_BLOCK - 8) / 4 - SGL_QP_LOOK)

static_assert(SGL_BASE64_ENCODED(BASE64_STEP + 2) <= SGL_BLOCK, "base64 fits");
static_assert(SGL_QP_ENCODED(QP_STEP) <= SGL_BLOCK, "quoted-printable fits");

struct sgl_encode_stage {
	sgl_sink sink;
	sgl_sink *next;
	sgl_cte cte;
	sgl_base64_enc base64;
	sgl_qp_enc qp;
	size_t touched; /* of `out`, so much must be wiped */
	uint8_t out[];	/* SGL_BLOCK bytes where something is encoded */
};

static sgl_status
pass(sgl_encode_stage *s, size_t len, sgl_err *err)
{
	if (len > s->touched)
		s->touched = len;
	return sgl_sink_write(s->next, sgl_slice_of(s->out, len), err);
}

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_encode_stage *s = (sgl_encode_stage *)sink;
	bool is_base64 = s->cte == SGL_CTE_BASE64;
	size_t step = is_base64 ? BASE64_STEP : QP_STEP;

	if (!is_base64 && s->cte != SGL_CTE_QUOTED_PRINTABLE)
		return sgl_sink_write(s->next, in, err);
	while (in.len > 0) {
		size_t n = in.len < step ? in.len : step;
		sgl_slice piece = sgl_slice_first(in, n);

		TRY(pass(s,
		    is_base64 ? sgl_base64_enc_update(&s->base64, piece, s->out)
			      : sgl_qp_enc_update(&s->qp, piece, s->out),
		    err));
		in = sgl_slice_from(in, n);
	}
	return SGL_OK;
}

static sgl_status
encode_rest(sgl_encode_stage *s, sgl_err *err)
{
	size_t len = 0;

	if (s->cte == SGL_CTE_BASE64)
		len = sgl_base64_enc_finish(&s->base64, s->out);
	else if (s->cte == SGL_CTE_QUOTED_PRINTABLE)
		len = sgl_qp_enc_finish(&s->qp, s->out);
	return pass(s, len, err);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_encode_stage *s = (sgl_encode_stage *)sink;
	sgl_status status = encode_rest(s, err);

	if (status != SGL_OK) {
		sgl_sink_abort(s->next);
		return status;
	}
	return sgl_sink_finish(s->next, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_encode_stage *)sink)->next);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_encode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_encode_stage **out, sgl_err *err)
{
	bool encodes = cte == SGL_CTE_BASE64 || cte == SGL_CTE_QUOTED_PRINTABLE;
	size_t size = sizeof(sgl_encode_stage) + (encodes ? SGL_BLOCK : 0);
	sgl_encode_stage *s = sgl_mem_resize(NULL, size);

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
sgl_encode_stage_sink(sgl_encode_stage *s)
{
	return &s->sink;
}

void
sgl_encode_stage_free(sgl_encode_stage *s)
{
	if (s == NULL)
		return;
	sgl_mem_wipe(s->out, s->touched);
	sgl_mem_free(s);
}
