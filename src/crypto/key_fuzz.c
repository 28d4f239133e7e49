/* SPDX-License-Identifier: Apache-2.0 */
/* Public and private keys from a stranger. The first byte chooses which. */
#include <stdlib.h>

#include "crypto/pbe.h"
#include "crypto/pubkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* What was read is usable, whatever its numbers are. */
static void
use_public(sgl_engine *engine, sgl_slice in)
{
	static const sgl_sig_alg algs[] = {
	    {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0},
	    {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32},
	    {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0},
	    {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0},
	};
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_err err;
	sgl_key_kind kind;
	sgl_status status = sgl_pubkey_read(engine, in, &key, &err);

	check(sgl_pubkey_check(engine, in, &kind, NULL) == status);
	if (status != SGL_OK) {
		check(err.offset == SGL_NO_OFFSET || err.offset <= in.len);
		return;
	}
	check(kind == sgl_pubkey_get_kind(key));
	for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
		bool good = false;
		status = sgl_pubkey_verify(
		    engine, key, &algs[i], SGL_LIT("m"), in, &good, &err);
		check(status == SGL_OK || status == SGL_E_UNSUPPORTED);
	}
}

/* A private key that we take is whole: written, it reads as the same. */
static void
use_private(sgl_engine *engine, sgl_slice in)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_key)
	again = NULL;
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	sgl_err err;
	bool fits = false;

	if (sgl_key_read(engine, in, &key, &err) != SGL_OK) {
		check(err.offset == SGL_NO_OFFSET || err.offset <= in.len);
		return;
	}
	check(sgl_key_write(key, &der, NULL) == SGL_OK);
	check(sgl_key_read(engine, sgl_secret_slice(&der), &again, NULL) ==
	    SGL_OK);
	check(sgl_key_fits(engine, key, sgl_key_get_spki(again), &fits, NULL) ==
		SGL_OK &&
	    fits);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sgl_engine *engine;
	sgl_slice in = {data, size};

	if (engine == NULL) {
		/* Rounds that a fuzzer has the patience for. */
		sgl_limits limits = {.kdf_iterations = 100};
		sgl_engine_config config = {.limits = &limits};
		check(sgl_engine_new(&config, &engine, NULL) == SGL_OK);
	}
	if (size == 0)
		return 0;
	in = sgl_slice_from(in, 1);
	switch (data[0] % 3) {
	case 0:
		use_public(engine, in);
		break;
	case 1:
		use_private(engine, in);
		break;
	default: {
		sgl_key *key = NULL;
		if (sgl_key_read_encrypted(
			engine, in, SGL_LIT("secret"), &key, NULL) == SGL_OK)
			sgl_key_unref(key);
	}
	}
	return 0;
}
