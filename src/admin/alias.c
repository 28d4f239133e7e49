/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user alias */
#include "admin/work.h"
#include "org/audit.h"

static sgl_status
tell(sgl_reply *r, const sgl_person *p, const sgl_alias *a, const char *text,
    sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err, "%s: %s: %s\n", p->address,
		    _(text), a->address);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "address", p->address);
	sgl_json_str(&r->json, "alias", a->address);
	sgl_json_bool(&r->json, "certified", a->is_certified);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_alias_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_alias) a = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_people_new_alias(
	    s->home, p.id, sgl_call_arg(order->call, 1), &a, err));
	a.is_certified = sgl_call_has(order->call, "certify");
	TRY(sgl_store_add_alias(sgl_home_store(s->home), &a, err));
	TRY(sgl_audit_add(
	    s->home, "alias.add", p.address, NULL, a.address, err));
	return tell(r, &p, &a, N_("new further address"), err);
}

sgl_status
sgl_org_alias_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_alias) a = {0};
	bool removed;

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_people_find_alias(
	    s->home, p.id, sgl_call_arg(order->call, 1), &a, err));
	TRY(sgl_store_remove_alias(sgl_home_store(s->home),
	    sgl_slice_str(a.address_key), &removed, err));
	TRY(sgl_audit_add(
	    s->home, "alias.remove", p.address, a.address, NULL, err));
	return tell(r, &p, &a, N_("no further address any more"), err);
}

static sgl_status
list_one(sgl_reply *r, const sgl_alias *a, sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err, "%s%s\n", a->address,
		    a->is_certified ? _(" (in certificates)") : "");
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "alias", a->address);
	sgl_json_bool(&r->json, "certified", a->is_certified);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_alias_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_aliases) list = {0};

	TRY(sgl_call_person(s, order->call, 0, &p, err));
	TRY(sgl_store_list_aliases(sgl_home_store(s->home), p.id, &list, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "aliases");
	}
	for (size_t i = 0; i < list.num; i++)
		TRY(list_one(r, &list.items[i], err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
