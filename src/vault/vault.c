/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/vault.h"
#include "crypto/hash.h"
#include "sys/text.h"
#include "vault/master.h"

#define ROOM "vault"

struct sgl_vault {
	sgl_engine *engine;
	sgl_store *store;
	sgl_keeper *keeper;
	bool owns_keeper;
};

sgl_status
sgl_vault_create(sgl_engine *engine, const char *keys, bool *made, sgl_err *err)
{
	return sgl_master_create(engine, keys, made, err);
}

sgl_status
sgl_vault_over(sgl_engine *engine, sgl_store *store, sgl_keeper *keeper,
    sgl_vault **out, sgl_err *err)
{
	sgl_vault *v = sgl_mem_zeroed(1, sizeof *v);

	if (v == NULL)
		return sgl_oom(err, ROOM);
	v->engine = engine;
	v->store = store;
	v->keeper = keeper;
	*out = v;
	return SGL_OK;
}

sgl_status
sgl_vault_open(sgl_engine *engine, sgl_store *store,
    const sgl_plain_folder *keys, sgl_vault **out, sgl_err *err)
{
	SGL_AUTO(sgl_keeper)
	keeper = NULL;

	TRY(sgl_keeper_new_here(engine, keys, &keeper, err));
	TRY(sgl_vault_over(engine, store, keeper, out, err));
	(*out)->owns_keeper = true;
	keeper = NULL;
	return SGL_OK;
}

void
sgl_vault_free(sgl_vault *vault)
{
	if (vault == NULL)
		return;
	if (vault->owns_keeper)
		sgl_keeper_free(vault->keeper);
	sgl_mem_free(vault);
}

sgl_keeper *
sgl_vault_keeper(const sgl_vault *vault)
{
	return vault->keeper;
}

static sgl_status
set_digest(sgl_vault *v, sgl_slice spki, uint8_t out[32], sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hash_once(v->engine, SGL_DIGEST_SHA256, spki, &d, err));
	memcpy(out, d.bytes, 32);
	return SGL_OK;
}

static sgl_status
set_kind(sgl_key_record *k, sgl_key_kind kind, sgl_err *err)
{
	return sgl_slice_copy(sgl_slice_str(sgl_key_kind_name(kind)),
	    (uint8_t **)&k->kind, ROOM, err);
}

/* Begins a record with its number, which sealing needs first. */
static sgl_status
begin_record(sgl_vault *vault, int64_t person, sgl_key_record *k, sgl_err *err)
{
	k->person = person;
	k->created = sgl_engine_now(vault->engine);
	k->sealed = sgl_buf_init(SGL_SEALED_MAX);
	return sgl_store_next_key_id(vault->store, &k->id, err);
}

static sgl_status
end_record(
    sgl_vault *vault, const sgl_key *key, sgl_key_record *k, sgl_err *err)
{
	TRY(set_digest(vault, sgl_key_get_spki(key), k->spki_digest, err));
	TRY(set_kind(k, sgl_key_get_kind(key), err));
	return sgl_store_add_key(vault->store, k, err);
}

sgl_status
sgl_vault_add(sgl_vault *vault, const sgl_key *key, int64_t person, int64_t *id,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};

	TRY(begin_record(vault, person, &k, err));
	TRY(sgl_keeper_take(vault->keeper, key, k.id, &k.sealed, err));
	TRY(end_record(vault, key, &k, err));
	*id = k.id;
	return SGL_OK;
}

sgl_status
sgl_vault_add_public(sgl_vault *vault, const sgl_public_half *half,
    int64_t person, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record)
	k = {.person = person, .created = sgl_engine_now(vault->engine)};

	TRY(set_digest(vault, half->spki, k.spki_digest, err));
	TRY(set_kind(&k, half->kind, err));
	return sgl_store_add_public_key(vault->store, &k, id, err);
}

sgl_status
sgl_vault_find(sgl_vault *vault, sgl_slice spki, sgl_key_record *out,
    bool *found, sgl_err *err)
{
	uint8_t digest[32];

	TRY(set_digest(vault, spki, digest, err));
	return sgl_store_find_key_by_digest(
	    vault->store, digest, out, found, err);
}

sgl_status
sgl_vault_generate(sgl_vault *vault, const sgl_new_key *want, sgl_key **out,
    int64_t *id, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};

	TRY(begin_record(vault, want->person, &k, err));
	TRY(sgl_keeper_generate(
	    vault->keeper, want->kind, want->bits, k.id, &k.sealed, &key, err));
	TRY(end_record(vault, key, &k, err));
	*id = k.id;
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

sgl_status
sgl_vault_make_audit_key(
    sgl_vault *vault, sgl_key **out, int64_t *id, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};

	TRY(begin_record(vault, 0, &k, err));
	TRY(sgl_keeper_make_audit_key(
	    vault->keeper, k.id, &k.sealed, &key, err));
	TRY(end_record(vault, key, &k, err));
	*id = k.id;
	*out = SGL_TAKE(&key);
	return SGL_OK;
}

static sgl_sealed_key
sealed_of(const sgl_key_record *k)
{
	return (sgl_sealed_key){.label = {.id = k->id,
				    .spki_digest = sgl_slice_of(
					k->spki_digest, sizeof k->spki_digest)},
	    .sealed = sgl_buf_slice(&k->sealed)};
}

static sgl_status
not_here(sgl_err *err)
{
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the private key is not here: it was made on its owner's "
	       "device, "
	       "or handed out and not kept"));
}

static sgl_status
open_record(sgl_vault *v, const sgl_key_record *k, sgl_key **out, sgl_err *err)
{
	const sgl_sealed_key sealed = sealed_of(k);

	if (k->sealed.len == 0)
		return not_here(err);
	return sgl_keeper_open(v->keeper, &sealed, out, err);
}

static sgl_status
find_record(sgl_vault *vault, int64_t id, sgl_key_record *out, sgl_err *err)
{
	bool found;

	TRY(sgl_store_find_key(vault->store, id, out, &found, err));
	return found ? SGL_OK
		     : sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			   N_("a private key is not in the database"));
}

sgl_status
sgl_vault_get(sgl_vault *vault, int64_t id, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};

	TRY(find_record(vault, id, &k, err));
	return open_record(vault, &k, out, err);
}

/* What the bytes say of themselves is true once they open. */
sgl_status
sgl_vault_get_audit_key(
    sgl_vault *vault, int64_t id, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};

	TRY(find_record(vault, id, &k, err));
	if (sgl_sealed_purpose(sgl_buf_slice(&k.sealed)) != SGL_SEAL_AUDIT)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("this private key is not for the audit chain"));
	return open_record(vault, &k, out, err);
}

sgl_status
sgl_vault_lend(sgl_vault *vault, const sgl_key_record *k,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err)
{
	const sgl_sealed_key sealed = sealed_of(k);

	if (k->sealed.len == 0)
		return not_here(err);
	return sgl_keeper_lend(vault->keeper, &sealed, terms, out, err);
}

static sgl_status
find_sealed(sgl_vault *vault, int64_t id, sgl_key_record *record,
    sgl_sealed_key *out, sgl_err *err)
{
	TRY(find_record(vault, id, record, err));
	if (record->sealed.len == 0)
		return not_here(err);
	*out = sealed_of(record);
	return SGL_OK;
}

static sgl_status
fill_handout(sgl_vault *vault, const sgl_vault_handout *what,
    sgl_key_record *records, sgl_sealed_key *keys, sgl_err *err)
{
	for (size_t i = 0; i < what->num_keys; i++)
		TRY(find_sealed(
		    vault, what->keys[i], &records[i], &keys[i], err));
	return SGL_OK;
}

sgl_status
sgl_vault_pkcs12(sgl_vault *vault, const sgl_vault_handout *what,
    sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_MEM sgl_sealed_key *keys =
	    sgl_mem_zeroed(what->num_keys + 1, sizeof *keys);
	sgl_key_records list = {.num = what->num_keys};
	sgl_handout handout = {.keys = keys,
	    .num_keys = what->num_keys,
	    .certs = what->certs,
	    .friendly_name = what->friendly_name,
	    .password = what->password,
	    .legacy = what->legacy};
	sgl_status status;

	list.items = sgl_mem_zeroed(what->num_keys + 1, sizeof *list.items);
	if (keys == NULL || list.items == NULL) {
		sgl_mem_free(list.items);
		return sgl_oom(err, ROOM);
	}
	status = fill_handout(vault, what, list.items, keys, err);
	if (status == SGL_OK)
		status = sgl_keeper_pkcs12(vault->keeper, &handout, out, err);
	sgl_key_records_clear(&list);
	return status;
}

sgl_status
sgl_vault_hand_over(
    sgl_vault *vault, const sgl_vault_giving *what, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) key = {0};
	SGL_AUTO_CLEAR(sgl_key_record) signer = {0};
	sgl_hand_over h = {.recipient = what->recipient,
	    .cipher = what->cipher,
	    .signer_cert = what->signer_cert};

	TRY(find_sealed(vault, what->key, &key, &h.key, err));
	if (what->recipient.spki.len > 0)
		TRY(find_sealed(vault, what->signer, &signer, &h.signer, err));
	return sgl_keeper_hand_over(vault->keeper, &h, out, err);
}
