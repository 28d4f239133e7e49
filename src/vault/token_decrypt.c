/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA decryption. A token that looks at PKCS#1 v1.5 padding itself says whether
 * it was good, in words or by its time, and so becomes an oracle
 * (Bleichenbacher's attack). Therefore the bare operation is asked for and the
 * padding looked at here, in constant time and with implicit rejection
 * (crypto/unpad.h). Only where a token has no bare operation does its own
 * judgement stand, and even then the answer to a bad ciphertext is one.
 */
#include "crypto/unpad.h"
#include "vault/token_inside.h"

typedef struct block {
	size_t len;
	uint8_t bytes[SGL_ANSWER_MAX];
} block;

static void
block_wipe(block *b)
{
	sgl_mem_wipe(b, sizeof *b);
}
SGL_AUTO_CLEAR_TYPE(block, block_wipe)

/* *good: there is an answer. Whatever of a failure may depend on the
 * ciphertext leaves it false, and is SGL_OK. */
static sgl_status
run(sgl_token_key *k, CK_MECHANISM *mechanism, sgl_slice in, block *out,
    bool *good, bool *refused, sgl_err *err)
{
	sgl_token *t = k->token;
	CK_ULONG len = sizeof out->bytes;
	CK_RV rv;

	*good = false;
	TRY(sgl_token_start(
	    k, t->module->C_DecryptInit, mechanism, refused, err));
	if (*refused)
		return SGL_OK;
	rv = t->module->C_Decrypt(
	    t->session, sgl_token_bytes(in), in.len, out->bytes, &len);
	if (sgl_token_is_outage(rv))
		return sgl_token_fail(t, rv, err);
	*good = rv == CKR_OK && len <= sizeof out->bytes;
	out->len = *good ? len : 0;
	return SGL_OK;
}

/* The bare operation: a block as long as the modulus. Some modules drop the
 * zeros in front. */
static sgl_status
run_raw(sgl_token_key *k, sgl_slice in, block *em, bool *good, bool *refused,
    sgl_err *err)
{
	CK_MECHANISM mechanism = {CKM_RSA_X_509, NULL, 0};
	size_t missing;

	TRY(run(k, &mechanism, in, em, good, refused, err));
	*good = *good && em->len <= k->len;
	if (!*good)
		return SGL_OK;
	missing = k->len - em->len;
	memmove(em->bytes + missing, em->bytes, em->len);
	memset(em->bytes, 0, missing);
	em->len = k->len;
	return SGL_OK;
}

/* A block below every modulus of that length. */
static sgl_slice
constant_block(const sgl_token_key *k, uint8_t out[SGL_ANSWER_MAX])
{
	static const char text[] =
	    "what stands for malformed ciphertexts is drawn from this block ";

	out[0] = 0;
	for (size_t i = 1; i < k->len; i++)
		out[i] = (uint8_t)text[(i - 1) % (sizeof text - 1)];
	return sgl_slice_of(out, k->len);
}

/* A signature over what is no DigestInfo, and so over nothing that anybody
 * signs. */
static sgl_status
sign_constant(sgl_token_key *k, block *out, bool *good, sgl_err *err)
{
	sgl_token *t = k->token;
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	CK_ULONG len = sizeof out->bytes;
	uint8_t text[32];
	sgl_slice constant;
	CK_RV rv;

	*good = false;
	rv = t->module->C_SignInit(t->session, &mechanism, k->object);
	if (rv == CKR_KEY_FUNCTION_NOT_PERMITTED || sgl_token_is_refusal(rv))
		return SGL_OK;
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	memset(text, 's', sizeof text);
	constant = sgl_slice_of(text, sizeof text);
	rv = t->module->C_Sign(t->session, sgl_token_bytes(constant),
	    constant.len, out->bytes, &len);
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	out->len = len;
	*good = true;
	return SGL_OK;
}

/*
 * The secret from which answers to bad ciphertexts are drawn: fixed for the
 * key, so that a message gets the same answer each time, and of use to nobody
 * else. Where the key can do nothing of the kind it lasts as long as we do.
 */
static sgl_status
make_seed(sgl_token_key *k, sgl_err *err)
{
	uint8_t constant[SGL_ANSWER_MAX];
	SGL_AUTO_CLEAR(block) out;
	bool good, refused;
	sgl_engine *engine = k->token->engine;

	if (k->has_seed)
		return SGL_OK;
	TRY(run_raw(
	    k, constant_block(k, constant), &out, &good, &refused, err));
	k->is_raw = good;
	if (!good && !k->always_authenticate)
		TRY(sign_constant(k, &out, &good, err));
	if (!good) {
		out.len = 32;
		TRY(sgl_random(engine, out.bytes, out.len, err));
	}
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256,
	    sgl_slice_of(out.bytes, out.len), &k->seed, err));
	k->has_seed = true;
	return SGL_OK;
}

static sgl_status
unwrap_raw(sgl_token_key *k, const sgl_key_request *request, uint8_t *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(block) em;
	bool good, refused;

	TRY(run_raw(k, request->input, &em, &good, &refused, err));
	if (refused)
		return sgl_token_cannot(k, err);
	/* Too long, or not below the modulus: everybody can see that. */
	if (!good) {
		memset(em.bytes, 0xff, k->len);
		em.len = k->len;
	}
	return sgl_rsa_v15_unpad(k->token->engine, sgl_digest_slice(&k->seed),
	    request->input, sgl_slice_of(em.bytes, em.len), out,
	    request->want_len, err);
}

static sgl_status
unwrap_padded(sgl_token_key *k, const sgl_key_request *request, uint8_t *out,
    sgl_err *err)
{
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	SGL_AUTO_CLEAR(block) plain, drawn;
	bool good, refused;

	TRY(sgl_rsa_v15_draw(k->token->engine, sgl_digest_slice(&k->seed),
	    request->input, drawn.bytes, request->want_len, err));
	TRY(run(k, &mechanism, request->input, &plain, &good, &refused, err));
	if (refused)
		return sgl_token_cannot(k, err);
	good = good && plain.len == request->want_len;
	memcpy(out, good ? plain.bytes : drawn.bytes, request->want_len);
	return SGL_OK;
}

sgl_status
sgl_token_unwrap_v15(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	size_t want = request->want_len;

	if (sgl_pubkey_get_kind(k->public) != SGL_KEY_RSA)
		return sgl_token_cannot(k, err);
	if (want == 0 || want > sizeof answer->bytes)
		return sgl_fail(err, SGL_E_USAGE, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
		    "no such length of key");
	TRY(make_seed(k, err));
	if (k->is_raw)
		TRY(unwrap_raw(k, request, answer->bytes, err));
	else
		TRY(unwrap_padded(k, request, answer->bytes, err));
	answer->len = want;
	return SGL_OK;
}

/* Every fault of a ciphertext says the same. */
static sgl_status
not_unwrapped(sgl_err *err)
{
	return sgl_fail(err, SGL_E_DECRYPT, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
	    "key cannot be unwrapped");
}

/* For a token that does OAEP not at all, or with SHA-1 only. */
static sgl_status
oaep_raw(sgl_token_key *k, const sgl_oaep *oaep, sgl_slice in,
    sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(block) em;
	bool good, refused;
	size_t len = 0;

	TRY(run_raw(k, in, &em, &good, &refused, err));
	if (refused)
		return sgl_token_cannot(k, err);
	if (!good)
		return not_unwrapped(err);
	TRY(sgl_rsa_oaep_unpad(k->token->engine, oaep,
	    sgl_slice_of(em.bytes, em.len), answer->bytes, &len, err));
	answer->len = len;
	return SGL_OK;
}

sgl_status
sgl_token_unwrap_oaep(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	const sgl_oaep oaep = {
	    request->oaep_digest, request->oaep_mgf, request->oaep_label};
	CK_RSA_PKCS_OAEP_PARAMS params = {.source = CKZ_DATA_SPECIFIED,
	    .pSourceData = sgl_token_bytes(oaep.label),
	    .ulSourceDataLen = oaep.label.len};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &params, sizeof params};
	CK_MECHANISM_TYPE unused;
	CK_RSA_PKCS_MGF_TYPE unused_mgf;
	SGL_AUTO_CLEAR(block) plain;
	bool good, refused;

	if (sgl_pubkey_get_kind(k->public) != SGL_KEY_RSA ||
	    !sgl_token_digest(oaep.digest, &params.hashAlg, &unused_mgf) ||
	    !sgl_token_digest(oaep.mgf, &unused, &params.mgf))
		return sgl_token_cannot(k, err);
	if (request->input.len != k->len)
		return not_unwrapped(err);
	TRY(run(k, &mechanism, request->input, &plain, &good, &refused, err));
	if (refused)
		return oaep_raw(k, &oaep, request->input, answer, err);
	if (!good)
		return not_unwrapped(err);
	memcpy(answer->bytes, plain.bytes, plain.len);
	answer->len = plain.len;
	return SGL_OK;
}
