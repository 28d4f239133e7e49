/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a RecipientInfo to the content key. The first candidate that we can do
 * decides: a failure with one key never leads to a try with the next, because
 * which key failed would tell somebody something (RFC 3218 2.3).
 */
#include "cms/reader_inside.h"

#define ROOM "cms.recipient"

/* The content key's length; RC2 has its effective bits. */
static size_t
cek_len(const sgl_cms_reader *r)
{
	const sgl_content_alg *alg = &r->report.content_alg;

	return alg->cipher == SGL_CIPHER_RC2_CBC
	    ? alg->rc2_bits / 8
	    : sgl_cipher_key_len(alg->cipher);
}

static sgl_status
take_cek(sgl_cms_reader *r, const uint8_t *key, size_t len, const char *how,
    sgl_err *err)
{
	if (len != cek_len(r))
		return sgl_not_decrypted(err);
	r->report.opened_by = how;
	return sgl_secret_set(&r->cek, sgl_slice_of(key, len), err);
}

static sgl_status
unwrap(sgl_cms_reader *r, sgl_slice kek, bool is_des3, sgl_slice wrapped,
    const char *how, sgl_err *err)
{
	uint8_t key[256];
	size_t len;
	sgl_status status;

	if (wrapped.len > sizeof key)
		return sgl_not_decrypted(err);
	status = is_des3
	    ? sgl_key_unwrap_des3(r->engine, kek, wrapped, key, &len, err)
	    : sgl_key_unwrap(r->engine, kek, wrapped, key, &len, err);
	if (status == SGL_OK)
		status = take_cek(r, key, len, how, err);
	sgl_mem_wipe(key, sizeof key);
	return status;
}

static sgl_status
use_agreement(
    sgl_cms_reader *r, const sgl_candidate *c, sgl_slice shared, sgl_err *err)
{
	sgl_agree_alg alg;
	uint8_t kek[32];
	sgl_status status;

	TRY(sgl_agree_alg_read(c->algorithm, &alg, err));
	status = sgl_agree_kek(r->engine, &alg,
	    c->has_ukm ? c->ukm : sgl_slice_of(NULL, 0), shared, kek, err);
	if (status == SGL_OK)
		status = unwrap(r, sgl_slice_of(kek, alg.kek_len),
		    alg.wrap == SGL_OID_ALG_CMS3DES_WRAP, c->encrypted_key,
		    "ecdh", err);
	sgl_mem_wipe(kek, sizeof kek);
	return status;
}

static sgl_status
use_answer(sgl_cms_reader *r, const sgl_key_answer *answer, sgl_err *err)
{
	const sgl_candidate *c = &r->candidates[r->at_candidate];

	if (c->how == SGL_BY_KEY_AGREEMENT)
		return use_agreement(
		    r, c, sgl_slice_of(answer->bytes, answer->len), err);
	return take_cek(r, answer->bytes, answer->len, "rsa", err);
}

/* What a candidate's form rules out says nothing about a key, so the next may
 * be tried; neither does a password that somebody typed. */
static bool
may_try_next(sgl_status status)
{
	return status == SGL_E_UNSUPPORTED || status == SGL_E_PASSWORD;
}

static sgl_status
on_answer(
    void *ctx, sgl_status status, const sgl_key_answer *answer, sgl_err *err)
{
	sgl_cms_reader *r = ctx;

	if (status == SGL_OK)
		status = use_answer(r, answer, err);
	else
		status = sgl_fail(err, status, ROOM, SGL_NO_OFFSET,
		    "the private key gave no answer");
	/* As if the key had said so at once. */
	if (may_try_next(status) && ++r->at_candidate < r->num_candidates)
		status = sgl_open_candidates(r, err);
	return sgl_cms_reader_go_on(r, status, err);
}

static sgl_status
ask(sgl_cms_reader *r, sgl_candidate *c, const sgl_key_request *request,
    sgl_err *err)
{
	sgl_key_answer answer;
	sgl_status status;

	status = sgl_asker_ask(r->options.asker, r->engine, c->key, request,
	    &answer, on_answer, r, err);
	if (status == SGL_OK)
		status = use_answer(r, &answer, err);
	sgl_mem_wipe(&answer, sizeof answer);
	return status;
}

static sgl_oid
algorithm_oid(sgl_slice algorithm)
{
	sgl_der in = sgl_ber_over(algorithm), body;
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &oid))
		return SGL_OID_UNKNOWN;
	return sgl_oid_find(oid);
}

static sgl_status
unsupported(sgl_slice algorithm, sgl_err *err)
{
	sgl_der in = sgl_ber_over(algorithm), body;
	char label[SGL_OID_TEXT] = "";
	sgl_slice oid;

	if (sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read_oid(&body, &oid))
		(void)sgl_oid_label(oid, label);
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "this way of encrypting the content key is not supported", "%s",
	    label);
}

/* @req rfc8551-2.3 */
static sgl_status
open_transport(sgl_cms_reader *r, sgl_candidate *c, sgl_err *err)
{
	sgl_key_request request = {
	    .input = c->encrypted_key, .want_len = cek_len(r)};
	sgl_oaep oaep;

	switch (algorithm_oid(c->algorithm)) {
	case SGL_OID_RSA_ENCRYPTION:
		request.op = SGL_KEY_RSA_V15;
		break;
	case SGL_OID_RSAES_OAEP:
		TRY(sgl_oaep_read(c->algorithm, &oaep, err));
		request.op = SGL_KEY_RSA_OAEP;
		request.oaep_digest = oaep.digest;
		request.oaep_mgf = oaep.mgf;
		request.oaep_label = oaep.label;
		break;
	default:
		return unsupported(c->algorithm, err);
	}
	return ask(r, c, &request, err);
}

static sgl_status
open_agreement(sgl_cms_reader *r, sgl_candidate *c, sgl_err *err)
{
	sgl_key_request request = {.op = SGL_KEY_ECDH, .input = c->originator};
	sgl_agree_alg alg;

	TRY(sgl_agree_alg_read(c->algorithm, &alg, err));
	if (c->originator.data == NULL)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "key agreement with a static originator key");
	return ask(r, c, &request, err);
}

static sgl_status
open_kek(sgl_cms_reader *r, sgl_candidate *c, sgl_err *err)
{
	sgl_status status;
	size_t len;

	switch (algorithm_oid(c->algorithm)) {
	case SGL_OID_AES128_WRAP:
		len = 16;
		break;
	case SGL_OID_AES192_WRAP:
		len = 24;
		break;
	case SGL_OID_AES256_WRAP:
		len = 32;
		break;
	default:
		return unsupported(c->algorithm, err);
	}
	if (r->options.kek.len != len)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    "the key-encryption key has the wrong length");
	status = unwrap(r, r->options.kek, false, c->encrypted_key, "kek", err);
	/* The wrapping has a checksum: this is about the key alone. */
	return status != SGL_E_DECRYPT
	    ? status
	    : sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		  "the key-encryption key is another one");
}

static sgl_status
open_password(sgl_cms_reader *r, sgl_candidate *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) cek = {0};
	sgl_pwri pwri = {
	    .derivation = c->derivation,
	    .encryption = c->algorithm,
	    .wrapped = c->encrypted_key,
	};

	TRY(sgl_pwri_unwrap(r->engine, r->options.password, &pwri,
	    r->options.kdf_rounds != NULL ? r->options.kdf_rounds
					  : &r->kdf_rounds,
	    &cek, err));
	return take_cek(r, cek.data, cek.len, "password", err);
}

static sgl_status
open_one(sgl_cms_reader *r, sgl_err *err)
{
	sgl_candidate *c = &r->candidates[r->at_candidate];

	switch (c->how) {
	case SGL_BY_KEY_TRANSPORT:
		return open_transport(r, c, err);
	case SGL_BY_KEY_AGREEMENT:
		return open_agreement(r, c, err);
	case SGL_BY_PASSWORD:
		return open_password(r, c, err);
	case SGL_BY_KEK:
		return open_kek(r, c, err);
	}
	return sgl_not_decrypted(err);
}

sgl_status
sgl_open_candidates(sgl_cms_reader *r, sgl_err *err)
{
	sgl_status status = SGL_E_NOKEY;

	while (r->at_candidate < r->num_candidates) {
		status = open_one(r, err);
		if (!may_try_next(status))
			return status;
		r->at_candidate++;
	}
	return status;
}
