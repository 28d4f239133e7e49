/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "org/office.h"
#include "support/fault.h"
#include "support/folder.h"

static sgl_engine *engine;
static sgl_folder folder;
static char domain[] = "example.org", name[] = "Example", algorithm[] = "p256";

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* What each office may have done. */
static void
an_office_does_its_work(void **state)
{
	static const bool may[SGL_NUM_OFFICES][SGL_NUM_OFFICES] = {
	    /* the work of: administrator, operator, reader, recovery */
	    [SGL_OFFICE_ADMINISTRATOR] = {true, true, true, false},
	    [SGL_OFFICE_OPERATOR] = {false, true, true, false},
	    [SGL_OFFICE_READER] = {false, false, true, false},
	    [SGL_OFFICE_RECOVERY_OFFICER] = {false, false, false, true},
	};

	(void)state;
	for (unsigned held = 0; held < SGL_NUM_OFFICES; held++)
		for (unsigned work = 0; work < SGL_NUM_OFFICES; work++) {
			assert_int_equal(sgl_offices_allow(SGL_OFFICE_BIT(held),
					     (sgl_office)work),
			    may[held][work]);
			assert_false(sgl_offices_allow(0, (sgl_office)work));
		}
}

static void
names_are_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SGL_NUM_OFFICES; i++) {
		const char *text = sgl_office_name((sgl_office)i);
		sgl_office office = SGL_NUM_OFFICES;

		assert_true(sgl_office_find(sgl_slice_str(text), &office));
		assert_int_equal(office, i);
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const none[] = {"", "king", "reade"};
		sgl_office office;
		assert_false(sgl_office_find(sgl_slice_str(none[i]), &office));
	}
}

static sgl_offices
held_by(sgl_home *home, unsigned uid)
{
	sgl_offices held = 99;

	assert_int_equal(sgl_offices_of(home, uid, &held, NULL), SGL_OK);
	return held;
}

static sgl_status
look(void *ctx, sgl_err *err)
{
	sgl_offices held;

	TRY(sgl_offices_of(ctx, 1234, &held, err));
	return held == SGL_OFFICE_BIT(SGL_OFFICE_READER) ? SGL_OK : SGL_E_USAGE;
}

static void
who_holds_what(void **state)
{
	const sgl_organisation example = {
	    .domain = domain, .name = name, .algorithm = algorithm};
	char reader[] = "reader", officer[] = "recovery-officer", who[] = "x";
	sgl_administrator a = {.uid = 1234, .office = reader, .name = who};
	sgl_home *home;
	bool added;

	(void)state;
	assert_int_equal(
	    sgl_home_create(engine, sgl_folder_path(&folder, "home"), &example,
		NULL, &home, NULL),
	    SGL_OK);
	assert_int_equal(held_by(home, 1234), 0);
	assert_int_equal(
	    sgl_store_add_administrator(sgl_home_store(home), &a, &added, NULL),
	    SGL_OK);
	assert_int_equal(
	    held_by(home, 1234), SGL_OFFICE_BIT(SGL_OFFICE_READER));
	assert_int_equal(held_by(home, 1235), 0);
	/* Born ones recover nothing until they are told to. */
	assert_int_equal(
	    held_by(home, 0), SGL_OFFICE_BIT(SGL_OFFICE_ADMINISTRATOR));
	assert_int_equal(
	    held_by(home, geteuid()), SGL_OFFICE_BIT(SGL_OFFICE_ADMINISTRATOR));
	a = (sgl_administrator){.uid = 0, .office = officer, .name = who};
	assert_int_equal(
	    sgl_store_add_administrator(sgl_home_store(home), &a, &added, NULL),
	    SGL_OK);
	assert_int_equal(held_by(home, 0),
	    SGL_OFFICE_BIT(SGL_OFFICE_ADMINISTRATOR) |
		SGL_OFFICE_BIT(SGL_OFFICE_RECOVERY_OFFICER));
	assert_true(sgl_fault_each(look, home) > 2);
	sgl_home_free(home);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(an_office_does_its_work),
	    TEST(names_are_found),
	    TEST(who_holds_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
