/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert lint; its JSON is described in docs/lint.md. */
#include "base/time.h"
#include "ca/lint.h"
#include "org/home.h"
#include "org/place.h"
#include "admin/work.h"
#include "admin/files.h"
#include "sigill/cms.h"
#include "sys/fail.h"
#include "sys/input.h"

#define ROOM "admin.lint"
#define FILE_MAX ((size_t)16 << 20)
#define NAME_TEXT 8192

typedef struct linting {
	const sgl_call *call;
	sgl_reply *reply;
	sgl_engine *engine;
	sgl_certs
	    ours; /* of the authorities whose home it is, if there is one */
	bool has_time;
	sgl_time time;
	size_t count[SGL_LINT_SEVERITIES];
	size_t num_certs, num_broken;
	bool is_policy_missing; /* which --private would excuse */
} linting;

/* -------------------------------------------------------- the findings --- */

typedef struct finding_ctx {
	linting *l;
	size_t count[SGL_LINT_SEVERITIES];
	bool is_ours;
	sgl_status status;
	sgl_err *err;
} finding_ctx;

static sgl_status
say_finding(sgl_reply *reply, const sgl_lint_rule *rule,
    const sgl_lint_note *note, sgl_err *err)
{
	const char *severity = _(sgl_lint_severity_name(rule->severity));

	TRY(sgl_cell_add(&reply->text, severity, 8, err));
	TRY(sgl_cell_add(&reply->text, rule->id, 26, err));
	TRY(sgl_buf_add_str(&reply->text, _(rule->text), err));
	if (note->text[0] != '\0')
		TRY(sgl_buf_printf(&reply->text, err, ": %s", note->text));
	return sgl_buf_printf(&reply->text, err, " (%s)\n", rule->clause);
}

static void
json_finding(
    sgl_json *json, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	sgl_json_object(json, NULL);
	sgl_json_str(json, "severity", sgl_lint_severity_name(rule->severity));
	sgl_json_str(json, "rule", rule->id);
	sgl_json_str(json, "text", rule->text);
	sgl_json_str(json, "detail", note->text[0] != '\0' ? note->text : NULL);
	sgl_json_str(json, "clause", rule->clause);
	sgl_json_close_object(json);
}

static bool
add_finding(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	finding_ctx *f = ctx;
	sgl_reply *reply = f->l->reply;

	f->count[rule->severity]++;
	f->l->count[rule->severity]++;
	f->l->is_policy_missing |= rule->is_public_only;
	if (reply->as_json)
		json_finding(&reply->json, rule, note);
	else
		f->status = say_finding(reply, rule, note, f->err);
	return f->status == SGL_OK;
}

static sgl_status
add_findings(linting *l, const sgl_cert *cert, finding_ctx *f)
{
	sgl_time time = l->has_time ? l->time : sgl_cert_get_not_before(cert);

	(void)sgl_lint_each(cert, time,
	    f->is_ours || sgl_call_has(l->call, "private"), add_finding, f);
	l->num_broken += f->count[SGL_LINT_ERROR] > 0;
	return f->status;
}

/* An authority of ours issued it, or it is one. */
static sgl_status
is_ours(const linting *l, const sgl_cert *cert, bool *ours, sgl_err *err)
{
	*ours = false;
	for (size_t i = 0; i < l->ours.num && !*ours; i++) {
		const sgl_cert *a = l->ours.items[i];

		*ours =
		    sgl_slice_eq(sgl_cert_get_der(a), sgl_cert_get_der(cert));
		if (!*ours &&
		    sgl_name_same(
			sgl_cert_get_subject(a), sgl_cert_get_issuer(cert)))
			TRY(sgl_cert_is_signed_by(
			    l->engine, cert, a, ours, err));
	}
	return SGL_OK;
}

static void
json_counts(sgl_json *json, const size_t count[SGL_LINT_SEVERITIES])
{
	sgl_json_uint(json, "errors", count[SGL_LINT_ERROR]);
	sgl_json_uint(json, "warnings", count[SGL_LINT_WARN]);
	sgl_json_uint(json, "notices", count[SGL_LINT_NOTICE]);
}

/* ----------------------------------------------------- one certificate --- */

static sgl_status
name_cert(const sgl_cert *cert, sgl_buf *subject, sgl_buf *serial, sgl_err *err)
{
	TRY(sgl_name_text(sgl_cert_get_subject(cert), subject, err));
	return sgl_hex_add(serial, sgl_cert_get_serial(cert), err);
}

static sgl_status
json_cert(linting *l, const sgl_cert *cert, sgl_slice subject, sgl_slice serial,
    sgl_err *err)
{
	sgl_json *json = &l->reply->json;
	finding_ctx f = {.l = l, .err = err};

	TRY(is_ours(l, cert, &f.is_ours, err));
	sgl_json_object(json, NULL);
	sgl_json_string(json, "subject", subject);
	sgl_json_string(json, "serial", serial);
	sgl_json_hex(json, "sha256", sgl_cert_get_fingerprint(cert));
	sgl_json_str(json, "type", sgl_lint_type(cert));
	sgl_json_str(json, "generation", sgl_lint_generation(cert));
	sgl_json_bool(
	    json, "private", f.is_ours || sgl_call_has(l->call, "private"));
	sgl_json_array(json, "findings");
	TRY(add_findings(l, cert, &f));
	sgl_json_close_array(json);
	json_counts(json, f.count);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
text_cert(linting *l, const sgl_cert *cert, sgl_slice subject, sgl_slice serial,
    sgl_err *err)
{
	finding_ctx f = {.l = l, .err = err};

	TRY(is_ours(l, cert, &f.is_ours, err));
	/* Of one certificate alone everybody knows which. */
	if (l->num_certs > 1)
		TRY(sgl_buf_printf(&l->reply->text, err,
		    _("%.*s, serial number %.*s\n"), (int)subject.len,
		    (const char *)subject.data, (int)serial.len,
		    (const char *)serial.data));
	if (f.is_ours && !sgl_call_has(l->call, "private"))
		TRY(sgl_buf_add_str(&l->reply->text,
		    _("Its issuer is an authority of this organisation, which "
		      "nobody trusts by default: judged as with --private.\n"),
		    err));
	return add_findings(l, cert, &f);
}

static sgl_status
lint_cert(linting *l, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(FILE_MAX);

	TRY(name_cert(cert, &subject, &serial, err));
	return (l->reply->as_json ? json_cert : text_cert)(
	    l, cert, sgl_buf_slice(&subject), sgl_buf_slice(&serial), err);
}

/* ------------------------------------------------------------ the file --- */

static sgl_status
say_kept(const linting *l, sgl_err *err)
{
	sgl_buf *out = &l->reply->text;
	size_t warnings = l->count[SGL_LINT_WARN];
	size_t notices = l->count[SGL_LINT_NOTICE];

	if (l->num_certs == 1)
		return sgl_buf_printf(out, err,
		    _("The certificate keeps the rules (warnings: %zu, "
		      "notices: %zu).\n"),
		    warnings, notices);
	return sgl_buf_printf(out, err,
	    _("Certificates that all keep the rules: %zu (warnings: %zu, "
	      "notices: %zu).\n"),
	    l->num_certs, warnings, notices);
}

static sgl_status
say_broken(const linting *l, sgl_err *err)
{
	sgl_buf *out = &l->reply->text;
	size_t errors = l->count[SGL_LINT_ERROR];
	size_t warnings = l->count[SGL_LINT_WARN];
	size_t notices = l->count[SGL_LINT_NOTICE];

	if (l->num_certs == 1)
		return sgl_buf_printf(out, err,
		    _("The certificate breaks rules (errors: %zu, warnings: "
		      "%zu, notices: %zu).\n"),
		    errors, warnings, notices);
	return sgl_buf_printf(out, err,
	    _("Certificates that break rules: %zu of %zu (errors: %zu, "
	      "warnings: %zu, notices: %zu).\n"),
	    l->num_broken, l->num_certs, errors, warnings, notices);
}

static sgl_status
say_end(const linting *l, sgl_err *err)
{
	if (l->count[SGL_LINT_ERROR] == 0)
		return say_kept(l, err);
	TRY(say_broken(l, err));
	if (!l->is_policy_missing)
		return SGL_OK;
	return sgl_buf_add_str(&l->reply->text,
	    _("If the issuer is an authority of your own, which nobody "
	      "trusts by default, add --private.\n"),
	    err);
}

static sgl_status
lint_all(linting *l, const sgl_certs *certs, sgl_err *err)
{
	sgl_json *json = &l->reply->json;

	l->num_certs = certs->num;
	if (l->reply->as_json) {
		sgl_json_object(json, NULL);
		sgl_json_array(json, "certificates");
	}
	for (size_t i = 0; i < certs->num; i++)
		TRY(lint_cert(l, certs->items[i], err));
	if (!l->reply->as_json)
		return say_end(l, err);
	sgl_json_close_array(json);
	json_counts(json, l->count);
	sgl_json_close_object(json);
	return SGL_OK;
}

/* Keys have no business here; one that is locked is no reason to ask. */
static sgl_status
load(sgl_engine *engine, const char *path, sgl_keyring *ring, sgl_err *err)
{
	const char *name = sgl_path_is_standard(path) ? sgl_stdin_name() : path;
	sgl_status status = sgl_org_load_file(
	    engine, path, (sgl_slice){NULL, 0}, ring, NULL, err);

	if (status == SGL_E_PASSWORD)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("holds locked keys; give the certificates alone (PEM, "
		       "DER or P7B)"),
		    "%s", name);
	if (status == SGL_OK && ring->certs.num == 0)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("no certificate is in it"), "%s", name);
	return status;
}

/* As they lie in the home for everybody who may look there. Who may not, or has
 * none, is told of --private. */
static sgl_status
load_ours(linting *l, sgl_err *err)
{
	static const char *const names[] = {SGL_HOME_CA "/" SGL_HOME_ROOT_PEM,
	    SGL_HOME_CA "/" SGL_HOME_ISSUING_PEM};
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);

		if (sgl_place_find(
			sgl_call_get(l->call, "home"), &path, NULL) != SGL_OK)
			return SGL_OK;
		TRY(sgl_place_add(&path, names[i], err));
		if (sgl_org_load_file(l->engine, (const char *)path.data,
			(sgl_slice){NULL, 0}, &ring, NULL, NULL) == SGL_E_NOMEM)
			return sgl_oom(err, ROOM);
	}
	for (size_t i = 0; i < ring.certs.num; i++)
		TRY(sgl_certs_add(&l->ours, ring.certs.items[i], err));
	return SGL_OK;
}

static sgl_status
lint_file(linting *l, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_engine_new(NULL, &l->engine, err));
	TRY(load_ours(l, err));
	TRY(load(l->engine, sgl_call_arg(l->call, 0), &ring, err));
	return lint_all(l, &ring.certs, err);
}

static sgl_status
lint(linting *l, sgl_err *err)
{
	const char *at = sgl_call_get(l->call, "at");

	l->has_time = at != NULL;
	if (at != NULL && !sgl_time_parse(sgl_slice_str(at), &l->time))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--at is no time that can be read"), "%s", at);
	return lint_file(l, err);
}

int
sgl_org_cert_lint(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	linting l = {.call = call, .reply = &r};
	sgl_err err = {0};
	int status;

	sgl_reply_init(&r, call);
	status = sgl_org_end(call, lint(&l, &err), &r, &err);
	sgl_certs_clear(&l.ours);
	sgl_engine_free(l.engine);
	return status == SGL_EXIT_OK && l.count[SGL_LINT_ERROR] > 0
	    ? SGL_EXIT_NO
	    : status;
}
