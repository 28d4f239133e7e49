/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the room fails once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/pbe.h"
#include "crypto/pubkey.h"
#include "support/fault.h"
#include "support/hex.h"

/* RFC 8410 10.3; and P-256 with the private value 1. */
#define ED25519_KEY                                                            \
	"302e020100300506032b657004220420"                                     \
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
#define P256_KEY "3012020101040101a00a06082a8648ce3d030107"

static sgl_slice rsa_der; /* made once, before anything fails */

static sgl_status
hash_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_hash)
	h = NULL;
	sgl_digest value;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_hash_new(engine, SGL_DIGEST_SHA256, &h, err));
	TRY(sgl_hash_update(h, SGL_LIT("m"), err));
	TRY(sgl_hash_value(h, &value, err));
	return sgl_hmac(
	    engine, SGL_DIGEST_SHA1, SGL_LIT("k"), SGL_LIT("m"), &value, err);
}

static sgl_status
cipher_job(void *ctx, sgl_err *err)
{
	static const uint8_t zeros[32];
	SGL_AUTO(sgl_engine)
	engine = NULL;
	sgl_cipher_params p = {.alg = SGL_CIPHER_AES256_GCM,
	    .encrypt = true,
	    .key = sgl_slice_of(zeros, 32),
	    .iv = sgl_slice_of(zeros, 12)};
	uint8_t out[64], tag[16];
	size_t len;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	{
		SGL_AUTO(sgl_cipher)
		c = NULL;
		TRY(sgl_cipher_new(engine, &p, &c, err));
		TRY(sgl_cipher_update(c, SGL_LIT("m"), out, &len, err));
		TRY(sgl_cipher_tag(c, tag, err));
	}
	return sgl_key_wrap(engine, sgl_slice_of(zeros, 16),
	    sgl_slice_of(zeros, 16), out, &len, err);
}

/* Reads a private key, writes it, uses it and verifies with its public half. */
static sgl_status
use_key(sgl_engine *engine, sgl_slice der, const sgl_sig_alg *alg, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	SGL_AUTO_CLEAR(sgl_secret) written = {0};
	sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("m"), .sig = *alg};
	sgl_key_answer answer;
	bool good = false;

	TRY(sgl_key_read(engine, der, &key, err));
	TRY(sgl_key_write(key, &written, err));
	TRY(sgl_key_ask(engine, key, &request, &answer, err));
	TRY(sgl_pubkey_read(engine, sgl_key_get_spki(key), &public, err));
	TRY(sgl_pubkey_verify(engine, public, alg, SGL_LIT("m"),
	    sgl_slice_of(answer.bytes, answer.len), &good, err));
	assert_true(good);
	return SGL_OK;
}

static sgl_status
keys_job(void *ctx, sgl_err *err)
{
	static const sgl_sig_alg ed = {
	    SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0};
	static const sgl_sig_alg ec = {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0};
	static const sgl_sig_alg pss = {
	    SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32};
	SGL_AUTO(sgl_engine)
	engine = NULL;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(use_key(engine, unhex(ED25519_KEY), &ed, err));
	TRY(use_key(engine, unhex(P256_KEY), &ec, err));
	return use_key(engine, rsa_der, &pss, err);
}

static sgl_status
recipient_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_key)
	rsa = NULL;
	SGL_AUTO(sgl_key)
	ec = NULL;
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	sgl_key_request request = {.op = SGL_KEY_RSA_V15, .want_len = 1};
	sgl_key_answer answer;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_key_read(engine, rsa_der, &rsa, err));
	TRY(sgl_pubkey_read(engine, sgl_key_get_spki(rsa), &public, err));
	TRY(sgl_pubkey_encrypt(engine, public, NULL, SGL_LIT("k"), &out, err));
	request.input = sgl_buf_slice(&out);
	TRY(sgl_key_ask(engine, rsa, &request, &answer, err));
	assert_memory_equal(answer.bytes, "k", 1);
	sgl_pubkey_unref(SGL_TAKE(&public));
	TRY(sgl_key_generate(engine, SGL_KEY_P256, 0, &ec, err));
	TRY(sgl_pubkey_read(engine, sgl_key_get_spki(ec), &public, err));
	out.len = 0;
	return sgl_pubkey_agree(engine, public, &out, &secret, err);
}

static sgl_status
pbe_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO_CLEAR(sgl_buf) alg = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_status status;

	(void)ctx;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_pbe_encrypt(
	    engine, SGL_LIT("p"), 10, SGL_LIT("m"), &alg, &out, err));
	TRY(sgl_pbe_decrypt(engine, sgl_buf_slice(&alg), SGL_LIT("p"),
	    sgl_buf_slice(&out), &plain, err));
	/* PKCS#12's own, with a password that is wrong. */
	status = sgl_pbe_decrypt(engine,
	    unhex("301b060a2a864886f70d010c0103300d0408000000000000000002010a"),
	    SGL_LIT("p"), SGL_LIT("12345678"), &plain, err);
	return status == SGL_E_PASSWORD ? SGL_OK : status;
}

static sgl_status
no_ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

static void
count_release(void *ctx)
{
	++*(int *)ctx;
}

/* Released once if it was made, never if not. */
static sgl_status
remote_job(void *ctx, sgl_err *err)
{
	static const sgl_key_ops ops = {
	    .ask = no_ask, .release = count_release};
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_key)
	local = NULL;
	sgl_key *remote = NULL;
	int *released = ctx;
	sgl_status status;

	*released = 0;
	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_key_read(engine, unhex(P256_KEY), &local, err));
	status = sgl_key_new_remote(
	    engine, sgl_key_get_spki(local), &ops, ctx, &remote, err);
	sgl_key_unref(remote);
	assert_int_equal(*released, status == SGL_OK);
	return status;
}

/* What was not taken is still the caller's. */
static sgl_status
fact_job(void *ctx, sgl_err *err)
{
	static const uint8_t id[32];
	SGL_AUTO(sgl_engine)
	engine = NULL;
	int *dropped = ctx;
	sgl_status status;

	*dropped = 0;
	TRY(sgl_engine_new(NULL, &engine, err));
	status = sgl_engine_remember(engine, id, ctx, count_release, err);
	sgl_engine_free(SGL_TAKE(&engine));
	assert_int_equal(*dropped, status == SGL_OK);
	return status;
}

static void
test_faults(void **state)
{
	static const sgl_fault_job jobs[] = {hash_job, cipher_job, keys_job,
	    recipient_job, pbe_job, remote_job, fact_job};
	int number;

	(void)state;
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
		assert_true(sgl_fault_each(jobs[i], &number) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_faults),
	};
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	sgl_engine *engine = NULL;
	sgl_key *rsa = NULL;
	int failed = 1;

	if (sgl_engine_new(NULL, &engine, NULL) == SGL_OK &&
	    sgl_key_generate(engine, SGL_KEY_RSA, 2048, &rsa, NULL) == SGL_OK &&
	    sgl_key_write(rsa, &der, NULL) == SGL_OK) {
		rsa_der = sgl_secret_slice(&der);
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	}
	sgl_key_unref(rsa);
	sgl_engine_free(engine);
	return failed;
}
