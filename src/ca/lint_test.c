/* SPDX-License-Identifier: Apache-2.0 */
/* The table as a whole, and hostile bytes. What each rule finds is shown by
 * tests/e2e/lint.py, with certificates made for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "ca/lint.h"
#include "pki/build.h"

#define BEGIN ((sgl_time)1767225600) /* 2026-01-01 */
#define YEAR ((sgl_time)365 * 24 * 60 * 60)

static sgl_engine *engine;

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

static sgl_cert *
make(sgl_slice issuer_key_id, const sgl_oid *policies, size_t num_policies)
{
	static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(1024);
	sgl_slice given[8];
	const sgl_rdn rdn = {SGL_OID_AT_CN, SGL_LIT("alice@example.org")};
	const sgl_slice address = SGL_LIT("alice@example.org");
	sgl_cert_template t = {.serial = SGL_LIT("0123456789"),
	    .not_before = BEGIN,
	    .not_after = BEGIN + YEAR,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .ext_key_usage = mail,
	    .num_ext_key_usage = 1,
	    .addresses = &address,
	    .num_addresses = 1,
	    .issuer_key_id = issuer_key_id,
	    .policies = given,
	    .num_policies = num_policies};
	SGL_AUTO_CLEAR(sgl_buf) issuer = sgl_buf_init(1024);
	const sgl_rdn by = {SGL_OID_AT_CN, SGL_LIT("Issuer")};
	sgl_cert *cert = NULL;

	assert_in_range(num_policies, 0, sizeof given / sizeof *given);
	for (size_t i = 0; i < num_policies; i++)
		given[i] = sgl_oid_der(policies[i]);
	assert_int_equal(sgl_name_build(&rdn, 1, &name, NULL), SGL_OK);
	assert_int_equal(sgl_name_build(&by, 1, &issuer, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	t.subject = sgl_buf_slice(&name);
	t.issuer = sgl_buf_slice(&issuer);
	t.spki = sgl_key_get_spki(key);
	assert_int_equal(
	    sgl_cert_build(engine, &t, key, SGL_DIGEST_SHA256, &cert, NULL),
	    SGL_OK);
	return cert;
}

static void
rules_are_complete(void **state)
{
	(void)state;
	assert_true(sgl_lint_num_rules() > 100);
	for (size_t i = 0; i < sgl_lint_num_rules(); i++) {
		const sgl_lint_rule *r = sgl_lint_get_rule(i);

		/* The first of its id is itself. */
		assert_ptr_equal(sgl_lint_find_rule(r->id), r);
		assert_true(r->severity < SGL_LINT_SEVERITIES);
		assert_true(strlen(r->clause) > 0 && strlen(r->text) > 0);
		assert_true(r->till == 0 || r->from < r->till);
	}
	assert_null(sgl_lint_find_rule("br-nonsense"));
}

static void
type_and_generation_are_told(void **state)
{
	static const sgl_oid strict[] = {SGL_OID_SMIME_BR_SPONSOR_STRICT};
	static const sgl_oid two[] = {
	    SGL_OID_SMIME_BR_SPONSOR_STRICT, SGL_OID_SMIME_BR_MAILBOX_LEGACY};
	SGL_AUTO(sgl_cert)
	none = make(SGL_LIT("id"), NULL, 0);
	SGL_AUTO(sgl_cert)
	one = make(SGL_LIT("id"), strict, 1);
	SGL_AUTO(sgl_cert)
	both = make(SGL_LIT("id"), two, 2);

	(void)state;
	assert_null(sgl_lint_type(none));
	assert_null(sgl_lint_generation(none));
	assert_string_equal(sgl_lint_type(one), "sponsor-validated");
	assert_string_equal(sgl_lint_generation(one), "strict");
	assert_null(sgl_lint_type(both));
	assert_null(sgl_lint_generation(both));
}

static void
what_we_make_wrong_is_refused(void **state)
{
	static const sgl_oid strict[] = {SGL_OID_SMIME_BR_MAILBOX_STRICT};
	SGL_AUTO(sgl_cert)
	good = make(SGL_LIT("id"), NULL, 0);
	SGL_AUTO(sgl_cert)
	orphan = make((sgl_slice){0}, NULL, 0);
	SGL_AUTO(sgl_cert)
	claims = make(SGL_LIT("id"), strict, 1);
	sgl_err err = {0};

	(void)state;
	assert_int_equal(sgl_lint_refuse(good, &err), SGL_OK);
	assert_int_equal(sgl_lint_refuse(orphan, &err), SGL_E_MISMATCH);
	assert_non_null(strstr(err.detail, "rfc5280-aki-present"));
	assert_int_equal(sgl_lint_refuse(claims, &err), SGL_E_MISMATCH);
	assert_non_null(strstr(err.detail, "br-crldp-present"));
}

static bool
stop(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	(void)rule;
	(void)note;
	++*(int *)ctx;
	return false;
}

static void
the_first_false_ends_it(void **state)
{
	static const sgl_oid strict[] = {SGL_OID_SMIME_BR_MAILBOX_STRICT};
	SGL_AUTO(sgl_cert)
	cert = make((sgl_slice){0}, strict, 1);
	int num = 0;

	(void)state;
	assert_false(sgl_lint_each(cert, BEGIN, false, stop, &num));
	assert_int_equal(num, 1);
}

static bool
check_finding(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	(void)ctx;
	(void)rule;
	assert_true(strlen(note->text) < SGL_LINT_DETAIL);
	assert_true(sgl_utf8_is(sgl_slice_str(note->text)));
	return true;
}

static uint8_t
spoil(uint8_t byte, unsigned how)
{
	if (how < 8)
		return (uint8_t)(byte ^ (1u << how));
	return how == 8 ? 0 : 0xff;
}

/* Every byte in turn, in each of its bits and as the two ends: what can still
 * be read is judged. */
static void
spoilt_bytes_are_survived(void **state)
{
	static const sgl_oid strict[] = {SGL_OID_SMIME_BR_MAILBOX_STRICT};
	SGL_AUTO(sgl_cert)
	cert = make(SGL_LIT("id"), strict, 1);
	sgl_slice der = sgl_cert_get_der(cert);
	unsigned judged = 0;

	(void)state;
	for (size_t i = 0; i < der.len * 10; i++) {
		SGL_AUTO(sgl_cert)
		spoilt = NULL;
		SGL_AUTO_CLEAR(sgl_buf) copy = sgl_buf_init(der.len);
		unsigned how = (unsigned)(i % 10);

		assert_int_equal(sgl_buf_add(&copy, der, NULL), SGL_OK);
		copy.data[i / 10] = spoil(copy.data[i / 10], how);
		if (sgl_cert_read(
			engine, sgl_buf_slice(&copy), &spoilt, NULL) != SGL_OK)
			continue;
		assert_true(
		    sgl_lint_each(spoilt, BEGIN, false, check_finding, NULL));
		judged++;
	}
	assert_true(judged > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_are_complete),
	    cmocka_unit_test(type_and_generation_are_told),
	    cmocka_unit_test(what_we_make_wrong_is_refused),
	    cmocka_unit_test(the_first_false_ends_it),
	    cmocka_unit_test(spoilt_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
