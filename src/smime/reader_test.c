/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that answer later, inputs that are no messages, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/message.h"

static sgl_engine *engine;
static char folder[512];

/* A key in another place: it never answers at once. */
static sgl_status
ask_later(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

static const sgl_key_ops later_ops = {.ask = ask_later};

/* The ring with every key replaced by one that answers later; `real` keeps the
 * keys themselves. */
static void
load_later(const char *name, sgl_keyring *real, sgl_keyring *later)
{
	message_load(engine, folder, name, NULL, real);
	for (size_t i = 0; i < real->certs.num; i++)
		assert_int_equal(
		    sgl_keyring_add_cert(later, real->certs.items[i], NULL),
		    SGL_OK);
	for (size_t i = 0; i < real->num_keys; i++) {
		sgl_key *key = NULL;

		assert_int_equal(
		    sgl_key_new_remote(engine, sgl_key_get_spki(real->keys[i]),
			&later_ops, NULL, &key, NULL),
		    SGL_OK);
		assert_int_equal(sgl_keyring_add_key(later, key, NULL), SGL_OK);
		sgl_key_unref(key);
	}
}

static sgl_key *
real_key(const sgl_keyring *real, const sgl_key *asked)
{
	for (size_t i = 0; i < real->num_keys; i++)
		if (sgl_slice_eq(sgl_key_get_spki(real->keys[i]),
			sgl_key_get_spki(asked)))
			return real->keys[i];
	fail_msg("a key was asked that nobody offered");
	return NULL;
}

static sgl_status
answer(sgl_reader *r, const sgl_keyring *real, sgl_err *err)
{
	sgl_key *asked = NULL;
	const sgl_key_request *request = sgl_reader_request(r, &asked);
	sgl_key_answer a;

	assert_non_null(request);
	assert_int_equal(
	    sgl_key_ask(engine, real_key(real, asked), request, &a, err),
	    SGL_OK);
	return sgl_reader_answer(r, SGL_OK, &a, err);
}

/* Feeds a message to a reader whose keys answer later; every question is
 * answered when it comes. */
static sgl_status
read_later(sgl_reader *r, const sgl_keyring *real, sgl_slice in, size_t step,
    size_t *questions, sgl_err *err)
{
	const sgl_report *report;
	sgl_status status = SGL_OK;

	while (in.len > 0) {
		size_t taken = 0;

		status = sgl_reader_push(r,
		    sgl_slice_first(in, in.len < step ? in.len : step), &taken,
		    err);
		in = sgl_slice_from(in, taken);
		while (status == SGL_NEED_KEY) {
			(*questions)++;
			status = answer(r, real, err);
		}
		if (status != SGL_OK)
			return status;
	}
	status = sgl_reader_finish(r, &report, err);
	while (status == SGL_NEED_KEY) {
		(*questions)++;
		status = answer(r, real, err);
		if (status == SGL_OK)
			status = sgl_reader_finish(r, &report, err);
	}
	return status;
}

static void
check_later(const char *file, const char *keys, const char *content,
    size_t step, size_t min_questions)
{
	sgl_keyring real = {0}, later = {0};
	sgl_buf message = message_file(folder, file),
		want = message_file(folder, content),
		got = sgl_buf_init(MESSAGE_MAX);
	sgl_read_options options = {.peel = SGL_PEEL_ALL, .keys = &later};
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	size_t questions = 0;
	sgl_err err;

	load_later(keys, &real, &later);
	sgl_bufsink_init(&sink, &got);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, &err), SGL_OK);
	assert_int_equal(read_later(r, &real, sgl_buf_slice(&message), step,
			     &questions, &err),
	    SGL_OK);
	assert_true(sink.finished);
	assert_true(questions >= min_questions);
	assert_true(sgl_slice_eq(sgl_buf_slice(&want), sgl_buf_slice(&got)));
	sgl_reader_free(r);
	sgl_keyring_clear(&real);
	sgl_keyring_clear(&later);
	sgl_buf_clear(&message);
	sgl_buf_clear(&want);
	sgl_buf_clear(&got);
}

static void
test_keys_that_answer_later(void **state)
{
	static const struct {
		const char *file, *keys, *content;
	} rows[] = {
	    {"env-rsa-aes-256-cbc.eml", "rsa.pem", "content.txt"},
	    {"env-oaep-sha256.eml", "rsa.pem", "content.txt"},
	    {"env-p384-aes-128-cbc.eml", "p384.pem", "content.txt"},
	    {"auth-p256-aes-256-gcm.eml", "p256.pem", "content.txt"},
	    {"env-rsa-stream.eml", "rsa.pem", "long.txt"},
	    {"env-rsa-stream.der", "rsa.pem", "content.txt"},
	    {"nested-sign-encrypt.eml", "p256.pem", "content.txt"},
	    {"nested-triple.eml", "rsa.pem", "content.txt"},
	};
	static const size_t steps[] = {1, 100, 65536, MESSAGE_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
			check_later(rows[i].file, rows[i].keys, rows[i].content,
			    steps[k], 1);
}

/* Whoever was asked has no answer: that is the status, and nothing comes out.
 */
static void
test_a_key_that_fails(void **state)
{
	sgl_keyring real = {0}, later = {0};
	sgl_buf message = message_file(folder, "env-rsa-aes-256-cbc.eml"),
		got = sgl_buf_init(MESSAGE_MAX);
	sgl_read_options options = {.peel = SGL_PEEL_ALL, .keys = &later};
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	size_t taken;
	sgl_err err;

	(void)state;
	load_later("rsa.pem", &real, &later);
	sgl_bufsink_init(&sink, &got);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, &err), SGL_OK);
	assert_int_equal(
	    sgl_reader_push(r, sgl_buf_slice(&message), &taken, &err),
	    SGL_NEED_KEY);
	assert_int_equal(sgl_reader_answer(r, SGL_E_IO, NULL, &err), SGL_E_IO);
	assert_true(sink.aborted);
	assert_int_equal(got.len, 0);
	sgl_reader_free(r);
	sgl_keyring_clear(&real);
	sgl_keyring_clear(&later);
	sgl_buf_clear(&message);
	sgl_buf_clear(&got);
}

static sgl_status
read_text(sgl_slice in, const sgl_report **report, sgl_reader **r,
    sgl_bufsink *sink, sgl_err *err)
{
	static const sgl_read_options options = {.peel = SGL_PEEL_ALL};
	sgl_status status;
	size_t taken;

	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink->sink, r, err), SGL_OK);
	status = sgl_reader_push(*r, in, &taken, err);
	return status == SGL_OK ? sgl_reader_finish(*r, report, err) : status;
}

static void
test_no_messages(void **state)
{
	static const struct {
		const char *text;
		sgl_status want;
		bool plain;
	} rows[] = {
	    {"", SGL_E_ENCODING, false},
	    {"hello\n", SGL_E_ENCODING, false},
	    {"hello: world", SGL_E_ENCODING, false},
	    {"\0\0\0", SGL_E_ENCODING, false},
	    {"-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n",
		SGL_E_ENCODING, false},
	    {"Subject: x\n\nbody\n", SGL_OK, true},
	    {"From alice Mon Jan  1 00:00:00 2026\nSubject: x\n\nbody\n",
		SGL_OK, true},
	    {"Content-Type: multipart/signed; boundary=x; "
	     "protocol=\"application/pkcs7-signature\"\n\n",
		SGL_E_ENCODING, false},
	    {"Content-Type: multipart/signed; boundary=x; "
	     "protocol=\"application/pgp-signature\"\n\n--x\n\n\n--x--\n",
		SGL_OK, true},
	    {"Content-Type: application/pkcs7-mime\n"
	     "Content-Transfer-Encoding: base64\n\nMIIB\n",
		SGL_E_ENCODING, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sgl_buf got = sgl_buf_init(MESSAGE_MAX);
		const sgl_report *report = NULL;
		sgl_reader *r = NULL;
		sgl_bufsink sink;
		sgl_err err;

		sgl_bufsink_init(&sink, &got);
		assert_int_equal(read_text(sgl_slice_str(rows[i].text), &report,
				     &r, &sink, &err),
		    rows[i].want);
		if (rows[i].want == SGL_OK) {
			assert_int_equal(
			    sgl_report_is_plain(report), rows[i].plain);
			assert_true(sgl_slice_eq(
			    sgl_buf_slice(&got), sgl_slice_str(rows[i].text)));
		}
		sgl_reader_free(r);
		sgl_buf_clear(&got);
	}
}

/* What is left to others is told in words that help. */
static void
test_explained(void **state)
{
	static const struct {
		const char *hex, *text;
	} rows[] = {
	    {"3014060b2a864886f70d0109100109a0053003020100",
		"compressed data (RFC 3274) is not read: ask the sender to "
		"send it without"},
	    /* SpcIndirectDataContent, of a signed program. */
	    {"302806092a864886f70d010702a01b301902010131003010060a2b06"
	     "0104018237020104a00230003100",
		"what is signed is no string of octets, as in signed programs "
		"and catalogues of Microsoft: it is no mail"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sgl_buf got = sgl_buf_init(MESSAGE_MAX);
		const sgl_report *report = NULL;
		sgl_reader *r = NULL;
		sgl_bufsink sink;
		sgl_err err;

		sgl_bufsink_init(&sink, &got);
		assert_int_equal(
		    read_text(unhex(rows[i].hex), &report, &r, &sink, &err),
		    SGL_E_UNSUPPORTED);
		assert_string_equal(err.text, rows[i].text);
		sgl_reader_free(r);
		sgl_buf_clear(&got);
	}
}

/* A signature around what we do not read can be right: that is content. */
static void
test_compressed_inside(void **state)
{
	static const char inner[] = "Content-Type: application/pkcs7-mime; "
				    "smime-type=compressed-data\r\n\r\nx",
			  message[] =
			      "Content-Type: multipart/signed; boundary=b; "
			      "protocol=\"application/pkcs7-signature\"\r\n\r\n"
			      "--b\r\n"
			      "Content-Type: application/pkcs7-mime; "
			      "smime-type=compressed-data\r\n\r\nx\r\n--b\r\n";
	sgl_buf got = sgl_buf_init(MESSAGE_MAX);
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err;

	(void)state;
	sgl_bufsink_init(&sink, &got);
	/* Only the signature is missing. */
	assert_int_equal(
	    read_text(sgl_slice_str(message), &report, &r, &sink, &err),
	    SGL_E_ENCODING);
	assert_true(sgl_slice_eq(sgl_buf_slice(&got), sgl_slice_str(inner)));
	sgl_reader_free(r);
	sgl_buf_clear(&got);
}

/* Signed in signed in signed...: the limit holds before memory does. */
static void
test_too_many_layers(void **state)
{
	sgl_buf text = sgl_buf_init(MESSAGE_MAX),
		got = sgl_buf_init(MESSAGE_MAX);
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err;

	(void)state;
	for (int i = 0; i < 40; i++)
		assert_int_equal(
		    sgl_buf_printf(&text, NULL,
			"Content-Type: multipart/signed; boundary=b%d; "
			"protocol=\"application/pkcs7-signature\"\r\n\r\n"
			"--b%d\r\n",
			i, i),
		    SGL_OK);
	sgl_bufsink_init(&sink, &got);
	assert_int_equal(
	    read_text(sgl_buf_slice(&text), &report, &r, &sink, &err),
	    SGL_E_LIMIT);
	sgl_reader_free(r);
	sgl_buf_clear(&text);
	sgl_buf_clear(&got);
}

/* A wrong micalg on content too long to keep: the report asks for another
 * look, and that look succeeds. */
static void
test_wrong_micalg(void **state)
{
	sgl_buf file = message_file(folder, "clear-rsa-sha256.eml"),
		got = sgl_buf_init(MESSAGE_MAX);
	char *micalg = strstr((char *)file.data, "micalg=\"sha-256\"");
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err;

	(void)state;
	assert_non_null(micalg);
	memcpy(micalg, "micalg=\"sha-512\"", 16);
	sgl_bufsink_init(&sink, &got);
	assert_int_equal(
	    read_text(sgl_buf_slice(&file), &report, &r, &sink, &err), SGL_OK);
	/* Short: it was kept, and hashed again. */
	assert_int_equal(sgl_report_wants_again(report), 0);
	assert_true(report->layers[0].has_wrong_micalg);
	assert_true(report->layers[0].cms->signers[0].has_content_digest);
	sgl_reader_free(r);
	sgl_buf_clear(&file);
	sgl_buf_clear(&got);
}

/* The same with content over what may be kept. */
static void
test_wrong_micalg_on_long_content(void **state)
{
	const sgl_limits limits = {.element = 100000};
	const sgl_engine_config config = {.limits = &limits};
	sgl_buf file = message_file(folder, "clear-long.eml"),
		got = sgl_buf_init(MESSAGE_MAX);
	char *micalg = strstr((char *)file.data, "micalg=\"sha-256\"");
	sgl_read_options options = {.peel = SGL_PEEL_ALL};
	sgl_engine *small = NULL;
	unsigned again = 0;

	(void)state;
	memcpy(micalg, "micalg=\"sha-512\"", 16);
	assert_int_equal(sgl_engine_new(&config, &small, NULL), SGL_OK);
	for (int round = 0; round < 2; round++) {
		const sgl_report *report = NULL;
		sgl_reader *r = NULL;
		sgl_bufsink sink;
		size_t taken;

		sgl_bufsink_init(&sink, &got);
		options.digests = again;
		assert_int_equal(
		    sgl_reader_new(small, &options, &sink.sink, &r, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_reader_push(r, sgl_buf_slice(&file), &taken, NULL),
		    SGL_OK);
		assert_int_equal(sgl_reader_finish(r, &report, NULL), SGL_OK);
		again = sgl_report_wants_again(report);
		assert_int_equal(sink.finished, round == 1);
		assert_int_equal(again != 0, round == 0);
		sgl_reader_free(r);
	}
	sgl_engine_free(small);
	sgl_buf_clear(&file);
	sgl_buf_clear(&got);
}

static int
set_up(void **state)
{
	const char *source = getenv("SIGILL_SOURCE");

	(void)state;
	(void)snprintf(folder, sizeof folder,
	    "%s/tests/vectors/made-by-openssl", source == NULL ? "." : source);
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
	    cmocka_unit_test(test_keys_that_answer_later),
	    cmocka_unit_test(test_a_key_that_fails),
	    cmocka_unit_test(test_no_messages),
	    cmocka_unit_test(test_explained),
	    cmocka_unit_test(test_compressed_inside),
	    cmocka_unit_test(test_too_many_layers),
	    cmocka_unit_test(test_wrong_micalg),
	    cmocka_unit_test(test_wrong_micalg_on_long_content),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
