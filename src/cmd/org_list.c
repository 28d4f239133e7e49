/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert list */
#include "cmd/org.h"

static const char *
address_of(const sgl_persons *people, int64_t id)
{
	for (size_t i = 0; i < people->num; i++)
		if (people->items[i].id == id)
			return people->items[i].address;
	return "?";
}

static sgl_status
add_cells(sgl_buf *out, const char *address, const char *purpose,
    const char *status, const char *until, sgl_err *err)
{
	TRY(sgl_cell_add(out, address, 32, err));
	TRY(sgl_cell_add(out, purpose, 11, err));
	TRY(sgl_cell_add(out, status, 11, err));
	return sgl_cell_add(out, until, 11, err);
}

static sgl_status
list_one(sgl_session *s, sgl_reply *r, const sgl_cert_record *c,
    const char *address, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		TRY(sgl_json_cert_record(s, &r->json, c, address, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(add_cells(&r->text, address, _(sgl_cert_purpose_name(c->purpose)),
	    _(sgl_cert_state(c, sgl_engine_now(s->engine))),
	    sgl_date_text(c->not_after, date), err));
	TRY(sgl_hex_add(&r->text, sgl_buf_slice(&c->serial), err));
	return sgl_buf_add_str(&r->text, "\n", err);
}

static sgl_status
find(const sgl_call *call, sgl_session *s, sgl_persons *people,
    sgl_cert_records *certs, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_store *store = sgl_home_store(s->home);
	const char *address = sgl_call_arg(call, 0);

	if (address != NULL)
		TRY(sgl_people_get(s->home, address, &p, err));
	TRY(sgl_store_list_persons(store, people, err));
	return sgl_store_list_certs(store, p.id, certs, err);
}

sgl_status
sgl_org_cert_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_persons) people = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) certs = {0};

	TRY(find(order->call, s, &people, &certs, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	} else {
		TRY(add_cells(&r->text, _("ADDRESS"), _("PURPOSE"), _("STATUS"),
		    _("UNTIL"), err));
		TRY(sgl_buf_printf(&r->text, err, "%s\n", _("SERIAL")));
	}
	for (size_t i = 0; i < certs.num; i++)
		TRY(list_one(s, r, &certs.items[i],
		    address_of(&people, certs.items[i].person), err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
