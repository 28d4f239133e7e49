/* SPDX-License-Identifier: Apache-2.0 */
/* A certification request of anybody: read, and its signature checked. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "pki/csr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *
engine(void)
{
	static sgl_engine *e;

	if (e == NULL && sgl_engine_new(NULL, &e, NULL) != SGL_OK)
		abort();
	return e;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_err err;
	bool good;
	sgl_status status =
	    sgl_csr_read(engine(), sgl_slice_of(data, size), &csr, &err);

	if (status != SGL_OK) {
		assert((status == SGL_E_ENCODING && err.offset <= size) ||
		    (status == SGL_E_LIMIT && size > SGL_CSR_MAX));
		return 0;
	}
	assert(csr->asked.der.len == size && csr->asked.spki.len > 0);
	assert(csr->has_challenge || csr->challenge.len == 0);
	assert(sgl_utf8_is(sgl_buf_slice(&csr->challenge)));
	for (size_t i = 0; i < sgl_cert_num_addresses(&csr->asked); i++)
		assert(sgl_cert_get_address(&csr->asked, i).len >= 3);
	switch (sgl_csr_is_signed(engine(), csr, &good, &err)) {
	case SGL_OK:
	case SGL_E_UNSUPPORTED:
	case SGL_E_LIMIT:
	case SGL_E_ENCODING:
		return 0;
	default:
		abort();
	}
}
