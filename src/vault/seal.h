/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a sealed key: purpose (1), salt (16), ciphertext, tag (16). Key
 * and nonce come by HKDF-SHA-256 from the master key and the salt, so that
 * each sealing has its own; the associated data are the purpose, the key's
 * number and the digest of its SubjectPublicKeyInfo, so that a sealed key put
 * in another's place does not open.
 */
#ifndef SGL_VAULT_SEAL_H
#define SGL_VAULT_SEAL_H

#include "base/buf.h"
#include "sigill/crypto.h"

#define SGL_MASTER_KEY 32

/* What a key is sealed for; what opens was sealed so. */
typedef enum sgl_seal_purpose {
	SGL_SEAL_ANY,
	/* Signs ends of the audit chain, and nothing else; was never outside.
	 */
	SGL_SEAL_AUDIT
} sgl_seal_purpose;
/* sgl_sealed_purpose is what sealed bytes say; true once they have opened. */
sgl_seal_purpose sgl_sealed_purpose(sgl_slice sealed);

typedef struct sgl_seal_label {
	int64_t id;
	sgl_slice spki_digest;	  /* 32 bytes */
	sgl_seal_purpose purpose; /* to seal; to open, the bytes say it */
} sgl_seal_label;

SGL_MUST sgl_status sgl_seal(sgl_engine *engine, sgl_slice master,
    const sgl_seal_label *label, sgl_slice plain, sgl_buf *out, sgl_err *err);
/* SGL_E_PASSWORD: another master key, another label, or changed bytes. */
SGL_MUST sgl_status sgl_unseal(sgl_engine *engine, sgl_slice master,
    const sgl_seal_label *label, sgl_slice sealed, sgl_secret *out,
    sgl_err *err);

/*
 * Sealed for the owner of a key that is agreed with (X25519): version (1), an
 * ephemeral public value (32), ciphertext, tag (16). Key and nonce come by
 * HKDF-SHA-256 from the agreed secret and both public values; `context` is
 * what it is bound to, as associated data. Whoever reads it parses nothing.
 */
SGL_MUST sgl_status sgl_seal_to(sgl_engine *engine, sgl_slice spki,
    sgl_slice context, sgl_slice plain, sgl_buf *out, sgl_err *err);
/* `key` is in memory. SGL_E_DECRYPT: another key, another context, or changed
 * bytes. */
SGL_MUST sgl_status sgl_unseal_with(sgl_engine *engine, sgl_key *key,
    sgl_slice context, sgl_slice sealed, sgl_secret *out, sgl_err *err);

#endif
