/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of the database, taken while it is in use. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM
#define NAME_MAX_SAVE 16384

/* The two ends of a copy. */
typedef struct copying {
	sqlite3 *from, *to;
	sgl_buf part; /* the name while it is not whole */
} copying;

static void
copying_clear(copying *c)
{
	(void)sqlite3_close(c->from);
	(void)sqlite3_close(c->to);
	if (c->part.len > 0)
		(void)unlink((const char *)c->part.data);
	sgl_buf_clear(&c->part);
}
SGL_AUTO_CLEAR_TYPE(copying, copying_clear)

static sgl_status
fail(const sgl_store *store, sqlite3 *db, int answer, sgl_err *err)
{
	sgl_err why = {0};
	sgl_status status = sgl_sqlite_fail(store, db, answer, &why);

	if (status != SGL_E_IO)
		return sgl_fail_at(err, status, ROOM, SGL_NO_OFFSET, why.text,
		    "%s", why.detail);
	return sgl_fail_at(err, status, ROOM, SGL_NO_OFFSET,
	    N_("the copy that is made before the database is changed to this "
	       "release's form cannot be written; nothing was changed"),
	    "%s: %s", why.detail, _(why.text));
}

/* What a copying that was killed has left is in the way. */
static sgl_status
make_part(copying *c, const char *name, sgl_err *err)
{
	const char *part;
	int fd;

	c->part = sgl_buf_init(NAME_MAX_SAVE);
	TRY(sgl_buf_printf(&c->part, err, "%s.part%c", name, 0));
	part = (const char *)c->part.data;
	(void)unlink(part);
	fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, part);
	(void)close(fd);
	return SGL_OK;
}

/* Nobody else sees the copy, and it is brought to the disk at the end: it
 * needs no journal on the disk. */
static int
open_both(copying *c, const char *path)
{
	int answer = sgl_sqlite_connect(path, true, false, &c->from);

	if (answer == SQLITE_OK)
		answer = sgl_sqlite_connect(
		    (const char *)c->part.data, false, false, &c->to);
	if (answer == SQLITE_OK)
		answer = sqlite3_exec(c->to,
		    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF",
		    NULL, NULL, NULL);
	return answer;
}

static int
copy(copying *c)
{
	sqlite3_backup *b = sqlite3_backup_init(c->to, "main", c->from, "main");
	int answer;

	if (b == NULL)
		return sqlite3_errcode(c->to);
	answer = sqlite3_backup_step(b, -1);
	(void)sqlite3_backup_finish(b);
	return answer == SQLITE_DONE ? SQLITE_OK : answer;
}

static bool
sync_path(const char *path, int flags)
{
	int error, fd = open(path, flags | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = fsync(fd) == 0;
	error = errno;
	(void)close(fd);
	errno = error;
	return good;
}

/* The folder too, or the name may be gone after a power failure. */
static bool
put_in_place(copying *c, const char *name)
{
	const char *slash = strrchr(name, '/');
	char *part = (char *)c->part.data;

	if (!sync_path(part, O_RDWR) || rename(part, name) != 0)
		return false;
	c->part.len = 0;
	if (slash == NULL)
		return sync_path(".", O_RDONLY | O_DIRECTORY);
	/* `part` begins with the same folder. */
	part[slash == name ? 1 : slash - name] = '\0';
	return sync_path(part, O_RDONLY | O_DIRECTORY);
}

sgl_status
sgl_sqlite_save(sgl_store *store, const char *name, sgl_err *err)
{
	const sgl_sqlite *s = store->db;
	SGL_AUTO_CLEAR(copying) c = {0};
	int answer;

	TRY(make_part(&c, name, err));
	answer = open_both(&c, s->path);
	if (answer == SQLITE_OK)
		answer = copy(&c);
	if (answer != SQLITE_OK)
		return fail(store, c.to == NULL ? c.from : c.to, answer, err);
	(void)sqlite3_close(c.to);
	c.to = NULL;
	return put_in_place(&c, name) ? SGL_OK
				      : sgl_fail_errno(err, errno, ROOM, name);
}
