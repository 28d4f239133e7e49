/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anything under inspection, as text and as JSON. Whatever it is, there is a
 * description, it is UTF-8 without control characters but line ends, and both
 * forms agree on whether the input is well formed.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "pki/cert.h"
#include "sigill/smime.h"

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
check_text(sgl_slice text)
{
	if (text.len == 0 || text.data[text.len - 1] != '\n' ||
	    !sgl_utf8_is(text))
		abort();
	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] < 0x20 && text.data[i] != '\n') ||
		    text.data[i] == 0x7f)
			abort();
}

static sgl_status
inspect(sgl_slice file, bool json)
{
	sgl_bytes out = {0};
	sgl_err err = {0};
	sgl_status status =
	    sgl_inspect(engine(), file, SGL_LIT("nss"), json, &out, &err);

	if (status != SGL_E_LIMIT)
		check_text(sgl_slice_of(out.data, out.len));
	sgl_bytes_free(&out);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_slice file = sgl_slice_of(data, size);
	sgl_status as_text = inspect(file, false);
	sgl_status as_json = inspect(file, true);

	if (as_text != as_json && as_text != SGL_E_LIMIT &&
	    as_json != SGL_E_LIMIT)
		abort();
	return 0;
}
