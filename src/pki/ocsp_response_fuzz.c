/* SPDX-License-Identifier: Apache-2.0 */
/* An OCSP response of anybody: read, and asked about each certificate that
 * comes with it, as if that had issued itself. */
#include <assert.h>
#include <stdlib.h>

#include "pki/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *
engine(void)
{
	static sgl_engine *e;

	if (e == NULL && sgl_engine_new(NULL, &e, NULL) != SGL_OK)
		abort();
	return e;
}

static void
walk(const sgl_ocsp *ocsp)
{
	sgl_der in = sgl_der_over(ocsp->responses);
	sgl_ocsp_single one;
	size_t num = 0;

	while (sgl_ocsp_single_read(&in, &one)) {
		assert(one.reason >= -1 && one.reason <= 10);
		num++;
	}
	assert(sgl_der_done(&in) && num == ocsp->num_responses);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_ocsp)
	ocsp = NULL;
	sgl_ocsp_policy policy = {.time = 1700000000, .allow_weak = true};
	sgl_ocsp_finding found;
	sgl_err err;
	sgl_status status =
	    sgl_ocsp_read(engine(), sgl_slice_of(data, size), &ocsp, &err);

	if (status != SGL_OK) {
		assert(status == SGL_E_ENCODING || status == SGL_E_LIMIT ||
		    status == SGL_E_UNSUPPORTED);
		assert(err.offset <= size || err.offset == SGL_NO_OFFSET);
		return 0;
	}
	walk(ocsp);
	for (size_t i = 0; i < ocsp->certs.num; i++) {
		sgl_cert *cert = ocsp->certs.items[i];

		if (sgl_ocsp_check(engine(), ocsp, cert, cert, &policy, &found,
			&err) != SGL_OK)
			abort();
		assert(found.fault == SGL_OCSP_FAULT_NONE ||
		    found.revocation == SGL_REVOCATION_UNKNOWN);
		(void)sgl_ocsp_fault_name(found.fault);
	}
	return 0;
}
