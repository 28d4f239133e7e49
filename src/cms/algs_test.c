/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cms/algs.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define AES128_CBC "0609608648016503040102"
#define AES256_CBC "060960864801650304012a"
#define AES128_GCM "0609608648016503040106"
#define CHACHA "060b2a864886f70d0109100312"
#define RC2 "06082a864886f70d0302"
#define DES3 "06082a864886f70d0307"
#define NONCE "040c000102030405060708090a0b"
#define IV16 "0410000102030405060708090a0b0c0d0e0f"
#define IV8 "04080001020304050607"

static void
assert_same(sgl_slice got, sgl_slice want)
{
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.data, want.data, want.len);
}

/* --- content encryption, @req rfc5084-3.2 --- */

static const struct {
	const char *name, *in;
	sgl_status want;
	sgl_cipher_alg cipher;
	size_t icv_len;
	bool icv_omitted;
	unsigned rc2_bits;
} content_cases[] = {
    {"aes-256-cbc", "301d" AES256_CBC IV16, SGL_OK, SGL_CIPHER_AES256_CBC, 0,
	false, 0},
    {"iv in pieces",
	"3080" AES256_CBC "24800404000102030404040506070408"
	"08090a0b0c0d0e0f00000000",
	SGL_OK, SGL_CIPHER_AES256_CBC, 0, false, 0},
    {"short iv", "3015" AES128_CBC IV8, SGL_E_ENCODING, 0, 0, false, 0},
    {"long iv", "301e" AES128_CBC "0411000102030405060708090a0b0c0d0e0f10",
	SGL_E_ENCODING, 0, 0, false, 0},
    {"no iv", "300b" AES128_CBC, SGL_E_ENCODING, 0, 0, false, 0},
    {"behind the iv", "301f" AES128_CBC IV16 "0500", SGL_E_ENCODING, 0, 0,
	false, 0},
    {"behind it", "301d" AES128_CBC IV16 "0500", SGL_E_ENCODING, 0, 0, false,
	0},
    {"gcm, 16", "301e" AES128_GCM "3011" NONCE "020110", SGL_OK,
	SGL_CIPHER_AES128_GCM, 16, false, 0},
    {"gcm, default", "301b" AES128_GCM "300e" NONCE, SGL_OK,
	SGL_CIPHER_AES128_GCM, 12, true, 0},
    {"gcm, 12 said", "301e" AES128_GCM "3011" NONCE "02010c", SGL_OK,
	SGL_CIPHER_AES128_GCM, 12, false, 0},
    {"gcm, 11", "301e" AES128_GCM "3011" NONCE "02010b", SGL_E_ENCODING, 0, 0,
	false, 0},
    {"gcm, 17", "301e" AES128_GCM "3011" NONCE "020111", SGL_E_ENCODING, 0, 0,
	false, 0},
    {"gcm, 4", "301e" AES128_GCM "3011" NONCE "020104", SGL_E_ENCODING, 0, 0,
	false, 0},
    {"gcm, minus", "301e" AES128_GCM "3011" NONCE "0201ff", SGL_E_ENCODING, 0,
	0, false, 0},
    {"gcm, huge", "3025" AES128_GCM "3018" NONCE "0208010000000000000c",
	SGL_E_ENCODING, 0, 0, false, 0},
    {"gcm, more", "3020" AES128_GCM "3013" NONCE "0201100500", SGL_E_ENCODING,
	0, 0, false, 0},
    {"gcm, bare nonce", "3019" AES128_GCM NONCE, SGL_E_ENCODING, 0, 0, false,
	0},
    {"gcm, other nonce", "3017" AES128_GCM "300a" IV8, SGL_OK,
	SGL_CIPHER_AES128_GCM, 12, true, 0},
    {"gcm, short nonce", "3010" AES128_GCM "3003040101", SGL_E_UNSUPPORTED, 0,
	0, false, 0},
    {"chacha", "301b" CHACHA NONCE, SGL_OK, SGL_CIPHER_CHACHA20_POLY1305, 16,
	false, 0},
    {"3des", "3014" DES3 IV8, SGL_OK, SGL_CIPHER_DES3_CBC, 0, false, 0},
    {"rc2-40", "301a" RC2 "300e020200a0" IV8, SGL_OK, SGL_CIPHER_RC2_CBC, 0,
	false, 40},
    {"rc2-64", "3019" RC2 "300d020178" IV8, SGL_OK, SGL_CIPHER_RC2_CBC, 0,
	false, 64},
    {"rc2-128", "3019" RC2 "300d02013a" IV8, SGL_OK, SGL_CIPHER_RC2_CBC, 0,
	false, 128},
    {"rc2, other", "3019" RC2 "300d020139" IV8, SGL_E_UNSUPPORTED, 0, 0, false,
	0},
    {"rc2, bare iv", "3014" RC2 IV8, SGL_E_ENCODING, 0, 0, false, 0},
    {"rc4", "300c06082a864886f70d03040500", SGL_E_UNSUPPORTED, 0, 0, false, 0},
    {"no oid", "30120410000102030405060708090a0b0c0d0e0f", SGL_E_ENCODING, 0, 0,
	false, 0},
    {"nothing", "", SGL_E_ENCODING, 0, 0, false, 0},
};

static void
reads_content_algorithms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(content_cases); i++) {
		sgl_content_alg alg = {.cipher = SGL_CIPHER_NONE};
		sgl_err err = {.status = SGL_OK};
		sgl_status got = sgl_content_alg_read(
		    unhex(content_cases[i].in), &alg, &err);

		if (got != content_cases[i].want)
			fail_msg("%s: %s (%s)", content_cases[i].name,
			    sgl_status_name(got), err.text);
		if (got != SGL_OK) {
			assert_int_equal(alg.cipher, SGL_CIPHER_NONE);
			continue;
		}
		assert_int_equal(alg.cipher, content_cases[i].cipher);
		assert_int_equal(alg.icv_len, content_cases[i].icv_len);
		assert_int_equal(alg.icv_omitted, content_cases[i].icv_omitted);
		assert_int_equal(alg.rc2_bits, content_cases[i].rc2_bits);
		assert_true(sgl_cipher_iv_fits(alg.cipher, alg.iv_len));
		assert_int_equal(alg.iv[1], 1);
	}
}

static void
writes_what_it_reads(void **state)
{
	(void)state;
	for (unsigned i = SGL_CIPHER_AES128_CBC;
	     i <= SGL_CIPHER_CHACHA20_POLY1305; i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(256);
		sgl_derb b = sgl_derb_over(&der);
		sgl_content_alg in = {.cipher = (sgl_cipher_alg)i}, out;

		in.iv_len = sgl_cipher_iv_len(in.cipher);
		memset(in.iv, 7, in.iv_len);
		sgl_content_alg_add(&b, &in);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		assert_int_equal(
		    sgl_content_alg_read(sgl_buf_slice(&der), &out, NULL),
		    SGL_OK);
		assert_int_equal(out.cipher, in.cipher);
		assert_memory_equal(out.iv, in.iv, sizeof in.iv);
		assert_int_equal(
		    out.icv_len, sgl_cipher_is_aead(in.cipher) ? 16 : 0);
		assert_false(out.icv_omitted);
	}
}

/* --- OAEP, @req rfc4055-4.1 --- */

#define OAEP "06092a864886f70d010107"
#define SHA256_NULL "300d06096086480165030402010500"
#define SHA256_BARE "300b0609608648016503040201"
#define MGF1 "06092a864886f70d010108"
#define P_SPECIFIED "06092a864886f70d010109"

static const struct {
	const char *name, *in;
	sgl_status want;
	sgl_digest_alg digest, mgf;
	size_t label_len;
} oaep_cases[] = {
    {"defaults", "300d" OAEP "3000", SGL_OK, SGL_DIGEST_SHA1, SGL_DIGEST_SHA1,
	0},
    {"sha-256", "303c" OAEP "302fa00f" SHA256_NULL "a11c301a" MGF1 SHA256_NULL,
	SGL_OK, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 0},
    {"digest alone", "301c" OAEP "300fa00d" SHA256_BARE, SGL_OK,
	SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, 0},
    {"label", "3020" OAEP "3013a211300f" P_SPECIFIED "0402abcd", SGL_OK,
	SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, 2},
    {"no parameters", "300b" OAEP, SGL_E_ENCODING, 0, 0, 0},
    {"NULL parameters", "300d" OAEP "0500", SGL_E_ENCODING, 0, 0, 0},
    {"other key transport", "300d06092a864886f70d0101010500", SGL_E_UNSUPPORTED,
	0, 0, 0},
    {"unknown digest", "301a" OAEP "300da00b300906072a030405060708",
	SGL_E_UNSUPPORTED, 0, 0, 0},
    {"unknown mgf",
	"301b" OAEP "300ea10c300a06032a0304" /* OID, then no digest */ "3003"
	"060129",
	SGL_E_UNSUPPORTED, 0, 0, 0},
    {"unknown label source", "301b" OAEP "300ea20c300a06042a0304050402abcd",
	SGL_E_UNSUPPORTED, 0, 0, 0},
    {"mgf without digest", "301c" OAEP "300fa10d300b" MGF1, SGL_E_ENCODING, 0,
	0, 0},
    {"wrong order",
	"3031" OAEP "3024a20f300d" P_SPECIFIED "0400a00f" SHA256_NULL,
	SGL_E_ENCODING, 0, 0, 0},
};

static void
reads_oaep(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(oaep_cases); i++) {
		sgl_oaep oaep = {.digest = SGL_DIGEST_NONE};
		sgl_err err = {.status = SGL_OK};
		sgl_status got =
		    sgl_oaep_read(unhex(oaep_cases[i].in), &oaep, &err);

		if (got != oaep_cases[i].want)
			fail_msg("%s: %s (%s)", oaep_cases[i].name,
			    sgl_status_name(got), err.text);
		assert_int_equal(oaep.digest, oaep_cases[i].digest);
		assert_int_equal(oaep.mgf, oaep_cases[i].mgf);
		assert_int_equal(oaep.label.len, oaep_cases[i].label_len);
	}
}

static void
writes_oaep(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(256);
	sgl_derb b = sgl_derb_over(&der);
	sgl_oaep oaep = {.digest = SGL_DIGEST_SHA256, .mgf = SGL_DIGEST_SHA256};

	(void)state;
	sgl_oaep_add(&b, &oaep);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_same(sgl_buf_slice(&der), unhex(oaep_cases[1].in));
	der.len = 0;
	oaep = (sgl_oaep){.digest = SGL_DIGEST_SHA1,
	    .mgf = SGL_DIGEST_SHA1,
	    .label = {(const uint8_t *)"\xab\xcd", 2}};
	sgl_oaep_add(&b, &oaep);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_same(sgl_buf_slice(&der), unhex(oaep_cases[3].in));
}

/* --- key agreement --- */

#define WRAP128 "300b0609608648016503040105"
#define WRAP128_NULL "300d06096086480165030401050500"
#define WRAP256 "300b060960864801650304012d"

/* @req rfc5753-7.2 @req rfc8418-2.2
 * Secrets are the bytes 0 to 31; keys were made by another implementation. */
static const struct {
	const char *name, *in;
	sgl_status want;
	bool hkdf;
	const char *ukm, *kek;
} agree_cases[] = {
    {"x9.63 sha-256, aes-128",
	"301506062b810401"
	"0b01" WRAP128,
	SGL_OK, false, NULL, "1983cc4d05d34db303458415c914b607"},
    {"x9.63 sha-384, aes-256, ukm", "301506062b8104010b02" WRAP256, SGL_OK,
	false, "756b6d21",
	"413c83b4e5faa11428433f0934ccd35b85dde9090cd447bd92c42c61253cd4ae"},
    {"hkdf sha-256, aes-256", "301a060b2a864886f70d0109100313" WRAP256, SGL_OK,
	true, NULL,
	"ad876c55596d24628c2d82224f45e4c03e5879fc3a83ec4b0b500997fce37f66"},
    {"hkdf sha-256, aes-128, ukm", "301a060b2a864886f70d0109100313" WRAP128,
	SGL_OK, true, "756b6d21", "f736fa82959da10b94e82f6bc63fc342"},
    {"wrap with NULL", "301706062b8104010b01" WRAP128_NULL, SGL_OK, false, NULL,
	"dff729b6150c2a2b8f33df9741b46441"},
    {"cofactor", "301506062b8104010e01" WRAP128, SGL_OK, false, NULL,
	"1983cc4d05d34db303458415c914b607"},
    {"no wrap", "300806062b8104010b01", SGL_E_ENCODING, false, NULL, NULL},
    {"3des wrap", "301906062b8104010b01300f060b2a864886f70d01091003060500",
	SGL_OK, false, NULL,
	"d75bc0fd0e9933d3aa3756f5819749081a8f1deefb46769e"},
    {"unknown scheme", "301706082b81040b01000101" WRAP128, SGL_E_UNSUPPORTED,
	false, NULL, NULL},
};

static void
check_kek(sgl_engine *engine, const sgl_agree_alg *alg, size_t i)
{
	sgl_slice ukm = {NULL, 0}, want = unhex(agree_cases[i].kek);
	uint8_t secret[32], kek[32];

	for (size_t k = 0; k < sizeof secret; k++)
		secret[k] = (uint8_t)k;
	if (agree_cases[i].ukm != NULL)
		ukm = unhex(agree_cases[i].ukm);
	assert_int_equal(sgl_agree_kek(engine, alg, ukm,
			     sgl_slice_of(secret, sizeof secret), kek, NULL),
	    SGL_OK);
	assert_same(sgl_slice_of(kek, alg->kek_len), want);
}

static void
reads_key_agreement(void **state)
{
	sgl_engine *engine = *state;

	for (size_t i = 0; i < COUNT(agree_cases); i++) {
		sgl_agree_alg alg;
		sgl_err err = {.status = SGL_OK};
		sgl_status got =
		    sgl_agree_alg_read(unhex(agree_cases[i].in), &alg, &err);

		if (got != agree_cases[i].want)
			fail_msg("%s: %s (%s)", agree_cases[i].name,
			    sgl_status_name(got), err.text);
		if (got != SGL_OK)
			continue;
		assert_int_equal(alg.hkdf, agree_cases[i].hkdf);
		check_kek(engine, &alg, i);
	}
}

static const struct {
	sgl_key_kind kind;
	size_t key_len;
	const char *want;
} agree_defaults[] = {
    {SGL_KEY_P256, 16, "301506062b8104010b01" WRAP128},
    {SGL_KEY_P256, 32, "301506062b8104010b01" WRAP256},
    {SGL_KEY_P384, 32, "301506062b8104010b02" WRAP256},
    {SGL_KEY_P521, 32, "301506062b8104010b03" WRAP256},
    {SGL_KEY_P521, 24, "301506062b8104010b03300b0609608648016503040119"},
    {SGL_KEY_X25519, 32, "301a060b2a864886f70d0109100313" WRAP256},
};

/* RFC 5753 and RFC 8418 8 print these as capabilities. */
static void
chooses_key_agreement(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(agree_defaults); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(256);
		sgl_derb b = sgl_derb_over(&der);
		sgl_agree_alg alg;

		sgl_agree_alg_for(
		    agree_defaults[i].kind, agree_defaults[i].key_len, &alg);
		sgl_agree_alg_add(&b, &alg);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		assert_same(sgl_buf_slice(&der), unhex(agree_defaults[i].want));
		assert_int_equal(alg.kek_len, agree_defaults[i].key_len);
	}
}

static int
start(void **state)
{
	return sgl_engine_new(NULL, (sgl_engine **)state, NULL) == SGL_OK ? 0
									  : -1;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_content_algorithms),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(reads_oaep),
	    cmocka_unit_test(writes_oaep),
	    cmocka_unit_test(reads_key_agreement),
	    cmocka_unit_test(chooses_key_agreement),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
