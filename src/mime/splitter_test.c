/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "mime/cutter.h"
#include "mime/stage.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Writes what a splitter does as text: "offset[bytes]" for every part. */
typedef struct log {
	sgl_sink sink; /* of the part under way */
	sgl_buf text;
} log;

static sgl_status
log_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_buf_add(&((log *)s)->text, in, err);
}

static sgl_status
log_finish(sgl_sink *s, sgl_err *err)
{
	return sgl_buf_add_str(&((log *)s)->text, "]", err);
}

static void
log_abort(sgl_sink *s)
{
	(void)!sgl_buf_add_str(&((log *)s)->text, "!", NULL);
}

static const sgl_sink_ops log_ops = {log_write, log_finish, log_abort};

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **part, sgl_err *err)
{
	log *l = ctx;

	(void)index;
	l->sink = (sgl_sink){.ops = &log_ops};
	*part = &l->sink;
	return sgl_buf_printf(&l->text, err, "%d[", (int)offset);
}

static const sgl_splitter_handler handler = {on_part};

/* What the splitter itself says goes behind: "." if closed, and how much
 * epilogue there is. */
static void
log_end(log *l, const sgl_splitter *s)
{
	if (sgl_splitter_is_closed(s))
		assert_int_equal(sgl_buf_printf(&l->text, NULL, ".%d",
				     (int)sgl_splitter_epilogue(s)),
		    SGL_OK);
}

typedef struct job {
	const char *boundary;
	bool canonical;
	sgl_slice in;
} job;

static sgl_splitter *
job_begin(const job *j, log *l)
{
	sgl_splitter *s = NULL;

	l->text = sgl_buf_init(1 << 20);
	assert_int_equal(
	    sgl_splitter_new(j->boundary, j->canonical, &handler, l, &s, NULL),
	    SGL_OK);
	return s;
}

static void
job_check(const job *j, log *l, sgl_splitter *s, sgl_slice want, size_t how)
{
	log_end(l, s);
	if (!sgl_slice_eq(sgl_buf_slice(&l->text), want))
		fail_msg("[%.*s] %scut %zu: got [%.*s], not [%.*s]",
		    (int)j->in.len, (const char *)j->in.data,
		    j->canonical ? "canonical " : "", how, (int)l->text.len,
		    (char *)l->text.data, (int)want.len,
		    (const char *)want.data);
	sgl_buf_clear(&l->text);
	sgl_splitter_free(s);
}

/* Every step, and one cut at every place. */
static void
check_all_cuts(const job *j, sgl_slice want)
{
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		log l;
		sgl_splitter *s = job_begin(j, &l);

		assert_int_equal(sgl_feed(sgl_splitter_sink(s), j->in,
				     sgl_feed_steps[i], NULL),
		    SGL_OK);
		job_check(j, &l, s, want, i);
	}
	for (size_t at = 1; at < j->in.len; at++) {
		log l;
		sgl_splitter *s = job_begin(j, &l);

		assert_int_equal(
		    sgl_feed_halves(sgl_splitter_sink(s), j->in, at, NULL),
		    SGL_OK);
		job_check(j, &l, s, want, at);
	}
}

static const struct {
	const char *boundary, *in, *want;
} splits[] = {
    {"b", "", ""},
    {"b", "no parts", ""},
    {"b", "--b", "3[]"},
    {"b", "--b\r\none\r\n--b\r\ntwo\r\n--b--\r\n", "5[one]15[two].0"},
    {"b", "--b\none\n--b\ntwo\n--b--\n", "4[one]12[two].0"},
    {"b", "pre\r\n--b\r\none\r\n--b--\r\nepi logue\r\n", "10[one].8"},
    {"b", "\r\n--b\r\none\r\n--b--", "7[one].0"},
    {"b", "--b\r\n\r\nbody\r\n\r\n--b--", "5[\r\nbody\r\n].0"},
    {"b", "--b\r\n\r\n--b--", "5[].0"},
    {"b", "--b\r\n--b\r\n--b--", "5[]10[].0"},
    {"b", "--b\r\none", "5[one]"},
    {"b", "--b\r\none\r\n", "5[one\r\n]"},
    {"b", "--b\r\none\r\n--", "5[one\r\n--]"},
    {"b", "--b\r\none\r\n--b", "5[one]13[]"},
    {"b", "--b\r\none\r\n--b-", "5[one\r\n--b-]"},
    {"b", "--b\r\none\r\n--b-- \t", "5[one].0"},
    /* padding, and what is none */
    {"b", "--b \t \r\none\r\n--b \r\ntwo\r\n--b-- \r\n", "8[one]19[two].0"},
    {"b", "--b\r\none\r\n--bb\r\n--b x\r\n--b -- \r\n--b---\r\n--b--x\r\n",
	"5[one\r\n--bb\r\n--b x\r\n--b -- \r\n--b---\r\n--b--x\r\n]"},
    {"b", "--b\r\none\r\n --b\r\nx--b\r\n- -b\r\n--B\r\n",
	"5[one\r\n --b\r\nx--b\r\n- -b\r\n--B\r\n]"},
    {"b", "x--b\r\n--b\r\n1", "11[1]"},
    /* line ends and blanks of the part are its own */
    {"b", "--b\r\na \t\r\n\r\n\r\n--b--", "5[a \t\r\n\r\n].0"},
    {"b", "--b\r\na\r\r\n--b--", "5[a\r].0"},
    {"b", "--b\r\na\r--b--", "5[a\r--b--]"},
    {"b", "--b\ra\r\n--b\r\nx", "12[x]"},
    {"b", "--b\r\r\na\r\n--b\r\nx", "14[x]"},
    {"b", "--b\r\n\r", "5[\r]"},
    {"b", "--b\r\n-\r\n--\r\n---\r\n--b--", "5[-\r\n--\r\n---].0"},
    {"b", "--b\r\n\n--b--", "5[].0"},
    /* behind the end nothing is a delimiter */
    {"b", "--b\r\n--b--\r\n--b\r\nx", "5[].4"},
    /* another multipart inside is bytes */
    {"b", "--b\r\n\r\n--i\r\nx\r\n--i--\r\n--b--",
	"5[\r\n--i\r\nx\r\n--i--].0"},
    {"b", "--b\r\n--bi\r\nx\r\n--bi--\r\n--b--", "5[--bi\r\nx\r\n--bi--].0"},
    /* odd boundaries */
    {"", "--\r\none\r\n-- \r\ntwo\r\n----\r\n", "4[one]14[two].0"},
    {"-", "---\r\none\r\n-----\r\n", "5[one].0"},
    {"a b ", "--a b\r\none\r\n--a b \r\ntwo\r\n--a b --\r\n--a b--",
	"7[one]20[two\r\n--a b --].0"},
};

static void
test_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(splits); i++) {
		job j = {
		    splits[i].boundary, false, sgl_slice_str(splits[i].in)};

		check_all_cuts(&j, sgl_slice_str(splits[i].want));
	}
}

static const struct {
	const char *in, *want;
} canonicals[] = {
    {"--b\none\ntwo\n\n--b--\n", "4[one\r\ntwo\r\n].0"},
    {"--b\none\r\ntwo\nthree\r\n--b--\n", "4[one\r\ntwo\r\nthree].0"},
    {"--b\r\none\rtwo\r\r\n\n--b--\n", "5[one\rtwo\r\r\n].0"},
    {"--b\n\n\n-x\n--x\n--\n-\n--b\n\n--b--",
	"4[\r\n\r\n-x\r\n--x\r\n--\r\n-]22[].0"},
    {"--b\na\n--b-", "4[a\r\n--b-]"},
    {"--b\na\n", "4[a\r\n]"},
    {"--b\na\n\r", "4[a\r\n\r]"},
    {"--b\na\nb\n--b\nc\nd\r\ne\n--b--\n", "4[a\r\nb]12[c\nd\r\ne].0"},
};

static void
test_canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(canonicals); i++) {
		job j = {"b", true, sgl_slice_str(canonicals[i].in)};

		check_all_cuts(&j, sgl_slice_str(canonicals[i].want));
	}
}

/*
 * The same thing written the simple way, over the whole input at once: the
 * line that begins at `at` ends before *end, its line end before *next.
 */
static void
oracle_line(sgl_slice in, size_t at, size_t *end, size_t *next)
{
	*end = at;
	while (*end < in.len && in.data[*end] != '\n')
		++*end;
	*next = *end < in.len ? *end + 1 : *end;
	if (*end<in.len && * end> at && in.data[*end - 1] == '\r')
		--*end;
}

static sgl_delimiter
oracle_delimiter(sgl_slice line, const char *boundary)
{
	sgl_delimiter kind = SGL_DELIMITER_OPEN;
	char want[64] = "--";

	strcat(want, boundary);
	while (line.len > 0 &&
	    (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
		line.len--;
	if (sgl_slice_eq(line, sgl_slice_str(want)))
		return kind;
	strcat(want, "--");
	return sgl_slice_eq(line, sgl_slice_str(want)) ? SGL_DELIMITER_CLOSE
						       : SGL_DELIMITER_NONE;
}

static void
oracle_add(sgl_buf *out, sgl_slice bytes, bool canonical)
{
	for (size_t i = 0; i < bytes.len; i++) {
		bool bare = bytes.data[i] == '\n' &&
		    (i == 0 || bytes.data[i - 1] != '\r');

		if (canonical && bare)
			assert_int_equal(
			    sgl_buf_add_str(out, "\r", NULL), SGL_OK);
		assert_int_equal(
		    sgl_buf_add(out, sgl_slice_of(bytes.data + i, 1), NULL),
		    SGL_OK);
	}
}

static void
oracle(const job *j, sgl_buf *out)
{
	size_t start = SIZE_MAX, text_end = 0, end, next;
	bool canonical = j->canonical; /* the first part alone */
	sgl_slice in = j->in;

	for (size_t at = 0; at < in.len; text_end = end, at = next) {
		sgl_delimiter d;

		oracle_line(in, at, &end, &next);
		d = oracle_delimiter(
		    sgl_slice_of(in.data + at, end - at), j->boundary);
		if (next == end && end > at && in.data[end - 1] == '\r')
			d = oracle_delimiter(
			    sgl_slice_of(in.data + at, end - at - 1),
			    j->boundary);
		if (d == SGL_DELIMITER_NONE)
			continue;
		if (start != SIZE_MAX) {
			size_t len = at == start ? 0 : text_end - start;

			oracle_add(
			    out, sgl_slice_of(in.data + start, len), canonical);
			canonical = false;
			assert_int_equal(
			    sgl_buf_add_str(out, "]", NULL), SGL_OK);
		}
		start = SIZE_MAX;
		if (d == SGL_DELIMITER_CLOSE) {
			int n = 0;

			for (size_t i = next; i < in.len; i++)
				n += strchr(" \t\r\n", in.data[i]) == NULL;
			assert_int_equal(
			    sgl_buf_printf(out, NULL, ".%d", n), SGL_OK);
			return;
		}
		start = next;
		assert_int_equal(
		    sgl_buf_printf(out, NULL, "%d[", (int)next), SGL_OK);
	}
	if (start != SIZE_MAX) {
		oracle_add(out, sgl_slice_from(in, start), canonical);
		assert_int_equal(sgl_buf_add_str(out, "]", NULL), SGL_OK);
	}
}

/* Random input made of what delimiters are made of. */
static void
test_against_oracle(void **state)
{
	static const char *const bits[] = {"--b", "--", "-", "b", "\r\n", "\n",
	    "\r", " ", "x", "--b--", "\r\n--b\r\n", "\n--b\n"};
	uint32_t seed = 3;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(4096);
		job j = {"b", round % 2 == 1, {0}};

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			assert_int_equal(
			    sgl_buf_add_str(
				&in, bits[(seed >> 16) % COUNT(bits)], NULL),
			    SGL_OK);
		}
		j.in = sgl_buf_slice(&in);
		oracle(&j, &want);
		check_all_cuts(&j, sgl_buf_slice(&want));
	}
}

/* Delimiter lines around the longest that is read. */
static void
test_long_lines(void **state)
{
	(void)state;
	for (size_t pad = SGL_CUTTER_LINE - 8; pad < SGL_CUTTER_LINE; pad++) {
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(8192);
		bool is_delimiter = 3 + pad + 1 <= SGL_CUTTER_LINE;
		sgl_slice want = {0};
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(8192);

		assert_int_equal(
		    sgl_buf_add_str(&in, "--b\nx\n--b", NULL), SGL_OK);
		for (size_t i = 0; i < pad; i++)
			assert_int_equal(
			    sgl_buf_add_str(&in, " ", NULL), SGL_OK);
		assert_int_equal(sgl_buf_add_str(&in, "\n--b--", NULL), SGL_OK);
		assert_int_equal(sgl_buf_add_str(&text, "4[x", NULL), SGL_OK);
		if (!is_delimiter)
			assert_int_equal(
			    sgl_buf_add(&text,
				sgl_slice_of(in.data + 5, 4 + pad), NULL),
			    SGL_OK);
		else
			assert_int_equal(
			    sgl_buf_printf(&text, NULL, "]%zu[", 10 + pad),
			    SGL_OK);
		assert_int_equal(sgl_buf_add_str(&text, "].0", NULL), SGL_OK);
		want = sgl_buf_slice(&text);
		for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
			job j = {"b", false, sgl_buf_slice(&in)};
			log l;
			sgl_splitter *s = job_begin(&j, &l);

			assert_int_equal(sgl_feed(sgl_splitter_sink(s), j.in,
					     sgl_feed_steps[i], NULL),
			    SGL_OK);
			job_check(&j, &l, s, want, i);
		}
	}
}

static void
test_boundaries(void **state)
{
	char boundary[1200];
	sgl_splitter *s = NULL;
	log l = {0};
	sgl_err err;

	(void)state;
	memset(boundary, 'x', sizeof boundary);
	boundary[997] = '\0';
	assert_int_equal(
	    sgl_splitter_new(boundary, false, &handler, &l, &s, &err),
	    SGL_E_LIMIT);
	assert_null(s);
	boundary[996] = '\0';
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(8192);
		job j = {boundary, true, {0}};

		assert_int_equal(
		    sgl_buf_printf(&in, NULL, "--%s\r\none\r\n--%s--\r\n",
			boundary, boundary),
		    SGL_OK);
		j.in = sgl_buf_slice(&in);
		s = job_begin(&j, &l);
		assert_int_equal(sgl_feed(sgl_splitter_sink(s), j.in,
				     sgl_feed_steps[i], NULL),
		    SGL_OK);
		job_check(&j, &l, s, SGL_LIT("1000[one].0"), i);
	}
}

/* Large parts in large blocks, with the block's end anywhere in a line. */
static void
test_blocks(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(1 << 20);

	(void)state;
	assert_int_equal(sgl_buf_add_str(&in, "--b\n", NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&want, "4[", NULL), SGL_OK);
	for (int i = 0; i < 3000; i++) {
		const char *end = i % 3 == 0 ? "\n" : "\r\n";

		assert_int_equal(
		    sgl_buf_printf(&in, NULL, "line %d%s", i * 7919, end),
		    SGL_OK);
		assert_int_equal(
		    sgl_buf_printf(&want, NULL, "line %d\r\n", i * 7919),
		    SGL_OK);
	}
	assert_int_equal(sgl_buf_add_str(&in, "\n--b--", NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&want, "].0", NULL), SGL_OK);
	for (size_t step = 4096; step < 4150; step++) {
		job j = {"b", true, sgl_buf_slice(&in)};
		log l;
		sgl_splitter *s = job_begin(&j, &l);

		assert_int_equal(
		    sgl_feed(sgl_splitter_sink(s), j.in, step, NULL), SGL_OK);
		job_check(&j, &l, s, sgl_buf_slice(&want), step);
	}
}

/* Canonical text goes on where it lies, in one slice but for the line end that
 * the block ends with. */
typedef struct shape {
	sgl_sink sink;
	size_t writes;
	sgl_slice first;
	sgl_status answer;
	bool aborted;
} shape;

static sgl_status
shape_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	shape *self = (shape *)s;

	if (self->writes++ == 0)
		self->first = in;
	if (self->answer == SGL_OK)
		return SGL_OK;
	return sgl_fail(err, self->answer, "test", 0, "refused");
}

static sgl_status
shape_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
shape_abort(sgl_sink *s)
{
	((shape *)s)->aborted = true;
}

static const sgl_sink_ops shape_ops = {shape_write, shape_finish, shape_abort};

static sgl_status
on_shape(
    void *ctx, size_t index, uint64_t offset, sgl_sink **part, sgl_err *err)
{
	shape *s = ctx;

	(void)offset;
	(void)err;
	if (index > 0)
		return SGL_OK;
	s->sink = (sgl_sink){.ops = &shape_ops};
	*part = &s->sink;
	return SGL_OK;
}

static void
test_no_copy(void **state)
{
	static const sgl_splitter_handler shaping = {on_shape};
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_splitter)
	s = NULL;
	shape sh = {0};

	(void)state;
	assert_int_equal(sgl_buf_add_str(&in, "--b\r\n", NULL), SGL_OK);
	while (in.len < SGL_BLOCK)
		assert_int_equal(
		    sgl_buf_add_str(&in, "text\r\n-- \r\n--bold\r\n", NULL),
		    SGL_OK);
	assert_int_equal(
	    sgl_splitter_new("b", true, &shaping, &sh, &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(sgl_splitter_sink(s), sgl_buf_slice(&in), NULL),
	    SGL_OK);
	assert_int_equal(sh.writes, 1);
	assert_ptr_equal(sh.first.data, in.data + 5);
	assert_int_equal(sh.first.len, in.len - 5 - 2);
	assert_int_equal(sgl_feed(sgl_splitter_sink(s),
			     SGL_LIT("x\r\n--b\r\ndropped\r\n--b--"), 0, NULL),
	    SGL_OK);
	assert_true(sh.sink.ended);
	assert_int_equal(sgl_splitter_num_parts(s), 2);
}

static void
test_failures_pass(void **state)
{
	static const sgl_splitter_handler shaping = {on_shape};
	sgl_err err;

	(void)state;
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		SGL_AUTO(sgl_splitter)
		s = NULL;
		shape sh = {.answer = SGL_E_IO};

		assert_int_equal(
		    sgl_splitter_new("b", true, &shaping, &sh, &s, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_splitter_sink(s), SGL_LIT("--b\r\n-\r"),
			sgl_feed_steps[i], &err),
		    SGL_E_IO);
		assert_true(sh.aborted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_splits),
	    cmocka_unit_test(test_canonical),
	    cmocka_unit_test(test_against_oracle),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_boundaries),
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_no_copy),
	    cmocka_unit_test(test_failures_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
