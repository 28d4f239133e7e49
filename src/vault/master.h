/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key of a home: 32 random bytes in keys/master.key, readable by
 * its owner alone. Whoever has this file and the database has every key, so a
 * later release wraps it further (passphrase, token, shares); its first line
 * says which form it has.
 */
#ifndef SGL_VAULT_MASTER_H
#define SGL_VAULT_MASTER_H

#include "base/buf.h"
#include "sigill/crypto.h"

#define SGL_MASTER_FILE "master.key"

SGL_MUST sgl_status sgl_master_create(
    sgl_engine *engine, const char *folder, bool *made, sgl_err *err);
SGL_MUST sgl_status sgl_master_read(
    const char *folder, sgl_secret *out, sgl_err *err);
/* The contents of such a file; `name` is for errors. */
SGL_MUST sgl_status sgl_master_read_text(
    const char *name, sgl_slice text, sgl_secret *out, sgl_err *err);

#endif
