/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "store/schema.h"
#include "sys/text.h"

/* One string per version. What was released is never changed: add another. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE migration ("
    " version INTEGER PRIMARY KEY,"
    " applied INTEGER NOT NULL) STRICT;"

    "CREATE TABLE setting ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE person ("
    " id INTEGER PRIMARY KEY,"
    " address TEXT NOT NULL,"
    " address_key TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    " created INTEGER NOT NULL) STRICT;"

    /* AUTOINCREMENT: a number is never used twice, for sealing depends on it.
     */
    "CREATE TABLE key ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " spki_digest BLOB NOT NULL UNIQUE CHECK (length(spki_digest) = 32),"
    " sealed BLOB NOT NULL,"
    " kind TEXT NOT NULL,"
    " person INTEGER REFERENCES person (id),"
    " created INTEGER NOT NULL) STRICT;"
    "CREATE INDEX key_person ON key (person);"

    "CREATE TABLE authority ("
    " id INTEGER PRIMARY KEY,"
    " kind TEXT NOT NULL CHECK (kind IN ('root', 'issuing')),"
    " der BLOB NOT NULL,"
    " key INTEGER NOT NULL REFERENCES key (id),"
    " issuer INTEGER REFERENCES authority (id),"
    " created INTEGER NOT NULL) STRICT;"

    "CREATE TABLE serial ("
    " serial BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"

    "CREATE TABLE certificate ("
    " id INTEGER PRIMARY KEY,"
    " person INTEGER NOT NULL REFERENCES person (id),"
    " purpose TEXT NOT NULL CHECK (purpose IN ('signing', 'encryption')),"
    " status TEXT NOT NULL CHECK (status IN ('current', 'superseded')),"
    " serial BLOB NOT NULL UNIQUE REFERENCES serial (serial),"
    " not_before INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " der BLOB NOT NULL,"
    " issuer INTEGER NOT NULL REFERENCES authority (id),"
    " key INTEGER NOT NULL REFERENCES key (id),"
    " created INTEGER NOT NULL,"
    " superseded INTEGER) STRICT;"
    "CREATE INDEX certificate_person ON certificate (person);",
};

#define NUM_MIGRATIONS ((int)(sizeof migrations / sizeof migrations[0]))

int
sgl_store_version(void)
{
	return NUM_MIGRATIONS;
}

static sgl_status
read_number(sgl_store *store, const char *sql, int64_t *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query) q = sgl_query_over(store, sql);
	bool row;

	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}

sgl_status
sgl_schema_check(sgl_store *store, int *version, sgl_err *err)
{
	int64_t application, number, tables;

	TRY(read_number(store, "PRAGMA application_id", &application, err));
	TRY(read_number(store, "PRAGMA user_version", &number, err));
	TRY(read_number(
	    store, "SELECT count(*) FROM sqlite_schema", &tables, err));
	if (application != SGL_STORE_APPLICATION && tables > 0)
		return sgl_store_fail(store, SQLITE_NOTADB, err);
	if (number > NUM_MIGRATIONS)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, SGL_STORE_ROOM,
		    SGL_NO_OFFSET,
		    N_("the database was made by a newer release"), "%s",
		    store->path);
	*version = tables == 0 ? 0 : (int)number;
	return SGL_OK;
}

static sgl_status
note_migration(sgl_store *store, int version, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(
	    store, "INSERT INTO migration (version, applied) VALUES (?, ?)");

	sgl_query_bind_int(&q, version);
	sgl_query_bind_int(&q, (int64_t)time(NULL));
	return sgl_query_done(&q, err);
}

/* PRAGMAs take no bound values. */
static sgl_status
set_version(sgl_store *store, sgl_err *err)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql,
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    SGL_STORE_APPLICATION, NUM_MIGRATIONS);
	return sgl_store_run(store, sql, err);
}

static sgl_status
apply(sgl_store *store, int version, sgl_err *err)
{
	for (int v = version; v < NUM_MIGRATIONS; v++) {
		TRY(sgl_store_run(store, migrations[v], err));
		TRY(note_migration(store, v + 1, err));
	}
	TRY(set_version(store, err));
	return sgl_store_commit(store, err);
}

sgl_status
sgl_schema_migrate(sgl_store *store, int version, sgl_err *err)
{
	sgl_status status;

	if (version == NUM_MIGRATIONS)
		return SGL_OK;
	TRY(sgl_store_begin(store, err));
	status = apply(store, version, err);
	if (status != SGL_OK)
		sgl_store_rollback(store);
	return status;
}
