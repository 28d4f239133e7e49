/* SPDX-License-Identifier: Apache-2.0 */
/* What the keyholder and the maker of keys say to each other. */
#ifndef SGL_DAEMON_MAKER_LINE_H
#define SGL_DAEMON_MAKER_LINE_H

#include "net/peer.h"
#include "sys/farkey.h"
#include "vault/stock.h"

typedef enum sgl_maker_message {
	SGL_MAKER_ORDER = SGL_MESSAGE_OTHERS, /* a sort */
	SGL_MAKER_KEY /* a sort, and the key as PKCS#8; empty: it failed */
} sgl_maker_message;
#define SGL_MAKER_MESSAGE ((size_t)32 << 10)

/* The keyholder's side: has its stock filled. */
typedef struct sgl_maker_line sgl_maker_line;
/* All is borrowed. */
SGL_MUST sgl_status sgl_maker_line_new(sgl_loop *loop, sgl_engine *engine,
    sgl_stock *stock, size_t makers, sgl_maker_line **out, sgl_err *err);
void sgl_maker_line_free(sgl_maker_line *line);
/* sgl_maker_line_join takes a channel to a maker. */
SGL_MUST sgl_status sgl_maker_line_join(
    sgl_maker_line *line, int fd, sgl_err *err);
/* sgl_maker_line_look orders what the stock lacks now. */
void sgl_maker_line_look(sgl_maker_line *line);

#endif
