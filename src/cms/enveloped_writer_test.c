/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cms/write_parts.h"
#include "support/feed.h"
#include "support/people.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_OUT ((size_t)4 << 20)
#define MAX_LEN 200000
#define NUM_PEOPLE 6

enum { RSA, P256, P384, P521, X, ED };
#define WHO(n) (1u << (n))
#define KEK 0x100u
#define PASSWORD 0x200u

typedef struct world {
	sgl_engine *engine;
	sgl_tester people[NUM_PEOPLE];
	uint8_t *content;
} world;

static world the_world;

static const uint8_t the_kek[32] = {1, 2, 3};
static const char the_password[] = "correct horse";

/* --- taking it to pieces --- */

typedef struct parts {
	bool is_der, is_auth;
	uint64_t version;
	sgl_der recipients;
	sgl_content_alg alg;
	sgl_buf ciphertext;
	sgl_slice mac;
} parts;

static void
read_encrypted(sgl_der *in, parts *p)
{
	sgl_buf store = sgl_buf_init(MAX_OUT);
	sgl_slice bytes;

	assert_true(sgl_der_read_oid(in, &bytes));
	assert_int_equal(sgl_oid_find(bytes), SGL_OID_DATA);
	assert_true(sgl_der_read_whole(in, SGL_SEQUENCE, &bytes));
	assert_int_equal(sgl_content_alg_read(bytes, &p->alg, NULL), SGL_OK);
	assert_true(
	    sgl_der_read_octets(in, SGL_CONTEXT_PRIMITIVE(0), &bytes, &store));
	assert_int_equal(sgl_buf_add(&p->ciphertext, bytes, NULL), SGL_OK);
	assert_true(sgl_der_done(in));
	sgl_buf_clear(&store);
}

static void
take_apart(sgl_slice bytes, parts *p)
{
	sgl_der in =
	    bytes.data[1] == 0x80 ? sgl_ber_over(bytes) : sgl_der_over(bytes);
	sgl_der info, wrapped, data, encrypted;
	sgl_slice oid;

	*p = (parts){.is_der = !in.ber, .ciphertext = sgl_buf_init(MAX_OUT)};
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &info));
	assert_true(sgl_der_done(&in));
	assert_true(sgl_der_read_oid(&info, &oid));
	p->is_auth = sgl_oid_find(oid) == SGL_OID_AUTH_ENVELOPED_DATA;
	assert_true(p->is_auth || sgl_oid_find(oid) == SGL_OID_ENVELOPED_DATA);
	assert_true(sgl_der_read(&info, SGL_CONTEXT(0), &wrapped));
	assert_true(sgl_der_done(&info));
	assert_true(sgl_der_read(&wrapped, SGL_SEQUENCE, &data));
	assert_true(sgl_der_done(&wrapped));
	assert_true(sgl_der_read_uint(&data, &p->version));
	assert_true(sgl_der_read(&data, SGL_SET, &p->recipients));
	assert_true(sgl_der_read(&data, SGL_SEQUENCE, &encrypted));
	read_encrypted(&encrypted, p);
	if (p->is_auth)
		assert_true(
		    sgl_der_read_bytes(&data, SGL_OCTET_STRING, &p->mac));
	assert_true(sgl_der_done(&data));
}

static size_t
count_in_order(sgl_der in)
{
	sgl_slice whole, before = {NULL, 0};
	size_t n = 0;

	while (!sgl_der_done(&in)) {
		assert_true(sgl_der_read_any(&in, NULL, &whole, NULL));
		assert_true(sgl_slice_compare(before, whole) < 0);
		before = whole;
		n++;
	}
	return n;
}

/* --- opening each kind of RecipientInfo by its own key ---
 * @req rfc5652-6.2.1 @req rfc5652-6.2.3 @req rfc5652-6.2.4 @req rfc5753-3.1.1
 * @req rfc8418-3.2 */

static const sgl_tester *
by_serial(sgl_slice serial)
{
	for (size_t i = 0; i < NUM_PEOPLE; i++)
		if (sgl_slice_eq(the_world.people[i].cert->serial, serial))
			return &the_world.people[i];
	fail_msg("no such recipient");
	return NULL;
}

static const sgl_tester *
by_issuer_serial(sgl_der *in)
{
	sgl_slice serial;
	sgl_der fields;

	assert_true(sgl_der_read(in, SGL_SEQUENCE, &fields));
	assert_true(sgl_der_read(&fields, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_integer(&fields, &serial));
	assert_true(sgl_der_done(&fields));
	return by_serial(serial);
}

static const sgl_tester *
by_ski(sgl_slice ski)
{
	assert_int_equal(ski.len, 20);
	return by_serial(sgl_slice_first(ski, 1)); /* as people.c makes them */
}

static void
ask(const sgl_tester *p, const sgl_key_request *request, sgl_secret *out)
{
	sgl_key_answer answer;

	assert_int_equal(
	    sgl_key_ask(the_world.engine, p->key, request, &answer, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_secret_set(out, sgl_slice_of(answer.bytes, answer.len), NULL),
	    SGL_OK);
}

static void
open_ktri(sgl_der in, const parts *p, bool ski, sgl_secret *cek)
{
	sgl_key_request request = {.op = SGL_KEY_RSA_V15,
	    .want_len = sgl_cipher_key_len(p->alg.cipher)};
	const sgl_tester *who;
	uint64_t version;
	sgl_slice bytes;
	sgl_oaep oaep;

	assert_true(sgl_der_read_uint(&in, &version));
	assert_int_equal(version, ski ? 2 : 0);
	if (ski) {
		assert_true(
		    sgl_der_read_bytes(&in, SGL_CONTEXT_PRIMITIVE(0), &bytes));
		who = by_ski(bytes);
	} else {
		who = by_issuer_serial(&in);
	}
	assert_true(sgl_der_read_whole(&in, SGL_SEQUENCE, &bytes));
	if (sgl_oaep_read(bytes, &oaep, NULL) == SGL_OK) {
		assert_int_equal(oaep.digest, SGL_DIGEST_SHA256);
		assert_int_equal(oaep.mgf, SGL_DIGEST_SHA256);
		request.op = SGL_KEY_RSA_OAEP;
		request.oaep_digest = oaep.digest;
		request.oaep_mgf = oaep.mgf;
	}
	assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &request.input));
	assert_true(sgl_der_done(&in));
	ask(who, &request, cek);
}

static void
unwrap(sgl_slice kek, sgl_slice wrapped, sgl_secret *cek)
{
	uint8_t bytes[64];
	size_t len;

	assert_int_equal(
	    sgl_key_unwrap(the_world.engine, kek, wrapped, bytes, &len, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_secret_set(cek, sgl_slice_of(bytes, len), NULL), SGL_OK);
}

static sgl_slice
originator_point(sgl_der *in, sgl_oid *algorithm)
{
	sgl_der tagged, key, alg;
	sgl_slice oid, point;
	unsigned unused;

	assert_true(sgl_der_read(in, SGL_CONTEXT(0), &tagged));
	assert_true(sgl_der_read(&tagged, SGL_CONTEXT(1), &key));
	assert_true(sgl_der_read(&key, SGL_SEQUENCE, &alg));
	assert_true(sgl_der_read_oid(&alg, &oid));
	*algorithm = sgl_oid_find(oid);
	assert_true(sgl_der_read_bits(&key, &point, &unused));
	assert_int_equal(unused, 0);
	return point;
}

static const sgl_tester *
agreed_recipient(sgl_der *in, bool ski, sgl_slice *wrapped)
{
	sgl_der list, one, id;
	const sgl_tester *who;
	sgl_slice bytes;

	assert_true(sgl_der_read(in, SGL_SEQUENCE, &list));
	assert_true(sgl_der_read(&list, SGL_SEQUENCE, &one));
	assert_true(sgl_der_done(&list));
	if (ski) {
		assert_true(sgl_der_read(&one, SGL_CONTEXT(0), &id));
		assert_true(sgl_der_read_bytes(&id, SGL_OCTET_STRING, &bytes));
		who = by_ski(bytes);
	} else {
		who = by_issuer_serial(&one);
	}
	assert_true(sgl_der_read_bytes(&one, SGL_OCTET_STRING, wrapped));
	return who;
}

static void
open_kari(sgl_der in, const parts *p, bool ski, sgl_secret *cek)
{
	SGL_AUTO_CLEAR(sgl_secret) shared = {NULL, 0};
	sgl_key_request request = {.op = SGL_KEY_ECDH};
	const sgl_tester *who;
	sgl_agree_alg alg;
	sgl_slice bytes, wrapped;
	uint64_t version;
	uint8_t kek[32];
	sgl_oid key_alg;

	assert_true(sgl_der_read_uint(&in, &version));
	assert_int_equal(version, 3);
	request.input = originator_point(&in, &key_alg);
	assert_true(sgl_der_read_whole(&in, SGL_SEQUENCE, &bytes));
	assert_int_equal(sgl_agree_alg_read(bytes, &alg, NULL), SGL_OK);
	assert_int_equal(alg.kek_len, sgl_cipher_key_len(p->alg.cipher));
	who = agreed_recipient(&in, ski, &wrapped);
	assert_int_equal(key_alg,
	    who == &the_world.people[X] ? SGL_OID_X25519
					: SGL_OID_EC_PUBLIC_KEY);
	ask(who, &request, &shared);
	assert_int_equal(
	    sgl_agree_kek(the_world.engine, &alg, sgl_slice_of(NULL, 0),
		sgl_secret_slice(&shared), kek, NULL),
	    SGL_OK);
	unwrap(sgl_slice_of(kek, alg.kek_len), wrapped, cek);
}

static void
open_kekri(sgl_der in, size_t kek_len, sgl_secret *cek)
{
	uint64_t version;
	sgl_slice bytes;
	sgl_der id;

	assert_true(sgl_der_read_uint(&in, &version));
	assert_int_equal(version, 4);
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &id));
	assert_true(sgl_der_read_bytes(&id, SGL_OCTET_STRING, &bytes));
	assert_true(sgl_slice_eq(bytes, SGL_LIT("name")));
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &bytes));
	unwrap(sgl_slice_of(the_kek, kek_len), bytes, cek);
}

static void
open_pwri(sgl_der in, sgl_secret *cek)
{
	sgl_der derivation;
	uint64_t version, rounds = 0;
	sgl_pwri p;

	assert_true(sgl_der_read_uint(&in, &version));
	assert_int_equal(version, 0);
	assert_true(sgl_der_read(&in, SGL_CONTEXT(0), &derivation));
	p.derivation = sgl_der_rest(&derivation);
	assert_true(sgl_der_read_whole(&in, SGL_SEQUENCE, &p.encryption));
	assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &p.wrapped));
	assert_int_equal(
	    sgl_pwri_unwrap(the_world.engine, sgl_slice_str(the_password), &p,
		&rounds, cek, NULL),
	    SGL_OK);
}

static void
decrypt(const parts *p, const sgl_secret *cek, sgl_slice want)
{
	sgl_cipher_params params = {.alg = p->alg.cipher,
	    .key = sgl_secret_slice(cek),
	    .iv = {p->alg.iv, p->alg.iv_len}};
	SGL_AUTO(sgl_cipher)
	c = NULL;
	uint8_t *out = malloc(p->ciphertext.len + 32);
	size_t len, rest = 0;

	assert_int_equal(
	    sgl_cipher_new(the_world.engine, &params, &c, NULL), SGL_OK);
	assert_int_equal(sgl_cipher_update(
			     c, sgl_buf_slice(&p->ciphertext), out, &len, NULL),
	    SGL_OK);
	if (p->is_auth)
		assert_int_equal(
		    sgl_cipher_check(c, p->mac, sgl_slice_of(NULL, 0), NULL),
		    SGL_OK);
	else
		assert_int_equal(
		    sgl_cipher_finish(c, out + len, &rest, NULL), SGL_OK);
	assert_int_equal(len + rest, want.len);
	if (want.len > 0)
		assert_memory_equal(out, want.data, want.len);
	free(out);
}

/* Every recipient gets the same key, and it opens the content. */
static void
open_all(const parts *p, const sgl_enveloped_options *o, sgl_slice want)
{
	sgl_der in = p->recipients;

	while (!sgl_der_done(&in)) {
		SGL_AUTO_CLEAR(sgl_secret) cek = {NULL, 0};
		sgl_tag tag;
		sgl_der body;

		assert_true(sgl_der_read_any(&in, &tag, NULL, &body));
		if (tag == SGL_SEQUENCE)
			open_ktri(body, p, o->use_ski, &cek);
		else if (tag == SGL_CONTEXT(1))
			open_kari(body, p, o->use_ski, &cek);
		else if (tag == SGL_CONTEXT(2))
			open_kekri(body, o->kek.len, &cek);
		else if (tag == SGL_CONTEXT(3))
			open_pwri(body, &cek);
		else
			fail_msg("a recipient of an unknown kind");
		assert_int_equal(cek.len, sgl_cipher_key_len(p->alg.cipher));
		decrypt(p, &cek, want);
	}
}

/* --- writing --- */

static sgl_status
encrypt(const sgl_enveloped_options *options, sgl_slice content, size_t step,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_enveloped_writer)
	w = NULL;
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_enveloped_writer_new(
	    the_world.engine, options, &sink.sink, &w, err));
	TRY(sgl_feed(sgl_enveloped_writer_sink(w), content, step, err));
	assert_true(sink.finished);
	return SGL_OK;
}

static void
invite(unsigned who, sgl_certs *certs, sgl_enveloped_options *o)
{
	for (size_t i = 0; i < NUM_PEOPLE; i++)
		if ((who & WHO(i)) != 0)
			assert_int_equal(sgl_certs_add(certs,
					     the_world.people[i].cert, NULL),
			    SGL_OK);
	o->recipients = certs;
	if ((who & KEK) != 0) {
		o->kek = sgl_slice_of(the_kek, sizeof the_kek);
		o->kek_id = SGL_LIT("name");
	}
	if ((who & PASSWORD) != 0)
		o->password = sgl_slice_str(the_password);
}

static const struct {
	const char *name;
	unsigned who;
	sgl_cipher_alg cipher;
	bool oaep, use_ski;
	size_t len;
	unsigned version;
	size_t num;
} cases[] = {
    {"rsa", WHO(RSA), SGL_CIPHER_AES256_CBC, false, false, 100, 0, 1},
    {"rsa, ski", WHO(RSA), SGL_CIPHER_AES128_CBC, false, true, 15, 2, 1},
    {"oaep", WHO(RSA), SGL_CIPHER_AES192_CBC, true, false, 16, 0, 1},
    {"oaep, ski, gcm", WHO(RSA), SGL_CIPHER_AES256_GCM, true, true, 17, 0, 1},
    {"p-256", WHO(P256), SGL_CIPHER_AES128_CBC, false, false, 0, 2, 1},
    {"p-384", WHO(P384), SGL_CIPHER_AES256_CBC, false, true, 65535, 2, 1},
    {"p-521", WHO(P521), SGL_CIPHER_AES192_CBC, false, false, 65536, 2, 1},
    {"x25519", WHO(X), SGL_CIPHER_CHACHA20_POLY1305, false, false, 65536, 0, 1},
    {"x25519, ski", WHO(X), SGL_CIPHER_AES128_GCM, false, true, 65537, 0, 1},
    {"kek", KEK, SGL_CIPHER_AES256_CBC, false, false, 65537, 2, 1},
    {"password", PASSWORD, SGL_CIPHER_AES256_CBC, false, false, 70000, 3, 1},
    {"password, gcm", PASSWORD, SGL_CIPHER_AES128_GCM, false, false, 0, 0, 1},
    {"all",
	WHO(RSA) | WHO(P256) | WHO(P384) | WHO(P521) | WHO(X) | KEK | PASSWORD,
	SGL_CIPHER_AES256_CBC, false, false, 131072, 3, 7},
    {"all, ski, gcm",
	WHO(RSA) | WHO(P256) | WHO(P384) | WHO(P521) | WHO(X) | KEK | PASSWORD,
	SGL_CIPHER_AES192_GCM, true, true, 131073, 0, 7},
};

/* @req rfc5652-6.1 @req rfc5083-2.1 */
static void
encrypts_in_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
		sgl_enveloped_options o = {.cipher = cases[i].cipher,
		    .oaep = cases[i].oaep,
		    .use_ski = cases[i].use_ski};
		sgl_slice content = {the_world.content, cases[i].len};
		sgl_err err = {.text = ""};
		parts p;

		invite(cases[i].who, &certs, &o);
		if (encrypt(&o, content, 0, &out, &err) != SGL_OK)
			fail_msg("%s: %s", cases[i].name, err.text);
		take_apart(sgl_buf_slice(&out), &p);
		assert_int_equal(p.is_der, cases[i].len <= SGL_CMS_DER_MAX);
		assert_int_equal(
		    p.is_auth, sgl_cipher_is_aead(cases[i].cipher));
		assert_int_equal(p.version, cases[i].version);
		assert_int_equal(p.alg.cipher, cases[i].cipher);
		if (p.is_auth)
			assert_int_equal(p.alg.icv_len, p.mac.len);
		assert_int_equal(count_in_order(p.recipients), cases[i].num);
		open_all(&p, &o, content);
		sgl_buf_clear(&p.ciphertext);
	}
}

/* A certificate given twice is one recipient. */
static void
counts_everybody_once(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
	sgl_enveloped_options o = {.cipher = SGL_CIPHER_AES256_CBC};
	parts p;

	(void)state;
	invite(WHO(RSA) | WHO(P256), &certs, &o);
	invite(WHO(RSA) | WHO(P256), &certs, &o);
	assert_int_equal(
	    encrypt(&o, SGL_LIT("content"), 0, &out, NULL), SGL_OK);
	take_apart(sgl_buf_slice(&out), &p);
	assert_int_equal(count_in_order(p.recipients), 2);
	open_all(&p, &o, SGL_LIT("content"));
	sgl_buf_clear(&p.ciphertext);
}

/* A hash of where elements begin and end: the same for the same form. */
static void
shape_of(sgl_slice bytes, size_t *num, size_t *lengths)
{
	sgl_der in = sgl_ber_over(bytes);

	while (!sgl_der_done(&in)) {
		sgl_slice whole;
		sgl_der body;
		sgl_tag tag;

		assert_true(sgl_der_read_any(&in, &tag, &whole, &body));
		*num += 1;
		*lengths = *lengths * 31 + whole.len;
		if ((tag & SGL_TAG_CONSTRUCTED) != 0)
			shape_of(sgl_der_rest(&body), num, lengths);
	}
}

static void
cuts_do_not_matter(void **state)
{
	static const sgl_cipher_alg ciphers[] = {
	    SGL_CIPHER_AES256_CBC, SGL_CIPHER_AES256_GCM};
	static const size_t lengths[] = {
	    0, 1, 16, 65535, 65536, 65537, 131071, 131072, 131073, MAX_LEN};
	static const size_t steps[] = {0, 1, 997, 65535, 65537};
	SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
	sgl_enveloped_options o = {.oaep = false};

	(void)state;
	invite(KEK, &certs, &o);
	for (size_t i = 0; i < COUNT(ciphers) * COUNT(lengths); i++) {
		sgl_slice content = {
		    the_world.content, lengths[i / COUNT(ciphers)]};
		size_t want_num = 0, want = 0;

		o.cipher = ciphers[i % COUNT(ciphers)];
		for (size_t k = 0; k < COUNT(steps); k++) {
			SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
			size_t num = 0, got = 0;
			parts p;

			assert_int_equal(
			    encrypt(&o, content, steps[k], &out, NULL), SGL_OK);
			shape_of(sgl_buf_slice(&out), &num, &got);
			if (k == 0) {
				want_num = num;
				want = got;
			}
			assert_int_equal(num, want_num);
			assert_int_equal(got, want);
			take_apart(sgl_buf_slice(&out), &p);
			open_all(&p, &o, content);
			sgl_buf_clear(&p.ciphertext);
		}
	}
}

static void
wraps_for_keks_of_every_length(void **state)
{
	static const size_t lengths[] = {16, 24, 32};
	SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
	sgl_enveloped_options o = {.cipher = SGL_CIPHER_AES256_CBC};

	(void)state;
	invite(KEK, &certs, &o);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		parts p;

		o.kek.len = lengths[i];
		assert_int_equal(
		    encrypt(&o, SGL_LIT("content"), 0, &out, NULL), SGL_OK);
		take_apart(sgl_buf_slice(&out), &p);
		open_all(&p, &o, SGL_LIT("content"));
		sgl_buf_clear(&p.ciphertext);
	}
}

/* --- what is refused, before a byte is written --- */

static const struct {
	const char *name;
	unsigned who;
	sgl_cipher_alg cipher;
	const char *password;
	size_t kek_len, kek_id_len;
	sgl_status want;
} refusals[] = {
    {"nobody", 0, SGL_CIPHER_AES256_CBC, NULL, 0, 0, SGL_E_USAGE},
    {"a signing key", WHO(RSA) | WHO(ED), SGL_CIPHER_AES256_CBC, NULL, 0, 0,
	SGL_E_UNSUPPORTED},
    {"3DES", WHO(RSA), SGL_CIPHER_DES3_CBC, NULL, 0, 0, SGL_E_UNSUPPORTED},
    {"no cipher", WHO(RSA), SGL_CIPHER_NONE, NULL, 0, 0, SGL_E_UNSUPPORTED},
    {"an empty password", WHO(RSA), SGL_CIPHER_AES256_CBC, "", 0, 0,
	SGL_E_USAGE},
    {"a short kek", 0, SGL_CIPHER_AES256_CBC, NULL, 15, 4, SGL_E_USAGE},
    {"a kek without name", 0, SGL_CIPHER_AES256_CBC, NULL, 16, 0, SGL_E_USAGE},
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
		sgl_enveloped_options o = {.cipher = refusals[i].cipher};
		sgl_err err = {.text = ""};
		sgl_status got;

		invite(refusals[i].who, &certs, &o);
		if (refusals[i].password != NULL)
			o.password = sgl_slice_str(refusals[i].password);
		if (refusals[i].kek_len > 0) {
			o.kek = sgl_slice_of(the_kek, refusals[i].kek_len);
			o.kek_id = sgl_slice_of("name", refusals[i].kek_id_len);
		}
		got = encrypt(&o, SGL_LIT("x"), 0, &out, &err);
		if (got != refusals[i].want)
			fail_msg(
			    "%s: %s", refusals[i].name, sgl_status_name(got));
		assert_int_equal(out.len, 0);
		if ((refusals[i].who & WHO(ED)) != 0)
			assert_string_equal(err.detail, "erin@example.org");
	}
}

static void
refuses_certificates_for_other_uses(void **state)
{
	static const struct {
		sgl_key_kind kind;
		unsigned usage;
		sgl_status want;
	} uses[] = {
	    {SGL_KEY_RSA, SGL_KU_DIGITAL_SIGNATURE, SGL_E_USAGE},
	    {SGL_KEY_RSA, SGL_KU_KEY_ENCIPHERMENT, SGL_OK},
	    {SGL_KEY_P256, SGL_KU_KEY_ENCIPHERMENT, SGL_E_USAGE},
	    {SGL_KEY_P256, SGL_KU_KEY_AGREEMENT, SGL_OK},
	};

	(void)state;
	for (uint8_t i = 0; i < COUNT(uses); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
		sgl_enveloped_options o = {
		    .cipher = SGL_CIPHER_AES256_CBC, .recipients = &certs};
		sgl_err err = {.text = ""};
		sgl_tester p;

		sgl_tester_make(the_world.engine, uses[i].kind, "henry",
		    (uint8_t)(100 + i), uses[i].usage, &p);
		assert_int_equal(sgl_certs_add(&certs, p.cert, NULL), SGL_OK);
		assert_int_equal(
		    encrypt(&o, SGL_LIT("x"), 0, &out, &err), uses[i].want);
		if (uses[i].want != SGL_OK)
			assert_string_equal(err.detail, "henry@example.org");
		sgl_tester_clear(&p);
	}
}

static void
passes_failures_on(void **state)
{
	SGL_AUTO_CLEAR(sgl_certs) certs = {NULL, 0};
	sgl_enveloped_options o = {.cipher = SGL_CIPHER_AES256_CBC};

	(void)state;
	invite(KEK, &certs, &o);
	for (size_t max = 10; max < 150000; max += 70000) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(max);
		SGL_AUTO(sgl_enveloped_writer)
		w = NULL;
		sgl_bufsink sink;

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_enveloped_writer_new(the_world.engine, &o,
				     &sink.sink, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_enveloped_writer_sink(w),
			sgl_slice_of(the_world.content, MAX_LEN), 0, NULL),
		    SGL_E_LIMIT);
		assert_true(sink.aborted);
	}
}

static int
start(void **state)
{
	static const struct {
		sgl_key_kind kind;
		const char *name;
	} people[NUM_PEOPLE] = {
	    [RSA] = {SGL_KEY_RSA, "alice"},
	    [P256] = {SGL_KEY_P256, "bob"},
	    [P384] = {SGL_KEY_P384, "carol"},
	    [P521] = {SGL_KEY_P521, "dave"},
	    [X] = {SGL_KEY_X25519, "grace"},
	    [ED] = {SGL_KEY_ED25519, "erin"},
	};
	world *w = &the_world;

	(void)state;
	if (sgl_engine_new(NULL, &w->engine, NULL) != SGL_OK)
		return -1;
	for (uint8_t i = 0; i < NUM_PEOPLE; i++)
		sgl_tester_make(w->engine, people[i].kind, people[i].name,
		    (uint8_t)(i + 1), SGL_KU_ALL, &w->people[i]);
	w->content = malloc(MAX_LEN);
	for (size_t i = 0; i < MAX_LEN; i++)
		w->content[i] = (uint8_t)(i * 7 + i / 251);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_PEOPLE; i++)
		sgl_tester_clear(&the_world.people[i]);
	sgl_engine_free(the_world.engine);
	free(the_world.content);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encrypts_in_every_form),
	    cmocka_unit_test(counts_everybody_once),
	    cmocka_unit_test(cuts_do_not_matter),
	    cmocka_unit_test(wraps_for_keks_of_every_length),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(refuses_certificates_for_other_uses),
	    cmocka_unit_test(passes_failures_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
