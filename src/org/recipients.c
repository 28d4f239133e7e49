/* SPDX-License-Identifier: Apache-2.0 */
#include "org/recipients.h"
#include "crypto/hash.h"
#include "pki/cert.h"

/* The first version that has them. */
#define FIRST_VERSION 2

sgl_status
sgl_recipients_add(sgl_engine *engine, sgl_store *store, const sgl_cert *cert,
    int64_t key, sgl_err *err)
{
	sgl_recipient_name name = {
	    .serial = sgl_cert_get_serial(cert),
	    .ski = sgl_cert_get_ski(cert),
	};
	sgl_digest d;

	TRY(sgl_hash_once(
	    engine, SGL_DIGEST_SHA256, sgl_cert_get_issuer(cert), &d, err));
	memcpy(name.issuer, d.bytes, sizeof name.issuer);
	return sgl_store_add_recipient(store, key, &name, err);
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
