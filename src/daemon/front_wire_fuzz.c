/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a message of those between front and control; what
 * reads whole is the same when it is written again. */
#include "daemon/front_wire.h"
#include "sys/wire_fuzz.h"

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
	sgl_fuzz_again(again, 4, SGL_FRONT_MESSAGE, data, size);
	return 0;
}
