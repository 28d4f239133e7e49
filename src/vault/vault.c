/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/vault.h"
#include "crypto/hash.h"
#include "sys/text.h"
#include "vault/master.h"
#include "vault/seal.h"

#define ROOM "vault"
#define SEALED_MAX ((size_t)64 << 10)

struct sgl_vault {
	sgl_engine *engine;
	sgl_store *store;
	sgl_secret master;
};

sgl_status
sgl_vault_create(sgl_engine *engine, const char *keys, bool *made, sgl_err *err)
{
	return sgl_master_create(engine, keys, made, err);
}

sgl_status
sgl_vault_open(sgl_engine *engine, sgl_store *store, const char *keys,
    sgl_vault **out, sgl_err *err)
{
	SGL_AUTO(sgl_vault)
	v = sgl_mem_zeroed(1, sizeof *v);

	if (v == NULL)
		return sgl_oom(err, ROOM);
	v->engine = engine;
	v->store = store;
	TRY(sgl_master_read(keys, &v->master, err));
	*out = SGL_TAKE(&v);
	return SGL_OK;
}

void
sgl_vault_free(sgl_vault *vault)
{
	if (vault == NULL)
		return;
	sgl_secret_clear(&vault->master);
	sgl_mem_free(vault);
}

static sgl_status
set_digest(sgl_vault *v, const sgl_key *key, uint8_t out[32], sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hash_once(
	    v->engine, SGL_DIGEST_SHA256, sgl_key_get_spki(key), &d, err));
	memcpy(out, d.bytes, 32);
	return SGL_OK;
}

static sgl_status
set_kind(sgl_key_record *k, const sgl_key *key, sgl_err *err)
{
	const char *name = sgl_key_kind_name(sgl_key_get_kind(key));

	return sgl_slice_copy(
	    sgl_slice_str(name), (uint8_t **)&k->kind, ROOM, err);
}

static sgl_seal_label
label_of(const sgl_key_record *k)
{
	return (sgl_seal_label){
	    k->id, sgl_slice_of(k->spki_digest, sizeof k->spki_digest)};
}

sgl_status
sgl_vault_add(sgl_vault *vault, const sgl_key *key, int64_t person, int64_t *id,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record)
	k = {.person = person, .created = sgl_engine_now(vault->engine)};
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_seal_label label;

	TRY(sgl_key_write(key, &pkcs8, err));
	TRY(set_digest(vault, key, k.spki_digest, err));
	TRY(set_kind(&k, key, err));
	TRY(sgl_store_next_key_id(vault->store, &k.id, err));
	k.sealed = sgl_buf_init(SEALED_MAX);
	label = label_of(&k);
	TRY(sgl_seal(vault->engine, sgl_secret_slice(&vault->master), &label,
	    sgl_secret_slice(&pkcs8), &k.sealed, err));
	TRY(sgl_store_add_key(vault->store, &k, err));
	*id = k.id;
	return SGL_OK;
}

/* The record says which public key it belongs to; the seal holds it to that,
 * and so do we. */
static sgl_status
open_record(sgl_vault *v, const sgl_key_record *k, sgl_key **out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	const sgl_seal_label label = label_of(k);
	uint8_t digest[32];

	TRY(sgl_unseal(v->engine, sgl_secret_slice(&v->master), &label,
	    sgl_buf_slice(&k->sealed), &pkcs8, err));
	TRY(sgl_key_read(v->engine, sgl_secret_slice(&pkcs8), &key, err));
	TRY(set_digest(v, key, digest, err));
	if (memcmp(digest, k->spki_digest, sizeof digest) != 0)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("a stored private key belongs to another public key"));
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

sgl_status
sgl_vault_get(sgl_vault *vault, int64_t id, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool found;

	TRY(sgl_store_find_key(vault->store, id, &k, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("a private key is not in the database"));
	return open_record(vault, &k, out, err);
}

sgl_status
sgl_vault_add_to_ring(
    sgl_vault *vault, int64_t person, sgl_keyring *ring, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};

	TRY(sgl_store_list_keys(vault->store, person, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		TRY(open_record(vault, &list.items[i], &key, err));
		TRY(sgl_keyring_add_key(ring, key, err));
	}
	return SGL_OK;
}
