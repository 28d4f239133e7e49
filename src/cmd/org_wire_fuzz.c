/* SPDX-License-Identifier: Apache-2.0 */
/* A call that reads is one of our commands, with its options and as many words
 * as it may have, and is the same when it is written and read again. */
#include <stdlib.h>

#include "cmd/org_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_call(const sgl_org_called *c)
{
	const sgl_command *command = c->call.command;

	check(command != NULL && c->order.call == &c->call);
	check(c->call.num_args >= command->min_args &&
	    c->call.num_args <= command->max_args);
	for (size_t i = 0; i < c->call.num_args; i++)
		check(strlen(c->call.args[i]) < c->texts.len);
	check(c->call.num_given <= SGL_CALL_OPTIONS);
	for (size_t i = 0; i < c->call.num_given; i++) {
		const char *value = c->call.given[i].value;
		check((value != NULL) ==
		    (c->call.given[i].option->value != NULL));
		check(value == NULL || strlen(value) < c->texts.len);
	}
}

/* All but the language, which is the writer's own. */
static sgl_slice
behind_language(sgl_slice message)
{
	sgl_unwire u = sgl_unwire_over(message);

	(void)sgl_unwire_bytes(&u, message.len);
	check(!u.failed);
	return sgl_slice_of(u.at, (size_t)(u.end - u.at));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_org_called) called = {0};
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(SGL_ORG_CALL_MAX);
	sgl_slice message = sgl_slice_of(data, size);
	sgl_unwire u = sgl_unwire_over(message);
	sgl_wire w = sgl_wire_over(&again);

	if (sgl_org_read_call(&u, &called, NULL) != SGL_OK)
		return 0;
	check_call(&called);
	sgl_org_add_call(&w, &called.order);
	check(sgl_wire_end(&w, NULL) == SGL_OK);
	check(sgl_slice_eq(
	    behind_language(message), behind_language(sgl_buf_slice(&again))));
	return 0;
}
