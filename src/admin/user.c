/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user add, sigill user list */
#include "ca/published.h"
#include "admin/work.h"
#include "org/choose.h"
#include "org/custody.h"

/* What follows from one key for both purposes, said before somebody relies on
 * the contrary. */
static sgl_status
tell_dual(sgl_session *s, sgl_reply *r, const sgl_person *p, sgl_err *err)
{
	if (p->custody != SGL_CUSTODY_USER ||
	    sgl_home_organisation(s->home)->keeps_dual)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    _("The key signs too, so no copy of it stays here once it was "
	      "handed out, nor can it be\nrecovered: who loses it loses the "
	      "mail that was encrypted to it.\n"));
}

static sgl_status
json_added(sgl_session *s, sgl_json *json, const sgl_person *p,
    const sgl_ca_issued *made, sgl_err *err)
{
	sgl_json_object(json, NULL);
	sgl_json_person(json, p);
	sgl_json_array(json, "certificates");
	for (size_t i = 0; i < made->num; i++) {
		sgl_json_object(json, NULL);
		TRY(sgl_json_cert_record(s, json, &made->items[i], NULL, err));
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
say_added(
    sgl_buf *out, const sgl_person *p, const sgl_ca_issued *made, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	if (made->num == 0)
		return sgl_buf_printf(out, err,
		    _("Added %s <%s>, without certificates\n"), p->name,
		    p->address);
	(void)sgl_date_text(made->items[made->num - 1].not_after, date);
	return sgl_buf_printf(out, err,
	    made->num == 2
		? _("Added %s <%s>, with certificates to sign and to encrypt "
		    "until %s\n")
		: _("Added %s <%s>, with one certificate to sign and to "
		    "encrypt until %s\n"),
	    p->name, p->address, date);
}

/* Nobody has the keys of a shared mailbox before its holders are named. */
static sgl_status
say_next(
    sgl_buf *out, const sgl_person *p, const sgl_ca_issued *made, sgl_err *err)
{
	if (made->num == 0)
		return sgl_buf_printf(out, err,
		    _("Next: sigill cert issue --all   for everybody who lacks "
		      "certificates\n"));
	return sgl_buf_printf(out, err,
	    p->is_shared
		? _("Next: sigill user holder add %s ADDRESS   for everybody "
		    "who shall have its keys\n")
		: _("Next: sigill cert export %s --pkcs12 -o keys.p12   for "
		    "the person's mail program\n"),
	    p->address);
}

static sgl_status
tell_added(sgl_session *s, sgl_reply *r, const sgl_person *p,
    const sgl_ca_issued *made, sgl_err *err)
{
	if (r->as_json)
		return json_added(s, &r->json, p, made, err);
	TRY(say_added(&r->text, p, made, err));
	if (made->num == 1)
		TRY(tell_dual(s, r, p, err));
	return say_next(&r->text, p, made, err);
}

static sgl_status
set_traits(sgl_session *s, const sgl_call *call, sgl_person *p, sgl_err *err)
{
	sgl_custody custody = SGL_CUSTODY_USER;
	bool given;

	TRY(sgl_call_traits(call, p, err));
	TRY(sgl_call_custody(call, &custody, &given, err));
	if (p->is_shared && !given)
		custody = SGL_CUSTODY_SERVER;
	return custody == SGL_CUSTODY_USER && !p->is_shared
	    ? sgl_store_set_person(sgl_home_store(s->home), p, err)
	    : sgl_custody_change(s->home, p, custody, err);
}

sgl_status
sgl_org_user_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_ca_issued) made = {.num = 0};
	bool issues = !sgl_call_has(call, "no-issue");

	if (issues)
		TRY(sgl_published_require(
		    s->home, sgl_call_has(call, "unchecked"), err));
	TRY(sgl_people_add(s->home, sgl_call_arg(call, 0),
	    sgl_call_get(call, "name"), &p, err));
	TRY(set_traits(s, call, &p, err));
	if (issues)
		TRY(sgl_ca_issue_all(s->home, &p, &made, err));
	return tell_added(s, r, &p, &made, err);
}

/* Until when the certificate in use is valid; 0: there is none. */
static sgl_status
find_end(sgl_session *s, const sgl_person *p, sgl_cert_purpose purpose,
    sgl_time *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};

	TRY(sgl_choose_cert(s->home, p->id, purpose, &chosen, err));
	*out = chosen.cert == NULL ? 0 : sgl_cert_get_not_after(chosen.cert);
	return SGL_OK;
}

static void
json_end(sgl_json *json, const char *key, sgl_time end)
{
	if (end == 0)
		sgl_json_null(json, key);
	else
		sgl_json_time(json, key, end);
}

static sgl_status
add_row(sgl_buf *out, const char *address, const char *signs, const char *reads,
    const char *name, sgl_err *err)
{
	TRY(sgl_cell_add(out, address, 32, err));
	TRY(sgl_cell_add(out, signs, 12, err));
	TRY(sgl_cell_add(out, reads, 12, err));
	return sgl_buf_printf(out, err, "%s\n", name);
}

static sgl_status
list_head(sgl_reply *r, sgl_err *err)
{
	if (!r->as_json)
		return add_row(&r->text, _("ADDRESS"), _("SIGNS UNTIL"),
		    _("READS UNTIL"), _("NAME"), err);
	sgl_json_object(&r->json, NULL);
	sgl_json_array(&r->json, "people");
	return SGL_OK;
}

static sgl_status
add_person(sgl_session *s, sgl_reply *r, const sgl_person *p, sgl_err *err)
{
	char signing[SGL_DATE_TEXT], encryption[SGL_DATE_TEXT];
	sgl_time ends[2];

	TRY(find_end(s, p, SGL_CERT_SIGNING, &ends[0], err));
	TRY(find_end(s, p, SGL_CERT_ENCRYPTION, &ends[1], err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_person(&r->json, p);
		json_end(&r->json, "signing_until", ends[0]);
		json_end(&r->json, "encryption_until", ends[1]);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return add_row(&r->text, p->address,
	    ends[0] == 0 ? _("none") : sgl_date_text(ends[0], signing),
	    ends[1] == 0 ? _("none") : sgl_date_text(ends[1], encryption),
	    p->name, err);
}

typedef struct listing {
	sgl_session *s;
	sgl_reply *r;
	bool has_head;
} listing;

/* The head of the table stands above somebody only. */
static sgl_status
list_one(void *ctx, const sgl_person *p, sgl_err *err)
{
	listing *l = ctx;

	if (!l->has_head)
		TRY(list_head(l->r, err));
	l->has_head = true;
	return add_person(l->s, l->r, p, err);
}

sgl_status
sgl_org_user_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	listing l = {s, r, r->as_json};

	(void)order;
	if (r->as_json)
		TRY(list_head(r, err));
	TRY(sgl_store_each_person(sgl_home_store(s->home), list_one, &l, err));
	if (!l.has_head)
		return sgl_buf_printf(&r->text, err,
		    _("Nobody yet. Next: sigill user add alice@%s --name "
		      "Alice\n"),
		    sgl_home_organisation(s->home)->domain);
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
