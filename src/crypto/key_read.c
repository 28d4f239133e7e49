/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys from DER, and whether their halves belong together. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "crypto/key.h"

#define ROOM "crypto.key"

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "private key is malformed");
}

static sgl_status
mismatch(sgl_err *err)
{
	return sgl_crypto_fail(
	    err, SGL_E_MISMATCH, ROOM, "halves of the key do not match");
}

static sgl_status
no_bignum(sgl_err *err)
{
	return sgl_crypto_fail(
	    err, SGL_E_NOMEM, ROOM, "arithmetic on the key failed");
}

/* --- RSA ---------------------------------------------------------------- */

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
		return malformed(in, err);
	if (!sgl_der_read_uint(&body, &version))
		return malformed(&body, err);
	if (version != 0)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&body), "RSA key has more than two primes");
	for (unsigned i = 0; i < NUM_PARTS; i++)
		if (!sgl_der_read_unsigned(&body, &r->given[i]) ||
		    r->given[i].len > SGL_RSA_MAX_BYTES)
			return malformed(&body, err);
	if (!sgl_der_done(&body))
		return malformed(&body, err);
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
		return no_bignum(err);
	if (!BN_is_odd(bn[P]) || !BN_is_odd(bn[Q]) || BN_is_one(bn[P]) ||
	    BN_is_one(bn[Q]) || BN_cmp(bn[D], bn[N]) >= 0)
		return mismatch(err);
	if (BN_mul(bn[QINV], bn[P], bn[Q], r->ctx) != 1)
		return no_bignum(err);
	if (BN_cmp(bn[QINV], bn[N]) != 0)
		return mismatch(err);
	if (!reduce_exponent(r, bn[P], bn[DP], &p_fits) ||
	    !reduce_exponent(r, bn[Q], bn[DQ], &q_fits))
		return no_bignum(err);
	/* An inverse is missing only where p and q share a factor. */
	if (!p_fits || !q_fits ||
	    BN_mod_inverse(bn[QINV], bn[Q], bn[P], r->ctx) == NULL)
		return mismatch(err);
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

static sgl_status
import(sgl_engine *engine, const char *type, OSSL_PARAM *params, EVP_PKEY **out,
    sgl_err *err)
{
	SGL_AUTO_PKEY_CTX ctx =
	    EVP_PKEY_CTX_new_from_name(engine->lib, type, NULL);

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) != 1)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto does not take the key");
	return SGL_OK;
}

static sgl_status
read_rsa(sgl_engine *engine, sgl_der in, const sgl_key_alg *alg, sgl_key **out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(rsa_parts) parts = {0};
	SGL_AUTO_PKEY pkey = NULL;
	OSSL_PARAM *params;
	sgl_status status;

	TRY(read_rsa_parts(&in, &parts, err));
	TRY(complete_rsa(&parts, err));
	params = rsa_params(&parts);
	if (params == NULL)
		return no_bignum(err);
	status = import(engine, "RSA", params, &pkey, err);
	OSSL_PARAM_free(params);
	TRY(status);
	return sgl_key_new_local(
	    engine, SGL_KEY_RSA, &alg->pss, alg->whole, &pkey, out, err);
}

/* --- elliptic curves ---------------------------------------------------- */

typedef struct ec_parts {
	sgl_slice private;
	sgl_slice public; /* empty if not there */
	bool has_curve;
	sgl_key_kind curve;
} ec_parts;

static bool
read_curve(sgl_der field, sgl_key_kind *kind)
{
	sgl_slice oid;

	if (!sgl_der_read_oid(&field, &oid) || !sgl_der_done(&field))
		return false;
	*kind = SGL_KEY_UNKNOWN;
	for (unsigned k = SGL_KEY_P256; k <= SGL_KEY_P521; k++)
		if (sgl_kind_info_of((sgl_key_kind)k)->curve ==
		    sgl_oid_find(oid))
			*kind = (sgl_key_kind)k;
	return true;
}

/* ECPrivateKey, RFC 5915 3. */
static bool
read_ec_parts(sgl_der *in, ec_parts *parts)
{
	sgl_der body, field;
	uint64_t version;
	unsigned unused;
	bool has_public;

	return sgl_der_read(in, SGL_SEQUENCE, &body) && sgl_der_done(in) &&
	    sgl_der_read_uint(&body, &version) && version == 1 &&
	    sgl_der_read_bytes(&body, SGL_OCTET_STRING, &parts->private) &&
	    sgl_der_read_opt(
		&body, SGL_CONTEXT(0), &field, &parts->has_curve) &&
	    (!parts->has_curve || read_curve(field, &parts->curve)) &&
	    sgl_der_read_opt(&body, SGL_CONTEXT(1), &field, &has_public) &&
	    (!has_public ||
		(sgl_der_read_bits(&field, &parts->public, &unused) &&
		    unused == 0 && sgl_der_done(&field))) &&
	    sgl_der_done(&body);
}

/* 0 < d < order; the public point is d times the base point. */
static bool
multiply_base(const EC_GROUP *group, const BIGNUM *d, uint8_t *point,
    size_t *len, BN_CTX *ctx)
{
	EC_POINT *public = EC_POINT_new(group);
	bool ok = public != NULL &&
	    EC_POINT_mul(group, public, d, NULL, NULL, ctx) == 1;

	*len = !ok
	    ? 0
	    : EC_POINT_point2oct(group, public, POINT_CONVERSION_UNCOMPRESSED,
		  point, SGL_POINT_MAX, ctx);
	EC_POINT_free(public);
	return *len > 0;
}

static sgl_status
ec_public(sgl_engine *engine, sgl_key_kind kind, const BIGNUM *d,
    uint8_t *point, size_t *len, sgl_err *err)
{
	int nid = kind == SGL_KEY_P256 ? NID_X9_62_prime256v1
	    : kind == SGL_KEY_P384     ? NID_secp384r1
				       : NID_secp521r1;
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(engine->lib, NULL, nid);
	BN_CTX *ctx = BN_CTX_secure_new_ex(engine->lib);
	sgl_status status = SGL_OK;

	if (group == NULL || ctx == NULL)
		status = no_bignum(err);
	else if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0)
		status = sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "private value is out of range");
	else if (!multiply_base(group, d, point, len, ctx))
		status = no_bignum(err);
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
	return status;
}

/* A public half that came along must be the one that we found. */
static sgl_status
check_ec_public(
    sgl_key_kind kind, sgl_slice given, const uint8_t *point, sgl_err *err)
{
	size_t field = sgl_kind_info_of(kind)->field;

	if (given.len == 0)
		return SGL_OK;
	if (!sgl_point_is(kind, given))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "point has the wrong form or length");
	if (memcmp(given.data + 1, point + 1, field) != 0)
		return mismatch(err);
	/* The sign of y is its last bit when compressed. */
	if (given.data[0] == 4 ? memcmp(given.data, point, given.len) != 0
			       : (given.data[0] & 1) != (point[2 * field] & 1))
		return mismatch(err);
	return SGL_OK;
}

static sgl_status
import_ec(sgl_engine *engine, sgl_key_kind kind, const BIGNUM *d,
    sgl_slice point, EVP_PKEY **out, sgl_err *err)
{
	const sgl_kind_info *info = sgl_kind_info_of(kind);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	sgl_status status;

	if (builder != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		builder, OSSL_PKEY_PARAM_GROUP_NAME, info->group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len) == 1 &&
	    OSSL_PARAM_BLD_push_BN_pad(
		builder, OSSL_PKEY_PARAM_PRIV_KEY, d, info->field) == 1)
		params = OSSL_PARAM_BLD_to_param(builder);
	OSSL_PARAM_BLD_free(builder);
	if (params == NULL)
		return no_bignum(err);
	status = import(engine, "EC", params, out, err);
	OSSL_PARAM_free(params);
	return status;
}

static sgl_status
make_ec(sgl_engine *engine, sgl_key_kind kind, const ec_parts *parts,
    const BIGNUM *d, EVP_PKEY **out, sgl_err *err)
{
	uint8_t point[SGL_POINT_MAX];
	size_t len = 0;

	TRY(ec_public(engine, kind, d, point, &len, err));
	TRY(check_ec_public(kind, parts->public, point, err));
	return import_ec(engine, kind, d, sgl_slice_of(point, len), out, err);
}

static sgl_status
read_ec(sgl_engine *engine, sgl_der in, sgl_key_kind kind, sgl_key **out,
    sgl_err *err)
{
	ec_parts parts = {.curve = kind};
	SGL_AUTO_PKEY pkey = NULL;
	sgl_status status;
	BIGNUM *d;

	if (!read_ec_parts(&in, &parts))
		return malformed(&in, err);
	/* In PKCS#8 the curve stands outside, in SEC 1 inside. */
	if (kind == SGL_KEY_UNKNOWN)
		kind = parts.curve;
	if (kind == SGL_KEY_UNKNOWN)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&in), "curve is not named or not supported");
	if (parts.has_curve && parts.curve != kind)
		return mismatch(err);
	if (parts.private.len == 0 ||
	    parts.private.len > sgl_kind_info_of(kind)->field)
		return malformed(&in, err);
	d = BN_secure_new();
	if (d == NULL ||
	    BN_bin2bn(parts.private.data, (int)parts.private.len, d) == NULL) {
		BN_clear_free(d);
		return no_bignum(err);
	}
	BN_set_flags(d, BN_FLG_CONSTTIME);
	status = make_ec(engine, kind, &parts, d, &pkey, err);
	BN_clear_free(d);
	TRY(status);
	return sgl_key_new_local(
	    engine, kind, NULL, (sgl_slice){0}, &pkey, out, err);
}

/* --- Ed25519 and X25519 ------------------------------------------------- */

/* CurvePrivateKey, an OCTET STRING in the OCTET STRING (RFC 8410 7). */
static sgl_status
read_raw(sgl_engine *engine, sgl_der in, sgl_key_kind kind, sgl_slice public,
    sgl_key **out, sgl_err *err)
{
	uint8_t found[SGL_RAW_KEY_LEN];
	size_t len = sizeof found;
	SGL_AUTO_PKEY pkey = NULL;
	sgl_slice raw;

	if (!sgl_der_read_bytes(&in, SGL_OCTET_STRING, &raw) ||
	    !sgl_der_done(&in) || raw.len != SGL_RAW_KEY_LEN)
		return malformed(&in, err);
	pkey = EVP_PKEY_new_raw_private_key_ex(
	    engine->lib, sgl_kind_info_of(kind)->evp, NULL, raw.data, raw.len);
	if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, found, &len) != 1)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto does not take the key");
	if (public.len > 0 && !sgl_slice_eq(public, sgl_slice_of(found, len)))
		return mismatch(err);
	return sgl_key_new_local(
	    engine, kind, NULL, (sgl_slice){0}, &pkey, out, err);
}

/* --- containers --------------------------------------------------------- */

/* The fields of OneAsymmetricKey behind the private key (RFC 5958 2). */
static bool
read_tail(sgl_der *body, sgl_slice *public)
{
	sgl_slice bits;
	bool has;

	*public = (sgl_slice){0};
	if (!sgl_der_read_opt(body, SGL_CONTEXT(0), NULL, &has))
		return false;
	if (sgl_der_next_is(body, SGL_CONTEXT_PRIMITIVE(1))) {
		if (!sgl_der_read_bytes(
			body, SGL_CONTEXT_PRIMITIVE(1), &bits) ||
		    bits.len == 0 || bits.data[0] != 0)
			return false;
		*public = sgl_slice_from(bits, 1);
	}
	return sgl_der_done(body);
}

static sgl_status
read_pkcs8(sgl_engine *engine, sgl_der body, sgl_key **out, sgl_err *err)
{
	sgl_slice private, public;
	sgl_key_alg alg;
	uint64_t version;
	sgl_der in;

	if (!sgl_der_read_uint(&body, &version) || version > 1)
		return malformed(&body, err);
	TRY(sgl_key_alg_read(&body, &alg, err));
	if (!sgl_der_read_bytes(&body, SGL_OCTET_STRING, &private) ||
	    !read_tail(&body, &public))
		return malformed(&body, err);
	in = sgl_der_over(private);
	in.origin = body.origin;
	if (alg.kind == SGL_KEY_RSA)
		return read_rsa(engine, in, &alg, out, err);
	if (sgl_kind_is_ec(alg.kind))
		return read_ec(engine, in, alg.kind, out, err);
	return read_raw(engine, in, alg.kind, public, out, err);
}

/* The three kinds differ in what follows their version. */
sgl_status
sgl_key_read(sgl_engine *engine, sgl_slice der, sgl_key **out, sgl_err *err)
{
	sgl_der in = sgl_der_over(der), body, look;
	static const sgl_key_alg plain_rsa = {.kind = SGL_KEY_RSA};
	sgl_der whole = in;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in))
		return malformed(&in, err);
	look = body;
	if (!sgl_der_read(&look, SGL_INTEGER, NULL))
		return malformed(&look, err);
	if (sgl_der_next_is(&look, SGL_SEQUENCE))
		return read_pkcs8(engine, body, out, err);
	if (sgl_der_next_is(&look, SGL_INTEGER))
		return read_rsa(engine, whole, &plain_rsa, out, err);
	if (sgl_der_next_is(&look, SGL_OCTET_STRING))
		return read_ec(engine, whole, SGL_KEY_UNKNOWN, out, err);
	return malformed(&look, err);
}
