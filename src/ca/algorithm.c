/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/algorithm.h"

static const sgl_ca_algorithm algorithms[] = {
    {"rsa-3072", SGL_KEY_RSA, 3072},
    {"rsa-2048", SGL_KEY_RSA, 2048},
    {"rsa-4096", SGL_KEY_RSA, 4096},
    {"p256", SGL_KEY_P256, 0},
    {"p384", SGL_KEY_P384, 0},
};

const sgl_ca_algorithm *
sgl_ca_algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (strcmp(name, algorithms[i].name) == 0)
			return &algorithms[i];
	return NULL;
}

const char *
sgl_ca_algorithm_names(void)
{
	return "rsa-3072, rsa-2048, rsa-4096, p256, p384";
}
