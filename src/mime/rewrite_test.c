/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "mime/flatten_test.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define AA "\xc3\xa5"

static sgl_survey *
survey(sgl_slice in, size_t step)
{
	sgl_survey *s = NULL;

	assert_int_equal(sgl_survey_new(NULL, &s, NULL), SGL_OK);
	assert_int_equal(sgl_feed(sgl_survey_sink(s), in, step, NULL), SGL_OK);
	return s;
}

static void
rewrite(sgl_slice in, const sgl_survey *s, size_t step, sgl_buf *out)
{
	SGL_AUTO(sgl_rewrite_stage)
	r = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_rewrite_stage_new(s, NULL, &sink.sink, &r, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_rewrite_stage_sink(r), in, step, NULL), SGL_OK);
	assert_true(sink.finished);
}

/* "fit", "stuck" or "unfit", then unfit leaves/leaves and flags. */
static void
describe(const sgl_survey *s, char out[64])
{
	const sgl_survey_result *r = sgl_survey_get_result(s);

	snprintf(out, 64, "%s %zu/%zu%s%s",
	    r->is_stuck	    ? "stuck"
		: r->is_fit ? "fit"
			    : "unfit",
	    r->num_unfit, r->num_leaves, r->has_signed ? " signed" : "",
	    r->has_8bit_headers ? " 8bit" : "");
	assert_true(r->is_fit == (r->offset == SGL_NO_OFFSET));
	assert_true(!r->is_fit || (!r->is_stuck && r->num_unfit == 0));
}

#define CTE "Content-Transfer-Encoding: "
#define TEXT "Content-Type: text/plain\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n"
#define SIGNED                                                                 \
	"Content-Type: multipart/signed; boundary=s;\r\n"                      \
	" protocol=\"application/pkcs7-signature\"\r\n"
#define QP CTE "quoted-printable\r\n"
#define B64 CTE "base64\r\n"

/* `out` NULL: as it went in. */
static const struct {
	const char *name, *in, *found, *out;
} rewrites[] = {
    {"nothing", "", "fit 0/1", NULL},
    {"text", TEXT "\r\nHi\r\n", "fit 0/1", NULL},
    {"line ends", "Content-Type: text/plain\n\nHi\n\n.", "fit 0/1",
	TEXT "\r\nHi\r\n\r\n."},
    {"mbox line", "From x y\nA: 1\n\nHi", "fit 0/1", "A: 1\r\n\r\nHi"},
    {"no header", "\r\n" AA, "unfit 1/1", QP "\r\n=C3=A5"},
    {"header alone", "A: 1", "fit 0/1", NULL},
    {"header with 8-bit", "Subject: " AA "\r\n\r\nHi", "fit 0/1 8bit", NULL},
    {"8-bit text", TEXT CTE "8bit\r\nX: y\r\n\r\n" AA "\n", "unfit 1/1",
	TEXT QP "X: y\r\n\r\n=C3=A5\r\n"},
    {"8-bit text without a label", TEXT "X: y\r\n\r\n" AA, "unfit 1/1",
	TEXT "X: y\r\n" QP "\r\n=C3=A5"},
    {"a label in other words",
	TEXT "content-transfer-encoding :\r\n 8BIT\r\n"
	     "\r\n" AA,
	"unfit 1/1", TEXT QP "\r\n=C3=A5"},
    {"two labels", CTE "8bit\r\n" TEXT CTE "7bit\r\n\r\n" AA, "unfit 1/1",
	QP TEXT "\r\n=C3=A5"},
    {"only the label", TEXT CTE "8bit\r\n\r\nHi\r\n", "unfit 1/1",
	TEXT CTE "7bit\r\n\r\nHi\r\n"},
    {"only the label, at the end", CTE "binary", "unfit 1/1", CTE "7bit"},
    {"From", TEXT "\r\nFrom here\r\nto there", "unfit 1/1",
	TEXT QP "\r\n=46rom here\r\nto there"},
    {"trailing blank", TEXT "\r\nHi \r\n", "unfit 1/1",
	TEXT QP "\r\nHi=20\r\n"},
    {"CR alone", TEXT "\n\nHi\rthere\n", "unfit 1/1",
	TEXT QP "\r\n\r\nHi=0Dthere\r\n"},
    {"CR at the end", TEXT "\n\nHi\r", "unfit 1/1", TEXT QP "\r\n\r\nHi=0D"},
    {"no text", "Content-Type: a/b\r\n\r\n" AA "\n", "unfit 1/1",
	"Content-Type: a/b\r\n" B64 "\r\nw6UNCg==\r\n"},
    {"binary text", TEXT CTE "binary\r\n\r\na\nb", "unfit 1/1",
	TEXT B64 "\r\nYQpi\r\n"},
    {"binary with line ends", TEXT CTE "binary\r\n\r\na\r\nb", "unfit 1/1",
	TEXT CTE "7bit\r\n\r\na\r\nb"},
    {"base64 in 8-bit", TEXT B64 "\r\nSGkg" AA "dGhlcmU", "unfit 1/1",
	TEXT B64 "\r\nSGkgdGhlcmU=\r\n"},
    {"quoted-printable in 8-bit", TEXT QP "\r\n" AA "=41 \n=0A", "unfit 1/1",
	TEXT QP "\r\n=C3=A5A\r\n=0A"},
    {"strange label", TEXT CTE "utf-8\r\n\r\n" AA, "unfit 1/1",
	TEXT QP "\r\n=C3=A5"},
    {"private label", TEXT CTE "x-uuencode\r\n\r\nend \r\n", "stuck 1/1", NULL},
    {"private label, fit", TEXT CTE "x-uuencode\r\n\r\nend\r\n", "fit 0/1",
	NULL},
    {"NUL in the header", "A: \x01\r\rb\r\n\r\n", "stuck 0/1", NULL},
    {"multipart",
	MIXED CTE "8bit\r\n\r\n--b\r\n" TEXT "\r\n" AA
		  "\r\n--b\r\nContent-Type: a/b\r\n\r\nHi\r\n--b--\r\n",
	"unfit 1/2",
	MIXED CTE "7bit\r\n\r\n--b\r\n" TEXT QP "\r\n=C3=A5\r\n--b\r\n"
		  "Content-Type: a/b\r\n\r\nHi\r\n--b--\r\n"},
    {"multipart, fit, with LF",
	"Content-Type: multipart/mixed; boundary=b\n"
	"\np\n--b\n\nHi\n\n--b--\ne\n",
	"fit 0/1", MIXED "\r\np\r\n--b\r\n\r\nHi\r\n\r\n--b--\r\ne\r\n"},
    {"base64 ends its line",
	MIXED "\r\n--b\r\nContent-Type: a/b\r\n\r\n" AA "\r\n--b--",
	"unfit 1/1",
	MIXED "\r\n--b\r\nContent-Type: a/b\r\n" B64 "\r\nw6U=\r\n\r\n--b--"},
    {"unfit around parts",
	MIXED "\r\n" AA "\r\n\r\n--b\r\n\r\nHi\r\n--b--\r\n"
	      "bye\r\n",
	"unfit 0/1", MIXED "\r\n--b\r\n\r\nHi\r\n--b--\r\n"},
    {"unfit behind parts", MIXED "\r\npre\r\n--b\r\n\r\nHi\r\n--b--\r\n" AA,
	"unfit 0/1", MIXED "\r\n--b\r\n\r\nHi\r\n--b--\r\n"},
    {"no parts at all", MIXED "\r\n" AA, "stuck 0/0", NULL},
    {"no parts but an end", MIXED "\r\n" AA "\r\n--b--\r\n" AA, "stuck 0/0",
	NULL},
    {"no parts, text behind", MIXED "\r\n--b--\r\n" AA, "stuck 0/0", NULL},
    {"padded delimiter", MIXED "\r\n--b \r\n\r\nHi\r\n--b-- \t\r\n",
	"unfit 0/1", MIXED "\r\n--b\r\n\r\nHi\r\n--b--\r\n"},
    {"8-bit boundary",
	"Content-Type: multipart/x; boundary=" AA "\r\n\r\n--" AA "\r\n\r\nHi",
	"stuck 0/1 8bit", NULL},
    {"empty parts", MIXED "\r\n--b\r\n--b\r\n\r\n--b--", "fit 0/2", NULL},
    {"part without blank line", MIXED "\r\n--b\r\n" CTE "8bit\r\n--b--",
	"unfit 1/1", MIXED "\r\n--b\r\n" CTE "7bit\r\n--b--"},
    {"message",
	"Content-Type: message/rfc822\r\n" CTE "8bit\r\n\r\n"
	"From x y\r\nA: 1\r\n" TEXT "\r\n" AA,
	"stuck 1/1",
	"Content-Type: message/rfc822\r\n" CTE "7bit\r\n\r\n"
	"From x y\r\nA: 1\r\n" TEXT QP "\r\n=C3=A5"},
    {"message that can",
	"Content-Type: message/rfc822\r\n" CTE "8bit\r\n\r\n"
	">From x y\r\nA: 1\r\n" TEXT CTE "8bit\r\n\r\n" AA,
	"unfit 1/1",
	"Content-Type: message/rfc822\r\n" CTE "7bit\r\n\r\n"
	">From x y\r\nA: 1\r\n" TEXT QP "\r\n=C3=A5"},
    {"digest",
	"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
	"A: 1\r\n\r\n" AA "\r\n--b--",
	"unfit 1/1",
	"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
	"A: 1\r\n" QP "\r\n=C3=A5\r\n--b--"},
    {"partial message", "Content-Type: message/partial\r\n\r\n" AA, "stuck 1/1",
	NULL},
    {"status report", "Content-Type: message/delivery-status\r\n\r\n" AA,
	"unfit 1/1",
	"Content-Type: message/delivery-status\r\n" QP "\r\n=C3=A5"},
    {"multipart without boundary", "Content-Type: multipart/x\r\n\r\n" AA,
	"stuck 1/1", NULL},
    {"multipart in base64", MIXED B64 "\r\nLS1i\r\n", "fit 0/1", NULL},
    {"signed", SIGNED "\r\n--s\r\n" TEXT "\r\nHi\r\n--s--\r\n",
	"fit 0/1 signed", NULL},
    {"signed, 8-bit", SIGNED "\r\n--s\r\n" TEXT "\r\n" AA "\r\n--s--\r\n",
	"stuck 1/1 signed", NULL},
    {"signed, labels",
	SIGNED CTE "8bit\r\n\r\n--s\r\n" CTE "8bit\r\n\r\nHi"
		   "\r\n--s--\r\n",
	"fit 0/1 signed", NULL},
    {"signed, blanks", SIGNED "\r\nx \r\n--s \r\n\r\nHi\r\n--s--\r\n",
	"stuck 0/1 signed", NULL},
    {"signed within",
	MIXED CTE "8bit\r\n\r\n--b\r\n" CTE "8bit\r\n" SIGNED
		  "\r\n--s\r\n\r\nHi\r\n--s--\r\n\r\n--b\r\n\r\n" AA
		  "\r\n--b--",
	"unfit 1/2 signed",
	MIXED CTE "7bit\r\n\r\n--b\r\n" CTE "8bit\r\n" SIGNED
		  "\r\n--s\r\n\r\nHi\r\n--s--\r\n\r\n--b\r\n" QP
		  "\r\n=C3=A5\r\n--b--"},
    {"pkcs7-mime",
	"Content-Type: application/pkcs7-mime; smime-type="
	"Signed-Data\r\n" B64 "\r\nMIIB\r\n",
	"fit 0/1 signed", NULL},
    {"binary pkcs7-mime",
	"Content-Type: application/x-pkcs7-mime\r\n" CTE "binary\r\n\r\n\x80\n",
	"stuck 1/1", NULL},
    /* the outer delimiter has the first word, and ends everything within */
    {"unclosed inside",
	MIXED "\r\n--b\r\nContent-Type: multipart/x; "
	      "boundary=c\r\n\r\n--c\r\n\r\n" AA "\r\n--b--",
	"unfit 1/1",
	MIXED "\r\n--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n"
	      "--c\r\n" QP "\r\n=C3=A5\r\n--b--"},
    {"the inner boundary comes at once",
	MIXED "\r\n--b\r\nContent-Type: "
	      "multipart/x; boundary=c\r\n"
	      "\r\n--c\r\n\r\n" AA "\r\n--c--\r\n--b--",
	"unfit 1/1",
	MIXED "\r\n--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n"
	      "--c\r\n" QP "\r\n=C3=A5\r\n--c--\r\n--b--"},
};

static void
test_rewrites(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rewrites) * SGL_FEED_STEPS; i++) {
		size_t c = i / SGL_FEED_STEPS;
		size_t step = sgl_feed_steps[i % SGL_FEED_STEPS];
		sgl_slice in = sgl_slice_str(rewrites[c].in);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 16);
		SGL_AUTO(sgl_survey)
		s = survey(in, step);
		char found[64];

		describe(s, found);
		if (strcmp(found, rewrites[c].found) != 0)
			fail_msg("%s: found %s, not %s", rewrites[c].name,
			    found, rewrites[c].found);
		rewrite(in, s, step, &out);
		assert_int_equal(
		    sgl_buf_add(&out, SGL_LIT("\0"), NULL), SGL_OK);
		if (strcmp((char *)out.data,
			rewrites[c].out != NULL ? rewrites[c].out
						: rewrites[c].in) != 0)
			fail_msg(
			    "%s: got [%s]", rewrites[c].name, (char *)out.data);
	}
}

/* Without a survey, only line ends. */
static const struct {
	const char *name, *in, *out;
} line_ends[] = {
    {"text", "A: 1\n\n" AA "\n", "A: 1\r\n\r\n" AA "\r\n"},
    {"binary", CTE "binary\n\na\nb\r\n", CTE "binary\r\n\r\na\nb\r\n"},
    {"binary part",
	"Content-Type: multipart/mixed; boundary=b\n" CTE "binary\n\np \n"
	"--b \n" CTE "binary\n\na\nb\r\n--b\n\n" AA "\n--b--",
	MIXED CTE "binary\r\n\r\np \r\n--b \r\n" CTE
		  "binary\r\n\r\na\nb\r\n--b\r\n\r\n" AA "\r\n--b--"},
    {"binary message",
	"Content-Type: message/rfc822\n" CTE "binary\n\nA: 1\n\na\nb\r\n",
	"Content-Type: message/rfc822\r\n" CTE
	"binary\r\n\r\nA: 1\n\na\nb\r\n"},
    {"signed binary part",
	"Content-Type: multipart/signed; boundary=b\n\n"
	"--b\n" CTE "binary\n\na\nb\n--b--",
	"Content-Type: multipart/signed; boundary=b\r\n\r\n"
	"--b\r\n" CTE "binary\r\n\r\na\nb\r\n--b--"},
};

static void
test_line_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(line_ends) * SGL_FEED_STEPS; i++) {
		size_t c = i / SGL_FEED_STEPS;
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 16);

		rewrite(sgl_slice_str(line_ends[c].in), NULL,
		    sgl_feed_steps[i % SGL_FEED_STEPS], &out);
		assert_int_equal(
		    sgl_buf_add(&out, SGL_LIT("\0"), NULL), SGL_OK);
		if (strcmp((char *)out.data, line_ends[c].out) != 0)
			fail_msg("%s: got [%s]", line_ends[c].name,
			    (char *)out.data);
	}
}

/* Random entities: what they say stays, and the outcome is fit. */
static void
make_entity(uint32_t *seed, sgl_buf *out)
{
	static const char *const bits[] = {
	    "Content-Type: multipart/mixed; boundary=b\n\n",
	    "Content-Type: multipart/x; boundary=c\n" CTE "8bit\r\n\n",
	    "Content-Type: multipart/digest; boundary=d\r\n\r\n",
	    "Content-Type: message/rfc822\n" CTE "binary\n\n",
	    "\n--b\n",
	    "\n--b\r\n",
	    "\r\n--b--\r\n",
	    "--c\n",
	    "\n--c--",
	    "--d \n",
	    TEXT CTE "8bit\n\n",
	    TEXT QP "\n",
	    TEXT B64 "\n",
	    TEXT CTE "binary\n\n",
	    "Content-Type: a/b\n\n",
	    "Subject: " AA "\n",
	    SIGNED "\r\n",
	    "--s\n",
	    "Content-Type: application/pkcs7-mime\n" B64 "\n",
	    CTE "x-private\n\n",
	    "From x\n",
	    "blank \n",
	    AA,
	    "\r",
	    "\r\n",
	    "\n",
	    "\n\n",
	    "=41=\n",
	    "=0A",
	    "SGkg",
	    "--",
	    "-",
	    "plain text\n",
	};

	for (int i = 0; i < 14; i++) {
		*seed = *seed * 1664525 + 1013904223;
		assert_int_equal(sgl_buf_add_str(out,
				     bits[(*seed >> 16) % COUNT(bits)], NULL),
		    SGL_OK);
	}
}

static void
check_rewrite(sgl_slice in, size_t step)
{
	SGL_AUTO(sgl_survey)
	s = survey(in, step);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(1 << 16);
	SGL_AUTO(sgl_survey)
	s2 = NULL;
	const sgl_survey_result *was = sgl_survey_get_result(s), *is;

	rewrite(in, s, 0, &out);
	rewrite(in, s, step, &again);
	assert_true(sgl_slice_eq(sgl_buf_slice(&out), sgl_buf_slice(&again)));
	s2 = survey(sgl_buf_slice(&out), 0);
	is = sgl_survey_get_result(s2);
	if (is->is_stuck != was->is_stuck)
		fail_msg("[%.*s] became [%.*s]", (int)in.len,
		    (const char *)in.data, (int)out.len, (char *)out.data);
	assert_true(is->is_fit || is->is_stuck);
	assert_int_equal(is->num_leaves, was->num_leaves);
	assert_int_equal(flatten(in, &before, NULL), SGL_OK);
	assert_int_equal(flatten(sgl_buf_slice(&out), &after, NULL), SGL_OK);
	if (!sgl_slice_eq(sgl_buf_slice(&before), sgl_buf_slice(&after)))
		fail_msg("[%.*s] became [%.*s]", (int)in.len,
		    (const char *)in.data, (int)out.len, (char *)out.data);
}

static void
test_random(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(4096);

		make_entity(&seed, &in);
		/* The first of two mailbox lines goes, then the second is the
		 * first. */
		if (!sgl_slice_starts(sgl_buf_slice(&in), SGL_LIT("From ")))
			check_rewrite(sgl_buf_slice(&in), 1 + round % 5);
	}
}

/* Multiparts in multiparts beyond the limit: the innermost are one leaf. */
static void
test_depth(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(1 << 16);
	sgl_limits limits = {.mime_depth = 4};
	SGL_AUTO(sgl_survey)
	s = NULL;
	SGL_AUTO(sgl_survey)
	deep = NULL;
	char found[64];

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(sgl_buf_printf(&in, NULL,
				     "Content-Type: multipart/mixed; "
				     "boundary=b%d\n\n--b%d\n",
				     i, i),
		    SGL_OK);
	assert_int_equal(sgl_buf_add_str(&in, "\n" AA, NULL), SGL_OK);
	assert_int_equal(sgl_survey_new(&limits, &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_survey_sink(s), sgl_buf_slice(&in), 0, NULL), SGL_OK);
	describe(s, found);
	assert_string_equal(found, "stuck 1/1");
	limits.mime_depth = 11;
	assert_int_equal(sgl_survey_new(&limits, &deep, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_survey_sink(deep), sgl_buf_slice(&in), 0, NULL),
	    SGL_OK);
	describe(deep, found);
	assert_string_equal(found, "unfit 1/1");
}

static void
test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < SGL_FEED_STEPS; i++) {
		sgl_limits limits = {.headers = 20, .sets = 1};
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		SGL_AUTO(sgl_survey)
		s = NULL;
		SGL_AUTO(sgl_survey)
		many = NULL;
		SGL_AUTO(sgl_rewrite_stage)
		r = NULL;
		sgl_bufsink sink;

		assert_int_equal(sgl_survey_new(&limits, &s, NULL), SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_survey_sink(s),
			SGL_LIT("A: 1\r\nB: 12345678901234\r\n\r\n"),
			sgl_feed_steps[i], NULL),
		    SGL_E_LIMIT);
		sgl_bufsink_init(&sink, &out);
		assert_int_equal(
		    sgl_rewrite_stage_new(NULL, &limits, &sink.sink, &r, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_rewrite_stage_sink(r),
			SGL_LIT("A: 1\r\nB: 12345678901234\r\n\r\n"),
			sgl_feed_steps[i], NULL),
		    SGL_E_LIMIT);
		assert_true(sink.aborted);
		limits.headers = 0;
		assert_int_equal(
		    sgl_buf_add_str(&in, MIXED "\r\n", NULL), SGL_OK);
		for (int n = 0; n < 4; n++)
			assert_int_equal(
			    sgl_buf_add_str(&in, "--b\r\n\r\n" AA "\r\n", NULL),
			    SGL_OK);
		assert_int_equal(sgl_survey_new(&limits, &many, NULL), SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_survey_sink(many), sgl_buf_slice(&in),
			sgl_feed_steps[i], NULL),
		    SGL_E_LIMIT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rewrites),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
