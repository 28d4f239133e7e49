/* SPDX-License-Identifier: Apache-2.0 */
/* BR 7.1.2.3 h and 7.1.4.2: who a subscriber's certificate is for. */
#include "base/addr.h"
#include "ca/lint_inside.h"

/* Attributes that are compared with all alternative names; nobody has more,
 * and a stranger's thousands must not cost millions of comparisons. */
#define MAX_COMPARED 32

/* ------------------------------------------------- alternative names --- */

static bool
has_mailbox(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->has_mailbox;
}

static bool
to_san_beside_subject(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br_extension(c, r) && c->cert->subject.len > 2;
}

static bool
is_kind_allowed(const sgl_lint_case *c, sgl_general_kind kind)
{
	switch (kind) {
	case SGL_GENERAL_RFC822:
	case SGL_GENERAL_SMTP_UTF8:
	case SGL_GENERAL_DIRECTORY:
		return true;
	case SGL_GENERAL_OTHER:
		return !sgl_lint_is_generation(c, SGL_LINT_STRICT);
	default:
		return false;
	}
}

static bool
are_kinds_allowed(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	(void)r;
	while (sgl_general_read(&in, &name)) {
		if (is_kind_allowed(c, name.kind))
			continue;
		return name.kind == SGL_GENERAL_OTHER
		    ? sgl_lint_say_oid(note, name.type)
		    : sgl_lint_say_bytes(note, name.value);
	}
	return true;
}

static bool
to_rfc822(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	if (!sgl_lint_to_br_leaf(c, r))
		return false;
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_RFC822)
			return true;
	return false;
}

static bool
are_rfc822_single(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	(void)r;
	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_RFC822 && !sgl_addr_is(name.value))
			return sgl_lint_say_bytes(note, name.value);
	return true;
}

/* ---------------------------------- mailbox addresses in the names --- */

static bool
is_in_alt_name(const sgl_cert *cert, sgl_slice address)
{
	sgl_der in = sgl_der_over(cert->subject_alt_name);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if ((name.kind == SGL_GENERAL_RFC822 ||
			name.kind == SGL_GENERAL_SMTP_UTF8) &&
		    sgl_addr_compare(name.value, address) == SGL_ADDR_SAME)
			return true;
	return false;
}

/* emailAddress holds one by its nature, commonName if it looks like one. */
static bool
is_mailbox(const sgl_ava *ava, sgl_lint_value *out)
{
	sgl_oid type = sgl_oid_find(ava->type);

	return (type == SGL_OID_AT_EMAIL_ADDRESS || type == SGL_OID_AT_CN) &&
	    sgl_lint_value_of(ava, out) &&
	    sgl_addr_is(sgl_lint_value_slice(out));
}

/* The mailboxes in one name: are there some, and is one not repeated? */
static bool
are_repeated(
    const sgl_cert *cert, sgl_slice name, size_t *num, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(name);
	sgl_lint_value value;
	sgl_ava ava;

	while (sgl_lint_avas_next(&w, &ava)) {
		if (!is_mailbox(&ava, &value))
			continue;
		if (++*num > MAX_COMPARED)
			return true;
		if (note != NULL &&
		    !is_in_alt_name(cert, sgl_lint_value_slice(&value)))
			return sgl_lint_say_bytes(
			    note, sgl_lint_value_slice(&value));
	}
	return true;
}

/* The subject, and the directoryNames beside it. */
static bool
are_all_repeated(const sgl_lint_case *c, size_t *num, sgl_lint_note *note)
{
	sgl_der in = sgl_der_over(c->cert->subject_alt_name);
	sgl_general name;

	*num = 0;
	if (!are_repeated(c->cert, c->cert->subject, num, note))
		return false;
	while (*num <= MAX_COMPARED && sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_DIRECTORY &&
		    !are_repeated(c->cert, name.value, num, note))
			return false;
	return true;
}

static bool
to_mailbox_in_name(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	size_t num;

	return sgl_lint_to_br_leaf(c, r) && are_all_repeated(c, &num, NULL) &&
	    num > 0;
}

static bool
are_mailboxes_in_san(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	size_t num;

	(void)r;
	return are_all_repeated(c, &num, note);
}

static bool
to_subject_attribute(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return sgl_lint_to_br_leaf(c, r) && sgl_lint_subject_has(c, r->oid);
}

static bool
are_subject_addresses_single(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_lint_value value;
	sgl_ava ava;

	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (!sgl_lint_value_of(&ava, &value) ||
		    !sgl_addr_is(sgl_lint_value_slice(&value)))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

/* ------------------------------------------------------- common name --- */

static bool
to_type(const sgl_lint_case *c, const sgl_lint_rule *r, unsigned types)
{
	return sgl_lint_to_br_leaf(c, r) && sgl_lint_is_type(c, types);
}

static bool
to_mailbox_validated(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_type(c, r, SGL_LINT_MAILBOX);
}

static bool
is_address_value(const sgl_ava *ava)
{
	sgl_lint_value value;

	return sgl_lint_value_of(ava, &value) &&
	    sgl_addr_is(sgl_lint_value_slice(&value));
}

static bool
is_cn_mailbox(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_ava ava;

	while (sgl_lint_avas_find(&w, r->oid, &ava))
		if (!is_address_value(&ava))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

/* One of the values of an attribute is the same text. */
static bool
is_value_of(const sgl_cert *cert, sgl_oid type, const sgl_ava *ava)
{
	sgl_lint_avas w = sgl_lint_avas_of(cert->subject);
	sgl_lint_value one, other;
	sgl_ava candidate;

	if (!sgl_lint_value_of(ava, &one))
		return false;
	for (int i = 0;
	     i < MAX_COMPARED && sgl_lint_avas_find(&w, type, &candidate); i++)
		if (sgl_lint_value_of(&candidate, &other) &&
		    sgl_slice_eq(sgl_lint_value_slice(&one),
			sgl_lint_value_slice(&other)))
			return true;
	return false;
}

static bool
is_cn_mailbox_or(const sgl_lint_case *c, sgl_oid type, sgl_lint_note *note)
{
	sgl_lint_avas w = sgl_lint_avas_of(c->cert->subject);
	sgl_ava ava;

	for (int i = 0;
	     i < MAX_COMPARED && sgl_lint_avas_find(&w, SGL_OID_AT_CN, &ava);
	     i++)
		if (!is_address_value(&ava) &&
		    !is_value_of(c->cert, type, &ava))
			return sgl_lint_say_bytes(note, ava.value);
	return true;
}

static bool
to_organization(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_type(c, r, SGL_LINT_ORGANIZATION);
}

static bool
is_cn_organization(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_cn_mailbox_or(c, SGL_OID_AT_O, note);
}

static bool
to_person_with_pseudonym(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_type(c, r, SGL_LINT_SPONSOR | SGL_LINT_INDIVIDUAL) &&
	    sgl_lint_subject_has(c, SGL_OID_AT_PSEUDONYM);
}

static bool
is_cn_pseudonym(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	return is_cn_mailbox_or(c, SGL_OID_AT_PSEUDONYM, note);
}

static bool
has_person(const sgl_lint_case *c)
{
	return sgl_lint_subject_has(c, SGL_OID_AT_GIVEN_NAME) ||
	    sgl_lint_subject_has(c, SGL_OID_AT_SURNAME);
}

static bool
is_pseudonym_alone(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return !has_person(c);
}

static bool
to_person_of_newer(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	return to_type(c, r, SGL_LINT_SPONSOR | SGL_LINT_INDIVIDUAL) &&
	    !sgl_lint_is_generation(c, SGL_LINT_LEGACY);
}

static bool
has_person_or_pseudonym(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return has_person(c) || sgl_lint_subject_has(c, SGL_OID_AT_PSEUDONYM);
}

#define FROM SGL_LINT_BR_1_0_0
#define SAN SGL_OID_CE_SUBJECT_ALT_NAME

static const sgl_lint_rule rules[] = {
    {"br-san-present", SGL_LINT_ERROR, "S/MIME BR 7.1.2.3 h", FROM, 0,
	sgl_lint_to_br_leaf, sgl_lint_is_present,
	N_("no subject alternative name"), SAN, false},
    {"br-san-critical", SGL_LINT_WARN, "S/MIME BR 7.1.2.3 h", FROM, 0,
	to_san_beside_subject, sgl_lint_is_not_critical,
	N_("the subject alternative name is critical beside a subject"), SAN,
	false},
    {"br-san-mailbox", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.1", FROM, 0,
	sgl_lint_to_br_extension, has_mailbox,
	N_("no mail address in the subject alternative name"), SAN, false},
    {"br-san-kinds", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.1", FROM, 0,
	sgl_lint_to_br_extension, are_kinds_allowed,
	N_("a subject alternative name of a kind that is not allowed"), SAN,
	false},
    {"br-san-address", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.1", FROM, 0,
	to_rfc822, are_rfc822_single,
	N_("an rfc822Name is not one mail address"), 0, false},
    {"br-san-repeats", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.1", FROM, 0,
	to_mailbox_in_name, are_mailboxes_in_san,
	N_("a mail address of the subject is not repeated in the subject "
	   "alternative name"),
	0, false},
    {"br-subject-address", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 h", FROM, 0,
	to_subject_attribute, are_subject_addresses_single,
	N_("the subject's emailAddress is not one mail address"),
	SGL_OID_AT_EMAIL_ADDRESS, false},
    {"br-cn-mailbox", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 a", FROM, 0,
	to_mailbox_validated, is_cn_mailbox,
	N_("the common name of a mailbox-validated certificate is not a mail "
	   "address"),
	SGL_OID_AT_CN, false},
    {"br-cn-organization", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 a", FROM, 0,
	to_organization, is_cn_organization,
	N_("the common name of an organization-validated certificate is "
	   "neither the organisation nor a mail address"),
	0, false},
    {"br-cn-pseudonym", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 a", FROM, 0,
	to_person_with_pseudonym, is_cn_pseudonym,
	N_("the common name beside a pseudonym is neither the pseudonym nor a "
	   "mail address"),
	0, false},
    {"br-pseudonym-alone", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.2 e, f", FROM, 0,
	to_person_with_pseudonym, is_pseudonym_alone,
	N_("a pseudonym beside the person's name"), 0, false},
    {"br-subject-person", SGL_LINT_ERROR, "S/MIME BR 7.1.4.2.5, 7.1.4.2.6",
	FROM, 0, to_person_of_newer, has_person_or_pseudonym,
	N_("neither the person's name nor a pseudonym"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_br_subject, rules);
