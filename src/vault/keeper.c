/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "vault/keeper.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "sys/text.h"
#include "vault/keeper_inside.h"
#include "vault/lease.h"

#define ROOM "vault.keeper"

static sgl_status
keeper_new(sgl_engine *engine, sgl_keeper **out, sgl_err *err)
{
	sgl_keeper *k = sgl_mem_zeroed(1, sizeof *k);

	if (k == NULL)
		return sgl_oom(err, ROOM);
	k->engine = engine;
	*out = k;
	return SGL_OK;
}

/* The key is in its own page from now on, and nowhere else. */
static sgl_status
keep(sgl_keeper *k, sgl_secret *key, sgl_err *err)
{
	TRY(sgl_guarded_set(&k->key, sgl_secret_slice(key), err));
	sgl_secret_clear(&k->master.bare);
	return SGL_OK;
}

static sgl_status
go_ways(sgl_keeper *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) key = {0};

	TRY(sgl_master_open(k->engine, &k->master, &key, err));
	return key.len > 0 ? keep(k, &key, err) : SGL_OK;
}

/* What was gathered has served then. */
static sgl_status
go_apart(sgl_keeper *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) key = {0};
	sgl_status status =
	    sgl_master_open_apart(k->engine, &k->master, &key, err);

	for (size_t i = 0; i < SGL_WAYS_MAX; i++)
		sgl_secret_clear(&k->master.gathered[i]);
	TRY(status);
	return key.len > 0 ? keep(k, &key, err) : SGL_OK;
}

sgl_status
sgl_keeper_new_over(sgl_engine *engine, sgl_master *master, bool locked,
    sgl_keeper **out, sgl_err *err)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;

	TRY(keeper_new(engine, &k, err));
	k->master = *master;
	*master = (sgl_master){0};
	if (!locked)
		TRY(go_apart(k, err));
	*out = SGL_TAKE(&k);
	return SGL_OK;
}

sgl_status
sgl_keeper_new_here(sgl_engine *engine, const sgl_plain_folder *keys,
    sgl_keeper **out, sgl_err *err)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;

	TRY(keeper_new(engine, &k, err));
	k->is_alone = true;
	TRY(sgl_master_read_in(keys, &k->master, err));
	TRY(go_ways(k, err));
	*out = SGL_TAKE(&k);
	return SGL_OK;
}

void
sgl_keeper_set_tokens(sgl_keeper *k, const sgl_token_source *tokens)
{
	k->tokens = tokens;
}

sgl_status
sgl_keeper_go_tokens(sgl_keeper *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) key = {0};

	if (k->key.len > 0)
		return SGL_OK;
	TRY(sgl_master_open_on(k->engine, &k->master, k->tokens, &key, err));
	return key.len > 0 ? keep(k, &key, err) : SGL_OK;
}

sgl_status
sgl_keeper_new_from(sgl_engine *engine, const char *name, sgl_slice text,
    sgl_keeper **out, sgl_err *err)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;

	TRY(keeper_new(engine, &k, err));
	TRY(sgl_master_read_text(name, text, &k->master, err));
	TRY(go_ways(k, err));
	*out = SGL_TAKE(&k);
	return SGL_OK;
}

sgl_status
sgl_keeper_new_far(sgl_engine *engine, sgl_channel *channel,
    sgl_ticket_source tickets, sgl_keeper **out, sgl_err *err)
{
	TRY(keeper_new(engine, out, err));
	(*out)->channel = channel;
	(*out)->tickets = tickets;
	return SGL_OK;
}

void
sgl_keeper_free(sgl_keeper *k)
{
	if (k == NULL)
		return;
	sgl_guarded_clear(&k->key);
	sgl_master_clear(&k->master);
	sgl_mem_free(k);
}

/* ----------------------------------------------------------------- here --- */

static sgl_status
set_digest(
    sgl_engine *engine, const sgl_key *key, sgl_digest *out, sgl_err *err)
{
	return sgl_hash_once(
	    engine, SGL_DIGEST_SHA256, sgl_key_get_spki(key), out, err);
}

/* Only a service can be unlocked, and what a service manager hands over is
 * there for the service alone. */
static sgl_status
fail_locked(const sgl_keeper *k, sgl_err *err)
{
	sgl_vault_state state;

	sgl_master_state(&k->master, &state);
	if (!k->is_alone || state.num_of[SGL_WAY_PASSPHRASE] > 0)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the private keys are locked: sigill key unlock"));
	if (state.num_of[SGL_WAY_CREDENTIAL] > 0)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the private keys are locked: the credential that opens "
		       "them is there for the service alone; start it, and "
		       "repeat the command"));
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the private keys are locked: the key file or token that opens "
	       "them is not here; bring it, and repeat the command"));
}

sgl_status
sgl_keeper_key(const sgl_keeper *k, sgl_slice *out, sgl_err *err)
{
	*out = sgl_guarded_slice(&k->key);
	return out->len > 0 ? SGL_OK : fail_locked(k, err);
}

static sgl_status
unlock_here(sgl_keeper *k, sgl_slice passphrase, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) key = {0};

	if (k->key.len > 0)
		return SGL_OK;
	TRY(sgl_master_open_by(k->engine, &k->master, passphrase, &key, err));
	return keep(k, &key, err);
}

static sgl_status
state_here(const sgl_keeper *k, sgl_vault_state *out)
{
	sgl_master_state(&k->master, out);
	out->is_locked = k->key.len == 0;
	return SGL_OK;
}

static sgl_status
restart_here(sgl_keeper *k, bool locked)
{
	k->wish = locked ? SGL_WISH_LOCKED : SGL_WISH_ANEW;
	return SGL_OK;
}

sgl_keeper_wish
sgl_keeper_asked(const sgl_keeper *k)
{
	return k->wish;
}

static sgl_status
seal_here(sgl_keeper *k, const sgl_key *key, sgl_seal_label label,
    sgl_buf *sealed, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_digest digest;
	sgl_slice master;

	TRY(sgl_keeper_key(k, &master, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(set_digest(k->engine, key, &digest, err));
	label.spki_digest = sgl_digest_slice(&digest);
	return sgl_seal(
	    k->engine, master, &label, sgl_secret_slice(&pkcs8), sealed, err);
}

/* The label says which public key it belongs to; the seal holds it to that,
 * and so do we. */
static sgl_status
open_here(
    sgl_keeper *k, const sgl_sealed_key *sealed, sgl_key **out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_digest digest;
	sgl_slice master;

	TRY(sgl_keeper_key(k, &master, err));
	TRY(sgl_unseal(
	    k->engine, master, &sealed->label, sealed->sealed, &pkcs8, err));
	TRY(sgl_key_read(k->engine, sgl_secret_slice(&pkcs8), &key, err));
	TRY(set_digest(k->engine, key, &digest, err));
	if (!sgl_slice_eq(sgl_digest_slice(&digest), sealed->label.spki_digest))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("a stored private key belongs to another public key"));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

static sgl_status
generate_here(sgl_keeper *k, const sgl_generate_order *o, sgl_buf *sealed,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_slice master;

	/* Before a key is made for nothing. */
	TRY(sgl_keeper_key(k, &master, err));
	TRY(sgl_key_generate(k->engine, o->sort.kind, o->sort.bits, &key, err));
	TRY(seal_here(k, key,
	    (sgl_seal_label){.id = o->id, .purpose = o->purpose}, sealed, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

sgl_status
sgl_keeper_may_leave(const sgl_sealed_key *sealed, sgl_err *err)
{
	return sgl_sealed_purpose(sealed->sealed) == SGL_SEAL_ANY
	    ? SGL_OK
	    : sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		  N_("the key of the audit chain is not handed out"));
}

static sgl_status
pkcs12_here(
    sgl_keeper *k, const sgl_handout *what, sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	for (size_t i = 0; i < what->num_keys; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		TRY(sgl_keeper_may_leave(&what->keys[i], err));
		TRY(open_here(k, &what->keys[i], &key, err));
		TRY(sgl_keyring_add_key(&ring, key, err));
	}
	for (size_t i = 0; i < what->certs->num; i++)
		TRY(sgl_keyring_add_cert(&ring, what->certs->items[i], err));
	return sgl_pkcs12_write(k->engine, &ring, what->friendly_name,
	    what->password, what->legacy, out, err);
}

static sgl_status
pack_here(sgl_keeper *k, const sgl_key *key, const sgl_hand_over *what,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	signer = NULL;
	sgl_key_package package = {.signer_cert = what->signer_cert,
	    .recipient = &what->recipient,
	    .cipher = what->cipher};

	/* One that must not leave signs nothing either. */
	TRY(sgl_keeper_may_leave(&what->signer, err));
	TRY(open_here(k, &what->signer, &signer, err));
	package.signer_key = signer;
	return sgl_key_package_write(k->engine, key, &package, out, err);
}

static sgl_status
hand_over_here(
    sgl_keeper *k, const sgl_hand_over *what, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};

	TRY(sgl_keeper_may_leave(&what->key, err));
	TRY(open_here(k, &what->key, &key, err));
	if (what->recipient.spki.len > 0)
		return pack_here(k, key, what, out, err);
	TRY(sgl_key_write(key, &pkcs8, err));
	return sgl_buf_add(out, sgl_secret_slice(&pkcs8), err);
}

/* ------------------------------------------------------------------ far --- */

/* The answer is borrowed from the channel. */
static sgl_status
ask_by_ticket(sgl_keeper *k, unsigned type, sgl_slice question, unsigned want,
    sgl_slice *answer, sgl_err *err)
{
	sgl_buf body = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&body);
	sgl_status status;

	k->ticket = sgl_ticket_wanted(
	    k->engine, k->terms == NULL ? &sgl_ticket_terms_own : k->terms);
	TRY(k->tickets.get(
	    k->tickets.ctx, k->engine, type, question, &k->ticket, err));
	sgl_keeper_add_ticketed(&w, &k->ticket, question);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_exchange(
		    k->channel, type, sgl_buf_slice(&body), want, answer, err);
	if (status == SGL_E_IO && err != NULL && err->detail[0] == '\0')
		(void)snprintf(err->detail, sizeof err->detail, "%s",
		    k->asked_for == NULL ? "keyholder" : k->asked_for);
	sgl_buf_wipe(&body);
	return status;
}

sgl_status
sgl_keeper_ask(sgl_keeper *k, unsigned type, sgl_buf *question,
    const sgl_wire *w, unsigned want, sgl_unwire *out, sgl_err *err)
{
	sgl_slice body = {NULL, 0};
	sgl_status status = sgl_wire_end(w, err);

	if (status == SGL_OK)
		status = ask_by_ticket(
		    k, type, sgl_buf_slice(question), want, &body, err);
	sgl_buf_wipe(question);
	*out = sgl_unwire_over(body);
	return status;
}

static sgl_status
take_told(sgl_keeper *k, sgl_unwire *u, sgl_told_key *told, sgl_key **out,
    sgl_err *err)
{
	sgl_keeper_read_told(u, told);
	TRY(sgl_unwire_end(u, err));
	TRY(sgl_farkey_new(
	    k->engine, k->channel, told->place, true, told->spki, out, err));
	sgl_key_vouch(*out);
	return SGL_OK;
}

static sgl_status
refuse_for_lack(sgl_keeper *k, sgl_key_sort sort, sgl_err *err)
{
	k->lack = (sgl_lack){sort, k->num_lent + 1};
	return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
	    N_("new private keys are still being made; try again"));
}

/* Lent ones are settled, all others are not. */
static sgl_status
take_new(sgl_keeper *k, sgl_key_sort sort, sgl_unwire *u, sgl_told_key *told,
    sgl_key **out, sgl_err *err)
{
	sgl_unwire look = *u;

	sgl_keeper_read_told(&look, told);
	if (!look.failed && told->spki.len == 0)
		return refuse_for_lack(k, sort, err);
	if (sgl_key_sort_is_slow(sort))
		k->num_lent++;
	return take_told(k, u, told, out, err);
}

static sgl_status
generate_far(sgl_keeper *k, const sgl_generate_order *o, sgl_buf *sealed,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_told_key told;
	sgl_unwire u;

	if (k->is_reserved && sgl_key_sort_is_slow(o->sort))
		return refuse_for_lack(k, o->sort, err);
	sgl_keeper_add_generate(&w, o);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_GENERATE, &question, &w, SGL_KEEPER_SEALED, &u, err));
	TRY(take_new(k, o->sort, &u, &told, &key, err));
	TRY(sgl_buf_add(sealed, told.sealed, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

static sgl_status
take_far(sgl_keeper *k, const sgl_key *key, int64_t id, sgl_buf *sealed,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_buf question = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_slice taken;
	sgl_unwire u;

	TRY(sgl_key_write(key, &pkcs8, err));
	sgl_keeper_add_take(&w, id, sgl_secret_slice(&pkcs8));
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_TAKE, &question, &w, SGL_KEEPER_TAKEN, &u, err));
	taken = sgl_keeper_read_taken(&u);
	TRY(sgl_unwire_end(&u, err));
	return sgl_buf_add(sealed, taken, err);
}

sgl_status
sgl_keeper_reopen(sgl_keeper *k, const sgl_lease_order *order, sgl_key **inner,
    sgl_ticket *ticket, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_told_key told;
	sgl_unwire u;
	sgl_status status;

	TRY(sgl_buf_add(&question, order->question, err));
	k->asked_for = order->name;
	status = sgl_keeper_ask(
	    k, order->type, &question, &w, SGL_KEEPER_OPENED, &u, err);
	k->asked_for = NULL;
	TRY(status);
	*ticket = k->ticket;
	return take_told(k, &u, &told, inner, err);
}

/* Others keep a key open for days. */
static sgl_status
lease_far(
    sgl_keeper *k, const sgl_lease_order *order, sgl_key **out, sgl_err *err)
{
	sgl_ticket ticket;
	sgl_key *inner;

	TRY(sgl_keeper_reopen(k, order, &inner, &ticket, err));
	return sgl_lease_new(k->engine, k, inner, &ticket, order, out, err);
}

static sgl_status
order_sealed(const sgl_sealed_key *sealed, sgl_buf *question,
    sgl_lease_order *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(question);

	sgl_keeper_add_sealed_key(&w, sealed);
	TRY(sgl_wire_end(&w, err));
	*out = (sgl_lease_order){
	    .type = SGL_KEEPER_OPEN, .question = sgl_buf_slice(question)};
	(void)snprintf(out->name, sizeof out->name, "key %lld",
	    (long long)sealed->label.id);
	return SGL_OK;
}

static sgl_status
open_far(
    sgl_keeper *k, const sgl_sealed_key *sealed, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_lease_order order;

	TRY(order_sealed(sealed, &question, &order, err));
	TRY(lease_far(k, &order, out, err));
	sgl_key_vouch(*out);
	return SGL_OK;
}

/* One of these ends with its ticket. */
static sgl_status
lend_far(sgl_keeper *k, const sgl_sealed_key *sealed,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_lease_order order;
	sgl_ticket ticket;
	sgl_status status;

	TRY(order_sealed(sealed, &question, &order, err));
	k->terms = terms;
	status = sgl_keeper_reopen(k, &order, out, &ticket, err);
	k->terms = NULL;
	TRY(status);
	sgl_key_vouch(*out);
	return SGL_OK;
}

/* What a token answers is not believed unseen. */
static sgl_status
open_token_far(sgl_keeper *k, const char *uri, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_lease_order order = {.type = SGL_KEEPER_OPEN_TOKEN};

	sgl_keeper_add_token(&w, uri);
	TRY(sgl_wire_end(&w, err));
	order.question = sgl_buf_slice(&question);
	(void)snprintf(
	    order.name, sizeof order.name, "%.*s", (int)strcspn(uri, "?"), uri);
	return lease_far(k, &order, out, err);
}

static sgl_status
open_token_here(
    const sgl_keeper *k, const char *uri, sgl_key **out, sgl_err *err)
{
	sgl_slice master;

	/* Locked is locked, whatever the key is wanted for. */
	TRY(sgl_keeper_key(k, &master, err));
	if (k->tokens == NULL)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("there is nobody here who opens keys on tokens"));
	return k->tokens->open(k->tokens->ctx, uri, out, err);
}

static sgl_status
pkcs12_far(sgl_keeper *k, const sgl_handout *what, sgl_bytes *out, sgl_err *err)
{
	sgl_buf question = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;
	sgl_slice file;

	sgl_keeper_add_handout(&w, what);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_PKCS12, &question, &w, SGL_KEEPER_FILE, &u, err));
	file = sgl_unwire_bytes(&u, SGL_KEEPER_FILE_MAX);
	TRY(sgl_unwire_end(&u, err));
	TRY(sgl_slice_copy(file, &out->data, ROOM, err));
	out->len = file.len;
	return SGL_OK;
}

static sgl_status
hand_over_far(
    sgl_keeper *k, const sgl_hand_over *what, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;
	sgl_slice bytes;

	sgl_keeper_add_hand_over(&w, what);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_HAND_OVER, &question, &w, SGL_KEEPER_FILE, &u, err));
	bytes = sgl_unwire_bytes(&u, SGL_KEEPER_FILE_MAX);
	TRY(sgl_unwire_end(&u, err));
	return sgl_buf_add(out, bytes, err);
}

static sgl_status
unlock_far(sgl_keeper *k, sgl_slice passphrase, sgl_err *err)
{
	sgl_buf question = {.max = SGL_CHANNEL_MESSAGE, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_keeper_add_unlock(&w, passphrase);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_UNLOCK, &question, &w, SGL_KEEPER_DONE, &u, err));
	return sgl_unwire_end(&u, err);
}

static sgl_status
state_far(sgl_keeper *k, sgl_vault_state *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_ASK_STATE, &question, &w, SGL_KEEPER_STATE, &u, err));
	sgl_keeper_read_state(&u, out);
	return sgl_unwire_end(&u, err);
}

static sgl_status
restart_far(sgl_keeper *k, bool locked, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_keeper_add_restart(&w, locked);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_RESTART, &question, &w, SGL_KEEPER_DONE, &u, err));
	k->wish = locked ? SGL_WISH_LOCKED : SGL_WISH_ANEW;
	return sgl_unwire_end(&u, err);
}

/* ---------------------------------------------------------------- stock --- */

bool
sgl_keeper_lacks(const sgl_keeper *k)
{
	return k->lack.num > 0;
}

bool
sgl_keeper_take_lack(sgl_keeper *k, sgl_lack *out)
{
	*out = k->lack;
	k->lack = (sgl_lack){.num = 0};
	return out->num > 0;
}

static sgl_status
tell_settled(sgl_keeper *k, bool kept, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_keeper_add_settle(&w, kept);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_SETTLE, &question, &w, SGL_KEEPER_DONE, &u, err));
	return sgl_unwire_end(&u, err);
}

/* A keyholder that cannot be told any more has let go of them. */
void
sgl_keeper_settle(sgl_keeper *k, bool kept)
{
	sgl_status told =
	    k->num_lent == 0 ? SGL_OK : tell_settled(k, kept, NULL);

	(void)told;
	k->num_lent = 0;
}

sgl_status
sgl_keeper_use_sort(sgl_keeper *k, sgl_key_sort sort, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	if (k->channel == NULL || sort.kind == SGL_KEY_UNKNOWN)
		return SGL_OK;
	sgl_keeper_add_sort(&w, sort);
	TRY(sgl_keeper_ask(
	    k, SGL_KEEPER_STOCK_USE, &question, &w, SGL_KEEPER_DONE, &u, err));
	return sgl_unwire_end(&u, err);
}

sgl_status
sgl_keeper_want(
    sgl_keeper *k, sgl_key_sort sort, size_t wanted, size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	*num = SIZE_MAX;
	if (k->channel == NULL || !sgl_key_sort_is_slow(sort))
		return SGL_OK;
	sgl_keeper_add_want(&w, sort, wanted);
	TRY(sgl_keeper_ask(k, SGL_KEEPER_STOCK_WANT, &question, &w,
	    SGL_KEEPER_STOCK, &u, err));
	*num = sgl_keeper_read_stock(&u);
	return sgl_unwire_end(&u, err);
}

sgl_status
sgl_keeper_ready(sgl_keeper *k, sgl_key_sort sort, size_t *num, sgl_err *err)
{
	TRY(sgl_keeper_want(k, sort, 0, num, err));
	if (*num != SIZE_MAX && k->is_reserved)
		*num = 0;
	return SGL_OK;
}

void
sgl_keeper_reserve(sgl_keeper *k, bool reserved)
{
	k->is_reserved = reserved;
}

/* --------------------------------------------------------------- either --- */

sgl_status
sgl_keeper_unlock(sgl_keeper *k, sgl_slice passphrase, sgl_err *err)
{
	return k->channel == NULL ? unlock_here(k, passphrase, err)
				  : unlock_far(k, passphrase, err);
}

void
sgl_keeper_tell_ways(sgl_keeper *k, const sgl_vault_state *ways)
{
	k->has_told = true;
	k->told = *ways;
}

sgl_status
sgl_keeper_state(sgl_keeper *k, sgl_vault_state *out, sgl_err *err)
{
	TRY(k->channel == NULL ? state_here(k, out) : state_far(k, out, err));
	if (k->has_told)
		memcpy(out->num_of, k->told.num_of, sizeof out->num_of);
	return SGL_OK;
}

sgl_status
sgl_keeper_restart(sgl_keeper *k, bool locked, sgl_err *err)
{
	return k->channel == NULL ? restart_here(k, locked)
				  : restart_far(k, locked, err);
}

static sgl_status
generate(sgl_keeper *k, const sgl_generate_order *o, sgl_buf *sealed,
    sgl_key **out, sgl_err *err)
{
	return k->channel == NULL ? generate_here(k, o, sealed, out, err)
				  : generate_far(k, o, sealed, out, err);
}

sgl_status
sgl_keeper_generate(sgl_keeper *k, sgl_key_kind kind, unsigned bits, int64_t id,
    sgl_buf *sealed, sgl_key **out, sgl_err *err)
{
	const sgl_generate_order o = {.sort = {kind, bits}, .id = id};

	return generate(k, &o, sealed, out, err);
}

sgl_status
sgl_keeper_make_audit_key(
    sgl_keeper *k, int64_t id, sgl_buf *sealed, sgl_key **out, sgl_err *err)
{
	const sgl_generate_order o = {
	    .sort = {SGL_KEY_P256, 0}, .id = id, .purpose = SGL_SEAL_AUDIT};

	return generate(k, &o, sealed, out, err);
}

sgl_status
sgl_keeper_take(sgl_keeper *k, const sgl_key *key, int64_t id, sgl_buf *sealed,
    sgl_err *err)
{
	return k->channel == NULL
	    ? seal_here(k, key, (sgl_seal_label){.id = id}, sealed, err)
	    : take_far(k, key, id, sealed, err);
}

sgl_status
sgl_keeper_open(
    sgl_keeper *k, const sgl_sealed_key *sealed, sgl_key **out, sgl_err *err)
{
	return k->channel == NULL ? open_here(k, sealed, out, err)
				  : open_far(k, sealed, out, err);
}

sgl_status
sgl_keeper_lend(sgl_keeper *k, const sgl_sealed_key *sealed,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err)
{
	return k->channel == NULL ? open_here(k, sealed, out, err)
				  : lend_far(k, sealed, terms, out, err);
}

sgl_status
sgl_keeper_open_token(
    sgl_keeper *k, const char *uri, sgl_key **out, sgl_err *err)
{
	return k->channel == NULL ? open_token_here(k, uri, out, err)
				  : open_token_far(k, uri, out, err);
}

sgl_status
sgl_keeper_pkcs12(
    sgl_keeper *k, const sgl_handout *what, sgl_bytes *out, sgl_err *err)
{
	return k->channel == NULL ? pkcs12_here(k, what, out, err)
				  : pkcs12_far(k, what, out, err);
}

sgl_status
sgl_keeper_hand_over(
    sgl_keeper *k, const sgl_hand_over *what, sgl_buf *out, sgl_err *err)
{
	return k->channel == NULL ? hand_over_here(k, what, out, err)
				  : hand_over_far(k, what, out, err);
}
