/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include <openssl/err.h>

#include "base/limits.h"
#include "crypto/engine.h"

#define ROOM "crypto.engine"
#define MAX_FACTS 1024

bool
sgl_crypto_drain(void)
{
	bool no_memory = false;
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			no_memory = true;
	return no_memory;
}

sgl_status
sgl_crypto_fail(
    sgl_err *err, sgl_status status, const char *room, const char *text)
{
	if (sgl_crypto_drain())
		return sgl_oom(err, room);
	return sgl_fail(err, status, room, SGL_NO_OFFSET, text);
}

OSSL_PARAM
sgl_param_octets(const char *key, sgl_slice value)
{
	static const uint8_t nothing[1] = {0};
	const uint8_t *data = value.len == 0 ? nothing : value.data;

	return OSSL_PARAM_construct_octet_string(
	    key, (void *)(uintptr_t)data, value.len);
}

OSSL_PARAM
sgl_param_utf8(const char *key, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(
	    key, (char *)(uintptr_t)value, 0);
}

static sgl_time
system_clock(void *ctx)
{
	(void)ctx;
	return (sgl_time)time(NULL);
}

/* A context of our own reads no configuration file, and what a program around
 * us loads into the shared one cannot reach us. */
static sgl_status
open_libcrypto(sgl_engine *engine, sgl_err *err)
{
	engine->lib = OSSL_LIB_CTX_new();
	if (engine->lib == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	engine->base = OSSL_PROVIDER_load(engine->lib, "default");
	if (engine->base == NULL)
		return sgl_crypto_fail(err, SGL_E_CRYPTO, ROOM,
		    "libcrypto's default provider cannot be loaded");
	return SGL_OK;
}

sgl_status
sgl_engine_new(const sgl_engine_config *config, sgl_engine **out, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = sgl_mem_zeroed(1, sizeof *engine);

	if (engine == NULL)
		return sgl_oom(err, ROOM);
	engine->limits =
	    sgl_limits_fill(config == NULL ? NULL : config->limits);
	engine->now = system_clock;
	if (config != NULL && config->now != NULL) {
		engine->now = config->now;
		engine->now_ctx = config->now_ctx;
	}
	TRY(open_libcrypto(engine, err));
	*out = SGL_TAKE(&engine);
	return SGL_OK;
}

static void
free_fetched(sgl_engine *engine)
{
	for (unsigned i = 0; i < SGL_NUM_DIGESTS; i++) {
		EVP_MD_free(engine->md[i]);
		EVP_MAC_CTX_free(engine->hmac[i]);
	}
	for (unsigned i = 0; i < SGL_NUM_CIPHERS; i++)
		EVP_CIPHER_free(engine->cipher[i]);
	for (unsigned i = 0; i < SGL_NUM_RAW; i++)
		EVP_CIPHER_free(engine->raw[i]);
	for (unsigned i = 0; i < SGL_NUM_KDFS; i++)
		EVP_KDF_free(engine->kdf[i]);
	for (unsigned i = 0; i < SGL_NUM_KINDS; i++) {
		EVP_PKEY_CTX_free(engine->import[i]);
		EVP_PKEY_CTX_free(engine->keygen[i]);
		EVP_PKEY_free(engine->curve[i]);
		EC_GROUP_free(engine->group[i]);
		EVP_PKEY_free(engine->peer[i]);
	}
}

void
sgl_engine_forget(sgl_engine *engine)
{
	/* Facts may hold keys, keys hold fetched algorithms. */
	sgl_lru_empty(engine->facts);
	sgl_lru_empty(engine->pubkeys);
}

void
sgl_engine_free(sgl_engine *engine)
{
	if (engine == NULL)
		return;
	sgl_engine_forget(engine);
	sgl_lru_free(engine->facts);
	sgl_lru_free(engine->pubkeys);
	sgl_hash_drop_spares(engine);
	EVP_MD_CTX_free(engine->scratch);
	free_fetched(engine);
	if (engine->legacy != NULL)
		(void)OSSL_PROVIDER_unload(engine->legacy);
	if (engine->base != NULL)
		(void)OSSL_PROVIDER_unload(engine->base);
	OSSL_LIB_CTX_free(engine->lib);
	sgl_mem_free(engine);
}

sgl_time
sgl_engine_now(const sgl_engine *engine)
{
	return engine->now(engine->now_ctx);
}

const sgl_limits *
sgl_engine_limits(const sgl_engine *engine)
{
	return &engine->limits;
}

sgl_status
sgl_engine_load_legacy(sgl_engine *engine, sgl_err *err)
{
	if (engine->legacy != NULL)
		return SGL_OK;
	engine->legacy = OSSL_PROVIDER_load(engine->lib, "legacy");
	if (engine->legacy == NULL)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto's legacy provider cannot be loaded");
	return SGL_OK;
}

void *
sgl_engine_recall(sgl_engine *engine, const uint8_t digest[32])
{
	if (engine->facts == NULL)
		return NULL;
	return sgl_lru_find(engine->facts, digest);
}

sgl_status
sgl_engine_remember(sgl_engine *engine, const uint8_t digest[32], void *value,
    void (*drop)(void *), sgl_err *err)
{
	if (engine->facts == NULL)
		TRY(sgl_lru_new(MAX_FACTS, &engine->facts, err));
	sgl_lru_add(engine->facts, digest, value, drop);
	return SGL_OK;
}
