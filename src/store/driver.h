/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between the store and its two databases. Above it, one SQL for
 * both: values are $1, $2 ... in the order of their first appearance, numbers
 * have 64 bits, texts compare by their bytes.
 *
 * A change is alone from its begin to its commit, in SQLite by the lock of the
 * file, in PostgreSQL by the lock of the one row of `generation`; so what a
 * change reads stays true until it is kept, and nobody has to repeat one.
 */
#ifndef SGL_STORE_DRIVER_H
#define SGL_STORE_DRIVER_H

#include "store/query.h"

typedef enum sgl_store_mode {
	SGL_STORE_CREATE,
	SGL_STORE_WRITE,
	SGL_STORE_READ
} sgl_store_mode;

/* What can be the matter with a database, in words. */
typedef enum sgl_trouble {
	SGL_TROUBLE_PERMISSION,
	SGL_TROUBLE_BUSY,
	SGL_TROUBLE_READ_ONLY,
	SGL_TROUBLE_INTERRUPTED,
	SGL_TROUBLE_IO,
	SGL_TROUBLE_DAMAGED,
	SGL_TROUBLE_FULL,
	SGL_TROUBLE_CANNOT_OPEN,
	SGL_TROUBLE_TOO_LARGE,
	SGL_TROUBLE_FOREIGN,
	SGL_TROUBLE_OTHER_TABLES,
	SGL_TROUBLE_EMPTY,
	SGL_TROUBLE_FILE_SYSTEM,
	SGL_TROUBLE_LOGIN,
	SGL_TROUBLE_PASSWORD,
	SGL_TROUBLE_NO_SERVER,
	SGL_TROUBLE_GONE,
	SGL_TROUBLE_UNSURE,
	SGL_TROUBLE_STARTING,
	SGL_TROUBLE_CROWDED,
	SGL_TROUBLE_ENCODING,
	SGL_TROUBLE_SERVER_MEMORY
} sgl_trouble;
struct sgl_driver {
	/* How tables are made, one string per version (schema_table.h). */
	const char *const *migrations;
	/* What is the matter with an empty one that should hold something. */
	sgl_trouble empty;
	/* The statement whose answer is the number of the next key. */
	const char *next_key;
	/* The statement whose answer is "ok" where the file is sound; NULL:
	 * the server looks after that. */
	const char *check;
	/* The statement whose answer is how many bytes it takes. */
	const char *size;
	/* The first statement of a change; its answer is the version. */
	const char *enter;
	/* Raises the generation; its answer is for `commit`. */
	const char *raise;
	/* Begins to read everything as it is at that moment. */
	const char *begin_reading;
	/* The names of our tables, in the order in which they were made; name
	 * and kind (as SQLite calls it) of the columns of table $1. */
	const char *tables, *columns;
	/* The rows of a statement come in one piece, unless from a cursor. */
	bool has_cursors;
	/* For a table with an `id`. NULL: numbers that a table gives follow
	 * those it was given. */
	sgl_status (*count_on)(
	    sgl_store *store, const char *table, sgl_err *err);

	sgl_status (*open)(sgl_store *store, const char *location,
	    sgl_store_mode mode, sgl_err *err);
	void (*close)(sgl_store *store);

	/* Whose database it is: *version 0 for one that is empty, SGL_E_IO
	 * for somebody else's. `stamp` makes it ours, of this version. */
	sgl_status (*look)(sgl_store *store, int *version, sgl_err *err);
	sgl_status (*stamp)(sgl_store *store, int version, sgl_err *err);
	/* Inside the change that migrates, before anything is touched. */
	sgl_status (*save)(
	    sgl_store *store, const sgl_store_options *options, sgl_err *err);

	/* begin connects again if it must. `migrates`: there may be no tables
	 * yet. commit: `mark` is what `raise` answered, 0 if nothing changed;
	 * after a failure nothing is open. rollback is always possible. */
	sgl_status (*begin)(sgl_store *store, bool migrates, sgl_err *err);
	sgl_status (*commit)(sgl_store *store, int64_t mark, sgl_err *err);
	void (*rollback)(sgl_store *store);

	/* Statements without values. */
	sgl_status (*run)(sgl_store *store, const char *sql, sgl_err *err);
	/* The first step of a query executes it. `end` allows for a query that
	 * was never stepped. The columns are those of the row at hand. */
	sgl_status (*step)(sgl_query *q, bool *row, sgl_err *err);
	void (*end)(sgl_query *q);
	int64_t (*get_int)(sgl_query *q, int column);
	sgl_slice (*get_bytes)(sgl_query *q, int column);
	bool (*is_null)(sgl_query *q, int column);
	/* After the last step: how many rows it changed; with `wants_id`, the
	 * number of the one that it added. */
	int64_t (*num_changed)(sgl_query *q);
	int64_t (*new_id)(sgl_query *q);
};

struct sgl_store {
	const sgl_driver *driver;
	void *db;   /* the driver's */
	char *name; /* for errors: the path, or the URL without password */
	bool read_only;
	/* A change is open; something was changed in it; a part of it failed,
	 * so that it cannot be kept. */
	bool is_open, has_changed, has_failed;
	/* Statements that were made up; prepared ones are known by pointer, so
	 * these live as long. */
	char **made;
	size_t num_made;
};

const sgl_driver *sgl_sqlite_driver(void);
const sgl_driver *sgl_postgres_driver(void);

/* sgl_store_trouble is SGL_E_IO with these words and the store's name, and
 * what the database says of it (NULL: nothing). */
sgl_status sgl_store_trouble(const sgl_store *store, sgl_trouble trouble,
    const char *says, sgl_err *err);
/* sgl_store_refused is SGL_E_USAGE: a statement that the database does not
 * take, which is our mistake. */
sgl_status
sgl_store_refused(const sgl_store *store, const char *says, sgl_err *err);

/* sgl_store_begin_migration begins the change that makes the tables. */
SGL_MUST sgl_status sgl_store_begin_migration(sgl_store *store, sgl_err *err);
/* sgl_store_begin_reading: all that is read until sgl_store_rollback is of one
 * moment. */
SGL_MUST sgl_status sgl_store_begin_reading(sgl_store *store, sgl_err *err);
/* sgl_store_create_at makes the tables of an older version (or the present
 * one), in a change that stays open. */
SGL_MUST sgl_status sgl_store_create_at(
    const char *location, int version, sgl_store **out, sgl_err *err);
/* sgl_store_keep_sql keeps a statement as long as the store. */
SGL_MUST sgl_status sgl_store_keep_sql(
    sgl_store *store, const sgl_buf *sql, const char **out, sgl_err *err);

#endif
