/* SPDX-License-Identifier: Apache-2.0 */
/* sigill backup: reads the records as they are at one moment, beside a service
 * that goes on; then the organisation notes that there is one. */
#include "base/time.h"
#include "admin/work.h"
#include "admin/files.h"
#include "org/audit.h"
#include "org/backup.h"
#include "org/facts.h"
#include "store/recovery.h"
#include "sys/log.h"
#include "sys/output.h"
#include "sys/passphrase.h"

#define ROOM "admin.backup"

typedef struct seal {
	sgl_keyring to; /* whose certificates */
	sgl_secret password;
} seal;

static void
seal_clear(seal *s)
{
	sgl_keyring_clear(&s->to);
	sgl_secret_clear(&s->password);
}
SGL_AUTO_CLEAR_TYPE(seal, seal_clear)

/* Whoever recovers keys can restore all of it. */
static sgl_status
add_officers(sgl_home *home, sgl_keyring *to, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_records) officers = {0};

	TRY(sgl_store_list_officers(sgl_home_store(home), &officers, err));
	for (size_t i = 0; i < officers.num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(sgl_home_engine(home),
		    sgl_buf_slice(&officers.items[i].encryption), &cert, err));
		TRY(sgl_keyring_add_cert(to, cert, err));
	}
	return SGL_OK;
}

static sgl_status
read_files(const sgl_call *call, sgl_home *home, seal *s, sgl_err *err)
{
	const char *path = sgl_call_get(call, "password-recipient");
	size_t num = sgl_call_num(call, "to");

	for (size_t i = 0; i < num; i++)
		TRY(sgl_org_load_file(sgl_home_engine(home),
		    sgl_call_nth(call, "to", i), (sgl_slice){NULL, 0}, &s->to,
		    NULL, err));
	if (path != NULL)
		TRY(sgl_passphrase_file(path, &s->password, err));
	return SGL_OK;
}

static sgl_status
read_seal(const sgl_call *call, sgl_home *home, seal *s, sgl_err *err)
{
	sgl_status status;

	sgl_home_as_caller(home, true);
	status = read_files(call, home, s, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	if (sgl_call_num(call, "to") == 0 &&
	    !sgl_call_has(call, "password-recipient"))
		TRY(add_officers(home, &s->to, err));
	if (s->to.certs.num > 0 || s->password.len > 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("to whom shall it be encrypted? Give --to CERTIFICATE or "
	       "--password-recipient FILE, or add recovery officers"));
}

static sgl_status
write_backup(const sgl_call *call, sgl_backup_told *told, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	SGL_AUTO(sgl_output)
	out = NULL;
	SGL_AUTO_CLEAR(seal) to = {0};
	sgl_status status;

	TRY(sgl_session_open(call, false, &s, err));
	TRY(read_seal(call, s.home, &to, err));
	sgl_home_as_caller(s.home, true);
	status = sgl_output_new(
	    s.engine, sgl_call_get(call, "output"), true, &out, err);
	sgl_home_as_caller(s.home, false);
	TRY(status);
	TRY(sgl_backup_write(s.home, &to.to.certs,
	    sgl_secret_slice(&to.password), sgl_output_sink(out), told, err));
	sgl_session_close(&s);
	return sgl_output_commit(out, err);
}

/* The job that notes it. */
sgl_status
sgl_org_backup_note(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) when = sgl_buf_init(32);

	(void)order;
	(void)r;
	TRY(sgl_buf_printf(
	    &when, err, "%lld", (long long)sgl_engine_now(s->engine)));
	TRY(sgl_audit_add(s->home, "organisation.backup",
	    sgl_home_organisation(s->home)->domain, NULL, NULL, err));
	return sgl_store_set_setting(sgl_home_store(s->home),
	    SGL_SETTING_LAST_BACKUP, sgl_buf_slice(&when), err);
}

static sgl_status
tell(const sgl_call *call, sgl_reply *r, const sgl_backup_told *told,
    sgl_err *err)
{
	const char *path = sgl_call_get(call, "output");
	sgl_json *json = &r->json;

	r->aside = sgl_path_is_stdout(path);
	if (r->as_json) {
		sgl_json_object(json, NULL);
		sgl_json_str(json, "domain", told->head.domain);
		sgl_json_uint(json, "records", told->counts.rows);
		sgl_json_uint(json, "files", told->counts.files);
		sgl_json_close_object(json);
		return SGL_OK;
	}
	return sgl_buf_printf(&r->text, err,
	    _("Backup of %s: records: %llu, files of the home: %llu.\nTry it: "
	      "sigill restore --rehearse FILE\n"),
	    told->head.domain, (unsigned long long)told->counts.rows,
	    (unsigned long long)told->counts.files);
}

int
sgl_org_backup(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_backup_told told;
	sgl_err err = {0};
	sgl_status status;

	sgl_reply_init(&r, call);
	status = write_backup(call, &told, &err);
	if (status == SGL_OK) {
		status = sgl_org_perform(call, &r, &err);
		if (status != SGL_OK)
			sgl_log_warning(_("the backup is written, but that is "
					  "not recorded"));
	}
	if (status == SGL_OK)
		status = tell(call, &r, &told, &err);
	return sgl_org_end(call, status, &r, &err);
}
