/* SPDX-License-Identifier: Apache-2.0 */
/* Codes and certificates with which devices ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ca/ca.h"
#include "ca/enrol.h"
#include "ca/revoke.h"
#include "org/people.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/issue.h"

#define START ((sgl_time)1800000000) /* 2027-01-15 */
#define HOUR ((sgl_time)3600)

static sgl_engine *engine;
static sgl_folder folder;
static sgl_home *home;
static sgl_time now;
static sgl_person alice, bob;
static sgl_key *key;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return now;
}

static void
add(const char *address, sgl_person *out)
{
	assert_int_equal(
	    sgl_people_add(home, address, NULL, out, NULL), SGL_OK);
}

static int
set_up(void **state)
{
	static char domain[] = "example.org", name[] = "Example",
		    algorithm[] = "p256";
	const sgl_engine_config config = {.now = tell_time};
	const sgl_organisation o = {.domain = domain,
	    .name = name,
	    .algorithm = algorithm,
	    .is_demo = true};

	(void)state;
	now = START;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(&config, &engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_home_create(engine, sgl_folder_path(&folder, "home"), &o, NULL,
		&home, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ca_found(home, NULL), SGL_OK);
	add("alice@example.org", &alice);
	add("bob@example.org", &bob);
	return sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL) == SGL_OK
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_key_unref(key);
	sgl_person_clear(&alice);
	sgl_person_clear(&bob);
	sgl_home_free(home);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	key = NULL;
	home = NULL;
	return 0;
}

static void
make_code(const sgl_person *p, char code[SGL_ENROL_CODE])
{
	assert_int_equal(sgl_enrol_new_code(
			     home, p, SGL_CERT_SIGNING, now + HOUR, code, NULL),
	    SGL_OK);
	assert_int_equal(strlen(code), SGL_ENROL_CODE - 1);
}

static sgl_enrol_outcome
try(const sgl_enrolment *e, sgl_cert_record *out)
{
	sgl_enrol_outcome outcome = SGL_ENROL_DONE;
	sgl_err err = {0};

	if (sgl_enrol(home, e, &outcome, out, NULL, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return outcome;
}

static sgl_enrolment
with_code(const char *code, const char *address)
{
	return (sgl_enrolment){.spki = sgl_key_get_spki(key),
	    .code = sgl_slice_str(code),
	    .address = address == NULL ? (sgl_slice){NULL, 0}
				       : sgl_slice_str(address)};
}

static void
expect(const char *code, const char *address, sgl_enrol_outcome want)
{
	const sgl_enrolment e = with_code(code, address);
	sgl_cert_record c = {0};

	assert_int_equal(try(&e, &c), want);
	assert_int_equal(c.id != 0, want == SGL_ENROL_DONE);
	sgl_cert_record_clear(&c);
}

static void
a_code_works_once(void **state)
{
	char code[SGL_ENROL_CODE];
	sgl_cert_record c = {0};
	sgl_enrolment e;

	(void)state;
	make_code(&alice, code);
	e = with_code(code, "Alice@example.org");
	assert_int_equal(try(&e, &c), SGL_ENROL_DONE);
	assert_int_equal(c.person, alice.id);
	assert_int_equal(c.purpose, SGL_CERT_SIGNING);
	sgl_cert_record_clear(&c);
	expect(code, "alice@example.org", SGL_ENROL_REFUSED);
	expect(code, NULL, SGL_ENROL_REFUSED);
}

/* The certificate is the person's, and of the key that was shown. */
static void
what_is_given(void **state)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	char code[SGL_ENROL_CODE];
	sgl_cert_record c = {0};
	sgl_enrolment e;

	(void)state;
	make_code(&alice, code);
	e = with_code(code, NULL);
	assert_int_equal(try(&e, &c), SGL_ENROL_DONE);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&c.der), &cert, NULL), SGL_OK);
	assert_true(sgl_slice_eq(cert->spki, sgl_key_get_spki(key)));
	assert_int_equal(cert->num_addresses, 1);
	assert_true(
	    sgl_slice_eq(cert->addresses[0], SGL_LIT("alice@example.org")));
	sgl_cert_record_clear(&c);
}

static void
how_it_is_typed(void **state)
{
	char code[SGL_ENROL_CODE], typed[2 * SGL_ENROL_CODE];
	size_t num = 0;

	(void)state;
	make_code(&alice, code);
	for (size_t i = 0; code[i] != '\0'; i++) {
		char c = code[i];
		if (c == '-')
			continue;
		typed[num++] = c == '0' ? 'o'
		    : c == '1'		? 'l'
		    : c >= 'A'		? (char)(c - 'A' + 'a')
					: c;
		if (num % 3 == 0)
			typed[num++] = ' ';
	}
	typed[num] = '\0';
	expect(typed, NULL, SGL_ENROL_DONE);
}

static void
what_is_no_code(void **state)
{
	static const char *const none[] = {"", "-", "AAAAA", "*",
	    "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA",
	    "AAAAA-AAAAA-AAAAA-AAAAA-AAAAU", "\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		expect(none[i], "alice@example.org", SGL_ENROL_REFUSED);
}

static void
expired(void **state)
{
	char code[SGL_ENROL_CODE];

	(void)state;
	make_code(&alice, code);
	now += HOUR;
	expect(code, NULL, SGL_ENROL_REFUSED);
}

static void
the_newer_counts(void **state)
{
	char first[SGL_ENROL_CODE], second[SGL_ENROL_CODE];

	(void)state;
	make_code(&alice, first);
	make_code(&alice, second);
	expect(first, NULL, SGL_ENROL_REFUSED);
	expect(second, NULL, SGL_ENROL_DONE);
}

static void
somebody_elses(void **state)
{
	char code[SGL_ENROL_CODE];

	(void)state;
	make_code(&alice, code);
	expect(code, "bob@example.org", SGL_ENROL_REFUSED);
	expect(code, "nobody@example.org", SGL_ENROL_REFUSED);
	expect(code, "nonsense", SGL_ENROL_REFUSED);
	expect(code, "alice@example.org", SGL_ENROL_DONE);
}

/* Who guesses has ten tries. */
static void
guesses_are_counted(void **state)
{
	char code[SGL_ENROL_CODE], wrong[SGL_ENROL_CODE];

	(void)state;
	for (unsigned tries = SGL_ENROL_TRIES - 1; tries <= SGL_ENROL_TRIES;
	     tries++) {
		make_code(&alice, code);
		memcpy(wrong, code, sizeof code);
		wrong[SGL_ENROL_CODE - 2] =
		    wrong[SGL_ENROL_CODE - 2] == 'A' ? 'B' : 'A';
		for (unsigned i = 0; i < tries; i++)
			expect(wrong, NULL, SGL_ENROL_REFUSED);
		expect(code, NULL,
		    tries < SGL_ENROL_TRIES ? SGL_ENROL_DONE
					    : SGL_ENROL_REFUSED);
	}
}

static void
expect_key(sgl_slice spki, sgl_enrol_outcome want)
{
	char code[SGL_ENROL_CODE];
	sgl_cert_record c = {0};
	sgl_enrolment e;

	make_code(&alice, code);
	e = with_code(code, NULL);
	e.spki = spki;
	assert_int_equal(try(&e, &c), want);
	sgl_cert_record_clear(&c);
	/* A key that is none does not use the code up. */
	if (want == SGL_ENROL_BAD_KEY)
		expect(code, NULL, SGL_ENROL_DONE);
}

static void
keys_that_cannot_be(void **state)
{
	SGL_AUTO(sgl_key)
	x = NULL;
	uint8_t bent[200];
	sgl_slice spki = sgl_key_get_spki(key);

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_X25519, 0, &x, NULL), SGL_OK);
	expect_key(sgl_key_get_spki(x), SGL_ENROL_BAD_KEY);
	expect_key(SGL_LIT("no key"), SGL_ENROL_BAD_KEY);
	memcpy(bent, spki.data, spki.len);
	bent[spki.len - 1] ^= 1; /* not on the curve any more */
	expect_key(sgl_slice_of(bent, spki.len), SGL_ENROL_BAD_KEY);
}

/* Nobody gets another's key certified, nor one that we have. */
static void
keys_of_others(void **state)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	char code[SGL_ENROL_CODE];
	sgl_cert_record ours = {0};

	(void)state;
	make_code(&bob, code);
	expect(code, NULL, SGL_ENROL_DONE);
	make_code(&alice, code);
	expect(code, NULL, SGL_ENROL_BAD_KEY);
	assert_int_equal(
	    sgl_ca_issue(home, &alice, SGL_CERT_SIGNING, &ours, NULL), SGL_OK);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&ours.der), &cert, NULL),
	    SGL_OK);
	sgl_cert_record_clear(&ours);
	sgl_key_unref(key);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	expect_key(cert->spki, SGL_ENROL_BAD_KEY);
}

static void
who_gets_no_code(void **state)
{
	char code[SGL_ENROL_CODE];
	sgl_person p = alice;

	(void)state;
	p.is_shared = true;
	assert_int_equal(sgl_enrol_new_code(home, &p, SGL_CERT_ENCRYPTION,
			     now + HOUR, code, NULL),
	    SGL_E_USAGE);
	p = alice;
	p.custody = SGL_CUSTODY_SERVER;
	assert_int_equal(sgl_enrol_new_code(home, &p, SGL_CERT_SIGNING,
			     now + HOUR, code, NULL),
	    SGL_E_USAGE);
	p = alice;
	p.state = SGL_PERSON_SUSPENDED;
	assert_int_equal(sgl_enrol_new_code(home, &p, SGL_CERT_SIGNING,
			     now + HOUR, code, NULL),
	    SGL_E_USAGE);
}

/* A code that was given before does not help who has left since. */
static void
who_has_left(void **state)
{
	char code[SGL_ENROL_CODE];

	(void)state;
	make_code(&alice, code);
	alice.state = SGL_PERSON_LEFT;
	assert_int_equal(
	    sgl_store_set_person(sgl_home_store(home), &alice, NULL), SGL_OK);
	expect(code, NULL, SGL_ENROL_REFUSED);
}

/* ------------------------------------------------- keys that we make --- */

static void expect_renewal(const sgl_cert_record *with, sgl_enrol_outcome want);

static sgl_enrol_outcome
try_key(const sgl_enrolment *e, sgl_cert_record *c, sgl_buf *out)
{
	sgl_enrol_outcome outcome = SGL_ENROL_DONE;
	sgl_err err = {0};

	if (sgl_enrol(home, e, &outcome, c, out, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return outcome;
}

static void
make_key_code(const sgl_person *p, char code[SGL_ENROL_CODE])
{
	assert_int_equal(sgl_enrol_new_code(home, p, SGL_CERT_ENCRYPTION,
			     now + HOUR, code, NULL),
	    SGL_OK);
}

static sgl_enrolment
wish(const char *code)
{
	return (sgl_enrolment){.code = sgl_slice_str(code), .wants_key = true};
}

static bool
is_kept(int64_t id)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool found;

	assert_int_equal(
	    sgl_store_find_key(sgl_home_store(home), id, &k, &found, NULL),
	    SGL_OK);
	assert_true(found && k.handed == now);
	return k.sealed.len > 0;
}

/* The key is handed over with its certificate, once, and kept here. */
static void
a_key_that_is_made_here(void **state)
{
	static const sgl_custody custodies[] = {
	    SGL_CUSTODY_USER, SGL_CUSTODY_SERVER};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(10000);
		SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
		SGL_AUTO(sgl_key)
		got = NULL;
		SGL_AUTO(sgl_cert)
		cert = NULL;
		char code[SGL_ENROL_CODE];
		sgl_enrolment e;

		alice.custody = custodies[i];
		assert_int_equal(
		    sgl_store_set_person(sgl_home_store(home), &alice, NULL),
		    SGL_OK);
		make_key_code(&alice, code);
		e = wish(code);
		assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_DONE);
		assert_int_equal(
		    sgl_key_read(engine, sgl_buf_slice(&out), &got, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_cert_read(engine, sgl_buf_slice(&c.der), &cert, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(sgl_key_get_spki(got), cert->spki));
		assert_true(sgl_cert_may_encrypt(cert));
		assert_int_equal(c.waits_until, 0);
		assert_true(is_kept(c.key));
		out.len = 0;
		assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_REFUSED);
		assert_int_equal(out.len, 0);
	}
}

static void
for_its_own_key_alone(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(20000);
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO(sgl_key)
	ed = NULL;
	char code[SGL_ENROL_CODE];
	sgl_enrolment e;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_ED25519, 0, &ed, NULL), SGL_OK);
	make_key_code(&alice, code);
	e = wish(code);
	e.cipher = SGL_CIPHER_AES256_CBC;
	e.recipient.key_id = SGL_LIT("name");
	/* Nothing can be encrypted to these; the code stays good. */
	e.recipient.spki = SGL_LIT("no key");
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_BAD_KEY);
	e.recipient.spki = sgl_key_get_spki(ed);
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_BAD_KEY);
	e.recipient.spki = sgl_key_get_spki(key);
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_DONE);
	assert_true(out.len > 1000);
	assert_int_equal(c.person, alice.id);
}

/* Who keeps what is not left to the device. */
static void
who_makes_the_key(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(10000);
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	char code[SGL_ENROL_CODE];
	sgl_enrolment e;

	(void)state;
	make_key_code(&alice, code);
	expect(code, NULL, SGL_ENROL_WRONG_WAY);
	e = wish(code);
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_DONE);
	/* Nor can the certificate renew itself for another key. */
	expect_renewal(&c, SGL_ENROL_WRONG_WAY);
	out.len = 0;
	make_code(&bob, code);
	e = wish(code);
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_WRONG_WAY);
	bob.custody = SGL_CUSTODY_SEALED;
	assert_int_equal(
	    sgl_store_set_person(sgl_home_store(home), &bob, NULL), SGL_OK);
	make_key_code(&bob, code);
	e = wish(code);
	assert_int_equal(try_key(&e, &c, &out), SGL_ENROL_WRONG_WAY);
	assert_int_equal(out.len, 0);
	expect(code, NULL, SGL_ENROL_DONE);
}

/* ------------------------------------------------------------- renewing --- */

static void
enrol(sgl_cert_record *out)
{
	char code[SGL_ENROL_CODE];
	sgl_enrolment e;

	make_code(&alice, code);
	e = with_code(code, NULL);
	assert_int_equal(try(&e, out), SGL_ENROL_DONE);
}

static void
expect_renewal(const sgl_cert_record *with, sgl_enrol_outcome want)
{
	const sgl_enrolment e = {
	    .spki = sgl_key_get_spki(key), .client = sgl_buf_slice(&with->der)};
	sgl_cert_record c = {0};

	assert_int_equal(try(&e, &c), want);
	if (want == SGL_ENROL_DONE)
		assert_int_equal(c.person, with->person);
	sgl_cert_record_clear(&c);
}

static void
a_certificate_renews_itself(void **state)
{
	sgl_cert_record c = {0};

	(void)state;
	enrol(&c);
	expect_renewal(&c, SGL_ENROL_DONE);
	expect_renewal(&c, SGL_ENROL_REFUSED); /* it is superseded now */
	sgl_cert_record_clear(&c);
}

/* What gets no code renews nothing either: a device would take the signing
 * from the server, or from the others who share the mailbox. */
static void
a_certificate_does_not_change_custody(void **state)
{
	sgl_cert_record c = {0};

	(void)state;
	enrol(&c);
	alice.custody = SGL_CUSTODY_SERVER;
	assert_int_equal(
	    sgl_store_set_person(sgl_home_store(home), &alice, NULL), SGL_OK);
	expect_renewal(&c, SGL_ENROL_REFUSED);
	alice.custody = SGL_CUSTODY_USER;
	alice.is_shared = true;
	assert_int_equal(
	    sgl_store_set_person(sgl_home_store(home), &alice, NULL), SGL_OK);
	expect_renewal(&c, SGL_ENROL_REFUSED);
	alice.is_shared = false;
	assert_int_equal(
	    sgl_store_set_person(sgl_home_store(home), &alice, NULL), SGL_OK);
	expect_renewal(&c, SGL_ENROL_DONE);
	sgl_cert_record_clear(&c);
}

/* What some send with it is the code of long ago. */
static void
with_a_code_that_is_used_up(void **state)
{
	char code[SGL_ENROL_CODE];
	sgl_cert_record c = {0}, next = {0};
	sgl_enrolment e;

	(void)state;
	make_code(&alice, code);
	e = with_code(code, NULL);
	e.client = SGL_LIT("no certificate");
	assert_int_equal(try(&e, &c), SGL_ENROL_DONE);
	assert_int_equal(try(&e, &next), SGL_ENROL_REFUSED);
	e.client = sgl_buf_slice(&c.der);
	assert_int_equal(try(&e, &next), SGL_ENROL_DONE);
	assert_int_equal(next.person, alice.id);
	sgl_cert_record_clear(&next);
	assert_int_equal(try(&e, &next), SGL_ENROL_REFUSED);
	/* A right one counts, and the person is whom it is for. */
	make_code(&bob, code);
	e.spki = sgl_key_get_spki(key);
	assert_int_equal(try(&e, &next), SGL_ENROL_BAD_KEY); /* it is Alice's */
	sgl_cert_record_clear(&c);
}

static void
certificates_that_renew_nothing(void **state)
{
	const sgl_revocation_mark mark = {.reason = SGL_REASON_UNSPECIFIED};
	SGL_AUTO_CLEAR(sgl_who) stranger = {NULL, NULL};
	sgl_cert_record c = {0}, other = {.der = sgl_buf_init(10000)};

	(void)state;
	sgl_issue_cert(engine,
	    &(sgl_issue){.name = "Alice", .address = "alice@example.org"}, NULL,
	    &stranger);
	assert_int_equal(
	    sgl_buf_add(&other.der, stranger.cert->der, NULL), SGL_OK);
	expect_renewal(&other, SGL_ENROL_REFUSED);
	other.der.len /= 2;
	expect_renewal(&other, SGL_ENROL_REFUSED);
	enrol(&c);
	c.der.data[c.der.len - 1] ^= 1;
	expect_renewal(&c, SGL_ENROL_REFUSED);
	c.der.data[c.der.len - 1] ^= 1;
	now = c.not_after + 1;
	expect_renewal(&c, SGL_ENROL_REFUSED);
	now = START;
	assert_int_equal(sgl_ca_revoke(home, &c, &mark, NULL), SGL_OK);
	expect_renewal(&c, SGL_ENROL_REFUSED);
	sgl_cert_record_clear(&c);
	sgl_cert_record_clear(&other);
}

/* A key whose certificate was revoked gets no other. */
static void
a_revoked_key(void **state)
{
	const sgl_revocation_mark mark = {.reason = SGL_REASON_KEY_COMPROMISE};
	sgl_cert_record c = {0};
	char code[SGL_ENROL_CODE];

	(void)state;
	enrol(&c);
	assert_int_equal(sgl_ca_revoke(home, &c, &mark, NULL), SGL_OK);
	make_code(&alice, code);
	expect(code, NULL, SGL_ENROL_BAD_KEY);
	sgl_cert_record_clear(&c);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_code_works_once),
	    TEST(what_is_given),
	    TEST(how_it_is_typed),
	    TEST(what_is_no_code),
	    TEST(expired),
	    TEST(the_newer_counts),
	    TEST(somebody_elses),
	    TEST(guesses_are_counted),
	    TEST(keys_that_cannot_be),
	    TEST(keys_of_others),
	    TEST(who_gets_no_code),
	    TEST(who_has_left),
	    TEST(a_key_that_is_made_here),
	    TEST(for_its_own_key_alone),
	    TEST(who_makes_the_key),
	    TEST(a_certificate_renews_itself),
	    TEST(a_certificate_does_not_change_custody),
	    TEST(with_a_code_that_is_used_up),
	    TEST(certificates_that_renew_nothing),
	    TEST(a_revoked_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
