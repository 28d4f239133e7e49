/* SPDX-License-Identifier: Apache-2.0 */
/* What only who has the master key does for key recovery. */
#include "cms/writer.h"
#include "sys/text.h"
#include "vault/recovery_inside.h"
#include "vault/shamir.h"

#define ROOM "vault.recovery"
#define MAC_KEY 32

/* ------------------------------------------------------------- policy --- */

void
sgl_policy_clear(sgl_policy *p)
{
	sgl_secret_clear(&p->plain);
}

/* What is made with a recovery key, and kept with it. */
typedef struct tools {
	sgl_secret mac_key, request_key;
	sgl_key *signer; /* the same as request_key */
} tools;

static void
tools_clear(tools *t)
{
	sgl_secret_clear(&t->mac_key);
	sgl_secret_clear(&t->request_key);
	sgl_key_unref(t->signer);
}
SGL_AUTO_CLEAR_TYPE(tools, tools_clear)

static sgl_status
make_tools(sgl_engine *engine, tools *t, sgl_err *err)
{
	TRY(sgl_secret_zeroed(&t->mac_key, MAC_KEY, err));
	TRY(sgl_random(engine, t->mac_key.data, MAC_KEY, err));
	TRY(sgl_key_generate(engine, SGL_KEY_ED25519, 0, &t->signer, err));
	return sgl_key_write(t->signer, &t->request_key, err);
}

static void
add_policy(
    sgl_wire *w, const sgl_recovery_plan *plan, sgl_slice spki, const tools *t)
{
	sgl_wire_add_int(w, plan->threshold);
	sgl_wire_add_bytes(w, spki);
	sgl_wire_add_bytes(w, sgl_secret_slice(&t->mac_key));
	sgl_wire_add_bytes(w, sgl_secret_slice(&t->request_key));
	sgl_wire_add_int(w, (int64_t)plan->num_members);
	for (size_t i = 0; i < plan->num_members; i++) {
		sgl_wire_add_int(w, plan->members[i].officer);
		sgl_wire_add_bytes(w, plan->members[i].signs);
	}
}

static void
read_policy(sgl_unwire *u, sgl_policy *out)
{
	out->threshold =
	    (unsigned)sgl_unwire_int(u, 2, SGL_RECOVERY_OFFICERS_MAX);
	out->spki = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	out->mac_key = sgl_unwire_bytes(u, MAC_KEY);
	out->request_key = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	out->num_officers =
	    (size_t)sgl_unwire_int(u, 2, SGL_RECOVERY_OFFICERS_MAX);
	for (size_t i = 0; i < out->num_officers; i++) {
		out->officers[i].id = sgl_unwire_int(u, 1, INT64_MAX);
		out->officers[i].spki =
		    sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	}
}

static sgl_status
seal_policy(const sgl_holder *h, const sgl_recovery_plan *plan, sgl_slice spki,
    const tools *t, sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_SEALED_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&plain);
	sgl_seal_label label;
	sgl_digest digest;
	sgl_slice master;
	sgl_status status;

	TRY(sgl_keeper_key(h->keeper, &master, err));
	add_policy(&w, plan, spki, t);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_recovery_policy_label(
		    h->engine, plan->id, &digest, &label, err);
	if (status == SGL_OK)
		status = sgl_seal(
		    h->engine, master, &label, sgl_buf_slice(&plain), out, err);
	sgl_buf_wipe(&plain);
	return status;
}

sgl_status
sgl_policy_open(const sgl_holder *h, const sgl_recovery_policy *sealed,
    sgl_policy *out, sgl_err *err)
{
	sgl_seal_label label;
	sgl_digest digest;
	sgl_slice master;
	sgl_unwire u;

	TRY(sgl_keeper_key(h->keeper, &master, err));
	TRY(sgl_recovery_policy_label(
	    h->engine, sealed->id, &digest, &label, err));
	TRY(sgl_unseal(
	    h->engine, master, &label, sealed->sealed, &out->plain, err));
	u = sgl_unwire_over(sgl_secret_slice(&out->plain));
	read_policy(&u, out);
	return sgl_unwire_end(&u, err);
}

/* ------------------------------------------------------------- making --- */

sgl_status
sgl_share_mark(sgl_engine *engine, sgl_slice mac_key, uint8_t x, sgl_slice y,
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
write_share(sgl_engine *engine, const tools *t, const sgl_share *share,
    sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);
	sgl_digest mark;

	TRY(sgl_share_mark(engine, sgl_secret_slice(&t->mac_key), share->x,
	    sgl_secret_slice(&share->y), &mark, err));
	sgl_wire_add_int(&w, share->x);
	sgl_wire_add_bytes(&w, sgl_secret_slice(&share->y));
	sgl_wire_add_bytes(&w, sgl_digest_slice(&mark));
	return sgl_wire_end(&w, err);
}

static sgl_status
write_enveloped(sgl_engine *engine, const tools *t, const sgl_share *share,
    sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_RECOVERY_SHARE_MAX, .secret = true};
	sgl_recovery_enveloped e = {.spki = sgl_key_get_spki(t->signer)};
	sgl_status status = write_share(engine, t, share, &plain, err);

	e.share = sgl_buf_slice(&plain);
	if (status == SGL_OK)
		status = sgl_recovery_enveloped_add(&e, out, err);
	sgl_buf_wipe(&plain);
	return status;
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
hand_to_officer(const sgl_holder *h, const tools *t, const sgl_share *share,
    sgl_cert *cert, sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_RECOVERY_SHARE_MAX, .secret = true};
	sgl_status status = write_enveloped(h->engine, t, share, &plain, err);

	if (status == SGL_OK)
		status =
		    envelop(h->engine, cert, sgl_buf_slice(&plain), out, err);
	sgl_buf_wipe(&plain);
	return status;
}

/* Shared, handed to the officers, and gone. */
static sgl_status
share_out(const sgl_holder *h, const sgl_recovery_plan *plan, sgl_slice secret,
    const tools *t, sgl_recovery_made *made, sgl_err *err)
{
	sgl_share shares[SGL_RECOVERY_OFFICERS_MAX] = {0};
	unsigned num = (unsigned)plan->num_members;
	sgl_status status;

	TRY(sgl_shamir_split(
	    h->engine, secret, plan->threshold, num, shares, err));
	status = SGL_OK;
	for (unsigned i = 0; i < num && status == SGL_OK; i++)
		status = hand_to_officer(h, t, &shares[i],
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
make(const sgl_holder *h, const sgl_recovery_plan *plan,
    sgl_recovery_made *made, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO_CLEAR(tools) t = {0};

	TRY(check_plan(plan, err));
	TRY(sgl_key_generate(h->engine, SGL_KEY_X25519, 0, &key, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(make_tools(h->engine, &t, err));
	TRY(sgl_buf_add(&made->spki, sgl_key_get_spki(key), err));
	TRY(share_out(h, plan, sgl_secret_slice(&pkcs8), &t, made, err));
	return seal_policy(
	    h, plan, sgl_key_get_spki(key), &t, &made->policy, err);
}

static sgl_status
on_make(const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
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

sgl_status
sgl_escrow_context(
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
escrow(
    const sgl_holder *h, const sgl_escrow_order *o, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_policy) p = {0};
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO_CLEAR(sgl_buf) context = sgl_buf_init(SGL_ESCROW_CONTEXT_MAX);
	SGL_AUTO(sgl_key)
	key = NULL;

	TRY(sgl_keeper_may_leave(&o->key, err));
	TRY(sgl_policy_open(h, &o->policy, &p, err));
	TRY(sgl_keeper_open(h->keeper, &o->key, &key, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(sgl_escrow_context(&o->key.label, o->made_for, &context, err));
	return sgl_seal_to(h->engine, p.spki, sgl_buf_slice(&context),
	    sgl_secret_slice(&pkcs8), out, err);
}

static sgl_status
on_escrow(const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
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
seal_session(const sgl_holder *h, int64_t id, const sgl_key *key, sgl_buf *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_seal_label label;
	sgl_digest digest;
	sgl_slice master;

	TRY(sgl_keeper_key(h->keeper, &master, err));
	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(sgl_recovery_session_label(
	    h->engine, id, sgl_key_get_spki(key), &digest, &label, err));
	return sgl_seal(
	    h->engine, master, &label, sgl_secret_slice(&pkcs8), out, err);
}

static sgl_status
on_begin(const sgl_holder *h, sgl_unwire *u, sgl_wire *answer, sgl_err *err)
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

sgl_status
sgl_session_open_sealed(const sgl_holder *h, const sgl_recovery_file *f,
    sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_seal_label label;
	sgl_digest digest;
	sgl_slice master;

	TRY(sgl_keeper_key(h->keeper, &master, err));
	TRY(sgl_recovery_session_label(
	    h->engine, f->facts.id, f->facts.session, &digest, &label, err));
	TRY(sgl_unseal(h->engine, master, &label, f->session, &pkcs8, err));
	return sgl_key_read(h->engine, sgl_secret_slice(&pkcs8), out, err);
}

/* ---------------------------------------------------------- questions --- */

static const struct {
	unsigned question, answer;
	sgl_recovery_work *work;
} questions[] = {
    {SGL_KEEPER_RECOVERY_MAKE, SGL_KEEPER_RECOVERY_MADE, on_make},
    {SGL_KEEPER_ESCROW, SGL_KEEPER_ESCROWED, on_escrow},
    {SGL_KEEPER_RECOVERY_BEGIN, SGL_KEEPER_RECOVERY_OPEN, on_begin},
    {SGL_KEEPER_RECOVERY_CHECK, SGL_KEEPER_RECOVERY_GOOD,
	sgl_recovery_on_check},
    {SGL_KEEPER_RECOVERY_COLLECT, SGL_KEEPER_FILE, sgl_recovery_on_collect},
    {SGL_KEEPER_RECOVERY_STATE, SGL_KEEPER_RECOVERY_STATED,
	sgl_recovery_on_state},
    {SGL_KEEPER_RECOVERY_MOVE, SGL_KEEPER_RECOVERY_MOVED, sgl_recovery_on_move},
};

sgl_status
sgl_keeper_recovery_serve(sgl_engine *engine, sgl_keeper *keeper,
    unsigned question, sgl_unwire *u, sgl_buf *answer, unsigned *type,
    bool *known, sgl_err *err)
{
	const sgl_holder h = {engine, keeper};
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
