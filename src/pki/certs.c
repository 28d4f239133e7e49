/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"
#include "pki/sets.h"

#define ROOM "pki.certs"

sgl_status
sgl_grow_array(void **items, size_t num, size_t size, sgl_err *err)
{
	void *grown;
	size_t bytes;

	if ((num & (num - 1)) != 0 || num == 1)
		return SGL_OK;
	if (__builtin_mul_overflow(num == 0 ? 2 : num * 2, size, &bytes))
		return sgl_oom(err, ROOM);
	grown = sgl_mem_resize(*items, bytes);
	if (grown == NULL)
		return sgl_oom(err, ROOM);
	*items = grown;
	return SGL_OK;
}

static bool
same_fingerprint(const uint8_t a[32], const uint8_t b[32])
{
	return !memcmp(a, b, 32);
}

sgl_status
sgl_certs_add(sgl_certs *set, sgl_cert *cert, sgl_err *err)
{
	void *items = set->items;

	for (size_t i = 0; i < set->num; i++)
		if (same_fingerprint(
			set->items[i]->fingerprint, cert->fingerprint))
			return SGL_OK;
	TRY(sgl_grow_array(&items, set->num, sizeof *set->items, err));
	set->items = items;
	set->items[set->num++] = sgl_cert_ref(cert);
	return SGL_OK;
}

void
sgl_certs_clear(sgl_certs *set)
{
	for (size_t i = 0; i < set->num; i++)
		sgl_cert_unref(set->items[i]);
	sgl_mem_free(set->items);
	*set = (sgl_certs){0};
}

sgl_cert *
sgl_certs_find_issuer_serial(
    const sgl_certs *set, sgl_slice issuer, sgl_slice serial)
{
	for (size_t i = 0; i < set->num; i++)
		if (sgl_slice_eq(set->items[i]->serial, serial) &&
		    sgl_name_same(set->items[i]->issuer, issuer))
			return set->items[i];
	return NULL;
}

sgl_cert *
sgl_certs_find_ski(const sgl_certs *set, sgl_slice ski)
{
	for (size_t i = 0; i < set->num; i++)
		if (set->items[i]->ski.len > 0 &&
		    sgl_slice_eq(set->items[i]->ski, ski))
			return set->items[i];
	/* RFC 5652 5.3 names the extension, but some who lack one are
	 * addressed by what it would hold. */
	for (size_t i = 0; i < set->num; i++)
		if (set->items[i]->ski.len == 0 &&
		    sgl_slice_eq(sgl_slice_of(set->items[i]->key_id, 20), ski))
			return set->items[i];
	return NULL;
}

sgl_status
sgl_crls_add(sgl_crls *set, sgl_crl *crl, sgl_err *err)
{
	void *items = set->items;

	for (size_t i = 0; i < set->num; i++)
		if (same_fingerprint(
			set->items[i]->fingerprint, crl->fingerprint))
			return SGL_OK;
	TRY(sgl_grow_array(&items, set->num, sizeof *set->items, err));
	set->items = items;
	set->items[set->num++] = sgl_crl_ref(crl);
	return SGL_OK;
}

void
sgl_crls_clear(sgl_crls *set)
{
	for (size_t i = 0; i < set->num; i++)
		sgl_crl_unref(set->items[i]);
	sgl_mem_free(set->items);
	*set = (sgl_crls){0};
}
