/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "ca/est.h"
#include "pki/build_inside.h"
#include "support/fault.h"
#include "support/issue.h"

#define MAX_OUT ((size_t)1 << 16)

static sgl_engine *engine;
static sgl_who alice;

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"}, NULL,
	    &alice);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_who_clear(&alice);
	sgl_engine_free(engine);
	return 0;
}

static void
operations(void **state)
{
	static const struct {
		const char *path;
		bool found;
		sgl_est_operation want;
	} table[] = {
	    {"/.well-known/est/cacerts", true, SGL_EST_CACERTS},
	    {"/.well-known/est/csrattrs", true, SGL_EST_CSRATTRS},
	    {"/.well-known/est/simpleenroll", true, SGL_EST_ENROL},
	    {"/.well-known/est/simplereenroll", true, SGL_EST_REENROL},
	    {"/.well-known/est/serverkeygen", true, SGL_EST_KEYGEN},
	    {"/.well-known/est/fullcmc", false, SGL_EST_CACERTS},
	    {"/.well-known/est/", false, SGL_EST_CACERTS},
	    {"/.well-known/est/cacerts/", false, SGL_EST_CACERTS},
	    {"/.well-known/est/label/cacerts", false, SGL_EST_CACERTS},
	    {"/cacerts", false, SGL_EST_CACERTS},
	    {"", false, SGL_EST_CACERTS},
	};
	sgl_est_operation got;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(
		    sgl_est_find(table[i].path, &got), table[i].found);
		if (table[i].found)
			assert_int_equal(got, table[i].want);
	}
}

static void
logins(void **state)
{
	static const struct {
		const char *text, *user, *code;
	} table[] = {
	    {"Basic YTpi", "a", "b"},
	    {"basic YTpi", "a", "b"},
	    {"BASIC  YTpi", "a", "b"},
	    {"Basic YTpiOmM=", "a", "b:c"},
	    {"Basic YTo=", NULL, NULL},	    /* "a:" */
	    {"Basic OmI=", NULL, NULL},	    /* ":b" */
	    {"Basic YQ==", NULL, NULL},	    /* "a" */
	    {"Basic YQA6Yg==", NULL, NULL}, /* "a\0:b" */
	    {"Basic YTpiAA==", NULL, NULL},
	    {"Basic ****", NULL, NULL},
	    {"Basic YTp", NULL, NULL},
	    {"Basic", NULL, NULL},
	    {"Bearer YTpi", NULL, NULL},
	    {"", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SGL_AUTO_CLEAR(sgl_est_login) l = {{NULL, 0}, {NULL, 0}};
		bool found;

		assert_int_equal(
		    sgl_est_read_login(table[i].text, &l, &found, NULL),
		    SGL_OK);
		assert_int_equal(found, table[i].user != NULL);
		if (!found)
			continue;
		assert_string_equal((const char *)l.user.data, table[i].user);
		assert_string_equal((const char *)l.code.data, table[i].code);
	}
}

static void
write_body(sgl_slice subject, const char *address, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
	const sgl_slice a =
	    address == NULL ? (sgl_slice){NULL, 0} : sgl_slice_str(address);
	const sgl_cert_template t = {.subject = subject,
	    .addresses = &a,
	    .num_addresses = address != NULL};

	assert_int_equal(sgl_csr_build(engine, &t, (sgl_slice){NULL, 0},
			     alice.key, SGL_DIGEST_SHA256, &der, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&der), out, NULL), SGL_OK);
}

static void
requests(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_csr)
	csr = NULL;

	(void)state;
	write_body(alice.cert->subject, "alice@example.org", &body);
	assert_int_equal(
	    sgl_est_read(engine, sgl_buf_slice(&body), &csr, NULL), SGL_OK);
	assert_true(sgl_slice_eq(csr->asked.spki, alice.cert->spki));
	assert_true(sgl_est_is_same(csr, alice.cert));
	for (size_t i = 0; i < body.len; i++) {
		SGL_AUTO(sgl_csr)
		cut = NULL;
		assert_int_not_equal(
		    sgl_est_read(engine,
			sgl_slice_first(sgl_buf_slice(&body), i), &cut, NULL),
		    SGL_OK);
	}
}

/* --- keys that are made here --- */

typedef struct attribute {
	sgl_oid type;
	sgl_tag tag;
	sgl_slice value; /* contents octets */
} attribute;

static void
add_attribute(sgl_derb *b, const attribute *a)
{
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE), set;

	sgl_derb_oid(b, sgl_oid_der(a->type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, a->tag, a->value);
	sgl_derb_close(b, set);
	sgl_derb_close(b, seq);
}

/* A request with these attributes, in base64. */
static void
write_wish(const attribute *list, size_t num, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_OUT);
	sgl_derb b = sgl_derb_over(&info);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE), set;
	sgl_sig_alg alg;

	sgl_derb_uint(&b, 0);
	sgl_derb_raw(&b, alice.cert->subject);
	sgl_derb_raw(&b, alice.cert->spki);
	set = sgl_derb_open(&b, SGL_CONTEXT(0));
	for (size_t i = 0; i < num; i++)
		add_attribute(&b, &list[i]);
	sgl_derb_close(&b, set);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sign_alg(alice.key, SGL_DIGEST_NONE, &alg, NULL), SGL_OK);
	assert_int_equal(sgl_sign_whole(engine, sgl_buf_slice(&info), alice.key,
			     &alg, (sgl_slice){NULL, 0}, &der, NULL),
	    SGL_OK);
	out->len = 0;
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&der), out, NULL), SGL_OK);
}

#define ALG(last) "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01" last
#define AES128 ALG("\x02")
#define AES192 ALG("\x16")
#define AES256 ALG("\x2a")
#define RSA_OAEP "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"
#define CAPABLE(v)                                                             \
	{                                                                      \
		SGL_OID_AA_SMIME_CAPABILITIES, SGL_SEQUENCE, SGL_LIT(v)        \
	}
#define PUBLIC(v)                                                              \
	{                                                                      \
		SGL_OID_AA_ASYMM_DECRYPT_KEY_ID, SGL_OCTET_STRING, v           \
	}
#define SECRET(v)                                                              \
	{                                                                      \
		SGL_OID_AA_DECRYPT_KEY_ID, SGL_OCTET_STRING, v                 \
	}

static void
wishes(void **state)
{
	const sgl_slice own =
	    sgl_slice_of(alice.cert->key_id, sizeof alice.cert->key_id);
	const struct {
		attribute list[2];
		size_t num;
		sgl_status want;
		sgl_cipher_alg cipher;
	} table[] = {
	    {{{0}}, 0, SGL_OK, SGL_CIPHER_AES256_CBC},
	    {{PUBLIC(own)}, 1, SGL_OK, SGL_CIPHER_AES256_CBC},
	    {{PUBLIC(own), CAPABLE(AES128)}, 2, SGL_OK, SGL_CIPHER_AES128_CBC},
	    {{PUBLIC(own), CAPABLE(AES128 AES192)}, 2, SGL_OK,
		SGL_CIPHER_AES192_CBC},
	    {{PUBLIC(own), CAPABLE(AES192 AES128)}, 2, SGL_OK,
		SGL_CIPHER_AES192_CBC},
	    {{PUBLIC(own), CAPABLE(AES128 AES256)}, 2, SGL_OK,
		SGL_CIPHER_AES256_CBC},
	    {{PUBLIC(own), CAPABLE(RSA_OAEP)}, 2, SGL_OK,
		SGL_CIPHER_AES256_CBC},
	    {{PUBLIC(SGL_LIT("another"))}, 1, SGL_E_MISMATCH, SGL_CIPHER_NONE},
	    {{PUBLIC(SGL_LIT(""))}, 1, SGL_E_MISMATCH, SGL_CIPHER_NONE},
	    {{SECRET(SGL_LIT("ours"))}, 1, SGL_E_UNSUPPORTED, SGL_CIPHER_NONE},
	    {{SECRET(SGL_LIT("ours")), PUBLIC(own)}, 2, SGL_E_UNSUPPORTED,
		SGL_CIPHER_NONE},
	    {{PUBLIC(own), PUBLIC(own)}, 2, SGL_E_ENCODING, SGL_CIPHER_NONE},
	    {{{SGL_OID_AA_ASYMM_DECRYPT_KEY_ID, SGL_UTF8_STRING, own}}, 1,
		SGL_E_ENCODING, SGL_CIPHER_NONE},
	};
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SGL_AUTO(sgl_csr)
		csr = NULL;
		sgl_cipher_alg cipher = SGL_CIPHER_NONE;
		sgl_slice to = {NULL, 0};

		write_wish(table[i].list, table[i].num, &body);
		assert_int_equal(
		    sgl_est_read_keygen(
			engine, sgl_buf_slice(&body), &csr, &to, &cipher, NULL),
		    table[i].want);
		assert_int_equal(cipher, table[i].cipher);
		if (csr != NULL && table[i].num > 0)
			assert_true(sgl_slice_eq(to, own));
	}
}

/* The signature counts only where something is encrypted to the key. */
static void
whose_signature_counts(void **state)
{
	const attribute own =
	    PUBLIC(sgl_slice_of(alice.cert->key_id, sizeof alice.cert->key_id));

	(void)state;
	for (size_t num = 0; num < 2; num++) {
		SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_OUT);
		SGL_AUTO(sgl_csr)
		csr = NULL;
		sgl_cipher_alg cipher;
		sgl_slice to;

		write_wish(&own, num, &body);
		assert_int_equal(
		    sgl_base64_decode(sgl_buf_slice(&body), &der, NULL),
		    SGL_OK);
		der.data[der.len - 1] ^= 1;
		body.len = 0;
		assert_int_equal(
		    sgl_base64_encode(sgl_buf_slice(&der), &body, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_est_read_keygen(
			engine, sgl_buf_slice(&body), &csr, &to, &cipher, NULL),
		    num == 0 ? SGL_OK : SGL_E_MISMATCH);
	}
}

static void
an_answer_with_a_key(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	const char *text;

	(void)state;
	assert_int_equal(sgl_est_add_key(SGL_LIT("key"), false,
			     SGL_LIT("certificates"), &out, NULL),
	    SGL_OK);
	assert_int_equal(sgl_buf_text(&out, &text, NULL), SGL_OK);
	assert_string_equal(text,
	    "--sigill-key\r\n"
	    "Content-Type: application/pkcs8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n"
	    "a2V5\r\n"
	    "--sigill-key\r\n"
	    "Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n"
	    "Y2VydGlmaWNhdGVz\r\n"
	    "--sigill-key--\r\n");
	out.len = 0;
	assert_int_equal(sgl_est_add_key(sgl_slice_of(alice.cert->der.data, 58),
			     true, SGL_LIT(""), &out, NULL),
	    SGL_OK);
	assert_int_equal(sgl_buf_text(&out, &text, NULL), SGL_OK);
	assert_non_null(strstr(text,
	    "Content-Type: application/pkcs7-mime; "
	    "smime-type=server-generated-key\r\n"));
	/* 57 bytes are a line of 76. */
	assert_int_equal(strcspn(strstr(text, "\r\n\r\n") + 4, "\r"), 76);
}

/* The last bytes of a request are its signature. */
static void
somebody_elses_key(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_csr)
	csr = NULL;

	(void)state;
	write_body(alice.cert->subject, NULL, &body);
	assert_int_equal(
	    sgl_base64_decode(sgl_buf_slice(&body), &der, NULL), SGL_OK);
	der.data[der.len - 1] ^= 1;
	body.len = 0;
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&der), &body, NULL), SGL_OK);
	assert_int_equal(sgl_est_read(engine, sgl_buf_slice(&body), &csr, NULL),
	    SGL_E_MISMATCH);
}

static void
expect_same(sgl_slice subject, const char *address, bool same)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_csr)
	csr = NULL;

	write_body(subject, address, &body);
	assert_int_equal(
	    sgl_est_read(engine, sgl_buf_slice(&body), &csr, NULL), SGL_OK);
	assert_int_equal(sgl_est_is_same(csr, alice.cert), same);
}

static void
whom_it_names(void **state)
{
	const sgl_slice empty = SGL_LIT("\x30\x00");
	const sgl_slice alices = alice.cert->subject;

	(void)state;
	expect_same(alices, "alice@example.org", true);
	expect_same(alices, "bob@example.org", false);
	expect_same(alices, NULL, false);
	expect_same(empty, "alice@example.org", false);
}

/* SEQUENCE { SEQUENCE { type, SET { curve or bits } }, signature } */
static void
attributes(void **state)
{
	static const sgl_key_kind kinds[] = {SGL_KEY_RSA, SGL_KEY_P256,
	    SGL_KEY_P384, SGL_KEY_P521, SGL_KEY_ED25519};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(200);
		sgl_der in, list, one;
		sgl_slice oid;

		assert_int_equal(
		    sgl_est_csrattrs(kinds[i], 3072, &out, NULL), SGL_OK);
		in = sgl_der_over(sgl_buf_slice(&out));
		assert_true(sgl_der_read(&in, SGL_SEQUENCE, &list));
		assert_true(sgl_der_done(&in));
		if (kinds[i] == SGL_KEY_ED25519)
			assert_true(sgl_der_read_oid(&list, &oid));
		else
			assert_true(sgl_der_read(&list, SGL_SEQUENCE, &one));
		assert_true(sgl_der_read_oid(&list, &oid));
		assert_true(sgl_der_done(&list));
	}
}

static sgl_status
whole(void *ctx, sgl_err *err)
{
	const sgl_buf *body = ctx;
	SGL_AUTO(sgl_csr)
	csr = NULL;
	SGL_AUTO_CLEAR(sgl_est_login) l = {{NULL, 0}, {NULL, 0}};
	sgl_status status =
	    sgl_est_read(engine, sgl_buf_slice(body), &csr, err);
	bool found;

	sgl_engine_forget(engine);
	TRY(status);
	return sgl_est_read_login("Basic YTpi", &l, &found, err);
}

static void
without_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_OUT);

	(void)state;
	write_body(alice.cert->subject, NULL, &body);
	sgl_engine_forget(engine);
	(void)sgl_fault_each(whole, &body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operations),
	    cmocka_unit_test(logins),
	    cmocka_unit_test(requests),
	    cmocka_unit_test(wishes),
	    cmocka_unit_test(whose_signature_counts),
	    cmocka_unit_test(an_answer_with_a_key),
	    cmocka_unit_test(somebody_elses_key),
	    cmocka_unit_test(whom_it_names),
	    cmocka_unit_test(attributes),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
