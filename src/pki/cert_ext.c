/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_read.h"

/* Unknown extensions, and policies, that are looked through for doubles. */
#define MAX_UNKNOWN 64
#define MAX_POLICIES 64

bool
sgl_lax_read_bool(sgl_der *in, bool *value)
{
	sgl_slice byte;
	sgl_der look = *in;

	if (!sgl_der_read_bytes(&look, SGL_BOOLEAN, &byte) || byte.len != 1)
		return false;
	*value = byte.data[0] != 0;
	*in = look;
	return true;
}

bool
sgl_lax_flags(sgl_slice contents, unsigned *flags)
{
	unsigned value = 0;
	size_t num;

	if (contents.len == 0 || contents.data[0] > 7 ||
	    (contents.len == 1 && contents.data[0] != 0))
		return false;
	num = (contents.len - 1) * 8 - contents.data[0];
	for (unsigned i = 0; i < 16 && i < num; i++)
		if ((contents.data[1 + i / 8] >> (7 - i % 8) & 1) != 0)
			value |= 1u << i;
	*flags = value;
	return true;
}

bool
sgl_ext_read(sgl_der *in, sgl_ext *out)
{
	sgl_der look = *in, body;

	if (!sgl_der_read(&look, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_bytes(&body, SGL_OID, &out->oid) || out->oid.len == 0)
		return false;
	out->critical = false;
	if (sgl_der_next_is(&body, SGL_BOOLEAN) &&
	    !sgl_lax_read_bool(&body, &out->critical))
		return false;
	if (!sgl_der_read_bytes(&body, SGL_OCTET_STRING, &out->value) ||
	    !sgl_der_done(&body))
		return false;
	*in = look;
	return true;
}

/* One SEQUENCE and nothing behind it. */
static bool
open_sequence(sgl_slice value, sgl_der *body)
{
	sgl_der in = sgl_der_over(value);

	return sgl_der_read(&in, SGL_SEQUENCE, body) && sgl_der_done(&in);
}

/* SEQUENCE SIZE (1..MAX) OF something whole: keeps the contents. */
static bool
read_list(sgl_slice value, sgl_slice *contents)
{
	sgl_der body, look;

	if (!open_sequence(value, &body) || sgl_der_done(&body))
		return false;
	look = body;
	while (!sgl_der_done(&look))
		if (!sgl_der_read_any(&look, NULL, NULL, NULL))
			return false;
	*contents = sgl_der_rest(&body);
	return true;
}

static bool
read_ski(sgl_cert *c, sgl_slice value)
{
	sgl_der in = sgl_der_over(value);

	return sgl_der_read_bytes(&in, SGL_OCTET_STRING, &c->ski) &&
	    sgl_der_done(&in);
}

/* RFC 5280 4.2.1.1 */
static bool
read_aki(sgl_cert *c, sgl_slice value)
{
	sgl_der body, look, names;
	bool present;

	if (!open_sequence(value, &body))
		return false;
	look = body;
	if (sgl_der_next_is(&look, SGL_CONTEXT_PRIMITIVE(0)) &&
	    !sgl_der_read_bytes(
		&look, SGL_CONTEXT_PRIMITIVE(0), &c->aki_key_id))
		return false;
	if (!sgl_der_read_opt(&look, SGL_CONTEXT(1), &names, &present))
		return false;
	if (present)
		c->aki_issuer = sgl_der_rest(&names);
	if (sgl_der_next_is(&look, SGL_CONTEXT_PRIMITIVE(2)) &&
	    !sgl_der_read_bytes(
		&look, SGL_CONTEXT_PRIMITIVE(2), &c->aki_serial))
		return false;
	c->aki = sgl_der_rest(&body);
	return true;
}

static bool
read_key_usage(sgl_cert *c, sgl_slice value)
{
	sgl_der in = sgl_der_over(value);
	sgl_slice bits;

	c->has_key_usage = true;
	c->key_usage = 0;
	if (!sgl_der_read_bytes(&in, SGL_BIT_STRING, &bits) ||
	    !sgl_lax_flags(bits, &c->key_usage) || !sgl_der_done(&in))
		return false;
	c->key_usage &= SGL_KU_ALL;
	return true;
}

static bool
read_basic_constraints(sgl_cert *c, sgl_slice value)
{
	sgl_der body;
	bool is_ca = false;

	if (!open_sequence(value, &body))
		return false;
	if (sgl_der_next_is(&body, SGL_BOOLEAN) &&
	    !sgl_lax_read_bool(&body, &is_ca))
		return false;
	c->has_path_len = !sgl_der_done(&body);
	if (c->has_path_len && !sgl_der_read_uint(&body, &c->path_len))
		return false;
	c->has_basic_constraints = true;
	c->is_ca = is_ca;
	return sgl_der_done(&body);
}

static bool
read_ext_key_usage(sgl_cert *c, sgl_slice value)
{
	sgl_der look;
	sgl_slice oid;

	if (!read_list(value, &c->ext_key_usage))
		return false;
	look = sgl_der_over(c->ext_key_usage);
	while (!sgl_der_done(&look))
		if (!sgl_der_read_oid(&look, &oid))
			return false;
	return true;
}

static bool
read_alt_name(sgl_cert *c, sgl_slice value)
{
	return read_list(value, &c->subject_alt_name);
}

static bool
read_name_constraints(sgl_cert *c, sgl_slice value)
{
	return read_list(value, &c->name_constraints);
}

static bool
read_policies(sgl_cert *c, sgl_slice value)
{
	sgl_der look, info;
	sgl_slice oid;

	if (!read_list(value, &c->policies))
		return false;
	look = sgl_der_over(c->policies);
	while (!sgl_der_done(&look))
		if (!sgl_der_read(&look, SGL_SEQUENCE, &info) ||
		    !sgl_der_read_oid(&info, &oid))
			return false;
	return true;
}

static bool
read_policy_mappings(sgl_cert *c, sgl_slice value)
{
	sgl_der look, pair;
	sgl_slice from, to;

	if (!read_list(value, &c->policy_mappings))
		return false;
	look = sgl_der_over(c->policy_mappings);
	while (!sgl_der_done(&look))
		if (!sgl_der_read(&look, SGL_SEQUENCE, &pair) ||
		    !sgl_der_read_oid(&pair, &from) ||
		    !sgl_der_read_oid(&pair, &to) || !sgl_der_done(&pair))
			return false;
	return true;
}

/* An IMPLICIT INTEGER: a SkipCerts (RFC 5280 4.2.1.11). */
static bool
read_skip(sgl_der *in, unsigned number, bool *has, uint64_t *skip)
{
	sgl_slice c;

	*has = sgl_der_next_is(in, SGL_CONTEXT_PRIMITIVE(number));
	if (!*has)
		return true;
	if (!sgl_der_read_bytes(in, SGL_CONTEXT_PRIMITIVE(number), &c) ||
	    c.len == 0 || c.len > 8 || (c.data[0] & 0x80) != 0)
		return false;
	*skip = 0;
	for (size_t i = 0; i < c.len; i++)
		*skip = *skip << 8 | c.data[i];
	return true;
}

static bool
read_policy_constraints(sgl_cert *c, sgl_slice value)
{
	sgl_der body;

	/* RFC 5280 4.2.1.11: not empty. */
	if (!open_sequence(value, &body) || sgl_der_done(&body))
		return false;
	c->policy_constraints = sgl_der_rest(&body);
	return read_skip(
		   &body, 0, &c->has_require_explicit, &c->require_explicit) &&
	    read_skip(&body, 1, &c->has_inhibit_mapping, &c->inhibit_mapping) &&
	    sgl_der_done(&body);
}

static bool
read_inhibit_any(sgl_cert *c, sgl_slice value)
{
	sgl_der in = sgl_der_over(value);

	c->has_inhibit_any = sgl_der_read_uint(&in, &c->inhibit_any);
	return c->has_inhibit_any && sgl_der_done(&in);
}

static bool
read_crl_points(sgl_cert *c, sgl_slice value)
{
	return read_list(value, &c->crl_distribution_points);
}

static bool
read_info_access(sgl_cert *c, sgl_slice value)
{
	return read_list(value, &c->authority_info_access);
}

static bool
read_capabilities(sgl_cert *c, sgl_slice value)
{
	sgl_der body;

	if (!open_sequence(value, &body))
		return false;
	c->smime_capabilities = value;
	return true;
}

static bool
read_nocheck(sgl_cert *c, sgl_slice value)
{
	(void)value;
	c->ocsp_nocheck = true;
	return true;
}

/* `matters`: a path must not be trusted while this cannot be read, critical
 * or not. The others are hints, and unreadable is absent. */
static const struct known {
	sgl_oid oid;
	bool matters;
	bool (*read)(sgl_cert *c, sgl_slice value);
} known[] = {
    {SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, false, read_ski},
    {SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, false, read_aki},
    {SGL_OID_CE_KEY_USAGE, true, read_key_usage},
    {SGL_OID_CE_BASIC_CONSTRAINTS, true, read_basic_constraints},
    {SGL_OID_CE_EXT_KEY_USAGE, true, read_ext_key_usage},
    {SGL_OID_CE_SUBJECT_ALT_NAME, true, read_alt_name},
    {SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false, read_crl_points},
    {SGL_OID_PE_AUTHORITY_INFO_ACCESS, false, read_info_access},
    {SGL_OID_CE_CERTIFICATE_POLICIES, true, read_policies},
    {SGL_OID_CE_NAME_CONSTRAINTS, true, read_name_constraints},
    {SGL_OID_CE_POLICY_MAPPINGS, true, read_policy_mappings},
    {SGL_OID_CE_POLICY_CONSTRAINTS, true, read_policy_constraints},
    {SGL_OID_CE_INHIBIT_ANY_POLICY, true, read_inhibit_any},
    {SGL_OID_AA_SMIME_CAPABILITIES, false, read_capabilities},
    {SGL_OID_PKIX_OCSP_NOCHECK, false, read_nocheck},
};
#define NUM_KNOWN (sizeof known / sizeof *known)

/* Few enough to be looked through; the last byte tells most of them apart. */
static size_t
find_known(sgl_slice oid)
{
	for (size_t i = 0; i < NUM_KNOWN; i++) {
		sgl_slice want = sgl_oid_der(known[i].oid);

		if (oid.len == want.len &&
		    oid.data[oid.len - 1] == want.data[want.len - 1] &&
		    !memcmp(oid.data, want.data, want.len))
			return i;
	}
	return NUM_KNOWN;
}

static void
note(sgl_slice *first, sgl_slice oid)
{
	if (first->len == 0)
		*first = oid;
}

static void
read_known(sgl_cert *c, size_t i, const sgl_ext *ext)
{
	if (!known[i].read(c, ext->value) &&
	    (known[i].matters || ext->critical))
		note(&c->malformed_extension, ext->oid);
}

static bool
is_among(const sgl_slice *list, size_t num, sgl_slice oid)
{
	for (size_t i = 0; i < num; i++)
		if (sgl_slice_eq(list[i], oid))
			return true;
	return false;
}

/* RFC 5280 4.2.1.4: none more than once. */
static bool
are_policies_single(sgl_slice policies)
{
	sgl_slice seen[MAX_POLICIES], oid;
	sgl_der in = sgl_der_over(policies), info;
	size_t num = 0;

	while (sgl_der_read(&in, SGL_SEQUENCE, &info) &&
	    sgl_der_read_oid(&info, &oid)) {
		if (is_among(seen, num, oid))
			return false;
		if (num < MAX_POLICIES)
			seen[num++] = oid;
	}
	return true;
}

static sgl_slice
first_oid(sgl_der list)
{
	sgl_ext ext = {0};

	(void)!sgl_ext_read(&list, &ext);
	return ext.oid;
}

/* What each extension says can be read; here is whether it may stand where it
 * does. */
static void
find_forbidden(sgl_cert *c, sgl_der list)
{
	if (c->version < 3)
		c->forbidden_extension = first_oid(list);  /* 4.1.2.9 */
	else if (c->name_constraints.len > 0 && !c->is_ca) /* 4.2.1.10 */
		c->forbidden_extension =
		    sgl_oid_der(SGL_OID_CE_NAME_CONSTRAINTS);
	else if (!are_policies_single(c->policies))
		c->forbidden_extension =
		    sgl_oid_der(SGL_OID_CE_CERTIFICATE_POLICIES);
}

static bool
read_each(sgl_cert *c, sgl_der list)
{
	sgl_slice unknown[MAX_UNKNOWN];
	size_t num_unknown = 0;
	uint32_t seen = 0;
	sgl_ext ext;

	while (!sgl_der_done(&list)) {
		size_t i;

		if (!sgl_ext_read(&list, &ext))
			return false;
		i = find_known(ext.oid);
		if (i < NUM_KNOWN) {
			/* RFC 5280 4.2: not more than one of each */
			if ((seen & 1u << i) != 0)
				note(&c->duplicate_extension, ext.oid);
			else
				read_known(c, i, &ext);
			seen |= 1u << i;
			continue;
		}
		if (ext.critical)
			note(&c->unknown_critical, ext.oid);
		if (is_among(unknown, num_unknown, ext.oid))
			note(&c->duplicate_extension, ext.oid);
		else if (num_unknown < MAX_UNKNOWN)
			unknown[num_unknown++] = ext.oid;
	}
	return true;
}

bool
sgl_cert_read_extensions(sgl_cert *c, sgl_der list)
{
	if (!read_each(c, list))
		return false;
	find_forbidden(c, list);
	return true;
}
