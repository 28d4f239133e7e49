/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "admin/batch.h"

int64_t
sgl_clock_ms(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_MONOTONIC, &t) == 0
	    ? (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000
	    : 0;
}

void
sgl_batch_begin(sgl_batch *b)
{
	b->began = sgl_clock_ms();
}

void
sgl_batch_end(sgl_batch *b)
{
	const int64_t ms = sgl_clock_ms() - b->began;

	if (ms < b->most / 2 && b->size < b->max)
		b->size *= 2;
	else if (ms > b->most && b->size > 1)
		b->size /= 2;
}
