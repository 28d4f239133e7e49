/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys of the NIST curves from DER. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "crypto/key.h"

#define ROOM "crypto.key"

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

sgl_status
sgl_engine_group(
    sgl_engine *engine, sgl_key_kind kind, EC_GROUP **out, sgl_err *err)
{
	int nid = kind == SGL_KEY_P256 ? NID_X9_62_prime256v1
	    : kind == SGL_KEY_P384     ? NID_secp384r1
				       : NID_secp521r1;

	if (engine->group[kind] == NULL)
		engine->group[kind] =
		    EC_GROUP_new_by_curve_name_ex(engine->lib, NULL, nid);
	if (engine->group[kind] == NULL)
		return sgl_key_no_sum(err);
	*out = engine->group[kind];
	return SGL_OK;
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
	EC_GROUP *group = NULL;
	BN_CTX *ctx;
	sgl_status status = SGL_OK;

	TRY(sgl_engine_group(engine, kind, &group, err));
	ctx = BN_CTX_secure_new_ex(engine->lib);
	if (ctx == NULL)
		status = sgl_key_no_sum(err);
	else if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0)
		status = sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "private value is out of range");
	else if (!multiply_base(group, d, point, len, ctx))
		status = sgl_key_no_sum(err);
	BN_CTX_free(ctx);
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
		return sgl_key_mismatch(err);
	/* The sign of y is its last bit when compressed. */
	if (given.data[0] == 4 ? memcmp(given.data, point, given.len) != 0
			       : (given.data[0] & 1) != (point[2 * field] & 1))
		return sgl_key_mismatch(err);
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
		return sgl_key_no_sum(err);
	status = sgl_key_import(engine, "EC", params, out, err);
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

/* RFC 5915 3 wants the length of the field; GnuTLS has written a zero in front
 * like that of an INTEGER, and others have left zeros out. */
static bool
fit_private(sgl_slice *private, size_t field)
{
	while (private->len > field && private->data[0] == 0)
		*private = sgl_slice_from(*private, 1);
	return private->len > 0 && private->len <= field;
}

sgl_status
sgl_key_read_ec(sgl_engine *engine, sgl_der in, sgl_key_kind kind,
    sgl_key **out, sgl_err *err)
{
	ec_parts parts = {.curve = kind};
	SGL_AUTO_PKEY pkey = NULL;
	sgl_status status;
	BIGNUM *d;

	if (!read_ec_parts(&in, &parts))
		return sgl_key_malformed(&in, err);
	/* In PKCS#8 the curve stands outside, in SEC 1 inside. */
	if (kind == SGL_KEY_UNKNOWN)
		kind = parts.curve;
	if (kind == SGL_KEY_UNKNOWN)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&in), "curve is not named or not supported");
	if (parts.has_curve && parts.curve != kind)
		return sgl_key_mismatch(err);
	if (!fit_private(&parts.private, sgl_kind_info_of(kind)->field))
		return sgl_key_malformed(&in, err);
	d = BN_secure_new();
	if (d == NULL ||
	    BN_bin2bn(parts.private.data, (int)parts.private.len, d) == NULL) {
		BN_clear_free(d);
		return sgl_key_no_sum(err);
	}
	BN_set_flags(d, BN_FLG_CONSTTIME);
	status = make_ec(engine, kind, &parts, d, &pkey, err);
	BN_clear_free(d);
	TRY(status);
	return sgl_key_new_local(
	    engine, kind, NULL, (sgl_slice){0}, &pkey, out, err);
}
