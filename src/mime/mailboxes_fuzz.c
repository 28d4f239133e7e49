/* SPDX-License-Identifier: Apache-2.0 */
/* Address lists: an address that was read stands for itself when it is read
 * again, and nothing in it could hide another. */
#include <assert.h>

#include "mime/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_again(const char *addr)
{
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};

	assert(sgl_mailboxes_read(sgl_slice_str(addr), &m, NULL) == SGL_OK);
	assert(!m.malformed && m.num_addrs == 1);
	assert(!strcmp(m.addrs[0], addr));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};

	if (sgl_mailboxes_read(sgl_slice_of(data, size), &m, NULL) != SGL_OK)
		return 0;
	for (size_t i = 0; i < m.num_addrs; i++) {
		assert(strchr(m.addrs[i], '@') != NULL);
		read_again(m.addrs[i]);
	}
	return 0;
}
