/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca replace-issuing, revoke-issuing, root-crl: what a root signs. */
#include "ca/ca.h"
#include "admin/authority.h"
#include "admin/ceremony.h"
#include "admin/files.h"
#include "admin/table.h"
#include "sys/passphrase.h"

#define ROOM "admin.ca"

static sgl_status
draft_crl(const sgl_call *call, sgl_home *home, const sgl_ca_signer *root,
    sgl_slice input, sgl_ca_draft *out, sgl_err *err)
{
	(void)call;
	(void)input;
	return sgl_ca_draft_crl(home, root, out, err);
}

/* keyCompromise is about a key of people; an authority's has its own word. */
sgl_status
sgl_ceremony_reason(
    const sgl_call *call, sgl_revocation_reason *out, sgl_err *err)
{
	static const sgl_revocation_reason reasons[] = {
	    SGL_REASON_CA_COMPROMISE, SGL_REASON_AFFILIATION_CHANGED,
	    SGL_REASON_SUPERSEDED, SGL_REASON_CESSATION_OF_OPERATION,
	    SGL_REASON_PRIVILEGE_WITHDRAWN};
	const char *text = sgl_call_get(call, "reason");

	if (text != NULL &&
	    sgl_revocation_reason_find(sgl_slice_str(text), out))
		for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
			if (*out == reasons[i])
				return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("say why with --reason: cACompromise, affiliationChanged, "
	       "superseded, cessationOfOperation or privilegeWithdrawn"),
	    "%s", text == NULL ? "" : text);
}

static sgl_status
draft_revocation(const sgl_call *call, sgl_home *home,
    const sgl_ca_signer *root, sgl_slice input, sgl_ca_draft *out, sgl_err *err)
{
	sgl_revocation_reason reason;
	int64_t id = 0;

	(void)input;
	TRY(sgl_call_authority(call, &id, err));
	TRY(sgl_ceremony_reason(call, &reason, err));
	return sgl_ca_draft_revocation(home, root, id, reason, out, err);
}

/* Its PIN is where its URI says, as later whenever it is used. */
static sgl_status
draft_issuing(const sgl_call *call, sgl_home *home, const sgl_ca_signer *root,
    sgl_slice input, sgl_ca_draft *out, sgl_err *err)
{
	const char *uri = sgl_call_get(call, "issuing-key");
	SGL_AUTO_CLEAR(sgl_outer_key) key = {0};
	sgl_status status;

	(void)input;
	if (uri == NULL)
		return sgl_ca_draft_issuing(home, root, NULL, out, err);
	if (!sgl_outer_key_is_token(uri))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--issuing-key wants a pkcs11: URI"));
	TRY(sgl_outer_key_check_uri(uri, err));
	sgl_home_as_caller(home, true);
	status = sgl_outer_key_open(
	    sgl_home_engine(home), uri, (sgl_slice){NULL, 0}, &key, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	return sgl_ca_draft_issuing(home, root, key.key, out, err);
}

/* ------------------------------------------------ where the key is --- */

static sgl_status
open_asking(
    const sgl_call *call, sgl_engine *engine, sgl_outer_key *out, sgl_err *err)
{
	const char *where = sgl_call_get(call, "root-key"),
		   *file = sgl_call_get(call, "password-file");
	SGL_AUTO_CLEAR(sgl_secret) password = {0};
	sgl_status status;

	if (sgl_outer_key_is_token(where))
		TRY(sgl_outer_key_check_uri(where, err));
	if (file != NULL)
		TRY(sgl_passphrase_file(file, &password, err));
	status = sgl_outer_key_open(
	    engine, where, sgl_secret_slice(&password), out, err);
	if (status == SGL_E_PASSWORD && file == NULL) {
		TRY(sgl_passphrase_ask(
		    _("Password of the root's key: "), false, &password, err));
		status = sgl_outer_key_open(
		    engine, where, sgl_secret_slice(&password), out, err);
	}
	return sgl_org_of_file(where, status, err);
}

/* A job of its own goes before: the key is made where the vault is. */
static sgl_status
prepare(const sgl_call *call, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const sgl_call own = sgl_org_call_like(call, "ca prepare");

	sgl_reply_init(&r, &own);
	return sgl_org_perform(&own, &r, err);
}

/* In a home that is only read, and once the root's key is there. */
sgl_status
sgl_ceremony_bring(
    const sgl_call *call, sgl_draft_fn *draft, sgl_order *order, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	SGL_AUTO_CLEAR(sgl_outer_key) key = {0};
	SGL_AUTO_CLEAR(sgl_ca_signer) root = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	sgl_status status;

	if (!sgl_call_has(call, "root-key"))
		return SGL_OK;
	TRY(sgl_session_open(call, false, &s, err));
	sgl_home_as_caller(s.home, true);
	status = open_asking(call, s.engine, &key, err);
	sgl_home_as_caller(s.home, false);
	TRY(status);
	TRY(sgl_ca_root_over(s.home, &key, &root, err));
	if (draft == draft_issuing && !sgl_call_has(call, "issuing-key"))
		TRY(prepare(call, err));
	TRY(draft(call, s.home, &root, sgl_buf_slice(&order->input), &d, err));
	sgl_buf_clear(&order->input);
	order->input = sgl_buf_init(SGL_ORG_INPUT_MAX);
	return sgl_ca_draft_add(&d, &order->input, err);
}

sgl_status
sgl_bring_root_crl(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return sgl_ceremony_bring(call, draft_crl, order, err);
}

sgl_status
sgl_bring_revocation(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return sgl_ceremony_bring(call, draft_revocation, order, err);
}

sgl_status
sgl_bring_issuing(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	return sgl_ceremony_bring(call, draft_issuing, order, err);
}

/* ------------------------------------------------ where the home is --- */

sgl_status
sgl_ceremony_open_trial(sgl_home *home, sgl_ca_signer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) root = {0};

	TRY(sgl_ca_find_root(home, &root, err));
	if (sgl_authority_is_parents(&root))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the root is that of the organisation above: sigill ca "
		       "request and sigill ca install replace the issuing "
		       "authority"));
	if (strcmp(root.key_location, SGL_KEY_IN_VAULT) != 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the root's key is not in the home: say where with "
		       "--root-key"));
	return sgl_ca_signer_open(home, &root, out, err);
}

sgl_status
sgl_ceremony_get(sgl_session *s, const sgl_order *order, sgl_draft_fn *draft,
    sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) root = {0};

	if (order->input.len > 0)
		return sgl_ca_draft_read(
		    sgl_buf_slice(&order->input), out, err);
	TRY(sgl_ceremony_open_trial(s->home, &root, err));
	if (draft == draft_issuing)
		TRY(sgl_ca_prepare(s->home, err));
	return draft(
	    order->call, s->home, &root, (sgl_slice){NULL, 0}, out, err);
}

sgl_status
sgl_ceremony_publish(sgl_session *s, sgl_err *err)
{
	s->made_crls = true;
	return sgl_ca_publish(s->home, err);
}

sgl_status
sgl_org_ca_prepare(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)order;
	TRY(sgl_ca_prepare(s->home, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_bool(&r->json, "prepared", true);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	return sgl_buf_add_str(
	    &r->text, _("The next issuing authority's key is there.\n"), err);
}

/* As sigill ca show tells one. */
static sgl_status
tell_one(sgl_session *s, int64_t id, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) a = {0};

	TRY(sgl_ca_find_authority(s->home, id, &a, err));
	return sgl_authority_tell(s, &a, r, err);
}

sgl_status
sgl_org_ca_replace(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_ceremony_get(s, order, draft_issuing, &d, err));
	TRY(sgl_ca_take_issuing(
	    s->home, &d, sgl_call_get(order->call, "issuing-key"), err));
	TRY(sgl_ceremony_publish(s, err));
	TRY(sgl_store_list_authorities(sgl_home_store(s->home), &list, err));
	TRY(tell_one(s, list.items[0].id, r, err));
	return r->as_json
	    ? SGL_OK
	    : sgl_buf_add_str(&r->text,
		  _("It issues from now on. Next: sigill ca reissue, for those "
		    "who have certificates of another one\n"),
		  err);
}

sgl_status
sgl_org_ca_revoke(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	int64_t id = 0;

	TRY(sgl_call_authority(order->call, &id, err));
	TRY(sgl_ceremony_get(s, order, draft_revocation, &d, err));
	TRY(sgl_ca_take_revocation(s->home, &d, id, err));
	TRY(sgl_ceremony_publish(s, err));
	return tell_one(s, id, r, err);
}

sgl_status
sgl_org_ca_root_crl(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_authority) root = {0};

	TRY(sgl_ceremony_get(s, order, draft_crl, &d, err));
	TRY(sgl_ca_take_crl(s->home, &d, err));
	TRY(sgl_ceremony_publish(s, err));
	TRY(sgl_ca_find_root(s->home, &root, err));
	TRY(sgl_authority_tell(s, &root, r, err));
	return r->as_json ? SGL_OK : sgl_authority_tell_crls(s, &root, r, err);
}
