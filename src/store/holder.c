/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define SELECT                                                                 \
	"SELECT h.mailbox, h.person, m.address, p.address, h.created,"         \
	" h.handed FROM holder h JOIN person m ON m.id = h.mailbox"            \
	" JOIN person p ON p.id = h.person"

void
sgl_holder_clear(sgl_holder *h)
{
	sgl_mem_free(h->mailbox_address);
	sgl_mem_free(h->address);
	*h = (sgl_holder){0};
}

static void
clear(void *record)
{
	sgl_holder_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_holder *h = record;

	h->mailbox = sgl_query_int(q, 0);
	h->person = sgl_query_int(q, 1);
	TRY(sgl_query_text(q, 2, &h->mailbox_address, err));
	TRY(sgl_query_text(q, 3, &h->address, err));
	h->created = sgl_query_int(q, 4);
	h->handed = sgl_query_int(q, 5);
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_holder), read_row, clear};

void
sgl_holders_clear(sgl_holders *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_holders){0};
}

sgl_status
sgl_store_add_holder(
    sgl_store *store, const sgl_holder *h, bool *added, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO holder (mailbox, person, created)"
	    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");

	sgl_query_bind_int(&q, h->mailbox);
	sgl_query_bind_int(&q, h->person);
	sgl_query_bind_int(&q, h->created);
	return sgl_query_change(&q, NULL, added, err);
}

sgl_status
sgl_store_remove_holder(sgl_store *store, int64_t mailbox, int64_t person,
    bool *removed, sgl_err *err)
{
	SGL_QUERY(
	    q, store, "DELETE FROM holder WHERE mailbox = $1 AND person = $2");

	sgl_query_bind_int(&q, mailbox);
	sgl_query_bind_int(&q, person);
	return sgl_query_change(&q, NULL, removed, err);
}

sgl_status
sgl_store_set_handed(sgl_store *store, int64_t mailbox, int64_t person,
    sgl_time when, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE holder SET handed = $1 WHERE mailbox = $2 AND person = $3");

	sgl_query_bind_ref(&q, when);
	sgl_query_bind_int(&q, mailbox);
	sgl_query_bind_int(&q, person);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
list(sgl_store *store, const char *sql, int64_t id, sgl_holders *out,
    sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store, sql);

	sgl_query_bind_int(&q, id);
	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_holders){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_holders(
    sgl_store *store, int64_t mailbox, sgl_holders *out, sgl_err *err)
{
	return list(store,
	    SELECT " WHERE h.mailbox = $1 ORDER BY p.address_key", mailbox, out,
	    err);
}

sgl_status
sgl_store_list_held(
    sgl_store *store, int64_t person, sgl_holders *out, sgl_err *err)
{
	return list(store, SELECT " WHERE h.person = $1 ORDER BY m.address_key",
	    person, out, err);
}
