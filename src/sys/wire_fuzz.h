/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzz targets of messages between our processes: what reads whole is the
 * same, to the byte, when it is written again. */
#ifndef SGL_SYS_WIRE_FUZZ_H
#define SGL_SYS_WIRE_FUZZ_H

#include <stdlib.h>

#include "sys/wire.h"

/* sgl_again reads a message of the kind `which` and writes it again. */
typedef void sgl_again(unsigned which, sgl_unwire *u, sgl_wire *w);

/* sgl_fuzz_again: the first byte chooses one of `kinds`, the rest is it. */
static inline void
sgl_fuzz_again(sgl_again *again, unsigned kinds, size_t max,
    const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(max);
	sgl_wire w = sgl_wire_over(&out);
	sgl_slice in;
	sgl_unwire u;

	if (size == 0)
		return;
	in = sgl_slice_of(data + 1, size - 1);
	u = sgl_unwire_over(in);
	again(data[0] % kinds, &u, &w);
	if (sgl_unwire_end(&u, NULL) == SGL_OK &&
	    (sgl_wire_end(&w, NULL) != SGL_OK ||
		!sgl_slice_eq(sgl_buf_slice(&out), in)))
		abort();
}

#endif
