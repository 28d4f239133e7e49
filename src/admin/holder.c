/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user holder */
#include "ca/life.h"
#include "admin/work.h"
#include "org/audit.h"

#define ROOM "admin.user"

static sgl_status
get_mailbox(sgl_session *s, const sgl_call *call, sgl_person *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_call_person(s, call, 0, &p, err));
	if (!p.is_shared)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a shared mailbox (sigill user add --shared)"),
		    "%s", p.address);
	*out = p;
	p = (sgl_person){0};
	return SGL_OK;
}

static sgl_status
check_holder(const sgl_person *p, sgl_err *err)
{
	if (!p->is_shared && p->state == SGL_PERSON_ACTIVE)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    p->is_shared ? N_("is a shared mailbox, which holds no keys itself")
			 : N_("is suspended or has left"),
	    "%s", p->address);
}

sgl_status
sgl_org_holder_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) mailbox = {0};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_holder h = {.created = sgl_engine_now(s->engine)};
	bool added;

	TRY(get_mailbox(s, order->call, &mailbox, err));
	TRY(sgl_call_person(s, order->call, 1, &p, err));
	TRY(check_holder(&p, err));
	h.mailbox = mailbox.id;
	h.person = p.id;
	TRY(sgl_store_add_holder(sgl_home_store(s->home), &h, &added, err));
	if (!added)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is a holder already"), "%s", p.address);
	TRY(sgl_audit_add(
	    s->home, "holder.add", mailbox.address, NULL, p.address, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("%s may have the keys of %s\nNext: sigill cert export %s "
		      "--pkcs12 --holder %s -o keys.p12\n"),
		    p.address, mailbox.address, mailbox.address, p.address);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "mailbox", mailbox.address);
	sgl_json_str(&r->json, "holder", p.address);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

static sgl_status
tell_removed(sgl_reply *r, const sgl_person *mailbox, const sgl_person *p,
    bool rotated, sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    rotated ? _("%s is no longer a holder of %s, which has new "
				"keys: hand them out to the others\n")
			    : _("%s is no longer a holder of %s, and never had "
				"its keys\n"),
		    p->address, mailbox->address);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "mailbox", mailbox->address);
	sgl_json_str(&r->json, "holder", p->address);
	sgl_json_bool(&r->json, "rotated", rotated);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_holder_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) mailbox = {0};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_revocation_reason reason = sgl_call_has(order->call, "compromised")
	    ? SGL_REASON_KEY_COMPROMISE
	    : SGL_REASON_SUPERSEDED;
	bool rotated;

	TRY(get_mailbox(s, order->call, &mailbox, err));
	TRY(sgl_call_person(s, order->call, 1, &p, err));
	TRY(sgl_life_drop_holder(s->home, &mailbox, &p, reason, &rotated, err));
	return tell_removed(r, &mailbox, &p, rotated, err);
}

static sgl_status
list_one(sgl_reply *r, const sgl_holder *h, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	if (!r->as_json && h->handed != 0)
		return sgl_buf_printf(&r->text, err,
		    _("%s (was given the keys on %s)\n"), h->address,
		    sgl_date_text(h->handed, date));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("%s (was not given the keys yet)\n"), h->address);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "address", h->address);
	if (h->handed == 0)
		sgl_json_null(&r->json, "handed");
	else
		sgl_json_time(&r->json, "handed", h->handed);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_holder_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) mailbox = {0};
	SGL_AUTO_CLEAR(sgl_holders) list = {0};

	TRY(get_mailbox(s, order->call, &mailbox, err));
	TRY(sgl_store_list_holders(
	    sgl_home_store(s->home), mailbox.id, &list, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "holders");
	}
	for (size_t i = 0; i < list.num; i++)
		TRY(list_one(r, &list.items[i], err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
