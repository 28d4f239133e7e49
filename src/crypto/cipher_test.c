/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/provider.h>

#include "crypto/cipher.h"
#include "crypto/pubkey.h"
#include "support/hex.h"

static sgl_engine *engine;
static OSSL_LIB_CTX *peer;
static OSSL_PROVIDER *peer_base, *peer_legacy;

static int
setup(void **state)
{
	(void)state;
	peer = OSSL_LIB_CTX_new();
	peer_base = OSSL_PROVIDER_load(peer, "default");
	peer_legacy = OSSL_PROVIDER_load(peer, "legacy");
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	OSSL_PROVIDER_unload(peer_legacy);
	OSSL_PROVIDER_unload(peer_base);
	OSSL_LIB_CTX_free(peer);
	return 0;
}

static void
assert_same(sgl_slice got, sgl_slice want)
{
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.data, want.data, want.len);
}

/* Bytes without a pattern, the same in each run. */
static void
fill(uint8_t *p, size_t len, unsigned seed)
{
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (uint8_t)(x >> 24);
	}
}

/* Single blocks, or more, without padding. */
static const struct {
	const char *name;
	sgl_cipher_alg alg;
	unsigned rc2_bits;
	const char *key, *iv, *plain, *cipher;
} raw_cases[] = {
    {"SP 800-38A F.2.1", SGL_CIPHER_AES128_CBC, 0,
	"2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    {"SP 800-38A F.2.3", SGL_CIPHER_AES192_CBC, 0,
	"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	"000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172a",
	"4f021db243bc633d7178183a9fa071e8"},
    {"SP 800-38A F.2.5", SGL_CIPHER_AES256_CBC, 0,
	"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	"000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172a",
	"f58c4c04d6e5f1ba779eabfb5f7bfbd6"},
    {"SP 800-67 B.1", SGL_CIPHER_DES3_CBC, 0,
	"0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000",
	"5468652071756663", "a826fd8ce53b855f"},
    {"DES", SGL_CIPHER_DES_CBC, 0, "133457799bbcdff1", "0000000000000000",
	"0123456789abcdef", "85e813540f0ab405"},
    {"RFC 2268 64", SGL_CIPHER_RC2_CBC, 64, "ffffffffffffffff",
	"0000000000000000", "ffffffffffffffff", "278b27e42e2f0d49"},
    {"RFC 2268 64 of 16", SGL_CIPHER_RC2_CBC, 64,
	"88bca90e90875a7f0f79c384627bafb2", "0000000000000000",
	"0000000000000000", "1a807d272bbe5db1"},
    {"RFC 2268 128", SGL_CIPHER_RC2_CBC, 128,
	"88bca90e90875a7f0f79c384627bafb2", "0000000000000000",
	"0000000000000000", "2269552ab0f85ca6"},
};

static void
test_raw(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof raw_cases / sizeof raw_cases[0]; i++) {
		sgl_slice key = unhex(raw_cases[i].key);
		sgl_slice iv = unhex(raw_cases[i].iv);
		sgl_slice plain = unhex(raw_cases[i].plain);
		sgl_slice cipher = unhex(raw_cases[i].cipher);
		uint8_t out[64];
		sgl_cipher_params p = {.alg = raw_cases[i].alg,
		    .key = key,
		    .iv = iv,
		    .rc2_bits = raw_cases[i].rc2_bits};

		if (raw_cases[i].alg != SGL_CIPHER_RC2_CBC) {
			assert_int_equal(sgl_cbc_raw(engine, p.alg, true, key,
					     iv, plain, out, NULL),
			    SGL_OK);
			assert_same(sgl_slice_of(out, plain.len), cipher);
			assert_int_equal(sgl_cbc_raw(engine, p.alg, false, key,
					     iv, cipher, out, NULL),
			    SGL_OK);
			assert_same(sgl_slice_of(out, plain.len), plain);
			continue;
		}
		/* RC2 must be told its bits: two blocks, to see the first. */
		SGL_AUTO(sgl_cipher)
		c = NULL;
		size_t len;
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(
		    sgl_cipher_update(c, cipher, out, &len, NULL), SGL_OK);
		assert_int_equal(len, 0);
		assert_int_equal(
		    sgl_cipher_update(c, cipher, out, &len, NULL), SGL_OK);
		if (len != 8 || memcmp(out, plain.data, 8) != 0)
			fail_msg("%s", raw_cases[i].name);
	}
	{
		uint8_t out[16];
		assert_int_equal(
		    sgl_cbc_raw(engine, SGL_CIPHER_AES128_CBC, true,
			sgl_slice_of(out, 16), sgl_slice_of(out, 16),
			sgl_slice_of(out, 15), out, NULL),
		    SGL_E_USAGE);
	}
}

/* An encryption by libcrypto itself, to read ours with and to make what we do
 * not make. */
static size_t
peer_encrypt(const sgl_cipher_params *p, const char *name, sgl_slice in,
    uint8_t *out, uint8_t tag[16])
{
	EVP_CIPHER *evp = EVP_CIPHER_fetch(peer, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0, last = 0;

	assert_non_null(evp);
	assert_int_equal(
	    EVP_EncryptInit_ex2(ctx, evp, p->key.data, p->iv.data, NULL), 1);
	if (p->aad.len > 0)
		assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &len, p->aad.data,
				     (int)p->aad.len),
		    1);
	if (in.len > 0)
		assert_int_equal(
		    EVP_EncryptUpdate(ctx, out, &len, in.data, (int)in.len), 1);
	else
		len = 0;
	assert_int_equal(EVP_EncryptFinal_ex(ctx, out + len, &last), 1);
	if (tag != NULL)
		assert_int_equal(
		    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag),
		    1);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(evp);
	return (size_t)(len + last);
}

/* Feeds `in` in pieces; returns what came out before the end. */
static size_t
feed(sgl_cipher *c, sgl_slice in, size_t piece, uint8_t *out)
{
	size_t total = 0;

	while (in.len > 0) {
		size_t n = in.len < piece ? in.len : piece, len = 0;
		uint8_t *block = malloc(n + 32);
		assert_non_null(block);
		assert_int_equal(sgl_cipher_update(c, sgl_slice_first(in, n),
				     block, &len, NULL),
		    SGL_OK);
		assert_true(len <= n + 32);
		memcpy(out + total, block, len);
		free(block);
		total += len;
		in = sgl_slice_from(in, n);
	}
	return total;
}

static const struct cipher_case {
	sgl_cipher_alg alg;
	const char *name;
	size_t key_len;
	unsigned rc2_bits;
} cipher_cases[] = {
    {SGL_CIPHER_AES128_CBC, "AES-128-CBC", 16, 0},
    {SGL_CIPHER_AES192_CBC, "AES-192-CBC", 24, 0},
    {SGL_CIPHER_AES256_CBC, "AES-256-CBC", 32, 0},
    {SGL_CIPHER_AES128_GCM, "AES-128-GCM", 16, 0},
    {SGL_CIPHER_AES192_GCM, "AES-192-GCM", 24, 0},
    {SGL_CIPHER_AES256_GCM, "AES-256-GCM", 32, 0},
    {SGL_CIPHER_CHACHA20_POLY1305, "ChaCha20-Poly1305", 32, 0},
    {SGL_CIPHER_DES3_CBC, "DES-EDE3-CBC", 24, 0},
    {SGL_CIPHER_RC2_CBC, "RC2-CBC", 16, 128},
    {SGL_CIPHER_RC2_CBC, "RC2-64-CBC", 8, 64},
    {SGL_CIPHER_RC2_CBC, "RC2-40-CBC", 5, 40},
    {SGL_CIPHER_DES_CBC, "DES-CBC", 8, 0},
};
#define NUM_CIPHERS (sizeof cipher_cases / sizeof cipher_cases[0])

static void
decrypt_all(const struct cipher_case *cc, const sgl_cipher_params *p,
    sgl_slice plain, sgl_slice cipher, const uint8_t tag[16])
{
	const size_t pieces[] = {SIZE_MAX, cipher.len / 2 + 1, 17, 1};

	for (size_t i = 0; i < 4; i++) {
		SGL_AUTO(sgl_cipher)
		c = NULL;
		uint8_t out[400];
		size_t len, last = 0;

		assert_int_equal(sgl_cipher_new(engine, p, &c, NULL), SGL_OK);
		len = feed(c, cipher, pieces[i], out);
		if (sgl_cipher_is_aead(cc->alg))
			assert_int_equal(
			    sgl_cipher_check(
				c, sgl_slice_of(tag, 16), (sgl_slice){0}, NULL),
			    SGL_OK);
		else
			assert_int_equal(
			    sgl_cipher_finish(c, out + len, &last, NULL),
			    SGL_OK);
		assert_same(sgl_slice_of(out, len + last), plain);
		assert_int_equal(
		    sgl_cipher_update(c, plain, out, &len, NULL), SGL_E_USAGE);
	}
}

static void
encrypt_all(const struct cipher_case *cc, const sgl_cipher_params *p,
    sgl_slice plain, sgl_slice cipher, const uint8_t tag[16])
{
	const size_t pieces[] = {SIZE_MAX, plain.len / 2 + 1, 17, 1};

	for (size_t i = 0; i < 4; i++) {
		SGL_AUTO(sgl_cipher)
		c = NULL;
		uint8_t out[400], got_tag[16];
		size_t len, last = 0;

		assert_int_equal(sgl_cipher_new(engine, p, &c, NULL), SGL_OK);
		len = feed(c, plain, pieces[i], out);
		if (sgl_cipher_is_aead(cc->alg)) {
			assert_int_equal(
			    sgl_cipher_tag(c, got_tag, NULL), SGL_OK);
			assert_memory_equal(got_tag, tag, 16);
		} else {
			assert_int_equal(
			    sgl_cipher_finish(c, out + len, &last, NULL),
			    SGL_OK);
		}
		assert_same(sgl_slice_of(out, len + last), cipher);
	}
}

static void
test_streams(void **state)
{
	uint8_t key[32], iv[16], aad[20], plain[200], cipher[256], tag[16];

	(void)state;
	fill(key, sizeof key, 1);
	fill(iv, sizeof iv, 2);
	fill(aad, sizeof aad, 3);
	fill(plain, sizeof plain, 4);
	for (size_t i = 0; i < NUM_CIPHERS; i++)
		for (size_t len = 0; len < sizeof plain; len += 13) {
			const struct cipher_case *cc = &cipher_cases[i];
			bool aead = sgl_cipher_is_aead(cc->alg);
			sgl_cipher_params p = {.alg = cc->alg,
			    .key = sgl_slice_of(key, cc->key_len),
			    .iv = sgl_slice_of(iv, sgl_cipher_iv_len(cc->alg)),
			    .rc2_bits = cc->rc2_bits,
			    .aad = sgl_slice_of(aad, aead ? len % 20 : 0)};
			size_t n =
			    peer_encrypt(&p, cc->name, sgl_slice_of(plain, len),
				cipher, aead ? tag : NULL);
			decrypt_all(cc, &p, sgl_slice_of(plain, len),
			    sgl_slice_of(cipher, n), tag);
			p.encrypt = true;
			if (!sgl_cipher_is_old(cc->alg)) {
				encrypt_all(cc, &p, sgl_slice_of(plain, len),
				    sgl_slice_of(cipher, n), tag);
			} else {
				sgl_cipher *c = NULL;
				assert_int_equal(
				    sgl_cipher_new(engine, &p, &c, NULL),
				    SGL_E_UNSUPPORTED);
			}
		}
}

/* Every last block that is not padding fails with the same words. */
static void
test_padding(void **state)
{
	static const uint8_t key[16] = {1}, iv[16] = {2};
	uint8_t block[32], cipher[32], out[80];

	(void)state;
	for (unsigned last = 0; last < 256; last++)
		for (unsigned wrong = 0; wrong <= 16; wrong++) {
			SGL_AUTO(sgl_cipher)
			c = NULL;
			sgl_cipher_params p = {.alg = SGL_CIPHER_AES128_CBC,
			    .key = sgl_slice_of(key, 16),
			    .iv = sgl_slice_of(iv, 16)};
			bool good = last >= 1 && last <= 16 &&
			    (wrong == 16 || wrong < 16 - last);
			size_t len, end = 99;
			sgl_err err;

			memset(block, (int)last, sizeof block);
			if (wrong < 15)
				block[16 + wrong] ^= 0x40;
			else if (wrong == 15)
				continue; /* the count itself */
			assert_int_equal(
			    sgl_cbc_raw(engine, p.alg, true, p.key, p.iv,
				sgl_slice_of(block, 32), cipher, NULL),
			    SGL_OK);
			assert_int_equal(
			    sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
			assert_int_equal(
			    sgl_cipher_update(
				c, sgl_slice_of(cipher, 32), out, &len, NULL),
			    SGL_OK);
			assert_int_equal(len, 16);
			if (good) {
				assert_int_equal(
				    sgl_cipher_finish(c, out + len, &end, &err),
				    SGL_OK);
				assert_int_equal(end, 16 - last);
				continue;
			}
			assert_int_equal(
			    sgl_cipher_finish(c, out + len, &end, &err),
			    SGL_E_DECRYPT);
			assert_int_equal(end, 99);
			assert_string_equal(
			    err.text, "content cannot be decrypted");
			/* It stays failed. */
			assert_int_equal(
			    sgl_cipher_finish(c, out + len, &end, &err),
			    SGL_E_DECRYPT);
			assert_string_equal(
			    err.text, "content cannot be decrypted");
		}
}

static void
test_lengths(void **state)
{
	static const uint8_t zeros[64];

	(void)state;
	for (size_t len = 0; len < 49; len++) {
		SGL_AUTO(sgl_cipher)
		c = NULL;
		sgl_cipher_params p = {.alg = SGL_CIPHER_AES128_CBC,
		    .key = sgl_slice_of(zeros, 16),
		    .iv = sgl_slice_of(zeros, 16)};
		uint8_t out[100];
		size_t got, end;
		sgl_err err;

		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(sgl_cipher_update(c, sgl_slice_of(zeros, len),
				     out, &got, NULL),
		    SGL_OK);
		/* No zero block decrypts to padding under this key. */
		assert_int_equal(
		    sgl_cipher_finish(c, out + got, &end, &err), SGL_E_DECRYPT);
		assert_string_equal(err.text, "content cannot be decrypted");
	}
}

static void
test_params(void **state)
{
	static const uint8_t zeros[64];
	static const struct {
		sgl_cipher_alg alg;
		bool encrypt;
		size_t key, iv, aad;
		unsigned rc2_bits;
		sgl_status want;
	} cases[] = {
	    {SGL_CIPHER_NONE, false, 16, 16, 0, 0, SGL_E_UNSUPPORTED},
	    {SGL_CIPHER_AES128_CBC, false, 15, 16, 0, 0, SGL_E_DECRYPT},
	    {SGL_CIPHER_AES128_CBC, true, 15, 16, 0, 0, SGL_E_USAGE},
	    {SGL_CIPHER_AES256_GCM, false, 16, 12, 0, 0, SGL_E_DECRYPT},
	    {SGL_CIPHER_AES256_GCM, false, 32, 17, 0, 0, SGL_E_ENCODING},
	    {SGL_CIPHER_AES256_GCM, true, 32, 16, 0, 0, SGL_E_USAGE},
	    {SGL_CIPHER_AES256_CBC, false, 32, 8, 0, 0, SGL_E_ENCODING},
	    {SGL_CIPHER_AES256_CBC, false, 32, 16, 1, 0, SGL_E_USAGE},
	    {SGL_CIPHER_RC2_CBC, false, 16, 8, 0, 56, SGL_E_UNSUPPORTED},
	    {SGL_CIPHER_RC2_CBC, false, 4, 8, 0, 40, SGL_E_DECRYPT},
	    {SGL_CIPHER_RC2_CBC, false, 17, 8, 0, 128, SGL_E_DECRYPT},
	    {SGL_CIPHER_DES3_CBC, true, 24, 8, 0, 0, SGL_E_UNSUPPORTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_cipher_params p = {.alg = cases[i].alg,
		    .encrypt = cases[i].encrypt,
		    .key = sgl_slice_of(zeros, cases[i].key),
		    .iv = sgl_slice_of(zeros, cases[i].iv),
		    .aad = sgl_slice_of(zeros, cases[i].aad),
		    .rc2_bits = cases[i].rc2_bits};
		sgl_cipher *c = NULL;
		assert_int_equal(
		    sgl_cipher_new(engine, &p, &c, NULL), cases[i].want);
		assert_null(c);
	}
	assert_int_equal(
	    sgl_cipher_find(SGL_LIT("aes-256-cbc")), SGL_CIPHER_AES256_CBC);
	assert_int_equal(
	    sgl_cipher_find(SGL_LIT("AES-128-GCM")), SGL_CIPHER_AES128_GCM);
	assert_int_equal(sgl_cipher_find(SGL_LIT("none")), SGL_CIPHER_NONE);
	assert_int_equal(sgl_cipher_find(SGL_LIT("aes")), SGL_CIPHER_NONE);
	for (int alg = SGL_CIPHER_AES128_CBC; alg <= SGL_CIPHER_DES_CBC; alg++)
		assert_int_equal(sgl_cipher_find(sgl_slice_str(
				     sgl_cipher_name((sgl_cipher_alg)alg))),
		    alg);
	sgl_cipher_free(NULL);
}

static void
test_states(void **state)
{
	static const uint8_t zeros[32];
	sgl_cipher_params p = {.alg = SGL_CIPHER_AES128_GCM,
	    .key = sgl_slice_of(zeros, 16),
	    .iv = sgl_slice_of(zeros, 12)};
	uint8_t out[64], tag[16];
	size_t len;

	(void)state;
	for (int encrypt = 0; encrypt < 2; encrypt++) {
		SGL_AUTO(sgl_cipher)
		c = NULL;
		p.encrypt = encrypt;
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(
		    sgl_cipher_finish(c, out, &len, NULL), SGL_E_USAGE);
		if (encrypt)
			assert_int_equal(
			    sgl_cipher_check(
				c, sgl_slice_of(tag, 16), (sgl_slice){0}, NULL),
			    SGL_E_USAGE);
		else
			assert_int_equal(
			    sgl_cipher_tag(c, tag, NULL), SGL_E_USAGE);
	}
	{
		SGL_AUTO(sgl_cipher)
		c = NULL;
		p.alg = SGL_CIPHER_AES128_CBC;
		p.iv = sgl_slice_of(zeros, 16);
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(sgl_cipher_tag(c, tag, NULL), SGL_E_USAGE);
	}
}

/* The tag over associated data that comes late is the tag over the same data
 * given first, for every length of it. */
static void
late(size_t content, size_t aad_len, size_t tag_len, bool spoil)
{
	static uint8_t plain[5000], cipher[5040], out[5040], aad[101];
	static const char *const names[] = {
	    "AES-128-GCM", "AES-192-GCM", "AES-256-GCM"};
	uint8_t key[32], iv[12], tag[16];
	unsigned which = (unsigned)(content + aad_len) % 3;
	sgl_cipher_params p = {
	    .alg = (sgl_cipher_alg)(SGL_CIPHER_AES128_GCM + which),
	    .key = sgl_slice_of(key, 16 + 8 * which),
	    .iv = sgl_slice_of(iv, 12),
	    .aad = sgl_slice_of(aad, aad_len)};
	SGL_AUTO(sgl_cipher)
	c = NULL;
	size_t n, len;
	sgl_err err;

	fill(key, sizeof key, (unsigned)content + 1);
	fill(iv, sizeof iv, (unsigned)aad_len + 2);
	fill(aad, sizeof aad, 3);
	fill(plain, sizeof plain, 4);
	n = peer_encrypt(
	    &p, names[which], sgl_slice_of(plain, content), cipher, tag);
	p.aad.len = 0;
	assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
	len = feed(c, sgl_slice_of(cipher, n), 1000, out);
	assert_same(sgl_slice_of(out, len), sgl_slice_of(plain, content));
	if (spoil)
		aad[aad_len - 1] ^= 1;
	assert_int_equal(sgl_cipher_check(c, sgl_slice_of(tag, tag_len),
			     sgl_slice_of(aad, aad_len), &err),
	    spoil || tag_len < 12 ? SGL_E_DECRYPT : SGL_OK);
}

static void
test_late(void **state)
{
	static const size_t contents[] = {
	    0, 1, 15, 16, 17, 31, 32, 33, 100, 255, 256, 1000, 4096, 4999};

	(void)state;
	for (size_t c = 0; c < sizeof contents / sizeof contents[0]; c++) {
		for (size_t a = 0; a <= 100; a++)
			late(contents[c], a, 12 + (a + c) % 5, false);
		late(contents[c], 37, 16, true);
		late(contents[c], 16, 12, true);
		late(contents[c], 16, 11, false);
	}
}

static void
test_late_refused(void **state)
{
	static const uint8_t zeros[32];
	sgl_cipher_params p = {.alg = SGL_CIPHER_CHACHA20_POLY1305,
	    .key = sgl_slice_of(zeros, 32),
	    .iv = sgl_slice_of(zeros, 12)};
	sgl_slice tag = sgl_slice_of(zeros, 16);

	(void)state;
	{
		SGL_AUTO(sgl_cipher)
		c = NULL;
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(sgl_cipher_check(c, tag, SGL_LIT("a"), NULL),
		    SGL_E_UNSUPPORTED);
	}
	{
		SGL_AUTO(sgl_cipher)
		c = NULL;
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		tag.len = 12;
		assert_int_equal(sgl_cipher_check(c, tag, (sgl_slice){0}, NULL),
		    SGL_E_DECRYPT);
	}
	{
		SGL_AUTO(sgl_cipher)
		c = NULL;
		p.alg = SGL_CIPHER_AES256_GCM;
		p.aad = SGL_LIT("a");
		assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
		assert_int_equal(
		    sgl_cipher_check(c, tag, SGL_LIT("b"), NULL), SGL_E_USAGE);
	}
}

/* RFC 3394 4. */
static const struct {
	const char *kek, *plain, *wrapped;
} wrap_cases[] = {
    {"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
	"1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
    {"000102030405060708090a0b0c0d0e0f1011121314151617",
	"00112233445566778899aabbccddeeff",
	"96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
	"28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
	"cbc7f0e71a99f43bfb988b9b7a02dd21"},
};

static void
test_wrap(void **state)
{
	uint8_t out[64], broken[64];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof wrap_cases / sizeof wrap_cases[0]; i++) {
		sgl_slice kek = unhex(wrap_cases[i].kek);
		sgl_slice plain = unhex(wrap_cases[i].plain);
		sgl_slice wrapped = unhex(wrap_cases[i].wrapped);

		assert_int_equal(
		    sgl_key_wrap(engine, kek, plain, out, &len, NULL), SGL_OK);
		assert_same(sgl_slice_of(out, len), wrapped);
		assert_int_equal(
		    sgl_key_unwrap(engine, kek, wrapped, out, &len, NULL),
		    SGL_OK);
		assert_same(sgl_slice_of(out, len), plain);
		memcpy(broken, wrapped.data, wrapped.len);
		broken[wrapped.len - 1] ^= 1;
		assert_int_equal(
		    sgl_key_unwrap(engine, kek,
			sgl_slice_of(broken, wrapped.len), out, &len, NULL),
		    SGL_E_DECRYPT);
		for (size_t n = 0; n < wrapped.len; n++)
			assert_int_equal(
			    sgl_key_unwrap(engine, kek, sgl_slice_of(broken, n),
				out, &len, NULL),
			    SGL_E_DECRYPT);
		kek.len--;
		assert_int_equal(
		    sgl_key_wrap(engine, kek, plain, out, &len, NULL),
		    SGL_E_USAGE);
	}
	assert_int_equal(sgl_key_wrap(engine, sgl_slice_of(broken, 16),
			     sgl_slice_of(broken, 17), out, &len, NULL),
	    SGL_E_USAGE);
	assert_int_equal(sgl_key_wrap(engine, sgl_slice_of(broken, 16),
			     sgl_slice_of(broken, 8), out, &len, NULL),
	    SGL_E_USAGE);
}

/* RFC 3217 3.3. */
static void
test_unwrap_des3(void **state)
{
	sgl_slice kek = unhex("255e0d1c07b646dfb3134cc843ba8aa7"
			      "1f025b7c0838251f");
	sgl_slice plain = unhex("2923bf85e06dd6ae529149f1f1bae9ea"
				"b3a7da3d860d3e98");
	sgl_slice wrapped = unhex("690107618ef092b3b48ca1796b234ae9"
				  "fa33ebb4159604037db5d6a84eb3aac2"
				  "768c632775a467d4");
	uint8_t in[40], out[40];
	size_t len;

	(void)state;
	assert_int_equal(
	    sgl_key_unwrap_des3(engine, kek, wrapped, out, &len, NULL), SGL_OK);
	assert_same(sgl_slice_of(out, len), plain);
	for (size_t n = 0; n < sizeof in; n++) {
		memcpy(in, wrapped.data, sizeof in);
		assert_int_equal(sgl_key_unwrap_des3(engine, kek,
				     sgl_slice_of(in, n), out, &len, NULL),
		    SGL_E_DECRYPT);
		in[n] ^= 1;
		assert_int_equal(
		    sgl_key_unwrap_des3(engine, kek,
			sgl_slice_of(in, sizeof in), out, &len, NULL),
		    SGL_E_DECRYPT);
	}
	kek.len = 16;
	assert_int_equal(
	    sgl_key_unwrap_des3(engine, kek, wrapped, out, &len, NULL),
	    SGL_E_DECRYPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_raw),
	    cmocka_unit_test(test_streams),
	    cmocka_unit_test(test_padding),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_params),
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_late_refused),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_unwrap_des3),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
