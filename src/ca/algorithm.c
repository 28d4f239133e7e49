/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/algorithm.h"
#include "sys/text.h"

#define RSA_LEAST 2048

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

sgl_status
sgl_ca_algorithm_check(const char *name, sgl_err *err)
{
	if (sgl_ca_algorithm_find(name) != NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, "ca.algorithm", SGL_NO_OFFSET,
	    N_("is not a kind of key we make"), "%s (%s)", name,
	    sgl_ca_algorithm_names());
}

bool
sgl_ca_key_is_for(const sgl_pubkey *key, sgl_cert_purpose purpose)
{
	switch (sgl_pubkey_get_kind(key)) {
	case SGL_KEY_RSA:
		return sgl_pubkey_get_bits(key) >= RSA_LEAST;
	case SGL_KEY_P256:
	case SGL_KEY_P384:
	case SGL_KEY_P521:
		return true;
	case SGL_KEY_ED25519:
		return purpose == SGL_CERT_SIGNING; /* not both */
	case SGL_KEY_X25519:
		return purpose == SGL_CERT_ENCRYPTION;
	case SGL_KEY_UNKNOWN:
		break;
	}
	return false;
}

sgl_key_sort
sgl_ca_usual_sort(const sgl_home *home)
{
	const sgl_ca_algorithm *a =
	    sgl_ca_algorithm_find(sgl_home_organisation(home)->algorithm);

	return a == NULL ? (sgl_key_sort){SGL_KEY_UNKNOWN, 0}
			 : (sgl_key_sort){a->kind, a->bits};
}
