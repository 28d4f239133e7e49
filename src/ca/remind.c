/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/remind.h"

#define DAY ((sgl_time)24 * 60 * 60)

typedef struct search {
	sgl_home *home;
	sgl_due_visit visit;
	void *ctx;
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

/* When the newest that somebody has ends; 0: nobody has any. */
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

/* The sooner one of both purposes that has not ended. */
static sgl_status
find_ends(const search *s, int64_t person, sgl_time *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_store *store = sgl_home_store(s->home);
	sgl_time now = sgl_engine_now(sgl_home_engine(s->home)), ends[2];

	TRY(sgl_store_list_certs(store, person, &list, err));
	TRY(find_end(store, &list, SGL_CERT_SIGNING, &ends[0], err));
	TRY(find_end(store, &list, SGL_CERT_ENCRYPTION, &ends[1], err));
	*out = 0;
	for (size_t i = 0; i < 2; i++)
		if (ends[i] >= now && (*out == 0 || ends[i] < *out))
			*out = ends[i];
	return SGL_OK;
}

static sgl_status
visit_holders(const search *s, sgl_due_reminder *due, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_holders) list = {0};
	sgl_store *store = sgl_home_store(s->home);

	TRY(sgl_store_list_holders(store, due->mailbox->id, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		bool found;
		if (list.items[i].handed == 0)
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
look_at(void *ctx, const sgl_person *p, sgl_err *err)
{
	const search *s = ctx;
	sgl_due_reminder due = {.mailbox = p, .person = p};
	sgl_time now = sgl_engine_now(sgl_home_engine(s->home));

	if (p->state != SGL_PERSON_ACTIVE ||
	    (p->custody == SGL_CUSTODY_SERVER && !p->is_shared))
		return SGL_OK;
	TRY(find_ends(s, p->id, &due.ends, err));
	due.days = due.ends == 0 ? 0 : find_days(due.ends - now);
	if (due.days == 0)
		return SGL_OK;
	return p->is_shared ? visit_holders(s, &due, err)
			    : s->visit(s->ctx, &due, err);
}

sgl_status
sgl_remind_each(sgl_home *home, sgl_due_visit visit, void *ctx, sgl_err *err)
{
	search s = {home, visit, ctx};

	return sgl_store_each_person(sgl_home_store(home), look_at, &s, err);
}
