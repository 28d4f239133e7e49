/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca crl */
#include <stdlib.h>

#include "base/time.h"
#include "ca/crl.h"
#include "ca/urls.h"
#include "admin/authority.h"
#include "org/audit.h"
#include "pki/crl.h"

#define ROOM "admin.ca"

static sgl_status
set_shards(sgl_session *s, const sgl_call *call, sgl_err *err)
{
	const char *text = sgl_call_get(call, "shards");
	char *end;
	long num;

	if (text == NULL)
		return SGL_OK;
	num = strtol(text, &end, 10);
	if (end == text || *end != '\0')
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--shards is no number"), "%s", text);
	TRY(sgl_ca_set_shards(s->home, num, err));
	return sgl_audit_add(s->home, "ca.shards", "crl", NULL, text, err);
}

static sgl_status
count_entries(
    sgl_session *s, const sgl_crl_record *c, size_t *num, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;

	TRY(sgl_crl_read(s->engine, sgl_buf_slice(&c->der), &crl, err));
	*num = crl->num_entries;
	return SGL_OK;
}

static sgl_status
tell(sgl_session *s, sgl_reply *r, const sgl_crl_record *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(64);
	char until[SGL_TIME_TEXT];
	size_t num;

	TRY(sgl_ca_crl_file(c->authority, c->shard, &file, err));
	TRY(count_entries(s, c, &num, err));
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("%.*s: number %lld, entries: %zu, holds until %s\n"),
		    (int)file.len, (const char *)file.data,
		    (long long)c->number, num,
		    sgl_time_text(c->next_update, until));
	sgl_json_object(&r->json, NULL);
	sgl_json_string(&r->json, "file", sgl_buf_slice(&file));
	sgl_json_uint(&r->json, "authority", (uint64_t)c->authority);
	sgl_json_uint(&r->json, "shard", (uint64_t)c->shard);
	sgl_json_uint(&r->json, "number", (uint64_t)c->number);
	sgl_json_uint(&r->json, "entries", num);
	sgl_json_time(&r->json, "this_update", c->this_update);
	sgl_json_time(&r->json, "next_update", c->next_update);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_authority_tell_crls(
    sgl_session *s, const sgl_authority *a, sgl_reply *r, sgl_err *err)
{
	for (int64_t n = 0; n < a->num_shards; n++) {
		SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
		bool found;

		TRY(sgl_store_find_crl(
		    sgl_home_store(s->home), a->id, n, &c, &found, err));
		if (found)
			TRY(tell(s, r, &c, err));
	}
	return SGL_OK;
}

sgl_status
sgl_org_ca_crl(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	unsigned made;

	TRY(set_shards(s, order->call, err));
	TRY(sgl_ca_make_crls(s->home, true, &made, err));
	s->made_crls = made > 0;
	TRY(sgl_store_list_authorities(sgl_home_store(s->home), &list, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "crls");
	}
	for (size_t i = 0; i < list.num; i++)
		TRY(sgl_authority_tell_crls(s, &list.items[i], r, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
