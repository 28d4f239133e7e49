/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/migrate.h"
#include "admin/files.h"
#include "admin/wire.h"
#include "sys/fail.h"
#include "sys/log.h"
#include "sys/progress.h"

#define ROOM "admin.migrate"
#define PATH_TEXT 4096

/* A file of the folder. */
typedef struct source {
	const char *name;    /* in the list of the folder */
	sgl_bundle contents; /* of one that could be opened */
	char address[SGL_MIGRATE_TEXT];
	sgl_err failure; /* status not OK: it could not be */
} source;

typedef struct migration {
	const sgl_call *call;
	const char *folder;
	struct dirent **names;
	source *sources;
	size_t num;
	sgl_engine *engine;
	sgl_migrate_passwords passwords;
	sgl_certs authorities; /* of all files: some hold nothing else */
	sgl_reply *r;
	size_t counts[SGL_IMPORT_REFUSED + 1], failed; /* of one pass */
} migration;

static void
migration_clear(migration *m)
{
	for (size_t i = 0; i < m->num; i++) {
		if (m->sources != NULL)
			sgl_bundle_clear(&m->sources[i].contents);
		free(m->names[i]);
	}
	free(m->names);
	sgl_mem_free(m->sources);
	sgl_certs_clear(&m->authorities);
	sgl_migrate_passwords_clear(&m->passwords);
	sgl_engine_free(m->engine);
}
SGL_AUTO_CLEAR_TYPE(migration, migration_clear)

/* ------------------------------------------------------------------ opening
 * ---
 */

static int
is_shown(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static sgl_status
list_folder(migration *m, sgl_err *err)
{
	int num = scandir(m->folder, &m->names, is_shown, alphasort);

	if (num < 0)
		return sgl_fail_errno(err, errno, ROOM, m->folder);
	m->num = (size_t)num;
	m->sources = sgl_mem_zeroed(m->num + 1, sizeof *m->sources);
	if (m->sources == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < m->num; i++)
		m->sources[i].name = m->names[i]->d_name;
	return SGL_OK;
}

static sgl_status
open_source(migration *m, source *s, sgl_err *err)
{
	const sgl_migrate_password *p =
	    sgl_migrate_password_of(&m->passwords, s->name);
	char path[PATH_TEXT];

	if (snprintf(path, sizeof path, "%s/%s", m->folder, s->name) >=
	    (int)sizeof path)
		return sgl_fail_errno(err, ENAMETOOLONG, ROOM, s->name);
	if (p != NULL)
		(void)snprintf(s->address, sizeof s->address, "%s", p->address);
	return sgl_org_load_file(m->engine, path,
	    p == NULL ? (sgl_slice){0} : sgl_secret_slice(&p->password),
	    &s->contents.ring, &s->contents.crls, err);
}

static sgl_status
keep_authorities(migration *m, const source *s, sgl_err *err)
{
	const sgl_certs *certs = &s->contents.ring.certs;

	for (size_t i = 0; i < certs->num; i++)
		if (sgl_cert_is_ca(certs->items[i]))
			TRY(sgl_certs_add(
			    &m->authorities, certs->items[i], err));
	return SGL_OK;
}

/* One that cannot be opened is told of, and does not stop the others. */
static sgl_status
open_all(migration *m, sgl_err *err)
{
	sgl_progress_count(m->call->command->name, m->num);
	for (size_t i = 0; i < m->num; i++) {
		source *s = &m->sources[i];
		sgl_status status = open_source(m, s, &s->failure);

		if (status == SGL_E_NOMEM)
			return sgl_oom(err, ROOM);
		if (status == SGL_OK)
			TRY(keep_authorities(m, s, err));
		sgl_progress_at(i);
	}
	return SGL_OK;
}

/* ------------------------------------------------------------------ telling
 * ---
 */

static sgl_status
tell_item(migration *m, const sgl_migrate_item *i, sgl_err *err)
{
	static const char *const words[] = {
	    [SGL_IMPORT_TAKEN] = N_("taken"),
	    [SGL_IMPORT_HISTORY] = N_("taken to read old mail"),
	    [SGL_IMPORT_KNOWN] = N_("here already"),
	    [SGL_IMPORT_NEEDLESS] = N_("left out, nobody needs it"),
	    [SGL_IMPORT_REFUSED] = N_("refused"),
	};
	const char *purpose =
	    i->has_purpose ? sgl_cert_purpose_name(i->purpose) : NULL;
	sgl_json *json = &m->r->json;
	char date[SGL_DATE_TEXT];

	m->counts[i->result]++;
	if (m->r->as_json) {
		sgl_json_object(json, NULL);
		sgl_json_str(json, "purpose", purpose);
		sgl_json_str(json, "result", sgl_import_result_name(i->result));
		sgl_json_str(json, "why", i->why[0] == '\0' ? NULL : i->why);
		sgl_json_str(
		    json, "detail", i->detail[0] == '\0' ? NULL : i->detail);
		sgl_json_str(json, "serial", i->serial);
		sgl_json_time(json, "not_after", i->not_after);
		sgl_json_close_object(json);
		return SGL_OK;
	}
	return sgl_buf_printf(&m->r->text, err, "  %s: %s (%s, %s)%s%s%s%s\n",
	    i->serial, _(words[i->result]), purpose == NULL ? "-" : _(purpose),
	    sgl_date_text(i->not_after, date), i->why[0] == '\0' ? "" : ": ",
	    i->why[0] == '\0' ? "" : _(i->why),
	    i->detail[0] == '\0' ? "" : ": ", i->detail);
}

static sgl_status
tell_head(
    migration *m, const source *s, const sgl_migrate_head *h, sgl_err *err)
{
	sgl_json *json = &m->r->json;

	m->failed += h->why[0] != '\0';
	if (m->r->as_json) {
		sgl_json_object(json, NULL);
		sgl_json_str(json, "file", s->name);
		sgl_json_str(
		    json, "address", h->address[0] == '\0' ? NULL : h->address);
		sgl_json_str(json, "why", h->why[0] == '\0' ? NULL : h->why);
		sgl_json_str(
		    json, "detail", h->detail[0] == '\0' ? NULL : h->detail);
		sgl_json_uint(json, "lone_keys", h->num_lone_keys);
		sgl_json_array(json, "certificates");
		return SGL_OK;
	}
	return h->why[0] == '\0'
	    ? sgl_buf_printf(&m->r->text, err, "%s: %s\n", s->name, h->address)
	    : sgl_buf_printf(&m->r->text, err, "%s: %s%s%s\n", s->name,
		  _(h->why), h->detail[0] == '\0' ? "" : ": ", h->detail);
}

static void
close_head(migration *m)
{
	if (!m->r->as_json)
		return;
	sgl_json_close_array(&m->r->json);
	sgl_json_close_object(&m->r->json);
}

/* A file of authorities alone is there for the others. */
static bool
is_for_others(const source *s)
{
	return s->failure.status == SGL_OK && s->contents.ring.num_keys == 0 &&
	    s->contents.ring.certs.num > 0 &&
	    sgl_cert_is_ca(s->contents.ring.certs.items[0]);
}

static sgl_status
tell_counts(migration *m, bool only_check, sgl_err *err)
{
	if (m->r->as_json) {
		for (int i = 0; i <= SGL_IMPORT_REFUSED; i++)
			sgl_json_uint(&m->r->json,
			    sgl_import_result_name((sgl_import_result)i),
			    m->counts[i]);
		sgl_json_uint(&m->r->json, "failed_files", m->failed);
		return SGL_OK;
	}
	return sgl_buf_printf(&m->r->text, err,
	    only_check
		? _("Files: %zu; found to be taken: %zu, to read old mail: "
		    "%zu, here already: %zu, not needed: %zu, refused: %zu; "
		    "files that cannot be used: %zu\n")
		: _("Files: %zu; taken: %zu, to read old mail: %zu, here "
		    "already: %zu, not needed: %zu, refused: %zu; files that "
		    "cannot be used: %zu\n"),
	    m->num, m->counts[SGL_IMPORT_TAKEN], m->counts[SGL_IMPORT_HISTORY],
	    m->counts[SGL_IMPORT_KNOWN], m->counts[SGL_IMPORT_NEEDLESS],
	    m->counts[SGL_IMPORT_REFUSED], m->failed);
}

/* -------------------------------------------------------------------- orders
 * ---
 */

static sgl_status
write_order(const source *s, bool only_check, sgl_buf *out, sgl_err *err)
{
	sgl_buf bundle = {.max = SGL_ORG_CALL_MAX, .secret = true};
	sgl_migrate_order o = {.only_check = only_check};
	sgl_wire w = sgl_wire_over(out);
	sgl_status status = sgl_bundle_write(&s->contents, &bundle, err);

	(void)snprintf(o.address, sizeof o.address, "%s", s->address);
	o.bundle = sgl_buf_slice(&bundle);
	sgl_migrate_add_order(&w, &o);
	sgl_buf_wipe(&bundle);
	return status == SGL_OK ? sgl_wire_end(&w, err) : status;
}

static sgl_status
tell_answer(migration *m, const source *s, sgl_slice answer, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(answer);
	sgl_migrate_head h;

	sgl_migrate_read_head(&u, &h);
	if (u.failed)
		return sgl_unwire_end(&u, err);
	TRY(tell_head(m, s, &h, err));
	for (size_t i = 0; i < h.num_items; i++) {
		sgl_migrate_item item;

		sgl_migrate_read_item(&u, &item);
		if (u.failed)
			break;
		TRY(tell_item(m, &item, err));
	}
	close_head(m);
	return sgl_unwire_end(&u, err);
}

static sgl_status
order(migration *m, source *s, bool only_check, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_order)
	o = {.call = m->call,
	    .input = {.max = SGL_ORG_CALL_MAX, .secret = true}};
	SGL_AUTO_CLEAR(sgl_reply) r = {0};

	sgl_reply_init(&r, m->call);
	TRY(write_order(s, only_check, &o.input, err));
	TRY(sgl_org_ask(&o, &r, err));
	return tell_answer(m, s, sgl_buf_slice(&r.file), err);
}

static sgl_status
tell_failure(migration *m, const source *s, sgl_err *err)
{
	sgl_migrate_head h = {0};

	(void)snprintf(h.why, sizeof h.why, "%s", s->failure.text);
	TRY(tell_head(m, s, &h, err));
	close_head(m);
	return SGL_OK;
}

static bool
is_in_folder(const migration *m, const sgl_migrate_password *p)
{
	for (size_t i = 0; i < m->num; i++)
		if (sgl_migrate_password_fits(p, m->sources[i].name))
			return true;
	return false;
}

/* Else nobody would miss the keys of a file that was mistyped, or forgotten. */
static sgl_status
tell_absent(migration *m, sgl_err *err)
{
	for (size_t i = 0; i < m->passwords.num; i++) {
		const sgl_migrate_password *p = &m->passwords.items[i];
		source absent = {
		    .name = p->file[0] == '\0' ? p->address : p->file,
		    .failure.text = N_("the table has a password for it, but "
				       "it is not in the folder")};

		if (!is_in_folder(m, p))
			TRY(tell_failure(m, &absent, err));
	}
	return SGL_OK;
}

static sgl_status
pass(migration *m, const char *name, bool only_check, sgl_err *err)
{
	memset(m->counts, 0, sizeof m->counts);
	m->failed = 0;
	if (m->r->as_json) {
		sgl_json_object(&m->r->json, name);
		sgl_json_array(&m->r->json, "files");
	}
	for (size_t i = 0; i < m->num; i++) {
		source *s = &m->sources[i];
		sgl_progress_at(i);
		if (s->failure.status != SGL_OK)
			TRY(tell_failure(m, s, err));
		else if (!is_for_others(s))
			TRY(order(m, s, only_check, err));
	}
	TRY(tell_absent(m, err));
	if (m->r->as_json)
		sgl_json_close_array(&m->r->json);
	TRY(tell_counts(m, only_check, err));
	if (m->r->as_json)
		sgl_json_close_object(&m->r->json);
	return SGL_OK;
}

/* Each gets what is above it, wherever in the folder that lies. */
static sgl_status
share_authorities(migration *m, sgl_err *err)
{
	for (size_t i = 0; i < m->num; i++)
		for (size_t k = 0; k < m->authorities.num; k++)
			if (!is_for_others(&m->sources[i]))
				TRY(sgl_keyring_add_cert(
				    &m->sources[i].contents.ring,
				    m->authorities.items[k], err));
	return SGL_OK;
}

static sgl_status
migrate(migration *m, sgl_err *err)
{
	m->folder = sgl_call_arg(m->call, 0);
	TRY(sgl_engine_new(NULL, &m->engine, err));
	TRY(sgl_migrate_passwords_read(
	    sgl_call_get(m->call, "passwords"), &m->passwords, err));
	TRY(list_folder(m, err));
	TRY(open_all(m, err));
	TRY(share_authorities(m, err));
	if (m->r->as_json)
		sgl_json_object(&m->r->json, NULL);
	TRY(pass(m, "before", true, err));
	if (!sgl_call_has(m->call, "dry-run"))
		TRY(pass(m, "after", false, err));
	if (m->r->as_json)
		sgl_json_close_object(&m->r->json);
	if (m->failed > 0 || m->counts[SGL_IMPORT_REFUSED] > 0)
		m->r->exit_status = SGL_EXIT_NO;
	return SGL_OK;
}

int
sgl_org_migrate(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	SGL_AUTO_CLEAR(migration) m = {.call = call, .r = &r};
	sgl_err err = {0};
	sgl_status status;

	if (!sgl_call_has(call, "passwords"))
		return sgl_call_usage(
		    call, _("something is missing: %s"), "--passwords FILE");
	sgl_reply_init(&r, call);
	status = migrate(&m, &err);
	sgl_progress_end();
	return sgl_org_end(call, status, &r, &err);
}
