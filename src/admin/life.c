/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user rename, suspend, resume, leave, delete */
#include "ca/life.h"
#include "admin/work.h"

#define ROOM "admin.user"

static sgl_status
tell(sgl_reply *r, const sgl_person *p, const char *text, sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(
		    &r->text, err, "%s: %s\n", p->address, _(text));
	sgl_json_object(&r->json, NULL);
	sgl_json_person(&r->json, p);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_user_rename(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_life_rename(s->home, &p, sgl_call_arg(order->call, 1),
	    sgl_call_has(order->call, "keep-signing"), err));
	return tell(r, &p,
	    N_("this is the new address, with new keys and certificates; the "
	       "old one is a further one, and old mail can be opened"),
	    err);
}

sgl_status
sgl_org_user_suspend(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_life_suspend(s->home, &p, err));
	return tell(r, &p,
	    N_("suspended: certificates to sign are on hold, no keys are "
	       "handed out; mail is still encrypted to the mailbox"),
	    err);
}

sgl_status
sgl_org_user_resume(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_life_resume(s->home, &p, err));
	return tell(r, &p, N_("active again"), err);
}

sgl_status
sgl_org_user_leave(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_life_leave(s->home, &p, err));
	return tell(r, &p,
	    N_("has left: all certificates are revoked, old mail can be opened "
	       "with the keys that are kept here"),
	    err);
}

static sgl_status
check_acknowledged(const sgl_call *call, sgl_err *err)
{
	bool destroy = sgl_call_has(call, "destroy-keys");
	bool said = sgl_call_has(call, "acknowledge-loss");

	if (destroy == said)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    destroy ? N_("without the keys nobody can ever open the old mail: "
			 "say --acknowledge-loss too")
		    : N_("--acknowledge-loss goes with --destroy-keys"));
}

sgl_status
sgl_org_user_delete(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	bool destroy = sgl_call_has(order->call, "destroy-keys");

	TRY(check_acknowledged(order->call, err));
	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_life_delete(s->home, &p, destroy, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    destroy ? _("%s is deleted, and the private keys with it\n")
			    : _("%s is deleted; the keys that open old mail "
				"are kept\n"),
		    p.address);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "address", p.address);
	sgl_json_bool(&r->json, "keys_destroyed", destroy);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}
