/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#define ROOM "crypto.pubkey"
#define MAX_PUBKEYS 256

sgl_pubkey *
sgl_pubkey_ref(sgl_pubkey *key)
{
	key->refs++;
	return key;
}

void
sgl_pubkey_unref(sgl_pubkey *key)
{
	if (key == NULL || --key->refs > 0)
		return;
	sgl_evp_key_clear(&key->evp);
	sgl_mem_free(key);
}

sgl_key_kind
sgl_pubkey_get_kind(const sgl_pubkey *key)
{
	return key->kind;
}

unsigned
sgl_pubkey_get_bits(const sgl_pubkey *key)
{
	return key->bits;
}

bool
sgl_pubkey_same(const sgl_pubkey *a, const sgl_pubkey *b)
{
	return a == b ||
	    (a->kind == b->kind && EVP_PKEY_eq(a->evp.pkey, b->evp.pkey) == 1);
}

/* libcrypto takes integers in the byte order of the machine. */
static OSSL_PARAM
param_integer(const char *name, sgl_slice big_endian, uint8_t *buf)
{
	for (size_t i = 0; i < big_endian.len; i++)
		buf[i] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		    ? big_endian.data[big_endian.len - 1 - i]
		    : big_endian.data[i];
	return OSSL_PARAM_construct_BN(name, buf, big_endian.len);
}

static EVP_PKEY_CTX *
importer(sgl_engine *engine, sgl_key_kind kind)
{
	EVP_PKEY_CTX **kept = &engine->import[kind];

	if (*kept == NULL)
		*kept = EVP_PKEY_CTX_new_from_name(
		    engine->lib, sgl_kind_info_of(kind)->evp, NULL);
	if (*kept == NULL || EVP_PKEY_fromdata_init(*kept) != 1)
		return NULL;
	return *kept;
}

/*
 * libcrypto may say yes to parameters that its key manager did not take in, so
 * what came out is asked for its size.
 */
static sgl_status
import(sgl_engine *engine, sgl_pubkey *key, OSSL_PARAM *params, sgl_err *err)
{
	EVP_PKEY_CTX *ctx = importer(engine, key->kind);

	if (ctx == NULL)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto lacks that kind of key");
	if (EVP_PKEY_fromdata(
		ctx, &key->evp.pkey, EVP_PKEY_PUBLIC_KEY, params) != 1 ||
	    EVP_PKEY_get_bits(key->evp.pkey) != (int)key->bits)
		return sgl_crypto_fail(
		    err, SGL_E_ENCODING, ROOM, "public key is not valid");
	return SGL_OK;
}

/* RSAPublicKey, RFC 8017 A.1.1. */
static sgl_status
read_rsa(sgl_engine *engine, sgl_pubkey *key, sgl_der in, sgl_err *err)
{
	sgl_der body;
	sgl_slice n, e;
	uint8_t n_buf[SGL_RSA_MAX_BYTES], e_buf[8];
	OSSL_PARAM params[3];

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_unsigned(&body, &n) ||
	    !sgl_der_read_unsigned(&body, &e) || !sgl_der_done(&body))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(&in),
		    "RSA public key is malformed");
	TRY(sgl_rsa_check_public(n, e, err));
	key->bits = sgl_bits_of(n);
	params[0] = param_integer(OSSL_PKEY_PARAM_RSA_N, n, n_buf);
	params[1] = param_integer(OSSL_PKEY_PARAM_RSA_E, e, e_buf);
	params[2] = OSSL_PARAM_construct_end();
	return import(engine, key, params, err);
}

static sgl_status
import_first_ec(
    sgl_engine *engine, sgl_pubkey *key, sgl_slice point, sgl_err *err)
{
	OSSL_PARAM params[] = {
	    sgl_param_utf8(
		OSSL_PKEY_PARAM_GROUP_NAME, sgl_kind_info_of(key->kind)->group),
	    sgl_param_octets(OSSL_PKEY_PARAM_PUB_KEY, point),
	    OSSL_PARAM_END,
	};

	TRY(import(engine, key, params, err));
	if (EVP_PKEY_up_ref(key->evp.pkey) == 1)
		engine->curve[key->kind] = key->evp.pkey;
	return SGL_OK;
}

static sgl_status
check_form(sgl_key_kind kind, sgl_slice point, sgl_err *err)
{
	return sgl_point_is(kind, point)
	    ? SGL_OK
	    : sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		  "point has the wrong form or length");
}

/* To make a curve anew takes libcrypto much longer than to copy one with
 * another key's point and to put in its own. It checks that the point lies on
 * the curve. These curves have no cofactor, so it is then in the right group,
 * too. */
static sgl_status
read_ec(sgl_engine *engine, sgl_pubkey *key, sgl_slice point, sgl_err *err)
{
	TRY(check_form(key->kind, point, err));
	if (engine->curve[key->kind] == NULL)
		return import_first_ec(engine, key, point, err);
	key->evp.pkey = EVP_PKEY_dup(engine->curve[key->kind]);
	if (key->evp.pkey == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	if (EVP_PKEY_set1_encoded_public_key(
		key->evp.pkey, point.data, point.len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_ENCODING, ROOM, "public key is not valid");
	return SGL_OK;
}

static sgl_status
read_raw(sgl_engine *engine, sgl_pubkey *key, sgl_slice raw, sgl_err *err)
{
	if (raw.len != SGL_RAW_KEY_LEN)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "public key has the wrong length");
	key->evp.pkey = EVP_PKEY_new_raw_public_key_ex(engine->lib,
	    sgl_kind_info_of(key->kind)->evp, NULL, raw.data, raw.len);
	if (key->evp.pkey == NULL)
		return sgl_crypto_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    "libcrypto lacks that kind of key");
	return SGL_OK;
}

/* `in` is over the contents of the BIT STRING, `bits`, and counts offsets from
 * the start of the whole. */
static sgl_status
read_bits(sgl_engine *engine, sgl_pubkey *key, sgl_der in, sgl_err *err)
{
	sgl_slice bits = sgl_der_rest(&in);

	key->bits = sgl_kind_info_of(key->kind)->bits;
	if (key->kind == SGL_KEY_RSA)
		return read_rsa(engine, key, in, err);
	if (sgl_kind_is_ec(key->kind))
		return read_ec(engine, key, bits, err);
	return read_raw(engine, key, bits, err);
}

/* SubjectPublicKeyInfo, RFC 5280 4.1. */
static sgl_status
split_spki(sgl_slice spki, sgl_key_alg *alg, sgl_der *key, sgl_err *err)
{
	sgl_der in = sgl_der_over(spki), body;
	sgl_slice bits;
	unsigned unused;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(&in),
		    "public key is not one SEQUENCE");
	TRY(sgl_key_alg_read(&body, alg, err));
	if (!sgl_der_read_bits(&body, &bits, &unused) || unused != 0 ||
	    !sgl_der_done(&body))
		return sgl_fail(err, SGL_E_ENCODING, ROOM,
		    sgl_der_offset(&body), "public key is malformed");
	*key = sgl_der_over(bits);
	key->origin = in.origin;
	return SGL_OK;
}

static sgl_status
parse(sgl_engine *engine, sgl_slice spki, sgl_pubkey **out, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_key_alg alg;
	sgl_der bits;

	TRY(split_spki(spki, &alg, &bits, err));
	key = sgl_mem_zeroed(1, sizeof *key);
	if (key == NULL)
		return sgl_oom(err, ROOM);
	key->refs = 1;
	key->kind = alg.kind;
	key->pss = alg.pss;
	key->evp.lib = engine->lib;
	TRY(read_bits(engine, key, bits, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

/* On the curve, and so in the right group (see read_ec). */
static sgl_status
check_point(
    sgl_engine *engine, sgl_key_kind kind, sgl_slice point, sgl_err *err)
{
	EC_GROUP *group = NULL;
	EC_POINT *p;
	bool good;

	TRY(check_form(kind, point, err));
	TRY(sgl_engine_group(engine, kind, &group, err));
	p = EC_POINT_new(group);
	if (p == NULL)
		return sgl_crypto_fail(err, SGL_E_NOMEM, ROOM, "out of memory");
	good = EC_POINT_oct2point(group, p, point.data, point.len, NULL) == 1;
	EC_POINT_free(p);
	return good ? SGL_OK
		    : sgl_crypto_fail(
			  err, SGL_E_ENCODING, ROOM, "public key is not valid");
}

sgl_status
sgl_pubkey_check(
    sgl_engine *engine, sgl_slice spki, sgl_key_kind *kind, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_key_alg alg;
	sgl_der bits;

	TRY(split_spki(spki, &alg, &bits, err));
	if (sgl_kind_is_ec(alg.kind))
		TRY(check_point(engine, alg.kind, sgl_der_rest(&bits), err));
	else
		TRY(sgl_pubkey_read(engine, spki, &key, err));
	*kind = alg.kind;
	return SGL_OK;
}

static void
drop(void *key)
{
	sgl_pubkey_unref(key);
}

sgl_status
sgl_pubkey_read(
    sgl_engine *engine, sgl_slice spki, sgl_pubkey **out, sgl_err *err)
{
	sgl_digest id;
	sgl_pubkey *key;

	if (engine->pubkeys == NULL)
		TRY(sgl_lru_new(MAX_PUBKEYS, &engine->pubkeys, err));
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, spki, &id, err));
	key = sgl_lru_find(engine->pubkeys, id.bytes);
	if (key == NULL) {
		TRY(parse(engine, spki, &key, err));
		sgl_lru_add(engine->pubkeys, id.bytes, key, drop);
	}
	*out = sgl_pubkey_ref(key);
	return SGL_OK;
}
