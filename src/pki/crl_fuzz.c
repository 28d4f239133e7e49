/* SPDX-License-Identifier: Apache-2.0 */
/* A CRL of anybody: every entry that can be walked over is found again, and
 * nothing is found in an empty list. */
#include <assert.h>
#include <stdlib.h>

#include "pki/crl_entry.h"
#include "pki/crl_scope.h"

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
find_all(sgl_crl *crl)
{
	sgl_der in = sgl_der_over(crl->entries);
	size_t num = 0;

	while (!sgl_der_done(&in)) {
		sgl_crl_entry entry;
		sgl_crl_found found;
		bool is;

		if (!sgl_crl_entry_read(&in, &entry) ||
		    sgl_crl_find(crl, crl->issuer, entry.serial, &is, &found,
			NULL) != SGL_OK)
			abort();
		assert(is || crl->has_other_issuers);
		if (++num > 1000)
			return;
	}
	assert(num == crl->num_entries);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_crl_found found;
	sgl_err err;
	bool is;
	sgl_status status =
	    sgl_crl_read(engine(), sgl_slice_of(data, size), &crl, &err);

	if (status != SGL_OK) {
		assert(status == SGL_E_ENCODING && err.offset <= size);
		return 0;
	}
	find_all(crl);
	if (sgl_crl_find(crl, crl->issuer, SGL_LIT("\x55\x55"), &is, &found,
		NULL) != SGL_OK)
		abort();
	assert(!is || crl->num_entries > 0);
	(void)sgl_crl_fits_delta(crl, crl);
	return 0;
}
