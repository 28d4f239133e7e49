/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of Content-Type and its like, as they stand in the field. RFC 2231
 * makes one parameter of several such pieces, name*0, name*1*, and marks
 * extended ones with '*'.
 */
#ifndef SGL_MIME_PARAM_H
#define SGL_MIME_PARAM_H

#include "mime/header.h"
#include "mime/lex.h"

#define SGL_PARAM_NO_SECTION (-1)

typedef struct sgl_param_piece {
	sgl_slice base; /* the name without its stars */
	int section;
	bool is_extended;
	sgl_slice raw;	 /* the value, quotes included */
	sgl_slice whole; /* from the semicolon in front to the value's end */
} sgl_param_piece;

typedef struct sgl_param_pieces {
	sgl_param_piece all[SGL_MIME_PARAMS_MAX];
	size_t num;
} sgl_param_pieces;

/* sgl_param_read reads all that follows type and subtype. *malformed is set
 * where something had to be skipped. */
void sgl_param_read(sgl_lex *l, sgl_param_pieces *out, bool *malformed);

/* sgl_param_value appends the value of the parameter that begins with `first`:
 * without quotes, joined, decoded. */
SGL_MUST sgl_status sgl_param_value(const sgl_param_pieces *ps,
    const sgl_param_piece *first, sgl_buf *out, sgl_err *err);

/* sgl_param_is_continuation: `p` was joined behind a piece 0. A gap or a double
 * is not. */
bool
sgl_param_is_continuation(const sgl_param_pieces *ps, const sgl_param_piece *p);

#endif
