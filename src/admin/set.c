/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user set, and what it shares with sigill user add. */
#include "admin/work.h"
#include "org/audit.h"
#include "org/custody.h"

#define ROOM "admin.user"

sgl_status
sgl_call_person(sgl_session *s, const sgl_call *call, size_t i, sgl_person *out,
    sgl_err *err)
{
	return sgl_people_get(s->home, sgl_call_arg(call, i), out, err);
}

void
sgl_json_person(sgl_json *json, const sgl_person *p)
{
	sgl_json_str(json, "address", p->address);
	sgl_json_str(json, "name", p->name);
	sgl_json_str(json, "state", sgl_person_state_name(p->state));
	sgl_json_str(json, "custody", sgl_custody_name(p->custody));
	sgl_json_bool(json, "protected", p->is_protected);
	sgl_json_bool(json, "shared", p->is_shared);
	sgl_json_str(json, "profile",
	    p->profile == NULL || p->profile[0] == '\0' ? NULL : p->profile);
	sgl_json_str(json, "algorithm",
	    p->algorithm == NULL || p->algorithm[0] == '\0' ? NULL
							    : p->algorithm);
}

static sgl_status
set_language(const char *text, sgl_person *p, sgl_err *err)
{
	if (strcmp(text, "en") != 0 && strcmp(text, "sv") != 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--language is en or sv"), "%s", text);
	sgl_mem_free(p->language);
	p->language = NULL;
	return sgl_slice_copy(
	    sgl_slice_str(text), (uint8_t **)&p->language, ROOM, err);
}

/* "default" is what the organisation has. */
static sgl_status
set_algorithm(const char *text, sgl_person *p, sgl_err *err)
{
	bool is_default = strcmp(text, "default") == 0;

	if (!is_default)
		TRY(sgl_ca_algorithm_check(text, err));
	sgl_mem_free(p->algorithm);
	p->algorithm = NULL;
	return sgl_slice_copy(sgl_slice_str(is_default ? "" : text),
	    (uint8_t **)&p->algorithm, ROOM, err);
}

static sgl_status
set_profile(const char *text, sgl_person *p, sgl_err *err)
{
	bool is_default = strcmp(text, "default") == 0;

	if (!is_default && strcmp(text, "dual") != 0 &&
	    strcmp(text, "separate") != 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--profile is separate (two certificates), dual (one "
		       "for both purposes) or default"),
		    "%s", text);
	return sgl_person_set_profile(p, is_default ? "" : text, err);
}

/* It stands where the name would. */
static sgl_status
check_protected(const sgl_person *p, sgl_err *err)
{
	if (sgl_name_is_fit(sgl_slice_str(p->address), SGL_PERSON_NAME_MAX))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the address is too long to stand in place of a name in "
	       "certificates"),
	    "%s", p->address);
}

sgl_status
sgl_call_traits(const sgl_call *call, sgl_person *p, sgl_err *err)
{
	const char *language = sgl_call_get(call, "language");
	const char *algorithm = sgl_call_get(call, "algorithm");
	const char *profile = sgl_call_get(call, "profile");

	if (sgl_call_has(call, "protected")) {
		TRY(check_protected(p, err));
		p->is_protected = true;
	}
	if (sgl_call_has(call, "not-protected"))
		p->is_protected = false;
	if (sgl_call_has(call, "shared"))
		p->is_shared = true;
	if (algorithm != NULL)
		TRY(set_algorithm(algorithm, p, err));
	if (profile != NULL)
		TRY(set_profile(profile, p, err));
	return language == NULL ? SGL_OK : set_language(language, p, err);
}

sgl_status
sgl_call_custody(
    const sgl_call *call, sgl_custody *out, bool *given, sgl_err *err)
{
	const char *text = sgl_call_get(call, "custody");
	bool acknowledged = sgl_call_has(call, "acknowledge-loss");

	*given = text != NULL;
	if (text != NULL && !sgl_custody_find(sgl_slice_str(text), out))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--custody is user, server or sealed"), "%s", text);
	if (text != NULL && *out == SGL_CUSTODY_SEALED) {
		if (acknowledged)
			return SGL_OK;
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("sealed means that nobody can open the mail if the "
		       "person loses the key: say --acknowledge-loss too"));
	}
	if (acknowledged)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--acknowledge-loss goes with --custody sealed"));
	return SGL_OK;
}

/* ------------------------------------------------------------ sigill user set
 */

static sgl_status
check_options(const sgl_call *call, sgl_err *err)
{
	static const char *const names[] = {"name", "custody", "protected",
	    "not-protected", "language", "algorithm", "profile",
	    "certify-alias"};
	bool any = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		any = any || sgl_call_has(call, names[i]);
	if (!any)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("nothing is to be set: give an option"));
	if (sgl_call_has(call, "protected") &&
	    sgl_call_has(call, "not-protected"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--protected and --not-protected exclude each other"));
	return SGL_OK;
}

static const char *
or_default(const char *text)
{
	return text == NULL || text[0] == '\0' ? "default" : text;
}

/* For the record of what was done. */
static sgl_status
describe(const sgl_person *p, sgl_buf *out, const char **text, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err,
	    "%s, %s, language %s, algorithm %s, profile %s", p->name,
	    p->is_protected ? "protected" : "not protected",
	    or_default(p->language), or_default(p->algorithm),
	    or_default(p->profile)));
	return sgl_buf_text(out, text, err);
}

static sgl_status
set_traits(sgl_session *s, const sgl_call *call, sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(4096);
	const char *name = sgl_call_get(call, "name"), *was, *is;

	TRY(describe(p, &before, &was, err));
	TRY(sgl_call_traits(call, p, err));
	if (name != NULL)
		TRY(sgl_people_set_name(p, name, err));
	TRY(describe(p, &after, &is, err));
	if (strcmp(was, is) == 0)
		return SGL_OK;
	TRY(sgl_store_set_person(sgl_home_store(s->home), p, err));
	return sgl_audit_add(s->home, "user.set", p->address, was, is, err);
}

static sgl_status
certify(sgl_session *s, const sgl_person *p, const char *address, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_alias) a = {0};

	TRY(sgl_people_find_alias(s->home, p->id, address, &a, err));
	TRY(sgl_store_certify_alias(
	    sgl_home_store(s->home), sgl_slice_str(a.address_key), true, err));
	return sgl_audit_add(
	    s->home, "alias.certify", p->address, NULL, a.address, err);
}

static sgl_status
set_all(sgl_session *s, const sgl_call *call, sgl_person *p, sgl_err *err)
{
	sgl_custody custody;
	bool given;

	TRY(sgl_call_custody(call, &custody, &given, err));
	TRY(set_traits(s, call, p, err));
	for (size_t i = 0; i < sgl_call_num(call, "certify-alias"); i++)
		TRY(certify(s, p, sgl_call_nth(call, "certify-alias", i), err));
	return given ? sgl_custody_change(s->home, p, custody, err) : SGL_OK;
}

/* What stands in certificates is changed by new ones alone. */
static bool
wants_renewal(const sgl_call *call)
{
	return sgl_call_has(call, "name") || sgl_call_has(call, "protected") ||
	    sgl_call_has(call, "not-protected") ||
	    sgl_call_has(call, "profile") ||
	    sgl_call_has(call, "certify-alias");
}

sgl_status
sgl_org_user_set(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(check_options(order->call, err));
	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(set_all(s, order->call, &p, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_person(&r->json, &p);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(sgl_buf_printf(&r->text, err, _("%s: changed\n"), p.address));
	return wants_renewal(order->call)
	    ? sgl_buf_printf(&r->text, err,
		  _("Certificates say so from the next renewal on; at once: "
		    "sigill cert renew %s\n"),
		  p.address)
	    : SGL_OK;
}
