/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch_wire.h"

#define STATUS_MAX 999

void
sgl_fetch_add_order(sgl_wire *w, const sgl_fetch_order *o)
{
	sgl_wire_add_text(w, o->url);
	sgl_wire_add_int(w, (int64_t)o->max);
	sgl_wire_add_int(w, o->seconds);
	sgl_wire_add_bytes(w, o->body);
	sgl_wire_add_text(w, o->type);
	sgl_wire_add_int(w, o->only_public);
}

void
sgl_fetch_read_order(sgl_unwire *u, sgl_fetch_read *out)
{
	sgl_unwire_text(u, out->url, sizeof out->url);
	out->order = (sgl_fetch_order){.url = out->url, .type = out->type};
	out->order.max = (size_t)sgl_unwire_int(u, 0, SGL_FETCH_BODY);
	out->order.seconds = (unsigned)sgl_unwire_int(u, 1, SGL_FETCH_SECONDS);
	out->order.body = sgl_unwire_bytes(u, SGL_FETCH_POSTED);
	sgl_unwire_text(u, out->type, sizeof out->type);
	out->order.only_public = sgl_unwire_bool(u);
}

void
sgl_fetch_add_came(sgl_wire *w, const sgl_fetched *f)
{
	sgl_wire_add_int(w, f->fault);
	sgl_wire_add_int(w, f->status);
	sgl_wire_add_text(w, f->where);
	sgl_wire_add_bytes(w, sgl_buf_slice(&f->body));
}

sgl_status
sgl_fetch_read_came(sgl_unwire *u, sgl_fetched *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_fetched) f = {.body = sgl_buf_init(SGL_FETCH_BODY)};
	sgl_slice body;

	f.fault = (sgl_fetch_fault)sgl_unwire_int(
	    u, SGL_FETCH_GOOD, SGL_FETCH_BROKEN);
	f.status = (long)sgl_unwire_int(u, 0, STATUS_MAX);
	sgl_unwire_text(u, f.where, sizeof f.where);
	body = sgl_unwire_bytes(u, SGL_FETCH_BODY);
	TRY(sgl_unwire_end(u, err));
	TRY(sgl_buf_add(&f.body, body, err));
	*out = f;
	f = (sgl_fetched){0};
	return SGL_OK;
}
