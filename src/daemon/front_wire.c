/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/front_wire.h"

#define BITS_MAX 16384
#define CODE_MAX 1024
#define ADDRESS_MAX 1024
#define SPKI_MAX 8192
#define SERIAL_MAX 64
#define NAME_MAX_DER 8192
#define KEY_ID_MAX 64
#define KEY_MAX ((size_t)64 << 10)

void
sgl_front_add_door(sgl_wire *w, const sgl_front_door *d)
{
	sgl_wire_add_int(w, d->kind);
	sgl_wire_add_int(w, d->bits);
	sgl_wire_add_bytes(w, d->door);
	sgl_wire_add_int(w, (int64_t)d->num_authorities);
	for (size_t i = 0; i < d->num_authorities; i++)
		sgl_wire_add_bytes(w, d->authorities[i]);
}

void
sgl_front_read_door(sgl_unwire *u, sgl_front_door *d)
{
	d->kind =
	    (sgl_key_kind)sgl_unwire_int(u, SGL_KEY_UNKNOWN, SGL_KEY_X25519);
	d->bits = (unsigned)sgl_unwire_int(u, 0, BITS_MAX);
	d->door = sgl_unwire_bytes(u, SGL_FRONT_CERT_MAX);
	d->num_authorities =
	    (size_t)sgl_unwire_int(u, 0, SGL_FRONT_AUTHORITIES_MAX);
	for (size_t i = 0; i < d->num_authorities; i++)
		d->authorities[i] = sgl_unwire_bytes(u, SGL_FRONT_CERT_MAX);
}

const char *
sgl_front_protocol_name(sgl_front_protocol p)
{
	static const char *const names[] = {
	    [SGL_FRONT_EST] = "est", [SGL_FRONT_SCEP] = "scep"};

	return names[p];
}

void
sgl_front_add_enrol(sgl_wire *w, const sgl_front_enrol *e)
{
	sgl_wire_add_int(w, e->protocol);
	sgl_wire_add_bytes(w, e->e.spki);
	sgl_wire_add_bytes(w, e->e.code);
	sgl_wire_add_bytes(w, e->e.address);
	sgl_wire_add_bytes(w, e->e.client);
	sgl_wire_add_int(w, e->e.wants_key);
	sgl_wire_add_bytes(w, e->e.recipient.spki);
	sgl_wire_add_bytes(w, e->e.recipient.key_id);
	sgl_wire_add_int(w, e->e.cipher);
}

void
sgl_front_read_enrol(sgl_unwire *u, sgl_front_enrol *e)
{
	e->protocol = (sgl_front_protocol)sgl_unwire_int(
	    u, SGL_FRONT_EST, SGL_FRONT_SCEP);
	e->e.spki = sgl_unwire_bytes(u, SPKI_MAX);
	e->e.code = sgl_unwire_bytes(u, CODE_MAX);
	e->e.address = sgl_unwire_bytes(u, ADDRESS_MAX);
	e->e.client = sgl_unwire_bytes(u, SGL_FRONT_CERT_MAX);
	e->e.wants_key = sgl_unwire_bool(u);
	e->e.recipient.spki = sgl_unwire_bytes(u, SPKI_MAX);
	e->e.recipient.key_id = sgl_unwire_bytes(u, KEY_ID_MAX);
	e->e.cipher = (sgl_cipher_alg)sgl_unwire_int(
	    u, SGL_CIPHER_NONE, SGL_CIPHER_CHACHA20_POLY1305);
}

void
sgl_front_add_enrolled(sgl_wire *w, const sgl_front_enrolled *e)
{
	sgl_wire_add_int(w, e->outcome);
	sgl_wire_add_bytes(w, e->cert);
	sgl_wire_add_bytes(w, e->key);
}

void
sgl_front_read_enrolled(sgl_unwire *u, sgl_front_enrolled *e)
{
	e->outcome = (sgl_enrol_outcome)sgl_unwire_int(
	    u, SGL_ENROL_DONE, SGL_ENROL_WRONG_WAY);
	e->cert = sgl_unwire_bytes(u, SGL_FRONT_CERT_MAX);
	e->key = sgl_unwire_bytes(u, KEY_MAX);
}

void
sgl_front_add_find(sgl_wire *w, const sgl_front_find *f)
{
	sgl_wire_add_int(w, f->crl);
	sgl_wire_add_bytes(w, f->issuer);
	sgl_wire_add_bytes(w, f->serial);
}

void
sgl_front_read_find(sgl_unwire *u, sgl_front_find *f)
{
	f->crl = sgl_unwire_bool(u);
	f->issuer = sgl_unwire_bytes(u, NAME_MAX_DER);
	f->serial = sgl_unwire_bytes(u, SERIAL_MAX);
}
