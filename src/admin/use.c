/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert use */
#include <string.h>

#include "admin/work.h"
#include "org/audit.h"

#define ROOM "admin.use"

/* What was wished for, and what of it was found. */
typedef struct wish {
	const char *word;
	uint8_t serial[SGL_SERIAL_MAX];
	size_t len; /* 0: the newest */
	bool has_purpose, was_found;
	sgl_cert_purpose purpose;
} wish;

static sgl_status
read_wish(const sgl_call *call, wish *w, sgl_err *err)
{
	w->word = sgl_call_arg(call, 1);
	TRY(sgl_call_purpose(call, &w->purpose, &w->has_purpose, err));
	if (strcmp(w->word, "newest") == 0 ||
	    sgl_hex_read(w->word, w->serial, &w->len))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is no serial number (hexadecimal), nor \"newest\""), "%s",
	    w->word);
}

static sgl_status
check_usable(sgl_session *s, const sgl_cert_record *c, sgl_err *err)
{
	if (c->status == SGL_CERT_CURRENT &&
	    sgl_engine_now(s->engine) <= c->not_after)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is not in force any more; choose one that sigill cert list "
	       "calls current"),
	    "%s", sgl_cert_state(c, sgl_engine_now(s->engine)));
}

static sgl_status
set(sgl_session *s, sgl_reply *r, const sgl_person *p, const wish *w,
    sgl_cert_purpose purpose, int64_t id, sgl_err *err)
{
	const char *name = sgl_cert_purpose_name(purpose);

	TRY(sgl_store_prefer_cert(
	    sgl_home_store(s->home), p->id, purpose, id, err));
	TRY(sgl_audit_add(s->home,
	    purpose == SGL_CERT_SIGNING ? "cert.use.signing"
					: "cert.use.encryption",
	    p->address, NULL, w->word, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "purpose", name);
		sgl_json_str(&r->json, "uses", w->word);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return id == 0
	    ? sgl_buf_printf(&r->text, err, _("%s: %s: the newest is used\n"),
		  p->address, _(name))
	    : sgl_buf_printf(&r->text, err, _("%s: %s: %s is used\n"),
		  p->address, _(name), w->word);
}

static sgl_status
set_found(
    sgl_session *s, sgl_reply *r, const sgl_person *p, wish *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	TRY(sgl_store_list_certs(sgl_home_store(s->home), p->id, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		const sgl_cert_record *c = &list.items[i];
		if (!sgl_slice_eq(sgl_buf_slice(&c->serial),
			sgl_slice_of(w->serial, w->len)) ||
		    (w->has_purpose && c->purpose != w->purpose))
			continue;
		TRY(check_usable(s, c, err));
		TRY(set(s, r, p, w, c->purpose, c->id, err));
		w->was_found = true;
	}
	if (w->was_found)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the person has no such certificate: sigill cert list tells "
	       "them"),
	    "%s", w->word);
}

static sgl_status
set_newest(sgl_session *s, sgl_reply *r, const sgl_person *p, const wish *w,
    sgl_err *err)
{
	static const sgl_cert_purpose all[] = {
	    SGL_CERT_SIGNING, SGL_CERT_ENCRYPTION};

	for (size_t i = 0; i < 2; i++)
		if (!w->has_purpose || w->purpose == all[i])
			TRY(set(s, r, p, w, all[i], 0, err));
	return SGL_OK;
}

sgl_status
sgl_org_cert_use(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	wish w = {0};

	TRY(read_wish(order->call, &w, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(order->call, 0), &p, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "address", p.address);
		sgl_json_array(&r->json, "used");
	}
	TRY(w.len == 0 ? set_newest(s, r, &p, &w, err)
		       : set_found(s, r, &p, &w, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
