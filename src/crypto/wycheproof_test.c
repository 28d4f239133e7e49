/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Project Wycheproof's vectors for the primitives that we use, where
 * $SIGILL_CORPUS has them. "valid" must pass and "invalid" must not;
 * "acceptable" may do either, but not give a wrong answer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "asn1/builder.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "support/corpus.h"
#include "support/hex.h"
#include "support/json.h"

static sgl_engine *engine;

typedef enum verdict { INVALID, VALID, ACCEPTABLE } verdict;

static verdict
verdict_of(const json *t)
{
	const char *text = json_text(t, "result");

	if (strcmp(text, "valid") == 0)
		return VALID;
	return strcmp(text, "invalid") == 0 ? INVALID : ACCEPTABLE;
}

static sgl_slice
hex_of(const json *o, const char *name)
{
	return unhex(json_text(o, name));
}

static sgl_digest_alg
digest_of(const json *o, const char *name)
{
	return sgl_digest_find(sgl_slice_str(json_text(o, name)));
}

/* `passed` with a `right` answer or not, against what is expected. */
static void
judge(const json *t, bool passed, bool right)
{
	verdict want = verdict_of(t);

	if (passed && !right)
		fail_msg("test %ld (%s): wrong answer", json_number(t, "tcId"),
		    json_text(t, "comment"));
	if (want != ACCEPTABLE && passed != (want == VALID))
		fail_msg("test %ld (%s): %s", json_number(t, "tcId"),
		    json_text(t, "comment"),
		    passed ? "passed" : "did not pass");
}

/* --- RSA ----------------------------------------------------------------- */

static sgl_key *
private_of(const json *group)
{
	sgl_key *key = NULL;

	assert_int_equal(
	    sgl_key_read(engine, hex_of(group, "privateKeyPkcs8"), &key, NULL),
	    SGL_OK);
	return key;
}

static void
run_v15(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = private_of(group);
	sgl_slice msg = hex_of(t, "msg");
	sgl_key_request request = {.op = SGL_KEY_RSA_V15,
	    .input = hex_of(t, "ct"),
	    .want_len = msg.len == 0 ? 16 : msg.len};
	sgl_key_answer answer;
	bool same;

	/* Never a failure, only a wrong key. */
	assert_int_equal(
	    sgl_key_ask(engine, key, &request, &answer, NULL), SGL_OK);
	assert_int_equal(answer.len, request.want_len);
	same = sgl_slice_eq(sgl_slice_of(answer.bytes, answer.len), msg);
	if (msg.len > 0)
		judge(t, same, true);
}

static void
run_oaep(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = private_of(group);
	sgl_key_request request = {.op = SGL_KEY_RSA_OAEP,
	    .input = hex_of(t, "ct"),
	    .oaep_digest = digest_of(group, "sha"),
	    .oaep_mgf = digest_of(group, "mgfSha"),
	    .oaep_label = hex_of(t, "label")};
	sgl_key_answer answer = {0};
	sgl_status status;

	if (request.oaep_digest == SGL_DIGEST_NONE ||
	    request.oaep_mgf == SGL_DIGEST_NONE)
		return; /* SHA-512/256 and the like */
	status = sgl_key_ask(engine, key, &request, &answer, NULL);
	assert_true(status == SGL_OK || status == SGL_E_DECRYPT);
	judge(t, status == SGL_OK,
	    sgl_slice_eq(
		sgl_slice_of(answer.bytes, answer.len), hex_of(t, "msg")));
}

/* --- signatures ---------------------------------------------------------- */

static void
verify(const json *group, const json *t, const sgl_sig_alg *alg)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	bool good = false;
	sgl_err err;

	assert_int_equal(
	    sgl_pubkey_read(engine, hex_of(group, "publicKeyDer"), &key, &err),
	    SGL_OK);
	assert_int_equal(sgl_pubkey_verify(engine, key, alg, hex_of(t, "msg"),
			     hex_of(t, "sig"), &good, NULL),
	    SGL_OK);
	judge(t, good, true);
}

static void
run_rsa(const json *group, const json *t)
{
	sgl_sig_alg alg = {SGL_SIG_RSA_PKCS1, digest_of(group, "sha"), 0, 0};

	verify(group, t, &alg);
}

static void
run_pss(const json *group, const json *t)
{
	sgl_sig_alg alg = {SGL_SIG_RSA_PSS, digest_of(group, "sha"),
	    digest_of(group, "mgfSha"), (uint32_t)json_number(group, "sLen")};

	if (alg.digest != SGL_DIGEST_NONE && alg.mgf != SGL_DIGEST_NONE)
		verify(group, t, &alg);
}

static void
run_ecdsa(const json *group, const json *t)
{
	sgl_sig_alg alg = {SGL_SIG_ECDSA, digest_of(group, "sha"), 0, 0};

	verify(group, t, &alg);
}

static void
run_ed25519(const json *group, const json *t)
{
	sgl_sig_alg alg = {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0};

	verify(group, t, &alg);
}

/* --- agreement ----------------------------------------------------------- */

static void
agree(const json *t, sgl_key *key, sgl_slice peer)
{
	sgl_key_request request = {.op = SGL_KEY_ECDH, .input = peer};
	sgl_key_answer answer = {0};
	sgl_status status = sgl_key_ask(engine, key, &request, &answer, NULL);

	assert_true(status == SGL_OK || status == SGL_E_DECRYPT);
	judge(t, status == SGL_OK,
	    sgl_slice_eq(
		sgl_slice_of(answer.bytes, answer.len), hex_of(t, "shared")));
}

static sgl_buf built;

/* SEC 1 around a private number. */
static sgl_key *
ec_private(const json *group, sgl_slice number)
{
	const char *curve = json_text(group, "curve");
	const char *oid = strcmp(curve, "secp256r1") == 0 ? "2a8648ce3d030107"
	    : strcmp(curve, "secp384r1") == 0		  ? "2b81040022"
							  : "2b81040023";
	sgl_derb b = sgl_derb_over(&built);
	size_t seq, field;
	sgl_key *key = NULL;

	built.max = 1000;
	built.len = 0;
	while (number.len > 0 && number.data[0] == 0)
		number = sgl_slice_from(number, 1);
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 1);
	sgl_derb_octets(&b, number);
	field = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_oid(&b, unhex(oid));
	sgl_derb_close(&b, field);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_read(engine, sgl_buf_slice(&built), &key, NULL), SGL_OK);
	return key;
}

static void
run_ec_point(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = ec_private(group, hex_of(t, "private"));

	agree(t, key, hex_of(t, "public"));
}

/* The key inside a SubjectPublicKeyInfo, if we take it. */
static bool
peer_of(const json *t, sgl_key_kind kind, sgl_slice *peer)
{
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	sgl_slice spki = hex_of(t, "public");
	sgl_der in = sgl_der_over(spki), body;
	unsigned unused;

	return sgl_pubkey_read(engine, spki, &public, NULL) == SGL_OK &&
	    sgl_pubkey_get_kind(public) == kind &&
	    sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_SEQUENCE, NULL) &&
	    sgl_der_read_bits(&body, peer, &unused);
}

static void
run_ec_spki(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = ec_private(group, hex_of(t, "private"));
	sgl_slice peer;

	if (peer_of(t, sgl_key_get_kind(key), &peer))
		agree(t, key, peer);
	else
		judge(t, false, false);
}

static void
run_x25519(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_derb b = sgl_derb_over(&built);
	size_t seq, octets;

	(void)group;
	built.max = 1000;
	built.len = 0;
	seq = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 0);
	sgl_derb_raw(&b, unhex("300506032b656e"));
	octets = sgl_derb_open(&b, SGL_OCTET_STRING);
	sgl_derb_octets(&b, hex_of(t, "private"));
	sgl_derb_close(&b, octets);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_read(engine, sgl_buf_slice(&built), &key, NULL), SGL_OK);
	agree(t, key, hex_of(t, "public"));
}

static void
run_x25519_asn(const json *group, const json *t)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_slice peer;

	(void)group;
	if (sgl_key_read(engine, hex_of(t, "private"), &key, NULL) == SGL_OK &&
	    peer_of(t, SGL_KEY_X25519, &peer))
		agree(t, key, peer);
	else
		judge(t, false, false);
}

/* --- ciphers ------------------------------------------------------------- */

static sgl_cipher *
decryptor(const json *t, sgl_cipher_alg alg, sgl_slice aad)
{
	sgl_cipher_params p = {.alg = alg,
	    .key = hex_of(t, "key"),
	    .iv = hex_of(t, "iv"),
	    .aad = aad};
	sgl_cipher *c = NULL;

	assert_int_equal(sgl_cipher_new(engine, &p, &c, NULL), SGL_OK);
	return c;
}

static void
decrypt_gcm(const json *t, sgl_cipher_alg alg, bool late)
{
	sgl_slice aad = hex_of(t, "aad"), none = {0}, ct = hex_of(t, "ct");
	SGL_AUTO(sgl_cipher)
	c = decryptor(t, alg, late ? none : aad);
	uint8_t out[2000];
	size_t len;
	sgl_status status;

	assert_true(ct.len + 32 <= sizeof out);
	assert_int_equal(sgl_cipher_update(c, ct, out, &len, NULL), SGL_OK);
	status = sgl_cipher_check(c, hex_of(t, "tag"), late ? aad : none, NULL);
	assert_true(status == SGL_OK || status == SGL_E_DECRYPT);
	judge(t, status == SGL_OK,
	    sgl_slice_eq(sgl_slice_of(out, len), hex_of(t, "msg")));
}

static void
run_gcm(const json *group, const json *t)
{
	long bits = json_number(group, "keySize");

	/* CMS has nonces of 12 bytes alone in our hands. */
	if (json_number(group, "ivSize") != 96)
		return;
	for (int late = 0; late < 2; late++)
		decrypt_gcm(t,
		    bits == 128	      ? SGL_CIPHER_AES128_GCM
			: bits == 192 ? SGL_CIPHER_AES192_GCM
				      : SGL_CIPHER_AES256_GCM,
		    late);
}

static void
run_cbc(const json *group, const json *t)
{
	long bits = json_number(group, "keySize");
	SGL_AUTO(sgl_cipher)
	c = decryptor(t,
	    bits == 128	      ? SGL_CIPHER_AES128_CBC
		: bits == 192 ? SGL_CIPHER_AES192_CBC
			      : SGL_CIPHER_AES256_CBC,
	    (sgl_slice){0});
	sgl_slice ct = hex_of(t, "ct");
	uint8_t out[2000];
	size_t len, last = 0;
	sgl_status status;

	assert_true(ct.len + 64 <= sizeof out);
	assert_int_equal(sgl_cipher_update(c, ct, out, &len, NULL), SGL_OK);
	status = sgl_cipher_finish(c, out + len, &last, NULL);
	assert_true(status == SGL_OK || status == SGL_E_DECRYPT);
	judge(t, status == SGL_OK,
	    sgl_slice_eq(sgl_slice_of(out, len + last), hex_of(t, "msg")));
}

static void
run_wrap(const json *group, const json *t)
{
	sgl_slice ct = hex_of(t, "ct"), msg = hex_of(t, "msg");
	uint8_t out[1000];
	size_t len = 0;
	sgl_status status;

	(void)group;
	assert_true(ct.len + 8 <= sizeof out);
	status = sgl_key_unwrap(engine, hex_of(t, "key"), ct, out, &len, NULL);
	assert_true(status == SGL_OK || status == SGL_E_DECRYPT);
	judge(t, status == SGL_OK, sgl_slice_eq(sgl_slice_of(out, len), msg));
	if (verdict_of(t) != VALID)
		return;
	assert_int_equal(
	    sgl_key_wrap(engine, hex_of(t, "key"), msg, out, &len, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(sgl_slice_of(out, len), ct));
}

/* --- digests and derivation ---------------------------------------------- */

static void
run_hmac(sgl_digest_alg alg, const json *t)
{
	sgl_slice tag = hex_of(t, "tag");
	sgl_digest value;

	assert_int_equal(sgl_hmac(engine, alg, hex_of(t, "key"),
			     hex_of(t, "msg"), &value, NULL),
	    SGL_OK);
	assert_true(tag.len <= value.len);
	value.len = tag.len;
	judge(t, sgl_slice_eq(sgl_digest_slice(&value), tag), true);
}

static void
run_hkdf(sgl_digest_alg alg, const json *t)
{
	static uint8_t out[20000];
	size_t size = (size_t)json_number(t, "size");
	sgl_status status;

	assert_true(size <= sizeof out);
	status = sgl_kdf_hkdf(engine, alg, hex_of(t, "ikm"), hex_of(t, "salt"),
	    hex_of(t, "info"), out, size, NULL);
	judge(t, status == SGL_OK,
	    sgl_slice_eq(sgl_slice_of(out, size), hex_of(t, "okm")));
}

static void
run_pbkdf2(sgl_digest_alg alg, const json *t)
{
	uint8_t out[500];
	size_t size = (size_t)json_number(t, "dkLen");
	sgl_status status;

	assert_true(size <= sizeof out);
	status = sgl_kdf_pbkdf2(engine, alg, hex_of(t, "password"),
	    hex_of(t, "salt"), (uint64_t)json_number(t, "iterationCount"), out,
	    size, NULL);
	if (status == SGL_E_LIMIT)
		return; /* RFC 6070's sixteen million rounds */
	judge(t, status == SGL_OK,
	    sgl_slice_eq(sgl_slice_of(out, size), hex_of(t, "dk")));
}

static void
run_hmac_sha1(const json *group, const json *t)
{
	(void)group;
	run_hmac(SGL_DIGEST_SHA1, t);
}

static void
run_hmac_sha256(const json *group, const json *t)
{
	(void)group;
	run_hmac(SGL_DIGEST_SHA256, t);
}

static void
run_hmac_sha512(const json *group, const json *t)
{
	(void)group;
	run_hmac(SGL_DIGEST_SHA512, t);
}

static void
run_hkdf_sha256(const json *group, const json *t)
{
	(void)group;
	run_hkdf(SGL_DIGEST_SHA256, t);
}

static void
run_hkdf_sha512(const json *group, const json *t)
{
	(void)group;
	run_hkdf(SGL_DIGEST_SHA512, t);
}

static void
run_pbkdf2_sha1(const json *group, const json *t)
{
	(void)group;
	run_pbkdf2(SGL_DIGEST_SHA1, t);
}

static void
run_pbkdf2_sha256(const json *group, const json *t)
{
	(void)group;
	run_pbkdf2(SGL_DIGEST_SHA256, t);
}

static void
run_pbkdf2_sha512(const json *group, const json *t)
{
	(void)group;
	run_pbkdf2(SGL_DIGEST_SHA512, t);
}

/* --- files --------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(const json *group, const json *t);
} files[] = {
    {"rsa_pkcs1_2048_test", run_v15},
    {"rsa_pkcs1_3072_test", run_v15},
    {"rsa_oaep_2048_sha1_mgf1sha1_test", run_oaep},
    {"rsa_oaep_2048_sha256_mgf1sha1_test", run_oaep},
    {"rsa_oaep_2048_sha256_mgf1sha256_test", run_oaep},
    {"rsa_oaep_2048_sha512_mgf1sha512_test", run_oaep},
    {"rsa_oaep_misc_test", run_oaep},
    {"rsa_signature_2048_sha256_test", run_rsa},
    {"rsa_signature_2048_sha384_test", run_rsa},
    {"rsa_signature_2048_sha512_test", run_rsa},
    {"rsa_signature_3072_sha256_test", run_rsa},
    {"rsa_signature_3072_sha384_test", run_rsa},
    {"rsa_signature_3072_sha512_test", run_rsa},
    {"rsa_signature_4096_sha256_test", run_rsa},
    {"rsa_signature_4096_sha384_test", run_rsa},
    {"rsa_signature_4096_sha512_test", run_rsa},
    {"rsa_pss_2048_sha1_mgf1_20_test", run_pss},
    {"rsa_pss_2048_sha256_mgf1_0_test", run_pss},
    {"rsa_pss_2048_sha256_mgf1_0_params_test", run_pss},
    {"rsa_pss_2048_sha256_mgf1_32_test", run_pss},
    {"rsa_pss_2048_sha256_mgf1_32_params_test", run_pss},
    {"rsa_pss_3072_sha256_mgf1_32_test", run_pss},
    {"rsa_pss_4096_sha512_mgf1_32_params_test", run_pss},
    {"rsa_pss_misc_params_test", run_pss},
    {"ecdsa_secp256r1_sha256_test", run_ecdsa},
    {"ecdsa_secp384r1_sha384_test", run_ecdsa},
    {"ecdsa_secp521r1_sha512_test", run_ecdsa},
    {"ed25519_test", run_ed25519},
    {"ecdh_secp256r1_ecpoint_test", run_ec_point},
    {"ecdh_secp384r1_ecpoint_test", run_ec_point},
    {"ecdh_secp521r1_ecpoint_test", run_ec_point},
    {"ecdh_secp256r1_test", run_ec_spki},
    {"ecdh_secp384r1_test", run_ec_spki},
    {"ecdh_secp521r1_test", run_ec_spki},
    {"x25519_test", run_x25519},
    {"x25519_asn_test", run_x25519_asn},
    {"aes_gcm_test", run_gcm},
    {"aes_cbc_pkcs5_test", run_cbc},
    {"aes_wrap_test", run_wrap},
    {"hmac_sha1_test", run_hmac_sha1},
    {"hmac_sha256_test", run_hmac_sha256},
    {"hmac_sha512_test", run_hmac_sha512},
    {"hkdf_sha256_test", run_hkdf_sha256},
    {"hkdf_sha512_test", run_hkdf_sha512},
    {"pbkdf2_hmacsha1_test", run_pbkdf2_sha1},
    {"pbkdf2_hmacsha256_test", run_pbkdf2_sha256},
    {"pbkdf2_hmacsha512_test", run_pbkdf2_sha512},
};
#define NUM_FILES (sizeof files / sizeof files[0])

static void
test_file(void **state)
{
	size_t i = (size_t)(uintptr_t)*state;
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(64 << 20);
	const json *root;
	char path[200];
	long count = 0;

	(void)snprintf(path, sizeof path, "wycheproof/%s.json", files[i].name);
	if (!sgl_corpus_has(path)) {
		print_message("no %s in $SIGILL_CORPUS\n", path);
		skip();
	}
	sgl_corpus_read(path, &text);
	assert_int_equal(sgl_buf_add(&text, sgl_slice_of("", 1), NULL), SGL_OK);
	root = json_parse((const char *)text.data);
	for (const json *g = json_get(root, "testGroups")->first; g != NULL;
	     g = g->next)
		for (const json *t = json_get(g, "tests")->first; t != NULL;
		     t = t->next, count++)
			files[i].run(g, t);
	assert_int_equal(count, json_number(root, "numberOfTests"));
}

int
main(void)
{
	struct CMUnitTest tests[NUM_FILES] = {0};
	int failed;

	for (size_t i = 0; i < NUM_FILES; i++) {
		tests[i].name = files[i].name;
		tests[i].test_func = test_file;
		tests[i].initial_state = (void *)(uintptr_t)i;
	}
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sgl_buf_clear(&built);
	sgl_engine_free(engine);
	return failed;
}
