/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin/table.h"
#include "admin/wire.h"
#include "support/fault.h"

static const sgl_command *
command(const char *name)
{
	const sgl_command *c = sgl_org_find_command(name);

	if (c == NULL)
		fail_msg("no command %s", name);
	return c;
}

static void
give(sgl_call *call, const char *name, const char *value)
{
	for (const sgl_option *o = call->command->options; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0) {
			call->given[call->num_given].option = o;
			call->given[call->num_given++].value = value;
			return;
		}
	fail_msg("no option %s", name);
}

/* sigill cert export --pkcs12 -o x bob@example.org, with a password */
static void
write_call(sgl_buf *out, sgl_slice password)
{
	sgl_call call = {.command = command("cert export"),
	    .args = {"bob@example.org"},
	    .num_args = 1};
	SGL_AUTO_CLEAR(sgl_order) order = {.call = &call};
	sgl_wire w = sgl_wire_over(out);

	give(&call, "pkcs12", NULL);
	give(&call, "output", "r\xc3\xa4k.p12");
	if (password.data != NULL)
		assert_int_equal(
		    sgl_secret_set(&order.password, password, NULL), SGL_OK);
	sgl_org_add_call(&w, &order);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
}

static sgl_status
read_call(sgl_slice message, sgl_org_called *out, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(message);

	return sgl_org_read_call(&u, out, err);
}

static void
a_call_arrives(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_org_called) got = {0};

	(void)state;
	write_call(&message, SGL_LIT("secret"));
	assert_int_equal(
	    read_call(sgl_buf_slice(&message), &got, NULL), SGL_OK);
	assert_string_equal(got.call.command->name, "cert export");
	assert_int_equal(got.call.num_args, 1);
	assert_string_equal(sgl_call_arg(&got.call, 0), "bob@example.org");
	assert_true(sgl_call_has(&got.call, "pkcs12"));
	assert_string_equal(
	    sgl_call_get(&got.call, "output"), "r\xc3\xa4k.p12");
	assert_false(sgl_call_has(&got.call, "legacy"));
	assert_true(sgl_slice_eq(
	    sgl_secret_slice(&got.order.password), SGL_LIT("secret")));
	assert_true(got.order.call == &got.call);
}

static void
no_password_is_not_an_empty_one(void **state)
{
	static const sgl_slice passwords[] = {{NULL, 0}, SGL_LIT("")};

	(void)state;
	for (int i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_org_called) got = {0};

		write_call(&message, passwords[i]);
		assert_int_equal(
		    read_call(sgl_buf_slice(&message), &got, NULL), SGL_OK);
		assert_int_equal(got.order.password.data != NULL, i);
		assert_int_equal(got.order.password.len, 0);
	}
}

static void
half_a_call_is_none(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);

	(void)state;
	write_call(&message, SGL_LIT("secret"));
	for (size_t len = 0; len < message.len; len++) {
		SGL_AUTO_CLEAR(sgl_org_called) got = {0};
		sgl_err err = {0};

		assert_int_not_equal(
		    read_call(sgl_slice_first(sgl_buf_slice(&message), len),
			&got, &err),
		    SGL_OK);
		assert_non_null(err.text);
	}
}

/* Any one byte changed: refused, or another call of ours that is whole. */
static void
a_changed_call_is_whole_or_none(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);

	(void)state;
	write_call(&message, SGL_LIT("secret"));
	for (size_t i = 0; i < 8 * message.len; i++) {
		SGL_AUTO_CLEAR(sgl_org_called) got = {0};
		uint8_t bit = (uint8_t)(1 << i % 8);

		message.data[i / 8] ^= bit;
		if (read_call(sgl_buf_slice(&message), &got, NULL) == SGL_OK) {
			assert_non_null(got.call.command);
			assert_int_equal(got.call.num_given, 2);
			assert_non_null(sgl_call_get(&got.call, "output"));
			assert_non_null(sgl_call_arg(&got.call, 0));
		}
		message.data[i / 8] ^= bit;
	}
}

static sgl_status
read_it(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_org_called) got = {0};

	return read_call(sgl_buf_slice(ctx), &got, err);
}

static void
no_memory_is_told(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);

	(void)state;
	write_call(&message, SGL_LIT("secret"));
	assert_true(sgl_fault_each(read_it, &message) >= 2);
}

static void
how_it_ended_arrives(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 16; bits++) {
		SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(256);
		sgl_reply r = {.aside = (bits & 1) != 0,
		    .has_file = (bits & 2) != 0,
		    .file_is_secret = (bits & 4) != 0,
		    .needs_password = (bits & 8) != 0,
		    .goes_on = (bits & 1) != 0,
		    .at = bits * 1000,
		    .done = bits,
		    .exit_status = (int)bits};
		sgl_wire w = sgl_wire_over(&message);
		sgl_reply got = {0};
		sgl_unwire u;

		sgl_org_add_end(&w, &r);
		assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
		u = sgl_unwire_over(sgl_buf_slice(&message));
		sgl_org_read_end(&u, &got);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
		assert_int_equal(got.aside, r.aside);
		assert_int_equal(got.goes_on, r.goes_on);
		assert_int_equal(got.at, r.at);
		assert_int_equal(got.done, r.done);
		assert_int_equal(got.exit_status, r.exit_status);
		assert_int_equal(got.has_file, r.has_file);
		assert_int_equal(got.file_is_secret, r.file_is_secret);
		assert_int_equal(got.needs_password, r.needs_password);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_call_arrives),
	    cmocka_unit_test(no_password_is_not_an_empty_one),
	    cmocka_unit_test(half_a_call_is_none),
	    cmocka_unit_test(a_changed_call_is_whole_or_none),
	    cmocka_unit_test(no_memory_is_told),
	    cmocka_unit_test(how_it_ended_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
