/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "mime/write.h"

/* Two digits a byte behind "=_": 66 characters. */
#define RANDOM_MAX 32

void
sgl_mime_boundary(sgl_slice random, char out[SGL_MIME_BOUNDARY])
{
	static const char hex[] = "0123456789abcdef";
	char *to = out;

	assert(random.len >= 16);
	*to++ = '=';
	*to++ = '_';
	for (size_t i = 0; i < random.len && i < RANDOM_MAX; i++) {
		*to++ = hex[random.data[i] >> 4];
		*to++ = hex[random.data[i] & 15];
	}
	*to = '\0';
}
