/* SPDX-License-Identifier: Apache-2.0 */
#include "message/keys.h"
#include "crypto/hash.h"
#include "sys/input.h"
#include "sys/log.h"
#include "sys/passphrase.h"

#define ROOM "message.keys"
#define PIN_TRIES 3

void
sgl_ids_clear(sgl_ids *ids)
{
	for (size_t i = 0; i < ids->num; i++) {
		sgl_keyring_clear(&ids->items[i].own);
		sgl_identity_clear(&ids->items[i].person);
	}
	sgl_mem_free(ids->items);
	sgl_keyring_clear(&ids->pool);
	*ids = (sgl_ids){0};
}

const sgl_keyring *
sgl_id_ring(const sgl_id *id)
{
	return id->is_address || sgl_resolve_is_token(id->name)
	    ? &id->person.ring
	    : &id->own;
}

static sgl_status
pool(sgl_ids *ids, const sgl_keyring *ring, sgl_err *err)
{
	for (size_t i = 0; i < ring->num_keys; i++)
		TRY(sgl_keyring_add_key(&ids->pool, ring->keys[i], err));
	for (size_t i = 0; i < ring->certs.num; i++)
		TRY(sgl_keyring_add_cert(
		    &ids->pool, ring->certs.items[i], err));
	return SGL_OK;
}

/* Until a message names one, nobody needs the keys of those who only read, be
 * they ever so many. */
static sgl_status
find_keys(void *ctx, const sgl_named_recipient *names, size_t num,
    sgl_key **keys, sgl_err *err)
{
	const sgl_ids *ids = ctx;

	for (size_t i = 0; i < ids->num; i++)
		if (ids->items[i].is_address)
			TRY(sgl_resolver_find(ids->resolver, ids->items[i].name,
			    names, num, keys, err));
	return SGL_OK;
}

static sgl_status
load_person(sgl_msg *m, sgl_ids *ids, sgl_id *id, sgl_id_use use, sgl_err *err)
{
	id->is_address = true;
	TRY(sgl_msg_get_resolver(m, &ids->resolver, err));
	if (use == SGL_ID_SIGNS) {
		TRY(sgl_resolver_signer(
		    ids->resolver, id->name, &id->person, err));
		return pool(ids, sgl_id_ring(id), err);
	}
	TRY(sgl_resolver_reader(ids->resolver, id->name, err));
	ids->finder = (sgl_key_finder){find_keys, ids};
	ids->has_finder = true;
	return SGL_OK;
}

/* A PIN that is typed is for this token alone; one in a file is tried once, for
 * a token counts its failures. */
static sgl_status
open_token(sgl_msg *m, sgl_id *id, sgl_err *err)
{
	bool may_ask = sgl_call_get(m->call, "password-file") == NULL;
	SGL_AUTO_CLEAR(sgl_secret) typed = {0};
	sgl_slice pin = {NULL, 0};
	sgl_resolver *resolver;

	if (!may_ask)
		pin = sgl_secret_slice(&m->password);
	TRY(sgl_msg_get_resolver(m, &resolver, err));
	for (int tries = 0;; tries++) {
		sgl_status status = sgl_resolver_token(
		    resolver, id->name, pin, &id->person, err);
		if (status != SGL_E_PASSWORD || !may_ask || tries == PIN_TRIES)
			return status;
		if (tries > 0)
			sgl_log_err(id->name, err);
		TRY(sgl_msg_ask_password(
		    &typed, err, _("PIN for %s: "), id->name));
		pin = sgl_secret_slice(&typed);
	}
}

static sgl_status
load_token(sgl_msg *m, sgl_ids *ids, sgl_id *id, sgl_err *err)
{
	m->at = id->name;
	TRY(open_token(m, id, err));
	m->at = NULL;
	return pool(ids, &id->person.ring, err);
}

static sgl_status
load_id(sgl_msg *m, sgl_ids *ids, sgl_id *id, sgl_id_use use, sgl_err *err)
{
	if (sgl_resolve_is_token(id->name))
		return load_token(m, ids, id, err);
	if (sgl_resolve_is_address(id->name))
		return load_person(m, ids, id, use, err);
	sgl_msg_warn_of_file(m, id->name);
	TRY(sgl_msg_load(m, id->name, &id->own, NULL, err));
	return pool(ids, &id->own, err);
}

sgl_status
sgl_ids_load(
    sgl_msg *m, const char *option, sgl_id_use use, sgl_ids *out, sgl_err *err)
{
	size_t num = sgl_call_num(m->call, option);

	if (num == 0)
		return SGL_OK;
	out->items = sgl_mem_zeroed(num, sizeof *out->items);
	if (out->items == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < num; i++) {
		sgl_id *id = &out->items[out->num++];
		id->name = sgl_call_nth(m->call, option, i);
		TRY(load_id(m, out, id, use, err));
	}
	if (out->pool.num_keys > 0 || out->has_finder)
		return SGL_OK;
	m->at = out->items[0].name;
	return sgl_fail(
	    err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET, N_("holds no private key"));
}

/* ------------------------------------------------------ shared secrets --- */

void
sgl_kek_clear(sgl_kek *kek)
{
	sgl_secret_clear(&kek->key);
	*kek = (sgl_kek){0};
}

static bool
is_key_len(size_t len)
{
	return len == 16 || len == 24 || len == 32;
}

static sgl_status
fail_kek(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("is no key-encryption key: neither ID:HEX nor 16, 24 or 32 "
	       "bytes"));
}

static sgl_status
read_hex(sgl_slice hex, sgl_secret *out, sgl_err *err)
{
	if (hex.len % 2 != 0 || !is_key_len(hex.len / 2))
		return fail_kek(err);
	TRY(sgl_secret_zeroed(out, hex.len / 2, err));
	for (size_t i = 0; i < out->len; i++) {
		int high = sgl_hex_digit(hex.data[2 * i]);
		int low = sgl_hex_digit(hex.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return fail_kek(err);
		out->data[i] = (uint8_t)(high * 16 + low);
	}
	return SGL_OK;
}

static sgl_status
read_named(sgl_slice text, sgl_kek *out, sgl_err *err)
{
	const uint8_t *colon;

	text = sgl_slice_trim(text);
	colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
	if (colon == NULL || colon == text.data)
		return fail_kek(err);
	out->id_len = (size_t)(colon - text.data);
	if (out->id_len > sizeof out->id)
		return fail_kek(err);
	memcpy(out->id, text.data, out->id_len);
	out->is_named = true;
	return read_hex(sgl_slice_from(text, out->id_len + 1), &out->key, err);
}

/* Both sides have the same bytes and so find the same name. It tells nothing
 * about a random key. */
static sgl_status
name_key(sgl_msg *m, sgl_kek *out, sgl_err *err)
{
	sgl_digest digest;

	TRY(sgl_hmac(m->engine, SGL_DIGEST_SHA256, sgl_secret_slice(&out->key),
	    SGL_LIT("sigill key-encryption key identifier"), &digest, err));
	out->id_len = 8;
	memcpy(out->id, digest.bytes, out->id_len);
	return SGL_OK;
}

static sgl_status
read_kek(sgl_msg *m, sgl_slice bytes, sgl_kek *out, sgl_err *err)
{
	if (!is_key_len(bytes.len))
		return read_named(bytes, out, err);
	TRY(sgl_secret_set(&out->key, bytes, err));
	return name_key(m, out, err);
}

sgl_status
sgl_kek_load(sgl_msg *m, const char *path, sgl_kek *out, sgl_err *err)
{
	sgl_buf file = sgl_buf_init(4096);
	sgl_status status;

	m->at = path;
	status = sgl_file_read(path, &file, err);
	if (status == SGL_OK)
		status = read_kek(m, sgl_buf_slice(&file), out, err);
	sgl_buf_wipe(&file);
	if (status == SGL_OK)
		m->at = NULL;
	return status;
}

void
sgl_shared_secrets_clear(sgl_shared_secrets *s)
{
	sgl_secret_clear(&s->password);
	sgl_kek_clear(&s->kek);
	*s = (sgl_shared_secrets){0};
}

sgl_status
sgl_shared_secrets_load(sgl_msg *m, sgl_shared_secrets *out, sgl_err *err)
{
	const char *password = sgl_call_get(m->call, "password-recipient");
	const char *kek = sgl_call_get(m->call, "kek");

	if (kek != NULL)
		TRY(sgl_kek_load(m, kek, &out->kek, err));
	if (password == NULL)
		return SGL_OK;
	m->at = password;
	TRY(sgl_passphrase_file(password, &out->password, err));
	if (out->password.len == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("the password is empty"));
	m->at = NULL;
	out->has_password = true;
	return SGL_OK;
}
