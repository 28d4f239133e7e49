/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/oid.h"
#include "crypto/pbe_alg.h"

#define ROOM "crypto.pbe"
#define AES256_KEY 32
#define RC2_KEY 16

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "password encryption is malformed");
}

static sgl_status
unsupported(sgl_slice oid, sgl_err *err)
{
	char label[SGL_OID_TEXT];

	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "password encryption is not supported", "%s",
	    sgl_oid_label(oid, label));
}

/* Opens an AlgorithmIdentifier: *body stands at the parameters. */
static bool
open_algorithm(sgl_der *in, sgl_slice *oid, sgl_der *body)
{
	return sgl_der_read(in, SGL_SEQUENCE, body) &&
	    sgl_der_read_oid(body, oid);
}

static sgl_digest_alg
prf_digest(sgl_slice oid)
{
	switch (sgl_oid_find(oid)) {
	case SGL_OID_HMAC_SHA1:
		return SGL_DIGEST_SHA1;
	case SGL_OID_HMAC_SHA224:
		return SGL_DIGEST_SHA224;
	case SGL_OID_HMAC_SHA256:
		return SGL_DIGEST_SHA256;
	case SGL_OID_HMAC_SHA384:
		return SGL_DIGEST_SHA384;
	case SGL_OID_HMAC_SHA512:
		return SGL_DIGEST_SHA512;
	default:
		return SGL_DIGEST_NONE;
	}
}

/* PBKDF2-params, RFC 8018 A.2. */
static sgl_status
read_pbkdf2(sgl_der in, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_slice prf;
	sgl_der body, alg;

	out->kdf = SGL_PBE_PBKDF2;
	out->digest = SGL_DIGEST_SHA1; /* the default */
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &out->salt) ||
	    !sgl_der_read_uint(&body, &out->iterations))
		return malformed(&in, err);
	if (sgl_der_next_is(&body, SGL_INTEGER) &&
	    (!sgl_der_read_uint(&body, &out->key_len) || out->key_len == 0))
		return malformed(&body, err);
	if (sgl_der_done(&body))
		return SGL_OK;
	if (!open_algorithm(&body, &prf, &alg) || !sgl_der_done(&body))
		return malformed(&body, err);
	out->digest = prf_digest(prf);
	return out->digest == SGL_DIGEST_NONE ? unsupported(prf, err) : SGL_OK;
}

/* scrypt-params, RFC 7914 7. */
static sgl_status
read_scrypt(sgl_der in, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_der body;

	out->kdf = SGL_PBE_SCRYPT;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &out->salt) ||
	    !sgl_der_read_uint(&body, &out->n) ||
	    !sgl_der_read_uint(&body, &out->r) ||
	    !sgl_der_read_uint(&body, &out->p))
		return malformed(&in, err);
	if (!sgl_der_done(&body) &&
	    (!sgl_der_read_uint(&body, &out->key_len) || out->key_len == 0 ||
		!sgl_der_done(&body)))
		return malformed(&body, err);
	if (out->r > UINT32_MAX || out->p > UINT32_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "password derivation asks for too much memory");
	return SGL_OK;
}

/* RC2-CBC-Parameter, RFC 8018 B.2.3: the version is a code for the effective
 * bits; how long the key is, keyLength says. */
static sgl_status
read_rc2(sgl_der params, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_der body;
	uint64_t version;

	out->cipher = SGL_CIPHER_RC2_CBC;
	if (!sgl_der_read(&params, SGL_SEQUENCE, &body) ||
	    !sgl_der_done(&params) || !sgl_der_read_uint(&body, &version) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &out->iv) ||
	    !sgl_der_done(&body) || out->key_len > RC2_KEY)
		return malformed(&params, err);
	out->rc2_bits = version == 58 ? 128
	    : version == 120	      ? 64
	    : version == 160	      ? 40
				      : 0;
	if (out->rc2_bits == 0)
		return unsupported(sgl_oid_der(SGL_OID_RC2_CBC), err);
	out->derived = out->key_len != 0 ? (size_t)out->key_len : RC2_KEY;
	return SGL_OK;
}

/* NSS has encrypted with keys of AES-256 and named AES-128; keyLength told the
 * truth. */
static void
heed_key_len(sgl_pbe_alg *out)
{
	if (out->key_len == AES256_KEY &&
	    (out->cipher == SGL_CIPHER_AES128_CBC ||
		out->cipher == SGL_CIPHER_AES192_CBC))
		out->cipher = SGL_CIPHER_AES256_CBC;
}

static sgl_status
read_scheme(sgl_slice oid, sgl_der params, sgl_pbe_alg *out, sgl_err *err)
{
	switch (sgl_oid_find(oid)) {
	case SGL_OID_RC2_CBC:
		return read_rc2(params, out, err);
	case SGL_OID_AES128_CBC:
		out->cipher = SGL_CIPHER_AES128_CBC;
		break;
	case SGL_OID_AES192_CBC:
		out->cipher = SGL_CIPHER_AES192_CBC;
		break;
	case SGL_OID_AES256_CBC:
		out->cipher = SGL_CIPHER_AES256_CBC;
		break;
	case SGL_OID_DES_EDE3_CBC:
		out->cipher = SGL_CIPHER_DES3_CBC;
		break;
	default:
		return unsupported(oid, err);
	}
	heed_key_len(out);
	out->derived = sgl_cipher_key_len(out->cipher);
	if (!sgl_der_read_bytes(&params, SGL_OCTET_STRING, &out->iv) ||
	    !sgl_der_done(&params) ||
	    (out->key_len != 0 && out->key_len != out->derived))
		return malformed(&params, err);
	return SGL_OK;
}

/* PBES2-params, RFC 8018 A.4. */
static sgl_status
read_pbes2(sgl_der in, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_der body, kdf, scheme;
	sgl_slice kdf_oid, scheme_oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !open_algorithm(&body, &kdf_oid, &kdf) ||
	    !open_algorithm(&body, &scheme_oid, &scheme) ||
	    !sgl_der_done(&body))
		return malformed(&in, err);
	switch (sgl_oid_find(kdf_oid)) {
	case SGL_OID_PBKDF2:
		TRY(read_pbkdf2(kdf, out, err));
		break;
	case SGL_OID_SCRYPT:
		TRY(read_scrypt(kdf, out, err));
		break;
	default:
		return unsupported(kdf_oid, err);
	}
	return read_scheme(scheme_oid, scheme, out, err);
}

/* pkcs-12PbeParams, RFC 7292 C. */
static sgl_status
read_pkcs12(sgl_der in, sgl_cipher_alg cipher, size_t derived,
    unsigned rc2_bits, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_der body;

	out->kdf = SGL_PBE_PKCS12;
	out->digest = SGL_DIGEST_SHA1;
	out->cipher = cipher;
	out->derived = derived;
	out->rc2_bits = rc2_bits;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&body, SGL_OCTET_STRING, &out->salt) ||
	    !sgl_der_read_uint(&body, &out->iterations) || !sgl_der_done(&body))
		return malformed(&in, err);
	return SGL_OK;
}

sgl_status
sgl_pbe_alg_read(sgl_slice algorithm, sgl_pbe_alg *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(algorithm), body;
	sgl_slice oid;

	*out = (sgl_pbe_alg){0};
	if (!open_algorithm(&in, &oid, &body) || !sgl_der_done(&in))
		return malformed(&in, err);
	switch (sgl_oid_find(oid)) {
	case SGL_OID_PBES2:
		return read_pbes2(body, out, err);
	case SGL_OID_PBE_SHA1_3DES:
		return read_pkcs12(body, SGL_CIPHER_DES3_CBC, 24, 0, out, err);
	case SGL_OID_PBE_SHA1_2DES:
		return read_pkcs12(body, SGL_CIPHER_DES3_CBC, 16, 0, out, err);
	case SGL_OID_PBE_SHA1_RC2_128:
		return read_pkcs12(body, SGL_CIPHER_RC2_CBC, 16, 128, out, err);
	case SGL_OID_PBE_SHA1_RC2_40:
		return read_pkcs12(body, SGL_CIPHER_RC2_CBC, 5, 40, out, err);
	default:
		return unsupported(oid, err);
	}
}
