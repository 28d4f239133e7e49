/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dump.h"
#include "store/driver.h"
#include "store/schema.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM
#define SQL_MAX 8192

/* ------------------------------------------------------ what there is --- */

typedef struct table_names {
	char names[SGL_DUMP_TABLES][SGL_DUMP_NAME];
	size_t num;
} table_names;

/* Names of ours go into statements as they are. */
static bool
is_name(sgl_slice s)
{
	if (s.len == 0 || s.len >= SGL_DUMP_NAME)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] != '_' && (s.data[i] < 'a' || s.data[i] > 'z') &&
		    (s.data[i] < '0' || s.data[i] > '9'))
			return false;
	return true;
}

static bool
take_name(sgl_slice s, char out[SGL_DUMP_NAME])
{
	if (!is_name(s))
		return false;
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
	return true;
}

static sgl_status
list_tables(sgl_store *store, table_names *out, sgl_err *err)
{
	SGL_QUERY(q, store, store->driver->tables);
	bool row;

	out->num = 0;
	TRY(sgl_query_step(&q, &row, err));
	while (row) {
		if (out->num == SGL_DUMP_TABLES ||
		    !take_name(sgl_query_slice(&q, 0), out->names[out->num]))
			return sgl_store_damaged(store, err);
		out->num++;
		TRY(sgl_query_step(&q, &row, err));
	}
	return SGL_OK;
}

static sgl_status
read_column(sgl_query *q, sgl_dump_table *t, sgl_err *err)
{
	static const char *const kinds[] = {
	    [SGL_VALUE_INT] = "INTEGER",
	    [SGL_VALUE_TEXT] = "TEXT",
	    [SGL_VALUE_BLOB] = "BLOB",
	};
	unsigned kind;

	TRY(sgl_query_word(q, 1, kinds, 3, &kind, err));
	if (t->num == SGL_QUERY_VALUES ||
	    !take_name(sgl_query_slice(q, 0), t->columns[t->num].name))
		return sgl_store_damaged(q->store, err);
	t->columns[t->num++].kind = (sgl_value_kind)kind;
	return SGL_OK;
}

/* *out has no columns where there is no such table. */
static sgl_status
describe(sgl_store *store, const char *name, sgl_dump_table *out, sgl_err *err)
{
	SGL_QUERY(q, store, store->driver->columns);
	bool row;

	*out = (sgl_dump_table){0};
	if (!take_name(sgl_slice_str(name), out->name))
		return sgl_store_damaged(store, err);
	sgl_query_bind_text(&q, sgl_slice_str(name));
	TRY(sgl_query_step(&q, &row, err));
	while (row) {
		TRY(read_column(&q, out, err));
		TRY(sgl_query_step(&q, &row, err));
	}
	return SGL_OK;
}

/* ------------------------------------------------------------ telling --- */

static sgl_status
add_columns(const sgl_dump_table *t, sgl_buf *sql, sgl_err *err)
{
	for (size_t i = 0; i < t->num; i++)
		TRY(sgl_buf_printf(
		    sql, err, "%s%s", i == 0 ? "" : ", ", t->columns[i].name));
	return SGL_OK;
}

/* By the first column, so that what refers to an earlier row of its own table
 * comes after it. */
static sgl_status
make_select(sgl_store *store, const sgl_dump_table *t, const char *before,
    const char **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sql = sgl_buf_init(SQL_MAX);

	TRY(sgl_buf_printf(&sql, err, "%sSELECT ", before));
	TRY(add_columns(t, &sql, err));
	TRY(sgl_buf_printf(&sql, err, " FROM %s ORDER BY 1", t->name));
	return sgl_store_keep_sql(store, &sql, out, err);
}

static void
read_values(sgl_query *q, const sgl_dump_table *t, sgl_value *values)
{
	for (size_t i = 0; i < t->num; i++) {
		sgl_value *v = &values[i];
		int column = (int)i;

		*v = (sgl_value){.kind = t->columns[i].kind,
		    .is_null = q->store->driver->is_null(q, column)};
		if (v->is_null)
			continue;
		if (v->kind == SGL_VALUE_INT)
			v->number = sgl_query_int(q, column);
		else
			v->bytes = sgl_query_slice(q, column);
	}
}

static sgl_status
tell_rows(sgl_store *store, const sgl_dump_table *t, const char *sql,
    const sgl_dump_visitor *visitor, size_t *num, sgl_err *err)
{
	SGL_QUERY(q, store, sql);
	sgl_value values[SGL_QUERY_VALUES];
	bool row;

	*num = 0;
	TRY(sgl_query_step(&q, &row, err));
	while (row) {
		read_values(&q, t, values);
		TRY(visitor->row(visitor->ctx, t, values, err));
		++*num;
		TRY(sgl_query_step(&q, &row, err));
	}
	return SGL_OK;
}

/* A server would send all rows of a table at once: from a cursor they come in
 * pages. */
static sgl_status
tell_by_cursor(sgl_store *store, const sgl_dump_table *t,
    const sgl_dump_visitor *visitor, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SQL_MAX);
	const char *declare, *fetch;
	size_t num;

	TRY(sgl_buf_printf(
	    &text, err, "DECLARE all_%s NO SCROLL CURSOR FOR ", t->name));
	TRY(sgl_buf_add(&text, sgl_slice_of("", 1), err));
	TRY(make_select(store, t, (const char *)text.data, &declare, err));
	text.len = 0;
	TRY(sgl_buf_printf(&text, err, "FETCH 256 FROM all_%s", t->name));
	TRY(sgl_store_keep_sql(store, &text, &fetch, err));
	TRY(sgl_store_run(store, declare, err));
	do
		TRY(tell_rows(store, t, fetch, visitor, &num, err));
	while (num > 0);
	return SGL_OK;
}

static sgl_status
tell_table(sgl_store *store, const char *name, const sgl_dump_visitor *visitor,
    sgl_err *err)
{
	sgl_dump_table t;
	const char *sql;
	size_t num;

	TRY(describe(store, name, &t, err));
	TRY(visitor->table(visitor->ctx, &t, err));
	if (store->driver->has_cursors)
		return tell_by_cursor(store, &t, visitor, err);
	TRY(make_select(store, &t, "", &sql, err));
	return tell_rows(store, &t, sql, visitor, &num, err);
}

static sgl_status
tell_all(sgl_store *store, const sgl_dump_visitor *visitor, sgl_err *err)
{
	SGL_AUTO_MEM table_names *tables = sgl_mem_zeroed(1, sizeof *tables);

	if (tables == NULL)
		return sgl_oom(err, ROOM);
	TRY(list_tables(store, tables, err));
	for (size_t i = 0; i < tables->num; i++)
		TRY(tell_table(store, tables->names[i], visitor, err));
	return SGL_OK;
}

sgl_status
sgl_store_dump(sgl_store *store, const sgl_dump_visitor *visitor, sgl_err *err)
{
	sgl_status status;

	TRY(sgl_store_begin_reading(store, err));
	status = tell_all(store, visitor, err);
	sgl_store_rollback(store);
	return status;
}

/* ------------------------------------------------------------ loading --- */

struct sgl_loader {
	sgl_store *store;
	int version;
	const char *insert; /* into the table at hand */
	size_t num;	    /* of its columns */
};

void
sgl_loader_free(sgl_loader *l)
{
	if (l == NULL)
		return;
	sgl_store_free(l->store);
	sgl_mem_free(l);
}

sgl_status
sgl_loader_new(
    const char *location, int version, sgl_loader **out, sgl_err *err)
{
	SGL_AUTO(sgl_loader)
	l = sgl_mem_zeroed(1, sizeof *l);

	if (l == NULL)
		return sgl_oom(err, ROOM);
	l->version = version;
	TRY(sgl_store_create_at(location, version, &l->store, err));
	*out = SGL_TAKE(&l);
	return SGL_OK;
}

static sgl_status
refuse(const char *what, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("the copy of the database does not fit its version"), "%s",
	    what);
}

static bool
has_column(const sgl_dump_table *t, const char *name, sgl_value_kind kind)
{
	for (size_t i = 0; i < t->num; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return t->columns[i].kind == kind;
	return false;
}

/* Neither more nor fewer: the columns are those of the table. */
static sgl_status
check_table(sgl_store *store, const sgl_dump_table *t, sgl_err *err)
{
	sgl_dump_table own;

	if (!is_name(sgl_slice_str(t->name)))
		return refuse("?", err);
	TRY(describe(store, t->name, &own, err));
	if (own.num == 0 || own.num != t->num)
		return refuse(t->name, err);
	for (size_t i = 0; i < t->num; i++)
		if (!has_column(&own, t->columns[i].name, t->columns[i].kind))
			return refuse(t->name, err);
	return SGL_OK;
}

static sgl_status
make_insert(sgl_loader *l, const sgl_dump_table *t, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sql = sgl_buf_init(SQL_MAX);

	TRY(sgl_buf_printf(&sql, err, "INSERT INTO %s (", t->name));
	TRY(add_columns(t, &sql, err));
	TRY(sgl_buf_add_str(&sql, ") VALUES (", err));
	for (size_t i = 0; i < t->num; i++)
		TRY(sgl_buf_printf(
		    &sql, err, "%s$%zu", i == 0 ? "" : ", ", i + 1));
	TRY(sgl_buf_add_str(&sql, ")", err));
	return sgl_store_keep_sql(l->store, &sql, &l->insert, err);
}

/* What making the tables has put into them goes. */
static sgl_status
empty_table(sgl_store *store, const char *name, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sql = sgl_buf_init(SQL_MAX);

	TRY(sgl_buf_printf(&sql, err, "DELETE FROM %s%c", name, 0));
	return sgl_store_run(store, (const char *)sql.data, err);
}

sgl_status
sgl_loader_table(sgl_loader *l, const sgl_dump_table *t, sgl_err *err)
{
	TRY(check_table(l->store, t, err));
	TRY(empty_table(l->store, t->name, err));
	l->num = t->num;
	return make_insert(l, t, err);
}

sgl_status
sgl_loader_row(sgl_loader *l, const sgl_value *values, size_t num, sgl_err *err)
{
	if (l->insert == NULL || num != l->num)
		return refuse("row", err);
	SGL_QUERY(q, l->store, l->insert);
	for (size_t i = 0; i < num; i++)
		sgl_query_bind(&q, &values[i]);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* Numbers that a server's table gives go on behind the highest one. */
static sgl_status
go_on_counting(sgl_store *store, sgl_err *err)
{
	SGL_AUTO_MEM table_names *tables = sgl_mem_zeroed(1, sizeof *tables);
	sgl_dump_table t;

	if (tables == NULL)
		return sgl_oom(err, ROOM);
	if (store->driver->count_on == NULL)
		return SGL_OK;
	TRY(list_tables(store, tables, err));
	for (size_t i = 0; i < tables->num; i++) {
		TRY(describe(store, tables->names[i], &t, err));
		if (has_column(&t, "id", SGL_VALUE_INT))
			TRY(store->driver->count_on(store, t.name, err));
	}
	return SGL_OK;
}

sgl_status
sgl_loader_end(sgl_loader *l, const sgl_store_options *options, sgl_store **out,
    sgl_err *err)
{
	TRY(go_on_counting(l->store, err));
	TRY(sgl_schema_finish(l->store, l->version, options, err));
	*out = SGL_TAKE(&l->store);
	return SGL_OK;
}
