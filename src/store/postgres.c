/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#ifdef SGL_WITH_POSTGRES
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/postgres.h"
#include "store/schema.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM

/* Types by their numbers, which PostgreSQL never changes. */
#define TYPE_BYTEA 17
#define TYPE_INT8 20
#define TYPE_TEXT 25

static sgl_postgres *
of(const sgl_store *store)
{
	return sgl_postgres_of(store);
}

static sgl_status
open_db(sgl_store *store, const char *url, sgl_store_mode mode, sgl_err *err)
{
	sgl_postgres *p = sgl_mem_zeroed(1, sizeof *p);

	(void)mode;
	if (p == NULL)
		return sgl_oom(err, ROOM);
	store->db = p;
	TRY(sgl_libpq_load(&p->pq, err));
	TRY(sgl_secret_set(&p->url, sgl_slice_str(url), err));
	TRY(sgl_postgres_name(store, err));
	return sgl_postgres_connect(store, err);
}

static void
close_db(sgl_store *store)
{
	sgl_postgres *p = of(store);

	if (p->conn != NULL)
		p->pq.PQfinish(p->conn);
	sgl_secret_clear(&p->url);
	sgl_mem_free(p);
}

/* ---------------------------------------------------------- statements --- */

/* Takes the result; `out`, unless NULL, gets it if it is a good one. */
static sgl_status
judge(const sgl_store *store, PGresult *result, PGresult **out, sgl_err *err)
{
	const sgl_libpq *pq = &of(store)->pq;
	ExecStatusType how = pq->PQresultStatus(result);
	sgl_status status = how == PGRES_COMMAND_OK || how == PGRES_TUPLES_OK
	    ? SGL_OK
	    : sgl_postgres_fail(store, result, err);

	if (status == SGL_OK && out != NULL)
		*out = result;
	else
		pq->PQclear(result);
	return status;
}

static sgl_status
run(sgl_store *store, const char *sql, sgl_err *err)
{
	sgl_postgres *p = of(store);

	return judge(store, p->pq.PQexec(p->conn, sql), NULL, err);
}

/* Values as PostgreSQL wants them: all in binary. */
typedef struct bound {
	Oid types[SGL_QUERY_VALUES];
	const char *values[SGL_QUERY_VALUES];
	int lengths[SGL_QUERY_VALUES], formats[SGL_QUERY_VALUES];
	uint64_t numbers[SGL_QUERY_VALUES];
	int num;
} bound;

static void
bind_value(bound *b, const sgl_value *v)
{
	static const Oid types[] = {
	    [SGL_VALUE_INT] = TYPE_INT8,
	    [SGL_VALUE_TEXT] = TYPE_TEXT,
	    [SGL_VALUE_BLOB] = TYPE_BYTEA,
	};
	int i = b->num++;

	b->types[i] = types[v->kind];
	b->formats[i] = 1;
	b->values[i] = (const char *)v->bytes.data;
	b->lengths[i] = (int)v->bytes.len;
	if (v->kind == SGL_VALUE_INT) {
		b->numbers[i] = __builtin_bswap64((uint64_t)v->number);
		b->values[i] = (const char *)&b->numbers[i];
		b->lengths[i] = sizeof b->numbers[i];
	}
	if (v->is_null)
		b->values[i] = NULL;
}

#define STATEMENT_MAX ((size_t)64 << 10)

/* SQLite knows the number of a new row, PostgreSQL has to be asked for it. */
static sgl_status
add_text(const sgl_query *q, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(
	    out, err, "%s%s%c", q->sql, q->wants_id ? " RETURNING id" : "", 0);
}

static sgl_status
prepare(sgl_query *q, const bound *b, size_t *place, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(STATEMENT_MAX);
	sgl_postgres *p = of(q->store);
	char name[24];
	size_t i;

	for (i = 0; i < p->num_kept; i++)
		if (p->kept[i] == q->sql)
			break;
	*place = i;
	if (i < p->num_kept || i == SGL_POSTGRES_KEPT)
		return SGL_OK;
	(void)snprintf(name, sizeof name, "s%zu", i);
	TRY(add_text(q, &text, err));
	TRY(judge(q->store,
	    p->pq.PQprepare(
		p->conn, name, (const char *)text.data, b->num, b->types),
	    NULL, err));
	p->kept[p->num_kept++] = q->sql;
	return SGL_OK;
}

/* One more statement than are kept. */
static sgl_status
execute_once(sgl_query *q, const bound *b, PGresult **out, sgl_err *err)
{
	const sgl_postgres *p = of(q->store);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(STATEMENT_MAX);

	TRY(add_text(q, &text, err));
	*out = p->pq.PQexecParams(p->conn, (const char *)text.data, b->num,
	    b->types, b->values, b->lengths, b->formats, 1);
	return SGL_OK;
}

static sgl_status
execute_prepared(sgl_query *q, const bound *b, PGresult **out, sgl_err *err)
{
	const sgl_postgres *p = of(q->store);
	char name[24];
	size_t place;

	TRY(prepare(q, b, &place, err));
	if (place == SGL_POSTGRES_KEPT)
		return execute_once(q, b, out, err);
	(void)snprintf(name, sizeof name, "s%zu", place);
	*out = p->pq.PQexecPrepared(
	    p->conn, name, b->num, b->values, b->lengths, b->formats, 1);
	return SGL_OK;
}

static sgl_status
execute(sgl_query *q, sgl_err *err)
{
	PGresult *result = NULL;
	bound b;

	b.num = 0;
	for (size_t i = 0; i < q->num_values; i++) {
		if (q->values[i].bytes.len > SGL_STORE_BLOB)
			return sgl_store_trouble(
			    q->store, SGL_TROUBLE_TOO_LARGE, NULL, err);
		bind_value(&b, &q->values[i]);
	}
	TRY(execute_prepared(q, &b, &result, err));
	TRY(judge(q->store, result, &result, err));
	q->state = result;
	q->row = -1;
	return SGL_OK;
}

/* Outside of a change statements only read, and may be repeated. */
static sgl_status
start(sgl_query *q, sgl_err *err)
{
	sgl_status status;

	if (q->store->is_open)
		return execute(q, err);
	if (sgl_postgres_is_lost(q->store))
		TRY(sgl_postgres_reconnect(q->store, err));
	status = execute(q, err);
	if (status == SGL_OK || !sgl_postgres_is_lost(q->store))
		return status;
	TRY(sgl_postgres_reconnect(q->store, err));
	return execute(q, err);
}

static sgl_status
step(sgl_query *q, bool *row, sgl_err *err)
{
	if (q->state == NULL)
		TRY(start(q, err));
	q->row++;
	*row = q->row < of(q->store)->pq.PQntuples(q->state);
	return SGL_OK;
}

static void
end(sgl_query *q)
{
	if (q->state != NULL)
		of(q->store)->pq.PQclear(q->state);
}

static sgl_slice
get_bytes(sgl_query *q, int column)
{
	const sgl_libpq *pq = &of(q->store)->pq;

	return sgl_slice_of(pq->PQgetvalue(q->state, q->row, column),
	    (size_t)pq->PQgetlength(q->state, q->row, column));
}

/* NULL has no bytes. */
static int64_t
get_int(sgl_query *q, int column)
{
	sgl_slice bytes = get_bytes(q, column);
	uint64_t value = 0;

	if (bytes.len > 0 && (bytes.data[0] & 0x80) != 0)
		value = UINT64_MAX;
	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.data[i];
	return (int64_t)value;
}

/* ------------------------------------------------------------- changes --- */

#define TO_TEXT(x) #x
#define NUMBER_TEXT(x) TO_TEXT(x)

/* Of those who would make the tables, one; the others wait until it is done. */
static const char lock_tables[] =
    "SET LOCAL lock_timeout = '60s';"
    "SELECT pg_advisory_xact_lock(" NUMBER_TEXT(SGL_STORE_APPLICATION) ")";

static sgl_status
try_begin(sgl_store *store, bool migrates, sgl_err *err)
{
	TRY(run(store, "BEGIN", err));
	return migrates ? run(store, lock_tables, err) : SGL_OK;
}

static void
rollback(sgl_store *store)
{
	const sgl_postgres *p = of(store);

	if (!sgl_postgres_is_lost(store) &&
	    p->pq.PQtransactionStatus(p->conn) != PQTRANS_IDLE)
		p->pq.PQclear(p->pq.PQexec(p->conn, "ROLLBACK"));
}

static sgl_status
begin(sgl_store *store, bool migrates, sgl_err *err)
{
	sgl_status status;

	if (sgl_postgres_is_lost(store))
		TRY(sgl_postgres_reconnect(store, err));
	status = try_begin(store, migrates, err);
	if (status != SGL_OK && sgl_postgres_is_lost(store)) {
		TRY(sgl_postgres_reconnect(store, err));
		status = try_begin(store, migrates, err);
	}
	if (status != SGL_OK)
		rollback(store);
	return status;
}

/* -1: the server does not know, or not yet. */
static sgl_status
ask_for(sgl_store *store, int64_t mark, int64_t *kept, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT CASE txid_status($1) WHEN 'committed' THEN 1"
	    " WHEN 'aborted' THEN 0 ELSE -1 END");
	bool row;

	sgl_query_bind_int(&q, mark);
	TRY(sgl_query_step(&q, &row, err));
	*kept = row ? sgl_query_int(&q, 0) : -1;
	return SGL_OK;
}

/* There was no good answer to COMMIT: the connection may have gone while we
 * waited for it. The number of the transaction tells how it ended, if the
 * server lives. `status` and *err say already that nothing was kept. */
static sgl_status
find_out(sgl_store *store, int64_t mark, sgl_status status, sgl_err *err)
{
	const struct timespec pause = {0, 100000000};
	int64_t kept = -1;

	if (sgl_postgres_reconnect(store, NULL) != SGL_OK)
		return sgl_store_trouble(store, SGL_TROUBLE_UNSURE, NULL, err);
	for (int i = 0; i < 50 && kept < 0; i++) {
		if (ask_for(store, mark, &kept, NULL) != SGL_OK)
			break;
		if (kept < 0)
			(void)nanosleep(&pause, NULL);
	}
	if (kept < 0)
		return sgl_store_trouble(store, SGL_TROUBLE_UNSURE, NULL, err);
	return kept == 1 ? SGL_OK : status;
}

/* A transaction that has failed ends with COMMIT too, but not in one. */
static sgl_status
commit(sgl_store *store, int64_t mark, sgl_err *err)
{
	const sgl_postgres *p = of(store);
	PGresult *result = NULL;
	sgl_status status =
	    judge(store, p->pq.PQexec(p->conn, "COMMIT"), &result, err);

	if (status == SGL_OK) {
		if (strcmp(p->pq.PQcmdStatus(result), "COMMIT") != 0)
			status = sgl_store_refused(
			    store, p->pq.PQcmdStatus(result), err);
		p->pq.PQclear(result);
		return status;
	}
	return mark == 0 ? status : find_out(store, mark, status, err);
}

/* 0: empty, 1: ours, 2: somebody else's. */
static const char whose[] =
    "SELECT CASE WHEN obj_description(to_regclass('migration'), 'pg_class')"
    " = 'sigill' THEN 1 WHEN EXISTS (SELECT 1 FROM pg_class c WHERE"
    " c.relnamespace = to_regnamespace(current_schema()) AND"
    " c.relkind IN ('r', 'p', 'v', 'm', 'f')) THEN 2 ELSE 0 END";

static sgl_status
look(sgl_store *store, int *version, sgl_err *err)
{
	int64_t whose_is, number = 0;

	TRY(sgl_store_number(store, whose, &whose_is, err));
	if (whose_is == 2)
		return sgl_store_trouble(
		    store, SGL_TROUBLE_OTHER_TABLES, NULL, err);
	if (whose_is == 1)
		TRY(sgl_store_number(
		    store, "SELECT max(version) FROM migration", &number, err));
	*version = (int)number;
	return SGL_OK;
}

static sgl_status
stamp(sgl_store *store, int version, sgl_err *err)
{
	(void)version;
	return run(store, "COMMENT ON TABLE migration IS 'sigill'", err);
}

static sgl_status
save(sgl_store *store, const sgl_store_options *options, sgl_err *err)
{
	if (options->has_backup)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the database is of an older release and must be changed to the "
	       "form of this one: make a backup (pg_dump), and say that there "
	       "is one"),
	    "%s", store->name);
}

static bool
is_null(sgl_query *q, int column)
{
	return of(q->store)->pq.PQgetisnull(q->state, q->row, column) != 0;
}

static int64_t
num_changed(sgl_query *q)
{
	return strtoll(of(q->store)->pq.PQcmdTuples(q->state), NULL, 10);
}

static int64_t
new_id(sgl_query *q)
{
	q->row = 0;
	return of(q->store)->pq.PQntuples(q->state) == 0 ? 0 : get_int(q, 0);
}

static sgl_status
count_on(sgl_store *store, const char *table, sgl_err *err)
{
	char sql[256];

	/* Not every `id` is such a number. */
	(void)snprintf(sql, sizeof sql,
	    "SELECT setval(s, (SELECT coalesce(max(id), 0) + 1 FROM %s), false)"
	    " FROM pg_get_serial_sequence('%s', 'id') AS s"
	    " WHERE s IS NOT NULL",
	    table, table);
	return run(store, sql, err);
}

static const sgl_driver driver = {
    .migrations = sgl_postgres_migrations,
    .empty = SGL_TROUBLE_EMPTY,
    .next_key = "SELECT nextval(pg_get_serial_sequence('key', 'id'))",
    .size = "SELECT pg_database_size(current_database())",
    .enter = "SELECT version FROM generation FOR UPDATE",
    .raise = "UPDATE generation SET number = number + 1"
	     " RETURNING txid_current()",
    .begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r'"
	      " AND relnamespace = to_regnamespace(current_schema())"
	      " ORDER BY oid",
    .columns = "SELECT column_name::text, CASE data_type"
	       " WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB'"
	       " WHEN 'text' THEN 'TEXT' ELSE data_type::text END"
	       " FROM information_schema.columns"
	       " WHERE table_schema = current_schema() AND table_name = $1"
	       " ORDER BY ordinal_position",
    .has_cursors = true,
    .count_on = count_on,
    .open = open_db,
    .close = close_db,
    .look = look,
    .stamp = stamp,
    .save = save,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .run = run,
    .step = step,
    .end = end,
    .get_int = get_int,
    .get_bytes = get_bytes,
    .is_null = is_null,
    .num_changed = num_changed,
    .new_id = new_id,
};
#endif

const sgl_driver *
sgl_postgres_driver(void)
{
#ifdef SGL_WITH_POSTGRES
	return &driver;
#else
	return NULL;
#endif
}
