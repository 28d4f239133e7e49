/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "asn1/builder.h"
#include "asn1/oid.h"
#include "crypto/pbe_alg.h"
#include "support/hex.h"

static sgl_engine *engine;
static sgl_key *key;
static OSSL_PROVIDER *base, *legacy;

static int
setup(void **state)
{
	sgl_limits limits = {.kdf_iterations = 100000};
	sgl_engine_config config = {.limits = &limits};

	(void)state;
	base = OSSL_PROVIDER_load(NULL, "default");
	legacy = OSSL_PROVIDER_load(NULL, "legacy");
	if (sgl_engine_new(&config, &engine, NULL) != SGL_OK)
		return -1;
	return sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sgl_key_unref(key);
	sgl_engine_free(engine);
	OSSL_PROVIDER_unload(legacy);
	OSSL_PROVIDER_unload(base);
	return 0;
}

/* What libcrypto writes in each of the forms. */
static const struct {
	int pbe; /* -1: PBES2 with `cipher` and `prf`; 0: scrypt */
	const char *cipher;
	int prf;
} forms[] = {
    {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NULL, 0},
    {NID_pbe_WithSHA1And2_Key_TripleDES_CBC, NULL, 0},
    {NID_pbe_WithSHA1And128BitRC2_CBC, NULL, 0},
    {NID_pbe_WithSHA1And40BitRC2_CBC, NULL, 0},
    {-1, "AES-128-CBC", NID_hmacWithSHA1},
    {-1, "AES-192-CBC", NID_hmacWithSHA224},
    {-1, "AES-256-CBC", NID_hmacWithSHA256},
    {-1, "AES-256-CBC", NID_hmacWithSHA384},
    {-1, "AES-256-CBC", NID_hmacWithSHA512},
    {-1, "DES-EDE3-CBC", NID_hmacWithSHA256},
    {-1, "RC2-CBC", NID_hmacWithSHA256},
    {-1, "RC2-64-CBC", NID_hmacWithSHA1},
    {-1, "RC2-40-CBC", NID_hmacWithSHA1},
    {0, "AES-256-CBC", 0},
};
#define NUM_FORMS (sizeof forms / sizeof forms[0])

static X509_ALGOR *
peer_algorithm(size_t form)
{
	const EVP_CIPHER *cipher = forms[form].cipher == NULL
	    ? NULL
	    : EVP_get_cipherbyname(forms[form].cipher);

	if (forms[form].pbe > 0)
		return PKCS5_pbe_set(forms[form].pbe, 1000, NULL, 0);
	if (forms[form].pbe == 0)
		return PKCS5_pbe2_set_scrypt(cipher, NULL, 0, NULL, 1024, 8, 1);
	return PKCS5_pbe2_set_iv(cipher, 1000, NULL, 0, NULL, forms[form].prf);
}

/* An EncryptedPrivateKeyInfo around our key. */
static size_t
peer_encrypt(
    size_t form, const char *password, int password_len, unsigned char **out)
{
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	X509_ALGOR *alg = peer_algorithm(form);
	PKCS8_PRIV_KEY_INFO *info;
	X509_SIG *sig;
	const uint8_t *p;
	int len;

	assert_non_null(alg);
	assert_int_equal(sgl_key_write(key, &der, NULL), SGL_OK);
	p = der.data;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.len);
	assert_non_null(info);
	sig = PKCS8_set0_pbe(password, password_len, info, alg);
	assert_non_null(sig);
	*out = NULL;
	len = i2d_X509_SIG(sig, out);
	assert_true(len > 0);
	X509_SIG_free(sig);
	PKCS8_PRIV_KEY_INFO_free(info);
	return (size_t)len;
}

/* "pässwörd" and a character beyond the BMP. */
#define HARD "p\xc3\xa4ssw\xc3\xb6rd\xf0\x9f\x94\x91"

static void
test_peer(void **state)
{
	static const char *const passwords[] = {
	    "secret", "", HARD, "a", "\xc3\xa5"};

	(void)state;
	for (size_t i = 0; i < NUM_FORMS; i++)
		for (size_t j = 0; j < sizeof passwords / sizeof passwords[0];
		     j++) {
			SGL_AUTO(sgl_key)
			got = NULL;
			unsigned char *der;
			size_t len = peer_encrypt(
			    i, passwords[j], (int)strlen(passwords[j]), &der);
			sgl_err err = {0};
			sgl_status status = sgl_key_read_encrypted(engine,
			    sgl_slice_of(der, len), sgl_slice_str(passwords[j]),
			    &got, &err);
			if (status != SGL_OK)
				fail_msg("form %zu, password %zu: %s (%s)", i,
				    j, err.text, err.detail);
			assert_true(sgl_slice_eq(
			    sgl_key_get_spki(got), sgl_key_get_spki(key)));
			OPENSSL_free(der);
		}
}

/* The old form of no password: not even two zero bytes. */
static void
test_no_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		SGL_AUTO(sgl_key)
		got = NULL;
		unsigned char *der;
		size_t len = peer_encrypt(i, NULL, 0, &der);

		assert_int_equal(
		    sgl_key_read_encrypted(engine, sgl_slice_of(der, len),
			SGL_LIT(""), &got, NULL),
		    SGL_OK);
		OPENSSL_free(der);
	}
}

static void
test_wrong(void **state)
{
	static const char *const wrong[] = {"", "Secret", "secret ", HARD};

	(void)state;
	for (size_t i = 0; i < NUM_FORMS; i++) {
		unsigned char *der;
		size_t len = peer_encrypt(i, "secret", 6, &der);

		for (size_t j = 0; j < sizeof wrong / sizeof wrong[0]; j++) {
			SGL_AUTO(sgl_key)
			got = NULL;
			sgl_err err;
			assert_int_equal(
			    sgl_key_read_encrypted(engine,
				sgl_slice_of(der, len), sgl_slice_str(wrong[j]),
				&got, &err),
			    SGL_E_PASSWORD);
			assert_string_equal(
			    err.text, "wrong password, or damaged data");
		}
		{
			SGL_AUTO(sgl_key)
			got = NULL;
			der[len - 1] ^= 1;
			assert_int_equal(sgl_key_read_encrypted(engine,
					     sgl_slice_of(der, len),
					     SGL_LIT("secret"), &got, NULL),
			    SGL_E_PASSWORD);
		}
		OPENSSL_free(der);
	}
	{
		sgl_key *got = NULL;
		unsigned char *der;
		size_t len = peer_encrypt(0, "secret", 6, &der);
		assert_int_equal(
		    sgl_key_read_encrypted(engine, sgl_slice_of(der, len),
			SGL_LIT("\xff\xfe"), &got, NULL),
		    SGL_E_USAGE);
		OPENSSL_free(der);
	}
}

/* Ours, read by us and by libcrypto. */
static void
test_encrypt(void **state)
{
	static const uint8_t data[100] = {0x30, 0x62};

	(void)state;
	for (size_t len = 0; len < sizeof data; len += 9) {
		SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_secret) plain = {0};
		sgl_slice in = sgl_slice_of(data, len);
		const uint8_t *p;
		X509_ALGOR *peer;
		unsigned char *peer_plain = NULL;
		int peer_len = 0;

		assert_int_equal(sgl_pbe_encrypt(engine, SGL_LIT(HARD), 1000,
				     in, &alg, &out, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_pbe_decrypt(engine, sgl_buf_slice(&alg), SGL_LIT(HARD),
			sgl_buf_slice(&out), &plain, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(sgl_secret_slice(&plain), in));
		p = alg.data;
		peer = d2i_X509_ALGOR(NULL, &p, (long)alg.len);
		assert_non_null(peer);
		assert_ptr_equal(p, alg.data + alg.len);
		assert_non_null(PKCS12_pbe_crypt(peer, HARD, (int)strlen(HARD),
		    out.data, (int)out.len, &peer_plain, &peer_len, 0));
		assert_true(sgl_slice_eq(
		    sgl_slice_of(peer_plain, (size_t)peer_len), in));
		OPENSSL_free(peer_plain);
		X509_ALGOR_free(peer);
	}
	{
		SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(200);
		assert_int_equal(sgl_pbe_encrypt(engine, SGL_LIT("p"), 100001,
				     SGL_LIT("m"), &alg, &out, NULL),
		    SGL_E_LIMIT);
		assert_int_equal(sgl_pbe_encrypt(engine, SGL_LIT("p"), 0,
				     SGL_LIT("m"), &alg, &out, NULL),
		    SGL_E_ENCODING);
		assert_int_equal(alg.len, 0);
		assert_int_equal(out.len, 0);
	}
}

/* The old form, for old importers. */
/* What NSS has written: AES-128 by name, a key of AES-256 by length. */
static void
rename_cipher(sgl_slice algorithm, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t whole = sgl_derb_open(&b, SGL_SEQUENCE), params, kdf, inside;
	sgl_pbe_alg p;

	assert_int_equal(sgl_pbe_alg_read(algorithm, &p, NULL), SGL_OK);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_PBES2));
	params = sgl_derb_open(&b, SGL_SEQUENCE);
	kdf = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_PBKDF2));
	inside = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_octets(&b, p.salt);
	sgl_derb_uint(&b, p.iterations);
	sgl_derb_uint(&b, 32);
	sgl_derb_raw(&b, unhex("300c06082a864886f70d02090500"));
	sgl_derb_close(&b, inside);
	sgl_derb_close(&b, kdf);
	inside = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AES128_CBC));
	sgl_derb_octets(&b, p.iv);
	sgl_derb_close(&b, inside);
	sgl_derb_close(&b, params);
	sgl_derb_close(&b, whole);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
test_key_length_counts(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) algorithm = sgl_buf_init(1024);
	SGL_AUTO_CLEAR(sgl_buf) renamed = sgl_buf_init(1024);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1024);
	SGL_AUTO_CLEAR(sgl_secret) back = {0};

	(void)state;
	assert_int_equal(sgl_pbe_encrypt(engine, SGL_LIT("p"), 1000,
			     SGL_LIT("0\1x"), &algorithm, &out, NULL),
	    SGL_OK);
	rename_cipher(sgl_buf_slice(&algorithm), &renamed);
	assert_int_equal(sgl_pbe_decrypt(engine, sgl_buf_slice(&renamed),
			     SGL_LIT("p"), sgl_buf_slice(&out), &back, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(sgl_secret_slice(&back), SGL_LIT("0\1x")));
}

static void
test_encrypt_legacy(void **state)
{
	static const uint8_t data[40] = {0x30, 0x26};

	(void)state;
	for (size_t len = 0; len < sizeof data; len++) {
		SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_secret) plain = {0};
		sgl_slice in = sgl_slice_of(data, len);
		const uint8_t *p;
		X509_ALGOR *peer;
		unsigned char *peer_plain = NULL;
		int peer_len = 0;

		assert_int_equal(sgl_pbe_encrypt_legacy(engine, SGL_LIT(HARD),
				     1000, in, &alg, &out, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_pbe_decrypt(engine, sgl_buf_slice(&alg), SGL_LIT(HARD),
			sgl_buf_slice(&out), &plain, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(sgl_secret_slice(&plain), in));
		p = alg.data;
		peer = d2i_X509_ALGOR(NULL, &p, (long)alg.len);
		assert_non_null(peer);
		assert_non_null(PKCS12_pbe_crypt(peer, HARD, (int)strlen(HARD),
		    out.data, (int)out.len, &peer_plain, &peer_len, 0));
		assert_true(sgl_slice_eq(
		    sgl_slice_of(peer_plain, (size_t)peer_len), in));
		OPENSSL_free(peer_plain);
		X509_ALGOR_free(peer);
	}
}

/* PBES2 with PBKDF2: salt, rounds and what follows; then the scheme. */
#define PBES2(len, params) "30" len "06092a864886f70d01050d30" params
#define AES256_IV                                                              \
	"301d060960864801650304012a041000000000000000000000000000000000"
#define AES128_IV                                                              \
	"301d0609608648016503040102041000000000000000000000000000000000"

static const struct {
	const char *name, *algorithm;
	sgl_status want;
	const char *detail;
} algorithm_cases[] = {
    {"nothing", "", SGL_E_ENCODING, ""},
    {"no parameters", "300b06092a864886f70d01050d", SGL_E_ENCODING, ""},
    {"RC4", "300e060a2a864886f70d010c01010500", SGL_E_UNSUPPORTED,
	"pbeWithSHAAnd128BitRC4"},
    {"MD5 and DES", "301a06092a864886f70d010503300d04080000000000000000020101",
	SGL_E_UNSUPPORTED, "pbeWithMD5AndDES-CBC"},
    {"3DES, too many rounds",
	"301e060a2a864886f70d010c0103301004080000000000000000020400ffffff",
	SGL_E_LIMIT, ""},
    {"3DES, no rounds",
	"301b060a2a864886f70d010c0103300d04080000000000000000020100",
	SGL_E_ENCODING, ""},
    {"3DES, rounds below zero",
	"301b060a2a864886f70d010c0103300d040800000000000000000201ff",
	SGL_E_ENCODING, ""},
    {"PBKDF2, too many rounds",
	PBES2("43",
	    "36"
	    "301506092a864886f70d01050c3008"
	    "040100"
	    "020301ffff" AES256_IV),
	SGL_E_LIMIT, ""},
    {"PBKDF2, far too many rounds",
	PBES2("45",
	    "38"
	    "301706092a864886f70d01050c300a"
	    "040100"
	    "02050100000000" AES256_IV),
	SGL_E_LIMIT, ""},
    {"PBKDF2, wrong key length",
	PBES2("44",
	    "37"
	    "301606092a864886f70d01050c3009"
	    "040100"
	    "020101"
	    "020110" AES256_IV),
	SGL_E_ENCODING, ""},
    {"PBKDF2, right key length",
	PBES2("44",
	    "37"
	    "301606092a864886f70d01050c3009"
	    "040100"
	    "020101"
	    "020120" AES256_IV),
	SGL_E_PASSWORD, ""},
    {"PBKDF2, AES-128 with the length for AES-256",
	PBES2("44",
	    "37"
	    "301606092a864886f70d01050c3009"
	    "040100"
	    "020101"
	    "020120" AES128_IV),
	SGL_E_PASSWORD, ""},
    {"PBKDF2, AES-128 with a length that nobody writes",
	PBES2("44",
	    "37"
	    "301606092a864886f70d01050c3009"
	    "040100"
	    "020101"
	    "020118" AES128_IV),
	SGL_E_ENCODING, ""},
    {"RC2 of other effective bits",
	PBES2("3e",
	    "31"
	    "301306092a864886f70d01050c3006"
	    "040100"
	    "020101"
	    "301a06082a864886f70d0302300e020200a1"
	    "04080000000000000000"),
	SGL_E_UNSUPPORTED, "rc2-cbc"},
    {"RC2 without parameters",
	PBES2("31",
	    "24"
	    "301306092a864886f70d01050c3006"
	    "040100"
	    "020101"
	    "300d06082a864886f70d03023001"
	    "00"),
	SGL_E_ENCODING, ""},
    {"PBKDF2, unknown function",
	PBES2("4f",
	    "42"
	    "302106092a864886f70d01050c3014"
	    "040100"
	    "020101"
	    "300c06082a864886f70d02060500" AES256_IV),
	SGL_E_UNSUPPORTED, "1.2.840.113549.2.6"},
    {"unknown cipher",
	PBES2("2d",
	    "20"
	    "301306092a864886f70d01050c3006"
	    "040100"
	    "020101"
	    "300906055555555555"
	    "0400"),
	SGL_E_UNSUPPORTED, "2.5.85.85.85.85"},
};

static void
test_algorithms(void **state)
{
	static const uint8_t data[32];

	(void)state;
	for (size_t i = 0;
	     i < sizeof algorithm_cases / sizeof algorithm_cases[0]; i++) {
		SGL_AUTO_CLEAR(sgl_secret) plain = {0};
		sgl_err err = {0};
		sgl_status status = sgl_pbe_decrypt(engine,
		    unhex(algorithm_cases[i].algorithm), SGL_LIT("p"),
		    sgl_slice_of(data, sizeof data), &plain, &err);
		if (status != algorithm_cases[i].want ||
		    strcmp(err.detail, algorithm_cases[i].detail) != 0)
			fail_msg("%s: %s (%s)", algorithm_cases[i].name,
			    sgl_status_name(status), err.detail);
	}
}

static void
test_bmp(void **state)
{
	static const struct {
		const char *utf8, *want;
	} cases[] = {
	    {"", "0000"},
	    {"smeg", "0073006d006500670000"},
	    {"\xc3\xa4", "00e40000"},
	    {"\xe2\x82\xac", "20ac0000"},
	    {"\xf0\x9f\x94\x91", "d83ddd110000"},
	};
	SGL_AUTO_CLEAR(sgl_secret) out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    sgl_pbe_bmp(sgl_slice_str(cases[i].utf8), &out, NULL),
		    SGL_OK);
		assert_true(
		    sgl_slice_eq(sgl_secret_slice(&out), unhex(cases[i].want)));
	}
	assert_int_equal(sgl_pbe_bmp(SGL_LIT("\xc3"), &out, NULL), SGL_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_peer),
	    cmocka_unit_test(test_no_bytes),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_encrypt),
	    cmocka_unit_test(test_key_length_counts),
	    cmocka_unit_test(test_encrypt_legacy),
	    cmocka_unit_test(test_algorithms),
	    cmocka_unit_test(test_bmp),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
