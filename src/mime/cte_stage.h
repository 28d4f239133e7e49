/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stages that decode and encode a transfer encoding share: they take
 * their input in steps, each of which is converted into one block, or hand it
 * on where there is nothing to convert.
 */
#ifndef SGL_MIME_CTE_STAGE_H
#define SGL_MIME_CTE_STAGE_H

#include "base/limits.h"
#include "mime/header.h"

typedef struct sgl_cte_stage sgl_cte_stage;
struct sgl_cte_stage {
	sgl_sink sink;
	sgl_sink *next;
	sgl_cte cte;
	size_t step; /* of input; 0: nothing is converted */
	/* Both put what comes out into s->out and its length into *len; in is
	 * a step at most. rest gives what the end leaves. */
	sgl_status (*convert)(
	    sgl_cte_stage *s, sgl_slice in, size_t *len, sgl_err *err);
	sgl_status (*rest)(sgl_cte_stage *s, size_t *len, sgl_err *err);
	size_t touched; /* of `out`, so much must be wiped */
	uint8_t *out;	/* SGL_BLOCK bytes; NULL where step is 0 */
};

/* sgl_cte_stage_new makes a stage of `size` bytes, of which the first are an
 * sgl_cte_stage; all are zero but what is said here. NULL: no memory. */
void *sgl_cte_stage_new(size_t size, sgl_cte cte, size_t step, sgl_sink *next);
void sgl_cte_stage_free(sgl_cte_stage *s);

#endif
