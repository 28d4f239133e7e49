/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/ocsp.h"
#include "crypto/hash.h"
#include "crypto/lru.h"
#include "sys/text.h"

#define ROOM "ca.ocsp"
#define DAY ((sgl_time)24 * 60 * 60)
#define RESPONDERS 64
#define ID_MAX 256
#define RESPONSE_MAX ((size_t)64 << 10)

#define KNOWN_MAX 4096

struct sgl_ca_ocsp {
	sgl_home *home;
	sgl_responder responders[RESPONDERS];
	size_t num;
	sgl_lru *known;
	sgl_key_answer signatures[SGL_KEY_MANY];
};

void
sgl_ca_ocsp_answer_clear(sgl_ca_ocsp_answer *a)
{
	sgl_buf_clear(&a->der);
	*a = (sgl_ca_ocsp_answer){0};
}

sgl_status
sgl_ca_ocsp_new(sgl_home *home, sgl_ca_ocsp **out, sgl_err *err)
{
	sgl_ca_ocsp *o = sgl_mem_zeroed(1, sizeof *o);

	sgl_status status;

	if (o == NULL)
		return sgl_oom(err, ROOM);
	o->home = home;
	status = sgl_lru_new(KNOWN_MAX, &o->known, err);
	if (status == SGL_OK)
		*out = o;
	else
		sgl_mem_free(o);
	return status;
}

void
sgl_ca_ocsp_forget(sgl_ca_ocsp *o)
{
	for (size_t i = 0; i < o->num; i++)
		sgl_responder_clear(&o->responders[i]);
	o->num = 0;
	sgl_lru_empty(o->known);
}

void
sgl_ca_ocsp_free(sgl_ca_ocsp *o)
{
	if (o == NULL)
		return;
	sgl_ca_ocsp_forget(o);
	sgl_lru_free(o->known);
	sgl_mem_free(o);
}

/* ------------------------------------------------------------ responders ---
 */

static const sgl_authority *
find_authority(const sgl_authorities *list, int64_t id)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].id == id)
			return &list->items[i];
	return NULL;
}

static sgl_status
open_one(sgl_ca_ocsp *o, int64_t authority, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	const sgl_authority *a;

	TRY(sgl_store_list_authorities(sgl_home_store(o->home), &list, err));
	a = find_authority(&list, authority);
	*found = a != NULL && o->num < RESPONDERS;
	if (!*found)
		return SGL_OK;
	TRY(sgl_responder_open(o->home, a, &o->responders[o->num], found, err));
	o->num += *found;
	return SGL_OK;
}

/* *out NULL: there is none, or its key cannot be had. */
static sgl_status
find_responder(
    sgl_ca_ocsp *o, int64_t authority, const sgl_responder **out, sgl_err *err)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(o->home));
	sgl_status status;
	bool found = false;

	*out = NULL;
	for (size_t i = 0; i < o->num && *out == NULL; i++)
		if (o->responders[i].authority == authority)
			*out = &o->responders[i];
	if (*out != NULL && now <= sgl_cert_get_not_after((*out)->cert))
		return SGL_OK;
	if (*out != NULL)
		sgl_ca_ocsp_forget(o);
	*out = NULL;
	status = open_one(o, authority, &found, err);
	if (status == SGL_E_PASSWORD || status == SGL_E_NOKEY)
		return SGL_OK;
	TRY(status);
	if (found)
		*out = &o->responders[o->num - 1];
	return SGL_OK;
}

/* --------------------------------------------------------------- signing ---
 */

/* What is known of one certificate. */
typedef struct known {
	bool found, is_revoked;
	int64_t id;
	sgl_revocation_mark mark;
} known;

static sgl_slice
serial_of(const sgl_ca_ocsp_id *id)
{
	return sgl_slice_of(id->serial, id->serial_len);
}

/* Of a certificate that is newer than the backup the records came from, all
 * that may be known is that it was revoked. */
static sgl_status
look_up_lost(
    sgl_store *store, const sgl_ca_ocsp_id *id, known *out, sgl_err *err)
{
	TRY(sgl_store_find_lost_revocation(
	    store, id->authority, serial_of(id), &out->mark, &out->found, err));
	out->is_revoked = out->found;
	return SGL_OK;
}

static sgl_status
look_up_stored(
    sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, known *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) r = {0};
	sgl_store *store = sgl_home_store(o->home);
	bool found;

	*out = (known){0};
	TRY(sgl_store_find_cert_by_serial(
	    store, serial_of(id), &r, &found, err));
	if (!found)
		return look_up_lost(store, id, out, err);
	*out = (known){.found = r.issuer == id->authority,
	    .is_revoked = r.status == SGL_CERT_REVOKED,
	    .id = r.id,
	    .mark = r.revocation};
	return SGL_OK;
}

/* Backwards, for serial numbers of ours begin with the time and end in random
 * bits. */
static void
name_of(const sgl_ca_ocsp_id *id, uint8_t out[SGL_LRU_KEY])
{
	memset(out, 0, SGL_LRU_KEY);
	for (size_t i = 0; i < id->serial_len; i++)
		out[i] = id->serial[id->serial_len - 1 - i];
	out[SGL_CA_OCSP_SERIAL] = (uint8_t)id->serial_len;
	memcpy(out + SGL_LRU_KEY - sizeof id->authority, &id->authority,
	    sizeof id->authority);
}

/* Strangers can make up as many as they like that are not there. */
static void
note(sgl_ca_ocsp *o, const uint8_t name[SGL_LRU_KEY], const known *k)
{
	known *kept = k->found ? sgl_mem_zeroed(1, sizeof *kept) : NULL;

	if (kept == NULL)
		return;
	*kept = *k;
	sgl_lru_add(o->known, name, kept, sgl_mem_free);
}

static sgl_status
look_up(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, known *out, sgl_err *err)
{
	uint8_t name[SGL_LRU_KEY];
	const known *kept;

	name_of(id, name);
	kept = sgl_lru_find(o->known, name);
	if (kept != NULL) {
		*out = *kept;
		return SGL_OK;
	}
	TRY(look_up_stored(o, id, out, err));
	note(o, name, out);
	return SGL_OK;
}

/* @req rfc6960-2.2
 * What was never issued is not good. */
static void
set_status(const known *k, sgl_ocsp_answer *a)
{
	a->reason = -1;
	if (!k->found) {
		a->status = SGL_OCSP_UNKNOWN;
	} else if (k->is_revoked) {
		a->status = SGL_OCSP_REVOKED;
		a->revoked_at = k->mark.when;
		a->reason = (int)k->mark.reason;
	} else {
		a->status = SGL_OCSP_GOOD;
	}
}

/* What is signed, and the CertIDs in it. */
typedef struct signing {
	const sgl_responder *responder;
	sgl_ocsp_answer answers[SGL_OCSP_IDS];
	sgl_buf ids[SGL_OCSP_IDS];
	size_t num;
	sgl_time now;
	sgl_slice nonce;
} signing;

static void
signing_clear(signing *s)
{
	for (size_t i = 0; i < SGL_OCSP_IDS; i++)
		sgl_buf_clear(&s->ids[i]);
}
SGL_AUTO_CLEAR_TYPE(signing, signing_clear)

static sgl_status
add_answer(signing *s, const sgl_ca_ocsp_id *id, const known *k, sgl_err *err)
{
	sgl_ocsp_answer *a = &s->answers[s->num];
	sgl_buf *der = &s->ids[s->num];

	*der = sgl_buf_init(ID_MAX);
	TRY(sgl_ocsp_id_build(
	    &s->responder->issuer, id->digest, serial_of(id), der, err));
	*a = (sgl_ocsp_answer){.id = sgl_buf_slice(der),
	    .this_update = s->now,
	    .next_update = s->now + DAY};
	set_status(k, a);
	s->num++;
	return SGL_OK;
}

/* What is made of one question; where there is a key, its answer is all that is
 * missing. */
typedef struct making {
	sgl_ca_ocsp_asked *asked;
	sgl_key *key;
	sgl_ocsp_draft draft;
	const sgl_key_answer *signature;
} making;

static void
making_clear(making *m)
{
	sgl_key_unref(m->key);
	sgl_ocsp_draft_clear(&m->draft);
}

static sgl_status
draft(sgl_ca_ocsp *o, const signing *s, making *m, sgl_err *err)
{
	const sgl_ocsp_template t = {.responder = s->responder->cert,
	    .is_delegated = true,
	    .produced_at = s->now,
	    .answers = s->answers,
	    .num_answers = s->num,
	    .nonce = s->nonce};

	TRY(sgl_ocsp_draft_make(sgl_home_engine(o->home), &t, s->responder->key,
	    sgl_ca_digest_for(s->responder->key), &m->draft, err));
	m->key = sgl_key_ref(s->responder->key);
	m->asked->answer.this_update = s->now;
	m->asked->answer.next_update = s->now + DAY;
	return SGL_OK;
}

static sgl_status
begin(sgl_ca_ocsp *o, int64_t authority, signing *s, sgl_err *err)
{
	s->now = sgl_engine_now(sgl_home_engine(o->home));
	return find_responder(o, authority, &s->responder, err);
}

/* ---------------------------------------------------------- for everybody ---
 */

/* What is in the store and still holds. */
static sgl_status
find_kept(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, const known *k,
    sgl_ca_ocsp_answer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ocsp_record) r = {0};
	sgl_time now = sgl_engine_now(sgl_home_engine(o->home));
	bool found;

	TRY(sgl_store_find_ocsp(sgl_home_store(o->home), k->id,
	    sgl_digest_name(id->digest), &r, &found, err));
	if (!found || now < r.this_update || now >= r.next_update)
		return SGL_OK;
	out->der = r.der;
	out->this_update = r.this_update;
	out->next_update = r.next_update;
	r.der = (sgl_buf){0};
	return SGL_OK;
}

static bool
is_young(const sgl_ca_ocsp_answer *a, sgl_time now)
{
	return now < a->this_update + (a->next_update - a->this_update) / 2;
}

/* While nobody can sign, the old one goes on as long as it holds. */
static sgl_status
draft_shared(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, const known *k,
    making *m, sgl_err *err)
{
	sgl_ca_ocsp_answer *answer = &m->asked->answer;
	SGL_AUTO_CLEAR(signing) s = {.num = 0};

	TRY(begin(o, id->authority, &s, err));
	if (s.responder == NULL) {
		if (answer->der.len == 0)
			answer->error = SGL_OCSP_TRY_LATER;
		return SGL_OK;
	}
	TRY(add_answer(&s, id, k, err));
	TRY(draft(o, &s, m, err));
	sgl_buf_clear(&answer->der);
	answer->is_fresh = true;
	return SGL_OK;
}

static sgl_status
prepare_shared(
    sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, making *m, sgl_err *err)
{
	sgl_ca_ocsp_answer *answer = &m->asked->answer;
	known k;

	TRY(look_up(o, id, &k, err));
	if (!k.found) {
		answer->error = SGL_OCSP_UNAUTHORIZED;
		return SGL_OK;
	}
	answer->id = *id;
	answer->mark = k.mark;
	TRY(find_kept(o, id, &k, answer, err));
	if (answer->der.len == 0 ||
	    !is_young(answer, sgl_engine_now(sgl_home_engine(o->home))))
		TRY(draft_shared(o, id, &k, m, err));
	answer->is_shared = answer->error == SGL_OCSP_SUCCESSFUL;
	return SGL_OK;
}

/* ----------------------------------------------------------- for one alone ---
 */

static sgl_status
prepare_own(sgl_ca_ocsp *o, making *m, sgl_err *err)
{
	const sgl_ca_ocsp_question *q = &m->asked->question;
	SGL_AUTO_CLEAR(signing)
	s = {.nonce = sgl_slice_of(q->nonce, q->nonce_len)};
	known k;

	TRY(begin(o, q->ids[0].authority, &s, err));
	if (s.responder == NULL) {
		m->asked->answer.error = SGL_OCSP_TRY_LATER;
		return SGL_OK;
	}
	for (size_t i = 0; i < q->num_ids; i++) {
		TRY(look_up(o, &q->ids[i], &k, err));
		TRY(add_answer(&s, &q->ids[i], &k, err));
	}
	return draft(o, &s, m, err);
}

/* One responder speaks for one authority. */
static bool
is_about_one_authority(const sgl_ca_ocsp_question *q)
{
	for (size_t i = 1; i < q->num_ids; i++)
		if (q->ids[i].authority != q->ids[0].authority)
			return false;
	return q->num_ids > 0;
}

static sgl_status
prepare(sgl_ca_ocsp *o, making *m, sgl_err *err)
{
	const sgl_ca_ocsp_question *q = &m->asked->question;

	if (!is_about_one_authority(q)) {
		m->asked->answer.error = SGL_OCSP_UNAUTHORIZED;
		return SGL_OK;
	}
	return q->num_ids == 1 && q->nonce_len == 0
	    ? prepare_shared(o, &q->ids[0], m, err)
	    : prepare_own(o, m, err);
}

/* ---------------------------------------------------- several at one time ---
 */

static sgl_status
sign_one(sgl_ca_ocsp *o, making *m, sgl_key_answer *signature, sgl_err *err)
{
	const sgl_key_request request = sgl_ocsp_draft_request(&m->draft);

	TRY(sgl_key_ask(
	    sgl_home_engine(o->home), m->key, &request, signature, err));
	m->signature = signature;
	return SGL_OK;
}

/* What the key is to sign, and for whom. */
typedef struct batch {
	making *of[SGL_KEY_MANY];
	sgl_key_request requests[SGL_KEY_MANY];
	size_t num;
} batch;

/* What is wrong with one of them is not to be the others' matter. */
static void
sign_batch(sgl_ca_ocsp *o, const batch *b, sgl_key_answer *signatures)
{
	const sgl_status status = sgl_key_ask_many(sgl_home_engine(o->home),
	    b->of[0]->key, b->requests, b->num, signatures, NULL);

	for (size_t i = 0; i < b->num; i++) {
		sgl_ca_ocsp_asked *asked = b->of[i]->asked;

		if (status == SGL_OK)
			b->of[i]->signature = &signatures[i];
		else
			asked->status =
			    sign_one(o, b->of[i], &signatures[i], &asked->err);
	}
}

static bool
is_unsigned(const making *m)
{
	return m->asked->status == SGL_OK && m->key != NULL &&
	    m->signature == NULL;
}

/* Those that wait for the same key as the first one. */
static void
collect(making *all, size_t num, batch *out)
{
	out->num = 0;
	for (size_t i = 0; i < num; i++) {
		if (!is_unsigned(&all[i]) || all[i].key != all[0].key)
			continue;
		out->of[out->num] = &all[i];
		out->requests[out->num++] =
		    sgl_ocsp_draft_request(&all[i].draft);
	}
}

static sgl_status
finish(sgl_ca_ocsp *o, const making *m, sgl_err *err)
{
	sgl_ca_ocsp_answer *answer = &m->asked->answer;

	if (m->key == NULL)
		return SGL_OK;
	answer->der = sgl_buf_init(RESPONSE_MAX);
	return sgl_ocsp_draft_end(sgl_home_engine(o->home), &m->draft, m->key,
	    sgl_slice_of(m->signature->bytes, m->signature->len), &answer->der,
	    err);
}

static void
conclude(sgl_ca_ocsp *o, making *m)
{
	sgl_ca_ocsp_asked *asked = m->asked;

	if (asked->status == SGL_OK)
		asked->status = finish(o, m, &asked->err);
	if (asked->status != SGL_OK)
		sgl_ca_ocsp_answer_clear(&asked->answer);
	making_clear(m);
}

static void
ask_some(sgl_ca_ocsp *o, sgl_ca_ocsp_asked *all, size_t num)
{
	making makings[SGL_KEY_MANY];
	batch b;
	size_t done = 0;

	for (size_t i = 0; i < num; i++) {
		makings[i] = (making){.asked = &all[i]};
		all[i].err = (sgl_err){0};
		all[i].answer =
		    (sgl_ca_ocsp_answer){.error = SGL_OCSP_SUCCESSFUL};
		all[i].status = prepare(o, &makings[i], &all[i].err);
	}
	for (size_t i = 0; i < num; i++) {
		if (!is_unsigned(&makings[i]))
			continue;
		collect(makings + i, num - i, &b);
		sign_batch(o, &b, o->signatures + done);
		done += b.num;
	}
	for (size_t i = 0; i < num; i++)
		conclude(o, &makings[i]);
}

void
sgl_ca_ocsp_ask(sgl_ca_ocsp *o, sgl_ca_ocsp_asked *all, size_t num)
{
	for (size_t i = 0; i < num; i += SGL_KEY_MANY) {
		const size_t left = num - i;

		ask_some(o, all + i, left < SGL_KEY_MANY ? left : SGL_KEY_MANY);
	}
}

static sgl_status
keep(sgl_home *home, int64_t certificate, const sgl_ca_ocsp_answer *a,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ocsp_record)
	r = {.certificate = certificate,
	    .this_update = a->this_update,
	    .next_update = a->next_update,
	    .der = sgl_buf_init(a->der.len)};

	TRY(sgl_buf_add(&r.der, sgl_buf_slice(&a->der), err));
	TRY(sgl_slice_copy(sgl_slice_str(sgl_digest_name(a->id.digest)),
	    (uint8_t **)&r.digest, ROOM, err));
	return sgl_store_set_ocsp(sgl_home_store(home), &r, err);
}

/* Somebody may have revoked it since, here or on another machine. */
sgl_status
sgl_ca_ocsp_keep(sgl_home *home, const sgl_ca_ocsp_answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	bool found;

	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(home), serial_of(&a->id), &c, &found, err));
	if (!found || c.revocation.when != a->mark.when ||
	    c.revocation.reason != a->mark.reason)
		return SGL_OK;
	return keep(home, c.id, a, err);
}
