/* SPDX-License-Identifier: Apache-2.0 */
/* The keyholder hears a case: whose approvals count, and what may be handed out
 * then. */
#include "sys/text.h"
#include "vault/recovery_inside.h"
#include "vault/shamir.h"

#define ROOM "vault.recovery"

/* ---------------------------------------------------------- approvals --- */

/* A case that is looked at: what it is approved by, as far as it was checked.
 */
typedef struct hearing {
	const sgl_recovery_file *file;
	sgl_policy policy;
	sgl_key *session;
	sgl_digest statement;
	sgl_share shares[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_shares;
} hearing;

static void
hearing_clear(hearing *g)
{
	sgl_policy_clear(&g->policy);
	sgl_key_unref(g->session);
	for (size_t i = 0; i < SGL_RECOVERY_OFFICERS_MAX; i++)
		sgl_share_clear(&g->shares[i]);
}
SGL_AUTO_CLEAR_TYPE(hearing, hearing_clear)

static sgl_status
refuse(const sgl_recovery_approval *a, const char *why, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET, why,
	    "%lld", (long long)a->officer);
}

/* What the statement says must be what we know. */
static sgl_status
check_facts(const sgl_holder *h, hearing *g, sgl_err *err)
{
	const sgl_recovery_case *c = &g->file->facts;
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)2 << 20);
	sgl_digest digest;

	TRY(sgl_hash_once(
	    h->engine, SGL_DIGEST_SHA256, g->policy.spki, &digest, err));
	if (!sgl_slice_eq(sgl_digest_slice(&digest), c->recovery_key) ||
	    c->threshold != g->policy.threshold)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("this request is about another recovery key"));
	if (sgl_engine_now(h->engine) >= c->expires)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the time for this request is over"));
	TRY(sgl_recovery_statement(h->engine, c, &text, err));
	return sgl_hash_once(h->engine, SGL_DIGEST_SHA256, sgl_buf_slice(&text),
	    &g->statement, err);
}

static sgl_status
find_officer(const hearing *g, const sgl_recovery_approval *a, size_t *place,
    sgl_err *err)
{
	for (*place = 0; *place < g->policy.num_officers; (*place)++)
		if (g->policy.officers[*place].id == a->officer)
			return SGL_OK;
	return refuse(a,
	    N_("an approval is not by an officer of this recovery key"), err);
}

static sgl_status
check_time(const sgl_holder *h, const sgl_recovery_case *c,
    const sgl_recovery_approval *a, sgl_err *err)
{
	if (a->at >= c->opened - SGL_RECOVERY_SKEW && a->at < c->expires &&
	    a->at <= sgl_engine_now(h->engine) + SGL_RECOVERY_SKEW)
		return SGL_OK;
	return refuse(a,
	    N_("an approval is from a time when the request was not open"),
	    err);
}

/* A share that was made for this officer, and no other. */
static sgl_status
take_share(const sgl_holder *h, const hearing *g,
    const sgl_recovery_approval *a, sgl_slice plain, uint8_t x, sgl_share *out,
    sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(plain);
	sgl_slice y, mark;
	sgl_digest want;

	out->x = (uint8_t)sgl_unwire_int(&u, 1, SGL_SHARES_MAX);
	y = sgl_unwire_bytes(&u, SGL_RECOVERY_SHARE_MAX);
	mark = sgl_unwire_bytes(&u, SGL_SHARE_MARK);
	if (sgl_unwire_end(&u, NULL) != SGL_OK || out->x != x ||
	    mark.len != SGL_SHARE_MARK)
		return refuse(a, N_("an approval holds another share"), err);
	TRY(sgl_share_mark(h->engine, g->policy.mac_key, x, y, &want, err));
	if (!sgl_mem_equal(mark.data, want.bytes, SGL_SHARE_MARK))
		return refuse(a, N_("an approval holds another share"), err);
	return sgl_secret_set(&out->y, y, err);
}

/* Before the signature is known to be right nothing else is looked at. */
static sgl_status
check_approval(const sgl_holder *h, hearing *g, const sgl_recovery_approval *a,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_recovery_context context =
	    sgl_recovery_context_of(&g->statement, a->officer);
	sgl_status status;
	size_t place;

	TRY(find_officer(g, a, &place, err));
	if (g->shares[place].x != 0)
		return refuse(
		    a, N_("this officer has approved it already"), err);
	TRY(sgl_recovery_approval_check(
	    h->engine, g->policy.officers[place].spki, &g->statement, a, err));
	TRY(check_time(h, &g->file->facts, a, err));
	status = sgl_unseal_with(h->engine, g->session,
	    sgl_slice_of(context.bytes, sizeof context.bytes), a->share, &plain,
	    err);
	if (status == SGL_E_DECRYPT)
		return refuse(a,
		    N_("the share of an approval was not sealed for this "
		       "request"),
		    err);
	TRY(status);
	g->num_shares++;
	return take_share(h, g, a, sgl_secret_slice(&plain),
	    (uint8_t)(place + 1), &g->shares[place], err);
}

static sgl_status
hear(const sgl_holder *h, const sgl_recovery_file *file, hearing *g,
    sgl_err *err)
{
	g->file = file;
	TRY(sgl_policy_open(h, &file->policy, &g->policy, err));
	TRY(check_facts(h, g, err));
	TRY(sgl_session_open_sealed(h, file, &g->session, err));
	for (size_t i = 0; i < file->num_approvals; i++)
		TRY(check_approval(h, g, &file->approvals[i], err));
	return SGL_OK;
}

static sgl_status
sign_statement(
    const sgl_holder *h, const hearing *g, sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)2 << 20);
	sgl_key_request request = {.op = SGL_KEY_SIGN};

	TRY(sgl_key_read(h->engine, g->policy.request_key, &key, err));
	TRY(sgl_recovery_signature(sgl_key_get_kind(key), &request.sig, err));
	TRY(sgl_recovery_statement(h->engine, &g->file->facts, &text, err));
	request.input = sgl_buf_slice(&text);
	return sgl_key_ask(h->engine, key, &request, answer, err);
}

/* Of a case with a session of ours: hear has opened it. */
sgl_status
sgl_recovery_on_state(
    const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(hearing) g = {0};
	SGL_AUTO_MEM sgl_recovery_key *keys = NULL;
	sgl_key_answer signature = {0};
	sgl_recovery_file file;

	TRY(sgl_recovery_read_file(u, &file, &keys, err));
	TRY(sgl_unwire_end(u, err));
	TRY(hear(h, &file, &g, err));
	TRY(sign_statement(h, &g, &signature, err));
	sgl_wire_add_bytes(
	    answer, sgl_slice_of(signature.bytes, signature.len));
	return SGL_OK;
}

sgl_status
sgl_recovery_on_check(
    const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(hearing) g = {0};
	SGL_AUTO_MEM sgl_recovery_key *keys = NULL;
	sgl_recovery_file file;

	(void)answer;
	TRY(sgl_recovery_read_file(u, &file, &keys, err));
	TRY(sgl_unwire_end(u, err));
	return hear(h, &file, &g, err);
}

/* --------------------------------------------------------- collecting --- */

/* The shares of those who approved, moved together. */
static sgl_status
combine(const hearing *g, sgl_secret *out, sgl_err *err)
{
	sgl_share some[SGL_RECOVERY_OFFICERS_MAX]; /* borrowed */
	size_t num = 0;

	for (size_t i = 0; i < g->policy.num_officers; i++)
		if (g->shares[i].x != 0)
			some[num++] = g->shares[i];
	if (num < g->policy.threshold)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("too few officers have approved it"), "%zu/%u", num,
		    g->policy.threshold);
	return sgl_shamir_combine(some, num, out, err);
}

static sgl_status
rebuild(const sgl_holder *h, const hearing *g, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_status status;

	TRY(combine(g, &pkcs8, err));
	status = sgl_key_read(h->engine, sgl_secret_slice(&pkcs8), &key, err);
	if (status == SGL_E_NOMEM)
		return status;
	if (status != SGL_OK ||
	    !sgl_slice_eq(sgl_key_get_spki(key), g->policy.spki))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("these shares do not belong together"));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

static sgl_status
check_spki(const sgl_holder *h, const sgl_key *key, const sgl_escrowed_key *e,
    sgl_err *err)
{
	sgl_digest digest;

	TRY(sgl_hash_once(
	    h->engine, SGL_DIGEST_SHA256, sgl_key_get_spki(key), &digest, err));
	if (sgl_slice_eq(sgl_digest_slice(&digest), e->label.spki_digest))
		return SGL_OK;
	return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
	    N_("a stored private key belongs to another public key"));
}

static sgl_status
open_escrowed(const sgl_holder *h, sgl_key *recovery, const sgl_escrowed_key *e,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) context = sgl_buf_init(SGL_ESCROW_CONTEXT_MAX);
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(sgl_escrow_context(&e->label, e->made_for, &context, err));
	TRY(sgl_unseal_with(h->engine, recovery, sgl_buf_slice(&context),
	    e->sealed, &pkcs8, err));
	TRY(sgl_key_read(h->engine, sgl_secret_slice(&pkcs8), &key, err));
	TRY(check_spki(h, key, e, err));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

/* Nothing that the officers did not approve. */
static bool
is_approved(const sgl_recovery_case *c, const sgl_recovery_handout *what)
{
	if (what->num_keys != c->num_keys || c->move_to.len > 0)
		return false;
	for (size_t i = 0; i < c->num_keys; i++)
		if (what->keys[i].label.id != c->keys[i].id ||
		    !sgl_slice_eq(what->keys[i].label.spki_digest,
			c->keys[i].spki_digest) ||
		    !sgl_slice_eq(what->keys[i].made_for, c->keys[i].made_for))
			return false;
	return true;
}

static sgl_status
fill_ring(const sgl_holder *h, sgl_key *recovery,
    const sgl_recovery_handout *what, sgl_keyring *ring, sgl_err *err)
{
	for (size_t i = 0; i < what->num_keys; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;

		TRY(open_escrowed(h, recovery, &what->keys[i], &key, err));
		TRY(sgl_keyring_add_key(ring, key, err));
	}
	for (size_t i = 0; i < what->certs->num; i++)
		TRY(sgl_keyring_add_cert(ring, what->certs->items[i], err));
	return SGL_OK;
}

static sgl_status
collect(const sgl_holder *h, const sgl_recovery_file *file,
    const sgl_recovery_handout *what, sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(hearing) g = {0};
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO(sgl_key)
	recovery = NULL;

	TRY(hear(h, file, &g, err));
	if (!is_approved(&file->facts, what))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the officers approved other keys"));
	TRY(rebuild(h, &g, &recovery, err));
	TRY(fill_ring(h, recovery, what, &ring, err));
	return sgl_pkcs12_write(h->engine, &ring, what->friendly_name,
	    what->password, false, out, err);
}

sgl_status
sgl_recovery_on_collect(
    const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) certs = {0};
	SGL_AUTO_MEM sgl_recovery_key *keys = NULL;
	SGL_AUTO_MEM sgl_escrowed_key *escrowed = NULL;
	sgl_recovery_file file;
	sgl_recovery_handout what;
	sgl_bytes out = {0};
	sgl_status status;

	TRY(sgl_recovery_read_file(u, &file, &keys, err));
	TRY(sgl_recovery_read_handout(
	    h->engine, u, &what, &escrowed, &certs, err));
	status = collect(h, &file, &what, &out, err);
	if (status == SGL_OK)
		sgl_wire_add_bytes(answer, sgl_slice_of(out.data, out.len));
	sgl_bytes_free(&out);
	return status;
}

/* ------------------------------------------------------------- moving --- */

static sgl_status
move_one(const sgl_holder *h, sgl_key *recovery, const sgl_escrowed_key *e,
    sgl_slice to, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) context = sgl_buf_init(SGL_ESCROW_CONTEXT_MAX);
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};

	TRY(sgl_escrow_context(&e->label, e->made_for, &context, err));
	TRY(sgl_unseal_with(h->engine, recovery, sgl_buf_slice(&context),
	    e->sealed, &pkcs8, err));
	TRY(sgl_seal_to(h->engine, to, sgl_buf_slice(&context),
	    sgl_secret_slice(&pkcs8), &sealed, err));
	sgl_wire_add_bytes(answer, sgl_buf_slice(&sealed));
	return SGL_OK;
}

/* To the recovery key that the officers approved, which we made ourselves. */
static sgl_status
check_target(const sgl_holder *h, const sgl_recovery_case *c,
    const sgl_policy *to, sgl_err *err)
{
	sgl_digest digest;

	TRY(sgl_hash_once(
	    h->engine, SGL_DIGEST_SHA256, to->spki, &digest, err));
	if (sgl_slice_eq(sgl_digest_slice(&digest), c->move_to))
		return SGL_OK;
	return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
	    N_("the officers approved another recovery key"));
}

static sgl_status
move_all(const sgl_holder *h, const sgl_recovery_file *file,
    const sgl_recovery_removal *what, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(hearing) g = {0};
	SGL_AUTO_CLEAR(sgl_policy) to = {0};
	SGL_AUTO(sgl_key)
	recovery = NULL;

	TRY(hear(h, file, &g, err));
	TRY(sgl_policy_open(h, &what->to, &to, err));
	TRY(check_target(h, &file->facts, &to, err));
	TRY(rebuild(h, &g, &recovery, err));
	for (size_t i = 0; i < what->num_keys; i++)
		TRY(move_one(
		    h, recovery, &what->keys[i], to.spki, answer, err));
	return SGL_OK;
}

sgl_status
sgl_recovery_on_move(
    const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_MEM sgl_recovery_key *keys = NULL;
	SGL_AUTO_MEM sgl_escrowed_key *escrowed = NULL;
	sgl_recovery_file file;
	sgl_recovery_removal what;

	TRY(sgl_recovery_read_file(u, &file, &keys, err));
	TRY(sgl_recovery_read_removal(u, &what, &escrowed, err));
	return move_all(h, &file, &what, answer, err);
}
