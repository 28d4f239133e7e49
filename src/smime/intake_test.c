/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "smime/intake.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TEXT_PLAIN "Content-Type: text/plain\r\n"

/* @req rfc8551-3.1
 * `fails_at` is the offset; outside NULL means that it fails. */
static const struct {
	const char *name, *in, *outside, *inside;
	const char *text;
	uint64_t fails_at;
} cases[] = {
    {"message", "From: a\r\nContent-Type: x/y\r\nTo: b\r\n\r\nbody\r\n",
	"From: a\r\nTo: b\r\n", "Content-Type: x/y\r\n\r\nbody\r\n", NULL, 0},
    {"LF", "From: a\nContent-Type: x/y\nTo: b\n\nbody\n",
	"From: a\r\nTo: b\r\n", "Content-Type: x/y\r\n\r\nbody\n", NULL, 0},
    {"entity", "Content-Type: x/y;\n\tz=1\nContent-ID: <1>\n\nbody", "",
	"Content-Type: x/y;\r\n\tz=1\r\nContent-ID: <1>\r\n\r\nbody", NULL, 0},
    {"MIME-Version goes", "MIME-VERSION: 1.0\nX: y\ncontent-type: a/b\n\n",
	"X: y\r\n", "content-type: a/b\r\n\r\n", NULL, 0},
    {"no content fields", "From: a\n\nbody\n", "From: a\r\n",
	TEXT_PLAIN "\r\nbody\n", NULL, 0},
    {"no body", "From: a\n", "From: a\r\n", TEXT_PLAIN "\r\n", NULL, 0},
    {"no line end", "From: a\nSubject: b", "From: a\r\nSubject: b\r\n",
	TEXT_PLAIN "\r\n", NULL, 0},
    {"blank lines in the body", "X: y\n\n\n\nbody", "X: y\r\n",
	TEXT_PLAIN "\r\n\n\nbody", NULL, 0},
    {"folded", "To: a,\n b,\n\tc\nX: y\n\n", "To: a,\r\n b,\r\n\tc\r\nX: y\r\n",
	TEXT_PLAIN "\r\n", NULL, 0},
    {"folded with nothing", "To: a,\n \t \n b\n\n", "To: a,\r\n b\r\n",
	TEXT_PLAIN "\r\n", NULL, 0},
    {"CR alone", "X: a\rContent-Type: b/c\nY: z\n\n",
	"X: a Content-Type: b/c\r\nY: z\r\n", TEXT_PLAIN "\r\n", NULL, 0},
    {"blank in front of the colon", "Content-Type : a/b\nX \t: y\n\n",
	"X \t: y\r\n", "Content-Type : a/b\r\n\r\n", NULL, 0},
    {"mailbox line", "From alice Mon Jan  1 00:00:00 2024\nX: y\n\nb",
	"X: y\r\n", TEXT_PLAIN "\r\nb", NULL, 0},
    {"From with a blank", "From : a\n\nb", "From : a\r\n", TEXT_PLAIN "\r\nb",
	NULL, 0},
    {"empty", "", NULL, NULL, "the input is empty", 0},
    {"only an empty line", "\n", NULL, NULL, "not a message", 0},
    {"body alone", "\nbody\n", NULL, NULL, "not a message", 0},
    {"CRLF first", "\r\nbody\r\n", NULL, NULL, "not a message", 0},
    {"text", "Hello Bob,\n\nhow are you?\n", NULL, NULL, "not a message", 6},
    {"one word", "Hello\n", NULL, NULL, "not a message", 5},
    {"a word and no end", "Hello", NULL, NULL, "not a message", 5},
    {"colon first", ": x\n\n", NULL, NULL, "not a message", 0},
    {"blank first", " X: y\n\n", NULL, NULL, "not a message", 0},
    {"byte order mark",
	"\xef\xbb\xbf"
	"From: a\n\n",
	NULL, NULL, "not a message", 0},
    {"DER", "\x30\x82\x01\x02", NULL, NULL, "not a message", 1},
    {"two mailbox lines", "From a\nFrom b\n\n", NULL, NULL, "not a message",
	12},
    {"mailbox line alone", "From a\n", NULL, NULL, "not a message", 7},
    {"no field", "X: y\nrubbish\nZ: z\n\nbody", NULL, NULL,
	"a line of the header section is no field", 5},
    {"no field, behind a mailbox line", "From a\nX: y\nrubbish\n\nbody", NULL,
	NULL, "a line of the header section is no field", 12},
    {"odd name", "X: y\nContent\x80: z\n\nbody", NULL, NULL,
	"a line of the header section is no field", 5},
};

typedef struct outside {
	sgl_buf fields;
	bool came;
} outside;

static sgl_status
on_outside(void *ctx, sgl_slice fields, sgl_slice display, sgl_err *err)
{
	outside *o = ctx;

	assert_int_equal(display.len, 0);
	assert_false(o->came);
	o->came = true;
	return sgl_buf_add(&o->fields, fields, err);
}

static void
assert_text(const char *name, sgl_slice got, const char *want)
{
	if (!sgl_slice_eq(got, sgl_slice_str(want)))
		fail_msg(
		    "%s: got %.*s", name, (int)got.len, (const char *)got.data);
}

static void
check_case(size_t i, size_t step)
{
	SGL_AUTO_CLEAR(sgl_buf) inside = sgl_buf_init(4096);
	SGL_AUTO(sgl_intake)
	input = NULL;
	sgl_limits limits = sgl_limits_fill(NULL);
	outside o = {.fields = sgl_buf_init(4096)};
	sgl_err err = {.text = ""};
	sgl_bufsink sink;
	sgl_status got;

	sgl_bufsink_init(&sink, &inside);
	assert_int_equal(sgl_intake_new(&limits, SGL_HP_NONE, on_outside, &o,
			     &sink.sink, &input, NULL),
	    SGL_OK);
	got = sgl_feed(
	    sgl_intake_sink(input), sgl_slice_str(cases[i].in), step, &err);
	if ((got == SGL_OK) != (cases[i].outside != NULL))
		fail_msg("%s: %s", cases[i].name, err.text);
	if (got == SGL_OK) {
		assert_true(sink.finished);
		assert_text(
		    cases[i].name, sgl_buf_slice(&o.fields), cases[i].outside);
		assert_text(
		    cases[i].name, sgl_buf_slice(&inside), cases[i].inside);
	} else {
		assert_int_equal(got, SGL_E_ENCODING);
		assert_string_equal(err.text, cases[i].text);
		if (err.offset != cases[i].fails_at)
			fail_msg(
			    "%s: at %zu", cases[i].name, (size_t)err.offset);
		assert_true(sink.aborted);
		assert_int_equal(inside.len, 0);
		assert_false(o.came);
	}
	sgl_buf_clear(&o.fields);
}

static void
parts_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < SGL_FEED_STEPS; k++)
			check_case(i, sgl_feed_steps[k]);
}

/* --- with protected header fields --- */

#define BEFORE                                                                 \
	"Received: x\r\nFrom: a@example.org\r\nSubject: "                      \
	"=?utf-8?q?H=C3=A4?=\r\n"                                              \
	"\tyou\r\nKeywords: k\r\nBcc: b@example.org\r\n"
#define COPIED                                                                 \
	"From: a@example.org\r\nSubject: =?utf-8?q?H=C3=A4?=\r\n\tyou\r\n"     \
	"Keywords: k\r\n"
#define HIDDEN                                                                 \
	"Received: x\r\nFrom: a@example.org\r\nSubject: [...]\r\n"             \
	"Bcc: b@example.org\r\n"
#define COPIES "HP-Outer: From: a@example.org\r\nHP-Outer: Subject: [...]\r\n"

static const struct {
	const char *name;
	sgl_hp hp;
	const char *in, *outside, *inside, *display;
	sgl_status status;
} protections[] = {
    {"signed", SGL_HP_CLEAR, BEFORE "\nx", BEFORE,
	COPIED "Content-Type: text/plain; hp=\"clear\"\r\n\r\nx", "", SGL_OK},
    {"encrypted", SGL_HP_CIPHER,
	"Content-Type: a/b; c=d\r\nContent-ID: <i>\r\n" BEFORE "\n", HIDDEN,
	COPIED "Content-Type: a/b; hp=\"cipher\"; c=d\r\n"
	       "Content-ID: <i>\r\n" COPIES "\r\n",
	"Subject: H\xc3\xa4 you\r\nKeywords: k\r\n", SGL_OK},
    {"blanks at the ends of lines", SGL_HP_CLEAR,
	"To: a, \r\n\tb \t\r\nSubject: \r\n\r\n",
	"To: a, \r\n\tb \t\r\nSubject: \r\n",
	"To: a,\r\n\tb\r\nSubject:\r\n"
	"Content-Type: text/plain; hp=\"clear\"\r\n\r\n",
	"", SGL_OK},
    {"nothing to hide", SGL_HP_CIPHER, "To:\r\n b\r\nSubject:[...]\r\n\r\n",
	"To:\r\n b\r\nSubject:[...]\r\n",
	"To:\r\n b\r\nSubject:[...]\r\n"
	"Content-Type: text/plain; hp=\"cipher\"\r\n"
	"HP-Outer: To: b\r\nHP-Outer: Subject: [...]\r\n\r\n",
	"", SGL_OK},
    {"protected before", SGL_HP_CIPHER,
	"To: b\r\nHP-Outer: To: c\r\nContent-Type: a/b; hp=\"clear\"; "
	"protected-headers=v1\r\n\r\n",
	"To: b\r\n",
	"To: b\r\nContent-Type: a/b; hp=\"cipher\"\r\nHP-Outer: To: b\r\n\r\n",
	"", SGL_OK},
    {"other content fields alone", SGL_HP_CLEAR,
	"To: b\r\nContent-ID: <i>\r\n\r\n", "To: b\r\n",
	"To: b\r\nContent-ID: <i>\r\n"
	"Content-Type: text/plain; hp=\"clear\"\r\n\r\n",
	"", SGL_OK},
    {"bare entity", SGL_HP_CLEAR, "Content-Type: a/b\r\n\r\n", NULL, NULL, NULL,
	SGL_E_USAGE},
    {"only what is not protected", SGL_HP_CIPHER,
	"Received: x\r\nBcc: b\r\nHP-Outer: To: c\r\n\r\n", NULL, NULL, NULL,
	SGL_E_USAGE},
    {"signed already", SGL_HP_CLEAR,
	"To: b\r\nContent-Type: multipart/signed; x=y\r\n\r\n", NULL, NULL,
	NULL, SGL_E_UNSUPPORTED},
    {"encrypted already", SGL_HP_CLEAR,
	"To: b\r\nContent-Type: application/pkcs7-mime\r\n\r\n", NULL, NULL,
	NULL, SGL_E_UNSUPPORTED},
    {"encrypted already, by its name alone", SGL_HP_CLEAR,
	"To: b\r\nContent-Type: application/octet-stream; name=a.p7m\r\n"
	"\r\n",
	NULL, NULL, NULL, SGL_E_UNSUPPORTED},
    {"PGP/MIME", SGL_HP_CIPHER,
	"To: b\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n", NULL,
	NULL, NULL, SGL_E_UNSUPPORTED},
    {"no type", SGL_HP_CLEAR, "To: b\r\nContent-Type: text\r\n\r\n", NULL, NULL,
	NULL, SGL_E_ENCODING},
    {"two types", SGL_HP_CLEAR,
	"To: b\r\nContent-Type: a/b\r\nContent-Type: a/c\r\n\r\n", NULL, NULL,
	NULL, SGL_E_ENCODING},
};

typedef struct protected_outside {
	sgl_buf fields, display;
} protected_outside;

static sgl_status
on_protected(void *ctx, sgl_slice fields, sgl_slice display, sgl_err *err)
{
	protected_outside *o = ctx;

	TRY(sgl_buf_add(&o->display, display, err));
	return sgl_buf_add(&o->fields, fields, err);
}

static void
check_protection(size_t i, size_t step)
{
	SGL_AUTO_CLEAR(sgl_buf) inside = sgl_buf_init(4096);
	SGL_AUTO(sgl_intake)
	input = NULL;
	sgl_limits limits = sgl_limits_fill(NULL);
	protected_outside o = {sgl_buf_init(4096), sgl_buf_init(4096)};
	const char *name = protections[i].name;
	sgl_bufsink sink;
	sgl_status got;

	sgl_bufsink_init(&sink, &inside);
	assert_int_equal(sgl_intake_new(&limits, protections[i].hp,
			     on_protected, &o, &sink.sink, &input, NULL),
	    SGL_OK);
	got = sgl_feed(sgl_intake_sink(input), sgl_slice_str(protections[i].in),
	    step, NULL);
	if (got != protections[i].status)
		fail_msg("%s: %s", name, sgl_status_name(got));
	if (got == SGL_OK) {
		assert_text(
		    name, sgl_buf_slice(&o.fields), protections[i].outside);
		assert_text(
		    name, sgl_buf_slice(&inside), protections[i].inside);
		assert_text(
		    name, sgl_buf_slice(&o.display), protections[i].display);
	} else {
		assert_int_equal(inside.len + o.fields.len, 0);
		assert_true(sink.aborted);
	}
	sgl_buf_clear(&o.fields);
	sgl_buf_clear(&o.display);
}

/* @req rfc9788-5.2.1 @req rfc9788-3.2.1 @req rfc9788-2.2 @req rfc9788-11.4 */
static void
protects_header_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(protections); i++)
		for (size_t k = 0; k < SGL_FEED_STEPS; k++)
			check_protection(i, sgl_feed_steps[k]);
}

/* RFC 5322 2.1.1: the copy of a line that is as long as one may be is folded.
 */
static void
folds_long_copies(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) inside = sgl_buf_init(1 << 14);
	SGL_AUTO(sgl_intake)
	input = NULL;
	sgl_limits limits = sgl_limits_fill(NULL);
	char in[1024];
	sgl_bufsink sink;
	size_t column = 0;

	(void)state;
	(void)snprintf(in, sizeof in, "X: %0995d\r\n\r\n", 1);
	sgl_bufsink_init(&sink, &inside);
	assert_int_equal(sgl_intake_new(&limits, SGL_HP_CIPHER, NULL, NULL,
			     &sink.sink, &input, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_intake_sink(input), sgl_slice_str(in), 0, NULL),
	    SGL_OK);
	for (size_t i = 0; i < inside.len; i++) {
		column = inside.data[i] == '\n' ? 0 : column + 1;
		assert_true(column <= 1000);
	}
	assert_non_null(
	    memmem(inside.data, inside.len, "HP-Outer:\r\n X: 0", 16));
}

static void
keeps_to_its_limit(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) inside = sgl_buf_init(4096);
	SGL_AUTO(sgl_intake)
	input = NULL;
	sgl_limits limits = sgl_limits_fill(NULL);
	sgl_bufsink sink;

	(void)state;
	limits.headers = 10;
	sgl_bufsink_init(&sink, &inside);
	assert_int_equal(sgl_intake_new(&limits, SGL_HP_NONE, NULL, NULL,
			     &sink.sink, &input, NULL),
	    SGL_OK);
	assert_int_equal(sgl_feed(sgl_intake_sink(input),
			     SGL_LIT("Subject: much too long\n\n"), 1, NULL),
	    SGL_E_LIMIT);
	assert_true(sink.aborted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_messages),
	    cmocka_unit_test(protects_header_fields),
	    cmocka_unit_test(folds_long_copies),
	    cmocka_unit_test(keeps_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
