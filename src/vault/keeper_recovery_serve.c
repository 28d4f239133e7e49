/* SPDX-License-Identifier: Apache-2.0 */
/* What only who has the master key does for key recovery. */
#include "cms/writer.h"
#include "sys/text.h"
#include "vault/keeper_inside.h"
#include "vault/recovery_wire.h"
#include "vault/shamir.h"

#define ROOM "vault.recovery"
#define MAC_KEY 32
#define MAC 32
#define AAD_MAX (SGL_RECOVERY_LINE_MAX + 128)

typedef struct holder {
	sgl_engine *engine;
	sgl_keeper *keeper;
} holder;

/* ------------------------------------------------------------- policy --- */

/* What the keyholder wrote down for itself when it made a recovery key. */
typedef struct officer {
	int64_t id;
	sgl_slice spki;
} officer;

typedef struct policy {
	sgl_secret plain; /* what the rest points to */
	unsigned threshold;
	sgl_slice spki, mac_key;
	officer officers[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_officers;
} policy;

static void
policy_clear(policy *p)
{
	sgl_secret_clear(&p->plain);
}
SGL_AUTO_CLEAR_TYPE(policy, policy_clear)

static void
add_policy(sgl_wire *w, const sgl_recovery_plan *plan, sgl_slice spki,
    sgl_slice mac_key)
{
	sgl_wire_add_int(w, plan->threshold);
	sgl_wire_add_bytes(w, spki);
	sgl_wire_add_bytes(w, mac_key);
	sgl_wire_add_int(w, (int64_t)plan->num_members);
	for (size_t i = 0; i < plan->num_members; i++) {
		sgl_wire_add_int(w, plan->members[i].officer);
		sgl_wire_add_bytes(w, plan->members[i].signs);
	}
}

static void
read_policy(sgl_unwire *u, policy *out)
{
	out->threshold =
	    (unsigned)sgl_unwire_int(u, 2, SGL_RECOVERY_OFFICERS_MAX);
	out->spki = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	out->mac_key = sgl_unwire_bytes(u, MAC_KEY);
	out->num_officers =
	    (size_t)sgl_unwire_int(u, 2, SGL_RECOVERY_OFFICERS_MAX);
	for (size_t i = 0; i < out->num_officers; i++) {
		out->officers[i].id = sgl_unwire_int(u, 1, INT64_MAX);
		out->officers[i].spki =
		    sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	}
}

static sgl_status
seal_policy(const holder *h, const sgl_recovery_plan *plan, sgl_slice spki,
    sgl_slice mac_key, sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_SEALED_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&plain);
	sgl_seal_label label;
	sgl_digest digest;
	sgl_status status;

	add_policy(&w, plan, spki, mac_key);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_recovery_policy_label(
		    h->engine, plan->id, &digest, &label, err);
	if (status == SGL_OK)
		status =
		    sgl_seal(h->engine, sgl_secret_slice(&h->keeper->master),
			&label, sgl_buf_slice(&plain), out, err);
	sgl_buf_wipe(&plain);
	return status;
}

static sgl_status
open_policy(const holder *h, const sgl_recovery_policy *sealed, policy *out,
    sgl_err *err)
{
	sgl_seal_label label;
	sgl_digest digest;
	sgl_unwire u;

	TRY(sgl_recovery_policy_label(
	    h->engine, sealed->id, &digest, &label, err));
	TRY(sgl_unseal(h->engine, sgl_secret_slice(&h->keeper->master), &label,
	    sealed->sealed, &out->plain, err));
	u = sgl_unwire_over(sgl_secret_slice(&out->plain));
	read_policy(&u, out);
	return sgl_unwire_end(&u, err);
}

/* ------------------------------------------------------------- making --- */

/* A share says of itself that it is one of ours: only the keyholder can tell,
 * and who has m - 1 shares has their marks alone. */
static sgl_status
mark_share(sgl_engine *engine, sgl_slice mac_key, uint8_t x, sgl_slice y,
    sgl_digest *out, sgl_err *err)
{
	sgl_buf text = {.max = SGL_RECOVERY_SHARE_MAX, .secret = true};
	sgl_status status = sgl_buf_add(&text, sgl_slice_of(&x, 1), err);

	if (status == SGL_OK)
		status = sgl_buf_add(&text, y, err);
	if (status == SGL_OK)
		status = sgl_hmac(engine, SGL_DIGEST_SHA256, mac_key,
		    sgl_buf_slice(&text), out, err);
	sgl_buf_wipe(&text);
	return status;
}

static sgl_status
write_share(sgl_engine *engine, sgl_slice mac_key, const sgl_share *share,
    sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);
	sgl_digest mark;

	TRY(mark_share(engine, mac_key, share->x, sgl_secret_slice(&share->y),
	    &mark, err));
	sgl_wire_add_int(&w, share->x);
	sgl_wire_add_bytes(&w, sgl_secret_slice(&share->y));
	sgl_wire_add_bytes(&w, sgl_digest_slice(&mark));
	return sgl_wire_end(&w, err);
}

static sgl_status
envelop(sgl_engine *engine, sgl_cert *cert, sgl_slice plain, sgl_buf *out,
    sgl_err *err)
{
	sgl_cert *items[] = {cert};
	const sgl_certs recipients = {items, 1};
	const sgl_enveloped_options options = {.recipients = &recipients,
	    .cipher = SGL_CIPHER_AES256_GCM,
	    .oaep = true,
	    .not_mail = true};
	SGL_AUTO(sgl_enveloped_writer)
	writer = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_enveloped_writer_new(
	    engine, &options, &sink.sink, &writer, err));
	TRY(sgl_sink_write(sgl_enveloped_writer_sink(writer), plain, err));
	return sgl_sink_finish(sgl_enveloped_writer_sink(writer), err);
}

static sgl_status
hand_to_officer(const holder *h, sgl_slice mac_key, const sgl_share *share,
    sgl_cert *cert, sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_RECOVERY_SHARE_MAX, .secret = true};
	sgl_status status = write_share(h->engine, mac_key, share, &plain, err);

	if (status == SGL_OK)
		status =
		    envelop(h->engine, cert, sgl_buf_slice(&plain), out, err);
	sgl_buf_wipe(&plain);
	return status;
}

/* Shared, handed to the officers, and gone. */
static sgl_status
share_out(const holder *h, const sgl_recovery_plan *plan, sgl_slice secret,
    sgl_slice mac_key, sgl_recovery_made *made, sgl_err *err)
{
	sgl_share shares[SGL_RECOVERY_OFFICERS_MAX] = {0};
	unsigned num = (unsigned)plan->num_members;
	sgl_status status;

	TRY(sgl_shamir_split(
	    h->engine, secret, plan->threshold, num, shares, err));
	status = SGL_OK;
	for (unsigned i = 0; i < num && status == SGL_OK; i++)
		status = hand_to_officer(h, mac_key, &shares[i],
		    plan->members[i].decrypts, &made->envelopes[i], err);
	for (unsigned i = 0; i < num; i++)
		sgl_share_clear(&shares[i]);
	return status;
}

/* Two shares in one hand would be one approval too many. */
static bool
are_distinct(const sgl_recovery_plan *plan)
{
	for (size_t i = 0; i < plan->num_members; i++)
		for (size_t j = 0; j < i; j++)
			if (plan->members[i].officer ==
				plan->members[j].officer ||
			    sgl_slice_eq(plan->members[i].signs,
				plan->members[j].signs) ||
			    sgl_slice_eq(
				sgl_cert_get_spki(plan->members[i].decrypts),
				sgl_cert_get_spki(plan->members[j].decrypts)))
				return false;
	return true;
}

/* With one alone it would be a permission and no sharing. */
static sgl_status
check_plan(const sgl_recovery_plan *plan, sgl_err *err)
{
	if (plan->threshold >= 2 && plan->threshold <= plan->num_members &&
	    are_distinct(plan))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("a recovery takes two officers or more, and not more than there "
	       "are"),
	    "%u/%zu", plan->threshold, plan->num_members);
}

static sgl_status
make(const holder *h, const sgl_recovery_plan *plan, sgl_recovery_made *made,
    sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO_CLEAR(sgl_secret) mac_key = {0};

	TRY(check_plan(plan, err));
	TRY(sgl_key_generate(h->engine, SGL_KEY_X25519, 0, &key, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(sgl_secret_zeroed(&mac_key, MAC_KEY, err));
	TRY(sgl_random(h->engine, mac_key.data, MAC_KEY, err));
	TRY(sgl_buf_add(&made->spki, sgl_key_get_spki(key), err));
	TRY(share_out(h, plan, sgl_secret_slice(&pkcs8),
	    sgl_secret_slice(&mac_key), made, err));
	return seal_policy(h, plan, sgl_key_get_spki(key),
	    sgl_secret_slice(&mac_key), &made->policy, err);
}

static sgl_status
on_make(const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_made) made;
	sgl_recovery_plan plan = {0};
	sgl_status status;

	sgl_recovery_made_init(&made);
	status = sgl_recovery_read_plan(h->engine, u, &plan, err);
	if (status == SGL_OK)
		status = make(h, &plan, &made, err);
	if (status == SGL_OK)
		sgl_recovery_add_made(answer, &made, plan.num_members);
	sgl_recovery_plan_drop(&plan);
	return status;
}

/* ------------------------------------------------------------- escrow --- */

/* An escrowed key is bound to its number, its public half, and for whom it was
 * made. */
static sgl_status
escrow_context(
    const sgl_seal_label *label, sgl_slice made_for, sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);

	sgl_wire_add_text(&w, "sigill escrowed key 1");
	sgl_wire_add_int(&w, label->id);
	sgl_wire_add_bytes(&w, label->spki_digest);
	sgl_wire_add_bytes(&w, made_for);
	return sgl_wire_end(&w, err);
}

static sgl_status
escrow(const holder *h, const sgl_escrow_order *o, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(policy) p = {0};
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO_CLEAR(sgl_buf) context = sgl_buf_init(AAD_MAX);
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(open_policy(h, &o->policy, &p, err));
	TRY(sgl_keeper_open(h->keeper, &o->key, &key, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(escrow_context(&o->key.label, o->made_for, &context, err));
	return sgl_seal_to(h->engine, p.spki, sgl_buf_slice(&context),
	    sgl_secret_slice(&pkcs8), out, err);
}

static sgl_status
on_escrow(const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	sgl_escrow_order order;

	sgl_recovery_read_escrow(u, &order);
	TRY(sgl_unwire_end(u, err));
	TRY(escrow(h, &order, &sealed, err));
	sgl_keeper_add_taken(answer, sgl_buf_slice(&sealed));
	return SGL_OK;
}

/* ------------------------------------------------------------ session --- */

static sgl_status
seal_session(
    const holder *h, int64_t id, const sgl_key *key, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_seal_label label;
	sgl_digest digest;

	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(sgl_recovery_session_label(
	    h->engine, id, sgl_key_get_spki(key), &digest, &label, err));
	return sgl_seal(h->engine, sgl_secret_slice(&h->keeper->master), &label,
	    sgl_secret_slice(&pkcs8), out, err);
}

static sgl_status
on_begin(const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_SEALED_MAX);
	SGL_AUTO(sgl_key)
	key = NULL;
	int64_t id = sgl_unwire_int(u, 1, INT64_MAX);

	TRY(sgl_unwire_end(u, err));
	TRY(sgl_key_generate(h->engine, SGL_KEY_X25519, 0, &key, err));
	TRY(seal_session(h, id, key, &sealed, err));
	sgl_recovery_add_session(
	    answer, sgl_key_get_spki(key), sgl_buf_slice(&sealed));
	return SGL_OK;
}

static sgl_status
open_session(
    const holder *h, const sgl_recovery_file *f, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_seal_label label;
	sgl_digest digest;

	TRY(sgl_recovery_session_label(
	    h->engine, f->facts.id, f->facts.session, &digest, &label, err));
	TRY(sgl_unseal(h->engine, sgl_secret_slice(&h->keeper->master), &label,
	    f->session, &pkcs8, err));
	return sgl_key_read(h->engine, sgl_secret_slice(&pkcs8), out, err);
}

/* ---------------------------------------------------------- approvals --- */

/* A case that is looked at: what it is approved by, as far as it was checked.
 */
typedef struct hearing {
	const sgl_recovery_file *file;
	policy policy;
	sgl_key *session;
	sgl_digest statement;
	sgl_share shares[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_shares;
} hearing;

static void
hearing_clear(hearing *g)
{
	policy_clear(&g->policy);
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
check_facts(const holder *h, hearing *g, sgl_err *err)
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
check_time(const holder *h, const sgl_recovery_case *c,
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
take_share(const holder *h, const hearing *g, const sgl_recovery_approval *a,
    sgl_slice plain, uint8_t x, sgl_share *out, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(plain);
	sgl_slice y, mark;
	sgl_digest want;

	out->x = (uint8_t)sgl_unwire_int(&u, 1, SGL_SHARES_MAX);
	y = sgl_unwire_bytes(&u, SGL_RECOVERY_SHARE_MAX);
	mark = sgl_unwire_bytes(&u, MAC);
	if (sgl_unwire_end(&u, NULL) != SGL_OK || out->x != x ||
	    mark.len != MAC)
		return refuse(a, N_("an approval holds another share"), err);
	TRY(mark_share(h->engine, g->policy.mac_key, x, y, &want, err));
	if (!sgl_mem_equal(mark.data, want.bytes, MAC))
		return refuse(a, N_("an approval holds another share"), err);
	return sgl_secret_set(&out->y, y, err);
}

/* Before the signature is known to be right nothing else is looked at. */
static sgl_status
check_approval(
    const holder *h, hearing *g, const sgl_recovery_approval *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_recovery_context context =
	    sgl_recovery_context_of(&g->statement, a->officer);
	size_t place;

	TRY(find_officer(g, a, &place, err));
	if (g->shares[place].x != 0)
		return refuse(
		    a, N_("this officer has approved it already"), err);
	TRY(sgl_recovery_approval_check(
	    h->engine, g->policy.officers[place].spki, &g->statement, a, err));
	TRY(check_time(h, &g->file->facts, a, err));
	if (sgl_unseal_with(h->engine, g->session,
		sgl_slice_of(context.bytes, sizeof context.bytes), a->share,
		&plain, NULL) != SGL_OK)
		return refuse(a,
		    N_("the share of an approval was not sealed for this "
		       "request"),
		    err);
	g->num_shares++;
	return take_share(h, g, a, sgl_secret_slice(&plain),
	    (uint8_t)(place + 1), &g->shares[place], err);
}

static sgl_status
hear(const holder *h, const sgl_recovery_file *file, hearing *g, sgl_err *err)
{
	g->file = file;
	TRY(open_policy(h, &file->policy, &g->policy, err));
	TRY(check_facts(h, g, err));
	TRY(open_session(h, file, &g->session, err));
	for (size_t i = 0; i < file->num_approvals; i++)
		TRY(check_approval(h, g, &file->approvals[i], err));
	return SGL_OK;
}

static sgl_status
on_check(const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
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
rebuild(const holder *h, const hearing *g, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(combine(g, &pkcs8, err));
	if (sgl_key_read(h->engine, sgl_secret_slice(&pkcs8), &key, NULL) !=
		SGL_OK ||
	    !sgl_slice_eq(sgl_key_get_spki(key), g->policy.spki))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("these shares do not belong together"));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

static sgl_status
check_spki(const holder *h, const sgl_key *key, const sgl_escrowed_key *e,
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
open_escrowed(const holder *h, sgl_key *recovery, const sgl_escrowed_key *e,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) context = sgl_buf_init(AAD_MAX);
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(escrow_context(&e->label, e->made_for, &context, err));
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
	if (what->num_keys != c->num_keys)
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
fill_ring(const holder *h, sgl_key *recovery, const sgl_recovery_handout *what,
    sgl_keyring *ring, sgl_err *err)
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
collect(const holder *h, const sgl_recovery_file *file,
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

static sgl_status
on_collect(const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
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

/* ---------------------------------------------------------- questions --- */

static const struct {
	unsigned question, answer;
	sgl_status (*work)(
	    const holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err);
} questions[] = {
    {SGL_KEEPER_RECOVERY_MAKE, SGL_KEEPER_RECOVERY_MADE, on_make},
    {SGL_KEEPER_ESCROW, SGL_KEEPER_ESCROWED, on_escrow},
    {SGL_KEEPER_RECOVERY_BEGIN, SGL_KEEPER_RECOVERY_OPEN, on_begin},
    {SGL_KEEPER_RECOVERY_CHECK, SGL_KEEPER_RECOVERY_GOOD, on_check},
    {SGL_KEEPER_RECOVERY_COLLECT, SGL_KEEPER_FILE, on_collect},
};

sgl_status
sgl_keeper_recovery_serve(sgl_engine *engine, sgl_keeper *keeper,
    unsigned question, sgl_unwire *u, sgl_buf *answer, unsigned *type,
    bool *known, sgl_err *err)
{
	const holder h = {engine, keeper};
	sgl_wire w = sgl_wire_over(answer);

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (questions[i].question == question) {
			*known = true;
			*type = questions[i].answer;
			TRY(questions[i].work(&h, u, &w, err));
			return sgl_wire_end(&w, err);
		}
	*known = false;
	return SGL_OK;
}
