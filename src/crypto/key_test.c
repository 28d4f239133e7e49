/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509.h>

#include "asn1/builder.h"
#include "crypto/key.h"
#include "support/hex.h"

static sgl_engine *engine;

static int
setup(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

static const struct kind_case {
	sgl_key_kind kind;
	unsigned bits;
	sgl_sig_alg sig; /* scheme NONE: agrees on secrets instead */
} kind_cases[] = {
    {SGL_KEY_RSA, 2048, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}},
    {SGL_KEY_RSA, 2048, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1, 0, 0}},
    {SGL_KEY_RSA, 2048, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA512, 0, 0}},
    {SGL_KEY_RSA, 2048,
	{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32}},
    {SGL_KEY_RSA, 2048,
	{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA384, SGL_DIGEST_SHA1, 0}},
    {SGL_KEY_P256, 0, {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}},
    {SGL_KEY_P256, 0, {SGL_SIG_ECDSA, SGL_DIGEST_SHA512, 0, 0}},
    {SGL_KEY_P384, 0, {SGL_SIG_ECDSA, SGL_DIGEST_SHA384, 0, 0}},
    {SGL_KEY_P521, 0, {SGL_SIG_ECDSA, SGL_DIGEST_SHA224, 0, 0}},
    {SGL_KEY_ED25519, 0, {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}},
    {SGL_KEY_X25519, 0, {SGL_SIG_NONE, 0, 0, 0}},
};
#define NUM_KINDS (sizeof kind_cases / sizeof kind_cases[0])

/* The same RSA key serves all cases: making one takes its time. */
static sgl_key *
key_of(const struct kind_case *c)
{
	static sgl_key *rsa;
	sgl_key *key = NULL;

	if (c == NULL) {
		sgl_key_unref(rsa);
		rsa = NULL;
		return NULL;
	}
	if (c->kind == SGL_KEY_RSA && rsa != NULL)
		return sgl_key_ref(rsa);
	assert_int_equal(
	    sgl_key_generate(engine, c->kind, c->bits, &key, NULL), SGL_OK);
	if (c->kind == SGL_KEY_RSA)
		rsa = sgl_key_ref(key);
	return key;
}

static void
sign_and_verify(const struct kind_case *c, sgl_key *key)
{
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("a message"), .sig = c->sig};
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	sgl_key_answer answer;
	sgl_slice sig;
	bool good = false;

	assert_int_equal(
	    sgl_key_ask(engine, key, &request, &answer, NULL), SGL_OK);
	sig = sgl_slice_of(answer.bytes, answer.len);
	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(key), &public, NULL),
	    SGL_OK);
	assert_int_equal(sgl_pubkey_get_kind(public), c->kind);
	for (int again = 0; again < 3; again++) {
		assert_int_equal(sgl_pubkey_verify(engine, public, &c->sig,
				     request.input, sig, &good, NULL),
		    SGL_OK);
		assert_true(good);
		assert_int_equal(
		    sgl_pubkey_verify(engine, public, &c->sig,
			SGL_LIT("another message"), sig, &good, NULL),
		    SGL_OK);
		assert_false(good);
	}
	answer.bytes[answer.len / 2] ^= 1;
	assert_int_equal(sgl_pubkey_verify(engine, public, &c->sig,
			     request.input, sig, &good, NULL),
	    SGL_OK);
	assert_false(good);
}

static void
test_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[i]);
		if (kind_cases[i].sig.scheme != SGL_SIG_NONE)
			sign_and_verify(&kind_cases[i], key);
	}
}

static void
test_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[i]);
		SGL_AUTO(sgl_pubkey)
		public = NULL;
		SGL_AUTO_CLEAR(sgl_buf) point = sgl_buf_init(200);
		SGL_AUTO_CLEAR(sgl_secret) secret = {0};
		sgl_key_request request = {.op = SGL_KEY_ECDH};
		sgl_key_answer answer;
		bool can = sgl_kind_is_ec(kind_cases[i].kind) ||
		    kind_cases[i].kind == SGL_KEY_X25519;

		assert_int_equal(sgl_pubkey_read(engine, sgl_key_get_spki(key),
				     &public, NULL),
		    SGL_OK);
		for (int again = 0; again < 3; again++) {
			point.len = 0;
			assert_int_equal(sgl_pubkey_agree(engine, public,
					     &point, &secret, NULL),
			    can ? SGL_OK : SGL_E_UNSUPPORTED);
			request.input = sgl_buf_slice(&point);
			assert_int_equal(
			    sgl_key_ask(engine, key, &request, &answer, NULL),
			    can ? SGL_OK : SGL_E_UNSUPPORTED);
			if (can)
				assert_true(sgl_slice_eq(
				    sgl_slice_of(answer.bytes, answer.len),
				    sgl_secret_slice(&secret)));
		}
	}
}

/* Written and read again, by us and by libcrypto's own decoders. */
static void
test_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[i]);
		SGL_AUTO(sgl_key)
		again = NULL;
		SGL_AUTO_CLEAR(sgl_secret) der = {0};
		SGL_AUTO_PKEY peer = NULL;
		SGL_AUTO_PKEY peer_public = NULL;
		const uint8_t *p;
		sgl_slice spki = sgl_key_get_spki(key);

		assert_int_equal(sgl_key_write(key, &der, NULL), SGL_OK);
		assert_int_equal(
		    sgl_key_read(engine, sgl_secret_slice(&der), &again, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(spki, sgl_key_get_spki(again)));
		assert_int_equal(sgl_key_get_kind(again), kind_cases[i].kind);
		if (kind_cases[i].sig.scheme != SGL_SIG_NONE)
			sign_and_verify(&kind_cases[i], again);
		p = der.data;
		peer = d2i_AutoPrivateKey(NULL, &p, (long)der.len);
		assert_non_null(peer);
		p = spki.data;
		peer_public = d2i_PUBKEY(NULL, &p, (long)spki.len);
		assert_non_null(peer_public);
		assert_int_equal(EVP_PKEY_eq(peer, peer_public), 1);
	}
}

/* --- reading ------------------------------------------------------------- */

static sgl_buf buf;

static sgl_derb
start(void)
{
	buf.max = 1 << 16;
	buf.len = 0;
	return sgl_derb_over(&buf);
}

static sgl_status
read_built(sgl_derb *b, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;

	assert_int_equal(sgl_derb_end(b, NULL), SGL_OK);
	return sgl_key_read(engine, sgl_buf_slice(&buf), &key, err);
}

/* PKCS#1, with one of its numbers replaced: `part` as in RFC 8017 A.1.2. */
static sgl_status
read_rsa_with(sgl_key *key, int version, int part, sgl_slice other)
{
	static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	sgl_derb b = start();
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_err err;

	sgl_derb_uint(&b, (uint64_t)version);
	for (int i = 0; i < 8; i++) {
		SGL_AUTO_CLEAR(sgl_secret) n = {0};
		assert_int_equal(
		    sgl_key_get_integer(key->evp.pkey, names[i], &n, NULL),
		    SGL_OK);
		sgl_derb_unsigned(&b, i == part ? other : sgl_secret_slice(&n));
	}
	sgl_derb_close(&b, seq);
	return read_built(&b, &err);
}

static void
test_read_rsa(void **state)
{
	SGL_AUTO(sgl_key)
	key = key_of(&kind_cases[0]);
	SGL_AUTO_CLEAR(sgl_secret) q = {0};
	sgl_slice zero = {0}, odd = SGL_LIT("\x11");

	(void)state;
	assert_int_equal(read_rsa_with(key, 0, -1, zero), SGL_OK);
	assert_int_equal(read_rsa_with(key, 1, -1, zero), SGL_E_UNSUPPORTED);
	/* Wrong halves. */
	assert_int_equal(read_rsa_with(key, 0, 1, odd), SGL_E_MISMATCH);
	assert_int_equal(read_rsa_with(key, 0, 2, odd), SGL_E_MISMATCH);
	assert_int_equal(read_rsa_with(key, 0, 2, zero), SGL_E_MISMATCH);
	assert_int_equal(read_rsa_with(key, 0, 3, odd), SGL_E_MISMATCH);
	assert_int_equal(read_rsa_with(key, 0, 4, odd), SGL_E_MISMATCH);
	assert_int_equal(
	    read_rsa_with(key, 0, 3, SGL_LIT("\x01")), SGL_E_MISMATCH);
	assert_int_equal(read_rsa_with(key, 0, 0, odd), SGL_E_UNSUPPORTED);
	assert_int_equal(sgl_key_get_integer(key->evp.pkey,
			     OSSL_PKEY_PARAM_RSA_FACTOR2, &q, NULL),
	    SGL_OK);
	assert_int_equal(
	    read_rsa_with(key, 0, 3, sgl_secret_slice(&q)), SGL_E_MISMATCH);
	/* No primes: of no use to us. */
	assert_int_equal(read_rsa_with(key, 0, 3, zero), SGL_E_UNSUPPORTED);
	/* What can be computed may be missing or wrong. */
	for (int part = 5; part < 8; part++) {
		assert_int_equal(read_rsa_with(key, 0, part, zero), SGL_OK);
		assert_int_equal(read_rsa_with(key, 0, part, odd), SGL_OK);
	}
}

/* SEC 1 and what libcrypto writes, curve by curve. */
static void
test_read_ec(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		SGL_AUTO(sgl_key)
		again = NULL;
		unsigned char *der = NULL;
		int len;

		if (!sgl_kind_is_ec(kind_cases[i].kind))
			continue;
		key = key_of(&kind_cases[i]);
		len = i2d_PrivateKey(key->evp.pkey, &der);
		assert_true(len > 0);
		assert_int_equal(
		    sgl_key_read(
			engine, sgl_slice_of(der, (size_t)len), &again, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_key_get_spki(key), sgl_key_get_spki(again)));
		OPENSSL_free(der);
	}
}

/* The private number with zeros in front of the length that it should have, or
 * without those that it should have. */
static sgl_status
read_ec_of(const sgl_key *key, sgl_key_kind kind, size_t zeros)
{
	SGL_AUTO_CLEAR(sgl_secret) d = {0};
	uint8_t number[80] = {0};
	sgl_derb b = start();
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE), curve;
	sgl_err err;

	assert_int_equal(sgl_key_get_integer(
			     key->evp.pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d, NULL),
	    SGL_OK);
	memcpy(number + zeros, d.data, d.len);
	sgl_derb_uint(&b, 1);
	sgl_derb_octets(&b, sgl_slice_of(number, zeros + d.len));
	curve = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_oid(&b, sgl_oid_der(sgl_kind_info_of(kind)->curve));
	sgl_derb_close(&b, curve);
	sgl_derb_close(&b, seq);
	return read_built(&b, &err);
}

static void
test_read_ec_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;

		if (!sgl_kind_is_ec(kind_cases[i].kind))
			continue;
		key = key_of(&kind_cases[i]);
		for (size_t zeros = 0; zeros < 4; zeros++)
			assert_int_equal(
			    read_ec_of(key, kind_cases[i].kind, zeros), SGL_OK);
	}
}

static const struct {
	const char *name, *der;
	sgl_status want;
} read_cases[] = {
    {"nothing", "", SGL_E_ENCODING},
    {"empty", "3000", SGL_E_ENCODING},
    {"no more than a version", "3003020100", SGL_E_ENCODING},
    {"version and NULL", "30050201000500", SGL_E_ENCODING},
    /* RFC 8410 10.3, without and with the public half and an attribute. */
    {"Ed25519",
	"302e020100300506032b657004220420"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
	SGL_OK},
    {"Ed25519, both halves",
	"3072020101300506032b657004220420"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
	"a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273"
	"81210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad7031"
	"66e1",
	SGL_OK},
    {"Ed25519, another's public half",
	"3051020101300506032b657004220420"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
	"81210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad7031"
	"66e2",
	SGL_E_MISMATCH},
    {"Ed25519 not wrapped twice",
	"302c020100300506032b65700420"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
	SGL_E_ENCODING},
    {"Ed25519 short",
	"302d020100300506032b65700421041f"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f447558",
	SGL_E_ENCODING},
    {"version 2",
	"302e020102300506032b657004220420"
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
	SGL_E_ENCODING},
    {"Ed448", "300e020100300506032b657104020400", SGL_E_UNSUPPORTED},
    {"P-256 of 1",
	"3018020101040101a00a06082a8648ce3d030107a1040302000"
	"0",
	SGL_E_ENCODING},
    {"P-256 of 1, alone", "3012020101040101a00a06082a8648ce3d030107", SGL_OK},
    {"P-256 of 0", "3012020101040100a00a06082a8648ce3d030107", SGL_E_ENCODING},
    {"P-256 of its order",
	"30310201010420"
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
	"a00a06082a8648ce3d030107",
	SGL_E_ENCODING},
    {"P-256 one below its order",
	"30310201010420"
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
	"a00a06082a8648ce3d030107",
	SGL_OK},
    {"P-256 longer than its field",
	"30320201010421"
	"0100000000000000000000000000000000000000000000000000000000000000"
	"01a00a06082a8648ce3d030107",
	SGL_E_ENCODING},
    {"P-256 of nothing but zeros",
	"30320201010421"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"00a00a06082a8648ce3d030107",
	SGL_E_ENCODING},
    {"P-256 of 1, right and compressed",
	"3038020101040101a00a06082a8648ce3d030107a12403220003"
	"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
	SGL_OK},
    {"P-256 of 1, wrong sign",
	"3038020101040101a00a06082a8648ce3d030107a12403220002"
	"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
	SGL_E_MISMATCH},
    {"P-256 of 2, public of 1",
	"3038020101040102a00a06082a8648ce3d030107a12403220003"
	"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
	SGL_E_MISMATCH},
    {"EC without a curve", "3006020101040101", SGL_E_UNSUPPORTED},
    {"secp256k1", "300f020101040101a00706052b8104000a", SGL_E_UNSUPPORTED},
    {"EC version 2", "3012020102040101a00a06082a8648ce3d030107",
	SGL_E_ENCODING},
    {"P-256 inside and outside",
	"302e020100301306072a8648ce3d020106082a8648ce3d030107"
	"0414"
	"3012020101040101a00a06082a8648ce3d030107",
	SGL_OK},
};

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof read_cases / sizeof read_cases[0]; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		sgl_err err = {0};
		sgl_status status =
		    sgl_key_read(engine, unhex(read_cases[i].der), &key, &err);
		if (status != read_cases[i].want)
			fail_msg("%s: %s, %s", read_cases[i].name,
			    sgl_status_name(status), err.text);
	}
}

/* The curve outside must be the one inside. */
static void
test_two_curves(void **state)
{
	sgl_derb b = start();
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_err err;

	(void)state;
	sgl_derb_uint(&b, 0);
	sgl_derb_raw(&b, unhex("301006072a8648ce3d020106052b81040022"));
	sgl_derb_octets(&b, unhex("3012020101040101a00a06082a8648ce3d030107"));
	sgl_derb_close(&b, seq);
	assert_int_equal(read_built(&b, &err), SGL_E_MISMATCH);
}

/* Cut short or with a bit turned, a private key is refused or another key. */
static void
test_mangled(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i += 5) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[i]);
		SGL_AUTO_CLEAR(sgl_secret) der = {0};
		sgl_key *other = NULL;

		assert_int_equal(sgl_key_write(key, &der, NULL), SGL_OK);
		for (size_t at = 0; at < der.len; at++) {
			assert_int_equal(
			    sgl_key_read(engine, sgl_slice_of(der.data, at),
				&other, NULL),
			    SGL_E_ENCODING);
			der.data[at] ^= (uint8_t)(1u << (at % 8));
			if (sgl_key_read(engine, sgl_secret_slice(&der), &other,
				NULL) == SGL_OK) {
				sgl_key_unref(other);
				other = NULL;
			}
			der.data[at] ^= (uint8_t)(1u << (at % 8));
		}
	}
}

/* A key for PSS alone keeps its algorithm, on paper and in use. */
static void
test_pss_key(void **state)
{
	static const sgl_sig_alg pss = {
	    SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32};
	SGL_AUTO(sgl_key)
	rsa = key_of(&kind_cases[0]);
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	SGL_AUTO_CLEAR(sgl_secret) again = {0};
	sgl_slice private = {0};
	sgl_der in, body;
	sgl_derb b = start();
	size_t seq;
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("m"), .sig = pss};
	sgl_key_answer answer;
	bool good = false;

	(void)state;
	assert_int_equal(sgl_key_write(rsa, &der, NULL), SGL_OK);
	in = sgl_der_over(sgl_secret_slice(&der));
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_INTEGER, NULL) &&
	    sgl_der_read(&body, SGL_SEQUENCE, NULL) &&
	    sgl_der_read_bytes(&body, SGL_OCTET_STRING, &private));
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 0);
	sgl_derb_raw(&b, unhex("300b06092a864886f70d01010a"));
	sgl_derb_octets(&b, private);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_read(engine, sgl_buf_slice(&buf), &key, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(key, &again, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_secret_slice(&again), sgl_buf_slice(&buf)));
	assert_int_equal(
	    sgl_key_ask(engine, key, &request, &answer, NULL), SGL_OK);
	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(key), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_verify(engine, public, &pss, SGL_LIT("m"),
		sgl_slice_of(answer.bytes, answer.len), &good, NULL),
	    SGL_OK);
	assert_true(good);
	request.sig.scheme = SGL_SIG_RSA_PKCS1;
	assert_int_equal(sgl_key_ask(engine, key, &request, &answer, NULL),
	    SGL_E_UNSUPPORTED);
	request.op = SGL_KEY_RSA_V15;
	request.want_len = 16;
	assert_int_equal(sgl_key_ask(engine, key, &request, &answer, NULL),
	    SGL_E_UNSUPPORTED);
}

/* --- asking -------------------------------------------------------------- */

static void
test_cannot(void **state)
{
	static const sgl_sig_alg ecdsa = {
	    SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0};
	sgl_key_answer answer;

	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[i]);
		bool rsa = kind_cases[i].kind == SGL_KEY_RSA;
		bool ec = sgl_kind_is_ec(kind_cases[i].kind);
		sgl_key_request request = {.op = SGL_KEY_RSA_V15,
		    .want_len = 16,
		    .sig = ecdsa,
		    .oaep_digest = SGL_DIGEST_SHA256,
		    .oaep_mgf = SGL_DIGEST_SHA256};

		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    rsa ? SGL_OK : SGL_E_UNSUPPORTED);
		request.op = SGL_KEY_RSA_OAEP;
		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    rsa ? SGL_E_DECRYPT : SGL_E_UNSUPPORTED);
		request.op = SGL_KEY_SIGN;
		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    ec ? SGL_OK : SGL_E_UNSUPPORTED);
		request.op = SGL_KEY_ECDH;
		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    ec || kind_cases[i].kind == SGL_KEY_X25519
			? SGL_E_DECRYPT
			: SGL_E_UNSUPPORTED);
	}
}

/* Salt that does not fit, digests that we do not do. */
static void
test_bad_requests(void **state)
{
	static const sgl_sig_alg algs[] = {
	    {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 223},
	    {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, UINT32_MAX},
	    {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_NONE, 32},
	    {SGL_SIG_RSA_PSS, SGL_DIGEST_MD5, SGL_DIGEST_SHA256, 32},
	    {SGL_SIG_RSA_PKCS1, SGL_DIGEST_MD5, 0, 0},
	    {SGL_SIG_RSA_PKCS1, SGL_DIGEST_NONE, 0, 0},
	};
	SGL_AUTO(sgl_key)
	key = key_of(&kind_cases[0]);
	sgl_key_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
		sgl_key_request request = {
		    .op = SGL_KEY_SIGN, .input = SGL_LIT("m"), .sig = algs[i]};
		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    SGL_E_UNSUPPORTED);
	}
}

/* Points that are no points. */
static void
test_bad_peers(void **state)
{
	static const struct {
		size_t kind; /* in kind_cases */
		const char *peer;
	} cases[] = {
	    {5, ""},
	    {5, "00"},
	    {5,
		"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898"
		"c2966b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d8"
		"98c296"},
	    {5,
		"076b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898"
		"c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837"
		"bf51f5"},
	    {7,
		"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898"
		"c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837"
		"bf51f5"},
	    /* RFC 7748 6.1: a shared secret of zeros is refused. */
	    {10,
		"0000000000000000000000000000000000000000000000000000000000000"
		"000"},
	    {10, "09"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO(sgl_key)
		key = key_of(&kind_cases[cases[i].kind]);
		sgl_key_request request = {
		    .op = SGL_KEY_ECDH, .input = unhex(cases[i].peer)};
		sgl_key_answer answer;
		assert_int_equal(
		    sgl_key_ask(engine, key, &request, &answer, NULL),
		    SGL_E_DECRYPT);
	}
}

static void
test_generate(void **state)
{
	sgl_key *key = NULL;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_RSA, 1024, &key, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_RSA, 8193, &key, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_UNKNOWN, 0, &key, NULL),
	    SGL_E_USAGE);
	assert_null(key);
	sgl_key_unref(NULL);
}

static void
test_fits(void **state)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	bool fits = false;
	static const char p256_1[] =
	    "3039301306072a8648ce3d020106082a8648ce3d030107032200"
	    "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2"
	    "96";
	static const char p256_minus_1[] =
	    "3039301306072a8648ce3d020106082a8648ce3d030107032200"
	    "026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2"
	    "96";

	(void)state;
	assert_int_equal(
	    sgl_key_read(engine,
		unhex("3012020101040101a00a06082a8648ce3d030107"), &key, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_key_fits(engine, key, sgl_key_get_spki(key), &fits, NULL),
	    SGL_OK);
	assert_true(fits);
	fits = false;
	assert_int_equal(
	    sgl_key_fits(engine, key, unhex(p256_1), &fits, NULL), SGL_OK);
	assert_true(fits);
	assert_int_equal(
	    sgl_key_fits(engine, key, unhex(p256_minus_1), &fits, NULL),
	    SGL_OK);
	assert_false(fits);
	assert_int_equal(sgl_key_fits(engine, key, SGL_LIT("x"), &fits, NULL),
	    SGL_E_ENCODING);
}

/* --- keys that are elsewhere --------------------------------------------- */

typedef struct elsewhere {
	sgl_key *key; /* NULL: not there yet */
	int asked, released;
} elsewhere;

static sgl_status
elsewhere_ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	elsewhere *e = ctx;

	e->asked++;
	return e->key == NULL
	    ? SGL_NEED_KEY
	    : sgl_key_ask(engine, e->key, request, answer, err);
}

static void
elsewhere_release(void *ctx)
{
	((elsewhere *)ctx)->released++;
}

static void
test_remote(void **state)
{
	static const sgl_key_ops ops = {
	    .ask = elsewhere_ask, .release = elsewhere_release};
	SGL_AUTO(sgl_key)
	local = key_of(&kind_cases[5]);
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	elsewhere e = {0};
	sgl_key *remote = NULL;
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .sig = kind_cases[5].sig};
	sgl_key_answer answer;

	(void)state;
	assert_int_equal(sgl_key_new_remote(engine, SGL_LIT("no key"), &ops, &e,
			     &remote, NULL),
	    SGL_E_ENCODING);
	assert_int_equal(e.released, 0);
	assert_int_equal(sgl_key_new_remote(engine, sgl_key_get_spki(local),
			     &ops, &e, &remote, NULL),
	    SGL_OK);
	assert_int_equal(sgl_key_get_kind(remote), SGL_KEY_P256);
	assert_true(
	    sgl_slice_eq(sgl_key_get_spki(local), sgl_key_get_spki(remote)));
	assert_int_equal(
	    sgl_key_ask(engine, remote, &request, &answer, NULL), SGL_NEED_KEY);
	e.key = local;
	sign_and_verify(&kind_cases[5], remote);
	assert_int_equal(e.asked, 2);
	assert_int_equal(sgl_key_write(remote, &der, NULL), SGL_E_UNSUPPORTED);
	sgl_key_unref(sgl_key_ref(remote));
	assert_int_equal(e.released, 0);
	sgl_key_unref(remote);
	assert_int_equal(e.released, 1);
}

static sgl_status
elsewhere_ask_many(void *ctx, const sgl_key_request *requests, size_t num,
    sgl_key_answer *answers, sgl_err *err)
{
	elsewhere *e = ctx;

	assert_true(num >= 2 && num <= SGL_KEY_MANY);
	e->asked++;
	return sgl_key_ask_many(engine, e->key, requests, num, answers, err);
}

/* Whoever can do several at once is asked so, as many as it takes. */
static void
test_many(void **state)
{
	static const sgl_key_ops ops = {
	    .ask = elsewhere_ask, .ask_many = elsewhere_ask_many};
	static sgl_key_answer answers[2 * SGL_KEY_MANY + 1];
	SGL_AUTO(sgl_key)
	remote = NULL;
	SGL_AUTO(sgl_key)
	local = key_of(&kind_cases[5]);
	elsewhere e = {.key = local};
	sgl_key_request requests[2 * SGL_KEY_MANY + 1];

	(void)state;
	for (size_t i = 0; i < 2 * SGL_KEY_MANY + 1; i++)
		requests[i] = (sgl_key_request){
		    .op = SGL_KEY_SIGN, .sig = kind_cases[5].sig};
	assert_int_equal(sgl_key_new_remote(engine, sgl_key_get_spki(local),
			     &ops, &e, &remote, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_key_ask_many(engine, remote, requests, 0, answers, NULL),
	    SGL_OK);
	assert_int_equal(e.asked, 0);
	assert_int_equal(
	    sgl_key_ask_many(engine, remote, requests, 1, answers, NULL),
	    SGL_OK);
	assert_int_equal(e.asked, 1); /* as a single one */
	assert_int_equal(sgl_key_ask_many(engine, remote, requests,
			     2 * SGL_KEY_MANY + 1, answers, NULL),
	    SGL_OK);
	assert_int_equal(e.asked, 4);
	for (size_t i = 0; i < 2 * SGL_KEY_MANY + 1; i++)
		assert_true(answers[i].len > 0);
	requests[SGL_KEY_MANY].op = SGL_KEY_RSA_V15;
	assert_int_equal(sgl_key_ask_many(engine, remote, requests,
			     SGL_KEY_MANY + 2, answers, NULL),
	    SGL_E_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_agree),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_read_rsa),
	    cmocka_unit_test(test_read_ec),
	    cmocka_unit_test(test_read_ec_lengths),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_two_curves),
	    cmocka_unit_test(test_mangled),
	    cmocka_unit_test(test_pss_key),
	    cmocka_unit_test(test_cannot),
	    cmocka_unit_test(test_bad_requests),
	    cmocka_unit_test(test_bad_peers),
	    cmocka_unit_test(test_generate),
	    cmocka_unit_test(test_fits),
	    cmocka_unit_test(test_remote),
	    cmocka_unit_test(test_many),
	};
	int failed = cmocka_run_group_tests(tests, setup, NULL);

	sgl_buf_clear(&buf);
	(void)key_of(NULL);
	(void)teardown(NULL);
	return failed;
}
