/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done, by whom: a chain of records in the store, each with a hash
 * over itself and the hash before. Whatever changes something adds one, in the
 * same transaction; so there is no change without its record, and no record of
 * a change that was not kept.
 */
#ifndef SGL_ORG_AUDIT_H
#define SGL_ORG_AUDIT_H

#include "org/home.h"

/*
 * sgl_audit_add adds a record in the caller's transaction. `action` is a short
 * word of ours ("user.add"); `object` is what it was done to, an address
 * mostly; `before` and `after` are what was changed, NULL where there is
 * nothing. Never a secret, never content of messages. Who did it the home knows
 * (sgl_home_set_actor).
 */
SGL_MUST sgl_status sgl_audit_add(sgl_home *home, const char *action,
    const char *object, const char *before, const char *after, sgl_err *err);

/* sgl_audit_note adds one about the keys themselves, which may be locked: if it
 * cannot be signed now, the next record that is signed vouches for it. */
SGL_MUST sgl_status sgl_audit_note(sgl_home *home, const char *action,
    const char *object, const char *after, sgl_err *err);

/* sgl_audit_refusal adds one about something that was asked for and refused:
 * `object` is what, `why` what was answered. */
#define SGL_AUDIT_REFUSED "refused"
SGL_MUST sgl_status sgl_audit_refusal(
    sgl_home *home, const char *object, const char *why, sgl_err *err);

/* sgl_audit_last tells what was added in this transaction or the one before;
 * false: nothing. */
bool
sgl_audit_last(const sgl_home *home, int64_t *sequence, const uint8_t **hash);

/* sgl_audit_hash is what the `hash` of a record must be. */
SGL_MUST sgl_status sgl_audit_hash(sgl_engine *engine,
    const sgl_audit_record *r, uint8_t out[32], sgl_err *err);

#endif
