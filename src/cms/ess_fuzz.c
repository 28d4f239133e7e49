/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the values of RFC 2634's attributes: what was read lies inside
 * of what was given and is not over a limit. And as a label that somebody
 * typed: what was written can be read.
 */
#include <stdlib.h>

#include "cms/ess.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(sgl_slice outer, sgl_slice inner)
{
	if (inner.len > 0 &&
	    (inner.data < outer.data ||
		inner.data + inner.len > outer.data + outer.len))
		abort();
}

static void
read_all(sgl_slice in)
{
	sgl_receipt_request request;
	sgl_receipt receipt;
	sgl_label label;
	sgl_slice address;
	sgl_der to;

	if (sgl_label_read(in, &label)) {
		check_inside(in, label.policy);
		check_inside(in, label.mark);
		if (label.classification > SGL_CLASSIFICATION_MAX ||
		    label.num_categories > SGL_CATEGORIES_MAX)
			abort();
	}
	if (sgl_receipt_request_read(in, &request)) {
		check_inside(in, request.identifier);
		to = sgl_der_over(request.to);
		while (sgl_receipt_address_read(&to, &address))
			check_inside(in, address);
	}
	if (sgl_receipt_read(in, &receipt))
		check_inside(in, receipt.signature);
}

static void
write_label(sgl_slice in)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init((size_t)1 << 16);
	SGL_AUTO_MEM uint8_t *text = NULL;
	sgl_der all, attribute, set;
	sgl_label label;

	if (sgl_slice_copy(in, &text, "fuzz", NULL) != SGL_OK)
		abort();
	if (sgl_label_add((const char *)text, &out, NULL) != SGL_OK)
		return;
	all = sgl_der_over(sgl_buf_slice(&out));
	if (!sgl_der_read(&all, SGL_SEQUENCE, &attribute) ||
	    !sgl_der_read(&attribute, SGL_OID, NULL) ||
	    !sgl_der_read(&attribute, SGL_SET, &set) ||
	    !sgl_label_read(sgl_der_rest(&set), &label))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_all(sgl_slice_of(data, size));
	write_label(sgl_slice_of(data, size));
	return 0;
}
