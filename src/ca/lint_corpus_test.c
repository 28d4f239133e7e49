/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our verdicts against those that others wrote down for certificates of
 * theirs: $SIGILL_CORPUS/zlint-smime, with EXPECTED.tsv (file, lint, verdict).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ca/lint.h"
#include "support/corpus.h"

#define SET "zlint-smime"
#define MAX_FILE ((size_t)1 << 20)

static sgl_engine *engine;

/* Their name for a rule, and ours. What the set asks and we do not judge would
 * stand here with a rule of NULL and the reason in docs/lint.md: nothing. */
static const struct {
	const char *lint, *rule;
} names[] = {
    {"e_adobe_extensions_legacy_multipurpose_criticality", "br-adobe-critical"},
    {"e_adobe_extensions_strict_presence", "br-adobe-strict"},
    {"e_authority_key_identifier_correct", "br-aki"},
    {"e_commonname_mailbox_validated", "br-cn-mailbox"},
    {"e_ec_other_key_usages", "br-ku-ec-kind"},
    {"e_ecpublickey_key_usages", "br-ku-ec"},
    {"e_edwardspublickey_key_usages", "br-ku-edwards"},
    {"e_exactly_one_smime_policy", "br-policy-one"},
    {"e_invalid_individual_identity", "br-subject-person"},
    {"e_invalid_legacy_spki_algoid", "br-key-algorithm-first"},
    {"e_invalid_spki_algoid", "br-key-algorithm"},
    {"e_key_usage_presence", "br-ku-present"},
    {"e_legacy_generation_deprecated", "br-policy-legacy"},
    {"e_legal_entity_identifier", "br-lei"},
    {"e_mailbox_address_shall_contain_an_rfc822_name", "br-san-repeats"},
    {"e_mailbox_validated_allowed_subjectdn_attributes", "br-subject-mailbox"},
    {"e_mailbox_validated_enforce_subject_field_restrictions",
	"br-subject-mailbox"},
    {"e_org_validated_invalid_cn", "br-cn-organization"},
    {"e_registration_scheme_id_matches_subject_country", "br-orgid-country"},
    {"e_rsa_key_usage_legacy_multipurpose", "br-ku-rsa"},
    {"e_rsa_key_usage_strict", "br-ku-rsa-strict"},
    {"e_rsa_other_key_usages", "br-ku-rsa-kind"},
    {"e_san_shall_be_present", "br-san-present"},
    {"e_single_email_if_present", "br-san-address"},
    {"e_single_email_subject_if_present", "br-subject-address"},
    {"e_smime_legacy_aia_shall_have_one_http", "br-aia-http-legacy"},
    {"e_smime_legacy_multipurpose_eku_check", "br-eku"},
    {"e_smime_qc_statements_must_not_be_critical", "br-qc-critical"},
    {"e_smime_strict_aia_shall_have_http_only", "br-aia-http"},
    {"e_smime_strict_eku_check", "br-eku-strict"},
    {"e_strict_multipurpose_smime_ext_subject_directory_attr", "br-sda"},
    {"e_subject_country_name", "br-subject-country"},
    {"e_subscribers_crl_distribution_points_are_http", "br-crldp-http"},
    {"e_subscribers_shall_have_crl_distribution_points", "br-crldp-present"},
    {"w_key_usage_criticality", "br-ku-critical"},
    {"w_san_should_not_be_critical", "br-san-critical"},
    {"w_smime_aia_contains_internal_names", "br-aia-internal"},
};
#define NUM_NAMES (sizeof names / sizeof *names)

/* Files of the set without a row in EXPECTED.tsv, whose names tell their case:
 * sm1: for S/MIME; sub1: a subscriber's; cpN: N policies; ef1/eff1: issued when
 * the rule was in force; pqf1: when post-quantum keys were allowed; ov1:
 * organization-validated; cne1, cno1: its common name is a mail address, the
 * organization. */
static const struct {
	const char *file, *lint, *verdict;
} told_by_name[] = {
    {"sm0_subx_cpx_efx.pem", "e_exactly_one_smime_policy", "NA"},
    {"sm1_sub0_cpx_efx.pem", "e_exactly_one_smime_policy", "NA"},
    {"sm1_sub1_cp0_ef0.pem", "e_exactly_one_smime_policy", "NE"},
    {"sm1_sub1_cp0_ef1.pem", "e_exactly_one_smime_policy", "Error"},
    {"sm1_sub1_cp1_ef1.pem", "e_exactly_one_smime_policy", "Pass"},
    {"sm1_sub1_cp2_ef1.pem", "e_exactly_one_smime_policy", "Error"},
    {"sub0_smx_ovx_cnex_cnox_effx.pem", "e_org_validated_invalid_cn", "NA"},
    {"sub1_sm0_ovx_cnex_cnox_effx.pem", "e_org_validated_invalid_cn", "NA"},
    {"sub1_sm1_ov0_cnex_cnox_effx.pem", "e_org_validated_invalid_cn", "NA"},
    {"sub1_sm1_ov1_cne0_cno0_eff0.pem", "e_org_validated_invalid_cn", "NE"},
    {"sub1_sm1_ov1_cne0_cno0_eff1.pem", "e_org_validated_invalid_cn", "Error"},
    {"sub1_sm1_ov1_cne0_cno1_eff1.pem", "e_org_validated_invalid_cn", "Pass"},
    {"sub1_sm1_ov1_cne1_cno0_eff1.pem", "e_org_validated_invalid_cn", "Pass"},
    {"sm0_alg_xxx_effx_pqfx.pem", "e_invalid_legacy_spki_algoid", "NA"},
    {"sm1_alg_xxx_eff0_pqfx.pem", "e_invalid_legacy_spki_algoid", "NE"},
    {"sm1_alg_rsa_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Pass"},
    {"sm1_alg_p256_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Pass"},
    {"sm1_alg_p384_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Pass"},
    {"sm1_alg_p521_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Pass"},
    {"sm1_alg_ed25519_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Pass"},
    {"sm1_alg_p224_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_gost_eff1_pqfx.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mld44_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mld65_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mld87_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mlk512_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mlk768_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mlk1024_eff1_pqf0.pem", "e_invalid_legacy_spki_algoid", "Error"},
    {"sm1_alg_mld44_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
    {"sm1_alg_mld65_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
    {"sm1_alg_mld87_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
    {"sm1_alg_mlk512_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
    {"sm1_alg_mlk768_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
    {"sm1_alg_mlk1024_eff1_pqf1.pem", "e_invalid_spki_algoid", "Pass"},
};
#define NUM_TOLD (sizeof told_by_name / sizeof *told_by_name)

static const sgl_lint_rule *
rule_of(const char *lint)
{
	for (size_t i = 0; i < NUM_NAMES; i++)
		if (strcmp(names[i].lint, lint) == 0)
			return sgl_lint_find_rule(names[i].rule);
	return NULL;
}

static const char *
name_verdict(sgl_lint_verdict v, const sgl_lint_rule *rule)
{
	switch (v) {
	case SGL_LINT_NOT_APPLICABLE:
		return "NA";
	case SGL_LINT_NOT_EFFECTIVE:
		return "NE";
	case SGL_LINT_PASS:
		return "Pass";
	case SGL_LINT_FAIL:
		break;
	}
	return rule->severity == SGL_LINT_ERROR ? "Error" : "Warn";
}

/* Files lie in the set's folder, or in one below. */
static bool
find_file(const char *file, char path[256])
{
	static const char *const folders[] = {"", "MailboxAddressFromSAN/"};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		(void)snprintf(path, 256, SET "/%s%s", folders[i], file);
		if (sgl_corpus_has(path))
			return true;
	}
	return false;
}

static sgl_cert *
read_cert(const char *path)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	sgl_cert *cert = NULL;

	sgl_corpus_read_der(path, &der);
	if (sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL) != SGL_OK)
		fail_msg("%s: is no certificate", path);
	return cert;
}

/* 0: as they say; 1: not. */
static unsigned
compare(const char *file, const char *lint, const char *want)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	const sgl_lint_rule *rule = rule_of(lint);
	sgl_lint_note note;
	const char *got;
	char path[256];

	if (rule == NULL)
		fail_msg("%s: no rule of ours", lint);
	if (!find_file(file, path)) {
		print_message("%s is not in the set\n", file);
		return 0;
	}
	cert = read_cert(path);
	got = name_verdict(
	    sgl_lint_judge(cert, rule, sgl_cert_get_not_before(cert), &note),
	    rule);
	if (strcmp(got, want) == 0)
		return 0;
	print_error("%s %s: %s, they say %s (%s)\n", path, rule->id, got, want,
	    note.text);
	return 1;
}

static void
agrees_with_expected(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) table = sgl_buf_init(MAX_FILE);
	char *line, *rest;
	unsigned wrong = 0, num = 0;

	(void)state;
	if (!sgl_corpus_has(SET)) {
		print_message("no " SET " in $SIGILL_CORPUS: skipped\n");
		skip();
	}
	sgl_corpus_read(SET "/EXPECTED.tsv", &table);
	assert_int_equal(sgl_buf_add(&table, SGL_LIT("\0"), NULL), SGL_OK);
	rest = (char *)table.data;
	(void)strsep(&rest, "\n"); /* the heading */
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		const char *file = strsep(&line, "\t");
		const char *lint = strsep(&line, "\t");
		const char *want = strsep(&line, "\t");

		assert_non_null(want);
		wrong += compare(file, lint, want);
		num++;
	}
	assert_true(num > 100);
	assert_int_equal(wrong, 0);
}

static void
agrees_with_names(void **state)
{
	unsigned wrong = 0;

	(void)state;
	if (!sgl_corpus_has(SET)) {
		print_message("no " SET " in $SIGILL_CORPUS: skipped\n");
		skip();
	}
	for (size_t i = 0; i < NUM_TOLD; i++)
		wrong += compare(told_by_name[i].file, told_by_name[i].lint,
		    told_by_name[i].verdict);
	assert_int_equal(wrong, 0);
}

static int
set_up(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_expected),
	    cmocka_unit_test(agrees_with_names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
