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
#ifndef SGL_SMIME_INTAKE_H
#define SGL_SMIME_INTAKE_H

#include "smime/hp.h"

typedef struct sgl_intake sgl_intake;

/* `outside` gets the fields that stay outside, CRLF behind each, before
 * anything goes inside; and the text for Legacy Display Elements, empty where
 * nothing is hidden (RFC 9788). */
typedef sgl_status (*sgl_intake_outside)(
    void *ctx, sgl_slice fields, sgl_slice display, sgl_err *err);

/* `inside` is borrowed; `outside` may be NULL. With `hp` the fields that stay
 * outside are protected inside as well. Bytes that do not begin like a header
 * section are SGL_E_ENCODING at once; sgl_hp_protect has its own failures. */
SGL_MUST sgl_status sgl_intake_new(const sgl_limits *limits, sgl_hp hp,
    sgl_intake_outside outside, void *ctx, sgl_sink *inside, sgl_intake **out,
    sgl_err *err);
sgl_sink *sgl_intake_sink(sgl_intake *e);
void sgl_intake_free(sgl_intake *e);
SGL_AUTO_TYPE(sgl_intake, sgl_intake_free)

#endif
