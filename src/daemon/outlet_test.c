/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers are told of what is published: asked of control once, kept
 * until it is taken back, and nothing without control. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/base64.h"
#include "daemon/front_test.h"
#include "daemon/publish_wire.h"
#include "support/fault.h"
#include "support/issue.h"

#define ANSWER_MAX ((size_t)1 << 20)
#define COUNT(a) (sizeof(a) / sizeof *(a))
#define GET(path)                                                              \
	"GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define CRL GET("/crl/2-0.crl")

static sgl_engine *engine;
static sgl_who issuer;
static sgl_publish_state published;
static sgl_test_front f;

/* --------------------------------------------------------------- control ---
 */

static sgl_status
tell_state(sgl_channel *control, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(ANSWER_MAX);
	sgl_wire w = sgl_wire_over(&body);

	sgl_publish_add_state(&w, &published);
	TRY(sgl_wire_end(&w, err));
	return sgl_channel_send(
	    control, SGL_PUBLISH_STATE, sgl_buf_slice(&body), err);
}

/* The number of the question that has come; 0: there is none. */
static int64_t
take_question(unsigned want)
{
	sgl_slice body;
	unsigned type;
	bool ended;
	sgl_unwire u;

	if (!sgl_test_is_readable(sgl_channel_fd(f.control)))
		return 0;
	assert_int_equal(sgl_channel_receive(f.control, SGL_CHANNEL_MESSAGE,
			     &type, &body, &ended, NULL),
	    SGL_OK);
	assert_false(ended);
	assert_int_equal(type, want);
	u = sgl_unwire_over(body);
	return sgl_unwire_int(&u, 1, INT64_MAX);
}

static void
reply(int64_t number, sgl_publish_outcome outcome, const char *text)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(ANSWER_MAX);
	sgl_wire w = sgl_wire_over(&body);
	const sgl_publish_answer a = {.outcome = outcome,
	    .error = SGL_OCSP_UNAUTHORIZED,
	    .is_shared = outcome == SGL_PUBLISH_FOUND,
	    .this_update = (sgl_time)time(NULL) - 10,
	    .next_update = (sgl_time)time(NULL) + 1000,
	    .bytes = sgl_slice_str(text)};

	sgl_publish_add_answer(&w, number, &a);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	assert_int_equal(sgl_channel_send(f.control, SGL_PUBLISH_ANSWER,
			     sgl_buf_slice(&body), NULL),
	    SGL_OK);
}

/* ---------------------------------------------------------------- clients ---
 */

static int
say(const char *request)
{
	int client = sgl_test_front_say(&f, sgl_slice_str(request));

	assert_true(client >= 0);
	return client;
}

/* Until front has asked something, or answered. */
static void
wait_for(int client)
{
	const int fds[3] = {client, sgl_channel_fd(f.control), -1};

	assert_true(sgl_test_front_run(&f, fds));
}

/* The status; *out (may be NULL) is all of it. */
static int
hear(int client, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) own = sgl_buf_init(ANSWER_MAX);
	const char *text;
	int status = 0;

	if (out == NULL)
		out = &own;
	assert_true(sgl_test_front_hear(&f, client, out));
	assert_int_equal(sgl_buf_text(out, &text, NULL), SGL_OK);
	assert_int_equal(sscanf(text, "HTTP/1.1 %d", &status), 1);
	return status;
}

static void
expect_body(int client, const char *want)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(ANSWER_MAX);
	const char *text, *body;

	assert_int_equal(hear(client, &out), 200);
	assert_int_equal(sgl_buf_text(&out, &text, NULL), SGL_OK);
	body = strstr(text, "\r\n\r\n");
	assert_non_null(body);
	assert_string_equal(body + 4, want);
}

/* Asks, and has control say this. */
static void
expect_asked(const char *request, const char *text)
{
	int client = say(request);
	int64_t number;

	wait_for(client);
	number = take_question(SGL_PUBLISH_FILE);
	assert_true(number > 0);
	reply(number, SGL_PUBLISH_FOUND, text);
	expect_body(client, text);
}

static void
expect_kept(const char *request, const char *text)
{
	expect_body(say(request), text);
	assert_int_equal(take_question(SGL_PUBLISH_FILE), 0);
}

/* Told without a question to control. */
static void
expect_status(const char *request, int want)
{
	int got = hear(say(request), NULL);

	if (got != want)
		fail_msg("%d: %s", got, request);
	assert_int_equal(take_question(SGL_PUBLISH_FILE), 0);
}

static void
hear_state(void)
{
	int client;

	assert_int_equal(tell_state(f.control, NULL), SGL_OK);
	/* What comes later is read later. */
	client = say(GET("/nothing"));
	assert_int_equal(hear(client, NULL), 404);
}

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	sgl_issue_cert(
	    engine, &(sgl_issue){.name = "CA", .is_ca = true}, NULL, &issuer);
	published = (sgl_publish_state){.prefix = "/pki", .num = 2};
	published.authorities[0] = (sgl_published){.id = 1, .num_shards = 1};
	published.authorities[1] =
	    (sgl_published){.id = 2, .num_shards = 3, .answers = true};
	assert_int_equal(sgl_ocsp_issuer_init(engine, issuer.cert,
			     &published.authorities[1].names, NULL),
	    SGL_OK);
	assert_int_equal(sgl_test_front_init(&f, engine, NULL), SGL_OK);
	hear_state();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_test_front_clear(&f);
	sgl_who_clear(&issuer);
	sgl_engine_free(engine);
	return 0;
}

/* ------------------------------------------------------------------ tests ---
 */

static void
control_is_asked_once(void **state)
{
	(void)state;
	expect_asked(CRL, "first");
	expect_kept(CRL, "first");
	expect_kept(GET("/pki/crl/2-0.crl"), "first");
	expect_asked(GET("/crl/2-1.crl"), "another");
	expect_asked(GET("/ca/2.cer"), "certificate");
	expect_kept(CRL, "first");
}

/* Who was told that something is revoked is told after this. */
static void
what_is_taken_back_is_never_told_again(void **state)
{
	(void)state;
	expect_asked(CRL, "without it");
	expect_asked(GET("/crl/2-1.crl"), "not touched");
	assert_int_equal(tell_state(f.control, NULL), SGL_OK);
	expect_asked(CRL, "with it");
	expect_kept(CRL, "with it");
	expect_asked(GET("/crl/2-1.crl"), "not touched");
}

/* An answer that was on its way when it was taken back is not kept: it came
 * before. */
static void
what_comes_before_is_forgotten(void **state)
{
	int client = say(CRL);
	int64_t number;

	(void)state;
	wait_for(client);
	number = take_question(SGL_PUBLISH_FILE);
	reply(number, SGL_PUBLISH_FOUND, "old");
	assert_int_equal(tell_state(f.control, NULL), SGL_OK);
	expect_body(client, "old");
	expect_asked(CRL, "new");
}

static void
without_control_nothing_is_told(void **state)
{
	(void)state;
	expect_asked(CRL, "kept");
	sgl_test_front_leave(&f);
	assert_int_equal(hear(say(CRL), NULL), 503);
	/* It is there again, but has not said what there is. */
	assert_int_equal(sgl_test_front_join(&f, NULL), SGL_OK);
	expect_status(CRL, 503);
	hear_state();
	expect_asked(CRL, "asked anew");
}

/* Who waits when control goes is told to come again. */
static void
control_goes_while_somebody_waits(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(ANSWER_MAX);
	int client = say(CRL);

	(void)state;
	wait_for(client);
	sgl_channel_free(f.control);
	f.control = NULL;
	assert_int_equal(hear(client, &out), 503);
	assert_non_null(memmem(out.data, out.len, "Retry-After", 11));
}

/* What it says is no message, or not what was asked. */
static void
control_says_nonsense(void **state)
{
	int client = say(CRL);
	int64_t number;

	(void)state;
	wait_for(client);
	number = take_question(SGL_PUBLISH_FILE);
	reply(number + 1, SGL_PUBLISH_FOUND, "for another");
	assert_int_equal(sgl_channel_send(f.control, SGL_PUBLISH_ANSWER,
			     SGL_LIT("nonsense"), NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_channel_send(f.control, 9999, SGL_LIT(""), NULL), SGL_OK);
	reply(number, SGL_PUBLISH_FOUND, "right");
	expect_body(client, "right");
	/* What there is, is not known any more. */
	assert_int_equal(
	    sgl_channel_send(f.control, SGL_PUBLISH_STATE, SGL_LIT("x"), NULL),
	    SGL_OK);
	assert_int_equal(hear(say(GET("/nothing")), NULL), 404);
	expect_status(CRL, 503);
}

static void
what_control_does_not_have(void **state)
{
	static const struct {
		sgl_publish_outcome outcome;
		int want;
	} table[] = {{SGL_PUBLISH_NONE, 404}, {SGL_PUBLISH_LATER, 503}};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		int client = say(CRL);

		wait_for(client);
		reply(take_question(SGL_PUBLISH_FILE), table[i].outcome, "");
		assert_int_equal(hear(client, NULL), table[i].want);
	}
}

static void
many_wait_for_one_answer(void **state)
{
	int clients[20];
	int64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++)
		clients[i] = say(CRL);
	wait_for(-1);
	number = take_question(SGL_PUBLISH_FILE);
	assert_true(number > 0);
	/* All of them are in, for this one came last. */
	expect_status(GET("/nothing"), 404);
	reply(number, SGL_PUBLISH_FOUND, "for all");
	for (size_t i = 0; i < COUNT(clients); i++)
		expect_body(clients[i], "for all");
	assert_int_equal(take_question(SGL_PUBLISH_FILE), 0);
}

/* None of these reaches control. */
static void
hostile_requests(void **state)
{
	static const struct {
		const char *request;
		int want;
	} table[] = {
	    {GET("/crl/3-0.crl"), 404},
	    {GET("/crl/2-3.crl"), 404},
	    {GET("/crl/-1-0.crl"), 404},
	    {GET("/crl/02-0.crl"), 404},
	    {GET("/crl/2-00.crl"), 404},
	    {GET("/crl/2-0.crl.crl"), 404},
	    {GET("/crl/2-0.cer"), 404},
	    {GET("/crl/2.crl"), 404},
	    {GET("/crl/"), 404},
	    {GET("/crl/99999999999999999999999-0.crl"), 404},
	    {GET("/crl/2-0%2ecrl%00"), 400},
	    {GET("/crl/../ca/2.cer"), 404},
	    {GET("/ca/2"), 404},
	    {GET("/ca/+2.cer"), 404},
	    {GET("/pkicrl/2-0.crl"), 404},
	    {GET("/pki/pki/crl/2-0.crl"), 404},
	    {GET("/ocspx"), 404},
	    {"POST /crl/2-0.crl HTTP/1.1\r\nConnection: close\r\n"
	     "Content-Length: 0\r\n\r\n",
		405},
	    {"POST /ocsp HTTP/1.1\r\nConnection: close\r\n"
	     "Content-Length: 1\r\n\r\nx",
		415},
	    {"POST /ocsp HTTP/1.1\r\nConnection: close\r\n"
	     "Content-Type: application/ocsp-requestx\r\n"
	     "Content-Length: 1\r\n\r\nx",
		415},
	    {GET("/.well-known/est/cacerts"), 403},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		expect_status(table[i].request, table[i].want);
}

/* ------------------------------------------------------------------- OCSP ---
 */

static void
write_request(uint8_t serial, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(256);
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1024);
	sgl_derb b = sgl_derb_over(&der);
	size_t marks[4];

	assert_int_equal(
	    sgl_ocsp_id_build(&published.authorities[1].names, SGL_DIGEST_SHA1,
		sgl_slice_of(&serial, 1), &id, NULL),
	    SGL_OK);
	for (size_t i = 0; i < COUNT(marks); i++)
		marks[i] = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, sgl_buf_slice(&id));
	for (size_t i = COUNT(marks); i-- > 0;)
		sgl_derb_close(&b, marks[i]);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	assert_int_equal(sgl_buf_printf(out, NULL,
			     "POST /ocsp HTTP/1.1\r\nConnection: close\r\n"
			     "Content-Type: application/ocsp-request\r\n"
			     "Content-Length: %zu\r\n\r\n",
			     der.len),
	    SGL_OK);
	assert_int_equal(sgl_buf_add(out, sgl_buf_slice(&der), NULL), SGL_OK);
}

static int
say_ocsp(uint8_t serial)
{
	SGL_AUTO_CLEAR(sgl_buf) request = sgl_buf_init(4096);
	int client;

	write_request(serial, &request);
	client = sgl_test_front_say(&f, sgl_buf_slice(&request));
	assert_true(client >= 0);
	return client;
}

/* A revocation takes back what is said of the certificate. */
static void
ocsp_is_taken_back(void **state)
{
	static const char *const texts[] = {"good", "revoked"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int client = say_ocsp(7);

		wait_for(client);
		reply(take_question(SGL_PUBLISH_OCSP), SGL_PUBLISH_FOUND,
		    texts[i]);
		expect_body(client, texts[i]);
		expect_body(say_ocsp(7), texts[i]);
		assert_int_equal(take_question(SGL_PUBLISH_OCSP), 0);
		assert_int_equal(tell_state(f.control, NULL), SGL_OK);
	}
}

/* OCSP says by its own means that nothing can be said now. */
static void
ocsp_without_control(void **state)
{
	static const char later[] = "\x30\x03\x0a\x01\x03";

	(void)state;
	sgl_test_front_leave(&f);
	expect_body(say_ocsp(7), later);
	assert_int_equal(sgl_test_front_join(&f, NULL), SGL_OK);
	expect_body(say_ocsp(7), later);
}

/* More questions than there may be are not asked. */
static void
a_flood_of_questions(void **state)
{
	static const char later[] = "\x30\x03\x0a\x01\x03";
	int clients[250];
	int64_t numbers[250];

	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		clients[i] = say_ocsp((uint8_t)(i + 1));
		wait_for(clients[i]);
		numbers[i] = take_question(SGL_PUBLISH_OCSP);
		assert_true(numbers[i] > 0);
	}
	/* Files have other names than these. */
	for (int i = 0; i < 3; i++) {
		char request[128];
		(void)snprintf(
		    request, sizeof request, GET("/crl/2-%d.crl"), i);
		(void)say(request);
		wait_for(-1);
		assert_true(take_question(SGL_PUBLISH_FILE) > 0);
	}
	for (int i = 0; i < 3; i++) {
		(void)say(i == 0 ? GET("/ca/1.cer")
			: i == 1 ? GET("/ca/2.cer")
				 : GET("/crl/1-0.crl"));
		wait_for(-1);
		assert_true(take_question(SGL_PUBLISH_FILE) > 0);
	}
	expect_body(say_ocsp(255), later);
	/* When one is answered there is room for another. */
	reply(numbers[0], SGL_PUBLISH_FOUND, "good");
	expect_body(clients[0], "good");
	clients[0] = say_ocsp(255);
	wait_for(clients[0]);
	assert_true(take_question(SGL_PUBLISH_OCSP) > 0);
	for (size_t i = 0; i < COUNT(clients); i++)
		(void)close(clients[i]);
}

/* --------------------------------------------------------- without memory ---
 */

/* Control answers what it is asked; where it cannot, it goes. */
static void
answer_one(void)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(ANSWER_MAX);
	sgl_wire w = sgl_wire_over(&body);
	sgl_publish_answer a = {.outcome = SGL_PUBLISH_FOUND,
	    .is_shared = true,
	    .bytes = SGL_LIT("told")};
	sgl_status status = SGL_E_IO;
	sgl_slice question;
	bool ended = true;
	unsigned type;
	sgl_unwire u;

	if (sgl_test_is_readable(sgl_channel_fd(f.control)))
		status = sgl_channel_receive(f.control, SGL_CHANNEL_MESSAGE,
		    &type, &question, &ended, NULL);
	if (status == SGL_OK && !ended) {
		u = sgl_unwire_over(question);
		sgl_publish_add_answer(
		    &w, sgl_unwire_int(&u, 1, INT64_MAX), &a);
		status = sgl_channel_send(
		    f.control, SGL_PUBLISH_ANSWER, sgl_buf_slice(&body), NULL);
	}
	if (status != SGL_OK || ended || w.failed != SGL_OK)
		sgl_test_front_leave(&f);
}

/* One request through all of front: told, or told to come again. */
static void
ask_all(int client)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(ANSWER_MAX);
	const int fds[3] = {client, sgl_channel_fd(f.control), -1};

	(void)sgl_test_front_run(&f, fds);
	answer_one();
	(void)sgl_test_front_hear(&f, client, &out);
	if (out.len > 0)
		assert_true(sgl_slice_starts(
				sgl_buf_slice(&out), SGL_LIT("HTTP/1.1 503")) ||
		    sgl_slice_starts(
			sgl_buf_slice(&out), SGL_LIT("HTTP/1.1 200")));
}

static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	sgl_status status = sgl_test_front_init(&f, engine, err);
	int client;

	(void)ctx;
	if (status == SGL_OK)
		status = tell_state(f.control, err);
	if (status == SGL_OK) {
		client = sgl_test_front_say(&f, SGL_LIT(CRL));
		assert_true(client >= 0);
		ask_all(client);
	}
	sgl_test_front_clear(&f);
	return status;
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	sgl_test_front_clear(&f);
	assert_true(sgl_fault_each(whole_story, NULL) > 10);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(control_is_asked_once),
	    TEST(what_is_taken_back_is_never_told_again),
	    TEST(what_comes_before_is_forgotten),
	    TEST(without_control_nothing_is_told),
	    TEST(control_goes_while_somebody_waits),
	    TEST(control_says_nonsense),
	    TEST(what_control_does_not_have),
	    TEST(many_wait_for_one_answer),
	    TEST(hostile_requests),
	    TEST(ocsp_is_taken_back),
	    TEST(ocsp_without_control),
	    TEST(a_flood_of_questions),
	    TEST(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
