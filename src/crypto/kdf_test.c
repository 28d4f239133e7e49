/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "support/hex.h"

static sgl_engine *engine;

static int
setup(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

typedef enum which { X963, HKDF, PBKDF2, PKCS12, SCRYPT } which;

static const struct kdf_case {
	const char *name;
	which which;
	sgl_digest_alg alg;
	const char *secret, *salt, *info; /* hexadecimal */
	uint64_t iterations;		  /* scrypt: N */
	int id;				  /* scrypt: r and p, both */
	sgl_status status;
	const char *want;
} cases[] = {
    /* The vectors of NIST's CAVP for ANSI X9.63. */
    {"x963 sha256", X963, SGL_DIGEST_SHA256,
	"96c05619d56c328ab95fe84b18264b08725b85e33fd34f08", "", "", 0, 0,
	SGL_OK, "443024c3dae66b95e6f5670601558f71"},
    {"x963 md5", X963, SGL_DIGEST_MD5, "00", "", "", 0, 0, SGL_E_UNSUPPORTED,
	"00"},
    {"RFC 5869 A.1", HKDF, SGL_DIGEST_SHA256,
	"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	"000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 0, 0, SGL_OK,
	"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	"34007208d5b887185865"},
    {"RFC 5869 A.3", HKDF, SGL_DIGEST_SHA256,
	"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 0, 0, SGL_OK,
	"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	"9d201395faa4b61a96c8"},
    {"RFC 6070 1", PBKDF2, SGL_DIGEST_SHA1, "70617373776f7264", "73616c74", "",
	1, 0, SGL_OK, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
    {"RFC 6070 3", PBKDF2, SGL_DIGEST_SHA1, "70617373776f7264", "73616c74", "",
	4096, 0, SGL_OK, "4b007901b765489abead49d926f721d065a429c1"},
    {"RFC 7914 11", PBKDF2, SGL_DIGEST_SHA256, "706173737764", "73616c74", "",
	1, 0, SGL_OK,
	"55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
	"49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"},
    {"no rounds", PBKDF2, SGL_DIGEST_SHA1, "70", "73616c74", "", 0, 0,
	SGL_E_ENCODING, "00"},
    {"too many rounds", PBKDF2, SGL_DIGEST_SHA1, "70", "73616c74", "", 10000001,
	0, SGL_E_LIMIT, "00"},
    /* The vectors that implementations of PKCS#12 exchange: "smeg". */
    {"pkcs12 key", PKCS12, SGL_DIGEST_SHA1, "0073006d006500670000",
	"0a58cf64530d823f", "", 1, 1, SGL_OK,
	"8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"},
    {"pkcs12 iv", PKCS12, SGL_DIGEST_SHA1, "0073006d006500670000",
	"0a58cf64530d823f", "", 1, 2, SGL_OK, "79993dfe048d3b76"},
    {"pkcs12 no rounds", PKCS12, SGL_DIGEST_SHA1, "", "00", "", 0, 1,
	SGL_E_ENCODING, "00"},
    {"RFC 7914 12", SCRYPT, SGL_DIGEST_NONE, "", "", "", 16, 1, SGL_OK,
	"77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
	"fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
    {"scrypt odd", SCRYPT, SGL_DIGEST_NONE, "", "", "", 17, 1, SGL_E_ENCODING,
	"00"},
    {"scrypt zero", SCRYPT, SGL_DIGEST_NONE, "", "", "", 16, 0, SGL_E_ENCODING,
	"00"},
    {"scrypt too much", SCRYPT, SGL_DIGEST_NONE, "", "", "", UINT64_C(1) << 40,
	8, SGL_E_LIMIT, "00"},
};

static sgl_status
run(const struct kdf_case *c, uint8_t *out, size_t len)
{
	sgl_slice secret = unhex(c->secret), salt = unhex(c->salt);
	sgl_slice info = unhex(c->info);

	switch (c->which) {
	case X963:
		return sgl_kdf_x963(
		    engine, c->alg, secret, info, out, len, NULL);
	case HKDF:
		return sgl_kdf_hkdf(
		    engine, c->alg, secret, salt, info, out, len, NULL);
	case PBKDF2:
		return sgl_kdf_pbkdf2(engine, c->alg, secret, salt,
		    c->iterations, out, len, NULL);
	case PKCS12:
		return sgl_kdf_pkcs12(engine, c->alg, secret, salt,
		    c->iterations, c->id, out, len, NULL);
	case SCRYPT:
		return sgl_kdf_scrypt(engine, secret, salt, c->iterations,
		    (uint32_t)c->id, (uint32_t)c->id, out, len, NULL);
	}
	return SGL_E_USAGE;
}

static void
test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_slice want = unhex(cases[i].want);
		uint8_t out[64];
		sgl_status status = run(&cases[i], out, want.len);

		if (status != cases[i].status)
			fail_msg(
			    "%s: %s", cases[i].name, sgl_status_name(status));
		if (status == SGL_OK && memcmp(out, want.data, want.len) != 0)
			fail_msg("%s: wrong answer", cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
