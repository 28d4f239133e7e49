/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/crl_entries.h"
#include "ca/root_crl.h"
#include "pki/crl.h"
#include "sys/text.h"

#define ROOM "ca.root_crl"
#define DAY ((sgl_time)24 * 60 * 60)

#define ENTRIES_MAX ((size_t)1 << 20)

static sgl_status
add_authority(sgl_engine *engine, const sgl_authority *a, sgl_crl_entries *out,
    sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(engine, sgl_buf_slice(&a->der), &cert, err));
	return sgl_crl_entries_add(
	    out, sgl_cert_get_serial(cert), &a->revocation, err);
}

/* Those that there are, then those that only an earlier list remembers
 * (ca/resume.h). */
static sgl_status
add_all(sgl_home *home, const sgl_authorities *list, int64_t root,
    sgl_crl_entries *out, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++) {
		const sgl_authority *a = &list->items[i];

		if (a->state == SGL_AUTHORITY_REVOKED && a->issuer == root)
			TRY(add_authority(sgl_home_engine(home), a, out, err));
	}
	return sgl_store_each_revoked(
	    sgl_home_store(home), root, 0, sgl_crl_entries_add_cert, out, err);
}

sgl_status
sgl_root_crl_build(sgl_home *home, const sgl_authorities *list,
    const sgl_ca_signer *root, int64_t number, sgl_buf *out, sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);
	sgl_time now = sgl_engine_now(engine);
	SGL_AUTO_CLEAR(sgl_crl_entries)
	entries = {.bytes = sgl_buf_init(ENTRIES_MAX)};
	const sgl_crl_template t = {.issuer = sgl_cert_get_subject(root->cert),
	    .issuer_key_id = sgl_cert_get_ski(root->cert),
	    .this_update = now - SGL_PROFILE_BACKDATE,
	    .next_update = now + SGL_ROOT_CRL_DAYS * DAY,
	    .number = (uint64_t)number,
	    .next = sgl_crl_entries_tell,
	    .ctx = &entries};

	TRY(add_all(home, list, root->id, &entries, err));
	return sgl_crl_build(
	    engine, &t, root->key, sgl_ca_digest_for(root->key), out, err);
}

static sgl_status
check(
    sgl_engine *engine, const sgl_cert *root, const sgl_crl *crl, sgl_err *err)
{
	const sgl_signed what = sgl_crl_as_signed(crl);
	bool good = false, was_known;

	if (!crl->is_unusable && crl->has_next_update &&
	    sgl_name_same(crl->issuer, sgl_cert_get_subject(root)))
		TRY(sgl_signed_check(
		    engine, &what, root, &good, &was_known, err));
	return good ? SGL_OK
		    : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			  N_("the list of revoked authorities is not signed by "
			     "the organisation's root"));
}

int64_t
sgl_root_crl_number(const sgl_crl *crl)
{
	int64_t found = 0;

	if (crl->number.len > sizeof found - 1)
		return 0;
	for (size_t i = 0; i < crl->number.len; i++)
		found = found << 8 | crl->number.data[i];
	return found;
}

sgl_status
sgl_root_crl_store(sgl_home *home, int64_t root, const sgl_cert *cert,
    sgl_crl *crl, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	SGL_AUTO_CLEAR(sgl_crl_record)
	c = {.authority = root,
	    .this_update = crl->this_update,
	    .next_update = crl->next_update,
	    .der = sgl_buf_init(SGL_ROOT_CRL_MAX)};

	TRY(check(sgl_home_engine(home), cert, crl, err));
	TRY(sgl_store_take_crl_number(store, root, &c.number, err));
	if (sgl_root_crl_number(crl) != c.number)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the authorities were changed by somebody else just "
		       "now; repeat the command"));
	TRY(sgl_buf_add(&c.der, crl->der, err));
	TRY(sgl_store_add_crl(store, &c, err));
	return sgl_store_drop_crls(store, root, 0, c.number, err);
}

static int64_t
next_number(const sgl_authorities *list, const sgl_ca_signer *root)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].id == root->id)
			return list->items[i].crl_number + 1;
	return 1;
}

sgl_status
sgl_root_crl_make(sgl_home *home, const sgl_ca_signer *root, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_ROOT_CRL_MAX);
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_engine *engine = sgl_home_engine(home);

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	TRY(sgl_root_crl_build(
	    home, &list, root, next_number(&list, root), &der, err));
	TRY(sgl_crl_read(engine, sgl_buf_slice(&der), &crl, err));
	return sgl_root_crl_store(home, root->id, root->cert, crl, err);
}
