/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging a certificate by the rules for S/MIME certificates: the CA/Browser
 * Forum's S/MIME Baseline Requirements (BR) and the RFCs. docs/lint.md lists
 * the rules.
 *
 * A rule is one row of a table: for which certificates it is (`applies`), since
 * and until when, and what it demands (`check`). Nothing here allocates, does
 * I/O or asks whether anybody is to be believed; what is judged may be the
 * certificate of anybody.
 */
#ifndef SGL_CA_LINT_H
#define SGL_CA_LINT_H

#include "pki/cert.h"

typedef enum sgl_lint_severity {
	SGL_LINT_ERROR,	 /* a SHALL or MUST */
	SGL_LINT_WARN,	 /* a SHOULD */
	SGL_LINT_NOTICE, /* allowed, but it rarely serves its owner */
	SGL_LINT_SEVERITIES
} sgl_lint_severity;
const char *sgl_lint_severity_name(sgl_lint_severity s); /* "error" */

typedef enum sgl_lint_verdict {
	SGL_LINT_NOT_APPLICABLE, /* not a rule for certificates like this */
	SGL_LINT_NOT_EFFECTIVE,	 /* not in force at the time */
	SGL_LINT_PASS,
	SGL_LINT_FAIL
} sgl_lint_verdict;

/* What exactly is wrong, as text from the certificate: the name of an
 * attribute, a URL. Well-formed UTF-8 without control characters. */
#define SGL_LINT_DETAIL 160
typedef struct sgl_lint_note {
	char text[SGL_LINT_DETAIL]; /* "": there is no more to say */
} sgl_lint_note;

typedef struct sgl_lint_case sgl_lint_case;
typedef struct sgl_lint_rule sgl_lint_rule;
struct sgl_lint_rule {
	const char *id;
	sgl_lint_severity severity;
	const char *clause;  /* "RFC 5280 4.1.2.2" */
	sgl_time from, till; /* issued at `from` or later, before `till`; 0:
				always */
	bool (*applies)(const sgl_lint_case *c, const sgl_lint_rule *r);
	bool (*check)(const sgl_lint_case *c, const sgl_lint_rule *r,
	    sgl_lint_note *note);
	const char *text; /* N_(): what is wrong */
	sgl_oid oid;	  /* of the extension or attribute it is about */
	/* Demands that a certificate be under the BR at all; the BR leave out
	 * authorities that nobody's programs trust by default (BR 1.1). */
	bool is_public_only;
};

size_t sgl_lint_num_rules(void);
const sgl_lint_rule *sgl_lint_get_rule(size_t i);
/* sgl_lint_find_rule: NULL for an id that there is not. */
const sgl_lint_rule *sgl_lint_find_rule(const char *id);

/* sgl_lint_judge asks one rule; *note is "" unless the verdict is FAIL. `time`
 * is when the certificate counts as issued: rules that were not yet or no
 * longer in force then do not judge it. */
sgl_lint_verdict sgl_lint_judge(const sgl_cert *cert, const sgl_lint_rule *rule,
    sgl_time time, sgl_lint_note *note);

/* sgl_lint_each asks all rules and calls `each` for those that fail, errors
 * first. The first `false` of `each` ends it, and is the result. */
typedef bool sgl_lint_each_fn(
    void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note);
bool sgl_lint_each(const sgl_cert *cert, sgl_time time, bool is_private,
    sgl_lint_each_fn *each, void *ctx);

/* "sponsor-validated" and "strict", by the policies that a certificate asserts
 * (BR 7.1.6.1); NULL: none, or more than one. */
const char *sgl_lint_type(const sgl_cert *cert);
const char *sgl_lint_generation(const sgl_cert *cert);

/* sgl_lint_refuse: SGL_E_MISMATCH, naming the rule, if a certificate that we
 * made ourselves breaks one at the level of an error. */
SGL_MUST sgl_status sgl_lint_refuse(const sgl_cert *cert, sgl_err *err);

/* sgl_lint_is_country: ISO 3166-1 alpha-2, officially assigned. */
bool sgl_lint_is_country(sgl_slice code);

#endif
