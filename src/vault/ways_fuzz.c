/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as ways to the master key is written as it was. */
#include <stdlib.h>

#include "vault/ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};
	SGL_AUTO_CLEAR(sgl_ways) again = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4 * SGL_WAYS_TEXT);

	if (sgl_ways_read(sgl_slice_of(data, size), &ways, NULL) != SGL_OK)
		return 0;
	if (sgl_ways_write(&ways, &text, NULL) != SGL_OK ||
	    sgl_ways_read(sgl_buf_slice(&text), &again, NULL) != SGL_OK ||
	    again.num != ways.num ||
	    memcmp(again.id, ways.id, sizeof ways.id) != 0)
		abort();
	return 0;
}
