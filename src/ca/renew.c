/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "ca/renew.h"
#include "org/audit.h"
#include "org/custody.h"
#include "store/recovery.h"
#include "sys/text.h"

#define ROOM "ca.renew"
#define DAY ((sgl_time)24 * 60 * 60)
#define OVERLAP (60 * DAY)
#define SPREAD (28 * DAY)
#define LAST_DAYS (7 * DAY) /* in which nothing waits any more */
#define SETTING "renewal.up_to"

static sgl_time
now_of(const sgl_home *home)
{
	return sgl_engine_now(sgl_home_engine(home));
}

static sgl_time
smaller(sgl_time a, sgl_time b)
{
	return a < b ? a : b;
}

/* Numbers of people follow each other, and come out all over the range
 * (Knuth's multiplicative hash). */
static sgl_time
spread(int64_t person, sgl_time range)
{
	uint32_t mixed = (uint32_t)person * UINT32_C(2654435769);

	return (sgl_time)(((uint64_t)mixed * (uint64_t)range) >> 32);
}

sgl_time
sgl_renew_time(const sgl_cert_record *c)
{
	sgl_time life = c->not_after - c->not_before;

	return c->not_after - smaller(OVERLAP, life / 4) -
	    spread(c->person, smaller(SPREAD, life / 8));
}

/* ------------------------------------------------------------------ waiting
 * ---
 */

/* The one in use, which the new one would take the place of. */
static const sgl_cert_record *
find_used(const sgl_cert_records *list, sgl_cert_purpose purpose, sgl_time now)
{
	for (size_t i = 0; i < list->num; i++) {
		const sgl_cert_record *c = &list->items[i];
		if (c->purpose == purpose && c->status == SGL_CERT_CURRENT &&
		    c->not_after >= now && c->waits_until <= now)
			return c;
	}
	return NULL;
}

/* Somebody's program has the old key, and not the new one. */
static bool
is_elsewhere(const sgl_key_record *k)
{
	return k->handed != 0 || k->sealed.len == 0;
}

sgl_status
sgl_renew_waiting(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_time *until, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_store *store = sgl_home_store(home);
	const sgl_cert_record *used;
	bool found;

	*until = 0;
	if (person->custody == SGL_CUSTODY_SERVER && !person->is_shared)
		return SGL_OK;
	TRY(sgl_store_list_certs(store, person->id, &list, err));
	used = find_used(&list, purpose, now_of(home));
	if (used == NULL || used->not_after - LAST_DAYS <= now_of(home))
		return SGL_OK;
	TRY(sgl_store_find_key(store, used->key, &k, &found, err));
	if (found && is_elsewhere(&k))
		*until = used->not_after - LAST_DAYS;
	return SGL_OK;
}

static sgl_status
settle_one(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	sgl_home *home = ctx;
	sgl_person p = {.id = c->person, .address = c->address};
	size_t num;

	if (c->waits_until == 0 || c->waits_until > now_of(home))
		return SGL_OK;
	return sgl_custody_confirm(home, &p, now_of(home), &num, err);
}

sgl_status
sgl_renew_settle(sgl_home *home, sgl_err *err)
{
	TRY(sgl_store_wipe_expired(
	    sgl_home_store(home), sgl_engine_now(sgl_home_engine(home)), err));
	return sgl_renew_each(home, settle_one, home, err);
}

/* ---------------------------------------------------------------------- all
 * ---
 */

sgl_status
sgl_renew_all_get(sgl_home *home, int64_t *up_to, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(32);
	const char *text;
	bool found;

	TRY(sgl_store_get_setting(
	    sgl_home_store(home), SETTING, &value, &found, err));
	TRY(sgl_buf_text(&value, &text, err));
	*up_to = found ? strtoll(text, NULL, 10) : 0;
	return SGL_OK;
}

static sgl_status
set_up_to(sgl_home *home, int64_t up_to, sgl_err *err)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%lld", (long long)up_to);
	return sgl_store_set_setting(
	    sgl_home_store(home), SETTING, sgl_slice_str(text), err);
}

static sgl_status
note_last(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	int64_t *last = ctx;

	(void)err;
	if (c->id > *last)
		*last = c->id;
	return SGL_OK;
}

sgl_status
sgl_renew_all_begin(sgl_home *home, sgl_err *err)
{
	int64_t up_to;

	TRY(sgl_renew_all_get(home, &up_to, err));
	if (up_to != 0)
		return SGL_OK;
	TRY(sgl_renew_each(home, note_last, &up_to, err));
	TRY(sgl_audit_add(home, "renewal.all", NULL, NULL, NULL, err));
	return set_up_to(home, up_to, err);
}

sgl_status
sgl_renew_all_end(sgl_home *home, sgl_err *err)
{
	return set_up_to(home, 0, err);
}

/* ------------------------------------------------------------- one by one ---
 */

sgl_status
sgl_renew_each(sgl_home *home, sgl_cert_visit visit, void *ctx, sgl_err *err)
{
	const sgl_newest all = {.up_to = INT64_MAX, .before = INT64_MAX};

	return sgl_store_each_newest(
	    sgl_home_store(home), &all, visit, ctx, err);
}

typedef struct search {
	sgl_time now;
	bool all, found;
	sgl_renewal *out;
} search;

/* It ends the visit with a status of its own. */
static sgl_status
take_first(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	search *s = ctx;

	if (!s->all && sgl_renew_time(c) > s->now)
		return SGL_OK;
	s->found = true;
	*s->out = (sgl_renewal){c->id, c->person, c->purpose};
	return sgl_fail(
	    err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET, N_("enough was found"));
}

sgl_status
sgl_renew_next(sgl_home *home, int64_t up_to, int64_t after, sgl_renewal *out,
    bool *found, sgl_err *err)
{
	search s = {.now = now_of(home), .all = up_to != 0, .out = out};
	const sgl_newest which = {.after = after,
	    .up_to = s.all ? up_to : INT64_MAX,
	    .before = s.all ? INT64_MAX : s.now + OVERLAP + SPREAD + 1};
	sgl_err enough = {0};
	sgl_status status = sgl_store_each_newest(
	    sgl_home_store(home), &which, take_first, &s, &enough);

	*found = s.found;
	if (status == SGL_OK || s.found)
		return SGL_OK;
	if (err != NULL)
		*err = enough;
	return status;
}

static bool
has_own(const sgl_cert_records *list, sgl_cert_purpose purpose)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].purpose == purpose &&
		    list->items[i].issuer != 0 &&
		    list->items[i].status == SGL_CERT_CURRENT)
			return true;
	return false;
}

/* Both at once for somebody who is to have one certificate for both, and has
 * anything of ours for both. */
static sgl_status
find_purpose(sgl_home *home, const sgl_person *p, sgl_cert_purpose old,
    sgl_cert_purpose *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	*out = old;
	if (!sgl_ca_is_dual(home, p))
		return SGL_OK;
	TRY(sgl_store_list_certs(sgl_home_store(home), p->id, &list, err));
	if (has_own(&list, SGL_CERT_SIGNING) &&
	    has_own(&list, SGL_CERT_ENCRYPTION))
		*out = SGL_CERT_DUAL;
	return SGL_OK;
}

sgl_status
sgl_renew_one(sgl_home *home, const sgl_renewal *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_cert_purpose purpose;
	bool found;

	TRY(sgl_store_get_person(
	    sgl_home_store(home), r->person, &p, &found, err));
	if (!found)
		return SGL_OK;
	TRY(find_purpose(home, &p, r->purpose, &purpose, err));
	return sgl_ca_issue(home, &p, purpose, NULL, err);
}
