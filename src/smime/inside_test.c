/* SPDX-License-Identifier: Apache-2.0 */
/* Signed and encrypted parts of a content that nobody signed: they are told of,
 * and prove nothing about the whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "support/fault.h"
#include "support/issue.h"
#include "support/message.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FROM "From: alice@example.org\r\n"
#define MIXED(b) "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n"
#define TEXT "Content-Type: text/plain\r\n\r\ntext\r\n"
#define CLEAR                                                                  \
	"Content-Type: multipart/signed; micalg=sha-256; boundary=s; "         \
	"protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\n" TEXT         \
	"--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nMIIB\r\n"     \
	"--s--\r\n"
#define P7M(type) "Content-Type: application/pkcs7-mime" type "\r\n\r\nMIIB\r\n"
#define FORWARDED "Content-Type: message/rfc822\r\n\r\n" FROM

static sgl_engine *engine;

static const struct {
	const char *what, *message;
	bool has_signed, has_encrypted;
} cases[] = {
    {"a text", FROM TEXT, false, false},
    {"two texts", FROM MIXED("a") "--a\r\n" TEXT "--a\r\n" TEXT "--a--\r\n",
	false, false},
    {"a list's footer",
	FROM MIXED("a") "--a\r\n" CLEAR "--a\r\n" TEXT "--a--\r\n", true,
	false},
    {"deeper",
	FROM MIXED("a") "--a\r\n" MIXED("b") "--b\r\n" CLEAR
					     "--b--\r\n--a--\r\n",
	true, false},
    {"opaque, with its type",
	FROM MIXED("a") "--a\r\n" P7M("; smime-type=signed-data") "--a--\r\n",
	true, false},
    {"encrypted",
	FROM MIXED("a") "--a\r\n" P7M(
	    "; smime-type=enveloped-data") "--a--\r\n",
	false, true},
    {"certificates",
	FROM MIXED("a") "--a\r\n" P7M("; smime-type=certs-only") "--a--\r\n",
	false, false},
    {"both",
	FROM MIXED("a") "--a\r\n" P7M(
	    "; smime-type=authEnveloped-data") "--a\r\n" CLEAR "--a--\r\n",
	true, true},
    {"in an attached message",
	FROM MIXED("a") "--a\r\n" FORWARDED MIXED("b") "--b\r\n" CLEAR
						       "--b--\r\n--a--\r\n",
	false, false},
    {"an attached message that is signed",
	FROM MIXED("a") "--a\r\n" FORWARDED CLEAR "--a--\r\n", false, false},
    {"behind an attached message",
	FROM MIXED("a") "--a\r\n" FORWARDED TEXT "--a\r\n" CLEAR "--a--\r\n",
	true, false},
    {"a header and no more",
	FROM MIXED("a") "--a\r\nContent-Type: application/pkcs7-mime; "
			"smime-type=signed-data",
	true, false},
    {"behind the end", FROM MIXED("a") "--a\r\n" TEXT "--a--\r\n--a\r\n" CLEAR,
	false, false},
};

/* What is not S/MIME, or does not say what it is, and may be protected all the
 * same. */
#define LEAF(t) "Content-Type: " t "\r\n\r\nx\r\n"

static const struct {
	const char *what, *message, *reason, *finding;
} foreign[] = {
    {"encrypted",
	FROM "Content-Type: multipart/encrypted; boundary=a; "
	     "protocol=\"application/pgp-encrypted\"\r\n\r\n--a\r\n" TEXT
	     "--a--\r\n",
	"openpgp", "openpgp"},
    {"signed",
	FROM "Content-Type: multipart/signed; boundary=a; "
	     "protocol=\"application/pgp-signature\"\r\n\r\n--a\r\n" TEXT
	     "--a--\r\n",
	"openpgp", "openpgp"},
    {"encrypted, taken apart by a gateway",
	FROM MIXED("a") "--a\r\n" LEAF(
	    "application/pgp-encrypted") "--a\r\n" LEAF("application/"
							"octet-stream") "--a--"
									"\r\n",
	"openpgp", "openpgp"},
    {"signed, beside a footer",
	FROM MIXED("a") "--a\r\n" LEAF(
	    "multipart/signed; boundary=b; "
	    "protocol=\"application/pgp-signature\"") "--a--\r\n",
	"openpgp", "openpgp"},
    {"TNEF", FROM LEAF("application/ms-tnef; name=winmail.dat"), "tnef",
	"tnef"},
    {"TNEF beside a text",
	FROM MIXED("a") "--a\r\n" TEXT
			"--a\r\n" LEAF("application/vnd.ms-tnef") "--a--\r\n",
	"tnef", "tnef"},
    {"TNEF by its name",
	FROM LEAF("application/octet-stream; name=\"WinMail.dat\""), "tnef",
	"tnef"},
    {"encrypted in another way",
	FROM "Content-Type: multipart/encrypted; boundary=a; "
	     "protocol=\"application/x-other\"\r\n\r\n--a\r\n" TEXT "--a--\r\n",
	"", NULL},
    {"in an attached message",
	FROM MIXED("a") "--a\r\n" FORWARDED LEAF(
	    "application/ms-tnef") "--a--\r\n",
	"", NULL},
    {"S/MIME without its type", FROM MIXED("a") "--a\r\n" P7M("") "--a--\r\n",
	"protected-part-inside", "protected-part-inside"},
    {"S/MIME by its name",
	FROM MIXED("a") "--a\r\n" LEAF(
	    "application/octet-stream; name=smime.p7m") "--a--\r\n",
	"protected-part-inside", "protected-part-inside"},
    {"multipart/signed taken apart",
	FROM MIXED("a") "--a\r\n" TEXT "--a\r\n" LEAF(
	    "application/pkcs7-signature; name=smime.p7s") "--a--\r\n",
	"torn-signature", "torn-signature"},
    {"nothing but a signature", FROM LEAF("application/x-pkcs7-signature"),
	"torn-signature", "torn-signature"},
    {"the same, its type lost",
	FROM MIXED("a") "--a\r\n" TEXT "--a\r\n" LEAF(
	    "application/octet-stream; name=smime.p7s") "--a--\r\n",
	"torn-signature", "torn-signature"},
    {"S/MIME is nearer",
	FROM MIXED("a") "--a\r\n" LEAF("application/ms-tnef") "--a\r\n" CLEAR
							      "--a--\r\n",
	"signed-part-inside", "tnef"},
};

static bool
tells(const message_outcome *got, const char *word)
{
	char text[64];
	SGL_AUTO_CLEAR(sgl_buf) json = sgl_buf_init(MESSAGE_MAX);

	(void)snprintf(text, sizeof text, "\"%s\"", word);
	assert_int_equal(sgl_buf_add(&json,
			     sgl_slice_of(got->json.data, got->json.len), NULL),
	    SGL_OK);
	assert_int_equal(sgl_buf_add(&json, sgl_slice_of("", 1), NULL), SGL_OK);
	return strstr((const char *)json.data, text) != NULL;
}

static void
tells_of_parts(void **state)
{
	message_offer o = {.at = SGL_ISSUE_TIME, .peel = SGL_PEEL_ALL};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sgl_slice in = sgl_slice_str(cases[i].message);
		message_outcome got, bytes;

		message_read(engine, in, &o, in.len, true, &got);
		assert_int_equal(got.status, SGL_OK);
		assert_string_equal(got.signature, "none");
		assert_string_equal(got.reason,
		    cases[i].has_signed ? "signed-part-inside" : "");
		assert_false(tells(&got, "torn-signature"));
		if (tells(&got, "signed-part-inside") != cases[i].has_signed ||
		    tells(&got, "encrypted-part-inside") !=
			cases[i].has_encrypted)
			fail_msg("%s", cases[i].what);
		assert_true(sgl_slice_eq(sgl_buf_slice(&got.content), in));
		message_read(engine, in, &o, 1, true, &bytes);
		message_same(&got, &bytes);
		message_outcome_clear(&got);
		message_outcome_clear(&bytes);
	}
}

static void
tells_of_what_is_foreign(void **state)
{
	message_offer o = {.at = SGL_ISSUE_TIME, .peel = SGL_PEEL_ALL};

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++) {
		const char *finding = foreign[i].finding;
		message_outcome got;

		message_read(engine, sgl_slice_str(foreign[i].message), &o, 7,
		    true, &got);
		assert_int_equal(got.status, SGL_OK);
		assert_string_equal(got.signature, "none");
		if (strcmp(got.reason, foreign[i].reason) != 0)
			fail_msg("%s: %s", foreign[i].what, got.reason);
		if (finding != NULL)
			assert_true(tells(&got, finding));
		else
			assert_false(
			    tells(&got, "openpgp") || tells(&got, "tnef"));
		message_outcome_clear(&got);
	}
}

/* What cannot be followed passes on all the same. */
static void
passes_what_it_cannot_follow(void **state)
{
	message_offer o = {.at = SGL_ISSUE_TIME, .peel = SGL_PEEL_ALL};
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	message_outcome got;

	(void)state;
	assert_int_equal(
	    sgl_buf_add_str(&m, FROM MIXED("a") "--a\r\n", NULL), SGL_OK);
	for (int i = 0; i < 30000; i++)
		assert_int_equal(
		    sgl_buf_printf(&m, NULL, "X-%d: %064d\r\n", i, 0), SGL_OK);
	assert_int_equal(
	    sgl_buf_add_str(&m, "\r\n--a\r\n" CLEAR "--a--\r\n", NULL), SGL_OK);
	message_read(engine, sgl_buf_slice(&m), &o, 4096, true, &got);
	assert_int_equal(got.status, SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&got.content), sgl_buf_slice(&m)));
	message_outcome_clear(&got);
}

static sgl_status
read_job(void *ctx, sgl_err *err)
{
	static const sgl_read_options options = {.peel = SGL_PEEL_ALL};
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(MESSAGE_MAX);
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_status status;
	size_t taken;

	sgl_bufsink_init(&sink, &content);
	TRY(sgl_reader_new(engine, &options, &sink.sink, &r, err));
	status = sgl_reader_push(r, sgl_slice_str(ctx), &taken, err);
	if (status == SGL_OK)
		status = sgl_reader_finish(r, &report, err);
	if (status == SGL_OK)
		assert_true(report->has_signed_part);
	sgl_reader_free(r);
	return status;
}

static void
survives_lack_of_memory(void **state)
{
	char message[] = FROM MIXED("a") "--a\r\n" CLEAR "--a--\r\n";

	(void)state;
	assert_int_equal(read_job(message, NULL), SGL_OK);
	assert_true(sgl_fault_each(read_job, message) > 10);
}

static int
start(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_of_parts),
	    cmocka_unit_test(tells_of_what_is_foreign),
	    cmocka_unit_test(passes_what_it_cannot_follow),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
