/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "vault/master.h"
#include "vault/seal.h"
#include "vault/vault.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_store *store;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	return sgl_store_create(sgl_folder_path(&folder, "db"), &store, NULL) ==
		SGL_OK
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_store_free(store);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_vault *
open_vault(void)
{
	sgl_plain_folder keys;
	sgl_vault *v = NULL;
	bool made;

	assert_int_equal(
	    sgl_vault_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_int_equal(sgl_master_folder(folder.path, &keys, NULL), SGL_OK);
	assert_int_equal(
	    sgl_vault_open(engine, store, &keys, &v, NULL), SGL_OK);
	sgl_plain_close(&keys);
	return v;
}

static int64_t
add(sgl_vault *v, sgl_key_kind kind, sgl_buf *spki)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	int64_t id = 0;

	assert_int_equal(
	    sgl_key_generate(engine, kind, 2048, &key, NULL), SGL_OK);
	*spki = sgl_buf_init(4096);
	assert_int_equal(
	    sgl_buf_add(spki, sgl_key_get_spki(key), NULL), SGL_OK);
	assert_int_equal(sgl_vault_add(v, key, 0, &id, NULL), SGL_OK);
	return id;
}

static void
keys_come_back(void **state)
{
	static const sgl_key_kind kinds[] = {
	    SGL_KEY_P256, SGL_KEY_RSA, SGL_KEY_ED25519, SGL_KEY_X25519};
	sgl_vault *v = open_vault();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		sgl_buf spki;
		sgl_key *key = NULL;
		int64_t id = add(v, kinds[i], &spki);
		assert_int_equal(sgl_vault_get(v, id, &key, NULL), SGL_OK);
		assert_int_equal(sgl_key_get_kind(key), kinds[i]);
		assert_true(
		    sgl_slice_eq(sgl_key_get_spki(key), sgl_buf_slice(&spki)));
		sgl_key_unref(key);
		sgl_buf_clear(&spki);
	}
	sgl_vault_free(v);
}

/* Certificates can name it, and what is here still opens. */
static void
a_key_may_be_elsewhere(void **state)
{
	sgl_vault *v = open_vault();
	sgl_public_half half = {
	    .spki = SGL_LIT("its public half"), .kind = SGL_KEY_P256};
	sgl_key_record k = {0};
	sgl_key *key = NULL;
	sgl_err err = {0};
	sgl_buf spki;
	int64_t here = add(v, SGL_KEY_P256, &spki), there = 0, again = -1;
	bool found = true;

	(void)state;
	assert_int_equal(
	    sgl_vault_find(v, half.spki, &k, &found, NULL), SGL_OK);
	assert_false(found);
	assert_int_equal(
	    sgl_vault_add_public(v, &half, 0, &there, NULL), SGL_OK);
	assert_int_equal(
	    sgl_vault_add_public(v, &half, 0, &again, NULL), SGL_OK);
	assert_int_equal(again, 0);
	assert_int_equal(
	    sgl_vault_find(v, half.spki, &k, &found, NULL), SGL_OK);
	assert_true(found && k.id == there && k.sealed.len == 0);
	assert_int_equal(
	    sgl_vault_lend(v, &k, &sgl_ticket_terms_own, &key, NULL),
	    SGL_E_NOKEY);
	sgl_key_record_clear(&k);
	assert_int_equal(
	    sgl_vault_find(v, sgl_buf_slice(&spki), &k, &found, NULL), SGL_OK);
	assert_true(found && k.id == here && k.sealed.len > 0);
	assert_int_equal(
	    sgl_vault_lend(v, &k, &sgl_ticket_terms_own, &key, NULL), SGL_OK);
	sgl_key_unref(key);
	sgl_key_record_clear(&k);
	assert_int_equal(sgl_vault_get(v, there, &key, &err), SGL_E_NOKEY);
	assert_non_null(strstr(err.text, "the private key is not here"));
	sgl_buf_clear(&spki);
	sgl_vault_free(v);
}

static void
an_unknown_number_is_told(void **state)
{
	sgl_vault *v = open_vault();
	sgl_key *key = NULL;

	(void)state;
	assert_int_equal(sgl_vault_get(v, 99, &key, NULL), SGL_E_NOKEY);
	assert_null(key);
	sgl_vault_free(v);
}

static void
another_master_key_does_not_open(void **state)
{
	sgl_vault *v = open_vault();
	sgl_key *key = NULL;
	sgl_buf spki;
	int64_t id = add(v, SGL_KEY_P256, &spki);

	(void)state;
	sgl_buf_clear(&spki);
	sgl_vault_free(v);
	assert_int_equal(unlink(sgl_folder_path(&folder, SGL_MASTER_FILE)), 0);
	v = open_vault();
	assert_int_equal(sgl_vault_get(v, id, &key, NULL), SGL_E_PASSWORD);
	sgl_vault_free(v);
}

static void
a_seal_is_bound_to_its_label(void **state)
{
	uint8_t master[SGL_MASTER_KEY] = {1}, digest[32] = {2}, other[32] = {3};
	const sgl_slice m = sgl_slice_of(master, sizeof master);
	const sgl_seal_label label = {
	    .id = 7, .spki_digest = sgl_slice_of(digest, 32)};
	const sgl_seal_label wrong_id = {
	    .id = 8, .spki_digest = sgl_slice_of(digest, 32)};
	const sgl_seal_label wrong_key = {
	    .id = 7, .spki_digest = sgl_slice_of(other, 32)};
	sgl_buf sealed = sgl_buf_init(1000), again = sgl_buf_init(1000);
	sgl_secret out = {0};

	(void)state;
	assert_int_equal(
	    sgl_seal(engine, m, &label, SGL_LIT("secret"), &sealed, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_seal(engine, m, &label, SGL_LIT("secret"), &again, NULL),
	    SGL_OK);
	assert_int_equal(sealed.len, 1 + 16 + 6 + 16);
	assert_false(
	    sgl_slice_eq(sgl_buf_slice(&sealed), sgl_buf_slice(&again)));
	assert_null(memmem(sealed.data, sealed.len, "secret", 6));
	assert_int_equal(
	    sgl_unseal(engine, m, &label, sgl_buf_slice(&sealed), &out, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(sgl_secret_slice(&out), SGL_LIT("secret")));
	assert_int_equal(sgl_unseal(engine, m, &wrong_id,
			     sgl_buf_slice(&sealed), &out, NULL),
	    SGL_E_PASSWORD);
	assert_int_equal(sgl_unseal(engine, m, &wrong_key,
			     sgl_buf_slice(&sealed), &out, NULL),
	    SGL_E_PASSWORD);
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(
		    sgl_unseal(engine, m, &label,
			sgl_slice_of(sealed.data, len), &out, NULL),
		    SGL_E_PASSWORD);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		assert_int_equal(sgl_unseal(engine, m, &label,
				     sgl_buf_slice(&sealed), &out, NULL),
		    SGL_E_PASSWORD);
		sealed.data[i] ^= 1;
	}
	sgl_secret_clear(&out);
	sgl_buf_clear(&sealed);
	sgl_buf_clear(&again);
}

static void
the_master_key_is_private_and_made_once(void **state)
{
	sgl_master one = {0}, two = {0};
	struct stat st;
	bool made;

	(void)state;
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_true(made);
	assert_int_equal(
	    stat(sgl_folder_path(&folder, SGL_MASTER_FILE), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sgl_master_read(folder.path, &one, NULL), SGL_OK);
	assert_int_equal(one.bare.len, 32);
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_false(made);
	assert_int_equal(sgl_master_read(folder.path, &two, NULL), SGL_OK);
	assert_memory_equal(one.bare.data, two.bare.data, 32);
	sgl_master_clear(&one);
	sgl_master_clear(&two);
}

static void
expect_bad_master(sgl_status status, const char *text)
{
	sgl_master s = {0};
	sgl_err err = {0};

	assert_int_equal(sgl_master_read(folder.path, &s, &err), status);
	if (text != NULL)
		assert_string_equal(err.text, text);
	assert_null(s.bare.data);
}

static void
a_bad_master_key_is_told(void **state)
{
	static const char *const damaged[] = {"x", "sigill master key 1\n",
	    "sigill master key 2\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "sigill master key 1\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "sigill master key 1\n!!!!\n"};
	const char *path = sgl_folder_path(&folder, SGL_MASTER_FILE);

	(void)state;
	expect_bad_master(SGL_E_PASSWORD,
	    "the master key is missing: restore it from a backup");
	for (size_t i = 0; i < 5; i++) {
		sgl_folder_write(
		    &folder, SGL_MASTER_FILE, sgl_slice_str(damaged[i]));
		assert_int_equal(chmod(path, 0600), 0);
		expect_bad_master(SGL_E_PASSWORD,
		    "the master key is damaged: restore it from a backup");
	}
	assert_int_equal(chmod(path, 0640), 0);
	expect_bad_master(SGL_E_PASSWORD,
	    "others may read the master key: chmod 600 it, and ask who did");
	sgl_folder_write(&folder, SGL_MASTER_FILE, SGL_LIT(""));
	assert_int_equal(chmod(path, 0600), 0);
	expect_bad_master(SGL_E_PASSWORD,
	    "the master key is damaged: restore it from a backup");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(keys_come_back),
	    TEST(a_key_may_be_elsewhere),
	    TEST(an_unknown_number_is_told),
	    TEST(another_master_key_does_not_open),
	    TEST(a_seal_is_bound_to_its_label),
	    TEST(the_master_key_is_private_and_made_once),
	    TEST(a_bad_master_key_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
