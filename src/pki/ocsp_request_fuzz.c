/* SPDX-License-Identifier: Apache-2.0 */
/* An OCSP request of anybody: what is read can be asked again. */
#include <assert.h>
#include <stdlib.h>

#include "pki/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask_again(const sgl_ocsp_request *request)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 24);
	static const sgl_ocsp_issuer nobody;
	sgl_slice ids[SGL_OCSP_IDS];
	sgl_ocsp_request again;

	for (size_t i = 0; i < request->num_ids; i++) {
		ids[i] = request->ids[i].whole;
		(void)sgl_ocsp_issuer_is(&nobody, &request->ids[i]);
	}
	if (sgl_ocsp_request_build(
		ids, request->num_ids, request->nonce, &der, NULL) != SGL_OK ||
	    sgl_ocsp_request_read(sgl_buf_slice(&der), &again, NULL) != SGL_OK)
		abort();
	assert(again.num_ids == request->num_ids && !again.is_signed);
	assert(sgl_slice_eq(again.nonce, request->nonce));
	for (size_t i = 0; i < again.num_ids; i++)
		assert(
		    sgl_slice_eq(again.ids[i].serial, request->ids[i].serial));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_ocsp_request request;
	sgl_err err;
	sgl_status status =
	    sgl_ocsp_request_read(sgl_slice_of(data, size), &request, &err);

	if (status == SGL_OK) {
		assert(request.num_ids > 0 && request.num_ids <= SGL_OCSP_IDS);
		assert(request.nonce.len <= SGL_OCSP_NONCE_MAX);
		ask_again(&request);
		return 0;
	}
	assert(status == SGL_E_ENCODING || status == SGL_E_LIMIT ||
	    status == SGL_E_UNSUPPORTED);
	assert(err.offset <= size);
	return 0;
}
