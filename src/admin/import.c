/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert import */
#include "admin/bundle.h"
#include "admin/import_tell.h"
#include "org/choose.h"

#define ROOM "admin.import"

static bool
has(const sgl_import *import, sgl_import_result result)
{
	for (size_t i = 0; i < import->num; i++)
		if (import->items[i].result == result)
			return true;
	return false;
}

/* The serial number of what is used from now on, which need not be what was
 * taken just now; "" if there is none. */
static sgl_status
find_used(sgl_session *s, const sgl_person *p, sgl_cert_purpose purpose,
    sgl_buf *serial, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};

	*serial = sgl_buf_init(1024);
	TRY(sgl_choose_cert(s->home, p->id, purpose, &chosen, err));
	if (chosen.cert != NULL)
		TRY(sgl_hex_add(serial, sgl_cert_get_serial(chosen.cert), err));
	return sgl_buf_add(serial, sgl_slice_of("", 1), err);
}

static sgl_status
tell_used(sgl_session *s, sgl_reply *r, const sgl_person *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) signing = {0};
	SGL_AUTO_CLEAR(sgl_buf) encryption = {0};
	const char *a, *b;

	TRY(find_used(s, p, SGL_CERT_SIGNING, &signing, err));
	TRY(find_used(s, p, SGL_CERT_ENCRYPTION, &encryption, err));
	a = (const char *)signing.data;
	b = (const char *)encryption.data;
	if (r->as_json) {
		sgl_json_str(&r->json, "signs_with", a[0] == '\0' ? NULL : a);
		sgl_json_str(&r->json, "encrypted_to", b[0] == '\0' ? NULL : b);
		return SGL_OK;
	}
	if (a[0] != '\0')
		TRY(sgl_buf_printf(&r->text, err,
		    _("%s: signs with %s (another: sigill cert use)\n"),
		    p->address, a));
	if (b[0] == '\0')
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    _("%s: mail is encrypted to %s (another: sigill cert use)\n"),
	    p->address, b);
}

static sgl_status
tell(sgl_session *s, sgl_reply *r, const sgl_person *p,
    const sgl_import *import, sgl_err *err)
{
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "address", p->address);
	}
	TRY(sgl_import_tell(s, r, p, import, err));
	TRY(tell_used(s, r, p, err));
	if (r->as_json)
		sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_cert_import(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	SGL_AUTO_CLEAR(sgl_import) import = {0};
	sgl_import_order what = {.ring = &b.ring, .crls = &b.crls};

	TRY(sgl_call_purpose(call, &what.purpose, &what.has_purpose, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	TRY(sgl_bundle_read(s->engine, sgl_buf_slice(&order->input), &b, err));
	TRY(sgl_import_judge(s->home, &p, &what, &import, err));
	if (import.num == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("no certificate of a person is in the files"));
	if (!sgl_call_has(call, "dry-run"))
		TRY(sgl_import_take(s->home, &p, &import, err));
	if (has(&import, SGL_IMPORT_REFUSED))
		r->exit_status = SGL_EXIT_NO;
	return tell(s, r, &p, &import, err);
}
