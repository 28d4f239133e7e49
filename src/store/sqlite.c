/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/sqlite.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM
#define PATIENCE_MS 5000
#define PATH_MAX_URI 16384

/* Durable at every commit; a foreign key means what it says; a schema that a
 * stranger planted runs no functions; of a million records, the inner pages
 * stay in memory, and so does what a statement may have to take back: else it
 * goes through a file. */
static const char session[] = "PRAGMA foreign_keys = ON;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA trusted_schema = OFF;"
			      "PRAGMA cell_size_check = ON;"
			      "PRAGMA secure_delete = ON;"
			      "PRAGMA cache_size = -16384;"
			      "PRAGMA temp_store = MEMORY;";

static const struct {
	int answer; /* primary result code */
	sgl_trouble trouble;
} troubles[] = {
    {SQLITE_PERM, SGL_TROUBLE_PERMISSION},
    {SQLITE_AUTH, SGL_TROUBLE_PERMISSION},
    {SQLITE_BUSY, SGL_TROUBLE_BUSY},
    {SQLITE_LOCKED, SGL_TROUBLE_BUSY},
    {SQLITE_READONLY, SGL_TROUBLE_READ_ONLY},
    {SQLITE_INTERRUPT, SGL_TROUBLE_INTERRUPTED},
    {SQLITE_IOERR, SGL_TROUBLE_IO},
    {SQLITE_CORRUPT, SGL_TROUBLE_DAMAGED},
    {SQLITE_FULL, SGL_TROUBLE_FULL},
    {SQLITE_CANTOPEN, SGL_TROUBLE_CANNOT_OPEN},
    {SQLITE_TOOBIG, SGL_TROUBLE_TOO_LARGE},
    {SQLITE_NOTADB, SGL_TROUBLE_FOREIGN},
    {SQLITE_NOLFS, SGL_TROUBLE_FILE_SYSTEM},
};

/* "Input/output error" may be a full disk that the system told of. */
static int
precise(sqlite3 *db, int primary)
{
	int error;

	if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN)
		return primary;
	error = db == NULL ? 0 : sqlite3_system_errno(db);
	if (error == ENOSPC || error == EDQUOT)
		return SQLITE_FULL;
	return error == EACCES || error == EPERM ? SQLITE_PERM : primary;
}

sgl_status
sgl_sqlite_fail(const sgl_store *store, sqlite3 *db, int answer, sgl_err *err)
{
	int primary = precise(db, answer & 0xff);

	if (primary == SQLITE_NOMEM || answer == SQLITE_IOERR_NOMEM)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
		if (troubles[i].answer == primary)
			return sgl_store_trouble(
			    store, troubles[i].trouble, NULL, err);
	return sgl_store_refused(store,
	    db == NULL ? sqlite3_errstr(answer) : sqlite3_errmsg(db), err);
}

static sgl_sqlite *
sqlite_of(const sgl_store *store)
{
	return store->db;
}

static sgl_status
tell(const sgl_store *store, int answer, sgl_err *err)
{
	return sgl_sqlite_fail(store, sqlite_of(store)->db, answer, err);
}

/* ------------------------------------------------------------- opening --- */

/*
 * Reading a WAL database needs a writable folder, for readers meet writers in
 * a file there. On a read-only file system nobody writes; in a folder that we
 * may not write to, nobody does while there is no log of changes.
 */
static sgl_status
find_frozen(const char *path, bool *frozen, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) other = sgl_buf_init(PATH_MAX_URI);
	struct statvfs fs;
	bool busy, writable;

	TRY(sgl_buf_printf(&other, err, "%s-wal%c", path, 0));
	busy = access((const char *)other.data, F_OK) == 0;
	other.len = strlen(path);
	while (other.len > 0 && other.data[other.len - 1] != '/')
		other.len--;
	TRY(sgl_buf_printf(&other, err, ".%c", 0));
	writable = euidaccess((const char *)other.data, W_OK) == 0;
	*frozen = (!writable && !busy) ||
	    (statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0);
	return SGL_OK;
}

/* A path may hold what means something in a URI. */
static sgl_status
add_uri_path(sgl_buf *uri, const char *path)
{
	for (; *path != '\0'; path++)
		if (*path == '?' || *path == '#' || *path == '%')
			TRY(sgl_buf_printf(
			    uri, NULL, "%%%02x", (unsigned)(uint8_t)*path));
		else
			TRY(sgl_buf_add(uri, sgl_slice_of(path, 1), NULL));
	return SGL_OK;
}

static sgl_status
make_uri(sgl_buf *uri, const char *path, bool frozen)
{
	TRY(sgl_buf_add_str(uri, "file:", NULL));
	TRY(add_uri_path(uri, path));
	if (frozen)
		TRY(sgl_buf_add_str(uri, "?immutable=1", NULL));
	return sgl_buf_add(uri, sgl_slice_of("", 1), NULL);
}

int
sgl_sqlite_connect(const char *path, bool read_only, bool frozen, sqlite3 **db)
{
	SGL_AUTO_CLEAR(sgl_buf) uri = sgl_buf_init(PATH_MAX_URI);
	int answer,
	    flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE |
	    (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);

	if (make_uri(&uri, path, frozen) != SGL_OK)
		return SQLITE_NOMEM;
	/* Nobody asks how much memory there is in use, and each allocation
	 * would take a lock to count itself. Too late where one was opened
	 * before. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	answer = sqlite3_open_v2((const char *)uri.data, db, flags, NULL);
	if (answer != SQLITE_OK)
		return answer;
	(void)sqlite3_busy_timeout(*db, PATIENCE_MS);
	/* Memory that would pay off only with many statements. */
	if (read_only)
		(void)sqlite3_db_config(
		    *db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);
	(void)sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sqlite3_exec(*db, session, NULL, NULL, NULL);
}

/* What is no file, or not to be read, has a better reason than the one that
 * the database gives. */
static sgl_status
look_at(const char *path, bool read_only, sgl_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	if (S_ISDIR(st.st_mode))
		return sgl_fail_errno(err, EISDIR, ROOM, path);
	if (euidaccess(path, read_only ? R_OK : R_OK | W_OK) != 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	return SGL_OK;
}

static sgl_status
make_file(const char *path, sgl_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	(void)close(fd);
	return SGL_OK;
}

static sgl_status
new_db(sgl_store *store, const char *path, sgl_err *err)
{
	sgl_sqlite *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	store->db = s;
	TRY(sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&store->name, ROOM, err));
	return sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&s->path, ROOM, err);
}

static sgl_status
open_db(sgl_store *store, const char *path, sgl_store_mode mode, sgl_err *err)
{
	bool frozen = false, read_only = mode == SGL_STORE_READ;
	int answer;

	TRY(mode == SGL_STORE_CREATE ? make_file(path, err)
				     : look_at(path, read_only, err));
	TRY(new_db(store, path, err));
	if (read_only)
		TRY(find_frozen(path, &frozen, err));
	answer =
	    sgl_sqlite_connect(path, read_only, frozen, &sqlite_of(store)->db);
	return answer == SQLITE_OK ? SGL_OK : tell(store, answer, err);
}

static void
close_db(sgl_store *store)
{
	sgl_sqlite *s = sqlite_of(store);

	for (size_t i = 0; i < s->num_kept; i++)
		(void)sqlite3_finalize(s->kept[i].statement);
	(void)sqlite3_close(s->db);
	sgl_mem_free(s->path);
	sgl_mem_free(s);
}

/* ------------------------------------------------------------- changes --- */

static sgl_status
run(sgl_store *store, const char *sql, sgl_err *err)
{
	int answer = sqlite3_exec(sqlite_of(store)->db, sql, NULL, NULL, NULL);

	return answer == SQLITE_OK ? SGL_OK : tell(store, answer, err);
}

/* IMMEDIATE: to wait for other writers now and not in the middle. The form of
 * the journal cannot change inside. New indexes over a million records are
 * sorted in files. */
static sgl_status
begin(sgl_store *store, bool migrates, sgl_err *err)
{
	if (migrates)
		TRY(run(store,
		    "PRAGMA journal_mode = WAL; PRAGMA temp_store = FILE",
		    err));
	return run(store, "BEGIN IMMEDIATE", err);
}

static sgl_status
commit(sgl_store *store, int64_t mark, sgl_err *err)
{
	(void)mark;
	return run(store, "COMMIT", err);
}

static void
rollback(sgl_store *store)
{
	sqlite3 *db = sqlite_of(store)->db;

	if (sqlite3_get_autocommit(db) == 0)
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static sgl_status
look(sgl_store *store, int *version, sgl_err *err)
{
	int64_t application, number, tables;

	TRY(sgl_store_number(
	    store, "PRAGMA application_id", &application, err));
	TRY(sgl_store_number(store, "PRAGMA user_version", &number, err));
	TRY(sgl_store_number(
	    store, "SELECT count(*) FROM sqlite_schema", &tables, err));
	if (application != SGL_STORE_APPLICATION && tables > 0)
		return sgl_store_trouble(store, SGL_TROUBLE_FOREIGN, NULL, err);
	*version = tables == 0 ? 0 : (int)number;
	return SGL_OK;
}

/* PRAGMAs take no bound values. */
static sgl_status
stamp(sgl_store *store, int version, sgl_err *err)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql,
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    SGL_STORE_APPLICATION, version);
	return run(store, sql, err);
}

static sgl_status
save(sgl_store *store, const sgl_store_options *options, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(PATH_MAX_URI);

	(void)options;
	TRY(sgl_buf_printf(&name, err, "%s.before-v%d%c",
	    sqlite_of(store)->path, sgl_store_version(), 0));
	return sgl_sqlite_save(store, (const char *)name.data, err);
}

/* ---------------------------------------------------------- statements --- */

static sgl_kept *
find_kept(sgl_sqlite *s, const char *sql)
{
	for (size_t i = 0; i < s->num_kept; i++)
		if (s->kept[i].sql == sql && !s->kept[i].in_use)
			return &s->kept[i];
	return NULL;
}

/* One that is in use already (by somebody who waits for us), or more than we
 * keep: for this time alone. */
static int
get_statement(sgl_query *q)
{
	sgl_sqlite *s = sqlite_of(q->store);
	sgl_kept *kept = find_kept(s, q->sql);
	sqlite3_stmt *made = NULL;
	int answer;

	if (kept != NULL) {
		kept->in_use = true;
		q->state = kept->statement;
		return SQLITE_OK;
	}
	answer = sqlite3_prepare_v3(
	    s->db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL);
	if (answer != SQLITE_OK)
		return answer;
	q->state = made;
	if (s->num_kept < SGL_SQLITE_KEPT)
		s->kept[s->num_kept++] = (sgl_kept){q->sql, made, true};
	return SQLITE_OK;
}

static int
bind_value(sqlite3_stmt *statement, int at, const sgl_value *v)
{
	if (v->is_null)
		return sqlite3_bind_null(statement, at);
	switch (v->kind) {
	case SGL_VALUE_INT:
		return sqlite3_bind_int64(statement, at, v->number);
	case SGL_VALUE_TEXT:
		return sqlite3_bind_text64(statement, at,
		    (const char *)v->bytes.data, v->bytes.len, SQLITE_STATIC,
		    SQLITE_UTF8);
	case SGL_VALUE_BLOB:
		return sqlite3_bind_blob64(
		    statement, at, v->bytes.data, v->bytes.len, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static int
start(sgl_query *q)
{
	int answer = get_statement(q);

	for (size_t i = 0; answer == SQLITE_OK && i < q->num_values; i++)
		answer = bind_value(q->state, (int)i + 1, &q->values[i]);
	return answer;
}

static sgl_status
step(sgl_query *q, bool *row, sgl_err *err)
{
	int answer = q->state == NULL ? start(q) : SQLITE_OK;

	if (answer == SQLITE_OK)
		answer = sqlite3_step(q->state);
	if (answer != SQLITE_ROW && answer != SQLITE_DONE)
		return tell(q->store, answer, err);
	*row = answer == SQLITE_ROW;
	return SGL_OK;
}

/* The statement's own failure was told by its step. */
static void
end(sgl_query *q)
{
	sgl_sqlite *s = sqlite_of(q->store);

	if (q->state == NULL)
		return;
	for (size_t i = 0; i < s->num_kept; i++)
		if (s->kept[i].statement == q->state) {
			(void)sqlite3_reset(q->state);
			(void)sqlite3_clear_bindings(q->state);
			s->kept[i].in_use = false;
			return;
		}
	(void)sqlite3_finalize(q->state);
}

static int64_t
get_int(sgl_query *q, int column)
{
	return sqlite3_column_int64(q->state, column);
}

/* The pointer first, then the length, as the database wants it. */
static sgl_slice
get_bytes(sgl_query *q, int column)
{
	const void *data = sqlite3_column_blob(q->state, column);
	int len = sqlite3_column_bytes(q->state, column);

	return sgl_slice_of(data, (size_t)len);
}

static bool
is_null(sgl_query *q, int column)
{
	return sqlite3_column_type(q->state, column) == SQLITE_NULL;
}

static int64_t
num_changed(sgl_query *q)
{
	return sqlite3_changes64(sqlite_of(q->store)->db);
}

/* A statement that answers with rows would need a table for them. */
static int64_t
new_id(sgl_query *q)
{
	return num_changed(q) == 0
	    ? 0
	    : sqlite3_last_insert_rowid(sqlite_of(q->store)->db);
}

const sgl_driver *
sgl_sqlite_driver(void)
{
	static const sgl_driver driver = {
	    .migrations = sgl_sqlite_migrations,
	    .empty = SGL_TROUBLE_FOREIGN,
	    /* The table that AUTOINCREMENT keeps remembers numbers that are
	     * gone. */
	    .next_key = "SELECT coalesce((SELECT seq FROM sqlite_sequence"
			" WHERE name = 'key'), 0) + 1",
	    .check = "PRAGMA quick_check(1)",
	    .size = "SELECT page_count * page_size"
		    " FROM pragma_page_count(), pragma_page_size()",
	    .enter = "SELECT version FROM generation",
	    .raise = "UPDATE generation SET number = number + 1"
		     " RETURNING number",
	    .begin_reading = "BEGIN",
	    .tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
		      " AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
	    .columns = "SELECT name, type FROM pragma_table_info($1)"
		       " ORDER BY cid",
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

	return &driver;
}
