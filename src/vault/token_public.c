/* SPDX-License-Identifier: Apache-2.0 */
/* The public half of a private key that shows only parts of it. */
#include "vault/token_inside.h"
#include "vault/token_point.h"

/* A certificate is the key's by its CKA_ID. Where a modulus tells otherwise,
 * somebody gave two keys one ID. */
static sgl_status
fits(sgl_token *t, const sgl_cert *cert, sgl_slice own, bool *out, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	ours = NULL;
	SGL_AUTO(sgl_pubkey)
	theirs = NULL;
	sgl_err ignored;

	*out = own.len == 0;
	if (*out)
		return SGL_OK;
	TRY(sgl_pubkey_read(t->engine, own, &ours, err));
	if (sgl_pubkey_read(t->engine, sgl_cert_get_spki(cert), &theirs,
		&ignored) == SGL_OK)
		*out = sgl_pubkey_same(ours, theirs);
	return SGL_OK;
}

/* Certificates of a renewed key share one ID: any will do. */
static sgl_status
from_certs(sgl_token *t, sgl_slice id, sgl_slice own,
    const sgl_token_certs *certs, sgl_buf *spki, sgl_err *err)
{
	for (size_t i = 0; id.len > 0 && i < certs->num; i++) {
		const sgl_token_cert *c = &certs->items[i];
		bool is_it = false;

		if (!sgl_slice_eq(id, sgl_secret_slice(&c->id)))
			continue;
		TRY(fits(t, c->cert, own, &is_it, err));
		if (is_it)
			return sgl_buf_add(
			    spki, sgl_cert_get_spki(c->cert), err);
	}
	return SGL_OK;
}

static sgl_status
rsa_numbers(sgl_token *t, CK_OBJECT_HANDLE object, sgl_buf *spki, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) n = {0};
	SGL_AUTO_CLEAR(sgl_secret) e = {0};

	TRY(sgl_token_get(t, object, CKA_MODULUS, &n, err));
	TRY(sgl_token_get(t, object, CKA_PUBLIC_EXPONENT, &e, err));
	if (n.len == 0 || e.len == 0)
		return SGL_OK;
	return sgl_spki_of_rsa(
	    sgl_secret_slice(&n), sgl_secret_slice(&e), spki, err);
}

static sgl_status
ec_point(sgl_token *t, CK_OBJECT_HANDLE object, sgl_buf *spki, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) params = {0};
	SGL_AUTO_CLEAR(sgl_secret) value = {0};
	sgl_key_kind kind;
	sgl_slice point;

	TRY(sgl_token_get(t, object, CKA_EC_PARAMS, &params, err));
	TRY(sgl_token_get(t, object, CKA_EC_POINT, &value, err));
	kind = sgl_token_curve(sgl_secret_slice(&params));
	if (kind == SGL_KEY_UNKNOWN ||
	    !sgl_token_point(kind, sgl_secret_slice(&value), &point))
		return SGL_OK;
	return sgl_spki_of_bits(kind, point, spki, err);
}

/* From a private key's object, some of which hold the public numbers too, or
 * from a public key's. */
static sgl_status
from_object(sgl_token *t, CK_OBJECT_HANDLE object, sgl_buf *spki, sgl_err *err)
{
	CK_ULONG type;

	TRY(sgl_token_get_ulong(
	    t, object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION, &type, err));
	return type == CKK_RSA ? rsa_numbers(t, object, spki, err)
			       : ec_point(t, object, spki, err);
}

/* The public key's object has the same CKA_ID, or, where there is none, the
 * same label. */
static sgl_status
from_public_object(sgl_token *t, CK_OBJECT_HANDLE object, sgl_slice id,
    sgl_buf *spki, sgl_err *err)
{
	SGL_AUTO_MEM sgl_token_objects *found =
	    sgl_mem_zeroed(1, sizeof *found);
	SGL_AUTO_CLEAR(sgl_secret) label = {0};
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE match[] = {
	    {CKA_CLASS, &class, sizeof class}, sgl_token_attribute(CKA_ID, id)};

	if (found == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	if (id.len == 0) {
		TRY(sgl_token_get(t, object, CKA_LABEL, &label, err));
		match[1] =
		    sgl_token_attribute(CKA_LABEL, sgl_secret_slice(&label));
		if (label.len == 0)
			return SGL_OK;
	}
	TRY(sgl_token_find(t, match, 2, found, err));
	for (size_t i = 0; spki->len == 0 && i < found->num; i++)
		TRY(from_object(t, found->items[i], spki, err));
	return SGL_OK;
}

sgl_status
sgl_token_public(sgl_token *t, CK_OBJECT_HANDLE object, sgl_slice id,
    const sgl_token_certs *certs, sgl_buf *spki, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) own = sgl_buf_init(spki->max);

	TRY(from_object(t, object, &own, err));
	TRY(from_certs(t, id, sgl_buf_slice(&own), certs, spki, err));
	if (spki->len > 0)
		return SGL_OK;
	if (own.len > 0)
		return sgl_buf_add(spki, sgl_buf_slice(&own), err);
	return from_public_object(t, object, id, spki, err);
}
