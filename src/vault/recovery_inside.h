/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the keyholder's part of key recovery. */
#ifndef SGL_VAULT_RECOVERY_INSIDE_H
#define SGL_VAULT_RECOVERY_INSIDE_H

#include "vault/keeper_inside.h"
#include "vault/recovery_wire.h"

#define SGL_SHARE_MARK 32

/* Who does it. */
typedef struct sgl_holder {
	sgl_engine *engine;
	sgl_keeper *keeper;
} sgl_holder;

/* What the keyholder wrote down for itself when it made a recovery key. */
typedef struct sgl_policy_officer {
	int64_t id;
	sgl_slice spki;
} sgl_policy_officer;

typedef struct sgl_policy {
	sgl_secret plain; /* what the rest points to */
	unsigned threshold;
	sgl_slice spki, mac_key;
	sgl_slice request_key; /* PKCS#8: signs requests */
	sgl_policy_officer officers[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_officers;
} sgl_policy;
void sgl_policy_clear(sgl_policy *p);
SGL_AUTO_CLEAR_TYPE(sgl_policy, sgl_policy_clear)
SGL_MUST sgl_status sgl_policy_open(const sgl_holder *h,
    const sgl_recovery_policy *sealed, sgl_policy *out, sgl_err *err);

/* A share says of itself that it is one of ours: only the keyholder can tell,
 * and who has m - 1 shares has their marks alone. */
SGL_MUST sgl_status sgl_share_mark(sgl_engine *engine, sgl_slice mac_key,
    uint8_t x, sgl_slice y, sgl_digest *out, sgl_err *err);

/* What an escrowed key is bound to: its number, its public half, and for whom
 * it was made. */
#define SGL_ESCROW_CONTEXT_MAX (SGL_RECOVERY_LINE_MAX + 128)
SGL_MUST sgl_status sgl_escrow_context(const sgl_seal_label *label,
    sgl_slice made_for, sgl_buf *out, sgl_err *err);

SGL_MUST sgl_status sgl_session_open_sealed(const sgl_holder *h,
    const sgl_recovery_file *f, sgl_key **out, sgl_err *err);

/* The questions about a case (keeper_recovery_case.c). */
typedef sgl_status sgl_recovery_work(
    const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err);
sgl_recovery_work sgl_recovery_on_check, sgl_recovery_on_collect,
    sgl_recovery_on_move, sgl_recovery_on_state;

#endif
