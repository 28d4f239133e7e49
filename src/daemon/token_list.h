/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys on tokens that the service uses, by their pkcs11: URIs: what the
 * supervisor has the token process begin with. What became of a PIN is noted
 * here by its digest, for as long as the service runs: whoever begins anew does
 * not try a wrong one again, nor one whose answer nobody knows.
 */
#ifndef SGL_DAEMON_TOKEN_LIST_H
#define SGL_DAEMON_TOKEN_LIST_H

#include "vault/token_line.h"

#define SGL_TOKENS_MAX 16
typedef struct sgl_listed_token {
	char uri[SGL_TOKEN_URI + 1];
	sgl_pin_note note;
} sgl_listed_token;
typedef struct sgl_token_list {
	sgl_listed_token items[SGL_TOKENS_MAX];
	size_t num;
} sgl_token_list;

/* sgl_token_list_put adds a URI; *added: it was not there. SGL_E_LIMIT: there
 * are too many. */
SGL_MUST sgl_status sgl_token_list_put(
    sgl_token_list *list, const char *uri, bool *added, sgl_err *err);
/* sgl_token_list_note has what is said of the PIN of one; what is not there is
 * passed over. */
void sgl_token_list_note(sgl_token_list *list, const sgl_listed_token *said);

#define SGL_TOKEN_LIST_TEXT ((size_t)64 << 10)
void sgl_listed_token_add(sgl_wire *w, const sgl_listed_token *item);
void sgl_listed_token_read(sgl_unwire *u, sgl_listed_token *out);
void sgl_token_list_add(sgl_wire *w, const sgl_token_list *list);
void sgl_token_list_read(sgl_unwire *u, sgl_token_list *out);

/* Whom the keyholder wants to ask; `anew`: somebody who begins anew. */
typedef struct sgl_token_wish {
	bool anew;
	char uri[SGL_TOKEN_URI + 1];
} sgl_token_wish;
void sgl_token_wish_add(sgl_wire *w, const sgl_token_wish *wish);
void sgl_token_wish_read(sgl_unwire *u, sgl_token_wish *out);

#endif
