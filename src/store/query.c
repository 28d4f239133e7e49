/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/driver.h"
#include "sys/text.h"

static const struct {
	const char *text;
} troubles[] = {
    [SGL_TROUBLE_PERMISSION] = {N_("no permission for the database")},
    [SGL_TROUBLE_BUSY] = {N_("the database is in use by another process")},
    [SGL_TROUBLE_READ_ONLY] = {N_("the database cannot be written: read-only")},
    [SGL_TROUBLE_INTERRUPTED] = {N_("interrupted")},
    [SGL_TROUBLE_IO] = {N_("the database cannot be read or written")},
    [SGL_TROUBLE_DAMAGED] = {N_("the database is damaged: restore a backup")},
    [SGL_TROUBLE_FULL] = {N_("no space left on the disk for the database")},
    [SGL_TROUBLE_CANNOT_OPEN] = {N_("the database cannot be opened")},
    [SGL_TROUBLE_TOO_LARGE] = {N_("too large for the database")},
    [SGL_TROUBLE_FOREIGN] = {N_("this file is not a database of ours: "
				"restore a backup, or give another --home")},
    [SGL_TROUBLE_OTHER_TABLES] = {N_(
	"the database holds tables that are not ours: give an empty one")},
    [SGL_TROUBLE_EMPTY] = {N_("the database is empty")},
    [SGL_TROUBLE_FILE_SYSTEM] = {N_(
	"the file system cannot hold the database")},
    [SGL_TROUBLE_LOGIN] = {N_(
	"the database server refuses the login: look at user, password and "
	"database of the URL")},
    [SGL_TROUBLE_PASSWORD] = {N_(
	"the database server wants a password: put it into the URL or into "
	"a password file (~/.pgpass)")},
    [SGL_TROUBLE_NO_SERVER] = {N_(
	"no connection to the database server: look whether it runs, and "
	"at host, port and TLS settings of the URL")},
    [SGL_TROUBLE_GONE] = {N_(
	"the connection to the database server was lost: nothing was "
	"changed, try again")},
    [SGL_TROUBLE_UNSURE] = {N_(
	"the connection to the database server was lost at the very end: "
	"look whether the change was made before you repeat it")},
    [SGL_TROUBLE_STARTING] = {N_(
	"the database server is starting or stopping: try again")},
    [SGL_TROUBLE_CROWDED] = {N_(
	"the database server has no connection left: raise "
	"max_connections")},
    [SGL_TROUBLE_ENCODING] = {N_(
	"the database must be made with the encoding UTF8")},
    [SGL_TROUBLE_SERVER_MEMORY] = {N_("the database server is out of memory")},
};

sgl_status
sgl_store_trouble(
    const sgl_store *store, sgl_trouble trouble, const char *says, sgl_err *err)
{
	bool has_more = says != NULL && says[0] != '\0';

	return sgl_fail_at(err, SGL_E_IO, SGL_STORE_ROOM, SGL_NO_OFFSET,
	    troubles[trouble].text, "%s%s%s", store->name, has_more ? ": " : "",
	    has_more ? says : "");
}

sgl_status
sgl_store_refused(const sgl_store *store, const char *says, sgl_err *err)
{
	(void)store;
	return sgl_fail_at(err, SGL_E_USAGE, SGL_STORE_ROOM, SGL_NO_OFFSET,
	    N_("the database refuses a statement"), "%s", says);
}

sgl_status
sgl_store_damaged(const sgl_store *store, sgl_err *err)
{
	return sgl_store_trouble(store, SGL_TROUBLE_DAMAGED, NULL, err);
}

/* Whatever failed in a change, no part of the change is kept. */
static sgl_status
note(sgl_store *store, sgl_status status)
{
	if (status != SGL_OK && store->is_open)
		store->has_failed = true;
	return status;
}

sgl_status
sgl_store_run(sgl_store *store, const char *sql, sgl_err *err)
{
	return note(store, store->driver->run(store, sql, err));
}

sgl_status
sgl_store_number(sgl_store *store, const char *sql, int64_t *out, sgl_err *err)
{
	SGL_QUERY(q, store, sql);
	bool row;

	TRY(sgl_query_step(&q, &row, err));
	*out = row ? sgl_query_int(&q, 0) : 0;
	return SGL_OK;
}

/* Only the values that get bound are written. */
void
sgl_query_init(sgl_query *q, sgl_store *store, const char *sql)
{
	q->store = store;
	q->sql = sql;
	q->num_values = 0;
	q->state = NULL;
	q->wants_id = false;
	q->row = 0;
}

void
sgl_query_clear(sgl_query *q)
{
	q->store->driver->end(q);
	q->state = NULL;
}

static sgl_value *
bind(sgl_query *q, sgl_value_kind kind, sgl_slice bytes)
{
	sgl_value *v = &q->values[q->num_values++];

	assert(q->num_values <= SGL_QUERY_VALUES);
	/* A NULL pointer would be NULL, not nothing. */
	if (bytes.data == NULL)
		bytes.data = (const uint8_t *)"";
	*v = (sgl_value){.kind = kind, .bytes = bytes};
	return v;
}

void
sgl_query_bind_int(sgl_query *q, int64_t value)
{
	bind(q, SGL_VALUE_INT, (sgl_slice){0})->number = value;
}

void
sgl_query_bind_ref(sgl_query *q, int64_t id)
{
	sgl_value *v = bind(q, SGL_VALUE_INT, (sgl_slice){0});

	v->number = id;
	v->is_null = id == 0;
}

void
sgl_query_bind_text(sgl_query *q, sgl_slice text)
{
	(void)bind(q, SGL_VALUE_TEXT, text);
}

void
sgl_query_bind_str(sgl_query *q, const char *text)
{
	sgl_slice s = sgl_slice_str(text == NULL ? "" : text);

	bind(q, SGL_VALUE_TEXT, s)->is_null = text == NULL;
}

void
sgl_query_bind_blob(sgl_query *q, sgl_slice bytes)
{
	(void)bind(q, SGL_VALUE_BLOB, bytes);
}

void
sgl_query_bind_blob_or_null(sgl_query *q, sgl_slice bytes)
{
	bind(q, SGL_VALUE_BLOB, bytes)->is_null = bytes.len == 0;
}

void
sgl_query_bind(sgl_query *q, const sgl_value *value)
{
	sgl_value *v = bind(q, value->kind, value->bytes);

	v->number = value->number;
	v->is_null = value->is_null;
}

sgl_status
sgl_query_step(sgl_query *q, bool *row, sgl_err *err)
{
	return note(q->store, q->store->driver->step(q, row, err));
}

static sgl_status
change(sgl_query *q, int64_t *out, bool *changed, sgl_err *err)
{
	bool row, more;

	TRY(sgl_query_step(q, &row, err));
	if (row && out != NULL)
		*out = sgl_query_int(q, 0);
	for (more = row; more;)
		TRY(sgl_query_step(q, &more, err));
	if (changed != NULL)
		*changed = q->store->driver->num_changed(q) > 0;
	q->store->has_changed = true;
	return SGL_OK;
}

sgl_status
sgl_query_change(sgl_query *q, int64_t *out, bool *changed, sgl_err *err)
{
	sgl_status status;
	bool own;

	TRY(sgl_change_begin(q->store, &own, err));
	status = change(q, out, changed, err);
	return sgl_change_end(q->store, own, status, err);
}

static sgl_status
insert(sgl_query *q, int64_t *id, sgl_err *err)
{
	q->wants_id = true;
	TRY(change(q, NULL, NULL, err));
	*id = q->store->driver->new_id(q);
	return SGL_OK;
}

sgl_status
sgl_query_insert(sgl_query *q, int64_t *id, sgl_err *err)
{
	bool own;

	TRY(sgl_change_begin(q->store, &own, err));
	return sgl_change_end(q->store, own, insert(q, id, err), err);
}

sgl_status
sgl_change_begin(sgl_store *store, bool *own, sgl_err *err)
{
	*own = !store->is_open;
	return *own ? sgl_store_begin(store, err) : SGL_OK;
}

sgl_status
sgl_change_end(sgl_store *store, bool own, sgl_status status, sgl_err *err)
{
	if (!own)
		return note(store, status);
	if (status == SGL_OK)
		return sgl_store_commit(store, err);
	sgl_store_rollback(store);
	return status;
}

int64_t
sgl_query_int(sgl_query *q, int column)
{
	return q->store->driver->get_int(q, column);
}

sgl_slice
sgl_query_slice(sgl_query *q, int column)
{
	return q->store->driver->get_bytes(q, column);
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
sgl_query_digest(sgl_query *q, int column, uint8_t out[32], sgl_err *err)
{
	sgl_slice digest = sgl_query_slice(q, column);

	if (digest.len != 32)
		return sgl_store_damaged(q->store, err);
	memcpy(out, digest.data, 32);
	return SGL_OK;
}

sgl_status
sgl_query_word(sgl_query *q, int column, const char *const *names, size_t num,
    unsigned *out, sgl_err *err)
{
	sgl_slice word = sgl_query_slice(q, column);

	for (size_t i = 0; i < num; i++)
		if (sgl_slice_eq(word, sgl_slice_str(names[i]))) {
			*out = (unsigned)i;
			return SGL_OK;
		}
	return sgl_store_damaged(q->store, err);
}
