/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"
#include "pki/sets.h"

sgl_status
sgl_keyring_add_cert(sgl_keyring *ring, sgl_cert *cert, sgl_err *err)
{
	return sgl_certs_add(&ring->certs, cert, err);
}

sgl_status
sgl_keyring_add_key(sgl_keyring *ring, sgl_key *key, sgl_err *err)
{
	void *keys = ring->keys;
	sgl_slice spki = sgl_key_get_spki(key);

	for (size_t i = 0; i < ring->num_keys; i++)
		if (sgl_slice_eq(sgl_key_get_spki(ring->keys[i]), spki))
			return SGL_OK;
	TRY(sgl_grow_array(&keys, ring->num_keys, sizeof *ring->keys, err));
	ring->keys = keys;
	ring->keys[ring->num_keys++] = sgl_key_ref(key);
	return SGL_OK;
}

/* The key itself, whatever AlgorithmIdentifier stands beside it: one writes
 * NULL for parameters, another nothing, or restricts the key to PSS. */
static bool
read_key_bits(sgl_slice spki, sgl_slice *bits)
{
	sgl_der in = sgl_der_over(spki), body;
	unsigned unused;

	return sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_SEQUENCE, NULL) &&
	    sgl_der_read_bits(&body, bits, &unused);
}

static bool
is_key_of(sgl_key *key, const sgl_cert *cert, sgl_slice cert_bits)
{
	sgl_slice bits;

	return sgl_key_get_kind(key) == cert->key_kind &&
	    read_key_bits(sgl_key_get_spki(key), &bits) &&
	    sgl_slice_eq(bits, cert_bits);
}

sgl_key *
sgl_keyring_find_key(const sgl_keyring *ring, const sgl_cert *cert)
{
	sgl_slice bits;

	if (!read_key_bits(cert->spki, &bits))
		return NULL;
	for (size_t i = 0; i < ring->num_keys; i++)
		if (sgl_slice_eq(sgl_key_get_spki(ring->keys[i]), cert->spki) ||
		    is_key_of(ring->keys[i], cert, bits))
			return ring->keys[i];
	return NULL;
}

void
sgl_keyring_clear(sgl_keyring *ring)
{
	sgl_certs_clear(&ring->certs);
	for (size_t i = 0; i < ring->num_keys; i++)
		sgl_key_unref(ring->keys[i]);
	sgl_mem_free(ring->keys);
	*ring = (sgl_keyring){0};
}
