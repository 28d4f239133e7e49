/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert renew, sigill cert confirm */
#include "ca/renew.h"
#include "admin/work.h"
#include "org/custody.h"

#define ROOM "admin.cert"

static sgl_status
renew_one(sgl_session *s, sgl_reply *r, const sgl_person *p,
    sgl_cert_purpose purpose, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	char date[SGL_DATE_TEXT];

	TRY(sgl_ca_issue(s->home, p, purpose, &c, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		TRY(sgl_json_cert_record(s, &r->json, &c, p->address, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(sgl_buf_printf(&r->text, err,
	    _("%s: new key and certificate for %s until %s\n"), p->address,
	    _(sgl_cert_purpose_name(purpose)),
	    sgl_date_text(c.not_after, date)));
	if (c.waits_until == 0)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    _("The former one is used until sigill cert confirm %s, at most "
	      "until %s\n"),
	    p->address, sgl_date_text(c.waits_until, date));
}

static sgl_status
renew_all(sgl_session *s, sgl_reply *r, const sgl_person *p, bool given,
    sgl_cert_purpose purpose, sgl_err *err)
{
	if (given || sgl_ca_is_dual(s->home, p))
		return renew_one(s, r, p, given ? purpose : SGL_CERT_DUAL, err);
	TRY(renew_one(s, r, p, SGL_CERT_SIGNING, err));
	return renew_one(s, r, p, SGL_CERT_ENCRYPTION, err);
}

sgl_status
sgl_org_cert_renew(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_cert_purpose purpose = SGL_CERT_SIGNING;
	bool given;

	if (sgl_call_arg(call, 0) == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("give an ADDRESS, or --due, --all or --plan"));
	TRY(sgl_call_use(call, &purpose, &given, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	}
	TRY(renew_all(s, r, &p, given, purpose, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* ---------------------------------------------------------- --due and --all
 * ---
 */

sgl_status
sgl_renew_check_alone(const sgl_call *call, sgl_err *err)
{
	int num = sgl_call_has(call, "due") + sgl_call_has(call, "all") +
	    sgl_call_has(call, "plan");

	if (num == 1 && sgl_call_arg(call, 0) == NULL &&
	    !sgl_call_has(call, "purpose"))
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--due, --all and --plan stand alone, without an address"));
}

/* Before the first step. */
static sgl_status
begin_steps(sgl_session *s, const sgl_call *call, sgl_err *err)
{
	TRY(sgl_renew_check_alone(call, err));
	TRY(sgl_renew_settle(s->home, err));
	return sgl_call_has(call, "all") ? sgl_renew_all_begin(s->home, err)
					 : SGL_OK;
}

static sgl_status
end_steps(sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	if (sgl_call_has(order->call, "all"))
		TRY(sgl_renew_all_end(s->home, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("Certificates renewed: %lld\n"), (long long)order->done);
	sgl_json_object(&r->json, NULL);
	sgl_json_uint(&r->json, "renewed", (uint64_t)order->done);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

/* One certificate. What is renewed is no longer to be renewed, so whoever is
 * interrupted begins again from the front. */
sgl_status
sgl_org_renew_step(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_renewal next;
	int64_t up_to = 0;
	bool found;

	if (order->at == 0)
		TRY(begin_steps(s, order->call, err));
	if (sgl_call_has(order->call, "all"))
		TRY(sgl_renew_all_get(s->home, &up_to, err));
	TRY(sgl_renew_next(s->home, up_to, order->at, &next, &found, err));
	if (!found)
		return end_steps(s, order, r, err);
	TRY(sgl_renew_one(s->home, &next, err));
	r->goes_on = true;
	r->at = next.id;
	r->done = order->done + 1;
	return SGL_OK;
}

/* ------------------------------------------------------------------ confirm
 * ---
 */

sgl_status
sgl_org_cert_confirm(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	size_t num;

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_custody_confirm(s->home, &p, SGL_CUSTODY_ANY, &num, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "address", p.address);
		sgl_json_uint(&r->json, "confirmed", num);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return sgl_buf_printf(&r->text, err,
	    num == 0 ? _("%s: no certificate waits\n")
		     : _("%s: the newest certificates are used from now on\n"),
	    p.address);
}
