/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

/* RFC 5321 4.5.3.1: a path is 256 with its angle brackets. */
#define ADDR_MAX 254
#define LOCAL_MAX 64

/* C0, DEL, and the C1 controls in their UTF-8 form. */
static bool
is_control(sgl_slice s, size_t i)
{
	uint8_t c = s.data[i];

	return c < 0x20 || c == 0x7f ||
	    (c == 0xc2 && i + 1 < s.len && s.data[i + 1] >= 0x80 &&
		s.data[i + 1] <= 0x9f);
}

/* The length of the quoted string that `s` begins with, or 0. */
static size_t
quoted_len(sgl_slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.data[i] == '"')
			return i + 1;
		if (s.data[i] == '\\')
			i++;
	}
	return 0;
}

static size_t
local_len(sgl_slice addr)
{
	const uint8_t *at;

	if (addr.len == 0)
		return 0;
	if (addr.data[0] == '"')
		return quoted_len(addr);
	at = memchr(addr.data, '@', addr.len);
	return at == NULL ? 0 : (size_t)(at - addr.data);
}

bool
sgl_addr_split(sgl_slice addr, sgl_slice *local, sgl_slice *domain)
{
	size_t len = local_len(addr);
	bool quoted = len > 0 && addr.data[0] == '"';

	if (len == 0 || addr.len < len + 2 || addr.data[len] != '@')
		return false;
	for (size_t i = 0; i < addr.len; i++) {
		bool inside = quoted && i < len;

		if (is_control(addr, i) || (addr.data[i] == ' ' && !inside) ||
		    (addr.data[i] == '@' && i != len && !inside))
			return false;
	}
	*local = sgl_slice_first(addr, len);
	*domain = sgl_slice_from(addr, len + 1);
	return true;
}

bool
sgl_addr_is_ascii(sgl_slice addr)
{
	for (size_t i = 0; i < addr.len; i++)
		if (addr.data[i] > 0x7f)
			return false;
	return true;
}

/* RFC 5322 3.2.3 and RFC 6532 3.2 */
static bool
is_atext(uint8_t c)
{
	return c > 0x7f || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') ||
	    (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_dot_atom(sgl_slice s)
{
	bool dot = true; /* one may not stand here */

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '.' ? dot : !is_atext(s.data[i]))
			return false;
		dot = s.data[i] == '.';
	}
	return !dot;
}

bool
sgl_addr_is(sgl_slice addr)
{
	/* On the stack: for want of memory it is not a bad address. */
	uint8_t bytes[256];
	sgl_buf ascii = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	sgl_slice local, domain;

	if (addr.len > ADDR_MAX || !sgl_utf8_is(addr) ||
	    !sgl_addr_split(addr, &local, &domain) || local.len > LOCAL_MAX)
		return false;
	if (local.data[0] != '"' && !is_dot_atom(local))
		return false;
	return sgl_domain_to_ascii(domain, &ascii);
}

sgl_addr_match
sgl_addr_compare(sgl_slice a, sgl_slice b)
{
	sgl_slice local_a, domain_a, local_b, domain_b;

	if (!sgl_addr_split(a, &local_a, &domain_a) ||
	    !sgl_addr_split(b, &local_b, &domain_b) ||
	    !sgl_domain_same(domain_a, domain_b))
		return SGL_ADDR_DIFFERENT;
	if (sgl_slice_eq(local_a, local_b))
		return SGL_ADDR_SAME;
	return sgl_slice_eq_nocase(local_a, local_b) ? SGL_ADDR_SAME_BUT_CASE
						     : SGL_ADDR_DIFFERENT;
}
