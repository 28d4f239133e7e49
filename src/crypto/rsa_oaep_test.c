/* SPDX-License-Identifier: Apache-2.0 */
/* OAEP decoding against libcrypto's encoding, and of every malformation. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/rsa.h>

#include "crypto/key.h"
#include "crypto/unpad.h"

#define K 256 /* bytes of the modulus */
#define COUNT(a) (sizeof(a) / sizeof *(a))

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

static const sgl_oaep forms[] = {
    {SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, {NULL, 0}},
    {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {NULL, 0}},
    {SGL_DIGEST_SHA512, SGL_DIGEST_SHA1, {NULL, 0}},
    {SGL_DIGEST_SHA384, SGL_DIGEST_SHA384, SGL_LIT("label")},
};

/* The encoded block of a message, as libcrypto makes it. */
static void
encode(const sgl_oaep *form, sgl_slice message, uint8_t em[K])
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(K);
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(rsa->evp.lib, rsa->evp.pkey, NULL);
	size_t len = K;

	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(rsa), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_encrypt(engine, public, form, message, &in, NULL),
	    SGL_OK);
	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, em, &len, in.data, in.len), 1);
	assert_int_equal(len, K);
	EVP_PKEY_CTX_free(ctx);
}

static void
what_was_encoded_comes_out(void **state)
{
	uint8_t message[K] = {0, 1, 1, 0}, em[K], out[K];

	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		size_t most = K - 2 - 2 * sgl_digest_len(forms[f].digest);
		const size_t lens[] = {0, 1, 16, 32, most};
		for (size_t i = 0; i < COUNT(lens); i++) {
			size_t len = K;
			encode(&forms[f], sgl_slice_of(message, lens[i]), em);
			assert_int_equal(
			    sgl_rsa_oaep_unpad(engine, &forms[f],
				sgl_slice_of(em, K), out, &len, NULL),
			    SGL_OK);
			assert_int_equal(len, lens[i]);
			assert_memory_equal(out, message, len);
		}
	}
}

static void
expect_refused(const sgl_oaep *form, sgl_slice em)
{
	uint8_t out[K + 1];
	sgl_err err = {0};
	size_t len = 99;

	assert_int_equal(sgl_rsa_oaep_unpad(engine, form, em, out, &len, &err),
	    SGL_E_DECRYPT);
	assert_string_equal(err.text, SGL_NOT_UNWRAPPED);
	assert_int_equal(len, 99);
}

/* Any changed byte, another label, other digests: all say the same. */
static void
what_is_changed_is_refused(void **state)
{
	uint8_t em[K];
	sgl_oaep other = forms[1];

	(void)state;
	encode(&forms[1], SGL_LIT("content key"), em);
	for (size_t i = 0; i < K; i++) {
		em[i] ^= 0x10;
		expect_refused(&forms[1], sgl_slice_of(em, K));
		em[i] ^= 0x10;
	}
	other.label = SGL_LIT("label");
	expect_refused(&other, sgl_slice_of(em, K));
	expect_refused(&forms[0], sgl_slice_of(em, K));
	for (size_t len = 0; len < K; len++)
		expect_refused(&forms[1], sgl_slice_of(em, len));
}

/* EM by our own hand: seed and mask are zero bytes XOR MGF1, so a block that is
 * unmasked, changed and masked again. With SHA-1 DB begins at 21. */
static void
remask(uint8_t em[K])
{
	uint8_t *db = em + 21;

	for (uint32_t n = 0; n * 20 < K - 21; n++) {
		uint8_t seed[24];
		sgl_digest block;
		memcpy(seed, em + 1, 20);
		seed[20] = seed[21] = seed[22] = 0;
		seed[23] = (uint8_t)n;
		assert_int_equal(sgl_hash_once(engine, SGL_DIGEST_SHA1,
				     sgl_slice_of(seed, 24), &block, NULL),
		    SGL_OK);
		for (size_t i = 0; i < 20 && n * 20 + i < K - 21; i++)
			db[n * 20 + i] ^= block.bytes[i];
	}
}

/* The seed stands masked by the masked DB. */
static void
mask_seed(uint8_t em[K])
{
	uint8_t db[K - 21 + 4] = {0};
	sgl_digest block;

	memcpy(db, em + 21, K - 21);
	assert_int_equal(sgl_hash_once(engine, SGL_DIGEST_SHA1,
			     sgl_slice_of(db, sizeof db), &block, NULL),
	    SGL_OK);
	for (size_t i = 0; i < 20; i++)
		em[1 + i] ^= block.bytes[i];
}

static const struct {
	const char *name;
	size_t at; /* in EM, unmasked */
	uint8_t value;
	bool good;
} faults[] = {
    {"as it should be", 200, 1, true},
    {"an earlier end of the padding", 100, 1, true},
    {"no end of the padding", 200, 0, false},
    {"another byte ends it", 200, 2, false},
    {"something in the padding", 100, 0x80, false},
    {"the first byte is not 0", 0, 1, false},
    {"another label", 21, 0, false},
    {"another label, at its end", 40, 0, false},
};

static void
each_fault_is_found(void **state)
{
	sgl_digest label;

	(void)state;
	assert_int_equal(
	    sgl_hash_once(engine, SGL_DIGEST_SHA1, SGL_LIT(""), &label, NULL),
	    SGL_OK);
	for (size_t i = 0; i < COUNT(faults); i++) {
		uint8_t em[K] = {0}, out[K];
		size_t len = 0;

		memset(em + 1, 0x5a, 20);
		memcpy(em + 21, label.bytes, 20);
		em[200] = 1;
		em[faults[i].at] = faults[i].value;
		remask(em);
		mask_seed(em);
		if (!faults[i].good) {
			expect_refused(&forms[0], sgl_slice_of(em, K));
			continue;
		}
		assert_int_equal(sgl_rsa_oaep_unpad(engine, &forms[0],
				     sgl_slice_of(em, K), out, &len, NULL),
		    SGL_OK);
		assert_int_equal(len, K - 1 - faults[i].at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_encoded_comes_out),
	    cmocka_unit_test(what_is_changed_is_refused),
	    cmocka_unit_test(each_fault_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
