/* SPDX-License-Identifier: Apache-2.0 */
/* Header sections: nothing is lost, and every reader of a field survives. */
#include <assert.h>

#include "mime/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_field(const sgl_field *f)
{
	SGL_AUTO_CLEAR(sgl_buf) line = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};

	assert(sgl_field_unfold(f, &line, NULL) == SGL_OK);
	assert(line.len == 0 || memchr(line.data, '\n', line.len) == NULL);
	assert(sgl_mime_type_read(f->value, &t, NULL) == SGL_OK);
	for (size_t i = 0; i < t.num_params; i++)
		assert(sgl_mime_type_param(&t, t.params[i].name) ==
			t.params[i].value ||
		    strlen(t.params[i].name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_headers) h = {0};
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	size_t total = 0;

	if (sgl_headers_read(sgl_slice_of(data, size), 1 << 20, &h, NULL) !=
	    SGL_OK)
		return 0;
	for (size_t i = 0; i < h.num_fields; i++) {
		assert(h.fields[i].whole.data == h.bytes.data + total);
		total += h.fields[i].whole.len;
		read_field(&h.fields[i]);
	}
	assert(total == h.bytes.len);
	(void)sgl_headers_cte(&h);
	assert(sgl_headers_content_type(&h, &t, NULL) == SGL_OK);
	assert(t.type[0] != '\0' && t.subtype[0] != '\0');
	return 0;
}
