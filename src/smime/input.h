/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of what is to be protected. A sink takes a message (RFC 5322) or a
 * bare MIME entity and parts its header section: MIME-Version and Content-*
 * fields go inside with the body (RFC 8551 3.1), as one MIME entity with at
 * least one field; all others stay outside.
 *
 * Nothing of the input becomes structure on its way: a section with a line
 * that is no field is refused, lines end with CRLF, and a CR elsewhere becomes
 * a blank.
 */
#ifndef SGL_SMIME_INPUT_H
#define SGL_SMIME_INPUT_H

#include "mime/stage.h"

typedef struct sgl_input sgl_input;

/* `outside` gets the fields that stay outside, CRLF behind each, before
 * anything goes inside. */
typedef sgl_status (*sgl_input_outside)(
    void *ctx, sgl_slice fields, sgl_err *err);

/* `inside` is borrowed; `outside` may be NULL. Bytes that do not begin like a
 * header section are SGL_E_ENCODING at once. */
SGL_MUST sgl_status sgl_input_new(const sgl_limits *limits,
    sgl_input_outside outside, void *ctx, sgl_sink *inside, sgl_input **out,
    sgl_err *err);
sgl_sink *sgl_input_sink(sgl_input *e);
void sgl_input_free(sgl_input *e);
SGL_AUTO_TYPE(sgl_input, sgl_input_free)

#endif
