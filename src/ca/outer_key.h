/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private key of an authority where the vault does not have it: in a file
 * that a password seals, or on a PKCS#11 token. A root's is there but for the
 * moments in which it signs.
 */
#ifndef SGL_CA_OUTER_KEY_H
#define SGL_CA_OUTER_KEY_H

#include "ca/algorithm.h"
#include "pki/cert.h"
#include "vault/token.h"

/* The token must outlive the key; all-zero is none. */
typedef struct sgl_outer_key {
	sgl_key *key;
	sgl_token *token; /* NULL: the key is in memory */
} sgl_outer_key;
void sgl_outer_key_clear(sgl_outer_key *k);
SGL_AUTO_CLEAR_TYPE(sgl_outer_key, sgl_outer_key_clear)

/* sgl_outer_key_is_token: `where` is a pkcs11: URI, not a file. */
bool sgl_outer_key_is_token(const char *where);
/* sgl_outer_key_check_uri: SGL_E_USAGE for a URI that holds a PIN, which would
 * stand in the database. */
SGL_MUST sgl_status sgl_outer_key_check_uri(const char *uri, sgl_err *err);

/* sgl_outer_key_make makes a key in memory. */
SGL_MUST sgl_status sgl_outer_key_make(sgl_engine *engine,
    const sgl_ca_algorithm *algorithm, sgl_outer_key *out, sgl_err *err);
/*
 * sgl_outer_key_open opens the one private key that a file or a URI names;
 * `password` is the file's, or the PIN (data NULL: the URI's own). SGL_E_NOKEY:
 * there is none; SGL_E_USAGE: there are several; SGL_E_PASSWORD.
 */
SGL_MUST sgl_status sgl_outer_key_open(sgl_engine *engine, const char *where,
    sgl_slice password, sgl_outer_key *out, sgl_err *err);
/*
 * sgl_outer_key_save writes a key in memory and its certificate as PKCS#12
 * (0600, on the disk) to a file that must not exist, and reads it back: on
 * success the key is certain to be there. On failure there is no such file.
 */
SGL_MUST sgl_status sgl_outer_key_save(sgl_engine *engine, sgl_key *key,
    sgl_cert *cert, const char *path, sgl_slice password, sgl_err *err);

#endif
