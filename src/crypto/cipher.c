/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/engine.h"

#define ROOM "crypto.cipher"
#define MAX_KEY 32
#define GCM_TAG 16
/* The lengths that libcrypto takes are ints. */
#define MAX_PIECE ((size_t)1 << 30)
/* SP 800-38D 5.2.1.1, and enough for the counter of RFC 8439 too. */
#define MAX_AEAD_BYTES ((UINT64_C(1) << 36) - 32)

/* The one text for every failed decryption. */
#define NOT_DECRYPTED "content cannot be decrypted"

struct sgl_cipher {
	sgl_engine *engine;
	EVP_CIPHER_CTX *ctx;
	const sgl_cipher_info *info;
	sgl_cipher_alg alg;
	bool encrypt, has_aad, has_held;
	sgl_status failed; /* sticks; SGL_E_USAGE once ended */
	uint64_t total;	   /* content bytes that came in */
	uint8_t held[SGL_MAX_BLOCK];
	uint8_t key[MAX_KEY]; /* of GCM decryption, for late data */
};

static bool
key_fits(const sgl_cipher_params *p)
{
	if (p->alg == SGL_CIPHER_RC2_CBC)
		return p->key.len >= 5 && p->key.len <= 16;
	return p->key.len == sgl_cipher_key_len(p->alg);
}

static sgl_status
check_params(const sgl_cipher_params *p, sgl_err *err)
{
	const sgl_cipher_info *info = sgl_cipher_info_of(p->alg);

	if (!key_fits(p))
		return p->encrypt
		    ? sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			  "key has the wrong length")
		    : sgl_fail(err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET,
			  NOT_DECRYPTED);
	if (p->encrypt ? p->iv.len != info->iv_len
		       : !sgl_cipher_iv_fits(p->alg, p->iv.len))
		return sgl_fail(err, p->encrypt ? SGL_E_USAGE : SGL_E_ENCODING,
		    ROOM, SGL_NO_OFFSET,
		    "initialization vector has the wrong length");
	if (p->aad.len > 0 && info->block != 1)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "cipher takes no associated data");
	if (p->alg == SGL_CIPHER_RC2_CBC && p->rc2_bits != 40 &&
	    p->rc2_bits != 64 && p->rc2_bits != 128)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "effective key bits of RC2 are not supported", "%u",
		    p->rc2_bits);
	return SGL_OK;
}

/* RC2 has two more numbers, which must stand before the key is expanded; to
 * name the cipher again then would undo them. */
static bool
set_rc2(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *evp, const sgl_cipher_params *p)
{
	size_t key_len = p->key.len, bits = p->rc2_bits;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_KEYLEN, &key_len),
	    OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_RC2_KEYBITS, &bits),
	    OSSL_PARAM_END,
	};

	return EVP_CipherInit_ex2(ctx, evp, NULL, NULL, p->encrypt, params) ==
	    1;
}

/* A nonce of another length than GCM's own must be announced before it. */
static bool
set_nonce_len(
    EVP_CIPHER_CTX *ctx, const EVP_CIPHER *evp, const sgl_cipher_params *p)
{
	return EVP_CipherInit_ex2(ctx, evp, NULL, NULL, p->encrypt, NULL) ==
	    1 &&
	    EVP_CIPHER_CTX_ctrl(
		ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)p->iv.len, NULL) == 1;
}

static bool
add_aad(EVP_CIPHER_CTX *ctx, sgl_slice aad)
{
	while (aad.len > 0) {
		size_t n = aad.len < MAX_PIECE ? aad.len : MAX_PIECE;
		int got;
		if (EVP_CipherUpdate(ctx, NULL, &got, aad.data, (int)n) != 1)
			return false;
		aad = sgl_slice_from(aad, n);
	}
	return true;
}

/* Padding is libcrypto's when encrypting and ours when decrypting. */
static sgl_status
start(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *evp, const sgl_cipher_params *p,
    bool padding, sgl_err *err)
{
	bool is_rc2 = p->alg == SGL_CIPHER_RC2_CBC;
	bool is_odd = p->iv.len != sgl_cipher_iv_len(p->alg);
	bool ok = (!is_rc2 || set_rc2(ctx, evp, p)) &&
	    (!is_odd || set_nonce_len(ctx, evp, p)) &&
	    EVP_CipherInit_ex2(ctx, is_rc2 || is_odd ? NULL : evp, p->key.data,
		p->iv.data, p->encrypt, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, padding) == 1 &&
	    add_aad(ctx, p->aad);
	if (!ok)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "cipher cannot be started");
	return SGL_OK;
}

static sgl_status
create(sgl_engine *engine, const sgl_cipher_params *p, sgl_cipher **out,
    sgl_err *err)
{
	sgl_cipher *c = sgl_mem_zeroed(1, sizeof *c);

	if (c == NULL)
		return sgl_oom(err, ROOM);
	c->ctx = EVP_CIPHER_CTX_new();
	if (c->ctx == NULL) {
		sgl_mem_free(c);
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	}
	c->engine = engine;
	c->alg = p->alg;
	c->info = sgl_cipher_info_of(p->alg);
	c->encrypt = p->encrypt;
	c->has_aad = p->aad.len > 0;
	if (c->info->block == 1 && !p->encrypt)
		memcpy(c->key, p->key.data, p->key.len);
	*out = c;
	return SGL_OK;
}

sgl_status
sgl_cipher_new(sgl_engine *engine, const sgl_cipher_params *params,
    sgl_cipher **out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	EVP_CIPHER *evp = NULL;

	if (params->encrypt && sgl_cipher_is_old(params->alg))
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "cipher is kept for reading only", "%s",
		    sgl_cipher_name(params->alg));
	TRY(sgl_engine_cipher(engine, params->alg, &evp, err));
	TRY(check_params(params, err));
	TRY(create(engine, params, &c, err));
	TRY(start(c->ctx, evp, params, params->encrypt, err));
	*out = SGL_TAKE(&c);
	return SGL_OK;
}

void
sgl_cipher_free(sgl_cipher *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->ctx);
	sgl_mem_wipe(c, sizeof *c);
	sgl_mem_free(c);
}

/* From here on every call fails with the same status. */
static sgl_status
stop(sgl_cipher *c, sgl_status status, const char *text, sgl_err *err)
{
	c->failed = status;
	return sgl_fail(err, status, ROOM, SGL_NO_OFFSET, text);
}

static sgl_status
stop_decrypt(sgl_cipher *c, sgl_err *err)
{
	return stop(c, SGL_E_DECRYPT, NOT_DECRYPTED, err);
}

static sgl_status
stop_crypto(sgl_cipher *c, sgl_err *err)
{
	c->failed =
	    sgl_crypto_fail(err, SGL_E_CRYPTO, ROOM, "cipher cannot go on");
	return c->failed;
}

static sgl_status
check_going(const sgl_cipher *c, bool wanted, sgl_err *err)
{
	if (c->failed != SGL_OK)
		return sgl_fail(err, c->failed, ROOM, SGL_NO_OFFSET,
		    c->failed == SGL_E_DECRYPT ? NOT_DECRYPTED
					       : "cipher has ended");
	if (!wanted)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "cipher does not end that way");
	return SGL_OK;
}

static sgl_status
count(sgl_cipher *c, size_t more, sgl_err *err)
{
	if (__builtin_add_overflow(c->total, more, &c->total) ||
	    (c->info->block == 1 && c->total > MAX_AEAD_BYTES))
		return c->encrypt
		    ? stop(c, SGL_E_LIMIT,
			  "content is longer than the cipher allows", err)
		    : stop_decrypt(c, err);
	return SGL_OK;
}

static bool
run(EVP_CIPHER_CTX *ctx, sgl_slice in, uint8_t *out, size_t *out_len)
{
	*out_len = 0;
	while (in.len > 0) {
		size_t n = in.len < MAX_PIECE ? in.len : MAX_PIECE;
		int got = 0;
		if (EVP_CipherUpdate(
			ctx, out + *out_len, &got, in.data, (int)n) != 1)
			return false;
		*out_len += (size_t)got;
		in = sgl_slice_from(in, n);
	}
	return true;
}

/*
 * The block held back goes first and libcrypto writes behind it, so that only
 * one block is ever copied; the last one produced is held back in its place.
 */
static sgl_status
update_unpadding(
    sgl_cipher *c, sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err)
{
	size_t block = c->info->block, front = c->has_held ? block : 0, got;

	if (!run(c->ctx, in, out + front, &got))
		return stop_crypto(c, err);
	if (got == 0) {
		*out_len = 0;
		return SGL_OK;
	}
	memcpy(out, c->held, front);
	memcpy(c->held, out + front + got - block, block);
	sgl_mem_wipe(out + front + got - block, block);
	c->has_held = true;
	*out_len = front + got - block;
	return SGL_OK;
}

sgl_status
sgl_cipher_update(
    sgl_cipher *c, sgl_slice in, uint8_t *out, size_t *out_len, sgl_err *err)
{
	size_t got;

	TRY(check_going(c, true, err));
	TRY(count(c, in.len, err));
	if (!c->encrypt && c->info->block != 1)
		return update_unpadding(c, in, out, out_len, err);
	if (!run(c->ctx, in, out, &got))
		return stop_crypto(c, err);
	*out_len = got;
	return SGL_OK;
}

/* 1 where a < b, for small numbers, without a branch. */
static unsigned
less(unsigned a, unsigned b)
{
	return (a - b) >> (sizeof a * 8 - 1);
}

/*
 * RFC 5652 6.3: the last n bytes each hold n, 1 to the block size. The time
 * does not depend on what the block holds, nor on whether it is right. Returns
 * the number of padding bytes, or 0.
 */
static unsigned
padding_of(const uint8_t *last, unsigned block)
{
	unsigned n = last[block - 1], bad = less(n, 1) | less(block, n);

	for (unsigned i = 0; i < block; i++) {
		unsigned in_pad = less(i, n);
		unsigned differ = (unsigned)last[block - 1 - i] ^ n;
		bad |= in_pad & less(0, differ);
	}
	__asm__("" : "+r"(bad));
	return n & (bad - 1);
}

static sgl_status
finish_unpadding(sgl_cipher *c, uint8_t *out, size_t *out_len, sgl_err *err)
{
	unsigned block = c->info->block, pad;

	if (!c->has_held || c->total % block != 0)
		return stop_decrypt(c, err);
	pad = padding_of(c->held, block);
	if (pad == 0)
		return stop_decrypt(c, err);
	memcpy(out, c->held, block - pad);
	*out_len = block - pad;
	return SGL_OK;
}

sgl_status
sgl_cipher_finish(sgl_cipher *c, uint8_t *out, size_t *out_len, sgl_err *err)
{
	int got = 0;

	TRY(check_going(c, c->info->block != 1, err));
	if (!c->encrypt)
		TRY(finish_unpadding(c, out, out_len, err));
	else if (EVP_CipherFinal_ex(c->ctx, out, &got) != 1)
		return stop_crypto(c, err);
	else
		*out_len = (size_t)got;
	c->failed = SGL_E_USAGE;
	return SGL_OK;
}

sgl_status
sgl_cipher_tag(sgl_cipher *c, uint8_t tag[16], sgl_err *err)
{
	uint8_t none[SGL_MAX_BLOCK], value[GCM_TAG];
	int got = 0;

	TRY(check_going(c, c->encrypt && c->info->block == 1, err));
	if (EVP_CipherFinal_ex(c->ctx, none, &got) != 1 ||
	    EVP_CIPHER_CTX_ctrl(
		c->ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, value) != 1)
		return stop_crypto(c, err);
	memcpy(tag, value, GCM_TAG);
	c->failed = SGL_E_USAGE;
	return SGL_OK;
}

/* H, the hash key of GCM, is the block cipher over zeros. */
static sgl_status
hash_key(sgl_cipher *c, uint8_t h[16], sgl_err *err)
{
	static const uint8_t zeros[16] = {0};
	sgl_raw_cipher which = c->alg == SGL_CIPHER_AES128_GCM ? SGL_RAW_ECB128
	    : c->alg == SGL_CIPHER_AES192_GCM		       ? SGL_RAW_ECB192
							       : SGL_RAW_ECB256;
	EVP_CIPHER *ecb = NULL;
	EVP_CIPHER_CTX *ctx;
	int got = 0;
	bool ok;

	TRY(sgl_engine_raw_cipher(c->engine, which, &ecb, err));
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx != NULL &&
	    EVP_CipherInit_ex2(ctx, ecb, c->key, NULL, 1, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_CipherUpdate(ctx, h, &got, zeros, 16) == 1 && got == 16;
	EVP_CIPHER_CTX_free(ctx);
	return ok ? SGL_OK : stop_crypto(c, err);
}

static sgl_status
work_in_late(sgl_cipher *c, sgl_slice late_aad, uint8_t tag[16], sgl_err *err)
{
	uint8_t h[16] = {0}, share[16] = {0};
	sgl_status status;

	if (c->alg == SGL_CIPHER_CHACHA20_POLY1305)
		return stop(c, SGL_E_UNSUPPORTED,
		    "cipher needs its associated data first", err);
	if (c->has_aad)
		return stop(c, SGL_E_USAGE,
		    "associated data both before and behind", err);
	status = hash_key(c, h, err);
	if (status == SGL_OK)
		sgl_gcm_late_share(h, late_aad, c->total, share);
	for (unsigned i = 0; i < 16; i++)
		tag[i] ^= share[i];
	sgl_mem_wipe(h, sizeof h);
	sgl_mem_wipe(share, sizeof share);
	return status;
}

static bool
tag_len_fits(const sgl_cipher *c, size_t len)
{
	if (c->alg == SGL_CIPHER_CHACHA20_POLY1305)
		return len == GCM_TAG;
	return len >= 12 && len <= GCM_TAG;
}

sgl_status
sgl_cipher_check(sgl_cipher *c, sgl_slice tag, sgl_slice late_aad, sgl_err *err)
{
	uint8_t expected[GCM_TAG] = {0}, none[SGL_MAX_BLOCK];
	int got = 0;
	bool good;

	TRY(check_going(c, !c->encrypt && c->info->block == 1, err));
	if (!tag_len_fits(c, tag.len))
		return stop_decrypt(c, err);
	memcpy(expected, tag.data, tag.len);
	if (late_aad.len > 0)
		TRY(work_in_late(c, late_aad, expected, err));
	good = EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag.len,
		   expected) == 1 &&
	    EVP_CipherFinal_ex(c->ctx, none, &got) == 1;
	if (!good) {
		(void)sgl_crypto_drain();
		return stop_decrypt(c, err);
	}
	c->failed = SGL_E_USAGE;
	return SGL_OK;
}

sgl_status
sgl_cbc_raw(sgl_engine *engine, sgl_cipher_alg alg, bool encrypt, sgl_slice key,
    sgl_slice iv, sgl_slice in, uint8_t *out, sgl_err *err)
{
	sgl_cipher_params p = {
	    .alg = alg, .encrypt = encrypt, .key = key, .iv = iv};
	EVP_CIPHER *evp = NULL;
	EVP_CIPHER_CTX *ctx;
	sgl_status status;
	size_t got = 0, block;

	TRY(sgl_engine_cipher(engine, alg, &evp, err));
	TRY(check_params(&p, err));
	block = sgl_cipher_info_of(alg)->block;
	if (block == 1 || in.len % block != 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "input is not whole blocks");
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	status = start(ctx, evp, &p, false, err);
	if (status == SGL_OK && (!run(ctx, in, out, &got) || got != in.len))
		status = sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "cipher cannot go on");
	EVP_CIPHER_CTX_free(ctx);
	return status;
}
