/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to recover keys. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/hash.h"
#include "org/audit.h"
#include "org/choose.h"
#include "org/people.h"
#include "org/recovery.h"
#include "pki/cert.h"
#include "sys/text.h"
#include "vault/keeper_recovery.h"

#define ROOM "org.recovery"
#define DAY ((sgl_time)86400)
#define STATEMENT_MAX ((size_t)1 << 20)

static sgl_time
now_of(const sgl_home *home)
{
	return sgl_engine_now(sgl_home_engine(home));
}

static sgl_status
copy_text(const char *text, char **out, sgl_err *err)
{
	return sgl_slice_copy(sgl_slice_str(text), (uint8_t **)out, ROOM, err);
}

static sgl_status
get_keeper(sgl_home *home, sgl_keeper **out, sgl_err *err)
{
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	*out = sgl_vault_keeper(vault);
	return SGL_OK;
}

/* ------------------------------------------------------------- opening --- */

/* Which of a person's escrowed keys the request is about. */
static size_t
count_of(const sgl_escrow_records *list, int64_t recovery_key)
{
	size_t num = 0;

	for (size_t i = 0; i < list->num; i++)
		num += list->items[i].recovery_key == recovery_key;
	return num;
}

static sgl_status
choose_key(const sgl_recovery_wish *wish, const sgl_escrow_records *list,
    int64_t *out, sgl_err *err)
{
	*out = wish->recovery_key;
	for (size_t i = 0; i < list->num && wish->recovery_key == 0; i++)
		if (list->items[i].recovery_key > *out)
			*out = list->items[i].recovery_key;
	if (count_of(list, *out) > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("no key of this person is escrowed"), "%s", wish->address);
}

static sgl_status
fill_request(sgl_home *home, const sgl_recovery_wish *wish, const char *address,
    sgl_request_record *r, sgl_err *err)
{
	r->opened = now_of(home);
	r->expires = r->opened +
	    (wish->open_for == 0 ? SGL_RECOVERY_DAYS * DAY : wish->open_for);
	r->tell = r->opened + wish->tell_after;
	TRY(copy_text(address, &r->address, err));
	TRY(copy_text(wish->number, &r->number, err));
	TRY(copy_text(wish->reason, &r->reason, err));
	return copy_text(sgl_home_actor(home), &r->opened_by, err);
}

static sgl_status
begin_session(sgl_home *home, sgl_request_record *r, sgl_err *err)
{
	sgl_keeper *keeper = NULL;

	r->session = sgl_buf_init(SGL_RECOVERY_SPKI_MAX);
	r->session_sealed = sgl_buf_init(SGL_SEALED_MAX);
	TRY(get_keeper(home, &keeper, err));
	TRY(sgl_keeper_recovery_begin(
	    keeper, r->id, &r->session, &r->session_sealed, err));
	return sgl_store_set_session(sgl_home_store(home), r, err);
}

static sgl_status
store_request(sgl_home *home, const sgl_escrow_records *list,
    sgl_request_record *r, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_store_add_request(store, r, &r->id, err));
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].recovery_key == r->recovery_key)
			TRY(sgl_store_add_request_key(
			    store, r->id, list->items[i].key, err));
	return begin_session(home, r, err);
}

static sgl_status
note(sgl_home *home, const char *action, const sgl_request_record *r,
    const char *more, sgl_err *err)
{
	char object[64];

	(void)snprintf(object, sizeof object, "%lld", (long long)r->id);
	return sgl_audit_add(home, action, object, r->address, more, err);
}

/* When the person may be told is a part of the record, however long it is. */
static sgl_status
note_open(sgl_home *home, const sgl_request_record *r, sgl_err *err)
{
	char after[1200];

	(void)snprintf(after, sizeof after, "case %s: %s; told after %lld s",
	    r->number, r->reason, (long long)(r->tell - r->opened));
	return note(home, "recovery.open", r, after, err);
}

static sgl_status
check_words(const sgl_recovery_wish *wish, sgl_err *err)
{
	const char *const words[] = {wish->number, wish->reason};

	for (size_t i = 0; i < 2; i++)
		if (!sgl_recovery_line_is_fit(sgl_slice_str(words[i])))
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    N_("case and reason are one line each, of 500 "
			       "bytes at most"));
	return SGL_OK;
}

sgl_status
sgl_recovery_open(sgl_home *home, const sgl_recovery_wish *wish,
    sgl_request_record *out, size_t *left, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) r = {0};
	SGL_AUTO_CLEAR(sgl_escrow_records) list = {0};
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(check_words(wish, err));
	TRY(sgl_people_get(home, wish->address, &p, err));
	TRY(sgl_store_list_escrows(sgl_home_store(home), p.id, &list, err));
	TRY(choose_key(wish, &list, &r.recovery_key, err));
	r.person = p.id;
	TRY(fill_request(home, wish, p.address, &r, err));
	TRY(store_request(home, &list, &r, err));
	TRY(note_open(home, &r, err));
	*left = list.num - count_of(&list, r.recovery_key);
	*out = r;
	r = (sgl_request_record){0};
	return SGL_OK;
}

/* The oldest recovery key that something is sealed to, but the newest. */
static sgl_status
find_old_key(sgl_home *home, const sgl_recovery_wish *wish,
    sgl_request_record *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_key_record) newest = {0};
	sgl_store *store = sgl_home_store(home);
	int64_t id = wish->recovery_key == 0 ? 1 : wish->recovery_key;
	int64_t last, num = 0;
	bool found;

	TRY(sgl_store_find_recovery_key(store, 0, &newest, &found, err));
	last = wish->recovery_key == 0 ? newest.id - 1 : id;
	for (; id <= last && id < newest.id; id++) {
		TRY(sgl_store_count_escrows(store, id, &num, err));
		if (num > 0) {
			r->recovery_key = id;
			r->move_to = newest.id;
			return SGL_OK;
		}
	}
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("nothing is sealed to an older recovery key"));
}

sgl_status
sgl_recovery_open_move(sgl_home *home, const sgl_recovery_wish *wish,
    sgl_request_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_record) r = {0};

	TRY(check_words(wish, err));
	TRY(find_old_key(home, wish, &r, err));
	TRY(fill_request(home, wish, "", &r, err));
	TRY(sgl_store_add_request(sgl_home_store(home), &r, &r.id, err));
	TRY(begin_session(home, &r, err));
	TRY(note_open(home, &r, err));
	*out = r;
	r = (sgl_request_record){0};
	return SGL_OK;
}

/* ------------------------------------------------------------- finding --- */

sgl_status
sgl_recovery_get(
    sgl_home *home, const char *id, sgl_request_record *out, sgl_err *err)
{
	char *end = NULL;
	long long number = strtoll(id, &end, 10);
	bool found = false;

	if (*end == '\0' && number > 0)
		TRY(sgl_store_find_request(
		    sgl_home_store(home), number, out, &found, err));
	return found ? SGL_OK
		     : sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			   N_("there is no such request (see: sigill recovery "
			      "list)"),
			   "%s", id);
}

const char *
sgl_recovery_state(const sgl_request_record *r, size_t approvals,
    int64_t threshold, sgl_time now)
{
	switch (r->state) {
	case SGL_REQUEST_COLLECTED:
		return N_("collected");
	case SGL_REQUEST_CANCELLED:
		return N_("cancelled");
	case SGL_REQUEST_OPEN:
		break;
	}
	if (now >= r->expires)
		return N_("expired");
	return (int64_t)approvals >= threshold ? N_("approved") : N_("open");
}

/* -------------------------------------------------- as the keyholder wants ---
 */

/* A request with all that belongs to it; what `file` says it borrows. */
typedef struct dossier {
	sgl_recovery_key_record key, to; /* to: of a move */
	sgl_escrow_records escrows;
	sgl_approval_records approvals;
	sgl_recovery_key *facts;
	sgl_escrowed_key *sealed;
	sgl_digest recovery_key, move_to;
	sgl_recovery_file file;
} dossier;

static void
dossier_clear(dossier *d)
{
	sgl_recovery_key_record_clear(&d->key);
	sgl_recovery_key_record_clear(&d->to);
	sgl_escrow_records_clear(&d->escrows);
	sgl_approval_records_clear(&d->approvals);
	sgl_mem_free(d->facts);
	sgl_mem_free(d->sealed);
}
SGL_AUTO_CLEAR_TYPE(dossier, dossier_clear)

static sgl_status
fill_keys(dossier *d, sgl_err *err)
{
	d->facts = sgl_mem_zeroed(d->escrows.num + 1, sizeof *d->facts);
	d->sealed = sgl_mem_zeroed(d->escrows.num + 1, sizeof *d->sealed);
	if (d->facts == NULL || d->sealed == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < d->escrows.num; i++) {
		const sgl_escrow_record *e = &d->escrows.items[i];
		const sgl_slice digest = sgl_slice_of(e->spki_digest, 32);
		const sgl_slice made_for = sgl_slice_str(e->made_for);

		d->facts[i] = (sgl_recovery_key){e->key, digest, made_for};
		d->sealed[i] =
		    (sgl_escrowed_key){{.id = e->key, .spki_digest = digest},
			made_for, sgl_buf_slice(&e->sealed)};
	}
	return SGL_OK;
}

static sgl_status
fill_file(sgl_home *home, const sgl_request_record *r, dossier *d, sgl_err *err)
{
	TRY(sgl_hash_once(sgl_home_engine(home), SGL_DIGEST_SHA256,
	    sgl_buf_slice(&d->key.spki), &d->recovery_key, err));
	d->file.policy =
	    (sgl_recovery_policy){d->key.id, sgl_buf_slice(&d->key.policy)};
	d->file.session = sgl_buf_slice(&r->session_sealed);
	d->file.facts = (sgl_recovery_case){
	    .id = r->id,
	    .organisation = sgl_slice_str(sgl_home_organisation(home)->domain),
	    .recovery_key = sgl_digest_slice(&d->recovery_key),
	    .threshold = (unsigned)d->key.threshold,
	    .number = sgl_slice_str(r->number),
	    .reason = sgl_slice_str(r->reason),
	    .address = sgl_slice_str(r->address),
	    .opened = r->opened,
	    .expires = r->expires,
	    .session = sgl_buf_slice(&r->session),
	    .keys = d->facts,
	    .num_keys = d->escrows.num,
	};
	return SGL_OK;
}

static sgl_status
fill_move(sgl_home *home, const sgl_request_record *r, dossier *d, sgl_err *err)
{
	bool found;

	TRY(sgl_store_find_recovery_key(
	    sgl_home_store(home), r->move_to, &d->to, &found, err));
	TRY(sgl_hash_once(sgl_home_engine(home), SGL_DIGEST_SHA256,
	    sgl_buf_slice(&d->to.spki), &d->move_to, err));
	d->file.facts.move_to = sgl_digest_slice(&d->move_to);
	return SGL_OK;
}

static sgl_status
open_dossier(
    sgl_home *home, const sgl_request_record *r, dossier *d, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	bool found;

	TRY(sgl_store_find_recovery_key(
	    store, r->recovery_key, &d->key, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the recovery key of the request is not in the "
		       "database"));
	TRY(sgl_store_list_request_keys(store, r->id, &d->escrows, err));
	for (size_t i = 0; i < d->escrows.num; i++)
		if (d->escrows.items[i].recovery_key != r->recovery_key)
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    N_("the keys were sealed to a new recovery key "
			       "since: open another request"));
	TRY(sgl_store_list_approvals(store, r->id, &d->approvals, err));
	TRY(fill_keys(d, err));
	TRY(fill_file(home, r, d, err));
	return r->move_to == 0 ? SGL_OK : fill_move(home, r, d, err);
}

/* Approvals of who is in office no more do not count. */
static void
take_approvals(dossier *d)
{
	sgl_recovery_file *f = &d->file;

	for (size_t i = 0; i < d->approvals.num &&
	     f->num_approvals < SGL_RECOVERY_OFFICERS_MAX;
	     i++) {
		const sgl_approval_record *a = &d->approvals.items[i];

		if (a->removed == 0)
			f->approvals[f->num_approvals++] =
			    (sgl_recovery_approval){a->officer, a->at,
				sgl_buf_slice(&a->share),
				sgl_buf_slice(&a->signature)};
	}
}

static sgl_status
digest_statement(sgl_home *home, const dossier *d, sgl_buf *text,
    sgl_digest *out, sgl_err *err)
{
	TRY(sgl_recovery_statement(
	    sgl_home_engine(home), &d->file.facts, text, err));
	return sgl_hash_once(sgl_home_engine(home), SGL_DIGEST_SHA256,
	    sgl_buf_slice(text), out, err);
}

static sgl_status
check_open(sgl_home *home, const sgl_request_record *r, sgl_err *err)
{
	if (r->state != SGL_REQUEST_OPEN)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this request has ended"), "%s",
		    sgl_request_state_name(r->state));
	if (now_of(home) >= r->expires)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the time for this request is over"));
	return SGL_OK;
}

/* ---------------------------------------------------- request, approvals ---
 */

static sgl_status
add_share(sgl_engine *engine, const sgl_share_record *s, sgl_cert **cert,
    sgl_recovery_share *out, sgl_err *err)
{
	TRY(sgl_cert_read(engine, sgl_buf_slice(&s->signing), cert, err));
	*out = (sgl_recovery_share){s->officer, sgl_slice_str(s->name),
	    sgl_cert_get_spki(*cert), sgl_buf_slice(&s->envelope)};
	return SGL_OK;
}

static sgl_status
add_shares(sgl_home *home, const sgl_share_records *list,
    sgl_recovery_request *request, sgl_certs *certs, sgl_err *err)
{
	for (size_t i = 0;
	     i < list->num && request->num_shares < SGL_RECOVERY_OFFICERS_MAX;
	     i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;

		if (list->items[i].removed != 0)
			continue;
		TRY(add_share(sgl_home_engine(home), &list->items[i], &cert,
		    &request->shares[request->num_shares++], err));
		TRY(sgl_certs_add(certs, cert, err)); /* lives as long */
	}
	return SGL_OK;
}

sgl_status
sgl_recovery_write_request(
    sgl_home *home, const sgl_request_record *r, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(dossier) d = {0};
	SGL_AUTO_CLEAR(sgl_share_records) list = {0};
	SGL_AUTO_CLEAR(sgl_certs) certs = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(STATEMENT_MAX);
	SGL_AUTO_CLEAR(sgl_buf)
	signature = sgl_buf_init(SGL_RECOVERY_SIGNATURE_MAX);
	sgl_recovery_request request = {.session = sgl_buf_slice(&r->session)};
	sgl_keeper *keeper = NULL;
	sgl_digest digest;

	TRY(check_open(home, r, err));
	TRY(open_dossier(home, r, &d, err));
	TRY(digest_statement(home, &d, &text, &digest, err));
	TRY(sgl_store_list_shares(
	    sgl_home_store(home), r->recovery_key, &list, err));
	TRY(add_shares(home, &list, &request, &certs, err));
	request.statement = sgl_buf_slice(&text);
	TRY(get_keeper(home, &keeper, err));
	TRY(sgl_keeper_recovery_state(keeper, &d.file, &signature, err));
	request.signature = sgl_buf_slice(&signature);
	return sgl_recovery_request_add(&request, out, err);
}

void
sgl_recovery_progress_clear(sgl_recovery_progress *p)
{
	sgl_mem_free(p->officer);
	*p = (sgl_recovery_progress){0};
}

/* The officer, who has a share of the key of the request, and office. */
static sgl_status
find_name(sgl_home *home, const sgl_request_record *r, int64_t officer,
    char **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_share_records) list = {0};

	TRY(sgl_store_list_shares(
	    sgl_home_store(home), r->recovery_key, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].officer == officer &&
		    list.items[i].removed == 0)
			return copy_text(list.items[i].name, out, err);
	return sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
	    N_("an approval is not by an officer of this recovery key"), "%lld",
	    (long long)officer);
}

static sgl_status
store_approval(sgl_home *home, const sgl_request_record *r,
    const sgl_recovery_approval *a, sgl_err *err)
{
	sgl_approval_record record = {.request = r->id,
	    .officer = a->officer,
	    .at = a->at,
	    .share = sgl_buf_init(SGL_RECOVERY_SHARE_MAX),
	    .signature = sgl_buf_init(SGL_RECOVERY_SIGNATURE_MAX),
	    .received = now_of(home)};
	sgl_status status = sgl_buf_add(&record.share, a->share, err);

	if (status == SGL_OK)
		status = sgl_buf_add(&record.signature, a->signature, err);
	if (status == SGL_OK)
		status =
		    sgl_store_add_approval(sgl_home_store(home), &record, err);
	sgl_approval_record_clear(&record);
	return status;
}

/* With those that are there already: two by one officer are seen, too. */
static sgl_status
check_approval(
    sgl_home *home, dossier *d, const sgl_recovery_approval *a, sgl_err *err)
{
	sgl_keeper *keeper = NULL;

	take_approvals(d);
	if (d->file.num_approvals == SGL_RECOVERY_OFFICERS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("there are more approvals than officers"));
	d->file.approvals[d->file.num_approvals++] = *a;
	TRY(get_keeper(home, &keeper, err));
	return sgl_keeper_recovery_check(keeper, &d->file, err);
}

sgl_status
sgl_recovery_submit(sgl_home *home, const sgl_request_record *r,
    sgl_slice answer, sgl_recovery_progress *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(dossier) d = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(STATEMENT_MAX);
	SGL_AUTO_CLEAR(sgl_buf) store = {0};
	SGL_AUTO_CLEAR(sgl_recovery_progress) p = {0};
	sgl_recovery_approval a;
	sgl_digest digest;

	TRY(check_open(home, r, err));
	TRY(open_dossier(home, r, &d, err));
	TRY(digest_statement(home, &d, &text, &digest, err));
	TRY(sgl_recovery_approval_read(answer, &digest, &store, &a, err));
	TRY(find_name(home, r, a.officer, &p.officer, err));
	TRY(check_approval(home, &d, &a, err));
	TRY(store_approval(home, r, &a, err));
	TRY(note(home, "recovery.approve", r, p.officer, err));
	p.approvals = d.file.num_approvals;
	p.threshold = d.key.threshold;
	*out = p;
	p = (sgl_recovery_progress){0};
	return SGL_OK;
}

/* ------------------------------------------------------------ the end --- */

/* The certificates that the keys belong to, and those above them. */
static sgl_status
add_certs(sgl_home *home, const sgl_request_record *r, const dossier *d,
    sgl_certs *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	TRY(sgl_store_list_certs(sgl_home_store(home), r->person, &list, err));
	for (size_t i = 0; i < list.num; i++)
		for (size_t j = 0; j < d->escrows.num; j++) {
			SGL_AUTO(sgl_cert)
			cert = NULL;

			if (list.items[i].key != d->escrows.items[j].key)
				continue;
			TRY(sgl_cert_read(sgl_home_engine(home),
			    sgl_buf_slice(&list.items[i].der), &cert, err));
			TRY(sgl_certs_add(out, cert, err));
		}
	return sgl_home_add_authorities(home, out, out, err);
}

static sgl_status
write_file(sgl_home *home, const sgl_request_record *r, dossier *d,
    sgl_slice password, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) certs = {0};
	sgl_recovery_handout what = {.keys = d->sealed,
	    .num_keys = d->escrows.num,
	    .certs = &certs,
	    .friendly_name = sgl_slice_str(r->address),
	    .password = password};
	sgl_keeper *keeper = NULL;
	sgl_bytes file = {0};
	sgl_status status;

	TRY(add_certs(home, r, d, &certs, err));
	TRY(get_keeper(home, &keeper, err));
	status =
	    sgl_keeper_recovery_collect(keeper, &d->file, &what, &file, err);
	if (status == SGL_OK)
		status =
		    sgl_buf_add(out, sgl_slice_of(file.data, file.len), err);
	sgl_bytes_free(&file);
	return status;
}

sgl_status
sgl_recovery_collect(sgl_home *home, const sgl_request_record *r,
    sgl_slice password, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(dossier) d = {0};
	char after[64];

	TRY(check_open(home, r, err));
	TRY(open_dossier(home, r, &d, err));
	take_approvals(&d);
	TRY(write_file(home, r, &d, password, out, err));
	(void)snprintf(after, sizeof after, "%zu keys", d.escrows.num);
	return note(home, "recovery.collect", r, after, err);
}

/* A page of what is sealed to the old recovery key. */
typedef struct page {
	sgl_home *home;
	const sgl_request_record *r;
	sgl_escrow_records escrows;
} page;

static sgl_status
store_moved(void *ctx, size_t i, sgl_slice sealed, sgl_err *err)
{
	page *p = ctx;
	sgl_escrow_record e = p->escrows.items[i]; /* borrows */
	sgl_status status;

	e.recovery_key = p->r->move_to;
	e.created = now_of(p->home);
	e.sealed = sgl_buf_init(SGL_SEALED_MAX);
	status = sgl_buf_add(&e.sealed, sealed, err);
	if (status == SGL_OK)
		status = sgl_store_set_escrow(sgl_home_store(p->home), &e, err);
	sgl_buf_clear(&e.sealed);
	return status;
}

static sgl_status
move_page(dossier *d, page *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(dossier) of_page = {.escrows = p->escrows};
	sgl_recovery_removal what = {
	    .to = {d->to.id, sgl_buf_slice(&d->to.policy)}};
	sgl_keeper *keeper = NULL;
	sgl_status status = fill_keys(&of_page, err);

	of_page.escrows = (sgl_escrow_records){0}; /* the page's own */
	TRY(status);
	what.keys = of_page.sealed;
	what.num_keys = p->escrows.num;
	TRY(get_keeper(p->home, &keeper, err));
	return sgl_keeper_recovery_move(
	    keeper, &d->file, &what, store_moved, p, err);
}

static sgl_status
move_pages(sgl_home *home, const sgl_request_record *r, dossier *d, size_t *num,
    sgl_err *err)
{
	sgl_status status = SGL_OK;
	size_t moved;

	*num = 0;
	do {
		page p = {home, r, {0}};

		status = sgl_store_list_escrows_to(
		    sgl_home_store(home), r->recovery_key, &p.escrows, err);
		moved = p.escrows.num;
		if (status == SGL_OK && moved > 0)
			status = move_page(d, &p, err);
		*num += moved;
		sgl_escrow_records_clear(&p.escrows);
	} while (status == SGL_OK && moved > 0);
	return status;
}

sgl_status
sgl_recovery_move(
    sgl_home *home, const sgl_request_record *r, size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(dossier) d = {0};
	char after[64];

	TRY(check_open(home, r, err));
	TRY(open_dossier(home, r, &d, err));
	take_approvals(&d);
	TRY(move_pages(home, r, &d, num, err));
	TRY(sgl_recovery_end(home, r, err));
	(void)snprintf(after, sizeof after, "%zu keys to recovery key %lld",
	    *num, (long long)r->move_to);
	return note(home, "recovery.move", r, after, err);
}

sgl_status
sgl_recovery_end(sgl_home *home, const sgl_request_record *r, sgl_err *err)
{
	return sgl_store_end_request(sgl_home_store(home), r->id,
	    SGL_REQUEST_COLLECTED, now_of(home), err);
}

sgl_status
sgl_recovery_cancel(sgl_home *home, const sgl_request_record *r, sgl_err *err)
{
	if (r->state != SGL_REQUEST_OPEN)
		return check_open(home, r, err);
	TRY(sgl_store_end_request(sgl_home_store(home), r->id,
	    SGL_REQUEST_CANCELLED, now_of(home), err));
	return note(home, "recovery.cancel", r, NULL, err);
}
