/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/engine.h"

#define ROOM "crypto.kdf"

static const char *const names[SGL_NUM_KDFS] = {
    [SGL_KDF_X963] = OSSL_KDF_NAME_X963KDF,
    [SGL_KDF_HKDF] = OSSL_KDF_NAME_HKDF,
    [SGL_KDF_PBKDF2] = OSSL_KDF_NAME_PBKDF2,
    [SGL_KDF_PKCS12] = "PKCS12KDF",
    [SGL_KDF_SCRYPT] = OSSL_KDF_NAME_SCRYPT,
};

static sgl_status
fetch(sgl_engine *engine, sgl_kdf_alg alg, EVP_KDF **out, sgl_err *err)
{
	if (engine->kdf[alg] == NULL)
		engine->kdf[alg] = EVP_KDF_fetch(engine->lib, names[alg], NULL);
	if (engine->kdf[alg] == NULL)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto lacks the key derivation");
	*out = engine->kdf[alg];
	return SGL_OK;
}

static sgl_status
derive(sgl_engine *engine, sgl_kdf_alg alg, const OSSL_PARAM *params,
    uint8_t *out, size_t len, sgl_err *err)
{
	EVP_KDF *kdf = NULL;
	EVP_KDF_CTX *ctx;
	int ok;

	TRY(fetch(engine, alg, &kdf, err));
	ctx = EVP_KDF_CTX_new(kdf);
	if (ctx == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	ok = EVP_KDF_derive(ctx, out, len, params);
	EVP_KDF_CTX_free(ctx);
	if (ok != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key derivation failed");
	return SGL_OK;
}

/* Refuses what sgl_engine_md refuses, before libcrypto looks for it. */
static sgl_status
digest_param(
    sgl_engine *engine, sgl_digest_alg alg, OSSL_PARAM *out, sgl_err *err)
{
	EVP_MD *md = NULL;

	TRY(sgl_engine_md(engine, alg, &md, err));
	*out = sgl_param_utf8(OSSL_KDF_PARAM_DIGEST, sgl_digest_evp_name(alg));
	return SGL_OK;
}

/* The rounds are a stranger's choice: a limit keeps them from being a way to
 * keep us busy. */
static sgl_status
check_rounds(const sgl_engine *engine, uint64_t iterations, sgl_err *err)
{
	if (iterations == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "password derivation with no rounds");
	if (iterations > engine->limits.kdf_iterations)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "password derivation asks for too many rounds");
	return SGL_OK;
}

sgl_status
sgl_kdf_x963(sgl_engine *engine, sgl_digest_alg alg, sgl_slice secret,
    sgl_slice info, uint8_t *out, size_t len, sgl_err *err)
{
	OSSL_PARAM params[] = {
	    OSSL_PARAM_END,
	    sgl_param_octets(OSSL_KDF_PARAM_KEY, secret),
	    sgl_param_octets(OSSL_KDF_PARAM_INFO, info),
	    OSSL_PARAM_END,
	};

	TRY(digest_param(engine, alg, &params[0], err));
	return derive(engine, SGL_KDF_X963, params, out, len, err);
}

sgl_status
sgl_kdf_hkdf(sgl_engine *engine, sgl_digest_alg alg, sgl_slice secret,
    sgl_slice salt, sgl_slice info, uint8_t *out, size_t len, sgl_err *err)
{
	OSSL_PARAM params[5] = {
	    OSSL_PARAM_END,
	    sgl_param_octets(OSSL_KDF_PARAM_KEY, secret),
	};
	size_t num = 2;

	TRY(digest_param(engine, alg, &params[0], err));
	if (salt.len > 0)
		params[num++] = sgl_param_octets(OSSL_KDF_PARAM_SALT, salt);
	if (info.len > 0)
		params[num++] = sgl_param_octets(OSSL_KDF_PARAM_INFO, info);
	params[num] = OSSL_PARAM_construct_end();
	return derive(engine, SGL_KDF_HKDF, params, out, len, err);
}

sgl_status
sgl_kdf_pbkdf2(sgl_engine *engine, sgl_digest_alg alg, sgl_slice password,
    sgl_slice salt, uint64_t iterations, uint8_t *out, size_t len, sgl_err *err)
{
	/* SP 800-132's lower bounds would refuse old files. */
	int no_lower_bounds = 1;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_END,
	    sgl_param_octets(OSSL_KDF_PARAM_PASSWORD, password),
	    sgl_param_octets(OSSL_KDF_PARAM_SALT, salt),
	    OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
	    OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &no_lower_bounds),
	    OSSL_PARAM_END,
	};

	TRY(check_rounds(engine, iterations, err));
	TRY(digest_param(engine, alg, &params[0], err));
	return derive(engine, SGL_KDF_PBKDF2, params, out, len, err);
}

sgl_status
sgl_kdf_pkcs12(sgl_engine *engine, sgl_digest_alg alg, sgl_slice bmp_password,
    sgl_slice salt, uint64_t iterations, int id, uint8_t *out, size_t len,
    sgl_err *err)
{
	OSSL_PARAM params[] = {
	    OSSL_PARAM_END,
	    sgl_param_octets(OSSL_KDF_PARAM_PASSWORD, bmp_password),
	    sgl_param_octets(OSSL_KDF_PARAM_SALT, salt),
	    OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
	    OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS12_ID, &id),
	    OSSL_PARAM_END,
	};

	TRY(check_rounds(engine, iterations, err));
	TRY(digest_param(engine, alg, &params[0], err));
	return derive(engine, SGL_KDF_PKCS12, params, out, len, err);
}

sgl_status
sgl_kdf_scrypt(sgl_engine *engine, sgl_slice password, sgl_slice salt,
    uint64_t n, uint32_t r, uint32_t p, uint8_t *out, size_t len, sgl_err *err)
{
	uint64_t max_memory = SGL_SCRYPT_MEMORY;
	OSSL_PARAM params[] = {
	    sgl_param_octets(OSSL_KDF_PARAM_PASSWORD, password),
	    sgl_param_octets(OSSL_KDF_PARAM_SALT, salt),
	    OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
	    OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
	    OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
	    OSSL_PARAM_construct_uint64(
		OSSL_KDF_PARAM_SCRYPT_MAXMEM, &max_memory),
	    OSSL_PARAM_END,
	};

	/* RFC 7914 2; the time grows with p beside the memory. */
	if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "scrypt with senseless numbers");
	if (r > 64 || p > 16 || n > max_memory / 128 / r / 2)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "password derivation asks for too much memory");
	return derive(engine, SGL_KDF_SCRYPT, params, out, len, err);
}
