/* SPDX-License-Identifier: Apache-2.0 */
/* One file of a migration, judged and taken. */
#include <stdio.h>

#include "base/addr.h"
#include "admin/migrate.h"

#define ROOM "admin.migrate"
#define SERIAL_TEXT 256

static void
set_text(char out[SGL_MIGRATE_TEXT], const char *text)
{
	(void)snprintf(out, SGL_MIGRATE_TEXT, "%s", text == NULL ? "" : text);
}

/* The first of ours that one of the certificates names. */
static sgl_status
find_named(sgl_session *s, const sgl_cert *cert, sgl_person *out, bool *found,
    sgl_migrate_head *h, sgl_err *err)
{
	for (size_t i = 0; i < sgl_cert_num_addresses(cert) && !*found; i++) {
		sgl_slice a = sgl_cert_get_address(cert, i);
		char text[SGL_MIGRATE_TEXT];

		if (!sgl_addr_is(a) || a.len >= sizeof text)
			continue;
		(void)snprintf(text, sizeof text, "%.*s", (int)a.len,
		    (const char *)a.data);
		set_text(h->detail, text);
		TRY(sgl_people_find(s->home, text, out, found, err));
	}
	return SGL_OK;
}

static sgl_status
find_owner(sgl_session *s, const sgl_bundle *b, sgl_person *out, bool *found,
    sgl_migrate_head *h, sgl_err *err)
{
	bool has_leaf = false;

	for (size_t i = 0; i < b->ring.certs.num && !*found; i++) {
		if (sgl_cert_is_ca(b->ring.certs.items[i]))
			continue;
		has_leaf = true;
		TRY(find_named(s, b->ring.certs.items[i], out, found, h, err));
	}
	if (*found)
		h->detail[0] = '\0';
	else
		set_text(h->why,
		    has_leaf ? N_("nobody here has this address: add the "
				  "person with sigill user add")
			     : N_("no certificate of a person is in it"));
	return SGL_OK;
}

/* Where the table of passwords says whose it is, that counts. */
static sgl_status
find_person(sgl_session *s, const sgl_migrate_order *o, const sgl_bundle *b,
    sgl_person *out, bool *found, sgl_migrate_head *h, sgl_err *err)
{
	sgl_status status;

	*found = false;
	if (o->address[0] == '\0')
		return find_owner(s, b, out, found, h, err);
	status = sgl_people_find(s->home, o->address, out, found, err);
	if (status != SGL_OK && status != SGL_E_USAGE)
		return status;
	if (*found)
		return SGL_OK;
	set_text(h->why,
	    N_("nobody here has this address: add the person with sigill user "
	       "add"));
	set_text(h->detail, o->address);
	return SGL_OK;
}

static sgl_status
add_item(sgl_wire *w, const sgl_import_item *from, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(SERIAL_TEXT);
	sgl_migrate_item item = {.has_purpose = from->has_purpose,
	    .purpose = from->purpose,
	    .result = from->result,
	    .not_after = sgl_cert_get_not_after(from->cert)};
	const char *text;

	TRY(sgl_hex_add(&serial, sgl_cert_get_serial(from->cert), err));
	TRY(sgl_buf_text(&serial, &text, err));
	set_text(item.serial, text);
	set_text(item.why, from->why);
	set_text(item.detail, from->detail);
	sgl_migrate_add_item(w, &item);
	return SGL_OK;
}

static sgl_status
answer(
    sgl_reply *r, sgl_migrate_head *h, const sgl_import *import, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(&r->file);

	h->num_items = import->num;
	h->num_lone_keys = import->num_lone_keys;
	sgl_migrate_add_head(&w, h);
	for (size_t i = 0; i < import->num; i++)
		TRY(add_item(&w, &import->items[i], err));
	return sgl_wire_end(&w, err);
}

sgl_status
sgl_org_migrate_one(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_import) import = {0};
	const sgl_import_order what = {.ring = &b.ring, .crls = &b.crls};
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&order->input));
	sgl_migrate_head h = {0};
	sgl_migrate_order o;
	bool found;

	sgl_migrate_read_order(&u, &o);
	TRY(sgl_unwire_end(&u, err));
	TRY(sgl_bundle_read(s->engine, o.bundle, &b, err));
	TRY(find_person(s, &o, &b, &p, &found, &h, err));
	if (!found)
		return answer(r, &h, &import, err);
	set_text(h.address, p.address);
	TRY(sgl_import_judge(s->home, &p, &what, &import, err));
	if (!o.only_check)
		TRY(sgl_import_take(s->home, &p, &import, err));
	return answer(r, &h, &import, err);
}
