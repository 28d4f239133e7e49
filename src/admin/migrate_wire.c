/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/migrate.h"
#include "admin/wire.h"

void
sgl_migrate_add_order(sgl_wire *w, const sgl_migrate_order *o)
{
	sgl_wire_add_int(w, o->only_check);
	sgl_wire_add_text(w, o->address);
	sgl_wire_add_bytes(w, o->bundle);
}

void
sgl_migrate_read_order(sgl_unwire *u, sgl_migrate_order *out)
{
	out->only_check = sgl_unwire_bool(u);
	sgl_unwire_text(u, out->address, sizeof out->address);
	out->bundle = sgl_unwire_bytes(u, SGL_ORG_CALL_MAX);
}

void
sgl_migrate_add_head(sgl_wire *w, const sgl_migrate_head *h)
{
	sgl_wire_add_text(w, h->address);
	sgl_wire_add_text(w, h->why);
	sgl_wire_add_text(w, h->detail);
	sgl_wire_add_int(w, (int64_t)h->num_items);
	sgl_wire_add_int(w, (int64_t)h->num_lone_keys);
}

void
sgl_migrate_read_head(sgl_unwire *u, sgl_migrate_head *out)
{
	sgl_unwire_text(u, out->address, sizeof out->address);
	sgl_unwire_text(u, out->why, sizeof out->why);
	sgl_unwire_text(u, out->detail, sizeof out->detail);
	out->num_items = (size_t)sgl_unwire_int(u, 0, INT32_MAX);
	out->num_lone_keys = (size_t)sgl_unwire_int(u, 0, INT32_MAX);
}

void
sgl_migrate_add_item(sgl_wire *w, const sgl_migrate_item *i)
{
	sgl_wire_add_int(w, i->has_purpose);
	sgl_wire_add_int(w, i->purpose);
	sgl_wire_add_int(w, i->result);
	sgl_wire_add_text(w, i->why);
	sgl_wire_add_text(w, i->detail);
	sgl_wire_add_text(w, i->serial);
	sgl_wire_add_int(w, i->not_after);
}

void
sgl_migrate_read_item(sgl_unwire *u, sgl_migrate_item *out)
{
	out->has_purpose = sgl_unwire_bool(u);
	out->purpose = (sgl_cert_purpose)sgl_unwire_int(
	    u, SGL_CERT_SIGNING, SGL_CERT_ENCRYPTION);
	out->result = (sgl_import_result)sgl_unwire_int(
	    u, SGL_IMPORT_TAKEN, SGL_IMPORT_REFUSED);
	sgl_unwire_text(u, out->why, sizeof out->why);
	sgl_unwire_text(u, out->detail, sizeof out->detail);
	sgl_unwire_text(u, out->serial, sizeof out->serial);
	out->not_after = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
}
