/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a keeper, be it here or far, by the same messages. */
#include "vault/keeper_recovery.h"
#include "vault/keeper_inside.h"
#include "vault/recovery_wire.h"

#define ROOM "vault.recovery"

/* A question on its way, and its answer. */
typedef struct talk {
	sgl_buf question, answer; /* answer: of a keeper that is here */
	sgl_wire w;
	sgl_unwire u;
} talk;

static void
talk_clear(talk *t)
{
	sgl_buf_wipe(&t->question);
	sgl_buf_wipe(&t->answer);
}
SGL_AUTO_CLEAR_TYPE(talk, talk_clear)

static void
talk_begin(talk *t)
{
	t->question = (sgl_buf){.max = SGL_CHANNEL_MESSAGE, .secret = true};
	t->answer = (sgl_buf){.max = SGL_CHANNEL_MESSAGE, .secret = true};
	t->w = sgl_wire_over(&t->question);
}

static sgl_status
answer_here(sgl_keeper *k, unsigned type, talk *t, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&t->question));
	unsigned answered;
	bool known;

	TRY(sgl_wire_end(&t->w, err));
	TRY(sgl_keeper_recovery_serve(
	    k->engine, k, type, &u, &t->answer, &answered, &known, err));
	t->u = sgl_unwire_over(sgl_buf_slice(&t->answer));
	return SGL_OK;
}

static sgl_status
ask(sgl_keeper *k, unsigned type, talk *t, unsigned want, sgl_err *err)
{
	return k->channel == NULL
	    ? answer_here(k, type, t, err)
	    : sgl_keeper_ask(k, type, &t->question, &t->w, want, &t->u, err);
}

void
sgl_recovery_made_init(sgl_recovery_made *m)
{
	m->spki = sgl_buf_init(SGL_RECOVERY_SPKI_MAX);
	m->policy = sgl_buf_init(SGL_SEALED_MAX);
	for (size_t i = 0; i < SGL_RECOVERY_OFFICERS_MAX; i++)
		m->envelopes[i] = sgl_buf_init(SGL_RECOVERY_ENVELOPE_MAX);
}

void
sgl_recovery_made_clear(sgl_recovery_made *m)
{
	sgl_buf_clear(&m->spki);
	sgl_buf_clear(&m->policy);
	for (size_t i = 0; i < SGL_RECOVERY_OFFICERS_MAX; i++)
		sgl_buf_clear(&m->envelopes[i]);
}

sgl_status
sgl_keeper_recovery_make(sgl_keeper *k, const sgl_recovery_plan *plan,
    sgl_recovery_made *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;

	talk_begin(&t);
	sgl_recovery_add_plan(&t.w, plan);
	TRY(ask(
	    k, SGL_KEEPER_RECOVERY_MAKE, &t, SGL_KEEPER_RECOVERY_MADE, err));
	return sgl_recovery_read_made(&t.u, out, plan->num_members, err);
}

sgl_status
sgl_keeper_escrow(sgl_keeper *k, const sgl_recovery_policy *policy,
    const sgl_sealed_key *key, sgl_slice made_for, sgl_buf *sealed,
    sgl_err *err)
{
	const sgl_escrow_order order = {*policy, *key, made_for};
	SGL_AUTO_CLEAR(talk) t;
	sgl_slice bytes;

	talk_begin(&t);
	sgl_recovery_add_escrow(&t.w, &order);
	TRY(ask(k, SGL_KEEPER_ESCROW, &t, SGL_KEEPER_ESCROWED, err));
	bytes = sgl_keeper_read_taken(&t.u);
	TRY(sgl_unwire_end(&t.u, err));
	return sgl_buf_add(sealed, bytes, err);
}

sgl_status
sgl_keeper_recovery_begin(
    sgl_keeper *k, int64_t id, sgl_buf *spki, sgl_buf *sealed, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;
	sgl_slice public_half, private_half;

	talk_begin(&t);
	sgl_wire_add_int(&t.w, id);
	TRY(ask(
	    k, SGL_KEEPER_RECOVERY_BEGIN, &t, SGL_KEEPER_RECOVERY_OPEN, err));
	sgl_recovery_read_session(&t.u, &public_half, &private_half);
	TRY(sgl_unwire_end(&t.u, err));
	TRY(sgl_buf_add(spki, public_half, err));
	return sgl_buf_add(sealed, private_half, err);
}

sgl_status
sgl_keeper_recovery_check(
    sgl_keeper *k, const sgl_recovery_file *file, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;

	talk_begin(&t);
	sgl_recovery_add_file(&t.w, file);
	TRY(ask(
	    k, SGL_KEEPER_RECOVERY_CHECK, &t, SGL_KEEPER_RECOVERY_GOOD, err));
	return sgl_unwire_end(&t.u, err);
}

sgl_status
sgl_keeper_recovery_state(sgl_keeper *k, const sgl_recovery_file *file,
    sgl_buf *signature, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;
	sgl_slice bytes;

	talk_begin(&t);
	sgl_recovery_add_file(&t.w, file);
	TRY(ask(
	    k, SGL_KEEPER_RECOVERY_STATE, &t, SGL_KEEPER_RECOVERY_STATED, err));
	bytes = sgl_unwire_bytes(&t.u, SGL_RECOVERY_SIGNATURE_MAX);
	TRY(sgl_unwire_end(&t.u, err));
	return sgl_buf_add(signature, bytes, err);
}

sgl_status
sgl_keeper_recovery_move(sgl_keeper *k, const sgl_recovery_file *file,
    const sgl_recovery_removal *what, sgl_removal_visit visit, void *ctx,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;

	talk_begin(&t);
	sgl_recovery_add_file(&t.w, file);
	sgl_recovery_add_removal(&t.w, what);
	TRY(ask(
	    k, SGL_KEEPER_RECOVERY_MOVE, &t, SGL_KEEPER_RECOVERY_MOVED, err));
	for (size_t i = 0; i < what->num_keys; i++) {
		sgl_slice sealed = sgl_unwire_bytes(&t.u, SGL_SEALED_MAX);

		if (t.u.failed)
			break;
		TRY(visit(ctx, i, sealed, err));
	}
	return sgl_unwire_end(&t.u, err);
}

sgl_status
sgl_keeper_recovery_collect(sgl_keeper *k, const sgl_recovery_file *file,
    const sgl_recovery_handout *what, sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t;
	sgl_slice bytes;

	talk_begin(&t);
	sgl_recovery_add_file(&t.w, file);
	sgl_recovery_add_handout(&t.w, what);
	TRY(ask(k, SGL_KEEPER_RECOVERY_COLLECT, &t, SGL_KEEPER_FILE, err));
	bytes = sgl_unwire_bytes(&t.u, SGL_KEEPER_FILE_MAX);
	TRY(sgl_unwire_end(&t.u, err));
	TRY(sgl_slice_copy(bytes, &out->data, ROOM, err));
	out->len = bytes.len;
	return SGL_OK;
}
