/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/builder.h"

#define ROOM "asn1.ber_to_der"
#define MAX_DEPTH 32

static bool
is_string(sgl_tag tag)
{
	uint32_t n = SGL_TAG_NUMBER(tag);

	if (tag >> 30 != 0)
		return false;
	return n == 4 || n == 12 || (n >= 18 && n <= 22) ||
	    (n >= 25 && n <= 30);
}

/* The pieces of a constructed string, one after the other. */
static bool
add_pieces(sgl_derb *b, sgl_der body, sgl_tag tag, unsigned depth)
{
	while (!sgl_der_done(&body)) {
		sgl_tag t;
		sgl_der piece;

		if (!sgl_der_read_any(&body, &t, NULL, &piece) ||
		    (t & ~SGL_TAG_CONSTRUCTED) != tag)
			return false;
		if ((t & SGL_TAG_CONSTRUCTED) == 0)
			sgl_derb_raw(b, sgl_der_rest(&piece));
		else if (depth >= MAX_DEPTH ||
		    !add_pieces(b, piece, tag, depth + 1))
			return false;
	}
	return true;
}

static bool rewrite(sgl_derb *b, sgl_der *in, unsigned depth);

static bool
rewrite_constructed(sgl_derb *b, sgl_tag tag, sgl_der body, unsigned depth)
{
	size_t mark = sgl_derb_open(b, tag);
	bool good = true;

	while (good && !sgl_der_done(&body))
		good = depth < MAX_DEPTH && rewrite(b, &body, depth + 1);
	if (tag == SGL_SET && good)
		sgl_derb_close_set_of(b, mark);
	else
		sgl_derb_close(b, mark);
	return good;
}

static bool
rewrite_string(sgl_derb *b, sgl_tag tag, sgl_der body)
{
	size_t mark = sgl_derb_open(b, tag);
	bool good = add_pieces(b, body, tag, 0);

	sgl_derb_close(b, mark);
	return good;
}

static bool
rewrite(sgl_derb *b, sgl_der *in, unsigned depth)
{
	sgl_tag tag;
	sgl_der body;

	if (!sgl_der_read_any(in, &tag, NULL, &body))
		return false;
	if ((tag & SGL_TAG_CONSTRUCTED) == 0) {
		sgl_derb_bytes(b, tag, sgl_der_rest(&body));
		return true;
	}
	if (is_string(tag & ~SGL_TAG_CONSTRUCTED))
		return rewrite_string(b, tag & ~SGL_TAG_CONSTRUCTED, body);
	return rewrite_constructed(b, tag, body, depth);
}

sgl_status
sgl_ber_to_der(sgl_slice ber, sgl_buf *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(ber);
	sgl_derb b = sgl_derb_over(out);

	if (!rewrite(&b, &in, 0) || !sgl_der_done(&in)) {
		if (b.failed == SGL_E_NOMEM)
			return sgl_oom(err, ROOM);
		return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(&in),
		    "not one well-formed BER element");
	}
	return sgl_derb_end(&b, err);
}
