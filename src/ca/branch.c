/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "ca/branch.h"
#include "ca/lint.h"
#include "ca/names.h"
#include "ca/root_crl.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "pki/crl.h"
#include "pki/csr.h"
#include "sys/text.h"

#define ROOM "ca.branch"
#define NAME_MAX_DER 4096
#define CERT_MAX ((size_t)1 << 16)

static sgl_status
refuse(const char *text, const char *detail, sgl_err *err)
{
	return sgl_fail_at(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text, "%s", detail);
}

/* ------------------------------------------------------------- certifying ---
 */

static sgl_status
check_request(sgl_engine *engine, const sgl_csr *csr, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;

	TRY(sgl_csr_check_signed(engine, csr, err));
	TRY(sgl_cert_get_pubkey(engine, &csr->asked, &key, err));
	/* One that programs know for both purposes they know here, too. */
	return sgl_ca_key_is_for(key, SGL_CERT_DUAL)
	    ? SGL_OK
	    : refuse(N_("the key of the request is too weak, or not of a kind "
			"for an authority"),
		  sgl_key_kind_name(sgl_pubkey_get_kind(key)), err);
}

static sgl_status
check_wish(const sgl_ca_signer *root, const sgl_branch_wish *w, sgl_err *err)
{
	if (!sgl_name_is_fit(sgl_slice_str(w->name), SGL_ORGANISATION_NAME_MAX))
		return refuse(N_("cannot be the name of a branch in "
				 "certificates (1 to 43 characters)"),
		    w->name, err);
	if (w->num_permitted == 0)
		return refuse(N_("a branch without permitted domains could "
				 "vouch for everybody: give --permit DOMAIN"),
		    w->name, err);
	if (root->cert->has_path_len && w->path_len >= root->cert->path_len)
		return refuse(N_("the root's own path length does not admit "
				 "that"),
		    w->name, err);
	return SGL_OK;
}

/* The same key may get another certificate of the same name; no other may, for
 * programs look for an issuer by its name. */
static sgl_status
is_taken(sgl_engine *engine, const sgl_buf *der, sgl_slice name, sgl_slice spki,
    bool *taken, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(engine, sgl_buf_slice(der), &cert, err));
	*taken = *taken ||
	    (sgl_name_same(sgl_cert_get_subject(cert), name) &&
		!sgl_slice_eq(sgl_cert_get_spki(cert), spki));
	return SGL_OK;
}

static sgl_status
check_name(sgl_home *home, const char *text, sgl_slice name, sgl_slice spki,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_branches) branches = {0};
	sgl_engine *engine = sgl_home_engine(home);
	sgl_store *store = sgl_home_store(home);
	bool taken = false;

	TRY(sgl_store_list_authorities(store, &list, err));
	TRY(sgl_store_list_branches(store, &branches, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(is_taken(
		    engine, &list.items[i].der, name, spki, &taken, err));
	for (size_t i = 0; i < branches.num; i++)
		TRY(is_taken(
		    engine, &branches.items[i].der, name, spki, &taken, err));
	return taken ? refuse(N_("another authority has this name"), text, err)
		     : SGL_OK;
}

static sgl_status
certify(sgl_home *home, const sgl_ca_signer *root, const sgl_branch_wish *w,
    sgl_slice spki, sgl_ca_draft *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_ca_order order = {
	    .profile = SGL_PROFILE_BRANCH, .is_draft = true, .branch = w};

	TRY(sgl_ca_branch_name(
	    sgl_home_organisation(home), w->name, &subject, err));
	TRY(check_name(home, w->name, sgl_buf_slice(&subject), spki, err));
	TRY(sgl_ca_key_elsewhere(sgl_home_engine(home), spki, &key, err));
	order.subject = sgl_buf_slice(&subject);
	order.key = key;
	TRY(sgl_ca_make(home, &order, root, &m, err));
	d->cert = sgl_buf_init(CERT_MAX);
	return sgl_buf_add(&d->cert, sgl_cert_get_der(m.cert), err);
}

sgl_status
sgl_branch_draft(sgl_home *home, const sgl_ca_signer *root,
    const sgl_branch_wish *wish, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_engine *engine = sgl_home_engine(home);

	TRY(check_wish(root, wish, err));
	TRY(sgl_csr_read(engine, wish->request, &csr, err));
	TRY(check_request(engine, csr, err));
	TRY(sgl_ca_draft_crl(home, root, &d, err));
	TRY(certify(home, root, wish, sgl_cert_get_spki(&csr->asked), &d, err));
	*out = d;
	d = (sgl_ca_draft){0};
	return SGL_OK;
}

static sgl_status
note(sgl_home *home, const char *action, int64_t id, const sgl_cert *cert,
    const char *after, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(NAME_MAX_DER);
	char number[32];
	const char *text;

	(void)snprintf(number, sizeof number, "%" PRId64, id);
	TRY(sgl_name_text(sgl_cert_get_subject(cert), &name, err));
	TRY(sgl_buf_text(&name, &text, err));
	return sgl_audit_add(home, action, number, after == NULL ? NULL : text,
	    after == NULL ? text : after, err);
}

sgl_status
sgl_branch_take(
    sgl_home *home, const sgl_ca_draft *d, int64_t *id, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_branch_record)
	b = {.der = sgl_buf_init(CERT_MAX),
	    .created = sgl_engine_now(sgl_home_engine(home))};

	TRY(sgl_ca_take_below(home, d, &b.issuer, &cert, err));
	TRY(sgl_buf_add(&b.der, sgl_cert_get_der(cert), err));
	TRY(sgl_store_add_branch(sgl_home_store(home), &b, id, err));
	return note(home, "branch.certify", *id, cert, NULL, err);
}

/* -------------------------------------------------------------- revoking ---
 */

sgl_status
sgl_branch_find(
    sgl_home *home, int64_t id, sgl_branch_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_branches) list = {0};

	TRY(sgl_store_list_branches(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].id == id) {
			*out = list.items[i];
			list.items[i] = (sgl_branch_record){0};
			return SGL_OK;
		}
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("there is no branch of this number"));
}

sgl_status
sgl_branch_get_revocation(sgl_home *home, const sgl_branch_record *b,
    sgl_revocation_mark *out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	bool found;

	*out = (sgl_revocation_mark){0};
	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(&b->der), &cert, err));
	return sgl_store_find_lost_revocation(sgl_home_store(home), b->issuer,
	    sgl_cert_get_serial(cert), out, &found, err);
}

/* The list is told of authorities; one more stands in for the branch. */
static sgl_status
list_with(sgl_authorities *list, const sgl_branch_record *b,
    const sgl_revocation_mark *mark, sgl_err *err)
{
	sgl_authority *more =
	    sgl_mem_resize(list->items, (list->num + 1) * sizeof *list->items);
	sgl_authority *a;

	if (more == NULL)
		return sgl_oom(err, ROOM);
	list->items = more;
	a = &more[list->num++];
	*a = (sgl_authority){.kind = SGL_AUTHORITY_ISSUING,
	    .state = SGL_AUTHORITY_REVOKED,
	    .issuer = b->issuer,
	    .der = sgl_buf_init(b->der.len),
	    .revocation = *mark};
	return sgl_buf_add(&a->der, sgl_buf_slice(&b->der), err);
}

static sgl_status
check_revocable(sgl_home *home, const sgl_ca_signer *root,
    const sgl_branch_record *b, sgl_err *err)
{
	sgl_revocation_mark mark;

	if (b->issuer != root->id)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this authority was not certified by the root: nothing "
		       "could tell the world"));
	TRY(sgl_branch_get_revocation(home, b, &mark, err));
	return mark.when == 0 ? SGL_OK
			      : sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
				    N_("the authority is revoked already"));
}

sgl_status
sgl_branch_draft_revocation(sgl_home *home, const sgl_ca_signer *root,
    int64_t id, sgl_revocation_reason reason, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_branch_record) b = {0};
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	const sgl_revocation_mark mark = {
	    .when = sgl_engine_now(sgl_home_engine(home)), .reason = reason};

	TRY(sgl_branch_find(home, id, &b, err));
	TRY(check_revocable(home, root, &b, err));
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	TRY(list_with(&list, &b, &mark, err));
	return sgl_ca_draft_list(home, root, &list, out, err);
}

sgl_status
sgl_branch_take_revocation(
    sgl_home *home, const sgl_ca_draft *d, int64_t id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_branch_record) b = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_lost_revocation lost = {0};

	TRY(sgl_branch_find(home, id, &b, err));
	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(&b.der), &cert, err));
	TRY(sgl_ca_take_entry(home, d, cert, &lost.revocation, err));
	lost.authority = b.issuer;
	lost.serial = sgl_cert_get_serial(cert);
	TRY(sgl_store_add_lost_revocation(sgl_home_store(home), &lost, err));
	return note(home, "branch.revoke", id, cert,
	    sgl_revocation_reason_name(lost.revocation.reason), err);
}
