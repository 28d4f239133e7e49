/* SPDX-License-Identifier: Apache-2.0 */
/* The lines between the parts of a multipart (RFC 2046 5.1.1). */
#ifndef SGL_MIME_DELIMITER_H
#define SGL_MIME_DELIMITER_H

#include "base/slice.h"

/* Boundaries may have 70 characters; a line of mail has room for these. */
#define SGL_BOUNDARY_MAX 996

/* sgl_boundary_trim: a boundary does not end with a blank (RFC 2046 5.1.1). One
 * that is declared so has lost it on the way, or it counts as padding. */
sgl_slice sgl_boundary_trim(sgl_slice boundary);

typedef enum sgl_delimiter {
	SGL_DELIMITER_NONE,
	SGL_DELIMITER_OPEN,
	SGL_DELIMITER_CLOSE
} sgl_delimiter;

/* sgl_delimiter_match tells what `line`, with or without its line end, is to a
 * multipart with that boundary: "--" boundary, perhaps "--", then blanks. */
sgl_delimiter sgl_delimiter_match(sgl_slice line, sgl_slice boundary);

/* sgl_scan_dash_line: the index of the next LF that '-' follows, or that
 * nothing follows; in.len if there is none. */
size_t sgl_scan_dash_line(sgl_slice in);

#endif
