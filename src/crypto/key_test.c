/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_agree),
	    cmocka_unit_test(test_write),
	};
	int failed = cmocka_run_group_tests(tests, setup, NULL);

	(void)key_of(NULL);
	(void)teardown(NULL);
	return failed;
}
