/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key recovery in a home: the officers, the recovery key that is shared among
 * them, the private keys sealed to it, and the requests to recover some. What
 * takes the master key or a share is the keyholder's (vault/keeper_recovery.h);
 * this keeps the records, and each step is audited.
 */
#ifndef SGL_ORG_RECOVERY_H
#define SGL_ORG_RECOVERY_H

#include "org/home.h"
#include "store/recovery.h"
#include "vault/recovery.h"

/* ------------------------------------------------------------ officers --- */

/* sgl_officer_add takes somebody into office, with the certificates in `file`
 * (one that signs and decrypts, or one for each). SGL_E_USAGE: the name is
 * taken or does not fit a line, a certificate is missing, expired, or another
 * officer's. */
SGL_MUST sgl_status sgl_officer_add(sgl_home *home, const char *name,
    sgl_slice file, sgl_officer_record *out, sgl_err *err);
/* sgl_officer_remove: from now on what the officer approves does not count.
 * SGL_E_NOKEY: nobody in office has the name; SGL_E_USAGE: too few would be
 * left to recover what is escrowed (not with `force`). */
SGL_MUST sgl_status sgl_officer_remove(
    sgl_home *home, const char *name, bool force, sgl_err *err);

/* -------------------------------------------------------- recovery key --- */

typedef struct sgl_recovery_set {
	int64_t id;
	size_t num_officers;
	size_t num_escrowed; /* now, to it */
	size_t num_left; /* sealed to an older one, and not here otherwise */
} sgl_recovery_set;

/* sgl_recovery_set_up makes a recovery key, shared among those in office, and
 * seals to it every key to encrypt that is in the vault and may be. */
SGL_MUST sgl_status sgl_recovery_set_up(
    sgl_home *home, unsigned threshold, sgl_recovery_set *out, sgl_err *err);
/* sgl_recovery_escrow seals a key that was just stored to the recovery key, if
 * there is one, unless the person's custody forbids it. */
SGL_MUST sgl_status sgl_recovery_escrow(
    sgl_home *home, int64_t key, const sgl_person *person, sgl_err *err);

#endif
