/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"
#include "sys/text.h"

#define COLUMNS "id, spki_digest, sealed, kind, person, created"

void
sgl_key_record_clear(sgl_key_record *k)
{
	sgl_buf_wipe(&k->sealed);
	sgl_mem_free(k->kind);
	*k = (sgl_key_record){0};
}

void
sgl_key_records_clear(sgl_key_records *list)
{
	for (size_t i = 0; i < list->num; i++)
		sgl_key_record_clear(&list->items[i]);
	sgl_mem_free(list->items);
	*list = (sgl_key_records){0};
}

static sgl_status
read_row(sgl_query *q, sgl_key_record *out, sgl_err *err)
{
	sgl_slice digest = sgl_query_slice(q, 1);

	if (digest.len != sizeof out->spki_digest)
		return sgl_store_fail(q->store, SQLITE_CORRUPT, err);
	memcpy(out->spki_digest, digest.data, digest.len);
	out->id = sgl_query_int(q, 0);
	TRY(sgl_query_blob(q, 2, &out->sealed, err));
	TRY(sgl_query_text(q, 3, &out->kind, err));
	out->person = sgl_query_int(q, 4);
	out->created = sgl_query_int(q, 5);
	return SGL_OK;
}

/* The table that AUTOINCREMENT keeps remembers numbers that are gone. */
sgl_status
sgl_store_next_key_id(sgl_store *store, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "SELECT seq FROM sqlite_sequence WHERE name = 'key'");
	bool row;

	TRY(sgl_query_step(&q, &row, err));
	*id = row ? sgl_query_int(&q, 0) + 1 : 1;
	return SGL_OK;
}

sgl_status
sgl_store_add_key(sgl_store *store, const sgl_key_record *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "INSERT INTO key (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)");

	sgl_query_bind_int(&q, k->id);
	sgl_query_bind_blob(
	    &q, sgl_slice_of(k->spki_digest, sizeof k->spki_digest));
	sgl_query_bind_blob(&q, sgl_buf_slice(&k->sealed));
	sgl_query_bind_text(&q, sgl_slice_str(k->kind));
	sgl_query_bind_ref(&q, k->person);
	sgl_query_bind_int(&q, k->created);
	return sgl_query_done(&q, err);
}

sgl_status
sgl_store_find_key(sgl_store *store, int64_t id, sgl_key_record *out,
    bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store, "SELECT " COLUMNS " FROM key WHERE id = ?");
	bool row;

	sgl_query_bind_int(&q, id);
	TRY(sgl_query_step(&q, &row, err));
	if (row) {
		TRY(read_row(&q, &k, err));
		*out = k;
		k = (sgl_key_record){0};
	}
	*found = row;
	return SGL_OK;
}

sgl_status
sgl_store_list_keys(
    sgl_store *store, int64_t person, sgl_key_records *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "SELECT " COLUMNS " FROM key WHERE person IS ? ORDER BY id DESC");
	bool row;

	sgl_query_bind_ref(&q, person);
	TRY(sgl_query_step(&q, &row, err));
	while (row) {
		TRY(sgl_list_grow(
		    &list.items, list.num, sizeof *list.items, err));
		list.num++;
		TRY(read_row(&q, &list.items[list.num - 1], err));
		TRY(sgl_query_step(&q, &row, err));
	}
	*out = list;
	list = (sgl_key_records){0};
	return SGL_OK;
}
