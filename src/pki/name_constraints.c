/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "pki/general.h"
#include "pki/name.h"
#include "pki/search.h"

/* Does a constraint cover a name? CANNOT_TELL counts against the name on both
 * sides, permitted and excluded. */
typedef enum cover { COVERS_NOT, COVERS, CANNOT_TELL } cover;

/* A domain in ASCII, and room for one that is not. On the stack, so that lack
 * of memory is never a verdict. */
typedef struct domain {
	sgl_slice text;
	uint8_t bytes[256];
} domain;

/* RFC 5280 7.2: as A-labels. A dot in front is the constraint's own. */
static bool
read_domain(sgl_slice text, domain *out)
{
	sgl_buf ascii = {.data = out->bytes,
	    .cap = sizeof out->bytes,
	    .max = sizeof out->bytes};

	out->text = text;
	if (sgl_addr_is_ascii(text))
		return true;
	if (text.data[0] == '.') {
		out->bytes[ascii.len++] = '.';
		text = sgl_slice_from(text, 1);
	}
	if (!sgl_domain_to_ascii(text, &ascii))
		return false;
	out->text = sgl_buf_slice(&ascii);
	return true;
}

static bool
ends_with(sgl_slice s, sgl_slice suffix)
{
	return s.len >= suffix.len &&
	    sgl_slice_eq_nocase(sgl_slice_from(s, s.len - suffix.len), suffix);
}

/* Mail and URI: ".example.org" covers hosts below, "example.org" itself. */
static cover
cover_host(sgl_slice base, sgl_slice host)
{
	domain a, b;

	if (base.len == 0 || host.len == 0 || !read_domain(base, &a) ||
	    !read_domain(host, &b))
		return CANNOT_TELL;
	if (a.text.data[0] == '.')
		return b.text.len > a.text.len && ends_with(b.text, a.text)
		    ? COVERS
		    : COVERS_NOT;
	return sgl_slice_eq_nocase(a.text, b.text) ? COVERS : COVERS_NOT;
}

/* RFC 5280 4.2.1.10 rfc822Name, RFC 8398 6 */
static cover
cover_mail(sgl_slice base, sgl_slice addr)
{
	sgl_slice local, host;

	if (!sgl_addr_split(addr, &local, &host))
		return CANNOT_TELL;
	if (memchr(base.data, '@', base.len) == NULL)
		return cover_host(base, host);
	switch (sgl_addr_compare(base, addr)) {
	case SGL_ADDR_SAME:
		return COVERS;
	case SGL_ADDR_SAME_BUT_CASE:
		/* Most hosts hold them for one mailbox, some do not. */
		return CANNOT_TELL;
	case SGL_ADDR_DIFFERENT:
		break;
	}
	return COVERS_NOT;
}

/* No empty label, and a '*' only as the whole of the first. Others could read
 * another host out of it. */
static bool
is_dns_name(sgl_slice name)
{
	bool is_new = true; /* a label begins */

	if (sgl_slice_starts(name, SGL_LIT("*.")))
		name = sgl_slice_from(name, 2);
	for (size_t i = 0; i < name.len; i++) {
		bool is_dot = name.data[i] == '.';

		if ((is_dot && is_new) || name.data[i] == '*')
			return false;
		is_new = is_dot;
	}
	return !is_new;
}

/* The wildcard "*.example.org" may stand for the base. */
static bool
may_stand_for(sgl_slice name, sgl_slice base)
{
	sgl_slice above;

	if (!sgl_slice_starts(name, SGL_LIT("*.")))
		return false;
	above = sgl_slice_from(name, 1);
	return base.len > above.len && ends_with(base, above) &&
	    memchr(base.data, '.', base.len - above.len) == NULL;
}

/* "Any DNS name that can be constructed by simply adding zero or more labels
 * to the left-hand side of the name satisfies the name constraint." */
static cover
cover_dns(sgl_slice base, sgl_slice name)
{
	bool is_below = base.len > 0 && base.data[0] == '.';

	if (!is_dns_name(name))
		return CANNOT_TELL;
	if (base.len == 0)
		return COVERS;
	if (is_below && name.len > base.len && ends_with(name, base))
		return COVERS;
	if (!is_below && ends_with(name, base) &&
	    (name.len == base.len || name.data[name.len - base.len - 1] == '.'))
		return COVERS;
	return may_stand_for(name, base) ? CANNOT_TELL : COVERS_NOT;
}

static size_t
find_byte(sgl_slice s, const char *any)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] != 0 && strchr(any, s.data[i]) != NULL)
			return i;
	return s.len;
}

static bool
is_host_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* Letters in it, and nothing that another reader could cut differently: no
 * address, no second '@', no escapes. */
static bool
is_host_name(sgl_slice host)
{
	bool has_letter = false;

	for (size_t i = 0; i < host.len; i++) {
		if (!is_host_byte(host.data[i]))
			return false;
		has_letter |= host.data[i] > '9';
	}
	return has_letter;
}

/* RFC 3986 3.2: the host between "//" or "@" and ":" or "/". Without one, or
 * with an address, the certificate is to be rejected. */
static cover
cover_uri(sgl_slice base, sgl_slice uri)
{
	size_t n = find_byte(uri, ":");
	sgl_slice rest, host;

	if (uri.len < n + 3 || uri.data[n + 1] != '/' || uri.data[n + 2] != '/')
		return CANNOT_TELL;
	rest = sgl_slice_from(uri, n + 3);
	rest = sgl_slice_first(rest, find_byte(rest, "/?#"));
	n = find_byte(rest, "@");
	host = n < rest.len ? sgl_slice_from(rest, n + 1) : rest;
	host = sgl_slice_first(host, find_byte(host, ":"));
	if (!is_host_name(host))
		return CANNOT_TELL;
	return cover_host(base, host);
}

/* RFC 4632: ones, then zeros. */
static bool
is_mask(sgl_slice mask)
{
	bool is_over = false;

	for (size_t i = 0; i < mask.len * 8; i++) {
		bool bit = (mask.data[i / 8] >> (7 - i % 8) & 1) != 0;

		if (bit && is_over)
			return false;
		is_over = !bit;
	}
	return true;
}

/* Address and mask, of the same family as the name. */
static cover
cover_ip(sgl_slice base, sgl_slice ip)
{
	if ((base.len != 8 && base.len != 32) ||
	    (ip.len != 4 && ip.len != 16) ||
	    !is_mask(sgl_slice_from(base, base.len / 2)))
		return CANNOT_TELL;
	if (base.len != 2 * ip.len)
		return COVERS_NOT;
	for (size_t i = 0; i < ip.len; i++)
		if (((base.data[i] ^ ip.data[i]) & base.data[ip.len + i]) != 0)
			return COVERS_NOT;
	return COVERS;
}

static bool
is_same_kind(const sgl_general *base, const sgl_general *name)
{
	if (name->kind == SGL_GENERAL_BAD || base->kind == SGL_GENERAL_BAD)
		return true;
	if (base->kind == SGL_GENERAL_RFC822)
		return name->kind == SGL_GENERAL_RFC822 ||
		    name->kind == SGL_GENERAL_SMTP_UTF8;
	if (base->kind == SGL_GENERAL_OTHER)
		return name->kind == SGL_GENERAL_OTHER &&
		    sgl_slice_eq(base->type, name->type);
	return base->kind == name->kind;
}

static cover
cover_name(const sgl_general *base, const sgl_general *name)
{
	if (name->kind == SGL_GENERAL_BAD)
		return CANNOT_TELL;
	switch (base->kind) {
	case SGL_GENERAL_RFC822:
		return cover_mail(base->value, name->value);
	case SGL_GENERAL_DNS:
		return cover_dns(base->value, name->value);
	case SGL_GENERAL_DIRECTORY:
		return sgl_name_starts(name->value, base->value) ? COVERS
								 : COVERS_NOT;
	case SGL_GENERAL_URI:
		return cover_uri(base->value, name->value);
	case SGL_GENERAL_IP:
		return cover_ip(base->value, name->value);
	case SGL_GENERAL_OTHER:
	case SGL_GENERAL_X400:
	case SGL_GENERAL_EDI:
	case SGL_GENERAL_REGISTERED:
	case SGL_GENERAL_SMTP_UTF8:
	case SGL_GENERAL_BAD:
		break;
	}
	/* A name of a kind that is constrained, and we do not know how. */
	return CANNOT_TELL;
}

/* GeneralSubtree: minimum is 0 and maximum absent in this profile. */
static bool
read_subtree(sgl_der *in, sgl_general *base)
{
	sgl_der body;
	sgl_slice minimum;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_general_read(&body, base))
		return false;
	if (sgl_der_next_is(&body, SGL_CONTEXT_PRIMITIVE(0)) &&
	    (!sgl_der_read_bytes(&body, SGL_CONTEXT_PRIMITIVE(0), &minimum) ||
		!sgl_slice_eq(minimum, SGL_LIT("\0"))))
		return false;
	return sgl_der_done(&body);
}

typedef struct check {
	sgl_der permitted, excluded; /* GeneralSubtrees */
	uint32_t *effort;
} check;

static bool
spend(const check *c)
{
	if (*c->effort == 0)
		return false;
	--*c->effort;
	return true;
}

static bool
is_permitted(const check *c, const sgl_general *name)
{
	sgl_der in = c->permitted;
	sgl_general base;
	bool is_constrained = false;

	while (!sgl_der_done(&in)) {
		if (!spend(c) || !read_subtree(&in, &base))
			return false;
		if (!is_same_kind(&base, name))
			continue;
		is_constrained = true;
		if (cover_name(&base, name) == COVERS)
			return true;
	}
	return !is_constrained;
}

static bool
is_excluded(const check *c, const sgl_general *name)
{
	sgl_der in = c->excluded;
	sgl_general base;

	while (!sgl_der_done(&in)) {
		if (!spend(c) || !read_subtree(&in, &base))
			return true;
		if (is_same_kind(&base, name) &&
		    cover_name(&base, name) != COVERS_NOT)
			return true;
	}
	return false;
}

static bool
allows(const check *c, sgl_general_kind kind, sgl_slice value)
{
	sgl_general name = {kind, {0}, value};

	return is_permitted(c, &name) && !is_excluded(c, &name);
}

static bool
allows_alt_names(const check *c, const sgl_cert *cert, bool *has_mail)
{
	sgl_der in = sgl_der_over(cert->subject_alt_name);
	sgl_general name;

	*has_mail = false;
	while (sgl_general_read(&in, &name)) {
		if (name.kind == SGL_GENERAL_RFC822 ||
		    name.kind == SGL_GENERAL_SMTP_UTF8)
			*has_mail = true;
		if (!is_permitted(c, &name) || is_excluded(c, &name))
			return false;
	}
	return true;
}

static bool
allows_mail_value(const check *c, const sgl_ava *ava)
{
	uint8_t bytes[1024];
	sgl_buf text = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};

	return sgl_ava_text(ava, &text) &&
	    allows(c, SGL_GENERAL_RFC822, sgl_buf_slice(&text));
}

/* Where the SAN names no mailbox the subject's emailAddress does, for us and
 * for these constraints. */
static bool
allows_subject_mail(const check *c, const sgl_cert *cert)
{
	sgl_slice type = sgl_oid_der(SGL_OID_AT_EMAIL_ADDRESS);
	sgl_der rdns, rdn;
	sgl_ava ava;

	if (!sgl_name_open(cert->subject, &rdns))
		return false;
	while (sgl_der_read(&rdns, SGL_SET, &rdn))
		while (sgl_ava_read(&rdn, &ava))
			if (sgl_slice_eq(ava.type, type) &&
			    !allows_mail_value(c, &ava))
				return false;
	return true;
}

static bool
read_constraints(const sgl_cert *ca, check *out)
{
	sgl_der in = sgl_der_over(ca->name_constraints);
	bool present;

	out->permitted = out->excluded = sgl_der_over((sgl_slice){0});
	return sgl_der_read_opt(
		   &in, SGL_CONTEXT(0), &out->permitted, &present) &&
	    sgl_der_read_opt(&in, SGL_CONTEXT(1), &out->excluded, &present) &&
	    sgl_der_done(&in) &&
	    /* RFC 5280 4.2.1.10: it constrains something. */
	    !(sgl_der_done(&out->permitted) && sgl_der_done(&out->excluded));
}

bool
sgl_constraints_allow(
    const sgl_cert *ca, const sgl_cert *cert, uint32_t *effort)
{
	check c = {.effort = effort};
	bool has_mail;

	if (!read_constraints(ca, &c) || !allows_alt_names(&c, cert, &has_mail))
		return false;
	/* An empty subject is no name. */
	if (cert->subject.len > 2 &&
	    !allows(&c, SGL_GENERAL_DIRECTORY, cert->subject))
		return false;
	return has_mail || allows_subject_mail(&c, cert);
}

bool
sgl_constraints_allow_mail(const sgl_cert *ca, sgl_slice address)
{
	uint32_t effort = UINT32_MAX;
	check c = {.effort = &effort};

	return read_constraints(ca, &c) &&
	    allows(&c, SGL_GENERAL_RFC822, address);
}
