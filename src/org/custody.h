/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Custody: where the private keys of a mailbox are. What is said of it is what
 * is stored.
 *
 *	user	the key to sign is wiped here once it was handed out; the key
 *		to encrypt is kept, so that nothing is lost with a device, until
 *		it is sealed to a recovery key (recovery.h), too
 *	server	both are kept
 *	sealed	neither is kept once it was handed out, nor sealed to a
 *		recovery key
 *
 * A key that serves both purposes is a key to sign, so under `user` it is not
 * kept, and mail is lost with the device; unless the organisation accepts that
 * whoever recovers such a key can sign with it (keeps_dual in home.h).
 *
 * Handing out has two steps. sgl_custody_hand_out notes it, in the change that
 * makes the file; sgl_custody_settle wipes what may not be kept, once the file
 * is where it was wanted. Between the two the same keys can be handed out
 * again: a full disk loses nobody's key.
 */
#ifndef SGL_ORG_CUSTODY_H
#define SGL_ORG_CUSTODY_H

#include "org/home.h"

/* sgl_custody_check: may the keys of `p` be handed out, to `holder` (of a
 * shared mailbox; else NULL)? SGL_E_USAGE says why not. */
SGL_MUST sgl_status sgl_custody_check(sgl_home *home, const sgl_person *p,
    const sgl_person *holder, sgl_err *err);
SGL_MUST sgl_status sgl_custody_hand_out(sgl_home *home, const sgl_person *p,
    const sgl_person *holder, const int64_t *keys, size_t num, sgl_err *err);
/* sgl_custody_settle: of these keys, those that were handed out and that the
 * custody does not keep are wiped; *wiped (may be NULL) is how many. */
SGL_MUST sgl_status sgl_custody_settle(sgl_home *home, const sgl_person *p,
    const int64_t *keys, size_t num, size_t *wiped, sgl_err *err);

/* sgl_custody_keeps: a key of this kind stays when it was handed out. */
bool sgl_custody_keeps(sgl_custody custody, sgl_cert_purpose purpose);

/*
 * sgl_custody_change gives the person another custody, and wipes at once what
 * was handed out and may no longer be kept. SGL_E_USAGE where it would not be
 * true: to keep what is not here any more, or a shared mailbox's keys with one
 * person.
 */
SGL_MUST sgl_status sgl_custody_change(
    sgl_home *home, sgl_person *p, sgl_custody to, sgl_err *err);

/* sgl_custody_confirm: the newest keys are where they are used, so the newest
 * certificates are used from now on (those to encrypt by senders), if they do
 * not wait longer than `until` (SGL_CUSTODY_ANY: however long); *num is how
 * many waited for that. */
#define SGL_CUSTODY_ANY ((sgl_time)INT64_MAX)
SGL_MUST sgl_status sgl_custody_confirm(sgl_home *home, const sgl_person *p,
    sgl_time until, size_t *num, sgl_err *err);

#endif
