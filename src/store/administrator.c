/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void
sgl_administrator_clear(sgl_administrator *a)
{
	sgl_mem_free(a->office);
	sgl_mem_free(a->name);
	*a = (sgl_administrator){0};
}

static void
clear(void *record)
{
	sgl_administrator_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_administrator *a = record;

	a->uid = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &a->office, err));
	TRY(sgl_query_text(q, 2, &a->name, err));
	a->created = sgl_query_int(q, 3);
	return SGL_OK;
}

static const sgl_record_type type = {
    sizeof(sgl_administrator), read_row, clear};

void
sgl_administrators_clear(sgl_administrators *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_administrators){0};
}

sgl_status
sgl_store_add_administrator(
    sgl_store *store, const sgl_administrator *a, bool *added, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO administrator (uid, office, name, created)"
	    " VALUES ($1, $2, $3, $4)"
	    " ON CONFLICT (uid, office) DO NOTHING");

	sgl_query_bind_int(&q, a->uid);
	sgl_query_bind_str(&q, a->office);
	sgl_query_bind_str(&q, a->name);
	sgl_query_bind_int(&q, a->created);
	return sgl_query_change(&q, NULL, added, err);
}

sgl_status
sgl_store_remove_administrator(sgl_store *store, int64_t uid,
    const char *office, bool *removed, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM administrator WHERE uid = $1 AND office = $2");

	sgl_query_bind_int(&q, uid);
	sgl_query_bind_str(&q, office);
	return sgl_query_change(&q, NULL, removed, err);
}

sgl_status
sgl_store_list_administrators(
    sgl_store *store, sgl_administrators *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT uid, office, name, created FROM administrator"
	    " ORDER BY uid, office");

	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_administrators){rows.items, rows.num};
	return SGL_OK;
}
