/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery officers, and the key that is shared among them. */
#include <stdio.h>

#include "org/audit.h"
#include "org/custody.h"
#include "org/people.h"
#include "org/recovery.h"
#include "pki/cert.h"
#include "sigill/cms.h"
#include "sys/text.h"
#include "vault/keeper_recovery.h"

#define ROOM "org.recovery"

/* ------------------------------------------------------------ officers --- */

static sgl_status
refuse_certificate(const char *why, sgl_err *err)
{
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why);
}

/* The first certificate that may be used so, or NULL. */
static sgl_cert *
find_usable(const sgl_keyring *ring, bool (*may)(const sgl_cert *))
{
	for (size_t i = 0; i < ring->certs.num; i++)
		if (!sgl_cert_is_ca(ring->certs.items[i]) &&
		    may(ring->certs.items[i]))
			return ring->certs.items[i];
	return NULL;
}

static sgl_status
check_valid(const sgl_home *home, const sgl_cert *cert, sgl_err *err)
{
	if (sgl_cert_is_valid_at(cert, sgl_engine_now(sgl_home_engine(home))))
		return SGL_OK;
	return refuse_certificate(
	    N_("the officer's certificate is not valid now"), err);
}

static sgl_status
copy_der(const sgl_cert *cert, sgl_buf *out, sgl_err *err)
{
	sgl_slice der = sgl_cert_get_der(cert);

	*out = sgl_buf_init(der.len);
	return sgl_buf_add(out, der, err);
}

static sgl_status
set_certs(sgl_home *home, sgl_slice file, sgl_officer_record *o, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	const sgl_cert *signs, *decrypts;

	TRY(sgl_load(sgl_home_engine(home), file, (sgl_slice){NULL, 0}, &ring,
	    NULL, NULL, err));
	signs = find_usable(&ring, sgl_cert_has_signing_usage);
	decrypts = find_usable(&ring, sgl_cert_has_encryption_usage);
	if (signs == NULL)
		return refuse_certificate(
		    N_("no certificate that may sign is in the file"), err);
	if (decrypts == NULL)
		return refuse_certificate(
		    N_("no certificate that one may encrypt to is in the "
		       "file"),
		    err);
	TRY(check_valid(home, signs, err));
	TRY(check_valid(home, decrypts, err));
	TRY(copy_der(signs, &o->signing, err));
	return copy_der(decrypts, &o->encryption, err);
}

static sgl_status
same_key(sgl_engine *engine, const sgl_buf *a, const sgl_buf *b, bool *same,
    sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	one = NULL;
	SGL_AUTO(sgl_cert)
	other = NULL;

	TRY(sgl_cert_read(engine, sgl_buf_slice(a), &one, err));
	TRY(sgl_cert_read(engine, sgl_buf_slice(b), &other, err));
	*same = sgl_slice_eq(sgl_cert_get_spki(one), sgl_cert_get_spki(other));
	return SGL_OK;
}

/* Whoever had two offices would be two officers. */
static sgl_status
check_own(sgl_home *home, const sgl_officer_record *o, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_records) list = {0};
	sgl_engine *engine = sgl_home_engine(home);
	bool signs, decrypts;

	TRY(sgl_store_list_officers(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		const sgl_officer_record *other = &list.items[i];

		TRY(same_key(
		    engine, &o->signing, &other->signing, &signs, err));
		TRY(same_key(engine, &o->encryption, &other->encryption,
		    &decrypts, err));
		if (signs || decrypts)
			return sgl_fail_at(err, SGL_E_USAGE, ROOM,
			    SGL_NO_OFFSET,
			    N_("another officer has the key of this "
			       "certificate"),
			    "%s", other->name);
	}
	if (list.num < SGL_RECOVERY_OFFICERS_MAX)
		return SGL_OK;
	return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
	    N_("there are as many officers as there can be"));
}

static sgl_status
check_name(sgl_home *home, const char *name, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_record) there = {0};
	bool found;

	if (!sgl_recovery_line_is_fit(sgl_slice_str(name)))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this cannot be the name of an officer"));
	TRY(sgl_store_find_officer(
	    sgl_home_store(home), name, &there, &found, err));
	if (!found)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("an officer has this name already"), "%s", name);
}

sgl_status
sgl_officer_add(sgl_home *home, const char *name, sgl_slice file,
    sgl_officer_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_record) o = {0};

	TRY(check_name(home, name, err));
	TRY(set_certs(home, file, &o, err));
	TRY(check_own(home, &o, err));
	TRY(sgl_slice_copy(
	    sgl_slice_str(name), (uint8_t **)&o.name, ROOM, err));
	o.created = sgl_engine_now(sgl_home_engine(home));
	TRY(sgl_store_add_officer(sgl_home_store(home), &o, &o.id, err));
	TRY(sgl_audit_add(home, "recovery.officer-add", name, NULL, NULL, err));
	*out = o;
	o = (sgl_officer_record){0};
	return SGL_OK;
}

/* How many have shares of a recovery key, and office, but `without`. */
static sgl_status
count_in_office(sgl_store *store, int64_t recovery_key, int64_t without,
    int64_t *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_share_records) list = {0};

	TRY(sgl_store_list_shares(store, recovery_key, &list, err));
	*out = 0;
	for (size_t i = 0; i < list.num; i++)
		*out += list.items[i].removed == 0 &&
		    list.items[i].officer != without;
	return SGL_OK;
}

/* What is escrowed to any recovery key must stay within reach of enough. */
static sgl_status
check_reach(sgl_store *store, int64_t without, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_key_record) newest = {0};
	bool found;

	TRY(sgl_store_find_recovery_key(store, 0, &newest, &found, err));
	for (int64_t id = found ? newest.id : 0; id > 0; id--) {
		SGL_AUTO_CLEAR(sgl_recovery_key_record) k = {0};
		int64_t escrowed, left;

		TRY(sgl_store_find_recovery_key(store, id, &k, &found, err));
		if (!found)
			continue;
		TRY(sgl_store_count_escrows(store, id, &escrowed, err));
		TRY(count_in_office(store, id, without, &left, err));
		if (escrowed > 0 && left < k.threshold)
			return sgl_fail_at(err, SGL_E_USAGE, ROOM,
			    SGL_NO_OFFSET,
			    N_("keys could be recovered no more, for too few "
			       "officers would have a share: add others and "
			       "make a new recovery key first"),
			    "%lld", (long long)escrowed);
	}
	return SGL_OK;
}

sgl_status
sgl_officer_remove(sgl_home *home, const char *name, bool force, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_record) o = {0};
	sgl_store *store = sgl_home_store(home);
	bool found;

	TRY(sgl_store_find_officer(store, name, &o, &found, err));
	if (!found)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("no officer has this name"), "%s", name);
	if (!force)
		TRY(check_reach(store, o.id, err));
	TRY(sgl_store_remove_officer(
	    store, o.id, sgl_engine_now(sgl_home_engine(home)), err));
	return sgl_audit_add(
	    home, "recovery.officer-remove", name, NULL, NULL, err);
}

/* -------------------------------------------------------- recovery key --- */

/* Those in office, with their certificates parsed. */
static sgl_status
fill_member(sgl_home *home, const sgl_officer_record *o, sgl_cert **signs,
    sgl_recovery_member *m, sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);

	m->officer = o->id;
	TRY(sgl_cert_read(engine, sgl_buf_slice(&o->signing), signs, err));
	m->signs = sgl_cert_get_spki(*signs);
	return sgl_cert_read(
	    engine, sgl_buf_slice(&o->encryption), &m->decrypts, err);
}

typedef struct meeting {
	sgl_recovery_plan plan;
	sgl_cert *signs[SGL_RECOVERY_OFFICERS_MAX];
} meeting;

static void
meeting_clear(meeting *m)
{
	for (size_t i = 0; i < SGL_RECOVERY_OFFICERS_MAX; i++) {
		sgl_cert_unref(m->signs[i]);
		sgl_cert_unref(m->plan.members[i].decrypts);
	}
}
SGL_AUTO_CLEAR_TYPE(meeting, meeting_clear)

static sgl_status
call_meeting(sgl_home *home, meeting *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_records) list = {0};

	TRY(sgl_store_list_officers(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num && i < SGL_RECOVERY_OFFICERS_MAX; i++) {
		TRY(fill_member(home, &list.items[i], &m->signs[i],
		    &m->plan.members[i], err));
		m->plan.num_members++;
	}
	return SGL_OK;
}

static sgl_status
get_keeper(sgl_home *home, sgl_keeper **out, sgl_err *err)
{
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	*out = sgl_vault_keeper(vault);
	return SGL_OK;
}

static sgl_status
store_made(sgl_home *home, const sgl_recovery_plan *plan,
    const sgl_recovery_made *made, sgl_err *err)
{
	const sgl_recovery_key_record k = {
	    .id = plan->id, .spki = made->spki, .policy = made->policy};

	TRY(sgl_store_set_recovery_key(sgl_home_store(home), &k, err));
	for (size_t i = 0; i < plan->num_members; i++)
		TRY(sgl_store_add_share(sgl_home_store(home), plan->id,
		    plan->members[i].officer,
		    sgl_buf_slice(&made->envelopes[i]), err));
	return SGL_OK;
}

static sgl_status
make_key(sgl_home *home, sgl_recovery_plan *plan, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_made) made;
	const sgl_recovery_key_record k = {.threshold = plan->threshold,
	    .created = sgl_engine_now(sgl_home_engine(home))};
	sgl_keeper *keeper = NULL;

	sgl_recovery_made_init(&made);
	TRY(get_keeper(home, &keeper, err));
	TRY(sgl_store_add_recovery_key(
	    sgl_home_store(home), &k, &plan->id, err));
	TRY(sgl_keeper_recovery_make(keeper, plan, &made, err));
	return store_made(home, plan, &made, err);
}

/* ------------------------------------------------------------- escrow --- */

static sgl_status
escrow(sgl_home *home, const sgl_recovery_key_record *to,
    const sgl_key_record *key, const char *made_for, sgl_err *err)
{
	const sgl_recovery_policy policy = {to->id, sgl_buf_slice(&to->policy)};
	const sgl_sealed_key sealed = {
	    {.id = key->id, .spki_digest = sgl_slice_of(key->spki_digest, 32)},
	    sgl_buf_slice(&key->sealed)};
	sgl_escrow_record e = {.key = key->id,
	    .recovery_key = to->id,
	    .sealed = sgl_buf_init(SGL_SEALED_MAX),
	    .created = sgl_engine_now(sgl_home_engine(home))};
	sgl_keeper *keeper = NULL;
	sgl_status status = get_keeper(home, &keeper, err);

	if (status == SGL_OK)
		status = sgl_slice_copy(sgl_slice_str(made_for),
		    (uint8_t **)&e.made_for, ROOM, err);
	if (status == SGL_OK)
		status = sgl_keeper_escrow(keeper, &policy, &sealed,
		    sgl_slice_str(made_for), &e.sealed, err);
	if (status == SGL_OK)
		status = sgl_store_set_escrow(sgl_home_store(home), &e, err);
	sgl_escrow_record_clear(&e);
	return status;
}

/* Never a key that signs, too, whatever it is recorded for: whoever got it
 * could sign as its owner. Unless just that was accepted. */
static sgl_status
may_escrow(sgl_home *home, int64_t person, int64_t key, bool *may, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	bool opens = false, signs = false;

	TRY(sgl_store_list_certs(sgl_home_store(home), person, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		const sgl_cert_record *c = &list.items[i];
		SGL_AUTO(sgl_cert)
		cert = NULL;
		if (c->key != key)
			continue;
		TRY(sgl_cert_read(
		    sgl_home_engine(home), sgl_buf_slice(&c->der), &cert, err));
		opens |= c->purpose == SGL_CERT_ENCRYPTION;
		signs |=
		    c->purpose == SGL_CERT_SIGNING || sgl_cert_may_sign(cert);
	}
	*may = opens && (!signs || sgl_home_organisation(home)->keeps_dual);
	return SGL_OK;
}

sgl_status
sgl_recovery_escrow(
    sgl_home *home, int64_t key, const sgl_person *person, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_key_record) to = {0};
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_store *store = sgl_home_store(home);
	bool found, may;

	if (person->custody == SGL_CUSTODY_SEALED)
		return SGL_OK;
	TRY(sgl_store_find_recovery_key(store, 0, &to, &found, err));
	if (!found)
		return SGL_OK;
	TRY(may_escrow(home, person->id, key, &may, err));
	if (!may)
		return SGL_OK;
	TRY(sgl_store_find_key(store, key, &k, &found, err));
	if (!found || k.sealed.len == 0)
		return SGL_OK; /* made elsewhere */
	return escrow(home, &to, &k, person->address, err);
}

sgl_status
sgl_recovery_escrow_all(sgl_home *home, const sgl_person *person, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) keys = {0};

	TRY(sgl_store_list_keys(sgl_home_store(home), person->id, &keys, err));
	for (size_t i = 0; i < keys.num; i++)
		TRY(sgl_recovery_escrow(home, keys.items[i].id, person, err));
	return SGL_OK;
}

typedef struct sweep {
	sgl_home *home;
	sgl_recovery_key_record to;
	size_t num;
} sweep;

/* What was handed out need not be here any more. */
static sgl_status
settle(sgl_home *home, const sgl_key_record *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	bool found;

	TRY(sgl_store_get_person(
	    sgl_home_store(home), k->person, &p, &found, err));
	return found ? sgl_custody_settle(home, &p, &k->id, 1, NULL, err)
		     : SGL_OK;
}

static sgl_status
escrow_one(
    void *ctx, const sgl_key_record *k, const char *address, sgl_err *err)
{
	sweep *s = ctx;
	bool may;

	TRY(may_escrow(s->home, k->person, k->id, &may, err));
	if (!may)
		return SGL_OK;
	TRY(escrow(s->home, &s->to, k, address, err));
	s->num++;
	return k->handed == 0 ? SGL_OK : settle(s->home, k, err);
}

static sgl_status
escrow_all(sgl_home *home, int64_t recovery_key, size_t *num, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	sweep s = {.home = home};
	sgl_status status;
	bool found;

	TRY(sgl_store_find_recovery_key(
	    store, recovery_key, &s.to, &found, err));
	status = sgl_store_each_unescrowed(store, recovery_key,
	    sgl_home_organisation(home)->keeps_dual, escrow_one, &s, err);
	*num = s.num;
	sgl_recovery_key_record_clear(&s.to);
	return status;
}

static sgl_status
count_left(sgl_store *store, int64_t newest, size_t *out, sgl_err *err)
{
	int64_t num;

	*out = 0;
	for (int64_t id = 1; id < newest; id++) {
		TRY(sgl_store_count_escrows(store, id, &num, err));
		*out += (size_t)num;
	}
	return SGL_OK;
}

static sgl_status
note_set(sgl_home *home, unsigned threshold, const sgl_recovery_set *set,
    sgl_err *err)
{
	char object[64], after[128];

	(void)snprintf(object, sizeof object, "%lld", (long long)set->id);
	(void)snprintf(after, sizeof after, "%u of %zu, %zu keys", threshold,
	    set->num_officers, set->num_escrowed);
	return sgl_audit_add(home, "recovery.set", object, NULL, after, err);
}

sgl_status
sgl_recovery_set_up(
    sgl_home *home, unsigned threshold, sgl_recovery_set *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(meeting) m = {.plan = {.threshold = threshold}};
	sgl_recovery_set set = {0};

	TRY(call_meeting(home, &m, err));
	TRY(make_key(home, &m.plan, err));
	set.id = m.plan.id;
	set.num_officers = m.plan.num_members;
	TRY(escrow_all(home, set.id, &set.num_escrowed, err));
	TRY(count_left(sgl_home_store(home), set.id, &set.num_left, err));
	TRY(note_set(home, threshold, &set, err));
	*out = set;
	return SGL_OK;
}
