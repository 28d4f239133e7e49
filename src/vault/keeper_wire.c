/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/certwire.h"
#include "vault/keeper_wire.h"

#define ROOM "vault.keeper"
#define BITS_MAX 16384
#define PKCS8_MAX ((size_t)64 << 10)
#define SPKI_MAX ((size_t)8192)
#define DIGEST_LEN 32
#define PLACES_MAX 1000000
#define TEXT_MAX ((size_t)4096)
#define KEYS_MAX 10000
#define KEY_ID_MAX ((size_t)64)

void
sgl_keeper_add_ticketed(sgl_wire *w, const sgl_ticket *t, sgl_slice question)
{
	sgl_ticket_add(w, t);
	sgl_wire_add_bytes(w, question);
}

void
sgl_keeper_read_ticketed(sgl_unwire *u, sgl_ticket *t, sgl_slice *question)
{
	sgl_ticket_read(u, t);
	*question = sgl_unwire_bytes(u, SGL_CHANNEL_MESSAGE);
}

void
sgl_keeper_add_sort(sgl_wire *w, sgl_key_sort sort)
{
	sgl_wire_add_int(w, sort.kind);
	sgl_wire_add_int(w, sort.bits);
}

sgl_key_sort
sgl_keeper_read_sort(sgl_unwire *u)
{
	sgl_key_sort sort;

	sort.kind =
	    (sgl_key_kind)sgl_unwire_int(u, SGL_KEY_RSA, SGL_KEY_X25519);
	sort.bits = (unsigned)sgl_unwire_int(u, 0, BITS_MAX);
	return sort;
}

void
sgl_keeper_add_generate(sgl_wire *w, const sgl_generate_order *o)
{
	sgl_keeper_add_sort(w, o->sort);
	sgl_wire_add_int(w, o->id);
	sgl_wire_add_int(w, o->purpose);
}

void
sgl_keeper_read_generate(sgl_unwire *u, sgl_generate_order *out)
{
	out->sort = sgl_keeper_read_sort(u);
	out->id = sgl_unwire_int(u, 1, INT64_MAX);
	out->purpose =
	    (sgl_seal_purpose)sgl_unwire_int(u, SGL_SEAL_ANY, SGL_SEAL_AUDIT);
}

void
sgl_keeper_add_want(sgl_wire *w, sgl_key_sort sort, size_t num)
{
	sgl_keeper_add_sort(w, sort);
	sgl_wire_add_int(w, (int64_t)num);
}

sgl_key_sort
sgl_keeper_read_want(sgl_unwire *u, size_t *num)
{
	const sgl_key_sort sort = sgl_keeper_read_sort(u);

	*num = (size_t)sgl_unwire_int(u, 0, SGL_STOCK_MAX);
	return sort;
}

void
sgl_keeper_add_stock(sgl_wire *w, size_t num)
{
	sgl_wire_add_int(w, (int64_t)num);
}

size_t
sgl_keeper_read_stock(sgl_unwire *u)
{
	return (size_t)sgl_unwire_int(u, 0, SGL_STOCK_MAX);
}

void
sgl_keeper_add_settle(sgl_wire *w, bool kept)
{
	sgl_wire_add_int(w, kept);
}

bool
sgl_keeper_read_settle(sgl_unwire *u)
{
	return sgl_unwire_bool(u);
}

void
sgl_keeper_add_take(sgl_wire *w, int64_t id, sgl_slice pkcs8)
{
	sgl_wire_add_int(w, id);
	sgl_wire_add_bytes(w, pkcs8);
}

int64_t
sgl_keeper_read_take(sgl_unwire *u, sgl_slice *pkcs8)
{
	int64_t id = sgl_unwire_int(u, 1, INT64_MAX);

	*pkcs8 = sgl_unwire_bytes(u, PKCS8_MAX);
	return id;
}

void
sgl_keeper_add_taken(sgl_wire *w, sgl_slice sealed)
{
	sgl_wire_add_bytes(w, sealed);
}

sgl_slice
sgl_keeper_read_taken(sgl_unwire *u)
{
	return sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

void
sgl_keeper_add_sealed_key(sgl_wire *w, const sgl_sealed_key *key)
{
	sgl_wire_add_int(w, key->label.id);
	sgl_wire_add_bytes(w, key->label.spki_digest);
	sgl_wire_add_bytes(w, key->sealed);
}

void
sgl_keeper_read_sealed_key(sgl_unwire *u, sgl_sealed_key *out)
{
	out->label.id = sgl_unwire_int(u, 1, INT64_MAX);
	out->label.spki_digest = sgl_unwire_bytes(u, DIGEST_LEN);
	if (out->label.spki_digest.len != DIGEST_LEN)
		u->failed = true;
	out->sealed = sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

void
sgl_keeper_add_token(sgl_wire *w, const char *uri)
{
	sgl_wire_add_text(w, uri);
}

void
sgl_keeper_read_token(sgl_unwire *u, char uri[SGL_TOKEN_URI + 1])
{
	sgl_unwire_text(u, uri, SGL_TOKEN_URI + 1);
}

void
sgl_keeper_add_told(sgl_wire *w, const sgl_told_key *key)
{
	sgl_wire_add_int(w, (int64_t)key->place);
	sgl_wire_add_bytes(w, key->spki);
	sgl_wire_add_bytes(w, key->sealed);
}

void
sgl_keeper_read_told(sgl_unwire *u, sgl_told_key *out)
{
	out->place = (size_t)sgl_unwire_int(u, 0, PLACES_MAX);
	out->spki = sgl_unwire_bytes(u, SPKI_MAX);
	out->sealed = sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

void
sgl_keeper_add_unlock(sgl_wire *w, sgl_slice passphrase)
{
	sgl_wire_add_bytes(w, passphrase);
}

sgl_slice
sgl_keeper_read_unlock(sgl_unwire *u)
{
	return sgl_unwire_bytes(u, TEXT_MAX);
}

void
sgl_keeper_add_state(sgl_wire *w, const sgl_vault_state *s)
{
	sgl_wire_add_int(w, s->is_locked);
	for (size_t i = 0; i < SGL_NUM_WAY_KINDS; i++)
		sgl_wire_add_int(w, s->num_of[i]);
}

void
sgl_keeper_read_state(sgl_unwire *u, sgl_vault_state *out)
{
	out->is_locked = sgl_unwire_bool(u);
	for (size_t i = 0; i < SGL_NUM_WAY_KINDS; i++)
		out->num_of[i] = (unsigned)sgl_unwire_int(u, 0, SGL_WAYS_MAX);
}

void
sgl_keeper_add_restart(sgl_wire *w, bool locked)
{
	sgl_wire_add_int(w, locked);
}

bool
sgl_keeper_read_restart(sgl_unwire *u)
{
	return sgl_unwire_bool(u);
}

void
sgl_keeper_add_handout(sgl_wire *w, const sgl_handout *h)
{
	sgl_wire_add_bytes(w, h->friendly_name);
	sgl_wire_add_int(w, h->password.data != NULL);
	sgl_wire_add_bytes(w, h->password);
	sgl_wire_add_int(w, h->legacy);
	sgl_wire_add_int(w, (int64_t)h->num_keys);
	for (size_t i = 0; i < h->num_keys; i++)
		sgl_keeper_add_sealed_key(w, &h->keys[i]);
	sgl_wire_add_certs(w, h->certs);
}

sgl_status
sgl_keeper_read_handout(sgl_engine *engine, sgl_unwire *u, sgl_handout *out,
    sgl_sealed_key **keys, sgl_certs *certs, sgl_err *err)
{
	bool has_password;

	out->friendly_name = sgl_unwire_bytes(u, TEXT_MAX);
	has_password = sgl_unwire_bool(u);
	out->password = sgl_unwire_bytes(u, TEXT_MAX);
	if (!has_password)
		out->password = (sgl_slice){NULL, 0}; /* not an empty one */
	out->legacy = sgl_unwire_bool(u);
	out->num_keys = (size_t)sgl_unwire_int(u, 0, KEYS_MAX);
	*keys = sgl_mem_zeroed(out->num_keys + 1, sizeof **keys);
	if (*keys == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < out->num_keys; i++)
		sgl_keeper_read_sealed_key(u, &(*keys)[i]);
	TRY(sgl_unwire_certs(u, engine, certs, err));
	out->keys = *keys;
	out->certs = certs;
	return sgl_unwire_end(u, err);
}

static void
add_recipient(sgl_wire *w, const sgl_hand_over *h)
{
	sgl_wire_add_bytes(w, h->recipient.spki);
	sgl_wire_add_bytes(w, h->recipient.key_id);
	sgl_wire_add_int(w, h->cipher);
	sgl_keeper_add_sealed_key(w, &h->signer);
	sgl_wire_add_bytes(w, sgl_cert_get_der(h->signer_cert));
}

void
sgl_keeper_add_hand_over(sgl_wire *w, const sgl_hand_over *h)
{
	const bool has_recipient = h->recipient.spki.len > 0;

	sgl_keeper_add_sealed_key(w, &h->key);
	sgl_wire_add_int(w, has_recipient);
	if (has_recipient)
		add_recipient(w, h);
}

static sgl_status
read_recipient(sgl_engine *engine, sgl_unwire *u, sgl_hand_over *out,
    sgl_cert **cert, sgl_err *err)
{
	out->recipient.spki = sgl_unwire_bytes(u, SPKI_MAX);
	out->recipient.key_id = sgl_unwire_bytes(u, KEY_ID_MAX);
	out->cipher = (sgl_cipher_alg)sgl_unwire_int(
	    u, SGL_CIPHER_NONE, SGL_CIPHER_CHACHA20_POLY1305);
	sgl_keeper_read_sealed_key(u, &out->signer);
	/* Nobody asks for a key to be given to all by mistake. */
	if (out->recipient.spki.len == 0)
		u->failed = true;
	if (!u->failed)
		TRY(sgl_unwire_cert(u, engine, cert, err));
	u->failed = u->failed || *cert == NULL;
	return SGL_OK;
}

sgl_status
sgl_keeper_read_hand_over(sgl_engine *engine, sgl_unwire *u, sgl_hand_over *out,
    sgl_cert **cert, sgl_err *err)
{
	*out = (sgl_hand_over){.cipher = SGL_CIPHER_NONE};
	*cert = NULL;
	sgl_keeper_read_sealed_key(u, &out->key);
	if (sgl_unwire_bool(u))
		TRY(read_recipient(engine, u, out, cert, err));
	out->signer_cert = *cert;
	return sgl_unwire_end(u, err);
}
