/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ca/ca.h"
#include "ca/ocsp.h"
#include "ca/revoke.h"
#include "org/choose.h"
#include "org/people.h"
#include "support/fault.h"
#include "support/folder.h"

#define START ((sgl_time)1800000000)
#define DAY ((sgl_time)24 * 60 * 60)

static sgl_engine *engine;
static sgl_folder folder;
static sgl_time now;
static sgl_home *home;
static sgl_cert_record alice;
static sgl_ca_ocsp *ocsp;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return now;
}

static sgl_status
make(sgl_err *err)
{
	char domain[] = "example.org", name[] = "Example", kind[] = "p256";
	const sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = kind};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	unsigned made;

	TRY(sgl_home_create(
	    engine, sgl_folder_path(&folder, "home"), &o, NULL, &home, err));
	TRY(sgl_ca_found(home, err));
	TRY(sgl_people_add(home, "alice@example.org", NULL, &p, err));
	TRY(sgl_ca_issue(home, &p, SGL_CERT_SIGNING, &alice, err));
	TRY(sgl_responder_renew(home, &made, err));
	assert_int_equal(made, 1);
	TRY(sgl_home_commit(home, err));
	return sgl_ca_ocsp_new(home, &ocsp, err);
}

static int
set_up(void **state)
{
	const sgl_engine_config config = {.now = tell_time};
	sgl_err err = {0};

	(void)state;
	now = START;
	sgl_folder_make(&folder);
	if (sgl_engine_new(&config, &engine, NULL) != SGL_OK)
		return -1;
	if (make(&err) == SGL_OK)
		return 0;
	print_error("%s: %s\n", err.text, err.detail);
	return -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_ca_ocsp_free(ocsp);
	sgl_cert_record_clear(&alice);
	sgl_home_free(home);
	home = NULL;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_ca_ocsp_question
about(sgl_slice serial, sgl_digest_alg digest, const char *nonce)
{
	sgl_ca_ocsp_question q = {.num_ids = 1};

	q.ids[0] =
	    (sgl_ca_ocsp_id){.authority = alice.issuer, .digest = digest};
	q.ids[0].serial_len = serial.len;
	memcpy(q.ids[0].serial, serial.data, serial.len);
	q.nonce_len = strlen(nonce);
	memcpy(q.nonce, nonce, q.nonce_len);
	return q;
}

static sgl_ca_ocsp_question
about_alice(const char *nonce)
{
	return about(sgl_buf_slice(&alice.serial), SGL_DIGEST_SHA1, nonce);
}

static sgl_ca_ocsp_answer
ask(const sgl_ca_ocsp_question *q)
{
	sgl_ca_ocsp_asked asked = {.question = *q};

	sgl_ca_ocsp_ask(ocsp, &asked, 1);
	if (asked.status != SGL_OK)
		fail_msg("%s: %s", asked.err.text, asked.err.detail);
	return asked.answer;
}

/* Whoever checks a certificate sees it so. */
static sgl_ocsp_finding
judge(const sgl_ca_ocsp_answer *a, const char *nonce)
{
	const sgl_ocsp_policy policy = {.time = now,
	    .nonce = sgl_slice_str(nonce),
	    .require_nonce = *nonce != '\0'};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO(sgl_ocsp)
	response = NULL;
	sgl_ocsp_finding finding;

	assert_int_equal(a->error, SGL_OCSP_SUCCESSFUL);
	assert_int_equal(
	    sgl_home_add_authorities(home, NULL, &issuing, NULL), SGL_OK);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&alice.der), &cert, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_ocsp_read(engine, sgl_buf_slice(&a->der), &response, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ocsp_check(engine, response, cert,
			     issuing.items[0], &policy, &finding, NULL),
	    SGL_OK);
	assert_int_equal(finding.fault, SGL_OCSP_FAULT_NONE);
	assert_false(finding.ask_for_signer); /* it says nocheck */
	return finding;
}

static void
revoke(sgl_revocation_reason reason)
{
	const sgl_revocation_mark mark = {.reason = reason};

	assert_int_equal(sgl_home_begin(home, NULL), SGL_OK);
	assert_int_equal(sgl_ca_revoke(home, &alice, &mark, NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	sgl_ca_ocsp_forget(ocsp);
}

static void
good_and_then_revoked(void **state)
{
	static const char *const nonces[] = {"", "0123456789abcdef"};

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < 2; i++) {
			sgl_ca_ocsp_question q = about_alice(nonces[i]);
			SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) a = ask(&q);
			sgl_ocsp_finding f = judge(&a, nonces[i]);

			assert_int_equal(a.is_shared, i == 0);
			assert_int_equal(f.revocation,
			    turn == 0 ? SGL_REVOCATION_GOOD
				      : SGL_REVOCATION_REVOKED);
			if (turn == 1)
				assert_int_equal(
				    f.reason, SGL_REASON_SUPERSEDED);
		}
		revoke(SGL_REASON_SUPERSEDED);
	}
}

#define MANY (SGL_KEY_MANY + 5)

static void
note_nonce(sgl_ca_ocsp_asked *a, size_t i)
{
	char text[32];

	(void)snprintf(text, sizeof text, "number %zu, and more", i);
	a->question = about_alice(text);
}

/* Each about its own certificate, with its own nonce; who is refused is refused
 * alone. */
static void
many_are_answered_together(void **state)
{
	static sgl_ca_ocsp_asked all[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		note_nonce(&all[i], i);
	all[3].question = about_alice("");
	all[4].question = about(SGL_LIT("\x4f\x4f"), SGL_DIGEST_SHA1, "");
	all[5].question.num_ids = 2;
	all[5].question.ids[1].authority = 1;
	sgl_ca_ocsp_ask(ocsp, all, MANY);
	for (size_t i = 0; i < MANY; i++) {
		sgl_ca_ocsp_answer *a = &all[i].answer;
		const char *nonce =
		    i == 3 ? "" : (const char *)all[i].question.nonce;

		assert_int_equal(all[i].status, SGL_OK);
		assert_int_equal(a->is_shared, i == 3);
		if (i == 4 || i == 5)
			assert_int_equal(a->error, SGL_OCSP_UNAUTHORIZED);
		else
			assert_int_equal(
			    judge(a, nonce).revocation, SGL_REVOCATION_GOOD);
		sgl_ca_ocsp_answer_clear(a);
	}
}

/* Wherever there was no memory for one of them, the others are answered. */
static void
one_that_fails_fails_alone(void **state)
{
	sgl_ca_ocsp_asked all[3];
	size_t failed = 1;

	(void)state;
	for (size_t n = 1; failed > 0; n++) {
		for (size_t i = 0; i < 3; i++)
			note_nonce(&all[i], i);
		sgl_fault_arm(n);
		sgl_ca_ocsp_ask(ocsp, all, 3);
		failed = n <= sgl_fault_count() ? 1 : 0;
		sgl_fault_arm(0);
		for (size_t i = 0, bad = 0; i < 3; i++) {
			bad += all[i].status != SGL_OK;
			assert_true(bad <= 1);
			if (all[i].status == SGL_OK)
				(void)judge(&all[i].answer,
				    (const char *)all[i].question.nonce);
			else
				assert_int_equal(all[i].status, SGL_E_NOMEM);
			sgl_ca_ocsp_answer_clear(&all[i].answer);
		}
		sgl_ca_ocsp_forget(ocsp);
	}
}

static void
who_was_never_issued_is_not_good(void **state)
{
	sgl_ca_ocsp_question q =
	    about(SGL_LIT("\x4f\x4f"), SGL_DIGEST_SHA256, "");
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) all = ask(&q);
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) one = {0};
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) foreign = {0};
	SGL_AUTO(sgl_ocsp)
	response = NULL;
	sgl_ocsp_single single;
	sgl_der in;

	(void)state;
	assert_int_equal(all.error, SGL_OCSP_UNAUTHORIZED);
	assert_int_equal(all.der.len, 0);
	q = about(SGL_LIT("\x4f\x4f"), SGL_DIGEST_SHA256, "nonce");
	one = ask(&q);
	assert_int_equal(
	    sgl_ocsp_read(engine, sgl_buf_slice(&one.der), &response, NULL),
	    SGL_OK);
	in = sgl_der_over(response->responses);
	assert_true(sgl_ocsp_single_read(&in, &single));
	assert_int_equal(single.status, SGL_OCSP_UNKNOWN);
	/* Two in one request are of one authority. */
	q.num_ids = 2;
	q.ids[1] = q.ids[0];
	q.ids[1].authority = 1;
	foreign = ask(&q);
	assert_int_equal(foreign.error, SGL_OCSP_UNAUTHORIZED);
}

static void
keep(const sgl_ca_ocsp_answer *a)
{
	assert_int_equal(sgl_home_begin(home, NULL), SGL_OK);
	assert_int_equal(sgl_ca_ocsp_keep(home, a, NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
}

static void
an_answer_for_all_is_signed_once(void **state)
{
	const sgl_ca_ocsp_question q = about_alice("");
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) first = ask(&q);
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) again = {0};
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) later = {0};

	(void)state;
	assert_true(first.is_fresh);
	keep(&first);
	now += DAY / 3;
	again = ask(&q);
	assert_false(again.is_fresh);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&first.der), sgl_buf_slice(&again.der)));
	now += DAY / 3;
	later = ask(&q);
	assert_true(later.is_fresh);
}

static void
what_is_no_longer_true_is_not_kept(void **state)
{
	const sgl_ca_ocsp_question q = about_alice("");
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) good = ask(&q);
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) bad = {0};

	(void)state;
	revoke(SGL_REASON_KEY_COMPROMISE);
	keep(&good);
	bad = ask(&q);
	assert_true(bad.is_fresh);
	assert_int_equal(judge(&bad, "").revocation, SGL_REVOCATION_REVOKED);
}

static void
a_responder_is_renewed_in_time(void **state)
{
	bool due = true;
	unsigned made = 99;

	(void)state;
	now += 15 * DAY - 600;
	assert_int_equal(sgl_responder_has_due(home, &due, NULL), SGL_OK);
	assert_false(due);
	now += 1200;
	assert_int_equal(sgl_responder_has_due(home, &due, NULL), SGL_OK);
	assert_true(due);
	assert_int_equal(sgl_home_begin(home, NULL), SGL_OK);
	assert_int_equal(sgl_responder_renew(home, &made, NULL), SGL_OK);
	assert_int_equal(made, 1);
	assert_int_equal(sgl_responder_renew(home, &made, NULL), SGL_OK);
	assert_int_equal(made, 0);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
}

/* Nobody says "good" without a certificate for it. */
static void
without_a_responder_it_is_later(void **state)
{
	const sgl_ca_ocsp_question q = about_alice("");
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) a = {0};

	(void)state;
	now += 31 * DAY;
	a = ask(&q);
	assert_int_equal(a.error, SGL_OCSP_TRY_LATER);
}

/* As while the keys are locked. */
static void
without_a_responder_what_holds_goes_on(void **state)
{
	const sgl_ca_ocsp_question q = about_alice("");
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) first = {0};
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) old = {0};
	SGL_AUTO_CLEAR(sgl_ca_ocsp_answer) late = {0};

	(void)state;
	now += 29 * DAY + DAY / 2;
	first = ask(&q);
	keep(&first);
	now += DAY - 1;
	old = ask(&q);
	assert_int_equal(old.error, SGL_OCSP_SUCCESSFUL);
	assert_true(old.is_shared);
	assert_false(old.is_fresh);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&first.der), sgl_buf_slice(&old.der)));
	now += 1;
	late = ask(&q);
	assert_int_equal(late.error, SGL_OCSP_TRY_LATER);
	assert_int_equal(late.der.len, 0);
}

static sgl_status
ask_anew(void *ctx, sgl_err *err)
{
	const sgl_ca_ocsp_question *q = ctx;
	sgl_ca_ocsp_asked asked = {.question = *q};

	sgl_ca_ocsp_ask(ocsp, &asked, 1);
	if (asked.status == SGL_OK)
		sgl_ca_ocsp_answer_clear(&asked.answer);
	else if (err != NULL)
		*err = asked.err;
	sgl_ca_ocsp_forget(ocsp);
	return asked.status;
}

static void
no_memory_is_told(void **state)
{
	sgl_ca_ocsp_question q = about_alice("nonce");

	(void)state;
	/* The engine and the home keep some things from the first time. */
	assert_int_equal(ask_anew(&q, NULL), SGL_OK);
	assert_true(sgl_fault_each(ask_anew, &q) > 5);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(good_and_then_revoked),
	    TEST(many_are_answered_together),
	    TEST(one_that_fails_fails_alone),
	    TEST(who_was_never_issued_is_not_good),
	    TEST(an_answer_for_all_is_signed_once),
	    TEST(what_is_no_longer_true_is_not_kept),
	    TEST(a_responder_is_renewed_in_time),
	    TEST(without_a_responder_it_is_later),
	    TEST(without_a_responder_what_holds_goes_on),
	    TEST(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
