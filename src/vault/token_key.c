/* SPDX-License-Identifier: Apache-2.0 */
/* A token's private key as an sgl_key. */
#include "sys/text.h"
#include "sys/user.h"
#include "vault/token_inside.h"

static void
key_free(sgl_token_key *k)
{
	if (k == NULL)
		return;
	sgl_pubkey_unref(k->public);
	sgl_secret_clear(&k->id);
	sgl_secret_clear(&k->label);
	sgl_mem_wipe(k, sizeof *k);
	sgl_mem_free(k);
}
SGL_AUTO_TYPE(sgl_token_key, key_free)

static void
release(void *ctx)
{
	key_free(ctx);
}

sgl_status
sgl_token_cannot(const sgl_token_key *k, sgl_err *err)
{
	return sgl_token_fail_text(k->token, SGL_E_UNSUPPORTED,
	    N_("the key on the token cannot do that"), err);
}

sgl_status
sgl_token_odd(const sgl_token_key *k, sgl_err *err)
{
	return sgl_token_fail_text(k->token, SGL_E_IO,
	    N_("the token gave an answer of the wrong length"), err);
}

/* Adds what the key is known by, behind num attributes. */
static CK_ULONG
describe(const sgl_token_key *k, CK_ATTRIBUTE *match, CK_ULONG num)
{
	if (k->id.len > 0)
		match[num++] =
		    sgl_token_attribute(CKA_ID, sgl_secret_slice(&k->id));
	if (k->label.len > 0)
		match[num++] =
		    sgl_token_attribute(CKA_LABEL, sgl_secret_slice(&k->label));
	return num;
}

/* Handles are a session's own: in a new one the key is looked up again. Of two
 * that look alike, none is taken. */
static sgl_status
find_again(sgl_token_key *k, sgl_err *err)
{
	sgl_token *t = k->token;
	SGL_AUTO_MEM sgl_token_objects *found =
	    sgl_mem_zeroed(1, sizeof *found);
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE match[4] = {{CKA_CLASS, &class, sizeof class},
	    {CKA_KEY_TYPE, &k->type, sizeof k->type}};

	if (found == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	TRY(sgl_token_find(t, match, describe(k, match, 2), found, err));
	if (found->num != 1)
		return sgl_token_fail_text(
		    t, SGL_E_IO, N_("the key is no longer on the token"), err);
	k->object = found->items[0];
	k->generation = t->generation;
	return SGL_OK;
}

sgl_status
sgl_token_start(sgl_token_key *k, sgl_token_init *init, CK_MECHANISM *mechanism,
    bool *refused, sgl_err *err)
{
	sgl_token *t = k->token;
	sgl_status status = SGL_OK;
	CK_RV rv = init(t->session, mechanism, k->object);

	if (refused != NULL)
		*refused = sgl_token_is_refusal(rv);
	if (refused != NULL && *refused)
		return SGL_OK;
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	if (k->always_authenticate)
		status = sgl_token_present_pin(t, CKU_CONTEXT_SPECIFIC, err);
	/* Nothing else ends what has begun. */
	if (status != SGL_OK)
		sgl_token_disconnect(t);
	return status;
}

static sgl_status
perform(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	switch (request->op) {
	case SGL_KEY_SIGN:
		return sgl_token_sign(k, request, answer, err);
	case SGL_KEY_RSA_V15:
		return sgl_token_unwrap_v15(k, request, answer, err);
	case SGL_KEY_RSA_OAEP:
		return sgl_token_unwrap_oaep(k, request, answer, err);
	case SGL_KEY_ECDH:
		return sgl_token_derive(k, request, answer, err);
	}
	return sgl_token_cannot(k, err);
}

static sgl_status
try_once(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_token *t = k->token;

	t->lost = false;
	if (!t->has_session)
		TRY(sgl_token_connect(t, err));
	if (k->generation != t->generation)
		TRY(find_again(k, err));
	return perform(k, request, answer, err);
}

static sgl_status
ask(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	sgl_token_key *k = ctx;
	/* It may be root, and not whom root acts as, that can use it. */
	bool out = sgl_user_step_out();
	sgl_status status = try_once(k, request, answer, err);

	/* A card was pulled out and put in again, a driver fell asleep. */
	if (status != SGL_OK && k->token->lost) {
		sgl_token_disconnect(k->token);
		status = try_once(k, request, answer, err);
	}
	sgl_user_step_in(out);
	return status;
}

/* The kinds whose points are as long as their field say so in bits. */
static size_t
length_of(const sgl_pubkey *public)
{
	return (sgl_pubkey_get_bits(public) + 7) / 8;
}

sgl_status
sgl_token_key_new(sgl_token *t, CK_OBJECT_HANDLE object, sgl_slice id,
    sgl_slice spki, sgl_key **out, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = ask, .release = release};
	SGL_AUTO(sgl_token_key)
	k = sgl_mem_zeroed(1, sizeof *k);

	if (k == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	k->token = t;
	k->object = object;
	k->generation = t->generation;
	TRY(sgl_secret_set(&k->id, id, err));
	TRY(sgl_token_get(t, object, CKA_LABEL, &k->label, err));
	TRY(sgl_token_get_ulong(
	    t, object, CKA_KEY_TYPE, CKK_RSA, &k->type, err));
	TRY(sgl_token_get_bool(
	    t, object, CKA_ALWAYS_AUTHENTICATE, &k->always_authenticate, err));
	TRY(sgl_pubkey_read(t->engine, spki, &k->public, err));
	k->len = length_of(k->public);
	TRY(sgl_key_new_remote(t->engine, spki, &ops, k, out, err));
	(void)SGL_TAKE(&k);
	return SGL_OK;
}
