/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vault/token_point.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	sgl_slice params;
	sgl_key_kind kind;
} curves[] = {
    {SGL_LIT("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), SGL_KEY_P256},
    {SGL_LIT("\x06\x05\x2b\x81\x04\x00\x22"), SGL_KEY_P384},
    {SGL_LIT("\x06\x05\x2b\x81\x04\x00\x23"), SGL_KEY_P521},
    {SGL_LIT("\x13\x0c"
	     "edwards25519"),
	SGL_KEY_ED25519},
    {SGL_LIT("\x06\x03\x2b\x65\x70"), SGL_KEY_ED25519},
    {SGL_LIT("\x13\x0a"
	     "curve25519"),
	SGL_KEY_X25519},
    {SGL_LIT("\x06\x03\x2b\x65\x6e"), SGL_KEY_X25519},
    {SGL_LIT("\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"), SGL_KEY_ED25519},
    {SGL_LIT("\x06\x0a\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01"),
	SGL_KEY_X25519},
    /* secp256k1, Ed448, a curve by its numbers, nothing at all */
    {SGL_LIT("\x06\x05\x2b\x81\x04\x00\x0a"), SGL_KEY_UNKNOWN},
    {SGL_LIT("\x06\x03\x2b\x65\x71"), SGL_KEY_UNKNOWN},
    {SGL_LIT("\x30\x00"), SGL_KEY_UNKNOWN},
    {{NULL, 0}, SGL_KEY_UNKNOWN},
};

static void
curves_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(curves); i++)
		assert_int_equal(
		    sgl_token_curve(curves[i].params), curves[i].kind);
}

static const struct {
	sgl_key_kind kind;
	size_t len;	   /* of the point */
	uint8_t first;	   /* its first byte */
	uint8_t header[3]; /* of the OCTET STRING */
	size_t header_len;
} points[] = {
    {SGL_KEY_P256, 65, 4, {4, 65}, 2},
    {SGL_KEY_P256, 33, 2, {4, 33}, 2},
    {SGL_KEY_P256, 33, 3, {4, 33}, 2},
    {SGL_KEY_P384, 97, 4, {4, 97}, 2},
    {SGL_KEY_P384, 49, 3, {4, 49}, 2},
    {SGL_KEY_P521, 133, 4, {4, 0x81, 133}, 3},
    {SGL_KEY_P521, 67, 2, {4, 67}, 2},
    {SGL_KEY_ED25519, 32, 4, {4, 32}, 2},
    {SGL_KEY_X25519, 32, 30, {4, 32}, 2},
};

/* Whole, cut at any place, and with a byte too many. */
static void
points_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		size_t head = points[i].header_len;
		size_t whole = head + points[i].len;
		uint8_t bytes[160] = {0};
		sgl_slice point;

		memcpy(bytes, points[i].header, head);
		bytes[head] = points[i].first;
		assert_true(sgl_token_point(
		    points[i].kind, sgl_slice_of(bytes, whole), &point));
		assert_ptr_equal(point.data, bytes + head);
		assert_int_equal(point.len, points[i].len);
		assert_true(sgl_token_point(points[i].kind,
		    sgl_slice_of(bytes + head, points[i].len), &point));
		assert_ptr_equal(point.data, bytes + head);
		for (size_t len = head + 1; len <= whole + 1; len++) {
			sgl_slice cut = sgl_slice_of(bytes, len);
			if (len != whole && len != points[i].len)
				assert_false(sgl_token_point(
				    points[i].kind, cut, &point));
		}
	}
}

static void
no_point_is_found_elsewhere(void **state)
{
	uint8_t bytes[65] = {5};
	sgl_slice point;

	(void)state;
	assert_false(
	    sgl_token_point(SGL_KEY_P256, sgl_slice_of(bytes, 65), &point));
	assert_false(
	    sgl_token_point(SGL_KEY_P256, sgl_slice_of(bytes, 0), &point));
	assert_false(
	    sgl_token_point(SGL_KEY_ED25519, sgl_slice_of(NULL, 0), &point));
	bytes[0] = 4;
	assert_false(
	    sgl_token_point(SGL_KEY_P384, sgl_slice_of(bytes, 65), &point));
	assert_false(
	    sgl_token_point(SGL_KEY_RSA, sgl_slice_of(bytes, 65), &point));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(curves_are_known),
	    cmocka_unit_test(points_are_found),
	    cmocka_unit_test(no_point_is_found_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
