/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the keys of the authorities that issue can be had just now. */
#ifndef SGL_CA_KEY_CHECK_H
#define SGL_CA_KEY_CHECK_H

#include "org/home.h"

#define SGL_KEYS_CHECKED 16
typedef struct sgl_checked_key {
	int64_t authority;
	bool on_token;
	sgl_err why; /* status SGL_OK: it can be had */
} sgl_checked_key;
typedef struct sgl_checked_keys {
	sgl_checked_key items[SGL_KEYS_CHECKED];
	size_t num;
} sgl_checked_keys;

/* sgl_ca_check_keys opens them, those in the vault only if `all`. Of a token
 * that is more than to look: it is logged in to, if it was not yet. */
SGL_MUST sgl_status sgl_ca_check_keys(
    sgl_home *home, bool all, sgl_checked_keys *out, sgl_err *err);

#endif
