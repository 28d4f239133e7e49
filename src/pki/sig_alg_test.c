/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pki/cert.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define RSA(n) "06092a864886f70d0101" n
#define SHA2(n) "06096086480165030402" n

static const struct {
	const char *hex;
	sgl_status status;
	sgl_sig_alg alg;
	bool is_ours; /* we write it the same way */
} algorithms[] = {
    {"300d" RSA("0b") "0500", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}, true},
    {"300b" RSA("0b"), SGL_OK, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0},
	false},
    {"3080" RSA("0c") "05000000", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA384, 0, 0}, false},
    {"300d" RSA("0d") "0500", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA512, 0, 0}, true},
    {"300d" RSA("05") "0500", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1, 0, 0}, true},
    {"300906052b0e03021d0500", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1, 0, 0}, false},
    {"300d" RSA("04") "0500", SGL_OK, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_MD5, 0, 0},
	true},
    {"300d" RSA("01") "0500", SGL_OK,
	{SGL_SIG_RSA_PKCS1, SGL_DIGEST_NONE, 0, 0}, true},
    {"300a06082a8648ce3d040302", SGL_OK,
	{SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}, true},
    {"300c06082a8648ce3d0403030500", SGL_OK,
	{SGL_SIG_ECDSA, SGL_DIGEST_SHA384, 0, 0}, false},
    {"301306072a8648ce3d020106082a8648ce3d030107", SGL_OK,
	{SGL_SIG_ECDSA, SGL_DIGEST_NONE, 0, 0}, false},
    {"300506032b6570", SGL_OK, {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0},
	true},
    /* PSS: defaults, SHA-256 throughout, a mixture */
    {"300d" RSA("0a") "3000", SGL_OK,
	{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, 20}, true},
    {"3041" RSA("0a") "3034a00f300d" SHA2("01") "0500a11c301a" RSA(
	 "08") "300d" SHA2("01") "0500a203020120",
	SGL_OK, {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32},
	true},
    {"303d" RSA("0a") "3030a00d300b" SHA2("01") "a11a3018" RSA(
	 "08") "300b" SHA2("01") "a203020120",
	SGL_OK, {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32},
	false},
    {"301c" RSA("0a") "300fa00d300b" SHA2("03"), SGL_OK,
	{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA512, SGL_DIGEST_SHA1, 20}, false},
    {"3012" RSA("0a") "3005a303020101", SGL_OK,
	{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, 20}, false},
    {"3012" RSA("0a") "3005a303020102", SGL_E_ENCODING, {0}, false},
    {"300b" RSA("0a"), SGL_E_ENCODING, {0}, false},
    {"3013" RSA("0a") "3006a20402020fff", SGL_E_ENCODING, {0}, false},
    {"3012" RSA("0a") "3005a2030201ff", SGL_E_ENCODING, {0}, false},
    /* what is not known, and what is no AlgorithmIdentifier */
    {"300906072a8648ce380403", SGL_E_UNSUPPORTED, {0}, false},
    {"300506032a0304", SGL_E_UNSUPPORTED, {0}, false},
    {"300b06092a864886f70d010102", SGL_E_UNSUPPORTED, {0}, false},
    {"300e" RSA("0b") "020100", SGL_E_ENCODING, {0}, false},
    {"300f" RSA("0b") "05000500", SGL_E_ENCODING, {0}, false},
    {"300d" RSA("0b") "050000", SGL_E_ENCODING, {0}, false},
    {"3000", SGL_E_ENCODING, {0}, false},
    {"", SGL_E_ENCODING, {0}, false},
    {"0500", SGL_E_ENCODING, {0}, false},
};

static bool
same(const sgl_sig_alg *a, const sgl_sig_alg *b)
{
	return a->scheme == b->scheme && a->digest == b->digest &&
	    a->mgf == b->mgf && a->salt_len == b->salt_len;
}

static void
reads_signature_algorithms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		sgl_slice der = unhex(algorithms[i].hex);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(256);
		sgl_derb b = sgl_derb_over(&out);
		sgl_sig_alg alg = {0};

		if (sgl_sig_alg_read(der, &alg, NULL) != algorithms[i].status ||
		    !same(&alg, &algorithms[i].alg))
			fail_msg("row %zu", i);
		if (algorithms[i].status != SGL_OK)
			continue;
		/* What we write for it is read as the same. */
		if (alg.scheme == SGL_SIG_ECDSA &&
		    alg.digest == SGL_DIGEST_NONE)
			continue;
		sgl_sig_alg_add(&b, &alg);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		assert_int_equal(sgl_slice_eq(sgl_buf_slice(&out), der),
		    algorithms[i].is_ours);
		assert_int_equal(
		    sgl_sig_alg_read(sgl_buf_slice(&out), &alg, NULL), SGL_OK);
		assert_true(same(&alg, &algorithms[i].alg));
	}
}

static const struct {
	const char *hex;
	sgl_status status;
	sgl_digest_alg alg;
} digests[] = {
    {"300b" SHA2("01"), SGL_OK, SGL_DIGEST_SHA256},
    {"300d" SHA2("01") "0500", SGL_OK, SGL_DIGEST_SHA256},
    {"300b" SHA2("02"), SGL_OK, SGL_DIGEST_SHA384},
    {"300b" SHA2("03"), SGL_OK, SGL_DIGEST_SHA512},
    {"300b" SHA2("04"), SGL_OK, SGL_DIGEST_SHA224},
    {"300706052b0e03021a", SGL_OK, SGL_DIGEST_SHA1},
    {"300c06082a864886f70d02050500", SGL_OK, SGL_DIGEST_MD5},
    {"300c06082a864886f70d02020500", SGL_E_UNSUPPORTED, 0},
    {"300e" SHA2("01") "020100", SGL_E_ENCODING, 0},
    {"300b" SHA2("01") "00", SGL_E_ENCODING, 0},
    {"", SGL_E_ENCODING, 0},
};

static void
reads_digest_algorithms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(digests); i++) {
		sgl_slice der = unhex(digests[i].hex);
		sgl_digest_alg alg = SGL_DIGEST_NONE;
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(256);
		sgl_derb b = sgl_derb_over(&out);

		if (sgl_digest_alg_read(der, &alg, NULL) != digests[i].status ||
		    alg != digests[i].alg)
			fail_msg("row %zu", i);
		if (alg == SGL_DIGEST_NONE)
			continue;
		assert_int_equal(
		    sgl_digest_alg_from_oid(sgl_digest_alg_oid(alg)), alg);
		sgl_digest_alg_add(&b, alg);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		assert_int_equal(out.data[1], out.len - 2);
	}
}

static void
names_what_it_does_not_know(void **state)
{
	sgl_sig_alg alg;
	sgl_err err;

	(void)state;
	assert_int_equal(
	    sgl_sig_alg_read(unhex("300906072a8648ce380403"), &alg, &err),
	    SGL_E_UNSUPPORTED);
	assert_string_equal(err.detail, "id-dsa-with-sha1");
	assert_int_equal(sgl_sig_alg_read(unhex("300506032a0304"), &alg, &err),
	    SGL_E_UNSUPPORTED);
	assert_string_equal(err.detail, "1.2.3.4");
}

static void
chooses_by_key(void **state)
{
	static const struct {
		sgl_key_kind kind;
		sgl_digest_alg digest;
		bool pss;
		sgl_sig_alg want; /* NONE: cannot sign */
	} rows[] = {
	    {SGL_KEY_RSA, SGL_DIGEST_NONE, false,
		{SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}},
	    {SGL_KEY_RSA, SGL_DIGEST_SHA512, true,
		{SGL_SIG_RSA_PSS, SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, 64}},
	    {SGL_KEY_P256, SGL_DIGEST_NONE, false,
		{SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}},
	    {SGL_KEY_P384, SGL_DIGEST_NONE, true,
		{SGL_SIG_ECDSA, SGL_DIGEST_SHA384, 0, 0}},
	    {SGL_KEY_P521, SGL_DIGEST_NONE, false,
		{SGL_SIG_ECDSA, SGL_DIGEST_SHA512, 0, 0}},
	    {SGL_KEY_P521, SGL_DIGEST_SHA256, false,
		{SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}},
	    {SGL_KEY_ED25519, SGL_DIGEST_SHA256, false,
		{SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}},
	    {SGL_KEY_X25519, SGL_DIGEST_NONE, false, {0}},
	    {SGL_KEY_UNKNOWN, SGL_DIGEST_NONE, false, {0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		sgl_sig_alg alg = {0};
		sgl_status status = sgl_sig_alg_for_key(
		    rows[i].kind, rows[i].digest, rows[i].pss, &alg, NULL);

		assert_int_equal(status,
		    rows[i].want.scheme == SGL_SIG_NONE ? SGL_E_UNSUPPORTED
							: SGL_OK);
		assert_true(same(&alg, &rows[i].want));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_signature_algorithms),
	    cmocka_unit_test(reads_digest_algorithms),
	    cmocka_unit_test(names_what_it_does_not_know),
	    cmocka_unit_test(chooses_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
