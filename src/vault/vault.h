/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys at rest. Each is sealed by AES-256-GCM under a key derived from
 * the home's master key, bound to its number and its public half, and kept in
 * the store; opened keys exist in memory only (of this process, or of the
 * keyholder: keeper.h), wiped when let go. A former key stays, so that what was
 * encrypted to it can be opened; only what a mailbox's custody forbids to keep
 * is wiped (sgl_store_drop_key).
 */
#ifndef SGL_VAULT_VAULT_H
#define SGL_VAULT_VAULT_H

#include "crypto/pubkey.h"
#include "sigill/pki.h"
#include "store/store.h"
#include "vault/keeper.h"

typedef struct sgl_vault sgl_vault;

/* sgl_vault_create makes the master key file (0600) in the folder `keys`, if
 * there is none yet; *made tells. */
SGL_MUST sgl_status sgl_vault_create(
    sgl_engine *engine, const char *keys, bool *made, sgl_err *err);
/* sgl_vault_open reads it (sgl_keeper_new_here: it may be locked then).
 * `engine` and `store` are borrowed. SGL_E_PASSWORD: there is no master key, or
 * it is damaged; SGL_E_IO. */
SGL_MUST sgl_status sgl_vault_open(sgl_engine *engine, sgl_store *store,
    const sgl_plain_folder *keys, sgl_vault **out, sgl_err *err);
/* sgl_vault_over is a vault whose keys a keeper has that lies elsewhere;
 * borrowed like the others. */
SGL_MUST sgl_status sgl_vault_over(sgl_engine *engine, sgl_store *store,
    sgl_keeper *keeper, sgl_vault **out, sgl_err *err);
void sgl_vault_free(sgl_vault *vault);
SGL_AUTO_TYPE(sgl_vault, sgl_vault_free)
/* Who has its master key; borrowed. */
sgl_keeper *sgl_vault_keeper(const sgl_vault *vault);

/* sgl_vault_add seals and stores a key in memory, inside a transaction of the
 * caller, for a person or (0) an authority. */
SGL_MUST sgl_status sgl_vault_add(sgl_vault *vault, const sgl_key *key,
    int64_t person, int64_t *id, sgl_err *err);
/* sgl_vault_add_public stores that there is a key whose private half is not
 * here, so that certificates can name it; *id 0: it is known already. */
typedef struct sgl_public_half {
	sgl_slice spki;
	sgl_key_kind kind;
} sgl_public_half;
SGL_MUST sgl_status sgl_vault_add_public(sgl_vault *vault,
    const sgl_public_half *half, int64_t person, int64_t *id, sgl_err *err);
/* sgl_vault_find finds a key by its public half (DER SubjectPublicKeyInfo). */
SGL_MUST sgl_status sgl_vault_find(sgl_vault *vault, sgl_slice spki,
    sgl_key_record *out, bool *found, sgl_err *err);
/* sgl_vault_generate makes a key, and does the same with it. */
typedef struct sgl_new_key {
	sgl_key_kind kind;
	unsigned bits; /* RSA */
	int64_t person;
} sgl_new_key;
SGL_MUST sgl_status sgl_vault_generate(sgl_vault *vault,
    const sgl_new_key *want, sgl_key **out, int64_t *id, sgl_err *err);
/* sgl_vault_get opens one. SGL_E_NOKEY: there is none of that number, or its
 * private half is not here;
 * SGL_E_PASSWORD: it was sealed under another master key, or changed. */
SGL_MUST sgl_status sgl_vault_get(
    sgl_vault *vault, int64_t id, sgl_key **out, sgl_err *err);
/* sgl_vault_make_audit_key makes the one that signs ends of the audit chain
 * (keeper.h); sgl_vault_get_audit_key opens it, and no other: SGL_E_MISMATCH.
 */
SGL_MUST sgl_status sgl_vault_make_audit_key(
    sgl_vault *vault, sgl_key **out, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_vault_get_audit_key(
    sgl_vault *vault, int64_t id, sgl_key **out, sgl_err *err);
/* sgl_vault_lend opens the one of a record for no more than the terms say
 * (sgl_keeper_lend). */
SGL_MUST sgl_status sgl_vault_lend(sgl_vault *vault, const sgl_key_record *k,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err);

/* sgl_vault_pkcs12 writes keys by their numbers, with certificates, as a file
 * under a password (sgl_pkcs12_write). All is borrowed. */
typedef struct sgl_vault_handout {
	const int64_t *keys;
	size_t num_keys;
	const sgl_certs *certs;
	sgl_slice friendly_name, password;
	bool legacy;
} sgl_vault_handout;
SGL_MUST sgl_status sgl_vault_pkcs12(sgl_vault *vault,
    const sgl_vault_handout *what, sgl_bytes *out, sgl_err *err);

/* sgl_vault_hand_over gives one key away by its number
 * (sgl_keeper_hand_over); *out is to be wiped. All is borrowed. */
typedef struct sgl_vault_giving {
	int64_t key;
	sgl_bare_recipient recipient; /* spki empty: as it is */
	sgl_cipher_alg cipher;
	int64_t signer;
	const sgl_cert *signer_cert;
} sgl_vault_giving;
SGL_MUST sgl_status sgl_vault_hand_over(
    sgl_vault *vault, const sgl_vault_giving *what, sgl_buf *out, sgl_err *err);

#endif
