/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

static const char *const kinds[] = {
    [SGL_AUTHORITY_ROOT] = "root",
    [SGL_AUTHORITY_ISSUING] = "issuing",
};

void
sgl_authority_clear(sgl_authority *a)
{
	sgl_buf_clear(&a->der);
	*a = (sgl_authority){0};
}

void
sgl_authorities_clear(sgl_authorities *list)
{
	for (size_t i = 0; i < list->num; i++)
		sgl_authority_clear(&list->items[i]);
	sgl_mem_free(list->items);
	*list = (sgl_authorities){0};
}

sgl_status
sgl_store_add_authority(
    sgl_store *store, const sgl_authority *a, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "INSERT INTO authority (kind, der, key, issuer, created)"
	    " VALUES (?, ?, ?, ?, ?)");

	sgl_query_bind_text(&q, sgl_slice_str(kinds[a->kind]));
	sgl_query_bind_blob(&q, sgl_buf_slice(&a->der));
	sgl_query_bind_int(&q, a->key);
	sgl_query_bind_ref(&q, a->issuer);
	sgl_query_bind_int(&q, a->created);
	TRY(sgl_query_done(&q, err));
	*id = sqlite3_last_insert_rowid(store->db);
	return SGL_OK;
}

static sgl_status
read_row(sgl_query *q, sgl_authority *out, sgl_err *err)
{
	out->id = sgl_query_int(q, 0);
	out->kind = sgl_slice_eq(sgl_query_slice(q, 1),
			sgl_slice_str(kinds[SGL_AUTHORITY_ROOT]))
	    ? SGL_AUTHORITY_ROOT
	    : SGL_AUTHORITY_ISSUING;
	TRY(sgl_query_blob(q, 2, &out->der, err));
	out->key = sgl_query_int(q, 3);
	out->issuer = sgl_query_int(q, 4);
	out->created = sgl_query_int(q, 5);
	return SGL_OK;
}

sgl_status
sgl_store_list_authorities(sgl_store *store, sgl_authorities *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "SELECT id, kind, der, key, issuer, created FROM authority"
	    " ORDER BY id DESC");
	bool row;

	TRY(sgl_query_step(&q, &row, err));
	while (row) {
		TRY(sgl_list_grow(
		    &list.items, list.num, sizeof *list.items, err));
		list.num++;
		TRY(read_row(&q, &list.items[list.num - 1], err));
		TRY(sgl_query_step(&q, &row, err));
	}
	*out = list;
	list = (sgl_authorities){0};
	return SGL_OK;
}
