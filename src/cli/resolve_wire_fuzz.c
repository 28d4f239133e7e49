/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a message between a command and whoever knows the
 * organisation; the rest is its body. What reads is the same when it is written
 * and read again. */
#include <stdlib.h>

#include "cli/resolve_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
expect_same(const sgl_wire *w, sgl_slice body)
{
	check(sgl_wire_end(w, NULL) == SGL_OK);
	check(sgl_slice_eq(sgl_buf_slice(w->out), body));
}

static void
try_names(sgl_unwire *u, sgl_wire *w, sgl_slice body)
{
	sgl_names_question q;

	sgl_resolve_read_names(u, &q);
	if (sgl_unwire_end(u, NULL) != SGL_OK)
		return;
	for (size_t i = 0; i < q.num; i++)
		check(q.names[i].ski.data != NULL || q.names[i].ski.len == 0);
	sgl_resolve_add_names(w, q.address, q.names, q.num);
	check(sgl_wire_end(w, NULL) == SGL_OK && w->out->len <= body.len);
}

static void
try_keys(sgl_unwire *u, sgl_wire *w, sgl_slice body)
{
	sgl_found_keys k;

	sgl_resolve_read_keys(u, &k);
	if (sgl_unwire_end(u, NULL) != SGL_OK)
		return;
	sgl_resolve_add_keys(w, &k);
	expect_same(w, body);
}

static void
try_token(sgl_unwire *u, sgl_wire *w, sgl_slice body)
{
	sgl_token_question q;

	sgl_resolve_read_token(u, &q);
	if (sgl_unwire_end(u, NULL) != SGL_OK)
		return;
	sgl_resolve_add_token(w, q.uri, q.pin);
	check(sgl_wire_end(w, NULL) == SGL_OK && w->out->len <= body.len);
}

static void
try_number(sgl_unwire *u, sgl_wire *w, sgl_slice body)
{
	size_t number = sgl_resolve_read_number(u);

	if (sgl_unwire_end(u, NULL) != SGL_OK)
		return;
	sgl_resolve_add_number(w, number);
	expect_same(w, body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(sgl_unwire * u, sgl_wire * w,
	    sgl_slice body) = {try_names, try_keys, try_token, try_number};
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init((size_t)4 << 20);
	sgl_wire w = sgl_wire_over(&again);
	sgl_slice body;
	sgl_unwire u;

	if (size == 0)
		return 0;
	body = sgl_slice_of(data + 1, size - 1);
	u = sgl_unwire_over(body);
	tries[data[0] % 4](&u, &w, body);
	return 0;
}
