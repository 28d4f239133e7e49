/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca branch: authorities of others below our root */
#include <stdio.h>
#include <stdlib.h>

#include "ca/branch.h"
#include "admin/authority.h"
#include "admin/ceremony.h"
#include "admin/issue.h"

#define ROOM "admin.branch"
#define PATH_LEN_MAX 8

/* ---------------------------------------------------------------- wishes ---
 */

static sgl_status
read_names(const sgl_call *call, const char *option, sgl_slice *out,
    size_t *num, sgl_err *err)
{
	*num = sgl_call_num(call, option);
	if (*num > SGL_BRANCH_NAMES)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("a branch has at most 64 domains that it may vouch "
		       "for, and 64 that it may not"));
	for (size_t i = 0; i < *num; i++)
		out[i] = sgl_slice_str(sgl_call_nth(call, option, i));
	return SGL_OK;
}

static sgl_status
read_path_len(const sgl_call *call, unsigned *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "path-length");
	char *end;
	unsigned long n;

	*out = 0;
	if (text == NULL)
		return SGL_OK;
	n = strtoul(text, &end, 10);
	*out = (unsigned)n;
	if (end != text && *end == '\0' && n <= PATH_LEN_MAX)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--path-length is a number from 0 to 8"), "%s", text);
}

static sgl_status
draft_branch(const sgl_call *call, sgl_home *home, const sgl_ca_signer *root,
    sgl_slice input, sgl_ca_draft *out, sgl_err *err)
{
	sgl_slice permitted[SGL_BRANCH_NAMES], excluded[SGL_BRANCH_NAMES];
	sgl_branch_wish w = {.request = input,
	    .name = sgl_call_get(call, "name"),
	    .permitted = permitted,
	    .excluded = excluded};

	if (w.name == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--name NAME is missing: what the branch is called in "
		       "certificates"));
	TRY(read_names(call, "permit", permitted, &w.num_permitted, err));
	TRY(read_names(call, "exclude", excluded, &w.num_excluded, err));
	TRY(read_path_len(call, &w.path_len, err));
	return sgl_branch_draft(home, root, &w, out, err);
}

/* "3", or "b3" as the lists have it. */
static sgl_status
read_id(const sgl_call *call, int64_t *out, sgl_err *err)
{
	const char *text = sgl_call_arg(call, 0), *digits;
	char *end;

	digits = *text == 'b' ? text + 1 : text;
	*out = strtoll(digits, &end, 10);
	if (end != digits && *end == '\0' && *out > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is no number of a branch; sigill ca branch list has them"),
	    "%s", text);
}

static sgl_status
draft_revocation(const sgl_call *call, sgl_home *home,
    const sgl_ca_signer *root, sgl_slice input, sgl_ca_draft *out, sgl_err *err)
{
	sgl_revocation_reason reason;
	int64_t id = 0;

	(void)input;
	TRY(read_id(call, &id, err));
	TRY(sgl_ceremony_reason(call, &reason, err));
	return sgl_branch_draft_revocation(home, root, id, reason, out, err);
}

/* ---------------------------------------------------------------- bringing ---
 */

/* What a trial's own root is to sign goes as a draft without a list. */
static sgl_status
wrap(sgl_order *order, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft)
	d = {.cert = sgl_buf_init(SGL_ORG_INPUT_MAX)};

	TRY(sgl_buf_add(&d.cert, sgl_buf_slice(&order->input), err));
	sgl_buf_clear(&order->input);
	order->input = sgl_buf_init(SGL_ORG_INPUT_MAX);
	return sgl_ca_draft_add(&d, &order->input, err);
}

sgl_status
sgl_bring_branch(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	if (!sgl_call_has(call, "csr"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--csr FILE is missing: the branch's request (sigill "
		       "init --parent-csr-out makes one)"));
	TRY(sgl_bring_request(call, order, err));
	return sgl_call_has(call, "root-key")
	    ? sgl_ceremony_bring(call, draft_branch, order, err)
	    : wrap(order, err);
}

sgl_status
sgl_bring_branch_revocation(
    const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return sgl_ceremony_bring(call, draft_revocation, order, err);
}

static sgl_status
get_signed(
    sgl_session *s, const sgl_order *order, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_ca_signer) root = {0};

	TRY(sgl_ca_draft_read(sgl_buf_slice(&order->input), &d, err));
	if (d.crl.len > 0) {
		*out = d;
		d = (sgl_ca_draft){0};
		return SGL_OK;
	}
	TRY(sgl_ceremony_open_trial(s->home, &root, err));
	return draft_branch(
	    order->call, s->home, &root, sgl_buf_slice(&d.cert), out, err);
}

/* ----------------------------------------------------------------- telling ---
 */

static const char *
state_of(const sgl_cert *cert, const sgl_revocation_mark *mark, sgl_time now)
{
	if (mark->when != 0)
		return N_("revoked");
	return sgl_cert_get_not_after(cert) < now ? N_("expired")
						  : N_("active");
}

static sgl_status
json_branch(sgl_session *s, const sgl_branch_record *b, const sgl_cert *cert,
    const sgl_revocation_mark *mark, sgl_json *json, sgl_err *err)
{
	sgl_json_object(json, NULL);
	sgl_json_uint(json, "id", (uint64_t)b->id);
	sgl_json_str(json, "kind", "branch");
	sgl_json_str(
	    json, "state", state_of(cert, mark, sgl_engine_now(s->engine)));
	sgl_json_uint(json, "issuer_id", (uint64_t)b->issuer);
	if (mark->when != 0) {
		sgl_json_time(json, "revoked_at", mark->when);
		sgl_json_str(
		    json, "reason", sgl_revocation_reason_name(mark->reason));
	}
	sgl_json_object(json, "certificate");
	TRY(sgl_json_cert(s->engine, json, cert, err));
	sgl_json_close_object(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
text_branch(sgl_session *s, const sgl_branch_record *b, const sgl_cert *cert,
    const sgl_revocation_mark *mark, sgl_buf *out, sgl_err *err)
{
	char id[32], date[SGL_DATE_TEXT];
	const char *cells[] = {id, _("branch"),
	    _(state_of(cert, mark, sgl_engine_now(s->engine))), _("its own"),
	    date};

	(void)snprintf(id, sizeof id, "b%lld", (long long)b->id);
	(void)sgl_date_text(sgl_cert_get_not_after(cert), date);
	TRY(sgl_authority_cells(out, cells, err));
	TRY(sgl_name_text(sgl_cert_get_subject(cert), out, err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
tell(sgl_session *s, const sgl_branch_record *b, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_revocation_mark mark;

	TRY(sgl_cert_read(s->engine, sgl_buf_slice(&b->der), &cert, err));
	TRY(sgl_branch_get_revocation(s->home, b, &mark, err));
	return r->as_json ? json_branch(s, b, cert, &mark, &r->json, err)
			  : text_branch(s, b, cert, &mark, &r->text, err);
}

sgl_status
sgl_branches_tell(sgl_session *s, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_branches) list = {0};

	if (r->as_json)
		sgl_json_array(&r->json, "branches");
	TRY(sgl_store_list_branches(sgl_home_store(s->home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(tell(s, &list.items[i], r, err));
	if (r->as_json)
		sgl_json_close_array(&r->json);
	return SGL_OK;
}

/* ---------------------------------------------------------------- commands ---
 */

/* Its certificate, and the root's behind it. */
static sgl_status
add_file(sgl_session *s, const sgl_branch_record *b, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) set = {0};
	SGL_AUTO_CLEAR(sgl_authority) root = {0};
	const sgl_buf *const ders[] = {&b->der, &root.der};

	TRY(sgl_ca_find_authority(s->home, b->issuer, &root, err));
	for (size_t i = 0; i < 2; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(
		    s->engine, sgl_buf_slice(ders[i]), &cert, err));
		TRY(sgl_certs_add(&set, cert, err));
	}
	return sgl_certs_add_pem(&set, out, err);
}

sgl_status
sgl_org_branch_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_branch_record) b = {0};
	int64_t id;

	TRY(get_signed(s, order, &d, err));
	TRY(sgl_branch_take(s->home, &d, &id, err));
	TRY(sgl_ceremony_publish(s, err));
	TRY(sgl_branch_find(s->home, id, &b, err));
	sgl_reply_tell_file(r, order->call, "pem");
	r->has_file = true;
	return add_file(s, &b, &r->file, err);
}

sgl_status
sgl_org_branch_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)order;
	if (r->as_json)
		sgl_json_object(&r->json, NULL);
	else
		TRY(sgl_authority_head(&r->text, err));
	TRY(sgl_branches_tell(s, r, err));
	if (r->as_json)
		sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_branch_revoke(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_branch_record) b = {0};
	int64_t id = 0;

	TRY(read_id(order->call, &id, err));
	TRY(sgl_ceremony_get(s, order, draft_revocation, &d, err));
	TRY(sgl_branch_take_revocation(s->home, &d, id, err));
	TRY(sgl_ceremony_publish(s, err));
	TRY(sgl_branch_find(s->home, id, &b, err));
	return tell(s, &b, r, err);
}
