/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert renew */
#include "cmd/org.h"

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
	return sgl_buf_printf(&r->text, err,
	    _("%s: new key and certificate for %s until %s\n"), p->address,
	    _(sgl_cert_purpose_name(purpose)),
	    sgl_date_text(c.not_after, date));
}

static sgl_status
renew_all(sgl_session *s, sgl_reply *r, const sgl_person *p, bool given,
    sgl_cert_purpose purpose, sgl_err *err)
{
	if (given)
		return renew_one(s, r, p, purpose, err);
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

	TRY(sgl_call_purpose(call, &purpose, &given, err));
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
