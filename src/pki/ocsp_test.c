/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pki/ocsp.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HOUR ((sgl_time)3600)
#define NONCE "0123456789abcdef0123456789abcdef"

static int
start(void **state)
{
	sgl_engine *engine;

	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	*state = engine;
	return 0;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

/* --- requests --- */

/* A CA, somebody with its certificate, and a responder that it delegates to. */
typedef struct world {
	sgl_engine *engine;
	sgl_who ca, alice, responder;
	sgl_ocsp_issuer issuer;
	sgl_buf id;
} world;

static void
world_clear(world *w)
{
	sgl_who_clear(&w->ca);
	sgl_who_clear(&w->alice);
	sgl_who_clear(&w->responder);
	sgl_buf_clear(&w->id);
}
SGL_AUTO_CLEAR_TYPE(world, world_clear)

static const sgl_oid for_ocsp[] = {SGL_OID_KP_OCSP_SIGNING};

static void
world_make(sgl_engine *engine, sgl_key_kind kind, world *w)
{
	*w = (world){.engine = engine, .id = sgl_buf_init(1000)};
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "CA", .is_ca = true, .kind = kind}, NULL,
	    &w->ca);
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"},
	    &w->ca, &w->alice);
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "Responder",
		.kind = kind,
		.key_usage = SGL_KU_DIGITAL_SIGNATURE,
		.ext_key_usage = for_ocsp,
		.num_ext_key_usage = 1,
		.ocsp_nocheck = true},
	    &w->ca, &w->responder);
	assert_int_equal(
	    sgl_ocsp_issuer_init(engine, w->ca.cert, &w->issuer, NULL), SGL_OK);
	assert_int_equal(sgl_ocsp_id_build(&w->issuer, SGL_DIGEST_SHA1,
			     w->alice.cert->serial, &w->id, NULL),
	    SGL_OK);
}

static void
reads_what_is_asked(void **state)
{
	static const sgl_digest_alg digests[] = {
	    SGL_DIGEST_SHA1, SGL_DIGEST_SHA256};
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp_issuer stranger;
	sgl_ocsp_request request;

	world_make(*state, SGL_KEY_P256, &w);
	assert_int_equal(
	    sgl_ocsp_issuer_init(*state, w.alice.cert, &stranger, NULL),
	    SGL_OK);
	for (size_t i = 0; i < COUNT(digests); i++) {
		SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(1000);
		sgl_slice ids[2];

		assert_int_equal(sgl_ocsp_id_build(&w.issuer, digests[i],
				     SGL_LIT("\x01\x02"), &id, NULL),
		    SGL_OK);
		ids[0] = sgl_buf_slice(&w.id);
		ids[1] = sgl_buf_slice(&id);
		der.len = 0;
		assert_int_equal(
		    sgl_ocsp_request_build(ids, 2, SGL_LIT(NONCE), &der, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_ocsp_request_read(sgl_buf_slice(&der), &request, NULL),
		    SGL_OK);
		assert_int_equal(request.num_ids, 2);
		assert_true(sgl_slice_eq(request.nonce, SGL_LIT(NONCE)));
		assert_false(request.is_signed);
		assert_true(
		    sgl_slice_eq(request.ids[0].serial, w.alice.cert->serial));
		assert_true(
		    sgl_slice_eq(request.ids[1].serial, SGL_LIT("\x01\x02")));
		assert_true(sgl_slice_eq(request.ids[1].whole, ids[1]));
		assert_int_equal(request.ids[1].digest, digests[i]);
		assert_true(sgl_ocsp_issuer_is(&w.issuer, &request.ids[1]));
		assert_false(sgl_ocsp_issuer_is(&stranger, &request.ids[1]));
	}
	assert_int_equal(sgl_ocsp_id_build(&w.issuer, SGL_DIGEST_SHA384,
			     SGL_LIT("\x01"), &der, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_ocsp_request_build(NULL, 0, (sgl_slice){0}, &der, NULL),
	    SGL_E_USAGE);
}

/* A CertID with hashes of one byte. */
#define ID "3014300906052b0e03021a0500040161040162020101"

/* The parts of a request, as hex. */
static const struct {
	const char *front;  /* version, requestorName */
	const char *single; /* behind the CertID of the second Request */
	const char *behind; /* [2] requestExtensions */
	const char *signature;
	sgl_status want;
} requests[] = {
    {"", "", "", "", SGL_OK},
    {"a003020100", "", "", "", SGL_OK},
    {"a003020101", "", "", "", SGL_E_ENCODING},
    {"a10782056a2e636f6d", "", "", "", SGL_OK},
    /* signed, by whomever */
    {"", "", "", "a0023000", SGL_OK},
    {"", "", "", "a1023000", SGL_E_ENCODING},
    /* nonce: one byte; none; no OCTET STRING, or more; twice */
    {"", "", "a2143012301006092b06010505073001020403040161", "", SGL_OK},
    {"", "", "a2133011300f06092b060105050730010204020400", "", SGL_E_ENCODING},
    {"", "", "a2123010300e06092b0601050507300102040161", "", SGL_E_ENCODING},
    {"", "", "a2143012301006092b06010505073001020403020161", "",
	SGL_E_ENCODING},
    {"", "", "a2153013301106092b0601050507300102040404016100", "",
	SGL_E_ENCODING},
    {"", "",
	"a2263024301006092b06010505073001020403040161301006092b0601050507300102"
	"0403040161",
	"", SGL_E_ENCODING},
    /* what nobody knows, critical or not, in either place */
    {"", "", "a20b3009300706022a03040161", "", SGL_OK},
    {"", "", "a20e300c300a06022a030101ff040161", "", SGL_E_UNSUPPORTED},
    {"", "a00b3009300706022a03040161", "", "", SGL_OK},
    {"", "a00e300c300a06022a030101ff040161", "", "", SGL_E_UNSUPPORTED},
    /* what does not belong there */
    {"", "0500", "", "", SGL_E_ENCODING},
    {"0500", "", "", "", SGL_E_ENCODING},
    {"", "", "0500", "", SGL_E_ENCODING},
};

static void
put_request(const char *front, size_t num, const char *single,
    const char *behind, const char *signature, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t request = sgl_derb_open(&b, SGL_SEQUENCE);
	size_t tbs = sgl_derb_open(&b, SGL_SEQUENCE), list, one;

	sgl_derb_raw(&b, unhex(front));
	list = sgl_derb_open(&b, SGL_SEQUENCE);
	for (size_t i = 0; i < num; i++) {
		one = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_raw(&b, unhex(ID));
		if (i == 1)
			sgl_derb_raw(&b, unhex(single));
		sgl_derb_close(&b, one);
	}
	sgl_derb_close(&b, list);
	sgl_derb_raw(&b, unhex(behind));
	sgl_derb_close(&b, tbs);
	sgl_derb_raw(&b, unhex(signature));
	sgl_derb_close(&b, request);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
refuses_bad_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
		sgl_ocsp_request request;
		sgl_err err = {0};

		put_request(requests[i].front, 2, requests[i].single,
		    requests[i].behind, requests[i].signature, &der);
		if (sgl_ocsp_request_read(sgl_buf_slice(&der), &request,
			&err) != requests[i].want)
			fail_msg("row %zu: %s", i, sgl_status_name(err.status));
		if (requests[i].want == SGL_OK)
			assert_true(request.is_signed ==
			    (requests[i].signature[0] != '\0'));
	}
}

static void
counts_what_is_asked(void **state)
{
	static const struct {
		size_t num;
		sgl_status want;
	} rows[] = {{0, SGL_E_ENCODING}, {1, SGL_OK}, {SGL_OCSP_IDS, SGL_OK},
	    {SGL_OCSP_IDS + 1, SGL_E_LIMIT}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
		sgl_ocsp_request request;

		put_request("", rows[i].num, "", "", "", &der);
		assert_int_equal(
		    sgl_ocsp_request_read(sgl_buf_slice(&der), &request, NULL),
		    rows[i].want);
	}
}

/* RFC 9654 2.1: 128 bytes are a nonce, 129 are none. */
static void
measures_nonces(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	static const uint8_t bytes[129] = {1};

	world_make(*state, SGL_KEY_P256, &w);
	for (size_t n = 127; n <= 129; n++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
		sgl_slice id = sgl_buf_slice(&w.id);
		sgl_ocsp_request request;

		assert_int_equal(sgl_ocsp_request_build(&id, 1,
				     sgl_slice_of(bytes, n), &der, NULL),
		    n > 128 ? SGL_E_USAGE : SGL_OK);
		if (n > 128)
			continue;
		assert_int_equal(
		    sgl_ocsp_request_read(sgl_buf_slice(&der), &request, NULL),
		    SGL_OK);
		assert_int_equal(request.nonce.len, n);
	}
}

static void
refuses_cut_requests(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp_request request;
	sgl_slice id;

	world_make(*state, SGL_KEY_P256, &w);
	id = sgl_buf_slice(&w.id);
	assert_int_equal(
	    sgl_ocsp_request_build(&id, 1, SGL_LIT(NONCE), &der, NULL), SGL_OK);
	for (size_t n = 0; n < der.len; n++) {
		SGL_AUTO_MEM uint8_t *copy = sgl_mem_zeroed(1, n + 1);

		memcpy(copy, der.data, n); /* for a sanitizer to watch */
		assert_int_equal(sgl_ocsp_request_read(
				     sgl_slice_of(copy, n), &request, NULL),
		    SGL_E_ENCODING);
	}
	assert_int_equal(sgl_buf_add(&der, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_ocsp_request_read(sgl_buf_slice(&der), &request, NULL),
	    SGL_E_ENCODING);
}

/* --- responses --- */

static void
says_why_there_is_no_answer(void **state)
{
	static const sgl_ocsp_error errors[] = {SGL_OCSP_MALFORMED,
	    SGL_OCSP_INTERNAL, SGL_OCSP_TRY_LATER, SGL_OCSP_SIG_REQUIRED,
	    SGL_OCSP_UNAUTHORIZED};
	SGL_AUTO_CLEAR(world) w = {0};

	world_make(*state, SGL_KEY_P256, &w);
	for (size_t i = 0; i < COUNT(errors); i++) {
		uint8_t want[] = {0x30, 3, 0x0a, 1, (uint8_t)errors[i]};
		sgl_slice der = sgl_ocsp_error_response(errors[i]);
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_policy policy = {.time = SGL_ISSUE_TIME};
		sgl_ocsp_finding found;

		assert_true(sgl_slice_eq(der, sgl_slice_of(want, 5)));
		assert_int_equal(
		    sgl_ocsp_read(*state, der, &ocsp, NULL), SGL_OK);
		assert_int_equal(ocsp->error, errors[i]);
		assert_int_equal(sgl_ocsp_check(*state, ocsp, w.alice.cert,
				     w.ca.cert, &policy, &found, NULL),
		    SGL_OK);
		assert_int_equal(found.fault, SGL_OCSP_FAULT_ERROR);
	}
	/* "successful" is nothing that could be said without an answer */
	assert_int_equal(sgl_ocsp_error_response(SGL_OCSP_SUCCESSFUL).data[4],
	    SGL_OCSP_INTERNAL);
}

static sgl_ocsp_answer
usual_answer(const world *w, sgl_ocsp_status status)
{
	return (sgl_ocsp_answer){.id = sgl_buf_slice(&w->id),
	    .status = status,
	    .revoked_at = SGL_ISSUE_TIME - 48 * HOUR,
	    .reason = status == SGL_OCSP_REVOKED ? 1 : -1,
	    .this_update = SGL_ISSUE_TIME - HOUR,
	    .next_update = SGL_ISSUE_TIME + HOUR};
}

static sgl_ocsp_template
usual_template(const sgl_who *responder, const sgl_ocsp_answer *answer)
{
	return (sgl_ocsp_template){.responder = responder->cert,
	    .is_delegated = !responder->cert->is_ca,
	    .produced_at = SGL_ISSUE_TIME - HOUR,
	    .answers = answer,
	    .num_answers = 1};
}

static sgl_ocsp *
respond(sgl_engine *engine, const sgl_ocsp_template *t, sgl_key *key)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp *ocsp = NULL;
	sgl_err err = {0};

	if (sgl_ocsp_build(engine, t, key, SGL_DIGEST_NONE, &der, &err) !=
		SGL_OK ||
	    sgl_ocsp_read(engine, sgl_buf_slice(&der), &ocsp, &err) != SGL_OK)
		fail_msg("%s", err.text);
	return ocsp;
}

static sgl_ocsp_finding
check_with(const world *w, const sgl_ocsp *ocsp, const sgl_ocsp_policy *policy)
{
	sgl_ocsp_finding found;

	assert_int_equal(sgl_ocsp_check(w->engine, ocsp, w->alice.cert,
			     w->ca.cert, policy, &found, NULL),
	    SGL_OK);
	return found;
}

static sgl_ocsp_finding
check(const world *w, const sgl_ocsp *ocsp)
{
	sgl_ocsp_policy policy = {.time = SGL_ISSUE_TIME};

	return check_with(w, ocsp, &policy);
}

static const sgl_key_kind signing_kinds[] = {
    SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_P521, SGL_KEY_RSA, SGL_KEY_ED25519};

/* The CA itself or its responder, every key, every status, with a nonce and
 * without. */
static void
answers_and_is_believed(void **state)
{
	static const sgl_revocation want[] = {SGL_REVOCATION_GOOD,
	    SGL_REVOCATION_REVOKED, SGL_REVOCATION_UNKNOWN};

	for (size_t i = 0; i < COUNT(signing_kinds) * 6; i++) {
		sgl_ocsp_status status = (sgl_ocsp_status)(i % 3);
		SGL_AUTO_CLEAR(world) w = {0};
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_finding f;
		const sgl_who *who = i / 3 % 2 == 0 ? &w.ca : &w.responder;
		sgl_ocsp_policy policy = {
		    .time = SGL_ISSUE_TIME, .nonce = SGL_LIT(NONCE)};
		sgl_ocsp_answer answer;
		sgl_ocsp_template t;

		world_make(*state, signing_kinds[i / 6], &w);
		answer = usual_answer(&w, status);
		t = usual_template(who, &answer);
		if (i % 2 == 0)
			t.nonce = policy.nonce;
		policy.require_nonce = i % 2 == 0;
		ocsp = respond(*state, &t, who->key);
		f = check_with(&w, ocsp, &policy);
		assert_int_equal(f.fault, SGL_OCSP_FAULT_NONE);
		assert_int_equal(f.revocation, want[status]);
		assert_int_equal(f.this_update, answer.this_update);
		assert_true(f.has_next_update);
		assert_int_equal(f.next_update, answer.next_update);
		assert_false(f.ask_for_signer);
		assert_true(sgl_slice_eq(f.signer->der, who->cert->der));
		assert_int_equal(f.reason, answer.reason);
		if (status == SGL_OCSP_REVOKED)
			assert_int_equal(f.revoked_at, answer.revoked_at);
	}
}

/* --- who may answer --- */

static const sgl_oid for_any[] = {SGL_OID_ANY_EXT_KEY_USAGE};
static const sgl_oid for_mail[] = {SGL_OID_KP_EMAIL_PROTECTION};

static const struct {
	const char *what;
	sgl_issue issue;
	sgl_ocsp_fault fault;
	bool ask;
} delegates[] = {
    {"nocheck",
	{.ext_key_usage = for_ocsp,
	    .num_ext_key_usage = 1,
	    .ocsp_nocheck = true},
	SGL_OCSP_FAULT_NONE, false},
    {"to be asked for", {.ext_key_usage = for_ocsp, .num_ext_key_usage = 1},
	SGL_OCSP_FAULT_NONE, true},
    {"any usage", {.ext_key_usage = for_any, .num_ext_key_usage = 1},
	SGL_OCSP_FAULT_RESPONDER, false},
    {"mail", {.ext_key_usage = for_mail, .num_ext_key_usage = 1},
	SGL_OCSP_FAULT_RESPONDER, false},
    {"a CA below", {.is_ca = true}, SGL_OCSP_FAULT_RESPONDER, false},
    {"no digitalSignature",
	{.ext_key_usage = for_ocsp,
	    .num_ext_key_usage = 1,
	    .key_usage = SGL_KU_KEY_AGREEMENT},
	SGL_OCSP_FAULT_RESPONDER, false},
    {"expired",
	{.ext_key_usage = for_ocsp,
	    .num_ext_key_usage = 1,
	    .until = SGL_ISSUE_TIME - 1},
	SGL_OCSP_FAULT_RESPONDER, false},
    {"not yet valid",
	{.ext_key_usage = for_ocsp,
	    .num_ext_key_usage = 1,
	    .from = SGL_ISSUE_TIME - 1},
	SGL_OCSP_FAULT_RESPONDER, false},
    {"SHA-1",
	{.ext_key_usage = for_ocsp,
	    .num_ext_key_usage = 1,
	    .digest = SGL_DIGEST_SHA1},
	SGL_OCSP_FAULT_WEAK, false},
};

static void
knows_who_may_answer(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	sgl_ocsp_answer answer;

	world_make(*state, SGL_KEY_P256, &w);
	answer = usual_answer(&w, SGL_OCSP_GOOD);
	for (size_t i = 0; i < COUNT(delegates); i++) {
		SGL_AUTO_CLEAR(sgl_who) who = {0};
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_issue issue = delegates[i].issue;
		sgl_ocsp_template t;
		sgl_ocsp_finding f;

		issue.name = "Somebody";
		sgl_issue_cert(*state, &issue, &w.ca, &who);
		t = usual_template(&who, &answer);
		t.is_delegated = true;
		ocsp = respond(*state, &t, who.key);
		f = check(&w, ocsp);
		if (f.fault != delegates[i].fault ||
		    f.ask_for_signer != delegates[i].ask ||
		    f.revocation !=
			(f.fault == SGL_OCSP_FAULT_NONE
				? SGL_REVOCATION_GOOD
				: SGL_REVOCATION_UNKNOWN))
			fail_msg("%s: %s", delegates[i].what,
			    sgl_ocsp_fault_name(f.fault));
	}
}

/* Another CA of the same name delegates nobody; and a stranger's answer about
 * our serial number is no answer about our certificate. */
static void
does_not_believe_strangers(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(world) other = {0};
	sgl_ocsp_answer answer;

	world_make(*state, SGL_KEY_P256, &w);
	world_make(*state, SGL_KEY_P256, &other);
	assert_true(sgl_slice_eq(w.ca.cert->subject, other.ca.cert->subject));
	for (int i = 0; i < 4; i++) {
		const sgl_who *who = i % 2 == 0 ? &other.ca : &other.responder;
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_template t;
		sgl_ocsp_finding f;

		answer = usual_answer(i < 2 ? &w : &other, SGL_OCSP_GOOD);
		t = usual_template(who, &answer);
		ocsp = respond(*state, &t, who->key);
		f = check(&w, ocsp);
		assert_int_equal(f.fault,
		    i < 2 ? SGL_OCSP_FAULT_RESPONDER
			  : SGL_OCSP_FAULT_NO_ANSWER);
		assert_int_equal(f.revocation, SGL_REVOCATION_UNKNOWN);
	}
}

/* --- when --- */

static const struct {
	const char *what;
	sgl_ocsp_status status;
	sgl_time revoked, this_update, next_update, leeway; /* hours from now */
	sgl_revocation want;
} times[] = {
    {"good", SGL_OCSP_GOOD, 0, -1, 1, 0, SGL_REVOCATION_GOOD},
    {"too old", SGL_OCSP_GOOD, 0, -3, -1, 0, SGL_REVOCATION_STALE},
    {"old but near", SGL_OCSP_GOOD, 0, -3, -1, 2, SGL_REVOCATION_GOOD},
    {"revoked and old", SGL_OCSP_REVOKED, -4, -3, -1, 0,
	SGL_REVOCATION_REVOKED},
    {"made later", SGL_OCSP_GOOD, 0, 1, 2, 0, SGL_REVOCATION_GOOD},
    {"revoked before, said later", SGL_OCSP_REVOKED, -1, 1, 2, 0,
	SGL_REVOCATION_REVOKED},
    {"revoked later", SGL_OCSP_REVOKED, 1, 2, 3, 0, SGL_REVOCATION_GOOD},
    {"unknown", SGL_OCSP_UNKNOWN, 0, -1, 1, 0, SGL_REVOCATION_UNKNOWN},
    /* Alice's certificate ends in 2035 */
    {"good after its end", SGL_OCSP_GOOD, 0, 100000, 100001, 0,
	SGL_REVOCATION_UNKNOWN},
};

static void
looks_at_the_time(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};

	world_make(*state, SGL_KEY_P256, &w);
	for (size_t i = 0; i < COUNT(times); i++) {
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_answer a = usual_answer(&w, times[i].status);
		sgl_ocsp_policy policy = {
		    .time = SGL_ISSUE_TIME, .leeway = times[i].leeway * HOUR};
		sgl_ocsp_template t;
		sgl_ocsp_finding f;

		a.revoked_at = SGL_ISSUE_TIME + times[i].revoked * HOUR;
		a.this_update = SGL_ISSUE_TIME + times[i].this_update * HOUR;
		a.next_update = SGL_ISSUE_TIME + times[i].next_update * HOUR;
		t = usual_template(&w.ca, &a);
		ocsp = respond(*state, &t, w.ca.key);
		f = check_with(&w, ocsp, &policy);
		if (f.fault != SGL_OCSP_FAULT_NONE ||
		    f.revocation != times[i].want)
			fail_msg("%s", times[i].what);
	}
}

static void
compares_nonces(void **state)
{
	static const struct {
		const char *sent, *got;
		bool require;
		sgl_ocsp_fault want;
	} rows[] = {
	    {"", "", true, SGL_OCSP_FAULT_NONE},
	    {"", "a", true, SGL_OCSP_FAULT_NONE},
	    {"a", "a", true, SGL_OCSP_FAULT_NONE},
	    {"a", "b", false, SGL_OCSP_FAULT_NONCE},
	    {"a", "", false, SGL_OCSP_FAULT_NONE},
	    {"a", "", true, SGL_OCSP_FAULT_NONCE},
	};
	SGL_AUTO_CLEAR(world) w = {0};
	sgl_ocsp_answer answer;

	world_make(*state, SGL_KEY_P256, &w);
	answer = usual_answer(&w, SGL_OCSP_GOOD);
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_policy policy = {.time = SGL_ISSUE_TIME,
		    .nonce = sgl_slice_str(rows[i].sent),
		    .require_nonce = rows[i].require};
		sgl_ocsp_template t = usual_template(&w.ca, &answer);

		t.nonce = sgl_slice_str(rows[i].got);
		ocsp = respond(*state, &t, w.ca.key);
		if (check_with(&w, ocsp, &policy).fault != rows[i].want)
			fail_msg("row %zu", i);
	}
}

/* --- attacks and mistakes --- */

static void
sees_every_change(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp_answer answer;
	sgl_ocsp_template t;

	world_make(*state, SGL_KEY_P256, &w);
	answer = usual_answer(&w, SGL_OCSP_GOOD);
	t = usual_template(&w.ca, &answer);
	assert_int_equal(
	    sgl_ocsp_build(*state, &t, w.ca.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	for (size_t i = 0; i < der.len; i++)
		for (unsigned bit = 1; bit < 256; bit *= 4) {
			SGL_AUTO(sgl_ocsp)
			ocsp = NULL;
			sgl_status status;

			der.data[i] ^= (uint8_t)bit;
			status = sgl_ocsp_read(
			    *state, sgl_buf_slice(&der), &ocsp, NULL);
			der.data[i] ^= (uint8_t)bit;
			if (status == SGL_OK &&
			    check(&w, ocsp).fault == SGL_OCSP_FAULT_NONE)
				fail_msg("byte %zu, bit %u", i, bit);
		}
}

static void
refuses_cut_responses(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp *ocsp = NULL;
	sgl_ocsp_answer answer;
	sgl_ocsp_template t;

	world_make(*state, SGL_KEY_P256, &w);
	answer = usual_answer(&w, SGL_OCSP_REVOKED);
	t = usual_template(&w.responder, &answer);
	t.nonce = SGL_LIT(NONCE);
	assert_int_equal(sgl_ocsp_build(*state, &t, w.responder.key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	for (size_t n = 0; n < der.len; n++)
		assert_int_equal(sgl_ocsp_read(*state,
				     sgl_slice_of(der.data, n), &ocsp, NULL),
		    SGL_E_ENCODING);
	assert_int_equal(sgl_buf_add(&der, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_ocsp_read(*state, sgl_buf_slice(&der), &ocsp, NULL),
	    SGL_E_ENCODING);
}

/* What each row spoils in a good template. */
static void
no_answers(sgl_ocsp_template *t, sgl_ocsp_answer *a)
{
	(void)a;
	t->num_answers = 0;
}
static void
bad_id(sgl_ocsp_template *t, sgl_ocsp_answer *a)
{
	(void)t;
	a->id = SGL_LIT("\x30\0");
}
static void
bad_times(sgl_ocsp_template *t, sgl_ocsp_answer *a)
{
	(void)t;
	a->next_update = a->this_update;
}
static void
bad_reason(sgl_ocsp_template *t, sgl_ocsp_answer *a)
{
	(void)t;
	a->status = SGL_OCSP_REVOKED;
	a->reason = 7;
}
static void
long_nonce(sgl_ocsp_template *t, sgl_ocsp_answer *a)
{
	static const uint8_t bytes[129];

	(void)a;
	t->nonce = sgl_slice_of(bytes, sizeof bytes);
}

static void
refuses_to_say_nonsense(void **state)
{
	static void (*const spoil[])(sgl_ocsp_template *, sgl_ocsp_answer *) = {
	    no_answers, bad_id, bad_times, bad_reason, long_nonce};
	SGL_AUTO_CLEAR(world) w = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp_answer answer;
	sgl_ocsp_template t;

	world_make(*state, SGL_KEY_P256, &w);
	for (size_t i = 0; i < COUNT(spoil); i++) {
		answer = usual_answer(&w, SGL_OCSP_GOOD);
		t = usual_template(&w.ca, &answer);
		spoil[i](&t, &answer);
		if (sgl_ocsp_build(*state, &t, w.ca.key, SGL_DIGEST_NONE, &der,
			NULL) != SGL_E_USAGE)
			fail_msg("row %zu", i);
	}
	answer = usual_answer(&w, SGL_OCSP_GOOD);
	t = usual_template(&w.ca, &answer);
	assert_int_equal(sgl_ocsp_build(*state, &t, w.responder.key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_MISMATCH);
	der.max = 100;
	assert_int_equal(
	    sgl_ocsp_build(*state, &t, w.ca.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_LIMIT);
	assert_int_equal(der.len, 0);
}

/* --- what OpenSSL made, tests/vectors/make-authority.sh --- */

static void
read_vector(const char *name, sgl_buf *out)
{
	const char *source = getenv("SIGILL_SOURCE");
	char path[1024];

	(void)snprintf(path, sizeof path,
	    "%s/tests/vectors/authority-by-openssl/%s",
	    source == NULL ? "." : source, name);
	sgl_corpus_read_file(path, out);
}

static sgl_cert *
read_cert_vector(sgl_engine *engine, const char *name)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_cert *cert = NULL;

	read_vector(name, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	return cert;
}

static const struct {
	const char *request, *response, *cert;
	size_t num;
	bool is_signed, has_nonce;
	sgl_revocation want;
} vectors[] = {
    {"request-alice.der", "response-good.der", "alice.der", 1, false, true,
	SGL_REVOCATION_GOOD},
    {"request-bob.der", "response-revoked.der", "bob.der", 1, false, false,
	SGL_REVOCATION_REVOKED},
    {"request-both.der", "response-both.der", "alice.der", 2, true, true,
	SGL_REVOCATION_GOOD},
    {"request-both.der", "response-both.der", "bob.der", 2, true, true,
	SGL_REVOCATION_REVOKED},
};

static void
reads_vectors(void **state)
{
	SGL_AUTO(sgl_cert)
	ca = read_cert_vector(*state, "ca.der");

	for (size_t i = 0; i < COUNT(vectors); i++) {
		SGL_AUTO_CLEAR(sgl_buf) asked = sgl_buf_init(1 << 16);
		SGL_AUTO_CLEAR(sgl_buf) told = sgl_buf_init(1 << 16);
		SGL_AUTO(sgl_cert)
		cert = read_cert_vector(*state, vectors[i].cert);
		SGL_AUTO(sgl_ocsp)
		ocsp = NULL;
		sgl_ocsp_request r;
		sgl_ocsp_policy policy = {.require_nonce = true};
		sgl_ocsp_finding f;

		read_vector(vectors[i].request, &asked);
		read_vector(vectors[i].response, &told);
		assert_int_equal(
		    sgl_ocsp_request_read(sgl_buf_slice(&asked), &r, NULL),
		    SGL_OK);
		assert_int_equal(r.num_ids, vectors[i].num);
		assert_true(r.is_signed == vectors[i].is_signed);
		assert_true((r.nonce.len > 0) == vectors[i].has_nonce);
		assert_int_equal(
		    sgl_ocsp_read(*state, sgl_buf_slice(&told), &ocsp, NULL),
		    SGL_OK);
		policy.time = ocsp->produced_at;
		policy.nonce = r.nonce;
		assert_int_equal(
		    sgl_ocsp_check(*state, ocsp, cert, ca, &policy, &f, NULL),
		    SGL_OK);
		if (f.fault != SGL_OCSP_FAULT_NONE ||
		    f.revocation != vectors[i].want)
			fail_msg(
			    "row %zu: %s", i, sgl_ocsp_fault_name(f.fault));
		assert_false(f.ask_for_signer);
	}
}

/* --- a lack of memory --- */

static sgl_status
do_job(void *ctx, sgl_err *err)
{
	const world *w = ctx;
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(1000);
	SGL_AUTO(sgl_ocsp)
	ocsp = NULL;
	sgl_ocsp_answer answer = usual_answer(w, SGL_OCSP_GOOD);
	sgl_ocsp_template t = usual_template(&w->responder, &answer);
	sgl_ocsp_policy policy = {.time = SGL_ISSUE_TIME};
	sgl_ocsp_finding found;

	TRY(sgl_ocsp_id_build(
	    &w->issuer, SGL_DIGEST_SHA1, w->alice.cert->serial, &id, err));
	answer.id = sgl_buf_slice(&id);
	TRY(sgl_ocsp_build(
	    w->engine, &t, w->responder.key, SGL_DIGEST_NONE, &der, err));
	TRY(sgl_ocsp_read(w->engine, sgl_buf_slice(&der), &ocsp, err));
	TRY(sgl_ocsp_check(
	    w->engine, ocsp, w->alice.cert, w->ca.cert, &policy, &found, err));
	assert_int_equal(found.revocation, SGL_REVOCATION_GOOD);
	return SGL_OK;
}

static sgl_status
do_forgetful_job(void *ctx, sgl_err *err)
{
	const world *w = ctx;
	sgl_status status;

	status = do_job(ctx, err);
	sgl_engine_forget(w->engine);
	return status;
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(world) w = {0};

	world_make(*state, SGL_KEY_P256, &w);
	assert_int_equal(do_forgetful_job(&w, NULL), SGL_OK);
	assert_true(sgl_fault_each(do_forgetful_job, &w) >= 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_is_asked),
	    cmocka_unit_test(refuses_bad_requests),
	    cmocka_unit_test(counts_what_is_asked),
	    cmocka_unit_test(measures_nonces),
	    cmocka_unit_test(refuses_cut_requests),
	    cmocka_unit_test(says_why_there_is_no_answer),
	    cmocka_unit_test(answers_and_is_believed),
	    cmocka_unit_test(knows_who_may_answer),
	    cmocka_unit_test(does_not_believe_strangers),
	    cmocka_unit_test(looks_at_the_time),
	    cmocka_unit_test(compares_nonces),
	    cmocka_unit_test(sees_every_change),
	    cmocka_unit_test(refuses_cut_responses),
	    cmocka_unit_test(refuses_to_say_nonsense),
	    cmocka_unit_test(reads_vectors),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
