/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the master key from one form to the other, and a keeper over it
 * that is locked and unlocked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/folder.h"
#include "vault/folder_test.h"
#include "vault/keeper.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_secret before;

static int
set_up(void **state)
{
	sgl_master m = {0};
	bool made;

	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	assert_int_equal(
	    sgl_secret_set(&before, sgl_secret_slice(&m.bare), NULL), SGL_OK);
	sgl_master_clear(&m);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_secret_clear(&before);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static void
add_way(sgl_way_kind kind, const char *name, sgl_slice secret)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	SGL_AUTO_CLEAR(sgl_way) w = {0};
	sgl_plain_folder keys;

	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	assert_int_equal(sgl_way_wrap(engine, kind, name, secret,
			     sgl_secret_slice(&before), &w, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_master_id(engine, sgl_secret_slice(&before), m.ways.id, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ways_put(&m.ways, &w, NULL), SGL_OK);
	assert_int_equal(sgl_plain_open(folder.path, &keys, NULL), SGL_OK);
	assert_int_equal(sgl_master_write(&keys, &m.ways, NULL), SGL_OK);
	sgl_plain_close(&keys);
}

static bool
opens_by_itself(void)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	SGL_AUTO_CLEAR(sgl_secret) key = {0};

	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	assert_int_equal(sgl_master_open(engine, &m, &key, NULL), SGL_OK);
	if (key.len > 0)
		assert_true(sgl_slice_eq(
		    sgl_secret_slice(&key), sgl_secret_slice(&before)));
	return key.len > 0;
}

static void
the_bare_key_goes(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	const char *path = sgl_folder_path(&folder, SGL_MASTER_FILE);
	struct stat st;
	FILE *old;

	(void)state;
	assert_true(opens_by_itself());
	old = fopen(path, "r");
	assert_non_null(old);
	add_way(SGL_WAY_PASSPHRASE, "", SGL_LIT("a passphrase"));
	assert_int_equal(
	    stat(sgl_folder_path(&folder, SGL_MASTER_FILE), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	assert_int_equal(m.bare.len, 0);
	assert_false(opens_by_itself());
	{
		uint8_t bytes[128] = {1}, zeros[64] = {0};

		assert_true(fread(bytes, 1, sizeof bytes, old) >= 64);
		(void)fclose(old);
		assert_memory_equal(bytes, zeros, sizeof zeros);
	}
}

static void
any_way_opens(void **state)
{
	char path[4096];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/key", folder.path);
	add_way(SGL_WAY_PASSPHRASE, "", SGL_LIT("a passphrase"));
	sgl_folder_write(
	    &folder, "key", SGL_LIT("a key file of exactly 32 bytes.."));
	add_way(SGL_WAY_KEY_FILE, path,
	    SGL_LIT("a key file of exactly 32 bytes.."));
	assert_true(opens_by_itself());
	sgl_folder_write(&folder, "key", SGL_LIT("another"));
	assert_false(opens_by_itself());
	assert_int_equal(unlink(path), 0);
	assert_false(opens_by_itself());
	/* A credential that is a line of text. */
	add_way(SGL_WAY_CREDENTIAL, "vault", SGL_LIT("some words"));
	assert_false(opens_by_itself());
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder.path, 1), 0);
	assert_false(opens_by_itself());
	sgl_folder_write(&folder, "vault", SGL_LIT("some words\r\nand more\n"));
	assert_true(opens_by_itself());
}

static void
another_key_is_not_taken(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	SGL_AUTO_CLEAR(sgl_secret) key = {0};
	sgl_way w = {0};

	(void)state;
	add_way(SGL_WAY_PASSPHRASE, "", SGL_LIT("a passphrase"));
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	/* The right passphrase, but it leads elsewhere. */
	assert_int_equal(
	    sgl_way_wrap(engine, SGL_WAY_PASSPHRASE, "",
		SGL_LIT("a passphrase"),
		SGL_LIT("0123456789abcdef0123456789abcdef"), &w, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ways_put(&m.ways, &w, NULL), SGL_OK);
	assert_int_equal(
	    sgl_master_open_by(engine, &m, SGL_LIT("a passphrase"), &key, NULL),
	    SGL_E_PASSWORD);
}

static sgl_status
make_key(sgl_keeper *k)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	SGL_AUTO(sgl_key)
	key = NULL;

	return sgl_keeper_generate(k, SGL_KEY_P256, 0, 1, &sealed, &key, NULL);
}

static void
a_locked_keeper_waits(void **state)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;
	sgl_vault_state s;

	(void)state;
	add_way(SGL_WAY_PASSPHRASE, "", SGL_LIT("a passphrase"));
	assert_int_equal(keeper_at(engine, folder.path, &k, NULL), SGL_OK);
	assert_int_equal(sgl_keeper_state(k, &s, NULL), SGL_OK);
	assert_true(s.is_locked);
	assert_int_equal(s.num_of[SGL_WAY_PASSPHRASE], 1);
	assert_int_equal(make_key(k), SGL_E_PASSWORD);
	assert_int_equal(
	    sgl_keeper_unlock(k, SGL_LIT("a password"), NULL), SGL_E_PASSWORD);
	assert_int_equal(make_key(k), SGL_E_PASSWORD);
	assert_int_equal(
	    sgl_keeper_unlock(k, SGL_LIT("a passphrase"), NULL), SGL_OK);
	assert_int_equal(make_key(k), SGL_OK);
	assert_int_equal(sgl_keeper_state(k, &s, NULL), SGL_OK);
	assert_false(s.is_locked);
	assert_int_equal(sgl_keeper_asked(k), SGL_WISH_NONE);
	assert_int_equal(sgl_keeper_restart(k, true, NULL), SGL_OK);
	assert_int_equal(sgl_keeper_asked(k), SGL_WISH_LOCKED);
}

/* As the keyholder does that may read its key file only as root. */
static void
what_was_gathered_is_enough(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	SGL_AUTO(sgl_keeper)
	k = NULL;
	const char *file = sgl_folder_path(&folder, "stick");

	(void)state;
	sgl_folder_write(&folder, "stick", SGL_LIT("a passphrase\n"));
	add_way(SGL_WAY_KEY_FILE, file, SGL_LIT("a passphrase"));
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	sgl_secret_clear(&m.bare);
	assert_int_equal(sgl_master_gather(&m, NULL), SGL_OK);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(
	    sgl_keeper_new_over(engine, &m, false, &k, NULL), SGL_OK);
	assert_int_equal(make_key(k), SGL_OK);
}

static void
no_link_leads_to_a_master_key(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	const char *file = sgl_folder_path(&folder, SGL_MASTER_FILE),
		   *other = sgl_folder_path(&folder, "other");

	(void)state;
	assert_int_equal(link(file, other), 0);
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_E_USAGE);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink(other, file), 0);
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_E_USAGE);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rename(other, file), 0);
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
}

static void
one_may_stay_locked(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) m = {0};
	SGL_AUTO(sgl_keeper)
	k = NULL;

	(void)state;
	assert_int_equal(sgl_master_read(folder.path, &m, NULL), SGL_OK);
	assert_int_equal(
	    sgl_keeper_new_over(engine, &m, true, &k, NULL), SGL_OK);
	assert_int_equal(make_key(k), SGL_E_PASSWORD);
}

static void
names_of_credentials(void **state)
{
	static const char *const bad[] = {
	    "", ".", "..", "a/b", ".x", "a b", "\xc3\xa4"};
	sgl_buf path;

	(void)state;
	(void)setenv("CREDENTIALS_DIRECTORY", "/run/x", 1);
	assert_int_equal(sgl_credential_path("a-b_c.d", &path, NULL), SGL_OK);
	assert_string_equal((char *)path.data, "/run/x/a-b_c.d");
	sgl_buf_clear(&path);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    sgl_credential_path(bad[i], &path, NULL), SGL_E_USAGE);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(the_bare_key_goes),
	    TEST(any_way_opens),
	    TEST(another_key_is_not_taken),
	    TEST(a_locked_keeper_waits),
	    TEST(what_was_gathered_is_enough),
	    TEST(no_link_leads_to_a_master_key),
	    TEST(one_may_stay_locked),
	    TEST(names_of_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
