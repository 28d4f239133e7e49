/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys from DER: the containers, and the kinds that are mere bytes. */
#include "crypto/key.h"

#define ROOM "crypto.key"

sgl_status
sgl_key_malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "private key is malformed");
}

sgl_status
sgl_key_mismatch(sgl_err *err)
{
	return sgl_crypto_fail(
	    err, SGL_E_MISMATCH, ROOM, "halves of the key do not match");
}

sgl_status
sgl_key_no_sum(sgl_err *err)
{
	return sgl_crypto_fail(
	    err, SGL_E_CRYPTO, ROOM, "arithmetic on the key failed");
}

sgl_status
sgl_key_import(sgl_engine *engine, const char *type, OSSL_PARAM *params,
    EVP_PKEY **out, sgl_err *err)
{
	SGL_AUTO_PKEY_CTX ctx =
	    EVP_PKEY_CTX_new_from_name(engine->lib, type, NULL);

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) != 1)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto does not take the key");
	return SGL_OK;
}

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
		return sgl_key_malformed(&in, err);
	pkey = EVP_PKEY_new_raw_private_key_ex(
	    engine->lib, sgl_kind_info_of(kind)->evp, NULL, raw.data, raw.len);
	if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, found, &len) != 1)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto does not take the key");
	if (public.len > 0 && !sgl_slice_eq(public, sgl_slice_of(found, len)))
		return sgl_key_mismatch(err);
	return sgl_key_new_local(
	    engine, kind, NULL, (sgl_slice){0}, &pkey, out, err);
}

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
		return sgl_key_malformed(&body, err);
	TRY(sgl_key_alg_read(&body, &alg, err));
	if (!sgl_der_read_bytes(&body, SGL_OCTET_STRING, &private) ||
	    !read_tail(&body, &public))
		return sgl_key_malformed(&body, err);
	in = sgl_der_over(private);
	in.origin = body.origin;
	if (alg.kind == SGL_KEY_RSA)
		return sgl_key_read_rsa(engine, in, &alg, out, err);
	if (sgl_kind_is_ec(alg.kind))
		return sgl_key_read_ec(engine, in, alg.kind, out, err);
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
		return sgl_key_malformed(&in, err);
	look = body;
	if (!sgl_der_read(&look, SGL_INTEGER, NULL))
		return sgl_key_malformed(&look, err);
	if (sgl_der_next_is(&look, SGL_SEQUENCE))
		return read_pkcs8(engine, body, out, err);
	if (sgl_der_next_is(&look, SGL_INTEGER))
		return sgl_key_read_rsa(engine, whole, &plain_rsa, out, err);
	if (sgl_der_next_is(&look, SGL_OCTET_STRING))
		return sgl_key_read_ec(
		    engine, whole, SGL_KEY_UNKNOWN, out, err);
	return sgl_key_malformed(&look, err);
}
