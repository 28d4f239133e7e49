/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void
sgl_branch_record_clear(sgl_branch_record *b)
{
	sgl_buf_clear(&b->der);
	*b = (sgl_branch_record){0};
}

static void
clear(void *record)
{
	sgl_branch_record_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_branch_record *b = record;

	b->id = sgl_query_int(q, 0);
	b->issuer = sgl_query_int(q, 1);
	b->created = sgl_query_int(q, 2);
	return sgl_query_blob(q, 3, &b->der, err);
}

static const sgl_record_type type = {
    sizeof(sgl_branch_record), read_row, clear};

void
sgl_branches_clear(sgl_branches *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_branches){0};
}

sgl_status
sgl_store_add_branch(
    sgl_store *store, const sgl_branch_record *b, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO branch (issuer, created, der) VALUES ($1, $2, $3)");

	sgl_query_bind_int(&q, b->issuer);
	sgl_query_bind_int(&q, b->created);
	sgl_query_bind_blob(&q, sgl_buf_slice(&b->der));
	return sgl_query_insert(&q, id, err);
}

sgl_status
sgl_store_list_branches(sgl_store *store, sgl_branches *out, sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store,
	    "SELECT id, issuer, created, der FROM branch ORDER BY id");

	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_branches){rows.items, rows.num};
	return SGL_OK;
}
