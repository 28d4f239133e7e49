/* SPDX-License-Identifier: Apache-2.0 */
/* sigill init */
#include "admin/init_keys.h"
#include "admin/authority.h"
#include "org/audit.h"
#include "org/choose.h"
#include "org/organisation.h"
#include "org/public_url.h"
#include "sys/log.h"
#include "sys/output.h"

#define ROOM "admin.init"

static sgl_status
copy_text(const char *text, char **out, sgl_err *err)
{
	return sgl_slice_copy(sgl_slice_str(text), (uint8_t **)out, ROOM, err);
}

static sgl_status
read_domains(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	size_t num = sgl_call_num(call, "domain");
	SGL_AUTO_CLEAR(sgl_buf) more = sgl_buf_init(256 * SGL_DOMAINS_MAX);

	if (num == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--domain DOMAIN is missing"));
	if (num > SGL_DOMAINS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the organisation has too many domains"));
	TRY(copy_text(sgl_call_nth(call, "domain", 0), &o->domain, err));
	for (size_t i = 1; i < num; i++)
		TRY(sgl_buf_printf(&more, err, "%s%s", i == 1 ? "" : " ",
		    sgl_call_nth(call, "domain", i)));
	return num == 1 ? SGL_OK
			: sgl_slice_copy(sgl_buf_slice(&more),
			      (uint8_t **)&o->more_domains, ROOM, err);
}

static sgl_status
read_algorithm(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	const char *algorithm = sgl_call_get(call, "algorithm");

	if (algorithm == NULL)
		algorithm = SGL_CA_ALGORITHM_DEFAULT;
	TRY(sgl_ca_algorithm_check(algorithm, err));
	return copy_text(algorithm, &o->algorithm, err);
}

static sgl_status
read_public_url(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	const char *given = sgl_call_get(call, "public-url");
	SGL_AUTO_CLEAR(sgl_buf) url = sgl_buf_init(SGL_PUBLIC_URL_MAX);

	o->is_demo = given == NULL;
	if (o->is_demo)
		return SGL_OK;
	TRY(sgl_public_url_read(given, &url, err));
	return sgl_slice_copy(
	    sgl_buf_slice(&url), (uint8_t **)&o->public_url, ROOM, err);
}

static sgl_status
read_call(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	const char *name = sgl_call_get(call, "name");

	TRY(read_domains(call, o, err));
	TRY(copy_text(name == NULL ? o->domain : name, &o->name, err));
	TRY(read_algorithm(call, o, err));
	TRY(read_public_url(call, o, err));
	return sgl_init_keys_check(call, err);
}

/* The root's key is safe in its file before anything says that it is the
 * root's. */
static sgl_status
found(sgl_session *s, const sgl_init_keys *keys, sgl_err *aside, sgl_err *err)
{
	sgl_status status;

	TRY(sgl_ca_found_with(s->home, &keys->founding, err));
	TRY(sgl_ca_publish(s->home, err));
	TRY(sgl_init_keys_save(s->home, keys, err));
	if (keys->file != NULL)
		TRY(sgl_audit_add(
		    s->home, "key.export", "root", NULL, NULL, err));
	status = sgl_session_commit(s, aside, err);
	if (status != SGL_OK)
		sgl_init_keys_unsave(keys);
	return status;
}

/* The request is safe in its file before anything says that there is a home. */
static sgl_status
found_below(const sgl_call *call, sgl_session *s, sgl_err *aside, sgl_err *err)
{
	const char *file = sgl_call_get(call, "parent-csr-out");
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(SGL_ORG_INPUT_MAX);

	TRY(sgl_below_add_pem(s->home, &pem, err));
	TRY(sgl_file_write(s->engine, file, false, sgl_buf_slice(&pem), err));
	return sgl_session_commit(s, aside, err);
}

static sgl_status
check_database(const char *database, sgl_err *err)
{
	if (database == NULL || sgl_store_is_url(database))
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--database wants a URL: postgresql://USER@HOST/DATABASE"));
}

static sgl_status
make(const sgl_call *call, sgl_session *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_organisation) o = {0};
	const char *database = sgl_call_get(call, "database");
	SGL_AUTO_CLEAR(sgl_init_keys) keys = {0};
	sgl_err aside = {0};

	TRY(read_call(call, &o, err));
	TRY(check_database(database, err));
	TRY(sgl_engine_new(NULL, &s->engine, err));
	TRY(sgl_init_keys_get(call, s->engine, o.algorithm, &keys, err));
	TRY(sgl_home_create(s->engine, sgl_call_get(call, "home"), &o, database,
	    &s->home, err));
	TRY(sgl_call_has(call, "parent-csr-out")
		? found_below(call, s, &aside, err)
		: found(s, &keys, &aside, err));
	if (aside.status != SGL_OK)
		sgl_log_err(call->command->name, &aside);
	return SGL_OK;
}

/* ------------------------------------------------------------- telling --- */

static void
tell_domains(const sgl_organisation *o, sgl_json *json)
{
	sgl_slice domain;

	sgl_json_array(json, "domains");
	for (size_t i = 0; sgl_organisation_get_domain(o, i, &domain); i++)
		sgl_json_string(json, NULL, domain);
	sgl_json_close_array(json);
}

static sgl_status
tell_json(const sgl_call *call, sgl_session *s, sgl_reply *r,
    const sgl_cert *root, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	const char *file = sgl_call_get(call, "root-key-out");
	sgl_json *json = &r->json;

	sgl_json_object(json, NULL);
	sgl_json_str(json, "home", sgl_home_path(s->home));
	sgl_json_str(json, "domain", o->domain);
	tell_domains(o, json);
	sgl_json_str(json, "name", o->name);
	sgl_json_str(json, "algorithm", o->algorithm);
	sgl_json_bool(json, "demo", o->is_demo);
	sgl_json_str(json, "public_url", o->public_url);
	sgl_json_str(json, "root_key",
	    file != NULL ? file : sgl_call_get(call, "root-key"));
	if (root == NULL) {
		sgl_json_null(json, "root");
	} else {
		sgl_json_object(json, "root");
		TRY(sgl_json_cert(s->engine, json, root, err));
		sgl_json_close_object(json);
	}
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
tell_demo(const sgl_organisation *o, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(out, err,
	    _("\nIt is a trial: its certificates say DEMO, and it can never "
	      "become a real one.\nNext: sigill user add alice@%s --name "
	      "Alice\n"),
	    o->domain);
}

static sgl_status
tell_below(const sgl_call *call, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(out, err,
	    _("Its issuing authority is still to be certified by the "
	      "organisation above:\n%s goes there (sigill ca branch add "
	      "--csr).\nNext: sigill ca install FILE   with what comes "
	      "back\n"),
	    sgl_call_get(call, "parent-csr-out"));
}

static sgl_status
tell_real(
    const sgl_call *call, const sgl_organisation *o, sgl_buf *out, sgl_err *err)
{
	const char *file = sgl_call_get(call, "root-key-out");

	if (file != NULL)
		TRY(sgl_buf_printf(out, err,
		    _("\nThe root's private key is in %s and nowhere else: "
		      "keep copies of it offline,\nthe password apart from "
		      "them.\n"),
		    file));
	return sgl_buf_printf(out, err,
	    _("\nNext: start sigilld, let %s lead to it, and run sigill "
	      "doctor\n"),
	    o->public_url);
}

static sgl_status
tell_text(const sgl_call *call, sgl_session *s, sgl_reply *r,
    const sgl_cert *root, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	sgl_buf *out = &r->text;

	TRY(sgl_buf_printf(out, err,
	    o->is_demo ? _("Made a DEMO organisation for %s in %s\n\n")
		       : _("Made an organisation for %s in %s\n\n"),
	    o->domain, sgl_home_path(s->home)));
	if (root == NULL)
		return tell_below(call, out, err);
	TRY(sgl_buf_printf(out, err, "%s\n", _("Its root certificate:")));
	TRY(sgl_text_cert(s->engine, out, root, err));
	return o->is_demo ? tell_demo(o, out, err)
			  : tell_real(call, o, out, err);
}

static sgl_status
run(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	const sgl_cert *root;

	TRY(make(call, &s, err));
	TRY(sgl_home_add_authorities(s.home, &roots, NULL, err));
	root = roots.num == 0 ? NULL : roots.items[0];
	return r->as_json ? tell_json(call, &s, r, root, err)
			  : tell_text(call, &s, r, root, err);
}

int
sgl_org_init(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	sgl_reply_init(&r, call);
	return sgl_org_end(call, run(call, &r, &err), &r, &err);
}
