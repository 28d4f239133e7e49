/* SPDX-License-Identifier: Apache-2.0 */
/* How many to order at once, of many: each order is a change, and none may hold
 * up others for long, whatever one of them takes. */
#ifndef SGL_ADMIN_BATCH_H
#define SGL_ADMIN_BATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct sgl_batch {
	size_t size, max;
	int64_t most; /* ms that one may take */
	int64_t began;
} sgl_batch;

/* Milliseconds, of a clock that nobody sets. */
int64_t sgl_clock_ms(void);
/* Around each order; after it `size` is how many the next one should be. */
void sgl_batch_begin(sgl_batch *b);
void sgl_batch_end(sgl_batch *b);

#endif
