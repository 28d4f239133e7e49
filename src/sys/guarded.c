/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>

#include "sys/guarded.h"

#define ROOM "sys.guarded"

/* What the system does not grant, the secret has to do without. */
static sgl_status
get_page(uint8_t **out, sgl_err *err)
{
	void *page = mmap(NULL, SGL_GUARDED_MAX, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return sgl_oom(err, ROOM);
	(void)mlock(page, SGL_GUARDED_MAX);
	(void)madvise(page, SGL_GUARDED_MAX, MADV_DONTDUMP);
	*out = page;
	return SGL_OK;
}

sgl_status
sgl_guarded_set(sgl_guarded *g, sgl_slice bytes, sgl_err *err)
{
	if (bytes.len > SGL_GUARDED_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "a secret is too long");
	if (g->page == NULL)
		TRY(get_page(&g->page, err));
	sgl_mem_wipe(g->page, SGL_GUARDED_MAX);
	if (bytes.len > 0)
		memcpy(g->page, bytes.data, bytes.len);
	g->len = bytes.len;
	return SGL_OK;
}

void
sgl_guarded_clear(sgl_guarded *g)
{
	if (g->page != NULL) {
		sgl_mem_wipe(g->page, SGL_GUARDED_MAX);
		(void)munmap(g->page, SGL_GUARDED_MAX);
	}
	*g = (sgl_guarded){0};
}
