/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/ticket.h"
#include "crypto/hash.h"
#include "sys/text.h"

#define ROOM "vault.ticket"
#define MAC_INPUT 256

unsigned
sgl_power_of(sgl_key_op op)
{
	return op == SGL_KEY_SIGN ? SGL_POWER_SIGN : SGL_POWER_DECRYPT;
}

static void
add_fields(sgl_wire *w, const sgl_ticket *t)
{
	sgl_wire_add_int(w, t->holder);
	sgl_wire_add_int(w, t->job);
	sgl_wire_add_int(w, t->serial);
	sgl_wire_add_int(w, t->operation);
	sgl_wire_add_int(w, t->powers);
	sgl_wire_add_int(w, t->uses);
	sgl_wire_add_int(w, t->expires);
}

void
sgl_ticket_add(sgl_wire *w, const sgl_ticket *t)
{
	add_fields(w, t);
	sgl_wire_add_bytes(w, sgl_slice_of(t->mac, sizeof t->mac));
}

void
sgl_ticket_read(sgl_unwire *u, sgl_ticket *out)
{
	sgl_slice mac;

	out->holder = sgl_unwire_int(u, 0, SGL_TICKET_HOLDERS - 1);
	out->job = sgl_unwire_int(u, 0, INT64_MAX);
	out->serial = sgl_unwire_int(u, 1, INT64_MAX);
	out->operation = sgl_unwire_int(u, 0, UINT16_MAX);
	out->powers =
	    (unsigned)sgl_unwire_int(u, 0, SGL_POWER_SIGN | SGL_POWER_DECRYPT);
	out->uses = sgl_unwire_int(u, 0, INT64_MAX);
	out->expires = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
	mac = sgl_unwire_bytes(u, sizeof out->mac);
	if (mac.len != sizeof out->mac)
		u->failed = true;
	else
		memcpy(out->mac, mac.data, sizeof out->mac);
}

static sgl_status
make_mac(sgl_engine *engine, const sgl_secret *secret, const sgl_ticket *t,
    sgl_slice question, sgl_digest *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) input = sgl_buf_init(MAC_INPUT);
	sgl_wire w = sgl_wire_over(&input);
	sgl_digest digest;

	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, question, &digest, err));
	sgl_wire_add_text(&w, "sigill ticket 1");
	add_fields(&w, t);
	sgl_wire_add_bytes(&w, sgl_digest_slice(&digest));
	TRY(sgl_wire_end(&w, err));
	return sgl_hmac(engine, SGL_DIGEST_SHA256, sgl_secret_slice(secret),
	    sgl_buf_slice(&input), out, err);
}

void
sgl_ticket_mint_clear(sgl_ticket_mint *m)
{
	sgl_secret_clear(&m->secret);
	*m = (sgl_ticket_mint){0};
}

sgl_status
sgl_ticket_make(sgl_engine *engine, sgl_ticket_mint *mint, int64_t operation,
    sgl_slice question, sgl_ticket *t, sgl_err *err)
{
	sgl_digest mac;

	t->job = mint->job;
	t->serial = ++mint->serial;
	t->operation = operation;
	TRY(make_mac(engine, &mint->secret, t, question, &mac, err));
	memcpy(t->mac, mac.bytes, sizeof t->mac);
	return SGL_OK;
}

const sgl_ticket_terms sgl_ticket_terms_own = {
    .powers = SGL_POWER_SIGN | SGL_POWER_DECRYPT,
    .uses = SGL_TICKET_USES,
    .seconds = SGL_TICKET_SECONDS};

sgl_ticket
sgl_ticket_wanted(sgl_engine *engine, const sgl_ticket_terms *terms)
{
	return (sgl_ticket){.powers = terms->powers,
	    .uses = terms->uses,
	    .expires = sgl_engine_now(engine) + terms->seconds};
}

static sgl_status
make_own(void *ctx, sgl_engine *engine, int64_t operation, sgl_slice question,
    sgl_ticket *t, sgl_err *err)
{
	sgl_ticket_mint *mint = ctx;

	t->holder = mint->holder;
	return sgl_ticket_make(engine, mint, operation, question, t, err);
}

sgl_ticket_source
sgl_ticket_source_of(sgl_ticket_mint *mint)
{
	return (sgl_ticket_source){make_own, mint};
}

void
sgl_ticket_gate_clear(sgl_ticket_gate *g)
{
	sgl_secret_clear(&g->secret);
	*g = (sgl_ticket_gate){0};
}

static sgl_status
refuse(const char *why, sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET, why);
}

/* Whether it is one of ours at all. */
static sgl_status
check_mac(sgl_engine *engine, const sgl_ticket_gate *gate, const sgl_ticket *t,
    sgl_slice question, sgl_err *err)
{
	sgl_digest mac;

	if (gate->secret.len != SGL_TICKET_SECRET)
		return refuse(
		    N_("the keyholder gives tickets to nobody yet"), err);
	TRY(make_mac(engine, &gate->secret, t, question, &mac, err));
	return sgl_mem_equal(mac.bytes, t->mac, sizeof t->mac)
	    ? SGL_OK
	    : refuse(N_("a ticket for the keyholder is forged or altered, or "
			"for another question"),
		  err);
}

static sgl_status
check_place(const sgl_ticket_gate *gate, int64_t holder, const sgl_ticket *t,
    int64_t operation, sgl_err *err)
{
	if (t->holder != holder)
		return refuse(
		    N_("a ticket for the keyholder is somebody else's"), err);
	if (t->operation != operation)
		return refuse(
		    N_("a ticket for the keyholder is for something else"),
		    err);
	if (t->job < gate->last[holder].job)
		return refuse(
		    N_("a ticket for the keyholder is of another job"), err);
	if (t->serial <= gate->last[holder].serial)
		return refuse(
		    N_("a ticket for the keyholder was used already"), err);
	return SGL_OK;
}

sgl_status
sgl_ticket_check(sgl_engine *engine, sgl_ticket_gate *gate, int64_t holder,
    const sgl_ticket *t, int64_t operation, sgl_slice question, sgl_err *err)
{
	TRY(check_mac(engine, gate, t, question, err));
	TRY(check_place(gate, holder, t, operation, err));
	if (t->expires <= sgl_engine_now(engine))
		return refuse(
		    N_("a ticket for the keyholder has expired"), err);
	gate->last[holder].job = t->job;
	gate->last[holder].serial = t->serial;
	return SGL_OK;
}
