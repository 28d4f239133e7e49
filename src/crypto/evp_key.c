/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#define ROOM "crypto.key"

void
sgl_evp_key_clear(sgl_evp_key *key)
{
	for (unsigned i = 0; i < SGL_KEPT_OPS; i++)
		EVP_PKEY_CTX_free(key->kept[i].ctx);
	EVP_PKEY_free(key->pkey);
	*key = (sgl_evp_key){0};
}

static bool
same_op(const sgl_op *a, const sgl_op *b)
{
	return a->kind == b->kind && a->padding == b->padding &&
	    a->digest == b->digest && a->mgf == b->mgf &&
	    a->salt_len == b->salt_len && a->labelled == b->labelled;
}

static int
init(EVP_PKEY_CTX *ctx, sgl_op_kind kind, const OSSL_PARAM *params)
{
	switch (kind) {
	case SGL_OP_NONE:
		break;
	case SGL_OP_SIGN:
		return EVP_PKEY_sign_init_ex(ctx, params);
	case SGL_OP_VERIFY:
		return EVP_PKEY_verify_init_ex(ctx, params);
	case SGL_OP_ENCRYPT:
		return EVP_PKEY_encrypt_init_ex(ctx, params);
	case SGL_OP_DECRYPT:
		return EVP_PKEY_decrypt_init_ex(ctx, params);
	case SGL_OP_DERIVE:
		return EVP_PKEY_derive_init_ex(ctx, params);
	}
	return 0;
}

/* Signatures and encryption share the names of these parameters. */
static int
init_padded(EVP_PKEY_CTX *ctx, const sgl_op *op)
{
	static const char *const modes[] = {
	    [SGL_PAD_RAW] = OSSL_PKEY_RSA_PAD_MODE_NONE,
	    [SGL_PAD_PKCS1] = OSSL_PKEY_RSA_PAD_MODE_PKCSV15,
	    [SGL_PAD_PSS] = OSSL_PKEY_RSA_PAD_MODE_PSS,
	    [SGL_PAD_OAEP] = OSSL_PKEY_RSA_PAD_MODE_OAEP,
	};
	OSSL_PARAM params[5];
	int salt_len = (int)op->salt_len;
	size_t n = 0;

	if (op->padding != SGL_PAD_UNSET)
		params[n++] = sgl_param_utf8(
		    OSSL_PKEY_PARAM_PAD_MODE, modes[op->padding]);
	if (op->digest != SGL_DIGEST_NONE)
		params[n++] = sgl_param_utf8(
		    OSSL_PKEY_PARAM_DIGEST, sgl_digest_evp_name(op->digest));
	if (op->mgf != SGL_DIGEST_NONE)
		params[n++] = sgl_param_utf8(
		    OSSL_PKEY_PARAM_MGF1_DIGEST, sgl_digest_evp_name(op->mgf));
	if (op->padding == SGL_PAD_PSS)
		params[n++] = OSSL_PARAM_construct_int(
		    OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_len);
	params[n] = OSSL_PARAM_construct_end();
	return init(ctx, op->kind, params);
}

/* Digests are refused by our rules before libcrypto hears of them. */
static sgl_status
check_digests(sgl_engine *engine, const sgl_op *op, sgl_err *err)
{
	EVP_MD *md = NULL;

	if (op->digest != SGL_DIGEST_NONE)
		TRY(sgl_engine_md(engine, op->digest, &md, err));
	if (op->mgf != SGL_DIGEST_NONE)
		TRY(sgl_engine_md(engine, op->mgf, &md, err));
	return SGL_OK;
}

sgl_status
sgl_evp_key_ctx(sgl_engine *engine, sgl_evp_key *key, const sgl_op *op,
    EVP_PKEY_CTX **out, sgl_err *err)
{
	SGL_AUTO_PKEY_CTX ctx = NULL;

	for (unsigned i = 0; i < SGL_KEPT_OPS; i++)
		if (key->kept[i].ctx != NULL && same_op(&key->kept[i].op, op)) {
			*out = key->kept[i].ctx;
			return SGL_OK;
		}
	TRY(check_digests(engine, op, err));
	ctx = EVP_PKEY_CTX_new_from_pkey(key->lib, key->pkey, NULL);
	if (ctx == NULL || init_padded(ctx, op) != 1)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto cannot use the key that way");
	EVP_PKEY_CTX_free(key->kept[key->next].ctx);
	key->kept[key->next].op = *op;
	*out = key->kept[key->next].ctx = SGL_TAKE(&ctx);
	key->next = (key->next + 1) % SGL_KEPT_OPS;
	return SGL_OK;
}

sgl_op
sgl_op_for_sig(sgl_op_kind kind, const sgl_sig_alg *alg)
{
	sgl_op op = {.kind = kind};

	if (alg->scheme == SGL_SIG_RSA_PKCS1) {
		op.padding = SGL_PAD_PKCS1;
		op.digest = alg->digest;
	} else if (alg->scheme == SGL_SIG_RSA_PSS) {
		op.padding = SGL_PAD_PSS;
		op.digest = alg->digest;
		op.mgf = alg->mgf;
		op.salt_len = alg->salt_len;
	}
	/* ECDSA takes any digest as it comes. */
	return op;
}

sgl_status
sgl_oaep_prepare(sgl_engine *engine, sgl_evp_key *key, sgl_op_kind kind,
    const sgl_oaep *oaep, EVP_PKEY_CTX **out, sgl_err *err)
{
	sgl_op op = {.kind = kind,
	    .padding = SGL_PAD_OAEP,
	    .digest = oaep->digest,
	    .mgf = oaep->mgf,
	    .labelled = oaep->label.len > 0};
	OSSL_PARAM label[] = {
	    sgl_param_octets(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, oaep->label),
	    OSSL_PARAM_END};
	EVP_MD *md = NULL;

	/* NONE would mean libcrypto's default. */
	TRY(sgl_engine_md(engine, oaep->digest, &md, err));
	TRY(sgl_engine_md(engine, oaep->mgf, &md, err));
	TRY(sgl_evp_key_ctx(engine, key, &op, out, err));
	if (op.labelled && EVP_PKEY_CTX_set_params(*out, label) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "label cannot be set");
	return SGL_OK;
}
