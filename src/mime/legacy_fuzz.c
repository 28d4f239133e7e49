/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an entity: a Legacy Display Element put in and taken out again,
 * whole and cut in two at a place that the input chooses. */
#include <assert.h>

#include "mime/legacy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_status
feed(sgl_sink *s, sgl_slice in, size_t cut)
{
	TRY(sgl_sink_write(s, sgl_slice_first(in, cut), NULL));
	TRY(sgl_sink_write(s, sgl_slice_from(in, cut), NULL));
	return sgl_sink_finish(s, NULL);
}

static sgl_status
run(sgl_slice in, size_t cut, bool adds, sgl_buf *out)
{
	sgl_slice text = SGL_LIT("Subject: <H\xc3\xa4lsning>\r\n");
	SGL_AUTO(sgl_legacy_stage)
	s = NULL;
	sgl_bufsink sink;
	sgl_status status;

	sgl_bufsink_init(&sink, out);
	assert(sgl_legacy_stage_new(NULL, &sink.sink, &s, NULL) == SGL_OK);
	if (adds)
		assert(sgl_legacy_stage_add(s, text, NULL) == SGL_OK);
	status = feed(sgl_legacy_stage_sink(s), in, cut);
	assert(status == SGL_OK || status == SGL_E_LIMIT);
	return status;
}

static void
check(sgl_slice in, size_t cut, bool adds)
{
	SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(1 << 24);
	SGL_AUTO_CLEAR(sgl_buf) parts = sgl_buf_init(1 << 24);
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(1 << 24);
	sgl_status status = run(in, 0, adds, &whole);

	assert(run(in, cut, adds, &parts) == status);
	if (status != SGL_OK)
		return;
	assert(sgl_slice_eq(sgl_buf_slice(&whole), sgl_buf_slice(&parts)));
	/* What has one gets no second. */
	if (adds && run(sgl_buf_slice(&whole), 0, true, &again) == SGL_OK)
		assert(again.len == whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut;

	if (size < 2)
		return 0;
	cut = ((size_t)data[0] << 8 | data[1]) % (size - 1);
	check(sgl_slice_of(data + 2, size - 2), cut, true);
	check(sgl_slice_of(data + 2, size - 2), cut, false);
	return 0;
}
