/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every point of making a message. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sigill/smime.h"
#include "support/fault.h"
#include "support/people.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_OUT ((size_t)1 << 20)
#define SECRET "--The key is under the third stone from the left."
#define MESSAGE                                                                \
	"From: alice@example.org\nSubject: \xc3\xa5\nContent-Type: "           \
	"multipart/mixed; "                                                    \
	"boundary=b\n\n--b\nContent-Type: text/plain\n\n\xc3\xa5\n" SECRET     \
	"\n" SECRET "\n--b--\n"

typedef struct job {
	sgl_engine *engine;
	sgl_tester alice;
	sgl_key *late;
	sgl_certs to;
	sgl_protect_options options;
	size_t step; /* that a message is fed in */
} job;

static sgl_status
answer_all(job *j, sgl_writer *w, sgl_err *err)
{
	sgl_status status = SGL_NEED_KEY;

	while (status == SGL_NEED_KEY) {
		sgl_key *key;
		const sgl_key_request *request = sgl_writer_request(w, &key);
		sgl_key_answer answer;

		TRY(sgl_key_ask(
		    j->engine, j->alice.key, request, &answer, err));
		status = sgl_writer_answer(w, SGL_OK, &answer, err);
	}
	return status;
}

static sgl_status
push(const job *j, sgl_writer *w, sgl_err *err)
{
	sgl_slice in = SGL_LIT(MESSAGE);
	size_t taken;

	while (in.len > 0) {
		size_t n = in.len < j->step ? in.len : j->step;

		TRY(sgl_writer_push(w, sgl_slice_first(in, n), &taken, err));
		in = sgl_slice_from(in, taken);
	}
	return SGL_OK;
}

static sgl_status
feed(job *j, sgl_writer *w, sgl_err *err)
{
	sgl_status status;

	if (sgl_writer_needs_survey(w)) {
		TRY(push(j, w, err));
		TRY(sgl_writer_survey_done(w, err));
	}
	TRY(push(j, w, err));
	status = sgl_writer_finish(w, err);
	return status == SGL_NEED_KEY ? answer_all(j, w, err) : status;
}

static sgl_status
protect(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	job *j = ctx;
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	sgl_status status;

	sgl_bufsink_init(&sink, &out);
	TRY(sgl_writer_new(j->engine, &j->options, &sink.sink, &w, err));
	status = feed(j, w, err);
	sgl_writer_free(w);
	assert_int_equal(sink.finished, status == SGL_OK);
	assert_int_equal(sink.aborted, status != SGL_OK);
	return status;
}

static job the_job = {.step = MAX_OUT};

static void
survives_without_memory(void **state)
{
	static const sgl_protect whats[] = {SGL_PROTECT_SIGN,
	    SGL_PROTECT_ENCRYPT, SGL_PROTECT_SIGN_ENCRYPT, SGL_PROTECT_TRIPLE};
	job *j = &the_job;

	(void)state;
	for (size_t i = 0; i < 8 * COUNT(whats); i++) {
		sgl_sign_with signer = {.cert = j->alice.cert,
		    .key = (i & 1) == 0 ? j->alice.key : j->late};
		sgl_err err;

		j->options = (sgl_protect_options){.what = whats[i / 8],
		    .protect_headers = (i & 4) != 0,
		    .opaque = (i & 2) != 0,
		    .signers = &signer,
		    .num_signers = 1,
		    .recipients = &j->to,
		    .encryption_cert = j->alice.cert};
		/* Warm: what the engine keeps is no leak. */
		assert_int_equal(protect(j, &err), SGL_OK);
		assert_true(sgl_fault_each(protect, j) > 10);
	}
}

/* What was encrypted is nowhere in memory that was given back. */
static void
nothing_is_left(void **state)
{
	static const sgl_protect whats[] = {
	    SGL_PROTECT_ENCRYPT, SGL_PROTECT_SIGN_ENCRYPT, SGL_PROTECT_TRIPLE};
	job *j = &the_job;
	sgl_sign_with signer = {.cert = j->alice.cert, .key = j->alice.key};
	sgl_err err;

	(void)state;
	sgl_fault_watch(SGL_LIT(SECRET));
	for (size_t i = 0; i < COUNT(whats); i++)
		for (j->step = 1; j->step <= MAX_OUT; j->step *= 32) {
			j->options = (sgl_protect_options){.what = whats[i],
			    .signers = &signer,
			    .num_signers = 1,
			    .recipients = &j->to,
			    .encryption_cert = j->alice.cert};
			assert_int_equal(protect(j, &err), SGL_OK);
			if (sgl_fault_left() > 0)
				fail_msg("kind %d, step %zu: left in %zu",
				    (int)whats[i], j->step, sgl_fault_left());
		}
	sgl_fault_watch((sgl_slice){0});
}

static int
start(void **state)
{
	job *j = &the_job;

	(void)state;
	if (sgl_engine_new(NULL, &j->engine, NULL) != SGL_OK)
		return -1;
	sgl_tester_make(
	    j->engine, SGL_KEY_RSA, "alice", 1, SGL_KU_ALL, &j->alice);
	j->late = sgl_key_new_late(j->engine, j->alice.key);
	return sgl_certs_add(&j->to, j->alice.cert, NULL) == SGL_OK ? 0 : -1;
}

static int
stop(void **state)
{
	job *j = &the_job;

	(void)state;
	sgl_certs_clear(&j->to);
	sgl_key_unref(j->late);
	sgl_tester_clear(&j->alice);
	sgl_engine_free(j->engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_without_memory),
	    cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
