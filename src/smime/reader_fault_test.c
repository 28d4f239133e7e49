/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every point of reading and judging a message: never another
 * verdict than with memory, and nothing that was finished after a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/fault.h"
#include "support/message.h"
#include "support/people.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Inside the validity of the vectors' certificates. */
#define JUDGED_AT 1893456000

static const struct row {
	const char *file, *keys, *password;
	/* Put in the place of the first text, if given. */
	const char *from, *to;
} rows[] = {
    {"clear-rsa-sha256.eml", NULL, NULL, NULL, NULL},
    {"clear-p384-sha384.eml", NULL, NULL, "micalg=\"sha-384\"",
	"micalg=\"sha-512\""},
    {"clear-pss-sha256.eml", NULL, NULL, NULL, NULL},
    {"clear-rsa-ski.eml", NULL, NULL, NULL, NULL},
    {"opaque-p256-sha256.eml", NULL, NULL, NULL, NULL},
    {"opaque-rsa-sha512.eml", NULL, NULL, "application/pkcs7-mime",
	"application/octet-stream"},
    {"opaque-rsa-noattr.eml", NULL, NULL, NULL, NULL},
    {"opaque-two-signers.eml", NULL, NULL, NULL, NULL},
    {"opaque-nocerts.eml", NULL, NULL, NULL, NULL},
    {"mismatch-clear.eml", NULL, NULL, NULL, NULL},
    {"tampered-clear.eml", NULL, NULL, NULL, NULL},
    {"certs-only.p7c", NULL, NULL, NULL, NULL},
    {"env-rsa-aes-256-cbc.eml", "rsa.pem", NULL, NULL, NULL},
    {"env-rsa-aes-256-cbc.eml", NULL, NULL, NULL, NULL},
    {"env-rsa-ski.eml", "rsa.pem", NULL, NULL, NULL},
    {"env-rsa-ski.eml", "p256.pem", NULL, NULL, NULL},
    {"env-oaep-sha256.eml", "rsa.pem", NULL, NULL, NULL},
    {"env-rsa.pem7", "rsa.pem", NULL, NULL, NULL},
    {"env-p256-aes-128-cbc.eml", "p256.pem", NULL, NULL, NULL},
    {"env-many.der", "p384.pem", NULL, NULL, NULL},
    {"auth-rsa-aes-128-gcm.eml", "rsa.pem", NULL, NULL, NULL},
    {"auth-p256-aes-256-gcm.eml", "p256.pem", NULL, NULL, NULL},
    {"env-password.der", NULL, "correct horse", NULL, NULL},
    {"nested-sign-encrypt.eml", "p256.pem", NULL, NULL, NULL},
    {"nested-triple.eml", "rsa.pem", NULL, NULL, NULL},
};

typedef struct job {
	sgl_buf file;
	bool keep_headers;
	sgl_keyring now, later; /* the keys, and those that answer later */
	bool is_late;
	size_t step; /* that it is fed in */
	sgl_slice password;
	bool has_outcome; /* with all the memory wanted: */
	/* content is wiped: a block of the next job may be this one again. */
	sgl_buf content, json;
} job;

static sgl_engine *engine;
static char folder[512];
static sgl_certs anchors;

static sgl_key *
key_now(const job *j, const sgl_key *asked)
{
	for (size_t i = 0; i < j->now.num_keys; i++)
		if (sgl_slice_eq(sgl_key_get_spki(j->now.keys[i]),
			sgl_key_get_spki(asked)))
			return j->now.keys[i];
	return NULL;
}

static sgl_status
answer_all(job *j, sgl_reader *r, sgl_status status, sgl_err *err)
{
	while (status == SGL_NEED_KEY) {
		sgl_key *key = NULL;
		const sgl_key_request *request = sgl_reader_request(r, &key);
		sgl_key_answer answer;

		TRY(sgl_key_ask(
		    engine, key_now(j, key), request, &answer, err));
		status = sgl_reader_answer(r, SGL_OK, &answer, err);
	}
	return status;
}

static sgl_status
feed(job *j, sgl_reader *r, const sgl_report **report, sgl_err *err)
{
	sgl_slice in = sgl_buf_slice(&j->file);
	sgl_status status;

	while (in.len > 0) {
		size_t taken, n = in.len < j->step ? in.len : j->step;

		status =
		    sgl_reader_push(r, sgl_slice_first(in, n), &taken, err);
		TRY(answer_all(j, r, status, err));
		in = sgl_slice_from(in, taken);
	}
	status = sgl_reader_finish(r, report, err);
	if (status != SGL_NEED_KEY)
		return status;
	TRY(answer_all(j, r, status, err));
	return sgl_reader_finish(r, report, err);
}

static sgl_status
judge(const sgl_report *report, sgl_bytes *json, sgl_err *err)
{
	sgl_judge_options options = {.anchors = &anchors, .time = JUDGED_AT};
	SGL_AUTO(sgl_verdict)
	v = NULL;

	TRY(sgl_judge(engine, report, &options, &v, err));
	return sgl_verdict_json(v, json, err);
}

/* The first time all is noted; later all is the same, or not OK. */
static void
compare(job *j, sgl_slice content, const sgl_bytes *json)
{
	sgl_slice text = sgl_slice_of(json->data, json->len);

	if (!j->has_outcome) {
		assert_int_equal(
		    sgl_buf_add(&j->content, content, NULL), SGL_OK);
		assert_int_equal(sgl_buf_add(&j->json, text, NULL), SGL_OK);
		j->has_outcome = true;
	}
	assert_true(sgl_slice_eq(sgl_buf_slice(&j->content), content));
	if (!sgl_slice_eq(sgl_buf_slice(&j->json), text))
		fail_msg("allocation %zu: another verdict: %.*s",
		    sgl_fault_count(), (int)text.len, (const char *)text.data);
}

static sgl_status
read_message(void *ctx, sgl_err *err)
{
	job *j = ctx;
	sgl_read_options options = {.peel = SGL_PEEL_ALL,
	    .keys = j->is_late ? &j->later : &j->now,
	    .password = j->password,
	    .keep_headers = j->keep_headers};
	SGL_AUTO_CLEAR(sgl_buf)
	content = {.max = MESSAGE_MAX, .secret = true};
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bytes json = {0};
	sgl_bufsink sink;
	sgl_status status;

	sgl_bufsink_init(&sink, &content);
	TRY(sgl_reader_new(engine, &options, &sink.sink, &r, err));
	status = feed(j, r, &report, err);
	assert_true(status == SGL_OK || !sink.finished);
	if (status == SGL_OK)
		status = judge(report, &json, err);
	if (status == SGL_OK)
		compare(j, sgl_buf_slice(&content), &json);
	sgl_reader_free(r);
	assert_true(sink.finished != sink.aborted);
	sgl_bytes_free(&json);
	sgl_engine_forget(engine);
	return status;
}

static void
replace(sgl_buf *file, const char *from, const char *to)
{
	sgl_buf out = sgl_buf_init(MESSAGE_MAX);
	const char *at = strstr((const char *)file->data, from);
	size_t n;

	assert_non_null(at);
	n = (size_t)(at - (const char *)file->data);
	assert_int_equal(
	    sgl_buf_add(&out, sgl_slice_of(file->data, n), NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&out, to, NULL), SGL_OK);
	n += strlen(from);
	assert_int_equal(
	    sgl_buf_add(&out, sgl_slice_from(sgl_buf_slice(file), n), NULL),
	    SGL_OK);
	sgl_buf_clear(file);
	*file = out;
}

static void
add_late_keys(job *j)
{
	for (size_t i = 0; i < j->now.certs.num; i++)
		assert_int_equal(sgl_keyring_add_cert(
				     &j->later, j->now.certs.items[i], NULL),
		    SGL_OK);
	for (size_t i = 0; i < j->now.num_keys; i++) {
		sgl_key *late = sgl_key_new_late(engine, j->now.keys[i]);

		assert_int_equal(
		    sgl_keyring_add_key(&j->later, late, NULL), SGL_OK);
		sgl_key_unref(late);
	}
}

static void
check_row(const struct row *row, bool is_late)
{
	job j = {.file = message_file(folder, row->file),
	    .is_late = is_late,
	    .step = 1000,
	    .content = {.max = MESSAGE_MAX, .secret = true},
	    .json = sgl_buf_init(MESSAGE_MAX)};
	sgl_err err;

	if (row->from != NULL)
		replace(&j.file, row->from, row->to);
	if (row->keys != NULL)
		message_load(engine, folder, row->keys, NULL, &j.now);
	if (row->password != NULL)
		j.password = sgl_slice_str(row->password);
	add_late_keys(&j);
	print_message("%s%s\n", row->file, is_late ? ", key later" : "");
	/* Warm: what the engine fetches once and keeps is no leak. */
	assert_int_equal(read_message(&j, &err), SGL_OK);
	assert_true(sgl_fault_each(read_message, &j) > 10);
	sgl_buf_clear(&j.file);
	sgl_buf_clear(&j.content);
	sgl_buf_clear(&j.json);
	sgl_keyring_clear(&j.now);
	sgl_keyring_clear(&j.later);
}

/* An encrypted message with protected header fields, made as we make it. */
static void
make_protected(const sgl_tester *to, sgl_buf *out)
{
	static const char message[] =
	    "From: alice@example.org\r\nSubject: \xc3\xa5\r\nKeywords: a\r\n"
	    "Sender: bob@example.org\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\nHi\r\n";
	sgl_certs certs = {&(sgl_cert *){to->cert}, 1};
	sgl_sign_with signer = {.cert = to->cert, .key = to->key};
	sgl_protect_options options = {.what = SGL_PROTECT_SIGN_ENCRYPT,
	    .protect_headers = true,
	    .signers = &signer,
	    .num_signers = 1,
	    .recipients = &certs};
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	size_t taken;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_writer_new(engine, &options, &sink.sink, &w, NULL), SGL_OK);
	assert_int_equal(
	    sgl_writer_push(w, SGL_LIT(message), &taken, NULL), SGL_OK);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	sgl_writer_free(w);
	/* Another From and Subject outside. */
	memcpy(strstr((char *)out->data, "alice@"), "ALIEN", 5);
	memcpy(strstr((char *)out->data, "[...]"), "Other", 5);
}

static void
survives_with_protected_fields(void **state)
{
	job j = {.file = sgl_buf_init(MESSAGE_MAX),
	    .keep_headers = true,
	    .step = 1000,
	    .content = {.max = MESSAGE_MAX, .secret = true},
	    .json = sgl_buf_init(MESSAGE_MAX)};
	sgl_tester bob;
	sgl_err err;

	(void)state;
	sgl_tester_make(engine, SGL_KEY_P256, "bob", 1, SGL_KU_ALL, &bob);
	make_protected(&bob, &j.file);
	assert_int_equal(sgl_keyring_add_cert(&j.now, bob.cert, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_key(&j.now, bob.key, NULL), SGL_OK);
	assert_int_equal(read_message(&j, &err), SGL_OK);
	assert_non_null(memmem(j.json.data, j.json.len, "from-unproven", 13));
	assert_true(sgl_fault_each(read_message, &j) > 40);
	sgl_buf_clear(&j.file);
	sgl_buf_clear(&j.content);
	sgl_buf_clear(&j.json);
	sgl_keyring_clear(&j.now);
	sgl_tester_clear(&bob);
}

static void
survives_without_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(&rows[i], false);
		if (rows[i].keys != NULL)
			check_row(&rows[i], true);
	}
}

static void
check_memory(const struct row *row)
{
	job j = {.file = message_file(folder, row->file),
	    .content = {.max = MESSAGE_MAX, .secret = true},
	    .json = sgl_buf_init(MESSAGE_MAX)};
	sgl_err err;

	if (row->keys != NULL)
		message_load(engine, folder, row->keys, NULL, &j.now);
	if (row->password != NULL)
		j.password = sgl_slice_str(row->password);
	for (j.step = 1; j.step <= 1000; j.step *= 10) {
		assert_int_equal(read_message(&j, &err), SGL_OK);
		sgl_fault_watch(sgl_buf_slice(&j.content));
		assert_int_equal(read_message(&j, &err), SGL_OK);
		if (sgl_fault_left() > 0)
			fail_msg("%s: left in %zu blocks", row->file,
			    sgl_fault_left());
		sgl_fault_watch((sgl_slice){0});
	}
	sgl_buf_clear(&j.file);
	sgl_buf_clear(&j.content);
	sgl_buf_clear(&j.json);
	sgl_keyring_clear(&j.now);
}

/* What was encrypted is nowhere in memory that was given back. */
static void
nothing_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].keys != NULL || rows[i].password != NULL)
			check_memory(&rows[i]);
}

static int
start(void **state)
{
	const char *source = getenv("SIGILL_SOURCE");
	sgl_keyring ring = {0};

	(void)state;
	(void)snprintf(folder, sizeof folder,
	    "%s/tests/vectors/made-by-openssl", source == NULL ? "." : source);
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	message_load(engine, folder, "ca.pem", NULL, &ring);
	if (sgl_certs_add(&anchors, ring.certs.items[0], NULL) != SGL_OK)
		return -1;
	sgl_keyring_clear(&ring);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sgl_certs_clear(&anchors);
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_without_memory),
	    cmocka_unit_test(survives_with_protected_fields),
	    cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
