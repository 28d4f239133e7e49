/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/engine.h"

#define ROOM "crypto.wrap"
#define MAX_WRAPPED 4096 /* far more than any content key */

static const char *const names[SGL_NUM_RAW] = {
    [SGL_RAW_WRAP128] = "AES-128-WRAP",
    [SGL_RAW_WRAP192] = "AES-192-WRAP",
    [SGL_RAW_WRAP256] = "AES-256-WRAP",
    [SGL_RAW_WRAP_DES3] = "DES3-WRAP",
    [SGL_RAW_ECB128] = "AES-128-ECB",
    [SGL_RAW_ECB192] = "AES-192-ECB",
    [SGL_RAW_ECB256] = "AES-256-ECB",
};

sgl_status
sgl_engine_raw_cipher(
    sgl_engine *engine, sgl_raw_cipher alg, EVP_CIPHER **out, sgl_err *err)
{
	if (engine->raw[alg] == NULL)
		engine->raw[alg] =
		    EVP_CIPHER_fetch(engine->lib, names[alg], NULL);
	if (engine->raw[alg] == NULL)
		return sgl_crypto_fail(
		    err, SGL_E_UNSUPPORTED, ROOM, "libcrypto lacks the cipher");
	*out = engine->raw[alg];
	return SGL_OK;
}

static sgl_status
cipher_for(sgl_engine *engine, sgl_slice kek, EVP_CIPHER **out, sgl_err *err)
{
	switch (kek.len) {
	case 16:
		return sgl_engine_raw_cipher(engine, SGL_RAW_WRAP128, out, err);
	case 24:
		return sgl_engine_raw_cipher(engine, SGL_RAW_WRAP192, out, err);
	case 32:
		return sgl_engine_raw_cipher(engine, SGL_RAW_WRAP256, out, err);
	default:
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "key-encryption key has the wrong length");
	}
}

/* libcrypto does both directions in one update. */
static bool
run(const EVP_CIPHER *evp, bool wrap, sgl_slice kek, sgl_slice in, uint8_t *out,
    size_t *out_len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int got = 0;
	bool ok = false;

	if (ctx == NULL)
		return false;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = EVP_CipherInit_ex2(ctx, evp, kek.data, NULL, wrap, NULL) == 1 &&
	    EVP_CipherUpdate(ctx, out, &got, in.data, (int)in.len) == 1 &&
	    got > 0;
	EVP_CIPHER_CTX_free(ctx);
	if (ok)
		*out_len = (size_t)got;
	return ok;
}

sgl_status
sgl_key_wrap(sgl_engine *engine, sgl_slice kek, sgl_slice in, uint8_t *out,
    size_t *out_len, sgl_err *err)
{
	EVP_CIPHER *evp = NULL;

	TRY(cipher_for(engine, kek, &evp, err));
	if (in.len < 16 || in.len % 8 != 0 || in.len > MAX_WRAPPED)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "key to wrap has the wrong length");
	if (!run(evp, true, kek, in, out, out_len))
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key cannot be wrapped");
	return SGL_OK;
}

sgl_status
sgl_key_unwrap(sgl_engine *engine, sgl_slice kek, sgl_slice in, uint8_t *out,
    size_t *out_len, sgl_err *err)
{
	EVP_CIPHER *evp = NULL;

	TRY(cipher_for(engine, kek, &evp, err));
	if (in.len < 24 || in.len % 8 != 0 || in.len > MAX_WRAPPED + 8)
		return sgl_fail(err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET,
		    "key cannot be unwrapped");
	if (!run(evp, false, kek, in, out, out_len))
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, "key cannot be unwrapped");
	return SGL_OK;
}

sgl_status
sgl_key_unwrap_des3(sgl_engine *engine, sgl_slice kek, sgl_slice in,
    uint8_t *out, size_t *out_len, sgl_err *err)
{
	EVP_CIPHER *evp = NULL;

	TRY(sgl_engine_raw_cipher(engine, SGL_RAW_WRAP_DES3, &evp, err));
	if (kek.len != 24 || in.len < 24 || in.len % 8 != 0 ||
	    in.len > MAX_WRAPPED || !run(evp, false, kek, in, out, out_len))
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, "key cannot be unwrapped");
	return SGL_OK;
}
