/* SPDX-License-Identifier: Apache-2.0 */
/* Header protection (RFC 9788) from writing to reading, and what people try
 * with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "smime/seal.h"
#include "support/feed.h"
#include "support/issue.h"
#include "support/message.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { CA, ALICE, MALLORY, BOB, NUM_WHO };

static sgl_engine *engine;
static sgl_who who[NUM_WHO];
static sgl_certs to_bob;
static message_offer offer;

/* --- making and reading --- */

static sgl_status
push(sgl_writer *w, sgl_slice in, size_t step)
{
	size_t taken;

	for (; in.len > 0; in = sgl_slice_from(in, taken))
		TRY(sgl_writer_push(w,
		    sgl_slice_first(in, step < in.len ? step : in.len), &taken,
		    NULL));
	return SGL_OK;
}

static sgl_status
feed(sgl_writer *w, sgl_slice in, size_t step)
{
	if (sgl_writer_needs_survey(w)) {
		TRY(push(w, in, step));
		TRY(sgl_writer_survey_done(w, NULL));
	}
	TRY(push(w, in, step));
	return sgl_writer_finish(w, NULL);
}

typedef struct form {
	const char *name;
	sgl_protect what;
	bool opaque, protects;
	int signer;
} form;

static sgl_buf
protect(const form *f, const char *in, size_t step)
{
	sgl_sign_with signer = {
	    .cert = who[f->signer].cert, .key = who[f->signer].key};
	sgl_protect_options options = {.what = f->what,
	    .protect_headers = f->protects,
	    .opaque = f->opaque,
	    .signers = &signer,
	    .num_signers = 1,
	    .signing_time = SGL_ISSUE_TIME,
	    .recipients = &to_bob};
	sgl_buf out = sgl_buf_init(MESSAGE_MAX);
	sgl_writer *w = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, &out);
	assert_int_equal(
	    sgl_writer_new(engine, &options, &sink.sink, &w, NULL), SGL_OK);
	assert_int_equal(feed(w, sgl_slice_str(in), step), SGL_OK);
	sgl_writer_free(w);
	assert_int_equal(sgl_buf_reserve(&out, 1, NULL), SGL_OK);
	out.data[out.len] = 0;
	return out;
}

static const char *
text_of(sgl_buf *b)
{
	assert_int_equal(sgl_buf_reserve(b, 1, NULL), SGL_OK);
	b->data[b->len] = 0;
	return (const char *)b->data;
}

static bool
says(const message_outcome *got, const char *text)
{
	return memmem(got->json.data, got->json.len, text, strlen(text)) !=
	    NULL;
}

/* "name": ..., "state": ..., "outside": ... */
static bool
says_field(const message_outcome *got, const char *name, const char *state,
    const char *outside)
{
	char text[256];

	(void)snprintf(text, sizeof text,
	    "\"name\": \"%s\",\n        \"state\": \"%s\",\n        "
	    "\"outside\": \"%s\"",
	    name, state, outside);
	return says(got, text);
}

/* Puts `to` where `from` is. */
static void
replace(sgl_buf *b, const char *from, const char *to)
{
	sgl_buf out = sgl_buf_init(MESSAGE_MAX);
	char *at = strstr(text_of(b), from);

	if (at == NULL)
		fail_msg("no %s", from);
	*at = 0;
	assert_int_equal(
	    sgl_buf_add_str(&out, (const char *)b->data, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&out, to, NULL), SGL_OK);
	assert_int_equal(
	    sgl_buf_add_str(&out, at + strlen(from), NULL), SGL_OK);
	sgl_buf_clear(b);
	*b = out;
}

/* --- there and back --- */

#define FIELDS                                                                 \
	"From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n"           \
	"Subject: Lunch\r\nKeywords: food\r\n"
#define CONTENT                                                                \
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n"              \
	"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"                     \
	"--b\r\nContent-Type: text/html\r\n"                                   \
	"Content-Transfer-Encoding: base64\r\n\r\nPHA+SGVsbG8=\r\n--b--\r\n"
#define MAIL "Received: from a\r\n" FIELDS "MIME-Version: 1.0\r\n" CONTENT

static const form forms[] = {
    {"clear", SGL_PROTECT_SIGN, false, true, ALICE},
    {"opaque", SGL_PROTECT_SIGN, true, true, ALICE},
    {"encrypted", SGL_PROTECT_ENCRYPT, false, true, ALICE},
    {"signed, encrypted", SGL_PROTECT_SIGN_ENCRYPT, false, true, ALICE},
    {"triple", SGL_PROTECT_TRIPLE, false, true, ALICE},
    {"triple, opaque", SGL_PROTECT_TRIPLE, true, true, ALICE},
};

static const char *
state_of(const form *f, bool is_hidden)
{
	bool hides = f->what != SGL_PROTECT_SIGN && is_hidden;

	if (f->what == SGL_PROTECT_ENCRYPT)
		return hides ? "encrypted-only" : "unprotected";
	return hides ? "signed-and-encrypted" : "signed-only";
}

static void
check_form(const form *f, size_t step)
{
	bool hides = f->what != SGL_PROTECT_SIGN;
	sgl_buf m = protect(f, MAIL, step);
	message_outcome whole, got;

	assert_int_equal(strstr(text_of(&m), "Subject: Lunch") == NULL, hides);
	assert_int_equal(strstr(text_of(&m), "Keywords") == NULL, hides);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &whole);
	message_read(engine, sgl_buf_slice(&m), &offer, step, true, &got);
	message_same(&whole, &got);
	assert_int_equal(got.status, SGL_OK);
	if (strcmp(text_of(&got.content), MAIL) != 0)
		fail_msg("%s: %s", f->name, text_of(&got.content));
	assert_true(says(
	    &got, hides ? "\"intent\": \"cipher\"" : "\"intent\": \"clear\""));
	assert_true(says(&got, "\"num_fields\": 4,"));
	assert_true(says_field(
	    &got, "Subject", state_of(f, true), hides ? "hidden" : "same"));
	assert_true(says_field(
	    &got, "Keywords", state_of(f, true), hides ? "hidden" : "same"));
	assert_true(says_field(&got, "From", state_of(f, false), "same"));
	assert_false(got.from_is_unproven);
	message_outcome_clear(&whole);
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

static void
gives_every_field_back(void **state)
{
	static const size_t steps[] = {1, 7, 100000};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		for (size_t k = 0; k < COUNT(steps); k++)
			check_form(&forms[i], steps[k]);
}

/* What was signed comes out as it is where no message is asked for. */
static void
leaves_the_signed_alone(void **state)
{
	message_offer o = offer;
	message_outcome got;
	sgl_buf m = protect(&forms[3], MAIL, 1000);

	(void)state;
	o.keep_headers = false;
	message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &got);
	assert_non_null(strstr(text_of(&got.content), "HP-Outer: Subject"));
	assert_non_null(strstr(text_of(&got.content), "hp-legacy-display"));
	assert_non_null(strstr(text_of(&got.content), "; hp=\"cipher\""));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

static void
fails_at_every_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		sgl_buf m = protect(&forms[i], MAIL, 1000);
		message_outcome got;

		for (size_t n = 0; n + 8 < m.len; n += 37) {
			message_read(engine,
			    sgl_slice_first(sgl_buf_slice(&m), n), &offer, 500,
			    false, &got);
			assert_int_not_equal(got.status, SGL_OK);
			assert_false(got.finished);
			message_outcome_clear(&got);
		}
		sgl_buf_clear(&m);
	}
}

/* --- what was changed on the way --- */

static void
tells_of_changes_outside(void **state)
{
	static const struct {
		size_t form;
		const char *from, *to, *name, *state, *outside;
	} rows[] = {
	    {0, "Subject: Lunch", "Subject: Dinner", "Subject", "signed-only",
		"differs"},
	    {1, "Subject: Lunch\r\n", "", "Subject", "signed-only", "absent"},
	    {1, "Subject: Lunch", "SUBJECT:\r\n  Lunch ", "Subject",
		"signed-only", "same"},
	    {1, "From: Alice <alice", "From: Alice \r\n\t <alice", "From",
		"signed-only", "same"},
	    {1, "From: Alice <alice", "From: Alice<alice", "From",
		"signed-only", "differs"},
	    {3, "Subject: [...]", "Subject: Dinner", "Subject",
		"signed-and-encrypted", "differs"},
	    {3, "Subject: [...]\r\n", "", "Subject", "signed-and-encrypted",
		"absent"},
	    {3, "Subject: [...]", "Keywords: x\r\nSubject: [...]", "Keywords",
		"signed-and-encrypted", "differs"},
	    /* RFC 9788 11.3: taken away outside makes no secret of it. */
	    {3, "To: bob@example.org\r\n", "", "To", "signed-only", "absent"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		sgl_buf m = protect(&forms[rows[i].form], MAIL, 1000);
		message_outcome got;

		replace(&m, rows[i].from, rows[i].to);
		message_read(
		    engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
		assert_string_equal(got.signature, "valid-trusted");
		if (!says_field(
			&got, rows[i].name, rows[i].state, rows[i].outside))
			fail_msg("%zu: %.*s", i, (int)got.json.len,
			    (const char *)got.json.data);
		assert_string_equal(text_of(&got.content), MAIL);
		message_outcome_clear(&got);
		sgl_buf_clear(&m);
	}
}

/* Fields that somebody puts outside alone are not let through, but for what
 * mail servers and lists add. */
static void
drops_what_was_put_outside(void **state)
{
	sgl_buf m = protect(&forms[3], MAIL, 1000);
	message_outcome got;

	(void)state;
	replace(&m, "Received: from a\r\n",
	    "List-Id: <l.example.org>\r\nReceived: from a\r\n"
	    "Reply-To: mallory@example.net\r\nCc: mallory@example.net\r\n"
	    "X-Odd: y\r\n");
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_string_equal(
	    text_of(&got.content), "List-Id: <l.example.org>\r\n" MAIL);
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

/* --- whose it is --- */

#define SMALL(from)                                                            \
	"From: " from "\r\nSubject: x\r\nContent-Type: "                       \
	"text/plain\r\n\r\nHi\r\n"

/* By whom it is signed; the From inside; that outside. `released`: the From
 * in front of the content. */
static const struct {
	const char *name;
	size_t form;
	int signer;
	const char *inside, *outside, *signature, *released;
	bool differs, unproven;
} authors[] = {
    {"as it should be", 3, ALICE, "alice@example.org", "alice@example.org",
	"valid-trusted", "alice@example.org", false, false},
    {"another name", 3, ALICE, "Alice <alice@example.org>",
	"A <ALICE@example.org>", "valid-trusted", "Alice <alice@example.org>",
	false, false},
    /* A list wrote itself outside. */
    {"changed outside, signed", 0, ALICE, "alice@example.org",
	"list@example.net", "valid-trusted", "alice@example.org", true, false},
    {"changed outside, signed and encrypted", 3, ALICE, "alice@example.org",
	"list@example.net", "valid-trusted", "alice@example.org", true, false},
    /* Whoever signs in his own name is believed to be himself alone. */
    {"another's name outside", 3, MALLORY, "mallory@example.org",
	"alice@example.org", "valid-trusted", "mallory@example.org", true,
	false},
    {"another's name inside", 0, MALLORY, "alice@example.org",
	"mallory@example.org", "valid-address-mismatch", "alice@example.org",
	true, true},
    {"another's name inside, encrypted", 3, MALLORY, "alice@example.org",
	"mallory@example.org", "valid-address-mismatch", "alice@example.org",
	true, true},
    {"another's name on both sides", 3, MALLORY, "alice@example.org",
	"alice@example.org", "valid-address-mismatch", "alice@example.org",
	false, false},
    /* RFC 9788 4.4.3: not signed, so the From outside is better. */
    {"another's name inside, unsigned", 2, MALLORY, "alice@example.org",
	"mallory@example.org", "none", "mallory@example.org", true, true},
    {"unsigned", 2, MALLORY, "alice@example.org", "alice@example.org", "none",
	"alice@example.org", false, false},
    {"several inside", 3, ALICE,
	"alice@example.org\r\nFrom: mallory@example.org", "alice@example.org",
	"valid-address-mismatch",
	"alice@example.org\r\nFrom: mallory@example.org", true, true},
    {"several outside", 3, ALICE, "alice@example.org",
	"alice@example.org\r\nFrom: mallory@example.org", "valid-trusted",
	"alice@example.org", true, false},
    {"unreadable on both sides", 3, ALICE, "MAILER DAEMON <>",
	"MAILER DAEMON <>", "valid-address-mismatch", "MAILER DAEMON <>", false,
	false},
    {"unreadable in two ways", 3, ALICE, "MAILER DAEMON <>", "Alice <>",
	"valid-address-mismatch", "MAILER DAEMON <>", true, true},
    {"unreadable outside", 3, ALICE, "alice@example.org", "alice",
	"valid-trusted", "alice@example.org", true, false},
};

static void
check_author(size_t i)
{
	form f = forms[authors[i].form];
	char mail[256], outside[256], want[256], inside[256];
	message_outcome got;
	sgl_buf m;

	f.signer = authors[i].signer;
	(void)snprintf(mail, sizeof mail, SMALL("%s"), authors[i].inside);
	(void)snprintf(
	    inside, sizeof inside, "From: %s\r\n", authors[i].inside);
	(void)snprintf(
	    outside, sizeof outside, "From: %s\r\n", authors[i].outside);
	(void)snprintf(want, sizeof want,
	    "From: %s\r\nSubject: x\r\nMIME-Version: 1.0\r\n",
	    authors[i].released);
	m = protect(&f, mail, 1000);
	replace(&m, inside, outside);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	if (strcmp(got.signature, authors[i].signature) != 0)
		fail_msg("%s: %s", authors[i].name, got.signature);
	assert_int_equal(says(&got, "\"from-mismatch\""), authors[i].differs);
	assert_int_equal(got.from_is_unproven, authors[i].unproven);
	assert_int_equal(says(&got, "\"from-unproven\""), authors[i].unproven);
	if (strncmp(text_of(&got.content), want, strlen(want)) != 0)
		fail_msg("%s: %s", authors[i].name, text_of(&got.content));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

/* @req rfc9788-4.4 */
static void
knows_the_author(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(authors); i++)
		check_author(i);
}

/* Comparing with a sender that was given proves nothing of another. */
static void
given_sender_proves_no_other(void **state)
{
	static const struct {
		const char *given;
		bool unproven;
	} rows[] = {{"mallory@example.org", true}, {"bob@example.org", true},
	    {"alice@example.org", true}};
	form f = forms[3];

	(void)state;
	f.signer = MALLORY;
	for (size_t i = 0; i < COUNT(rows); i++) {
		sgl_buf m = protect(&f, SMALL("alice@example.org"), 1000);
		message_offer o = offer;
		message_outcome got;

		o.from = sgl_slice_str(rows[i].given);
		replace(&m, "From: alice", "From: mallory");
		message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &got);
		assert_int_equal(
		    strcmp(got.signature, "valid-trusted") == 0, i == 0);
		assert_int_equal(got.from_is_unproven, rows[i].unproven);
		message_outcome_clear(&got);
		sgl_buf_clear(&m);
	}
}

/* --- what only looks protected --- */

/* Content of a signature by Mallory, whose From outside is his. None of it
 * makes header fields count. */
static const struct {
	const char *name, *content;
} lookalikes[] = {
    {"in a part",
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	"From: alice@example.org\r\nContent-Type: text/plain; hp=\"clear\"\r\n"
	"\r\nHi\r\n--b--\r\n"},
    {"in a forwarded message",
	"Content-Type: message/rfc822\r\n\r\nFrom: alice@example.org\r\n"
	"Content-Type: text/plain; hp=\"cipher\"\r\n\r\nHi\r\n"},
    {"in a body",
	"Content-Type: text/plain\r\n\r\n"
	"Content-Type: text/plain; hp=\"clear\"\r\n"
	"From: alice@example.org\r\n\r\nHi\r\n"},
    {"another value", "Content-Type: text/plain; hp=maybe\r\n\r\nHi\r\n"},
    {"no value", "Content-Type: text/plain; hp\r\n\r\nHi\r\n"},
    {"in a comment", "Content-Type: text/plain (; hp=clear)\r\n\r\nHi\r\n"},
    {"in a value", "Content-Type: text/plain; x=\"; hp=clear\"\r\n\r\nHi\r\n"},
    {"another version",
	"Content-Type: text/plain; protected-headers=v2\r\n\r\nHi\r\n"},
};

/* @req rfc9788-2.1.1 */
static void
is_not_fooled_by_lookalikes(void **state)
{
	form f = {"", SGL_PROTECT_SIGN, true, false, MALLORY};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(lookalikes); i++) {
		char mail[512];
		message_outcome got;
		sgl_buf m;

		f.what =
		    i % 2 == 0 ? SGL_PROTECT_SIGN : SGL_PROTECT_SIGN_ENCRYPT;
		(void)snprintf(mail, sizeof mail,
		    "From: mallory@example.org\r\n%s",
		    lookalikes[i / 2].content);
		m = protect(&f, mail, 1000);
		message_read(
		    engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
		if (says(&got, "header_protection"))
			fail_msg("%s", lookalikes[i / 2].name);
		assert_string_equal(got.signature, "valid-trusted");
		assert_string_equal(text_of(&got.content) + 27,
		    strstr(text_of(&got.content), "MIME-Version"));
		message_outcome_clear(&got);
		sgl_buf_clear(&m);
	}
}

/* Outside of all protection it says nothing at all. */
static void
is_not_fooled_outside(void **state)
{
	static const form f = {"", SGL_PROTECT_SIGN, false, false, ALICE};
	sgl_buf m = protect(&f, SMALL("alice@example.org"), 1000);
	message_outcome got;

	(void)state;
	replace(&m, "multipart/signed;", "multipart/signed; hp=\"clear\";");
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_string_equal(got.signature, "valid-trusted");
	assert_false(says(&got, "header_protection"));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
	message_read(engine,
	    SGL_LIT("From: alice@example.org\r\n"
		    "Content-Type: text/plain; hp=\"clear\"\r\n\r\nHi\r\n"),
	    &offer, 100, true, &got);
	assert_string_equal(got.signature, "none");
	assert_false(says(&got, "header_protection"));
	message_outcome_clear(&got);
}

/* @req rfc9788-10.2: what was meant, and what is. */
static const struct {
	const char *name;
	sgl_protect what;
	const char *content, *state, *finding;
} intents[] = {
    {"says it is encrypted", SGL_PROTECT_SIGN,
	"Content-Type: text/plain; hp=cipher\r\nSubject: a\r\n\r\nHi\r\n",
	"signed-only", "not-encrypted"},
    {"encrypted by somebody else", SGL_PROTECT_SIGN_ENCRYPT,
	"Content-Type: text/plain; hp=clear\r\nSubject: a\r\n\r\nHi\r\n",
	"signed-only", "encrypted-by-another"},
    {"no signature", SGL_PROTECT_ENCRYPT,
	"Content-Type: text/plain; hp=clear\r\nSubject: a\r\n\r\nHi\r\n",
	"unprotected", "encrypted-by-another"},
    {"hidden", SGL_PROTECT_ENCRYPT,
	"Content-Type: text/plain; hp=cipher\r\nSubject: a\r\n\r\nHi\r\n",
	"encrypted-only", ""},
    {"not hidden", SGL_PROTECT_ENCRYPT,
	"Content-Type: text/plain; hp=cipher\r\nSubject: a\r\n"
	"HP-OUTER: subject :\r\n a\r\n\r\nHi\r\n",
	"unprotected", ""},
    {"not hidden, among others", SGL_PROTECT_SIGN_ENCRYPT,
	"Content-Type: text/plain; hp=cipher\r\nSubject: a\r\n"
	"HP-Outer: Subject: b\r\nHP-Outer: nothing\r\n"
	"HP-Outer: Subject: a\r\nHP-Outer:\r\n\r\nHi\r\n",
	"signed-only", ""},
    {"the draft's form hides nothing for sure", SGL_PROTECT_SIGN_ENCRYPT,
	"Content-Type: text/plain; protected-headers=\"v1\"\r\nSubject: a\r\n"
	"\r\nHi\r\n",
	"signed-only", "outside-differs"},
};

/* Signs, encrypts or both, and adds nothing to what is inside. */
static void
protect_as_it_is(sgl_protect what, const char *content, sgl_buf *out)
{
	sgl_signer signer = {.cert = who[ALICE].cert, .key = who[ALICE].key};
	sgl_signed_options signing = {.signers = &signer,
	    .num_signers = 1,
	    .signing_time = SGL_ISSUE_TIME};
	sgl_enveloped_options enveloping = {
	    .recipients = &to_bob, .cipher = SGL_CIPHER_AES128_CBC};
	sgl_asker asker = {.is_open = false};
	sgl_seal *seals[2] = {NULL, NULL};
	sgl_bufsink sink;
	sgl_sink *next = &sink.sink;

	sgl_bufsink_init(&sink, out);
	if (what != SGL_PROTECT_SIGN) {
		assert_int_equal(sgl_seal_new_enveloped(engine, &enveloping,
				     next, &seals[0], NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_sink_write(next, sgl_seal_head(seals[0]), NULL),
		    SGL_OK);
		next = sgl_seal_sink(seals[0]);
	}
	if (what != SGL_PROTECT_ENCRYPT) {
		assert_int_equal(sgl_seal_new_signed(engine, &signing, &asker,
				     next, &seals[1], NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_sink_write(next, sgl_seal_head(seals[1]), NULL),
		    SGL_OK);
		next = sgl_seal_sink(seals[1]);
	}
	assert_int_equal(
	    sgl_feed(next, sgl_slice_str(content), 0, NULL), SGL_OK);
	sgl_seal_free(seals[1]);
	sgl_seal_free(seals[0]);
}

static void
check_intent(size_t i)
{
	sgl_buf m = sgl_buf_init(MESSAGE_MAX);
	message_outcome got;

	assert_int_equal(
	    sgl_buf_add_str(
		&m, "From: alice@example.org\r\nSubject: other\r\n", NULL),
	    SGL_OK);
	protect_as_it_is(intents[i].what, intents[i].content, &m);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_int_equal(got.status, SGL_OK);
	if (!says_field(&got, "Subject", intents[i].state, "differs") ||
	    !says(&got, intents[i].finding))
		fail_msg("%s: %.*s", intents[i].name, (int)got.json.len,
		    (const char *)got.json.data);
	assert_null(strstr(text_of(&got.content), "hp="));
	assert_null(strstr(text_of(&got.content), "protected-headers"));
	assert_null(strcasestr(text_of(&got.content), "hp-outer"));
	assert_non_null(strstr(text_of(&got.content), "Subject: a\r\n"));
	assert_null(strstr(text_of(&got.content), "other"));
	/* Nobody wrote a protected From. */
	assert_non_null(strstr(text_of(&got.content), "From: alice"));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

static void
tells_intent_from_fact(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(intents); i++)
		check_intent(i);
}

/* Another sender's policy, as RFC 9788 3.2.2 has one: names of people and the
 * time zone are hidden too; and another sender's way to fold. */
static void
reads_another_policy(void **state)
{
	static const char outer[] = "From: alice@example.org\r\n"
				    "To: bob@example.org\r\n"
				    "Message-ID: <1@example.org>\r\n"
				    "Date: Sat, 20 Feb 2027 15:12:02 +0000\r\n";
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	message_outcome got;

	(void)state;
	assert_int_equal(sgl_buf_add_str(&m, outer, NULL), SGL_OK);
	protect_as_it_is(SGL_PROTECT_SIGN_ENCRYPT,
	    "MIME-Version: 1.0\r\nFrom: Alice <alice@example.org>\r\n"
	    "To: Bob <bob@example.org>\r\n"
	    "Date: Sat, 20 Feb 2027 10:12:02 -0500\r\n"
	    "Message-ID:\r\n <1@example.org>\r\n"
	    "HP-Outer: From: alice@example.org\r\n"
	    "HP-Outer: To: bob@example.org\r\n"
	    "HP-Outer: Message-ID:\r\n <1@example.org>\r\n"
	    "HP-Outer: Date: Sat, 20 Feb 2027 15:12:02 +0000\r\n"
	    "Content-Type: text/plain; charset=\"us-ascii\";\r\n"
	    " hp-legacy-display=\"1\"; hp=\"cipher\"\r\n\r\n"
	    "From: Alice <alice@example.org>\r\n"
	    "Date: Sat, 20 Feb 2027 10:12:02 -0500\r\n\r\nHi\r\n",
	    &m);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_string_equal(got.signature, "valid-trusted");
	assert_true(says_field(&got, "From", "signed-and-encrypted", "hidden"));
	assert_true(says_field(&got, "Date", "signed-and-encrypted", "hidden"));
	assert_true(says_field(&got, "Message-ID", "signed-only", "same"));
	assert_false(says(&got, "from-mismatch"));
	assert_string_equal(text_of(&got.content),
	    "MIME-Version: 1.0\r\nFrom: Alice <alice@example.org>\r\n"
	    "To: Bob <bob@example.org>\r\n"
	    "Date: Sat, 20 Feb 2027 10:12:02 -0500\r\n"
	    "Message-ID:\r\n <1@example.org>\r\n"
	    "Content-Type: text/plain; charset=\"us-ascii\"\r\n\r\nHi\r\n");
	message_outcome_clear(&got);
}

/* A signature around an encryption cannot make an author of whoever is named
 * inside of it. */
static void
signature_around_names_no_author(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) inner = sgl_buf_init(MESSAGE_MAX);
	static const form f = {"", SGL_PROTECT_SIGN, true, false, MALLORY};
	message_outcome got;
	sgl_buf m;

	(void)state;
	assert_int_equal(
	    sgl_buf_add_str(
		&inner, "From: mallory@example.org\r\nSubject: b\r\n", NULL),
	    SGL_OK);
	protect_as_it_is(SGL_PROTECT_ENCRYPT,
	    "From: alice@example.org\r\nSubject: a\r\n"
	    "Content-Type: text/plain; hp=cipher\r\n\r\nHi\r\n",
	    &inner);
	m = protect(&f, text_of(&inner), 1000);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_string_equal(got.signature, "none");
	assert_string_equal(got.reason, "only-around-encryption");
	assert_true(got.from_is_unproven);
	assert_true(says_field(&got, "Subject", "encrypted-only", "differs"));
	assert_non_null(
	    strstr(text_of(&got.content), "From: mallory@example.org\r\n"));
	assert_null(strstr(text_of(&got.content), "alice"));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

/* More fields than are told of are counted, and all are released. */
static void
counts_many_fields(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(MESSAGE_MAX);
	message_outcome got;
	sgl_buf m;

	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(
		    sgl_buf_printf(&in, NULL, "X-%d: y\r\n", i), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&in,
			     "MIME-Version: 1.0\r\nContent-Type: text/plain"
			     "\r\n\r\nHi\r\n",
			     NULL),
	    SGL_OK);
	m = protect(&forms[3], text_of(&in), 1000);
	message_read(engine, sgl_buf_slice(&m), &offer, m.len, true, &got);
	assert_true(says(&got, "\"num_fields\": 3000,"));
	assert_true(says(&got, "\"X-255\""));
	assert_false(says(&got, "\"X-256\""));
	assert_string_equal(text_of(&got.content), text_of(&in));
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
}

/* --- the world --- */

static int
start(void **state)
{
	static const sgl_issue issues[NUM_WHO] = {
	    [CA] = {.name = "Test CA", .is_ca = true},
	    [ALICE] = {.name = "alice", .address = "alice@example.org"},
	    [MALLORY] = {.name = "mallory", .address = "mallory@example.org"},
	    [BOB] = {.name = "bob", .address = "bob@example.org"},
	};

	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_issue_cert(
		    engine, &issues[i], i == CA ? NULL : &who[CA], &who[i]);
	offer.at = SGL_ISSUE_TIME;
	offer.peel = SGL_PEEL_ALL;
	offer.keep_headers = true;
	return sgl_certs_add(&offer.anchors, who[CA].cert, NULL) == SGL_OK &&
		sgl_keyring_add_key(&offer.ring, who[BOB].key, NULL) ==
		    SGL_OK &&
		sgl_keyring_add_cert(&offer.ring, who[BOB].cert, NULL) ==
		    SGL_OK &&
		sgl_certs_add(&to_bob, who[BOB].cert, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
stop(void **state)
{
	(void)state;
	sgl_certs_clear(&to_bob);
	sgl_certs_clear(&offer.anchors);
	sgl_keyring_clear(&offer.ring);
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_who_clear(&who[i]);
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_every_field_back),
	    cmocka_unit_test(leaves_the_signed_alone),
	    cmocka_unit_test(fails_at_every_end),
	    cmocka_unit_test(tells_of_changes_outside),
	    cmocka_unit_test(drops_what_was_put_outside),
	    cmocka_unit_test(knows_the_author),
	    cmocka_unit_test(given_sender_proves_no_other),
	    cmocka_unit_test(is_not_fooled_by_lookalikes),
	    cmocka_unit_test(is_not_fooled_outside),
	    cmocka_unit_test(tells_intent_from_fact),
	    cmocka_unit_test(reads_another_policy),
	    cmocka_unit_test(signature_around_names_no_author),
	    cmocka_unit_test(counts_many_fields),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
