/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
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

static void
assert_bytes(sgl_slice got, const char *want)
{
	sgl_slice w = unhex(want);

	assert_int_equal(got.len, w.len);
	assert_memory_equal(got.data, w.data, w.len);
}

/* FIPS 180-4, its examples. */
static const struct {
	sgl_digest_alg alg;
	const char *input, *want;
} digest_cases[] = {
    {SGL_DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {SGL_DIGEST_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {SGL_DIGEST_SHA224, "abc",
	"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {SGL_DIGEST_SHA256, "abc",
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {SGL_DIGEST_SHA256,
	"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {SGL_DIGEST_SHA384, "abc",
	"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	"1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {SGL_DIGEST_SHA512, "abc",
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};
#define NUM_DIGESTS (sizeof digest_cases / sizeof digest_cases[0])

/* Whole, in halves and byte by byte, with a look at the value on the way. */
static void
test_digests(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_DIGESTS; i++) {
		sgl_slice in = sgl_slice_str(digest_cases[i].input);
		size_t pieces[] = {in.len + 1, in.len / 2 + 1, 1};
		sgl_digest value;

		assert_int_equal(sgl_hash_once(engine, digest_cases[i].alg, in,
				     &value, NULL),
		    SGL_OK);
		assert_bytes(sgl_digest_slice(&value), digest_cases[i].want);
		assert_int_equal(
		    value.len, sgl_digest_len(digest_cases[i].alg));
		for (size_t p = 0; p < 3; p++) {
			SGL_AUTO(sgl_hash)
			h = NULL;
			assert_int_equal(
			    sgl_hash_new(engine, digest_cases[i].alg, &h, NULL),
			    SGL_OK);
			for (size_t at = 0; at < in.len;) {
				size_t n = in.len - at < pieces[p] ? in.len - at
								   : pieces[p];
				assert_int_equal(
				    sgl_hash_update(
					h, sgl_slice_of(in.data + at, n), NULL),
				    SGL_OK);
				assert_int_equal(
				    sgl_hash_value(h, &value, NULL), SGL_OK);
				at += n;
			}
			assert_int_equal(
			    sgl_hash_value(h, &value, NULL), SGL_OK);
			assert_bytes(
			    sgl_digest_slice(&value), digest_cases[i].want);
		}
	}
}

/* More of them at a time than are kept for later. */
static void
test_many(void **state)
{
	sgl_hash *h[10];
	sgl_digest value;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++)
			assert_int_equal(sgl_hash_new(engine, SGL_DIGEST_SHA256,
					     &h[i], NULL),
			    SGL_OK);
		for (int i = 0; i < 10; i++) {
			assert_int_equal(
			    sgl_hash_update(h[i], SGL_LIT("abc"), NULL),
			    SGL_OK);
			assert_int_equal(
			    sgl_hash_value(h[i], &value, NULL), SGL_OK);
			assert_bytes(sgl_digest_slice(&value),
			    "ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
			sgl_hash_free(h[i]);
		}
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		sgl_digest_alg want;
	} cases[] = {
	    {"sha256", SGL_DIGEST_SHA256},
	    {"SHA-256", SGL_DIGEST_SHA256},
	    {"sha-1", SGL_DIGEST_SHA1},
	    {"SHA1", SGL_DIGEST_SHA1},
	    {"md5", SGL_DIGEST_MD5},
	    {"sha-512", SGL_DIGEST_SHA512},
	    {"sha51", SGL_DIGEST_NONE},
	    {"sha2566", SGL_DIGEST_NONE},
	    {"none", SGL_DIGEST_NONE},
	    {"", SGL_DIGEST_NONE},
	    {"-", SGL_DIGEST_NONE},
	};
	sgl_hash *h = NULL;
	sgl_err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(sgl_digest_find(sgl_slice_str(cases[i].name)),
		    cases[i].want);
	assert_int_equal(
	    sgl_hash_new(engine, SGL_DIGEST_MD5, &h, &err), SGL_E_UNSUPPORTED);
	assert_string_equal(err.detail, "md5");
	assert_int_equal(
	    sgl_hash_new(engine, SGL_DIGEST_NONE, &h, &err), SGL_E_UNSUPPORTED);
}

/* RFC 2202 and RFC 4231; the last key is longer than a block. */
static const struct {
	sgl_digest_alg alg;
	const char *key, *input, *want;
} hmac_cases[] = {
    {SGL_DIGEST_SHA1, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	"4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {SGL_DIGEST_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	"4869205468657265",
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {SGL_DIGEST_SHA256, "4a656665",
	"7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {SGL_DIGEST_SHA384, "4a656665",
	"7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
	"e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {SGL_DIGEST_SHA256, "", "",
	"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    {SGL_DIGEST_SHA512,
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaa",
	"54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
	"65204b6579202d2048617368204b6579204669727374",
	"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	"6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

static void
test_hmac(void **state)
{
	sgl_digest value;

	(void)state;
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < sizeof hmac_cases / sizeof hmac_cases[0];
		     i++) {
			assert_int_equal(
			    sgl_hmac(engine, hmac_cases[i].alg,
				unhex(hmac_cases[i].key),
				unhex(hmac_cases[i].input), &value, NULL),
			    SGL_OK);
			assert_bytes(
			    sgl_digest_slice(&value), hmac_cases[i].want);
		}
	assert_int_equal(sgl_hmac(engine, SGL_DIGEST_MD5, SGL_LIT("k"),
			     SGL_LIT("m"), &value, NULL),
	    SGL_E_UNSUPPORTED);
}

static void
test_random(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	assert_int_equal(sgl_random(engine, a, sizeof a, NULL), SGL_OK);
	assert_int_equal(sgl_random(engine, b, sizeof b, NULL), SGL_OK);
	assert_memory_not_equal(a, b, sizeof a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_digests),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_hmac),
	    cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
