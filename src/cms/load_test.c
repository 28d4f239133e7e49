/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "base/base64.h"
#include "cms/load.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_FILE ((size_t)1 << 20)

/* A key of P-256 and a certificate that names its public half. */
typedef struct things {
	sgl_engine *engine;
	sgl_secret key; /* PKCS#8 */
	sgl_buf cert;
	sgl_buf encrypted; /* EncryptedPrivateKeyInfo, "secret" */
} things;

static void
make_encrypted(things *t)
{
	SGL_AUTO_CLEAR(sgl_buf) algorithm = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(MAX_FILE);
	sgl_derb b = sgl_derb_over(&t->encrypted);
	size_t seq;

	assert_int_equal(
	    sgl_pbe_encrypt(t->engine, SGL_LIT("secret"), 10,
		sgl_secret_slice(&t->key), &algorithm, &bytes, NULL),
	    SGL_OK);
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, sgl_buf_slice(&algorithm));
	sgl_derb_octets(&b, sgl_buf_slice(&bytes));
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static int
start(void **state)
{
	static things t;
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_cert_parts parts = {0};

	t = (things){.cert = sgl_buf_init(MAX_FILE),
	    .encrypted = sgl_buf_init(MAX_FILE)};
	if (sgl_engine_new(NULL, &t.engine, NULL) != SGL_OK ||
	    sgl_key_generate(t.engine, SGL_KEY_P256, 0, &key, NULL) != SGL_OK ||
	    sgl_key_write(key, &t.key, NULL) != SGL_OK)
		return -1;
	parts.spki = sgl_key_get_spki(key);
	sgl_parts_cert(&parts, &t.cert);
	make_encrypted(&t);
	*state = &t;
	return 0;
}

static int
stop(void **state)
{
	things *t = *state;

	sgl_secret_clear(&t->key);
	sgl_buf_clear(&t->cert);
	sgl_buf_clear(&t->encrypted);
	sgl_engine_free(t->engine);
	return 0;
}

static void
add_pem(sgl_buf *out, const char *label, sgl_slice der)
{
	assert_int_equal(sgl_pem_add(out, label, der, NULL), SGL_OK);
}

static void
add(sgl_buf *out, const char *text)
{
	assert_int_equal(sgl_buf_add_str(out, text, NULL), SGL_OK);
}

typedef struct want {
	sgl_status status;
	const char *text; /* a part of err.text */
	sgl_loaded count;
} want;

static void
check(things *t, const char *name, sgl_slice file, const char *password,
    const want *w)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_crls) crls = {0};
	sgl_slice pass =
	    password != NULL ? sgl_slice_str(password) : (sgl_slice){NULL, 0};
	sgl_loaded got = {0};
	sgl_err err = {0};
	sgl_status status =
	    sgl_load(t->engine, file, pass, &ring, &crls, &got, &err);

	if (status != w->status)
		fail_msg("%s: %s, %s", name, sgl_status_name(status),
		    err.text != NULL ? err.text : "");
	if (w->text != NULL &&
	    (err.text == NULL || strstr(err.text, w->text) == NULL))
		fail_msg("%s: says \"%s\"", name, err.text);
	if (got.num_certs != w->count.num_certs ||
	    got.num_keys != w->count.num_keys ||
	    got.num_crls != w->count.num_crls ||
	    ring.num_keys != w->count.num_keys ||
	    ring.certs.num != w->count.num_certs)
		fail_msg("%s: %zu certificates, %zu keys, %zu CRLs", name,
		    got.num_certs, got.num_keys, got.num_crls);
}

/* The public key of RFC 8410 10.1. */
#define PUBLIC_KEY                                                             \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"       \
	"-----END PUBLIC KEY-----\n"

static const struct {
	const char *name, *file;
	want want;
} refused[] = {
    {"nothing", "", {SGL_E_ENCODING, "empty", {0}}},
    {"blanks", " \r\n\t\n", {SGL_E_ENCODING, "empty", {0}}},
    {"UTF-16", "\xff\xfe-", {SGL_E_UNSUPPORTED, "save it as", {0}}},
    {"UTF-16, the other way", "\xfe\xff", {SGL_E_UNSUPPORTED, "UTF-16", {0}}},
    {"JKS", "\xfe\xed\xfe\xed\1", {SGL_E_UNSUPPORTED, "keytool", {0}}},
    {"JCEKS", "\xce\xce\xce\xce\1", {SGL_E_UNSUPPORTED, "keytool", {0}}},
    {"NSS", "SQLite format 3\1", {SGL_E_UNSUPPORTED, "pk12util", {0}}},
    {"text", "hello, world\n", {SGL_E_ENCODING, "neither PEM nor DER", {0}}},
    {"a public key", PUBLIC_KEY, {SGL_E_UNSUPPORTED, "public key", {0}}},
    {"parameters alone",
	"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
	"-----END EC PARAMETERS-----\n",
	{SGL_E_UNSUPPORTED, "no certificate", {0}}},
    {"PEM without end", "-----BEGIN CERTIFICATE-----\nMIIB\n",
	{SGL_E_ENCODING, NULL, {0}}},
    {"PEM of rubbish",
	"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	{SGL_E_ENCODING, "not a whole", {0}}},
    {"PEM of something else",
	"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n",
	{SGL_E_ENCODING, "neither certificate", {0}}},
    {"an old encrypted key",
	"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	"DEK-Info: DES-EDE3-CBC,0102030405060708\n\nMAMCAQU=\n"
	"-----END RSA PRIVATE KEY-----\n",
	{SGL_E_UNSUPPORTED, "pkcs8", {0}}},
    {"a key for another purpose",
	"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
	"-----END OPENSSH PRIVATE KEY-----\n",
	{SGL_E_UNSUPPORTED, "does not use", {0}}},
    {"DER that ends too soon", "\x30\x20\x02\x01\x03",
	{SGL_E_ENCODING, "not a whole", {0}}},
    {"DER of something else", "\x30\x06\x02\x01\x05\x05\x00\x05",
	{SGL_E_ENCODING, "not a whole", {0}}},
};

static void
refuses_with_reason(void **state)
{
	for (size_t i = 0; i < COUNT(refused); i++)
		check(*state, refused[i].name,
		    refused[i].file[0] == '0' && refused[i].file[1] == 0x06
			? sgl_slice_of(refused[i].file, 7)
			: sgl_slice_str(refused[i].file),
		    "secret", &refused[i].want);
}

static const want one_cert = {SGL_OK, NULL, {.num_certs = 1}};
static const want one_key = {SGL_OK, NULL, {.num_keys = 1}};
static const want one_each = {SGL_OK, NULL, {1, 1, 0}};

static void
loads_der(void **state)
{
	things *t = *state;
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	check(t, "certificate", sgl_buf_slice(&t->cert), NULL, &one_cert);
	check(t, "key", sgl_secret_slice(&t->key), NULL, &one_key);
	assert_int_equal(
	    sgl_buf_add(&file, sgl_buf_slice(&t->cert), NULL), SGL_OK);
	assert_int_equal(
	    sgl_buf_add(&file, sgl_secret_slice(&t->key), NULL), SGL_OK);
	add(&file, "\r\n");
	check(t, "both, and a line end", sgl_buf_slice(&file), NULL, &one_each);
}

static void
loads_pem_between_text(void **state)
{
	things *t = *state;
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	add(&file, "Bag Attributes\n    friendlyName: alice\nsubject=CN=a\n");
	add_pem(&file, "CERTIFICATE", sgl_buf_slice(&t->cert));
	add(&file, PUBLIC_KEY "Key Attributes: <No Attributes>\n");
	add_pem(&file, "PRIVATE KEY", sgl_secret_slice(&t->key));
	add_pem(&file, "SOMETHING ELSE", SGL_LIT("else"));
	check(t, "PEM", sgl_buf_slice(&file), NULL, &one_each);
}

static void
loads_bare_base64(void **state)
{
	things *t = *state;
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&t->cert), &file, NULL), SGL_OK);
	add(&file, "\r\n");
	check(t, "base64", sgl_buf_slice(&file), NULL, &one_cert);
}

static void
loads_encrypted_keys(void **state)
{
	things *t = *state;
	static const want needed = {SGL_E_PASSWORD, "is needed", {0}};
	static const want wrong = {SGL_E_PASSWORD, "wrong password", {0}};
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(MAX_FILE);

	add_pem(&pem, "ENCRYPTED PRIVATE KEY", sgl_buf_slice(&t->encrypted));
	check(t, "DER", sgl_buf_slice(&t->encrypted), "secret", &one_key);
	check(t, "PEM", sgl_buf_slice(&pem), "secret", &one_key);
	check(t, "none given", sgl_buf_slice(&pem), NULL, &needed);
	for (int i = 0; i < 300; i++) { /* some end in good padding */
		char text[8];

		(void)snprintf(text, sizeof text, "%d", i);
		check(t, "wrong", sgl_buf_slice(&pem), text, &wrong);
	}
}

/* SignedData with a certificate, and tagged choices around it. */
static void
make_p7b(const things *t, const char *type, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t info, zero, data, encap, certs, set;

	info = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, unhex(type));
	zero = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 1);
	sgl_derb_raw(&b, unhex("3100"));
	encap = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_DATA));
	sgl_derb_close(&b, encap);
	certs = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_raw(&b, unhex("a103020101"));
	sgl_derb_raw(&b, sgl_buf_slice(&t->cert));
	sgl_derb_close(&b, certs);
	set = sgl_derb_open(&b, SGL_SET);
	sgl_derb_close(&b, set);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, zero);
	sgl_derb_close(&b, info);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
loads_p7b(void **state)
{
	things *t = *state;
	static const want not_ours = {SGL_E_UNSUPPORTED, "a CMS message", {0}};
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(MAX_FILE);

	make_p7b(t, "2a864886f70d010702", &file);
	check(t, "P7B", sgl_buf_slice(&file), NULL, &one_cert);
	add_pem(&pem, "PKCS7", sgl_buf_slice(&file));
	check(t, "PEM", sgl_buf_slice(&pem), NULL, &one_cert);
	file.len = 0;
	make_p7b(t, "2a864886f70d010703", &file);
	check(t, "enveloped", sgl_buf_slice(&file), NULL, &not_ours);
}

/* A fault in the last block leaves the sets as they were. */
static void
loads_all_or_nothing(void **state)
{
	things *t = *state;
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_err err = {0};

	add_pem(&file, "CERTIFICATE", sgl_buf_slice(&t->cert));
	add_pem(&file, "CERTIFICATE", SGL_LIT("\x30\x00"));
	assert_int_equal(sgl_load(t->engine, sgl_buf_slice(&file),
			     (sgl_slice){NULL, 0}, &ring, NULL, NULL, &err),
	    SGL_E_ENCODING);
	assert_int_equal(ring.certs.num, 0);
	assert_string_equal(err.detail, "PEM block CERTIFICATE");
	assert_memory_equal(file.data + err.offset, "-----BEGIN", 10);
}

static void
leaves_out_what_is_not_wanted(void **state)
{
	things *t = *state;
	sgl_loaded got = {0};

	assert_int_equal(sgl_load(t->engine, sgl_buf_slice(&t->cert),
			     (sgl_slice){NULL, 0}, NULL, NULL, &got, NULL),
	    SGL_OK);
	assert_int_equal(got.num_certs, 1);
}

static sgl_status
load_job(void *ctx, sgl_err *err)
{
	const sgl_buf *file = ctx;
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_engine_new(NULL, &engine, err));
	return sgl_load(engine, sgl_buf_slice(file), SGL_LIT("secret"), &ring,
	    NULL, NULL, err);
}

static void
survives_lack_of_memory(void **state)
{
	things *t = *state;
	sgl_buf file = sgl_buf_init(MAX_FILE);

	add_pem(&file, "CERTIFICATE", sgl_buf_slice(&t->cert));
	add_pem(&file, "ENCRYPTED PRIVATE KEY", sgl_buf_slice(&t->encrypted));
	assert_true(sgl_fault_each(load_job, &file) > 10);
	sgl_buf_clear(&file);
}

static const struct {
	const char *path, *password;
	want want;
} corpus[] = {
    {"rfc9216/4.5_PKCS-12-Object-for-Alice.p12", "alice",
	{SGL_OK, NULL, {3, 2, 0}}},
    {"rfc9216/5.5_PKCS-12-Object-for-Bob.p12", "bob",
	{SGL_OK, NULL, {3, 2, 0}}},
    {"rfc9216/7.5_PKCS-12-Object-for-Carlos.p12", "carlos",
	{SGL_OK, NULL, {3, 2, 0}}},
    {"rfc9216/8.5_PKCS-12-Object-for-Dana.p12", "dana",
	{SGL_OK, NULL, {3, 2, 0}}},
    {"rfc9216/8.5_PKCS-12-Object-for-Dana.p12", "Dana",
	{SGL_E_PASSWORD, "wrong password", {0}}},
    {"rfc9216/8.5_PKCS-12-Object-for-Dana.p12", NULL,
	{SGL_E_PASSWORD, "is needed", {0}}},
    {"thunderbird-open/smime/Alice.p12", "nss", {SGL_OK, NULL, {2, 1, 0}}},
    {"thunderbird-open/smime/Bob.p12", "nss", {SGL_OK, NULL, {2, 1, 0}}},
    {"nss-interop/interop-openssl/Fran.p12", "nss", {SGL_OK, NULL, {1, 1, 0}}},
    {"nss-interop/interop-openssl/Fran-ec.p12", "nss",
	{SGL_OK, NULL, {1, 1, 0}}},
    {"client-samples-open/simple-java-mail/pkcs12/smime_keystore.pkcs12",
	"letmein", {SGL_OK, NULL, {2, 1, 0}}}, /* the other key is DSA */
    {"james/smime.p12", "secret", {SGL_OK, NULL, {1, 1, 0}}},
    {"notmuch/smime/bob.p12", "", {SGL_OK, NULL, {1, 1, 0}}},
    {"notmuch/smime/bob.p12", NULL, {SGL_OK, NULL, {1, 1, 0}}},
    {"notmuch/smime/0xE0972A47.p12", "", {SGL_OK, NULL, {1, 1, 0}}},
    {"gnupg-cms/samplekeys/ov-user.p12", "start", {SGL_OK, NULL, {1, 1, 0}}},
    {"gnupg-cms/samplekeys/ov-server.p12", "start", {SGL_OK, NULL, {1, 1, 0}}},
    {"gnupg-cms/samplekeys/opensc-test.p12", "password",
	{SGL_OK, NULL, {2, 1, 0}}},
    {"gnupg-cms/samplekeys/t5793-openssl.pfx", "test",
	{SGL_OK, NULL, {1, 1, 0}}},
    /* Its MAC is wrong under the password that opens its safes. */
    {"gnupg-cms/samplekeys/t5793-test.pfx", "test",
	{SGL_E_PASSWORD, "wrong password", {0}}},
    {"gnupg-cms/samplekeys/nistp256-openssl-self-signed.p12", "abc",
	{SGL_OK, NULL, {1, 1, 0}}},
    {"gnupg-cms/samplekeys/t6752-ov-user-ff.p12", "start",
	{SGL_OK, NULL, {1, 1, 0}}},
    {"gnupg-cms/samplekeys/credential_private_encrypted_AES256.p12",
	"qeFGds84/Sf0eKkJwcp6", {SGL_OK, NULL, {2, 1, 0}}},
    {"gnupg-cms/samplekeys/credential_private_encrypted_3DES.p12",
	"qeFGds84/Sf0eKkJwcp6", {SGL_OK, NULL, {2, 1, 0}}},
    /* No peer decrypts its key either. */
    {"gnupg-cms/samplekeys/edward.tester@demo.gnupg.com.p12", "abc,123456",
	{SGL_E_PASSWORD, "another password", {0}}},
};

static void
loads_the_corpus(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init((size_t)16 << 20);

	if (!sgl_corpus_has("rfc9216")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(corpus); i++) {
		sgl_corpus_read(corpus[i].path, &file);
		check(*state, corpus[i].path, sgl_buf_slice(&file),
		    corpus[i].password, &corpus[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_with_reason),
	    cmocka_unit_test(loads_der),
	    cmocka_unit_test(loads_pem_between_text),
	    cmocka_unit_test(loads_bare_base64),
	    cmocka_unit_test(loads_encrypted_keys),
	    cmocka_unit_test(loads_p7b),
	    cmocka_unit_test(loads_all_or_nothing),
	    cmocka_unit_test(leaves_out_what_is_not_wanted),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(loads_the_corpus),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
