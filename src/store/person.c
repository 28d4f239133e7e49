/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define COLUMNS "id, address, address_key, name, created"

void
sgl_person_clear(sgl_person *p)
{
	sgl_mem_free(p->address);
	sgl_mem_free(p->address_key);
	sgl_mem_free(p->name);
	*p = (sgl_person){0};
}

void
sgl_persons_clear(sgl_persons *list)
{
	for (size_t i = 0; i < list->num; i++)
		sgl_person_clear(&list->items[i]);
	sgl_mem_free(list->items);
	*list = (sgl_persons){0};
}

static sgl_status
read_row(sgl_query *q, sgl_person *out, sgl_err *err)
{
	out->id = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &out->address, err));
	TRY(sgl_query_text(q, 2, &out->address_key, err));
	TRY(sgl_query_text(q, 3, &out->name, err));
	out->created = sgl_query_int(q, 4);
	return SGL_OK;
}

sgl_status
sgl_store_add_person(
    sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "INSERT INTO person (address, address_key, name, created)"
	    " VALUES (?, ?, ?, ?)");

	sgl_query_bind_text(&q, sgl_slice_str(p->address));
	sgl_query_bind_text(&q, sgl_slice_str(p->address_key));
	sgl_query_bind_text(&q, sgl_slice_str(p->name));
	sgl_query_bind_int(&q, p->created);
	TRY(sgl_query_done(&q, err));
	*id = sqlite3_last_insert_rowid(store->db);
	return SGL_OK;
}

sgl_status
sgl_store_find_person(sgl_store *store, sgl_slice address_key, sgl_person *out,
    bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "SELECT " COLUMNS " FROM person WHERE address_key = ?");
	bool row;

	sgl_query_bind_text(&q, address_key);
	TRY(sgl_query_step(&q, &row, err));
	if (row) {
		TRY(read_row(&q, &p, err));
		*out = p;
		p = (sgl_person){0};
	}
	*found = row;
	return SGL_OK;
}

sgl_status
sgl_store_list_persons(sgl_store *store, sgl_persons *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_persons) list = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "SELECT " COLUMNS " FROM person ORDER BY address_key");
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
	list = (sgl_persons){0};
	return SGL_OK;
}
