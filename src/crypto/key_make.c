/* SPDX-License-Identifier: Apache-2.0 */
/* Making private keys, and writing them as PKCS#8. */
#include "asn1/builder.h"
#include "crypto/key.h"

#define ROOM "crypto.key"
#define MIN_NEW_BITS 2048
#define MAX_NEW_BITS 8192
/* More than PKCS#8 of the longest RSA key. The buffers get it at once: one
 * that moved while it grew would leave secrets behind. */
#define MAX_PKCS8 ((size_t)16384)

static sgl_status
generate_rsa(sgl_engine *engine, unsigned bits, EVP_PKEY **out, sgl_err *err)
{
	SGL_AUTO_PKEY_CTX ctx =
	    EVP_PKEY_CTX_new_from_name(engine->lib, "RSA", NULL);
	size_t size = bits;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &size),
	    OSSL_PARAM_END,
	};

	if (bits < MIN_NEW_BITS || bits > MAX_NEW_BITS)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "RSA keys are made with 2048 to 8192 bits", "%u", bits);
	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
	    EVP_PKEY_generate(ctx, out) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key cannot be made");
	return SGL_OK;
}

sgl_status
sgl_key_generate(sgl_engine *engine, sgl_key_kind kind, unsigned bits,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_PKEY pkey = NULL;

	if (kind == SGL_KEY_UNKNOWN)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "no such kind of key");
	if (kind == SGL_KEY_RSA)
		TRY(generate_rsa(engine, bits, &pkey, err));
	else
		TRY(sgl_engine_keygen(engine, kind, &pkey, err));
	return sgl_key_new_local(
	    engine, kind, NULL, (sgl_slice){0}, &pkey, out, err);
}

static void
wipe_buf(sgl_buf *b)
{
	sgl_buf_wipe(b);
}
#define SECRET_BUF __attribute__((cleanup(wipe_buf))) sgl_buf

/* RSAPrivateKey, RFC 8017 A.1.2. */
static sgl_status
add_rsa(EVP_PKEY *pkey, sgl_buf *out, sgl_err *err)
{
	static const char *const parts[] = {
	    OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_E,
	    OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	sgl_derb b = sgl_derb_over(out);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_uint(&b, 0);
	for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		SGL_AUTO_CLEAR(sgl_secret) part = {0};
		TRY(sgl_key_get_integer(pkey, parts[i], &part, err));
		sgl_derb_unsigned(&b, sgl_secret_slice(&part));
	}
	sgl_derb_close(&b, seq);
	return sgl_derb_end(&b, err);
}

/* ECPrivateKey, RFC 5915 3: the private value as long as the order, the curve
 * left to the AlgorithmIdentifier outside. */
static sgl_status
add_ec(sgl_key_kind kind, EVP_PKEY *pkey, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) d = {0};
	SGL_AUTO_CLEAR(sgl_secret) padded = {0};
	uint8_t point[SGL_POINT_MAX];
	size_t field = sgl_kind_info_of(kind)->field, len = 0, seq, outer;
	sgl_derb b = sgl_derb_over(out);

	TRY(sgl_key_get_integer(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d, err));
	TRY(sgl_key_get_point(pkey, point, &len, err));
	TRY(sgl_secret_zeroed(&padded, field, err));
	if (d.len > field)
		return sgl_fail(err, SGL_E_CRYPTO, ROOM, SGL_NO_OFFSET,
		    "private value is out of range");
	memcpy(padded.data + field - d.len, d.data, d.len);
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 1);
	sgl_derb_octets(&b, sgl_secret_slice(&padded));
	outer = sgl_derb_open(&b, SGL_CONTEXT(1));
	sgl_derb_bits(&b, sgl_slice_of(point, len), 0);
	sgl_derb_close(&b, outer);
	sgl_derb_close(&b, seq);
	return sgl_derb_end(&b, err);
}

static sgl_status
add_raw(EVP_PKEY *pkey, sgl_buf *out, sgl_err *err)
{
	uint8_t raw[SGL_RAW_KEY_LEN];
	size_t len = sizeof raw;
	sgl_derb b = sgl_derb_over(out);

	if (EVP_PKEY_get_raw_private_key(pkey, raw, &len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key has a part missing");
	sgl_derb_octets(&b, sgl_slice_of(raw, len));
	sgl_mem_wipe(raw, sizeof raw);
	return sgl_derb_end(&b, err);
}

static sgl_status
add_private(const sgl_key *key, sgl_buf *out, sgl_err *err)
{
	if (key->kind == SGL_KEY_RSA)
		return add_rsa(key->evp.pkey, out, err);
	if (sgl_kind_is_ec(key->kind))
		return add_ec(key->kind, key->evp.pkey, out, err);
	return add_raw(key->evp.pkey, out, err);
}

/* OneAsymmetricKey, version 1 (RFC 5958 2). */
sgl_status
sgl_key_write(const sgl_key *key, sgl_secret *out, sgl_err *err)
{
	SECRET_BUF private = sgl_buf_init(MAX_PKCS8);
	SECRET_BUF whole = sgl_buf_init(MAX_PKCS8);
	sgl_derb b = sgl_derb_over(&whole);
	size_t seq;

	if (key->remote)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "key is not in memory");
	TRY(sgl_buf_reserve(&private, MAX_PKCS8, err));
	TRY(sgl_buf_reserve(&whole, MAX_PKCS8, err));
	TRY(add_private(key, &private, err));
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 0);
	sgl_derb_raw(&b, sgl_secret_slice(&key->algorithm));
	sgl_derb_octets(&b, sgl_buf_slice(&private));
	sgl_derb_close(&b, seq);
	TRY(sgl_derb_end(&b, err));
	return sgl_secret_set(out, sgl_buf_slice(&whole), err);
}
