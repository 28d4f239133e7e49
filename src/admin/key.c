/* SPDX-License-Identifier: Apache-2.0 */
/* sigill key unlock, lock, and what is left of protect for the service. */
#include "admin/work.h"
#include "org/audit.h"

#define ROOM "admin.key"

static sgl_status
get_keeper(sgl_session *s, sgl_keeper **out, sgl_err *err)
{
	sgl_vault *vault;

	if (s->processes == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("no service runs, so there is nothing that stays "
		       "unlocked: commands ask for the passphrase themselves"));
	TRY(sgl_home_vault(s->home, &vault, err));
	*out = sgl_vault_keeper(vault);
	return SGL_OK;
}

static sgl_status
tell(sgl_session *s, sgl_reply *r, const char *state, const char *text,
    sgl_err *err)
{
	(void)s;
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err, "%s\n", _(text));
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "vault", state);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

/* Where no passphrase is a way, the others are gone again. */
static sgl_status
open_it(sgl_session *s, sgl_keeper *keeper, const sgl_vault_state *state,
    const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	if (state->num_of[SGL_WAY_PASSPHRASE] == 0) {
		s->wish = SGL_WISH_ANEW;
		return SGL_OK;
	}
	if (order->password.data == NULL) {
		r->needs_password = true;
		return sgl_org_need_password(err);
	}
	TRY(sgl_keeper_unlock(keeper, sgl_secret_slice(&order->password), err));
	s->was_unlocked = true;
	return SGL_OK;
}

sgl_status
sgl_org_key_unlock(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_vault_state state;
	sgl_keeper *keeper;

	TRY(get_keeper(s, &keeper, err));
	TRY(sgl_keeper_state(keeper, &state, err));
	if (!state.is_locked)
		return tell(s, r, "open",
		    N_("The private keys were unlocked already."), err);
	TRY(open_it(s, keeper, &state, order, r, err));
	TRY(sgl_audit_note(s->home, "key.unlock", "vault", NULL, err));
	return tell(s, r, "open", N_("The private keys are unlocked."), err);
}

sgl_status
sgl_org_key_lock(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_keeper *keeper;

	(void)order;
	TRY(get_keeper(s, &keeper, err));
	s->wish = SGL_WISH_LOCKED;
	TRY(sgl_audit_note(s->home, "key.lock", "vault", NULL, err));
	return tell(s, r, "locked",
	    N_("The private keys are locked. Next: sigill key unlock"), err);
}

/* Which way it was, without what is secret in it: names are not. */
static const char *
way_of(const sgl_call *call)
{
	static const char *const kinds[] = {
	    "passphrase", "credential", "token", "key-file"};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (sgl_call_has(call, kinds[i]))
			return kinds[i];
	return "";
}

void
sgl_ways_count_add(sgl_wire *w, const sgl_vault_state *state)
{
	for (size_t i = 0; i < SGL_NUM_WAY_KINDS; i++)
		sgl_wire_add_int(w, state->num_of[i]);
}

void
sgl_ways_count_read(sgl_unwire *u, sgl_vault_state *out)
{
	*out = (sgl_vault_state){0};
	for (size_t i = 0; i < SGL_NUM_WAY_KINDS; i++)
		out->num_of[i] = (unsigned)sgl_unwire_int(u, 0, SGL_WAYS_MAX);
}

static sgl_status
tell_ways(sgl_keeper *keeper, const sgl_order *order, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&order->input));
	sgl_vault_state ways;

	sgl_ways_count_read(&u, &ways);
	TRY(sgl_unwire_end(&u, err));
	sgl_keeper_tell_ways(keeper, &ways);
	return SGL_OK;
}

/* The keyholder knows the old ways only. One that is locked begins anew with
 * the new ones; one that is open need not. */
static sgl_status
read_anew(sgl_session *s, const sgl_order *order, sgl_err *err)
{
	sgl_vault_state state;
	sgl_keeper *keeper;

	TRY(get_keeper(s, &keeper, err));
	TRY(tell_ways(keeper, order, err));
	TRY(sgl_keeper_state(keeper, &state, err));
	if (state.is_locked)
		s->wish = SGL_WISH_ANEW;
	return SGL_OK;
}

sgl_status
sgl_org_key_protected(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;

	TRY(sgl_audit_note(s->home, "key.protect", "vault", way_of(call), err));
	if (s->processes != NULL)
		TRY(read_anew(s, order, err));
	if (r->as_json)
		return tell(s, r, "protected", "", err);
	return sgl_buf_printf(&r->text, err, "%s\n",
	    sgl_call_has(call, "only")
		? _("The master key opens in this way alone.")
		: _("The master key opens in this way now."));
}
