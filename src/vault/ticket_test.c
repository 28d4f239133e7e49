/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "vault/ticket.h"

#define HOLDER 3
#define OPERATION 18
#define QUESTION SGL_LIT("key 7, sealed like this")

static sgl_engine *engine;
static sgl_ticket_mint mint;
static sgl_ticket_gate gate;
static sgl_time clock_time;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return clock_time;
}

static int
set_up(void **state)
{
	const uint8_t secret[SGL_TICKET_SECRET] = {1, 2, 3};
	const sgl_slice bytes = sgl_slice_of(secret, sizeof secret);
	const sgl_engine_config config = {.now = tell_time};

	(void)state;
	clock_time = 1000;
	assert_int_equal(sgl_engine_new(&config, &engine, NULL), SGL_OK);
	assert_int_equal(sgl_secret_set(&mint.secret, bytes, NULL), SGL_OK);
	assert_int_equal(sgl_secret_set(&gate.secret, bytes, NULL), SGL_OK);
	mint.job = 5;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_ticket_mint_clear(&mint);
	sgl_ticket_gate_clear(&gate);
	sgl_engine_free(engine);
	return 0;
}

static sgl_ticket
make(void)
{
	sgl_ticket t = {.holder = HOLDER,
	    .powers = SGL_POWER_SIGN,
	    .uses = 1,
	    .expires = 1060};

	assert_int_equal(
	    sgl_ticket_make(engine, &mint, OPERATION, QUESTION, &t, NULL),
	    SGL_OK);
	return t;
}

static sgl_status
show(const sgl_ticket *t, sgl_err *err)
{
	return sgl_ticket_check(
	    engine, &gate, HOLDER, t, OPERATION, QUESTION, err);
}

static void
expect_refused(const sgl_ticket *t, const char *why)
{
	sgl_err err = {0};

	if (show(t, &err) != SGL_E_IO || strstr(err.text, why) == NULL)
		fail_msg("not \"%s\", but: %s", why, err.text);
}

static void
a_good_one_is_let_in_once(void **state)
{
	sgl_ticket t = make();

	(void)state;
	assert_int_equal(show(&t, NULL), SGL_OK);
	expect_refused(&t, "used already");
	t = make();
	assert_int_equal(show(&t, NULL), SGL_OK);
}

static void
tickets_are_shown_in_their_order(void **state)
{
	sgl_ticket first = make(), second = make();

	(void)state;
	assert_int_equal(show(&second, NULL), SGL_OK);
	expect_refused(&first, "used already");
}

static void
a_job_that_ended_has_none(void **state)
{
	sgl_ticket old = make(), new;

	(void)state;
	mint.job++;
	new = make();
	assert_int_equal(show(&new, NULL), SGL_OK);
	expect_refused(&old, "of another job");
}

/* Whatever is changed in one, it is none. */
static void
an_altered_one_is_none(void **state)
{
	const sgl_ticket good = make();
	sgl_ticket t;

	(void)state;
#define ALTER(field)                                                           \
	t = good;                                                              \
	t.field++;                                                             \
	expect_refused(&t, "forged or altered")
	ALTER(holder);
	ALTER(job);
	ALTER(serial);
	ALTER(operation);
	ALTER(powers);
	ALTER(uses);
	ALTER(expires);
#undef ALTER
	for (size_t i = 0; i < sizeof good.mac; i++) {
		t = good;
		t.mac[i] ^= 1;
		expect_refused(&t, "forged or altered");
	}
	assert_int_equal(show(&good, NULL), SGL_OK);
}

static void
it_is_for_one_question_of_one_holder(void **state)
{
	const sgl_ticket t = make();

	(void)state;
	assert_int_equal(sgl_ticket_check(engine, &gate, HOLDER, &t, OPERATION,
			     SGL_LIT("key 8, sealed like this"), NULL),
	    SGL_E_IO);
	assert_int_equal(sgl_ticket_check(engine, &gate, HOLDER, &t,
			     OPERATION + 1, QUESTION, NULL),
	    SGL_E_IO);
	assert_int_equal(sgl_ticket_check(engine, &gate, HOLDER + 1, &t,
			     OPERATION, QUESTION, NULL),
	    SGL_E_IO);
	/* None of these counted. */
	assert_int_equal(show(&t, NULL), SGL_OK);
}

static void
it_ends_with_its_time(void **state)
{
	const sgl_ticket first = make(), second = make();

	(void)state;
	clock_time = 1059;
	assert_int_equal(show(&first, NULL), SGL_OK);
	clock_time = 1060;
	expect_refused(&second, "expired");
}

static void
without_or_with_another_secret_nobody_is_let_in(void **state)
{
	const sgl_ticket t = make();
	const uint8_t other[SGL_TICKET_SECRET] = {1, 2, 4};

	(void)state;
	sgl_ticket_gate_clear(&gate);
	expect_refused(&t, "nobody yet");
	assert_int_equal(
	    sgl_secret_set(&gate.secret, SGL_LIT("short"), NULL), SGL_OK);
	expect_refused(&t, "nobody yet");
	sgl_secret_clear(&gate.secret);
	assert_int_equal(sgl_secret_set(&gate.secret,
			     sgl_slice_of(other, sizeof other), NULL),
	    SGL_OK);
	expect_refused(&t, "forged or altered");
}

/* On the wire: what was added is read, and nothing that is cut short. */
static void
it_travels_whole(void **state)
{
	const sgl_ticket t = make();
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(512);
	sgl_wire w = sgl_wire_over(&bytes);

	(void)state;
	sgl_ticket_add(&w, &t);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	for (size_t n = 0; n <= bytes.len; n++) {
		sgl_unwire u =
		    sgl_unwire_over(sgl_slice_first(sgl_buf_slice(&bytes), n));
		sgl_ticket again = {0};

		sgl_ticket_read(&u, &again);
		assert_int_equal(sgl_unwire_end(&u, NULL),
		    n == bytes.len ? SGL_OK : SGL_E_IO);
		if (n == bytes.len)
			assert_int_equal(show(&again, NULL), SGL_OK);
	}
}

static void
a_request_needs_its_power(void **state)
{
	(void)state;
	assert_int_equal(sgl_power_of(SGL_KEY_SIGN), SGL_POWER_SIGN);
	assert_int_equal(sgl_power_of(SGL_KEY_RSA_V15), SGL_POWER_DECRYPT);
	assert_int_equal(sgl_power_of(SGL_KEY_RSA_OAEP), SGL_POWER_DECRYPT);
	assert_int_equal(sgl_power_of(SGL_KEY_ECDH), SGL_POWER_DECRYPT);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_good_one_is_let_in_once),
	    TEST(tickets_are_shown_in_their_order),
	    TEST(a_job_that_ended_has_none),
	    TEST(an_altered_one_is_none),
	    TEST(it_is_for_one_question_of_one_holder),
	    TEST(it_ends_with_its_time),
	    TEST(without_or_with_another_secret_nobody_is_let_in),
	    TEST(it_travels_whole),
	    TEST(a_request_needs_its_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
