/* SPDX-License-Identifier: Apache-2.0 */
/* Control's part in publishing: whoever was told of a revocation is told after
 * front was, and what was signed before it is not given out again. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ca/crl.h"
#include "ca/revoke.h"
#include "daemon/publish_wire.h"
#include "daemon/publisher.h"
#include "support/fault.h"
#include "support/folder.h"

#define START ((sgl_time)1800000000)

static sgl_folder folder;
static sgl_session session;
static sgl_cert_record alice, other;
static sgl_loop *loop;
static sgl_peer *front; /* control's end */
static sgl_channel *far_end;
static sgl_publisher *publisher;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return START;
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	(void)ctx;
	(void)peer;
	(void)type;
	(void)body;
}

static void
on_end(void *ctx, sgl_peer *peer)
{
	(void)ctx;
	(void)peer;
}

static sgl_status
join(sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_end};
	sgl_status status;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	status = sgl_channel_new(ends[0], &far_end, err);
	if (status != SGL_OK)
		(void)close(ends[0]);
	if (status == SGL_OK)
		status = sgl_peer_new(loop, ends[1], SGL_CHANNEL_MESSAGE, 0,
		    &handler, NULL, &front, err);
	if (front == NULL)
		(void)close(ends[1]);
	return status;
}

static void
part(void)
{
	sgl_peer_free(front);
	front = NULL;
	sgl_channel_free(far_end);
	far_end = NULL;
}

static sgl_status
found_home(sgl_err *err)
{
	static char domain[] = "example.org", name[] = "Example",
		    algorithm[] = "p256";
	const sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = algorithm};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	unsigned made;

	TRY(sgl_home_create(session.engine, sgl_folder_path(&folder, "home"),
	    &o, NULL, &session.home, err));
	TRY(sgl_ca_found(session.home, err));
	TRY(sgl_people_add(session.home, "alice@example.org", NULL, &p, err));
	TRY(sgl_ca_issue(session.home, &p, SGL_CERT_SIGNING, &alice, err));
	TRY(sgl_ca_issue(session.home, &p, SGL_CERT_ENCRYPTION, &other, err));
	TRY(sgl_responder_renew(session.home, &made, err));
	TRY(sgl_ca_make_crls(session.home, true, &made, err));
	return sgl_home_commit(session.home, err);
}

static int
set_up(void **state)
{
	const sgl_engine_config config = {.now = tell_time};
	sgl_err err = {0};

	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(
	    sgl_engine_new(&config, &session.engine, NULL), SGL_OK);
	if (found_home(&err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	assert_int_equal(sgl_loop_new(&loop, NULL), SGL_OK);
	assert_int_equal(join(NULL), SGL_OK);
	assert_int_equal(sgl_publisher_new(&session, &publisher, NULL), SGL_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_publisher_free(publisher);
	publisher = NULL;
	part();
	sgl_loop_free(loop);
	loop = NULL;
	sgl_cert_record_clear(&alice);
	sgl_cert_record_clear(&other);
	sgl_session_close(&session);
	sgl_folder_remove(&folder);
	return 0;
}

/* ------------------------------------------------------------------ front ---
 */

static void
stop(void *ctx)
{
	(void)ctx;
	sgl_loop_stop(loop);
}

/* The next message that control sent. */
static unsigned
receive(sgl_slice *body)
{
	sgl_wait *readable, *late;
	unsigned type = 0;
	bool ended = false;

	assert_int_equal(sgl_wait_readable(loop, sgl_channel_fd(far_end), stop,
			     NULL, &readable, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_wait_every(loop, 5, stop, NULL, &late, NULL), SGL_OK);
	assert_int_equal(sgl_loop_run(loop, NULL), SGL_OK);
	sgl_wait_free(readable);
	sgl_wait_free(late);
	assert_int_equal(sgl_channel_receive(far_end, SGL_CHANNEL_MESSAGE,
			     &type, body, &ended, NULL),
	    SGL_OK);
	assert_false(ended);
	return type;
}

static void
expect_state(void)
{
	static sgl_publish_state got;
	sgl_slice body;
	sgl_unwire u;

	assert_int_equal(receive(&body), SGL_PUBLISH_STATE);
	u = sgl_unwire_over(body);
	sgl_publish_read_state(&u, &got);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_int_equal(got.num, 2);
	assert_true(got.authorities[0].answers != got.authorities[1].answers);
}

/* Borrows until the next message. */
static sgl_publish_answer
expect_answer(int64_t number)
{
	sgl_publish_answer a = {.outcome = SGL_PUBLISH_LATER};
	sgl_slice body;
	sgl_unwire u;

	assert_int_equal(receive(&body), SGL_PUBLISH_ANSWER);
	u = sgl_unwire_over(body);
	assert_int_equal(sgl_publish_read_answer(&u, &a), number);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	return a;
}

static void
ask_file(int64_t number, const sgl_publish_file *file)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_QUESTION_MAX);
	sgl_wire w = sgl_wire_over(&body);

	sgl_publish_add_file(&w, number, file);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	assert_true(sgl_publisher_hear(
	    publisher, SGL_PUBLISH_FILE, sgl_buf_slice(&body)));
}

static const sgl_cert_record *about = &alice;

static void
write_ocsp(int64_t number, const char *nonce, sgl_buf *out)
{
	sgl_ca_ocsp_question q = {.num_ids = 1};
	sgl_wire w = sgl_wire_over(out);

	q.ids[0] = (sgl_ca_ocsp_id){.authority = about->issuer,
	    .digest = SGL_DIGEST_SHA1,
	    .serial_len = about->serial.len};
	memcpy(q.ids[0].serial, about->serial.data, about->serial.len);
	q.nonce_len = strlen(nonce);
	memcpy(q.nonce, nonce, q.nonce_len);
	sgl_publish_add_ocsp(&w, number, &q);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
}

static sgl_ocsp_status
ask_ocsp(int64_t number)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_QUESTION_MAX);
	SGL_AUTO(sgl_ocsp)
	response = NULL;
	sgl_publish_answer a;
	sgl_ocsp_single single;
	sgl_der in;

	write_ocsp(number, "", &body);
	assert_true(sgl_publisher_hear(
	    publisher, SGL_PUBLISH_OCSP, sgl_buf_slice(&body)));
	sgl_publisher_rest(publisher);
	a = expect_answer(number);
	assert_int_equal(a.outcome, SGL_PUBLISH_FOUND);
	assert_true(a.is_shared);
	assert_int_equal(
	    sgl_ocsp_read(session.engine, a.bytes, &response, NULL), SGL_OK);
	in = sgl_der_over(response->responses);
	assert_true(sgl_ocsp_single_read(&in, &single));
	return single.status;
}

/* Nothing is answered before, unless there are too many; then all are. */
static void
hear_ocsp(int64_t number, const char *nonce)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_QUESTION_MAX);

	write_ocsp(number, nonce, &body);
	assert_true(sgl_publisher_hear(
	    publisher, SGL_PUBLISH_OCSP, sgl_buf_slice(&body)));
}

/* Its own nonce is in it, and what the certificate's state is now. */
static void
expect_own(int64_t number, const char *nonce, sgl_ocsp_status want)
{
	const sgl_publish_answer a = expect_answer(number);
	SGL_AUTO(sgl_ocsp)
	response = NULL;
	sgl_ocsp_single single;
	sgl_der in;

	assert_int_equal(a.outcome, SGL_PUBLISH_FOUND);
	assert_false(a.is_shared);
	assert_int_equal(
	    sgl_ocsp_read(session.engine, a.bytes, &response, NULL), SGL_OK);
	assert_true(sgl_slice_eq(response->nonce, sgl_slice_str(nonce)));
	in = sgl_der_over(response->responses);
	assert_true(sgl_ocsp_single_read(&in, &single));
	assert_int_equal(single.status, want);
}

static bool
has_come(void)
{
	struct pollfd p = {.fd = sgl_channel_fd(far_end), .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void
revoke_alice(void)
{
	const sgl_revocation_mark mark = {.reason = SGL_REASON_KEY_COMPROMISE};
	sgl_err aside = {0};

	assert_int_equal(sgl_home_begin(session.home, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_revoke(session.home, &alice, &mark, NULL), SGL_OK);
	assert_int_equal(sgl_session_commit(&session, &aside, NULL), SGL_OK);
}

/* ------------------------------------------------------------------ tests ---
 */

static void
files(void **state)
{
	sgl_publish_file file = {
	    .is_crl = true, .authority = alice.issuer, .shard = alice.shard};
	sgl_publish_answer a;

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	ask_file(1, &file);
	a = expect_answer(1);
	assert_int_equal(a.outcome, SGL_PUBLISH_FOUND);
	assert_true(a.is_shared && a.next_update > START && a.bytes.len > 100);
	file.is_crl = false;
	ask_file(2, &file);
	a = expect_answer(2);
	assert_int_equal(a.outcome, SGL_PUBLISH_FOUND);
	assert_int_equal(a.next_update, 0);
	file.authority = 99;
	ask_file(3, &file);
	assert_int_equal(expect_answer(3).outcome, SGL_PUBLISH_NONE);
	file.is_crl = true;
	ask_file(4, &file);
	assert_int_equal(expect_answer(4).outcome, SGL_PUBLISH_NONE);
}

/* Front hears of the change before anything that is asked after it, and what
 * was signed before is neither given out nor stored. */
static void
a_revocation_takes_back(void **state)
{
	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	assert_int_equal(ask_ocsp(1), SGL_OCSP_GOOD);
	revoke_alice();
	sgl_publisher_changed(publisher);
	expect_state();
	assert_int_equal(ask_ocsp(2), SGL_OCSP_REVOKED);
	sgl_publisher_tick(publisher);
	assert_int_equal(ask_ocsp(3), SGL_OCSP_REVOKED);
}

static void
revoke_without_crl(const sgl_cert_record *c)
{
	const sgl_revocation_mark mark = {.reason = SGL_REASON_KEY_COMPROMISE};

	assert_int_equal(sgl_home_begin(session.home, NULL), SGL_OK);
	assert_int_equal(sgl_ca_revoke(session.home, c, &mark, NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(session.home, NULL), SGL_OK);
	sgl_publisher_changed(publisher);
	expect_state();
}

/* Each of them is heard of, also where nobody can sign a CRL in between. */
static void
revocations_while_the_crl_waits(void **state)
{
	const sgl_cert_record *const both[] = {&alice, &other};

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	for (size_t i = 0; i < 2; i++) {
		about = both[i];
		assert_int_equal(ask_ocsp(1), SGL_OCSP_GOOD);
	}
	for (size_t i = 0; i < 2; i++) {
		about = both[i];
		revoke_without_crl(about);
		assert_int_equal(ask_ocsp(2), SGL_OCSP_REVOKED);
	}
	about = &alice;
}

/* Also what another machine did, which the next look finds. */
static void
what_somebody_else_did(void **state)
{
	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	assert_int_equal(ask_ocsp(1), SGL_OCSP_GOOD);
	revoke_alice();
	sgl_publisher_tick(publisher);
	expect_state();
	assert_int_equal(ask_ocsp(2), SGL_OCSP_REVOKED);
	/* Nothing changed: nothing is told. */
	sgl_publisher_changed(publisher);
	assert_int_equal(ask_ocsp(3), SGL_OCSP_REVOKED);
}

static const char *
nonce_of(int64_t number, char out[32])
{
	(void)snprintf(out, 32, "the nonce of %lld", (long long)number);
	return out;
}

/* What is there is answered together, each with its own nonce, in order; a
 * question that is none is told so, and the others are answered. */
static void
questions_that_came_together(void **state)
{
	char nonce[32];
	int64_t i;

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	for (i = 1; i <= SGL_KEY_MANY; i++)
		hear_ocsp(i, nonce_of(i, nonce));
	assert_false(has_come());
	sgl_publisher_rest(publisher);
	for (i = 1; i <= SGL_KEY_MANY; i++)
		expect_own(i, nonce_of(i, nonce), SGL_OCSP_GOOD);
	hear_ocsp(1, nonce_of(1, nonce));
	assert_true(sgl_publisher_hear(
	    publisher, SGL_PUBLISH_OCSP, SGL_LIT("\0\0\0\0\0\0\0\7\1")));
	hear_ocsp(2, nonce_of(2, nonce));
	sgl_publisher_rest(publisher);
	assert_int_equal(expect_answer(7).outcome, SGL_PUBLISH_LATER);
	expect_own(1, nonce_of(1, nonce), SGL_OCSP_GOOD);
	expect_own(2, nonce_of(2, nonce), SGL_OCSP_GOOD);
	sgl_publisher_rest(publisher);
	assert_false(has_come());
}

/* More than are asked together wait for nobody either. */
static void
questions_without_end(void **state)
{
	char nonce[32];
	int64_t i;

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	for (i = 1; i <= SGL_KEY_MANY + 1; i++)
		hear_ocsp(i, nonce_of(i, nonce));
	for (i = 1; i <= SGL_KEY_MANY; i++)
		expect_own(i, nonce_of(i, nonce), SGL_OCSP_GOOD);
	assert_false(has_come());
	sgl_publisher_rest(publisher);
	expect_own(i, nonce_of(i, nonce), SGL_OCSP_GOOD);
}

/* Nobody has told us, and no second has passed: another machine, perhaps. */
static void
a_revocation_elsewhere_is_seen_at_once(void **state)
{
	char nonce[32];

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	hear_ocsp(1, nonce_of(1, nonce));
	sgl_publisher_rest(publisher);
	expect_own(1, nonce_of(1, nonce), SGL_OCSP_GOOD);
	hear_ocsp(2, nonce_of(2, nonce));
	revoke_alice();
	sgl_publisher_rest(publisher);
	expect_state();
	expect_own(2, nonce_of(2, nonce), SGL_OCSP_REVOKED);
}

/* A front that went is not answered, nor the next one in its place. */
static void
a_front_that_went_has_asked_nothing(void **state)
{
	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	hear_ocsp(1, "its nonce");
	sgl_publisher_set_front(publisher, NULL);
	sgl_publisher_set_front(publisher, front);
	expect_state();
	sgl_publisher_rest(publisher);
	assert_false(has_come());
}

static void
questions_that_are_none(void **state)
{
	static const uint8_t number[] = {0, 0, 0, 0, 0, 0, 0, 7, 1};

	(void)state;
	sgl_publisher_set_front(publisher, front);
	expect_state();
	for (size_t i = 0; i < 2; i++) {
		assert_true(sgl_publisher_hear(publisher,
		    i == 0 ? SGL_PUBLISH_FILE : SGL_PUBLISH_OCSP,
		    sgl_slice_of(number, sizeof number)));
		(void)receive(&(sgl_slice){NULL, 0});
	}
	assert_false(
	    sgl_publisher_hear(publisher, SGL_PUBLISH_STATE, SGL_LIT("")));
	assert_false(sgl_publisher_hear(publisher, 9999, SGL_LIT("")));
	assert_int_equal(ask_ocsp(8), SGL_OCSP_GOOD);
}

/* Without memory somebody may be told nothing, or to come later; it goes on. */
static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	question = sgl_buf_init(SGL_PUBLISH_QUESTION_MAX);
	sgl_wire w = sgl_wire_over(&question);
	sgl_publisher *p = NULL;
	sgl_status status = join(err);

	(void)ctx;
	if (status == SGL_OK)
		status = sgl_publisher_new(&session, &p, err);
	sgl_publish_add_file(&w, 1,
	    &(sgl_publish_file){.is_crl = true, .authority = alice.issuer});
	if (status == SGL_OK && sgl_wire_end(&w, NULL) == SGL_OK) {
		sgl_publisher_set_front(p, front);
		(void)sgl_publisher_hear(
		    p, SGL_PUBLISH_FILE, sgl_buf_slice(&question));
		sgl_publisher_rest(p);
		sgl_publisher_changed(p);
	}
	sgl_publisher_free(p);
	part();
	return status;
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	part();
	assert_int_equal(whole_story(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(whole_story, NULL) > 10);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(files),
	    TEST(a_revocation_takes_back),
	    TEST(revocations_while_the_crl_waits),
	    TEST(what_somebody_else_did),
	    TEST(questions_that_came_together),
	    TEST(questions_without_end),
	    TEST(a_revocation_elsewhere_is_seen_at_once),
	    TEST(a_front_that_went_has_asked_nothing),
	    TEST(questions_that_are_none),
	    TEST(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
