/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the audit chain, signed. Each transaction that adds to the chain
 * ends with a signature over its last record, by a key that is for nothing
 * else, sealed as such, and made at first use; only what such a key signed
 * counts. So whoever can change the database but not use the keys leaves
 * traces. That records are missing at the end only an end that was taken
 * elsewhere before can tell.
 */
#ifndef SGL_ORG_AUDIT_HEAD_H
#define SGL_ORG_AUDIT_HEAD_H

#include "org/audit.h"

/* sgl_audit_sign signs what this transaction has added, if anything;
 * sgl_home_commit does it. Where keys cannot be used it fails, unless there are
 * refusals only: these are covered by the next signature. */
SGL_MUST sgl_status sgl_audit_sign(sgl_home *home, sgl_err *err);

/* sgl_audit_check_head tells whether a signature is over this record. */
SGL_MUST sgl_status sgl_audit_check_head(sgl_engine *engine, sgl_slice spki,
    int64_t sequence, const uint8_t hash[32], sgl_slice signature, bool *good,
    sgl_err *err);

/* An end as it is kept elsewhere. */
typedef struct sgl_audit_end {
	int64_t sequence;
	uint8_t hash[32];
	/* Empty where only the two above were kept, as from a log. */
	sgl_buf spki, signature;
} sgl_audit_end;
void sgl_audit_end_clear(sgl_audit_end *e);
SGL_AUTO_CLEAR_TYPE(sgl_audit_end, sgl_audit_end_clear)

/* sgl_audit_find_end gives the last end that was signed. SGL_E_NOKEY: there is
 * none yet. */
SGL_MUST sgl_status sgl_audit_find_end(
    sgl_home *home, sgl_audit_end *out, sgl_err *err);
/* sgl_audit_get_key opens a key that signed; borrow its public half. */
SGL_MUST sgl_status sgl_audit_get_key(
    sgl_home *home, int64_t id, sgl_key **out, sgl_err *err);

/* An end as lines of text: "sequence 12", "hash 5F..", "key ..", "signature
 * ..", the last two both or neither. SGL_E_ENCODING: it is none. */
#define SGL_AUDIT_END_TEXT ((size_t)4096)
SGL_MUST sgl_status sgl_audit_end_add(
    const sgl_audit_end *e, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_audit_end_read(
    sgl_slice text, sgl_audit_end *out, sgl_err *err);

#endif
