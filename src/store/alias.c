/* SPDX-License-Identifier: Apache-2.0 */
/* The table of addresses holds those of the people themselves too, so that an
 * address is one person's alone. */
#include "store/query.h"

void
sgl_alias_clear(sgl_alias *a)
{
	sgl_mem_free(a->address);
	sgl_mem_free(a->address_key);
	*a = (sgl_alias){0};
}

static void
clear(void *record)
{
	sgl_alias_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_alias *a = record;

	TRY(sgl_query_text(q, 0, &a->address, err));
	TRY(sgl_query_text(q, 1, &a->address_key, err));
	a->person = sgl_query_int(q, 2);
	a->created = sgl_query_int(q, 3);
	a->is_certified = sgl_query_int(q, 4) != 0;
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_alias), read_row, clear};

void
sgl_aliases_clear(sgl_aliases *list)
{
	sgl_rows_clear(&type, (sgl_rows){list->items, list->num});
	*list = (sgl_aliases){0};
}

sgl_status
sgl_store_add_alias(sgl_store *store, const sgl_alias *a, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO address (address, address_key, person, created,"
	    " is_certified) VALUES ($1, $2, $3, $4, $5)");

	sgl_query_bind_str(&q, a->address);
	sgl_query_bind_str(&q, a->address_key);
	sgl_query_bind_int(&q, a->person);
	sgl_query_bind_int(&q, a->created);
	sgl_query_bind_int(&q, a->is_certified);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_remove_alias(
    sgl_store *store, sgl_slice address_key, bool *removed, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "DELETE FROM address WHERE address_key = $1 AND NOT EXISTS"
	    " (SELECT 1 FROM person p WHERE p.address_key = $1)");

	sgl_query_bind_text(&q, address_key);
	return sgl_query_change(&q, NULL, removed, err);
}

sgl_status
sgl_store_certify_alias(
    sgl_store *store, sgl_slice address_key, bool is_certified, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE address SET is_certified = $1 WHERE address_key = $2");

	sgl_query_bind_int(&q, is_certified);
	sgl_query_bind_text(&q, address_key);
	return sgl_query_change(&q, NULL, NULL, err);
}

#define OF_PERSON                                                              \
	"SELECT a.address, a.address_key, a.person, a.created, a.is_certified" \
	" FROM address a JOIN person p ON p.id = a.person"                     \
	" WHERE a.person = $1 AND a.address_key <> p.address_key"
#define IN_ORDER " ORDER BY a.address_key"

static sgl_status
list(sgl_store *store, const char *sql, int64_t person, sgl_aliases *out,
    sgl_err *err)
{
	sgl_rows rows;
	SGL_QUERY(q, store, sql);

	sgl_query_bind_int(&q, person);
	TRY(sgl_query_rows(&q, &type, &rows, err));
	*out = (sgl_aliases){rows.items, rows.num};
	return SGL_OK;
}

sgl_status
sgl_store_list_aliases(
    sgl_store *store, int64_t person, sgl_aliases *out, sgl_err *err)
{
	return list(store, OF_PERSON IN_ORDER, person, out, err);
}

sgl_status
sgl_store_list_certified(
    sgl_store *store, int64_t person, sgl_aliases *out, sgl_err *err)
{
	return list(store, OF_PERSON " AND a.is_certified = 1" IN_ORDER, person,
	    out, err);
}

/* "_" and "%" stand for anything in a pattern. */
static sgl_status
make_pattern(const char *end, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, "%", err));
	for (const char *c = end; *c != '\0'; c++) {
		if (*c == '_' || *c == '%' || *c == '!')
			TRY(sgl_buf_add_str(out, "!", err));
		TRY(sgl_buf_add(out, sgl_slice_of(c, 1), err));
	}
	return SGL_OK;
}

sgl_status
sgl_store_count_addresses(
    sgl_store *store, const char *end, int64_t *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) pattern = sgl_buf_init(1024);
	bool row;
	SGL_QUERY(q, store,
	    "SELECT count(*) FROM address WHERE address_key LIKE $1"
	    " ESCAPE '!'");

	TRY(make_pattern(end, &pattern, err));
	sgl_query_bind_text(&q, sgl_buf_slice(&pattern));
	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}
