/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key at the keyholder for as long as it is wanted: tickets end, so it is
 * opened there anew, by a new ticket, when the one at hand is used up.
 */
#ifndef SGL_VAULT_LEASE_H
#define SGL_VAULT_LEASE_H

#include "vault/keeper.h"

/* What opens it. */
typedef struct sgl_lease_order {
	unsigned type; /* of the question */
	sgl_slice question;
	char name[SGL_ERR_DETAIL]; /* of the key, for people */
} sgl_lease_order;
/* sgl_lease_new makes the key. `inner` is the one that `ticket` opened: taken,
 * also by a failure; `order` is copied; `keeper`, who opens it again, is
 * borrowed and must outlive the key. */
SGL_MUST sgl_status sgl_lease_new(sgl_engine *engine, sgl_keeper *keeper,
    sgl_key *inner, const sgl_ticket *ticket, const sgl_lease_order *order,
    sgl_key **out, sgl_err *err);

/* sgl_keeper_reopen opens a key at the far side for a lease: *inner stands as
 * long as *ticket. */
SGL_MUST sgl_status sgl_keeper_reopen(sgl_keeper *keeper,
    const sgl_lease_order *order, sgl_key **inner, sgl_ticket *ticket,
    sgl_err *err);

#endif
