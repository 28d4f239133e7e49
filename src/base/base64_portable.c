/* SPDX-License-Identifier: Apache-2.0 */
#include "base/simd.h"

const uint8_t sgl_base64_alphabet[64] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define B_ SGL_BASE64_BLANK
#define P_ SGL_BASE64_PAD
#define X_ SGL_BASE64_ALIEN
#define X16_ X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_
/* clang-format off */
const uint8_t sgl_base64_values[256] = {
	X_, X_, X_, X_, X_, X_, X_, X_, X_, B_, B_, X_, X_, B_, X_, X_,
	X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_,
	B_, X_, X_, X_, X_, X_, X_, X_, X_, X_, X_, 62, X_, X_, X_, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X_, X_, X_, P_, X_, X_,
	X_, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X_, X_, X_, X_, X_,
	X_, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X_, X_, X_, X_, X_,
	X16_, X16_, X16_, X16_, X16_, X16_, X16_, X16_
};
/* clang-format on */

void
sgl_base64_quads(sgl_base64_run *r)
{
	const uint8_t *v = sgl_base64_values, *in = r->in, *edge;
	uint8_t *out = r->out;

	do {
		for (; r->in_end - in >= 4; in += 4, out += 3) {
			uint32_t a = v[in[0]], b = v[in[1]], c = v[in[2]],
				 d = v[in[3]];

			if ((a | b | c | d) > 63)
				break;
			out[0] = (uint8_t)(a << 2 | b >> 4);
			out[1] = (uint8_t)(b << 4 | c >> 2);
			out[2] = (uint8_t)(c << 6 | d);
		}
		edge = in;
		while (in < r->in_end && v[*in] == SGL_BASE64_BLANK)
			in++;
	} while (in > edge);
	r->in = in;
	r->out = out;
}

void
sgl_base64_triples(sgl_base64_run *r)
{
	const uint8_t *in = r->in, *c = sgl_base64_alphabet;
	uint8_t *out = r->out;

	for (; r->in_end - in >= 3; in += 3, out += 4) {
		uint32_t w =
		    (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

		out[0] = c[w >> 18];
		out[1] = c[w >> 12 & 63];
		out[2] = c[w >> 6 & 63];
		out[3] = c[w & 63];
	}
	r->in = in;
	r->out = out;
}
