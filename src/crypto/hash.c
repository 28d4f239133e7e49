/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/rand.h>

#include "crypto/engine.h"

#define ROOM "crypto.hash"
#define MAX_SPARES 4 /* spent contexts kept per digest */

static const struct {
	const char *name, *evp;
	size_t len;
} digests[SGL_NUM_DIGESTS] = {
    [SGL_DIGEST_NONE] = {"none", NULL, 0},
    [SGL_DIGEST_MD5] = {"md5", "MD5", 16},
    [SGL_DIGEST_SHA1] = {"sha1", "SHA1", 20},
    [SGL_DIGEST_SHA224] = {"sha224", "SHA2-224", 28},
    [SGL_DIGEST_SHA256] = {"sha256", "SHA2-256", 32},
    [SGL_DIGEST_SHA384] = {"sha384", "SHA2-384", 48},
    [SGL_DIGEST_SHA512] = {"sha512", "SHA2-512", 64},
};

struct sgl_hash {
	sgl_engine *engine;
	sgl_hash *next; /* in the list of spares */
	EVP_MD_CTX *ctx;
	sgl_digest_alg alg;
};

size_t
sgl_digest_len(sgl_digest_alg alg)
{
	return digests[alg].len;
}

const char *
sgl_digest_name(sgl_digest_alg alg)
{
	return digests[alg].name;
}

const char *
sgl_digest_evp_name(sgl_digest_alg alg)
{
	return digests[alg].evp;
}

/* Names differ in case and hyphens alone: SHA-256, sha256. */
static bool
same_name(sgl_slice given, const char *name)
{
	for (size_t i = 0; i < given.len; i++) {
		uint8_t c = given.data[i];
		if (c == '-')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c - 'A' + 'a');
		if (*name == '\0' || c != (uint8_t)*name++)
			return false;
	}
	return *name == '\0';
}

sgl_digest_alg
sgl_digest_find(sgl_slice name)
{
	for (unsigned i = SGL_DIGEST_MD5; i < SGL_NUM_DIGESTS; i++)
		if (same_name(name, digests[i].name))
			return (sgl_digest_alg)i;
	return SGL_DIGEST_NONE;
}

sgl_status
sgl_engine_md(
    sgl_engine *engine, sgl_digest_alg alg, EVP_MD **out, sgl_err *err)
{
	if (alg == SGL_DIGEST_NONE || alg == SGL_DIGEST_MD5)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "digest is not supported", "%s", digests[alg].name);
	if (engine->md[alg] == NULL)
		engine->md[alg] =
		    EVP_MD_fetch(engine->lib, digests[alg].evp, NULL);
	if (engine->md[alg] == NULL)
		return sgl_crypto_fail(
		    err, SGL_E_UNSUPPORTED, ROOM, "libcrypto lacks the digest");
	*out = engine->md[alg];
	return SGL_OK;
}

static void
destroy(sgl_hash *h)
{
	EVP_MD_CTX_free(h->ctx);
	sgl_mem_free(h);
}

static sgl_status
create(sgl_engine *engine, sgl_digest_alg alg, sgl_hash **out, sgl_err *err)
{
	sgl_hash *h = sgl_mem_zeroed(1, sizeof *h);

	if (h == NULL)
		return sgl_oom(err, ROOM);
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL) {
		sgl_mem_free(h);
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	}
	h->engine = engine;
	h->alg = alg;
	*out = h;
	return SGL_OK;
}

sgl_status
sgl_hash_new(
    sgl_engine *engine, sgl_digest_alg alg, sgl_hash **out, sgl_err *err)
{
	EVP_MD *md = NULL;
	sgl_hash *h;

	TRY(sgl_engine_md(engine, alg, &md, err));
	h = engine->spare_hash[alg];
	if (h != NULL)
		engine->spare_hash[alg] = h->next;
	else
		TRY(create(engine, alg, &h, err));
	if (EVP_DigestInit_ex2(h->ctx, md, NULL) != 1) {
		destroy(h);
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "digest cannot be started");
	}
	*out = h;
	return SGL_OK;
}

sgl_status
sgl_hash_update(sgl_hash *h, sgl_slice in, sgl_err *err)
{
	if (in.len == 0)
		return SGL_OK;
	if (EVP_DigestUpdate(h->ctx, in.data, in.len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "digest cannot go on");
	return SGL_OK;
}

static sgl_status
final(EVP_MD_CTX *ctx, sgl_digest *out, sgl_err *err)
{
	sgl_digest value = {0};
	unsigned len = 0;

	if (EVP_DigestFinal_ex(ctx, value.bytes, &len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "digest cannot be ended");
	value.len = len;
	*out = value;
	return SGL_OK;
}

sgl_status
sgl_hash_value(const sgl_hash *h, sgl_digest *out, sgl_err *err)
{
	sgl_engine *engine = h->engine;

	if (engine->scratch == NULL)
		engine->scratch = EVP_MD_CTX_new();
	if (engine->scratch == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	if (EVP_MD_CTX_copy_ex(engine->scratch, h->ctx) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "digest cannot be copied");
	return final(engine->scratch, out, err);
}

void
sgl_hash_free(sgl_hash *h)
{
	sgl_hash **list;
	unsigned num = 0;

	if (h == NULL)
		return;
	list = &h->engine->spare_hash[h->alg];
	for (const sgl_hash *s = *list; s != NULL; s = s->next)
		num++;
	if (num >= MAX_SPARES) {
		destroy(h);
		return;
	}
	h->next = *list;
	*list = h;
}

void
sgl_hash_drop_spares(sgl_engine *engine)
{
	for (unsigned i = 0; i < SGL_NUM_DIGESTS; i++)
		while (engine->spare_hash[i] != NULL) {
			sgl_hash *h = engine->spare_hash[i];
			engine->spare_hash[i] = h->next;
			destroy(h);
		}
}

sgl_status
sgl_hash_once(sgl_engine *engine, sgl_digest_alg alg, sgl_slice in,
    sgl_digest *out, sgl_err *err)
{
	SGL_AUTO(sgl_hash)
	h = NULL;

	TRY(sgl_hash_new(engine, alg, &h, err));
	TRY(sgl_hash_update(h, in, err));
	return final(h->ctx, out, err);
}

/* The context remembers its digest; a key alone starts it anew. */
static sgl_status
keep_hmac(sgl_engine *engine, sgl_digest_alg alg, sgl_err *err)
{
	OSSL_PARAM params[] = {
	    sgl_param_utf8(OSSL_MAC_PARAM_DIGEST, sgl_digest_evp_name(alg)),
	    OSSL_PARAM_END};
	EVP_MD *md = NULL;
	EVP_MAC *mac;
	EVP_MAC_CTX *ctx;

	TRY(sgl_engine_md(engine, alg, &md, err));
	mac = EVP_MAC_fetch(engine->lib, "HMAC", NULL);
	ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (ctx == NULL || EVP_MAC_CTX_set_params(ctx, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		return sgl_crypto_fail(
		    err, SGL_E_UNSUPPORTED, ROOM, "libcrypto lacks HMAC");
	}
	engine->hmac[alg] = ctx;
	return SGL_OK;
}

sgl_status
sgl_hmac(sgl_engine *engine, sgl_digest_alg alg, sgl_slice key, sgl_slice in,
    sgl_digest *out, sgl_err *err)
{
	static const uint8_t zero[1] = {0};
	const uint8_t *key_data = key.len == 0 ? zero : key.data;
	sgl_digest value = {0};
	EVP_MAC_CTX *ctx;
	bool ok;

	if (engine->hmac[alg] == NULL)
		TRY(keep_hmac(engine, alg, err));
	ctx = engine->hmac[alg];
	ok = EVP_MAC_init(ctx, key_data, key.len, NULL) == 1 &&
	    (in.len == 0 || EVP_MAC_update(ctx, in.data, in.len) == 1) &&
	    EVP_MAC_final(ctx, value.bytes, &value.len, SGL_DIGEST_MAX) == 1;
	/* A known key drives the secret one out of the kept context. */
	if (!ok || EVP_MAC_init(ctx, zero, sizeof zero, NULL) != 1) {
		EVP_MAC_CTX_free(ctx);
		engine->hmac[alg] = NULL;
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "HMAC cannot be made");
	}
	*out = value;
	return SGL_OK;
}

sgl_status
sgl_random(sgl_engine *engine, uint8_t *buf, size_t len, sgl_err *err)
{
	if (RAND_priv_bytes_ex(engine->lib, buf, len, 0) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "no random bytes to be had");
	return SGL_OK;
}
