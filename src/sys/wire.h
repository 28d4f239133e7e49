/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a message between our own processes: numbers and byte strings
 * in a fixed order, without names. Each type of message has its `add` and its
 * `read` side by side, in one file, so that the two cannot drift apart.
 *
 * Whoever reads trusts nothing: every number has a range and every string a
 * longest length. The first fault sticks, later reads give zeros, and
 * sgl_unwire_end tells of it once.
 */
#ifndef SGL_SYS_WIRE_H
#define SGL_SYS_WIRE_H

#include "base/buf.h"

/* A builder over somebody's buffer, whose maximum bounds the message. */
typedef struct sgl_wire {
	sgl_buf *out; /* borrowed */
	sgl_status failed;
} sgl_wire;
sgl_wire sgl_wire_over(sgl_buf *out);
void sgl_wire_add_int(sgl_wire *w, int64_t value);
void sgl_wire_add_bytes(sgl_wire *w, sgl_slice bytes);
void sgl_wire_add_text(sgl_wire *w, const char *text); /* NULL as "" */
/* SGL_E_LIMIT: longer than the buffer may grow; SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_wire_end(const sgl_wire *w, sgl_err *err);

/* In front of each message: the length of what follows, and its type. */
#define SGL_WIRE_HEAD ((size_t)6)
typedef struct sgl_wire_head {
	uint8_t bytes[SGL_WIRE_HEAD];
} sgl_wire_head;
/* len at most UINT32_MAX, type at most UINT16_MAX. */
sgl_wire_head sgl_wire_head_of(size_t len, unsigned type);
void sgl_wire_head_read(const sgl_wire_head *h, size_t *len, unsigned *type);

/* A cursor over a message that somebody else owns; slices point into it. */
typedef struct sgl_unwire {
	const uint8_t *at, *end;
	bool failed;
} sgl_unwire;
sgl_unwire sgl_unwire_over(sgl_slice message);
int64_t sgl_unwire_int(sgl_unwire *u, int64_t min, int64_t max);
bool sgl_unwire_bool(sgl_unwire *u);
sgl_slice sgl_unwire_bytes(sgl_unwire *u, size_t max);
/* sgl_unwire_text copies a text without NUL bytes into out[size], a NUL behind
 * it. */
void sgl_unwire_text(sgl_unwire *u, char *out, size_t size);
/* SGL_E_IO: a field was missing or out of its bounds, or bytes are left over.
 */
SGL_MUST sgl_status sgl_unwire_end(const sgl_unwire *u, sgl_err *err);

#endif
