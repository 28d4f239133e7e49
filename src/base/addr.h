/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail addresses and domains, compared as RFC 8398 and RFC 5280 7.5 say: the
 * domain without regard to case and as A-labels, the local part exactly.
 * (Local parts that differ in ASCII case alone are reported apart, because
 * correspondents write Alice@ and alice@ for one mailbox.)
 */
#ifndef SGL_BASE_ADDR_H
#define SGL_BASE_ADDR_H

#include "base/buf.h"
#include "base/utf8.h"

typedef enum sgl_addr_match {
	SGL_ADDR_DIFFERENT,
	SGL_ADDR_SAME,
	SGL_ADDR_SAME_BUT_CASE /* local part differs in ASCII case */
} sgl_addr_match;

/* sgl_addr_split finds local part (a quoted one stays quoted) and domain;
 * false where there is not exactly one '@' outside quotes with something on
 * both sides, or where there are control characters, or blanks outside quotes.
 */
SGL_MUST bool
sgl_addr_split(sgl_slice addr, sgl_slice *local, sgl_slice *domain);
/* sgl_addr_is tells a plausible addr-spec: at most 254 bytes, dot-atom or
 * quoted local part of at most 64, a domain of LDH or UTF-8 labels. */
bool sgl_addr_is(sgl_slice addr);
/* sgl_addr_is_ascii: no byte above 0x7f. */
bool sgl_addr_is_ascii(sgl_slice addr);
/* sgl_addr_compare: what sgl_addr_split refuses is DIFFERENT from everything.
 */
sgl_addr_match sgl_addr_compare(sgl_slice a, sgl_slice b);
/* sgl_domain_same compares domains, U-labels against A-labels too. What is no
 * domain by sgl_domain_to_ascii (an address literal) is the same as itself,
 * ASCII case folded; nothing is the same as the empty string. */
bool sgl_domain_same(sgl_slice a, sgl_slice b);
/* sgl_domain_to_ascii appends the A-label form, lower case (RFC 5891 lookup
 * with NFC and lower case beyond ASCII taken as given, RFC 3492). false: not a
 * domain (LDH or U-labels, at most 253 bytes as A-labels, no last dot), or no
 * room in *out; nothing is appended then. */
SGL_MUST bool sgl_domain_to_ascii(sgl_slice domain, sgl_buf *out);

#endif
