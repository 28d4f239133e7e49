/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a command that the rest is the options and words of,
 * or none: then the rest is all of the call. A call that reads is one of our
 * commands, with its options and as many words as it may have, and is the same
 * when it is written and read again. */
#include <stdlib.h>

#include "admin/table.h"
#include "admin/wire.h"

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

static void
try_call(sgl_slice message)
{
	SGL_AUTO_CLEAR(sgl_org_called) called = {0};
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(SGL_ORG_CALL_MAX);
	sgl_unwire u = sgl_unwire_over(message);
	sgl_wire w = sgl_wire_over(&again);

	if (sgl_org_read_call(&u, &called, NULL) != SGL_OK)
		return;
	check_call(&called);
	sgl_org_add_call(&w, &called.order);
	check(sgl_wire_end(&w, NULL) == SGL_OK);
	check(sgl_slice_eq(
	    behind_language(message), behind_language(sgl_buf_slice(&again))));
}

/* One of all, or the end of a table. */
static const sgl_command *
nth_command(unsigned n)
{
	const sgl_command *const *table = sgl_org_tables;
	const sgl_command *c = *table;

	for (; n > 0; n--) {
		if (c->name == NULL && table[1] == NULL)
			break;
		c = c->name == NULL ? *++table : c + 1;
	}
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(SGL_ORG_CALL_MAX);
	sgl_wire w = sgl_wire_over(&message);
	const sgl_command *c;

	if (size == 0)
		return 0;
	c = nth_command(data[0]);
	if (c->name != NULL) {
		sgl_wire_add_text(&w, "en");
		sgl_wire_add_text(&w, c->name);
	}
	check(sgl_wire_end(&w, NULL) == SGL_OK);
	if (sgl_buf_add(&message, sgl_slice_of(data + 1, size - 1), NULL) ==
	    SGL_OK)
		try_call(sgl_buf_slice(&message));
	return 0;
}
