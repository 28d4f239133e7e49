/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/ocsp.h"
#include "crypto/hash.h"
#include "sys/text.h"

#define ROOM "ca.ocsp"
#define DAY ((sgl_time)24 * 60 * 60)
#define RESPONDERS 64
#define ID_MAX 256
#define RESPONSE_MAX ((size_t)64 << 10)

struct sgl_ca_ocsp {
	sgl_home *home;
	sgl_responder responders[RESPONDERS];
	size_t num;
	/* The keyholder lets an opened key be used so often and so long. */
	int64_t uses;
	sgl_time opened;
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

	if (o == NULL)
		return sgl_oom(err, ROOM);
	o->home = home;
	*out = o;
	return SGL_OK;
}

void
sgl_ca_ocsp_forget(sgl_ca_ocsp *o)
{
	for (size_t i = 0; i < o->num; i++)
		sgl_responder_clear(&o->responders[i]);
	o->num = 0;
	o->uses = 0;
}

void
sgl_ca_ocsp_free(sgl_ca_ocsp *o)
{
	if (o == NULL)
		return;
	sgl_ca_ocsp_forget(o);
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
	if (o->num == 0)
		o->opened = sgl_engine_now(sgl_home_engine(o->home));
	o->num += *found;
	return SGL_OK;
}

/* Long before the keyholder would refuse, which it does not do in silence. */
static bool
is_used_up(const sgl_ca_ocsp *o, sgl_time now)
{
	return o->uses >= SGL_TICKET_USES / 2 || now < o->opened ||
	    now > o->opened + SGL_TICKET_SECONDS / 2;
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
	if (o->num > 0 && is_used_up(o, now))
		sgl_ca_ocsp_forget(o);
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
	sgl_cert_record record;
	bool found;
} known;

static void
known_clear(known *k)
{
	sgl_cert_record_clear(&k->record);
}
SGL_AUTO_CLEAR_TYPE(known, known_clear)

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
	TRY(sgl_store_find_lost_revocation(store, id->authority, serial_of(id),
	    &out->record.revocation, &out->found, err));
	if (out->found)
		out->record.status = SGL_CERT_REVOKED;
	return SGL_OK;
}

static sgl_status
look_up(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, known *out, sgl_err *err)
{
	sgl_store *store = sgl_home_store(o->home);

	TRY(sgl_store_find_cert_by_serial(
	    store, serial_of(id), &out->record, &out->found, err));
	if (!out->found)
		return look_up_lost(store, id, out, err);
	out->found = out->record.issuer == id->authority;
	return SGL_OK;
}

/* @req rfc6960-2.2
 * What was never issued is not good. */
static void
set_status(const known *k, sgl_ocsp_answer *a)
{
	const sgl_revocation_mark *mark = &k->record.revocation;

	a->reason = -1;
	if (!k->found) {
		a->status = SGL_OCSP_UNKNOWN;
	} else if (k->record.status == SGL_CERT_REVOKED) {
		a->status = SGL_OCSP_REVOKED;
		a->revoked_at = mark->when;
		a->reason = (int)mark->reason;
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

static sgl_status
sign(sgl_ca_ocsp *o, const signing *s, sgl_ca_ocsp_answer *out, sgl_err *err)
{
	const sgl_ocsp_template t = {.responder = s->responder->cert,
	    .is_delegated = true,
	    .produced_at = s->now,
	    .answers = s->answers,
	    .num_answers = s->num,
	    .nonce = s->nonce};

	o->uses++;
	out->this_update = s->now;
	out->next_update = s->now + DAY;
	out->der = sgl_buf_init(RESPONSE_MAX);
	return sgl_ocsp_build(sgl_home_engine(o->home), &t, s->responder->key,
	    sgl_ca_digest_for(s->responder->key), &out->der, err);
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

	TRY(sgl_store_find_ocsp(sgl_home_store(o->home), k->record.id,
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
sign_shared(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, const known *k,
    sgl_ca_ocsp_answer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(signing) s = {.num = 0};

	TRY(begin(o, id->authority, &s, err));
	if (s.responder == NULL) {
		if (out->der.len == 0)
			out->error = SGL_OCSP_TRY_LATER;
		return SGL_OK;
	}
	sgl_buf_clear(&out->der);
	TRY(add_answer(&s, id, k, err));
	TRY(sign(o, &s, out, err));
	out->is_fresh = true;
	return SGL_OK;
}

static sgl_status
answer_all(sgl_ca_ocsp *o, const sgl_ca_ocsp_id *id, sgl_ca_ocsp_answer *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(known) k = {.found = false};

	TRY(look_up(o, id, &k, err));
	if (!k.found) {
		out->error = SGL_OCSP_UNAUTHORIZED;
		return SGL_OK;
	}
	out->id = *id;
	out->mark = k.record.revocation;
	TRY(find_kept(o, id, &k, out, err));
	if (out->der.len == 0 ||
	    !is_young(out, sgl_engine_now(sgl_home_engine(o->home))))
		TRY(sign_shared(o, id, &k, out, err));
	out->is_shared = out->error == SGL_OCSP_SUCCESSFUL;
	return SGL_OK;
}

/* ----------------------------------------------------------- for one alone ---
 */

static sgl_status
answer_one(sgl_ca_ocsp *o, const sgl_ca_ocsp_question *q,
    sgl_ca_ocsp_answer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(signing)
	s = {.nonce = sgl_slice_of(q->nonce, q->nonce_len)};

	TRY(begin(o, q->ids[0].authority, &s, err));
	if (s.responder == NULL) {
		out->error = SGL_OCSP_TRY_LATER;
		return SGL_OK;
	}
	for (size_t i = 0; i < q->num_ids; i++) {
		SGL_AUTO_CLEAR(known) k = {.found = false};
		TRY(look_up(o, &q->ids[i], &k, err));
		TRY(add_answer(&s, &q->ids[i], &k, err));
	}
	return sign(o, &s, out, err);
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

sgl_status
sgl_ca_ocsp_ask(sgl_ca_ocsp *o, const sgl_ca_ocsp_question *q,
    sgl_ca_ocsp_answer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) a = {.error = SGL_OCSP_SUCCESSFUL};

	if (!is_about_one_authority(q))
		a.error = SGL_OCSP_UNAUTHORIZED;
	else if (q->num_ids == 1 && q->nonce_len == 0)
		TRY(answer_all(o, &q->ids[0], &a, err));
	else
		TRY(answer_one(o, q, &a, err));
	*out = a;
	a = (sgl_ca_ocsp_answer){0};
	return SGL_OK;
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
