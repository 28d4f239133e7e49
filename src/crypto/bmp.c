/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 to the two-byte characters that PKCS#12 derives its keys from. */
#include "base/utf8.h"
#include "crypto/pbe.h"

#define ROOM "crypto.pbe"

static uint8_t *
put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
	return at + 2;
}

/* Characters beyond the BMP become surrogate pairs, as everybody writes them,
 * though BMPString has no such thing. */
static uint8_t *
put_char(uint8_t *at, uint32_t c)
{
	if (c < 0x10000)
		return put16(at, c);
	c -= 0x10000;
	at = put16(at, 0xd800 + (c >> 10));
	return put16(at, 0xdc00 + (c & 0x3ff));
}

sgl_status
sgl_pbe_bmp(sgl_slice password, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) text = {0};
	uint8_t *at;

	/* No character takes more than twice its bytes. */
	TRY(sgl_secret_zeroed(&text, 2 * password.len + 2, err));
	at = text.data;
	while (password.len > 0) {
		uint32_t c;
		size_t n = sgl_utf8_read(password, &c);
		if (n == 0)
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    "password is not UTF-8");
		at = put_char(at, c);
		password = sgl_slice_from(password, n);
	}
	at = put16(at, 0);
	return sgl_secret_set(
	    out, sgl_slice_of(text.data, (size_t)(at - text.data)), err);
}
