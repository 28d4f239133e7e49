/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/names.h"
#include "ca/profile.h"
#include "ca/responder.h"
#include "org/audit.h"

#define DAY ((sgl_time)24 * 60 * 60)
#define NAME_MAX_DER 4096

void
sgl_responder_clear(sgl_responder *r)
{
	sgl_cert_unref(r->cert);
	sgl_key_unref(r->key);
	*r = (sgl_responder){0};
}

static sgl_status
describe_issuer(sgl_engine *engine, const sgl_authority *a,
    sgl_ocsp_issuer *out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(engine, sgl_buf_slice(&a->der), &cert, err));
	return sgl_ocsp_issuer_init(engine, cert, out, err);
}

sgl_status
sgl_responder_open(sgl_home *home, const sgl_authority *a, sgl_responder *out,
    bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_responder_record) record = {0};
	SGL_AUTO_CLEAR(sgl_responder) r = {.authority = a->id};
	sgl_engine *engine = sgl_home_engine(home);
	sgl_vault *vault;

	TRY(sgl_store_find_responder(sgl_home_store(home), a->id,
	    SGL_RESPONDER_OCSP, &record, found, err));
	*found = *found && sgl_engine_now(engine) <= record.not_after;
	if (!*found)
		return SGL_OK;
	TRY(describe_issuer(engine, a, &r.issuer, err));
	TRY(sgl_cert_read(engine, sgl_buf_slice(&record.der), &r.cert, err));
	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_get(vault, record.key, &r.key, err));
	*out = r;
	r = (sgl_responder){0};
	return SGL_OK;
}

/* -------------------------------------------------------------- renewing ---
 */

static sgl_status
is_due(sgl_home *home, const sgl_authority *a, bool *due, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_responder_record) r = {0};
	sgl_time now = sgl_engine_now(sgl_home_engine(home));
	bool found;

	*due = false;
	if (a->kind != SGL_AUTHORITY_ISSUING)
		return SGL_OK;
	TRY(sgl_store_find_responder(
	    sgl_home_store(home), a->id, SGL_RESPONDER_OCSP, &r, &found, err));
	*due = !found || now + SGL_PROFILE_BACKDATE < r.created ||
	    now > r.created + (r.not_after - r.created) / 2;
	return SGL_OK;
}

sgl_status
sgl_responder_has_due(sgl_home *home, bool *due, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	*due = false;
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num && !*due; i++)
		TRY(is_due(home, &list.items[i], due, err));
	return SGL_OK;
}

sgl_status
sgl_responder_store(sgl_home *home, int64_t authority,
    sgl_responder_protocol protocol, const sgl_ca_made *m, sgl_err *err)
{
	sgl_slice der = sgl_cert_get_der(m->cert);
	SGL_AUTO_CLEAR(sgl_responder_record)
	r = {.authority = authority,
	    .protocol = protocol,
	    .key = m->key_id,
	    .not_after = sgl_cert_get_not_after(m->cert),
	    .created = sgl_engine_now(sgl_home_engine(home)),
	    .der = sgl_buf_init(der.len)};

	TRY(sgl_buf_add(&r.der, der, err));
	TRY(sgl_store_add_responder(sgl_home_store(home), &r, err));
	return sgl_audit_add(home, "responder.make",
	    protocol == SGL_RESPONDER_SCEP ? "scep" : "ocsp", NULL, NULL, err);
}

static sgl_status
make(sgl_home *home, const sgl_ca_signer *signer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	sgl_ca_order order = {.profile = SGL_PROFILE_RESPONDER};

	TRY(sgl_ca_responder_name(sgl_home_organisation(home), "OCSP",
	    sgl_engine_now(sgl_home_engine(home)), &subject, err));
	order.subject = sgl_buf_slice(&subject);
	TRY(sgl_ca_make(home, &order, signer, &m, err));
	return sgl_responder_store(
	    home, signer->id, SGL_RESPONDER_OCSP, &m, err);
}

static sgl_status
renew_one(sgl_home *home, const sgl_authority *a, unsigned *made, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};
	sgl_status status = sgl_ca_signer_open(home, a, &signer, err);

	if (sgl_ca_key_is_away(a, status))
		return SGL_OK;
	TRY(status);
	if (sgl_engine_now(sgl_home_engine(home)) >
	    sgl_cert_get_not_after(signer.cert))
		return SGL_OK;
	TRY(make(home, &signer, err));
	(*made)++;
	return SGL_OK;
}

sgl_status
sgl_responder_renew(sgl_home *home, unsigned *made, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	bool due;

	*made = 0;
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		TRY(is_due(home, &list.items[i], &due, err));
		if (due)
			TRY(renew_one(home, &list.items[i], made, err));
	}
	return SGL_OK;
}
