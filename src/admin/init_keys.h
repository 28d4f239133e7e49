/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities' keys of an organisation that is no trial. */
#ifndef SGL_ADMIN_INIT_KEYS_H
#define SGL_ADMIN_INIT_KEYS_H

#include "ca/outer_key.h"
#include "admin/work.h"

typedef struct sgl_init_keys {
	sgl_outer_key root, issuing;
	sgl_secret password;	  /* of the file */
	const char *file;	  /* for the root's key; NULL: on a token */
	sgl_ca_founding founding; /* borrows from here and the call */
} sgl_init_keys;
void sgl_init_keys_clear(sgl_init_keys *k);
SGL_AUTO_CLEAR_TYPE(sgl_init_keys, sgl_init_keys_clear)

/* sgl_init_keys_check: SGL_E_USAGE for options that do not belong together. */
SGL_MUST sgl_status sgl_init_keys_check(const sgl_call *call, sgl_err *err);
/* sgl_init_keys_get makes or opens what the options name, and asks for what is
 * missing. A trial's keys all are in the vault. */
SGL_MUST sgl_status sgl_init_keys_get(const sgl_call *call, sgl_engine *engine,
    const char *algorithm, sgl_init_keys *out, sgl_err *err);
/* sgl_init_keys_save writes the root's key to its file, outside of the home.
 * sgl_init_keys_unsave takes the file away again. */
SGL_MUST sgl_status sgl_init_keys_save(
    sgl_home *home, const sgl_init_keys *k, sgl_err *err);
void sgl_init_keys_unsave(const sgl_init_keys *k);

#endif
