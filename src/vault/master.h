/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key of a home: 32 random bytes, in the file keys/master.key that
 * its owner alone may read. The file has one of two forms, which its first line
 * tells: the key as it is, so that whoever has this file and the database has
 * every key; or the key wrapped, once for each way to it (ways.h).
 */
#ifndef SGL_VAULT_MASTER_H
#define SGL_VAULT_MASTER_H

#include "base/buf.h"
#include "sigill/crypto.h"
#include "sys/plain.h"
#include "vault/token_line.h"
#include "vault/ways.h"

#define SGL_MASTER_FILE "master.key"

/* sgl_master_create makes one as it is, if there is none yet; *made tells. */
SGL_MUST sgl_status sgl_master_create(
    sgl_engine *engine, const char *folder, bool *made, sgl_err *err);

/* What the file says. Wiped when cleared; all-zero is nothing. */
typedef struct sgl_master {
	sgl_secret bare; /* empty unless the key is there as it is */
	sgl_ways ways;
	/* What the files hold that the ways name, where it was gathered. */
	sgl_secret gathered[SGL_WAYS_MAX];
} sgl_master;
void sgl_master_clear(sgl_master *m);
SGL_AUTO_CLEAR_TYPE(sgl_master, sgl_master_clear)
/* sgl_master_read: SGL_E_PASSWORD: there is none, or it is damaged, or others
 * may read it, or it is another user's; SGL_E_USAGE: a link is in its place;
 * SGL_E_IO. sgl_master_read_in: the folder is open already. */
SGL_MUST sgl_status sgl_master_read(
    const char *folder, sgl_master *out, sgl_err *err);
/* sgl_master_folder opens that folder. The same failures. */
SGL_MUST sgl_status sgl_master_folder(
    const char *folder, sgl_plain_folder *out, sgl_err *err);
SGL_MUST sgl_status sgl_master_read_in(
    const sgl_plain_folder *folder, sgl_master *out, sgl_err *err);
/* sgl_master_gather reads now what credentials and key files hold, for a
 * process that will not be allowed to when it opens the master key. What cannot
 * be read is left to that. */
SGL_MUST sgl_status sgl_master_gather(sgl_master *m, sgl_err *err);

/* The contents of such a file; `name` is for errors. */
SGL_MUST sgl_status sgl_master_read_text(
    const char *name, sgl_slice text, sgl_master *out, sgl_err *err);

/* sgl_master_open goes the ways that need nobody: credentials, key files and
 * tokens. *key stays empty if none of these is there or leads to it; *err says
 * then why the last did not. */
SGL_MUST sgl_status sgl_master_open(
    sgl_engine *engine, const sgl_master *m, sgl_secret *key, sgl_err *err);
/* sgl_master_open_apart goes only those that load no module, and
 * sgl_master_open_on those by token, over whoever has these. */
SGL_MUST sgl_status sgl_master_open_apart(
    sgl_engine *engine, const sgl_master *m, sgl_secret *key, sgl_err *err);
SGL_MUST sgl_status sgl_master_open_on(sgl_engine *engine, const sgl_master *m,
    const sgl_token_source *tokens, sgl_secret *key, sgl_err *err);
/* sgl_master_open_by tries a passphrase. SGL_E_PASSWORD: it is wrong, or there
 * is no such way. */
SGL_MUST sgl_status sgl_master_open_by(sgl_engine *engine, const sgl_master *m,
    sgl_slice passphrase, sgl_secret *key, sgl_err *err);

/* sgl_master_write puts these ways in the place of what the file said, whole or
 * not at all; what it said before is overwritten on the disk, as far as the
 * file system lets that happen. Whoever calls is the only one who writes. */
SGL_MUST sgl_status sgl_master_write(
    const sgl_plain_folder *folder, const sgl_ways *ways, sgl_err *err);

/* What is known of the ways without going any. */
typedef struct sgl_vault_state {
	bool is_locked;
	unsigned num_of[SGL_NUM_WAY_KINDS]; /* none at all: as it is */
} sgl_vault_state;
void sgl_master_state(const sgl_master *m, sgl_vault_state *out);

/* sgl_secret_of_file reads what a credential or a key file holds: 32 bytes are
 * a key; of anything else the first line is a passphrase. */
SGL_MUST sgl_status sgl_secret_of_file(
    const char *path, sgl_secret *out, sgl_err *err);
/* sgl_credential_path: *out is empty where there is no such folder.
 * SGL_E_USAGE: it cannot be the name of a credential. */
SGL_MUST sgl_status sgl_credential_path(
    const char *name, sgl_buf *out, sgl_err *err);
#endif
