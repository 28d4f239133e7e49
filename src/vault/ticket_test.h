/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: both sides of the tickets, in one process. */
#ifndef SGL_VAULT_TICKET_TEST_H
#define SGL_VAULT_TICKET_TEST_H

#include "vault/keeper_wire.h"

typedef struct sgl_test_tickets {
	sgl_ticket_mint mint;
	sgl_ticket_gate gate;
	sgl_keeper_door door;
} sgl_test_tickets;

static inline void
sgl_test_tickets_clear(sgl_test_tickets *t)
{
	sgl_ticket_mint_clear(&t->mint);
	sgl_ticket_gate_clear(&t->gate);
}
SGL_AUTO_CLEAR_TYPE(sgl_test_tickets, sgl_test_tickets_clear)

/* t must stay where it is. */
static inline sgl_status
sgl_test_tickets_init(sgl_test_tickets *t, sgl_err *err)
{
	const uint8_t secret[SGL_TICKET_SECRET] = {4, 2};
	const sgl_slice bytes = sgl_slice_of(secret, sizeof secret);

	*t = (sgl_test_tickets){.mint = {.holder = 1}, .door = {.holder = 1}};
	t->door.gate = &t->gate;
	TRY(sgl_secret_set(&t->mint.secret, bytes, err));
	return sgl_secret_set(&t->gate.secret, bytes, err);
}

/* A question with a good ticket in front; *out is to be cleared. */
static inline sgl_status
sgl_test_tickets_wrap(sgl_test_tickets *t, sgl_engine *engine, unsigned type,
    sgl_slice question, sgl_buf *out, sgl_err *err)
{
	const sgl_ticket_source source = sgl_ticket_source_of(&t->mint);
	sgl_wire w;
	sgl_ticket ticket = sgl_ticket_wanted(engine, &sgl_ticket_terms_own);

	*out = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	w = sgl_wire_over(out);
	TRY(source.get(source.ctx, engine, type, question, &ticket, err));
	sgl_keeper_add_ticketed(&w, &ticket, question);
	return sgl_wire_end(&w, err);
}

#endif
