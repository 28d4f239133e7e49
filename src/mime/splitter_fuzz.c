/* SPDX-License-Identifier: Apache-2.0 */
/* Multiparts: where the input is cut never matters. The first two bytes choose
 * the cuts, the third whether line ends become canonical. */
#include <assert.h>

#include "base/buf.h"
#include "mime/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts, one behind the other, with a mark at each end. */
typedef struct log {
	sgl_sink sink;
	sgl_buf text;
} log;

static sgl_status
log_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_buf_add(&((log *)s)->text, in, err);
}

static sgl_status
log_finish(sgl_sink *s, sgl_err *err)
{
	return sgl_buf_add(&((log *)s)->text, SGL_LIT("\0]"), err);
}

static void
log_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops log_ops = {log_write, log_finish, log_abort};

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **part, sgl_err *err)
{
	log *l = ctx;

	l->sink = (sgl_sink){.ops = &log_ops};
	*part = &l->sink;
	return sgl_buf_printf(&l->text, err, "%zu@%zu[", index, (size_t)offset);
}

static const sgl_splitter_handler handler = {on_part};

static void
split(sgl_slice in, bool canonical, size_t first, size_t step, log *l)
{
	SGL_AUTO(sgl_splitter)
	s = NULL;
	size_t n = first;

	l->text = sgl_buf_init(1 << 24);
	assert(
	    sgl_splitter_new("b", canonical, &handler, l, &s, NULL) == SGL_OK);
	while (in.len > 0) {
		if (n == 0 || n > in.len)
			n = in.len;
		assert(sgl_sink_write(sgl_splitter_sink(s),
			   sgl_slice_first(in, n), NULL) == SGL_OK);
		in = sgl_slice_from(in, n);
		n = step;
	}
	assert(sgl_sink_finish(sgl_splitter_sink(s), NULL) == SGL_OK);
	assert(
	    sgl_buf_printf(&l->text, NULL, "%d %d", sgl_splitter_is_closed(s),
		(int)sgl_splitter_epilogue(s)) == SGL_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log whole, pieces;

	if (size < 3)
		return 0;
	split(sgl_slice_of(data + 3, size - 3), data[2] & 1, 0, 0, &whole);
	split(sgl_slice_of(data + 3, size - 3), data[2] & 1, data[0], data[1],
	    &pieces);
	assert(sgl_slice_eq(
	    sgl_buf_slice(&whole.text), sgl_buf_slice(&pieces.text)));
	sgl_buf_clear(&whole.text);
	sgl_buf_clear(&pieces.text);
	return 0;
}
