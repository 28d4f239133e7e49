/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void *
sgl_mem_resize(void *old, size_t size)
{
	if (size == 0) {
		free(old);
		return NULL;
	}
	return realloc(old, size);
}

void *
sgl_mem_zeroed(size_t n, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(n, size, &total) || total == 0)
		return NULL;
	p = sgl_mem_resize(NULL, total);
	if (p != NULL)
		memset(p, 0, total);
	return p;
}

void
sgl_mem_free(void *p)
{
	free(p);
}

void
sgl_mem_wipe(void *p, size_t size)
{
	if (size == 0)
		return;
	memset(p, 0, size);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

bool
sgl_mem_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}
