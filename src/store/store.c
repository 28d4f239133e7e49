/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/schema.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM
#define PATIENCE_MS 5000

/* Durable at every commit; a foreign key means what it says; a schema that a
 * stranger planted runs no functions. */
static const char session[] = "PRAGMA foreign_keys = ON;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA trusted_schema = OFF;"
			      "PRAGMA cell_size_check = ON;"
			      "PRAGMA secure_delete = ON;";

/*
 * Reading a WAL database needs a writable folder, for readers meet writers in
 * a file there. On a read-only file system nobody writes; in a folder that we
 * may not write to, nobody does while there is no log of changes.
 */
static sgl_status
find_frozen(const char *path, bool *frozen, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) other = sgl_buf_init(16384);
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
add_uri_path(sgl_buf *uri, const char *path, sgl_err *err)
{
	for (; *path != '\0'; path++)
		if (*path == '?' || *path == '#' || *path == '%')
			TRY(sgl_buf_printf(
			    uri, err, "%%%02x", (unsigned)(uint8_t)*path));
		else
			TRY(sgl_buf_add(uri, sgl_slice_of(path, 1), err));
	return SGL_OK;
}

static sgl_status
open_db(sgl_store *s, bool read_only, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) uri = sgl_buf_init(16384);
	bool frozen = false;
	int flags =
	    SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int answer;

	flags |= read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	TRY(sgl_buf_add_str(&uri, "file:", err));
	TRY(add_uri_path(&uri, s->path, err));
	if (read_only)
		TRY(find_frozen(s->path, &frozen, err));
	if (frozen)
		TRY(sgl_buf_add_str(&uri, "?immutable=1", err));
	TRY(sgl_buf_add(&uri, sgl_slice_of("", 1), err));
	answer = sqlite3_open_v2((const char *)uri.data, &s->db, flags, NULL);
	if (answer != SQLITE_OK)
		return sgl_store_fail(s, answer, err);
	(void)sqlite3_busy_timeout(s->db, PATIENCE_MS);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sgl_store_run(s, session, err);
}

static sgl_status
new_store(const char *path, sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	TRY(sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&s->path, ROOM, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
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

sgl_status
sgl_store_create(const char *path, sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int version;

	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	(void)close(fd);
	TRY(new_store(path, &s, err));
	TRY(open_db(s, false, err));
	TRY(sgl_schema_check(s, &version, err));
	TRY(sgl_store_run(s, "PRAGMA journal_mode = WAL", err));
	TRY(sgl_schema_migrate(s, version, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_status
sgl_store_open(const char *path, bool read_only, sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = NULL;
	int version;

	TRY(look_at(path, read_only, err));
	TRY(new_store(path, &s, err));
	TRY(open_db(s, read_only, err));
	TRY(sgl_schema_check(s, &version, err));
	if (version == 0)
		return sgl_store_fail(s, SQLITE_NOTADB, err);
	if (read_only && version < sgl_store_version())
		return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the database is of an older release and must be "
		       "written to once"),
		    "%s", path);
	if (!read_only)
		TRY(sgl_schema_migrate(s, version, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

void
sgl_store_free(sgl_store *store)
{
	if (store == NULL)
		return;
	(void)sqlite3_close(store->db);
	sgl_mem_free(store->path);
	sgl_mem_free(store);
}

/* IMMEDIATE: to wait for other writers now and not in the middle. */
sgl_status
sgl_store_begin(sgl_store *store, sgl_err *err)
{
	return sgl_store_run(store, "BEGIN IMMEDIATE", err);
}

sgl_status
sgl_store_commit(sgl_store *store, sgl_err *err)
{
	return sgl_store_run(store, "COMMIT", err);
}

void
sgl_store_rollback(sgl_store *store)
{
	if (sqlite3_get_autocommit(store->db) == 0)
		(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}
