/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a message for a test: from a file to a verdict. */
#ifndef SGL_SUPPORT_MESSAGE_H
#define SGL_SUPPORT_MESSAGE_H

#include "pki/cert.h"
#include "smime/verdict.h"

/* Bytes that any file of a test may have. */
#define MESSAGE_MAX ((size_t)16 << 20)

/* message_file reads FOLDER/NAME whole; a NUL stands behind it. Fails the test
 * where there is none. */
sgl_buf message_file(const char *folder, const char *name);
/* message_load puts certificates and keys of FOLDER/NAME into *ring. */
void message_load(sgl_engine *engine, const char *folder, const char *name,
    const char *password, sgl_keyring *ring);

typedef struct message_offer {
	sgl_keyring ring;
	sgl_certs anchors, intermediates;
	sgl_slice password, kek, kek_id;
	sgl_time at;
	sgl_peel peel;
	bool keep_headers;
	sgl_slice from;
} message_offer;

typedef struct message_outcome {
	sgl_status status;
	uint64_t offset; /* of the failure */
	bool finished;	 /* the content was; else it was aborted */
	sgl_buf content;
	sgl_bytes json;
	char signature[64], confidentiality[64], reason[64], label[128];
	bool is_receipt, from_is_unproven;
} message_outcome;

/* message_read pushes `in` in pieces of `step` and, if asked to, judges. */
void message_read(sgl_engine *engine, sgl_slice in, const message_offer *o,
    size_t step, bool judged, message_outcome *out);
void message_outcome_clear(message_outcome *o);
/* message_same fails the test unless both outcomes are the same. */
void message_same(const message_outcome *a, const message_outcome *b);

#endif
