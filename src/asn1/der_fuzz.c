/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors and rewriting. What a strict cursor takes a lenient one takes alike;
 * reads that fail move nothing; BER rewritten as DER is read strictly, and a
 * second rewriting changes nothing.
 */
#include <assert.h>
#include <stdlib.h>

#include "asn1/builder.h"
#include "asn1/oid.h"
#include "asn1/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every typed read of the element at hand. */
static void
read_typed(sgl_der in)
{
	SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(1 << 16);
	sgl_der look = in;
	sgl_slice s;
	uint64_t n;
	unsigned unused;
	sgl_time t;
	bool b;
	char text[SGL_OID_TEXT];

	if (!sgl_der_read_bool(&look, &b))
		assert(look.at == in.at);
	look = in;
	if (sgl_der_read_integer(&look, &s))
		assert(s.len > 0);
	else
		assert(look.at == in.at);
	look = in;
	if (!sgl_der_read_uint(&look, &n))
		assert(look.at == in.at);
	look = in;
	if (sgl_der_read_oid(&look, &s)) {
		(void)sgl_oid_find(s);
		(void)sgl_oid_label(s, text);
	}
	look = in;
	if (sgl_der_read_bits(&look, &s, &unused))
		assert(unused < 8);
	look = in;
	if (!sgl_der_read_time(&look, &t))
		assert(look.at == in.at);
	look = in;
	if (!sgl_der_read_octets(&look, SGL_OCTET_STRING, &s, &store))
		assert(look.at == in.at && store.len == 0);
}

static void
walk(sgl_der in, unsigned depth)
{
	while (!sgl_der_done(&in)) {
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1 << 16);
		sgl_der before = in, body;
		sgl_slice whole;
		sgl_tag tag, peeked;

		read_typed(in);
		if (!sgl_der_read_any(&in, &tag, &whole, &body)) {
			assert(in.at == before.at);
			return;
		}
		assert(sgl_der_peek(&before, &peeked) && peeked == tag);
		assert(
		    whole.data == before.at && in.at == before.at + whole.len);
		if ((tag & SGL_TAG_CONSTRUCTED) != 0) {
			if (depth < 40)
				walk(body, depth + 1);
		} else if (sgl_der_text(tag, sgl_der_rest(&body), &text)) {
			assert(text.len <= 3 * whole.len);
		}
	}
}

static void
compare_cursors(sgl_slice in)
{
	sgl_der d = sgl_der_over(in), b = sgl_ber_over(in);
	sgl_slice x, y;

	while (sgl_der_read_any(&d, NULL, &x, NULL)) {
		assert(sgl_der_read_any(&b, NULL, &y, NULL));
		assert(x.data == y.data && x.len == y.len);
	}
}

static void
rewrite(sgl_slice in)
{
	SGL_AUTO_CLEAR(sgl_buf) once = sgl_buf_init(1 << 22);
	SGL_AUTO_CLEAR(sgl_buf) twice = sgl_buf_init(1 << 22);
	sgl_der d;

	if (sgl_ber_to_der(in, &once, NULL) != SGL_OK)
		return;
	d = sgl_der_over(sgl_buf_slice(&once));
	if (!sgl_der_read_any(&d, NULL, NULL, NULL) || !sgl_der_done(&d) ||
	    sgl_ber_to_der(sgl_buf_slice(&once), &twice, NULL) != SGL_OK ||
	    !sgl_slice_eq(sgl_buf_slice(&once), sgl_buf_slice(&twice)))
		abort();
}

static void
read_pem(sgl_slice in)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_pem_block block;
	size_t at = 0, before;
	bool found = true;

	while (found) {
		before = at;
		if (sgl_pem_next(in, &at, &block, &der, &found, NULL) != SGL_OK)
			return;
		assert(!found || at > before);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_slice in = sgl_slice_of(data, size);

	walk(sgl_der_over(in), 0);
	walk(sgl_ber_over(in), 0);
	compare_cursors(in);
	rewrite(in);
	read_pem(in);
	return 0;
}
