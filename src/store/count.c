/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

static sgl_status
count_people(sgl_store *store, int64_t *out, sgl_err *err)
{
	return sgl_store_number(store,
	    "SELECT count(*) FROM person WHERE state = 'active'", out, err);
}

/* Of people who are still there: nobody renews the others'. */
static sgl_status
count_certs(
    sgl_store *store, sgl_time from, sgl_time until, int64_t *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT count(*) FROM certificate c JOIN person p ON p.id = "
	    "c.person"
	    " WHERE c.status = 'current' AND p.state = 'active'"
	    " AND c.not_after >= $1 AND c.not_after < $2"
	    /* One that serves both purposes is one. */
	    " AND NOT EXISTS (SELECT 1 FROM certificate o"
	    " WHERE o.serial = c.serial AND o.der = c.der"
	    " AND o.status = 'current' AND o.id < c.id)");
	bool row;

	sgl_query_bind_int(&q, from);
	sgl_query_bind_int(&q, until);
	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}

sgl_status
sgl_store_count(sgl_store *store, sgl_time now, sgl_time until, sgl_counts *out,
    sgl_err *err)
{
	sgl_counts c = {0};

	TRY(count_people(store, &c.people, err));
	TRY(count_certs(store, now, INT64_MAX, &c.certs, err));
	TRY(count_certs(store, now, until, &c.ending, err));
	TRY(count_certs(store, INT64_MIN, now, &c.ended, err));
	*out = c;
	return SGL_OK;
}
