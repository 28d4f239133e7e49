/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between a vault and the keyholder about key recovery. What is
 * read is borrowed from the message. */
#ifndef SGL_VAULT_RECOVERY_WIRE_H
#define SGL_VAULT_RECOVERY_WIRE_H

#include "vault/keeper_recovery.h"
#include "vault/keeper_wire.h"

void sgl_recovery_add_plan(sgl_wire *w, const sgl_recovery_plan *p);
/* The members' certificates are counted references. */
SGL_MUST sgl_status sgl_recovery_read_plan(
    sgl_engine *engine, sgl_unwire *u, sgl_recovery_plan *out, sgl_err *err);
void sgl_recovery_plan_drop(sgl_recovery_plan *p);

void sgl_recovery_add_made(
    sgl_wire *w, const sgl_recovery_made *m, size_t num_members);
/* *out has been initialised. */
SGL_MUST sgl_status sgl_recovery_read_made(
    sgl_unwire *u, sgl_recovery_made *out, size_t num_members, sgl_err *err);

typedef struct sgl_escrow_order {
	sgl_recovery_policy policy;
	sgl_sealed_key key;
	sgl_slice made_for;
} sgl_escrow_order;
void sgl_recovery_add_escrow(sgl_wire *w, const sgl_escrow_order *o);
void sgl_recovery_read_escrow(sgl_unwire *u, sgl_escrow_order *out);

/* A session: its public half, and how it is sealed. */
void sgl_recovery_add_session(sgl_wire *w, sgl_slice spki, sgl_slice sealed);
void
sgl_recovery_read_session(sgl_unwire *u, sgl_slice *spki, sgl_slice *sealed);

/* A case with its approvals. *keys is allocated for the facts. */
void sgl_recovery_add_file(sgl_wire *w, const sgl_recovery_file *f);
SGL_MUST sgl_status sgl_recovery_read_file(sgl_unwire *u,
    sgl_recovery_file *out, sgl_recovery_key **keys, sgl_err *err);

/* What to hand out. *keys is allocated. */
void sgl_recovery_add_handout(sgl_wire *w, const sgl_recovery_handout *h);
SGL_MUST sgl_status sgl_recovery_read_handout(sgl_engine *engine, sgl_unwire *u,
    sgl_recovery_handout *out, sgl_escrowed_key **keys, sgl_certs *certs,
    sgl_err *err);

/* What to seal to another recovery key. *keys is allocated. */
void sgl_recovery_add_removal(sgl_wire *w, const sgl_recovery_removal *r);
SGL_MUST sgl_status sgl_recovery_read_removal(sgl_unwire *u,
    sgl_recovery_removal *out, sgl_escrowed_key **keys, sgl_err *err);

/* Where a policy and a session are sealed, the label holds no digest of a
 * private key's own, so that neither can be opened as one. */
SGL_MUST sgl_status sgl_recovery_session_label(sgl_engine *engine, int64_t id,
    sgl_slice spki, sgl_digest *digest, sgl_seal_label *out, sgl_err *err);
SGL_MUST sgl_status sgl_recovery_policy_label(sgl_engine *engine, int64_t id,
    sgl_digest *digest, sgl_seal_label *out, sgl_err *err);

#endif
