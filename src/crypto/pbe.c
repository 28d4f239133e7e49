/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/builder.h"
#include "asn1/oid.h"
#include "crypto/engine.h"
#include "crypto/pbe_alg.h"

#define ROOM "crypto.pbe"
#define MAX_KEY 32
#define MAX_IV 16
#define SALT_LEN 16

static sgl_status
wrong_password(sgl_err *err)
{
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    "wrong password, or damaged data");
}

/* Wiped whatever happens. */
typedef struct derived {
	uint8_t key[MAX_KEY], iv[MAX_IV];
	size_t key_len, iv_len;
} derived;

static sgl_status
derive_pkcs12(sgl_engine *engine, const sgl_pbe_alg *p, sgl_slice bmp,
    derived *d, sgl_err *err)
{
	d->key_len = p->derived;
	d->iv_len = sgl_cipher_iv_len(p->cipher);
	TRY(sgl_kdf_pkcs12(engine, p->digest, bmp, p->salt, p->iterations, 1,
	    d->key, d->key_len, err));
	TRY(sgl_kdf_pkcs12(engine, p->digest, bmp, p->salt, p->iterations, 2,
	    d->iv, d->iv_len, err));
	if (p->cipher == SGL_CIPHER_DES3_CBC && d->key_len == 16) {
		memcpy(d->key + 16, d->key, 8);
		d->key_len = 24;
	}
	return SGL_OK;
}

static sgl_status
derive_pbes2(sgl_engine *engine, const sgl_pbe_alg *p, sgl_slice password,
    derived *d, sgl_err *err)
{
	d->key_len = p->derived;
	if (p->iv.len > MAX_IV)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "initialization vector has the wrong length");
	d->iv_len = p->iv.len;
	memcpy(d->iv, p->iv.data, p->iv.len);
	if (p->kdf == SGL_PBE_SCRYPT)
		return sgl_kdf_scrypt(engine, password, p->salt, p->n,
		    (uint32_t)p->r, (uint32_t)p->p, d->key, d->key_len, err);
	return sgl_kdf_pbkdf2(engine, p->digest, password, p->salt,
	    p->iterations, d->key, d->key_len, err);
}

static sgl_status
run_cipher(sgl_engine *engine, const sgl_cipher_params *params, sgl_slice in,
    sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	cipher = NULL;
	SGL_AUTO_CLEAR(sgl_secret) room = {0};
	size_t len, last;

	TRY(sgl_cipher_new(engine, params, &cipher, err));
	TRY(sgl_secret_zeroed(&room, in.len + 64, err));
	TRY(sgl_cipher_update(cipher, in, room.data, &len, err));
	TRY(sgl_cipher_finish(cipher, room.data + len, &last, err));
	return sgl_secret_set(out, sgl_slice_of(room.data, len + last), err);
}

/* `password` is as the derivation wants it: UTF-8, or a BMPString. */
static sgl_status
decrypt_with(sgl_engine *engine, const sgl_pbe_alg *p, sgl_slice password,
    sgl_slice in, sgl_secret *out, sgl_err *err)
{
	derived d = {0};
	sgl_status status;

	if (p->kdf == SGL_PBE_PKCS12)
		status = derive_pkcs12(engine, p, password, &d, err);
	else
		status = derive_pbes2(engine, p, password, &d, err);
	if (status == SGL_OK) {
		sgl_cipher_params params = {
		    .alg = p->cipher,
		    .key = sgl_slice_of(d.key, d.key_len),
		    .iv = sgl_slice_of(d.iv, d.iv_len),
		    .rc2_bits = p->rc2_bits,
		};
		status = run_cipher(engine, &params, in, out, err);
	}
	sgl_mem_wipe(&d, sizeof d);
	return status == SGL_E_DECRYPT ? wrong_password(err) : status;
}

/*
 * No password is written as two zero bytes by some and as no bytes by others
 * (RFC 7292 B.1 allows the first alone). What is encrypted is a SEQUENCE, so
 * a form that fits by chance is told from the right one.
 */
static sgl_status
decrypt_without_password(sgl_engine *engine, const sgl_pbe_alg *p, sgl_slice in,
    sgl_secret *out, sgl_err *err)
{
	static const uint8_t zeros[2] = {0, 0};

	for (size_t len = 0; len <= sizeof zeros; len += sizeof zeros) {
		SGL_AUTO_CLEAR(sgl_secret) found = {0};
		sgl_slice form = sgl_slice_of(zeros, sizeof zeros - len);
		sgl_status status =
		    decrypt_with(engine, p, form, in, &found, err);
		if (status == SGL_OK && found.len > 0 && found.data[0] == 0x30)
			return sgl_secret_set(
			    out, sgl_secret_slice(&found), err);
		if (status != SGL_OK && status != SGL_E_PASSWORD)
			return status;
	}
	return wrong_password(err);
}

sgl_status
sgl_pbe_decrypt(sgl_engine *engine, sgl_slice algorithm, sgl_slice password,
    sgl_slice in, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};
	sgl_pbe_alg p;

	TRY(sgl_pbe_alg_read(algorithm, &p, err));
	if (p.kdf != SGL_PBE_PKCS12)
		return decrypt_with(engine, &p, password, in, out, err);
	if (password.len == 0)
		return decrypt_without_password(engine, &p, in, out, err);
	TRY(sgl_pbe_bmp(password, &bmp, err));
	return decrypt_with(engine, &p, sgl_secret_slice(&bmp), in, out, err);
}

bool
sgl_pbe_is_pbes2(sgl_slice algorithm)
{
	sgl_pbe_alg p;

	return sgl_pbe_alg_read(algorithm, &p, NULL) == SGL_OK &&
	    p.kdf != SGL_PBE_PKCS12;
}

uint64_t
sgl_pbe_rounds(sgl_slice algorithm)
{
	uint64_t rounds = 0;
	sgl_pbe_alg p;

	if (sgl_pbe_alg_read(algorithm, &p, NULL) != SGL_OK)
		return 0;
	if (p.kdf != SGL_PBE_SCRYPT)
		return p.iterations;
	if (__builtin_mul_overflow(p.n, p.r, &rounds) ||
	    __builtin_mul_overflow(rounds, p.p, &rounds))
		return UINT64_MAX;
	return rounds;
}

static sgl_status
add_pbes2(sgl_buf *out, sgl_slice salt, uint64_t iterations, sgl_slice iv,
    sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t whole = sgl_derb_open(&b, SGL_SEQUENCE), params, kdf, kdf_params,
	       alg;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_PBES2));
	params = sgl_derb_open(&b, SGL_SEQUENCE);
	kdf = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_PBKDF2));
	kdf_params = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_octets(&b, salt);
	sgl_derb_uint(&b, iterations);
	alg = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_HMAC_SHA256));
	sgl_derb_null(&b);
	sgl_derb_close(&b, alg);
	sgl_derb_close(&b, kdf_params);
	sgl_derb_close(&b, kdf);
	alg = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AES256_CBC));
	sgl_derb_octets(&b, iv);
	sgl_derb_close(&b, alg);
	sgl_derb_close(&b, params);
	sgl_derb_close(&b, whole);
	return sgl_derb_end(&b, err);
}

sgl_status
sgl_pbe_encrypt(sgl_engine *engine, sgl_slice password, uint64_t iterations,
    sgl_slice in, sgl_buf *algorithm, sgl_buf *out, sgl_err *err)
{
	uint8_t random[SALT_LEN + MAX_IV], key[MAX_KEY];
	sgl_slice salt = sgl_slice_of(random, SALT_LEN);
	sgl_slice iv = sgl_slice_of(random + SALT_LEN, MAX_IV);
	SGL_AUTO_CLEAR(sgl_secret) encrypted = {0};
	sgl_cipher_params params = {.alg = SGL_CIPHER_AES256_CBC,
	    .encrypt = true,
	    .key = sgl_slice_of(key, sizeof key),
	    .iv = iv};
	sgl_status status;

	TRY(sgl_random(engine, random, sizeof random, err));
	status = sgl_kdf_pbkdf2(engine, SGL_DIGEST_SHA256, password, salt,
	    iterations, key, sizeof key, err);
	if (status == SGL_OK)
		status = run_cipher(engine, &params, in, &encrypted, err);
	sgl_mem_wipe(key, sizeof key);
	TRY(status);
	TRY(sgl_buf_reserve(out, encrypted.len, err));
	TRY(add_pbes2(algorithm, salt, iterations, iv, err));
	return sgl_buf_add(out, sgl_secret_slice(&encrypted), err);
}

static sgl_status
add_pkcs12(sgl_buf *out, sgl_slice salt, uint64_t iterations, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t whole = sgl_derb_open(&b, SGL_SEQUENCE), params;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_PBE_SHA1_3DES));
	params = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_octets(&b, salt);
	sgl_derb_uint(&b, iterations);
	sgl_derb_close(&b, params);
	sgl_derb_close(&b, whole);
	return sgl_derb_end(&b, err);
}

/* One whole 3DES-CBC encryption; its padding is made here, because the cipher
 * room's own encryption refuses old ciphers. */
static sgl_status
run_legacy(sgl_engine *engine, const sgl_pbe_alg *p, sgl_slice bmp,
    sgl_slice in, sgl_secret *out, sgl_err *err)
{
	size_t pad = 8 - in.len % 8;
	SGL_AUTO_CLEAR(sgl_secret) padded = {0};
	derived d = {0};
	sgl_status status;

	TRY(sgl_secret_zeroed(&padded, in.len + pad, err));
	if (in.len > 0)
		memcpy(padded.data, in.data, in.len);
	memset(padded.data + in.len, (int)pad, pad);
	TRY(sgl_secret_zeroed(out, padded.len, err));
	status = derive_pkcs12(engine, p, bmp, &d, err);
	if (status == SGL_OK)
		status = sgl_cbc_raw(engine, p->cipher, true,
		    sgl_slice_of(d.key, d.key_len),
		    sgl_slice_of(d.iv, d.iv_len), sgl_secret_slice(&padded),
		    out->data, err);
	sgl_mem_wipe(&d, sizeof d);
	return status;
}

sgl_status
sgl_pbe_encrypt_legacy(sgl_engine *engine, sgl_slice password,
    uint64_t iterations, sgl_slice in, sgl_buf *algorithm, sgl_buf *out,
    sgl_err *err)
{
	uint8_t salt[SALT_LEN];
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};
	SGL_AUTO_CLEAR(sgl_secret) encrypted = {0};
	sgl_pbe_alg p = {.kdf = SGL_PBE_PKCS12,
	    .digest = SGL_DIGEST_SHA1,
	    .salt = sgl_slice_of(salt, sizeof salt),
	    .iterations = iterations,
	    .cipher = SGL_CIPHER_DES3_CBC,
	    .derived = 24};

	TRY(sgl_pbe_bmp(password, &bmp, err));
	TRY(sgl_random(engine, salt, sizeof salt, err));
	TRY(run_legacy(
	    engine, &p, sgl_secret_slice(&bmp), in, &encrypted, err));
	TRY(sgl_buf_reserve(out, encrypted.len, err));
	TRY(add_pkcs12(algorithm, p.salt, iterations, err));
	return sgl_buf_add(out, sgl_secret_slice(&encrypted), err);
}

static sgl_status
parse_key(sgl_engine *engine, sgl_slice der, sgl_key **out, sgl_err *err)
{
	sgl_status status = sgl_key_read(engine, der, out, err);

	/* A wrong password passes for a right one once in 256 times. */
	return status == SGL_E_ENCODING ? wrong_password(err) : status;
}

sgl_status
sgl_key_read_encrypted(sgl_engine *engine, sgl_slice der, sgl_slice password,
    sgl_key **out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(der), body;
	SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(der.len);
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_slice algorithm, data;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_octets(&body, SGL_OCTET_STRING, &data, &store) ||
	    !sgl_der_done(&body))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(&in),
		    "encrypted private key is malformed");
	TRY(sgl_pbe_decrypt(engine, algorithm, password, data, &plain, err));
	return parse_key(engine, sgl_secret_slice(&plain), out, err);
}
