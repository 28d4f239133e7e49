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
#define TIME 1700000000
#define NUM_PEOPLE 7

enum { RSA, P256, P384, P521, ED, RSA2, X };

typedef struct world {
	sgl_engine *engine;
	sgl_tester people[NUM_PEOPLE];
	uint8_t *content;
} world;

static world the_world;

/* --- taking a SignedData to pieces, @req rfc5652-5.1 --- */

typedef struct parts {
	uint64_t version;
	sgl_der digest_algs, signers, certs;
	bool has_content, has_certs, is_der;
	sgl_buf content;
} parts;

static void
read_content(sgl_der *encap, parts *p)
{
	sgl_buf store = sgl_buf_init(MAX_OUT);
	sgl_slice oid, octets;
	sgl_der tagged;

	assert_true(sgl_der_read_oid(encap, &oid));
	assert_int_equal(sgl_oid_find(oid), SGL_OID_DATA);
	assert_true(
	    sgl_der_read_opt(encap, SGL_CONTEXT(0), &tagged, &p->has_content));
	if (p->has_content) {
		assert_true(sgl_der_read_octets(
		    &tagged, SGL_OCTET_STRING, &octets, &store));
		assert_int_equal(
		    sgl_buf_add(&p->content, octets, NULL), SGL_OK);
	}
	assert_true(sgl_der_done(encap));
	sgl_buf_clear(&store);
}

static void
take_apart(sgl_slice bytes, parts *p)
{
	sgl_der in =
	    bytes.data[1] == 0x80 ? sgl_ber_over(bytes) : sgl_der_over(bytes);
	sgl_der info, wrapped, data, encap;
	sgl_slice oid;

	*p = (parts){.is_der = !in.ber, .content = sgl_buf_init(MAX_OUT)};
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &info));
	assert_true(sgl_der_done(&in));
	assert_true(sgl_der_read_oid(&info, &oid));
	assert_int_equal(sgl_oid_find(oid), SGL_OID_SIGNED_DATA);
	assert_true(sgl_der_read(&info, SGL_CONTEXT(0), &wrapped));
	assert_true(sgl_der_done(&info));
	assert_true(sgl_der_read(&wrapped, SGL_SEQUENCE, &data));
	assert_true(sgl_der_done(&wrapped));
	assert_true(sgl_der_read_uint(&data, &p->version));
	assert_true(sgl_der_read(&data, SGL_SET, &p->digest_algs));
	assert_true(sgl_der_read(&data, SGL_SEQUENCE, &encap));
	read_content(&encap, p);
	assert_true(
	    sgl_der_read_opt(&data, SGL_CONTEXT(0), &p->certs, &p->has_certs));
	assert_true(sgl_der_read(&data, SGL_SET, &p->signers));
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

/* --- checking a SignerInfo ---
 * @req rfc5652-5.3 @req rfc5652-5.4 @req rfc5652-11.1 @req rfc5652-11.2
 * @req rfc5652-11.3 @req rfc8551-2.5.2 */

static bool
find_attribute(sgl_slice set, sgl_oid type, sgl_der *values)
{
	sgl_der in = sgl_der_over(set), list, one;
	sgl_slice oid;

	assert_true(sgl_der_read(&in, SGL_SET, &list));
	while (!sgl_der_done(&list)) {
		assert_true(sgl_der_read(&list, SGL_SEQUENCE, &one));
		assert_true(sgl_der_read_oid(&one, &oid));
		assert_true(sgl_der_read(&one, SGL_SET, values));
		assert_true(sgl_der_done(&one));
		if (sgl_oid_find(oid) == type)
			return true;
	}
	return false;
}

static void
check_digest(sgl_slice set, sgl_digest_alg alg, sgl_slice content)
{
	sgl_digest want;
	sgl_slice got;
	sgl_der values;

	assert_int_equal(
	    sgl_hash_once(the_world.engine, alg, content, &want, NULL), SGL_OK);
	assert_true(find_attribute(set, SGL_OID_AA_MESSAGE_DIGEST, &values));
	assert_true(sgl_der_read_bytes(&values, SGL_OCTET_STRING, &got));
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.bytes, want.len);
}

/* @req rfc6211-2: the attribute repeats what stands outside. */
static void
check_protection(sgl_slice set, sgl_slice digest_alg, sgl_slice sig_alg)
{
	sgl_der values, fields;
	sgl_slice digest, sig;

	assert_true(
	    find_attribute(set, SGL_OID_AA_CMS_ALGORITHM_PROTECTION, &values));
	assert_true(sgl_der_read(&values, SGL_SEQUENCE, &fields));
	assert_true(sgl_der_read_whole(&fields, SGL_SEQUENCE, &digest));
	assert_true(sgl_slice_eq(digest, digest_alg));
	assert_true(sgl_der_read_whole(&fields, SGL_CONTEXT(1), &sig));
	assert_true(
	    sgl_slice_eq(sgl_slice_from(sig, 1), sgl_slice_from(sig_alg, 1)));
	assert_true(sgl_der_done(&fields));
}

static void
check_attributes(sgl_slice set, const sgl_signer *s)
{
	static const char capabilities[] =
	    "\x30\x50\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a"
	    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e"
	    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x06"
	    "\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x12"
	    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x16"
	    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02";
	sgl_der values, value, list, id;
	sgl_slice bytes;
	sgl_time time;

	assert_true(find_attribute(set, SGL_OID_AA_CONTENT_TYPE, &values));
	assert_true(sgl_der_read_oid(&values, &bytes));
	assert_int_equal(sgl_oid_find(bytes), SGL_OID_DATA);
	assert_true(find_attribute(set, SGL_OID_AA_SIGNING_TIME, &values));
	assert_true(sgl_der_read_time(&values, &time));
	assert_int_equal(time, TIME);
	assert_true(
	    find_attribute(set, SGL_OID_AA_SIGNING_CERTIFICATE_V2, &values));
	assert_true(sgl_der_read(&values, SGL_SEQUENCE, &value));
	assert_true(sgl_der_read(&value, SGL_SEQUENCE, &list));
	assert_true(sgl_der_read(&list, SGL_SEQUENCE, &id));
	assert_true(sgl_der_read_bytes(&id, SGL_OCTET_STRING, &bytes));
	assert_memory_equal(bytes.data, s->cert->fingerprint, 32);
	assert_true(
	    find_attribute(set, SGL_OID_AA_SMIME_CAPABILITIES, &values));
	bytes = sgl_der_rest(&values);
	assert_int_equal(bytes.len, sizeof capabilities - 1);
	assert_memory_equal(bytes.data, capabilities, bytes.len);
}

static void
check_sid(sgl_der *in, const sgl_signer *s)
{
	uint64_t version;
	sgl_slice bytes;
	sgl_der fields;

	assert_true(sgl_der_read_uint(in, &version));
	assert_int_equal(version, s->use_ski ? 3 : 1);
	if (s->use_ski) {
		assert_true(
		    sgl_der_read_bytes(in, SGL_CONTEXT_PRIMITIVE(0), &bytes));
		assert_true(sgl_slice_eq(bytes, s->cert->ski));
		return;
	}
	assert_true(sgl_der_read(in, SGL_SEQUENCE, &fields));
	assert_true(sgl_der_read_whole(&fields, SGL_SEQUENCE, &bytes));
	assert_true(sgl_slice_eq(bytes, s->cert->issuer));
	assert_true(sgl_der_read_integer(&fields, &bytes));
	assert_true(sgl_slice_eq(bytes, s->cert->serial));
	assert_true(sgl_der_done(&fields));
}

static void
check_signature(const sgl_signer *s, sgl_slice alg_der, sgl_digest_alg digest,
    sgl_slice set, sgl_slice signature)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_sig_alg alg;
	bool good = false;

	assert_int_equal(sgl_sig_alg_read(alg_der, &alg, NULL), SGL_OK);
	if (alg.digest == SGL_DIGEST_NONE)
		alg.digest = digest;
	assert_int_equal(alg.digest, digest);
	assert_int_equal(alg.salt_len, s->pss ? sgl_digest_len(digest) : 0);
	if (s->pss)
		assert_int_equal(alg.mgf, digest);
	assert_int_equal(
	    sgl_cert_get_pubkey(the_world.engine, s->cert, &key, NULL), SGL_OK);
	assert_int_equal(sgl_pubkey_verify(the_world.engine, key, &alg, set,
			     signature, &good, NULL),
	    SGL_OK);
	assert_true(good);
}

static void
check_signer(sgl_der *signers, const sgl_signer *s, sgl_digest_alg want,
    sgl_slice content)
{
	sgl_slice digest_alg, sig_alg, signature, tagged;
	SGL_AUTO_CLEAR(sgl_buf) set = sgl_buf_init(1 << 16);
	sgl_digest_alg digest;
	sgl_der in, list;

	assert_true(sgl_der_read(signers, SGL_SEQUENCE, &in));
	in.ber = false; /* whatever stands around it, this is DER */
	check_sid(&in, s);
	assert_true(sgl_der_read_whole(&in, SGL_SEQUENCE, &digest_alg));
	assert_int_equal(
	    sgl_digest_alg_read(digest_alg, &digest, NULL), SGL_OK);
	assert_int_equal(digest, want);
	assert_true(sgl_der_read_whole(&in, SGL_CONTEXT(0), &tagged));
	assert_true(sgl_der_read_whole(&in, SGL_SEQUENCE, &sig_alg));
	assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &signature));
	assert_true(sgl_der_done(&in));
	assert_int_equal(sgl_buf_add(&set, tagged, NULL), SGL_OK);
	set.data[0] = 0x31;
	in = sgl_der_over(sgl_buf_slice(&set));
	assert_true(sgl_der_read(&in, SGL_SET, &list));
	assert_true(count_in_order(list) >= 6);
	check_digest(sgl_buf_slice(&set), digest, content);
	check_protection(sgl_buf_slice(&set), digest_alg, sig_alg);
	check_attributes(sgl_buf_slice(&set), s);
	check_signature(s, sig_alg, digest, sgl_buf_slice(&set), signature);
}

/* --- writing --- */

static sgl_status
sign(const sgl_signed_options *options, sgl_slice content, size_t step,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_signed_writer)
	w = NULL;
	sgl_asker asker = {.is_open = false};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_signed_writer_new(
	    the_world.engine, options, &asker, &sink.sink, &w, err));
	TRY(sgl_feed(sgl_signed_writer_sink(w), content, step, err));
	assert_true(sink.finished);
	assert_false(asker.is_open);
	return SGL_OK;
}

static sgl_signer
signer_of(int who)
{
	return (sgl_signer){.cert = the_world.people[who].cert,
	    .key = the_world.people[who].key};
}

static const struct {
	const char *name;
	int who;
	sgl_digest_alg digest, want;
	bool pss, use_ski, detached;
	size_t len;
} cases[] = {
    {"rsa", RSA, SGL_DIGEST_NONE, SGL_DIGEST_SHA256, false, false, false, 100},
    {"rsa, sha-384", RSA, SGL_DIGEST_SHA384, SGL_DIGEST_SHA384, false, false,
	true, 100},
    {"rsa, ski", RSA, SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, false, true, false,
	70000},
    {"pss", RSA, SGL_DIGEST_NONE, SGL_DIGEST_SHA256, true, false, false, 0},
    {"pss, sha-512", RSA, SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, true, false,
	true, 0},
    {"p-256", P256, SGL_DIGEST_NONE, SGL_DIGEST_SHA256, false, false, false, 1},
    {"p-256, sha-512", P256, SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, false, false,
	true, 65537},
    {"p-384", P384, SGL_DIGEST_NONE, SGL_DIGEST_SHA384, false, false, false,
	65535},
    {"p-521", P521, SGL_DIGEST_NONE, SGL_DIGEST_SHA512, false, true, false,
	65536},
    {"ed25519", ED, SGL_DIGEST_NONE, SGL_DIGEST_SHA512, false, false, false,
	65537},
    {"ed25519, detached", ED, SGL_DIGEST_NONE, SGL_DIGEST_SHA512, false, false,
	true, 200000},
};

static void
check_case(size_t i, size_t step)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	sgl_signer s = signer_of(cases[i].who);
	sgl_signed_options options = {.signers = &s,
	    .num_signers = 1,
	    .detached = cases[i].detached,
	    .signing_time = TIME};
	sgl_slice content = {the_world.content, cases[i].len};
	bool small = cases[i].detached || cases[i].len <= SGL_CMS_DER_MAX;
	sgl_err err = {.text = ""};
	parts p;

	s.digest = cases[i].digest;
	s.pss = cases[i].pss;
	s.use_ski = cases[i].use_ski;
	if (sign(&options, content, step, &out, &err) != SGL_OK)
		fail_msg("%s: %s", cases[i].name, err.text);
	take_apart(sgl_buf_slice(&out), &p);
	assert_int_equal(p.is_der, small);
	assert_int_equal(p.version, s.use_ski ? 3 : 1);
	assert_int_equal(count_in_order(p.digest_algs), 1);
	assert_int_equal(p.has_content, !cases[i].detached);
	if (p.has_content) {
		assert_int_equal(p.content.len, content.len);
		if (content.len > 0)
			assert_memory_equal(
			    p.content.data, content.data, content.len);
	}
	assert_int_equal(count_in_order(p.certs), 1);
	check_signer(&p.signers, &s, cases[i].want, content);
	assert_true(sgl_der_done(&p.signers));
	sgl_buf_clear(&p.content);
}

static void
signs_in_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_case(i, 0);
}

/* Deterministic signatures, so all bytes can be compared. */
static void
cuts_do_not_matter(void **state)
{
	static const size_t lengths[] = {
	    0, 1, 100, 65535, 65536, 65537, 131071, 131072, 131073, 200000};
	static const size_t steps[] = {1, 997, 4096, 65535, 65536, 65537};
	sgl_signer s = signer_of(ED);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(MAX_OUT);
		sgl_slice content = {the_world.content, lengths[i]};

		assert_int_equal(
		    sign(&options, content, 0, &whole, NULL), SGL_OK);
		for (size_t k = 0; k < COUNT(steps); k++) {
			SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);

			assert_int_equal(
			    sign(&options, content, steps[k], &out, NULL),
			    SGL_OK);
			assert_true(sgl_slice_eq(
			    sgl_buf_slice(&out), sgl_buf_slice(&whole)));
		}
	}
}

/* Every segment but the last is full. */
static void
writes_full_segments(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	sgl_signer s = signer_of(ED);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};
	sgl_slice content = {the_world.content, 150000};
	sgl_der in, seq;
	const size_t want[] = {65536, 65536, 150000 - 131072};

	(void)state;
	assert_int_equal(sign(&options, content, 1000, &out, NULL), SGL_OK);
	in = sgl_ber_over(sgl_buf_slice(&out));
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &seq));
	assert_true(sgl_der_read(&seq, SGL_OID, NULL));
	assert_true(sgl_der_read(&seq, SGL_CONTEXT(0), &in));
	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &seq));
	assert_true(sgl_der_read(&seq, SGL_INTEGER, NULL));
	assert_true(sgl_der_read(&seq, SGL_SET, NULL));
	assert_true(sgl_der_read(&seq, SGL_SEQUENCE, &in));
	assert_true(sgl_der_read(&in, SGL_OID, NULL));
	assert_true(sgl_der_read(&in, SGL_CONTEXT(0), &seq));
	assert_true(
	    sgl_der_read(&seq, SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED, &in));
	for (size_t i = 0; i < COUNT(want); i++) {
		sgl_slice piece;
		assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &piece));
		assert_int_equal(piece.len, want[i]);
	}
	assert_true(sgl_der_done(&in));
}

static void
several_sign(void **state)
{
	static const int order[] = {RSA, P256, ED, RSA2};
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	sgl_slice content = SGL_LIT("content");
	sgl_signer s[COUNT(order)];
	sgl_signed_options options = {
	    .signers = s, .num_signers = COUNT(order), .signing_time = TIME};
	bool seen[COUNT(order)] = {false};
	parts p;

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		s[i] = signer_of(order[i]);
	s[3].use_ski = true;
	assert_int_equal(sign(&options, content, 0, &out, NULL), SGL_OK);
	take_apart(sgl_buf_slice(&out), &p);
	assert_int_equal(p.version, 3); /* for the one with SKI */
	assert_int_equal(count_in_order(p.digest_algs), 2);
	assert_int_equal(count_in_order(p.certs), COUNT(order));
	assert_int_equal(count_in_order(p.signers), COUNT(order));
	while (!sgl_der_done(&p.signers)) {
		sgl_der look = p.signers, fields;
		sgl_slice serial = {NULL, 0};
		size_t i = 3;

		assert_true(sgl_der_read(&look, SGL_SEQUENCE, &fields));
		assert_true(sgl_der_read(&fields, SGL_INTEGER, NULL));
		if (sgl_der_read(&fields, SGL_SEQUENCE, &look)) {
			assert_true(sgl_der_read(&look, SGL_SEQUENCE, NULL));
			assert_true(sgl_der_read_integer(&look, &serial));
			for (i = 0;
			     s[i].cert->serial.data[0] != serial.data[0];)
				i++;
		}
		check_signer(&p.signers, &s[i],
		    i == 2 ? SGL_DIGEST_SHA512 : SGL_DIGEST_SHA256, content);
		assert_false(seen[i]);
		seen[i] = true;
	}
	sgl_buf_clear(&p.content);
}

/* --- certificates that go along --- */

static const struct {
	const char *name;
	bool include, no_certs, encryption;
	size_t want;
} cert_cases[] = {
    {"own", false, false, false, 1},
    {"own and others", true, false, false, 3},
    {"own among others, and for encryption", true, false, true, 3},
    {"for encryption", false, false, true, 2},
    {"none", true, true, true, 0},
};

static void
takes_certificates_along(void **state)
{
	sgl_signer s = signer_of(ED);

	(void)state;
	for (size_t i = 0; i < COUNT(cert_cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_certs) set = {NULL, 0};
		sgl_signed_options options = {.signers = &s,
		    .num_signers = 1,
		    .no_certs = cert_cases[i].no_certs,
		    .certs = cert_cases[i].include ? &set : NULL,
		    .signing_time = TIME};
		parts p;

		if (cert_cases[i].encryption)
			options.encryption_cert = the_world.people[RSA].cert;
		for (int who = RSA; who <= P256; who++)
			assert_int_equal(sgl_certs_add(&set,
					     the_world.people[who].cert, NULL),
			    SGL_OK);
		assert_int_equal(
		    sign(&options, SGL_LIT("x"), 0, &out, NULL), SGL_OK);
		take_apart(sgl_buf_slice(&out), &p);
		assert_int_equal(p.has_certs, cert_cases[i].want > 0);
		if (p.has_certs)
			assert_int_equal(
			    count_in_order(p.certs), cert_cases[i].want);
		sgl_buf_clear(&p.content);
	}
}

static void
writes_certificates_alone(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_certs) set = {NULL, 0};
	sgl_signed_options options = {.certs = &set};
	parts p;

	(void)state;
	for (int who = 0; who < NUM_PEOPLE; who++)
		assert_int_equal(
		    sgl_certs_add(&set, the_world.people[who].cert, NULL),
		    SGL_OK);
	assert_int_equal(
	    sign(&options, sgl_slice_of(NULL, 0), 0, &out, NULL), SGL_OK);
	take_apart(sgl_buf_slice(&out), &p);
	assert_true(p.is_der);
	assert_int_equal(p.version, 1);
	assert_false(p.has_content);
	assert_int_equal(count_in_order(p.digest_algs), 0);
	assert_int_equal(count_in_order(p.certs), NUM_PEOPLE);
	assert_int_equal(count_in_order(p.signers), 0);
	out.len = 0;
	assert_int_equal(
	    sign(&options, SGL_LIT("x"), 0, &out, NULL), SGL_E_USAGE);
}

/* --- attributes --- */

static void
attributes_of(sgl_slice cms, sgl_buf *set)
{
	sgl_der signer;
	sgl_slice tagged;
	parts p;

	take_apart(cms, &p);
	assert_true(sgl_der_read(&p.signers, SGL_SEQUENCE, &signer));
	assert_true(sgl_der_read(&signer, SGL_INTEGER, NULL));
	assert_true(sgl_der_read(&signer, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read(&signer, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_whole(&signer, SGL_CONTEXT(0), &tagged));
	assert_int_equal(sgl_buf_add(set, tagged, NULL), SGL_OK);
	set->data[0] = 0x31;
	sgl_buf_clear(&p.content);
}

/* @req rfc8551-2.5.3 */
static void
check_preference(sgl_der values, sgl_tag tag, const sgl_cert *cert)
{
	sgl_slice bytes;
	sgl_der fields;

	assert_true(sgl_der_read(&values, tag, &fields));
	assert_true(sgl_der_done(&values));
	assert_true(sgl_der_read_whole(&fields, SGL_SEQUENCE, &bytes));
	assert_true(sgl_slice_eq(bytes, cert->issuer));
	assert_true(sgl_der_read_integer(&fields, &bytes));
	assert_true(sgl_slice_eq(bytes, cert->serial));
	assert_true(sgl_der_done(&fields));
}

static void
tells_which_key_to_encrypt_to(void **state)
{
	const sgl_cert *cert = the_world.people[RSA].cert;
	sgl_signer s = signer_of(ED);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};
	sgl_der values;

	(void)state;
	for (int with = 0; with < 2; with++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_buf) set = sgl_buf_init(MAX_OUT);
		sgl_slice attributes;

		options.encryption_cert = with == 1 ? cert : NULL;
		assert_int_equal(
		    sign(&options, SGL_LIT("x"), 0, &out, NULL), SGL_OK);
		attributes_of(sgl_buf_slice(&out), &set);
		attributes = sgl_buf_slice(&set);
		assert_int_equal(find_attribute(attributes,
				     SGL_OID_AA_ENCRYP_KEY_PREF, &values),
		    with);
		if (with == 0)
			continue;
		check_preference(values, SGL_CONTEXT(0), cert);
		assert_true(find_attribute(
		    attributes, SGL_OID_AA_MS_ENCRYPTION_KEY_PREF, &values));
		check_preference(values, SGL_SEQUENCE, cert);
	}
}

static const struct {
	const char *name, *der;
	size_t len;
	sgl_status want;
} extra_cases[] = {
    {"content identifier",
	"\x30\x12\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x07\x31\x03"
	"\x04\x01\x41",
	20, SGL_OK},
    {"a second content type",
	"\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03\x31\x0b\x06\x09"
	"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",
	26, SGL_E_USAGE},
    {"no SET", "\x30\x05\x06\x03\x2a\x03\x04", 7, SGL_E_USAGE},
    {"cut short", "\x30\x05\x06\x03\x2a", 5, SGL_E_USAGE},
};

static void
adds_further_attributes(void **state)
{
	sgl_signer s = signer_of(P256);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};

	(void)state;
	for (size_t i = 0; i < COUNT(extra_cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO_CLEAR(sgl_buf) set = sgl_buf_init(MAX_OUT);
		sgl_status got;
		sgl_der values;

		options.extra_attributes =
		    sgl_slice_of(extra_cases[i].der, extra_cases[i].len);
		got = sign(&options, SGL_LIT("x"), 0, &out, NULL);
		if (got != extra_cases[i].want)
			fail_msg("%s", extra_cases[i].name);
		if (got != SGL_OK)
			continue;
		attributes_of(sgl_buf_slice(&out), &set);
		assert_true(find_attribute(sgl_buf_slice(&set),
		    SGL_OID_AA_CONTENT_IDENTIFIER, &values));
	}
}

/* --- keys that answer later --- */

static void
answer_all(sgl_asker *asker, sgl_key *const keys[], size_t num, bool *finished)
{
	for (size_t i = 0; i < num; i++) {
		sgl_key_answer answer;
		sgl_status want = i + 1 < num ? SGL_NEED_KEY : SGL_OK;

		assert_true(asker->is_open);
		assert_false(*finished);
		assert_int_equal(sgl_key_ask(the_world.engine, keys[i],
				     &asker->request, &answer, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_asker_answer(asker, SGL_OK, &answer, NULL), want);
	}
}

static void
late_keys_write_the_same(void **state)
{
	sgl_signer s[] = {signer_of(RSA), signer_of(ED)};
	sgl_key *keys[] = {s[0].key, s[1].key};
	sgl_slice content = {the_world.content, 70000};
	sgl_signed_options options = {
	    .signers = s, .num_signers = COUNT(s), .signing_time = TIME};
	SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(MAX_OUT);
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_signed_writer)
	w = NULL;
	sgl_asker asker = {.is_open = false};
	sgl_bufsink sink;

	(void)state;
	assert_int_equal(sign(&options, content, 0, &want, NULL), SGL_OK);
	for (size_t i = 0; i < COUNT(s); i++)
		s[i].key = sgl_key_new_late(the_world.engine, keys[i]);
	sgl_bufsink_init(&sink, &out);
	assert_int_equal(sgl_signed_writer_new(the_world.engine, &options,
			     &asker, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_feed(sgl_signed_writer_sink(w), content, 0, NULL), SGL_OK);
	answer_all(&asker, keys, COUNT(keys), &sink.finished);
	assert_true(sink.finished);
	assert_true(sgl_slice_eq(sgl_buf_slice(&out), sgl_buf_slice(&want)));
	for (size_t i = 0; i < COUNT(s); i++)
		sgl_key_unref(s[i].key);
}

/* How it ends: 0 refused, 1 answered with nothing, 2 never answered. */
static void
ends_without_an_answer(void **state)
{
	sgl_signer s = signer_of(ED);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};

	(void)state;
	s.key = sgl_key_new_late(the_world.engine, s.key);
	for (int how = 0; how < 3; how++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		sgl_signed_writer *w = NULL;
		sgl_asker asker = {.is_open = false};
		sgl_key_answer empty = {.len = 0};
		sgl_bufsink sink;

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_signed_writer_new(the_world.engine,
				     &options, &asker, &sink.sink, &w, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_feed(sgl_signed_writer_sink(w), SGL_LIT("x"), 0, NULL),
		    SGL_OK);
		if (how == 0)
			assert_int_equal(sgl_asker_answer(&asker,
					     SGL_E_PASSWORD, NULL, NULL),
			    SGL_E_PASSWORD);
		if (how == 1)
			assert_int_equal(
			    sgl_asker_answer(&asker, SGL_OK, &empty, NULL),
			    SGL_E_CRYPTO);
		assert_int_equal(sink.aborted, how < 2);
		assert_int_equal(out.len, 0);
		sgl_signed_writer_free(w);
		assert_false(asker.is_open);
	}
	sgl_key_unref(s.key);
}

/* --- what is refused --- */

static const struct {
	const char *name;
	int cert, key;
	sgl_digest_alg digest;
	bool pss;
	sgl_status want;
} refusals[] = {
    {"another's key", RSA, RSA2, SGL_DIGEST_NONE, false, SGL_E_MISMATCH},
    {"another kind of key", RSA, P256, SGL_DIGEST_NONE, false, SGL_E_MISMATCH},
    {"X25519", X, X, SGL_DIGEST_NONE, false, SGL_E_UNSUPPORTED},
    {"MD5", RSA, RSA, SGL_DIGEST_MD5, false, SGL_E_UNSUPPORTED},
    {"SHA-1", RSA, RSA, SGL_DIGEST_SHA1, false, SGL_E_UNSUPPORTED},
    /* @req rfc8419-3.1 */
    {"Ed25519 with SHA-256", ED, ED, SGL_DIGEST_SHA256, false,
	SGL_E_UNSUPPORTED},
    {"PSS with a curve", P256, P256, SGL_DIGEST_NONE, true, SGL_E_UNSUPPORTED},
};

static void
refuses_signers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		sgl_signer s = {.cert = the_world.people[refusals[i].cert].cert,
		    .key = the_world.people[refusals[i].key].key,
		    .digest = refusals[i].digest,
		    .pss = refusals[i].pss};
		sgl_err err = {.text = ""};
		sgl_status got = sgl_signer_check(&s, &err);

		if (got != refusals[i].want)
			fail_msg(
			    "%s: %s", refusals[i].name, sgl_status_name(got));
		assert_non_null(strstr(err.detail, "@example.org"));
		assert_int_equal(s.digest, refusals[i].digest);
	}
}

static void
refuses_certificates_for_other_uses(void **state)
{
	sgl_tester p;
	sgl_signer s;
	sgl_err err;

	(void)state;
	sgl_tester_make(the_world.engine, SGL_KEY_P256, "carol", 99,
	    SGL_KU_KEY_AGREEMENT, &p);
	s = (sgl_signer){.cert = p.cert, .key = p.key};
	assert_int_equal(sgl_signer_check(&s, &err), SGL_E_USAGE);
	assert_string_equal(err.detail, "carol@example.org");
	sgl_tester_clear(&p);
}

/* What fails downstream ends downstream. */
static void
passes_failures_on(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(70000);
	SGL_AUTO(sgl_signed_writer)
	w = NULL;
	sgl_signer s = signer_of(ED);
	sgl_signed_options options = {
	    .signers = &s, .num_signers = 1, .signing_time = TIME};
	sgl_asker asker = {.is_open = false};
	sgl_bufsink sink;

	(void)state;
	sgl_bufsink_init(&sink, &out);
	assert_int_equal(sgl_signed_writer_new(the_world.engine, &options,
			     &asker, &sink.sink, &w, NULL),
	    SGL_OK);
	assert_int_equal(sgl_feed(sgl_signed_writer_sink(w),
			     sgl_slice_of(the_world.content, 200000), 0, NULL),
	    SGL_E_LIMIT);
	assert_true(sink.aborted);
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
	    [ED] = {SGL_KEY_ED25519, "erin"},
	    [RSA2] = {SGL_KEY_RSA, "frank"},
	    [X] = {SGL_KEY_X25519, "grace"},
	};
	world *w = &the_world;

	(void)state;
	if (sgl_engine_new(NULL, &w->engine, NULL) != SGL_OK)
		return -1;
	for (uint8_t i = 0; i < NUM_PEOPLE; i++)
		sgl_tester_make(w->engine, people[i].kind, people[i].name,
		    (uint8_t)(i + 1), SGL_KU_ALL, &w->people[i]);
	w->content = malloc(200000);
	for (size_t i = 0; i < 200000; i++)
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
	    cmocka_unit_test(signs_in_every_form),
	    cmocka_unit_test(cuts_do_not_matter),
	    cmocka_unit_test(writes_full_segments),
	    cmocka_unit_test(several_sign),
	    cmocka_unit_test(takes_certificates_along),
	    cmocka_unit_test(writes_certificates_alone),
	    cmocka_unit_test(tells_which_key_to_encrypt_to),
	    cmocka_unit_test(adds_further_attributes),
	    cmocka_unit_test(late_keys_write_the_same),
	    cmocka_unit_test(ends_without_an_answer),
	    cmocka_unit_test(refuses_signers),
	    cmocka_unit_test(refuses_certificates_for_other_uses),
	    cmocka_unit_test(passes_failures_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
