/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between control, which wants something fetched, and the fetcher:
 * one order at a time, answered by what came, or by an SGL_MESSAGE_FAILURE. */
#ifndef SGL_DAEMON_FETCH_WIRE_H
#define SGL_DAEMON_FETCH_WIRE_H

#include "net/fetch.h"
#include "sys/farkey.h"

typedef enum sgl_fetch_message {
	SGL_FETCH_ORDER = SGL_MESSAGE_OTHERS,
	SGL_FETCH_CAME
} sgl_fetch_message;

/* What an order may have at most. */
#define SGL_FETCH_URL ((size_t)8192)
#define SGL_FETCH_POSTED ((size_t)64 << 10)
#define SGL_FETCH_TYPE ((size_t)128)
#define SGL_FETCH_SECONDS 600
#define SGL_FETCH_BODY ((size_t)15 << 20)
#define SGL_FETCH_ORDER_MAX                                                    \
	(SGL_FETCH_URL + SGL_FETCH_POSTED + SGL_FETCH_TYPE + 256)

/* An order that was read, with room for its texts; the body is borrowed. */
typedef struct sgl_fetch_read {
	sgl_fetch_order order;
	char url[SGL_FETCH_URL], type[SGL_FETCH_TYPE];
} sgl_fetch_read;
void sgl_fetch_add_order(sgl_wire *w, const sgl_fetch_order *o);
void sgl_fetch_read_order(sgl_unwire *u, sgl_fetch_read *out);

void sgl_fetch_add_came(sgl_wire *w, const sgl_fetched *f);
/* The body is copied. */
SGL_MUST sgl_status sgl_fetch_read_came(
    sgl_unwire *u, sgl_fetched *out, sgl_err *err);

#endif
