/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/lint.h"

#include "ca/lint_inside.h"

#define ROOM "ca.lint"

static const sgl_lint_table *const tables[] = {
    &sgl_lint_fields,
    &sgl_lint_names,
    &sgl_lint_extensions,
    &sgl_lint_contents,
    &sgl_lint_usage,
    &sgl_lint_mail,
    &sgl_lint_br_key,
    &sgl_lint_br_usage,
    &sgl_lint_br_extensions,
    &sgl_lint_br_access,
    &sgl_lint_br_subject,
    &sgl_lint_br_organization,
    &sgl_lint_br_authority,
};
#define NUM_TABLES (sizeof tables / sizeof *tables)

static const char *const type_names[] = {"mailbox-validated",
    "organization-validated", "sponsor-validated", "individual-validated"};
static const char *const generation_names[] = {
    "legacy", "multipurpose", "strict"};

const char *
sgl_lint_severity_name(sgl_lint_severity s)
{
	static const char *const names[SGL_LINT_SEVERITIES] = {
	    [SGL_LINT_ERROR] = N_("error"),
	    [SGL_LINT_WARN] = N_("warn"),
	    [SGL_LINT_NOTICE] = N_("notice"),
	};

	return names[s];
}

size_t
sgl_lint_num_rules(void)
{
	size_t num = 0;

	for (size_t i = 0; i < NUM_TABLES; i++)
		num += tables[i]->num;
	return num;
}

const sgl_lint_rule *
sgl_lint_get_rule(size_t i)
{
	size_t t = 0;

	while (i >= tables[t]->num)
		i -= tables[t++]->num;
	return &tables[t]->rules[i];
}

const sgl_lint_rule *
sgl_lint_find_rule(const char *id)
{
	for (size_t i = 0; i < sgl_lint_num_rules(); i++)
		if (strcmp(sgl_lint_get_rule(i)->id, id) == 0)
			return sgl_lint_get_rule(i);
	return NULL;
}

/* ------------------------------------------------------------ the case --- */

/* 2.23.140.1.5.TYPE.GENERATION (BR 7.1.6.1) */
static void
note_policy(sgl_lint_case *c, sgl_slice oid)
{
	static const uint8_t arc[] = {0x67, 0x81, 0x0c, 0x01, 0x05};
	unsigned type, generation;

	if (sgl_oid_find(oid) == SGL_OID_ANY_POLICY)
		c->has_any_policy = true;
	if (oid.len != sizeof arc + 2 ||
	    !sgl_slice_starts(oid, sgl_slice_of(arc, sizeof arc)))
		return;
	type = oid.data[sizeof arc];
	generation = oid.data[sizeof arc + 1];
	if (type < 1 || type > 4 || generation < 1 || generation > 3)
		return;
	c->num_reserved++;
	c->types |= 1u << (type - 1);
	c->generations |= 1u << (generation - 1);
}

static void
note_policies(sgl_lint_case *c)
{
	sgl_der in = sgl_der_over(c->cert->policies), info;
	sgl_slice oid;

	while (sgl_der_read(&in, SGL_SEQUENCE, &info))
		if (sgl_der_read_oid(&info, &oid))
			note_policy(c, oid);
}

static void
note_extensions(sgl_lint_case *c)
{
	sgl_der in = sgl_der_over(c->cert->extensions);
	sgl_ext ext;

	while (sgl_ext_read(&in, &ext)) {
		sgl_oid oid = sgl_oid_find(ext.oid);

		if (oid != SGL_OID_UNKNOWN && !sgl_lint_has(c, oid))
			c->ext[oid] = ext;
	}
}

static bool
has_mailbox(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->subject_alt_name);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_RFC822 ||
		    name.kind == SGL_GENERAL_SMTP_UTF8)
			return true;
	return false;
}

static void
open_case(const sgl_cert *cert, sgl_lint_case *c)
{
	*c = (sgl_lint_case){.cert = cert};
	note_extensions(c);
	note_policies(c);
	c->has_mailbox = has_mailbox(cert);
	c->has_mail_purpose =
	    sgl_lint_has_purpose(cert, SGL_OID_KP_EMAIL_PROTECTION);
	/* Two empty names are no sign of having issued oneself. */
	c->is_leaf =
	    !cert->is_ca && !(cert->is_self_issued && cert->subject.len > 2);
}

const char *
sgl_lint_type(const sgl_cert *cert)
{
	sgl_lint_case c;

	open_case(cert, &c);
	if (c.num_reserved != 1)
		return NULL;
	return type_names[__builtin_ctz(c.types)];
}

const char *
sgl_lint_generation(const sgl_cert *cert)
{
	sgl_lint_case c;

	open_case(cert, &c);
	if (c.num_reserved != 1)
		return NULL;
	return generation_names[__builtin_ctz(c.generations)];
}

/* ------------------------------------------------------------- judging --- */

static bool
is_in_force(const sgl_lint_rule *r, sgl_time time)
{
	return (r->from == 0 || time >= r->from) &&
	    (r->till == 0 || time < r->till);
}

static sgl_lint_verdict
judge(const sgl_lint_case *c, const sgl_lint_rule *r, sgl_time time,
    sgl_lint_note *note)
{
	note->text[0] = '\0';
	if (!r->applies(c, r))
		return SGL_LINT_NOT_APPLICABLE;
	if (!is_in_force(r, time))
		return SGL_LINT_NOT_EFFECTIVE;
	if (r->check(c, r, note))
		return SGL_LINT_PASS;
	return SGL_LINT_FAIL;
}

sgl_lint_verdict
sgl_lint_judge(const sgl_cert *cert, const sgl_lint_rule *rule, sgl_time time,
    sgl_lint_note *note)
{
	sgl_lint_case c;
	sgl_lint_verdict verdict;

	open_case(cert, &c);
	verdict = judge(&c, rule, time, note);
	if (verdict != SGL_LINT_FAIL)
		note->text[0] = '\0';
	return verdict;
}

static bool
each_of_severity(const sgl_lint_case *c, sgl_lint_severity severity,
    sgl_time time, bool is_private, sgl_lint_each_fn *each, void *ctx)
{
	for (size_t t = 0; t < NUM_TABLES; t++)
		for (size_t i = 0; i < tables[t]->num; i++) {
			const sgl_lint_rule *r = &tables[t]->rules[i];
			sgl_lint_note note;

			if (r->severity != severity ||
			    (is_private && r->is_public_only))
				continue;
			if (judge(c, r, time, &note) == SGL_LINT_FAIL &&
			    !each(ctx, r, &note))
				return false;
		}
	return true;
}

bool
sgl_lint_each(const sgl_cert *cert, sgl_time time, bool is_private,
    sgl_lint_each_fn *each, void *ctx)
{
	sgl_lint_case c;

	open_case(cert, &c);
	for (int s = 0; s < SGL_LINT_SEVERITIES; s++)
		if (!each_of_severity(
			&c, (sgl_lint_severity)s, time, is_private, each, ctx))
			return false;
	return true;
}

static bool
refuse(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	sgl_err *err = ctx;

	(void)sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
	    N_("the new certificate breaks a rule for certificates"), "%s%s%s",
	    rule->id, note->text[0] != '\0' ? ": " : "", note->text);
	return false;
}

sgl_status
sgl_lint_refuse(const sgl_cert *cert, sgl_err *err)
{
	sgl_lint_case c;

	open_case(cert, &c);
	return each_of_severity(&c, SGL_LINT_ERROR,
		   sgl_cert_get_not_before(cert), true, refuse, err)
	    ? SGL_OK
	    : SGL_E_MISMATCH;
}
