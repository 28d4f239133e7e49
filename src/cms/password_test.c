/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cms/algs.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define PBKDF2 "06092a864886f70d01050c"
#define PWRI_KEK "060b2a864886f70d0109100309"
#define SALT "04081234567878563412"

static const char long_password[] =
    "All n-entities must communicate with other n-entities via n-1 "
    "entiteeheehees";

/* @req rfc3211-2.3.1 @req rfc3211-2.3.2
 * The first two are those of RFC 3211 3. */
static const struct {
	const char *name, *password, *derivation, *encryption, *wrapped, *cek;
	sgl_status want;
} cases[] = {
    {"DES, 5 rounds", "password", PBKDF2 "300d" SALT "020105",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", "8c627c897323a2f8", SGL_OK},
    {"3DES, 500 rounds", long_password, PBKDF2 "300e" SALT "020201f4",
	"3023" PWRI_KEK "301406082a864886f70d0307"
	"0408baf1ca7931213c4e",
	"c03c514abdb9e2c5aac038572b5e24553876b377aafb82eca5a9d73f8ab143d9"
	"ec74e6cad7db260c",
	"8c637d887223a2f965b566eb014b0fa5d52300a3f7ea40fffc577203c71baf3b",
	SGL_OK},
    {"key length and function given", "password",
	PBKDF2 "301e" SALT "020105"
	       "020108"
	       "300c06082a864886f70d02070500",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", "8c627c897323a2f8", SGL_OK},
    {"wrong password", "Password", PBKDF2 "300d" SALT "020105",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_PASSWORD},
    {"one block", "password", PBKDF2 "300d" SALT "020105",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6", NULL, SGL_E_ENCODING},
    {"part of a block", "password", PBKDF2 "300d" SALT "020105",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c1000", NULL, SGL_E_ENCODING},
    {"other key length", "password",
	PBKDF2 "3010" SALT "020105"
	       "020110",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_ENCODING},
    {"no rounds", "password", PBKDF2 "300d" SALT "020100",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_ENCODING},
    {"too many rounds", "password", PBKDF2 "3010" SALT "02047fffffff",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_LIMIT},
    {"salt from elsewhere", "password",
	PBKDF2 "30083003060129"
	       "020105",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_ENCODING},
    {"other function", "password",
	PBKDF2 "301b" SALT "020105"
	       "300c06082a864886f70d02040500",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_UNSUPPORTED},
    {"no derivation", "password", NULL,
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_UNSUPPORTED},
    {"other derivation", "password", "06092a864886f70d01050d3000",
	"3020" PWRI_KEK "301106052b0e030207"
	"0408efe598ef21b33d6d",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_UNSUPPORTED},
    {"other encryption", "password", PBKDF2 "300d" SALT "020105",
	"300b0609608648016503040105", "b81b2565ee373ca6dedca26a178b0c10", NULL,
	SGL_E_UNSUPPORTED},
    {"AEAD", "password", PBKDF2 "300d" SALT "020105",
	"302a" PWRI_KEK "301b060b2a864886f70d0109100312"
	"040c000102030405060708090a0b",
	"b81b2565ee373ca6dedca26a178b0c10", NULL, SGL_E_UNSUPPORTED},
};

static void
unwraps(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		SGL_AUTO_CLEAR(sgl_secret) cek = {NULL, 0};
		sgl_err err = {.status = SGL_OK};
		sgl_pwri p = {.encryption = unhex(cases[i].encryption),
		    .wrapped = unhex(cases[i].wrapped)};
		uint64_t rounds = 0;
		sgl_status got;

		if (cases[i].derivation != NULL)
			p.derivation = unhex(cases[i].derivation);
		got = sgl_pwri_unwrap(*state, sgl_slice_str(cases[i].password),
		    &p, &rounds, &cek, &err);
		if (got != cases[i].want)
			fail_msg("%s: %s (%s)", cases[i].name,
			    sgl_status_name(got), err.text);
		if (got != SGL_OK)
			continue;
		assert_int_equal(cek.len, unhex(cases[i].cek).len);
		assert_memory_equal(
		    cek.data, unhex(cases[i].cek).data, cek.len);
	}
}

/* Takes a [3] PasswordRecipientInfo to pieces. */
static sgl_pwri
parts_of(sgl_slice whole)
{
	sgl_der in = sgl_der_over(whole), fields, derivation;
	sgl_pwri p;
	uint64_t version;

	assert_true(sgl_der_read(&in, SGL_CONTEXT(3), &fields));
	assert_true(sgl_der_done(&in));
	assert_true(sgl_der_read_uint(&fields, &version));
	assert_int_equal(version, 0);
	assert_true(sgl_der_read(&fields, SGL_CONTEXT(0), &derivation));
	p.derivation = sgl_der_rest(&derivation);
	assert_true(sgl_der_read_whole(&fields, SGL_SEQUENCE, &p.encryption));
	assert_true(sgl_der_read_bytes(&fields, SGL_OCTET_STRING, &p.wrapped));
	assert_true(sgl_der_done(&fields));
	return p;
}

static void
wraps_what_it_unwraps(void **state)
{
	static const size_t lengths[] = {5, 16, 24, 32, 255};
	uint8_t key[255];

	memset(key, 0xa5, sizeof key);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1024);
		SGL_AUTO_CLEAR(sgl_secret) cek = {NULL, 0};
		sgl_derb b = sgl_derb_over(&der);
		uint64_t rounds = 0;
		sgl_pwri p;

		assert_int_equal(sgl_pwri_wrap(*state, SGL_LIT("gr\xc3\xb6nt"),
				     sgl_slice_of(key, lengths[i]), &b, NULL),
		    SGL_OK);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		p = parts_of(sgl_buf_slice(&der));
		assert_int_equal(
		    sgl_pwri_unwrap(*state, SGL_LIT("gr\xc3\xb6nt"), &p,
			&rounds, &cek, NULL),
		    SGL_OK);
		assert_int_equal(cek.len, lengths[i]);
		assert_memory_equal(cek.data, key, cek.len);
		if (i > 0)
			continue;
		assert_int_equal(sgl_pwri_unwrap(*state, SGL_LIT("gront"), &p,
				     &rounds, &cek, NULL),
		    SGL_E_PASSWORD);
	}
}

static void
refuses_odd_keys(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1024);
	sgl_derb b = sgl_derb_over(&der);
	uint8_t key[256] = {0};

	assert_int_equal(
	    sgl_pwri_wrap(*state, SGL_LIT("x"), sgl_slice_of(key, 4), &b, NULL),
	    SGL_E_USAGE);
	assert_int_equal(sgl_pwri_wrap(*state, SGL_LIT("x"),
			     sgl_slice_of(key, 256), &b, NULL),
	    SGL_E_USAGE);
	assert_int_equal(der.len, 0);
}

static int
start(void **state)
{
	return sgl_engine_new(NULL, (sgl_engine **)state, NULL) == SGL_OK ? 0
									  : -1;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unwraps),
	    cmocka_unit_test(wraps_what_it_unwraps),
	    cmocka_unit_test(refuses_odd_keys),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
