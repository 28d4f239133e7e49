/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of a private key in memory. */
#include "crypto/key.h"

#define ROOM "crypto.key"

static sgl_status
cannot(const sgl_key *key, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "key cannot do that", "%s", sgl_key_kind_name(key->kind));
}

sgl_status
sgl_ed25519_sign(
    sgl_evp_key *key, sgl_slice message, sgl_key_answer *answer, sgl_err *err)
{
	static const uint8_t empty[1] = {0};
	const uint8_t *data = message.len > 0 ? message.data : empty;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof answer->bytes;
	bool ok;

	ok = ctx != NULL &&
	    EVP_DigestSignInit_ex(
		ctx, NULL, NULL, key->lib, NULL, key->pkey, NULL) == 1 &&
	    EVP_DigestSign(ctx, answer->bytes, &len, data, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "signature cannot be made");
	answer->len = len;
	return SGL_OK;
}

/* RFC 8017 9.1.1: the encoded message must hold digest, salt and two bytes. */
static sgl_status
check_salt(const sgl_key *key, const sgl_sig_alg *alg, sgl_err *err)
{
	uint64_t em_len =
	    ((uint64_t)EVP_PKEY_get_bits(key->evp.pkey) - 1 + 7) / 8;

	if (alg->scheme == SGL_SIG_RSA_PSS &&
	    em_len < sgl_digest_len(alg->digest) + 2 + (uint64_t)alg->salt_len)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "RSA key is too short for the salt");
	return SGL_OK;
}

static sgl_status
sign(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_op op = sgl_op_for_sig(SGL_OP_SIGN, &request->sig);
	size_t len = sizeof answer->bytes;
	EVP_PKEY_CTX *ctx = NULL;
	sgl_digest digest;
	EVP_MD *md = NULL;

	TRY(sgl_sig_check(key->kind, &key->pss, &request->sig, err));
	if (key->kind == SGL_KEY_ED25519)
		return sgl_ed25519_sign(&key->evp, request->input, answer, err);
	if (request->sig.scheme == SGL_SIG_RSA_PSS)
		TRY(sgl_engine_md(engine, request->sig.mgf, &md, err));
	TRY(check_salt(key, &request->sig, err));
	TRY(sgl_hash_once(
	    engine, request->sig.digest, request->input, &digest, err));
	TRY(sgl_evp_key_ctx(engine, &key->evp, &op, &ctx, err));
	if (EVP_PKEY_sign(ctx, answer->bytes, &len, digest.bytes, digest.len) !=
	    1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "signature cannot be made");
	answer->len = len;
	return SGL_OK;
}

static sgl_status
unwrap_v15(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	if (key->kind != SGL_KEY_RSA || key->pss.only_pss)
		return cannot(key, err);
	if (request->want_len == 0 || request->want_len > SGL_ANSWER_MAX)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "no such length of key");
	TRY(sgl_rsa_unwrap_v15(engine, key, request->input, request->want_len,
	    answer->bytes, err));
	answer->len = request->want_len;
	return SGL_OK;
}

static sgl_status
unwrap_oaep(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_oaep oaep = {
	    request->oaep_digest, request->oaep_mgf, request->oaep_label};
	size_t len = sizeof answer->bytes;
	EVP_PKEY_CTX *ctx = NULL;

	if (key->kind != SGL_KEY_RSA || key->pss.only_pss)
		return cannot(key, err);
	TRY(sgl_oaep_prepare(
	    engine, &key->evp, SGL_OP_DECRYPT, &oaep, &ctx, err));
	if (request->input.len != key->modulus_len ||
	    EVP_PKEY_decrypt(ctx, answer->bytes, &len, request->input.data,
		request->input.len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NOT_UNWRAPPED);
	answer->len = len;
	return SGL_OK;
}

/*
 * The peer's point goes into a key that already has the curve: to make the
 * curve anew for each would cost more than half as much as the agreement.
 * libcrypto checks that the point lies on the curve.
 */
static sgl_status
peer_point(sgl_engine *engine, sgl_key_kind kind, sgl_slice point,
    EVP_PKEY **out, sgl_err *err)
{
	if (!sgl_point_is(kind, point))
		return sgl_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET, SGL_NOT_UNWRAPPED);
	if (engine->peer[kind] == NULL)
		TRY(sgl_engine_keygen(engine, kind, &engine->peer[kind], err));
	if (EVP_PKEY_set1_encoded_public_key(
		engine->peer[kind], point.data, point.len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NOT_UNWRAPPED);
	(void)EVP_PKEY_up_ref(engine->peer[kind]);
	*out = engine->peer[kind];
	return SGL_OK;
}

static sgl_status
peer_x25519(sgl_engine *engine, sgl_slice u, EVP_PKEY **out, sgl_err *err)
{
	if (u.len == SGL_RAW_KEY_LEN)
		*out = EVP_PKEY_new_raw_public_key_ex(
		    engine->lib, "X25519", NULL, u.data, u.len);
	if (*out == NULL)
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NOT_UNWRAPPED);
	return SGL_OK;
}

sgl_status
sgl_point_expand(sgl_engine *engine, sgl_key_kind kind, sgl_slice point,
    uint8_t out[SGL_POINT_MAX], size_t *len, sgl_err *err)
{
	SGL_AUTO_PKEY peer = NULL;

	if (sgl_kind_is_ec(kind))
		TRY(peer_point(engine, kind, point, &peer, err));
	else
		TRY(peer_x25519(engine, point, &peer, err));
	return sgl_key_get_point(peer, out, len, err);
}

static sgl_status
agree(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_op op = {.kind = SGL_OP_DERIVE};
	size_t len = sizeof answer->bytes;
	EVP_PKEY_CTX *ctx = NULL;
	SGL_AUTO_PKEY peer = NULL;

	if (sgl_kind_is_ec(key->kind))
		TRY(peer_point(engine, key->kind, request->input, &peer, err));
	else if (key->kind == SGL_KEY_X25519)
		TRY(peer_x25519(engine, request->input, &peer, err));
	else
		return cannot(key, err);
	TRY(sgl_evp_key_ctx(engine, &key->evp, &op, &ctx, err));
	if (EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1 ||
	    EVP_PKEY_derive(ctx, answer->bytes, &len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NOT_UNWRAPPED);
	answer->len = len;
	return SGL_OK;
}

sgl_status
sgl_key_ask_local(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err)
{
	switch (request->op) {
	case SGL_KEY_SIGN:
		return sign(engine, key, request, answer, err);
	case SGL_KEY_RSA_V15:
		return unwrap_v15(engine, key, request, answer, err);
	case SGL_KEY_RSA_OAEP:
		return unwrap_oaep(engine, key, request, answer, err);
	case SGL_KEY_ECDH:
		return agree(engine, key, request, answer, err);
	}
	return cannot(key, err);
}
