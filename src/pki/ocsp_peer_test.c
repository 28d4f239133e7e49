/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL and GnuTLS read our requests, responses and lists, and we theirs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "pki/ocsp.h"
#include "support/folder.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NONCE "0123456789abcdef0123456789abcdef"

typedef struct world {
	sgl_engine *engine;
	sgl_folder folder;
	sgl_who ca, alice, bob, responder;
	sgl_digest_alg digest; /* of the CertID */
} world;

static void
write_pem(const world *w, const char *name, const sgl_cert *cert)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(1 << 16);

	sgl_issue_pem(cert, &pem);
	sgl_folder_write(&w->folder, name, sgl_buf_slice(&pem));
}

static void
write_key(const world *w, const char *name, const sgl_key *key)
{
	SGL_AUTO_CLEAR(sgl_secret) der = {0};
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(1 << 16);

	assert_int_equal(sgl_key_write(key, &der, NULL), SGL_OK);
	assert_int_equal(
	    sgl_pem_add(&pem, "PRIVATE KEY", sgl_secret_slice(&der), NULL),
	    SGL_OK);
	sgl_folder_write(&w->folder, name, sgl_buf_slice(&pem));
}

static void
world_make(world *w, sgl_key_kind kind)
{
	static const sgl_oid for_ocsp[] = {SGL_OID_KP_OCSP_SIGNING};

	*w = (world){.engine = NULL};
	assert_int_equal(sgl_engine_new(NULL, &w->engine, NULL), SGL_OK);
	sgl_folder_make(&w->folder);
	sgl_issue_cert(w->engine,
	    &(sgl_issue){.name = "CA", .is_ca = true, .kind = kind}, NULL,
	    &w->ca);
	sgl_issue_cert(w->engine,
	    &(sgl_issue){.name = "Alice", .crl_url = "http://example.org/1"},
	    &w->ca, &w->alice);
	sgl_issue_cert(w->engine,
	    &(sgl_issue){.name = "Bob", .crl_url = "http://example.org/1"},
	    &w->ca, &w->bob);
	sgl_issue_cert(w->engine,
	    &(sgl_issue){.name = "Responder",
		.kind = kind,
		.key_usage = SGL_KU_DIGITAL_SIGNATURE,
		.ext_key_usage = for_ocsp,
		.num_ext_key_usage = 1,
		.ocsp_nocheck = true},
	    &w->ca, &w->responder);
	write_pem(w, "ca", w->ca.cert);
	write_pem(w, "alice", w->alice.cert);
	write_pem(w, "bob", w->bob.cert);
	write_pem(w, "responder", w->responder.cert);
	write_key(w, "responder.key", w->responder.key);
}

static void
world_clear(world *w)
{
	sgl_who_clear(&w->ca);
	sgl_who_clear(&w->alice);
	sgl_who_clear(&w->bob);
	sgl_who_clear(&w->responder);
	sgl_engine_free(w->engine);
	sgl_folder_remove(&w->folder);
}
SGL_AUTO_CLEAR_TYPE(world, world_clear)

static const sgl_key_kind kinds[] = {
    SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_P521, SGL_KEY_RSA};

/* --- requests --- */

static void
expect_request(
    world *w, const char *file, sgl_digest_alg digest, size_t num, size_t nonce)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_folder_read(&w->folder, file);
	sgl_ocsp_issuer issuer;
	sgl_ocsp_request r;

	assert_int_equal(
	    sgl_ocsp_issuer_init(w->engine, w->ca.cert, &issuer, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ocsp_request_read(sgl_buf_slice(&der), &r, NULL), SGL_OK);
	assert_int_equal(r.num_ids, num);
	for (size_t i = 0; i < num; i++) {
		assert_int_equal(r.ids[i].digest, digest);
		assert_true(sgl_ocsp_issuer_is(&issuer, &r.ids[i]));
	}
	assert_true(sgl_slice_eq(r.ids[0].serial, w->alice.cert->serial));
	assert_int_equal(r.nonce.len, nonce);
}

static void
understands_their_requests(void **state)
{
	SGL_AUTO_CLEAR(world) w;

	(void)state;
	sgl_folder_need("openssl");
	sgl_folder_need("ocsptool");
	world_make(&w, SGL_KEY_P256);
	sgl_folder_run(&w.folder,
	    "openssl ocsp -issuer ca -cert alice -cert bob -reqout req");
	expect_request(&w, "req", SGL_DIGEST_SHA1, 2, 16);
	sgl_folder_run(&w.folder,
	    "openssl ocsp -issuer ca -sha256 -cert alice -signer responder "
	    "-signkey responder.key -reqout req");
	expect_request(&w, "req", SGL_DIGEST_SHA256, 1, 16);
	sgl_folder_run(&w.folder,
	    "ocsptool --generate-request --load-issuer ca --load-cert alice "
	    "--outfile req");
	expect_request(&w, "req", SGL_DIGEST_SHA1, 1, 0);
}

static sgl_buf
id_of(world *w, const sgl_who *who, sgl_digest_alg digest)
{
	sgl_buf id = sgl_buf_init(1000);
	sgl_ocsp_issuer issuer;

	assert_int_equal(
	    sgl_ocsp_issuer_init(w->engine, w->ca.cert, &issuer, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ocsp_id_build(&issuer, digest, who->cert->serial, &id, NULL),
	    SGL_OK);
	return id;
}

static void
write_request(world *w, sgl_slice id)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);

	assert_int_equal(
	    sgl_ocsp_request_build(&id, 1, SGL_LIT(NONCE), &der, NULL), SGL_OK);
	sgl_folder_write(&w->folder, "req", sgl_buf_slice(&der));
}

/* --- responses --- */

static void
write_response(world *w, const sgl_who *who, sgl_ocsp_answer answer)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_ocsp_template t = {.responder = who->cert,
	    .is_delegated = who != &w->ca,
	    .produced_at = answer.this_update,
	    .answers = &answer,
	    .num_answers = 1,
	    .nonce = SGL_LIT(NONCE)};

	assert_int_equal(sgl_ocsp_build(w->engine, &t, who->key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	sgl_folder_write(&w->folder, "resp", sgl_buf_slice(&der));
}

static const struct {
	sgl_ocsp_status status;
	const char *openssl, *gnutls;
} statuses[] = {
    {SGL_OCSP_GOOD, "alice: good", "Certificate Status: good"},
    {SGL_OCSP_REVOKED, "Reason: keyCompromise", "Certificate Status: revoked"},
    {SGL_OCSP_UNKNOWN, "alice: unknown", "Certificate Status: unknown"},
};

static void
expect_understood(world *w, const char *signer, size_t i)
{
	char command[512];

	(void)snprintf(command, sizeof command,
	    "openssl ocsp -reqin req -respin resp -issuer ca %s -cert alice "
	    "-no_nonce " /* beside the one that is there */
	    "-CAfile ca >out 2>&1; cat out; "
	    "grep -q 'Response verify OK' out && grep -q '%s' out && "
	    "! grep -q WARN out",
	    w->digest == SGL_DIGEST_SHA1 ? "-sha1" : "-sha256",
	    statuses[i].openssl);
	sgl_folder_run(&w->folder, command);
	(void)snprintf(command, sizeof command,
	    "ocsptool --response-info --infile resp >out; cat out; "
	    "grep -q '%s' out && "
	    "ocsptool --verify-response --load-signer %s --infile resp",
	    statuses[i].gnutls, signer);
	sgl_folder_run(&w->folder, command);
}

static void
they_understand_our_responses(void **state)
{
	(void)state;
	sgl_folder_need("openssl");
	sgl_folder_need("ocsptool");
	for (size_t i = 0; i < COUNT(kinds) * COUNT(statuses); i++) {
		SGL_AUTO_CLEAR(world) w;
		SGL_AUTO_CLEAR(sgl_buf) id = {0};
		sgl_time now = time(NULL);
		sgl_ocsp_answer answer = {.status = statuses[i % 3].status,
		    .revoked_at = now - 7200,
		    .reason = 1,
		    .this_update = now - 60,
		    .next_update = now + 3600};

		world_make(&w, kinds[i / 3]);
		w.digest = i % 2 == 0 ? SGL_DIGEST_SHA1 : SGL_DIGEST_SHA256;
		id = id_of(&w, &w.alice, w.digest);
		answer.id = sgl_buf_slice(&id);
		write_request(&w, answer.id);
		if (i / 2 % 2 == 0) {
			write_response(&w, &w.ca, answer);
			expect_understood(&w, "ca", i % 3);
		} else {
			write_response(&w, &w.responder, answer);
			expect_understood(&w, "responder", i % 3);
		}
	}
}

static char *
hex_of(sgl_slice bytes, char *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		(void)sprintf(out + 2 * i, "%02X", bytes.data[i]);
	return out;
}

/* Alice is valid, Bob's key was compromised, the responder unknown. */
static void
write_index(world *w)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1000);
	char hex[64];

	assert_int_equal(sgl_buf_printf(&text, NULL,
			     "V\t350101000000Z\t\t%s\tunknown\t/CN=a\n",
			     hex_of(w->alice.cert->serial, hex)),
	    SGL_OK);
	assert_int_equal(sgl_buf_printf(&text, NULL,
			     "R\t350101000000Z\t260101000000Z,keyCompromise\t"
			     "%s\tunknown\t/CN=b\n",
			     hex_of(w->bob.cert->serial, hex)),
	    SGL_OK);
	sgl_folder_write(&w->folder, "index", sgl_buf_slice(&text));
}

static void
expect_response(world *w, const sgl_who *about, sgl_revocation want)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_folder_read(&w->folder, "resp");
	SGL_AUTO(sgl_ocsp)
	ocsp = NULL;
	sgl_ocsp_policy policy = {.time = time(NULL),
	    .leeway = 60,
	    .nonce = SGL_LIT(NONCE),
	    .require_nonce = true};
	sgl_ocsp_finding f;

	assert_int_equal(
	    sgl_ocsp_read(w->engine, sgl_buf_slice(&der), &ocsp, NULL), SGL_OK);
	assert_int_equal(sgl_ocsp_check(w->engine, ocsp, about->cert,
			     w->ca.cert, &policy, &f, NULL),
	    SGL_OK);
	assert_string_equal(sgl_ocsp_fault_name(f.fault), "none");
	assert_int_equal(f.revocation, want);
	if (want == SGL_REVOCATION_REVOKED) {
		assert_int_equal(f.reason, 1);
		assert_int_equal(f.revoked_at, SGL_ISSUE_TIME);
	}
}

static void
understands_their_responses(void **state)
{
	static const char *const options[] = {
	    "", "-resp_key_id -rmd sha384", "-rmd sha512"};

	(void)state;
	sgl_folder_need("openssl");
	for (size_t i = 0; i < COUNT(kinds) * COUNT(options); i++) {
		SGL_AUTO_CLEAR(world) w;
		const struct {
			const sgl_who *who;
			sgl_revocation want;
		} about[] = {{&w.alice, SGL_REVOCATION_GOOD},
		    {&w.bob, SGL_REVOCATION_REVOKED},
		    {&w.responder, SGL_REVOCATION_UNKNOWN}};
		char command[512];

		world_make(&w, kinds[i / 3]);
		write_index(&w);
		(void)snprintf(command, sizeof command,
		    "openssl ocsp -index index -CA ca -rsigner responder "
		    "-rkey responder.key -reqin req -respout resp -nmin 60 %s",
		    options[i % 3]);
		for (size_t k = 0; k < COUNT(about); k++) {
			SGL_AUTO_CLEAR(sgl_buf)
			id = id_of(&w, about[k].who,
			    k % 2 == 0 ? SGL_DIGEST_SHA1 : SGL_DIGEST_SHA256);

			write_request(&w, sgl_buf_slice(&id));
			sgl_folder_run(&w.folder, command);
			expect_response(&w, about[k].who, about[k].want);
		}
	}
}

/* --- CRLs of many --- */

typedef struct many {
	size_t num;
	sgl_slice last; /* Bob's */
	uint8_t serial[4];
} many;

static sgl_status
tell_many(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	many *m = ctx;

	(void)err;
	*end = i == m->num;
	m->serial[0] = 0x7f;
	for (int k = 0; k < 3; k++)
		m->serial[1 + k] = (uint8_t)(i >> (16 - 8 * k));
	*out = (sgl_revoked){.serial = i + 1 == m->num
		? m->last
		: sgl_slice_of(m->serial, sizeof m->serial),
	    .revoked_at = SGL_ISSUE_TIME,
	    .reason = i % 2 == 0 ? 4 : 1,
	    .has_invalidity_date = i % 3 == 0,
	    .invalidity_date = SGL_ISSUE_FROM};
	return SGL_OK;
}

static void
they_obey_our_lists(void **state)
{
	(void)state;
	sgl_folder_need("openssl");
	sgl_folder_need("certtool");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		SGL_AUTO_CLEAR(world) w;
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 24);
		SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(1 << 25);
		many m = {.num = i == 0 ? 100000 : 1000};
		sgl_time now = time(NULL);
		sgl_crl_template t = {.this_update = now - 60,
		    .next_update = now + 3600,
		    .number = 7,
		    .next = tell_many,
		    .ctx = &m,
		    .point_url = SGL_LIT("http://example.org/1"),
		    .only_user_certs = true};

		world_make(&w, kinds[i]);
		m.last = w.bob.cert->serial;
		t.issuer = w.ca.cert->subject;
		t.issuer_key_id = w.ca.cert->ski;
		assert_int_equal(sgl_crl_build(w.engine, &t, w.ca.key,
				     SGL_DIGEST_NONE, &der, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_pem_add(&pem, "X509 CRL", sgl_buf_slice(&der), NULL),
		    SGL_OK);
		sgl_folder_write(&w.folder, "crl", sgl_buf_slice(&pem));
		sgl_folder_run(&w.folder,
		    "openssl crl -in crl -CAfile ca -noout 2>&1 | "
		    "grep 'verify OK'");
		sgl_folder_run(&w.folder,
		    "openssl verify -crl_check -CRLfile crl -CAfile ca alice");
		sgl_folder_run(&w.folder,
		    "openssl verify -crl_check -CRLfile crl -CAfile ca bob "
		    ">out 2>&1; grep 'certificate revoked' out");
		/* certtool takes minutes for a long one. */
		if (m.num > 1000)
			continue;
		sgl_folder_run(&w.folder,
		    "certtool --verify-crl --load-ca-certificate ca "
		    "--infile crl >out; tail -n 3 out; "
		    "grep 'Verification output: Verified' out");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(understands_their_requests),
	    cmocka_unit_test(they_understand_our_responses),
	    cmocka_unit_test(understands_their_responses),
	    cmocka_unit_test(they_obey_our_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
