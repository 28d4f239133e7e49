/* SPDX-License-Identifier: Apache-2.0 */
/* RSA private keys from DER. */
#include <openssl/bn.h>
#include <openssl/param_build.h>

#include "crypto/key.h"

#define ROOM "crypto.key"

/* The numbers of RSAPrivateKey (RFC 8017 A.1.2) in its order. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUM_PARTS };

typedef struct rsa_parts {
	sgl_slice given[NUM_PARTS];
	BIGNUM *bn[NUM_PARTS];
	BN_CTX *ctx;
} rsa_parts;

static void
rsa_parts_clear(rsa_parts *r)
{
	for (unsigned i = 0; i < NUM_PARTS; i++)
		BN_clear_free(r->bn[i]);
	BN_CTX_free(r->ctx);
}
SGL_AUTO_CLEAR_TYPE(rsa_parts, rsa_parts_clear)

static sgl_status
read_rsa_parts(sgl_der *in, rsa_parts *r, sgl_err *err)
{
	sgl_der body;
	uint64_t version;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) || !sgl_der_done(in))
		return sgl_key_malformed(in, err);
	if (!sgl_der_read_uint(&body, &version))
		return sgl_key_malformed(&body, err);
	if (version != 0)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&body), "RSA key has more than two primes");
	for (unsigned i = 0; i < NUM_PARTS; i++)
		if (!sgl_der_read_unsigned(&body, &r->given[i]) ||
		    r->given[i].len > SGL_RSA_MAX_BYTES)
			return sgl_key_malformed(&body, err);
	if (!sgl_der_done(&body))
		return sgl_key_malformed(&body, err);
	if (r->given[P].len == 0 || r->given[Q].len == 0)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(in), "RSA key lacks its primes");
	return sgl_rsa_check_public(r->given[N], r->given[E], err);
}

static bool
load_bignums(rsa_parts *r)
{
	r->ctx = BN_CTX_secure_new();
	if (r->ctx == NULL)
		return false;
	for (unsigned i = 0; i < NUM_PARTS; i++) {
		r->bn[i] = BN_secure_new();
		if (r->bn[i] == NULL)
			return false;
		BN_set_flags(r->bn[i], BN_FLG_CONSTTIME);
		if (i < DP &&
		    BN_bin2bn(r->given[i].data, (int)r->given[i].len,
			r->bn[i]) == NULL)
			return false;
	}
	return true;
}

/* remainder = d mod (prime - 1), and *fits whether d and e undo each other
 * there. */
static bool
reduce_exponent(
    rsa_parts *r, const BIGNUM *prime, BIGNUM *remainder, bool *fits)
{
	BIGNUM *order = BN_secure_new(), *product = BN_secure_new();
	bool ok = order != NULL && product != NULL;

	if (ok) {
		BN_set_flags(order, BN_FLG_CONSTTIME);
		ok = BN_copy(order, prime) != NULL && BN_sub_word(order, 1) &&
		    BN_mod(remainder, r->bn[D], order, r->ctx) == 1 &&
		    BN_mod_mul(product, remainder, r->bn[E], order, r->ctx) ==
			1;
		*fits = ok && BN_is_one(product);
	}
	BN_clear_free(order);
	BN_clear_free(product);
	return ok;
}

/*
 * Some providers refuse keys without the numbers of the Chinese remainder
 * theorem, and files hold wrong ones: they are computed here. The key fits
 * together if n = pq and e d = 1 modulo p - 1 and q - 1.
 */
static sgl_status
complete_rsa(rsa_parts *r, sgl_err *err)
{
	BIGNUM **bn = r->bn;
	bool p_fits, q_fits;

	if (!load_bignums(r))
		return sgl_key_no_sum(err);
	if (!BN_is_odd(bn[P]) || !BN_is_odd(bn[Q]) || BN_is_one(bn[P]) ||
	    BN_is_one(bn[Q]) || BN_cmp(bn[D], bn[N]) >= 0)
		return sgl_key_mismatch(err);
	if (BN_mul(bn[QINV], bn[P], bn[Q], r->ctx) != 1)
		return sgl_key_no_sum(err);
	if (BN_cmp(bn[QINV], bn[N]) != 0)
		return sgl_key_mismatch(err);
	if (!reduce_exponent(r, bn[P], bn[DP], &p_fits) ||
	    !reduce_exponent(r, bn[Q], bn[DQ], &q_fits))
		return sgl_key_no_sum(err);
	/* An inverse is missing only where p and q share a factor. */
	if (!p_fits || !q_fits ||
	    BN_mod_inverse(bn[QINV], bn[Q], bn[P], r->ctx) == NULL)
		return sgl_key_mismatch(err);
	return SGL_OK;
}

static OSSL_PARAM *
rsa_params(const rsa_parts *r)
{
	static const char *const names[NUM_PARTS] = {
	    [N] = OSSL_PKEY_PARAM_RSA_N,
	    [E] = OSSL_PKEY_PARAM_RSA_E,
	    [D] = OSSL_PKEY_PARAM_RSA_D,
	    [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
	    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
	    [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    [DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    [QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	bool ok = builder != NULL;

	for (unsigned i = 0; ok && i < NUM_PARTS; i++)
		ok = OSSL_PARAM_BLD_push_BN(builder, names[i], r->bn[i]) == 1;
	if (ok)
		params = OSSL_PARAM_BLD_to_param(builder);
	OSSL_PARAM_BLD_free(builder);
	return params;
}

sgl_status
sgl_key_read_rsa(sgl_engine *engine, sgl_der in, const sgl_key_alg *alg,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(rsa_parts) parts = {0};
	SGL_AUTO_PKEY pkey = NULL;
	OSSL_PARAM *params;
	sgl_status status;

	TRY(read_rsa_parts(&in, &parts, err));
	TRY(complete_rsa(&parts, err));
	params = rsa_params(&parts);
	if (params == NULL)
		return sgl_key_no_sum(err);
	status = sgl_key_import(engine, "RSA", params, &pkey, err);
	OSSL_PARAM_free(params);
	TRY(status);
	return sgl_key_new_local(
	    engine, SGL_KEY_RSA, &alg->pss, alg->whole, &pkey, out, err);
}
