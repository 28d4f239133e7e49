/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cms/writer.h"
#include "org/backup.h"
#include "org/conf.h"
#include "org/home_inside.h"
#include "org/keys.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/plain.h"
#include "sys/text.h"

#define ROOM "org.backup"

typedef struct writing {
	sgl_home *home;
	sgl_sink *to; /* of the encryption */
	sgl_buf message;
	sgl_backup_told *told;
} writing;

/* ------------------------------------------------------------ messages --- */

static sgl_wire
begin(writing *w)
{
	w->message.len = 0;
	return sgl_wire_over(&w->message);
}

static sgl_status
send(writing *w, const sgl_wire *wire, sgl_backup_type type, sgl_err *err)
{
	sgl_wire_head head = sgl_wire_head_of(w->message.len, type);

	TRY(sgl_wire_end(wire, err));
	TRY(sgl_sink_write(
	    w->to, sgl_slice_of(head.bytes, sizeof head.bytes), err));
	return sgl_sink_write(w->to, sgl_buf_slice(&w->message), err);
}

static sgl_status
write_head(writing *w, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(w->home);
	sgl_backup_head *h = &w->told->head;
	sgl_wire wire = begin(w);

	h->format = SGL_BACKUP_FORMAT;
	(void)snprintf(h->release, sizeof h->release, "%s", SGL_VERSION);
	h->version = sgl_store_version();
	h->when = sgl_engine_now(sgl_home_engine(w->home));
	(void)snprintf(h->domain, sizeof h->domain, "%s", o->domain);
	TRY(sgl_store_get_generation(
	    sgl_home_store(w->home), &h->generation, err));
	sgl_backup_add_head(&wire, h);
	return send(w, &wire, SGL_BACKUP_HEAD, err);
}

/* --------------------------------------------------------------- files --- */

static sgl_status
add_file(writing *w, const char *name, sgl_slice bytes, sgl_err *err)
{
	sgl_wire wire = begin(w);
	sgl_backup_file f = {.bytes = bytes};

	(void)snprintf(f.name, sizeof f.name, "%s", name);
	sgl_backup_add_file(&wire, &f);
	TRY(send(w, &wire, SGL_BACKUP_FILE, err));
	w->told->counts.files++;
	return SGL_OK;
}

static sgl_status
write_conf(writing *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	SGL_AUTO_CLEAR(sgl_buf)
	bytes = {.max = SGL_BACKUP_FILE_MAX, .secret = true};
	struct stat st;

	TRY(sgl_home_join(w->home, SGL_CONF_FILE, &path, err));
	if (stat((const char *)path.data, &st) != 0)
		return errno == ENOENT
		    ? SGL_OK
		    : sgl_fail_errno(err, errno, ROOM, (const char *)path.data);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return SGL_OK;
	TRY(sgl_file_read((const char *)path.data, &bytes, err));
	return add_file(w, SGL_CONF_FILE, sgl_buf_slice(&bytes), err);
}

typedef struct keys_writing {
	writing *w;
	const sgl_plain_folder *folder;
} keys_writing;

static sgl_status
write_key_file(void *ctx, const char *file, sgl_err *err)
{
	const keys_writing *k = ctx;
	SGL_AUTO_CLEAR(sgl_buf)
	bytes = {.max = SGL_BACKUP_FILE_MAX, .secret = true};
	sgl_plain_facts is;
	char name[256];
	bool absent;

	if (file[0] == '.')
		return SGL_OK;
	if (snprintf(name, sizeof name, SGL_HOME_KEYS "/%s", file) >=
	    (int)sizeof name)
		return sgl_fail_errno(err, ENAMETOOLONG, ROOM, file);
	TRY(sgl_plain_read(k->folder, file, &bytes, &is, &absent, err));
	return absent || bytes.len == 0
	    ? SGL_OK
	    : add_file(k->w, name, sgl_buf_slice(&bytes), err);
}

/* They may be the keyholder's, whom root alone can read. */
static sgl_status
write_keys(writing *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	sgl_plain_folder folder;
	keys_writing k = {w, &folder};
	sgl_status status;

	sgl_home_as_caller(w->home, true);
	status = sgl_keys_open(sgl_home_path(w->home), &path, &folder, err);
	if (status == SGL_OK) {
		status = sgl_plain_each(&folder, write_key_file, &k, err);
		sgl_plain_close(&folder);
	}
	sgl_home_as_caller(w->home, false);
	return status;
}

/* ------------------------------------------------------------- records --- */

static sgl_status
write_table(void *ctx, const sgl_dump_table *t, sgl_err *err)
{
	writing *w = ctx;
	sgl_wire wire = begin(w);

	w->told->counts.tables++;
	sgl_backup_add_table(&wire, t);
	return send(w, &wire, SGL_BACKUP_TABLE, err);
}

static sgl_status
write_row(
    void *ctx, const sgl_dump_table *t, const sgl_value *values, sgl_err *err)
{
	writing *w = ctx;
	sgl_wire wire = begin(w);

	w->told->counts.rows++;
	sgl_backup_add_row(&wire, values, t->num);
	return send(w, &wire, SGL_BACKUP_ROW, err);
}

static sgl_status
write_end(writing *w, sgl_err *err)
{
	sgl_wire wire = begin(w);

	sgl_backup_add_end(&wire, &w->told->counts);
	return send(w, &wire, SGL_BACKUP_END, err);
}

static sgl_status
write_all(writing *w, sgl_err *err)
{
	const sgl_dump_visitor visitor = {write_table, write_row, w};

	TRY(write_head(w, err));
	TRY(write_conf(w, err));
	TRY(write_keys(w, err));
	TRY(sgl_store_dump(sgl_home_store(w->home), &visitor, err));
	TRY(write_end(w, err));
	return sgl_sink_finish(w->to, err);
}

sgl_status
sgl_backup_write(sgl_home *home, const sgl_certs *recipients,
    sgl_slice password, sgl_sink *out, sgl_backup_told *told, sgl_err *err)
{
	const sgl_enveloped_options options = {.recipients = recipients,
	    .cipher = SGL_CIPHER_AES256_GCM,
	    .password = password,
	    .not_mail = true};
	SGL_AUTO(sgl_enveloped_writer)
	writer = NULL;
	writing w = {.home = home,
	    .message = {.max = SGL_BACKUP_MESSAGE_MAX, .secret = true},
	    .told = told};
	sgl_status status;

	*told = (sgl_backup_told){0};
	TRY(sgl_enveloped_writer_new(
	    sgl_home_engine(home), &options, out, &writer, err));
	w.to = sgl_enveloped_writer_sink(writer);
	status = write_all(&w, err);
	if (status != SGL_OK)
		sgl_sink_abort(w.to);
	sgl_buf_wipe(&w.message);
	return status;
}
