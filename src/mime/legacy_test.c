/* SPDX-License-Identifier: Apache-2.0 */
/* Legacy Display Elements: put in, taken out, and all else left alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mime/legacy_cut.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TEXT "Subject: Lunch\r\nKeywords: food\r\n"
#define UTF8_TEXT "Subject: H\xc3\xa4lsning\r\n"
#define P "; hp-legacy-display=\"1\""
#define DIV                                                                    \
	"<div class=\"header-protection-legacy-display\">\r\n"                 \
	"<pre>Subject: Lunch\r\nKeywords: food</pre>\r\n</div>"

/* back: what it becomes when the element is taken out; NULL: the same as in.
 * out NULL: nothing happens. */
static const struct {
	const char *name, *text, *in, *out, *back;
} cases[] = {
    {"plain", TEXT, "Content-Type: text/plain\r\nX: y\r\n\r\nHello\r\n",
	"Content-Type: text/plain" P "\r\nX: y\r\n\r\n" TEXT "\r\nHello\r\n",
	NULL},
    {"plain, LF", TEXT, "Content-Type: text/plain\n\nHello\n",
	"Content-Type: text/plain" P "\n\n" TEXT "\r\nHello\n", NULL},
    {"empty body", TEXT, "Content-Type: text/plain\r\n\r\n",
	"Content-Type: text/plain" P "\r\n\r\n" TEXT "\r\n", NULL},
    {"no type", TEXT, "X: y\r\n\r\nHello",
	"X: y\r\nContent-Type: text/plain" P "\r\n\r\n" TEXT "\r\nHello",
	"X: y\r\nContent-Type: text/plain\r\n\r\nHello"},
    {"html", TEXT,
	"Content-Type: text/html; charset=x-odd; charset=utf-8\r\n\r\n<p>",
	NULL, NULL},
    {"html body", TEXT,
	"Content-Type: text/html; charset=utf-8\r\n\r\n<!DOCTYPE html>\r\n"
	"<HTML><head><title><body></title><!-- <body> --></head>\r\n"
	"<body class=\"a>b\"><p>Hello</body>",
	"Content-Type: text/html" P "; charset=utf-8\r\n\r\n"
	"<!DOCTYPE html>\r\n"
	"<HTML><head><title><body></title><!-- <body> --></head>\r\n"
	"<body class=\"a>b\">" DIV "<p>Hello</body>",
	NULL},
    {"html without body", TEXT, "Content-Type: text/html\r\n\r\n<p>Hello",
	"Content-Type: text/html" P "\r\n\r\n" DIV "<p>Hello", NULL},
    {"html with a head alone", TEXT,
	"Content-Type: text/html\r\n\r\n<html><head><style>a</style></head><p>",
	"Content-Type: text/html" P "\r\n\r\n"
	"<html><head><style>a</style></head>" DIV "<p>",
	NULL},
    {"html, escaped", "Subject: <b>'&\"\xc3\xa4\r\n",
	"Content-Type: text/html\r\n\r\n",
	"Content-Type: text/html" P "\r\n\r\n"
	"<div class=\"header-protection-legacy-display\">\r\n"
	"<pre>Subject: &lt;b&gt;&apos;&amp;&quot;&#228;</pre>\r\n</div>",
	NULL},
    {"quoted-printable", UTF8_TEXT,
	"Content-Type: text/plain; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\na=C3=A4\r\n",
	"Content-Type: text/plain" P "; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	"Subject: H=C3=A4lsning\r\n\r\na=C3=A4\r\n",
	NULL},
    {"base64", TEXT,
	"Content-Type: text/plain; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n",
	"Content-Type: text/plain" P "; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\n"
	"U3ViamVjdDogTHVuY2gNCktleXdvcmRzOiBmb29kDQoNCkhlbGxv\r\n",
	NULL},
    {"base64 without a line end", TEXT,
	"Content-Type: text/plain; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=",
	"Content-Type: text/plain" P "; charset=UTF-8\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\n"
	"U3ViamVjdDogTHVuY2gNCktleXdvcmRzOiBmb29kDQoNCkhlbGxv",
	NULL},
    {"7bit takes no 8-bit text", UTF8_TEXT,
	"Content-Type: text/plain; charset=utf-8\r\n\r\n1=1\r\n",
	"Content-Type: text/plain" P "; charset=utf-8\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	"Subject: H=C3=A4lsning\r\n\r\n1=3D1\r\n",
	"Content-Type: text/plain; charset=utf-8\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n1=3D1\r\n"},
    {"US-ASCII becomes UTF-8", UTF8_TEXT,
	"content-type: text/plain; charset=us-ascii\r\n"
	"Content-Transfer-Encoding: 7bit\r\nX: y\r\n\r\nHi\r\n",
	"content-type: text/plain" P "; charset=\"utf-8\"\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\nX: y\r\n\r\n"
	"Subject: H=C3=A4lsning\r\n\r\nHi\r\n",
	"content-type: text/plain; charset=\"utf-8\"\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\nX: y\r\n\r\nHi\r\n"},
    {"8bit", UTF8_TEXT,
	"Content-Type: text/plain; charset=utf-8\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa4\r\n",
	"Content-Type: text/plain" P "; charset=utf-8\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\n" UTF8_TEXT "\r\n\xc3\xa4\r\n",
	NULL},
    {"Latin 1", UTF8_TEXT,
	"Content-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\n\xe4\r\n",
	"Content-Type: text/plain" P "; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\nSubject: H\xe4lsning\r\n"
	"\r\n\xe4\r\n",
	NULL},
    {"the charset has no such letter", "Subject: \xe2\x82\xac\r\n",
	"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nx\r\n", NULL,
	NULL},
    {"8bit without a charset", UTF8_TEXT,
	"Content-Type: text/plain\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\n\xe4\r\n",
	NULL, NULL},
    {"UTF-16", TEXT,
	"Content-Type: text/plain; charset=utf-16\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nAGE=\r\n",
	NULL, NULL},
    {"unknown encoding", TEXT,
	"Content-Transfer-Encoding: x-uuencode\r\n\r\nx\r\n", NULL, NULL},
    {"attachment", TEXT,
	"Content-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n", NULL,
	NULL},
    {"neither text nor html", TEXT, "Content-Type: text/calendar\r\n\r\nx\r\n",
	NULL, NULL},
    {"nothing hidden", "", "Content-Type: text/plain\r\n\r\nx\r\n", NULL, NULL},
    {"header alone", TEXT, "Content-Type: text/plain\r\n", NULL, NULL},
    {"signed already", TEXT,
	"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
	"--b--\r\n",
	NULL, NULL},
    {"forwarded", TEXT,
	"Content-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\nx\r\n", NULL,
	NULL},
    {"main parts only", TEXT,
	"Content-Type: multipart/mixed; boundary=o\r\n\r\npreamble\r\n--o\r\n"
	"Content-Type: multipart/alternative; boundary=i\r\n\r\n"
	"--i\r\n\r\nplain\r\n"
	"--i\r\nContent-Type: text/html\r\n\r\n<body>\r\n--i--\r\n"
	"--o\r\nContent-Type: text/plain\r\n\r\nsecond\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\n\r\nthird\r\n--o-- \r\n"
	"epilogue\r\n",
	"Content-Type: multipart/mixed; boundary=o\r\n\r\npreamble\r\n--o\r\n"
	"Content-Type: multipart/alternative; boundary=i\r\n\r\n"
	"--i\r\nContent-Type: text/plain" P "\r\n\r\n" TEXT "\r\nplain\r\n"
	"--i\r\nContent-Type: text/html" P "\r\n\r\n<body>" DIV "\r\n"
	"--i--\r\n"
	"--o\r\nContent-Type: text/plain\r\n\r\nsecond\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\n\r\nthird\r\n--o-- \r\n"
	"epilogue\r\n",
	"Content-Type: multipart/mixed; boundary=o\r\n\r\npreamble\r\n--o\r\n"
	"Content-Type: multipart/alternative; boundary=i\r\n\r\n"
	"--i\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
	"--i\r\nContent-Type: text/html\r\n\r\n<body>\r\n--i--\r\n"
	"--o\r\nContent-Type: text/plain\r\n\r\nsecond\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\n\r\nthird\r\n--o-- \r\n"
	"epilogue\r\n"},
};

/* What comes in marked and is left as it is: no element where one is said to
 * be, or not in a main part. */
static const struct {
	const char *name, *in, *want;
} removals[] = {
    {"no empty line", "Content-Type: text/plain" P "\r\n\r\nSubject: a\r\n",
	"Content-Type: text/plain\r\n\r\nSubject: a\r\n"},
    {"empty line first", "Content-Type: text/plain" P "\r\n\r\n\r\nx: y\r\n",
	"Content-Type: text/plain\r\n\r\n\r\nx: y\r\n"},
    {"no field", "Content-Type: text/plain" P "\r\n\r\nDear Bob\r\n\r\nx",
	"Content-Type: text/plain\r\n\r\nDear Bob\r\n\r\nx"},
    {"another value",
	"Content-Type: text/plain; hp-legacy-display=2\r\n\r\nS: a\r\n\r\nx",
	"Content-Type: text/plain; hp-legacy-display=2\r\n\r\nS: a\r\n\r\nx"},
    {"attachment",
	"Content-Type: text/plain" P
	"\r\nContent-Disposition: attachment\r\n\r\nS: a\r\n\r\nx",
	"Content-Type: text/plain" P
	"\r\nContent-Disposition: attachment\r\n\r\nS: a\r\n\r\nx"},
    {"nested elements",
	"Content-Type: text/html" P "\r\n\r\n<body><div><div class=\"x "
	"header-protection-legacy-display\"><div>a</div><!-- </div> -->b"
	"</div>c</div>",
	"Content-Type: text/html\r\n\r\n<body><div>c</div>"},
    {"element without end",
	"Content-Type: text/html" P "\r\n\r\n<div class="
	"header-protection-legacy-display>a",
	"Content-Type: text/html\r\n\r\n<div class="
	"header-protection-legacy-display>a"},
    {"another class",
	"Content-Type: text/html" P "\r\n\r\n<div class="
	"header-protection-legacy-displays>a</div>",
	"Content-Type: text/html\r\n\r\n<div class="
	"header-protection-legacy-displays>a</div>"},
};

/* text NULL: takes out. */
static void
run(const char *name, const char *text, const char *in, size_t step,
    const char *want)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_legacy_stage)
	s = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, &out);
	assert_int_equal(
	    sgl_legacy_stage_new(NULL, &sink.sink, &s, NULL), SGL_OK);
	if (text != NULL)
		assert_int_equal(
		    sgl_legacy_stage_add(s, sgl_slice_str(text), NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_legacy_stage_sink(s), sgl_slice_str(in), step, NULL),
	    SGL_OK);
	assert_true(sink.finished);
	if (!sgl_slice_eq(sgl_buf_slice(&out), sgl_slice_str(want)))
		fail_msg(
		    "%s: %.*s", name, (int)out.len, (const char *)out.data);
}

/* @req rfc9788-5.2.2 @req rfc9788-5.2.3 @req rfc9788-5.2.4 */
static void
adds_and_removes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < SGL_FEED_STEPS; k++) {
			const char *in = cases[i].in, *out = cases[i].out;
			size_t step = sgl_feed_steps[k];

			run(cases[i].name, cases[i].text, in, step,
			    out == NULL ? in : out);
			if (out == NULL)
				continue;
			run(cases[i].name, NULL, out, step,
			    cases[i].back == NULL ? in : cases[i].back);
			/* Not twice. */
			run(cases[i].name, cases[i].text, out, step, out);
		}
}

/* @req rfc9788-4.5.3 */
static void
removes_with_care(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(removals); i++)
		for (size_t k = 0; k < SGL_FEED_STEPS; k++)
			run(removals[i].name, NULL, removals[i].in,
			    sgl_feed_steps[k], removals[i].want);
}

/* A long part costs no more memory than its head, and loses nothing. */
static void
passes_long_parts(void **state)
{
	static const size_t lens[] = {SGL_LEGACY_HEAD - 1, SGL_LEGACY_HEAD,
	    SGL_LEGACY_HEAD + 1, 3 * SGL_LEGACY_HEAD};
	static char in[4 * SGL_LEGACY_HEAD], want[4 * SGL_LEGACY_HEAD];

	(void)state;
	for (size_t i = 0; i < COUNT(lens); i++) {
		char *at = stpcpy(in, "Content-Type: text/html\r\n\r\n<p>");

		memset(at, 'x', lens[i] - 3);
		at[lens[i] - 3] = 0;
		(void)stpcpy(
		    stpcpy(want, "Content-Type: text/html" P "\r\n\r\n" DIV),
		    strchr(in, '<'));
		run("long", TEXT, in, 1000, want);
		run("long", NULL, want, 1000, in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_and_removes),
	    cmocka_unit_test(removes_with_care),
	    cmocka_unit_test(passes_long_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
