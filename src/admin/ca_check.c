/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca check */
#include "ca/key_check.h"
#include "admin/work.h"

static sgl_status
tell(sgl_reply *r, const sgl_checked_key *k, sgl_err *err)
{
	const bool is_good = k->why.status == SGL_OK;
	const char *why = is_good ? NULL : _(k->why.text);

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_uint(&r->json, "authority", (uint64_t)k->authority);
		sgl_json_bool(&r->json, "on_token", k->on_token);
		sgl_json_bool(&r->json, "can_be_had", is_good);
		sgl_json_str(&r->json, "why", why);
		sgl_json_str(
		    &r->json, "detail", is_good ? NULL : k->why.detail);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	if (is_good)
		return SGL_OK;
	return sgl_buf_printf(&r->text, err, _("authority %lld: %s%s%s\n"),
	    (long long)k->authority, why, k->why.detail[0] == '\0' ? "" : ": ",
	    k->why.detail);
}

sgl_status
sgl_org_ca_check(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_checked_keys keys;

	(void)order;
	TRY(sgl_ca_check_keys(s->home, true, &keys, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "keys");
	}
	for (size_t i = 0; i < keys.num; i++) {
		TRY(tell(r, &keys.items[i], err));
		if (keys.items[i].why.status != SGL_OK)
			r->exit_status = SGL_EXIT_NO;
	}
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return r->exit_status != SGL_EXIT_OK
	    ? SGL_OK
	    : sgl_buf_add_str(&r->text,
		  _("The keys of the authorities can be used.\n"), err);
}
