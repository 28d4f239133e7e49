/* SPDX-License-Identifier: Apache-2.0 */
/* A private key for its owner (RFC 7030 4.4.2), which OpenSSL opens. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "cms/key_package.h"
#include "crypto/key.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/people.h"

#define MAX_OUT ((size_t)1 << 20)
#define NAME "its own name"

typedef struct world {
	sgl_engine *engine;
	sgl_folder folder;
	sgl_tester maker, owner;
	sgl_key *key; /* that is handed over */
	sgl_bare_recipient recipient;
	sgl_key_package how;
} world;

static world w;

static void
use_owner(sgl_key_kind kind)
{
	sgl_tester_clear(&w.owner);
	sgl_tester_make(
	    w.engine, kind, "owner", 2, SGL_KU_DIGITAL_SIGNATURE, &w.owner);
	w.recipient.spki = sgl_key_get_spki(w.owner.key);
}

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(sgl_engine_new(NULL, &w.engine, NULL), SGL_OK);
	sgl_folder_make(&w.folder);
	sgl_tester_make(w.engine, SGL_KEY_RSA, "maker", 1,
	    SGL_KU_DIGITAL_SIGNATURE, &w.maker);
	assert_int_equal(
	    sgl_key_generate(w.engine, SGL_KEY_P256, 0, &w.key, NULL), SGL_OK);
	w.recipient.key_id = SGL_LIT(NAME);
	use_owner(SGL_KEY_P256);
	w.how = (sgl_key_package){.signer_cert = w.maker.cert,
	    .signer_key = w.maker.key,
	    .recipient = &w.recipient,
	    .cipher = SGL_CIPHER_AES256_CBC};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_key_unref(w.key);
	sgl_tester_clear(&w.maker);
	sgl_tester_clear(&w.owner);
	sgl_engine_free(w.engine);
	sgl_folder_remove(&w.folder);
	return 0;
}

static sgl_status
package(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);

	(void)ctx;
	return sgl_key_package_write(w.engine, w.key, &w.how, &out, err);
}

static void
write_pem(const char *name, const char *label, sgl_slice der)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(MAX_OUT);

	assert_int_equal(sgl_pem_add(&pem, label, der, NULL), SGL_OK);
	sgl_folder_write(&w.folder, name, sgl_buf_slice(&pem));
}

/* What OpenSSL finds inside is a list of one key. */
static void
open_it(const char *cipher)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_secret) owners = {0};
	SGL_AUTO_CLEAR(sgl_secret) want = {0};
	SGL_AUTO_CLEAR(sgl_buf) got = {0};
	sgl_der in, list;
	sgl_slice one;

	assert_int_equal(
	    sgl_key_package_write(w.engine, w.key, &w.how, &out, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(w.key, &want, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(w.owner.key, &owners, NULL), SGL_OK);
	assert_null(memmem(out.data, out.len, want.data, 16));
	sgl_folder_write(&w.folder, "package", sgl_buf_slice(&out));
	sgl_folder_write(&w.folder, "cipher", sgl_slice_str(cipher));
	write_pem("owner.key", "PRIVATE KEY", sgl_secret_slice(&owners));
	sgl_folder_run(&w.folder,
	    "openssl cms -cmsout -print -inform der -in package >shown && "
	    "grep -q -i -f cipher shown && "
	    "grep -q pkcs7-signedData shown && "
	    "openssl cms -decrypt -binary -inform der -in package -inkey "
	    "owner.key -out signed && "
	    "openssl cms -cmsout -print -inform der -in signed | "
	    "grep -q 2.16.840.1.101.2.1.2.78.5 && "
	    "openssl cms -verify -binary -noverify -inform der -in signed "
	    "-out key");
	got = sgl_folder_read(&w.folder, "key");
	in = sgl_der_over(sgl_buf_slice(&got));
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &list));
	assert_true(sgl_der_done(&in));
	assert_true(sgl_der_read_whole(&list, SGL_SEQUENCE, &one));
	assert_true(sgl_der_done(&list));
	assert_true(sgl_slice_eq(one, sgl_secret_slice(&want)));
}

static void
openssl_opens_it(void **state)
{
	static const sgl_key_kind kinds[] = {
	    SGL_KEY_P256, SGL_KEY_RSA, SGL_KEY_P521};

	(void)state;
	sgl_folder_need("openssl");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		use_owner(kinds[i]);
		open_it("aes-256-cbc");
	}
	w.how.cipher = SGL_CIPHER_AES128_CBC;
	open_it("aes-128-cbc");
}

static void
what_cannot_be_is_refused(void **state)
{
	sgl_key *late = sgl_key_new_late(w.engine, w.maker.key);

	(void)state;
	w.how.signer_key = late;
	assert_int_equal(package(NULL, NULL), SGL_E_USAGE);
	w.how.signer_key = w.key; /* not the certificate's */
	assert_int_equal(package(NULL, NULL), SGL_E_MISMATCH);
	w.how.signer_key = w.maker.key;
	w.how.cipher = SGL_CIPHER_AES256_GCM;
	assert_int_equal(package(NULL, NULL), SGL_E_UNSUPPORTED);
	w.how.cipher = SGL_CIPHER_DES_CBC;
	assert_int_equal(package(NULL, NULL), SGL_E_UNSUPPORTED);
	w.how.cipher = SGL_CIPHER_AES256_CBC;
	w.recipient.key_id = SGL_LIT("");
	assert_int_equal(package(NULL, NULL), SGL_E_USAGE);
	w.recipient.key_id = SGL_LIT(NAME);
	w.recipient.spki = SGL_LIT("nonsense");
	assert_int_equal(package(NULL, NULL), SGL_E_ENCODING);
	use_owner(SGL_KEY_ED25519);
	assert_int_equal(package(NULL, NULL), SGL_E_UNSUPPORTED);
	sgl_key_unref(late);
}

static void
no_memory_and_nothing_left(void **state)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};

	(void)state;
	assert_int_equal(sgl_key_write(w.key, &secret, NULL), SGL_OK);
	assert_int_equal(package(NULL, NULL), SGL_OK); /* the engine's own */
	sgl_fault_watch(sgl_secret_slice(&secret));
	assert_true(sgl_fault_each(package, NULL) > 10);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){NULL, 0});
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(openssl_opens_it),
	    TEST(what_cannot_be_is_refused),
	    TEST(no_memory_and_nothing_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
