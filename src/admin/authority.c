/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca list, sigill ca show */
#include <stdio.h>
#include <stdlib.h>

#include "ca/succession.h"
#include "admin/authority.h"

#define ROOM "admin.ca"

sgl_status
sgl_call_authority(const sgl_call *call, int64_t *out, sgl_err *err)
{
	const char *text = sgl_call_arg(call, 0);
	char *end;
	long long id = strtoll(text, &end, 10);

	if (end == text || *end != '\0' || id <= 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no number of an authority; sigill ca list has them"),
		    "%s", text);
	*out = id;
	return SGL_OK;
}

static const char *
kind_text(const sgl_authority *a)
{
	return a->kind == SGL_AUTHORITY_ROOT ? N_("root") : N_("issuing");
}

/* Where its key is. */
static const char *
key_text(const sgl_authority *a)
{
	if (strcmp(a->key_location, SGL_KEY_IN_VAULT) == 0)
		return N_("in the vault");
	if (sgl_authority_is_parents(a))
		return N_("parent's");
	if (sgl_authority_is_lost(a))
		return N_("lost");
	return sgl_outer_key_is_token(a->key_location) ? N_("on a token")
						       : N_("in a file");
}

/* ---------------------------------------------------------------- JSON --- */

static sgl_status
json_lists(sgl_session *s, sgl_json *json, const sgl_authority *a, sgl_err *err)
{
	sgl_json_array(json, "crls");
	for (int64_t n = 0; n < a->num_shards; n++) {
		SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
		bool found;

		TRY(sgl_store_find_crl(
		    sgl_home_store(s->home), a->id, n, &c, &found, err));
		if (!found)
			continue;
		sgl_json_object(json, NULL);
		sgl_json_uint(json, "shard", (uint64_t)n);
		sgl_json_uint(json, "number", (uint64_t)c.number);
		sgl_json_time(json, "this_update", c.this_update);
		sgl_json_time(json, "next_update", c.next_update);
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
	return SGL_OK;
}

static sgl_status
json_authority(
    sgl_session *s, sgl_json *json, const sgl_authority *a, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&a->der), &cert, err));
	sgl_json_object(json, NULL);
	sgl_json_uint(json, "id", (uint64_t)a->id);
	sgl_json_str(
	    json, "kind", a->kind == SGL_AUTHORITY_ROOT ? "root" : "issuing");
	sgl_json_str(json, "state", sgl_authority_state_name(a->state));
	sgl_json_str(json, "key", a->key_location);
	if (a->issuer != 0)
		sgl_json_uint(json, "issuer_id", (uint64_t)a->issuer);
	if (a->state == SGL_AUTHORITY_REVOKED) {
		sgl_json_time(json, "revoked_at", a->revocation.when);
		sgl_json_str(json, "reason",
		    sgl_revocation_reason_name(a->revocation.reason));
	}
	TRY(json_lists(s, json, a, err));
	sgl_json_object(json, "certificate");
	TRY(sgl_json_cert(s->engine, json, cert, err));
	sgl_json_close_object(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

/* ---------------------------------------------------------------- text --- */

sgl_status
sgl_authority_cells(sgl_buf *out, const char *const cells[5], sgl_err *err)
{
	static const int columns[] = {4, 9, 9, 13, 11};

	for (size_t i = 0; i < 5; i++)
		TRY(sgl_cell_add(out, cells[i], columns[i], err));
	return SGL_OK;
}

static sgl_status
text_authority(
    sgl_session *s, sgl_buf *out, const sgl_authority *a, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	char id[32], date[SGL_DATE_TEXT];
	const char *cells[] = {id, _(kind_text(a)),
	    _(sgl_authority_state_name(a->state)), _(key_text(a)), date};

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&a->der), &cert, err));
	(void)snprintf(id, sizeof id, "%lld", (long long)a->id);
	(void)sgl_date_text(sgl_cert_get_not_after(cert), date);
	TRY(sgl_authority_cells(out, cells, err));
	TRY(sgl_name_text(sgl_cert_get_subject(cert), out, err));
	return sgl_buf_add_str(out, "\n", err);
}

sgl_status
sgl_authority_head(sgl_buf *out, sgl_err *err)
{
	const char *head[] = {
	    _("ID"), _("KIND"), _("STATUS"), _("KEY"), _("UNTIL")};

	TRY(sgl_authority_cells(out, head, err));
	return sgl_buf_printf(out, err, "%s\n", _("NAME"));
}

sgl_status
sgl_org_ca_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	(void)order;
	TRY(sgl_store_list_authorities(sgl_home_store(s->home), &list, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "authorities");
	} else {
		TRY(sgl_authority_head(&r->text, err));
	}
	/* The oldest first: the numbers count up. */
	for (size_t i = list.num; i-- > 0;)
		TRY(r->as_json
			? json_authority(s, &r->json, &list.items[i], err)
			: text_authority(s, &r->text, &list.items[i], err));
	if (r->as_json)
		sgl_json_close_array(&r->json);
	TRY(sgl_branches_tell(s, r, err));
	if (r->as_json)
		sgl_json_close_object(&r->json);
	return SGL_OK;
}

static sgl_status
text_state(const sgl_authority *a, sgl_buf *out, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	TRY(sgl_buf_printf(out, err, _("  state        %s\n"),
	    _(sgl_authority_state_name(a->state))));
	if (a->state == SGL_AUTHORITY_REVOKED)
		TRY(sgl_buf_printf(out, err, _("  revoked      %s, %s\n"),
		    sgl_date_text(a->revocation.when, date),
		    sgl_revocation_reason_name(a->revocation.reason)));
	return sgl_buf_printf(
	    out, err, _("  private key  %s\n"), _(key_text(a)));
}

sgl_status
sgl_authority_tell(
    sgl_session *s, const sgl_authority *a, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	if (r->as_json)
		return json_authority(s, &r->json, a, err);
	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&a->der), &cert, err));
	TRY(sgl_text_cert(s->engine, &r->text, cert, err));
	return text_state(a, &r->text, err);
}

sgl_status
sgl_org_ca_show(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) a = {0};
	int64_t id = 0;

	TRY(sgl_call_authority(order->call, &id, err));
	TRY(sgl_ca_find_authority(s->home, id, &a, err));
	return sgl_authority_tell(s, &a, r, err);
}
