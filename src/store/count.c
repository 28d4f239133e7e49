/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

static sgl_status
count_people(sgl_store *store, int64_t *out, sgl_err *err)
{
	return sgl_store_number(store,
	    "SELECT count(*) FROM person WHERE state = 'active'", out, err);
}

/* Of people who are still there: nobody renews the others'. */
#define OF_PEOPLE \
	"SELECT count(*) FROM certificate c JOIN person p ON p.id = c.person" \
	" WHERE c.status = 'current' AND p.state = 'active'"

static sgl_status
count(sgl_query *q, int64_t *out, sgl_err *err)
{
	bool row;

	TRY(sgl_query_step(q, &row, err));
	*out = row ? sgl_query_int(q, 0) : 0;
	return SGL_OK;
}

static sgl_status
count_ending(
    sgl_store *store, sgl_time from, sgl_time until, int64_t *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    OF_PEOPLE " AND c.not_after >= $1 AND c.not_after < $2");

	sgl_query_bind_int(&q, from);
	sgl_query_bind_int(&q, until);
	return count(&q, out, err);
}

static sgl_status
count_early(sgl_store *store, sgl_time now, int64_t *out, sgl_err *err)
{
	SGL_QUERY(q, store, OF_PEOPLE " AND c.not_before > $1");

	sgl_query_bind_int(&q, now);
	return count(&q, out, err);
}

sgl_status
sgl_store_count(sgl_store *store, sgl_time now, sgl_time until, sgl_counts *out,
    sgl_err *err)
{
	sgl_counts c = {0};

	TRY(count_people(store, &c.people, err));
	TRY(count_ending(store, now, INT64_MAX, &c.certs, err));
	TRY(count_ending(store, now, until, &c.ending, err));
	TRY(count_ending(store, INT64_MIN, now, &c.ended, err));
	TRY(count_early(store, now, &c.early, err));
	*out = c;
	return SGL_OK;
}
