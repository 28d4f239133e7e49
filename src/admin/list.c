/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert list */
#include "admin/work.h"

static sgl_status
add_cells(sgl_buf *out, const char *address, const char *purpose,
    const char *status, const char *until, sgl_err *err)
{
	TRY(sgl_cell_add(out, address, 32, err));
	TRY(sgl_cell_add(out, purpose, 11, err));
	TRY(sgl_cell_add(out, status, 11, err));
	return sgl_cell_add(out, until, 11, err);
}

typedef struct listing {
	sgl_session *s;
	sgl_reply *r;
	bool has_purpose;
	sgl_cert_purpose purpose;
} listing;

static sgl_status
list_one(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	const listing *l = ctx;
	sgl_session *s = l->s;
	sgl_reply *r = l->r;
	char date[SGL_DATE_TEXT];

	if (l->has_purpose && c->purpose != l->purpose)
		return SGL_OK;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		TRY(sgl_json_cert_record(s, &r->json, c, c->address, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(add_cells(&r->text, c->address,
	    _(sgl_cert_purpose_name(c->purpose)),
	    _(sgl_cert_state(c, sgl_engine_now(s->engine))),
	    sgl_date_text(c->not_after, date), err));
	TRY(sgl_hex_add(&r->text, sgl_buf_slice(&c->serial), err));
	return sgl_buf_add_str(&r->text, "\n", err);
}

static sgl_status
list_person(listing *l, const char *address, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) certs = {0};

	TRY(sgl_people_get(l->s->home, address, &p, err));
	TRY(sgl_store_list_certs(
	    sgl_home_store(l->s->home), p.id, &certs, err));
	for (size_t i = 0; i < certs.num; i++)
		TRY(list_one(l, &certs.items[i], err));
	return SGL_OK;
}

static sgl_status
list_head(sgl_reply *r, sgl_err *err)
{
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
		return SGL_OK;
	}
	TRY(add_cells(&r->text, _("ADDRESS"), _("PURPOSE"), _("STATUS"),
	    _("UNTIL"), err));
	return sgl_buf_printf(&r->text, err, "%s\n", _("SERIAL"));
}

sgl_status
sgl_org_cert_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *address = sgl_call_arg(order->call, 0);
	listing l = {.s = s, .r = r};

	TRY(sgl_call_purpose(order->call, &l.purpose, &l.has_purpose, err));
	TRY(list_head(r, err));
	if (address != NULL)
		TRY(list_person(&l, address, err));
	else
		TRY(sgl_store_each_cert(
		    sgl_home_store(s->home), list_one, &l, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
