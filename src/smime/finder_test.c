/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are looked up by what the message calls its recipients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sigill/smime.h"
#include "support/fault.h"
#include "support/people.h"

#define OTHERS 150 /* recipients before ours */
#define OUT_MAX ((size_t)1 << 20)

static const char mail[] = "Content-Type: text/plain\r\n\r\nhello\r\n";

static sgl_engine *engine;
static sgl_tester others[OTHERS], ours, rsa;

/* ------------------------------------------------------------ the finder ---
 */

typedef struct finding {
	sgl_key_finder finder;
	const sgl_tester *has;	    /* NULL: nothing */
	const sgl_tester *mistaken; /* this one's key is given instead */
	sgl_status fails;
	bool is_damaged; /* the message: its content may be another */
	size_t calls, names, most;
} finding;

static bool
is_named(const sgl_tester *p, const sgl_named_recipient *n)
{
	if (n->ski.data != NULL)
		return n->issuer.data == NULL &&
		    sgl_slice_eq(sgl_cert_get_ski(p->cert), n->ski);
	return sgl_slice_eq(sgl_cert_get_issuer(p->cert), n->issuer) &&
	    sgl_slice_eq(sgl_cert_get_serial(p->cert), n->serial);
}

static sgl_status
find(void *ctx, const sgl_named_recipient *names, size_t num, sgl_key **keys,
    sgl_err *err)
{
	finding *f = ctx;

	f->calls++;
	f->names += num;
	f->most = num > f->most ? num : f->most;
	for (size_t i = 0; i < num; i++) {
		assert_null(keys[i]);
		if (f->has != NULL && is_named(f->has, &names[i]))
			keys[i] =
			    sgl_key_ref(f->mistaken != NULL ? f->mistaken->key
							    : f->has->key);
	}
	return f->fails == SGL_OK ? SGL_OK
				  : sgl_fail(err, f->fails, "test",
					SGL_NO_OFFSET, "the store is away");
}

/* --------------------------------------------------------- the messages --- */

static void
encrypt(const sgl_certs *to, bool use_ski, sgl_buf *out)
{
	const sgl_protect_options options = {
	    .what = SGL_PROTECT_ENCRYPT, .recipients = to, .use_ski = use_ski};
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	size_t taken;

	*out = sgl_buf_init(OUT_MAX);
	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_writer_new(engine, &options, &sink.sink, &w, NULL), SGL_OK);
	assert_int_equal(
	    sgl_writer_push(w, sgl_slice_str(mail), &taken, NULL), SGL_OK);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	sgl_writer_free(w);
}

static void
encrypt_to_all(const sgl_tester *last, bool use_ski, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_certs) to = {0};

	for (size_t i = 0; i < OTHERS; i++)
		assert_int_equal(
		    sgl_certs_add(&to, others[i].cert, NULL), SGL_OK);
	assert_int_equal(sgl_certs_add(&to, last->cert, NULL), SGL_OK);
	encrypt(&to, use_ski, out);
}

static sgl_status
read_with(sgl_engine *with, sgl_slice message, const sgl_keyring *ring,
    finding *f, size_t step, bool *locked, sgl_err *err)
{
	const sgl_read_options options = {
	    .peel = SGL_PEEL_ALL, .keys = ring, .finder = &f->finder};
	SGL_AUTO_CLEAR(sgl_buf) got = sgl_buf_init(OUT_MAX);
	const sgl_report *report;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_status status;

	f->finder = (sgl_key_finder){find, f};
	sgl_bufsink_init(&sink, &got);
	TRY(sgl_reader_new(with, &options, &sink.sink, &r, err));
	for (status = SGL_OK; status == SGL_OK && message.len > 0;) {
		size_t taken, n = message.len < step ? message.len : step;

		status = sgl_reader_push(
		    r, sgl_slice_first(message, n), &taken, err);
		message = sgl_slice_from(message, n);
	}
	if (status == SGL_OK)
		status = sgl_reader_finish(r, &report, err);
	if (status == SGL_OK)
		*locked = sgl_report_is_locked(report);
	if (status == SGL_OK && !*locked && !f->is_damaged)
		assert_true(sgl_slice_eq(sgl_buf_slice(&got),
		    SGL_LIT("Content-Type: text/plain\r\n\r\nhello\r\n")));
	sgl_reader_free(r);
	return status;
}

/* ------------------------------------------------------------- the tests ---
 */

static void
expect_opened(const sgl_tester *last, bool use_ski)
{
	static const size_t steps[] = {1, 1000, OUT_MAX};
	SGL_AUTO_CLEAR(sgl_buf) message = {0};

	encrypt_to_all(last, use_ski, &message);
	for (size_t i = 0; i < 3; i++) {
		finding f = {.has = last};
		bool locked = true;

		assert_int_equal(read_with(engine, sgl_buf_slice(&message),
				     NULL, &f, steps[i], &locked, NULL),
		    SGL_OK);
		assert_false(locked);
		assert_int_equal(f.names, OTHERS + 1);
		assert_true(f.most <= SGL_FIND_AT_ONCE);
		/* Not one by one. */
		assert_true(f.calls <= 12);
	}
}

static void
the_one_that_is_named_is_found(void **state)
{
	(void)state;
	for (int use_ski = 0; use_ski < 2; use_ski++) {
		expect_opened(&ours, use_ski);
		expect_opened(&rsa, use_ski);
	}
}

static void
a_stranger_to_the_message_is_locked_out(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = {0};
	finding f = {.has = &rsa};
	bool locked = false;

	(void)state;
	encrypt_to_all(&ours, false, &message);
	assert_int_equal(read_with(engine, sgl_buf_slice(&message), NULL, &f,
			     OUT_MAX, &locked, NULL),
	    SGL_OK);
	assert_true(locked);
}

/* Two certificates of one issuer have the same number, say: the message is for
 * the other, and that is all there is to tell. */
static void
a_key_of_another_kind_does_not_fit(void **state)
{
	const sgl_tester *named[] = {&ours, &rsa}, *given[] = {&rsa, &ours};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_buf) message = {0};
		finding f = {.has = named[i], .mistaken = given[i]};
		bool locked = false;

		encrypt_to_all(named[i], false, &message);
		assert_int_equal(read_with(engine, sgl_buf_slice(&message),
				     NULL, &f, OUT_MAX, &locked, NULL),
		    SGL_OK);
		assert_true(locked);
	}
}

/* What is at hand goes first. */
static void
a_ring_and_a_finder_together(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = {0};
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	finding f = {.has = NULL};
	bool locked = true;

	(void)state;
	encrypt_to_all(&ours, false, &message);
	assert_int_equal(sgl_keyring_add_key(&ring, ours.key, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(&ring, ours.cert, NULL), SGL_OK);
	assert_int_equal(read_with(engine, sgl_buf_slice(&message), &ring, &f,
			     OUT_MAX, &locked, NULL),
	    SGL_OK);
	assert_false(locked);
}

static void
a_finder_that_fails_is_told(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = {0};
	sgl_err err = {0};
	bool locked;

	(void)state;
	encrypt_to_all(&ours, false, &message);
	for (int i = 0; i < 2; i++) {
		finding f = {.has = i == 0 ? NULL : &ours,
		    .fails = i == 0 ? SGL_E_IO : SGL_E_PASSWORD};

		assert_int_equal(read_with(engine, sgl_buf_slice(&message),
				     NULL, &f, 100, &locked, &err),
		    f.fails);
		assert_string_equal(err.text, "the store is away");
	}
}

/* A byte of the recipients that is another: whatever comes of it, names and
 * answers go together. */
static void
damaged_recipients(void **state)
{
	SGL_AUTO_CLEAR(sgl_certs) to = {0};
	SGL_AUTO_CLEAR(sgl_buf) message = {0};
	finding f = {.has = &ours, .is_damaged = true};
	bool locked;

	(void)state;
	assert_int_equal(sgl_certs_add(&to, rsa.cert, NULL), SGL_OK);
	assert_int_equal(sgl_certs_add(&to, others[0].cert, NULL), SGL_OK);
	assert_int_equal(sgl_certs_add(&to, ours.cert, NULL), SGL_OK);
	encrypt(&to, false, &message);
	for (size_t i = 200; i < message.len; i += 3) {
		uint8_t was = message.data[i];

		message.data[i] = was == 'A' ? 'B' : 'A';
		(void)!read_with(engine, sgl_buf_slice(&message), NULL, &f,
		    OUT_MAX, &locked, NULL);
		message.data[i] = was;
	}
	f.is_damaged = false;
	assert_int_equal(read_with(engine, sgl_buf_slice(&message), NULL, &f,
			     OUT_MAX, &locked, NULL),
	    SGL_OK);
}

static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	const sgl_buf *message = ctx;
	SGL_AUTO(sgl_engine)
	own = NULL;
	finding f = {.has = &ours};
	bool locked;

	TRY(sgl_engine_new(NULL, &own, err));
	return read_with(
	    own, sgl_buf_slice(message), NULL, &f, OUT_MAX, &locked, err);
}

static void
no_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = {0};

	(void)state;
	encrypt_to_all(&ours, false, &message);
	assert_true(sgl_fault_each(whole_story, &message) > 20);
}

static int
set_up(void **state)
{
	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	for (size_t i = 0; i < OTHERS; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "other%zu", i);
		sgl_tester_make(engine, SGL_KEY_P256, name, (uint8_t)(i + 1),
		    SGL_KU_ALL, &others[i]);
	}
	sgl_tester_make(engine, SGL_KEY_P256, "ours", 201, SGL_KU_ALL, &ours);
	sgl_tester_make(engine, SGL_KEY_RSA, "rsa", 202, SGL_KU_ALL, &rsa);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < OTHERS; i++)
		sgl_tester_clear(&others[i]);
	sgl_tester_clear(&ours);
	sgl_tester_clear(&rsa);
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_that_is_named_is_found),
	    cmocka_unit_test(a_stranger_to_the_message_is_locked_out),
	    cmocka_unit_test(a_key_of_another_kind_does_not_fit),
	    cmocka_unit_test(a_ring_and_a_finder_together),
	    cmocka_unit_test(a_finder_that_fails_is_told),
	    cmocka_unit_test(damaged_recipients),
	    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
