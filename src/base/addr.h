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

typedef enum sgl_addr_match {
	SGL_ADDR_DIFFERENT,
	SGL_ADDR_SAME,
	SGL_ADDR_SAME_BUT_CASE /* local part differs in ASCII case */
} sgl_addr_match;

/* sgl_addr_split finds local part (unquoted form not undone) and domain;
 * false where there is no '@' with something on both sides, or where there are
 * control characters or blanks. */
SGL_MUST bool
sgl_addr_split(sgl_slice addr, sgl_slice *local, sgl_slice *domain);
/* sgl_addr_is tells a plausible addr-spec: at most 254 bytes, dot-atom or
 * quoted local part, a domain of LDH or UTF-8 labels. */
bool sgl_addr_is(sgl_slice addr);
/* sgl_addr_is_ascii: no byte above 0x7f. */
bool sgl_addr_is_ascii(sgl_slice addr);
sgl_addr_match sgl_addr_compare(sgl_slice a, sgl_slice b);
/* sgl_domain_same compares domains, U-labels against A-labels too. */
bool sgl_domain_same(sgl_slice a, sgl_slice b);
/* sgl_domain_to_ascii appends the A-label form, lower case (RFC 5891 lookup
 * with NFC taken as given, RFC 3492). false: not a domain. */
SGL_MUST bool sgl_domain_to_ascii(sgl_slice domain, sgl_buf *out);
/* sgl_utf8_is tells well-formed UTF-8 (RFC 3629). */
bool sgl_utf8_is(sgl_slice s);

#endif
