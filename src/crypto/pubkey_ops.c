/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#define ROOM "crypto.pubkey"

static bool
scheme_fits(sgl_key_kind kind, sgl_sig_scheme scheme)
{
	switch (scheme) {
	case SGL_SIG_NONE:
		break;
	case SGL_SIG_RSA_PKCS1:
	case SGL_SIG_RSA_PSS:
		return kind == SGL_KEY_RSA;
	case SGL_SIG_ECDSA:
		return sgl_kind_is_ec(kind);
	case SGL_SIG_ED25519:
		return kind == SGL_KEY_ED25519;
	}
	return false;
}

/* RFC 4055 3.3: the parameters in a key bind its signatures, the salt at
 * least as long. */
static bool
limit_fits(const sgl_pss_limit *limit, const sgl_sig_alg *alg)
{
	if (!limit->only_pss)
		return true;
	if (alg->scheme != SGL_SIG_RSA_PSS)
		return false;
	return !limit->has_params ||
	    (alg->digest == limit->digest && alg->mgf == limit->mgf &&
		alg->salt_len >= limit->min_salt);
}

sgl_status
sgl_sig_check(sgl_key_kind kind, const sgl_pss_limit *limit,
    const sgl_sig_alg *alg, sgl_err *err)
{
	if (!scheme_fits(kind, alg->scheme) || !limit_fits(limit, alg))
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "key does not make such signatures", "%s",
		    sgl_key_kind_name(kind));
	return SGL_OK;
}

sgl_status
sgl_pubkey_check_sig(
    const sgl_pubkey *key, const sgl_sig_alg *alg, sgl_err *err)
{
	return sgl_sig_check(key->kind, &key->pss, alg, err);
}

/* A failed verification is a finding, but for want of memory. */
static sgl_status
conclude(int verified, bool *good, sgl_err *err)
{
	if (verified != 1 && sgl_crypto_drain())
		return sgl_oom(err, ROOM);
	*good = verified == 1;
	return SGL_OK;
}

sgl_status
sgl_ed25519_verify(sgl_evp_key *key, sgl_slice message, sgl_slice signature,
    bool *good, sgl_err *err)
{
	static const uint8_t empty[1] = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int verified;

	if (ctx == NULL ||
	    EVP_DigestVerifyInit_ex(
		ctx, NULL, NULL, key->lib, NULL, key->pkey, NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		return sgl_crypto_fail(
		    err, SGL_E_UNSUPPORTED, ROOM, "libcrypto lacks Ed25519");
	}
	verified = EVP_DigestVerify(ctx, signature.data, signature.len,
	    message.len > 0 ? message.data : empty, message.len);
	EVP_MD_CTX_free(ctx);
	return conclude(verified, good, err);
}

/* What libcrypto need not be asked: whether RSA could have made this. */
static bool
rsa_possible(const sgl_pubkey *key, const sgl_sig_alg *alg, size_t sig_len)
{
	uint64_t em_len = (key->bits - 1 + 7) / 8;

	if (sig_len != (key->bits + 7) / 8)
		return false;
	return alg->scheme != SGL_SIG_RSA_PSS ||
	    em_len >= sgl_digest_len(alg->digest) + 2 + (uint64_t)alg->salt_len;
}

sgl_status
sgl_pubkey_verify_digest(sgl_engine *engine, sgl_pubkey *key,
    const sgl_sig_alg *alg, sgl_slice digest, sgl_slice signature, bool *good,
    sgl_err *err)
{
	sgl_op op = sgl_op_for_sig(SGL_OP_VERIFY, alg);
	EVP_PKEY_CTX *ctx = NULL;
	EVP_MD *md = NULL;

	TRY(sgl_sig_check(key->kind, &key->pss, alg, err));
	TRY(sgl_engine_md(engine, alg->digest, &md, err));
	if (alg->scheme == SGL_SIG_RSA_PSS)
		TRY(sgl_engine_md(engine, alg->mgf, &md, err));
	if (alg->scheme == SGL_SIG_ED25519 ||
	    digest.len != sgl_digest_len(alg->digest))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "not a digest for that kind of signature");
	if (key->kind == SGL_KEY_RSA &&
	    !rsa_possible(key, alg, signature.len)) {
		*good = false;
		return SGL_OK;
	}
	TRY(sgl_evp_key_ctx(engine, &key->evp, &op, &ctx, err));
	return conclude(EVP_PKEY_verify(ctx, signature.data, signature.len,
			    digest.data, digest.len),
	    good, err);
}

sgl_status
sgl_pubkey_verify(sgl_engine *engine, sgl_pubkey *key, const sgl_sig_alg *alg,
    sgl_slice message, sgl_slice signature, bool *good, sgl_err *err)
{
	sgl_digest digest;

	TRY(sgl_sig_check(key->kind, &key->pss, alg, err));
	if (alg->scheme == SGL_SIG_ED25519)
		return sgl_ed25519_verify(
		    &key->evp, message, signature, good, err);
	TRY(sgl_hash_once(engine, alg->digest, message, &digest, err));
	return sgl_pubkey_verify_digest(
	    engine, key, alg, sgl_digest_slice(&digest), signature, good, err);
}

static sgl_status
encrypt_ctx(sgl_engine *engine, sgl_pubkey *key, const sgl_oaep *oaep,
    EVP_PKEY_CTX **ctx, size_t *overhead, sgl_err *err)
{
	sgl_op v15 = {.kind = SGL_OP_ENCRYPT, .padding = SGL_PAD_PKCS1};

	/* RFC 8017 7.2.1 and 7.1.1. */
	*overhead = oaep == NULL ? 11 : 2 * sgl_digest_len(oaep->digest) + 2;
	if (oaep == NULL)
		return sgl_evp_key_ctx(engine, &key->evp, &v15, ctx, err);
	return sgl_oaep_prepare(
	    engine, &key->evp, SGL_OP_ENCRYPT, oaep, ctx, err);
}

sgl_status
sgl_pubkey_encrypt(sgl_engine *engine, sgl_pubkey *key, const sgl_oaep *oaep,
    sgl_slice in, sgl_buf *out, sgl_err *err)
{
	size_t modulus_len = (key->bits + 7) / 8, got = modulus_len, overhead;
	EVP_PKEY_CTX *ctx = NULL;

	if (key->kind != SGL_KEY_RSA || key->pss.only_pss)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "key does not encrypt", "%s", sgl_key_kind_name(key->kind));
	TRY(encrypt_ctx(engine, key, oaep, &ctx, &overhead, err));
	if (in.len + overhead > modulus_len)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "too much for one RSA encryption");
	TRY(sgl_buf_reserve(out, modulus_len, err));
	if (EVP_PKEY_encrypt(
		ctx, out->data + out->len, &got, in.data, in.len) != 1 ||
	    got != modulus_len)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "RSA encryption failed");
	out->len += got;
	return SGL_OK;
}

/* A generator of ephemeral keys, set up once per kind. */
static sgl_status
keygen_ctx(
    sgl_engine *engine, sgl_key_kind kind, EVP_PKEY_CTX **out, sgl_err *err)
{
	const sgl_kind_info *info = sgl_kind_info_of(kind);
	OSSL_PARAM params[] = {OSSL_PARAM_END, OSSL_PARAM_END};
	SGL_AUTO_PKEY_CTX ctx = NULL;

	if (engine->keygen[kind] == NULL) {
		if (info->group != NULL)
			params[0] = sgl_param_utf8(
			    OSSL_PKEY_PARAM_GROUP_NAME, info->group);
		ctx = EVP_PKEY_CTX_new_from_name(engine->lib, info->evp, NULL);
		if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
		    (info->group != NULL &&
			EVP_PKEY_CTX_set_params(ctx, params) != 1))
			return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
			    "libcrypto lacks that kind of key");
		engine->keygen[kind] = SGL_TAKE(&ctx);
	}
	*out = engine->keygen[kind];
	return SGL_OK;
}

sgl_status
sgl_engine_keygen(
    sgl_engine *engine, sgl_key_kind kind, EVP_PKEY **out, sgl_err *err)
{
	EVP_PKEY_CTX *ctx = NULL;

	TRY(keygen_ctx(engine, kind, &ctx, err));
	*out = NULL;
	if (EVP_PKEY_generate(ctx, out) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key cannot be made");
	return SGL_OK;
}

static sgl_status
derive(sgl_engine *engine, EVP_PKEY *own, EVP_PKEY *peer, sgl_secret *secret,
    sgl_err *err)
{
	uint8_t shared[SGL_SHARED_MAX];
	size_t len = sizeof shared;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(engine->lib, own, NULL);
	sgl_status status;

	/* The peer's point was checked when it was read. */
	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1 ||
	    EVP_PKEY_derive(ctx, shared, &len) != 1)
		status = sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key agreement failed");
	else
		status = sgl_secret_set(secret, sgl_slice_of(shared, len), err);
	sgl_mem_wipe(shared, sizeof shared);
	EVP_PKEY_CTX_free(ctx);
	return status;
}

sgl_status
sgl_pubkey_agree(sgl_engine *engine, sgl_pubkey *key, sgl_buf *point,
    sgl_secret *secret, sgl_err *err)
{
	SGL_AUTO_PKEY own = NULL;
	uint8_t encoded[SGL_POINT_MAX];
	size_t len = 0;

	if (!sgl_kind_is_ec(key->kind) && key->kind != SGL_KEY_X25519)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "key does not agree on secrets", "%s",
		    sgl_key_kind_name(key->kind));
	TRY(sgl_engine_keygen(engine, key->kind, &own, err));
	if (EVP_PKEY_get_octet_string_param(own,
		OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, encoded, sizeof encoded,
		&len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "public key cannot be written");
	TRY(sgl_buf_reserve(point, len, err));
	TRY(derive(engine, own, key->evp.pkey, secret, err));
	return sgl_buf_add(point, sgl_slice_of(encoded, len), err);
}
