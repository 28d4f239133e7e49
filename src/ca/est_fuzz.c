/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses: a path, a login, or the body of an enrolment or of a
 * request for a key. */
#include <stdlib.h>

#include "ca/est.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *engine;

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
try_texts(const char *text)
{
	SGL_AUTO_CLEAR(sgl_est_login) l = {{NULL, 0}, {NULL, 0}};
	sgl_est_operation operation;
	bool found;

	if (sgl_est_find(text, &operation))
		check(operation < SGL_EST_NUM_OPERATIONS);
	check(sgl_est_read_login(text, &l, &found, NULL) == SGL_OK);
	if (found)
		check(l.user.len > 0 && l.code.len > 0 &&
		    memchr(l.user.data, ':', l.user.len) == NULL);
}

static void
try_body(sgl_slice body)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;
	bool good;

	if (sgl_est_read(engine, body, &csr, NULL) != SGL_OK)
		return;
	check(sgl_csr_is_signed(engine, csr, &good, NULL) == SGL_OK && good);
	check(csr->asked.spki.len > 0);
	(void)sgl_est_is_same(csr, &csr->asked);
}

static void
try_keygen(sgl_slice body)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_cipher_alg cipher;
	sgl_slice to;
	bool good;

	if (sgl_est_read_keygen(engine, body, &csr, &to, &cipher, NULL) !=
	    SGL_OK)
		return;
	check(cipher != SGL_CIPHER_NONE && !sgl_cipher_is_aead(cipher) &&
	    !sgl_cipher_is_old(cipher));
	if (to.len > 0)
		check(sgl_csr_is_signed(engine, csr, &good, NULL) == SGL_OK &&
		    good);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_MEM uint8_t *copy = NULL;

	if (engine == NULL)
		check(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	if (size == 0)
		return 0;
	if (data[0] & 1) {
		try_body(sgl_slice_of(data + 1, size - 1));
		try_keygen(sgl_slice_of(data + 1, size - 1));
		return 0;
	}
	check(sgl_slice_copy(sgl_slice_of(data + 1, size - 1), &copy, "fuzz",
		  NULL) == SGL_OK);
	try_texts((const char *)copy);
	return 0;
}
