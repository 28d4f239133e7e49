/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the message that the rest is. What reads is the same
 * when it is written and read again. */
#include <stdlib.h>

#include "daemon/fetch_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static bool
rewrite_order(sgl_unwire *u, sgl_wire *w)
{
	sgl_fetch_read read;

	sgl_fetch_read_order(u, &read);
	if (sgl_unwire_end(u, NULL) != SGL_OK)
		return false;
	check(read.order.max <= SGL_FETCH_BODY);
	sgl_fetch_add_order(w, &read.order);
	return true;
}

static bool
rewrite_came(sgl_unwire *u, sgl_wire *w)
{
	SGL_AUTO_CLEAR(sgl_fetched) f = {0};

	if (sgl_fetch_read_came(u, &f, NULL) != SGL_OK)
		return false;
	check(f.body.len <= SGL_FETCH_BODY);
	sgl_fetch_add_came(w, &f);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&again);
	sgl_unwire u;
	bool good;

	if (size == 0)
		return 0;
	u = sgl_unwire_over(sgl_slice_of(data + 1, size - 1));
	good = data[0] % 2 == 0 ? rewrite_order(&u, &w) : rewrite_came(&u, &w);
	if (good) {
		check(sgl_wire_end(&w, NULL) == SGL_OK);
		check(sgl_slice_eq(
		    sgl_buf_slice(&again), sgl_slice_of(data + 1, size - 1)));
	}
	return 0;
}
