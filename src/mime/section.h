/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers a header section as it arrives, up to and with the blank line that
 * ends it. All-zero but for raw.max is ready to use.
 */
#ifndef SGL_MIME_SECTION_H
#define SGL_MIME_SECTION_H

#include "base/buf.h"

typedef struct sgl_section {
	sgl_buf raw;
	size_t line; /* where in `raw` the line that is coming began */
} sgl_section;

/* sgl_section_push takes bytes of `in` up to the end of the section: *used
 * tells how many, *done that the blank line has come. SGL_E_LIMIT. */
SGL_MUST sgl_status sgl_section_push(
    sgl_section *s, sgl_slice in, size_t *used, bool *done, sgl_err *err);
void sgl_section_clear(sgl_section *s); /* keeps raw.max */

#endif
