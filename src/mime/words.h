/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unstructured header text as people read it (RFC 5322 2.2.1, RFC 2047).
 */
#ifndef SGL_MIME_WORDS_H
#define SGL_MIME_WORDS_H

#include "base/buf.h"

/*
 * sgl_words_read appends a field's value in one line of UTF-8: folding and
 * other runs of blanks become one blank, encoded words in UTF-8, US-ASCII,
 * ISO-8859-1 and Windows-1252 are decoded and others stay as they are, control
 * characters and what turns the direction of writing become '?', and so do
 * bytes that are no UTF-8.
 */
SGL_MUST sgl_status sgl_words_read(sgl_slice value, sgl_buf *out, sgl_err *err);

/* sgl_utf8_add appends a character. */
SGL_MUST sgl_status sgl_utf8_add(sgl_buf *out, uint32_t cp, sgl_err *err);

#endif
