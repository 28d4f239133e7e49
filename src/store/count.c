/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#define DAY ((sgl_time)86400)

const int sgl_cert_horizons[SGL_NUM_HORIZONS] = {30, 7, 1};

void
sgl_counts_clear(sgl_counts *c)
{
	sgl_mem_free(c->of);
	*c = (sgl_counts){0};
}

/* -------------------------------------------------------- certificates ---
 */

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_cert_count *c = record;
	const sgl_slice purpose = sgl_query_slice(q, 1);

	c->authority = sgl_query_int(q, 0);
	if (!sgl_cert_purpose_find(purpose, &c->purpose))
		return sgl_store_damaged(q->store, err);
	c->current = sgl_query_int(q, 2);
	c->expired = sgl_query_int(q, 3);
	for (int i = 0; i < SGL_NUM_HORIZONS; i++)
		c->ending[i] = sgl_query_int(q, 4 + i);
	c->revoked = sgl_query_int(q, 4 + SGL_NUM_HORIZONS);
	c->early = sgl_query_int(q, 5 + SGL_NUM_HORIZONS);
	return SGL_OK;
}

static void
clear(void *record)
{
	(void)record;
}

static const sgl_record_type type = {sizeof(sgl_cert_count), read_row, clear};

#define HOW_MANY(condition) ", sum(CASE WHEN " condition " THEN 1 ELSE 0 END)"
#define ALL_IN_ALL(name) ", CAST(sum(" name ") AS BIGINT)"

/*
 * Of people who are still there: nobody renews the others'. Whoever left had
 * them revoked, and these count.
 *
 * One that serves both purposes has two records, and is one of a kind of its
 * own: that of signing counts, the other where that is no longer in use. They
 * are revoked together. All of one kind lie side by side in an index that has
 * all that is asked for here.
 */
/* clang-format off */
const char sgl_sql_count_certs[] =
    "SELECT coalesce(n.issuer, 0),"
    " CASE WHEN n.is_dual = 1 THEN 'dual' ELSE n.purpose END"
    ALL_IN_ALL("n.current") ALL_IN_ALL("n.expired") ALL_IN_ALL("n.ending_1")
    ALL_IN_ALL("n.ending_2") ALL_IN_ALL("n.ending_3") ALL_IN_ALL("n.revoked")
    ALL_IN_ALL("n.early")
    " FROM (SELECT c.issuer, c.purpose, c.is_dual"
    HOW_MANY("c.not_after >= $1") " AS current"
    HOW_MANY("c.not_after < $1") " AS expired"
    HOW_MANY("c.not_after >= $1 AND c.not_after < $2") " AS ending_1"
    HOW_MANY("c.not_after >= $1 AND c.not_after < $3") " AS ending_2"
    HOW_MANY("c.not_after >= $1 AND c.not_after < $4") " AS ending_3"
    HOW_MANY("c.not_before > $1") " AS early, 0 AS revoked"
    " FROM certificate c WHERE c.status = 'current' AND c.person NOT IN"
    " (SELECT p.id FROM person p WHERE p.state <> 'active')"
    " AND (c.is_dual = 0 OR c.purpose = 'signing' OR NOT EXISTS"
    " (SELECT 1 FROM certificate t WHERE t.serial = c.serial"
    " AND t.purpose = 'signing' AND t.der = c.der AND t.person = c.person"
    " AND t.status = 'current'))"
    " GROUP BY c.issuer, c.purpose, c.is_dual"
    " UNION ALL SELECT c.issuer, c.purpose, c.is_dual, 0, 0, 0, 0, 0, 0,"
    " count(*) FROM certificate c WHERE c.status = 'revoked'"
    " AND (c.is_dual = 0 OR c.purpose = 'signing')"
    " GROUP BY c.issuer, c.purpose, c.is_dual) n"
    " GROUP BY 1, 2 ORDER BY 1, 2";
/* clang-format on */

static sgl_status
count_certs(sgl_store *store, sgl_time now, sgl_counts *c, sgl_err *err)
{
	SGL_QUERY(q, store, sgl_sql_count_certs);
	sgl_rows rows;

	sgl_query_bind_int(&q, now);
	for (int i = 0; i < SGL_NUM_HORIZONS; i++)
		sgl_query_bind_int(&q, now + sgl_cert_horizons[i] * DAY);
	TRY(sgl_query_rows(&q, &type, &rows, err));
	c->of = rows.items;
	c->num = rows.num;
	return SGL_OK;
}

static void
add_up(sgl_counts *c)
{
	for (size_t i = 0; i < c->num; i++) {
		c->certs += c->of[i].current;
		c->ending += c->of[i].ending[0];
		c->ended += c->of[i].expired;
		c->early += c->of[i].early;
	}
}

/* --------------------------------------------------------------- others ---
 */

static sgl_status
count_recoveries(sgl_store *store, sgl_time now, int64_t *out, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT count(*) FROM recovery_request"
	    " WHERE state = 'open' AND expires > $1");
	bool row;

	sgl_query_bind_int(&q, now);
	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}

static sgl_status
count_all(sgl_store *store, sgl_time now, sgl_counts *c, sgl_err *err)
{
	TRY(sgl_store_number(store,
	    "SELECT count(*) FROM person WHERE state = 'active'", &c->people,
	    err));
	TRY(count_certs(store, now, c, err));
	add_up(c);
	TRY(sgl_store_number(store,
	    "SELECT count(*) FROM key"
	    " WHERE person IS NOT NULL AND length(sealed) > 0",
	    &c->keys, err));
	TRY(count_recoveries(store, now, &c->recoveries, err));
	return sgl_store_number(store,
	    "SELECT count(*) FROM reminder WHERE sent IS NULL", &c->reminders,
	    err);
}

sgl_status
sgl_store_count(sgl_store *store, sgl_time now, sgl_counts *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_counts) c = {0};

	TRY(count_all(store, now, &c, err));
	*out = c;
	c = (sgl_counts){0};
	return SGL_OK;
}

sgl_status
sgl_store_size(sgl_store *store, int64_t *bytes, sgl_err *err)
{
	return sgl_store_number(store, store->driver->size, bytes, err);
}
