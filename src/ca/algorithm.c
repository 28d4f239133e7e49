/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/algorithm.h"

static const sgl_ca_algorithm algorithms[] = {
    {"rsa-3072", SGL_KEY_RSA, 3072, SGL_DIGEST_SHA256},
    {"rsa-2048", SGL_KEY_RSA, 2048, SGL_DIGEST_SHA256},
    {"rsa-4096", SGL_KEY_RSA, 4096, SGL_DIGEST_SHA256},
    {"p256", SGL_KEY_P256, 0, SGL_DIGEST_SHA256},
    {"p384", SGL_KEY_P384, 0, SGL_DIGEST_SHA384},
};

const sgl_ca_algorithm *
sgl_ca_algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (strcmp(name, algorithms[i].name) == 0)
			return &algorithms[i];
	return NULL;
}

sgl_digest_alg
sgl_ca_digest(const sgl_key *key)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (algorithms[i].kind == sgl_key_get_kind(key))
			return algorithms[i].digest;
	return SGL_DIGEST_SHA256;
}

const char *
sgl_ca_algorithm_names(void)
{
	return "rsa-3072, rsa-2048, rsa-4096, p256, p384";
}
