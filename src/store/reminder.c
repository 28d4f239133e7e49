/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define SELECT                                                                 \
	"SELECT r.id, r.mailbox, r.person, m.address, r.about, r.days,"        \
	" r.mail, r.created, r.sent, r.kind FROM reminder r JOIN person m ON " \
	"m.id = r.mailbox"

static const char *const kinds[SGL_NUM_NOTICE_KINDS] = {
    [SGL_NOTICE_ENDS] = "ends",
    [SGL_NOTICE_FETCH] = "fetch",
    [SGL_NOTICE_RECOVERED] = "recovered",
};

const char *
sgl_notice_kind_name(sgl_notice_kind kind)
{
	return kinds[kind];
}

void
sgl_reminder_clear(sgl_reminder *r)
{
	sgl_mem_free(r->address);
	sgl_mem_free(r->mail);
	*r = (sgl_reminder){0};
}

static void
clear(void *record)
{
	sgl_reminder_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_reminder *r = record;
	unsigned word;

	r->id = sgl_query_int(q, 0);
	r->mailbox = sgl_query_int(q, 1);
	r->person = sgl_query_int(q, 2);
	TRY(sgl_query_text(q, 3, &r->address, err));
	r->about = sgl_query_int(q, 4);
	r->days = sgl_query_int(q, 5);
	TRY(sgl_query_text(q, 6, &r->mail, err));
	r->created = sgl_query_int(q, 7);
	r->sent = sgl_query_int(q, 8);
	TRY(sgl_query_word(q, 9, kinds, SGL_NUM_NOTICE_KINDS, &word, err));
	r->kind = (sgl_notice_kind)word;
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_reminder), read_row, clear};

sgl_status
sgl_store_has_reminder(
    sgl_store *store, const sgl_reminder *r, bool *has, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT 1 FROM reminder WHERE mailbox = $1 AND person = $2"
	    " AND kind = $3 AND about = $4 AND days = $5");

	sgl_query_bind_int(&q, r->mailbox);
	sgl_query_bind_int(&q, r->person);
	sgl_query_bind_str(&q, kinds[r->kind]);
	sgl_query_bind_int(&q, r->about);
	sgl_query_bind_int(&q, r->days);
	return sgl_query_step(&q, has, err);
}

sgl_status
sgl_store_add_reminder(sgl_store *store, const sgl_reminder *r, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO reminder (mailbox, person, kind, about, days, mail,"
	    " created) VALUES ($1, $2, $3, $4, $5, $6, $7)");

	sgl_query_bind_int(&q, r->mailbox);
	sgl_query_bind_int(&q, r->person);
	sgl_query_bind_str(&q, kinds[r->kind]);
	sgl_query_bind_int(&q, r->about);
	sgl_query_bind_int(&q, r->days);
	sgl_query_bind_str(&q, r->mail);
	sgl_query_bind_int(&q, r->created);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
find(sgl_store *store, int64_t after, sgl_time since, sgl_reminder *out,
    bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    SELECT " WHERE r.id > $1 AND r.sent IS NULL"
		   " AND (r.claimed IS NULL OR r.claimed < $2)"
		   " ORDER BY r.id LIMIT 1");

	sgl_query_bind_int(&q, after);
	sgl_query_bind_int(&q, since);
	return sgl_query_one(&q, &type, out, found, err);
}

static sgl_status
claim(sgl_store *store, int64_t id, sgl_time now, sgl_err *err)
{
	SGL_QUERY(q, store, "UPDATE reminder SET claimed = $1 WHERE id = $2");

	sgl_query_bind_int(&q, now);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_claim_reminder(sgl_store *store, int64_t after, sgl_time since,
    sgl_time now, sgl_reminder *out, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reminder) r = {0};

	TRY(find(store, after, since, &r, found, err));
	if (!*found)
		return SGL_OK;
	TRY(claim(store, r.id, now, err));
	*out = r;
	r = (sgl_reminder){0};
	return SGL_OK;
}

sgl_status
sgl_store_end_reminder(
    sgl_store *store, int64_t id, sgl_time sent, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE reminder SET sent = $1, claimed = NULL WHERE id = $2");

	sgl_query_bind_ref(&q, sent);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

SGL_VISITOR(sgl_reminder_visit);

static void
bind_last(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_reminder *r = last;

	(void)ctx;
	sgl_query_bind_int(q, r == NULL ? 0 : r->id);
}

sgl_status
sgl_store_each_reminder(
    sgl_store *store, sgl_reminder_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {.visit = visit, .ctx = ctx};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = SELECT " WHERE r.id > $1 ORDER BY r.id" SGL_PAGE_LIMIT,
	    .bind = bind_last,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}
