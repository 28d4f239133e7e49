/* SPDX-License-Identifier: Apache-2.0 */
/* What front and control say to each other comes across, and only whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/front_wire.h"

#define BODY_MAX 4096

static void
expect_slice(sgl_slice got, sgl_slice want)
{
	assert_true(sgl_slice_eq(got, want));
}

/* Cut anywhere, or with something behind, it is refused. */
static void
expect_whole(const sgl_buf *body, void (*read)(sgl_unwire *u))
{
	uint8_t more[BODY_MAX + 1] = {0};
	sgl_unwire u;

	for (size_t i = 0; i < body->len; i++) {
		u = sgl_unwire_over(sgl_slice_first(sgl_buf_slice(body), i));
		read(&u);
		assert_int_not_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	}
	memcpy(more, body->data, body->len);
	u = sgl_unwire_over(sgl_slice_of(more, body->len + 1));
	read(&u);
	assert_int_not_equal(sgl_unwire_end(&u, NULL), SGL_OK);
}

static void
skip_door(sgl_unwire *u)
{
	sgl_front_door d;

	sgl_front_read_door(u, &d);
}

static void
doors(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(BODY_MAX);
	sgl_wire w = sgl_wire_over(&body);
	const sgl_front_door d = {.kind = SGL_KEY_RSA,
	    .bits = 3072,
	    .door = SGL_LIT("door"),
	    .authorities = {SGL_LIT("issuing"), SGL_LIT("root")},
	    .num_authorities = 2};
	sgl_front_door got;
	sgl_unwire u;

	(void)state;
	sgl_front_add_door(&w, &d);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&body));
	sgl_front_read_door(&u, &got);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_int_equal(got.kind, d.kind);
	assert_int_equal(got.bits, d.bits);
	expect_slice(got.door, d.door);
	assert_int_equal(got.num_authorities, 2);
	expect_slice(got.authorities[1], d.authorities[1]);
	expect_whole(&body, skip_door);
}

static void
skip_enrol(sgl_unwire *u)
{
	sgl_front_enrol e;

	sgl_front_read_enrol(u, &e);
}

static void
enrolments(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(BODY_MAX);
	sgl_wire w = sgl_wire_over(&body);
	const sgl_front_enrol e = {.protocol = SGL_FRONT_SCEP,
	    .e = {.spki = SGL_LIT("key"),
		.code = SGL_LIT("code"),
		.address = SGL_LIT("a@example.org"),
		.client = SGL_LIT("certificate"),
		.wants_key = true,
		.recipient = {SGL_LIT("its key"), SGL_LIT("its name")},
		.cipher = SGL_CIPHER_AES192_CBC}};
	sgl_front_enrol got;
	sgl_unwire u;

	(void)state;
	sgl_front_add_enrol(&w, &e);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&body));
	sgl_front_read_enrol(&u, &got);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_int_equal(got.protocol, SGL_FRONT_SCEP);
	expect_slice(got.e.spki, e.e.spki);
	expect_slice(got.e.code, e.e.code);
	expect_slice(got.e.address, e.e.address);
	expect_slice(got.e.client, e.e.client);
	assert_true(got.e.wants_key);
	expect_slice(got.e.recipient.spki, e.e.recipient.spki);
	expect_slice(got.e.recipient.key_id, e.e.recipient.key_id);
	assert_int_equal(got.e.cipher, SGL_CIPHER_AES192_CBC);
	expect_whole(&body, skip_enrol);
}

static void
skip_enrolled(sgl_unwire *u)
{
	sgl_front_enrolled e;

	sgl_front_read_enrolled(u, &e);
}

static void
outcomes(void **state)
{
	(void)state;
	for (int i = SGL_ENROL_DONE; i <= SGL_ENROL_WRONG_WAY; i++) {
		SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(BODY_MAX);
		sgl_wire w = sgl_wire_over(&body);
		const sgl_front_enrolled e = {.outcome = (sgl_enrol_outcome)i,
		    .cert = SGL_LIT("der"),
		    .key = SGL_LIT("private")};
		sgl_front_enrolled got;
		sgl_unwire u;

		sgl_front_add_enrolled(&w, &e);
		assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
		u = sgl_unwire_over(sgl_buf_slice(&body));
		sgl_front_read_enrolled(&u, &got);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
		assert_int_equal(got.outcome, i);
		expect_slice(got.cert, e.cert);
		expect_slice(got.key, e.key);
		expect_whole(&body, skip_enrolled);
	}
}

static void
skip_find(sgl_unwire *u)
{
	sgl_front_find f;

	sgl_front_read_find(u, &f);
}

static void
findings(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(BODY_MAX);
	sgl_wire w = sgl_wire_over(&body);
	const sgl_front_find f = {
	    .crl = true, .issuer = SGL_LIT("CA"), .serial = SGL_LIT("7")};
	sgl_front_find got;
	sgl_unwire u;

	(void)state;
	sgl_front_add_find(&w, &f);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&body));
	sgl_front_read_find(&u, &got);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_true(got.crl);
	expect_slice(got.issuer, f.issuer);
	expect_slice(got.serial, f.serial);
	expect_whole(&body, skip_find);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(doors),
	    cmocka_unit_test(enrolments),
	    cmocka_unit_test(outcomes),
	    cmocka_unit_test(findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
