/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the driver for SQLite. */
#ifndef SGL_STORE_SQLITE_H
#define SGL_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/driver.h"

/* What one statement after another was prepared for, kept for the next time;
 * found by the address of its text. */
#define SGL_SQLITE_KEPT 96
typedef struct sgl_kept {
	const char *sql;
	sqlite3_stmt *statement;
	bool in_use;
} sgl_kept;

typedef struct sgl_sqlite {
	sqlite3 *db;
	char *path;
	sgl_kept kept[SGL_SQLITE_KEPT];
	size_t num_kept;
} sgl_sqlite;

/* sgl_sqlite_connect opens a connection to a file; *db is to be closed even
 * after a failure, which is an answer of SQLite's. */
SGL_MUST int
sgl_sqlite_connect(const char *path, bool read_only, bool frozen, sqlite3 **db);
/* sgl_sqlite_fail fills *err for what a connection answered. */
sgl_status
sgl_sqlite_fail(const sgl_store *store, sqlite3 *db, int answer, sgl_err *err);

/* sgl_sqlite_save copies the database, as it was committed, to the file
 * `name`, which appears whole or not at all. */
SGL_MUST sgl_status sgl_sqlite_save(
    sgl_store *store, const char *name, sgl_err *err);

#endif
