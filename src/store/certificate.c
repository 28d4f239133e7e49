/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"
#include "sys/text.h"

#define COLUMNS                                                                \
	"c.id, c.person, c.purpose, c.status, c.serial, c.not_before,"         \
	" c.not_after, c.der, c.issuer, c.key, c.created, c.superseded"

static const char *const purposes[] = {
    [SGL_CERT_SIGNING] = N_("signing"),
    [SGL_CERT_ENCRYPTION] = N_("encryption"),
};

static const char *const statuses[] = {
    [SGL_CERT_CURRENT] = "current",
    [SGL_CERT_SUPERSEDED] = "superseded",
};

const char *
sgl_cert_purpose_name(sgl_cert_purpose purpose)
{
	return purposes[purpose];
}

bool
sgl_cert_purpose_find(sgl_slice name, sgl_cert_purpose *out)
{
	for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
		if (sgl_slice_eq(name, sgl_slice_str(purposes[i]))) {
			*out = (sgl_cert_purpose)i;
			return true;
		}
	return false;
}

const char *
sgl_cert_status_name(sgl_cert_status status)
{
	return statuses[status];
}

void
sgl_cert_record_clear(sgl_cert_record *c)
{
	sgl_buf_clear(&c->serial);
	sgl_buf_clear(&c->der);
	*c = (sgl_cert_record){0};
}

void
sgl_cert_records_clear(sgl_cert_records *list)
{
	for (size_t i = 0; i < list->num; i++)
		sgl_cert_record_clear(&list->items[i]);
	sgl_mem_free(list->items);
	*list = (sgl_cert_records){0};
}

sgl_status
sgl_store_take_serial(
    sgl_store *store, sgl_slice serial, bool *taken, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "INSERT INTO serial (serial) VALUES (?) ON CONFLICT DO NOTHING");

	sgl_query_bind_blob(&q, serial);
	TRY(sgl_query_done(&q, err));
	*taken = sqlite3_changes(store->db) == 1;
	return SGL_OK;
}

sgl_status
sgl_store_add_cert(
    sgl_store *store, const sgl_cert_record *c, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "INSERT INTO certificate (person, purpose, status, serial,"
	    " not_before, not_after, der, issuer, key, created, superseded)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	sgl_query_bind_int(&q, c->person);
	sgl_query_bind_text(&q, sgl_slice_str(purposes[c->purpose]));
	sgl_query_bind_text(&q, sgl_slice_str(statuses[c->status]));
	sgl_query_bind_blob(&q, sgl_buf_slice(&c->serial));
	sgl_query_bind_int(&q, c->not_before);
	sgl_query_bind_int(&q, c->not_after);
	sgl_query_bind_blob(&q, sgl_buf_slice(&c->der));
	sgl_query_bind_int(&q, c->issuer);
	sgl_query_bind_int(&q, c->key);
	sgl_query_bind_int(&q, c->created);
	sgl_query_bind_ref(&q, c->superseded);
	TRY(sgl_query_done(&q, err));
	*id = sqlite3_last_insert_rowid(store->db);
	return SGL_OK;
}

/* The table admits no other words than ours. */
static sgl_status
read_row(sgl_query *q, sgl_cert_record *out, sgl_err *err)
{
	out->id = sgl_query_int(q, 0);
	out->person = sgl_query_int(q, 1);
	if (!sgl_cert_purpose_find(sgl_query_slice(q, 2), &out->purpose))
		return sgl_store_fail(q->store, SQLITE_CORRUPT, err);
	out->status = sgl_slice_eq(sgl_query_slice(q, 3),
			  sgl_slice_str(statuses[SGL_CERT_CURRENT]))
	    ? SGL_CERT_CURRENT
	    : SGL_CERT_SUPERSEDED;
	TRY(sgl_query_blob(q, 4, &out->serial, err));
	out->not_before = sgl_query_int(q, 5);
	out->not_after = sgl_query_int(q, 6);
	TRY(sgl_query_blob(q, 7, &out->der, err));
	out->issuer = sgl_query_int(q, 8);
	out->key = sgl_query_int(q, 9);
	out->created = sgl_query_int(q, 10);
	out->superseded = sgl_query_int(q, 11);
	return SGL_OK;
}

sgl_status
sgl_store_list_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "SELECT " COLUMNS " FROM certificate c JOIN person p"
	    " ON p.id = c.person WHERE ?1 IS NULL OR c.person = ?1"
	    " ORDER BY p.address_key, c.id DESC");
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
	list = (sgl_cert_records){0};
	return SGL_OK;
}

sgl_status
sgl_store_find_cert_by_serial(sgl_store *store, sgl_slice serial,
    sgl_cert_record *out, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "SELECT " COLUMNS " FROM certificate c WHERE c.serial = ?");
	bool row;

	sgl_query_bind_blob(&q, serial);
	TRY(sgl_query_step(&q, &row, err));
	if (row) {
		TRY(read_row(&q, &c, err));
		*out = c;
		c = (sgl_cert_record){0};
	}
	*found = row;
	return SGL_OK;
}

sgl_status
sgl_store_supersede_certs(sgl_store *store, int64_t person,
    sgl_cert_purpose purpose, int64_t except, sgl_time when, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "UPDATE certificate SET status = 'superseded', superseded = ?"
	    " WHERE person = ? AND purpose = ? AND status = 'current'"
	    " AND id <> ?");

	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, person);
	sgl_query_bind_text(&q, sgl_slice_str(purposes[purpose]));
	sgl_query_bind_int(&q, except);
	return sgl_query_done(&q, err);
}
