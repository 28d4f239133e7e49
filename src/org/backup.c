/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cms/writer.h"
#include "org/backup.h"
#include "org/conf.h"
#include "org/home_inside.h"
#include "sys/fail.h"
#include "sys/input.h"
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
read_into(writing *w, const char *path, sgl_backup_file *f, sgl_err *err)
{
	sgl_buf bytes = {.max = SGL_BACKUP_FILE_MAX, .secret = true};
	sgl_wire wire = begin(w);
	sgl_status status = sgl_file_read(path, &bytes, err);

	if (status == SGL_OK) {
		f->bytes = sgl_buf_slice(&bytes);
		sgl_backup_add_file(&wire, f);
		status = send(w, &wire, SGL_BACKUP_FILE, err);
	}
	sgl_buf_wipe(&bytes);
	w->told->counts.files += status == SGL_OK ? 1 : 0;
	return status;
}

static sgl_status
write_file(writing *w, const char *name, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	sgl_backup_file f = {0};
	struct stat st;

	TRY(sgl_home_join(w->home, name, &path, err));
	if (stat((const char *)path.data, &st) != 0)
		return errno == ENOENT
		    ? SGL_OK
		    : sgl_fail_errno(err, errno, ROOM, (const char *)path.data);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return SGL_OK;
	(void)snprintf(f.name, sizeof f.name, "%s", name);
	return read_into(w, (const char *)path.data, &f, err);
}

static sgl_status
write_keys_in(writing *w, DIR *folder, sgl_err *err)
{
	struct dirent *e;
	char name[256];

	while ((e = readdir(folder)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof name, SGL_HOME_KEYS "/%s",
			e->d_name) >= (int)sizeof name)
			return sgl_fail_errno(
			    err, ENAMETOOLONG, ROOM, e->d_name);
		TRY(write_file(w, name, err));
	}
	return SGL_OK;
}

static sgl_status
write_keys(writing *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	sgl_status status;
	DIR *folder;

	TRY(sgl_home_join(w->home, SGL_HOME_KEYS, &path, err));
	folder = opendir((const char *)path.data);
	if (folder == NULL)
		return sgl_fail_errno(
		    err, errno, ROOM, (const char *)path.data);
	status = write_keys_in(w, folder, err);
	(void)closedir(folder);
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
	TRY(write_file(w, SGL_CONF_FILE, err));
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
