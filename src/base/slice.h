/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers on borrowed bytes. */
#ifndef SGL_BASE_SLICE_H
#define SGL_BASE_SLICE_H

#include <string.h>

#include "sigill/base.h"

static inline sgl_slice
sgl_slice_of(const void *data, size_t len)
{
	return (sgl_slice){(const uint8_t *)data, len};
}

static inline sgl_slice
sgl_slice_str(const char *s)
{
	return (sgl_slice){(const uint8_t *)s, strlen(s)};
}

/* SGL_LIT("text") is a slice over a string constant, without its NUL. */
#define SGL_LIT(s) ((sgl_slice){(const uint8_t *)(s), sizeof(s) - 1})

static inline bool
sgl_slice_eq(sgl_slice a, sgl_slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

/* sgl_slice_from drops the first n bytes; n <= len. */
static inline sgl_slice
sgl_slice_from(sgl_slice s, size_t n)
{
	/* NULL + 0 is undefined in C17. */
	return (sgl_slice){n > 0 ? s.data + n : s.data, s.len - n};
}

static inline sgl_slice
sgl_slice_first(sgl_slice s, size_t n)
{
	return (sgl_slice){s.data, n};
}

/* ASCII case folded; for header names, tokens and domains. */
bool sgl_slice_eq_nocase(sgl_slice a, sgl_slice b);
bool sgl_slice_starts(sgl_slice s, sgl_slice prefix);
bool sgl_slice_starts_nocase(sgl_slice s, sgl_slice prefix);
/* sgl_slice_trim drops blanks, tabs, CR and LF at both ends. */
sgl_slice sgl_slice_trim(sgl_slice s);
/* The value of a hexadecimal digit in either case, or -1. */
static inline int
sgl_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* sgl_slice_compare orders as unsigned bytes, shorter first when a prefix. */
int sgl_slice_compare(sgl_slice a, sgl_slice b);

#endif
