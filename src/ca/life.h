/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a mailbox: what becomes of its certificates when somebody is
 * renamed, away for a while, or gone. All calls are made in an open transaction
 * of the home, note what they did (audit.h), and bring *p up to date.
 *
 * Private keys are never touched but by sgl_life_delete with `destroy`: old
 * mail can be opened in all states.
 */
#ifndef SGL_CA_LIFE_H
#define SGL_CA_LIFE_H

#include "ca/ca.h"

/*
 * sgl_life_rename gives a person another own address, which may be one of the
 * further ones; the old one stays as a further one. There are new certificates
 * for it. The old certificates to sign are revoked as superseded (X.509: "no
 * cause to suspect that the private key has been compromised"), unless `keep`:
 * whoever may sign for the new address shall not go on for the old one unseen.
 * The old one to encrypt is not revoked, for mail to the old address is still
 * welcome, and programs do not encrypt to a revoked one.
 */
SGL_MUST sgl_status sgl_life_rename(sgl_home *home, sgl_person *p,
    const char *address, bool keep, sgl_err *err);

/* sgl_life_suspend puts the certificates to sign on hold; those to encrypt stay
 * in use. sgl_life_resume takes back these holds, and no others. */
SGL_MUST sgl_status sgl_life_suspend(
    sgl_home *home, sgl_person *p, sgl_err *err);
SGL_MUST sgl_status sgl_life_resume(
    sgl_home *home, sgl_person *p, sgl_err *err);

/* sgl_life_leave revokes all certificates as affiliationChanged, and takes the
 * person out of the shared mailboxes (sgl_life_drop_holder). There is no way
 * back. */
SGL_MUST sgl_status sgl_life_leave(sgl_home *home, sgl_person *p, sgl_err *err);

/* sgl_life_delete: of a person who has left nobody knows any more; the
 * certificates stay as they are in CRLs, and the keys, which open old mail,
 * unless `destroy` wipes them. */
SGL_MUST sgl_status sgl_life_delete(
    sgl_home *home, sgl_person *p, bool destroy, sgl_err *err);

/*
 * sgl_life_drop_holder takes a person out of a shared mailbox. If that person
 * was given its keys, the mailbox gets new ones at once (if it is active), and
 * all old certificates are revoked as `reason`: superseded as a rule.
 * keyCompromise would say that nobody can tell who made the signatures so far;
 * but they were made by those who were allowed to. *rotated tells.
 */
SGL_MUST sgl_status sgl_life_drop_holder(sgl_home *home, sgl_person *mailbox,
    const sgl_person *holder, sgl_revocation_reason reason, bool *rotated,
    sgl_err *err);

#endif
