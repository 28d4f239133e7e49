/* SPDX-License-Identifier: Apache-2.0 */
/* sigill domain: the mail domains of the organisation */
#include "base/addr.h"
#include "ca/succession.h"
#include "admin/work.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "pki/search.h"

#define ROOM "admin.domain"
#define DOMAIN_MAX 512

/* A domain of the organisation, and what depends on it. */
typedef struct domain {
	sgl_buf end; /* "@xn--...": how addresses in it end, as A-labels */
	int64_t num; /* of addresses in it */
	bool can_issue;
} domain;

static void
domain_clear(domain *d)
{
	sgl_buf_clear(&d->end);
}
SGL_AUTO_CLEAR_TYPE(domain, domain_clear)

static const char *
ascii_of(const domain *d)
{
	return (const char *)d->end.data + 1;
}

/* Whether the authority that issues now may vouch for an address there. */
static sgl_status
find_issuing(sgl_session *s, domain *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	SGL_AUTO_CLEAR(sgl_buf) address = sgl_buf_init(DOMAIN_MAX + 16);

	TRY(sgl_buf_printf(&address, err, "x%s", (const char *)d->end.data));
	TRY(sgl_ca_issuing_certs(s->home, &issuing, err));
	if (issuing.num > 0)
		d->can_issue = sgl_constraints_allow_mail(
		    issuing.items[0], sgl_buf_slice(&address));
	return SGL_OK;
}

static sgl_status
look_at(sgl_session *s, sgl_slice text, domain *d, sgl_err *err)
{
	d->end = sgl_buf_init(DOMAIN_MAX);
	TRY(sgl_buf_reserve(&d->end, DOMAIN_MAX, err));
	TRY(sgl_buf_add_str(&d->end, "@", err));
	if (!sgl_domain_to_ascii(text, &d->end))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail domain like example.org"), "%.*s",
		    (int)text.len, (const char *)text.data);
	TRY(sgl_buf_add(&d->end, sgl_slice_of("", 1), err));
	TRY(sgl_store_count_addresses(
	    sgl_home_store(s->home), (const char *)d->end.data, &d->num, err));
	return find_issuing(s, d, err);
}

static void
json_domain(sgl_json *json, sgl_slice text, const domain *d)
{
	sgl_json_object(json, NULL);
	sgl_json_string(json, "domain", text);
	sgl_json_str(json, "ascii", ascii_of(d));
	sgl_json_uint(json, "addresses", (uint64_t)d->num);
	sgl_json_bool(json, "can_issue", d->can_issue);
	sgl_json_close_object(json);
}

/* ---------------------------------------------------------------- list --- */

static sgl_status
list_one(sgl_session *s, sgl_slice text, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(domain) d = {.num = 0};

	TRY(look_at(s, text, &d, err));
	if (r->as_json) {
		json_domain(&r->json, text, &d);
		return SGL_OK;
	}
	TRY(sgl_buf_printf(&r->text, err, _("%.*s: addresses: %lld"),
	    (int)text.len, (const char *)text.data, (long long)d.num));
	if (!sgl_slice_eq(text, sgl_slice_str(ascii_of(&d))))
		TRY(sgl_buf_printf(
		    &r->text, err, _("; in certificates: %s"), ascii_of(&d)));
	if (!d.can_issue)
		TRY(sgl_buf_printf(&r->text, err, "; %s",
		    _("no certificates before sigill ca replace-issuing")));
	return sgl_buf_add_str(&r->text, "\n", err);
}

sgl_status
sgl_org_domain_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	sgl_slice text;

	(void)order;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "domains");
	}
	for (size_t i = 0; sgl_organisation_get_domain(o, i, &text); i++)
		TRY(list_one(s, text, r, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* -------------------------------------------------------- add, remove --- */

static sgl_status
refuse(const char *text, const char *why, sgl_err *err)
{
	return sgl_fail_at(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why, "%s", text);
}

/* With other domains behind the first. */
static sgl_status
set_more(sgl_session *s, char *more, sgl_err *err)
{
	sgl_organisation o = *sgl_home_organisation(s->home);
	sgl_slice last;

	o.more_domains = more;
	if (sgl_organisation_get_domain(&o, SGL_DOMAINS_MAX, &last))
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the organisation has too many domains"));
	return sgl_home_set_organisation(s->home, &o, err);
}

static sgl_status
tell_added(sgl_reply *r, const char *text, const domain *d, sgl_err *err)
{
	if (r->as_json) {
		json_domain(&r->json, sgl_slice_str(text), d);
		return SGL_OK;
	}
	TRY(sgl_buf_printf(&r->text, err,
	    _("%s is a domain of the organisation now; in certificates it is "
	      "%s\n"),
	    text, ascii_of(d)));
	return d->can_issue
	    ? SGL_OK
	    : sgl_buf_printf(&r->text, err,
		  _("The issuing authority may not vouch for it yet.\nNext: "
		    "sigill ca replace-issuing   and only then sigill user "
		    "add\n"));
}

sgl_status
sgl_org_domain_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	const char *text = sgl_call_arg(order->call, 0);
	SGL_AUTO_CLEAR(domain) d = {.num = 0};
	SGL_AUTO_MEM char *more = NULL;

	TRY(look_at(s, sgl_slice_str(text), &d, err));
	if (sgl_organisation_has_domain(o, sgl_slice_str(text)))
		return refuse(
		    text, N_("is a domain of the organisation already"), err);
	TRY(sgl_organisation_with(o, sgl_slice_str(text), &more, err));
	TRY(set_more(s, more, err));
	TRY(sgl_audit_add(
	    s->home, "domain.add", text, NULL, ascii_of(&d), err));
	return tell_added(r, text, &d, err);
}

static sgl_status
check_unused(
    const sgl_organisation *o, const char *text, const domain *d, sgl_err *err)
{
	sgl_slice name = sgl_slice_str(text);

	if (!sgl_organisation_has_domain(o, name))
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("is no domain of the organisation (sigill domain list)"),
		    "%s", text);
	if (sgl_domain_same(name, sgl_slice_str(o->domain)))
		return refuse(text,
		    N_("is the domain that the organisation is known by, and "
		       "stays"),
		    err);
	if (d->num == 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is in use by people or as further addresses: rename or delete "
	       "them first"),
	    "%s (%lld)", text, (long long)d->num);
}

sgl_status
sgl_org_domain_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_organisation *o = sgl_home_organisation(s->home);
	const char *text = sgl_call_arg(order->call, 0);
	SGL_AUTO_CLEAR(domain) d = {.num = 0};
	SGL_AUTO_MEM char *more = NULL;

	TRY(look_at(s, sgl_slice_str(text), &d, err));
	TRY(check_unused(o, text, &d, err));
	TRY(sgl_organisation_without(o, sgl_slice_str(text), &more, err));
	TRY(set_more(s, more, err));
	TRY(sgl_audit_add(
	    s->home, "domain.remove", text, ascii_of(&d), NULL, err));
	if (r->as_json) {
		json_domain(&r->json, sgl_slice_str(text), &d);
		return SGL_OK;
	}
	TRY(sgl_buf_printf(&r->text, err,
	    _("%s is no longer a domain of the organisation\n"), text));
	return d.can_issue
	    ? sgl_buf_printf(&r->text, err,
		  _("The issuing authority could still vouch for it, until "
		    "sigill ca replace-issuing\n"))
	    : SGL_OK;
}
