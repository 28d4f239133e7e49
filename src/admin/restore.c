/* SPDX-License-Identifier: Apache-2.0 */
/* sigill restore */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ca/crl.h"
#include "ca/resume.h"
#include "admin/work.h"
#include "admin/files.h"
#include "org/audit.h"
#include "org/backup.h"
#include "org/check.h"
#include "org/recovery.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/passphrase.h"
#include "vault/token.h"

#define ROOM "admin.restore"
#define TOKENS_MAX 4

typedef struct restoring {
	const sgl_call *call;
	sgl_engine *engine;
	sgl_token *tokens[TOKENS_MAX]; /* before the keys that are on them */
	size_t num_tokens;
	sgl_keyring keys;
	sgl_secret password;
	sgl_crls crls;
	sgl_certs issuing;
	bool is_rehearsal;
	char folder[PATH_MAX]; /* of a rehearsal */

	sgl_restore *restore;
	sgl_home *home;
	sgl_backup_told told;
	sgl_ca_merged merged;
	size_t num_issuing;
	int64_t codes, requests; /* withdrawn, cancelled */
	sgl_home_checked checked;
} restoring;

static void
restoring_clear(restoring *r)
{
	sgl_home_free(r->home);
	sgl_restore_free(r->restore);
	sgl_keyring_clear(&r->keys);
	for (size_t i = 0; i < r->num_tokens; i++)
		sgl_token_free(r->tokens[i]);
	sgl_secret_clear(&r->password);
	sgl_crls_clear(&r->crls);
	sgl_certs_clear(&r->issuing);
	sgl_engine_free(r->engine);
	if (r->folder[0] != '\0')
		(void)rmdir(r->folder);
}
SGL_AUTO_CLEAR_TYPE(restoring, restoring_clear)

/* ------------------------------------------------------------- options --- */

static sgl_status
load_key(restoring *r, const char *id, sgl_slice password, sgl_err *err)
{
	if (strncmp(id, "pkcs11:", 7) != 0)
		return sgl_org_load_file(
		    r->engine, id, password, &r->keys, NULL, err);
	if (r->num_tokens == TOKENS_MAX)
		return sgl_fail_at(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too many tokens"), "%s", id);
	TRY(sgl_token_open(
	    r->engine, id, password, &r->tokens[r->num_tokens], err));
	return sgl_token_add_to_ring(r->tokens[r->num_tokens++], &r->keys, err);
}

static sgl_status
load_keys(restoring *r, sgl_err *err)
{
	const char *path = sgl_call_get(r->call, "password-file");
	SGL_AUTO_CLEAR(sgl_secret) password = {0};

	if (path != NULL)
		TRY(sgl_passphrase_file(path, &password, err));
	for (size_t i = 0; i < sgl_call_num(r->call, "key"); i++)
		TRY(load_key(r, sgl_call_nth(r->call, "key", i),
		    sgl_secret_slice(&password), err));
	path = sgl_call_get(r->call, "password-recipient");
	if (path != NULL)
		TRY(sgl_passphrase_file(path, &r->password, err));
	if (r->keys.num_keys > 0 || r->password.len > 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("what opens the backup? Give --key ID or --password-recipient "
	       "FILE"));
}

/* Whoever does not know must say so: what was revoked since the backup would
 * be good again. */
static sgl_status
load_crls(restoring *r, sgl_err *err)
{
	size_t num = sgl_call_num(r->call, "last-crl");
	bool none = sgl_call_has(r->call, "no-last-crl");

	if (!r->is_rehearsal && (num == 0) != none)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("give --last-crl FILE (as it was published last, once "
		       "for each), or --no-last-crl if there is none: what was "
		       "revoked after the backup would be valid again"));
	for (size_t i = 0; i < num; i++)
		TRY(sgl_org_load_file(r->engine,
		    sgl_call_nth(r->call, "last-crl", i), (sgl_slice){NULL, 0},
		    NULL, &r->crls, err));
	return SGL_OK;
}

/* Authorities that the backup is too old for. */
static sgl_status
load_issuing(restoring *r, sgl_err *err)
{
	for (size_t i = 0; i < sgl_call_num(r->call, "issuing"); i++) {
		const char *path = sgl_call_nth(r->call, "issuing", i);
		SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

		TRY(sgl_org_load_file(
		    r->engine, path, (sgl_slice){NULL, 0}, &ring, NULL, err));
		for (size_t n = 0; n < ring.certs.num; n++)
			TRY(sgl_certs_add(
			    &r->issuing, ring.certs.items[n], err));
		if (ring.certs.num == 0)
			return sgl_fail_at(err, SGL_E_ENCODING, ROOM,
			    SGL_NO_OFFSET, N_("there is no certificate in it"),
			    "%s", path);
	}
	return SGL_OK;
}

/* ----------------------------------------------------------- restoring --- */

static sgl_status
choose_place(restoring *r, sgl_restore_options *o, sgl_err *err)
{
	const char *database = sgl_call_get(r->call, "database");
	const char *tmp = getenv("TMPDIR");

	o->place = sgl_call_get(r->call, "home");
	o->database = database;
	if (database != NULL && strcmp(database, "file") == 0)
		o->database = "";
	else if (database != NULL && !sgl_store_is_url(database))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--database wants a URL: postgresql://USER@HOST/DATABASE"
		       ", or the word file"));
	if (!r->is_rehearsal)
		return SGL_OK;
	(void)snprintf(r->folder, sizeof r->folder, "%.4000s/sigill-XXXXXX",
	    tmp == NULL || tmp[0] != '/' ? "/var/tmp" : tmp);
	if (mkdtemp(r->folder) == NULL) {
		r->folder[0] = '\0';
		return sgl_fail_errno(err, errno, ROOM, tmp);
	}
	o->place = r->folder;
	if (database == NULL)
		o->database = "";
	return SGL_OK;
}

static sgl_status
restore_from(restoring *r, sgl_input *in, sgl_err *err)
{
	sgl_input_watch(in, _("restoring"));
	TRY(sgl_pump(sgl_input_source(in), sgl_restore_sink(r->restore), err));
	return sgl_restore_end(r->restore, &r->home, &r->told, err);
}

static sgl_status
read_backup(restoring *r, sgl_err *err)
{
	SGL_AUTO(sgl_input)
	in = NULL;
	sgl_restore_options o = {.keys = &r->keys,
	    .password = sgl_secret_slice(&r->password),
	    .is_rehearsal = r->is_rehearsal};

	TRY(choose_place(r, &o, err));
	TRY(sgl_input_open(sgl_call_arg(r->call, 0), &in, err));
	TRY(sgl_restore_new(r->engine, &o, &r->restore, err));
	return sgl_org_of_file(
	    sgl_call_arg(r->call, 0), restore_from(r, in, err), err);
}

/* A code that was used or withdrawn after the backup would open the door again,
 * and a case that was closed be open. */
static sgl_status
withdraw(restoring *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_request_records) list = {0};
	sgl_store *store = sgl_home_store(r->home);

	TRY(sgl_store_drop_enrol_codes(store, &r->codes, err));
	TRY(sgl_store_list_requests(store, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		if (list.items[i].state != SGL_REQUEST_OPEN)
			continue;
		TRY(sgl_recovery_cancel(r->home, &list.items[i], err));
		r->requests++;
	}
	return SGL_OK;
}

static sgl_status
go_on(restoring *r, sgl_err *err)
{
	TRY(sgl_ca_resume_issuing(r->home, &r->issuing, &r->num_issuing, err));
	TRY(sgl_ca_resume(r->home, err));
	TRY(withdraw(r, err));
	for (size_t i = 0; i < r->crls.num; i++)
		TRY(sgl_ca_merge_crl(
		    r->home, r->crls.items[i], &r->merged, err));
	TRY(sgl_audit_add(r->home, "organisation.restore", r->told.head.domain,
	    NULL, r->told.head.release, err));
	TRY(sgl_ca_publish(r->home, err));
	TRY(sgl_home_commit(r->home, err));
	return sgl_ca_publish_lists(r->home, err);
}

static sgl_status
restore(restoring *r, sgl_err *err)
{
	TRY(sgl_engine_new(NULL, &r->engine, err));
	TRY(load_crls(r, err));
	TRY(load_issuing(r, err));
	TRY(load_keys(r, err));
	TRY(read_backup(r, err));
	sgl_home_set_asker(r->home, sgl_ask_vault);
	/* A backup whose keys do not open is none. */
	TRY(sgl_home_check(r->home, &r->checked, err));
	return r->is_rehearsal ? SGL_OK : go_on(r, err);
}

/* -------------------------------------------------------------- telling --- */

static sgl_status
tell_text(restoring *r, sgl_buf *out, sgl_err *err)
{
	char when[SGL_DATE_TEXT];

	TRY(sgl_buf_printf(out, err,
	    r->is_rehearsal ? _("The backup of %s, made %s, is whole: ")
			    : _("Restored %s from the backup made %s: "),
	    r->told.head.domain, sgl_date_text(r->told.head.when, when)));
	TRY(sgl_buf_printf(out, err,
	    _("records: %llu, people: %zu, private keys, which all open: "
	      "%zu.\n"),
	    (unsigned long long)r->told.counts.rows, r->checked.people,
	    r->checked.keys));
	if (r->is_rehearsal)
		return SGL_OK;
	if (r->codes + r->requests > 0)
		TRY(sgl_buf_printf(out, err,
		    _("Enrolment codes withdrawn: %lld, recovery requests "
		      "cancelled: %lld; make new ones where they are still "
		      "wanted.\n"),
		    (long long)r->codes, (long long)r->requests));
	if (r->num_issuing > 0)
		TRY(sgl_buf_printf(out, err,
		    _("Issuing authorities that the backup did not know: %zu; "
		      "sigill ca list shows whose key is lost.\n"),
		    r->num_issuing));
	return sgl_buf_printf(out, err,
	    _("Certificates that the last CRLs revoke: %zu; those that the "
	      "backup did not know as revoked: %zu, not at all: %zu.\nNext: "
	      "sigill status; then sigill ca crl, and look that it is "
	      "published.\n"),
	    r->merged.listed, r->merged.revoked, r->merged.lost);
}

static void
tell_json(const restoring *r, sgl_json *json)
{
	sgl_json_object(json, NULL);
	sgl_json_str(json, "domain", r->told.head.domain);
	sgl_json_str(json, "release", r->told.head.release);
	sgl_json_bool(json, "rehearsal", r->is_rehearsal);
	sgl_json_uint(json, "records", r->told.counts.rows);
	sgl_json_uint(json, "people", r->checked.people);
	sgl_json_uint(json, "keys", r->checked.keys);
	sgl_json_object(json, "last_crls");
	sgl_json_uint(json, "listed", r->merged.listed);
	sgl_json_uint(json, "revoked", r->merged.revoked);
	sgl_json_uint(json, "lost", r->merged.lost);
	sgl_json_close_object(json);
	sgl_json_uint(json, "issuing", r->num_issuing);
	sgl_json_uint(json, "codes_withdrawn", (uint64_t)r->codes);
	sgl_json_uint(json, "requests_cancelled", (uint64_t)r->requests);
	sgl_json_close_object(json);
}

static sgl_status
run(restoring *r, sgl_reply *reply, sgl_err *err)
{
	TRY(restore(r, err));
	if (!reply->as_json)
		return tell_text(r, &reply->text, err);
	tell_json(r, &reply->json);
	return SGL_OK;
}

int
sgl_org_restore(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) reply = {0};
	SGL_AUTO_CLEAR(restoring)
	r = {.call = call, .is_rehearsal = sgl_call_has(call, "rehearse")};
	sgl_err err = {0};
	sgl_status status;

	sgl_reply_init(&reply, call);
	status = run(&r, &reply, &err);
	return status == SGL_OK ? sgl_org_end(call, status, &reply, &err)
				: sgl_call_fail(call, &err);
}
