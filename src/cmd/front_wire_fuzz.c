/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a message of those between front and control; what
 * reads whole is the same when it is written again. */
#include <stdlib.h>

#include "cmd/front_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(unsigned which, sgl_unwire *u, sgl_wire *w)
{
	sgl_front_door d;
	sgl_front_enrol e;
	sgl_front_enrolled r;
	sgl_front_find f;

	switch (which) {
	case 0:
		sgl_front_read_door(u, &d);
		sgl_front_add_door(w, &d);
		break;
	case 1:
		sgl_front_read_enrol(u, &e);
		sgl_front_add_enrol(w, &e);
		break;
	case 2:
		sgl_front_read_enrolled(u, &r);
		sgl_front_add_enrolled(w, &r);
		break;
	default:
		sgl_front_read_find(u, &f);
		sgl_front_add_find(w, &f);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_FRONT_MESSAGE);
	sgl_wire w = sgl_wire_over(&out);
	sgl_slice in;
	sgl_unwire u;

	if (size == 0)
		return 0;
	in = sgl_slice_of(data + 1, size - 1);
	u = sgl_unwire_over(in);
	again(data[0] % 4, &u, &w);
	if (sgl_unwire_end(&u, NULL) == SGL_OK &&
	    (sgl_wire_end(&w, NULL) != SGL_OK ||
		!sgl_slice_eq(sgl_buf_slice(&out), in)))
		abort();
	return 0;
}
