/* SPDX-License-Identifier: Apache-2.0 */
/* What a signer's certificate and signature prove, together and one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sigill/smime.h"
#include "support/issue.h"
#include "support/message.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FROM(who)                                                              \
	"From: " who "@example.org\r\nContent-Type: "                          \
	"text/plain\r\n\r\nHello\r\n"
#define BIT(state) (1u << SGL_SIGNATURE_##state)

static sgl_engine *engine;

static void
push(sgl_writer *w, const char *text)
{
	size_t taken;

	assert_int_equal(
	    sgl_writer_push(w, sgl_slice_str(text), &taken, NULL), SGL_OK);
}

static void
sign(const sgl_protect_options *options, const char *text, sgl_buf *out)
{
	sgl_writer *w = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_writer_new(engine, options, &sink.sink, &w, NULL), SGL_OK);
	if (sgl_writer_needs_survey(w)) {
		push(w, text);
		assert_int_equal(sgl_writer_survey_done(w, NULL), SGL_OK);
	}
	push(w, text);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	sgl_writer_free(w);
}

static void
judge(sgl_slice in, const sgl_judge_options *options, sgl_verdict_summary *sum)
{
	sgl_read_options read = {.peel = SGL_PEEL_ALL};
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(MESSAGE_MAX);
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_verdict *v = NULL;
	sgl_bufsink sink;
	size_t taken;

	sgl_bufsink_init(&sink, &content);
	assert_int_equal(
	    sgl_reader_new(engine, &read, &sink.sink, &r, NULL), SGL_OK);
	assert_int_equal(sgl_reader_push(r, in, &taken, NULL), SGL_OK);
	assert_int_equal(sgl_reader_finish(r, &report, NULL), SGL_OK);
	assert_int_equal(sgl_judge(engine, report, options, &v, NULL), SGL_OK);
	sgl_verdict_get_summary(v, sum);
	/* Its strings go with the verdict. */
	sum->signer_address = sum->signer_name = sum->issuer_name = NULL;
	sum->from = sum->needed_key = NULL;
	sgl_verdict_free(v);
	sgl_reader_free(r);
}

/* --- every defect is told --- */

static const sgl_oid client[] = {SGL_OID_KP_CLIENT_AUTH};

#define ALICE .name = "alice", .address = "alice@example.org"
#define OLD .from = SGL_ISSUE_TIME - 2, .until = SGL_ISSUE_TIME - 1
#define SHA1 .digest = SGL_DIGEST_SHA1

static const struct {
	const char *what;
	sgl_issue leaf;
	const char *message;
	bool is_trusted, wants_revocation;
	sgl_signature_state state;
	unsigned defects;
} cases[] = {
    {"all well", {ALICE}, FROM("alice"), true, false,
	SGL_SIGNATURE_VALID_TRUSTED, 0},
    {"no list", {ALICE}, FROM("alice"), true, true,
	SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN, BIT(VALID_REVOCATION_UNKNOWN)},
    {"no list, another's address", {ALICE}, FROM("mallory"), true, true,
	SGL_SIGNATURE_VALID_ADDRESS_MISMATCH,
	BIT(VALID_REVOCATION_UNKNOWN) | BIT(VALID_ADDRESS_MISMATCH)},
    {"no list, weak", {ALICE, SHA1}, FROM("alice"), true, true,
	SGL_SIGNATURE_WEAK, BIT(VALID_REVOCATION_UNKNOWN) | BIT(WEAK)},
    {"weak, another's address", {ALICE, SHA1}, FROM("mallory"), true, false,
	SGL_SIGNATURE_WEAK, BIT(VALID_ADDRESS_MISMATCH) | BIT(WEAK)},
    {"expired, another's address", {ALICE, OLD}, FROM("mallory"), true, false,
	SGL_SIGNATURE_EXPIRED, BIT(VALID_ADDRESS_MISMATCH) | BIT(EXPIRED)},
    {"untrusted, another's address", {ALICE}, FROM("mallory"), false, false,
	SGL_SIGNATURE_VALID_UNTRUSTED,
	BIT(VALID_ADDRESS_MISMATCH) | BIT(VALID_UNTRUSTED)},
    {"untrusted, weak, expired, for another use",
	{ALICE, OLD, SHA1, .ext_key_usage = client, .num_ext_key_usage = 1},
	FROM("alice"), false, false, SGL_SIGNATURE_EXPIRED,
	BIT(VALID_UNTRUSTED) | BIT(WEAK) | BIT(EXPIRED) | BIT(WRONG_USAGE)},
};

static void
check_case(size_t i, const sgl_who *ca)
{
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	SGL_AUTO_CLEAR(sgl_certs) others = {0};
	sgl_sign_with signer;
	sgl_protect_options protect = {.what = SGL_PROTECT_SIGN,
	    .signers = &signer,
	    .num_signers = 1,
	    .include = &others,
	    .signing_time = SGL_ISSUE_TIME};
	sgl_judge_options options = {.time = SGL_ISSUE_TIME,
	    .anchors = cases[i].is_trusted ? &others : NULL,
	    .require_revocation = cases[i].wants_revocation};
	sgl_verdict_summary sum;

	assert_int_equal(sgl_certs_add(&others, ca->cert, NULL), SGL_OK);
	sgl_issue_cert(engine, &cases[i].leaf, ca, &leaf);
	signer = (sgl_sign_with){.cert = leaf.cert, .key = leaf.key};
	/* Whoever signs may do what he should not. */
	leaf.cert->ext_key_usage = (sgl_slice){0};
	sign(&protect, cases[i].message, &out);
	judge(sgl_buf_slice(&out), &options, &sum);
	if (sum.signature != cases[i].state || sum.defects != cases[i].defects)
		fail_msg("%s: %s, %#x", cases[i].what,
		    sgl_signature_state_name(sum.signature), sum.defects);
}

static void
tells_every_defect(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) ca = {0};

	(void)state;
	sgl_issue_cert(
	    engine, &(sgl_issue){.name = "CA", .is_ca = true}, NULL, &ca);
	for (size_t i = 0; i < COUNT(cases); i++)
		check_case(i, &ca);
}

static int
start(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_every_defect),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
