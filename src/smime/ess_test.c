/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels and receipts (RFC 2634) from the message to the verdict: what we
 * write, and what others may have made by hand.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/base64.h"
#include "cms/ess.h"
#include "cms/writer.h"
#include "crypto/hash.h"
#include "support/feed.h"
#include "support/hex.h"
#include "support/issue.h"
#include "support/json.h"
#include "support/message.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MESSAGE                                                                \
	"From: alice@example.org\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
#define ENTITY "Content-Type: text/plain\r\n\r\nHello\r\n"

enum { CA, ALICE, BOB, NUM_WHO };

static struct world {
	sgl_engine *engine;
	sgl_who who[NUM_WHO];
	message_offer offer;
	sgl_certs to_bob;
} w;

/* --- SignedData as its maker likes it --- */

typedef struct hand {
	const sgl_who *who;
	sgl_slice attributes; /* whole ones, beside those that must be */
	bool is_wrong;	      /* the signature */
} hand;

static void
add_algorithm(sgl_derb *b, sgl_tag tag, sgl_oid oid)
{
	size_t mark = sgl_derb_open(b, tag);

	sgl_derb_oid(b, sgl_oid_der(oid));
	sgl_derb_close(b, mark);
}

static void
add_attribute(sgl_derb *b, sgl_oid type, sgl_tag tag, sgl_slice value)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE), set;

	sgl_derb_oid(b, sgl_oid_der(type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, tag, value);
	sgl_derb_close(b, set);
	sgl_derb_close(b, mark);
}

static void
make_attributes(sgl_oid type, sgl_slice content, sgl_slice more, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t mark = sgl_derb_open(&b, SGL_SET);
	sgl_digest d;

	assert_int_equal(
	    sgl_hash_once(w.engine, SGL_DIGEST_SHA256, content, &d, NULL),
	    SGL_OK);
	add_attribute(&b, SGL_OID_AA_CONTENT_TYPE, SGL_OID, sgl_oid_der(type));
	add_attribute(&b, SGL_OID_AA_MESSAGE_DIGEST, SGL_OCTET_STRING,
	    sgl_digest_slice(&d));
	sgl_derb_raw(&b, more);
	sgl_derb_close_set_of(&b, mark);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
add_signer(sgl_derb *b, const hand *h, sgl_slice attributes)
{
	size_t signer = sgl_derb_open(b, SGL_SEQUENCE), sid;
	sgl_der in = sgl_der_over(attributes), body;
	sgl_key_request ask = {.op = SGL_KEY_SIGN,
	    .input = attributes,
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_key_answer got;

	if (h->is_wrong)
		ask.input.len--;
	assert_int_equal(
	    sgl_key_ask(w.engine, h->who->key, &ask, &got, NULL), SGL_OK);
	sgl_derb_uint(b, 1);
	sid = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_raw(b, sgl_cert_get_issuer(h->who->cert));
	sgl_derb_bytes(b, SGL_INTEGER, sgl_cert_get_serial(h->who->cert));
	sgl_derb_close(b, sid);
	add_algorithm(b, SGL_SEQUENCE, SGL_OID_SHA256);
	assert_true(sgl_der_read(&in, SGL_SET, &body));
	sgl_derb_bytes(b, SGL_CONTEXT(0), sgl_der_rest(&body));
	add_algorithm(b, SGL_SEQUENCE, SGL_OID_ECDSA_SHA256);
	sgl_derb_octets(b, sgl_slice_of(got.bytes, got.len));
	sgl_derb_close(b, signer);
}

static void
add_content(sgl_derb *b, sgl_oid type, sgl_slice content, bool is_detached)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE), wrap;

	sgl_derb_oid(b, sgl_oid_der(type));
	if (!is_detached) {
		wrap = sgl_derb_open(b, SGL_CONTEXT(0));
		sgl_derb_octets(b, content);
		sgl_derb_close(b, wrap);
	}
	sgl_derb_close(b, mark);
}

static void
make_signed(sgl_oid type, sgl_slice content, bool is_detached,
    const hand *hands, size_t num, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t info = sgl_derb_open(&b, SGL_SEQUENCE), tagged, data, mark;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_SIGNED_DATA));
	tagged = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, type == SGL_OID_DATA ? 1 : 3);
	mark = sgl_derb_open(&b, SGL_SET);
	add_algorithm(&b, SGL_SEQUENCE, SGL_OID_SHA256);
	sgl_derb_close(&b, mark);
	add_content(&b, type, content, is_detached);
	mark = sgl_derb_open(&b, SGL_CONTEXT(0));
	for (size_t i = 0; i < num; i++)
		sgl_derb_raw(&b, sgl_cert_get_der(hands[i].who->cert));
	sgl_derb_close_set_of(&b, mark);
	mark = sgl_derb_open(&b, SGL_SET);
	for (size_t i = 0; i < num; i++) {
		SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(MESSAGE_MAX);

		make_attributes(
		    type, content, hands[i].attributes, &attributes);
		add_signer(&b, &hands[i], sgl_buf_slice(&attributes));
	}
	sgl_derb_close(&b, mark);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, tagged);
	sgl_derb_close(&b, info);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

/* Reads it in one piece and byte by byte; *got is to be cleared. */
static const json *
read_both(const sgl_buf *message, message_outcome *got)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MESSAGE_MAX);
	message_outcome bytes;

	message_read(w.engine, sgl_buf_slice(message), &w.offer, message->len,
	    true, got);
	message_read(
	    w.engine, sgl_buf_slice(message), &w.offer, 1, true, &bytes);
	message_same(got, &bytes);
	message_outcome_clear(&bytes);
	assert_int_equal(got->status, SGL_OK);
	assert_int_equal(sgl_buf_add(&text,
			     sgl_slice_of(got->json.data, got->json.len), NULL),
	    SGL_OK);
	assert_int_equal(sgl_buf_add(&text, sgl_slice_of("", 1), NULL), SGL_OK);
	return json_parse((const char *)text.data);
}

static const json *
layer_of(const json *verdict, size_t n)
{
	const json *layer = json_get(verdict, "layers")->first;

	while (n-- > 0)
		layer = layer->next;
	return layer;
}

static bool
has_finding(const json *layer, const char *finding)
{
	for (const json *f = json_get(layer, "findings")->first; f != NULL;
	     f = f->next)
		if (strcmp(f->text, finding) == 0)
			return true;
	return false;
}

static const json *
first_signer(const json *layer)
{
	return json_get(layer, "signers")->first;
}

/* --- what we write --- */

static void
push(sgl_writer *writer, const char *text)
{
	size_t taken;

	assert_int_equal(
	    sgl_writer_push(writer, sgl_slice_str(text), &taken, NULL), SGL_OK);
}

static void
protect(const sgl_protect_options *options, sgl_buf *out)
{
	sgl_writer *writer = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_writer_new(w.engine, options, &sink.sink, &writer, NULL),
	    SGL_OK);
	if (sgl_writer_needs_survey(writer)) {
		push(writer, MESSAGE);
		assert_int_equal(sgl_writer_survey_done(writer, NULL), SGL_OK);
	}
	push(writer, MESSAGE);
	assert_int_equal(sgl_writer_finish(writer, NULL), SGL_OK);
	sgl_writer_free(writer);
}

static sgl_protect_options
options_of(sgl_protect what, const sgl_sign_with *signers, size_t num)
{
	return (sgl_protect_options){.what = what,
	    .signers = signers,
	    .num_signers = num,
	    .signing_time = SGL_ISSUE_TIME,
	    .recipients = &w.to_bob,
	    .receipt_request = true,
	    .label = "1.2.3:confidential:Board"};
}

static sgl_sign_with
signer_of(int who)
{
	return (sgl_sign_with){.cert = w.who[who].cert, .key = w.who[who].key};
}

static void
check_ours(const json *signer)
{
	const json *label = json_get(signer, "label");
	const json *request = json_get(signer, "receipt_request");

	assert_string_equal(json_text(label, "policy"), "1.2.3");
	assert_int_equal(json_number(label, "classification"), 3);
	assert_string_equal(
	    json_text(label, "classification_name"), "confidential");
	assert_string_equal(json_text(label, "privacy_mark"), "Board");
	assert_string_equal(json_text(request, "receipts_from"), "all");
	assert_string_equal(
	    json_get(request, "receipts_to")->first->text, "alice@example.org");
}

/* @req rfc2634-2.2 @req rfc2634-3.1.1: the same in all signatures. */
static void
writes_the_same_for_all_signers(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signers[] = {signer_of(ALICE), signer_of(BOB)};
	sgl_protect_options options =
	    options_of(SGL_PROTECT_SIGN, signers, COUNT(signers));
	message_outcome got;
	const json *layer, *one;

	(void)state;
	protect(&options, &out);
	layer = layer_of(read_both(&out, &got), 0);
	one = first_signer(layer);
	check_ours(one);
	check_ours(one->next);
	assert_string_equal(
	    json_text(json_get(one, "receipt_request"), "content_identifier"),
	    json_text(
		json_get(one->next, "receipt_request"), "content_identifier"));
	assert_null(json_get(layer, "findings")->first);
	message_outcome_clear(&got);
}

/* Only the innermost signature asks and labels. */
static void
writes_the_innermost_only(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_sign_with signer = signer_of(ALICE);
	sgl_protect_options options =
	    options_of(SGL_PROTECT_TRIPLE, &signer, 1);
	message_outcome got;
	const json *verdict, *outer;

	(void)state;
	protect(&options, &out);
	verdict = read_both(&out, &got);
	outer = first_signer(layer_of(verdict, 0));
	assert_null(json_find(outer, "label"));
	assert_null(json_find(outer, "receipt_request"));
	check_ours(first_signer(layer_of(verdict, 2)));
	assert_false(
	    has_finding(layer_of(verdict, 2), "misplaced-receipt-request"));
	message_outcome_clear(&got);
}

static void
refuses_without_signature(void **state)
{
	sgl_protect_options options = options_of(SGL_PROTECT_ENCRYPT, NULL, 0);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_writer *writer = NULL;
	sgl_bufsink sink;

	(void)state;
	sgl_bufsink_init(&sink, &out);
	assert_int_equal(
	    sgl_writer_new(w.engine, &options, &sink.sink, &writer, NULL),
	    SGL_E_USAGE);
	options.receipt_request = false;
	assert_int_equal(
	    sgl_writer_new(w.engine, &options, &sink.sink, &writer, NULL),
	    SGL_E_USAGE);
}

/* --- what others write --- */

static void
add_label(sgl_buf *out, const char *text)
{
	assert_int_equal(sgl_label_add(text, out, NULL), SGL_OK);
}

static void
add_request(sgl_buf *out, int who)
{
	assert_int_equal(sgl_receipt_request_add(w.engine, w.who[who].cert,
			     SGL_ISSUE_TIME, out, NULL),
	    SGL_OK);
}

static const struct {
	const char *what, *alice, *bob;
	bool is_bob_wrong, differ;
	const char *told; /* policy of the first signer that has one */
} pairs[] = {
    {"the same", "1.2.3:4", "1.2.3:4", false, false, "1.2.3"},
    {"another class", "1.2.3:4", "1.2.3:3", false, true, "1.2.3"},
    {"one only", "1.2.3:4", NULL, false, true, "1.2.3"},
    {"the other only", NULL, "1.2.4:4", false, true, "1.2.4"},
    {"another, but not signed", "1.2.3:4", "1.2.4", true, false, "1.2.3"},
    {"one only, not signed", NULL, "1.2.4", true, false, NULL},
};

/* @req rfc2634-3.1.2 */
static void
compares_labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		SGL_AUTO_CLEAR(sgl_buf) a = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		hand hands[2] = {{.who = &w.who[ALICE]},
		    {.who = &w.who[BOB], .is_wrong = pairs[i].is_bob_wrong}};
		message_outcome got;
		const json *layer, *signers;

		if (pairs[i].alice != NULL)
			add_label(&a, pairs[i].alice);
		if (pairs[i].bob != NULL)
			add_label(&b, pairs[i].bob);
		hands[0].attributes = sgl_buf_slice(&a);
		hands[1].attributes = sgl_buf_slice(&b);
		make_signed(
		    SGL_OID_DATA, SGL_LIT(ENTITY), false, hands, 2, &out);
		layer = layer_of(read_both(&out, &got), 0);
		if (has_finding(layer, "labels-differ") != pairs[i].differ)
			fail_msg("%s", pairs[i].what);
		signers = first_signer(layer);
		assert_int_equal(json_find(signers, "label") != NULL,
		    pairs[i].alice != NULL);
		assert_int_equal(json_find(signers->next, "label") != NULL,
		    pairs[i].bob != NULL && !pairs[i].is_bob_wrong);
		if ((got.label[0] != '\0') != (pairs[i].told != NULL) ||
		    (pairs[i].told != NULL &&
			strcmp(got.label, pairs[i].told) != 0))
			fail_msg("%s: %s", pairs[i].what, got.label);
		message_outcome_clear(&got);
	}
}

/* @req rfc2634-2.3: not all need to ask. */
static void
compares_requests(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		SGL_AUTO_CLEAR(sgl_buf) a = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		message_outcome got;
		hand hands[2];

		add_request(&a, ALICE);
		if (i > 0)
			add_request(&b, BOB);
		hands[0] = (hand){&w.who[ALICE], sgl_buf_slice(&a), false};
		hands[1] = (hand){&w.who[BOB],
		    i == 1 ? sgl_buf_slice(&a) : sgl_buf_slice(&b), false};
		make_signed(
		    SGL_OID_DATA, SGL_LIT(ENTITY), false, hands, 2, &out);
		assert_int_equal(has_finding(layer_of(read_both(&out, &got), 0),
				     "receipt-requests-differ"),
		    i == 2);
		message_outcome_clear(&got);
	}
}

#define LABEL "060b2a864886f70d0109100202"
#define REQUEST "060b2a864886f70d0109100201"
#define HINT "060b2a864886f70d0109100204"
#define HISTORY "060b2a864886f70d0109100203"

/* RFC 2634 1.3.4: one attribute of a type, with one value, of its syntax. */
static const struct {
	const char *what, *attributes;
} broken[] = {
    {"two labels",
	"3015 " LABEL "3106 310406022a03"
	"3015 " LABEL "3106 310406022a04"},
    {"a label twice", "301b " LABEL "310c 310406022a03 310406022a04"},
    {"no label in it", "300f " LABEL "3100"},
    {"a label without policy", "3014 " LABEL "3105 3103020101"},
    {"a request that is none", "3013 " REQUEST "3104 30020500"},
    {"two hints", "3011 " HINT "31020500 3012 " HINT "3103 020101"},
    {"no history in it", "300f " HISTORY "3100"},
};

static void
refuses_broken_attributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		hand one = {&w.who[ALICE], unhex(broken[i].attributes), false};
		message_outcome got;
		const json *signer;

		make_signed(
		    SGL_OID_DATA, SGL_LIT(ENTITY), false, &one, 1, &out);
		signer = first_signer(layer_of(read_both(&out, &got), 0));
		if (strcmp(got.signature, "tampered") != 0 ||
		    strcmp(got.reason, "malformed-attributes") != 0)
			fail_msg("%s: %s", broken[i].what, got.signature);
		assert_null(json_find(signer, "label"));
		assert_null(json_find(signer, "receipt_request"));
		message_outcome_clear(&got);
	}
}

#define TIME "06092a864886f70d010905"
#define CAPABILITIES "06092a864886f70d01090f"

/* RFC 5652 11.3: what nothing hangs on may be written as its sender likes, but
 * once. */
static const struct {
	const char *what, *attributes, *want, *time;
} claims[] = {
    {"a time", "301c " TIME "310f 170d 3234303130323033303430355a",
	"valid-trusted", "2024-01-02T03:04:05Z"},
    {"local time", "3020 " TIME "3113 1711 3135303530363030323434382d30343030",
	"valid-trusted", NULL},
    {"no seconds", "301a " TIME "310d 170b 323430313032303330345a",
	"valid-trusted", NULL},
    {"no time", "300f " TIME "3102 0500", "valid-trusted", NULL},
    {"two times",
	"302b " TIME "311e 170d 3234303130323033303430355a"
	" 170d 3234303130323033303430365a",
	"tampered", NULL},
    {"capabilities that are none", "300f " CAPABILITIES "3102 0500",
	"valid-trusted", NULL},
};

static void
believes_beside_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		hand one = {&w.who[ALICE], unhex(claims[i].attributes), false};
		message_outcome got;
		const json *signer;

		make_signed(
		    SGL_OID_DATA, SGL_LIT(ENTITY), false, &one, 1, &out);
		signer = first_signer(layer_of(read_both(&out, &got), 0));
		if (strcmp(got.signature, claims[i].want) != 0)
			fail_msg("%s: %s", claims[i].what, got.signature);
		if (claims[i].time == NULL)
			assert_null(json_find(signer, "signing_time"));
		else
			assert_string_equal(
			    json_text(signer, "signing_time"), claims[i].time);
		message_outcome_clear(&got);
	}
}

/* DER orders the fields of a SET by their tags, where a PrintableString comes
 * behind the SET of categories; the RFC's own examples have them otherwise. */
static void
verifies_labels_in_any_order(void **state)
{
	static const char *const orders[] = {
	    "3027 " LABEL "3118 3116 06022a03 020105 130141 310a 3008 "
	    "80022a03 a1020500",
	    "3027 " LABEL "3118 3116 020105 06022a03 310a 3008 80022a03 "
	    "a1020500 130141",
	    "3027 " LABEL "3118 3116 020105 06022a03 130141 310a 3008 "
	    "80022a03 a1020500"};

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
		hand one = {&w.who[ALICE], unhex(orders[i]), false};
		message_outcome got;
		const json *label;

		make_signed(
		    SGL_OID_DATA, SGL_LIT(ENTITY), false, &one, 1, &out);
		label = json_get(
		    first_signer(layer_of(read_both(&out, &got), 0)), "label");
		assert_string_equal(got.signature, "valid-trusted");
		assert_string_equal(json_text(label, "privacy_mark"), "A");
		assert_int_equal(json_number(label, "num_categories"), 1);
		message_outcome_clear(&got);
	}
}

/* --- receipts --- */

#define RECEIPT                                                                \
	"301e 020101 06092a864886f70d010701 0408616c692d30303031 040453494721"

/* @req rfc2634-2.6 */
static void
reads_receipts(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) more = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	sgl_derb b = sgl_derb_over(&more);
	sgl_slice receipt = unhex(RECEIPT);
	hand one = {.who = &w.who[BOB]};
	message_outcome got;
	const json *layer, *told;

	(void)state;
	add_attribute(
	    &b, SGL_OID_AA_MSG_SIG_DIGEST, SGL_OCTET_STRING, SGL_LIT("digest"));
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	one.attributes = sgl_buf_slice(&more);
	make_signed(SGL_OID_CT_RECEIPT, receipt, false, &one, 1, &out);
	layer = layer_of(read_both(&out, &got), 0);
	told = json_get(layer, "receipt");
	assert_string_equal(got.signature, "valid-trusted");
	assert_true(got.is_receipt);
	assert_string_equal(json_text(layer, "content_type"), "receipt");
	assert_string_equal(
	    json_text(told, "content_identifier"), "616c692d30303031");
	assert_string_equal(json_text(told, "content_type"), "id-data");
	assert_string_equal(
	    json_text(told, "originator_signature"), "53494721");
	assert_string_equal(
	    json_text(first_signer(layer), "msg_sig_digest"), "646967657374");
	assert_true(sgl_slice_eq(sgl_buf_slice(&got.content), receipt));
	assert_false(has_finding(layer, "misplaced-receipt-request"));
	message_outcome_clear(&got);
}

/* @req rfc2634-2.2: nobody asks for a receipt for a receipt. */
static void
tells_of_requests_in_receipts(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) more = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	hand one = {.who = &w.who[BOB]};
	message_outcome got;

	(void)state;
	add_request(&more, BOB);
	one.attributes = sgl_buf_slice(&more);
	make_signed(SGL_OID_CT_RECEIPT, unhex(RECEIPT), false, &one, 1, &out);
	assert_true(has_finding(
	    layer_of(read_both(&out, &got), 0), "misplaced-receipt-request"));
	message_outcome_clear(&got);
}

/* Who asks for a receipt chooses the identifier that stands in it. Shown as the
 * text of a clear-signed message, that would be signed by whoever sent the
 * receipt. */
static void
receipts_are_no_messages(void **state)
{
	static const char text[] =
	    "Content-Type: text/plain\r\n\r\nI owe you\r\n";
	sgl_slice content = SGL_LIT(text);
	SGL_AUTO_CLEAR(sgl_buf) cms = sgl_buf_init(MESSAGE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MESSAGE_MAX);
	hand one = {.who = &w.who[BOB]};
	message_outcome got;

	(void)state;
	make_signed(SGL_OID_CT_RECEIPT, content, true, &one, 1, &cms);
	assert_int_equal(
	    sgl_buf_printf(&out, NULL,
		"From: bob@example.org\r\nContent-Type: multipart/signed; "
		"protocol=\"application/pkcs7-signature\"; micalg=sha-256; "
		"boundary=b\r\n\r\n--b\r\n%s\r\n--b\r\nContent-Type: "
		"application/pkcs7-signature\r\nContent-Transfer-Encoding: "
		"base64\r\n\r\n",
		text),
	    SGL_OK);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&cms), &out, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&out, "\r\n--b--\r\n", NULL), SGL_OK);
	(void)read_both(&out, &got);
	assert_string_equal(got.signature, "tampered");
	assert_string_equal(got.reason, "content-type-mismatch");
	message_outcome_clear(&got);
}

static int
start(void **state)
{
	static const sgl_issue issues[NUM_WHO] = {
	    [CA] = {.name = "Test CA", .is_ca = true},
	    [ALICE] = {.name = "alice", .address = "alice@example.org"},
	    [BOB] = {.name = "bob", .address = "bob@example.org"},
	};

	(void)state;
	if (sgl_engine_new(NULL, &w.engine, NULL) != SGL_OK)
		return -1;
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_issue_cert(w.engine, &issues[i],
		    i == CA ? NULL : &w.who[CA], &w.who[i]);
	w.offer.at = SGL_ISSUE_TIME;
	w.offer.peel = SGL_PEEL_ALL;
	return sgl_certs_add(&w.offer.anchors, w.who[CA].cert, NULL) ==
		    SGL_OK &&
		sgl_keyring_add_key(&w.offer.ring, w.who[BOB].key, NULL) ==
		    SGL_OK &&
		sgl_keyring_add_cert(&w.offer.ring, w.who[BOB].cert, NULL) ==
		    SGL_OK &&
		sgl_certs_add(&w.to_bob, w.who[BOB].cert, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
stop(void **state)
{
	(void)state;
	sgl_certs_clear(&w.to_bob);
	sgl_certs_clear(&w.offer.anchors);
	sgl_keyring_clear(&w.offer.ring);
	for (size_t i = 0; i < NUM_WHO; i++)
		sgl_who_clear(&w.who[i]);
	sgl_engine_free(w.engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_the_same_for_all_signers),
	    cmocka_unit_test(writes_the_innermost_only),
	    cmocka_unit_test(refuses_without_signature),
	    cmocka_unit_test(compares_labels),
	    cmocka_unit_test(compares_requests),
	    cmocka_unit_test(refuses_broken_attributes),
	    cmocka_unit_test(believes_beside_claims),
	    cmocka_unit_test(verifies_labels_in_any_order),
	    cmocka_unit_test(reads_receipts),
	    cmocka_unit_test(tells_of_requests_in_receipts),
	    cmocka_unit_test(receipts_are_no_messages),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
