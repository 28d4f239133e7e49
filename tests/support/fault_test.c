/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/fault.h"

/* Three allocations: the spool, and its bytes twice. */
static sgl_status
fill_spool(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_spool)
	spool = NULL;
	static const uint8_t bytes[5000];
	sgl_slice half = {bytes, sizeof bytes / 2};

	(void)ctx;
	TRY(sgl_memspool_new(sizeof bytes, &spool, err));
	TRY(sgl_sink_write(&spool->sink, half, err));
	TRY(sgl_sink_write(&spool->sink, half, err));
	return sgl_sink_finish(&spool->sink, err);
}

static void
each_allocation_fails_in_turn(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(fill_spool, NULL) >= 2);
}

/* An allocation that a job can do without, and then takes another way. */
static sgl_status
second_try(void *ctx, sgl_err *err)
{
	SGL_AUTO_MEM uint8_t *large = sgl_mem_resize(NULL, 1000);
	SGL_AUTO_MEM uint8_t *small = NULL;

	(void)ctx;
	if (large != NULL)
		return SGL_OK;
	small = sgl_mem_resize(NULL, 10);
	return small == NULL ? sgl_oom(err, "test") : SGL_OK;
}

static void
success_without_is_fine(void **state)
{
	(void)state;
	assert_int_equal(sgl_fault_each(second_try, NULL), 1);
}

static void
live_allocations_are_counted(void **state)
{
	long before = sgl_fault_live();
	uint8_t *a = sgl_mem_resize(NULL, 1), *b = sgl_mem_zeroed(2, 2);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	a = sgl_mem_resize(a, 100);
	assert_non_null(a);
	assert_int_equal(sgl_fault_live(), before + 2);
	sgl_mem_free(a);
	assert_null(sgl_mem_resize(b, 0));
	assert_int_equal(sgl_fault_live(), before);
}

static void
an_armed_allocation_fails_once(void **state)
{
	uint8_t *p;

	(void)state;
	sgl_fault_arm(1);
	assert_null(sgl_mem_resize(NULL, 1));
	p = sgl_mem_resize(NULL, 1);
	assert_non_null(p);
	assert_int_equal(sgl_fault_count(), 2);
	sgl_mem_free(p);
	sgl_fault_arm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_allocation_fails_in_turn),
	    cmocka_unit_test(success_without_is_fine),
	    cmocka_unit_test(live_allocations_are_counted),
	    cmocka_unit_test(an_armed_allocation_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
