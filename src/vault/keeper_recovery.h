/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a keeper does for key recovery (recovery.h). It alone makes the recovery
 * key, seals to it, and puts it together again; what it made it recognises by
 * the master key: a policy that says who the officers are and how many are
 * needed, and the session of a case. It keeps nothing.
 */
#ifndef SGL_VAULT_KEEPER_RECOVERY_H
#define SGL_VAULT_KEEPER_RECOVERY_H

#include "vault/keeper.h"
#include "vault/recovery.h"

/* All borrowed. */
typedef struct sgl_recovery_member {
	int64_t officer;
	sgl_slice signs;    /* SubjectPublicKeyInfo: checks approvals */
	sgl_cert *decrypts; /* to which the share is enveloped */
} sgl_recovery_member;

typedef struct sgl_recovery_plan {
	int64_t id; /* of the recovery key in the store */
	unsigned threshold;
	sgl_recovery_member members[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_members;
} sgl_recovery_plan;

/* A new recovery key; clear it. */
typedef struct sgl_recovery_made {
	sgl_buf spki, policy;
	sgl_buf envelopes[SGL_RECOVERY_OFFICERS_MAX]; /* as the members */
} sgl_recovery_made;
void sgl_recovery_made_init(sgl_recovery_made *m);
void sgl_recovery_made_clear(sgl_recovery_made *m);
SGL_AUTO_CLEAR_TYPE(sgl_recovery_made, sgl_recovery_made_clear)

/* sgl_keeper_recovery_make makes a recovery key and shares it at once.
 * SGL_E_USAGE: fewer than two needed, or more than there are, or an officer's
 * certificate cannot be used. */
SGL_MUST sgl_status sgl_keeper_recovery_make(sgl_keeper *keeper,
    const sgl_recovery_plan *plan, sgl_recovery_made *out, sgl_err *err);

/* As the store has it; borrowed. */
typedef struct sgl_recovery_policy {
	int64_t id;
	sgl_slice sealed;
} sgl_recovery_policy;

/* A private key that is sealed to the recovery key, or shall be; borrowed. */
typedef struct sgl_escrowed_key {
	sgl_seal_label label;
	sgl_slice made_for; /* an address */
	sgl_slice sealed;   /* to the recovery key */
} sgl_escrowed_key;

/* sgl_keeper_escrow seals to the recovery key what is sealed in the vault. */
SGL_MUST sgl_status sgl_keeper_escrow(sgl_keeper *keeper,
    const sgl_recovery_policy *policy, const sgl_sealed_key *key,
    sgl_slice made_for, sgl_buf *sealed, sgl_err *err);

/* sgl_keeper_recovery_begin makes the session of the case `id`: its public
 * half, and the private one sealed. */
SGL_MUST sgl_status sgl_keeper_recovery_begin(sgl_keeper *keeper, int64_t id,
    sgl_buf *spki, sgl_buf *sealed, sgl_err *err);

/* A case as the store has it; borrowed. */
typedef struct sgl_recovery_file {
	sgl_recovery_policy policy;
	sgl_recovery_case facts;
	sgl_slice session; /* sealed */
	sgl_recovery_approval approvals[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_approvals;
} sgl_recovery_file;

/*
 * sgl_keeper_recovery_check looks whether the approvals count, however few.
 * SGL_E_MISMATCH: not one of the officers, twice the same, another statement,
 * not signed by the officer, at a time when the case was not open, or not with
 * the officer's share; or the case has expired.
 */
SGL_MUST sgl_status sgl_keeper_recovery_check(
    sgl_keeper *keeper, const sgl_recovery_file *file, sgl_err *err);

/* sgl_keeper_recovery_state signs the statement of a case: officers believe no
 * other. Appends to *signature. */
SGL_MUST sgl_status sgl_keeper_recovery_state(sgl_keeper *keeper,
    const sgl_recovery_file *file, sgl_buf *signature, sgl_err *err);

/* What is to be handed out; borrowed. The keys are those of the case, in its
 * order. */
typedef struct sgl_recovery_handout {
	const sgl_escrowed_key *keys;
	size_t num_keys;
	const sgl_certs *certs;
	sgl_slice friendly_name, password;
} sgl_recovery_handout;
/* sgl_keeper_recovery_collect checks all again and writes the keys as a
 * PKCS#12. SGL_E_NOKEY: not enough approvals. */
SGL_MUST sgl_status sgl_keeper_recovery_collect(sgl_keeper *keeper,
    const sgl_recovery_file *file, const sgl_recovery_handout *what,
    sgl_bytes *out, sgl_err *err);

/* What is sealed to the recovery key of a case, and shall be sealed to another
 * instead; borrowed. */
typedef struct sgl_recovery_removal {
	sgl_recovery_policy to;
	const sgl_escrowed_key *keys;
	size_t num_keys;
} sgl_recovery_removal;
/* sgl_keeper_recovery_move checks all again and seals the keys anew: `visit` is
 * told each as it is then. */
typedef sgl_status (*sgl_removal_visit)(
    void *ctx, size_t i, sgl_slice sealed, sgl_err *err);
SGL_MUST sgl_status sgl_keeper_recovery_move(sgl_keeper *keeper,
    const sgl_recovery_file *file, const sgl_recovery_removal *what,
    sgl_removal_visit visit, void *ctx, sgl_err *err);

#endif
