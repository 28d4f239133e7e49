/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/import_tell.h"

#define NAME_TEXT 8192

static const char *const words[] = {
    [SGL_IMPORT_TAKEN] = N_("taken"),
    [SGL_IMPORT_HISTORY] = N_("taken to read old mail"),
    [SGL_IMPORT_KNOWN] = N_("here already"),
    [SGL_IMPORT_NEEDLESS] = N_("left out, nobody needs it"),
    [SGL_IMPORT_REFUSED] = N_("refused"),
};

static sgl_status
json_item(
    sgl_session *s, sgl_json *json, const sgl_import_item *i, sgl_err *err)
{
	sgl_json_object(json, NULL);
	sgl_json_str(json, "purpose",
	    i->has_purpose ? sgl_cert_purpose_name(i->purpose) : NULL);
	sgl_json_str(json, "result", sgl_import_result_name(i->result));
	sgl_json_str(json, "why", i->why);
	sgl_json_str(json, "detail", i->detail[0] == '\0' ? NULL : i->detail);
	TRY(sgl_json_cert(s->engine, json, i->cert, err));
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
text_item(sgl_reply *r, const sgl_person *person, const sgl_import_item *i,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) issuer = sgl_buf_init(NAME_TEXT);
	char date[SGL_DATE_TEXT];

	TRY(sgl_name_text(sgl_cert_get_issuer(i->cert), &issuer, err));
	TRY(sgl_buf_printf(&r->text, err, "%s: ", person->address));
	if (i->has_purpose)
		TRY(sgl_buf_printf(&r->text, err,
		    "%s: ", _(sgl_cert_purpose_name(i->purpose))));
	TRY(sgl_buf_printf(&r->text, err, "%s: ", _(words[i->result])));
	TRY(sgl_hex_add(&r->text, sgl_cert_get_serial(i->cert), err));
	TRY(sgl_buf_printf(&r->text, err, _(" of %.*s, until %s\n"),
	    (int)issuer.len, issuer.len > 0 ? (const char *)issuer.data : "",
	    sgl_date_text(sgl_cert_get_not_after(i->cert), date)));
	if (i->why == NULL)
		return SGL_OK;
	return i->detail[0] == '\0'
	    ? sgl_buf_printf(&r->text, err, "  %s\n", _(i->why))
	    : sgl_buf_printf(&r->text, err, "  %s: %s\n", _(i->why), i->detail);
}

static sgl_status
tell_text(sgl_reply *r, const sgl_person *person, const sgl_import *import,
    sgl_err *err)
{
	for (size_t i = 0; i < import->num; i++)
		TRY(text_item(r, person, &import->items[i], err));
	if (import->num_lone_keys == 0)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    _("%s: private keys that have no certificate with them and were "
	      "left out: %zu\n"),
	    person->address, import->num_lone_keys);
}

sgl_status
sgl_import_tell(sgl_session *s, sgl_reply *r, const sgl_person *person,
    const sgl_import *import, sgl_err *err)
{
	if (!r->as_json)
		return tell_text(r, person, import, err);
	sgl_json_array(&r->json, "certificates");
	for (size_t i = 0; i < import->num; i++)
		TRY(json_item(s, &r->json, &import->items[i], err));
	sgl_json_close_array(&r->json);
	sgl_json_uint(&r->json, "lone_keys", import->num_lone_keys);
	return SGL_OK;
}
