/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "sys/sandbox.h"

static sgl_folder folder;

/* A home in a folder, and other ways to both. */
static int
make(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	sgl_folder_run(&folder,
	    "mkdir -p opt/home/keys opt/home-of-others; touch file;"
	    "ln -s opt link; ln -s opt/home straight");
	return 0;
}

static int
clean(void **state)
{
	(void)state;
	sgl_folder_remove(&folder);
	return 0;
}

static bool
covers(const char *place, const char *inside)
{
	return sgl_sandbox_covers(
	    sgl_folder_path(&folder, place), sgl_folder_path(&folder, inside));
}

static void
test_a_place_covers_what_lies_in_it(void **state)
{
	(void)state;
	assert_true(covers("opt/home", "opt/home"));
	assert_true(covers("opt", "opt/home"));
	assert_true(covers("", "opt/home/keys"));
	assert_true(sgl_sandbox_covers("/", folder.path));
}

static void
test_by_whatever_names(void **state)
{
	(void)state;
	assert_true(covers("link", "opt/home"));
	assert_true(covers("opt", "straight"));
	assert_true(covers("link/../straight", "link/home/keys"));
}

static void
test_and_nothing_else(void **state)
{
	(void)state;
	assert_false(covers("opt/home/keys", "opt/home"));
	assert_false(covers("opt/home", "opt/home-of-others"));
	assert_false(covers("file", "opt/home"));
	assert_false(covers("none", "opt/home"));
	assert_false(covers("opt", "none"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_place_covers_what_lies_in_it),
	    cmocka_unit_test(test_by_whatever_names),
	    cmocka_unit_test(test_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
