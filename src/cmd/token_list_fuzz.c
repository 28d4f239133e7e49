/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a message about tokens, between the processes or on a
 * leash; what reads whole is the same when it is written again. */
#include <stdlib.h>

#include "cmd/token_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again_list(sgl_unwire *u, sgl_wire *w)
{
	static sgl_token_list list;

	sgl_token_list_read(u, &list);
	sgl_token_list_add(w, &list);
}

static void
again(unsigned which, sgl_unwire *u, sgl_wire *w)
{
	char uri[SGL_TOKEN_URI + 1];
	sgl_token_opened opened;
	sgl_listed_token token;
	sgl_token_wish wish;

	switch (which) {
	case 0:
		sgl_token_read_open(u, uri);
		sgl_token_add_open(w, uri);
		break;
	case 1:
		sgl_token_read_opened(u, &opened);
		sgl_token_add_opened(w, &opened);
		break;
	case 2:
		sgl_listed_token_read(u, &token);
		sgl_listed_token_add(w, &token);
		break;
	case 3:
		sgl_token_wish_read(u, &wish);
		sgl_token_wish_add(w, &wish);
		break;
	default:
		again_list(u, w);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&out);
	sgl_slice in;
	sgl_unwire u;

	if (size == 0)
		return 0;
	in = sgl_slice_of(data + 1, size - 1);
	u = sgl_unwire_over(in);
	again(data[0] % 5, &u, &w);
	if (sgl_unwire_end(&u, NULL) == SGL_OK &&
	    (sgl_wire_end(&w, NULL) != SGL_OK ||
		!sgl_slice_eq(sgl_buf_slice(&out), in)))
		abort();
	return 0;
}
