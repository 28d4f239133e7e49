/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/remind.h"
#include "store/recovery.h"

#define DAY ((sgl_time)24 * 60 * 60)

typedef struct search {
	sgl_home *home;
	sgl_due_visit visit;
	void *ctx;
	sgl_time now;
} search;

/* The smallest that still reaches so far; 0: it is too early, or too late. */
static int64_t
find_days(sgl_time left)
{
	static const int64_t steps[] = {1, 7, 30};

	if (left < 0)
		return 0;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (left <= steps[i] * DAY)
			return steps[i];
	return 0;
}

static sgl_status
is_elsewhere(sgl_store *store, int64_t key, bool *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool found;

	TRY(sgl_store_find_key(store, key, &k, &found, err));
	*out = found && (k.handed != 0 || k.sealed.len == 0);
	return SGL_OK;
}

/* What somebody has of one purpose, and what waits for that somebody. */
typedef struct holding {
	const sgl_cert_record *has;   /* the newest; NULL: none */
	const sgl_cert_record *waits; /* newer, and current; NULL: none */
} holding;

static sgl_status
find_holding(sgl_store *store, const sgl_cert_records *list,
    sgl_cert_purpose purpose, holding *out, sgl_err *err)
{
	*out = (holding){NULL, NULL};
	for (size_t i = 0; i < list->num && out->has == NULL; i++) {
		const sgl_cert_record *c = &list->items[i];
		bool elsewhere;
		if (c->purpose != purpose)
			continue;
		TRY(is_elsewhere(store, c->key, &elsewhere, err));
		if (elsewhere)
			out->has = c;
		else if (c->status == SGL_CERT_CURRENT && out->waits == NULL)
			out->waits = c;
	}
	return SGL_OK;
}

/* The newest that holds: a revoked one is not missed when it ends. */
static sgl_status
find_end(sgl_store *store, const sgl_cert_records *list,
    sgl_cert_purpose purpose, sgl_time *out, sgl_err *err)
{
	*out = 0;
	for (size_t i = 0; i < list->num; i++) {
		const sgl_cert_record *c = &list->items[i];
		bool elsewhere;
		if (c->purpose != purpose || c->status == SGL_CERT_REVOKED)
			continue;
		TRY(is_elsewhere(store, c->key, &elsewhere, err));
		if (elsewhere) {
			*out = c->not_after;
			return SGL_OK;
		}
	}
	return SGL_OK;
}

static sgl_status
tell_holders(const search *s, sgl_due_reminder *due, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};
	sgl_store *store = sgl_home_store(s->home);

	TRY(sgl_store_list_holders(store, due->mailbox->id, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		bool found;
		/* Who has no keys need do nothing about them. */
		if (list.items[i].handed == 0 &&
		    due->kind != SGL_NOTICE_RECOVERED)
			continue;
		TRY(sgl_store_get_person(
		    store, list.items[i].person, &p, &found, err));
		due->person = &p;
		if (found && p.state == SGL_PERSON_ACTIVE)
			TRY(s->visit(s->ctx, due, err));
	}
	return SGL_OK;
}

static sgl_status
tell(const search *s, sgl_due_reminder *due, sgl_err *err)
{
	due->person = due->mailbox;
	return due->mailbox->is_shared ? tell_holders(s, due, err)
				       : s->visit(s->ctx, due, err);
}

/* The sooner end of both purposes that has not come. */
static sgl_status
look_for_end(const search *s, const sgl_person *p, const sgl_cert_records *list,
    sgl_err *err)
{
	sgl_due_reminder due = {.kind = SGL_NOTICE_ENDS, .mailbox = p};
	sgl_store *store = sgl_home_store(s->home);
	sgl_time ends[2];

	TRY(find_end(store, list, SGL_CERT_SIGNING, &ends[0], err));
	TRY(find_end(store, list, SGL_CERT_ENCRYPTION, &ends[1], err));
	for (size_t i = 0; i < 2; i++)
		if (ends[i] >= s->now && (due.at == 0 || ends[i] < due.at))
			due.at = ends[i];
	due.days = due.at == 0 ? 0 : find_days(due.at - s->now);
	due.about = due.at / DAY;
	return due.days == 0 ? SGL_OK : tell(s, &due, err);
}

/* New ones wait where those that somebody has hold no more: they were revoked
 * before they ended, or ended unnoticed. */
static sgl_status
look_for_waiting(const search *s, const sgl_person *p,
    const sgl_cert_records *list, sgl_err *err)
{
	sgl_due_reminder due = {.kind = SGL_NOTICE_FETCH, .mailbox = p};

	for (int purpose = SGL_CERT_SIGNING; purpose <= SGL_CERT_ENCRYPTION;
	     purpose++) {
		holding h;
		TRY(find_holding(sgl_home_store(s->home), list,
		    (sgl_cert_purpose)purpose, &h, err));
		if (h.has == NULL || h.waits == NULL ||
		    (h.has->status != SGL_CERT_REVOKED &&
			h.has->not_after >= s->now) ||
		    h.waits->id <= due.about)
			continue;
		due.about = h.waits->id;
		due.at = h.has->status == SGL_CERT_REVOKED
		    ? h.has->revocation.when
		    : h.has->not_after;
	}
	return due.about == 0 ? SGL_OK : tell(s, &due, err);
}

static sgl_status
look_at(void *ctx, const sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	const search *s = ctx;

	if (p->state != SGL_PERSON_ACTIVE ||
	    (p->custody == SGL_CUSTODY_SERVER && !p->is_shared))
		return SGL_OK;
	TRY(sgl_store_list_certs(sgl_home_store(s->home), p->id, &list, err));
	TRY(look_for_end(s, p, &list, err));
	return look_for_waiting(s, p, &list, err);
}

/* From the time on that was chosen when the case was stated. Who has left reads
 * no mail here. */
static sgl_status
look_at_request(const search *s, const sgl_request_record *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_due_reminder due = {.kind = SGL_NOTICE_RECOVERED,
	    .mailbox = &p,
	    .about = r->id,
	    .at = r->ended};
	bool found;

	if (r->state != SGL_REQUEST_COLLECTED || r->move_to != 0 ||
	    s->now < r->tell)
		return SGL_OK;
	TRY(sgl_store_get_person(
	    sgl_home_store(s->home), r->person, &p, &found, err));
	return found && p.state != SGL_PERSON_LEFT ? tell(s, &due, err)
						   : SGL_OK;
}

sgl_status
sgl_remind_each(sgl_home *home, sgl_due_visit visit, void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_records) requests = {0};
	search s = {home, visit, ctx, sgl_engine_now(sgl_home_engine(home))};
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_store_each_person(store, look_at, &s, err));
	TRY(sgl_store_list_requests(store, &requests, err));
	for (size_t i = 0; i < requests.num; i++)
		TRY(look_at_request(&s, &requests.items[i], err));
	return SGL_OK;
}
