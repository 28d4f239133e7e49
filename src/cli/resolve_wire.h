/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between a command and whoever knows the organisation: control,
 * at the socket of the service, or sigill-answer. */
#ifndef SGL_CLI_RESOLVE_WIRE_H
#define SGL_CLI_RESOLVE_WIRE_H

#include "cli/resolve.h"
#include "sys/farkey.h"

#define SGL_ANSWER_FD 3 /* where sigill-answer finds the channel */

/* Beside these, SGL_MESSAGE_ASK_KEY with the place of a key. */
typedef enum sgl_resolve_message {
	/* Other numbers than those of admin/wire.h: they come over one socket.
	 */
	SGL_RESOLVE_SIGNER = SGL_MESSAGE_OTHERS + 32, /* an address */
	SGL_RESOLVE_READER,			      /* an address */
	SGL_RESOLVE_KEYS,      /* sgl_resolve_add_names */
	SGL_RESOLVE_TOKEN,     /* of sigill-answer alone */
	SGL_RESOLVE_RECIPIENT, /* an address */
	SGL_RESOLVE_TRUST,     /* nothing */
	SGL_RESOLVE_CRL,       /* a number, from 0 */
	SGL_RESOLVE_SETTLED,   /* nothing; it is not answered */
	SGL_RESOLVED_IDENTITY, /* of a signer or a token */
	SGL_RESOLVED_READER,   /* nothing */
	SGL_RESOLVED_KEYS,     /* sgl_resolve_add_keys */
	SGL_RESOLVED_CERTS,    /* two sets; of a recipient the first alone */
	SGL_RESOLVED_CRL,      /* one; empty: there are no more */
} sgl_resolve_message;

/* The longest question that is not one to a key. */
#define SGL_RESOLVE_QUESTION ((size_t)256 << 10)

#define SGL_RESOLVE_NAME 4096 /* an address or URI, and a NUL */
void sgl_resolve_add_name(sgl_wire *w, const char *name);
void sgl_resolve_read_name(sgl_unwire *u, char out[SGL_RESOLVE_NAME]);

typedef struct sgl_token_question {
	char uri[SGL_RESOLVE_NAME];
	sgl_slice pin; /* borrowed; data NULL: none */
} sgl_token_question;
void sgl_resolve_add_token(sgl_wire *w, const char *uri, sgl_slice pin);
void sgl_resolve_read_token(sgl_unwire *u, sgl_token_question *out);

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

/* Whose keys are wanted, and by what a message names them: at most
 * SGL_FIND_AT_ONCE names, borrowed. */
typedef struct sgl_names_question {
	char address[SGL_RESOLVE_NAME];
	sgl_named_recipient names[SGL_FIND_AT_ONCE];
	size_t num;
} sgl_names_question;
void sgl_resolve_add_names(sgl_wire *w, const char *address,
    const sgl_named_recipient *names, size_t num);
void sgl_resolve_read_names(sgl_unwire *u, sgl_names_question *out);

/* The answer to it: which names have keys, and at which places these are. */
typedef struct sgl_found_key {
	size_t name, place;
	sgl_slice spki; /* borrowed */
} sgl_found_key;
typedef struct sgl_found_keys {
	sgl_found_key items[SGL_FIND_AT_ONCE];
	size_t num;
} sgl_found_keys;
void sgl_resolve_add_keys(sgl_wire *w, const sgl_found_keys *keys);
void sgl_resolve_read_keys(sgl_unwire *u, sgl_found_keys *out);

#endif
