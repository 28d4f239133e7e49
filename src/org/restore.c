/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cms/reader.h"
#include "org/backup.h"
#include "org/conf.h"
#include "org/home_inside.h"
#include "org/organisation.h"
#include "org/recipients.h"
#include "sys/config.h"
#include "sys/output.h"
#include "sys/spool.h"
#include "sys/text.h"
#include "vault/master.h"

#define ROOM "org.restore"
#define FILES_MAX 64

/* A file of the home waits in memory until it is known that all is good. */
typedef struct held {
	char name[256];
	sgl_secret bytes;
} held;

struct sgl_restore {
	sgl_sink inner; /* what comes out of the encryption */
	sgl_engine *engine;
	sgl_restore_options options;
	sgl_diskspool_place place;
	sgl_asker asker;
	sgl_cms_reader *reader;

	sgl_wire_head head; /* of the message at hand, and how much is there */
	size_t have_head, want;
	unsigned type, last;
	sgl_buf message;

	sgl_home *home;
	sgl_buf location; /* of the database, with a NUL behind */
	sgl_loader *loader;
	held files[FILES_MAX];
	sgl_backup_told told;
	sgl_backup_end promised;
	sgl_keeper *keeper; /* of a rehearsal */
};

static sgl_restore *
of(sgl_sink *inner)
{
	return (sgl_restore *)inner;
}

static sgl_status
malformed(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("the backup is damaged, or this is no backup of ours"));
}

/* ------------------------------------------------------------ messages --- */

static sgl_status
take_head(sgl_restore *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&r->message));

	sgl_backup_read_head(&u, &r->told.head);
	if (sgl_unwire_end(&u, NULL) != SGL_OK)
		return malformed(err);
	if (r->told.head.version > sgl_store_version())
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("the backup was made by a newer release"), "%s",
		    r->told.head.release);
	return SGL_OK;
}

static sgl_status
take_file(sgl_restore *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&r->message));
	sgl_backup_file f;
	held *h = &r->files[r->told.counts.files];

	sgl_backup_read_file(&u, &f);
	if (sgl_unwire_end(&u, NULL) != SGL_OK ||
	    r->told.counts.files == FILES_MAX)
		return malformed(err);
	memcpy(h->name, f.name, sizeof h->name);
	r->told.counts.files++;
	return sgl_secret_set(&h->bytes, f.bytes, err);
}

static const sgl_secret *
find_file(const sgl_restore *r, const char *name)
{
	for (size_t i = 0; i < r->told.counts.files; i++)
		if (strcmp(r->files[i].name, name) == 0)
			return &r->files[i].bytes;
	return NULL;
}

/* What the settings in the backup say, unless the caller said something. */
static sgl_status
find_location(sgl_restore *r, sgl_err *err)
{
	const sgl_secret *conf = find_file(r, SGL_CONF_FILE);
	const char *given = r->options.database;
	SGL_AUTO_CLEAR(sgl_buf) file = {0};
	bool found = false;

	if (given == NULL && conf != NULL)
		TRY(sgl_config_find_in(SGL_CONF_FILE, sgl_secret_slice(conf),
		    SGL_CONF_DATABASE, &r->location, &found, err));
	if (given != NULL && given[0] != '\0') {
		found = true;
		TRY(sgl_buf_add_str(&r->location, given, err));
		TRY(sgl_buf_add(&r->location, sgl_slice_of("", 1), err));
	}
	if (found)
		return SGL_OK;
	TRY(sgl_home_join(r->home, SGL_PLACE_DB, &file, err));
	return sgl_buf_add(
	    &r->location, sgl_slice_of(file.data, file.len + 1), err);
}

static sgl_status
begin_records(sgl_restore *r, sgl_err *err)
{
	TRY(find_location(r, err));
	if (!sgl_store_is_url((const char *)r->location.data))
		r->home->made |= SGL_HOME_MADE_DB;
	return sgl_loader_new((const char *)r->location.data,
	    r->told.head.version, &r->loader, err);
}

static sgl_status
take_table(sgl_restore *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&r->message));
	sgl_dump_table t = {0};

	sgl_backup_read_table(&u, &t);
	if (sgl_unwire_end(&u, NULL) != SGL_OK)
		return malformed(err);
	if (r->loader == NULL)
		TRY(begin_records(r, err));
	r->told.counts.tables++;
	return sgl_loader_table(r->loader, &t, err);
}

static sgl_status
take_row(sgl_restore *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&r->message));
	sgl_value values[SGL_QUERY_VALUES];
	size_t num;

	sgl_backup_read_row(&u, values, &num);
	if (sgl_unwire_end(&u, NULL) != SGL_OK || r->loader == NULL)
		return malformed(err);
	r->told.counts.rows++;
	return sgl_loader_row(r->loader, values, num, err);
}

static sgl_status
take_end(sgl_restore *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&r->message));
	const sgl_backup_end *have = &r->told.counts, *want = &r->promised;

	sgl_backup_read_end(&u, &r->promised);
	if (sgl_unwire_end(&u, NULL) != SGL_OK || r->loader == NULL ||
	    have->files != want->files || have->tables != want->tables ||
	    have->rows != want->rows)
		return malformed(err);
	return SGL_OK;
}

/* Which message may follow which. */
static bool
is_in_order(unsigned last, unsigned type)
{
	switch (type) {
	case SGL_BACKUP_HEAD:
		return last == 0;
	case SGL_BACKUP_FILE:
		return last == SGL_BACKUP_HEAD || last == SGL_BACKUP_FILE;
	case SGL_BACKUP_TABLE:
		return last != 0 && last != SGL_BACKUP_END;
	case SGL_BACKUP_ROW:
	case SGL_BACKUP_END:
		return last == SGL_BACKUP_TABLE || last == SGL_BACKUP_ROW;
	default:
		return false;
	}
}

static sgl_status
take_message(sgl_restore *r, sgl_err *err)
{
	static sgl_status (*const take[])(sgl_restore *, sgl_err *) = {
	    [SGL_BACKUP_HEAD] = take_head,
	    [SGL_BACKUP_FILE] = take_file,
	    [SGL_BACKUP_TABLE] = take_table,
	    [SGL_BACKUP_ROW] = take_row,
	    [SGL_BACKUP_END] = take_end,
	};

	r->last = r->type;
	TRY(take[r->type](r, err));
	r->message.len = 0;
	r->have_head = 0;
	return SGL_OK;
}

/* ------------------------------------------------------------ the sink --- */

static sgl_status
read_head(sgl_restore *r, sgl_slice *in, sgl_err *err)
{
	size_t n = sizeof r->head.bytes - r->have_head;

	n = in->len < n ? in->len : n;
	memcpy(r->head.bytes + r->have_head, in->data, n);
	r->have_head += n;
	*in = sgl_slice_from(*in, n);
	if (r->have_head < sizeof r->head.bytes)
		return SGL_OK;
	sgl_wire_head_read(&r->head, &r->want, &r->type);
	if (!is_in_order(r->last, r->type) || r->want > SGL_BACKUP_MESSAGE_MAX)
		return malformed(err);
	return r->want == 0 ? malformed(err) : SGL_OK;
}

static sgl_status
read_body(sgl_restore *r, sgl_slice *in, sgl_err *err)
{
	size_t n = r->want - r->message.len;

	n = in->len < n ? in->len : n;
	TRY(sgl_buf_add(&r->message, sgl_slice_first(*in, n), err));
	*in = sgl_slice_from(*in, n);
	return r->message.len == r->want ? take_message(r, err) : SGL_OK;
}

static sgl_status
inner_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_restore *r = of(s);

	while (in.len > 0)
		if (r->have_head < sizeof r->head.bytes)
			TRY(read_head(r, &in, err));
		else
			TRY(read_body(r, &in, err));
	return SGL_OK;
}

static sgl_status
inner_finish(sgl_sink *s, sgl_err *err)
{
	const sgl_restore *r = of(s);

	return r->last == SGL_BACKUP_END && r->have_head == 0 ? SGL_OK
							      : malformed(err);
}

static void
inner_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops inner_ops = {inner_write, inner_finish, inner_abort};

/* Without a tag whoever held the file could have changed it. */
static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	sgl_restore *r = ctx;

	if (so_far->type != SGL_CMS_AUTH_ENVELOPED)
		return malformed(err);
	*sink = &r->inner;
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *report, sgl_err *err)
{
	const sgl_restore *r = ctx;

	if (report->is_locked)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    report->has_password && r->options.password.data == NULL
			? N_("the backup wants a password or another key: "
			     "--password-recipient, --key")
			: N_("no key that was given opens the backup (its "
			     "certificate must be given too)"));
	return r->last == SGL_BACKUP_END ? SGL_OK : malformed(err);
}

static sgl_status
open_reader(sgl_restore *r, sgl_err *err)
{
	sgl_cms_read_options options = {.keys = r->options.keys,
	    .password = r->options.password,
	    .asker = &r->asker,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = r};

	r->place = (sgl_diskspool_place){r->engine, NULL};
	options.spooler = sgl_diskspooler(&r->place);
	return sgl_cms_reader_new(r->engine, &options, &r->reader, err);
}

/* Nothing of an organisation that is there may mix with what comes, or go if
 * this fails. */
static sgl_status
make_place(sgl_home *home, sgl_err *err)
{
	const unsigned all =
	    SGL_HOME_MADE_LOCK | SGL_HOME_MADE_KEYS | SGL_HOME_MADE_CA;
	SGL_AUTO_CLEAR(sgl_buf) db = {0};

	TRY(sgl_home_make_empty(home, err));
	TRY(sgl_home_join(home, SGL_PLACE_DB, &db, err));
	if ((home->made & all) == all &&
	    access((const char *)db.data, F_OK) != 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("something of an organisation is there already: restore into a "
	       "new folder"),
	    "%s", sgl_home_path(home));
}

sgl_status
sgl_restore_new(sgl_engine *engine, const sgl_restore_options *options,
    sgl_restore **out, sgl_err *err)
{
	SGL_AUTO(sgl_restore)
	r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->inner.ops = &inner_ops;
	r->engine = engine;
	r->options = *options;
	r->message = (sgl_buf){.max = SGL_BACKUP_MESSAGE_MAX, .secret = true};
	r->location = (sgl_buf){.max = SGL_PLACE_MAX, .secret = true};
	TRY(sgl_home_new(engine, options->place, &r->home, err));
	TRY(make_place(r->home, err));
	TRY(open_reader(r, err));
	*out = SGL_TAKE(&r);
	return SGL_OK;
}

sgl_sink *
sgl_restore_sink(sgl_restore *r)
{
	return sgl_cms_reader_sink(r->reader);
}

void
sgl_restore_free(sgl_restore *r)
{
	if (r == NULL)
		return;
	sgl_cms_reader_free(r->reader);
	sgl_loader_free(r->loader);
	sgl_home_free(r->home);
	sgl_keeper_free(r->keeper);
	for (size_t i = 0; i < FILES_MAX; i++)
		sgl_secret_clear(&r->files[i].bytes);
	sgl_buf_clear(&r->message);
	sgl_buf_clear(&r->location);
	sgl_mem_free(r);
}

/* ------------------------------------------------------------- the end --- */

static sgl_status
write_conf(sgl_restore *r, sgl_err *err)
{
	const sgl_secret *old = find_file(r, SGL_CONF_FILE);
	const char *location = (const char *)r->location.data;

	r->home->made |= SGL_HOME_MADE_CONF;
	return sgl_conf_write(r->engine, sgl_home_path(r->home),
	    old == NULL ? (sgl_slice){NULL, 0} : sgl_secret_slice(old),
	    sgl_store_is_url(location) ? location : NULL, err);
}

static sgl_status
write_files(sgl_restore *r, sgl_err *err)
{
	for (size_t i = 0; i < r->told.counts.files; i++) {
		const held *h = &r->files[i];
		SGL_AUTO_CLEAR(sgl_buf) path = {0};
		if (strcmp(h->name, SGL_CONF_FILE) == 0)
			continue;
		/* A later form may bring what this release does not know. */
		if (strncmp(h->name, SGL_HOME_KEYS "/", sizeof SGL_HOME_KEYS) !=
		    0)
			return malformed(err);
		TRY(sgl_home_join(r->home, h->name, &path, err));
		TRY(sgl_file_write(r->engine, (const char *)path.data, true,
		    sgl_secret_slice(&h->bytes), err));
	}
	return SGL_OK;
}

static sgl_status
keep_in_memory(sgl_restore *r, sgl_err *err)
{
	static const char name[] = SGL_HOME_KEYS "/" SGL_MASTER_FILE;
	const sgl_secret *master = find_file(r, name);

	if (master == NULL)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the backup does not hold the master key"));
	TRY(sgl_keeper_new_from(
	    r->engine, name, sgl_secret_slice(master), &r->keeper, err));
	sgl_home_set_keeper(r->home, r->keeper);
	return SGL_OK;
}

sgl_status
sgl_restore_end(
    sgl_restore *r, sgl_home **out, sgl_backup_told *told, sgl_err *err)
{
	const sgl_store_options options = {
	    .upgrade = sgl_recipients_upgrade, .ctx = r->engine};

	if (r->asker.is_open)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("this kind of key cannot open a backup"));
	if (!r->options.is_rehearsal) {
		TRY(write_conf(r, err));
		TRY(write_files(r, err));
	}
	TRY(sgl_loader_end(r->loader, &options, &r->home->store, err));
	TRY(sgl_organisation_read(r->home->store, sgl_home_path(r->home),
	    &r->home->organisation, err));
	if (r->options.is_rehearsal)
		TRY(keep_in_memory(r, err));
	*told = r->told;
	*out = SGL_TAKE(&r->home);
	return SGL_OK;
}
