/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A streaming BER tokenizer (X.690 clause 8). It is fed pieces of any size and
 * knows nothing of schemas: for every element header it asks its handler what
 * to do with the element. Memory is the nesting stack plus one capture buffer.
 *
 *	ENTER	 descend into a constructed element; `leave` is called after
 *		 its last child
 *	CAPTURE	 collect the whole element (any nesting inside), then call
 *		 `captured` with all of its bytes; over limits.element fails
 *	STREAM	 an OCTET STRING, primitive or in pieces nested in any way, by
 *		 its own tag or an implicit one: the contents go to `bytes`,
 *		 then `leave` is called
 */
#ifndef SGL_ASN1_BER_H
#define SGL_ASN1_BER_H

#include "asn1/der.h"

typedef enum sgl_ber_how {
	SGL_BER_ENTER,
	SGL_BER_CAPTURE,
	SGL_BER_STREAM
} sgl_ber_how;

typedef struct sgl_ber_head {
	sgl_tag tag; /* with SGL_TAG_CONSTRUCTED as it came */
	bool indefinite;
	uint64_t len;	 /* contents; 0 if indefinite */
	uint64_t offset; /* of the identifier, from the stream's start */
	unsigned depth;	 /* 0 for the outermost element */
} sgl_ber_head;

/*
 * Any of the calls may answer SGL_NEED_KEY: the tokenizer then stops behind
 * that event, and push goes on from there when called again. Every other
 * status but SGL_OK is a failure that sticks.
 */
typedef struct sgl_ber_handler {
	sgl_status (*element)(void *ctx, const sgl_ber_head *head,
	    sgl_ber_how *how, sgl_err *err);
	sgl_status (*captured)(
	    void *ctx, const sgl_ber_head *head, sgl_slice whole, sgl_err *err);
	sgl_status (*bytes)(void *ctx, sgl_slice piece, sgl_err *err);
	/* `head` is that of the element which ends; `end` the offset behind
	 * it. */
	sgl_status (*leave)(
	    void *ctx, const sgl_ber_head *head, uint64_t end, sgl_err *err);
} sgl_ber_handler;

typedef struct sgl_ber sgl_ber;

/* `handler`, `ctx` are borrowed. max_element bounds a capture, max_depth (at
 * most 64) the nesting. */
SGL_MUST sgl_status sgl_ber_new(const sgl_ber_handler *handler, void *ctx,
    size_t max_element, unsigned max_depth, sgl_ber **out, sgl_err *err);
void sgl_ber_free(sgl_ber *b);
SGL_AUTO_TYPE(sgl_ber, sgl_ber_free)

/*
 * sgl_ber_push feeds bytes and sets *taken: all of them, unless the outermost
 * element ended (sgl_ber_is_done; what follows is not ours) or a call answered
 * SGL_NEED_KEY. err->offset of SGL_E_ENCODING is the element at fault and does
 * not depend on how the input was cut.
 */
SGL_MUST sgl_status sgl_ber_push(
    sgl_ber *b, sgl_slice in, size_t *taken, sgl_err *err);
bool sgl_ber_is_done(const sgl_ber *b);
uint64_t sgl_ber_offset(const sgl_ber *b);
/* sgl_ber_finish says that no more comes: SGL_E_ENCODING if cut short. */
SGL_MUST sgl_status sgl_ber_finish(sgl_ber *b, sgl_err *err);

#endif
