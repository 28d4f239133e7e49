/* SPDX-License-Identifier: Apache-2.0 */
/* The content ciphers, their sizes, and their names here and in libcrypto. */
#include "crypto/engine.h"

#define ROOM "crypto.cipher"

static const sgl_cipher_info ciphers[SGL_NUM_CIPHERS] = {
    [SGL_CIPHER_NONE] = {"none", NULL, 0, 0, 0, false, false},
    [SGL_CIPHER_AES128_CBC] = {"aes-128-cbc", "AES-128-CBC", 16, 16, 16, false,
	false},
    [SGL_CIPHER_AES192_CBC] = {"aes-192-cbc", "AES-192-CBC", 24, 16, 16, false,
	false},
    [SGL_CIPHER_AES256_CBC] = {"aes-256-cbc", "AES-256-CBC", 32, 16, 16, false,
	false},
    [SGL_CIPHER_AES128_GCM] = {"aes-128-gcm", "AES-128-GCM", 16, 12, 1, false,
	false},
    [SGL_CIPHER_AES192_GCM] = {"aes-192-gcm", "AES-192-GCM", 24, 12, 1, false,
	false},
    [SGL_CIPHER_AES256_GCM] = {"aes-256-gcm", "AES-256-GCM", 32, 12, 1, false,
	false},
    [SGL_CIPHER_CHACHA20_POLY1305] = {"chacha20-poly1305", "ChaCha20-Poly1305",
	32, 12, 1, false, false},
    [SGL_CIPHER_DES3_CBC] = {"des-ede3-cbc", "DES-EDE3-CBC", 24, 8, 8, true,
	false},
    [SGL_CIPHER_RC2_CBC] = {"rc2-cbc", "RC2-CBC", 16, 8, 8, true, true},
    [SGL_CIPHER_DES_CBC] = {"des-cbc", "DES-CBC", 8, 8, 8, true, true},
};

const sgl_cipher_info *
sgl_cipher_info_of(sgl_cipher_alg alg)
{
	return &ciphers[alg];
}

size_t
sgl_cipher_key_len(sgl_cipher_alg alg)
{
	return ciphers[alg].key_len;
}

size_t
sgl_cipher_iv_len(sgl_cipher_alg alg)
{
	return ciphers[alg].iv_len;
}

bool
sgl_cipher_is_aead(sgl_cipher_alg alg)
{
	return ciphers[alg].block == 1;
}

bool
sgl_cipher_is_old(sgl_cipher_alg alg)
{
	return ciphers[alg].old;
}

const char *
sgl_cipher_name(sgl_cipher_alg alg)
{
	return ciphers[alg].name;
}

sgl_cipher_alg
sgl_cipher_find(sgl_slice name)
{
	for (unsigned i = 1; i < SGL_NUM_CIPHERS; i++)
		if (sgl_slice_eq_nocase(name, sgl_slice_str(ciphers[i].name)))
			return (sgl_cipher_alg)i;
	return SGL_CIPHER_NONE;
}

sgl_status
sgl_engine_cipher(
    sgl_engine *engine, sgl_cipher_alg alg, EVP_CIPHER **out, sgl_err *err)
{
	if (alg == SGL_CIPHER_NONE)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "cipher is not supported");
	if (ciphers[alg].legacy)
		TRY(sgl_engine_load_legacy(engine, err));
	if (engine->cipher[alg] == NULL)
		engine->cipher[alg] =
		    EVP_CIPHER_fetch(engine->lib, ciphers[alg].evp, NULL);
	if (engine->cipher[alg] == NULL)
		return sgl_crypto_fail(
		    err, SGL_E_UNSUPPORTED, ROOM, "libcrypto lacks the cipher");
	*out = engine->cipher[alg];
	return SGL_OK;
}

bool
sgl_cipher_iv_fits(sgl_cipher_alg alg, size_t len)
{
	if (alg == SGL_CIPHER_AES128_GCM || alg == SGL_CIPHER_AES192_GCM ||
	    alg == SGL_CIPHER_AES256_GCM)
		return len >= 8 && len <= 16;
	return len == sgl_cipher_iv_len(alg);
}
