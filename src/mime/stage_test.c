/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "base/limits.h"
#include "mime/stage.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A sink that collects, for any stage to write into. */
typedef struct collector {
	sgl_bufsink sink;
	sgl_buf buf;
} collector;

static void
collector_init(collector *c)
{
	c->buf = sgl_buf_init(1 << 22);
	sgl_bufsink_init(&c->sink, &c->buf);
}

static void
collector_check(collector *c, const char *name, sgl_slice want)
{
	if (!sgl_slice_eq(sgl_buf_slice(&c->buf), want))
		fail_msg("%s: got [%.*s], not [%.*s]", name, (int)c->buf.len,
		    (char *)c->buf.data, (int)want.len,
		    (const char *)want.data);
	assert_true(c->sink.finished);
	assert_false(c->sink.aborted);
	sgl_buf_clear(&c->buf);
}

/* The header stage */

typedef struct heard {
	collector body;
	bool drop;
	size_t calls, num_fields;
	uint64_t offset;
	sgl_status answer;
} heard;

static sgl_status
on_headers(void *ctx, sgl_headers *headers, uint64_t offset, sgl_sink **body,
    sgl_err *err)
{
	heard *h = ctx;

	h->calls++;
	h->num_fields = headers->num_fields;
	h->offset = offset;
	if (!h->drop)
		*body = &h->body.sink.sink;
	return h->answer == SGL_OK
	    ? SGL_OK
	    : sgl_fail(err, h->answer, "test", 0, "refused");
}

static const sgl_header_handler handler = {on_headers};

static const struct {
	const char *name, *in;
	size_t num_fields;
	uint64_t offset;
	const char *body;
} messages[] = {
    {"usual", "A: 1\r\nB: 2\r\n\r\nbody\r\n", 2, 14, "body\r\n"},
    {"LF", "A: 1\nB: 2\n\nbody\n", 2, 11, "body\n"},
    {"no body", "A: 1\r\n\r\n", 1, 8, ""},
    {"headers only", "A: 1\r\n", 1, 6, ""},
    {"no line end", "A: 1", 1, 4, ""},
    {"nothing", "", 0, 0, ""},
    {"no headers", "\r\nbody", 0, 2, "body"},
    {"blank lines in the body", "A: 1\n\n\n\nx", 1, 6, "\n\nx"},
    {"CR is no blank line", "A: 1\n\r\r\nB: 2\n\nx", 3, 14, "x"},
    {"a line of blanks", "A: 1\n \nB: 2\n\nx", 2, 13, "x"},
    {"mbox", "From x y\nA: 1\n\nx", 1, 15, "x"},
};

static void
test_header_stage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages) * SGL_FEED_STEPS; i++) {
		size_t m = i / SGL_FEED_STEPS;
		size_t step = sgl_feed_steps[i % SGL_FEED_STEPS];
		SGL_AUTO(sgl_header_stage)
		s = NULL;
		heard h = {0};

		collector_init(&h.body);
		assert_int_equal(
		    sgl_header_stage_new(4096, &handler, &h, &s, NULL), SGL_OK);
		assert_int_equal(sgl_feed(sgl_header_stage_sink(s),
				     sgl_slice_str(messages[m].in), step, NULL),
		    SGL_OK);
		assert_int_equal(h.calls, 1);
		assert_int_equal(h.num_fields, messages[m].num_fields);
		assert_int_equal(h.offset, messages[m].offset);
		collector_check(
		    &h.body, messages[m].name, sgl_slice_str(messages[m].body));
	}
}

static void
test_header_stage_refusals(void **state)
{
	SGL_AUTO(sgl_header_stage)
	dropping = NULL;
	heard h = {.drop = true};

	(void)state;
	assert_int_equal(
	    sgl_header_stage_new(4096, &handler, &h, &dropping, NULL), SGL_OK);
	assert_int_equal(sgl_feed(sgl_header_stage_sink(dropping),
			     SGL_LIT("A: 1\n\nx"), 0, NULL),
	    SGL_OK);
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		SGL_AUTO(sgl_header_stage)
		over = NULL;
		SGL_AUTO(sgl_header_stage)
		refusing = NULL;
		heard r = {.answer = SGL_E_IO};
		sgl_err err;

		collector_init(&r.body);
		assert_int_equal(
		    sgl_header_stage_new(10, &handler, &r, &over, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_header_stage_sink(over),
			SGL_LIT("Aaaaaa: 1234\n\nx"), sgl_feed_steps[i], &err),
		    SGL_E_LIMIT);
		assert_int_equal(err.offset, 0);
		assert_int_equal(r.calls, 0);
		assert_int_equal(
		    sgl_header_stage_new(100, &handler, &r, &refusing, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_header_stage_sink(refusing),
			SGL_LIT("Aaaaaa: 1234"), sgl_feed_steps[i], &err),
		    SGL_E_IO);
		assert_true(r.body.sink.aborted);
	}
}

/* The decoding stage */

static const struct {
	const char *name;
	sgl_cte cte;
	const char *in, *want;
	bool dirty;
} codings[] = {
    {"7bit", SGL_CTE_7BIT, "a=20\n b", "a=20\n b", false},
    {"8bit", SGL_CTE_8BIT, "\xc3\xa5", "\xc3\xa5", false},
    {"binary", SGL_CTE_BINARY, "\r\n\xff", "\r\n\xff", false},
    {"unknown", SGL_CTE_UNKNOWN, "=41", "=41", false},
    {"base64", SGL_CTE_BASE64, "SGkg\r\ndGhlcmU=\r\n", "Hi there", false},
    {"base64, strangers", SGL_CTE_BASE64, "SG!kg\ndGhlcmU=", "Hi there", true},
    {"base64, no pad", SGL_CTE_BASE64, "SGkgdGhlcmU", "Hi there", true},
    {"base64, nothing", SGL_CTE_BASE64, "", "", false},
    {"qp", SGL_CTE_QUOTED_PRINTABLE, "a=3Db=C3=a5", "a=b\xc3\xa5", false},
    {"qp, line ends", SGL_CTE_QUOTED_PRINTABLE, "a\r\nb\n\n=0Ac",
	"a\r\nb\r\n\r\n\nc", false},
    {"qp, soft breaks", SGL_CTE_QUOTED_PRINTABLE,
	"a=\r\nb=\nc= \t\r\nd=", "abcd", false},
    {"qp, blanks at line ends", SGL_CTE_QUOTED_PRINTABLE,
	"a \t\r\nb =20 \nc d \n \n  ", "a\r\nb  \r\nc d\r\n\r\n", false},
    {"qp, a blank line", SGL_CTE_QUOTED_PRINTABLE, "\r\n\r\n", "\r\n\r\n",
	false},
    {"qp, bad escapes", SGL_CTE_QUOTED_PRINTABLE, "a=b=4g==41=\r=x= y",
	"a=b=4g=A=\r=x= y", true},
    {"qp, cut escape", SGL_CTE_QUOTED_PRINTABLE, "a=4", "a=4", true},
    {"qp, CR alone", SGL_CTE_QUOTED_PRINTABLE, "a\rb \r\r\nc\r",
	"a\rb \r\r\nc\r", true},
    {"qp, 8-bit", SGL_CTE_QUOTED_PRINTABLE, "\xc3\xa5", "\xc3\xa5", true},
};

static void
test_decode_stage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codings) * SGL_FEED_STEPS; i++) {
		size_t c = i / SGL_FEED_STEPS;
		size_t step = sgl_feed_steps[i % SGL_FEED_STEPS];
		SGL_AUTO(sgl_decode_stage)
		s = NULL;
		collector got;

		collector_init(&got);
		assert_int_equal(sgl_decode_stage_new(
				     codings[c].cte, &got.sink.sink, &s, NULL),
		    SGL_OK);
		assert_int_equal(sgl_feed(sgl_decode_stage_sink(s),
				     sgl_slice_str(codings[c].in), step, NULL),
		    SGL_OK);
		collector_check(
		    &got, codings[c].name, sgl_slice_str(codings[c].want));
		assert_int_equal(
		    sgl_decode_stage_is_dirty(s), codings[c].dirty);
	}
}

/* More blanks than may wait are text, wherever the input is cut. */
static void
test_many_blanks(void **state)
{
	sgl_buf in = sgl_buf_init(1 << 16);

	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(sgl_buf_add_str(&in, " ", NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&in, "\n", NULL), SGL_OK);
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		SGL_AUTO(sgl_decode_stage)
		s = NULL;
		collector got;

		collector_init(&got);
		assert_int_equal(sgl_decode_stage_new(SGL_CTE_QUOTED_PRINTABLE,
				     &got.sink.sink, &s, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_decode_stage_sink(s), sgl_buf_slice(&in),
			sgl_feed_steps[i], NULL),
		    SGL_OK);
		assert_int_equal(got.buf.len, 3 * 998 + 2);
		assert_true(sgl_decode_stage_is_dirty(s));
		sgl_buf_clear(&got.buf);
	}
	sgl_buf_clear(&in);
}

/* Blocks larger than the stage's own. */
static void
test_large_decode(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(1 << 22);
	SGL_AUTO_CLEAR(sgl_buf) coded = sgl_buf_init(1 << 22);
	SGL_AUTO(sgl_decode_stage)
	s = NULL;
	collector got;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(
		    sgl_buf_add(&plain, sgl_slice_of(&i, sizeof i), NULL),
		    SGL_OK);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&plain), &coded, NULL), SGL_OK);
	collector_init(&got);
	assert_int_equal(
	    sgl_decode_stage_new(SGL_CTE_BASE64, &got.sink.sink, &s, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_decode_stage_sink(s), sgl_buf_slice(&coded), 0, NULL),
	    SGL_OK);
	collector_check(&got, "large", sgl_buf_slice(&plain));
}

/* Line ends */

static const struct {
	const char *in, *want;
} line_ends[] = {
    {"", ""},
    {"a", "a"},
    {"\n", "\r\n"},
    {"\r\n", "\r\n"},
    {"\r", "\r"},
    {"a\nb\r\nc\rd\n\n\r\r\n\r", "a\r\nb\r\nc\rd\r\n\r\n\r\r\n\r"},
};

static void
test_crlf_stage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(line_ends) * SGL_FEED_STEPS; i++) {
		size_t l = i / SGL_FEED_STEPS;
		size_t step = sgl_feed_steps[i % SGL_FEED_STEPS];
		SGL_AUTO(sgl_crlf_stage)
		s = NULL;
		collector got;

		collector_init(&got);
		assert_int_equal(
		    sgl_crlf_stage_new(&got.sink.sink, &s, NULL), SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_crlf_stage_sink(s),
			sgl_slice_str(line_ends[l].in), step, NULL),
		    SGL_OK);
		collector_check(
		    &got, line_ends[l].in, sgl_slice_str(line_ends[l].want));
	}
}

/* A sink that counts writes and refuses the n-th. */
typedef struct counter {
	sgl_sink sink;
	size_t writes, refuse;
	const uint8_t *last;
	bool aborted;
} counter;

static sgl_status
counter_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	counter *c = (counter *)s;

	c->last = in.data;
	if (++c->writes == c->refuse)
		return sgl_fail(err, SGL_E_IO, "test", 0, "refused");
	return SGL_OK;
}

static sgl_status
counter_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
counter_abort(sgl_sink *s)
{
	((counter *)s)->aborted = true;
}

static const sgl_sink_ops counter_ops = {
    counter_write, counter_finish, counter_abort};

/* What needs no change is handed on where it lies. */
static void
test_no_copy(void **state)
{
	uint8_t *block = sgl_mem_zeroed(1, SGL_BLOCK);
	counter c = {.sink.ops = &counter_ops};
	SGL_AUTO(sgl_crlf_stage)
	s = NULL;

	(void)state;
	assert_non_null(block);
	memset(block, 'a', SGL_BLOCK);
	memcpy(block + 1000, "\r\n", 2);
	assert_int_equal(sgl_crlf_stage_new(&c.sink, &s, NULL), SGL_OK);
	assert_int_equal(sgl_sink_write(sgl_crlf_stage_sink(s),
			     sgl_slice_of(block, SGL_BLOCK), NULL),
	    SGL_OK);
	assert_int_equal(c.writes, 1);
	assert_ptr_equal(c.last, block);
	sgl_mem_free(block);
}

static void
test_failures_pass(void **state)
{
	counter c = {.sink.ops = &counter_ops, .refuse = 1};
	counter d = {.sink.ops = &counter_ops, .refuse = 1};
	SGL_AUTO(sgl_crlf_stage)
	crlf = NULL;
	SGL_AUTO(sgl_decode_stage)
	decode = NULL;
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_crlf_stage_new(&c.sink, &crlf, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_crlf_stage_sink(crlf), SGL_LIT("a\nb"), 0, &err),
	    SGL_E_IO);
	assert_true(c.aborted);
	assert_int_equal(
	    sgl_sink_write(sgl_crlf_stage_sink(crlf), SGL_LIT("a"), &err),
	    SGL_E_IO);
	/* Only the end of the stream makes this one write. */
	assert_int_equal(sgl_decode_stage_new(
			     SGL_CTE_QUOTED_PRINTABLE, &d.sink, &decode, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_decode_stage_sink(decode), SGL_LIT("=4"), 0, &err),
	    SGL_E_IO);
	assert_true(d.aborted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header_stage),
	    cmocka_unit_test(test_header_stage_refusals),
	    cmocka_unit_test(test_decode_stage),
	    cmocka_unit_test(test_many_blanks),
	    cmocka_unit_test(test_large_decode),
	    cmocka_unit_test(test_crlf_stage),
	    cmocka_unit_test(test_no_copy),
	    cmocka_unit_test(test_failures_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
