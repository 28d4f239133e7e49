/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/making.h"
#include "ca/names.h"
#include "org/audit.h"

#define NAME_MAX_DER 4096
#define NOTE_MAX 1024

static sgl_status
store_authority(sgl_home *home, sgl_authority_kind kind, const sgl_ca_made *m,
    int64_t issuer, int64_t *id, sgl_err *err)
{
	sgl_slice der = sgl_cert_get_der(m->cert);
	SGL_AUTO_CLEAR(sgl_authority)
	a = {.kind = kind,
	    .der = sgl_buf_init(der.len),
	    .key = m->key_id,
	    .issuer = issuer,
	    .created = sgl_engine_now(sgl_home_engine(home))};

	TRY(sgl_buf_add(&a.der, der, err));
	return sgl_store_add_authority(sgl_home_store(home), &a, id, err);
}

static sgl_status
note_authority(
    sgl_home *home, sgl_authority_kind kind, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(NOTE_MAX);
	const char *text;

	TRY(sgl_hex_add(&serial, sgl_cert_get_serial(cert), err));
	TRY(sgl_buf_text(&serial, &text, err));
	return sgl_audit_add(home, "authority.make",
	    kind == SGL_AUTHORITY_ROOT ? "root" : "issuing", NULL, text, err);
}

/* On return the authority just made is the signer of the next. */
static sgl_status
found_one(sgl_home *home, sgl_authority_kind kind, sgl_ca_signer *signer,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	sgl_ca_order order = {.profile = kind == SGL_AUTHORITY_ROOT
		? SGL_PROFILE_ROOT
		: SGL_PROFILE_ISSUING};
	int64_t id;

	TRY(sgl_ca_authority_name(sgl_home_organisation(home), kind,
	    sgl_engine_now(sgl_home_engine(home)), &subject, err));
	order.subject = sgl_buf_slice(&subject);
	TRY(sgl_ca_make(home, &order, signer, &m, err));
	TRY(store_authority(home, kind, &m, signer->id, &id, err));
	TRY(note_authority(home, kind, m.cert, err));
	sgl_ca_signer_clear(signer);
	*signer = (sgl_ca_signer){m.cert, m.key, id, 1};
	m = (sgl_ca_made){0};
	return SGL_OK;
}

sgl_status
sgl_ca_found(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};

	TRY(found_one(home, SGL_AUTHORITY_ROOT, &signer, err));
	return found_one(home, SGL_AUTHORITY_ISSUING, &signer, err);
}
