/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/resolve_wire.h"
#include "pki/cert.h"

#define CERTS_MAX 100000
#define CERT_MAX ((size_t)1 << 20)
#define PIN_MAX 4096
#define SPKI_MAX 8192
#define FAILURE_MAX 4096

void
sgl_identity_clear(sgl_identity *identity)
{
	sgl_keyring_clear(&identity->ring);
	sgl_cert_unref(identity->signing_cert);
	*identity = (sgl_identity){0};
}

void
sgl_resolve_add_name(sgl_wire *w, const char *name)
{
	sgl_wire_add_text(w, name);
}

void
sgl_resolve_read_name(sgl_unwire *u, char out[SGL_RESOLVE_NAME])
{
	sgl_unwire_text(u, out, SGL_RESOLVE_NAME);
}

void
sgl_resolve_add_token(sgl_wire *w, const char *uri, sgl_slice pin)
{
	sgl_wire_add_text(w, uri);
	sgl_wire_add_int(w, pin.data != NULL);
	sgl_wire_add_bytes(w, pin);
}

void
sgl_resolve_read_token(sgl_unwire *u, sgl_token_question *out)
{
	bool has_pin;

	sgl_unwire_text(u, out->uri, sizeof out->uri);
	has_pin = sgl_unwire_bool(u);
	out->pin = sgl_unwire_bytes(u, PIN_MAX);
	if (!has_pin)
		out->pin = (sgl_slice){NULL, 0};
}

/* -------------------------------------------------------- certificates --- */

void
sgl_resolve_add_certs(sgl_wire *w, const sgl_certs *certs)
{
	sgl_wire_add_int(w, (int64_t)certs->num);
	for (size_t i = 0; i < certs->num; i++)
		sgl_wire_add_bytes(w, sgl_cert_get_der(certs->items[i]));
}

sgl_status
sgl_resolve_read_certs(
    sgl_engine *engine, sgl_unwire *u, sgl_certs *out, sgl_err *err)
{
	int64_t num = sgl_unwire_int(u, 0, CERTS_MAX);

	for (int64_t i = 0; i < num && !u->failed; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		sgl_slice der = sgl_unwire_bytes(u, CERT_MAX);

		if (u->failed)
			break;
		TRY(sgl_cert_read(engine, der, &cert, err));
		TRY(sgl_certs_add(out, cert, err));
	}
	return SGL_OK;
}

void
sgl_resolve_add_number(sgl_wire *w, size_t number)
{
	sgl_wire_add_int(w, (int64_t)number);
}

size_t
sgl_resolve_read_number(sgl_unwire *u)
{
	return (size_t)sgl_unwire_int(u, 0, CERTS_MAX);
}

void
sgl_resolve_add_crl(sgl_wire *w, sgl_slice der)
{
	sgl_wire_add_bytes(w, der);
}

sgl_slice
sgl_resolve_read_crl(sgl_unwire *u)
{
	return sgl_unwire_bytes(u, SGL_CHANNEL_MESSAGE);
}

/* ------------------------------------------------------------ identity --- */

/* A failure that is not one yet: it is told when it matters. */
static void
add_failure(sgl_wire *w, const sgl_err *failure)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(FAILURE_MAX);

	if (failure->status != SGL_OK && w->failed == SGL_OK)
		w->failed = sgl_failure_write(failure, &body, NULL);
	sgl_wire_add_bytes(w, sgl_buf_slice(&body));
}

static sgl_status
read_failure(sgl_unwire *u, sgl_err *out, sgl_err *err)
{
	sgl_slice body = sgl_unwire_bytes(u, FAILURE_MAX);

	TRY(sgl_unwire_end(u, err));
	if (body.len > 0 && sgl_failure_take(body, out) == SGL_OK)
		return SGL_E_IO;
	return SGL_OK;
}

void
sgl_resolve_add_identity(
    sgl_wire *w, const sgl_identity *identity, size_t first)
{
	const sgl_keyring *ring = &identity->ring;
	const sgl_cert *cert = identity->signing_cert;

	sgl_resolve_add_certs(w, &ring->certs);
	sgl_wire_add_int(w, (int64_t)first);
	sgl_wire_add_int(w, (int64_t)ring->num_keys);
	for (size_t i = 0; i < ring->num_keys; i++)
		sgl_wire_add_bytes(w, sgl_key_get_spki(ring->keys[i]));
	sgl_wire_add_bytes(
	    w, cert == NULL ? (sgl_slice){NULL, 0} : sgl_cert_get_der(cert));
	add_failure(w, &identity->no_signing);
}

static sgl_status
read_keys(sgl_engine *engine, sgl_channel *channel, sgl_unwire *u,
    sgl_keyring *ring, sgl_err *err)
{
	int64_t first = sgl_unwire_int(u, 0, CERTS_MAX);
	int64_t num = sgl_unwire_int(u, 0, CERTS_MAX);

	for (int64_t i = 0; i < num && !u->failed; i++) {
		sgl_slice spki = sgl_unwire_bytes(u, SPKI_MAX);
		sgl_key *key = NULL;
		sgl_status status;

		if (u->failed)
			break;
		TRY(sgl_farkey_new(engine, channel, (size_t)(first + i), false,
		    spki, &key, err));
		status = sgl_keyring_add_key(ring, key, err);
		sgl_key_unref(key);
		if (status != SGL_OK)
			return status;
	}
	return SGL_OK;
}

sgl_status
sgl_resolve_read_identity(sgl_engine *engine, sgl_channel *channel,
    sgl_unwire *u, sgl_identity *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	sgl_slice signing;

	TRY(sgl_resolve_read_certs(engine, u, &id.ring.certs, err));
	TRY(read_keys(engine, channel, u, &id.ring, err));
	signing = sgl_unwire_bytes(u, CERT_MAX);
	TRY(read_failure(u, &id.no_signing, err));
	if (signing.len > 0)
		TRY(sgl_cert_read(engine, signing, &id.signing_cert, err));
	*out = id;
	id = (sgl_identity){0};
	return SGL_OK;
}
