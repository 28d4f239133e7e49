/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/life.h"
#include "ca/revoke.h"
#include "org/audit.h"
#include "org/people.h"
#include "store/recovery.h"
#include "sys/text.h"

#define ROOM "ca.life"

/* ------------------------------------------------------- certificates --- */

/* It says something to others: it is ours to revoke, and they believe it. */
static bool
is_alive(const sgl_cert_record *c, sgl_time now)
{
	return c->issuer != 0 && c->not_after >= now &&
	    (c->status != SGL_CERT_REVOKED ||
		c->revocation.reason == SGL_REASON_CERTIFICATE_HOLD);
}

static bool
is_for_signing(const sgl_cert_record *c)
{
	return c->purpose == SGL_CERT_SIGNING;
}

static bool
signs(const sgl_cert_records *list, size_t at)
{
	return is_for_signing(&list->items[at]);
}

/* Of one for both purposes the record for signing says it. */
static bool
is_any(const sgl_cert_records *list, size_t at)
{
	return signs(list, at) ||
	    sgl_cert_find_twin(list, &list->items[at]) == NULL;
}

static sgl_status
revoke(sgl_home *home, const sgl_person *p,
    bool (*is_meant)(const sgl_cert_records *, size_t),
    sgl_revocation_reason reason, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	const sgl_revocation_mark mark = {.reason = reason};
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (is_meant(&list, i) && is_alive(&list.items[i], now))
			TRY(sgl_ca_revoke(home, &list.items[i], &mark, err));
	return SGL_OK;
}

/* -------------------------------------------------------------- rename --- */

/* The address that it is already is no further one. */
static sgl_status
take_own(sgl_home *home, const sgl_person *p, const char *address,
    sgl_alias *out, sgl_err *err)
{
	sgl_status status =
	    sgl_people_find_alias(home, p->id, address, out, err);

	return status != SGL_E_NOKEY
	    ? status
	    : sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		  N_("is this person's address already: nothing was changed"),
		  "%s", p->address);
}

/* The new address belongs to the person from here on, as a further one. */
static sgl_status
take_address(sgl_home *home, const sgl_person *p, const char *address,
    sgl_alias *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) owner = {0};
	bool found;

	TRY(sgl_people_find(home, address, &owner, &found, err));
	if (found && owner.id == p->id)
		return take_own(home, p, address, out, err);
	TRY(sgl_people_new_alias(home, p->id, address, out, err));
	return sgl_store_add_alias(sgl_home_store(home), out, err);
}

static sgl_status
reload(sgl_home *home, sgl_person *p, sgl_err *err)
{
	int64_t id = p->id;
	bool found;

	sgl_person_clear(p);
	return sgl_store_get_person(sgl_home_store(home), id, p, &found, err);
}

sgl_status
sgl_life_rename(
    sgl_home *home, sgl_person *p, const char *address, bool keep, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_alias) a = {0};

	TRY(take_address(home, p, address, &a, err));
	TRY(sgl_store_rename_person(
	    sgl_home_store(home), p->id, sgl_slice_str(a.address_key), err));
	TRY(sgl_audit_add(
	    home, "user.rename", p->address, p->address, a.address, err));
	TRY(reload(home, p, err));
	if (!keep)
		TRY(revoke(home, p, signs, SGL_REASON_SUPERSEDED, err));
	return sgl_ca_issue_all(home, p, NULL, err);
}

/* -------------------------------------------------------------- states --- */

static sgl_status
refuse(const sgl_person *p, const char *why, sgl_err *err)
{
	return sgl_fail_at(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why, "%s", p->address);
}

static sgl_status
set_state(sgl_home *home, sgl_person *p, sgl_person_state state,
    const char *action, sgl_err *err)
{
	sgl_person_state before = p->state;

	p->state = state;
	p->suspended = state == SGL_PERSON_SUSPENDED
	    ? sgl_engine_now(sgl_home_engine(home))
	    : 0;
	TRY(sgl_store_set_person(sgl_home_store(home), p, err));
	return sgl_audit_add(home, action, p->address,
	    sgl_person_state_name(before), sgl_person_state_name(state), err);
}

sgl_status
sgl_life_suspend(sgl_home *home, sgl_person *p, sgl_err *err)
{
	if (p->state == SGL_PERSON_SUSPENDED)
		return refuse(p, N_("is suspended already"), err);
	if (p->state == SGL_PERSON_LEFT)
		return refuse(
		    p, N_("the person has left the organisation"), err);
	TRY(revoke(home, p, signs, SGL_REASON_CERTIFICATE_HOLD, err));
	return set_state(home, p, SGL_PERSON_SUSPENDED, "user.suspend", err);
}

/* What was on hold before has another cause, which may go on. */
static bool
is_held_by_us(const sgl_cert_record *c, const sgl_person *p)
{
	return is_for_signing(c) && c->status == SGL_CERT_REVOKED &&
	    c->revocation.reason == SGL_REASON_CERTIFICATE_HOLD &&
	    c->revocation.when >= p->suspended;
}

sgl_status
sgl_life_resume(sgl_home *home, sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	if (p->state == SGL_PERSON_LEFT)
		return refuse(p,
		    N_("the person has left, and the certificates are revoked "
		       "for good: delete this one and add a new one"),
		    err);
	if (p->state == SGL_PERSON_ACTIVE)
		return refuse(p, N_("is not suspended"), err);
	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (is_held_by_us(&list.items[i], p))
			TRY(sgl_ca_release(home, &list.items[i], err));
	return set_state(home, p, SGL_PERSON_ACTIVE, "user.resume", err);
}

static sgl_status
leave_shared(sgl_home *home, const sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};

	TRY(sgl_store_list_held(sgl_home_store(home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO_CLEAR(sgl_person) mailbox = {0};
		bool rotated;

		TRY(sgl_people_get(
		    home, list.items[i].mailbox_address, &mailbox, err));
		TRY(sgl_life_drop_holder(
		    home, &mailbox, p, SGL_REASON_SUPERSEDED, &rotated, err));
	}
	return SGL_OK;
}

sgl_status
sgl_life_leave(sgl_home *home, sgl_person *p, sgl_err *err)
{
	if (p->state == SGL_PERSON_LEFT)
		return refuse(p, N_("has left already"), err);
	TRY(revoke(home, p, is_any, SGL_REASON_AFFILIATION_CHANGED, err));
	TRY(leave_shared(home, p, err));
	return set_state(home, p, SGL_PERSON_LEFT, "user.leave", err);
}

/* -------------------------------------------------------------- delete --- */

static sgl_status
drop_keys(sgl_home *home, const sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	TRY(sgl_store_list_keys(sgl_home_store(home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(sgl_store_drop_key(
		    sgl_home_store(home), list.items[i].id, now, err));
	return sgl_store_drop_escrows(sgl_home_store(home), p->id, err);
}

sgl_status
sgl_life_delete(sgl_home *home, sgl_person *p, bool destroy, sgl_err *err)
{
	if (p->state != SGL_PERSON_LEFT)
		return refuse(p,
		    N_("only who has left can be deleted: sigill user leave "
		       "comes first"),
		    err);
	/* One that came after the leaving, by whatever way. */
	TRY(revoke(home, p, is_any, SGL_REASON_AFFILIATION_CHANGED, err));
	if (destroy)
		TRY(drop_keys(home, p, err));
	TRY(sgl_audit_add(home, "user.delete", p->address,
	    sgl_person_state_name(p->state),
	    destroy ? "keys destroyed" : "keys kept", err));
	return sgl_store_delete_person(sgl_home_store(home), p->id,
	    sgl_engine_now(sgl_home_engine(home)), err);
}

/* ------------------------------------------------------------- holders --- */

static sgl_status
rotate(sgl_home *home, const sgl_person *mailbox, sgl_revocation_reason reason,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};
	sgl_store *store = sgl_home_store(home);

	TRY(revoke(home, mailbox, is_any, reason, err));
	/* Those who stay have the old keys, and must be given the new ones. */
	TRY(sgl_store_list_holders(store, mailbox->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(sgl_store_set_handed(
		    store, mailbox->id, list.items[i].person, 0, err));
	TRY(sgl_audit_add(home, "cert.rotate", mailbox->address, NULL,
	    sgl_revocation_reason_name(reason), err));
	return mailbox->state == SGL_PERSON_ACTIVE
	    ? sgl_ca_issue_all(home, mailbox, NULL, err)
	    : SGL_OK;
}

static sgl_status
was_handed(sgl_home *home, const sgl_person *mailbox, const sgl_person *holder,
    bool *handed, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};

	TRY(sgl_store_list_holders(
	    sgl_home_store(home), mailbox->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].person == holder->id) {
			*handed = list.items[i].handed != 0;
			return SGL_OK;
		}
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("is not a holder of this mailbox"), "%s", holder->address);
}

sgl_status
sgl_life_drop_holder(sgl_home *home, sgl_person *mailbox,
    const sgl_person *holder, sgl_revocation_reason reason, bool *rotated,
    sgl_err *err)
{
	bool handed = false, removed;

	TRY(was_handed(home, mailbox, holder, &handed, err));
	TRY(sgl_store_remove_holder(
	    sgl_home_store(home), mailbox->id, holder->id, &removed, err));
	TRY(sgl_audit_add(home, "holder.remove", mailbox->address,
	    holder->address, NULL, err));
	*rotated = handed;
	return *rotated ? rotate(home, mailbox, reason, err) : SGL_OK;
}
