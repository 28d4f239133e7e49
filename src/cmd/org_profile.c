/* SPDX-License-Identifier: Apache-2.0 */
/* sigill profile: what certificates look like, and what of it the organisation
 * decides */
#include <stdio.h>
#include <string.h>

#include "ca/profile.h"
#include "cmd/org.h"
#include "org/audit.h"

#define ROOM "cmd.profile"
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
	sgl_json_object(json, NULL);
	sgl_json_str(json, "people", o->is_dual ? "dual" : "separate");
	sgl_json_str(json, "dual_keys", o->keeps_dual ? "kept" : "wiped");
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
show_text(const sgl_organisation *o, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_cell_add(out, _("PROFILE"), 11, err));
	TRY(sgl_cell_add(out, _("DAYS"), 5, err));
	TRY(sgl_buf_printf(out, err, "%s\n", _("KEY USAGE")));
	for (unsigned i = 0; i < SGL_NUM_PROFILES; i++)
		TRY(show_row((sgl_profile_id)i, out, err));
	TRY(sgl_buf_printf(out, err, "\n%s\n",
	    o->is_dual ? _("People get one certificate to sign and to encrypt "
			   "(dual).")
		       : _("People get a certificate to sign and one to "
			   "encrypt (separate).")));
	return sgl_buf_printf(out, err, "%s\n",
	    o->keeps_dual
		? _("Keys of dual certificates are kept for recovery: whoever "
		    "recovers one can sign with it.")
		: _("Keys of dual certificates are not kept for recovery, for "
		    "they sign."));
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

static sgl_status
describe(
    const sgl_organisation *o, sgl_buf *out, const char **text, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "people %s, dual keys %s",
	    o->is_dual ? "dual" : "separate",
	    o->keeps_dual ? "kept" : "wiped"));
	return sgl_buf_text(out, text, err);
}

static sgl_status
read_call(const sgl_call *call, sgl_organisation *o, sgl_err *err)
{
	bool kept = o->keeps_dual;

	if (!sgl_call_has(call, "people") && !sgl_call_has(call, "dual-keys"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("nothing is to be set: give an option"));
	TRY(read_choice(call, "people", "dual", "separate",
	    N_("--people is separate or dual"), &o->is_dual, err));
	TRY(read_choice(call, "dual-keys", "kept", "wiped",
	    N_("--dual-keys is wiped or kept"), &o->keeps_dual, err));
	return check_acknowledged(call, o->keeps_dual && !kept, err);
}

sgl_status
sgl_org_profile_set(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(NOTE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(NOTE_MAX);
	/* A copy of what the home has, which has it still. */
	sgl_organisation o = *sgl_home_organisation(s->home);
	const char *was, *is;

	TRY(describe(&o, &before, &was, err));
	TRY(read_call(order->call, &o, err));
	TRY(describe(&o, &after, &is, err));
	TRY(sgl_home_set_organisation(s->home, &o, err));
	TRY(sgl_audit_add(s->home, "profile.set", NULL, was, is, err));
	TRY(sgl_org_profile_show(s, order, r, err));
	return r->as_json ? SGL_OK
			  : sgl_buf_printf(&r->text, err, "%s\n",
				_("It holds for new certificates: renewal "
				  "makes them by and by."));
}
