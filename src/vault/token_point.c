/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/der.h"
#include "vault/token_point.h"

/* Whole DER elements. The last two were used before RFC 8410 had its own. */
static const struct {
	sgl_slice params;
	sgl_key_kind kind;
} curves[] = {
    {SGL_LIT("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), SGL_KEY_P256},
    {SGL_LIT("\x06\x05\x2b\x81\x04\x00\x22"), SGL_KEY_P384},
    {SGL_LIT("\x06\x05\x2b\x81\x04\x00\x23"), SGL_KEY_P521},
    {SGL_LIT("\x06\x03\x2b\x65\x70"), SGL_KEY_ED25519},
    {SGL_LIT("\x06\x03\x2b\x65\x6e"), SGL_KEY_X25519},
    {SGL_LIT("\x13\x0c"
	     "edwards25519"),
	SGL_KEY_ED25519},
    {SGL_LIT("\x13\x0a"
	     "curve25519"),
	SGL_KEY_X25519},
    {SGL_LIT("\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"), SGL_KEY_ED25519},
    {SGL_LIT("\x06\x0a\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01"),
	SGL_KEY_X25519},
};

sgl_key_kind
sgl_token_curve(sgl_slice params)
{
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (sgl_slice_eq(curves[i].params, params))
			return curves[i].kind;
	return SGL_KEY_UNKNOWN;
}

/* Bytes of a point: of a coordinate, with or without the form in front. */
static bool
has_length(sgl_key_kind kind, sgl_slice point)
{
	static const size_t fields[] = {
	    [SGL_KEY_P256] = 32,
	    [SGL_KEY_P384] = 48,
	    [SGL_KEY_P521] = 66,
	    [SGL_KEY_ED25519] = 32,
	    [SGL_KEY_X25519] = 32,
	};
	size_t field = fields[kind];

	if (kind == SGL_KEY_ED25519 || kind == SGL_KEY_X25519)
		return point.len == field;
	if (point.len == 0 || field == 0)
		return false;
	return point.data[0] == 4
	    ? point.len == 1 + 2 * field
	    : (point.data[0] & 0xfe) == 2 && point.len == 1 + field;
}

/* 04 begins an OCTET STRING and an uncompressed point alike; the length tells
 * them apart. */
bool
sgl_token_point(sgl_key_kind kind, sgl_slice value, sgl_slice *point)
{
	sgl_der in = sgl_der_over(value);
	sgl_slice inner;

	if (has_length(kind, value)) {
		*point = value;
		return true;
	}
	if (!sgl_der_read_bytes(&in, SGL_OCTET_STRING, &inner) ||
	    !sgl_der_done(&in) || !has_length(kind, inner))
		return false;
	*point = inner;
	return true;
}
