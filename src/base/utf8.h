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

/* sgl_utf8_is_harmful: what moves a cursor, ends a line, turns the direction of
 * writing or is no character: C0, DEL, C1, U+061C and their like. */
bool sgl_utf8_is_harmful(uint32_t cp);
/* sgl_utf8_make_safe puts '?' for every byte of what is harmful or malformed,
 * so that a stranger's text can be shown. */
void sgl_utf8_make_safe(uint8_t *text, size_t len);

#endif
