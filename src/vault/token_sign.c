/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures. Digests are made here: it is faster, and no token knows all. */
#include "asn1/builder.h"
#include "pki/cert.h"
#include "vault/token_inside.h"

#define MAX_INFO 128

static const struct {
	sgl_digest_alg alg;
	CK_MECHANISM_TYPE hash;
	CK_RSA_PKCS_MGF_TYPE mgf;
} digests[] = {
    {SGL_DIGEST_SHA1, CKM_SHA_1, CKG_MGF1_SHA1},
    {SGL_DIGEST_SHA224, CKM_SHA224, CKG_MGF1_SHA224},
    {SGL_DIGEST_SHA256, CKM_SHA256, CKG_MGF1_SHA256},
    {SGL_DIGEST_SHA384, CKM_SHA384, CKG_MGF1_SHA384},
    {SGL_DIGEST_SHA512, CKM_SHA512, CKG_MGF1_SHA512},
};

bool
sgl_token_digest(
    sgl_digest_alg alg, CK_MECHANISM_TYPE *hash, CK_RSA_PKCS_MGF_TYPE *mgf)
{
	for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
		if (digests[i].alg == alg) {
			*hash = digests[i].hash;
			*mgf = digests[i].mgf;
			return true;
		}
	return false;
}

static sgl_status
run(sgl_token_key *k, CK_MECHANISM *mechanism, sgl_slice in,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_token *t = k->token;
	CK_ULONG len = sizeof answer->bytes;
	CK_RV rv;

	TRY(sgl_token_start(k, t->module->C_SignInit, mechanism, NULL, err));
	rv = t->module->C_Sign(
	    t->session, sgl_token_bytes(in), in.len, answer->bytes, &len);
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	answer->len = len;
	return SGL_OK;
}

/* DigestInfo (RFC 8017 9.2): here the parameters are NULL. */
static sgl_status
add_digest_info(
    sgl_digest_alg alg, sgl_slice digest, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t info = sgl_derb_open(&b, SGL_SEQUENCE);
	size_t id = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_oid(&b, sgl_oid_der(sgl_digest_alg_oid(alg)));
	sgl_derb_null(&b);
	sgl_derb_close(&b, id);
	sgl_derb_octets(&b, digest);
	sgl_derb_close(&b, info);
	return sgl_derb_end(&b, err);
}

static sgl_status
sign_pkcs1(sgl_token_key *k, const sgl_sig_alg *alg, sgl_slice digest,
    sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(MAX_INFO);
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};

	TRY(add_digest_info(alg->digest, digest, &info, err));
	TRY(run(k, &mechanism, sgl_buf_slice(&info), answer, err));
	return answer->len == k->len ? SGL_OK : sgl_token_odd(k, err);
}

static sgl_status
sign_pss(sgl_token_key *k, const sgl_sig_alg *alg, sgl_slice digest,
    sgl_key_answer *answer, sgl_err *err)
{
	CK_RSA_PKCS_PSS_PARAMS params = {.sLen = alg->salt_len};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_PSS, &params, sizeof params};
	CK_MECHANISM_TYPE unused;
	CK_RSA_PKCS_MGF_TYPE unused_mgf;

	if (!sgl_token_digest(alg->digest, &params.hashAlg, &unused_mgf) ||
	    !sgl_token_digest(alg->mgf, &unused, &params.mgf))
		return sgl_token_cannot(k, err);
	TRY(run(k, &mechanism, digest, answer, err));
	return answer->len == k->len ? SGL_OK : sgl_token_odd(k, err);
}

/* PKCS#11 has r and s side by side; RFC 3279 2.2.3 a SEQUENCE of them. */
static sgl_status
write_ecdsa(sgl_slice both, sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(sizeof answer->bytes);
	sgl_derb b = sgl_derb_over(&der);
	size_t half = both.len / 2, seq = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_unsigned(&b, sgl_slice_first(both, half));
	sgl_derb_unsigned(&b, sgl_slice_from(both, half));
	sgl_derb_close(&b, seq);
	TRY(sgl_derb_end(&b, err));
	memcpy(answer->bytes, der.data, der.len);
	answer->len = der.len;
	return SGL_OK;
}

static sgl_status
sign_ecdsa(
    sgl_token_key *k, sgl_slice digest, sgl_key_answer *answer, sgl_err *err)
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	sgl_key_answer both;

	/* The leftmost bits count (FIPS 186-4 6.4), of which our curves have
	 * whole bytes; some tokens want no more than these. */
	if (digest.len > k->len)
		digest.len = k->len;
	TRY(run(k, &mechanism, digest, &both, err));
	if (both.len != 2 * k->len)
		return sgl_token_odd(k, err);
	return write_ecdsa(sgl_slice_of(both.bytes, both.len), answer, err);
}

static sgl_status
sign_ed25519(
    sgl_token_key *k, sgl_slice message, sgl_key_answer *answer, sgl_err *err)
{
	CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};

	TRY(run(k, &mechanism, message, answer, err));
	return answer->len == 2 * k->len ? SGL_OK : sgl_token_odd(k, err);
}

sgl_status
sgl_token_sign(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	const sgl_sig_alg *alg = &request->sig;
	sgl_digest digest;

	TRY(sgl_pubkey_check_sig(k->public, alg, err));
	if (alg->scheme == SGL_SIG_ED25519)
		return sign_ed25519(k, request->input, answer, err);
	TRY(sgl_hash_once(
	    k->token->engine, alg->digest, request->input, &digest, err));
	if (alg->scheme == SGL_SIG_RSA_PSS)
		return sign_pss(k, alg, sgl_digest_slice(&digest), answer, err);
	if (alg->scheme == SGL_SIG_ECDSA)
		return sign_ecdsa(k, sgl_digest_slice(&digest), answer, err);
	return sign_pkcs1(k, alg, sgl_digest_slice(&digest), answer, err);
}
