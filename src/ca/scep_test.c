/* SPDX-License-Identifier: Apache-2.0 */
/* A device asks over SCEP and reads the answer; the door's key is here, or far
 * away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ca/scep.h"
#include "cms/reader.h"
#include "support/fault.h"
#include "support/feed.h"
#include "support/issue.h"

#define MAX_OUT ((size_t)1 << 20)
#define NONCE "0123456789abcdef"
#define CODE "once"

static sgl_engine *engine;
static sgl_who ca, door_who, device, given;

static int
set_up(void **state)
{
	static const sgl_oid for_clients[] = {SGL_OID_KP_CLIENT_AUTH};
	const sgl_issue what = {.name = "Door",
	    .kind = SGL_KEY_RSA,
	    .ext_key_usage = for_clients,
	    .num_ext_key_usage = 1};
	const sgl_issue self = {.name = "Device", .kind = SGL_KEY_RSA};

	(void)state;
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	sgl_issue_cert(
	    engine, &(sgl_issue){.name = "CA", .is_ca = true}, NULL, &ca);
	sgl_issue_cert(engine, &what, &ca, &door_who);
	sgl_issue_cert(engine, &self, NULL, &device);
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"}, &ca,
	    &given);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_who_clear(&ca);
	sgl_who_clear(&door_who);
	sgl_who_clear(&device);
	sgl_who_clear(&given);
	sgl_engine_free(engine);
	return 0;
}

/* ------------------------------------------------- the device's writing --- */

typedef struct asking {
	const char *type, *transaction, *nonce;
	sgl_slice content; /* what is encrypted; empty: a request */
	sgl_cipher_alg cipher;
	const sgl_who *from, *to;
} asking;

static const asking enrolling = {.type = "19",
    .transaction = "t-1",
    .nonce = NONCE,
    .cipher = SGL_CIPHER_AES256_CBC,
    .from = &device,
    .to = &door_who};

static void
write_request(const sgl_who *who, sgl_buf *out)
{
	const sgl_cert_template t = {.subject = who->cert->subject};

	assert_int_equal(sgl_csr_build(engine, &t, SGL_LIT(CODE), who->key,
			     SGL_DIGEST_SHA256, out, NULL),
	    SGL_OK);
}

static void
envelop(const asking *a, sgl_slice content, sgl_buf *out)
{
	SGL_AUTO(sgl_enveloped_writer)
	w = NULL;
	sgl_cert *to = a->to->cert;
	const sgl_certs recipients = {&to, 1};
	const sgl_enveloped_options options = {
	    .recipients = &recipients, .cipher = a->cipher, .any_usage = true};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_enveloped_writer_new(engine, &options, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_enveloped_writer_sink(w), content, 0, NULL), SGL_OK);
}

static void
add_attribute(sgl_derb *b, sgl_oid type, sgl_tag tag, const char *value)
{
	size_t seq, set;

	if (value == NULL)
		return;
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, tag, sgl_slice_str(value));
	sgl_derb_close(b, set);
	sgl_derb_close(b, seq);
}

static void
sign(const asking *a, sgl_slice content, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(2000);
	SGL_AUTO(sgl_signed_writer)
	w = NULL;
	sgl_derb b = sgl_derb_over(&attributes);
	sgl_signer signer = {
	    .cert = a->from->cert, .key = a->from->key, .not_mail = true};
	sgl_signed_options options = {.signers = &signer,
	    .num_signers = 1,
	    .signing_time = SGL_ISSUE_TIME};
	sgl_asker asker = {.is_open = false};
	sgl_bufsink sink;

	add_attribute(
	    &b, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING, a->type);
	add_attribute(&b, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING,
	    a->transaction);
	add_attribute(
	    &b, SGL_OID_SCEP_SENDER_NONCE, SGL_OCTET_STRING, a->nonce);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	options.extra_attributes = sgl_buf_slice(&attributes);
	sgl_bufsink_init(&sink, out);
	assert_int_equal(sgl_signed_writer_new(
			     engine, &options, &asker, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_signed_writer_sink(w), content, 0, NULL), SGL_OK);
}

static sgl_buf
write_message(const asking *a)
{
	SGL_AUTO_CLEAR(sgl_buf) request = sgl_buf_init(SGL_CSR_MAX);
	SGL_AUTO_CLEAR(sgl_buf) enveloped = sgl_buf_init(MAX_OUT);
	sgl_buf out = sgl_buf_init(MAX_OUT);

	write_request(a->from, &request);
	envelop(a,
	    a->content.data == NULL ? sgl_buf_slice(&request) : a->content,
	    &enveloped);
	sign(a, sgl_buf_slice(&enveloped), &out);
	return out;
}

/* ------------------------------------------------- the device's reading --- */

typedef struct reading {
	sgl_cms_reader *reader;
	sgl_asker asker;
	sgl_bufsink sink;
	sgl_buf content;
} reading;

static void
reading_clear(reading *r)
{
	sgl_cms_reader_free(r->reader);
	sgl_buf_clear(&r->content);
}
SGL_AUTO_CLEAR_TYPE(reading, reading_clear)

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = &((reading *)ctx)->sink.sink;
	return SGL_OK;
}

static const sgl_cms_report *
read_cms(sgl_slice cms, reading *r)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_cms_read_options options = {.keys = &ring,
	    .asker = &r->asker,
	    .on_content = on_content,
	    .ctx = r};

	r->content = sgl_buf_init(MAX_OUT);
	sgl_bufsink_init(&r->sink, &r->content);
	assert_int_equal(sgl_keyring_add_key(&ring, device.key, NULL), SGL_OK);
	assert_int_equal(
	    sgl_keyring_add_cert(&ring, device.cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_cms_reader_new(engine, &options, &r->reader, NULL), SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_cms_reader_sink(r->reader), cms, 0, NULL), SGL_OK);
	return sgl_cms_reader_report(r->reader);
}

static void
expect_attribute(
    const sgl_signer_info *s, sgl_oid type, sgl_tag tag, const char *want)
{
	sgl_der value;
	sgl_slice got;

	if (want == NULL) {
		assert_false(sgl_signer_find_attribute(s, type, &value));
		return;
	}
	assert_true(sgl_signer_find_attribute(s, type, &value));
	assert_true(sgl_der_read_bytes(&value, tag, &got));
	assert_true(sgl_slice_eq(got, sgl_slice_str(want)));
}

/* The answer is signed by the door, and says what is expected. */
static void
expect_reply(sgl_slice answer, const char *fail, reading *r)
{
	const sgl_cms_report *report = read_cms(answer, r);
	const sgl_signer_info *info = &report->signers[0];
	bool good = false;

	assert_int_equal(report->num_signers, 1);
	assert_int_equal(
	    sgl_signer_proves(engine, report, info, door_who.cert, &good, NULL),
	    SGL_OK);
	assert_true(good);
	expect_attribute(
	    info, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING, "3");
	expect_attribute(info, SGL_OID_SCEP_PKI_STATUS, SGL_PRINTABLE_STRING,
	    fail == NULL ? "0" : "2");
	expect_attribute(
	    info, SGL_OID_SCEP_FAIL_INFO, SGL_PRINTABLE_STRING, fail);
	expect_attribute(
	    info, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING, "t-1");
}

/* ----------------------------------------------------- the door's doing --- */

/* A key that is asked and answers when it is told to. */
static sgl_status
later(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

static sgl_key *
far_key(void)
{
	static const sgl_key_ops ops = {.ask = later};
	sgl_key *key;

	assert_int_equal(
	    sgl_key_new_remote(
		engine, sgl_key_get_spki(door_who.key), &ops, NULL, &key, NULL),
	    SGL_OK);
	return key;
}

static sgl_status
settle(sgl_scep *s, sgl_status status)
{
	sgl_key_answer answer;

	while (status == SGL_NEED_KEY) {
		assert_non_null(sgl_scep_question(s));
		assert_int_equal(sgl_key_ask(engine, door_who.key,
				     sgl_scep_question(s), &answer, NULL),
		    SGL_OK);
		status = sgl_scep_go_on(s, SGL_OK, &answer, NULL);
	}
	return status;
}

static sgl_status
begin(sgl_slice message, sgl_scep **out)
{
	static sgl_scep_door door;

	door = (sgl_scep_door){door_who.cert, door_who.key};
	return sgl_scep_begin(engine, &door, message, out, NULL);
}

static void
reply(sgl_scep *s, const sgl_certs *certs, sgl_scep_fail fail)
{
	const sgl_scep_outcome outcome = {.certs = certs, .fail = fail};

	assert_int_equal(settle(s, sgl_scep_reply(s, &outcome, NULL)), SGL_OK);
}

/* --------------------------------------------------------------- tests --- */

static void
expect_enrolment(const sgl_scep_door *door)
{
	SGL_AUTO_CLEAR(sgl_buf) message = write_message(&enrolling);
	SGL_AUTO_CLEAR(reading) outside = {0};
	SGL_AUTO_CLEAR(reading) inside = {0};
	SGL_AUTO_CLEAR(reading) certs = {0};
	SGL_AUTO_CLEAR(sgl_certs) result = {0};
	SGL_AUTO(sgl_scep)
	s = NULL;
	const sgl_scep_wish *wish;
	sgl_status status =
	    sgl_scep_begin(engine, door, sgl_buf_slice(&message), &s, NULL);

	assert_int_equal(settle(s, status), SGL_OK);
	wish = sgl_scep_wish_of(s);
	assert_false(wish->is_refused);
	assert_int_equal(wish->kind, SGL_SCEP_ENROL);
	assert_true(sgl_slice_eq(wish->spki, device.cert->spki));
	assert_true(sgl_slice_eq(wish->challenge, SGL_LIT(CODE)));
	assert_true(sgl_slice_eq(wish->client, device.cert->der));

	assert_int_equal(sgl_certs_add(&result, given.cert, NULL), SGL_OK);
	reply(s, &result, SGL_SCEP_BAD_REQUEST);
	expect_reply(sgl_scep_answer_of(s), NULL, &outside);
	expect_attribute(&sgl_cms_reader_report(outside.reader)->signers[0],
	    SGL_OID_SCEP_RECIPIENT_NONCE, SGL_OCTET_STRING, NONCE);
	(void)read_cms(sgl_buf_slice(&outside.content), &inside);
	assert_false(sgl_cms_reader_report(inside.reader)->is_locked);
	(void)read_cms(sgl_buf_slice(&inside.content), &certs);
	assert_int_equal(sgl_cms_reader_report(certs.reader)->certs.num, 1);
}

static void
a_device_enrols(void **state)
{
	const sgl_scep_door door = {door_who.cert, door_who.key};

	(void)state;
	expect_enrolment(&door);
}

static void
the_key_is_far(void **state)
{
	SGL_AUTO(sgl_key)
	key = far_key();
	const sgl_scep_door door = {door_who.cert, key};

	(void)state;
	expect_enrolment(&door);
}

/* What is wrong, and how it is told. */
static void
expect_refusal(const asking *a, const char *fail)
{
	SGL_AUTO_CLEAR(sgl_buf) message = write_message(a);
	SGL_AUTO_CLEAR(reading) r = {0};
	SGL_AUTO(sgl_scep)
	s = NULL;

	assert_int_equal(begin(sgl_buf_slice(&message), &s), SGL_OK);
	assert_true(sgl_scep_wish_of(s)->is_refused);
	reply(s, NULL, sgl_scep_wish_of(s)->fail);
	expect_reply(sgl_scep_answer_of(s), fail, &r);
}

static void
what_is_wrong_is_told(void **state)
{
	asking a = enrolling;

	(void)state;
	a.type = "18";
	expect_refusal(&a, "2");
	a.type = "1";
	expect_refusal(&a, "2");
	a.type = "20";
	expect_refusal(&a, "4");
	a = enrolling;
	a.nonce = NULL;
	expect_refusal(&a, "2");
	a = enrolling;
	a.cipher = SGL_CIPHER_AES256_GCM;
	expect_refusal(&a, "0");
}

/* To somebody else, no request, a request for a key that the asker has not. */
static void
inside_all_looks_the_same(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) request = sgl_buf_init(SGL_CSR_MAX);
	asking a = enrolling;

	(void)state;
	a.to = &device;
	expect_refusal(&a, "2");
	a = enrolling;
	a.content = SGL_LIT("no request at all");
	expect_refusal(&a, "2");
	a.type = "21";
	expect_refusal(&a, "2");
	a.type = "22";
	expect_refusal(&a, "2");
	write_request(&device, &request);
	request.data[request.len - 1] ^= 1;
	a = enrolling;
	a.content = sgl_buf_slice(&request);
	expect_refusal(&a, "2");
}

static void
numbers_are_asked_for(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(2000);
	SGL_AUTO_CLEAR(sgl_buf) message = {0};
	SGL_AUTO(sgl_scep)
	s = NULL;
	sgl_derb b = sgl_derb_over(&content);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);
	asking a = enrolling;
	const sgl_scep_wish *wish;

	(void)state;
	sgl_derb_raw(&b, ca.cert->subject);
	sgl_derb_bytes(&b, SGL_INTEGER, given.cert->serial);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	a.type = "22";
	a.content = sgl_buf_slice(&content);
	message = write_message(&a);
	assert_int_equal(begin(sgl_buf_slice(&message), &s), SGL_OK);
	wish = sgl_scep_wish_of(s);
	assert_false(wish->is_refused);
	assert_int_equal(wish->kind, SGL_SCEP_GET_CRL);
	assert_true(sgl_slice_eq(wish->issuer, ca.cert->subject));
	assert_true(sgl_slice_eq(wish->serial, given.cert->serial));
}

/* Cut anywhere, or with any byte another: no wish that was not wished. */
static void
expect_nothing_else(sgl_slice message, bool is_cut)
{
	SGL_AUTO(sgl_scep)
	s = NULL;
	sgl_status status = begin(message, &s);

	if (status == SGL_OK && !sgl_scep_wish_of(s)->is_refused) {
		assert_false(is_cut);
		assert_true(
		    sgl_slice_eq(sgl_scep_wish_of(s)->spki, device.cert->spki));
	}
}

static void
changed_messages(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = write_message(&enrolling);

	(void)state;
	for (size_t i = 0; i < message.len; i++)
		expect_nothing_else(
		    sgl_slice_first(sgl_buf_slice(&message), i), true);
	for (size_t i = 0; i < message.len; i++) {
		message.data[i] ^= 0x21;
		expect_nothing_else(sgl_buf_slice(&message), false);
		message.data[i] ^= 0x21;
	}
}

static void
a_changed_signature(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = write_message(&enrolling);
	SGL_AUTO(sgl_scep)
	s = NULL;

	(void)state;
	message.data[message.len - 1] ^= 1; /* the end of the signature */
	assert_int_equal(begin(sgl_buf_slice(&message), &s), SGL_OK);
	assert_true(sgl_scep_wish_of(s)->is_refused);
	assert_int_equal(sgl_scep_wish_of(s)->fail, SGL_SCEP_BAD_MESSAGE_CHECK);
}

static void
too_long(void **state)
{
	SGL_AUTO(sgl_scep)
	s = NULL;
	uint8_t *much = sgl_mem_zeroed(1, SGL_SCEP_MESSAGE_MAX + 1);

	(void)state;
	assert_int_equal(
	    begin(sgl_slice_of(much, SGL_SCEP_MESSAGE_MAX + 1), &s),
	    SGL_E_LIMIT);
	sgl_mem_free(much);
}

/* ------------------------------------------------------------- no memory ---
 */

static sgl_status
attempt(const sgl_buf *message, sgl_err *err)
{
	const sgl_scep_door door = {door_who.cert, door_who.key};
	SGL_AUTO(sgl_scep)
	s = NULL;
	sgl_cert *cert = given.cert;
	const sgl_certs certs = {&cert, 1};
	const sgl_scep_outcome outcome = {.certs = &certs};

	TRY(sgl_scep_begin(engine, &door, sgl_buf_slice(message), &s, err));
	return sgl_scep_reply(s, &outcome, err);
}

static sgl_status
whole(void *ctx, sgl_err *err)
{
	sgl_status status = attempt(ctx, err);

	sgl_engine_forget(engine);
	return status;
}

static void
without_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) message = write_message(&enrolling);

	(void)state;
	sgl_engine_forget(engine);
	(void)sgl_fault_each(whole, &message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_device_enrols),
	    cmocka_unit_test(the_key_is_far),
	    cmocka_unit_test(what_is_wrong_is_told),
	    cmocka_unit_test(inside_all_looks_the_same),
	    cmocka_unit_test(numbers_are_asked_for),
	    cmocka_unit_test(changed_messages),
	    cmocka_unit_test(a_changed_signature),
	    cmocka_unit_test(too_long),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
