/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate is asked for and given over SCEP (RFC 8894 3): a SignedData
 * with the protocol's attributes, around an EnvelopedData, around a request or
 * certificates. OpenSSL makes what it can make, and opens all that we make.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "cms/reader.h"
#include "cms/writer.h"
#include "pki/csr.h"
#include "support/feed.h"
#include "support/folder.h"
#include "support/issue.h"

#define MAX_OUT ((size_t)1 << 20)
#define NONCE "0123456789abcdef"

static const sgl_oid for_clients[] = {SGL_OID_KP_CLIENT_AUTH};

/* The authority, its door for SCEP, and a device. Nobody here is for mail. */
typedef struct world {
	sgl_engine *engine;
	sgl_folder folder;
	sgl_who ca, door, device;
} world;

static void
world_make(world *w)
{
	sgl_issue what = {.name = "Door",
	    .kind = SGL_KEY_RSA,
	    .ext_key_usage = for_clients,
	    .num_ext_key_usage = 1};

	*w = (world){.engine = NULL};
	assert_int_equal(sgl_engine_new(NULL, &w->engine, NULL), SGL_OK);
	sgl_folder_make(&w->folder);
	sgl_issue_cert(
	    w->engine, &(sgl_issue){.name = "CA", .is_ca = true}, NULL, &w->ca);
	sgl_issue_cert(w->engine, &what, &w->ca, &w->door);
	what.name = "Device";
	sgl_issue_cert(w->engine, &what, NULL, &w->device);
}

static void
world_clear(world *w)
{
	sgl_who_clear(&w->ca);
	sgl_who_clear(&w->door);
	sgl_who_clear(&w->device);
	sgl_engine_free(w->engine);
	sgl_folder_remove(&w->folder);
}
SGL_AUTO_CLEAR_TYPE(world, world_clear)

static void
write_pem(const world *w, const char *name, const char *label, sgl_slice der)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(MAX_OUT);

	assert_int_equal(sgl_pem_add(&pem, label, der, NULL), SGL_OK);
	sgl_folder_write(&w->folder, name, sgl_buf_slice(&pem));
}

/* --- writing --- */

static void
add_attribute(sgl_derb *b, sgl_oid type, sgl_tag tag, const char *value)
{
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE), set;

	sgl_derb_oid(b, sgl_oid_der(type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, tag, sgl_slice_str(value));
	sgl_derb_close(b, set);
	sgl_derb_close(b, seq);
}

static void
put_attributes(const char *message_type, sgl_oid nonce, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);

	add_attribute(
	    &b, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING, message_type);
	add_attribute(
	    &b, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING, "t-1");
	add_attribute(&b, nonce, SGL_OCTET_STRING, NONCE);
	if (nonce == SGL_OID_SCEP_RECIPIENT_NONCE)
		add_attribute(
		    &b, SGL_OID_SCEP_PKI_STATUS, SGL_PRINTABLE_STRING, "0");
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
write_signed(const world *w, const sgl_signed_options *options,
    sgl_slice content, sgl_buf *out)
{
	SGL_AUTO(sgl_signed_writer)
	writer = NULL;
	sgl_asker asker = {.is_open = false};
	sgl_bufsink sink;
	sgl_err err = {0};

	sgl_bufsink_init(&sink, out);
	if (sgl_signed_writer_new(w->engine, options, &asker, &sink.sink,
		&writer, &err) != SGL_OK)
		fail_msg("%s", err.text);
	assert_int_equal(
	    sgl_feed(sgl_signed_writer_sink(writer), content, 0, NULL), SGL_OK);
}

static void
sign_message(const world *w, const sgl_who *who, sgl_slice attributes,
    sgl_slice content, sgl_buf *out)
{
	sgl_signer signer = {
	    .cert = who->cert, .key = who->key, .not_mail = true};
	sgl_signed_options options = {.signers = &signer,
	    .num_signers = 1,
	    .signing_time = SGL_ISSUE_TIME,
	    .extra_attributes = attributes};

	write_signed(w, &options, content, out);
}

static void
envelop(const world *w, sgl_cert *to, sgl_slice content, sgl_buf *out)
{
	SGL_AUTO(sgl_enveloped_writer)
	writer = NULL;
	sgl_certs recipients = {&to, 1};
	sgl_enveloped_options options = {.recipients = &recipients,
	    .cipher = SGL_CIPHER_AES128_CBC,
	    .not_mail = true};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(sgl_enveloped_writer_new(
			     w->engine, &options, &sink.sink, &writer, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_enveloped_writer_sink(writer), content, 0, NULL),
	    SGL_OK);
}

/* --- reading --- */

typedef struct reading {
	sgl_cms_reader *reader;
	sgl_asker asker;
	sgl_bufsink sink;
	sgl_cms_report *report;
} reading;

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = &((reading *)ctx)->sink.sink;
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *report, sgl_err *err)
{
	(void)ctx;
	(void)report;
	(void)err;
	return SGL_OK;
}

static void
read_cms(const world *w, sgl_slice cms, const sgl_who *who, reading *r,
    sgl_buf *content)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_cms_read_options options = {.keys = &ring,
	    .asker = &r->asker,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = r};
	sgl_err err = {0};

	*r = (reading){.reader = NULL};
	sgl_bufsink_init(&r->sink, content);
	assert_int_equal(sgl_keyring_add_key(&ring, who->key, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(&ring, who->cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_cms_reader_new(w->engine, &options, &r->reader, NULL), SGL_OK);
	if (sgl_feed(sgl_cms_reader_sink(r->reader), cms, 7, &err) != SGL_OK)
		fail_msg("%s", err.text);
	r->report = sgl_cms_reader_report(r->reader);
}

static void
expect_attribute(
    const sgl_signer_info *s, sgl_oid type, sgl_tag tag, const char *want)
{
	sgl_slice got;
	sgl_der value;

	assert_true(sgl_signer_find_attribute(s, type, &value));
	assert_true(sgl_der_read_bytes(&value, tag, &got));
	assert_true(sgl_der_done(&value));
	assert_true(sgl_slice_eq(got, sgl_slice_str(want)));
}

/* The request, made by us and enveloped by OpenSSL. */
static void
envelop_request(world *w, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) csr = sgl_buf_init(SGL_CSR_MAX);
	sgl_cert_template t = {.subject = w->device.cert->subject,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE};

	assert_int_equal(sgl_csr_build(w->engine, &t, SGL_LIT("once"),
			     w->device.key, SGL_DIGEST_NONE, &csr, NULL),
	    SGL_OK);
	sgl_folder_write(&w->folder, "csr", sgl_buf_slice(&csr));
	write_pem(w, "door", "CERTIFICATE", w->door.cert->der);
	sgl_folder_run(&w->folder,
	    "openssl cms -encrypt -binary -aes128 -in csr -outform der "
	    "-out enveloped door");
	*out = sgl_folder_read(&w->folder, "enveloped");
}

/* A device asks: the door sees who, and what for. */
static void
a_device_asks(void **state)
{
	SGL_AUTO_CLEAR(world) w;
	SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) enveloped = {0};
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) inner = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_signer_info *signer;
	reading outside, inside;
	sgl_der value;
	bool good;

	(void)state;
	sgl_folder_need("openssl");
	world_make(&w);
	envelop_request(&w, &enveloped);
	put_attributes("19", SGL_OID_SCEP_SENDER_NONCE, &attributes);
	sign_message(&w, &w.device, sgl_buf_slice(&attributes),
	    sgl_buf_slice(&enveloped), &message);
	sgl_folder_write(&w.folder, "message", sgl_buf_slice(&message));
	sgl_folder_run(&w.folder,
	    "openssl cms -verify -binary -noverify -inform der -in message "
	    "-out out && cmp out enveloped && "
	    "openssl cms -cmsout -print -inform der -in message | "
	    "grep 2.16.840.1.113733.1.9.7");

	read_cms(&w, sgl_buf_slice(&message), &w.door, &outside, &content);
	assert_int_equal(outside.report->num_signers, 1);
	assert_int_equal(outside.report->certs.num, 1);
	signer = &outside.report->signers[0];
	expect_attribute(
	    signer, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING, "19");
	expect_attribute(
	    signer, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING, "t-1");
	expect_attribute(
	    signer, SGL_OID_SCEP_SENDER_NONCE, SGL_OCTET_STRING, NONCE);
	assert_false(
	    sgl_signer_find_attribute(signer, SGL_OID_SCEP_PKI_STATUS, &value));
	assert_false(sgl_signer_find_attribute(
	    signer, SGL_OID_AA_SMIME_CAPABILITIES, &value));
	assert_int_equal(sgl_signer_proves(w.engine, outside.report, signer,
			     outside.report->certs.items[0], &good, NULL),
	    SGL_OK);
	assert_true(good);
	assert_int_equal(sgl_signer_proves(w.engine, outside.report, signer,
			     w.door.cert, &good, NULL),
	    SGL_OK);
	assert_false(good);

	read_cms(&w, sgl_buf_slice(&content), &w.door, &inside, &inner);
	assert_false(inside.report->is_locked);
	assert_int_equal(
	    sgl_csr_read(w.engine, sgl_buf_slice(&inner), &csr, NULL), SGL_OK);
	assert_int_equal(sgl_csr_is_signed(w.engine, csr, &good, NULL), SGL_OK);
	assert_true(good);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&csr->challenge), SGL_LIT("once")));
	sgl_cms_reader_free(outside.reader);
	sgl_cms_reader_free(inside.reader);
}

/* Whatever byte of the message is another, the door is told something else or
 * nothing. */
static void
a_changed_message_proves_nothing(void **state)
{
	SGL_AUTO_CLEAR(world) w;
	SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(MAX_OUT);
	sgl_slice content = SGL_LIT("what is signed");
	const uint8_t *at;
	bool good;

	(void)state;
	world_make(&w);
	put_attributes("19", SGL_OID_SCEP_SENDER_NONCE, &attributes);
	sign_message(
	    &w, &w.device, sgl_buf_slice(&attributes), content, &message);
	for (int i = 0; i < 3; i++) {
		const char *const marks[] = {NONCE, "t-1", "what is signed"};
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		reading r;

		at = memmem(
		    message.data, message.len, marks[i], strlen(marks[i]));
		assert_non_null(at);
		message.data[at - message.data] ^= 1;
		read_cms(&w, sgl_buf_slice(&message), &w.door, &r, &out);
		message.data[at - message.data] ^= 1;
		assert_int_equal(
		    sgl_signer_proves(w.engine, r.report, &r.report->signers[0],
			w.device.cert, &good, NULL),
		    SGL_OK);
		assert_false(good);
		sgl_cms_reader_free(r.reader);
	}
}

/* The door answers: certificates alone, for the device, signed by the door. */
static void
the_door_answers(void **state)
{
	SGL_AUTO_CLEAR(world) w;
	SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) p7 = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) enveloped = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_secret) key = {0};
	sgl_certs certs;
	sgl_signed_options alone = {.certs = &certs};
	sgl_cert *items[2];

	(void)state;
	sgl_folder_need("certtool");
	sgl_folder_need("openssl");
	world_make(&w);
	items[0] = w.device.cert;
	items[1] = w.ca.cert;
	certs = (sgl_certs){items, 2};
	write_signed(&w, &alone, (sgl_slice){0}, &p7);
	sgl_folder_write(&w.folder, "p7", sgl_buf_slice(&p7));
	/* RFC 7030 4.1.3, RFC 5272 4.1: what EST gives, too */
	sgl_folder_run(&w.folder,
	    "openssl pkcs7 -inform der -in p7 -print_certs -noout | "
	    "grep -c subject= | grep 2 && "
	    "openssl asn1parse -inform der -in p7 >out && ! grep inf out");
	sgl_folder_run(&w.folder,
	    "certtool --p7-info --inder --infile p7 | "
	    "grep 'Number of certificates: 2'");
	envelop(&w, w.device.cert, sgl_buf_slice(&p7), &enveloped);
	put_attributes("3", SGL_OID_SCEP_RECIPIENT_NONCE, &attributes);
	sign_message(&w, &w.door, sgl_buf_slice(&attributes),
	    sgl_buf_slice(&enveloped), &message);
	sgl_folder_write(&w.folder, "message", sgl_buf_slice(&message));
	write_pem(&w, "device", "CERTIFICATE", w.device.cert->der);
	write_pem(&w, "ca", "CERTIFICATE", w.ca.cert->der);
	assert_int_equal(sgl_key_write(w.device.key, &key, NULL), SGL_OK);
	write_pem(&w, "key", "PRIVATE KEY", sgl_secret_slice(&key));
	sgl_folder_run(&w.folder,
	    "openssl cms -verify -binary -purpose any -CAfile ca -inform der "
	    "-in message -out inner && "
	    "openssl cms -decrypt -binary -inform der -in inner -recip device "
	    "-inkey key -out out && cmp out p7");
}

/* A failure has no content (RFC 8894 3.3.2.2). */
static void
the_door_refuses(void **state)
{
	SGL_AUTO_CLEAR(world) w;
	SGL_AUTO_CLEAR(sgl_buf) message = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) attributes = sgl_buf_init(1000);
	sgl_derb b = sgl_derb_over(&attributes);
	sgl_signer signer;
	sgl_signed_options options = {.signers = &signer,
	    .num_signers = 1,
	    .detached = true,
	    .signing_time = SGL_ISSUE_TIME};

	(void)state;
	sgl_folder_need("openssl");
	world_make(&w);
	add_attribute(&b, SGL_OID_SCEP_PKI_STATUS, SGL_PRINTABLE_STRING, "2");
	add_attribute(&b, SGL_OID_SCEP_FAIL_INFO, SGL_PRINTABLE_STRING, "2");
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	signer = (sgl_signer){
	    .cert = w.door.cert, .key = w.door.key, .not_mail = true};
	options.extra_attributes = sgl_buf_slice(&attributes);
	write_signed(&w, &options, (sgl_slice){0}, &message);
	sgl_folder_write(&w.folder, "message", sgl_buf_slice(&message));
	sgl_folder_write(&w.folder, "empty", SGL_LIT(""));
	write_pem(&w, "ca", "CERTIFICATE", w.ca.cert->der);
	sgl_folder_run(&w.folder,
	    "openssl cms -verify -binary -purpose any -CAfile ca -inform der "
	    "-in message -content empty -out out && cmp out empty && "
	    "openssl cms -cmsout -print -inform der -in message | "
	    "grep 2.16.840.1.113733.1.9.4");
}

/* Certificates for other uses are still refused where it is mail. */
static void
mail_stays_mail(void **state)
{
	SGL_AUTO_CLEAR(world) w;
	sgl_signer signer;

	(void)state;
	world_make(&w);
	signer = (sgl_signer){.cert = w.door.cert, .key = w.door.key};
	assert_int_equal(sgl_signer_check(&signer, NULL), SGL_E_USAGE);
	signer.not_mail = true;
	assert_int_equal(sgl_signer_check(&signer, NULL), SGL_OK);
	/* keyCertSign is no digitalSignature, in any protocol */
	signer =
	    (sgl_signer){.cert = w.ca.cert, .key = w.ca.key, .not_mail = true};
	assert_int_equal(sgl_signer_check(&signer, NULL), SGL_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_device_asks),
	    cmocka_unit_test(a_changed_message_proves_nothing),
	    cmocka_unit_test(the_door_answers),
	    cmocka_unit_test(the_door_refuses),
	    cmocka_unit_test(mail_stays_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
