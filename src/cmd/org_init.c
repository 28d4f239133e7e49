/* SPDX-License-Identifier: Apache-2.0 */
/* sigill init */
#include "cmd/org.h"
#include "org/choose.h"

#define ROOM "cmd.init"

/* Borrowed texts; the home copies them. */
static sgl_status
read_call(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	const char *domain = sgl_call_get(call, "domain");
	const char *name = sgl_call_get(call, "name");
	const char *algorithm = sgl_call_get(call, "algorithm");

	if (sgl_call_has(call, "public-url"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--public-url is not available in this release; "
		       "without it a DEMO organisation is made"));
	if (domain == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--domain DOMAIN is missing"));
	if (algorithm == NULL)
		algorithm = SGL_CA_ALGORITHM_DEFAULT;
	if (sgl_ca_algorithm_find(algorithm) == NULL)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a kind of key we make"), "%s (%s)", algorithm,
		    sgl_ca_algorithm_names());
	TRY(sgl_slice_copy(
	    sgl_slice_str(domain), (uint8_t **)&o->domain, ROOM, err));
	TRY(sgl_slice_copy(sgl_slice_str(name == NULL ? domain : name),
	    (uint8_t **)&o->name, ROOM, err));
	TRY(sgl_slice_copy(
	    sgl_slice_str(algorithm), (uint8_t **)&o->algorithm, ROOM, err));
	o->is_demo = true;
	return SGL_OK;
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

	TRY(read_call(call, &o, err));
	TRY(check_database(database, err));
	TRY(sgl_engine_new(NULL, &s->engine, err));
	TRY(sgl_home_create(s->engine, sgl_call_get(call, "home"), &o, database,
	    &s->home, err));
	TRY(sgl_ca_found(s->home, err));
	TRY(sgl_ca_publish(s->home, err));
	return sgl_home_commit(s->home, err);
}

static sgl_status
tell_json(sgl_session *s, sgl_reply *r, const sgl_cert *root, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	sgl_json *json = &r->json;

	sgl_json_object(json, NULL);
	sgl_json_str(json, "home", sgl_home_path(s->home));
	sgl_json_str(json, "domain", o->domain);
	sgl_json_str(json, "name", o->name);
	sgl_json_str(json, "algorithm", o->algorithm);
	sgl_json_bool(json, "demo", o->is_demo);
	sgl_json_object(json, "root");
	TRY(sgl_json_cert(s->engine, json, root, err));
	sgl_json_close_object(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
tell_text(sgl_session *s, sgl_reply *r, const sgl_cert *root, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	sgl_buf *out = &r->text;

	TRY(sgl_buf_printf(out, err,
	    _("Made a DEMO organisation for %s in %s\n\n"), o->domain,
	    sgl_home_path(s->home)));
	TRY(sgl_buf_printf(out, err, "%s\n", _("Its root certificate:")));
	TRY(sgl_text_cert(s->engine, out, root, err));
	return sgl_buf_printf(out, err,
	    _("\nIt is a trial: its certificates say DEMO, and it can never "
	      "become a real one.\nNext: sigill user add alice@%s --name "
	      "Alice\n"),
	    o->domain);
}

static sgl_status
run(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};

	TRY(make(call, &s, err));
	TRY(sgl_home_add_authorities(s.home, &roots, NULL, err));
	return r->as_json ? tell_json(&s, r, roots.items[0], err)
			  : tell_text(&s, r, roots.items[0], err);
}

int
sgl_org_init(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	sgl_reply_init(&r, call);
	return sgl_org_end(call, run(call, &r, &err), &r, &err);
}
