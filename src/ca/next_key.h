/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of the next issuing authority: in the vault already, while its
 * certificate is still to be signed by a root that is elsewhere.
 */
#ifndef SGL_CA_NEXT_KEY_H
#define SGL_CA_NEXT_KEY_H

#include "ca/ca.h"

/* sgl_next_key_make makes one in the caller's change unless there is one. */
SGL_MUST sgl_status sgl_next_key_make(sgl_home *home, sgl_err *err);
/* sgl_next_key_get gives its public half, as a key that cannot be used.
 * SGL_E_NOKEY: there is none. */
SGL_MUST sgl_status sgl_next_key_get(
    sgl_home *home, sgl_key **out, sgl_err *err);
/* sgl_next_key_open gives the key itself, out of the vault. */
SGL_MUST sgl_status sgl_next_key_open(
    sgl_home *home, sgl_key **out, sgl_err *err);
/* sgl_next_key_take gives its number in the vault: it is no longer the next
 * one. SGL_E_MISMATCH: `spki` is another key's. */
SGL_MUST sgl_status sgl_next_key_take(
    sgl_home *home, sgl_slice spki, int64_t *id, sgl_err *err);

#endif
