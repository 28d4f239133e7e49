/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of keys, and the AlgorithmIdentifiers that name them. */
#include "crypto/key.h"

#define ROOM "crypto.key"

static const sgl_kind_info kinds[SGL_NUM_KINDS] = {
    [SGL_KEY_UNKNOWN] = {"unknown", NULL, NULL, 0, 0, SGL_OID_UNKNOWN,
	SGL_OID_UNKNOWN},
    [SGL_KEY_RSA] = {"rsa", "RSA", NULL, 0, 0, SGL_OID_RSA_ENCRYPTION,
	SGL_OID_UNKNOWN},
    [SGL_KEY_P256] = {"p256", "EC", "P-256", 256, 32, SGL_OID_EC_PUBLIC_KEY,
	SGL_OID_P256},
    [SGL_KEY_P384] = {"p384", "EC", "P-384", 384, 48, SGL_OID_EC_PUBLIC_KEY,
	SGL_OID_P384},
    [SGL_KEY_P521] = {"p521", "EC", "P-521", 521, 66, SGL_OID_EC_PUBLIC_KEY,
	SGL_OID_P521},
    [SGL_KEY_ED25519] = {"ed25519", "ED25519", NULL, 256, 32, SGL_OID_ED25519,
	SGL_OID_UNKNOWN},
    [SGL_KEY_X25519] = {"x25519", "X25519", NULL, 256, 32, SGL_OID_X25519,
	SGL_OID_UNKNOWN},
};

const sgl_kind_info *
sgl_kind_info_of(sgl_key_kind kind)
{
	return &kinds[kind];
}

const char *
sgl_key_kind_name(sgl_key_kind kind)
{
	return kinds[kind].name;
}

bool
sgl_kind_is_ec(sgl_key_kind kind)
{
	return kinds[kind].group != NULL;
}

unsigned
sgl_bits_of(sgl_slice magnitude)
{
	if (magnitude.len == 0)
		return 0;
	return (unsigned)(magnitude.len * 8) -
	    (unsigned)(__builtin_clz(magnitude.data[0]) - 24);
}

static bool
is_odd(sgl_slice magnitude)
{
	return magnitude.len > 0 && (magnitude.data[magnitude.len - 1] & 1);
}

sgl_status
sgl_rsa_check_public(sgl_slice n, sgl_slice e, sgl_err *err)
{
	/* Lengths first: they bound the arithmetic. */
	if (n.len > SGL_RSA_MAX_BYTES)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "RSA key is too long");
	if (sgl_bits_of(n) < SGL_RSA_MIN_BITS)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "RSA key is too short");
	if (!is_odd(n))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "RSA modulus is even");
	if (!is_odd(e) || sgl_bits_of(e) < 2)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "RSA exponent is even or below 3");
	if (e.len > 8)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "RSA exponent is too long");
	return SGL_OK;
}

bool
sgl_point_is(sgl_key_kind kind, sgl_slice point)
{
	size_t field = kinds[kind].field;

	if (point.len == 0)
		return false;
	/* SEC 1 2.3.3; RFC 5480 2.2 has no hybrid form. */
	return point.data[0] == 4
	    ? point.len == 1 + 2 * field
	    : (point.data[0] & 0xfe) == 2 && point.len == 1 + field;
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "key algorithm is malformed");
}

static sgl_status
unsupported(const sgl_der *at, sgl_slice oid, sgl_err *err)
{
	char label[SGL_OID_TEXT];

	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, sgl_der_offset(at),
	    "kind of key is not supported", "%s", sgl_oid_label(oid, label));
}

/* An AlgorithmIdentifier of a digest: parameters absent or NULL (RFC 4055
 * 2.1). */
static bool
read_digest_alg(sgl_der *in, sgl_digest_alg *out)
{
	sgl_der body;
	sgl_slice oid;
	bool has_null;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid) ||
	    !sgl_der_read_opt(&body, SGL_NULL, NULL, &has_null) ||
	    !sgl_der_done(&body))
		return false;
	switch (sgl_oid_find(oid)) {
	case SGL_OID_SHA1:
		*out = SGL_DIGEST_SHA1;
		return true;
	case SGL_OID_SHA224:
		*out = SGL_DIGEST_SHA224;
		return true;
	case SGL_OID_SHA256:
		*out = SGL_DIGEST_SHA256;
		return true;
	case SGL_OID_SHA384:
		*out = SGL_DIGEST_SHA384;
		return true;
	case SGL_OID_SHA512:
		*out = SGL_DIGEST_SHA512;
		return true;
	default:
		*out = SGL_DIGEST_NONE;
		return true;
	}
}

static bool
read_mgf_alg(sgl_der *in, sgl_digest_alg *out)
{
	sgl_der body;
	sgl_slice oid;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid) || !read_digest_alg(&body, out) ||
	    !sgl_der_done(&body))
		return false;
	if (sgl_oid_find(oid) != SGL_OID_MGF1)
		*out = SGL_DIGEST_NONE;
	return true;
}

/* Each field of RSASSA-PSS-params is [n] EXPLICIT with a default. */
static bool
read_pss_fields(sgl_der body, sgl_pss_limit *limit)
{
	sgl_der field;
	bool has;
	uint64_t salt = 20, trailer = 1;

	limit->digest = limit->mgf = SGL_DIGEST_SHA1;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(0), &field, &has) ||
	    (has &&
		(!read_digest_alg(&field, &limit->digest) ||
		    !sgl_der_done(&field))))
		return false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(1), &field, &has) ||
	    (has &&
		(!read_mgf_alg(&field, &limit->mgf) || !sgl_der_done(&field))))
		return false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(2), &field, &has) ||
	    (has &&
		(!sgl_der_read_uint(&field, &salt) || !sgl_der_done(&field))))
		return false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(3), &field, &has) ||
	    (has &&
		(!sgl_der_read_uint(&field, &trailer) ||
		    !sgl_der_done(&field))))
		return false;
	limit->min_salt = (uint32_t)salt;
	return sgl_der_done(&body) && trailer == 1 && salt <= SGL_RSA_MAX_BYTES;
}

static sgl_status
read_pss(sgl_der *params, sgl_key_alg *out, sgl_err *err)
{
	sgl_der at = *params, body;

	out->kind = SGL_KEY_RSA;
	out->pss.only_pss = true;
	if (sgl_der_done(params))
		return SGL_OK;
	out->pss.has_params = true;
	if (!sgl_der_read(params, SGL_SEQUENCE, &body) ||
	    !sgl_der_done(params) || !read_pss_fields(body, &out->pss))
		return malformed(&at, err);
	if (out->pss.digest == SGL_DIGEST_NONE ||
	    out->pss.mgf == SGL_DIGEST_NONE)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&at), "digest of PSS key is not supported");
	return SGL_OK;
}

static sgl_status
read_rsa(sgl_der *params, sgl_key_alg *out, sgl_err *err)
{
	bool has_null;

	/* RFC 3279 2.3.1 wants NULL; some leave it out. */
	if (!sgl_der_read_opt(params, SGL_NULL, NULL, &has_null) ||
	    !sgl_der_done(params))
		return malformed(params, err);
	out->kind = SGL_KEY_RSA;
	return SGL_OK;
}

static sgl_status
read_ec(sgl_der *params, sgl_key_alg *out, sgl_err *err)
{
	sgl_der at = *params;
	sgl_slice curve;

	/* RFC 5480 2.1.1: namedCurve, nothing else. */
	if (sgl_der_next_is(params, SGL_SEQUENCE))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(params),
		    "curve is given by its numbers, not by name");
	if (!sgl_der_read_oid(params, &curve) || !sgl_der_done(params))
		return malformed(params, err);
	for (unsigned k = SGL_KEY_P256; k <= SGL_KEY_P521; k++)
		if (sgl_oid_find(curve) == kinds[k].curve) {
			out->kind = (sgl_key_kind)k;
			return SGL_OK;
		}
	return unsupported(&at, curve, err);
}

static sgl_status
read_edwards(
    const sgl_der *params, sgl_key_kind kind, sgl_key_alg *out, sgl_err *err)
{
	/* RFC 8410 3: parameters are absent. */
	if (!sgl_der_done(params))
		return malformed(params, err);
	out->kind = kind;
	return SGL_OK;
}

sgl_status
sgl_key_alg_read(sgl_der *in, sgl_key_alg *out, sgl_err *err)
{
	sgl_der at = *in, body;
	sgl_slice oid;

	*out = (sgl_key_alg){0};
	if (!sgl_der_read(in, SGL_SEQUENCE, &body))
		return malformed(in, err);
	out->whole = sgl_slice_of(at.at, (size_t)(in->at - at.at));
	at = body;
	if (!sgl_der_read_oid(&body, &oid))
		return malformed(&body, err);
	switch (sgl_oid_find(oid)) {
	case SGL_OID_RSA_ENCRYPTION:
		return read_rsa(&body, out, err);
	case SGL_OID_RSASSA_PSS:
		return read_pss(&body, out, err);
	case SGL_OID_EC_PUBLIC_KEY:
		return read_ec(&body, out, err);
	case SGL_OID_ED25519:
		return read_edwards(&body, SGL_KEY_ED25519, out, err);
	case SGL_OID_X25519:
		return read_edwards(&body, SGL_KEY_X25519, out, err);
	default:
		return unsupported(&at, oid, err);
	}
}
