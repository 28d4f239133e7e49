/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "store/query.h"
#include "sys/text.h"

static const struct {
	int answer; /* primary result code */
	const char *text;
} texts[] = {
    {SQLITE_PERM, N_("no permission for the database")},
    {SQLITE_AUTH, N_("no permission for the database")},
    {SQLITE_BUSY, N_("the database is in use by another process")},
    {SQLITE_LOCKED, N_("the database is in use by another process")},
    {SQLITE_READONLY, N_("the database cannot be written: read-only")},
    {SQLITE_INTERRUPT, N_("interrupted")},
    {SQLITE_IOERR, N_("the database cannot be read or written")},
    {SQLITE_CORRUPT, N_("the database is damaged: restore a backup")},
    {SQLITE_FULL, N_("no space left on the disk for the database")},
    {SQLITE_CANTOPEN, N_("the database cannot be opened")},
    {SQLITE_TOOBIG, N_("too large for the database")},
    {SQLITE_NOTADB, N_("this file is not a database of ours")},
    {SQLITE_NOLFS, N_("the file system cannot hold the database")},
};

/* "Input/output error" may be a full disk that the system told of. */
static int
precise(const sgl_store *store, int primary)
{
	int error;

	if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN)
		return primary;
	error = store->db == NULL ? 0 : sqlite3_system_errno(store->db);
	if (error == ENOSPC || error == EDQUOT)
		return SQLITE_FULL;
	return error == EACCES || error == EPERM ? SQLITE_PERM : primary;
}

sgl_status
sgl_store_fail(const sgl_store *store, int answer, sgl_err *err)
{
	int primary = precise(store, answer & 0xff);

	if (primary == SQLITE_NOMEM)
		return sgl_oom(err, SGL_STORE_ROOM);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].answer == primary)
			return sgl_fail_at(err, SGL_E_IO, SGL_STORE_ROOM,
			    SGL_NO_OFFSET, texts[i].text, "%s", store->path);
	return sgl_fail_at(err, SGL_E_USAGE, SGL_STORE_ROOM, SGL_NO_OFFSET,
	    N_("the database refuses a statement"), "%s",
	    store->db == NULL ? sqlite3_errstr(answer)
			      : sqlite3_errmsg(store->db));
}

sgl_status
sgl_store_run(sgl_store *store, const char *sql, sgl_err *err)
{
	int answer = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return answer == SQLITE_OK ? SGL_OK
				   : sgl_store_fail(store, answer, err);
}

sgl_query
sgl_query_over(sgl_store *store, const char *sql)
{
	sgl_query q = {.store = store};

	q.answer = sqlite3_prepare_v2(store->db, sql, -1, &q.statement, NULL);
	return q;
}

void
sgl_query_clear(sgl_query *q)
{
	/* The statement's own failure was told by its step. */
	(void)sqlite3_finalize(q->statement);
	q->statement = NULL;
}

void
sgl_query_bind_int(sgl_query *q, int64_t value)
{
	if (q->answer == SQLITE_OK)
		q->answer =
		    sqlite3_bind_int64(q->statement, ++q->num_bound, value);
}

void
sgl_query_bind_ref(sgl_query *q, int64_t id)
{
	if (id != 0)
		sgl_query_bind_int(q, id);
	else if (q->answer == SQLITE_OK)
		q->answer = sqlite3_bind_null(q->statement, ++q->num_bound);
}

/* A NULL pointer would bind NULL. */
static const void *
bytes_of(sgl_slice s)
{
	return s.data == NULL ? "" : (const void *)s.data;
}

void
sgl_query_bind_text(sgl_query *q, sgl_slice text)
{
	if (q->answer == SQLITE_OK)
		q->answer = sqlite3_bind_text64(q->statement, ++q->num_bound,
		    bytes_of(text), text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void
sgl_query_bind_blob(sgl_query *q, sgl_slice bytes)
{
	if (q->answer == SQLITE_OK)
		q->answer = sqlite3_bind_blob64(q->statement, ++q->num_bound,
		    bytes_of(bytes), bytes.len, SQLITE_STATIC);
}

sgl_status
sgl_query_step(sgl_query *q, bool *row, sgl_err *err)
{
	int answer = q->answer;

	if (answer == SQLITE_OK)
		answer = sqlite3_step(q->statement);
	if (answer != SQLITE_ROW && answer != SQLITE_DONE)
		return sgl_store_fail(q->store, answer, err);
	*row = answer == SQLITE_ROW;
	return SGL_OK;
}

sgl_status
sgl_query_done(sgl_query *q, sgl_err *err)
{
	bool row;

	return sgl_query_step(q, &row, err);
}

int64_t
sgl_query_int(sgl_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

/* The pointer first, then the length, as the database wants it. */
sgl_slice
sgl_query_slice(sgl_query *q, int column)
{
	const void *data = sqlite3_column_blob(q->statement, column);
	int len = sqlite3_column_bytes(q->statement, column);

	return sgl_slice_of(data, (size_t)len);
}

sgl_status
sgl_query_text(sgl_query *q, int column, char **out, sgl_err *err)
{
	return sgl_slice_copy(
	    sgl_query_slice(q, column), (uint8_t **)out, SGL_STORE_ROOM, err);
}

sgl_status
sgl_query_blob(sgl_query *q, int column, sgl_buf *out, sgl_err *err)
{
	*out = sgl_buf_init(SGL_STORE_BLOB);
	return sgl_buf_add(out, sgl_query_slice(q, column), err);
}

sgl_status
sgl_list_grow(void *items, size_t num, size_t size, sgl_err *err)
{
	void **p = items;
	size_t bytes;
	uint8_t *grown;

	if (__builtin_mul_overflow(num + 1, size, &bytes))
		return sgl_oom(err, SGL_STORE_ROOM);
	/* By doubling: room is wanted only where num is a power of two. */
	if ((num & (num - 1)) == 0) {
		size_t cap = num == 0 ? 1 : num * 2;
		if (__builtin_mul_overflow(cap, size, &bytes))
			return sgl_oom(err, SGL_STORE_ROOM);
		grown = sgl_mem_resize(*p, bytes);
		if (grown == NULL)
			return sgl_oom(err, SGL_STORE_ROOM);
		*p = grown;
	}
	memset((uint8_t *)*p + num * size, 0, size);
	return SGL_OK;
}
