/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between a command and the sigill-answer that answers it. */
#ifndef SGL_CMD_RESOLVE_WIRE_H
#define SGL_CMD_RESOLVE_WIRE_H

#include "cmd/resolve.h"
#include "sys/farkey.h"

#define SGL_ANSWER_FD 3 /* where it finds the channel */

typedef enum sgl_resolve_message {
	SGL_RESOLVE_IDENTITY = SGL_MESSAGE_OTHERS, /* an address */
	SGL_RESOLVE_TOKEN,
	SGL_RESOLVE_RECIPIENT, /* an address */
	SGL_RESOLVE_TRUST,     /* nothing */
	SGL_RESOLVE_CRL,       /* a number, from 0 */
	SGL_RESOLVE_SETTLED,   /* nothing; it is not answered */
	SGL_RESOLVED_IDENTITY, /* also of a token */
	SGL_RESOLVED_CERTS,    /* two sets; of a recipient the first alone */
	SGL_RESOLVED_CRL,      /* one; empty: there are no more */
} sgl_resolve_message;

#define SGL_RESOLVE_NAME 4096 /* an address or URI, and a NUL */

void sgl_resolve_add_name(sgl_wire *w, const char *name);
void sgl_resolve_read_name(sgl_unwire *u, char out[SGL_RESOLVE_NAME]);

typedef struct sgl_token_question {
	char uri[SGL_RESOLVE_NAME];
	sgl_slice pin; /* borrowed; data NULL: none */
} sgl_token_question;
void sgl_resolve_add_token(sgl_wire *w, const char *uri, sgl_slice pin);
void sgl_resolve_read_token(sgl_unwire *u, sgl_token_question *out);

void sgl_resolve_add_certs(sgl_wire *w, const sgl_certs *certs);
/* Adds to a set. */
SGL_MUST sgl_status sgl_resolve_read_certs(
    sgl_engine *engine, sgl_unwire *u, sgl_certs *out, sgl_err *err);

/* The number of a CRL, and one as it is. */
void sgl_resolve_add_number(sgl_wire *w, size_t number);
size_t sgl_resolve_read_number(sgl_unwire *u);
void sgl_resolve_add_crl(sgl_wire *w, sgl_slice der);
sgl_slice sgl_resolve_read_crl(sgl_unwire *u);

/* The keys of the ring have the places `first`, `first` + 1 and so on. */
void sgl_resolve_add_identity(
    sgl_wire *w, const sgl_identity *identity, size_t first);
SGL_MUST sgl_status sgl_resolve_read_identity(sgl_engine *engine,
    sgl_channel *channel, sgl_unwire *u, sgl_identity *out, sgl_err *err);

#endif
