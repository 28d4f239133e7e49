/* SPDX-License-Identifier: Apache-2.0 */
/* sigill profile: what certificates look like, and what of it the organisation
 * decides */
#include <stdio.h>
#include <string.h>

#include "ca/algorithm.h"
#include "ca/lint.h"
#include "ca/policy.h"
#include "ca/profile.h"
#include "ca/succession.h"
#include "admin/work.h"
#include "org/audit.h"

#define ROOM "admin.profile"
#define NOTE_MAX 4096

/* ---------------------------------------------------------------- show --- */

static sgl_status
add_usage(const sgl_profile *p, bool is_rsa, sgl_buf *out, sgl_err *err)
{
	static const struct {
		unsigned bit;
		const char *name;
	} usages[] = {
	    {SGL_KU_DIGITAL_SIGNATURE, "digitalSignature"},
	    {SGL_KU_NON_REPUDIATION, "nonRepudiation"},
	    {SGL_KU_KEY_ENCIPHERMENT, "keyEncipherment"},
	    {SGL_KU_KEY_AGREEMENT, "keyAgreement"},
	    {SGL_KU_KEY_CERT_SIGN, "keyCertSign"},
	    {SGL_KU_CRL_SIGN, "cRLSign"},
	};
	unsigned usage = is_rsa ? p->key_usage_rsa : p->key_usage_ec;
	size_t begin = out->len;

	for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
		if ((usage & usages[i].bit) == 0)
			continue;
		if (out->len > begin)
			TRY(sgl_buf_add_str(out, " ", err));
		TRY(sgl_buf_add_str(out, usages[i].name, err));
	}
	return SGL_OK;
}

static sgl_status
json_usage(sgl_json *json, const char *name, const sgl_profile *p, bool is_rsa,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(256);

	TRY(add_usage(p, is_rsa, &text, err));
	sgl_json_string(json, name, sgl_buf_slice(&text));
	return SGL_OK;
}

static sgl_status
json_profile(sgl_json *json, sgl_profile_id id, sgl_err *err)
{
	const sgl_profile *p = sgl_profile_get(id);

	sgl_json_object(json, NULL);
	sgl_json_str(json, "name", sgl_profile_name(id));
	sgl_json_uint(json, "days", p->days);
	TRY(json_usage(json, "key_usage_rsa", p, true, err));
	TRY(json_usage(json, "key_usage_ec", p, false, err));
	sgl_json_bool(json, "mail", p->is_for_mail);
	sgl_json_bool(json, "authority", p->is_ca);
	sgl_json_bool(json, "in_domain", p->in_domain);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
show_json(const sgl_organisation *o, sgl_json *json, sgl_err *err)
{
	sgl_slice policy;

	sgl_json_object(json, NULL);
	sgl_json_str(json, "algorithm", o->algorithm);
	sgl_json_str(json, "country",
	    o->country == NULL || o->country[0] == '\0' ? NULL : o->country);
	sgl_json_str(json, "people", o->is_dual ? "dual" : "separate");
	sgl_json_str(json, "dual_keys", o->keeps_dual ? "kept" : "wiped");
	sgl_json_array(json, "policies");
	for (size_t i = 0; sgl_organisation_get_policy(o, i, &policy); i++)
		sgl_json_string(json, NULL, policy);
	sgl_json_close_array(json);
	sgl_json_str(json, "cps",
	    o->cps_url == NULL || o->cps_url[0] == '\0' ? NULL : o->cps_url);
	sgl_json_array(json, "profiles");
	for (unsigned i = 0; i < SGL_NUM_PROFILES; i++)
		TRY(json_profile(json, (sgl_profile_id)i, err));
	sgl_json_close_array(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
show_row(sgl_profile_id id, sgl_buf *out, sgl_err *err)
{
	const sgl_profile *p = sgl_profile_get(id);
	char days[16];

	(void)snprintf(days, sizeof days, "%u", p->days);
	TRY(sgl_cell_add(out, sgl_profile_name(id), 11, err));
	TRY(sgl_cell_add(out, days, 5, err));
	TRY(add_usage(p, true, out, err));
	if (p->key_usage_rsa != p->key_usage_ec) {
		TRY(sgl_buf_add_str(out, "; EC: ", err));
		TRY(add_usage(p, false, out, err));
	}
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
show_policies(const sgl_organisation *o, sgl_buf *out, sgl_err *err)
{
	sgl_slice policy;

	if (!sgl_organisation_get_policy(o, 0, &policy))
		return sgl_buf_printf(
		    out, err, "%s\n", _("They name no policies."));
	TRY(sgl_buf_printf(
	    out, err, _("They name the policies: %s\n"), o->policies));
	if (o->cps_url != NULL && o->cps_url[0] != '\0')
		TRY(sgl_buf_printf(
		    out, err, _("The practice statement: %s\n"), o->cps_url));
	return sgl_policy_has_reserved(o)
	    ? sgl_buf_printf(out, err, "%s\n",
		  _("That is a policy of the Baseline Requirements: it is only "
		    "true of an authority that\nauditors have looked at. "
		    "Nobody trusts yours because of it."))
	    : SGL_OK;
}

static sgl_status
show_text(const sgl_organisation *o, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_cell_add(out, _("PROFILE"), 11, err));
	TRY(sgl_cell_add(out, _("DAYS"), 5, err));
	TRY(sgl_buf_printf(out, err, "%s\n", _("KEY USAGE")));
	for (unsigned i = 0; i < SGL_NUM_PROFILES; i++)
		TRY(show_row((sgl_profile_id)i, out, err));
	TRY(sgl_buf_printf(out, err,
	    _("\nNew keys: %s, unless a person has a kind of "
	      "their own.\n"),
	    o->algorithm));
	if (o->country != NULL && o->country[0] != '\0')
		TRY(sgl_buf_printf(out, err,
		    _("New authorities name the country: %s\n"), o->country));
	TRY(sgl_buf_printf(out, err, "%s\n",
	    o->is_dual ? _("People get one certificate to sign and to encrypt "
			   "(dual).")
		       : _("People get a certificate to sign and one to "
			   "encrypt (separate).")));
	TRY(sgl_buf_printf(out, err, "%s\n",
	    o->keeps_dual
		? _("Keys of dual certificates are kept for recovery: whoever "
		    "recovers one can sign with it.")
		: _("Keys of dual certificates are not kept for recovery, for "
		    "they sign.")));
	return show_policies(o, out, err);
}

sgl_status
sgl_org_profile_show(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);

	(void)order;
	return r->as_json ? show_json(o, &r->json, err)
			  : show_text(o, &r->text, err);
}

/* ----------------------------------------------------------------- set --- */

/* An option with one of two words; *given false if it is absent. */
static sgl_status
read_choice(const sgl_call *call, const char *option, const char *yes,
    const char *no, const char *complaint, bool *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, option);

	if (text == NULL)
		return SGL_OK;
	*out = strcmp(text, yes) == 0;
	if (*out || strcmp(text, no) == 0)
		return SGL_OK;
	return sgl_fail_at(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, complaint, "%s", text);
}

static sgl_status
check_acknowledged(const sgl_call *call, bool becomes_kept, sgl_err *err)
{
	if (becomes_kept && !sgl_call_has(call, "acknowledge-signing"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("kept means that whoever recovers such a key can sign "
		       "as its owner: say --acknowledge-signing too"));
	if (!becomes_kept && sgl_call_has(call, "acknowledge-signing"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--acknowledge-signing goes with --dual-keys kept"));
	return SGL_OK;
}

static const char *
or_none(const char *text)
{
	return text == NULL || text[0] == '\0' ? "none" : text;
}

static sgl_status
describe(
    const sgl_organisation *o, sgl_buf *out, const char **text, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err,
	    "algorithm %s, country %s, people %s, dual keys %s, policies %s, "
	    "practice statement %s",
	    o->algorithm, or_none(o->country), o->is_dual ? "dual" : "separate",
	    o->keeps_dual ? "kept" : "wiped", or_none(o->policies),
	    or_none(o->cps_url)));
	return sgl_buf_text(out, text, err);
}

/* What of the organisation this call makes anew. */
typedef struct remade {
	sgl_buf policies, cps, algorithm, country;
} remade;

static void
remade_clear(remade *m)
{
	sgl_buf_clear(&m->policies);
	sgl_buf_clear(&m->cps);
	sgl_buf_clear(&m->algorithm);
	sgl_buf_clear(&m->country);
}
SGL_AUTO_CLEAR_TYPE(remade, remade_clear)

static sgl_status
check_reserved(
    const sgl_call *call, const sgl_organisation *o, size_t num, sgl_err *err)
{
	bool acknowledged = sgl_call_has(call, "acknowledge-audit");

	if (num == 0)
		return !acknowledged
		    ? SGL_OK
		    : sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			  N_("--acknowledge-audit goes with --policy of the "
			     "Baseline Requirements"));
	if (num > 1)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a certificate has one policy of the Baseline "
		       "Requirements at most"));
	if (o->is_demo)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a trial keeps no Baseline Requirements: its "
		       "certificates say DEMO"));
	if (acknowledged && o->country != NULL && o->country[0] != '\0')
		return SGL_OK;
	if (acknowledged)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("an authority under the Baseline Requirements names its "
		       "country: say --country too"));
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("a policy of the Baseline Requirements is only true of an "
	       "authority that auditors have looked at, and makes nobody "
	       "trust yours: say --acknowledge-audit too"));
}

static sgl_status
read_policies(
    const sgl_call *call, sgl_organisation *o, remade *m, sgl_err *err)
{
	size_t num = sgl_call_num(call, "policy"), num_reserved = 0;

	m->policies = sgl_buf_init(SGL_POLICIES_MAX * 256);
	if (num > SGL_POLICIES_MAX)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a certificate names 8 policies at most"));
	for (size_t i = 0; i < num; i++) {
		const char *text = sgl_call_nth(call, "policy", i);
		bool reserved;

		TRY(sgl_policy_check(sgl_slice_str(text), &reserved, err));
		num_reserved += reserved;
		TRY(sgl_buf_printf(
		    &m->policies, err, "%s%s", i == 0 ? "" : " ", text));
	}
	TRY(check_reserved(call, o, num_reserved, err));
	if (num == 0 && !sgl_call_has(call, "no-policies"))
		return SGL_OK;
	TRY(sgl_buf_add(&m->policies, sgl_slice_of("", 1), err));
	o->policies = (char *)m->policies.data;
	return SGL_OK;
}

static sgl_status
read_cps(const sgl_call *call, sgl_organisation *o, remade *m, sgl_err *err)
{
	const char *text = sgl_call_get(call, "cps");
	sgl_slice policy;

	m->cps = sgl_buf_init(1024);
	if (sgl_call_has(call, "no-policies"))
		text = "";
	if (text == NULL)
		return SGL_OK;
	if (text[0] != '\0' && !sgl_policy_is_url(sgl_slice_str(text)))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--cps is a URL, http:// or https://"), "%s", text);
	if (text[0] != '\0' && !sgl_organisation_get_policy(o, 0, &policy))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--cps goes with a policy (--policy OID)"));
	TRY(sgl_buf_add_str(&m->cps, text, err));
	TRY(sgl_buf_add(&m->cps, sgl_slice_of("", 1), err));
	o->cps_url = (char *)m->cps.data;
	return SGL_OK;
}

static sgl_status
read_algorithm(
    const sgl_call *call, sgl_organisation *o, remade *m, sgl_err *err)
{
	const char *text = sgl_call_get(call, "algorithm");

	if (text == NULL)
		return SGL_OK;
	TRY(sgl_ca_algorithm_check(text, err));
	m->algorithm = sgl_buf_init(32);
	TRY(sgl_buf_add_str(&m->algorithm, text, err));
	TRY(sgl_buf_add(&m->algorithm, sgl_slice_of("", 1), err));
	o->algorithm = (char *)m->algorithm.data;
	return SGL_OK;
}

static sgl_status
read_country(const sgl_call *call, sgl_organisation *o, remade *m, sgl_err *err)
{
	const char *text = sgl_call_get(call, "country");

	if (text == NULL)
		return SGL_OK;
	if (!sgl_lint_is_country(sgl_slice_str(text)))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--country is two capitals of ISO 3166, like SE"), "%s",
		    text);
	m->country = sgl_buf_init(8);
	TRY(sgl_buf_add_str(&m->country, text, err));
	TRY(sgl_buf_add(&m->country, sgl_slice_of("", 1), err));
	o->country = (char *)m->country.data;
	return SGL_OK;
}

static sgl_status
read_call(const sgl_call *call, sgl_organisation *o, remade *m, sgl_err *err)
{
	static const char *const names[] = {"algorithm", "country", "people",
	    "dual-keys", "policy", "no-policies", "cps"};
	bool kept = o->keeps_dual, any = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		any = any || sgl_call_has(call, names[i]);
	if (!any)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("nothing is to be set: give an option"));
	TRY(read_algorithm(call, o, m, err));
	TRY(read_country(call, o, m, err));
	TRY(read_choice(call, "people", "dual", "separate",
	    N_("--people is separate or dual"), &o->is_dual, err));
	TRY(read_choice(call, "dual-keys", "kept", "wiped",
	    N_("--dual-keys is wiped or kept"), &o->keeps_dual, err));
	TRY(check_acknowledged(call, o->keeps_dual && !kept, err));
	TRY(read_policies(call, o, m, err));
	return read_cps(call, o, m, err);
}

/* Each of them is in the certificate of an authority. */
static sgl_status
is_named(
    const sgl_organisation *o, const sgl_cert *cert, bool *all, sgl_err *err)
{
	sgl_slice dotted;

	*all = true;
	for (size_t i = 0; sgl_organisation_get_policy(o, i, &dotted); i++) {
		SGL_AUTO_CLEAR(sgl_buf) oid = sgl_buf_init(64);

		TRY(sgl_buf_reserve(&oid, oid.max, err));
		if (sgl_oid_parse(dotted, &oid) &&
		    (cert->policies.len == 0 ||
			memmem(cert->policies.data, cert->policies.len,
			    oid.data, oid.len) == NULL))
			*all = false;
	}
	return SGL_OK;
}

/* Whoever demands a policy wants it all the way up (RFC 5280 6.1). */
static sgl_status
tell_authority(sgl_session *s, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	bool all = true;

	TRY(sgl_ca_issuing_certs(s->home, &issuing, err));
	for (size_t i = 0; i < issuing.num && all; i++)
		TRY(is_named(sgl_home_organisation(s->home), issuing.items[i],
		    &all, err));
	return all
	    ? SGL_OK
	    : sgl_buf_printf(&r->text, err, "%s\n",
		  _("The issuing authority's certificate does not name these "
		    "policies: programs that demand\none accept yours only "
		    "after sigill ca replace-issuing"));
}

sgl_status
sgl_org_profile_set(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(NOTE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(NOTE_MAX);
	SGL_AUTO_CLEAR(remade) m = {{0}, {0}, {0}, {0}};
	/* A copy of what the home has, which has it still. */
	sgl_organisation o = *sgl_home_organisation(s->home);
	const char *was, *is;

	TRY(describe(&o, &before, &was, err));
	TRY(read_call(order->call, &o, &m, err));
	TRY(describe(&o, &after, &is, err));
	TRY(sgl_home_set_organisation(s->home, &o, err));
	TRY(sgl_audit_add(s->home, "profile.set", NULL, was, is, err));
	TRY(sgl_org_profile_show(s, order, r, err));
	if (r->as_json)
		return SGL_OK;
	TRY(sgl_buf_printf(&r->text, err, "%s\n",
	    _("It holds for new certificates: renewal makes them by and "
	      "by.")));
	return tell_authority(s, r, err);
}
