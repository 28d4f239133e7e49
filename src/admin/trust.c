/* SPDX-License-Identifier: Apache-2.0 */
/* sigill trust add, list, remove: others that the organisation believes */
#include <stdio.h>

#include "admin/bundle.h"
#include "org/audit.h"
#include "org/choose.h"

#define ROOM "admin.trust"
#define NAME_TEXT 8192
#define FINGERPRINT 32

/* The subject as one line, to be cleared; with a NUL that does not count. */
static sgl_status
name_of(const sgl_cert *cert, sgl_buf *out, sgl_err *err)
{
	*out = sgl_buf_init(NAME_TEXT);
	TRY(sgl_name_text(sgl_cert_get_subject(cert), out, err));
	TRY(sgl_buf_add(out, sgl_slice_of("", 1), err));
	out->len--;
	return SGL_OK;
}

/* ------------------------------------------------------------------- list ---
 */

static sgl_status
list_one(sgl_session *s, sgl_reply *r, const sgl_cert *cert, const char *whose,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = {0};
	bool is_root = sgl_cert_is_self_issued(cert);
	char date[SGL_DATE_TEXT];

	TRY(name_of(cert, &name, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "whose", whose);
		sgl_json_bool(&r->json, "root", is_root);
		TRY(sgl_json_cert(s->engine, &r->json, cert, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(sgl_cell_add(&r->text, _(whose), 6, err));
	TRY(sgl_cell_add(
	    &r->text, is_root ? _("root") : _("intermediate"), 12, err));
	TRY(sgl_cell_add(&r->text,
	    sgl_date_text(sgl_cert_get_not_after(cert), date), 10, err));
	TRY(sgl_hex_add(
	    &r->text, sgl_slice_first(sgl_cert_get_fingerprint(cert), 8), err));
	return sgl_buf_printf(&r->text, err, " %s\n", (const char *)name.data);
}

static sgl_status
list_set(sgl_session *s, sgl_reply *r, const sgl_certs *set, const char *whose,
    sgl_err *err)
{
	for (size_t i = 0; i < set->num; i++)
		TRY(list_one(s, r, set->items[i], whose, err));
	return SGL_OK;
}

sgl_status
sgl_org_trust_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) own = {0};
	SGL_AUTO_CLEAR(sgl_certs) others = {0};

	(void)order;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	}
	TRY(sgl_home_add_authorities(s->home, &own, &own, err));
	TRY(sgl_home_add_trusted(s->home, &others, &others, err));
	TRY(list_set(s, r, &own, N_("own"), err));
	TRY(list_set(s, r, &others, N_("added"), err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* -------------------------------------------------------------------- add ---
 */

static sgl_status
check_fit(sgl_session *s, const sgl_cert *cert, const char *name, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	if (!sgl_cert_is_ca(cert))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no certificate of an authority"), "%s", name);
	if (sgl_engine_now(s->engine) > sgl_cert_get_not_after(cert))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("has expired"), "%s (%s)", name,
		    sgl_date_text(sgl_cert_get_not_after(cert), date));
	return SGL_OK;
}

static sgl_status
check_self(sgl_session *s, const sgl_cert *cert, const char *name, sgl_err *err)
{
	bool good = true;

	if (sgl_cert_is_self_issued(cert))
		TRY(sgl_cert_is_signed_by(s->engine, cert, cert, &good, err));
	return good
	    ? SGL_OK
	    : sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		  N_("the signature on the certificate is wrong"), "%s", name);
}

static sgl_status
store_one(sgl_session *s, const sgl_cert *cert, const char *name, bool *added,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_issuer_record) record = {0};
	sgl_slice der = sgl_cert_get_der(cert);

	record.der = sgl_buf_init(der.len);
	TRY(sgl_buf_add(&record.der, der, err));
	memcpy(record.fingerprint, cert->fingerprint, FINGERPRINT);
	TRY(sgl_store_add_trusted(sgl_home_store(s->home), &record,
	    sgl_engine_now(s->engine), added, err));
	return *added
	    ? sgl_audit_add(s->home, "trust.add", name, NULL, NULL, err)
	    : SGL_OK;
}

static sgl_status
tell(sgl_session *s, sgl_reply *r, const sgl_cert *cert, const char *name,
    bool added, sgl_err *err)
{
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_bool(&r->json, "added", added);
		TRY(sgl_json_cert(s->engine, &r->json, cert, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	if (!added)
		return sgl_buf_printf(
		    &r->text, err, _("%s: is believed already\n"), name);
	if (sgl_cert_is_self_issued(cert))
		return sgl_buf_printf(&r->text, err,
		    _("%s: what it vouches for is believed now\n"), name);
	return sgl_buf_printf(&r->text, err,
	    _("%s: helps to reach its root, which must be added too\n"), name);
}

static sgl_status
add_one(sgl_session *s, sgl_reply *r, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) buf = {0};
	const char *name;
	bool added;

	TRY(name_of(cert, &buf, err));
	name = (const char *)buf.data;
	TRY(check_fit(s, cert, name, err));
	TRY(check_self(s, cert, name, err));
	TRY(store_one(s, cert, name, &added, err));
	return tell(s, r, cert, name, added, err);
}

sgl_status
sgl_org_trust_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};

	TRY(sgl_bundle_read(s->engine, sgl_buf_slice(&order->input), &b, err));
	if (b.ring.certs.num == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("no certificate is in it"));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	}
	for (size_t i = 0; i < b.ring.certs.num; i++)
		TRY(add_one(s, r, b.ring.certs.items[i], err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* ----------------------------------------------------------------- remove ---
 */

/* The beginning of a SHA-256 in hexadecimal, 8 bytes at least. */
static bool
is_named(const sgl_cert *cert, const char *text)
{
	sgl_slice print = sgl_cert_get_fingerprint(cert);
	uint8_t want[SGL_SERIAL_MAX];
	size_t len;

	return sgl_hex_read(text, want, &len) && len >= 8 && len <= print.len &&
	    sgl_slice_eq(sgl_slice_first(print, len), sgl_slice_of(want, len));
}

sgl_status
sgl_org_trust_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *what = sgl_call_arg(order->call, 0);
	SGL_AUTO_CLEAR(sgl_certs) all = {0};
	SGL_AUTO_CLEAR(sgl_buf) name = {0};
	bool removed;
	size_t i = 0;

	TRY(sgl_home_add_trusted(s->home, &all, &all, err));
	while (i < all.num && !is_named(all.items[i], what))
		i++;
	if (i == all.num)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("nothing that was added has this fingerprint: sigill "
		       "trust list tells them"),
		    "%s", what);
	TRY(sgl_store_remove_trusted(
	    sgl_home_store(s->home), all.items[i]->fingerprint, &removed, err));
	TRY(name_of(all.items[i], &name, err));
	TRY(sgl_audit_add(
	    s->home, "trust.remove", (const char *)name.data, NULL, NULL, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		TRY(sgl_json_cert(s->engine, &r->json, all.items[i], err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return sgl_buf_printf(&r->text, err, _("%s: is no longer believed\n"),
	    (const char *)name.data);
}
