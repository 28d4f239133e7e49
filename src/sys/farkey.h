/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys that another process holds. The near side has sgl_keys whose
 * questions travel over a channel; the far side has the keys and answers. The
 * near side, which reads strangers' bytes, never sees a private key.
 *
 * The far side knows a key by its place in the list it offered.
 */
#ifndef SGL_SYS_FARKEY_H
#define SGL_SYS_FARKEY_H

#include "sigill/crypto.h"
#include "sys/channel.h"
#include "sys/wire.h"

/* The longest question: what is signed by Ed25519 is sent whole. */
#define SGL_FARKEY_INPUT ((size_t)8 << 20)

/* Types of messages; those of other conversations begin at
 * SGL_MESSAGE_OTHERS. */
typedef enum sgl_message {
	SGL_MESSAGE_FAILURE = 1, /* an sgl_err */
	SGL_MESSAGE_ASK_KEY,	 /* a place and an sgl_key_request */
	SGL_MESSAGE_KEY_ANSWER,	 /* an sgl_key_answer */
	SGL_MESSAGE_DROP_KEY,	 /* a place; it is not answered */
	SGL_MESSAGE_ASK_KEYS,	 /* a place and several sgl_key_requests */
	SGL_MESSAGE_KEY_ANSWERS, /* as many sgl_key_answers */
	SGL_MESSAGE_OTHERS = 16
} sgl_message;

/* sgl_farkey_new makes the near side's key: `number` is its place at the far
 * side, `spki` its public half. `channel` is borrowed and must outlive it.
 * `is_lent`: the far side takes SGL_MESSAGE_ASK_KEYS, and is told when the last
 * reference goes, and also if this fails. */
SGL_MUST sgl_status sgl_farkey_new(sgl_engine *engine, sgl_channel *channel,
    size_t number, bool is_lent, sgl_slice spki, sgl_key **out, sgl_err *err);

/* What is asked of one key at once; slices are borrowed from the message. */
typedef struct sgl_farkey_questions {
	unsigned type; /* SGL_MESSAGE_ASK_KEY, with one, or _ASK_KEYS */
	size_t number, num;
	sgl_key_request requests[SGL_KEY_MANY];
} sgl_farkey_questions;
/* sgl_farkey_add_questions writes an SGL_MESSAGE_ASK_KEYS: 1 to SGL_KEY_MANY.
 * sgl_farkey_asked reads a message of either type. SGL_E_IO. */
void sgl_farkey_add_questions(
    sgl_wire *w, size_t number, const sgl_key_request *requests, size_t num);
SGL_MUST sgl_status sgl_farkey_asked(
    unsigned type, sgl_slice body, sgl_farkey_questions *out, sgl_err *err);
/* sgl_farkey_serve answers with `keys`, by one message; what goes wrong with
 * the key is the answer, to all of them. SGL_E_IO: there is no such key. */
SGL_MUST sgl_status sgl_farkey_serve(sgl_engine *engine, sgl_channel *channel,
    sgl_key *const *keys, size_t num_keys, const sgl_farkey_questions *q,
    sgl_err *err);

/* The fields of a question and of its answer, for other messages that carry
 * them. */
void
sgl_farkey_add_question(sgl_wire *w, size_t number, const sgl_key_request *r);
size_t sgl_farkey_read_question(sgl_unwire *u, sgl_key_request *r);
void sgl_farkey_add_answer(sgl_wire *w, const sgl_key_answer *answer);
void sgl_farkey_read_answer(sgl_unwire *u, sgl_key_answer *out);
/* sgl_farkey_dropped reads an SGL_MESSAGE_DROP_KEY. */
SGL_MUST sgl_status sgl_farkey_dropped(
    sgl_slice body, size_t *number, sgl_err *err);

/*
 * A failure that travels: sgl_failure_send tells it (sgl_failure_write gives
 * the body of the message alone), and sgl_failure_take makes it the receiver's
 * own: it gives the status, never SGL_OK. The text is kept by the process until
 * it ends, for sgl_err holds constant strings.
 */
SGL_MUST sgl_status sgl_failure_write(
    const sgl_err *failure, sgl_buf *body, sgl_err *err);
SGL_MUST sgl_status sgl_failure_send(
    sgl_channel *channel, const sgl_err *failure, sgl_err *err);
SGL_MUST sgl_status sgl_failure_take(sgl_slice body, sgl_err *err);

/* sgl_exchange sends a question and waits for an answer of type `want`; a
 * failure in its place is passed on. *body is borrowed until the next call. */
SGL_MUST sgl_status sgl_exchange(sgl_channel *channel, unsigned type,
    sgl_slice question, unsigned want, sgl_slice *body, sgl_err *err);

#endif
