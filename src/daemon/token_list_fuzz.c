/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a message about tokens, between the processes or on a
 * leash; what reads whole is the same when it is written again. */
#include "daemon/token_list.h"
#include "sys/wire_fuzz.h"

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
	sgl_fuzz_again(again, 5, SGL_CHANNEL_MESSAGE, data, size);
	return 0;
}
