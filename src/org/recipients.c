/* SPDX-License-Identifier: Apache-2.0 */
#include "org/recipients.h"
#include "asn1/der.h"
#include "crypto/hash.h"
#include "pki/cert.h"

/* The first version that has them. */
#define FIRST_VERSION 2

static sgl_status
digest_issuer(
    sgl_engine *engine, sgl_slice issuer, uint8_t out[32], sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, issuer, &d, err));
	memcpy(out, d.bytes, 32);
	return SGL_OK;
}

/* SHA-1 of the public key's bits (RFC 5280 4.2.1.2 (1)): so others name a key
 * whose certificate has no identifier. */
static sgl_status
make_ski(
    sgl_engine *engine, const sgl_cert *cert, sgl_digest *out, sgl_err *err)
{
	sgl_der in = sgl_der_over(sgl_cert_get_spki(cert)), body;
	sgl_slice bits;
	unsigned unused;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_bits(&body, &bits, &unused))
		return SGL_OK;
	return sgl_hash_once(engine, SGL_DIGEST_SHA1, bits, out, err);
}

sgl_status
sgl_recipients_add(sgl_engine *engine, sgl_store *store, const sgl_cert *cert,
    int64_t key, sgl_err *err)
{
	sgl_recipient_name name = {
	    .serial = sgl_cert_get_serial(cert),
	    .ski = sgl_cert_get_ski(cert),
	};
	sgl_digest made = {0};

	TRY(digest_issuer(engine, sgl_cert_get_issuer(cert), name.issuer, err));
	if (name.ski.len == 0) {
		TRY(make_ski(engine, cert, &made, err));
		name.ski = sgl_digest_slice(&made);
	}
	return sgl_store_add_recipient(store, key, &name, err);
}

static sgl_status
list(sgl_engine *engine, sgl_store *store, int64_t person,
    const sgl_named_recipient *name, sgl_key_records *out, sgl_err *err)
{
	uint8_t issuer[32];

	if (name->ski.data != NULL)
		return sgl_store_find_key_by_ski(
		    store, person, name->ski, out, err);
	TRY(digest_issuer(engine, name->issuer, issuer, err));
	return sgl_store_find_key_by_recipient(
	    store, person, issuer, name->serial, out, err);
}

sgl_status
sgl_recipients_find(sgl_engine *engine, sgl_store *store, int64_t person,
    const sgl_named_recipient *name, sgl_key_record *out, bool *found,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) all = {0};

	TRY(list(engine, store, person, name, &all, err));
	*found = false;
	for (size_t i = 0; !*found && i < all.num; i++) {
		if (all.items[i].sealed.len == 0)
			continue;
		*out = all.items[i];
		all.items[i] = (sgl_key_record){0};
		*found = true;
	}
	return SGL_OK;
}

typedef struct upgrading {
	sgl_engine *engine;
	sgl_store *store;
} upgrading;

static sgl_status
add_one(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	const upgrading *u = ctx;
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(u->engine, sgl_buf_slice(&c->der), &cert, err));
	return sgl_recipients_add(u->engine, u->store, cert, c->key, err);
}

sgl_status
sgl_recipients_upgrade(void *ctx, sgl_store *store, int from, sgl_err *err)
{
	upgrading u = {ctx, store};

	return from < FIRST_VERSION
	    ? sgl_store_each_cert(store, add_one, &u, err)
	    : SGL_OK;
}
