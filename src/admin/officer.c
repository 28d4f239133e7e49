/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery officer, sigill recovery set */
#include <stdio.h>
#include <stdlib.h>

#include "admin/recovery.h"

#define ROOM "admin.recovery"

static sgl_status
json_officer(
    sgl_session *s, sgl_reply *r, const sgl_officer_record *o, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	signs = NULL;
	SGL_AUTO(sgl_cert)
	decrypts = NULL;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&o->signing), &signs, err));
	TRY(sgl_cert_read(
	    s->engine, sgl_buf_slice(&o->encryption), &decrypts, err));
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "name", o->name);
	sgl_json_uint(&r->json, "number", (uint64_t)o->id);
	sgl_json_time(&r->json, "since", o->created);
	sgl_json_hex(&r->json, "signs_sha256", sgl_cert_get_fingerprint(signs));
	sgl_json_hex(
	    &r->json, "decrypts_sha256", sgl_cert_get_fingerprint(decrypts));
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_officer_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_record) o = {0};

	TRY(sgl_officer_add(s->home, sgl_call_arg(order->call, 0),
	    sgl_buf_slice(&order->input), &o, err));
	if (r->as_json)
		return json_officer(s, r, &o, err);
	return sgl_buf_printf(&r->text, err,
	    _("%s is a recovery officer, but has no share yet\nNext: sigill "
	      "recovery set --threshold NUMBER   when all are there\n"),
	    o.name);
}

static sgl_status
row(sgl_buf *out, const char *number, const char *since, const char *name,
    sgl_err *err)
{
	TRY(sgl_cell_add(out, number, 7, err));
	TRY(sgl_cell_add(out, since, 11, err));
	return sgl_buf_printf(out, err, "%s\n", name);
}

static sgl_status
text_officer(sgl_reply *r, const sgl_officer_record *o, sgl_err *err)
{
	char number[24], date[SGL_DATE_TEXT];

	(void)snprintf(number, sizeof number, "%lld", (long long)o->id);
	return row(
	    &r->text, number, sgl_date_text(o->created, date), o->name, err);
}

sgl_status
sgl_org_officer_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_officer_records) list = {0};

	(void)order;
	TRY(sgl_store_list_officers(sgl_home_store(s->home), &list, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "officers");
	} else if (list.num > 0) {
		TRY(row(&r->text, _("NUMBER"), _("SINCE"), _("NAME"), err));
	} else {
		return sgl_buf_add_str(&r->text,
		    _("No officers yet. Next: sigill recovery officer add "
		      "NAME --certificate FILE\n"),
		    err);
	}
	for (size_t i = 0; i < list.num; i++)
		TRY(r->as_json ? json_officer(s, r, &list.items[i], err)
			       : text_officer(r, &list.items[i], err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

sgl_status
sgl_org_officer_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const char *name = sgl_call_arg(order->call, 0);

	TRY(sgl_officer_remove(
	    s->home, name, sgl_call_has(order->call, "force"), err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "removed", name);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return sgl_buf_printf(&r->text, err,
	    _("%s is no recovery officer any more\nThe share stays what it "
	      "is: only a new recovery key (sigill recovery set) makes it "
	      "worthless for keys made from now on\n"),
	    name);
}

static sgl_status
read_threshold(const sgl_call *call, unsigned *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "threshold");
	char *end = NULL;
	long number = text == NULL ? 0 : strtol(text, &end, 10);

	if (text == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--threshold NUMBER is missing"));
	if (*end != '\0' || number < 2 || number > SGL_RECOVERY_OFFICERS_MAX)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--threshold is a number from 2 to 32"), "%s", text);
	*out = (unsigned)number;
	return SGL_OK;
}

static sgl_status
tell_set(
    sgl_reply *r, unsigned threshold, const sgl_recovery_set *set, sgl_err *err)
{
	TRY(sgl_buf_printf(&r->text, err,
	    _("Recovery key %lld: any %u of %zu officers recover what is "
	      "sealed to it\nKeys sealed to it: %zu\n"),
	    (long long)set->id, threshold, set->num_officers,
	    set->num_escrowed));
	if (set->num_left == 0)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err,
	    _("Keys that are not here and stay sealed to an older one: %zu\n"),
	    set->num_left);
}

sgl_status
sgl_org_recovery_set(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_recovery_set set;
	unsigned threshold = 0;

	TRY(read_threshold(order->call, &threshold, err));
	TRY(sgl_recovery_set_up(s->home, threshold, &set, err));
	if (!r->as_json)
		return tell_set(r, threshold, &set, err);
	sgl_json_object(&r->json, NULL);
	sgl_json_uint(&r->json, "recovery_key", (uint64_t)set.id);
	sgl_json_uint(&r->json, "threshold", threshold);
	sgl_json_uint(&r->json, "officers", set.num_officers);
	sgl_json_uint(&r->json, "escrowed", set.num_escrowed);
	sgl_json_uint(&r->json, "left", set.num_left);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}
