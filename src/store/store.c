/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/driver.h"
#include "store/schema.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM

bool
sgl_store_is_url(const char *location)
{
	sgl_slice s = sgl_slice_str(location);

	return sgl_slice_starts(s, SGL_LIT("postgresql://")) ||
	    sgl_slice_starts(s, SGL_LIT("postgres://"));
}

static sgl_status
connect(
    const char *location, sgl_store_mode mode, sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->driver = sgl_store_is_url(location) ? sgl_postgres_driver()
					       : sgl_sqlite_driver();
	if (s->driver == NULL)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("this program was built without PostgreSQL"));
	s->read_only = mode == SGL_STORE_READ;
	TRY(s->driver->open(s, location, mode, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_status
sgl_store_create(const char *location, sgl_store **out, sgl_err *err)
{
	static const sgl_store_options options = {0};
	SGL_AUTO(sgl_store)
	s = NULL;
	int version;

	TRY(connect(location, SGL_STORE_CREATE, &s, err));
	TRY(sgl_schema_check(s, &version, err));
	TRY(sgl_schema_migrate(s, version, &options, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_status
sgl_store_open(const char *location, const sgl_store_options *options,
    sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = NULL;
	bool read_only = options->read_only;
	int version;

	TRY(connect(
	    location, read_only ? SGL_STORE_READ : SGL_STORE_WRITE, &s, err));
	TRY(sgl_schema_check(s, &version, err));
	if (version == 0)
		return sgl_store_trouble(s, s->driver->empty, NULL, err);
	if (read_only && version < sgl_store_version())
		return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("the database is of an older release and must be "
		       "written to once"),
		    "%s", s->name);
	if (!read_only)
		TRY(sgl_schema_migrate(s, version, options, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

void
sgl_store_free(sgl_store *store)
{
	if (store == NULL)
		return;
	if (store->db != NULL)
		store->driver->close(store);
	for (size_t i = 0; i < store->num_made; i++)
		sgl_mem_free(store->made[i]);
	sgl_mem_free(store->made);
	sgl_mem_free(store->name);
	sgl_mem_free(store);
}

sgl_status
sgl_store_keep_sql(
    sgl_store *store, const sgl_buf *sql, const char **out, sgl_err *err)
{
	char **grown =
	    sgl_mem_resize(store->made, (store->num_made + 1) * sizeof *grown);

	if (grown == NULL)
		return sgl_oom(err, ROOM);
	store->made = grown;
	TRY(sgl_slice_copy(sgl_buf_slice(sql),
	    (uint8_t **)&store->made[store->num_made], ROOM, err));
	*out = store->made[store->num_made++];
	return SGL_OK;
}

static sgl_status
begin(sgl_store *store, bool migrates, sgl_err *err)
{
	assert(!store->is_open);
	TRY(store->driver->begin(store, migrates, err));
	store->is_open = true;
	store->has_changed = store->has_failed = false;
	return SGL_OK;
}

/* A service may run for months: a newer release may have come meanwhile. */
static sgl_status
enter(sgl_store *store, sgl_err *err)
{
	int64_t version;

	TRY(sgl_store_number(store, store->driver->enter, &version, err));
	return sgl_schema_accepts(store, version, err);
}

sgl_status
sgl_store_begin(sgl_store *store, sgl_err *err)
{
	sgl_status status;

	TRY(begin(store, false, err));
	status = enter(store, err);
	if (status != SGL_OK)
		sgl_store_rollback(store);
	return status;
}

sgl_status
sgl_store_begin_migration(sgl_store *store, sgl_err *err)
{
	return begin(store, true, err);
}

sgl_status
sgl_store_begin_reading(sgl_store *store, sgl_err *err)
{
	assert(!store->is_open);
	TRY(store->driver->run(store, store->driver->begin_reading, err));
	store->is_open = true;
	store->has_changed = store->has_failed = false;
	return SGL_OK;
}

sgl_status
sgl_store_create_at(
    const char *location, int version, sgl_store **out, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = NULL;

	TRY(connect(location, SGL_STORE_CREATE, &s, err));
	TRY(sgl_store_begin_migration(s, err));
	TRY(sgl_schema_begin(s, version, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

static sgl_status
commit(sgl_store *store, sgl_err *err)
{
	int64_t mark = 0;

	if (store->has_failed)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a part of the change failed: nothing is kept"));
	if (store->has_changed)
		TRY(sgl_store_number(store, store->driver->raise, &mark, err));
	return store->driver->commit(store, mark, err);
}

sgl_status
sgl_store_commit(sgl_store *store, sgl_err *err)
{
	sgl_status status;

	assert(store->is_open);
	status = commit(store, err);
	if (status != SGL_OK)
		sgl_store_rollback(store);
	store->is_open = false;
	return status;
}

void
sgl_store_rollback(sgl_store *store)
{
	if (store->is_open)
		store->driver->rollback(store);
	store->is_open = false;
}

sgl_status
sgl_store_get_generation(sgl_store *store, int64_t *out, sgl_err *err)
{
	return sgl_store_number(
	    store, "SELECT number FROM generation", out, err);
}

const char *
sgl_store_kind(const sgl_store *store)
{
	return store->driver == sgl_sqlite_driver() ? "sqlite" : "postgresql";
}

sgl_status
sgl_store_check(sgl_store *store, bool *sound, sgl_err *err)
{
	SGL_QUERY(q, store, store->driver->check);
	bool row;

	*sound = true;
	if (store->driver->check == NULL)
		return SGL_OK;
	TRY(sgl_query_step(&q, &row, err));
	*sound = row && sgl_slice_eq(sgl_query_slice(&q, 0), SGL_LIT("ok"));
	return SGL_OK;
}
