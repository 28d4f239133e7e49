/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/builder.h"
#include "crypto/key.h"
#include "support/hex.h"

static sgl_engine *engine;
static sgl_key *rsa; /* 2048 bits, for all tests */

static int
setup(void **state)
{
	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	return sgl_key_generate(engine, SGL_KEY_RSA, 2048, &rsa, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sgl_key_unref(rsa);
	sgl_engine_free(engine);
	return 0;
}

/* --- SubjectPublicKeyInfos built to order -------------------------------- */

static sgl_buf buf;

static sgl_slice
spki(sgl_slice algorithm, sgl_slice bits, unsigned unused)
{
	sgl_derb b = sgl_derb_over(&buf);
	size_t seq;

	buf.max = 1 << 20;
	buf.len = 0;
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, algorithm);
	sgl_derb_bits(&b, bits, unused);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	return sgl_buf_slice(&buf);
}

#define ALG_RSA "300d06092a864886f70d0101010500"
#define ALG_RSA_BARE "300b06092a864886f70d010101"
#define ALG_RSA_ODD "301006092a864886f70d010101060355040a"
#define ALG_P256 "301306072a8648ce3d020106082a8648ce3d030107"
#define ALG_P384 "301006072a8648ce3d020106052b81040022"
#define ALG_K256 "301006072a8648ce3d020106052b8104000a"
#define ALG_EC_BARE "300906072a8648ce3d0201"
#define ALG_EC_NUMBERS "300d06072a8648ce3d02013002020101"
#define ALG_ED25519 "300506032b6570"
#define ALG_ED25519_NULL "300706032b65700500"
#define ALG_X25519 "300506032b656e"
#define ALG_ED448 "300506032b6571"
#define ALG_DSA "300906072a8648ce380401"

/* SEC 2: the base point of P-256. */
#define G_X "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define G_Y "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
/* RFC 8410 10.1. */
#define ED_PUB                                                                 \
	"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"

static const struct {
	const char *name, *algorithm, *bits;
	unsigned unused;
	sgl_status want;
	const char *detail;
} spki_cases[] = {
    {"P-256", ALG_P256, "04" G_X G_Y, 0, SGL_OK, ""},
    {"P-256 compressed", ALG_P256, "03" G_X, 0, SGL_OK, ""},
    {"P-256 other y", ALG_P256, "02" G_X, 0, SGL_OK, ""},
    {"P-256 hybrid", ALG_P256, "07" G_X G_Y, 0, SGL_E_ENCODING, ""},
    {"P-256 infinity", ALG_P256, "00", 0, SGL_E_ENCODING, ""},
    {"P-256 nothing", ALG_P256, "", 0, SGL_E_ENCODING, ""},
    {"P-256 short", ALG_P256, "04" G_X, 0, SGL_E_ENCODING, ""},
    {"P-256 off the curve", ALG_P256, "04" G_X G_X, 0, SGL_E_ENCODING, ""},
    {"P-256 beyond the field", ALG_P256,
	"04fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	"f" G_Y,
	0, SGL_E_ENCODING, ""},
    {"P-384 with a P-256 point", ALG_P384, "04" G_X G_Y, 0, SGL_E_ENCODING, ""},
    {"secp256k1", ALG_K256, "04" G_X G_Y, 0, SGL_E_UNSUPPORTED, "secp256k1"},
    {"no curve", ALG_EC_BARE, "04" G_X G_Y, 0, SGL_E_ENCODING, ""},
    {"curve in numbers", ALG_EC_NUMBERS, "04" G_X G_Y, 0, SGL_E_UNSUPPORTED,
	""},
    {"spare bits", ALG_P256, "04" G_X G_Y "80", 7, SGL_E_ENCODING, ""},
    {"Ed25519", ALG_ED25519, ED_PUB, 0, SGL_OK, ""},
    {"Ed25519 with NULL", ALG_ED25519_NULL, ED_PUB, 0, SGL_E_ENCODING, ""},
    {"Ed25519 long", ALG_ED25519, ED_PUB "00", 0, SGL_E_ENCODING, ""},
    {"X25519", ALG_X25519, ED_PUB, 0, SGL_OK, ""},
    {"X25519 short", ALG_X25519, "00", 0, SGL_E_ENCODING, ""},
    {"Ed448", ALG_ED448, ED_PUB, 0, SGL_E_UNSUPPORTED, "id-Ed448"},
    {"DSA", ALG_DSA, "020101", 0, SGL_E_UNSUPPORTED, "id-dsa"},
    {"RSA of nothing", ALG_RSA, "", 0, SGL_E_ENCODING, ""},
    {"RSA of no numbers", ALG_RSA, "3000", 0, SGL_E_ENCODING, ""},
    {"RSA negative", ALG_RSA, "30060201ff020103", 0, SGL_E_ENCODING, ""},
    {"RSA of zero", ALG_RSA, "3006020100020103", 0, SGL_E_UNSUPPORTED, ""},
};

static void
expect_same_check(sgl_slice der, sgl_status want)
{
	sgl_key_kind kind;

	assert_int_equal(sgl_pubkey_check(engine, der, &kind, NULL), want);
}

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof spki_cases / sizeof spki_cases[0]; i++) {
		SGL_AUTO(sgl_pubkey)
		key = NULL;
		sgl_err err = {0};
		sgl_status status = sgl_pubkey_read(engine,
		    spki(unhex(spki_cases[i].algorithm),
			unhex(spki_cases[i].bits), spki_cases[i].unused),
		    &key, &err);
		expect_same_check(
		    spki(unhex(spki_cases[i].algorithm),
			unhex(spki_cases[i].bits), spki_cases[i].unused),
		    status);
		if (status != spki_cases[i].want ||
		    strcmp(err.detail, spki_cases[i].detail) != 0)
			fail_msg("%s: %s, %s (%s)", spki_cases[i].name,
			    sgl_status_name(status), err.text, err.detail);
	}
}

/* An RSA key of any numbers: libcrypto does not look whether they are good. */
static sgl_slice
rsa_spki(const char *algorithm, unsigned bits, bool even, const char *e)
{
	SGL_AUTO_CLEAR(sgl_buf) key = sgl_buf_init(8192);
	sgl_derb b = sgl_derb_over(&key);
	uint8_t n[2100] = {0};
	size_t len = (bits + 7) / 8, seq;

	memset(n, 0x55, len);
	n[0] = (uint8_t)(1u << ((bits - 1) % 8));
	n[len - 1] = even ? 0x54 : 0x55;
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_unsigned(&b, sgl_slice_of(n, len));
	sgl_derb_unsigned(&b, unhex(e));
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	return spki(unhex(algorithm), sgl_buf_slice(&key), 0);
}

static const struct {
	const char *algorithm;
	unsigned bits;
	bool even;
	const char *e;
	sgl_status want;
} rsa_cases[] = {
    {ALG_RSA, 1024, false, "010001", SGL_OK},
    {ALG_RSA_BARE, 1024, false, "03", SGL_OK},
    {ALG_RSA_ODD, 1024, false, "03", SGL_E_ENCODING},
    {ALG_RSA, 1023, false, "010001", SGL_E_UNSUPPORTED},
    {ALG_RSA, 512, false, "010001", SGL_E_UNSUPPORTED},
    {ALG_RSA, 2047, false, "010001", SGL_OK},
    {ALG_RSA, 16384, false, "010001", SGL_OK},
    {ALG_RSA, 16385, false, "010001", SGL_E_LIMIT},
    {ALG_RSA, 2048, true, "010001", SGL_E_ENCODING},
    {ALG_RSA, 2048, false, "01", SGL_E_ENCODING},
    {ALG_RSA, 2048, false, "00", SGL_E_ENCODING},
    {ALG_RSA, 2048, false, "010000", SGL_E_ENCODING},
    {ALG_RSA, 2048, false, "ffffffffffffffff", SGL_OK},
    {ALG_RSA, 2048, false, "010000000000000001", SGL_E_UNSUPPORTED},
};

static void
test_read_rsa(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rsa_cases / sizeof rsa_cases[0]; i++) {
		SGL_AUTO(sgl_pubkey)
		key = NULL;
		sgl_status status = sgl_pubkey_read(engine,
		    rsa_spki(rsa_cases[i].algorithm, rsa_cases[i].bits,
			rsa_cases[i].even, rsa_cases[i].e),
		    &key, NULL);
		expect_same_check(
		    rsa_spki(rsa_cases[i].algorithm, rsa_cases[i].bits,
			rsa_cases[i].even, rsa_cases[i].e),
		    status);
		if (status != rsa_cases[i].want)
			fail_msg("case %zu: %s", i, sgl_status_name(status));
		if (status == SGL_OK)
			assert_int_equal(
			    sgl_pubkey_get_bits(key), rsa_cases[i].bits);
	}
}

/* Every shorter and every changed encoding is refused or is a key; none does
 * harm, and offsets stay inside. */
static void
test_mangled(void **state)
{
	sgl_slice good = sgl_key_get_spki(rsa);
	uint8_t copy[600];

	(void)state;
	assert_true(good.len < sizeof copy);
	for (size_t i = 0; i < good.len; i++) {
		sgl_pubkey *key = NULL;
		sgl_err err;
		assert_int_equal(sgl_pubkey_read(engine,
				     sgl_slice_first(good, i), &key, &err),
		    SGL_E_ENCODING);
		assert_true(err.offset <= i);
		memcpy(copy, good.data, good.len);
		for (unsigned bit = 0; bit < 8; bit++) {
			copy[i] ^= (uint8_t)(1u << bit);
			if (sgl_pubkey_read(engine,
				sgl_slice_of(copy, good.len), &key,
				&err) == SGL_OK)
				sgl_pubkey_unref(key);
			else
				assert_true(err.offset == SGL_NO_OFFSET ||
				    err.offset <= good.len);
			copy[i] ^= (uint8_t)(1u << bit);
		}
	}
	memcpy(copy, good.data, good.len);
	copy[good.len] = 0;
	{
		sgl_pubkey *key = NULL;
		assert_int_equal(
		    sgl_pubkey_read(
			engine, sgl_slice_of(copy, good.len + 1), &key, NULL),
		    SGL_E_ENCODING);
	}
}

static void
test_remembered(void **state)
{
	SGL_AUTO(sgl_pubkey)
	a = NULL;
	SGL_AUTO(sgl_pubkey)
	b = NULL;
	SGL_AUTO(sgl_pubkey)
	c = NULL;
	SGL_AUTO(sgl_pubkey)
	d = NULL;

	(void)state;
	assert_int_equal(
	    sgl_pubkey_read(engine,
		spki(unhex(ALG_P256), unhex("04" G_X G_Y), 0), &a, NULL),
	    SGL_OK);
	/* More than are kept; the first one is thrown out, but lives on. */
	for (unsigned i = 0; i < 300; i++) {
		SGL_AUTO(sgl_pubkey)
		other = NULL;
		uint8_t raw[32] = {(uint8_t)i, (uint8_t)(i >> 8)};
		sgl_slice in =
		    spki(unhex(ALG_X25519), sgl_slice_of(raw, 32), 0);
		assert_int_equal(
		    sgl_pubkey_read(engine, in, &other, NULL), SGL_OK);
	}
	assert_int_equal(
	    sgl_pubkey_read(engine,
		spki(unhex(ALG_P256), unhex("04" G_X G_Y), 0), &b, NULL),
	    SGL_OK);
	assert_ptr_not_equal(a, b);
	assert_int_equal(
	    sgl_pubkey_read(
		engine, spki(unhex(ALG_P256), unhex("03" G_X), 0), &c, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_read(
		engine, spki(unhex(ALG_P256), unhex("02" G_X), 0), &d, NULL),
	    SGL_OK);
	assert_true(sgl_pubkey_same(a, b));
	assert_true(sgl_pubkey_same(a, c));
	assert_false(sgl_pubkey_same(a, d));
	sgl_pubkey_unref(d);
	d = NULL;
	assert_int_equal(
	    sgl_pubkey_read(
		engine, spki(unhex(ALG_P256), unhex("03" G_X), 0), &d, NULL),
	    SGL_OK);
	assert_ptr_equal(c, d);
	sgl_pubkey_unref(NULL);
}

/* --- what keys do -------------------------------------------------------- */

static sgl_pubkey *
rsa_public(void)
{
	sgl_pubkey *key = NULL;

	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(rsa), &key, NULL), SGL_OK);
	return key;
}

static void
rsa_sign(const sgl_sig_alg *alg, sgl_slice message, sgl_key_answer *answer)
{
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .input = message, .sig = *alg};

	assert_int_equal(
	    sgl_key_ask(engine, rsa, &request, answer, NULL), SGL_OK);
}

static void
test_schemes(void **state)
{
	static const struct {
		sgl_sig_alg alg;
		sgl_status want;
	} cases[] = {
	    {{SGL_SIG_NONE, SGL_DIGEST_SHA256, 0, 0}, SGL_E_UNSUPPORTED},
	    {{SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}, SGL_E_UNSUPPORTED},
	    {{SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}, SGL_E_UNSUPPORTED},
	    {{SGL_SIG_RSA_PKCS1, SGL_DIGEST_MD5, 0, 0}, SGL_E_UNSUPPORTED},
	    {{SGL_SIG_RSA_PKCS1, SGL_DIGEST_NONE, 0, 0}, SGL_E_UNSUPPORTED},
	    {{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_MD5, 32},
		SGL_E_UNSUPPORTED},
	    {{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_NONE, 32},
		SGL_E_UNSUPPORTED},
	    {{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}, SGL_OK},
	    /* Too long a salt: nothing can have made that. */
	    {{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 223},
		SGL_OK},
	    {{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256,
		 UINT32_MAX},
		SGL_OK},
	};
	SGL_AUTO(sgl_pubkey)
	key = rsa_public();
	uint8_t sig[257] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t len = 0; len <= sizeof sig; len += 1 + len % 7) {
			bool good = true;
			sgl_status status = sgl_pubkey_verify(engine, key,
			    &cases[i].alg, SGL_LIT("m"), sgl_slice_of(sig, len),
			    &good, NULL);
			assert_int_equal(status, cases[i].want);
			if (status == SGL_OK)
				assert_false(good);
		}
	{
		sgl_sig_alg alg = cases[7].alg;
		bool good;
		assert_int_equal(sgl_pubkey_verify_digest(engine, key, &alg,
				     sgl_slice_of(sig, 31),
				     sgl_slice_of(sig, 256), &good, NULL),
		    SGL_E_USAGE);
	}
}

/* The salt's length is exact: the same signature, asked for with another. */
static void
test_salt(void **state)
{
	sgl_sig_alg alg = {
	    SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 20};
	SGL_AUTO(sgl_pubkey)
	key = rsa_public();
	sgl_key_answer answer;

	(void)state;
	rsa_sign(&alg, SGL_LIT("m"), &answer);
	for (alg.salt_len = 0; alg.salt_len < 40; alg.salt_len++) {
		bool good = false;
		assert_int_equal(
		    sgl_pubkey_verify(engine, key, &alg, SGL_LIT("m"),
			sgl_slice_of(answer.bytes, answer.len), &good, NULL),
		    SGL_OK);
		assert_int_equal(good, alg.salt_len == 20);
	}
	alg.salt_len = 20;
	alg.mgf = SGL_DIGEST_SHA1;
	{
		bool good = true;
		assert_int_equal(
		    sgl_pubkey_verify(engine, key, &alg, SGL_LIT("m"),
			sgl_slice_of(answer.bytes, answer.len), &good, NULL),
		    SGL_OK);
		assert_false(good);
	}
}

/* The same numbers under id-RSASSA-PSS, SHA-256 and at least 32 of salt. */
#define ALG_PSS_BARE "300b06092a864886f70d01010a"
#define ALG_PSS_256                                                            \
	"303d06092a864886f70d01010a3030"                                       \
	"a00d300b0609608648016503040201"                                       \
	"a11a301806092a864886f70d010108300b0609608648016503040201"             \
	"a203020120"
#define ALG_PSS_MD5 "301b06092a864886f70d01010a300ea00c300a06082a864886f70d0205"
#define ALG_PSS_TRAILER "301206092a864886f70d01010a3005a303020102"

static void
test_pss_key(void **state)
{
	static const struct {
		const char *algorithm;
		sgl_sig_alg alg;
		sgl_status read, verify;
	} cases[] = {
	    {ALG_PSS_BARE,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, 7},
		SGL_OK, SGL_OK},
	    {ALG_PSS_BARE, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}, SGL_OK,
		SGL_E_UNSUPPORTED},
	    {ALG_PSS_256,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32},
		SGL_OK, SGL_OK},
	    {ALG_PSS_256,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 33},
		SGL_OK, SGL_OK},
	    {ALG_PSS_256,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 31},
		SGL_OK, SGL_E_UNSUPPORTED},
	    {ALG_PSS_256,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA384, SGL_DIGEST_SHA256, 32},
		SGL_OK, SGL_E_UNSUPPORTED},
	    {ALG_PSS_256,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, 32},
		SGL_OK, SGL_E_UNSUPPORTED},
	    {ALG_PSS_MD5, {0}, SGL_E_UNSUPPORTED, 0},
	    {ALG_PSS_TRAILER, {0}, SGL_E_ENCODING, 0},
	};
	sgl_der der = sgl_der_over(sgl_key_get_spki(rsa)), body;
	sgl_slice bits;
	unsigned unused;

	(void)state;
	assert_true(sgl_der_read(&der, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_SEQUENCE, NULL) &&
	    sgl_der_read_bits(&body, &bits, &unused));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO(sgl_pubkey)
		key = NULL;
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1024);
		sgl_key_answer answer;
		bool good = false;

		assert_int_equal(
		    sgl_pubkey_read(engine,
			spki(unhex(cases[i].algorithm), bits, 0), &key, NULL),
		    cases[i].read);
		if (key == NULL)
			continue;
		rsa_sign(&cases[i].alg, SGL_LIT("m"), &answer);
		assert_int_equal(
		    sgl_pubkey_verify(engine, key, &cases[i].alg, SGL_LIT("m"),
			sgl_slice_of(answer.bytes, answer.len), &good, NULL),
		    cases[i].verify);
		assert_int_equal(good, cases[i].verify == SGL_OK);
		assert_int_equal(sgl_pubkey_encrypt(engine, key, NULL,
				     SGL_LIT("k"), &out, NULL),
		    SGL_E_UNSUPPORTED);
	}
}

static const struct {
	bool is_oaep;
	sgl_oaep oaep;
	size_t len, max;
} encrypt_cases[] = {
    {false, {0}, 16, 245},
    {false, {0}, 245, 245},
    {true, {SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, {0}}, 32, 214},
    {true, {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {0}}, 190, 190},
    {true, {SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, {(const uint8_t *)"label", 5}},
	32, 190},
    /* No label again, on the contexts that had one. */
    {true, {SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, {0}}, 32, 190},
    {true, {SGL_DIGEST_SHA256, SGL_DIGEST_SHA1, {(const uint8_t *)"other", 5}},
	32, 190},
    {true, {SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, {0}}, 64, 126},
};

static void
test_encrypt(void **state)
{
	SGL_AUTO(sgl_pubkey)
	key = rsa_public();
	uint8_t secret[256];

	(void)state;
	memset(secret, 0xa5, sizeof secret);
	for (size_t i = 0; i < sizeof encrypt_cases / sizeof encrypt_cases[0];
	     i++) {
		const sgl_oaep *oaep = &encrypt_cases[i].oaep;
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1000);
		sgl_slice in = sgl_slice_of(secret, encrypt_cases[i].len);
		sgl_key_request request = {.op = encrypt_cases[i].is_oaep
			? SGL_KEY_RSA_OAEP
			: SGL_KEY_RSA_V15,
		    .want_len = in.len,
		    .oaep_digest = oaep->digest,
		    .oaep_mgf = oaep->mgf,
		    .oaep_label = oaep->label};
		sgl_key_answer answer;

		if (!encrypt_cases[i].is_oaep)
			oaep = NULL;
		assert_int_equal(
		    sgl_pubkey_encrypt(engine, key, oaep, in, &out, NULL),
		    SGL_OK);
		assert_int_equal(out.len, 256);
		request.input = sgl_buf_slice(&out);
		assert_int_equal(
		    sgl_key_ask(engine, rsa, &request, &answer, NULL), SGL_OK);
		assert_true(
		    sgl_slice_eq(sgl_slice_of(answer.bytes, answer.len), in));
		in.len = encrypt_cases[i].max + 1;
		assert_int_equal(
		    sgl_pubkey_encrypt(engine, key, oaep, in, &out, NULL),
		    SGL_E_USAGE);
		if (oaep == NULL)
			continue;
		request.oaep_label = SGL_LIT("wrong");
		assert_int_equal(
		    sgl_key_ask(engine, rsa, &request, &answer, NULL),
		    SGL_E_DECRYPT);
		request.input.len--;
		assert_int_equal(
		    sgl_key_ask(engine, rsa, &request, &answer, NULL),
		    SGL_E_DECRYPT);
	}
}

/* --- public halves that come as bare numbers ------------------------------ */

static sgl_slice
bits_of(sgl_slice whole)
{
	sgl_der in = sgl_der_over(whole), body;
	unsigned unused;
	sgl_slice bits;

	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read(&body, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_bits(&body, &bits, &unused));
	return bits;
}

static void
test_bare_rsa(void **state)
{
	sgl_slice whole = sgl_key_get_spki(rsa), n, e;
	sgl_der in = sgl_der_over(bits_of(whole)), body;
	sgl_buf out = sgl_buf_init(1024);
	uint8_t padded[300] = {0};

	(void)state;
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read_unsigned(&body, &n));
	assert_true(sgl_der_read_unsigned(&body, &e));
	memcpy(padded + 3, n.data, n.len);
	assert_int_equal(
	    sgl_spki_of_rsa(sgl_slice_of(padded, n.len + 3), e, &out, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&out), whole));
	sgl_buf_clear(&out);
}

static void
check_point(const sgl_key *key)
{
	sgl_key_kind kind = sgl_key_get_kind(key);
	sgl_slice bits = bits_of(sgl_key_get_spki(key));
	uint8_t point[SGL_POINT_MAX], in[SGL_POINT_MAX];
	size_t len = 0, half = 1 + bits.len / 2;

	memcpy(in, bits.data, bits.len);
	assert_int_equal(
	    sgl_point_expand(engine, kind, bits, point, &len, NULL), SGL_OK);
	assert_true(sgl_slice_eq(bits, sgl_slice_of(point, len)));
	assert_int_equal(
	    sgl_point_expand(engine, kind, sgl_slice_first(bits, bits.len - 1),
		point, &len, NULL),
	    SGL_E_DECRYPT);
	if (kind == SGL_KEY_X25519)
		return;
	in[0] = (uint8_t)(2 | (in[bits.len - 1] & 1));
	assert_int_equal(sgl_point_expand(engine, kind, sgl_slice_of(in, half),
			     point, &len, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(bits, sgl_slice_of(point, len)));
	in[0] = 4;
	in[bits.len - 1] ^= 1;
	assert_int_equal(sgl_point_expand(engine, kind,
			     sgl_slice_of(in, bits.len), point, &len, NULL),
	    SGL_E_DECRYPT);
}

static void
test_bare_points(void **state)
{
	(void)state;
	for (unsigned k = SGL_KEY_P256; k <= SGL_KEY_X25519; k++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		sgl_buf out = sgl_buf_init(1024);
		assert_int_equal(
		    sgl_key_generate(engine, (sgl_key_kind)k, 0, &key, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_spki_of_bits((sgl_key_kind)k,
			bits_of(sgl_key_get_spki(key)), &out, NULL),
		    SGL_OK);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&out), sgl_key_get_spki(key)));
		sgl_buf_clear(&out);
		if (k != SGL_KEY_ED25519)
			check_point(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_rsa),
	    cmocka_unit_test(test_mangled),
	    cmocka_unit_test(test_remembered),
	    cmocka_unit_test(test_schemes),
	    cmocka_unit_test(test_salt),
	    cmocka_unit_test(test_pss_key),
	    cmocka_unit_test(test_encrypt),
	    cmocka_unit_test(test_bare_rsa),
	    cmocka_unit_test(test_bare_points),
	};
	int failed = cmocka_run_group_tests(tests, setup, teardown);

	sgl_buf_clear(&buf);
	return failed;
}
