/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "mime/header.h"
#include "support/issue.h"
#include "support/message.h"
#include "support/people.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define LARGE_LEN 300000
#define BLOCK 65536

enum { CA, ALICE, BOB, ERIN, NUM_WHO };

typedef struct world {
	sgl_engine *engine;
	sgl_who who[NUM_WHO];
	message_offer offer;
	sgl_certs to_bob;
	uint8_t *large; /* a message with a long body */
} world;

static world the_world;

#define OUTER                                                                  \
	"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: test\r\n"
#define INNER                                                                  \
	"Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\n\r\n" \
	"this is a message.\r\n"
#define MESSAGE                                                                \
	"From: alice@example.org\r\nTo: bob@example.org\r\n"                   \
	"MIME-Version: 1.0\r\n"                                                \
	"Content-Type: text/plain; charset=us-ascii\r\n"                       \
	"Subject: test\r\n\r\nHello Bob,\r\n\r\nthis is a message.\r\n"

/* --- writing --- */

static sgl_status
push_all(sgl_writer *w, sgl_slice in, size_t step, sgl_err *err)
{
	size_t taken = 0;

	while (in.len > 0) {
		size_t n = in.len < step ? in.len : step;
		TRY(sgl_writer_push(w, sgl_slice_first(in, n), &taken, err));
		assert_int_equal(taken, n);
		in = sgl_slice_from(in, n);
	}
	return SGL_OK;
}

static sgl_status
feed(sgl_writer *w, sgl_slice in, size_t step, sgl_err *err)
{
	if (sgl_writer_needs_survey(w)) {
		TRY(push_all(w, in, step, err));
		TRY(sgl_writer_survey_done(w, err));
		assert_false(sgl_writer_needs_survey(w));
	}
	TRY(push_all(w, in, step, err));
	return sgl_writer_finish(w, err);
}

static sgl_status
protect(const sgl_protect_options *options, sgl_slice in, size_t step,
    sgl_buf *out, sgl_err *err)
{
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	sgl_status status;

	sgl_bufsink_init(&sink, out);
	status = sgl_writer_new(the_world.engine, options, &sink.sink, &w, err);
	if (status != SGL_OK) {
		assert_false(sink.aborted);
		return status;
	}
	status = feed(w, in, step, err);
	assert_int_equal(sink.finished, status == SGL_OK);
	assert_int_equal(sink.aborted, status != SGL_OK);
	if (status == SGL_OK)
		assert_int_equal(sgl_writer_finish(w, err), SGL_OK);
	else
		assert_int_equal(sgl_writer_finish(w, err), status);
	sgl_writer_free(w);
	return status;
}

static sgl_sign_with
signer_of(int who)
{
	return (sgl_sign_with){
	    .cert = the_world.who[who].cert, .key = the_world.who[who].key};
}

/* --- what the outermost layer looks like ---
 * @req rfc8551-3.2.2 @req rfc1847-2.1 */

static void
assert_starts(const char *name, const sgl_buf *out, const char *want)
{
	if (!sgl_slice_starts(sgl_buf_slice(out), sgl_slice_str(want)))
		fail_msg("%s: %.*s", name, 400, (const char *)out->data);
}

static const struct {
	const char *name;
	sgl_protect what;
	bool opaque;
	const char *cipher, *head, *signature, *confidentiality;
} forms[] = {
    {"clear", SGL_PROTECT_SIGN, false, NULL,
	"Content-Type: multipart/signed; "
	"protocol=\"application/pkcs7-signature\";\r\n\tmicalg=sha-256;\r\n"
	"\tboundary=\"=_",
	"valid-trusted", "none"},
    {"opaque", SGL_PROTECT_SIGN, true, NULL,
	"Content-Type: application/pkcs7-mime; smime-type=signed-data;\r\n"
	"\tname=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n"
	"Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\nMI",
	"valid-trusted", "none"},
    {"encrypted", SGL_PROTECT_ENCRYPT, false, NULL,
	"Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
	"\tname=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n"
	"Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\nMI",
	"none", "encrypted-no-integrity"},
    {"AEAD", SGL_PROTECT_ENCRYPT, false, "aes-256-gcm",
	"Content-Type: application/pkcs7-mime; "
	"smime-type=authEnveloped-data;\r\n",
	"none", "encrypted"},
    {"signed, encrypted", SGL_PROTECT_SIGN_ENCRYPT, false, "aes-128-cbc",
	"Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n",
	"valid-trusted", "encrypted"},
    {"signed, encrypted by AEAD", SGL_PROTECT_SIGN_ENCRYPT, true,
	"chacha20-poly1305",
	"Content-Type: application/pkcs7-mime; "
	"smime-type=authEnveloped-data;\r\n",
	"valid-trusted", "encrypted"},
    {"triple", SGL_PROTECT_TRIPLE, false, NULL,
	"Content-Type: multipart/signed; ", "valid-trusted", "encrypted"},
    {"triple, opaque", SGL_PROTECT_TRIPLE, true, "aes-128-gcm",
	"Content-Type: application/pkcs7-mime; smime-type=signed-data;\r\n",
	"valid-trusted", "encrypted"},
};

static sgl_protect_options
options_of(size_t i, const sgl_sign_with *signer)
{
	return (sgl_protect_options){.what = forms[i].what,
	    .opaque = forms[i].opaque,
	    .cipher = forms[i].cipher,
	    .signers = signer,
	    .num_signers = 1,
	    .signing_time = SGL_ISSUE_TIME,
	    .recipients = &the_world.to_bob};
}

static void
check_form(size_t i, sgl_slice in, size_t step, const char *inner, bool exact)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signer = signer_of(ALICE);
	sgl_protect_options options = options_of(i, &signer);
	sgl_err err = {.text = ""};
	message_outcome got;
	char head[512];

	if (protect(&options, in, step, &out, &err) != SGL_OK)
		fail_msg("%s: %s", forms[i].name, err.text);
	(void)snprintf(head, sizeof head, "%s%s%s", exact ? OUTER : "",
	    exact ? "MIME-Version: 1.0\r\n" : "", exact ? forms[i].head : "");
	assert_starts(forms[i].name, &out, head);
	message_read(the_world.engine, sgl_buf_slice(&out), &the_world.offer,
	    BLOCK, true, &got);
	assert_int_equal(got.status, SGL_OK);
	if (strcmp(got.signature, forms[i].signature) != 0 ||
	    strcmp(got.confidentiality, forms[i].confidentiality) != 0)
		fail_msg("%s: %s, %s", forms[i].name, got.signature,
		    got.confidentiality);
	if (!sgl_slice_eq(sgl_buf_slice(&got.content), sgl_slice_str(inner)))
		fail_msg("%s: %.*s", forms[i].name, (int)got.content.len,
		    (const char *)got.content.data);
	message_outcome_clear(&got);
}

static void
writes_every_form(void **state)
{
	static const size_t steps[] = {1, 7, 100000};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		for (size_t k = 0; k < COUNT(steps); k++)
			check_form(i, SGL_LIT(MESSAGE), steps[k], INNER, true);
}

static void
writes_long_messages(void **state)
{
	const char *message = (const char *)the_world.large;

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		check_form(i, sgl_slice_str(message), 10007,
		    strstr(message, "Content-Type"), false);
}

/* --- what goes in --- */

static const struct {
	const char *name, *in, *clear, *opaque;
} entities[] = {
    {"bare entity", "Content-Type: text/html\n\n<p>\n",
	"Content-Type: text/html\r\n\r\n<p>\r\n",
	"Content-Type: text/html\r\n\r\n<p>\r\n"},
    {"no content fields", "Subject: x\n\nHello\n",
	"Content-Type: text/plain\r\n\r\nHello\r\n",
	"Content-Type: text/plain\r\n\r\nHello\r\n"},
    {"empty body", "Content-Type: text/plain\n\n",
	"Content-Type: text/plain\r\n\r\n", "Content-Type: text/plain\r\n\r\n"},
    {"no line end at the end", "Subject: x\n\nHello",
	"Content-Type: text/plain\r\n\r\nHello",
	"Content-Type: text/plain\r\n\r\nHello"},
    {"8-bit",
	"Content-Type: text/plain; charset=utf-8\n"
	"Content-Transfer-Encoding: 8bit\n\n\xc3\xa5\n",
	"Content-Type: text/plain; charset=utf-8\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A5\r\n",
	"Content-Type: text/plain; charset=utf-8\r\n"
	"Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa5\r\n"},
};

static void
takes_entities(void **state)
{
	sgl_sign_with signer = signer_of(ERIN);

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(entities); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options = options_of(i % 2, &signer);
		const char *want =
		    i % 2 == 0 ? entities[i / 2].clear : entities[i / 2].opaque;
		message_outcome got;

		assert_int_equal(
		    protect(&options, sgl_slice_str(entities[i / 2].in), 3,
			&out, NULL),
		    SGL_OK);
		message_read(the_world.engine, sgl_buf_slice(&out),
		    &the_world.offer, BLOCK, false, &got);
		assert_int_equal(got.status, SGL_OK);
		if (!sgl_slice_eq(
			sgl_buf_slice(&got.content), sgl_slice_str(want)))
			fail_msg("%s: %.*s", entities[i / 2].name,
			    (int)got.content.len,
			    (const char *)got.content.data);
		message_outcome_clear(&got);
	}
}

/* The first byte that cannot be is where it ends. */
static const struct {
	const char *name, *in, *text;
	uint64_t offset;
} no_messages[] = {
    {"empty", "", "the input is empty", 0},
    {"text", "Hello Bob,\n", "not a message", 6},
    {"line that is no field", "From: a\nfoo\n\nx",
	"a line of the header section is no field", 8},
};

static void
refuses_what_is_no_message(void **state)
{
	sgl_sign_with signer = signer_of(ALICE);

	(void)state;
	for (size_t i = 0; i < COUNT(no_messages) * COUNT(forms); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options =
		    options_of(i % COUNT(forms), &signer);
		size_t k = i / COUNT(forms);
		sgl_err err = {.text = ""};

		assert_int_equal(
		    protect(&options, sgl_slice_str(no_messages[k].in), 1, &out,
			&err),
		    SGL_E_ENCODING);
		assert_int_equal(out.len, 0);
	}
	for (size_t k = 0; k < COUNT(no_messages); k++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options = options_of(1, &signer);
		sgl_writer *w = NULL;
		sgl_bufsink sink;
		sgl_err err = {.text = ""};

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_writer_new(the_world.engine, &options,
				     &sink.sink, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    feed(w, sgl_slice_str(no_messages[k].in), 5, &err),
		    SGL_E_ENCODING);
		assert_string_equal(err.text, no_messages[k].text);
		assert_int_equal(err.offset, no_messages[k].offset);
		sgl_writer_free(w);
	}
}

/* What is signed already and not 7-bit may be signed opaque alone. */
static void
refuses_to_clear_sign_what_is_stuck(void **state)
{
	static const char stuck[] =
	    "Content-Type: multipart/signed; boundary=b; "
	    "protocol=\"application/pkcs7-signature\"\n\n"
	    "--b\nContent-Type: text/plain\n\n\xc3\xa5\n"
	    "--b\nContent-Type: application/pkcs7-signature\n\nx\n--b--\n";
	sgl_sign_with signer = signer_of(ALICE);
	sgl_err err = {.offset = 0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options = options_of(i, &signer);

		assert_int_equal(
		    protect(&options, SGL_LIT(stuck), 100, &out, &err),
		    i == 0 ? SGL_E_UNSUPPORTED : SGL_OK);
		if (i == 0)
			assert_int_equal(out.len, 0);
	}
}

/* --- several signers, and keys that answer later --- */

/* @req rfc8551-3.5.3.2 */
static void
names_all_digests(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signers[] = {
	    signer_of(ALICE), signer_of(ERIN), signer_of(BOB)};
	sgl_protect_options options = options_of(0, signers);

	(void)state;
	options.num_signers = COUNT(signers);
	assert_int_equal(
	    protect(&options, SGL_LIT(MESSAGE), 100, &out, NULL), SGL_OK);
	assert_starts("micalg", &out,
	    OUTER "MIME-Version: 1.0\r\n"
		  "Content-Type: multipart/signed; "
		  "protocol=\"application/pkcs7-signature\";\r\n"
		  "\tmicalg=\"sha-256,sha-512\";\r\n");
}

static sgl_status
answer_all(sgl_writer *w, sgl_key *late, sgl_key *real, size_t *num)
{
	sgl_status status = SGL_NEED_KEY;

	for (*num = 0; status == SGL_NEED_KEY; *num += 1) {
		sgl_key *key = NULL;
		const sgl_key_request *request = sgl_writer_request(w, &key);
		sgl_key_answer answer;

		assert_non_null(request);
		assert_ptr_equal(key, late);
		assert_int_equal(sgl_writer_finish(w, NULL), SGL_NEED_KEY);
		assert_int_equal(
		    sgl_key_ask(the_world.engine, real, request, &answer, NULL),
		    SGL_OK);
		status = sgl_writer_answer(w, SGL_OK, &answer, NULL);
	}
	assert_null(sgl_writer_request(w, &late));
	return status;
}

/* Alice's signature is the same each time, so all bytes can be compared. */
static void
late_keys_write_the_same(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(MESSAGE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signer = signer_of(ALICE);
	sgl_protect_options options = options_of(1, &signer);
	sgl_key *real = signer.key;
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	size_t num;

	(void)state;
	assert_int_equal(
	    protect(&options, SGL_LIT(MESSAGE), 100, &want, NULL), SGL_OK);
	signer.key = sgl_key_new_late(the_world.engine, real);
	sgl_bufsink_init(&sink, &out);
	assert_int_equal(
	    sgl_writer_new(the_world.engine, &options, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(feed(w, SGL_LIT(MESSAGE), 100, NULL), SGL_NEED_KEY);
	assert_false(sink.finished);
	assert_int_equal(answer_all(w, signer.key, real, &num), SGL_OK);
	assert_int_equal(num, 1);
	assert_true(sink.finished);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&out), sgl_buf_slice(&want)));
	sgl_writer_free(w);
	sgl_key_unref(signer.key);
}

static void
asks_twice_for_a_triple(void **state)
{
	sgl_sign_with signer = signer_of(ALICE);
	sgl_key *real = signer.key;

	(void)state;
	signer.key = sgl_key_new_late(the_world.engine, real);
	for (size_t i = COUNT(forms) - 2; i < COUNT(forms); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options = options_of(i, &signer);
		message_outcome got;
		sgl_writer *w = NULL;
		sgl_bufsink sink;
		size_t num;

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_writer_new(the_world.engine, &options,
				     &sink.sink, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    feed(w, SGL_LIT(MESSAGE), 100, NULL), SGL_NEED_KEY);
		assert_int_equal(answer_all(w, signer.key, real, &num), SGL_OK);
		assert_int_equal(num, 2);
		assert_true(sink.finished);
		sgl_writer_free(w);
		message_read(the_world.engine, sgl_buf_slice(&out),
		    &the_world.offer, BLOCK, true, &got);
		assert_string_equal(got.signature, "valid-trusted");
		message_outcome_clear(&got);
	}
	sgl_key_unref(signer.key);
}

/* 0: refused; 1: given up. */
static void
ends_without_an_answer(void **state)
{
	sgl_sign_with signer = signer_of(ALICE);

	(void)state;
	signer.key = sgl_key_new_late(the_world.engine, signer.key);
	for (size_t i = 0; i < 2 * COUNT(forms); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_protect_options options = options_of(i / 2, &signer);
		sgl_writer *w = NULL;
		sgl_bufsink sink;
		sgl_err err;

		if (options.what == SGL_PROTECT_ENCRYPT)
			continue;
		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_writer_new(the_world.engine, &options,
				     &sink.sink, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    feed(w, SGL_LIT(MESSAGE), 100, NULL), SGL_NEED_KEY);
		if (i % 2 == 0) {
			assert_int_equal(
			    sgl_writer_answer(w, SGL_E_PASSWORD, NULL, &err),
			    SGL_E_PASSWORD);
			assert_true(sink.aborted);
			assert_int_equal(
			    sgl_writer_finish(w, &err), SGL_E_PASSWORD);
		}
		sgl_writer_free(w);
		assert_true(sink.aborted);
		assert_false(sink.finished);
	}
	sgl_key_unref(signer.key);
}

/* --- what cannot be asked for --- */

static void
refuses_options(void **state)
{
	const struct {
		const char *name;
		sgl_protect_options options;
		sgl_status want;
		const char *detail;
	} cases[] = {
	    {"no signer", {.what = SGL_PROTECT_SIGN}, SGL_E_USAGE, ""},
	    {"no recipient", {.what = SGL_PROTECT_ENCRYPT}, SGL_E_USAGE, ""},
	    {"unknown cipher",
		{.what = SGL_PROTECT_ENCRYPT,
		    .recipients = &the_world.to_bob,
		    .cipher = "rot13"},
		SGL_E_USAGE, "rot13"},
	    {"old cipher",
		{.what = SGL_PROTECT_ENCRYPT,
		    .recipients = &the_world.to_bob,
		    .cipher = "des-ede3-cbc"},
		SGL_E_UNSUPPORTED, "des-ede3-cbc"},
	    {"another's key",
		{.what = SGL_PROTECT_TRIPLE,
		    .recipients = &the_world.to_bob,
		    .signers = &(
			const sgl_sign_with){.cert = the_world.who[ALICE].cert,
			.key = the_world.who[BOB].key},
		    .num_signers = 1},
		SGL_E_MISMATCH, "alice@example.org"},
	    {"a CA signs",
		{.what = SGL_PROTECT_SIGN,
		    .signers =
			&(const sgl_sign_with){.cert = the_world.who[CA].cert,
			    .key = the_world.who[CA].key},
		    .num_signers = 1},
		SGL_E_USAGE, "CN=Test CA,O=Example"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		sgl_err err = {.text = ""};
		sgl_status got = protect(
		    &cases[i].options, SGL_LIT(MESSAGE), 100, &out, &err);

		if (got != cases[i].want)
			fail_msg("%s: %s (%s)", cases[i].name,
			    sgl_status_name(got), err.text);
		assert_string_equal(err.detail, cases[i].detail);
		assert_int_equal(out.len, 0);
	}
}

static void
wants_its_order(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signer = signer_of(ALICE);
	sgl_protect_options options = options_of(0, &signer);
	sgl_slice in = SGL_LIT(MESSAGE);
	sgl_writer *w = NULL;
	sgl_bufsink sink;
	sgl_key *key;
	size_t taken;

	(void)state;
	sgl_bufsink_init(&sink, &out);
	assert_int_equal(
	    sgl_writer_new(the_world.engine, &options, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_null(sgl_writer_request(w, &key));
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_writer_push(w, in, &taken, NULL), SGL_OK);
	assert_int_equal(sgl_writer_survey_done(w, NULL), SGL_OK);
	assert_int_equal(sgl_writer_survey_done(w, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_writer_answer(w, SGL_OK, NULL, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_writer_push(w, in, &taken, NULL), SGL_OK);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	assert_int_equal(sgl_writer_push(w, in, &taken, NULL), SGL_E_USAGE);
	assert_true(sink.finished);
	sgl_writer_free(w);
	sgl_writer_free(NULL);
}

static void
passes_failures_on(void **state)
{
	sgl_slice in = sgl_slice_str((const char *)the_world.large);
	sgl_sign_with signer = signer_of(ALICE);

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		sgl_protect_options options = options_of(i, &signer);

		for (size_t max = 10; max < LARGE_LEN; max += 100003) {
			SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(max);

			assert_int_equal(
			    protect(&options, in, 10007, &out, NULL),
			    SGL_E_LIMIT);
		}
	}
}

/* --- the world --- */

static uint8_t *
make_large(void)
{
	static const char head[] = "From: alice@example.org\r\n"
				   "Content-Type: text/plain\r\n\r\n";
	uint8_t *p = malloc(LARGE_LEN + 1);
	size_t at = sizeof head - 1;

	memcpy(p, head, at);
	for (size_t col = 0; at + 2 < LARGE_LEN; col++) {
		if (col % 60 == 59) {
			p[at++] = '\r';
			p[at++] = '\n';
		}
		p[at++] = (uint8_t)('a' + (col / 60 + col) % 26);
	}
	p[at] = 0;
	return p;
}

static int
start(void **state)
{
	static const sgl_issue issues[NUM_WHO] = {
	    [CA] = {.name = "Test CA", .is_ca = true},
	    [ALICE] = {.name = "alice",
		.address = "alice@example.org",
		.kind = SGL_KEY_RSA},
	    [BOB] = {.name = "bob",
		.address = "bob@example.org",
		.kind = SGL_KEY_P256,
		.key_usage = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT},
	    [ERIN] = {.name = "erin",
		.address = "erin@example.org",
		.kind = SGL_KEY_ED25519,
		.key_usage = SGL_KU_DIGITAL_SIGNATURE},
	};
	world *w = &the_world;

	(void)state;
	if (sgl_engine_new(NULL, &w->engine, NULL) != SGL_OK)
		return -1;
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_issue_cert(w->engine, &issues[i],
		    i == CA ? NULL : &w->who[CA], &w->who[i]);
	w->offer.at = SGL_ISSUE_TIME;
	w->offer.peel = SGL_PEEL_ALL;
	w->large = make_large();
	return sgl_certs_add(&w->offer.anchors, w->who[CA].cert, NULL) ==
		    SGL_OK &&
		sgl_keyring_add_key(&w->offer.ring, w->who[BOB].key, NULL) ==
		    SGL_OK &&
		sgl_keyring_add_cert(&w->offer.ring, w->who[BOB].cert, NULL) ==
		    SGL_OK &&
		sgl_certs_add(&w->to_bob, w->who[BOB].cert, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
stop(void **state)
{
	world *w = &the_world;

	(void)state;
	sgl_certs_clear(&w->to_bob);
	sgl_certs_clear(&w->offer.anchors);
	sgl_keyring_clear(&w->offer.ring);
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_who_clear(&w->who[i]);
	sgl_engine_free(w->engine);
	free(w->large);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_every_form),
	    cmocka_unit_test(writes_long_messages),
	    cmocka_unit_test(takes_entities),
	    cmocka_unit_test(refuses_what_is_no_message),
	    cmocka_unit_test(refuses_to_clear_sign_what_is_stuck),
	    cmocka_unit_test(names_all_digests),
	    cmocka_unit_test(late_keys_write_the_same),
	    cmocka_unit_test(asks_twice_for_a_triple),
	    cmocka_unit_test(ends_without_an_answer),
	    cmocka_unit_test(refuses_options),
	    cmocka_unit_test(wants_its_order),
	    cmocka_unit_test(passes_failures_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
