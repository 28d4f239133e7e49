/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anything as a file of certificates and keys. The MAC keeps most of a PKCS#12
 * out of reach of random changes, so the bytes also go to the reader of
 * certs-only SignedData and of encrypted keys by themselves, and rounds are
 * few.
 */
#include <stdlib.h>

#include "cms/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *
engine(void)
{
	static sgl_engine *one;
	sgl_limits limits = {.kdf_iterations = 3000};
	sgl_engine_config config = {.limits = &limits};

	if (one == NULL && sgl_engine_new(&config, &one, NULL) != SGL_OK)
		abort();
	return one;
}

static void
load(sgl_slice file, sgl_slice password)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_crls) crls = {0};
	sgl_loaded got = {0};
	sgl_err err = {0};

	if (sgl_load(engine(), file, password, &ring, &crls, &got, &err) !=
	    SGL_OK) {
		if (err.status == SGL_OK || ring.num_keys > 0)
			abort(); /* a failure without a word, or half done */
		return;
	}
	if (got.num_certs + got.num_keys + got.num_crls == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_slice file = sgl_slice_of(data, size);

	load(file, SGL_LIT("nss"));
	load(file, (sgl_slice){NULL, 0});
	return 0;
}
