/* SPDX-License-Identifier: Apache-2.0 */
/* Spools, inputs and outputs when there is no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/fault.h"
#include "support/folder.h"
#include "sys/input.h"
#include "sys/output.h"
#include "sys/passphrase.h"
#include "sys/spool.h"

static sgl_folder folder;

static sgl_status
fill_spool(sgl_engine *engine, sgl_err *err)
{
	static const uint8_t bytes[200000];
	SGL_AUTO(sgl_spool)
	spool = NULL;
	SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(sizeof bytes);
	sgl_bufsink sink;

	TRY(sgl_diskspool_new(engine, folder.path, &spool, err));
	TRY(sgl_sink_write(
	    &spool->sink, sgl_slice_of(bytes, sizeof bytes), err));
	TRY(sgl_sink_finish(&spool->sink, err));
	sgl_bufsink_init(&sink, &back);
	return sgl_pump(spool->ops->open(spool), &sink.sink, err);
}

static sgl_status
spool_it(void *ctx, sgl_err *err)
{
	static const sgl_limits limits = {.spool_memory = 1000};
	static const sgl_engine_config config = {.limits = &limits};
	SGL_AUTO(sgl_engine)
	engine = NULL;

	(void)ctx;
	TRY(sgl_engine_new(&config, &engine, err));
	return fill_spool(engine, err);
}

static sgl_status
write_it(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;

	TRY(sgl_engine_new(NULL, &engine, err));
	return sgl_file_write(engine, ctx, false, SGL_LIT("text"), err);
}

static sgl_status
read_it(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(100);
	SGL_AUTO_CLEAR(sgl_secret) s = {0};

	TRY(sgl_file_read(ctx, &b, err));
	return sgl_passphrase_file(ctx, &s, err);
}

static void
no_memory_is_told(void **state)
{
	char path[512], device[] = "/dev/null";

	(void)state;
	sgl_folder_make(&folder);
	(void)strcpy(path, sgl_folder_path(&folder, "in"));
	assert_true(sgl_fault_each(spool_it, NULL) > 5);
	assert_int_equal(sgl_folder_num(&folder), 0);
	assert_true(sgl_fault_each(write_it, path) > 2);
	assert_int_equal(sgl_folder_num(&folder), 1);
	assert_true(sgl_fault_each(write_it, device) > 2);
	assert_true(sgl_fault_each(read_it, path) > 4);
	sgl_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
