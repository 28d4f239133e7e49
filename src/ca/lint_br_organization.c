/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.4.2.2 to 7.1.4.2.6: which attributes the subject of each type may
 * have, and where an organisation is registered. */
#include "ca/lint_inside.h"

/* ------------------------------------------- attributes of each type --- */

#define L SGL_LINT_LEGACY
#define M SGL_LINT_MULTIPURPOSE
#define S SGL_LINT_STRICT
#define ALL (L | M | S)

/* In which generations of a type an attribute may be there. */
static const struct attribute {
	sgl_oid type;
	uint8_t mailbox, organization, sponsor, individual;
} attributes[] = {
    {SGL_OID_AT_CN, ALL, ALL, ALL, ALL},
    {SGL_OID_AT_O, 0, ALL, ALL, 0},
    {SGL_OID_AT_OU, 0, ALL, ALL, 0},
    {SGL_OID_AT_ORGANIZATION_IDENTIFIER, 0, ALL, ALL, 0},
    {SGL_OID_AT_GIVEN_NAME, 0, 0, ALL, ALL},
    {SGL_OID_AT_SURNAME, 0, 0, ALL, ALL},
    {SGL_OID_AT_PSEUDONYM, 0, 0, ALL, ALL},
    {SGL_OID_AT_SERIAL_NUMBER, ALL, ALL, ALL, ALL},
    {SGL_OID_AT_EMAIL_ADDRESS, ALL, ALL, ALL, ALL},
    {SGL_OID_AT_TITLE, 0, 0, ALL, ALL},
    {SGL_OID_AT_STREET, 0, L | M, L | M, L | M},
    {SGL_OID_AT_L, 0, ALL, ALL, ALL},
    {SGL_OID_AT_ST, 0, ALL, ALL, ALL},
    {SGL_OID_AT_POSTAL_CODE, 0, L | M, L | M, L | M},
    {SGL_OID_AT_C, 0, ALL, ALL, ALL},
};
static const struct attribute other = {SGL_OID_UNKNOWN, 0, L, L, L};
#define NUM_ATTRIBUTES (sizeof attributes / sizeof *attributes)

static const struct attribute *
find(sgl_slice oid)
{
	for (size_t i = 0; i < NUM_ATTRIBUTES; i++)
		if (sgl_slice_eq(oid, sgl_oid_der(attributes[i].type)))
			return &attributes[i];
	return &other;
}

static bool
is_allowed(const sgl_lint_case *c, unsigned type, const struct attribute *a)
{
	unsigned in = 0;

	switch (type) {
	case SGL_LINT_MAILBOX:
		in = a->mailbox;
		break;
	case SGL_LINT_ORGANIZATION:
		in = a->organization;
		break;
	case SGL_LINT_SPONSOR:
		in = a->sponsor;
		break;
	case SGL_LINT_INDIVIDUAL:
		in = a->individual;
		break;
	}
	return (c->generations & ~in) == 0;
}

static bool
are_allowed(const sgl_lint_case *c, unsigned type, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_ava ava;

	while (sgl_lint_avas_next(&w, &ava))
		if (!is_allowed(c, type, find(ava.type)))
			return sgl_lint_say_oid(note, ava.type);
	return true;
}

#define TYPE_RULE(name, type)                                                  \
	static bool to_##name(const sgl_lint_case *c, const sgl_lint_rule *r)  \
	{                                                                      \
		return sgl_lint_to_br_leaf(c, r) && sgl_lint_is_type(c, type); \
	}                                                                      \
	static bool are_allowed_in_##name(const sgl_lint_case *c,              \
	    const sgl_lint_rule *r, sgl_lint_note *note)                       \
	{                                                                      \
		(void)r;                                                       \
		return are_allowed(c, type, note);                             \
	}
TYPE_RULE(mailbox, SGL_LINT_MAILBOX)
TYPE_RULE(organization, SGL_LINT_ORGANIZATION)
TYPE_RULE(sponsor, SGL_LINT_SPONSOR)
TYPE_RULE(individual, SGL_LINT_INDIVIDUAL)

static bool
to_organizational(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_organization(c, r) || to_sponsor(c, r);
}

static bool
to_identified(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_organizational(c, r) || to_individual(c, r);
}

static bool
has_attribute(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)note;
	return sgl_lint_subject_has(c, r->oid);
}

/* ".", "-" and blanks say that there is nothing to say. */
static bool
is_placeholder(sgl_slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (memchr(".- ", value.data[i], 3) == NULL)
			return false;
	return value.len > 0;
}

static bool
are_values_real(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value value;
	sgl_ava ava;

	(void)r;
	while (sgl_lint_avas_next(&w, &ava))
		if (sgl_lint_value_of(&ava, &value) &&
		    is_placeholder(sgl_lint_value_slice(&value)))
			return sgl_lint_say_oid(note, ava.type);
	return true;
}

/* ------------------------------------------------------------ addresses --- */

static bool
to_street(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_identified(c, r) && sgl_lint_subject_has(c, r->oid);
}

static bool
has_town(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_lint_subject_has(c, SGL_OID_AT_L) ||
	    sgl_lint_subject_has(c, SGL_OID_AT_ST);
}

static bool
to_town(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_identified(c, r) &&
	    (sgl_lint_subject_has(c, SGL_OID_AT_L) ||
		sgl_lint_subject_has(c, SGL_OID_AT_ST) ||
		sgl_lint_subject_has(c, SGL_OID_AT_POSTAL_CODE));
}

static bool
are_countries_assigned(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value value;
	sgl_ava ava;

	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (!sgl_lint_value_of(&ava, &value) ||
		    (!sgl_lint_is_country(sgl_lint_value_slice(&value)) &&
			!sgl_slice_eq_nocase(
			    sgl_lint_value_slice(&value), SGL_LIT("XX"))))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

/* --------------------------------------- the organisation's register --- */

/* "NTRUS+CA-12345678": scheme, country, subdivision, reference. */
typedef struct registration {
	sgl_slice scheme, country, subdivision, reference;
	bool has_subdivision, has_reference;
} registration;

static bool
are_capitals(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < 'A' || s.data[i] > 'Z')
			return false;
	return true;
}

static bool
are_alphanumeric(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.data[i] >= '0' && s.data[i] <= '9') ||
			((s.data[i] | 0x20) >= 'a' &&
			    (s.data[i] | 0x20) <= 'z')))
			return false;
	return true;
}

/* Scheme and country, which every form begins with. */
static bool
read_scheme(sgl_slice id, registration *out)
{
	*out = (registration){0};
	if (id.len < 5 || !are_capitals(sgl_slice_first(id, 5)))
		return false;
	out->scheme = sgl_slice_first(id, 3);
	out->country = sgl_slice_first(sgl_slice_from(id, 3), 2);
	return true;
}

static bool
read_registration(sgl_slice id, registration *out)
{
	const uint8_t *hyphen;
	sgl_slice rest;

	if (!read_scheme(id, out))
		return false;
	rest = sgl_slice_from(id, 5);
	hyphen = rest.len > 0 ? memchr(rest.data, '-', rest.len) : NULL;
	out->has_reference = hyphen != NULL;
	if (hyphen != NULL) {
		size_t before = (size_t)(hyphen - rest.data);

		out->reference = sgl_slice_from(rest, before + 1);
		rest = sgl_slice_first(rest, before);
	}
	out->has_subdivision = rest.len > 0;
	if (!out->has_subdivision)
		return true;
	out->subdivision = sgl_slice_from(rest, 1);
	return rest.data[0] == '+' && out->subdivision.len >= 1 &&
	    out->subdivision.len <= 3 && are_alphanumeric(out->subdivision);
}

static bool
is_scheme(const registration *reg, const char *scheme)
{
	return sgl_slice_eq(reg->scheme, sgl_slice_str(scheme));
}

/* Of the world, not of a country: ISO 3166's "XG" stands in its place. */
static bool
is_global(const registration *reg)
{
	return is_scheme(reg, "LEI") || is_scheme(reg, "INT");
}

/* A government or an international organization has no number. */
static bool
is_registered(const registration *reg)
{
	bool is_numbered = !is_scheme(reg, "GOV") && !is_scheme(reg, "INT");
	bool is_world = sgl_slice_eq(reg->country, SGL_LIT("XG"));

	if (is_numbered ? reg->reference.len == 0 : reg->has_reference)
		return false;
	if (is_global(reg))
		return is_world && !reg->has_subdivision;
	return !is_world;
}

static bool
is_scheme_known(const registration *reg)
{
	static const char *const schemes[] = {
	    "NTR", "VAT", "PSD", "LEI", "GOV", "INT"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (is_scheme(reg, schemes[i]))
			return true;
	return false;
}

static bool
are_registrations_good(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value value;
	registration reg;
	sgl_ava ava;

	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (!sgl_lint_value_of(&ava, &value) ||
		    !read_registration(sgl_lint_value_slice(&value), &reg) ||
		    !is_scheme_known(&reg) || !is_registered(&reg))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

static bool
are_registrations_strings(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_ava ava;

	(void)note;
	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (ava.tag != SGL_PRINTABLE_STRING &&
		    ava.tag != SGL_UTF8_STRING)
			return false;
	return true;
}

static bool
to_registered(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_organizational(c, r) && sgl_lint_subject_has(c, r->oid);
}

/* The first country of the subject, if it has the form of one. */
static bool
find_country(const sgl_cert *cert, sgl_lint_value *out)
{
	sgl_lint_avas w = sgl_lint_avas_of(cert->subject);
	sgl_ava ava;

	return sgl_lint_avas_find(&w, SGL_OID_AT_C, &ava) &&
	    sgl_lint_value_of(&ava, out) && out->len == 2;
}

/* For those whose registers all can be read, one of a country among them. */
static bool
to_national(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value value;
	registration reg;
	sgl_ava ava;
	bool any = false;

	if (!to_organizational(c, r) || !find_country(c->cert, &value))
		return false;
	while (sgl_lint_avas_find(&w, r->oid, &ava)) {
		if (!sgl_lint_value_of(&ava, &value) ||
		    !read_scheme(sgl_lint_value_slice(&value), &reg))
			return false;
		any = any || !is_global(&reg);
	}
	return any;
}

/* The prefixes of VAT numbers that are no country's code (Council Directive
 * 2006/112/EC, article 215). */
static bool
is_country_of(const registration *reg, sgl_slice country)
{
	if (sgl_slice_eq(reg->country, country))
		return true;
	if (!is_scheme(reg, "VAT"))
		return false;
	return (sgl_slice_eq(reg->country, SGL_LIT("EL")) &&
		   sgl_slice_eq(country, SGL_LIT("GR"))) ||
	    (sgl_slice_eq(reg->country, SGL_LIT("XI")) &&
		sgl_slice_eq(country, SGL_LIT("GB")));
}

static bool
are_registers_of_country(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value country, value;
	registration reg;
	sgl_ava ava;

	if (!find_country(c->cert, &country))
		return true;
	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (sgl_lint_value_of(&ava, &value) &&
		    read_scheme(sgl_lint_value_slice(&value), &reg) &&
		    !is_global(&reg) &&
		    !is_country_of(&reg, sgl_lint_value_slice(&country)))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

#define FROM SGL_LINT_BR_1_0_0
#define ORGANIZATION_ID SGL_OID_AT_ORGANIZATION_IDENTIFIER

static const sgl_lint_rule rules[] = {
    {"br-subject-mailbox", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.3", FROM, 0,
	to_mailbox, are_allowed_in_mailbox,
	N_("the subject of a mailbox-validated certificate has more than a "
	   "mail address and a serial number"),
	0, false},
    {"br-subject-organization", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.4", FROM, 0,
	to_organization, are_allowed_in_organization,
	N_("the subject of an organization-validated certificate has what it "
	   "may not have"),
	0, false},
    {"br-subject-sponsor", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.5", FROM, 0,
	to_sponsor, are_allowed_in_sponsor,
	N_("the subject of a sponsor-validated certificate has what it may not "
	   "have"),
	0, false},
    {"br-subject-individual", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.6", FROM, 0,
	to_individual, are_allowed_in_individual,
	N_("the subject of an individual-validated certificate has what it may "
	   "not have"),
	0, false},
    {"br-subject-o", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.4, 7.1.4.2.5", FROM, 0,
	to_organizational, has_attribute, N_("the organisation has no name"),
	SGL_OID_AT_O, false},
    {"br-subject-oid", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.4, 7.1.4.2.5", FROM,
	0, to_organizational, has_attribute,
	N_("the organisation has no identifier"), ORGANIZATION_ID, false},
    {"br-subject-placeholder", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2", FROM, 0,
	sgl_lint_to_br_leaf, are_values_real,
	N_("an attribute of the subject says nothing"), 0, false},
    {"br-subject-street", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 j", FROM, 0,
	to_street, has_town,
	N_("a street without a locality or a state or province"),
	SGL_OID_AT_STREET, false},
    {"br-subject-place", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 k, l, m", FROM, 0,
	to_town, has_attribute,
	N_("a locality, state or postal code without a country"), SGL_OID_AT_C,
	false},
    {"br-subject-country", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 n", FROM, 0,
	to_identified, are_countries_assigned,
	N_("the country is no code of ISO 3166-1"), SGL_OID_AT_C, false},
    {"br-orgid-string", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 d", FROM, 0,
	to_registered, are_registrations_strings,
	N_("the organisation's identifier is neither PrintableString nor "
	   "UTF8String"),
	ORGANIZATION_ID, false},
    {"br-orgid-form", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 d, A.1", FROM, 0,
	to_registered, are_registrations_good,
	N_("the organisation's identifier does not name a register and a "
	   "number in it"),
	ORGANIZATION_ID, false},
    {"br-orgid-country", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 d, A.1", FROM, 0,
	to_national, are_registers_of_country,
	N_("the organisation's register is not of the subject's country"),
	ORGANIZATION_ID, false},
};

SGL_LINT_TABLE(sgl_lint_br_organization, rules);
