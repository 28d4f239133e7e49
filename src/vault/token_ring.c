/* SPDX-License-Identifier: Apache-2.0 */
/* What a token holds, into a keyring. */
#include "sys/text.h"
#include "vault/token_inside.h"

#define MAX_SPKI ((size_t)1 << 16)

static void
certs_clear(sgl_token_certs *certs)
{
	for (size_t i = 0; i < certs->num; i++) {
		sgl_cert_unref(certs->items[i].cert);
		sgl_secret_clear(&certs->items[i].id);
	}
	sgl_mem_free(certs->items);
	*certs = (sgl_token_certs){0};
}
SGL_AUTO_CLEAR_TYPE(sgl_token_certs, certs_clear)

/* A status that is about us, not about what the token holds. */
static bool
is_grave(sgl_status status)
{
	return status == SGL_E_NOMEM || status == SGL_E_CRYPTO;
}

static sgl_status
read_cert(
    sgl_token *t, CK_OBJECT_HANDLE object, sgl_token_certs *certs, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	sgl_token_cert *c = &certs->items[certs->num];
	sgl_err why = {0};
	sgl_status status;

	TRY(sgl_token_get(t, object, CKA_VALUE, &der, err));
	status =
	    sgl_cert_read(t->engine, sgl_secret_slice(&der), &c->cert, &why);
	if (is_grave(status)) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status != SGL_OK)
		return SGL_OK;
	certs->num++;
	return sgl_token_get(t, object, CKA_ID, &c->id, err);
}

static sgl_status
read_certs(sgl_token *t, sgl_token_objects *found, sgl_token_certs *certs,
    sgl_err *err)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_CERTIFICATE_TYPE type = CKC_X_509;
	CK_ATTRIBUTE match[] = {{CKA_CLASS, &class, sizeof class},
	    {CKA_CERTIFICATE_TYPE, &type, sizeof type}};

	TRY(sgl_token_find(t, match, 2, found, err));
	certs->items = sgl_mem_zeroed(found->num + 1, sizeof *certs->items);
	if (certs->items == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	for (size_t i = 0; i < found->num; i++)
		TRY(read_cert(t, found->items[i], certs, err));
	return SGL_OK;
}

/* What the URI says of the object, beside its class. */
static CK_ULONG
add_named(const sgl_token *t, CK_ATTRIBUTE *match)
{
	static const CK_ATTRIBUTE_TYPE types[] = {CKA_ID, CKA_LABEL};
	CK_ULONG num = 0;

	for (size_t i = 0; i < 2; i++) {
		const CK_ATTRIBUTE *a =
		    t->kit.uri_get_attribute(t->uri, types[i]);
		if (a != NULL)
			match[num++] = *a;
	}
	return num;
}

static sgl_status
find_keys(sgl_token *t, sgl_token_objects *found, sgl_err *err)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE match[3] = {{CKA_CLASS, &class, sizeof class}};
	CK_ULONG num = 1 + add_named(t, match + 1);

	TRY(sgl_token_find(t, match, num, found, err));
	if (found->num > 0)
		return SGL_OK;
	return sgl_token_fail_text(t, SGL_E_NOKEY,
	    num > 1 ? N_("no private key on the token has that object= or id=")
		    : N_("there is no private key on the token"),
	    err);
}

/* A key that we cannot tell the public half of, or of a kind that we do not
 * know, is passed over. */
static sgl_status
add_key(sgl_token *t, CK_OBJECT_HANDLE object, const sgl_token_certs *certs,
    sgl_keyring *ring, size_t *added, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) spki = sgl_buf_init(MAX_SPKI);
	SGL_AUTO_CLEAR(sgl_secret) id = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_status status;
	sgl_err why = {0};

	TRY(sgl_token_get(t, object, CKA_ID, &id, err));
	status = sgl_token_public(
	    t, object, sgl_secret_slice(&id), certs, &spki, &why);
	if (status == SGL_OK && spki.len > 0)
		status = sgl_token_key_new(t, object, sgl_secret_slice(&id),
		    sgl_buf_slice(&spki), &key, &why);
	if (is_grave(status) || status == SGL_E_IO) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (key == NULL)
		return SGL_OK;
	++*added;
	return sgl_keyring_add_key(ring, key, err);
}

static sgl_status
add_keys(sgl_token *t, sgl_token_objects *found, const sgl_token_certs *certs,
    sgl_keyring *ring, sgl_err *err)
{
	size_t added = 0;

	TRY(find_keys(t, found, err));
	for (size_t i = 0; i < found->num; i++)
		TRY(add_key(t, found->items[i], certs, ring, &added, err));
	if (added > 0)
		return SGL_OK;
	return sgl_token_fail_text(t, SGL_E_NOKEY,
	    N_("the token has the private key, but neither its certificate nor "
	       "its public key"),
	    err);
}

sgl_status
sgl_token_add_to_ring(sgl_token *t, sgl_keyring *ring, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_token_certs) certs = {0};
	SGL_AUTO_MEM sgl_token_objects *found =
	    sgl_mem_zeroed(1, sizeof *found);

	if (found == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	TRY(read_certs(t, found, &certs, err));
	if (!t->only_certs)
		TRY(add_keys(t, found, &certs, ring, err));
	for (size_t i = 0; i < certs.num; i++)
		TRY(sgl_keyring_add_cert(ring, certs.items[i].cert, err));
	return SGL_OK;
}
