/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/resolve_wire.h"
#include "pki/cert.h"
#include "sys/certwire.h"

#define NUMBERS_MAX 100000
#define PIN_MAX 4096
#define SPKI_MAX 8192
/* What names a recipient in a message: a Name, a number. */
#define NAME_MAX_BYTES ((size_t)16 << 10)

void
sgl_identity_clear(sgl_identity *identity)
{
	sgl_keyring_clear(&identity->ring);
	sgl_cert_unref(identity->signing_cert);
	sgl_cert_unref(identity->encryption_cert);
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

void
sgl_resolve_add_number(sgl_wire *w, size_t number)
{
	sgl_wire_add_int(w, (int64_t)number);
}

size_t
sgl_resolve_read_number(sgl_unwire *u)
{
	return (size_t)sgl_unwire_int(u, 0, NUMBERS_MAX);
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

void
sgl_resolve_add_identity(
    sgl_wire *w, const sgl_identity *identity, size_t first)
{
	const sgl_keyring *ring = &identity->ring;

	sgl_wire_add_certs(w, &ring->certs);
	sgl_wire_add_int(w, (int64_t)first);
	sgl_wire_add_int(w, (int64_t)ring->num_keys);
	for (size_t i = 0; i < ring->num_keys; i++)
		sgl_wire_add_bytes(w, sgl_key_get_spki(ring->keys[i]));
	sgl_wire_add_cert(w, identity->signing_cert);
	sgl_wire_add_cert(w, identity->encryption_cert);
}

static sgl_status
read_keys(sgl_engine *engine, sgl_channel *channel, sgl_unwire *u,
    sgl_keyring *ring, sgl_err *err)
{
	int64_t first = sgl_unwire_int(u, 0, NUMBERS_MAX);
	int64_t num = sgl_unwire_int(u, 0, NUMBERS_MAX);

	for (int64_t i = 0; i < num && !u->failed; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		sgl_slice spki = sgl_unwire_bytes(u, SPKI_MAX);

		if (u->failed)
			break;
		TRY(sgl_farkey_new(engine, channel, (size_t)(first + i), false,
		    spki, &key, err));
		TRY(sgl_keyring_add_key(ring, key, err));
	}
	return SGL_OK;
}

sgl_status
sgl_resolve_read_identity(sgl_engine *engine, sgl_channel *channel,
    sgl_unwire *u, sgl_identity *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_identity) id = {0};

	TRY(sgl_unwire_certs(u, engine, &id.ring.certs, err));
	TRY(read_keys(engine, channel, u, &id.ring, err));
	TRY(sgl_unwire_cert(u, engine, &id.signing_cert, err));
	TRY(sgl_unwire_cert(u, engine, &id.encryption_cert, err));
	TRY(sgl_unwire_end(u, err));
	*out = id;
	id = (sgl_identity){0};
	return SGL_OK;
}

/* ------------------------------------------------- keys by their names --- */

void
sgl_resolve_add_names(sgl_wire *w, const char *address,
    const sgl_named_recipient *names, size_t num)
{
	sgl_wire_add_text(w, address);
	sgl_wire_add_int(w, (int64_t)num);
	for (size_t i = 0; i < num; i++) {
		sgl_wire_add_int(w, names[i].ski.data != NULL);
		sgl_wire_add_bytes(w, names[i].issuer);
		sgl_wire_add_bytes(w, names[i].serial);
		sgl_wire_add_bytes(w, names[i].ski);
	}
}

static sgl_named_recipient
read_recipient(sgl_unwire *u)
{
	bool by_ski = sgl_unwire_bool(u);
	sgl_named_recipient n = {
	    .issuer = sgl_unwire_bytes(u, NAME_MAX_BYTES),
	    .serial = sgl_unwire_bytes(u, NAME_MAX_BYTES),
	    .ski = sgl_unwire_bytes(u, NAME_MAX_BYTES),
	};

	if (!by_ski)
		n.ski = (sgl_slice){NULL, 0};
	return n;
}

void
sgl_resolve_read_names(sgl_unwire *u, sgl_names_question *out)
{
	sgl_unwire_text(u, out->address, sizeof out->address);
	out->num = (size_t)sgl_unwire_int(u, 0, SGL_FIND_AT_ONCE);
	for (size_t i = 0; i < out->num; i++)
		out->names[i] = read_recipient(u);
}

void
sgl_resolve_add_keys(sgl_wire *w, const sgl_found_keys *keys)
{
	sgl_wire_add_int(w, (int64_t)keys->num);
	for (size_t i = 0; i < keys->num; i++) {
		sgl_wire_add_int(w, (int64_t)keys->items[i].name);
		sgl_wire_add_int(w, (int64_t)keys->items[i].place);
		sgl_wire_add_bytes(w, keys->items[i].spki);
	}
}

void
sgl_resolve_read_keys(sgl_unwire *u, sgl_found_keys *out)
{
	out->num = (size_t)sgl_unwire_int(u, 0, SGL_FIND_AT_ONCE);
	for (size_t i = 0; i < out->num; i++) {
		sgl_found_key *k = &out->items[i];

		k->name = (size_t)sgl_unwire_int(u, 0, SGL_FIND_AT_ONCE - 1);
		k->place = (size_t)sgl_unwire_int(u, 0, NUMBERS_MAX);
		k->spki = sgl_unwire_bytes(u, SPKI_MAX);
	}
}
