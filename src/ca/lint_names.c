/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5280 4.1.2.4 and A.1: attributes in the names of issuer and subject. */
#include "base/utf8.h"
#include "ca/lint_inside.h"

/* The only string type of an attribute, and its most characters. */
static const struct attribute {
	sgl_oid type;
	sgl_tag only; /* 0: DirectoryString */
	size_t most;  /* 0: no bound */
} attributes[] = {
    {SGL_OID_AT_CN, 0, 64},
    {SGL_OID_AT_SURNAME, 0, 32768},
    {SGL_OID_AT_SERIAL_NUMBER, SGL_PRINTABLE_STRING, 64},
    {SGL_OID_AT_C, SGL_PRINTABLE_STRING, 2},
    {SGL_OID_AT_L, 0, 128},
    {SGL_OID_AT_ST, 0, 128},
    {SGL_OID_AT_STREET, 0, 128},
    {SGL_OID_AT_POSTAL_CODE, 0, 16},
    {SGL_OID_AT_O, 0, 64},
    {SGL_OID_AT_OU, 0, 64},
    {SGL_OID_AT_TITLE, 0, 64},
    {SGL_OID_AT_NAME, 0, 32768},
    {SGL_OID_AT_GIVEN_NAME, 0, 32768},
    {SGL_OID_AT_INITIALS, 0, 32768},
    {SGL_OID_AT_GENERATION_QUALIFIER, 0, 32768},
    {SGL_OID_AT_DN_QUALIFIER, SGL_PRINTABLE_STRING, 0},
    {SGL_OID_AT_PSEUDONYM, 0, 128},
    {SGL_OID_AT_DC, SGL_IA5_STRING, 0},
    {SGL_OID_AT_EMAIL_ADDRESS, SGL_IA5_STRING, 255},
};
#define NUM_ATTRIBUTES (sizeof attributes / sizeof *attributes)

static const struct attribute *
find(sgl_slice type)
{
	for (size_t i = 0; i < NUM_ATTRIBUTES; i++)
		if (sgl_slice_eq(type, sgl_oid_der(attributes[i].type)))
			return &attributes[i];
	return NULL;
}

static size_t
count_utf8(sgl_slice s)
{
	size_t num = 0;

	for (size_t i = 0; i < s.len; i++)
		num += (s.data[i] & 0xc0) != 0x80;
	return num;
}

static size_t
count_characters(const sgl_ava *ava)
{
	switch (ava->tag) {
	case SGL_UTF8_STRING:
		return count_utf8(ava->value);
	case SGL_BMP_STRING:
		return ava->value.len / 2;
	case SGL_UNIVERSAL_STRING:
		return ava->value.len / 4;
	default:
		return ava->value.len;
	}
}

/* X.680 41.4 */
static bool
is_printable_string(sgl_slice s)
{
	static const char others[] = " '()+,-./:=?";

	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.data[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!is_letter && !(c >= '0' && c <= '9') &&
		    (c == 0 || strchr(others, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_ascii(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] > 0x7f)
			return false;
	return true;
}

static bool
has_its_characters(const sgl_ava *ava)
{
	switch (ava->tag) {
	case SGL_PRINTABLE_STRING:
		return is_printable_string(ava->value);
	case SGL_UTF8_STRING:
		return sgl_utf8_is(ava->value);
	case SGL_IA5_STRING:
	case SGL_NUMERIC_STRING:
	case SGL_VISIBLE_STRING:
		return is_ascii(ava->value);
	case SGL_BMP_STRING:
		return ava->value.len % 2 == 0;
	case SGL_UNIVERSAL_STRING:
		return ava->value.len % 4 == 0;
	default:
		return true;
	}
}

typedef bool judge_fn(const sgl_ava *ava);

static bool
is_every(sgl_slice name, judge_fn *judge, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(name);
	sgl_ava ava;

	while (sgl_lint_avas_next(&w, &ava))
		if (!judge(&ava))
			return sgl_lint_say_oid(note, ava.type);
	return true;
}

static bool
is_every_in_both(const sgl_cert *cert, judge_fn *judge, sgl_lint_note *note)
{
	return is_every(cert->issuer, judge, note) &&
	    is_every(cert->subject, judge, note);
}

static bool
are_characters_right(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, has_its_characters, note);
}

static bool
is_type_right(const sgl_ava *ava)
{
	const struct attribute *a = find(ava->type);

	return a == NULL || a->only == 0 || a->only == ava->tag;
}

static bool
are_types_right(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, is_type_right, note);
}

/* TeletexString, BMPString and UniversalString: for old names only. */
static bool
is_type_new(const sgl_ava *ava)
{
	const struct attribute *a = find(ava->type);

	return a == NULL || a->only != 0 || ava->tag == SGL_UTF8_STRING ||
	    ava->tag == SGL_PRINTABLE_STRING;
}

static bool
are_types_new(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every(c->cert->subject, is_type_new, note);
}

/* C0 and C1 controls: of no use in a name, and of some to a swindler. */
static bool
has_no_controls(const sgl_ava *ava)
{
	sgl_slice text = ava->value;
	uint32_t c;
	size_t n;

	while (text.len > 0 && (n = sgl_utf8_read(text, &c)) > 0) {
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
			return false;
		text = sgl_slice_from(text, n);
	}
	return true;
}

static bool
is_plain(const sgl_ava *ava)
{
	switch (ava->tag) {
	case SGL_UTF8_STRING:
	case SGL_PRINTABLE_STRING:
	case SGL_IA5_STRING:
		return has_no_controls(ava);
	default:
		return true;
	}
}

static bool
are_plain(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, is_plain, note);
}

static bool
has_no_blanks_around(const sgl_ava *ava)
{
	sgl_slice v = ava->value;

	return v.len == 0 || (v.data[0] != ' ' && v.data[v.len - 1] != ' ') ||
	    ava->tag == SGL_BMP_STRING;
}

static bool
are_without_blanks(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, has_no_blanks_around, note);
}

static bool
is_not_empty(const sgl_ava *ava)
{
	return ava->value.len > 0;
}

static bool
are_not_empty(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, is_not_empty, note);
}

static bool
is_short(const sgl_ava *ava)
{
	const struct attribute *a = find(ava->type);

	return a == NULL || a->most == 0 || count_characters(ava) <= a->most;
}

static bool
are_short(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, is_short, note);
}

static bool
is_country_of_two(const sgl_ava *ava)
{
	return !sgl_slice_eq(ava->type, sgl_oid_der(SGL_OID_AT_C)) ||
	    count_characters(ava) >= 2;
}

static bool
are_countries_of_two(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_every_in_both(c->cert, is_country_of_two, note);
}

/* Every SET has something, and every part of the name can be read. */
static bool
is_name_whole(sgl_slice name)
{
	sgl_der rdns, rdn;
	sgl_ava ava;

	if (!sgl_name_open(name, &rdns))
		return false;
	while (!sgl_der_done(&rdns)) {
		if (!sgl_der_read(&rdns, SGL_SET, &rdn) || sgl_der_done(&rdn))
			return false;
		while (!sgl_der_done(&rdn))
			if (!sgl_ava_read(&rdn, &ava))
				return false;
	}
	return true;
}

static bool
are_names_whole(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	if (!is_name_whole(c->cert->issuer))
		return sgl_lint_say(note, "issuer");
	return is_name_whole(c->cert->subject) || sgl_lint_say(note, "subject");
}

static const sgl_lint_rule rules[] = {
    {"rfc5280-name-form", SGL_LINT_ERROR, "RFC 5280 4.1.2.4", 0, 0,
	sgl_lint_to_all, are_names_whole, N_("a name cannot be read"), 0,
	false},
    {"rfc5280-name-characters", SGL_LINT_ERROR, "RFC 5280 4.1.2.4", 0, 0,
	sgl_lint_to_all, are_characters_right,
	N_("an attribute has characters that its string type has not"), 0,
	false},
    {"rfc5280-name-type", SGL_LINT_ERROR, "RFC 5280 A.1", 0, 0, sgl_lint_to_all,
	are_types_right,
	N_("an attribute is not of the string type that it must have"), 0,
	false},
    {"rfc5280-name-control", SGL_LINT_WARN, "RFC 5280 A.1", 0, 0,
	sgl_lint_to_all, are_plain, N_("an attribute has control characters"),
	0, false},
    {"rfc5280-name-blanks", SGL_LINT_NOTICE, "RFC 5280 7.1", 0, 0,
	sgl_lint_to_all, are_without_blanks,
	N_("an attribute begins or ends with a blank"), 0, false},
    {"rfc5280-name-old-type", SGL_LINT_WARN, "RFC 5280 4.1.2.4", 0, 0,
	sgl_lint_to_all, are_types_new,
	N_("an attribute is neither PrintableString nor UTF8String"), 0, false},
    {"rfc5280-name-value-empty", SGL_LINT_ERROR, "RFC 5280 A.1", 0, 0,
	sgl_lint_to_all, are_not_empty, N_("an attribute is empty"), 0, false},
    {"rfc5280-name-length", SGL_LINT_ERROR, "RFC 5280 A.1", 0, 0,
	sgl_lint_to_all, are_short, N_("an attribute is too long"), 0, false},
    {"rfc5280-name-country", SGL_LINT_ERROR, "RFC 5280 A.1", 0, 0,
	sgl_lint_to_all, are_countries_of_two,
	N_("a country has not two letters"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_names, rules);
