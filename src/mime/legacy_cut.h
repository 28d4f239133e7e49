/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of one decoded text part: where a Legacy Display Element is,
 * or where it belongs; and the stage that puts or cuts it there. */
#ifndef SGL_MIME_LEGACY_CUT_H
#define SGL_MIME_LEGACY_CUT_H

#include "mime/legacy.h"

/* Where in `head` something goes, or what goes out of it. */
typedef struct sgl_legacy_place {
	size_t from, to;
} sgl_legacy_place;

/* RFC 9788 5.2.3: as the first in the body. */
sgl_legacy_place sgl_legacy_place_in_html(sgl_slice head);
/* 4.5.3.2, 4.5.3.3: both the same where there is none. */
sgl_legacy_place sgl_legacy_find_in_plain(sgl_slice head);
sgl_legacy_place sgl_legacy_find_in_html(sgl_slice head);

/* 10.3: what the text is in a part; *fits is false where it cannot be. */
typedef enum sgl_legacy_charset {
	SGL_LEGACY_UTF8,
	SGL_LEGACY_ASCII, /* may become UTF-8 */
	SGL_LEGACY_LATIN1,
	SGL_LEGACY_LIKE_ASCII, /* as far as ASCII goes */
	SGL_LEGACY_UNKNOWN
} sgl_legacy_charset;
sgl_legacy_charset sgl_legacy_find_charset(const sgl_mime_type *t);
SGL_MUST sgl_status sgl_legacy_plain_text(sgl_slice text,
    sgl_legacy_charset charset, sgl_buf *out, bool *fits, sgl_err *err);
SGL_MUST sgl_status sgl_legacy_html_text(
    sgl_slice text, sgl_buf *out, sgl_err *err);

typedef struct sgl_legacy_cut {
	sgl_sink sink;
	sgl_sink *next; /* borrowed */
	bool is_html, done;
	sgl_buf element; /* empty: take one out */
	sgl_buf head;
} sgl_legacy_cut;
void sgl_legacy_cut_init(sgl_legacy_cut *c, bool is_html, sgl_sink *next);
void sgl_legacy_cut_clear(sgl_legacy_cut *c);

#endif
