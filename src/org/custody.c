/* SPDX-License-Identifier: Apache-2.0 */
#include "org/audit.h"
#include "org/custody.h"
#include "org/recovery.h"
#include "sys/text.h"

#define ROOM "org.custody"

static sgl_time
now_of(const sgl_home *home)
{
	return sgl_engine_now(sgl_home_engine(home));
}

static sgl_status
refuse(const sgl_person *p, const char *why, sgl_err *err)
{
	return sgl_fail_at(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why, "%s", p->address);
}

/* ------------------------------------------------------- who may have them ---
 */

static sgl_status
check_state(const sgl_person *p, sgl_err *err)
{
	switch (p->state) {
	case SGL_PERSON_SUSPENDED:
		return refuse(p,
		    N_("is suspended: no keys are handed out (sigill user "
		       "resume ends that)"),
		    err);
	case SGL_PERSON_LEFT:
		return refuse(p,
		    N_("the person has left the organisation: no keys are "
		       "handed out"),
		    err);
	case SGL_PERSON_ACTIVE:
		break;
	}
	return SGL_OK;
}

static sgl_status
check_holder(
    sgl_home *home, const sgl_person *p, const sgl_person *holder, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};

	TRY(check_state(holder, err));
	TRY(sgl_store_list_holders(sgl_home_store(home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].person == holder->id)
			return SGL_OK;
	return refuse(holder,
	    N_("is not a holder of this mailbox (sigill user holder add)"),
	    err);
}

sgl_status
sgl_custody_check(
    sgl_home *home, const sgl_person *p, const sgl_person *holder, sgl_err *err)
{
	TRY(check_state(p, err));
	if (p->is_shared && holder == NULL)
		return refuse(p,
		    N_("is a shared mailbox: say with --holder who is given "
		       "its keys"),
		    err);
	if (!p->is_shared && holder != NULL)
		return refuse(
		    p, N_("is not a shared mailbox: leave out --holder"), err);
	return holder == NULL ? SGL_OK : check_holder(home, p, holder, err);
}

/* ------------------------------------------------------------ handing out ---
 */

sgl_status
sgl_custody_hand_out(sgl_home *home, const sgl_person *p,
    const sgl_person *holder, const int64_t *keys, size_t num, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	sgl_time now = now_of(home);

	for (size_t i = 0; i < num; i++)
		TRY(sgl_store_hand_key(store, keys[i], now, err));
	if (holder == NULL)
		return SGL_OK;
	TRY(sgl_audit_add(
	    home, "holder.hand-out", p->address, NULL, holder->address, err));
	return sgl_store_set_handed(store, p->id, holder->id, now, err);
}

bool
sgl_custody_keeps(sgl_custody custody, sgl_cert_purpose purpose)
{
	switch (custody) {
	case SGL_CUSTODY_USER:
		return purpose == SGL_CERT_ENCRYPTION;
	case SGL_CUSTODY_SERVER:
		return true;
	case SGL_CUSTODY_SEALED:
		break;
	}
	return false;
}

static bool
is_escrowed(const sgl_escrow_records *list, int64_t key)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].key == key)
			return true;
	return false;
}

/* What the keys of a person are for, and what is escrowed of them. */
typedef struct holding {
	sgl_cert_records certs;
	sgl_escrow_records escrows;
} holding;

static void
holding_clear(holding *h)
{
	sgl_cert_records_clear(&h->certs);
	sgl_escrow_records_clear(&h->escrows);
}
SGL_AUTO_CLEAR_TYPE(holding, holding_clear)

static sgl_status
list_holding(sgl_home *home, const sgl_person *p, holding *h, sgl_err *err)
{
	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &h->certs, err));
	return sgl_store_list_escrows(
	    sgl_home_store(home), p->id, &h->escrows, err);
}

static bool
is_used_for(
    const sgl_cert_records *certs, int64_t key, sgl_cert_purpose purpose)
{
	for (size_t i = 0; i < certs->num; i++)
		if (certs->items[i].key == key &&
		    certs->items[i].purpose == purpose)
			return true;
	return false;
}

/* What a key is for where custody is asked: one that signs is a key to sign,
 * whatever else it does, unless the organisation accepts to keep such. */
static sgl_cert_purpose
purpose_of(const sgl_home *home, const sgl_cert_records *certs, int64_t key)
{
	bool opens = is_used_for(certs, key, SGL_CERT_ENCRYPTION);
	bool signs = is_used_for(certs, key, SGL_CERT_SIGNING) &&
	    !(opens && sgl_home_organisation(home)->keeps_dual);

	return opens && !signs ? SGL_CERT_ENCRYPTION : SGL_CERT_SIGNING;
}

/* Of one that officers can recover no copy is needed that the master key
 * opens. */
static bool
is_kept(
    const sgl_home *home, sgl_custody custody, const holding *h, int64_t key)
{
	if (custody == SGL_CUSTODY_USER && is_escrowed(&h->escrows, key))
		return false;
	return sgl_custody_keeps(custody, purpose_of(home, &h->certs, key));
}

static sgl_status
wipe_one(sgl_home *home, const sgl_person *p, const holding *h, int64_t id,
    size_t *wiped, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_store *store = sgl_home_store(home);
	bool found;

	if (is_kept(home, p->custody, h, id))
		return SGL_OK;
	TRY(sgl_store_find_key(store, id, &k, &found, err));
	if (!found || k.handed == 0 || k.sealed.len == 0)
		return SGL_OK;
	TRY(sgl_store_drop_key(store, id, now_of(home), err));
	++*wiped;
	return SGL_OK;
}

static sgl_status
note_wiped(sgl_home *home, const sgl_person *p, size_t num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(64);

	if (num == 0)
		return SGL_OK;
	TRY(sgl_buf_printf(&text, err, "%zu keys, custody %s", num,
	    sgl_custody_name(p->custody)));
	TRY(sgl_buf_add(&text, sgl_slice_of("", 1), err));
	return sgl_audit_add(
	    home, "key.wipe", p->address, NULL, (const char *)text.data, err);
}

sgl_status
sgl_custody_settle(sgl_home *home, const sgl_person *p, const int64_t *keys,
    size_t num, size_t *wiped, sgl_err *err)
{
	SGL_AUTO_CLEAR(holding) h = {0};
	size_t n = 0;

	TRY(list_holding(home, p, &h, err));
	for (size_t i = 0; i < num; i++)
		TRY(wipe_one(home, p, &h, keys[i], &n, err));
	TRY(note_wiped(home, p, n, err));
	if (wiped != NULL)
		*wiped = n;
	return SGL_OK;
}

/* --------------------------------------------------------- another custody ---
 */

static const sgl_cert_record *
find_newest(const sgl_cert_records *list, sgl_cert_purpose purpose)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].purpose == purpose &&
		    list->items[i].status == SGL_CERT_CURRENT)
			return &list->items[i];
	return NULL;
}

/* The key in use for a purpose, if the custody keeps it. */
static sgl_status
check_here(sgl_home *home, const sgl_person *p, sgl_custody to,
    sgl_cert_purpose purpose, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	const sgl_cert_record *newest;
	bool found;

	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &list, err));
	newest = find_newest(&list, purpose);
	if (newest == NULL ||
	    !sgl_custody_keeps(to, purpose_of(home, &list, newest->key)))
		return SGL_OK;
	TRY(sgl_store_find_key(
	    sgl_home_store(home), newest->key, &k, &found, err));
	if (found && k.sealed.len > 0)
		return SGL_OK;
	return refuse(p,
	    N_("the key in use was handed out and is not here any more, so it "
	       "cannot be kept; sigill cert renew makes a new one first"),
	    err);
}

static sgl_status
check_change(sgl_home *home, const sgl_person *p, sgl_custody to, sgl_err *err)
{
	if (p->is_shared && to != SGL_CUSTODY_SERVER)
		return refuse(p,
		    N_("is a shared mailbox, whose keys are handed to several: "
		       "they are kept here (custody server)"),
		    err);
	TRY(check_here(home, p, to, SGL_CERT_SIGNING, err));
	return check_here(home, p, to, SGL_CERT_ENCRYPTION, err);
}

static sgl_status
wipe_handed(sgl_home *home, const sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	SGL_AUTO_CLEAR(holding) h = {0};
	size_t wiped = 0;

	TRY(sgl_store_list_keys(sgl_home_store(home), p->id, &list, err));
	TRY(list_holding(home, p, &h, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(wipe_one(home, p, &h, list.items[i].id, &wiped, err));
	return note_wiped(home, p, wiped, err);
}

sgl_status
sgl_custody_change(sgl_home *home, sgl_person *p, sgl_custody to, sgl_err *err)
{
	sgl_custody from = p->custody;
	size_t num;

	TRY(check_change(home, p, to, err));
	p->custody = to;
	TRY(sgl_store_set_person(sgl_home_store(home), p, err));
	TRY(sgl_audit_add(home, "user.custody", p->address,
	    sgl_custody_name(from), sgl_custody_name(to), err));
	if (to == SGL_CUSTODY_SERVER && !p->is_shared)
		TRY(sgl_custody_confirm(home, p, SGL_CUSTODY_ANY, &num, err));
	TRY(to == SGL_CUSTODY_SEALED
		? sgl_store_drop_escrows(sgl_home_store(home), p->id, err)
		: sgl_recovery_escrow_all(home, p, err));
	return wipe_handed(home, p, err);
}

/* ---------------------------------------------------------------- waiting ---
 */

/* The newest of a purpose is in use: those before it are not any more. */
static sgl_status
confirm_one(sgl_home *home, const sgl_cert_records *list,
    sgl_cert_purpose purpose, sgl_time until, size_t *num, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	const sgl_cert_record *newest = find_newest(list, purpose);

	if (newest == NULL || newest->waits_until == 0 ||
	    newest->waits_until > until)
		return SGL_OK;
	TRY(sgl_store_confirm_cert(store, newest->id, err));
	++*num;
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].purpose == newest->purpose &&
		    list->items[i].id != newest->id)
			TRY(sgl_store_supersede_cert(
			    store, list->items[i].id, now_of(home), err));
	return SGL_OK;
}

sgl_status
sgl_custody_confirm(sgl_home *home, const sgl_person *p, sgl_time until,
    size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	size_t n = 0;

	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &list, err));
	TRY(confirm_one(home, &list, SGL_CERT_SIGNING, until, &n, err));
	TRY(confirm_one(home, &list, SGL_CERT_ENCRYPTION, until, &n, err));
	if (n > 0)
		TRY(sgl_audit_add(
		    home, "cert.confirm", p->address, NULL, NULL, err));
	*num = n;
	return SGL_OK;
}
