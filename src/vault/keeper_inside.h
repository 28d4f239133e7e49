/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a keeper: what its files share. */
#ifndef SGL_VAULT_KEEPER_INSIDE_H
#define SGL_VAULT_KEEPER_INSIDE_H

#include "sys/guarded.h"
#include "vault/keeper_wire.h"

struct sgl_keeper {
	sgl_engine *engine;
	sgl_guarded key; /* of one that is here; empty: it is locked */
	sgl_master master;
	bool is_alone; /* no service runs: it is the command's own */
	sgl_keeper_wish wish;
	const sgl_token_source *tokens; /* NULL: there are none */
	sgl_channel *channel;		/* of one that is far; borrowed */
	sgl_ticket_source tickets;
	size_t num_lent; /* keys, for the change at hand */
	sgl_lack lack;	 /* num 0: nothing */
	bool is_reserved;
	sgl_ticket ticket;	       /* of the last question */
	const char *asked_for;	       /* the key that is opened; NULL: none */
	const sgl_ticket_terms *terms; /* of the next one; NULL: our own */
	/* The ways that were added since the far one has read them. */
	bool has_told;
	sgl_vault_state told;
};

/* sgl_keeper_key borrows the master key of one that is here. SGL_E_PASSWORD: it
 * is locked. */
SGL_MUST sgl_status sgl_keeper_key(
    const sgl_keeper *k, sgl_slice *out, sgl_err *err);

/* sgl_keeper_may_leave: SGL_E_USAGE: nobody gets the private half of this one.
 */
SGL_MUST sgl_status sgl_keeper_may_leave(
    const sgl_sealed_key *sealed, sgl_err *err);

/* sgl_keeper_ask asks the far side and expects an answer of type `want`; *out
 * is over a message that stands until the next question. `question` is
 * wiped. */
SGL_MUST sgl_status sgl_keeper_ask(sgl_keeper *k, unsigned type,
    sgl_buf *question, const sgl_wire *w, unsigned want, sgl_unwire *out,
    sgl_err *err);

/* The keyholder's answers to what recovery asks (keeper_recovery_serve.c):
 * appended to *answer, whose type goes to *type. *known false: it is another
 * question. */
SGL_MUST sgl_status sgl_keeper_recovery_serve(sgl_engine *engine,
    sgl_keeper *keeper, unsigned question, sgl_unwire *u, sgl_buf *answer,
    unsigned *type, bool *known, sgl_err *err);

#endif
