/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of key that an organisation can choose, by name. */
#ifndef SGL_CA_ALGORITHM_H
#define SGL_CA_ALGORITHM_H

#include "crypto/pubkey.h"

typedef struct sgl_ca_algorithm {
	const char *name; /* "rsa-3072" */
	sgl_key_kind kind;
	unsigned bits; /* RSA */
} sgl_ca_algorithm;

#define SGL_CA_ALGORITHM_DEFAULT "rsa-3072"

/* sgl_ca_algorithm_find: NULL for a name we do not know. */
const sgl_ca_algorithm *sgl_ca_algorithm_find(const char *name);
/* "rsa-3072, rsa-2048, ..." for help and errors. */
const char *sgl_ca_algorithm_names(void);

#endif
