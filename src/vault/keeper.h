/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever has the master key, and so can seal and open private keys: this
 * process, or the keyholder, a process that reads no stranger's bytes. The two
 * are the same to the vault; from the second, no private key comes over.
 *
 * A keeper stores nothing: sealed keys are given to it and taken from it.
 */
#ifndef SGL_VAULT_KEEPER_H
#define SGL_VAULT_KEEPER_H

#include "cms/key_package.h"
#include "crypto/pubkey.h"
#include "pki/cert.h"
#include "sigill/cms.h"
#include "sys/channel.h"
#include "vault/master.h"
#include "vault/stock.h"
#include "vault/ticket.h"

typedef struct sgl_keeper sgl_keeper;
/*
 * sgl_keeper_new_here reads the master key in the folder `keys`, by the ways
 * that need nobody. If none of these leads to it the keeper is locked: all that
 * needs the key is SGL_E_PASSWORD, until it is unlocked. SGL_E_PASSWORD: there
 * is no master key, or it is damaged; SGL_E_IO.
 */
SGL_MUST sgl_status sgl_keeper_new_here(sgl_engine *engine,
    const sgl_plain_folder *keys, sgl_keeper **out, sgl_err *err);
/* sgl_keeper_new_over is over what was read (and gathered) before, which it
 * takes. With `locked` it goes none of the ways, else not those by token, which
 * would load a module; sgl_keeper_go_tokens goes these over `tokens`
 * (borrowed), which sgl_keeper_set_tokens has open all keys on tokens. If the
 * keeper is locked then, *err says why. */
SGL_MUST sgl_status sgl_keeper_new_over(sgl_engine *engine, sgl_master *master,
    bool locked, sgl_keeper **out, sgl_err *err);
void sgl_keeper_set_tokens(sgl_keeper *keeper, const sgl_token_source *tokens);
SGL_MUST sgl_status sgl_keeper_go_tokens(sgl_keeper *keeper, sgl_err *err);
/* sgl_keeper_new_from has the contents of such a file, which is on no disk;
 * `name` is for errors. */
SGL_MUST sgl_status sgl_keeper_new_from(sgl_engine *engine, const char *name,
    sgl_slice text, sgl_keeper **out, sgl_err *err);
/* sgl_keeper_new_far asks the keyholder at the other end of `channel`, which is
 * borrowed and must outlive the keeper, and this one the keys that it gives; so
 * must the tickets without which nothing is answered. */
SGL_MUST sgl_status sgl_keeper_new_far(sgl_engine *engine, sgl_channel *channel,
    sgl_ticket_source tickets, sgl_keeper **out, sgl_err *err);
void sgl_keeper_free(sgl_keeper *keeper);
SGL_AUTO_TYPE(sgl_keeper, sgl_keeper_free)

/* sgl_keeper_unlock: SGL_E_PASSWORD: it is not the passphrase. To unlock what
 * is not locked does nothing. */
SGL_MUST sgl_status sgl_keeper_unlock(
    sgl_keeper *keeper, sgl_slice passphrase, sgl_err *err);
SGL_MUST sgl_status sgl_keeper_state(
    sgl_keeper *keeper, sgl_vault_state *out, sgl_err *err);
/* sgl_keeper_tell_ways: the file of the master key has these ways now, which a
 * far keeper has read before it was so; from now on the state has them. */
void sgl_keeper_tell_ways(sgl_keeper *keeper, const sgl_vault_state *ways);
/* sgl_keeper_restart lets the keyholder begin anew: with all keys gone from its
 * memory, the ways read again, and locked or not as it is told. One that is
 * here does not do this by itself: its process looks at sgl_keeper_asked. One
 * that is far is of no use any more. */
typedef enum sgl_keeper_wish {
	SGL_WISH_NONE,
	SGL_WISH_ANEW,
	SGL_WISH_LOCKED
} sgl_keeper_wish;
SGL_MUST sgl_status sgl_keeper_restart(
    sgl_keeper *keeper, bool locked, sgl_err *err);
sgl_keeper_wish sgl_keeper_asked(const sgl_keeper *keeper);

/* Borrowed; the label is what it was sealed with. */
typedef struct sgl_sealed_key {
	sgl_seal_label label;
	sgl_slice sealed;
} sgl_sealed_key;
#define SGL_SEALED_MAX ((size_t)64 << 10)

/* sgl_keeper_generate makes a key and seals it under the number `id`; `bits`
 * as in sgl_key_generate. */
SGL_MUST sgl_status sgl_keeper_generate(sgl_keeper *keeper, sgl_key_kind kind,
    unsigned bits, int64_t id, sgl_buf *sealed, sgl_key **out, sgl_err *err);
/*
 * With a service, RSA keys are made by a process of its own, and the keyholder
 * has some ready (stock.h). If none is, sgl_keeper_generate is SGL_E_LIMIT, and
 * sgl_keeper_take_lack tells it, once: then what was begun is undone, and done
 * anew when so many keys of that sort are ready.
 *
 * sgl_keeper_settle comes when a change ends: just before it is kept, or once
 * it is undone; only then keys that were given for it go to somebody else.
 * A keeper that is here makes every key itself, and lacks nothing.
 */
typedef struct sgl_lack {
	sgl_key_sort sort;
	size_t num;
} sgl_lack;
bool sgl_keeper_lacks(const sgl_keeper *keeper);
bool sgl_keeper_take_lack(sgl_keeper *keeper, sgl_lack *out);
void sgl_keeper_settle(sgl_keeper *keeper, bool kept);
/* sgl_keeper_use_sort: keys of this sort will be needed. */
SGL_MUST sgl_status sgl_keeper_use_sort(
    sgl_keeper *keeper, sgl_key_sort sort, sgl_err *err);
/* sgl_keeper_ready tells how many there are (SIZE_MAX: any number);
 * sgl_keeper_want tells it, too, and that somebody waits for so many. */
SGL_MUST sgl_status sgl_keeper_ready(
    sgl_keeper *keeper, sgl_key_sort sort, size_t *num, sgl_err *err);
SGL_MUST sgl_status sgl_keeper_want(sgl_keeper *keeper, sgl_key_sort sort,
    size_t wanted, size_t *num, sgl_err *err);
/* sgl_keeper_reserve: others wait for what there is; whoever asks now finds
 * none. */
void sgl_keeper_reserve(sgl_keeper *keeper, bool reserved);

/* sgl_keeper_make_audit_key makes the kind of key by which ends of the audit
 * chain are signed. The keyholder signs these with such a key alone, and with
 * it nothing else; nobody gets its private half. */
#define SGL_AUDIT_MARK "sigill audit head 1\n" /* they begin so */
SGL_MUST sgl_status sgl_keeper_make_audit_key(sgl_keeper *keeper, int64_t id,
    sgl_buf *sealed, sgl_key **out, sgl_err *err);
/* sgl_keeper_take seals a key that the caller has in memory. */
SGL_MUST sgl_status sgl_keeper_take(sgl_keeper *keeper, const sgl_key *key,
    int64_t id, sgl_buf *sealed, sgl_err *err);
/* sgl_keeper_open: SGL_E_PASSWORD: sealed under another master key, or changed;
 * SGL_E_MISMATCH: it is not the key that the label names. */
SGL_MUST sgl_status sgl_keeper_open(sgl_keeper *keeper,
    const sgl_sealed_key *sealed, sgl_key **out, sgl_err *err);
/* sgl_keeper_lend opens one for no more than that: the keyholder sees to it. A
 * keeper that is here leaves it to the caller. */
SGL_MUST sgl_status sgl_keeper_lend(sgl_keeper *keeper,
    const sgl_sealed_key *sealed, const sgl_ticket_terms *terms, sgl_key **out,
    sgl_err *err);

/* sgl_keeper_open_token opens the one key on a token that a pkcs11: URI names:
 * what sgl_keeper_set_tokens set does. SGL_E_PASSWORD: the keeper is locked, or
 * there is no PIN, or a wrong one; SGL_E_NOKEY, SGL_E_IO: the token, or the
 * key, is not there. */
SGL_MUST sgl_status sgl_keeper_open_token(
    sgl_keeper *keeper, const char *uri, sgl_key **out, sgl_err *err);

/* sgl_keeper_pkcs12 writes keys and certificates as sgl_pkcs12_write does. */
typedef struct sgl_handout {
	const sgl_sealed_key *keys;
	size_t num_keys;
	const sgl_certs *certs;
	sgl_slice friendly_name, password;
	bool legacy;
} sgl_handout;
SGL_MUST sgl_status sgl_keeper_pkcs12(
    sgl_keeper *keeper, const sgl_handout *what, sgl_bytes *out, sgl_err *err);

/*
 * sgl_keeper_hand_over gives a private key away as it is (PKCS#8), or, where
 * there is a recipient, for that one (sgl_key_package_write), signed with
 * another sealed key. Appended to *out, which is to be wiped.
 */
typedef struct sgl_hand_over {
	sgl_sealed_key key;
	sgl_bare_recipient recipient; /* spki empty: nobody, as it is */
	sgl_cipher_alg cipher;	      /* with a recipient, as are these */
	sgl_sealed_key signer;
	const sgl_cert *signer_cert;
} sgl_hand_over;
SGL_MUST sgl_status sgl_keeper_hand_over(
    sgl_keeper *keeper, const sgl_hand_over *what, sgl_buf *out, sgl_err *err);

/* The keyholder's side: one conversation, and the keys opened in it. */
typedef struct sgl_keeper_server sgl_keeper_server;
typedef struct sgl_keeper_door {
	sgl_ticket_gate *gate; /* borrowed */
	int64_t holder;	       /* who is at the other end of the channel */
	/* Told of whoever had no good ticket (may be NULL). */
	void (*on_refused)(void *ctx, const sgl_err *why);
	void *ctx;
	/* Where slow keys come from (borrowed); NULL: they are made on the
	 * spot. */
	sgl_stock *stock;
} sgl_keeper_door;
/* `keeper` is one that is here; it and the channel are borrowed. */
SGL_MUST sgl_status sgl_keeper_server_new(sgl_engine *engine,
    sgl_keeper *keeper, sgl_channel *channel, const sgl_keeper_door *door,
    sgl_keeper_server **out, sgl_err *err);
void sgl_keeper_server_free(sgl_keeper_server *server);
/* sgl_keeper_serve answers one message; one without a good ticket, or for a key
 * whose ticket does not go so far, by a failure. A failure of its own ends the
 * conversation. */
SGL_MUST sgl_status sgl_keeper_serve(
    sgl_keeper_server *server, unsigned type, sgl_slice body, sgl_err *err);

#endif
