/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/mem.h"
#include "mime/joiner.h"

#define ROOM "mime.joiner"

/* From here on a call of its own costs less than a copy. */
#define LARGE 4096u

sgl_status
sgl_joiner_flush(sgl_joiner *j, sgl_err *err)
{
	sgl_slice all = {j->block, j->len};

	j->len = 0;
	if (j->next == NULL || all.len == 0)
		return SGL_OK;
	return sgl_sink_write(j->next, all, err);
}

static sgl_status
make_block(sgl_joiner *j, sgl_err *err)
{
	if (j->block == NULL)
		j->block = sgl_mem_resize(NULL, SGL_BLOCK);
	return j->block == NULL ? sgl_oom(err, ROOM) : SGL_OK;
}

sgl_status
sgl_joiner_add(sgl_joiner *j, sgl_slice piece, sgl_err *err)
{
	if (j->next == NULL || piece.len == 0)
		return SGL_OK;
	if (piece.len >= LARGE || piece.len > SGL_BLOCK - j->len)
		TRY(sgl_joiner_flush(j, err));
	if (piece.len >= LARGE)
		return sgl_sink_write(j->next, piece, err);
	TRY(make_block(j, err));
	memcpy(j->block + j->len, piece.data, piece.len);
	j->len += piece.len;
	return SGL_OK;
}

void
sgl_joiner_clear(sgl_joiner *j)
{
	sgl_mem_free(j->block);
	*j = (sgl_joiner){0};
}
