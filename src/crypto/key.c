/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys as others see them: counted, asked, here or far away. */
#include "asn1/builder.h"
#include "crypto/key.h"

#define ROOM "crypto.key"
/* A SubjectPublicKeyInfo of the longest RSA key, and more. */
#define MAX_SPKI ((size_t)4096)

static sgl_status
new_key(sgl_key_kind kind, sgl_slice spki, sgl_key **out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = sgl_mem_zeroed(1, sizeof *key);

	if (key == NULL)
		return sgl_oom(err, ROOM);
	key->refs = 1;
	key->kind = kind;
	TRY(sgl_secret_set(&key->spki, spki, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

sgl_key *
sgl_key_ref(sgl_key *key)
{
	key->refs++;
	return key;
}

void
sgl_key_unref(sgl_key *key)
{
	if (key == NULL || --key->refs > 0)
		return;
	if (key->remote && key->ops.release != NULL)
		key->ops.release(key->ctx);
	sgl_evp_key_clear(&key->evp);
	sgl_secret_clear(&key->algorithm);
	sgl_secret_clear(&key->spki);
	sgl_mem_wipe(key, sizeof *key);
	sgl_mem_free(key);
}

sgl_key_kind
sgl_key_get_kind(const sgl_key *key)
{
	return key->kind;
}

bool
sgl_key_is_remote(const sgl_key *key)
{
	return key->remote;
}

void
sgl_key_vouch(sgl_key *key)
{
	key->vouched = true;
}

bool
sgl_key_is_vouched(const sgl_key *key)
{
	return !key->remote || key->vouched;
}

sgl_slice
sgl_key_get_spki(const sgl_key *key)
{
	return sgl_secret_slice(&key->spki);
}

sgl_status
sgl_key_new_remote(sgl_engine *engine, sgl_slice spki, const sgl_key_ops *ops,
    void *ctx, sgl_key **out, sgl_err *err)
{
	sgl_key_kind kind = SGL_KEY_UNKNOWN;
	sgl_key *key = NULL;

	TRY(sgl_pubkey_check(engine, spki, &kind, err));
	TRY(new_key(kind, spki, &key, err));
	/* From here on release is due; until here it is the caller's. */
	key->remote = true;
	key->ops = *ops;
	key->ctx = ctx;
	*out = key;
	return SGL_OK;
}

sgl_status
sgl_key_ask(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	if (key->remote)
		return key->ops.ask(key->ctx, request, answer, err);
	return sgl_key_ask_local(engine, key, request, answer, err);
}

/* At most SGL_KEY_MANY. */
static sgl_status
ask_some(sgl_engine *engine, sgl_key *key, const sgl_key_request *requests,
    size_t num, sgl_key_answer *answers, sgl_err *err)
{
	if (key->remote && key->ops.ask_many != NULL && num > 1)
		return key->ops.ask_many(key->ctx, requests, num, answers, err);
	for (size_t i = 0; i < num; i++)
		TRY(sgl_key_ask(engine, key, &requests[i], &answers[i], err));
	return SGL_OK;
}

sgl_status
sgl_key_ask_many(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *requests, size_t num, sgl_key_answer *answers,
    sgl_err *err)
{
	for (size_t i = 0; i < num; i += SGL_KEY_MANY) {
		const size_t left = num - i;

		TRY(ask_some(engine, key, requests + i,
		    left < SGL_KEY_MANY ? left : SGL_KEY_MANY, answers + i,
		    err));
	}
	return SGL_OK;
}

sgl_status
sgl_key_fits(sgl_engine *engine, const sgl_key *key, sgl_slice spki, bool *fits,
    sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	ours = NULL;
	SGL_AUTO(sgl_pubkey)
	theirs = NULL;

	if (sgl_slice_eq(spki, sgl_key_get_spki(key))) {
		*fits = true;
		return SGL_OK;
	}
	TRY(sgl_pubkey_read(engine, sgl_key_get_spki(key), &ours, err));
	TRY(sgl_pubkey_read(engine, spki, &theirs, err));
	*fits = sgl_pubkey_same(ours, theirs);
	return SGL_OK;
}

sgl_status
sgl_key_get_integer(
    EVP_PKEY *pkey, const char *name, sgl_secret *out, sgl_err *err)
{
	BIGNUM *n = NULL;
	sgl_status status;

	if (EVP_PKEY_get_bn_param(pkey, name, &n) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "key has a part missing");
	status = sgl_secret_zeroed(out, (size_t)BN_num_bytes(n), err);
	if (status == SGL_OK)
		(void)BN_bn2bin(n, out->data);
	BN_clear_free(n);
	return status;
}

sgl_status
sgl_key_get_point(
    EVP_PKEY *pkey, uint8_t point[SGL_POINT_MAX], size_t *len, sgl_err *err)
{
	if (EVP_PKEY_get_octet_string_param(pkey,
		OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, SGL_POINT_MAX,
		len) != 1)
		return sgl_crypto_fail(
		    err, SGL_E_CRYPTO, ROOM, "public key cannot be written");
	return SGL_OK;
}

/* RFC 3279 2.3.1, RFC 5480 2.1.1, RFC 8410 3. */
static void
add_algorithm(sgl_derb *b, const sgl_kind_info *info)
{
	size_t alg = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(info->algorithm));
	if (info->curve != SGL_OID_UNKNOWN)
		sgl_derb_oid(b, sgl_oid_der(info->curve));
	else if (info->algorithm == SGL_OID_RSA_ENCRYPTION)
		sgl_derb_null(b);
	sgl_derb_close(b, alg);
}

static sgl_status
add_rsa_bits(sgl_slice n, sgl_slice e, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_unsigned(&b, n);
	sgl_derb_unsigned(&b, e);
	sgl_derb_close(&b, seq);
	return sgl_derb_end(&b, err);
}

static sgl_status
rsa_public_bits(EVP_PKEY *pkey, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) n = {0};
	SGL_AUTO_CLEAR(sgl_secret) e = {0};

	TRY(sgl_key_get_integer(pkey, OSSL_PKEY_PARAM_RSA_N, &n, err));
	TRY(sgl_key_get_integer(pkey, OSSL_PKEY_PARAM_RSA_E, &e, err));
	return add_rsa_bits(
	    sgl_secret_slice(&n), sgl_secret_slice(&e), out, err);
}

static sgl_status
public_bits(sgl_key_kind kind, EVP_PKEY *pkey, sgl_buf *out, sgl_err *err)
{
	uint8_t point[SGL_POINT_MAX];
	size_t len = 0;

	if (kind == SGL_KEY_RSA)
		return rsa_public_bits(pkey, out, err);
	if (kind == SGL_KEY_ED25519) {
		len = SGL_RAW_KEY_LEN;
		if (EVP_PKEY_get_raw_public_key(pkey, point, &len) != 1)
			return sgl_crypto_fail(err, SGL_E_CRYPTO, ROOM,
			    "public key cannot be written");
	} else {
		TRY(sgl_key_get_point(pkey, point, &len, err));
	}
	return sgl_buf_add(out, sgl_slice_of(point, len), err);
}

static sgl_status
add_spki(sgl_slice algorithm, sgl_slice bits, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_raw(&b, algorithm);
	sgl_derb_bits(&b, bits, 0);
	sgl_derb_close(&b, seq);
	return sgl_derb_end(&b, err);
}

static sgl_status
build_spki(sgl_key_kind kind, sgl_slice algorithm, EVP_PKEY *pkey, sgl_buf *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bits = sgl_buf_init(MAX_SPKI);

	TRY(public_bits(kind, pkey, &bits, err));
	return add_spki(algorithm, sgl_buf_slice(&bits), out, err);
}

sgl_status
sgl_spki_of_bits(sgl_key_kind kind, sgl_slice bits, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(MAX_SPKI);
	sgl_derb b = sgl_derb_over(&alg);

	add_algorithm(&b, sgl_kind_info_of(kind));
	TRY(sgl_derb_end(&b, err));
	return add_spki(sgl_buf_slice(&alg), bits, out, err);
}

sgl_status
sgl_spki_of_rsa(sgl_slice n, sgl_slice e, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bits = sgl_buf_init(MAX_SPKI);

	TRY(add_rsa_bits(n, e, &bits, err));
	return sgl_spki_of_bits(SGL_KEY_RSA, sgl_buf_slice(&bits), out, err);
}

/* What answers to bad ciphertexts are drawn from: secret, fixed per key, and
 * of no use to find the key by. */
static sgl_status
note_rsa(sgl_engine *engine, sgl_key *key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) d = {0};

	key->modulus_len = (size_t)EVP_PKEY_get_size(key->evp.pkey);
	TRY(sgl_key_get_integer(key->evp.pkey, OSSL_PKEY_PARAM_RSA_D, &d, err));
	return sgl_hash_once(engine, SGL_DIGEST_SHA256, sgl_secret_slice(&d),
	    &key->exponent, err);
}

/* An id-RSASSA-PSS key keeps its AlgorithmIdentifier; all others get the one
 * that the standards give them. */
static sgl_status
algorithm_of(sgl_key_kind kind, const sgl_pss_limit *pss, sgl_slice given,
    sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);

	if (pss != NULL && pss->only_pss)
		sgl_derb_raw(&b, given);
	else
		add_algorithm(&b, sgl_kind_info_of(kind));
	return sgl_derb_end(&b, err);
}

sgl_status
sgl_key_new_local(sgl_engine *engine, sgl_key_kind kind,
    const sgl_pss_limit *pss, sgl_slice algorithm, EVP_PKEY **pkey,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) spki = sgl_buf_init(MAX_SPKI);
	SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(MAX_SPKI);
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(algorithm_of(kind, pss, algorithm, &alg, err));
	TRY(build_spki(kind, sgl_buf_slice(&alg), *pkey, &spki, err));
	TRY(new_key(kind, sgl_buf_slice(&spki), &key, err));
	TRY(sgl_secret_set(&key->algorithm, sgl_buf_slice(&alg), err));
	if (pss != NULL)
		key->pss = *pss;
	key->evp.lib = engine->lib;
	key->evp.pkey = SGL_TAKE(pkey);
	if (kind == SGL_KEY_RSA)
		TRY(note_rsa(engine, key, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}
