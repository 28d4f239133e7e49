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
 * seals to it every key to encrypt that is in the vault and may be; what
 * custody does not keep beside that is wiped. */
SGL_MUST sgl_status sgl_recovery_set_up(
    sgl_home *home, unsigned threshold, sgl_recovery_set *out, sgl_err *err);
/* sgl_recovery_escrow seals a key that was just stored to the recovery key, if
 * there is one, unless the person's custody forbids it. */
SGL_MUST sgl_status sgl_recovery_escrow(
    sgl_home *home, int64_t key, const sgl_person *person, sgl_err *err);

/* sgl_recovery_escrow_all does it for every key to encrypt that a person has in
 * the vault. */
SGL_MUST sgl_status sgl_recovery_escrow_all(
    sgl_home *home, const sgl_person *person, sgl_err *err);

/* ------------------------------------------------------------ requests --- */

#define SGL_RECOVERY_DAYS 7 /* a request is open for so long, unless said */

typedef struct sgl_recovery_wish {
	const char *address, *number, *reason; /* number: of the case */
	sgl_time tell_after;  /* seconds until the person may be told */
	sgl_time open_for;    /* seconds; 0: SGL_RECOVERY_DAYS */
	int64_t recovery_key; /* whose keys; 0: the newest that has some */
} sgl_recovery_wish;

/* sgl_recovery_open_move asks the officers of an older recovery key to have all
 * that is sealed to it sealed to the newest instead; wish->address is NULL.
 * SGL_E_NOKEY: nothing is sealed to an older one. */
SGL_MUST sgl_status sgl_recovery_open_move(sgl_home *home,
    const sgl_recovery_wish *wish, sgl_request_record *out, sgl_err *err);
/* sgl_recovery_move does it, once enough have approved, and ends the request;
 * *num is how many. */
SGL_MUST sgl_status sgl_recovery_move(
    sgl_home *home, const sgl_request_record *r, size_t *num, sgl_err *err);

/* sgl_recovery_open states a case. SGL_E_NOKEY: nobody has the address, or no
 * key of the person is escrowed; SGL_E_USAGE: a word does not fit a line. *left
 * is how many keys of the person are sealed to other recovery keys. */
SGL_MUST sgl_status sgl_recovery_open(sgl_home *home,
    const sgl_recovery_wish *wish, sgl_request_record *out, size_t *left,
    sgl_err *err);
/* sgl_recovery_get finds one; SGL_E_NOKEY. */
SGL_MUST sgl_status sgl_recovery_get(
    sgl_home *home, const char *id, sgl_request_record *out, sgl_err *err);
/* "open", "approved", "expired", "collected", "cancelled" */
const char *sgl_recovery_state(const sgl_request_record *r, size_t approvals,
    int64_t threshold, sgl_time now);

/* sgl_recovery_write_request appends the file that the officers get. */
SGL_MUST sgl_status sgl_recovery_write_request(
    sgl_home *home, const sgl_request_record *r, sgl_buf *out, sgl_err *err);

typedef struct sgl_recovery_progress {
	char *officer;
	size_t approvals;
	int64_t threshold;
} sgl_recovery_progress;
void sgl_recovery_progress_clear(sgl_recovery_progress *p);
SGL_AUTO_CLEAR_TYPE(sgl_recovery_progress, sgl_recovery_progress_clear)
/* sgl_recovery_submit takes an officer's answer, which a stranger may have
 * written. SGL_E_ENCODING, and SGL_E_MISMATCH where it does not count. */
SGL_MUST sgl_status sgl_recovery_submit(sgl_home *home,
    const sgl_request_record *r, sgl_slice answer, sgl_recovery_progress *out,
    sgl_err *err);

/* sgl_recovery_collect appends the PKCS#12 under a password. SGL_E_NOKEY: too
 * few have approved. Once the file is where it was wanted, sgl_recovery_end
 * ends the request, and wipes its session and what was approved by: so a full
 * disk does not cost the officers' work. */
SGL_MUST sgl_status sgl_recovery_collect(sgl_home *home,
    const sgl_request_record *r, sgl_slice password, sgl_buf *out,
    sgl_err *err);
SGL_MUST sgl_status sgl_recovery_end(
    sgl_home *home, const sgl_request_record *r, sgl_err *err);
SGL_MUST sgl_status sgl_recovery_cancel(
    sgl_home *home, const sgl_request_record *r, sgl_err *err);

#endif
