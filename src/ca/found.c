/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/making.h"
#include "ca/names.h"
#include "ca/root_crl.h"
#include "org/audit.h"

#define NAME_MAX_DER 4096
#define NOTE_MAX 1024

/* An authority that is about to be made: its key, and where that stays. */
typedef struct founding {
	sgl_authority_kind kind;
	sgl_key *key;
	const char *location;
} founding;

static sgl_status
store_authority(sgl_home *home, const founding *f, const sgl_ca_made *m,
    int64_t issuer, int64_t *id, sgl_err *err)
{
	sgl_slice der = sgl_cert_get_der(m->cert);
	SGL_AUTO_CLEAR(sgl_authority)
	a = {.kind = f->kind,
	    .der = sgl_buf_init(der.len),
	    .key = m->key_id,
	    .issuer = issuer,
	    .created = sgl_engine_now(sgl_home_engine(home))};

	TRY(sgl_buf_add(&a.der, der, err));
	if (f->key != NULL)
		TRY(sgl_slice_copy(sgl_slice_str(f->location),
		    (uint8_t **)&a.key_location, "ca.found", err));
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
found_one(
    sgl_home *home, const founding *f, sgl_ca_signer *signer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	sgl_ca_order order = {.profile = f->kind == SGL_AUTHORITY_ROOT
		? SGL_PROFILE_ROOT
		: SGL_PROFILE_ISSUING,
	    .key = f->key};
	int64_t id;

	TRY(sgl_ca_authority_name(sgl_home_organisation(home), f->kind,
	    sgl_engine_now(sgl_home_engine(home)), 1, &subject, err));
	order.subject = sgl_buf_slice(&subject);
	TRY(sgl_ca_make(home, &order, signer, &m, err));
	TRY(store_authority(home, f, &m, signer->id, &id, err));
	TRY(note_authority(home, f->kind, m.cert, err));
	sgl_ca_signer_clear(signer);
	*signer = (sgl_ca_signer){
	    .cert = m.cert, .key = m.key, .id = id, .num_shards = 1};
	m = (sgl_ca_made){0};
	return SGL_OK;
}

sgl_status
sgl_ca_found_with(sgl_home *home, const sgl_ca_founding *how, sgl_err *err)
{
	const founding root = {
	    SGL_AUTHORITY_ROOT, how->root, how->root_location};
	const founding issuing = {
	    SGL_AUTHORITY_ISSUING, how->issuing, how->issuing_location};
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};

	TRY(found_one(home, &root, &signer, err));
	if (how->root != NULL)
		TRY(sgl_root_crl_make(home, &signer, err));
	return found_one(home, &issuing, &signer, err);
}

sgl_status
sgl_ca_found(sgl_home *home, sgl_err *err)
{
	const sgl_ca_founding trial = {0};

	return sgl_ca_found_with(home, &trial, err);
}
