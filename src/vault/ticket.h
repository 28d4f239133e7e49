/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets: what the keyholder may be asked. Control makes them, the keyholder
 * looks at them; nobody else has the secret that the two share, which is new
 * whenever one of them starts. A ticket is for one holder (the process behind
 * one channel), one job, and one question: the operation and every byte of what
 * is asked. It can be shown once, and ends with a time. The key that it opens
 * can be used so often, for so much, and no longer than the ticket lasts.
 *
 * A holder shows its tickets in the order in which they were made; so one that
 * was shown, and one of a job before, are worth nothing.
 */
#ifndef SGL_VAULT_TICKET_H
#define SGL_VAULT_TICKET_H

#include "base/buf.h"
#include "sigill/crypto.h"
#include "sys/wire.h"

#define SGL_TICKET_SECRET ((size_t)32)
#define SGL_TICKET_HOLDERS 64

/* What an opened key may be used for. */
enum { SGL_POWER_SIGN = 1, SGL_POWER_DECRYPT = 2 };
/* sgl_power_of is what a request needs. */
unsigned sgl_power_of(sgl_key_op op);

/* How far a ticket goes. */
typedef struct sgl_ticket_terms {
	unsigned powers;
	int64_t uses;
	sgl_time seconds;
} sgl_ticket_terms;
/* What control gives itself; the keys that it keeps are opened anew (lease.h).
 */
#define SGL_TICKET_USES 1000
#define SGL_TICKET_SECONDS 600
extern const sgl_ticket_terms sgl_ticket_terms_own;

typedef struct sgl_ticket {
	int64_t holder, job, serial;
	int64_t operation; /* a type of message */
	unsigned powers;
	int64_t uses;
	sgl_time expires;
	uint8_t mac[32];
} sgl_ticket;
void sgl_ticket_add(sgl_wire *w, const sgl_ticket *t);
void sgl_ticket_read(sgl_unwire *u, sgl_ticket *out);

/* sgl_ticket_wanted begins one that is to go so far. */
sgl_ticket sgl_ticket_wanted(sgl_engine *engine, const sgl_ticket_terms *terms);

/* Where somebody who asks the keyholder has them from: *t begins as one that is
 * wanted. */
typedef struct sgl_ticket_source {
	sgl_status (*get)(void *ctx, sgl_engine *engine, int64_t operation,
	    sgl_slice question, sgl_ticket *t, sgl_err *err);
	void *ctx;
} sgl_ticket_source;

/* Who makes them; all-zero but for the secret is a good beginning. */
typedef struct sgl_ticket_mint {
	sgl_secret secret;
	int64_t job, serial;
	int64_t holder; /* of those that it makes for itself */
} sgl_ticket_mint;
/* sgl_ticket_source_of: it makes for itself all that it wants. */
sgl_ticket_source sgl_ticket_source_of(sgl_ticket_mint *mint);
void sgl_ticket_mint_clear(sgl_ticket_mint *m);
/* sgl_ticket_make makes one out of holder, powers, uses and expires; the rest
 * is filled in. */
SGL_MUST sgl_status sgl_ticket_make(sgl_engine *engine, sgl_ticket_mint *mint,
    int64_t operation, sgl_slice question, sgl_ticket *t, sgl_err *err);

/* Who looks at them, for all holders. Without a secret nobody is let in. */
typedef struct sgl_ticket_gate {
	sgl_secret secret;
	struct {
		int64_t job, serial;
	} last[SGL_TICKET_HOLDERS];
} sgl_ticket_gate;
void sgl_ticket_gate_clear(sgl_ticket_gate *g);
/* sgl_ticket_check lets in who shows a good one, and remembers that it was
 * shown. SGL_E_IO: it is not good, *err says why. */
SGL_MUST sgl_status sgl_ticket_check(sgl_engine *engine, sgl_ticket_gate *gate,
    int64_t holder, const sgl_ticket *t, int64_t operation, sgl_slice question,
    sgl_err *err);

#endif
