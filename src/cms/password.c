/* SPDX-License-Identifier: Apache-2.0 */
/* PasswordRecipientInfo: RFC 3211, RFC 5652 6.2.4. */
#include "cms/alg_inside.h"

#define ROOM "cms.password"
#define MAX_CEK 255	/* one byte counts them */
#define MAX_WRAPPED 512 /* count, check, key, padding */
#define CHECK 3
#define MIN_CEK 5 /* RFC 3211 2.3.2 */
#define SALT_LEN 16
#define MAX_KEK 32

typedef struct kek {
	uint8_t key[MAX_KEK];
	sgl_content_alg alg;
} kek;

static void
kek_wipe(kek *k)
{
	sgl_mem_wipe(k, sizeof *k);
}
SGL_AUTO_CLEAR_TYPE(kek, kek_wipe)

static sgl_slice
kek_slice(const kek *k)
{
	return sgl_slice_of(k->key, sgl_cipher_key_len(k->alg.cipher));
}

static sgl_slice
iv_slice(const kek *k)
{
	return sgl_slice_of(k->alg.iv, k->alg.iv_len);
}

static sgl_status
malformed(const char *text, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET, text);
}

/* --- PBKDF2-params, RFC 8018 A.2 --- */

typedef struct pbkdf2 {
	sgl_slice salt;
	uint64_t iterations, key_len;
	bool has_key_len;
	sgl_digest_alg prf;
} pbkdf2;

static sgl_status
read_prf(sgl_der *params, pbkdf2 *out, sgl_err *err)
{
	static const struct {
		sgl_oid oid;
		sgl_digest_alg digest;
	} prfs[] = {
	    {SGL_OID_HMAC_SHA1, SGL_DIGEST_SHA1},
	    {SGL_OID_HMAC_SHA224, SGL_DIGEST_SHA224},
	    {SGL_OID_HMAC_SHA256, SGL_DIGEST_SHA256},
	    {SGL_OID_HMAC_SHA384, SGL_DIGEST_SHA384},
	    {SGL_OID_HMAC_SHA512, SGL_DIGEST_SHA512},
	};
	sgl_slice oid;
	sgl_der alg;

	out->prf = SGL_DIGEST_SHA1;
	if (sgl_der_done(params))
		return SGL_OK;
	if (!sgl_der_read(params, SGL_SEQUENCE, &alg) ||
	    !sgl_der_read_oid(&alg, &oid) || !sgl_der_done(params))
		return malformed("PBKDF2's function is malformed", err);
	for (size_t i = 0; i < sizeof prfs / sizeof *prfs; i++) {
		if (sgl_oid_find(oid) != prfs[i].oid)
			continue;
		out->prf = prfs[i].digest;
		return SGL_OK;
	}
	return sgl_alg_unsupported(
	    oid, "PBKDF2's function is not supported", err);
}

static sgl_status
read_pbkdf2(sgl_slice contents, pbkdf2 *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(contents), params;
	sgl_slice oid;

	if (contents.data == NULL)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "a password recipient without key derivation");
	if (!sgl_der_read_oid(&in, &oid))
		return malformed("key derivation is malformed", err);
	if (sgl_oid_find(oid) != SGL_OID_PBKDF2)
		return sgl_alg_unsupported(
		    oid, "key derivation is not supported", err);
	if (!sgl_der_read(&in, SGL_SEQUENCE, &params) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&params, SGL_OCTET_STRING, &out->salt) ||
	    !sgl_der_read_uint(&params, &out->iterations) ||
	    out->iterations == 0)
		return malformed("PBKDF2 parameters are malformed", err);
	out->has_key_len = sgl_der_next_is(&params, SGL_INTEGER);
	if (out->has_key_len && !sgl_der_read_uint(&params, &out->key_len))
		return malformed("PBKDF2 key length is malformed", err);
	return read_prf(&params, out, err);
}

/* --- id-alg-PWRI-KEK --- */

static sgl_status
read_encryption(sgl_slice algorithm, sgl_content_alg *out, sgl_err *err)
{
	sgl_der outer = sgl_ber_over(algorithm), in;
	sgl_slice oid, inner;

	if (!sgl_der_read(&outer, SGL_SEQUENCE, &in) || !sgl_der_done(&outer) ||
	    !sgl_der_read_oid(&in, &oid))
		return malformed("key encryption is malformed", err);
	if (sgl_oid_find(oid) != SGL_OID_ALG_PWRI_KEK)
		return sgl_alg_unsupported(
		    oid, "key encryption is not supported", err);
	if (!sgl_der_read_whole(&in, SGL_SEQUENCE, &inner) ||
	    !sgl_der_done(&in))
		return malformed("PWRI-KEK has no cipher", err);
	TRY(sgl_content_alg_read(inner, out, err));
	/* The wrap's own key has no room for RC2's effective bits. */
	if (sgl_cipher_is_aead(out->cipher) ||
	    out->cipher == SGL_CIPHER_RC2_CBC)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "PWRI-KEK's cipher is not supported", "%s",
		    sgl_cipher_name(out->cipher));
	return SGL_OK;
}

static sgl_status
make_kek(sgl_engine *engine, sgl_slice password, const pbkdf2 *kdf,
    uint64_t *rounds, kek *k, sgl_err *err)
{
	uint32_t max = sgl_engine_limits(engine)->kdf_iterations;
	size_t len = sgl_cipher_key_len(k->alg.cipher);

	if (kdf->has_key_len && kdf->key_len != len)
		return malformed(
		    "PBKDF2 key length is not that of the cipher", err);
	if (*rounds > max || kdf->iterations > max - *rounds)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "PBKDF2 wants more rounds than the limit allows");
	*rounds += kdf->iterations;
	return sgl_kdf_pbkdf2(engine, kdf->prf, password, kdf->salt,
	    kdf->iterations, k->key, len, err);
}

/* @req rfc3211-2.3.2: steps 1 to 3, from `in` to `plain` of the same length. */
static sgl_status
unwrap_blocks(sgl_engine *engine, const kek *k, sgl_slice in, uint8_t *plain,
    sgl_err *err)
{
	size_t block = k->alg.iv_len, body = in.len - block;
	uint8_t outer[MAX_WRAPPED], iv[16];
	sgl_cipher_alg alg = k->alg.cipher;
	sgl_status status;

	status = sgl_cbc_raw(engine, alg, false, kek_slice(k),
	    sgl_slice_of(in.data + body - block, block),
	    sgl_slice_from(in, body), iv, err);
	if (status == SGL_OK)
		status = sgl_cbc_raw(engine, alg, false, kek_slice(k),
		    sgl_slice_of(iv, block), in, outer, err);
	if (status == SGL_OK)
		status = sgl_cbc_raw(engine, alg, false, kek_slice(k),
		    iv_slice(k), sgl_slice_of(outer, in.len), plain, err);
	sgl_mem_wipe(outer, sizeof outer);
	return status;
}

static bool
is_formatted(const uint8_t *plain, size_t len)
{
	size_t count = plain[0];
	unsigned differ = 0;

	if (count < MIN_CEK || count > len - 1 - CHECK)
		return false;
	for (size_t i = 0; i < CHECK; i++)
		differ |= (unsigned)plain[1 + i] ^ plain[1 + CHECK + i] ^ 0xffu;
	return differ == 0;
}

static sgl_status
take_key(const uint8_t *plain, size_t len, sgl_secret *cek, sgl_err *err)
{
	if (!is_formatted(plain, len))
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    "the password is wrong");
	return sgl_secret_set(
	    cek, sgl_slice_of(plain + 1 + CHECK, plain[0]), err);
}

sgl_status
sgl_pwri_unwrap(sgl_engine *engine, sgl_slice password, const sgl_pwri *pwri,
    uint64_t *rounds, sgl_secret *cek, sgl_err *err)
{
	SGL_AUTO_CLEAR(kek) k = {.alg.cipher = SGL_CIPHER_NONE};
	uint8_t plain[MAX_WRAPPED];
	pbkdf2 kdf;
	sgl_status status;

	TRY(read_pbkdf2(pwri->derivation, &kdf, err));
	TRY(read_encryption(pwri->encryption, &k.alg, err));
	if (pwri->wrapped.len < 2 * k.alg.iv_len ||
	    pwri->wrapped.len % k.alg.iv_len != 0 ||
	    pwri->wrapped.len > sizeof plain)
		return malformed("wrapped key has an impossible length", err);
	TRY(make_kek(engine, password, &kdf, rounds, &k, err));
	status = unwrap_blocks(engine, &k, pwri->wrapped, plain, err);
	if (status == SGL_OK)
		status = take_key(plain, pwri->wrapped.len, cek, err);
	sgl_mem_wipe(plain, sizeof plain);
	return status;
}

/* --- writing --- */

/* @req rfc3211-2.3.1: count, check, key, and random up to whole blocks. */
static sgl_status
wrap_blocks(sgl_engine *engine, const kek *k, sgl_slice cek, uint8_t *out,
    size_t *out_len, sgl_err *err)
{
	size_t block = k->alg.iv_len, used = 1 + CHECK + cek.len;
	size_t len = (used + block - 1) / block * block;
	uint8_t plain[MAX_WRAPPED], once[MAX_WRAPPED];
	sgl_status status;

	if (len < 2 * block)
		len = 2 * block;
	plain[0] = (uint8_t)cek.len;
	for (size_t i = 0; i < CHECK; i++)
		plain[1 + i] = (uint8_t)~cek.data[i];
	memcpy(plain + 1 + CHECK, cek.data, cek.len);
	status = sgl_random(engine, plain + used, len - used, err);
	if (status == SGL_OK)
		status = sgl_cbc_raw(engine, k->alg.cipher, true, kek_slice(k),
		    iv_slice(k), sgl_slice_of(plain, len), once, err);
	if (status == SGL_OK)
		status = sgl_cbc_raw(engine, k->alg.cipher, true, kek_slice(k),
		    sgl_slice_of(once + len - block, block),
		    sgl_slice_of(once, len), out, err);
	sgl_mem_wipe(plain, sizeof plain);
	sgl_mem_wipe(once, sizeof once);
	*out_len = len;
	return status;
}

static void
add_derivation(sgl_derb *b, sgl_slice salt)
{
	size_t outer = sgl_derb_open(b, SGL_CONTEXT(0)), params, prf;

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_PBKDF2));
	params = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_octets(b, salt);
	sgl_derb_uint(b, SGL_PWRI_ITERATIONS);
	prf = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_HMAC_SHA256));
	sgl_derb_null(b); /* RFC 8018 B.1.2 */
	sgl_derb_close(b, prf);
	sgl_derb_close(b, params);
	sgl_derb_close(b, outer);
}

static void
add_recipient(sgl_derb *b, sgl_slice salt, const kek *k, sgl_slice wrapped)
{
	size_t outer = sgl_derb_open(b, SGL_CONTEXT(3)), alg;

	sgl_derb_uint(b, 0);
	add_derivation(b, salt);
	alg = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_ALG_PWRI_KEK));
	sgl_content_alg_add(b, &k->alg);
	sgl_derb_close(b, alg);
	sgl_derb_octets(b, wrapped);
	sgl_derb_close(b, outer);
}

sgl_status
sgl_pwri_wrap(sgl_engine *engine, sgl_slice password, sgl_slice cek,
    sgl_derb *b, sgl_err *err)
{
	SGL_AUTO_CLEAR(kek) k = {.alg.cipher = SGL_CIPHER_AES256_CBC};
	uint8_t salt[SALT_LEN], wrapped[MAX_WRAPPED];
	pbkdf2 kdf = {.salt = {salt, sizeof salt},
	    .iterations = SGL_PWRI_ITERATIONS,
	    .prf = SGL_DIGEST_SHA256};
	uint64_t rounds = 0;
	size_t len = 0;

	if (cek.len < MIN_CEK || cek.len > MAX_CEK)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "content key has an impossible length");
	k.alg.iv_len = sgl_cipher_iv_len(k.alg.cipher);
	TRY(sgl_random(engine, salt, sizeof salt, err));
	TRY(sgl_random(engine, k.alg.iv, k.alg.iv_len, err));
	TRY(make_kek(engine, password, &kdf, &rounds, &k, err));
	TRY(wrap_blocks(engine, &k, cek, wrapped, &len, err));
	add_recipient(b, kdf.salt, &k, sgl_slice_of(wrapped, len));
	return SGL_OK;
}
