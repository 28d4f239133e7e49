/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and rewriting with each allocation failing in turn. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime/legacy.h"
#include "mime/words.h"
#include "mime/write.h"
#include "support/fault.h"
#include "support/feed.h"

#define AA "\xc3\xa5"

static const char message[] =
    "From: Alice <alice@example.org>, bob@example.org\n"
    "Content-Type: multipart/mixed; boundary*0=b; x*=a'b'%41; y=\"z\"\n"
    "Content-Transfer-Encoding: 8bit\n"
    "\n"
    "--b\n"
    "Content-Type: text/plain\n"
    "\n" AA "\n"
    "--b\n"
    "Content-Type: message/rfc822\n"
    "\n"
    "Content-Type: multipart/digest; boundary=c\n"
    "\n"
    "--c\n"
    "\n"
    "Content-Type: text/plain\n"
    "Content-Transfer-Encoding: base64\n"
    "\n"
    "SGkg " AA "\n"
    "--b\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
    "a=\n \n"
    "--b--\n";

static const char texts[] = "Content-Type: multipart/alternative; boundary=b\n"
			    "\n"
			    "--b\n"
			    "Content-Type: text/plain; charset=us-ascii\n"
			    "\n"
			    "Hi\n"
			    "--b\n"
			    "Content-Type: text/html\n"
			    "Content-Transfer-Encoding: base64\n"
			    "\n"
			    "PGJvZHk+PHA+\n"
			    "--b--\n";

static sgl_status
nothing_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	(void)s;
	(void)in;
	(void)err;
	return SGL_OK;
}

static sgl_status
nothing_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
nothing_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops nothing = {
    nothing_write, nothing_finish, nothing_abort};

/* A reader: header stage, splitter, decoder. */
typedef struct reader {
	sgl_splitter *splitter;
	sgl_decode_stage *decode;
	sgl_sink end;
} reader;

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **part, sgl_err *err)
{
	reader *r = ctx;

	(void)offset;
	if (index > 0)
		return SGL_OK;
	TRY(sgl_decode_stage_new(
	    SGL_CTE_QUOTED_PRINTABLE, &r->end, &r->decode, err));
	*part = sgl_decode_stage_sink(r->decode);
	return SGL_OK;
}

static const sgl_splitter_handler splitter_handler = {on_part};

static sgl_status
on_headers(
    void *ctx, sgl_headers *h, uint64_t offset, sgl_sink **body, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};
	reader *r = ctx;

	(void)offset;
	TRY(sgl_headers_content_type(h, &t, err));
	TRY(sgl_mailboxes_read(h->fields[0].value, &m, err));
	TRY(sgl_splitter_new(sgl_mime_type_param(&t, "boundary"), true,
	    &splitter_handler, r, &r->splitter, err));
	*body = sgl_splitter_sink(r->splitter);
	return SGL_OK;
}

static const sgl_header_handler header_handler = {on_headers};

static sgl_status
read_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_header_stage)
	s = NULL;
	reader r = {.end.ops = &nothing};
	sgl_status status;

	status = sgl_header_stage_new(1 << 20, &header_handler, &r, &s, err);
	if (status == SGL_OK)
		status = sgl_feed(sgl_header_stage_sink(s),
		    sgl_slice_str(message), *(size_t *)ctx, err);
	sgl_splitter_free(r.splitter);
	sgl_decode_stage_free(r.decode);
	return status;
}

static sgl_status
rewrite_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_survey)
	s = NULL;
	SGL_AUTO(sgl_rewrite_stage)
	r = NULL;
	sgl_sink end = {.ops = &nothing};
	size_t step = *(size_t *)ctx;

	TRY(sgl_survey_new(NULL, &s, err));
	TRY(sgl_feed(sgl_survey_sink(s), sgl_slice_str(message), step, err));
	TRY(sgl_rewrite_stage_new(s, NULL, &end, &r, err));
	TRY(sgl_feed(
	    sgl_rewrite_stage_sink(r), sgl_slice_str(message), step, err));
	assert_true(end.ended);
	return SGL_OK;
}

static sgl_status
legacy_job(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_legacy_stage)
	remove = NULL;
	SGL_AUTO(sgl_legacy_stage)
	add = NULL;
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 20);
	sgl_sink end = {.ops = &nothing};
	size_t step = *(size_t *)ctx;

	TRY(sgl_words_read(
	    SGL_LIT("=?iso-8859-1?q?H=E4?= =?utf-8?b?YQ==?="), &out, err));
	TRY(sgl_buf_add_str(&out, ": b\r\n", err));
	TRY(sgl_legacy_stage_new(NULL, &end, &remove, err));
	TRY(sgl_legacy_stage_new(
	    NULL, sgl_legacy_stage_sink(remove), &add, err));
	TRY(sgl_legacy_stage_add(add, sgl_buf_slice(&out), err));
	TRY(sgl_feed(
	    sgl_legacy_stage_sink(add), sgl_slice_str(texts), step, err));
	assert_true(end.ended);
	return SGL_OK;
}

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		size_t step = sgl_feed_steps[i];

		assert_true(sgl_fault_each(read_job, &step) > 20);
		assert_true(sgl_fault_each(rewrite_job, &step) > 50);
		assert_true(sgl_fault_each(legacy_job, &step) > 50);
	}
}

/* Text that was encrypted, and a name of a file that was. */
static void
test_nothing_is_left(void **state)
{
	static const char kept[] = "--a line that looks like a delimiter";
	static const char name[] = "merger with Example.txt";
	static const char type[] = "a/b; name=\"merger with Example.txt\"";
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	sgl_splitter *s = NULL;

	(void)state;
	sgl_fault_watch(sgl_slice_of(kept, sizeof kept - 1));
	assert_int_equal(
	    sgl_splitter_new("b", true, &splitter_handler, NULL, &s, NULL),
	    SGL_OK);
	assert_int_equal(sgl_sink_write(sgl_splitter_sink(s),
			     sgl_slice_of(kept, sizeof kept - 1), NULL),
	    SGL_OK);
	sgl_sink_abort(sgl_splitter_sink(s));
	sgl_splitter_free(s);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch(sgl_slice_str(name));
	assert_int_equal(
	    sgl_mime_type_read(sgl_slice_str(type), &t, NULL), SGL_OK);
	sgl_mime_type_clear(&t);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){0});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
