/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are: the keys that --key and --sign name. Keys and certificates of
 * all files are pooled and paired by public key, so that a key and its
 * certificate may come in two files.
 */
#ifndef SGL_MESSAGE_KEYS_H
#define SGL_MESSAGE_KEYS_H

#include "message/work.h"

typedef struct sgl_id {
	const char *name; /* as given */
	bool is_address;
	sgl_keyring own;     /* what the file holds */
	sgl_identity person; /* what the address or token stands for */
} sgl_id;
/* What they are wanted for: of an address, another key. */
typedef enum sgl_id_use { SGL_ID_SIGNS, SGL_ID_READS } sgl_id_use;
/* sgl_id_ring borrows the keys and certificates of one ID. */
const sgl_keyring *sgl_id_ring(const sgl_id *id);

/* All-zero is empty. */
typedef struct sgl_ids {
	sgl_id *items;
	size_t num;
	sgl_keyring pool; /* of all but addresses that read */
	/* Has the keys of addresses that read, once a message names them: what
	 * find wants is the rest of this. */
	sgl_key_finder finder;
	bool has_finder;
	sgl_resolver *resolver; /* borrowed */
} sgl_ids;
void sgl_ids_clear(sgl_ids *ids);
SGL_AUTO_CLEAR_TYPE(sgl_ids, sgl_ids_clear)

/* sgl_ids_load loads what each value of `option` names. *out must stay where it
 * is. SGL_E_NOKEY: there is no private key at all. */
SGL_MUST sgl_status sgl_ids_load(
    sgl_msg *m, const char *option, sgl_id_use use, sgl_ids *out, sgl_err *err);

/* Those who sign: one per ID that has a key to sign with, and what to send
 * along. Borrows from the ids. */
typedef struct sgl_signers {
	sgl_sign_with *items;
	size_t num;
	sgl_certs include;
	const sgl_cert *encryption_cert; /* the first one's, to advertise */
} sgl_signers;
void sgl_signers_clear(sgl_signers *signers);
SGL_AUTO_CLEAR_TYPE(sgl_signers, sgl_signers_clear)

typedef enum sgl_chain {
	SGL_CHAIN_NONE,
	SGL_CHAIN_ISSUERS,
	SGL_CHAIN_FULL
} sgl_chain;

/* sgl_signers_choose takes of each ID the certificate that may sign, is valid
 * now, and is the newest. SGL_E_NOKEY: there is none; err tells why. */
SGL_MUST sgl_status sgl_signers_choose(sgl_msg *m, const sgl_ids *ids,
    sgl_chain chain, sgl_signers *out, sgl_err *err);

/* A key-encryption key: a file with ID:HEX, or of 16, 24 or 32 bytes, whose
 * ID is then made from it. */
typedef struct sgl_kek {
	sgl_secret key;
	uint8_t id[64];
	size_t id_len;
	bool is_named; /* the file says its ID */
} sgl_kek;
void sgl_kek_clear(sgl_kek *kek);
SGL_AUTO_CLEAR_TYPE(sgl_kek, sgl_kek_clear)
SGL_MUST sgl_status sgl_kek_load(
    sgl_msg *m, const char *path, sgl_kek *out, sgl_err *err);

/* The two secrets that stand for a recipient's key: --password-recipient and
 * --kek. */
typedef struct sgl_shared_secrets {
	sgl_secret password;
	bool has_password;
	sgl_kek kek;
} sgl_shared_secrets;
void sgl_shared_secrets_clear(sgl_shared_secrets *s);
SGL_AUTO_CLEAR_TYPE(sgl_shared_secrets, sgl_shared_secrets_clear)
SGL_MUST sgl_status sgl_shared_secrets_load(
    sgl_msg *m, sgl_shared_secrets *out, sgl_err *err);

#define SGL_OPTION_PASSWORD_RECIPIENT(text)                                    \
	{                                                                      \
		"password-recipient", 0, "FILE", text, false                   \
	}
#define SGL_OPTION_KEK(text)                                                   \
	{                                                                      \
		"kek", 0, "FILE", text, false                                  \
	}

#endif
