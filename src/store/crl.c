/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void
sgl_crl_record_clear(sgl_crl_record *c)
{
	sgl_buf_clear(&c->der);
	*c = (sgl_crl_record){0};
}

static void
clear(void *record)
{
	sgl_crl_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_crl_record *c = record;

	c->authority = sgl_query_int(q, 0);
	c->shard = sgl_query_int(q, 1);
	c->number = sgl_query_int(q, 2);
	c->this_update = sgl_query_int(q, 3);
	c->next_update = sgl_query_int(q, 4);
	return sgl_query_blob(q, 5, &c->der, err);
}

static const sgl_record_type type = {sizeof(sgl_crl_record), read_row, clear};

sgl_status
sgl_store_set_crl_due(
    sgl_store *store, int64_t authority, int64_t shard, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO crl_due (authority, shard, changes) VALUES ($1, $2, 1)"
	    " ON CONFLICT (authority, shard) DO UPDATE SET"
	    " changes = crl_due.changes + 1");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_int(&q, shard);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_is_crl_due(sgl_store *store, int64_t authority, int64_t shard,
    sgl_time since, sgl_time now, bool *due, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT 1 WHERE EXISTS (SELECT 1 FROM crl_due WHERE authority = $1"
	    " AND shard = $2) OR NOT EXISTS (SELECT 1 FROM crl WHERE"
	    " authority = $1 AND shard = $2 AND this_update >= $3"
	    " AND this_update <= $4)");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_int(&q, shard);
	sgl_query_bind_int(&q, since);
	sgl_query_bind_int(&q, now);
	return sgl_query_step(&q, due, err);
}

sgl_status
sgl_store_leap_crl_number(
    sgl_store *store, int64_t authority, int64_t by, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE authority SET crl_number = crl_number + $1 WHERE id = $2");

	sgl_query_bind_int(&q, by);
	sgl_query_bind_int(&q, authority);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* Numbers of CRLs only grow, and grow by each that is made; each change that
 * makes one due is seen before, also where its key is away for long. */
sgl_status
sgl_store_get_published(sgl_store *store, int64_t *out, sgl_err *err)
{
	return sgl_store_number(store,
	    "SELECT CAST(1000000 * (SELECT coalesce(sum(crl_number), 0)"
	    " FROM authority) + (SELECT coalesce(sum(changes), 0)"
	    " FROM crl_due) AS BIGINT)",
	    out, err);
}

static sgl_status
set_done(sgl_store *store, int64_t authority, int64_t shard, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM crl_due WHERE authority = $1 AND shard = $2");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_int(&q, shard);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
add(sgl_store *store, const sgl_crl_record *c, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO crl (authority, shard, number, this_update,"
	    " next_update, der) VALUES ($1, $2, $3, $4, $5, $6)");

	sgl_query_bind_int(&q, c->authority);
	sgl_query_bind_int(&q, c->shard);
	sgl_query_bind_int(&q, c->number);
	sgl_query_bind_int(&q, c->this_update);
	sgl_query_bind_int(&q, c->next_update);
	sgl_query_bind_blob(&q, sgl_buf_slice(&c->der));
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
add_and_settle(sgl_store *store, const sgl_crl_record *c, sgl_err *err)
{
	TRY(add(store, c, err));
	return set_done(store, c->authority, c->shard, err);
}

sgl_status
sgl_store_add_crl(sgl_store *store, const sgl_crl_record *c, sgl_err *err)
{
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	return sgl_change_end(store, own, add_and_settle(store, c, err), err);
}

sgl_status
sgl_store_find_crl(sgl_store *store, int64_t authority, int64_t shard,
    sgl_crl_record *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT authority, shard, number, this_update, next_update, der"
	    " FROM crl WHERE authority = $1 AND shard = $2"
	    " ORDER BY number DESC LIMIT 1");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_int(&q, shard);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_drop_crls(sgl_store *store, int64_t authority, int64_t shard,
    int64_t number, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM crl WHERE authority = $1 AND shard = $2"
	    " AND number < $3");

	sgl_query_bind_int(&q, authority);
	sgl_query_bind_int(&q, shard);
	sgl_query_bind_int(&q, number);
	return sgl_query_change(&q, NULL, NULL, err);
}
