/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legacy Display Elements (RFC 9788 2.1.2): a copy of header fields that are
 * hidden outside, at the beginning of a message's main text, for mail programs
 * that show no others. A stage adds them, or takes them out, as the message
 * passes; all else passes byte for byte.
 *
 * The main text is every text/plain and text/html part that is a main body part
 * (RFC 9787 7.1). A part is passed over where its charset cannot take the text,
 * or its transfer encoding is not known. Where a part is base64 or
 * quoted-printable it is decoded and encoded anew, which may break its lines in
 * other places; a 7bit part whose element is not 7-bit becomes
 * quoted-printable.
 */
#ifndef SGL_MIME_LEGACY_H
#define SGL_MIME_LEGACY_H

#include "mime/stage.h"

typedef struct sgl_legacy_stage sgl_legacy_stage;

/* sgl_legacy_stage_new makes one that takes elements out. */
SGL_MUST sgl_status sgl_legacy_stage_new(const sgl_limits *limits,
    sgl_sink *next, sgl_legacy_stage **out, sgl_err *err);
/* sgl_legacy_stage_add makes it add `text` instead (UTF-8, copied: whole lines
 * with CRLF, none empty; nothing to add if empty). To be called before the
 * first byte. */
SGL_MUST sgl_status sgl_legacy_stage_add(
    sgl_legacy_stage *s, sgl_slice text, sgl_err *err);
sgl_sink *sgl_legacy_stage_sink(sgl_legacy_stage *s);
void sgl_legacy_stage_free(sgl_legacy_stage *s);
SGL_AUTO_TYPE(sgl_legacy_stage, sgl_legacy_stage_free)

/* What sgl_legacy_stage looks at of a part at most; an element that does not
 * end within is none. */
#define SGL_LEGACY_HEAD 65536

#endif
