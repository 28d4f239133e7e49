/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine under everything that takes multiparts apart (RFC 2046 5.1.1). It
 * finds the lines that are delimiters and hands on what lies between them, in
 * slices of the caller's own block as large as they can be: only a line that
 * starts with "--" stops it. A line end may belong to the delimiter behind it,
 * so at the end of a block it is held until the next line is known.
 *
 * A user that must make line ends canonical sets `wants_bare`: then `bare`
 * tells with every run of content whether there may be an LF without CR in it.
 * Text with CRLF is looked at only once that way. No run begins or ends between
 * the two bytes of a CRLF.
 */
#ifndef SGL_MIME_CUTTER_H
#define SGL_MIME_CUTTER_H

#include "mime/delimiter.h"

/* A line longer than this, blanks and line end included, is no delimiter. */
#define SGL_CUTTER_LINE 2048
typedef struct sgl_cut {
	size_t level; /* for the user: whose delimiter it is */
	sgl_delimiter kind;
} sgl_cut;

typedef struct sgl_cutter_ops {
	/* content gets what is no delimiter. It may take less than all of `in`
	 * (set *used) where the rules for what follows change, at the start of
	 * a line. */
	sgl_status (*content)(
	    void *ctx, sgl_slice in, size_t *used, sgl_err *err);
	/* find tells whether `line` is a delimiter by the rules of now. It has
	 * no effects. */
	bool (*find)(void *ctx, sgl_slice line, sgl_cut *out);
	/* cut gets a delimiter that was found, with the line end in front of
	 * it; `next` is the offset behind the line. */
	sgl_status (*cut)(void *ctx, sgl_cut cut, sgl_slice eol, sgl_slice line,
	    uint64_t next, sgl_err *err);
} sgl_cutter_ops;

typedef enum sgl_eol {
	SGL_EOL_NONE,
	SGL_EOL_CR, /* held: what follows decides */
	SGL_EOL_LF,
	SGL_EOL_CRLF
} sgl_eol;

typedef struct sgl_cutter {
	const sgl_cutter_ops *ops;
	void *ctx;
	bool wants_bare, bare;
	bool at_line;	 /* the next byte begins a line, or `line` has begun */
	sgl_eol eol;	 /* held back: the line end before it */
	size_t num_line; /* held back: what came of the line */
	uint8_t line[SGL_CUTTER_LINE];
	uint64_t offset; /* of the block that is being pushed */
} sgl_cutter;

void sgl_cutter_init(
    sgl_cutter *c, const sgl_cutter_ops *ops, void *ctx, bool wants_bare);
SGL_MUST sgl_status sgl_cutter_push(sgl_cutter *c, sgl_slice in, sgl_err *err);
SGL_MUST sgl_status sgl_cutter_finish(sgl_cutter *c, sgl_err *err);

#endif
