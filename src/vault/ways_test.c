/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to the master key: what is wrapped comes back by the right secret
 * alone, and a text that was changed anywhere leads nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base64.h"
#include "crypto/pubkey.h"
#include "support/fault.h"
#include "vault/ways.h"

static sgl_engine *engine;
static const sgl_slice master = SGL_LIT("0123456789abcdef0123456789ABCDEF");
static const sgl_slice key_file = SGL_LIT("a key file of exactly 32 bytes..");
#define PASSPHRASE SGL_LIT("a passphrase")

static int
set_up(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

static sgl_status
opens(const sgl_way *w, sgl_slice secret)
{
	SGL_AUTO_CLEAR(sgl_secret) out = {0};
	sgl_status status = sgl_way_unwrap(engine, w, secret, &out, NULL);

	if (status == SGL_OK)
		assert_true(sgl_slice_eq(sgl_secret_slice(&out), master));
	return status;
}

static void
secrets_lead_back(void **state)
{
	const struct {
		sgl_way_kind kind;
		sgl_slice secret;
		const char *how;
	} cases[] = {
	    {SGL_WAY_PASSPHRASE, PASSPHRASE, "argon2id:3:65536:4:"},
	    {SGL_WAY_KEY_FILE, key_file, "raw"},
	    {SGL_WAY_CREDENTIAL, key_file, "raw"},
	    {SGL_WAY_CREDENTIAL, PASSPHRASE, "argon2id:3:65536:4:"},
	    /* A passphrase is stretched, however long it is. */
	    {SGL_WAY_PASSPHRASE, key_file, "argon2id:3:65536:4:"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO_CLEAR(sgl_way) w = {0};

		assert_int_equal(sgl_way_wrap(engine, cases[i].kind, "x",
				     cases[i].secret, master, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    strncmp(w.how, cases[i].how, strlen(cases[i].how)), 0);
		assert_int_equal(opens(&w, cases[i].secret), SGL_OK);
		assert_int_equal(
		    opens(&w, SGL_LIT("b passphrase")), SGL_E_PASSWORD);
		/* Under another name it is another way. */
		w.name[0] = 'y';
		assert_int_equal(opens(&w, cases[i].secret), SGL_E_PASSWORD);
	}
}

static void
keys_lead_back(void **state)
{
	static const sgl_key_kind kinds[] = {
	    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_X25519};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		SGL_AUTO(sgl_key)
		other = NULL;
		SGL_AUTO_CLEAR(sgl_way) w = {0};
		SGL_AUTO_CLEAR(sgl_secret) out = {0};

		assert_int_equal(
		    sgl_key_generate(engine, kinds[i], 2048, &key, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_key_generate(engine, kinds[i], 2048, &other, NULL),
		    SGL_OK);
		assert_int_equal(sgl_way_wrap_key(engine, "pkcs11:token=x",
				     sgl_key_get_spki(key), master, &w, NULL),
		    SGL_OK);
		assert_int_not_equal(
		    sgl_way_unwrap_key(engine, &w, other, &out, NULL), SGL_OK);
		assert_int_equal(
		    sgl_way_unwrap_key(engine, &w, key, &out, NULL), SGL_OK);
		assert_true(sgl_slice_eq(sgl_secret_slice(&out), master));
	}
}

/* A text with two ways. */
static void
make_text(sgl_buf *text)
{
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};
	SGL_AUTO_CLEAR(sgl_way) a = {0};
	SGL_AUTO_CLEAR(sgl_way) b = {0};

	assert_int_equal(sgl_master_id(engine, master, ways.id, NULL), SGL_OK);
	assert_int_equal(sgl_way_wrap(engine, SGL_WAY_KEY_FILE, "/media/a key",
			     key_file, master, &a, NULL),
	    SGL_OK);
	assert_int_equal(sgl_way_wrap(engine, SGL_WAY_CREDENTIAL, "vault",
			     key_file, master, &b, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ways_put(&ways, &a, NULL), SGL_OK);
	assert_int_equal(sgl_ways_put(&ways, &b, NULL), SGL_OK);
	assert_int_equal(sgl_ways_write(&ways, text, NULL), SGL_OK);
}

static bool
leads_there(sgl_slice text, size_t at)
{
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};

	return sgl_ways_read(text, &ways, NULL) == SGL_OK && ways.num > at &&
	    opens(&ways.items[at], key_file) == SGL_OK;
}

static void
a_text_is_read_as_it_was_written(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_WAYS_TEXT);
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(SGL_WAYS_TEXT);
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};

	(void)state;
	make_text(&text);
	assert_int_equal(
	    sgl_ways_read(sgl_buf_slice(&text), &ways, NULL), SGL_OK);
	assert_int_equal(ways.num, 2);
	assert_string_equal(ways.items[0].name, "/media/a key");
	assert_int_equal(sgl_ways_write(&ways, &again, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&text), sgl_buf_slice(&again)));
}

static void
what_is_cut_leads_nowhere(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_WAYS_TEXT);

	(void)state;
	make_text(&text);
	assert_true(leads_there(sgl_buf_slice(&text), 1));
	for (size_t len = 0; len < text.len; len++)
		assert_false(leads_there(sgl_slice_of(text.data, len), 1));
}

static void
what_is_changed_leads_nowhere(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_WAYS_TEXT);
	const uint8_t *second;
	size_t begin;

	(void)state;
	make_text(&text);
	second = memmem(text.data, text.len, "credential", 10);
	assert_non_null(second);
	begin = (size_t)(second - text.data);
	for (size_t i = begin; i + 1 < text.len; i++) {
		text.data[i] ^= 1;
		assert_false(leads_there(sgl_buf_slice(&text), 1));
		text.data[i] ^= 1;
	}
}

/* Neither memory nor time without end, and nothing that is not understood. */
static void
unreasonable_ways_are_refused(void **state)
{
	static const char *const hows[] = {"argon2id:3:65536:4:AAAAAAAAAAA=x",
	    "argon2id:0:65536:4:AAAAAAAAAAA=",
	    "argon2id:65:65536:4:AAAAAAAAAAA=",
	    "argon2id:3:2097153:4:AAAAAAAAAAA=",
	    "argon2id:3:8191:4:AAAAAAAAAAA=",
	    "argon2id:3:65536:17:AAAAAAAAAAA=", "argon2id:3:65536:4:AAAA",
	    "argon2id:3:65536:4:", "argon2id:03:65536:4:AAAAAAAAAAA=",
	    "argon2id:3:65536:AAAAAAAAAAA=", "argon2id:-3:65536:4:AAAAAAAAAAA=",
	    "argon2id:99999999999999999999:65536:4:AAAAAAAAAAA=", "raw:",
	    "rawx", "", "rsa-oaep:", "rsa-oaep", "ecdh:!", "scrypt:1"};
	sgl_how how;

	(void)state;
	assert_true(sgl_how_read("argon2id:3:65536:4:AAAAAAAAAAA=", &how));
	assert_true(sgl_how_read("raw", &how));
	for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++)
		if (sgl_how_read(hows[i], &how))
			fail_msg("%s is taken", hows[i]);
}

#define ID "id\tAAAAAAAAAAAAAAAAAAAAAA==\n"
static void
strange_texts_are_refused(void **state)
{
	static const char *const texts[] = {"", SGL_WAYS_HEAD,
	    SGL_WAYS_HEAD ID, /* no way at all */
	    SGL_WAYS_HEAD ID "key-file\t/x\traw\tAAAA",
	    SGL_WAYS_HEAD ID "key-file\t/x\traw\t!\n",
	    SGL_WAYS_HEAD ID "key-file\t/x\traw\n",
	    SGL_WAYS_HEAD ID "key\t/x\traw\tAAAA\n",
	    SGL_WAYS_HEAD ID "token\t/x\traw\tAAAA\n",
	    SGL_WAYS_HEAD ID "key-file\t/x\tecdh:AAAA\tAAAA\n",
	    SGL_WAYS_HEAD ID "key-file\t/x\001\traw\tAAAA\n",
	    SGL_WAYS_HEAD "key-file\t/x\traw\tAAAA\n"};
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};

	(void)state;
	assert_int_equal(
	    sgl_ways_read(SGL_LIT(SGL_WAYS_HEAD ID "key-file\t/x\traw\tAAAA\n"),
		&ways, NULL),
	    SGL_OK);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		SGL_AUTO_CLEAR(sgl_ways) w = {0};
		assert_int_equal(
		    sgl_ways_read(sgl_slice_str(texts[i]), &w, NULL),
		    SGL_E_ENCODING);
		assert_int_equal(w.num, 0);
	}
}

static void
one_takes_the_place_of_its_like(void **state)
{
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};
	char name[8];

	(void)state;
	for (int i = 0; i < 20; i++) {
		SGL_AUTO_CLEAR(sgl_way) w = {0};
		sgl_status status;

		(void)snprintf(name, sizeof name, "/%d", i % 10);
		assert_int_equal(sgl_way_wrap(engine, SGL_WAY_KEY_FILE, name,
				     key_file, master, &w, NULL),
		    SGL_OK);
		status = sgl_ways_put(&ways, &w, NULL);
		assert_int_equal(
		    status, i % 10 < SGL_WAYS_MAX ? SGL_OK : SGL_E_LIMIT);
	}
	assert_int_equal(ways.num, SGL_WAYS_MAX);
	sgl_ways_keep_only(&ways, SGL_WAY_KEY_FILE, "/3");
	assert_int_equal(ways.num, 1);
	assert_string_equal(ways.items[0].name, "/3");
}

/* ---------------------------------------------------------------- faults ---
 */

static sgl_status
round_trip(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_WAYS_TEXT);
	SGL_AUTO_CLEAR(sgl_ways) ways = {0};
	SGL_AUTO_CLEAR(sgl_ways) again = {0};
	SGL_AUTO_CLEAR(sgl_way) w = {0};
	SGL_AUTO_CLEAR(sgl_secret) out = {0};

	(void)ctx;
	TRY(sgl_way_wrap(
	    engine, SGL_WAY_KEY_FILE, "/x", key_file, master, &w, err));
	TRY(sgl_ways_put(&ways, &w, err));
	TRY(sgl_ways_write(&ways, &text, err));
	TRY(sgl_ways_read(sgl_buf_slice(&text), &again, err));
	return sgl_way_unwrap(engine, &again.items[0], key_file, &out, err);
}

static sgl_status
stretching(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_way) w = {0};

	(void)ctx;
	return sgl_way_wrap(
	    engine, SGL_WAY_PASSPHRASE, "", PASSPHRASE, master, &w, err);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	sgl_fault_watch(master);
	assert_true(sgl_fault_each(round_trip, NULL) > 10);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){NULL, 0});
	assert_true(sgl_fault_each(stretching, NULL) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_lead_back),
	    cmocka_unit_test(keys_lead_back),
	    cmocka_unit_test(a_text_is_read_as_it_was_written),
	    cmocka_unit_test(what_is_cut_leads_nowhere),
	    cmocka_unit_test(what_is_changed_leads_nowhere),
	    cmocka_unit_test(unreasonable_ways_are_refused),
	    cmocka_unit_test(strange_texts_are_refused),
	    cmocka_unit_test(one_takes_the_place_of_its_like),
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
