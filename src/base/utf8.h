/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: shortest form, no surrogates, up to U+10FFFF. */
#ifndef SGL_BASE_UTF8_H
#define SGL_BASE_UTF8_H

#include "base/slice.h"

/* sgl_utf8_read sets *cp to the character that `s` begins with and returns its
 * bytes, 1 to 4; 0 where there is none or it is malformed. */
size_t sgl_utf8_read(sgl_slice s, uint32_t *cp);
/* sgl_utf8_is tells well-formed UTF-8 (RFC 3629). */
bool sgl_utf8_is(sgl_slice s);

#endif
