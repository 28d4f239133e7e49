/* SPDX-License-Identifier: Apache-2.0 */
/* What goes between the command line and whoever works on the home when there
 * is much of it: rows of a table, files of a migration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "admin/migrate.h"
#include "admin/roll.h"
#include "support/fault.h"

static const sgl_roll_row asa = {.line = 7,
    .address = "asa@example.org",
    .name = "\xc3\x85sa",
    .aliases = {"a@example.org", "aa@example.org"},
    .num_aliases = 2,
    .encryption = true,
    .has_custody = true,
    .custody = SGL_CUSTODY_SERVER};

static void
expect_asa(const sgl_roll_row *row)
{
	assert_int_equal(row->line, 7);
	assert_string_equal(row->address, asa.address);
	assert_string_equal(row->name, asa.name);
	assert_int_equal(row->num_aliases, 2);
	assert_string_equal(row->aliases[1], asa.aliases[1]);
	assert_false(row->signing);
	assert_true(row->encryption && row->has_custody);
	assert_int_equal(row->custody, SGL_CUSTODY_SERVER);
}

static void
a_row_arrives_whole_or_not(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(4096);
	sgl_wire w = sgl_wire_over(&message);
	sgl_roll_row got;

	(void)state;
	sgl_roll_add(&w, &asa);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	for (size_t len = 0; len <= message.len; len++) {
		sgl_unwire u = sgl_unwire_over(
		    sgl_slice_first(sgl_buf_slice(&message), len));
		memset(&got, 0, sizeof got);
		sgl_roll_read(&u, &got);
		assert_int_equal(sgl_unwire_end(&u, NULL),
		    len == message.len ? SGL_OK : SGL_E_IO);
	}
	expect_asa(&got);
}

static void
what_came_of_it_arrives(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(8192);
	sgl_wire w = sgl_wire_over(&message);
	const sgl_roll_result result = {
	    3, SGL_ROLL_WRONG, "is wrong", "x@example.org"};
	const sgl_migrate_item item = {.has_purpose = true,
	    .purpose = SGL_CERT_ENCRYPTION,
	    .result = SGL_IMPORT_HISTORY,
	    .why = "it has expired",
	    .serial = "0A",
	    .not_after = -5};
	sgl_roll_result r;
	sgl_migrate_item i;
	sgl_unwire u;

	(void)state;
	sgl_roll_add_result(&w, &result);
	sgl_migrate_add_item(&w, &item);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&message));
	sgl_roll_read_result(&u, &r);
	sgl_migrate_read_item(&u, &i);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_int_equal(r.line, 3);
	assert_int_equal(r.outcome, SGL_ROLL_WRONG);
	assert_string_equal(r.detail, "x@example.org");
	assert_int_equal(i.result, SGL_IMPORT_HISTORY);
	assert_int_equal(i.purpose, SGL_CERT_ENCRYPTION);
	assert_string_equal(i.why, "it has expired");
	assert_int_equal(i.not_after, -5);
}

/* A key in memory, there and back. */
static sgl_status
carry_bundle(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	SGL_AUTO_CLEAR(sgl_bundle) got = {0};
	sgl_buf message = {.max = 65536, .secret = true};
	sgl_status status;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_key_generate(engine, SGL_KEY_P256, 0, &key, err));
	TRY(sgl_keyring_add_key(&b.ring, key, err));
	status = sgl_bundle_write(&b, &message, err);
	if (status == SGL_OK)
		status =
		    sgl_bundle_read(engine, sgl_buf_slice(&message), &got, err);
	if (status == SGL_OK)
		assert_true(sgl_slice_eq(
		    sgl_key_get_spki(key), sgl_key_get_spki(got.ring.keys[0])));
	sgl_buf_wipe(&message);
	return status;
}

static void
a_bundle_arrives_or_memory_is_told(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(carry_bundle, NULL) > 0);
}

static void
half_a_bundle_is_none(void **state)
{
	sgl_buf message = {.max = 65536, .secret = true};
	sgl_engine *engine = NULL;
	sgl_key *key = NULL;
	sgl_bundle b = {0}, got = {0};

	(void)state;
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_key(&b.ring, key, NULL), SGL_OK);
	assert_int_equal(sgl_bundle_write(&b, &message, NULL), SGL_OK);
	for (size_t len = 0; len < message.len; len++)
		assert_int_not_equal(
		    sgl_bundle_read(engine,
			sgl_slice_first(sgl_buf_slice(&message), len), &got,
			NULL),
		    SGL_OK);
	sgl_bundle_clear(&b);
	sgl_buf_wipe(&message);
	sgl_key_unref(key);
	sgl_engine_free(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_arrives_whole_or_not),
	    cmocka_unit_test(what_came_of_it_arrives),
	    cmocka_unit_test(a_bundle_arrives_or_memory_is_told),
	    cmocka_unit_test(half_a_bundle_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
