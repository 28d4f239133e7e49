/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5280 4.1: the fields of a certificate. */
#include "base/time.h"
#include "ca/lint_inside.h"

#define MAX_SERIAL 20

/* The fields that sgl_cert_read passes over or reads more kindly. */
typedef struct fields {
	sgl_der validity;
	bool has_unique_id;
} fields;

static bool
open_fields(const sgl_cert *cert, fields *out)
{
	sgl_der in = sgl_der_over(cert->tbs), tbs;
	bool version, issuer_id, subject_id;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &tbs) ||
	    !sgl_der_read_opt(&tbs, SGL_CONTEXT(0), NULL, &version) ||
	    !sgl_der_read(&tbs, SGL_INTEGER, NULL) ||
	    !sgl_der_read(&tbs, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read(&tbs, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read(&tbs, SGL_SEQUENCE, &out->validity) ||
	    !sgl_der_read(&tbs, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read(&tbs, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_opt(
		&tbs, SGL_CONTEXT_PRIMITIVE(1), NULL, &issuer_id) ||
	    !sgl_der_read_opt(
		&tbs, SGL_CONTEXT_PRIMITIVE(2), NULL, &subject_id))
		return false;
	out->has_unique_id = issuer_id || subject_id;
	return true;
}

static bool
has_extensions(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return c->cert->extensions.data != NULL;
}

static bool
is_serial_positive(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice serial = c->cert->serial;

	(void)r;
	(void)note;
	if ((serial.data[0] & 0x80) != 0)
		return false;
	while (serial.len > 0 && serial.data[0] == 0)
		serial = sgl_slice_from(serial, 1);
	return serial.len > 0;
}

static bool
is_serial_short(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->serial.len <= MAX_SERIAL;
}

static bool
is_serial_shortest(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	sgl_slice s = c->cert->serial;

	(void)r;
	(void)note;
	return s.len < 2 ||
	    !((s.data[0] == 0 && (s.data[1] & 0x80) == 0) ||
		(s.data[0] == 0xff && (s.data[1] & 0x80) != 0));
}

static bool
are_algorithms_same(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_slice_eq(
	    c->cert->tbs_algorithm, c->cert->signature_algorithm);
}

static bool
has_issuer(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->issuer.len > 2;
}

static bool
has_subject(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->subject.len > 2;
}

static bool
has_no_subject(const sgl_lint_case *c, const sgl_lint_rule *r)
{
	(void)r;
	return !c->cert->is_ca && c->cert->subject.len <= 2;
}

static bool
has_critical_alt_name(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return sgl_lint_has(c, SGL_OID_CE_SUBJECT_ALT_NAME) &&
	    c->ext[SGL_OID_CE_SUBJECT_ALT_NAME].critical;
}

/* Until 2049 as UTCTime, later as GeneralizedTime; both with seconds and Z. */
static bool
is_time_right(sgl_der *validity)
{
	bool is_utc = sgl_der_next_is(validity, SGL_UTC_TIME);
	sgl_time time;

	return sgl_der_read_time(validity, &time) &&
	    is_utc == (sgl_time_to_civil(time).year < 2050);
}

static bool
are_times_right(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	fields f;

	(void)r;
	if (!open_fields(c->cert, &f))
		return true;
	if (!is_time_right(&f.validity))
		return sgl_lint_say(note, "notBefore");
	return is_time_right(&f.validity) || sgl_lint_say(note, "notAfter");
}

static bool
are_times_in_order(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->not_before <= c->cert->not_after;
}

static bool
has_no_unique_id(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	fields f;

	(void)r;
	(void)note;
	return !open_fields(c->cert, &f) || !f.has_unique_id;
}

static bool
has_one_extension(
    const sgl_lint_case *c, const sgl_lint_rule *r, sgl_lint_note *note)
{
	(void)r;
	(void)note;
	return c->cert->extensions.len > 0;
}

static const sgl_lint_rule rules[] = {
    {"rfc5280-version", SGL_LINT_ERROR, "RFC 5280 4.1.2.1", 0, 0,
	has_extensions, sgl_lint_is_version_3,
	N_("it has extensions, but its version is not 3"), 0, false},
    {"rfc5280-serial-positive", SGL_LINT_ERROR, "RFC 5280 4.1.2.2", 0, 0,
	sgl_lint_to_all, is_serial_positive,
	N_("the serial number is zero or negative"), 0, false},
    {"rfc5280-serial-length", SGL_LINT_ERROR, "RFC 5280 4.1.2.2", 0, 0,
	sgl_lint_to_all, is_serial_short,
	N_("the serial number is longer than 20 bytes"), 0, false},
    {"rfc5280-serial-der", SGL_LINT_ERROR, "RFC 5280 4.1, X.690 8.3.2", 0, 0,
	sgl_lint_to_all, is_serial_shortest,
	N_("the serial number is not in its shortest form"), 0, false},
    {"rfc5280-signature-algorithms", SGL_LINT_ERROR, "RFC 5280 4.1.1.2", 0, 0,
	sgl_lint_to_all, are_algorithms_same,
	N_("the signature algorithm inside and outside is not the same"), 0,
	false},
    {"rfc5280-issuer-empty", SGL_LINT_ERROR, "RFC 5280 4.1.2.4", 0, 0,
	sgl_lint_to_all, has_issuer, N_("the issuer has no name"), 0, false},
    {"rfc5280-subject-empty", SGL_LINT_ERROR, "RFC 5280 4.1.2.6", 0, 0,
	sgl_lint_to_authorities, has_subject, N_("an authority without a name"),
	0, false},
    {"rfc5280-subject-in-san", SGL_LINT_ERROR, "RFC 5280 4.1.2.6", 0, 0,
	has_no_subject, has_critical_alt_name,
	N_("the subject is empty, but there is no critical subject alternative "
	   "name"),
	0, false},
    {"rfc5280-time-form", SGL_LINT_ERROR, "RFC 5280 4.1.2.5", 0, 0,
	sgl_lint_to_all, are_times_right,
	N_("a time is not in the form that its year demands"), 0, false},
    {"rfc5280-time-order", SGL_LINT_ERROR, "RFC 5280 4.1.2.5", 0, 0,
	sgl_lint_to_all, are_times_in_order, N_("it ends before it begins"), 0,
	false},
    {"rfc5280-unique-id", SGL_LINT_ERROR, "RFC 5280 4.1.2.8", 0, 0,
	sgl_lint_to_all, has_no_unique_id,
	N_("it has unique identifiers of issuer or subject"), 0, false},
    {"rfc5280-extensions-empty", SGL_LINT_ERROR, "RFC 5280 4.1", 0, 0,
	has_extensions, has_one_extension,
	N_("the list of extensions is empty"), 0, false},
};

SGL_LINT_TABLE(sgl_lint_fields, rules);
