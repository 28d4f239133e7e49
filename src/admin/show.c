/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert show */
#include <unistd.h>

#include "admin/work.h"
#include "admin/files.h"
#include "cli/resolve.h"
#include "sigill/cms.h"
#include "sys/input.h"
#include "sys/passphrase.h"

#define ROOM "admin.cert"

static sgl_status
show_record(sgl_session *s, sgl_reply *r, const sgl_cert_record *c,
    const sgl_cert_record *twin, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	char date[SGL_DATE_TEXT];

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		TRY(sgl_json_cert_record(s, &r->json, c, NULL, err));
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&c->der), &cert, err));
	TRY(sgl_buf_printf(&r->text, err, "%s (%s)\n",
	    _(sgl_cert_purpose_name(c->purpose)),
	    _(sgl_cert_state(c, sgl_engine_now(s->engine)))));
	if (twin != NULL)
		TRY(sgl_buf_printf(&r->text, err, "%s (%s)\n",
		    _(sgl_cert_purpose_name(twin->purpose)),
		    _(sgl_cert_state(twin, sgl_engine_now(s->engine)))));
	if (c->status == SGL_CERT_REVOKED)
		TRY(sgl_buf_printf(&r->text, err, _("  revoked on %s: %s\n"),
		    sgl_date_text(c->revocation.when, date),
		    sgl_revocation_reason_name(c->revocation.reason)));
	return sgl_text_cert(s->engine, &r->text, cert, err);
}

static sgl_status
show_person(sgl_session *s, const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) certs = {0};
	sgl_cert_purpose purpose;
	bool given;

	TRY(sgl_call_purpose(call, &purpose, &given, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	TRY(sgl_store_list_certs(sgl_home_store(s->home), p.id, &certs, err));
	for (size_t i = 0; i < certs.num; i++) {
		const sgl_cert_record *c = &certs.items[i];
		const sgl_cert_record *twin = sgl_cert_find_twin(&certs, c);
		/* To people, one for both purposes is shown once. */
		if (given && c->purpose != purpose)
			continue;
		if (r->as_json || twin == NULL || given)
			TRY(show_record(s, r, c, NULL, err));
		else if (c->purpose == SGL_CERT_SIGNING)
			TRY(show_record(s, r, c, twin, err));
	}
	return SGL_OK;
}

static sgl_status
show_serial(sgl_session *s, const char *text, sgl_slice serial, sgl_reply *r,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	TRY(sgl_org_get_cert(s, text, serial, &c, err));
	return show_record(s, r, &c, NULL, err);
}

static void
begin(sgl_reply *r)
{
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "certificates");
	}
}

static void
end(sgl_reply *r)
{
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
}

sgl_status
sgl_org_cert_show(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *what = sgl_call_arg(order->call, 0);
	uint8_t serial[SGL_SERIAL_MAX];
	size_t len;

	begin(r);
	if (sgl_hex_read(what, serial, &len))
		TRY(show_serial(s, what, sgl_slice_of(serial, len), r, err));
	else
		TRY(show_person(s, order->call, r, err));
	end(r);
	return SGL_OK;
}

/* --------------------------------------------------------------- a file --- */

static sgl_status
show_loaded(
    sgl_engine *engine, sgl_reply *r, const sgl_keyring *ring, sgl_err *err)
{
	for (size_t i = 0; i < ring->certs.num; i++) {
		const sgl_cert *cert = ring->certs.items[i];
		bool has_key = sgl_keyring_find_key(ring, cert) != NULL;
		if (r->as_json) {
			sgl_json_object(&r->json, NULL);
			TRY(sgl_json_cert(engine, &r->json, cert, err));
			sgl_json_bool(&r->json, "private_key", has_key);
			sgl_json_close_object(&r->json);
			continue;
		}
		TRY(sgl_buf_printf(&r->text, err, "%s\n",
		    has_key ? _("certificate with its private key")
			    : _("certificate")));
		TRY(sgl_text_cert(engine, &r->text, cert, err));
	}
	return SGL_OK;
}

static sgl_status
show_file(const sgl_call *call, const char *path, sgl_reply *r, sgl_err *err)
{
	const char *password_file = sgl_call_get(call, "password-file");
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_secret) password = {0};

	TRY(sgl_engine_new(NULL, &engine, err));
	if (password_file != NULL)
		TRY(sgl_passphrase_file(password_file, &password, err));
	TRY(sgl_org_load_file(
	    engine, path, sgl_secret_slice(&password), &ring, NULL, err));
	if (ring.certs.num == 0)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("no certificate is in it"), "%s", path);
	return show_loaded(engine, r, &ring, err);
}

/* A number or an address, unless a file has that name. */
static bool
is_stored(const char *what)
{
	uint8_t serial[SGL_SERIAL_MAX];
	size_t len;

	return sgl_resolve_is_address(what) ||
	    (sgl_hex_read(what, serial, &len) && access(what, F_OK) != 0);
}

int
sgl_org_cert_show_any(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const char *what = sgl_call_arg(call, 0);
	sgl_err err = {0};
	sgl_status status;

	if (is_stored(what))
		return sgl_org_run(call);
	sgl_reply_init(&r, call);
	begin(&r);
	status = show_file(call, what, &r, &err);
	end(&r);
	return sgl_org_end(call, status, &r, &err);
}
