/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to the master key: its file holds it once for each, wrapped in a secret
 * that lies elsewhere. Any one of them opens it. As text, a line each, its
 * fields parted by tabs:
 *
 *	sigill master key 2
 *	id	ID
 *	passphrase		argon2id:3:65536:4:SALT	WRAPPED
 *	credential	vault	raw	WRAPPED
 *	key-file	/media/usb/sigill.key	raw	WRAPPED
 *	token	pkcs11:token=hsm;object=sigill	rsa-oaep:CIPHERTEXT	WRAPPED
 *
 * ID is derived from the master key, so that whoever unwraps something knows
 * whether it is the right one. WRAPPED is sealed (seal.h), bound to all that
 * stands before it in its line.
 */
#ifndef SGL_VAULT_WAYS_H
#define SGL_VAULT_WAYS_H

#include "base/buf.h"
#include "sigill/crypto.h"
#include "vault/seal.h"

/* In the order of what it takes to misuse them, least first. */
typedef enum sgl_way_kind {
	SGL_WAY_KEY_FILE,
	SGL_WAY_CREDENTIAL,
	SGL_WAY_PASSPHRASE,
	SGL_WAY_TOKEN,
	SGL_NUM_WAY_KINDS
} sgl_way_kind;
const char *sgl_way_kind_name(sgl_way_kind kind); /* "key-file" */

typedef struct sgl_way {
	sgl_way_kind kind;
	char *name; /* a path, a credential's name, a pkcs11: URI; or "" */
	char *how;  /* how the name leads to what `sealed` is sealed under */
	sgl_buf sealed;
} sgl_way;
void sgl_way_clear(sgl_way *w);
SGL_AUTO_CLEAR_TYPE(sgl_way, sgl_way_clear)

#define SGL_WAYS_MAX 8
#define SGL_WAY_NAME ((size_t)2048)
#define SGL_MASTER_ID 16
typedef struct sgl_ways {
	uint8_t id[SGL_MASTER_ID];
	sgl_way items[SGL_WAYS_MAX];
	size_t num;
} sgl_ways;
void sgl_ways_clear(sgl_ways *w);
SGL_AUTO_CLEAR_TYPE(sgl_ways, sgl_ways_clear)

#define SGL_WAYS_HEAD "sigill master key 2\n"
#define SGL_WAYS_TEXT ((size_t)64 << 10)
/* sgl_ways_read: SGL_E_ENCODING: not such a text, or a cost beyond all reason.
 */
SGL_MUST sgl_status sgl_ways_read(sgl_slice text, sgl_ways *out, sgl_err *err);
SGL_MUST sgl_status sgl_ways_write(
    const sgl_ways *ways, sgl_buf *out, sgl_err *err);
/* sgl_ways_put takes a way, in the place of one of the same kind and name. */
SGL_MUST sgl_status sgl_ways_put(sgl_ways *ways, sgl_way *way, sgl_err *err);
void sgl_ways_keep_only(sgl_ways *ways, sgl_way_kind kind, const char *name);

SGL_MUST sgl_status sgl_master_id(sgl_engine *engine, sgl_slice master,
    uint8_t out[SGL_MASTER_ID], sgl_err *err);

/*
 * sgl_way_wrap wraps the master key in a secret: one of exactly 32 bytes is a
 * key as it is, unless `kind` is a passphrase; everything else is thought up by
 * people and goes through Argon2id (RFC 9106), with as much memory as it
 * recommends, less where this process may not have that.
 */
SGL_MUST sgl_status sgl_way_wrap(sgl_engine *engine, sgl_way_kind kind,
    const char *name, sgl_slice secret, sgl_slice master, sgl_way *out,
    sgl_err *err);
/* SGL_E_PASSWORD: it is another secret, or the way was changed. */
SGL_MUST sgl_status sgl_way_unwrap(sgl_engine *engine, const sgl_way *way,
    sgl_slice secret, sgl_secret *master, sgl_err *err);
/* The same for a private key that is asked, by its public half: RSA by OAEP,
 * an elliptic curve by agreeing with a key made for this. */
SGL_MUST sgl_status sgl_way_wrap_key(sgl_engine *engine, const char *uri,
    sgl_slice spki, sgl_slice master, sgl_way *out, sgl_err *err);
SGL_MUST sgl_status sgl_way_unwrap_key(sgl_engine *engine, const sgl_way *way,
    sgl_key *key, sgl_secret *master, sgl_err *err);

/* Inside: what `how` says, checked when it is read. */
typedef enum sgl_how_kind {
	SGL_HOW_RAW,
	SGL_HOW_ARGON2ID,
	SGL_HOW_RSA_OAEP,
	SGL_HOW_ECDH
} sgl_how_kind;
#define SGL_HOW_BYTES 2048
#define SGL_HOW_SLACK 6 /* that a decoder may write to */
typedef struct sgl_how {
	sgl_how_kind kind;
	uint32_t passes, kibibytes, lanes;
	size_t len; /* of the salt, the ciphertext or the point */
	uint8_t bytes[SGL_HOW_BYTES + SGL_HOW_SLACK];
} sgl_how;
SGL_MUST bool sgl_how_read(const char *text, sgl_how *out);
SGL_MUST sgl_status sgl_how_write(const sgl_how *how, char **out, sgl_err *err);

#endif
