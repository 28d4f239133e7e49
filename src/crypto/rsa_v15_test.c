/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/rsa.h>

#include "crypto/key.h"

#define K 256 /* bytes of the modulus */
#define WANT 32

static sgl_engine *engine;
static sgl_key *rsa;

static int
setup(void **state)
{
	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	return sgl_key_generate(engine, SGL_KEY_RSA, 8 * K, &rsa, NULL) ==
		SGL_OK
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

/* The bare RSA operation over an encoded message of our own making. */
static void
encrypt_raw(const uint8_t em[K], uint8_t out[K])
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(rsa->evp.lib, rsa->evp.pkey, NULL);
	size_t len = K;

	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_encrypt(ctx, out, &len, em, K), 1);
	assert_int_equal(len, K);
	EVP_PKEY_CTX_free(ctx);
}

/* 00 02, padding without zeros, 00, and a key of `len`. */
static void
encode(uint8_t em[K], size_t len)
{
	em[0] = 0;
	em[1] = 2;
	memset(em + 2, 0x77, K - 3 - len);
	em[K - 1 - len] = 0;
	for (size_t i = 0; i < len; i++)
		em[K - len + i] = (uint8_t)(i + 1);
}

static void
ask(sgl_slice in, size_t want, sgl_key_answer *answer)
{
	sgl_key_request request = {
	    .op = SGL_KEY_RSA_V15, .input = in, .want_len = want};

	memset(answer, 0, sizeof *answer);
	assert_int_equal(
	    sgl_key_ask(engine, rsa, &request, answer, NULL), SGL_OK);
	assert_int_equal(answer->len, want);
}

/* A bad ciphertext: always the same answer, which looks like nothing. */
static void
assert_substitute(sgl_slice in, size_t want, const uint8_t *em)
{
	static const uint8_t zeros[SGL_ANSWER_MAX];
	sgl_key_answer first, second;

	ask(in, want, &first);
	ask(in, want, &second);
	assert_memory_equal(first.bytes, second.bytes, want);
	if (want >= 8) {
		assert_memory_not_equal(first.bytes, zeros, want);
		if (em != NULL && want <= K)
			assert_memory_not_equal(
			    first.bytes, em + K - want, want);
	}
}

static const struct {
	const char *name;
	size_t at;
	uint8_t value;
	bool good;
} cases[] = {
    {"as it should be", 2, 0x77, true},
    {"other padding", 2, 0x01, true},
    {"first byte not 0", 0, 0x01, false},
    {"block type 1", 1, 0x01, false},
    {"block type 0", 1, 0x00, false},
    {"block type 3", 1, 0x03, false},
    {"zero at the start of the padding", 2, 0x00, false},
    {"zero in the first eight", 9, 0x00, false},
    {"zero behind the first eight", 10, 0x00, false},
    {"zero in the middle", 100, 0x00, false},
    {"zero at the end of the padding", K - WANT - 2, 0x00, false},
    {"no zero behind the padding", K - WANT - 1, 0x01, false},
    {"other key, zero in front", K - WANT, 0x00, true},
    {"other key, zero behind", K - 1, 0x00, true},
};

static void
test_padding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t em[K], in[K];
		sgl_key_answer answer;
		bool same;

		encode(em, WANT);
		em[cases[i].at] = cases[i].value;
		encrypt_raw(em, in);
		ask(sgl_slice_of(in, K), WANT, &answer);
		same = memcmp(answer.bytes, em + K - WANT, WANT) == 0;
		if (same != cases[i].good)
			fail_msg("%s", cases[i].name);
		if (!cases[i].good)
			assert_substitute(sgl_slice_of(in, K), WANT, em);
	}
}

/* A key of another length than was asked for is as bad as any other fault. */
static void
test_lengths(void **state)
{
	static const size_t lens[] = {
	    0, 1, 5, 8, 16, 24, 31, 32, 33, 64, 244, 245, 246, 253, 254, 300};
	const size_t num = sizeof lens / sizeof lens[0];
	uint8_t em[K], in[K];

	(void)state;
	for (size_t i = 0; i < num && lens[i] <= K - 3; i++) {
		encode(em, lens[i]);
		encrypt_raw(em, in);
		for (size_t j = 1; j < num; j++) {
			sgl_key_answer answer;
			if (j != i || lens[j] > K - 11) {
				assert_substitute(
				    sgl_slice_of(in, K), lens[j], em);
				continue;
			}
			ask(sgl_slice_of(in, K), lens[j], &answer);
			assert_memory_equal(
			    answer.bytes, em + K - lens[j], lens[j]);
		}
	}
}

static void
test_public_faults(void **state)
{
	uint8_t in[K + 1], em[K];
	sgl_key_request request = {.op = SGL_KEY_RSA_V15};
	sgl_key_answer answer;

	(void)state;
	encode(em, WANT);
	encrypt_raw(em, in);
	in[K] = 0;
	assert_substitute(sgl_slice_of(in, K + 1), WANT, em);
	assert_substitute(sgl_slice_of(in, K - 1), WANT, em);
	assert_substitute(sgl_slice_of(in, 0), WANT, NULL);
	memset(in, 0xff, sizeof in); /* above the modulus */
	assert_substitute(sgl_slice_of(in, K), WANT, em);
	memset(in, 0, sizeof in);
	assert_substitute(sgl_slice_of(in, K), WANT, em);
	in[K - 1] = 1;
	assert_substitute(sgl_slice_of(in, K), WANT, em);
	assert_substitute(sgl_slice_of(in, K), SGL_ANSWER_MAX, em);
	request.want_len = 0;
	assert_int_equal(
	    sgl_key_ask(engine, rsa, &request, &answer, NULL), SGL_E_USAGE);
	request.want_len = SGL_ANSWER_MAX + 1;
	assert_int_equal(
	    sgl_key_ask(engine, rsa, &request, &answer, NULL), SGL_E_USAGE);
}

/* Different ciphertexts, and different keys, get different answers. */
static void
test_independence(void **state)
{
	uint8_t in[K] = {0};
	sgl_key_answer one, two;
	SGL_AUTO(sgl_key)
	other = NULL;
	sgl_key_request request = {.op = SGL_KEY_RSA_V15,
	    .input = sgl_slice_of(in, K),
	    .want_len = WANT};

	(void)state;
	in[K - 1] = 1;
	ask(sgl_slice_of(in, K), WANT, &one);
	in[K - 1] = 2;
	ask(sgl_slice_of(in, K), WANT, &two);
	assert_memory_not_equal(one.bytes, two.bytes, WANT);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_RSA, 8 * K, &other, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_ask(engine, other, &request, &one, NULL), SGL_OK);
	assert_memory_not_equal(one.bytes, two.bytes, WANT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_padding),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_public_faults),
	    cmocka_unit_test(test_independence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
