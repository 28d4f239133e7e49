/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ca/outer_key.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/people.h"

static const sgl_slice password = SGL_LIT("a long password");

static sgl_engine *engine;
static sgl_folder folder;
static sgl_tester root;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	sgl_tester_make(engine, SGL_KEY_P256, "root", 1, SGL_KU_ALL, &root);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_tester_clear(&root);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static const char *
file(void)
{
	return sgl_folder_path(&folder, "root.p12");
}

static void
what_is_saved_opens_again(void **state)
{
	SGL_AUTO_CLEAR(sgl_outer_key) k = {0};
	struct stat st;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(sgl_outer_key_save(engine, root.key, root.cert, file(),
			     password, NULL),
	    SGL_OK);
	assert_int_equal(stat(file(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(
	    sgl_outer_key_open(engine, file(), password, &k, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_key_get_spki(k.key), sgl_key_get_spki(root.key)));
	sgl_outer_key_clear(&k);
	assert_int_equal(
	    sgl_outer_key_open(engine, file(), SGL_LIT("another"), &k, &err),
	    SGL_E_PASSWORD);
	assert_null(k.key);
}

static void
what_is_there_stays(void **state)
{
	struct stat st;

	(void)state;
	sgl_folder_write(&folder, "root.p12", SGL_LIT("precious"));
	assert_int_equal(sgl_outer_key_save(engine, root.key, root.cert, file(),
			     password, NULL),
	    SGL_E_IO);
	assert_int_equal(stat(file(), &st), 0);
	assert_int_equal(st.st_size, 8);
}

/* The certificate is another's: what was written is not what shall be read. */
static void
a_file_that_does_not_read_back_goes(void **state)
{
	sgl_tester other = {0};

	(void)state;
	sgl_tester_make(engine, SGL_KEY_P256, "other", 2, SGL_KU_ALL, &other);
	assert_int_not_equal(sgl_outer_key_save(engine, root.key, other.cert,
				 file(), password, NULL),
	    SGL_OK);
	assert_int_not_equal(access(file(), F_OK), 0);
	sgl_tester_clear(&other);
}

static void
uris_are_told_from_files(void **state)
{
	(void)state;
	assert_true(sgl_outer_key_is_token("pkcs11:token=a"));
	assert_true(sgl_outer_key_is_token("PKCS11:token=a"));
	assert_false(sgl_outer_key_is_token("/media/pkcs11:"));
	assert_int_equal(
	    sgl_outer_key_check_uri("pkcs11:token=a?pin-source=file:/x", NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_outer_key_check_uri("pkcs11:token=a?pin-value=1", NULL),
	    SGL_E_USAGE);
}

static sgl_status
save_and_open(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_outer_key) k = {0};
	sgl_status status = sgl_outer_key_save(
	    engine, root.key, root.cert, file(), password, err);

	(void)ctx;
	if (status == SGL_OK)
		status = sgl_outer_key_open(engine, file(), password, &k, err);
	else
		assert_int_not_equal(access(file(), F_OK), 0);
	(void)unlink(file());
	return status;
}

static void
no_memory_leaves_nothing(void **state)
{
	(void)state;
	/* Two derivations each of a key from a password. */
	assert_true(sgl_fault_every(save_and_open, NULL, 7) > 10);
	assert_int_equal(sgl_folder_num(&folder), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(what_is_saved_opens_again),
	    TEST(what_is_there_stays),
	    TEST(a_file_that_does_not_read_back_goes),
	    TEST(uris_are_told_from_files),
	    TEST(no_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
