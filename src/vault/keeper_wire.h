/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between a vault and the keyholder. */
#ifndef SGL_VAULT_KEEPER_WIRE_H
#define SGL_VAULT_KEEPER_WIRE_H

#include "sys/farkey.h"
#include "vault/keeper.h"

typedef enum sgl_keeper_message {
	SGL_KEEPER_GENERATE = SGL_MESSAGE_OTHERS,
	SGL_KEEPER_TAKE,
	SGL_KEEPER_OPEN,
	SGL_KEEPER_PKCS12,
	SGL_KEEPER_SEALED, /* answers GENERATE */
	SGL_KEEPER_TAKEN,  /* answers TAKE */
	SGL_KEEPER_OPENED, /* answers OPEN */
	/* answers PKCS12, RECOVERY_COLLECT and HAND_OVER */
	SGL_KEEPER_FILE,
	SGL_KEEPER_UNLOCK,
	SGL_KEEPER_ASK_STATE,
	SGL_KEEPER_STATE, /* answers ASK_STATE */
	SGL_KEEPER_RESTART,
	SGL_KEEPER_DONE, /* answers UNLOCK, RESTART, STOCK_USE, SETTLE */
	SGL_KEEPER_STOCK_USE,
	SGL_KEEPER_STOCK_WANT,
	SGL_KEEPER_SETTLE,
	SGL_KEEPER_STOCK, /* answers STOCK_WANT */
	SGL_KEEPER_HAND_OVER,
	/* recovery_wire.h */
	SGL_KEEPER_RECOVERY_MAKE,
	SGL_KEEPER_ESCROW,
	SGL_KEEPER_RECOVERY_BEGIN,
	SGL_KEEPER_RECOVERY_CHECK,
	SGL_KEEPER_RECOVERY_COLLECT,
	SGL_KEEPER_RECOVERY_MOVE,
	SGL_KEEPER_RECOVERY_STATE,
	SGL_KEEPER_RECOVERY_MADE,   /* answers MAKE */
	SGL_KEEPER_ESCROWED,	    /* answers ESCROW */
	SGL_KEEPER_RECOVERY_OPEN,   /* answers BEGIN */
	SGL_KEEPER_RECOVERY_GOOD,   /* answers CHECK */
	SGL_KEEPER_RECOVERY_MOVED,  /* answers MOVE */
	SGL_KEEPER_RECOVERY_STATED, /* answers STATE */
	SGL_KEEPER_OPEN_TOKEN	    /* is answered OPENED */
} sgl_keeper_message;

/* Around every question of these types: the ticket in front. The question is
 * borrowed. */
void
sgl_keeper_add_ticketed(sgl_wire *w, const sgl_ticket *t, sgl_slice question);
void
sgl_keeper_read_ticketed(sgl_unwire *u, sgl_ticket *t, sgl_slice *question);

typedef struct sgl_generate_order {
	sgl_key_sort sort;
	int64_t id;
	sgl_seal_purpose purpose;
} sgl_generate_order;
void sgl_keeper_add_generate(sgl_wire *w, const sgl_generate_order *o);
void sgl_keeper_read_generate(sgl_unwire *u, sgl_generate_order *out);

/* A private key (PKCS#8) for a number. */
void sgl_keeper_add_take(sgl_wire *w, int64_t id, sgl_slice pkcs8);
int64_t sgl_keeper_read_take(sgl_unwire *u, sgl_slice *pkcs8);
/* How it is sealed; the keyholder does not keep it open. */
void sgl_keeper_add_taken(sgl_wire *w, sgl_slice sealed);
sgl_slice sgl_keeper_read_taken(sgl_unwire *u);

void sgl_keeper_add_sealed_key(sgl_wire *w, const sgl_sealed_key *key);
void sgl_keeper_read_sealed_key(sgl_unwire *u, sgl_sealed_key *out);

void sgl_keeper_add_sort(sgl_wire *w, sgl_key_sort sort);
sgl_key_sort sgl_keeper_read_sort(sgl_unwire *u);
/* How many keys of it somebody waits for (0: nobody), and how many are there.
 */
void sgl_keeper_add_want(sgl_wire *w, sgl_key_sort sort, size_t num);
sgl_key_sort sgl_keeper_read_want(sgl_unwire *u, size_t *num);
void sgl_keeper_add_stock(sgl_wire *w, size_t num);
size_t sgl_keeper_read_stock(sgl_unwire *u);
void sgl_keeper_add_settle(sgl_wire *w, bool kept);
bool sgl_keeper_read_settle(sgl_unwire *u);
/* A pkcs11: URI. */
void sgl_keeper_add_token(sgl_wire *w, const char *uri);
void sgl_keeper_read_token(sgl_unwire *u, char uri[SGL_TOKEN_URI + 1]);

/* A key as the keyholder tells of it: its place there, its public half, and
 * when it was made just now how it is sealed. Without a public half: none is
 * ready, but will be. */
typedef struct sgl_told_key {
	size_t place;
	sgl_slice spki, sealed;
} sgl_told_key;
void sgl_keeper_add_told(sgl_wire *w, const sgl_told_key *key);
void sgl_keeper_read_told(sgl_unwire *u, sgl_told_key *out);

/* *keys is allocated, what it points to borrowed from the message. */
void sgl_keeper_add_handout(sgl_wire *w, const sgl_handout *h);
SGL_MUST sgl_status sgl_keeper_read_handout(sgl_engine *engine, sgl_unwire *u,
    sgl_handout *out, sgl_sealed_key **keys, sgl_certs *certs, sgl_err *err);

/* As it is read, *cert is one of its own; NULL where nobody signs. */
void sgl_keeper_add_hand_over(sgl_wire *w, const sgl_hand_over *h);
SGL_MUST sgl_status sgl_keeper_read_hand_over(sgl_engine *engine, sgl_unwire *u,
    sgl_hand_over *out, sgl_cert **cert, sgl_err *err);

void sgl_keeper_add_unlock(sgl_wire *w, sgl_slice passphrase);
sgl_slice sgl_keeper_read_unlock(sgl_unwire *u);
void sgl_keeper_add_state(sgl_wire *w, const sgl_vault_state *s);
void sgl_keeper_read_state(sgl_unwire *u, sgl_vault_state *out);
void sgl_keeper_add_restart(sgl_wire *w, bool locked);
bool sgl_keeper_read_restart(sgl_unwire *u);

#define SGL_KEEPER_FILE_MAX ((size_t)8 << 20)

#endif
