/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of key that an organisation can choose, by name. */
#ifndef SGL_CA_ALGORITHM_H
#define SGL_CA_ALGORITHM_H

#include "crypto/pubkey.h"
#include "org/home.h"
#include "store/store.h"
#include "vault/stock.h"

typedef struct sgl_ca_algorithm {
	const char *name; /* "rsa-3072" */
	sgl_key_kind kind;
	unsigned bits; /* RSA */
} sgl_ca_algorithm;

#define SGL_CA_ALGORITHM_DEFAULT "rsa-3072"

/* sgl_ca_usual_sort is the sort of key that the organisation has chosen. */
sgl_key_sort sgl_ca_usual_sort(const sgl_home *home);
/* sgl_ca_algorithm_find: NULL for a name we do not know. */
const sgl_ca_algorithm *sgl_ca_algorithm_find(const char *name);
/* sgl_ca_algorithm_check: SGL_E_USAGE for such a name, with those we know. */
SGL_MUST sgl_status sgl_ca_algorithm_check(const char *name, sgl_err *err);
/* "rsa-3072, rsa-2048, ..." for help and errors. */
const char *sgl_ca_algorithm_names(void);
/* sgl_ca_key_is_for: somebody's own key that is strong enough, and of a kind
 * that certificates for this purpose can be about and mail programs know. */
bool sgl_ca_key_is_for(const sgl_pubkey *key, sgl_cert_purpose purpose);

#endif
