/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed where the root's key is. */
#include "ca/names.h"
#include "ca/next_key.h"
#include "ca/root_crl.h"
#include "ca/succession.h"
#include "sys/text.h"
#include "sys/wire.h"

#define ROOM "ca.draft"
#define CERT_MAX ((size_t)1 << 16)
#define NAME_MAX_DER 4096
#define NAMES_MAX 1000 /* authorities of one kind in one year */

void
sgl_ca_draft_clear(sgl_ca_draft *d)
{
	sgl_buf_clear(&d->cert);
	sgl_buf_clear(&d->crl);
	*d = (sgl_ca_draft){0};
}

sgl_status
sgl_ca_draft_add(const sgl_ca_draft *d, sgl_buf *out, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(out);

	sgl_wire_add_bytes(&w, sgl_buf_slice(&d->cert));
	sgl_wire_add_bytes(&w, sgl_buf_slice(&d->crl));
	return sgl_wire_end(&w, err);
}

sgl_status
sgl_ca_draft_read(sgl_slice bytes, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft)
	d = {sgl_buf_init(CERT_MAX), sgl_buf_init(SGL_ROOT_CRL_MAX)};
	sgl_unwire u = sgl_unwire_over(bytes);
	sgl_slice cert = sgl_unwire_bytes(&u, CERT_MAX),
		  crl = sgl_unwire_bytes(&u, SGL_ROOT_CRL_MAX);

	TRY(sgl_unwire_end(&u, err));
	TRY(sgl_buf_add(&d.cert, cert, err));
	TRY(sgl_buf_add(&d.crl, crl, err));
	*out = d;
	d = (sgl_ca_draft){0};
	return SGL_OK;
}

sgl_status
sgl_ca_root_over(
    sgl_home *home, sgl_outer_key *key, sgl_ca_signer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer)
	s = {.key = key->key, .token = key->token};
	SGL_AUTO_CLEAR(sgl_authority) root = {0};
	bool fits;

	*key = (sgl_outer_key){0};
	TRY(sgl_ca_find_root(home, &root, err));
	s.id = root.id;
	s.num_shards = root.num_shards;
	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(&root.der), &s.cert, err));
	TRY(sgl_key_fits(sgl_home_engine(home), s.key,
	    sgl_cert_get_spki(s.cert), &fits, err));
	if (!fits)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("this is not the key of the organisation's root"));
	*out = s;
	s = (sgl_ca_signer){0};
	return SGL_OK;
}

/* ---------------------------------------------------------------- list --- */

static sgl_status
list_revoked(sgl_home *home, const sgl_ca_signer *root,
    const sgl_authorities *list, sgl_ca_draft *d, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++) {
		if (list->items[i].id != root->id)
			continue;
		d->crl = sgl_buf_init(SGL_ROOT_CRL_MAX);
		return sgl_root_crl_build(home, list, root,
		    list->items[i].crl_number + 1, &d->crl, err);
	}
	return sgl_ca_no_authority(root->id, err);
}

sgl_status
sgl_ca_draft_list(sgl_home *home, const sgl_ca_signer *root,
    const sgl_authorities *list, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};

	TRY(list_revoked(home, root, list, &d, err));
	*out = d;
	d = (sgl_ca_draft){0};
	return SGL_OK;
}

sgl_status
sgl_ca_draft_crl(
    sgl_home *home, const sgl_ca_signer *root, sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	return sgl_ca_draft_list(home, root, &list, out, err);
}

static sgl_status
mark_revoked(sgl_authority *a, const sgl_ca_signer *root,
    sgl_revocation_reason reason, sgl_time now, sgl_err *err)
{
	if (a->kind == SGL_AUTHORITY_ROOT || a->issuer != root->id)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this authority was not certified by the root: nothing "
		       "could tell the world"));
	if (a->state == SGL_AUTHORITY_REVOKED)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the authority is revoked already"));
	a->state = SGL_AUTHORITY_REVOKED;
	a->revocation = (sgl_revocation_mark){.when = now, .reason = reason};
	return SGL_OK;
}

sgl_status
sgl_ca_draft_revocation(sgl_home *home, const sgl_ca_signer *root,
    int64_t authority, sgl_revocation_reason reason, sgl_ca_draft *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	bool found = false;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		if (list.items[i].id != authority)
			continue;
		found = true;
		TRY(mark_revoked(&list.items[i], root, reason,
		    sgl_engine_now(sgl_home_engine(home)), err));
	}
	if (!found)
		return sgl_ca_no_authority(authority, err);
	return sgl_ca_draft_list(home, root, &list, out, err);
}

/* --------------------------------------------------------- certificate --- */

static sgl_status
is_used(sgl_engine *engine, const sgl_authorities *list, sgl_slice name,
    bool *used, sgl_err *err)
{
	*used = false;
	for (size_t i = 0; i < list->num && !*used; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;

		TRY(sgl_cert_read(
		    engine, sgl_buf_slice(&list->items[i].der), &cert, err));
		*used = sgl_name_same(sgl_cert_get_subject(cert), name);
	}
	return SGL_OK;
}

/* One that no authority had: programs look for an issuer by its name. */
static sgl_status
find_name(sgl_home *home, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	sgl_engine *engine = sgl_home_engine(home);
	bool used = true;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (unsigned i = 1; used && i < NAMES_MAX; i++) {
		out->len = 0;
		TRY(sgl_ca_authority_name(sgl_home_organisation(home),
		    SGL_AUTHORITY_ISSUING, sgl_engine_now(engine), i, out,
		    err));
		TRY(is_used(engine, &list, sgl_buf_slice(out), &used, err));
	}
	return SGL_OK;
}

static sgl_status
certify(sgl_home *home, const sgl_ca_signer *root, sgl_key *key,
    sgl_ca_draft *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	sgl_ca_order order = {
	    .profile = SGL_PROFILE_ISSUING, .key = key, .is_draft = true};

	TRY(find_name(home, &subject, err));
	order.subject = sgl_buf_slice(&subject);
	TRY(sgl_ca_make(home, &order, root, &m, err));
	d->cert = sgl_buf_init(CERT_MAX);
	return sgl_buf_add(&d->cert, sgl_cert_get_der(m.cert), err);
}

sgl_status
sgl_ca_draft_issuing(sgl_home *home, const sgl_ca_signer *root, sgl_key *key,
    sgl_ca_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO(sgl_key)
	next = NULL;

	if (key == NULL)
		TRY(sgl_next_key_get(home, &next, err));
	TRY(sgl_ca_draft_crl(home, root, &d, err));
	TRY(certify(home, root, key == NULL ? next : key, &d, err));
	*out = d;
	d = (sgl_ca_draft){0};
	return SGL_OK;
}
