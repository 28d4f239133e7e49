/* SPDX-License-Identifier: Apache-2.0 */
/* What commands on messages ask of a home: the keys that a message names, and
 * no others, for what they were opened for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "admin/mail_desk.h"
#include "cli/resolve_wire.h"
#include "crypto/hash.h"
#include "org/choose.h"
#include "support/fault.h"
#include "support/folder.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.org"
#define HISTORY 1000

static sgl_engine *engine;
static sgl_folder folder;
static sgl_home *home;
static sgl_person alice, bob;
static uint8_t issuer[] = "an issuer's name";

/* --------------------------------------------------------------- the host ---
 */

static struct {
	unsigned admitted, recorded;
	sgl_office office; /* that was wanted last */
	char action[32], address[64];
	sgl_status refuses, record_fails;
} host;

static sgl_status
open_home(void *ctx, sgl_home **out, sgl_err *err)
{
	(void)ctx;
	(void)err;
	*out = home;
	return SGL_OK;
}

static sgl_status
admit(void *ctx, sgl_home *h, const sgl_org_job *job, const char *address,
    sgl_err *err)
{
	(void)ctx;
	(void)h;
	(void)address;
	host.admitted++;
	host.office = job->office;
	return host.refuses == SGL_OK
	    ? SGL_OK
	    : sgl_fail(err, host.refuses, "test", SGL_NO_OFFSET, "not you");
}

static sgl_status
record(void *ctx, sgl_home *h, const char *action, const char *address,
    sgl_err *err)
{
	(void)ctx;
	(void)h;
	if (host.record_fails != SGL_OK)
		return sgl_fail(
		    err, host.record_fails, "test", SGL_NO_OFFSET, "no record");
	host.recorded++;
	(void)snprintf(host.action, sizeof host.action, "%s", action);
	(void)snprintf(host.address, sizeof host.address, "%s", address);
	return SGL_OK;
}

static const sgl_mail_host the_host = {open_home, admit, record, NULL, true};

static sgl_mail_desk *
sit_down(void)
{
	sgl_mail_desk *d = NULL;

	memset(&host, 0, sizeof host);
	assert_int_equal(
	    sgl_mail_desk_new(engine, &the_host, &d, NULL), SGL_OK);
	return d;
}

/* ---------------------------------------------------------- the questions ---
 */

static sgl_status
ask(sgl_mail_desk *d, unsigned question, const sgl_buf *body, unsigned want,
    sgl_buf *answer, sgl_err *err)
{
	unsigned type = 0;
	sgl_status status;

	*answer = (sgl_buf){.max = SGL_CHANNEL_MESSAGE, .secret = true};
	status = sgl_mail_desk_answer(
	    d, question, sgl_buf_slice(body), &type, answer, err);
	if (status == SGL_OK)
		assert_int_equal(type, want);
	return status;
}

static sgl_status
ask_address(sgl_mail_desk *d, unsigned question, const char *address,
    unsigned want, sgl_buf *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1000);
	sgl_wire w = sgl_wire_over(&body);

	sgl_resolve_add_name(&w, address);
	TRY(sgl_wire_end(&w, err));
	return ask(d, question, &body, want, answer, err);
}

/* The n-th name of alice's history. */
static sgl_named_recipient
name_of(int64_t n)
{
	static uint8_t serials[SGL_FIND_AT_ONCE][8];
	uint8_t *serial = serials[n % SGL_FIND_AT_ONCE];

	for (int i = 0; i < 8; i++)
		serial[i] = (uint8_t)(n >> (8 * i));
	return (sgl_named_recipient){
	    .issuer = sgl_slice_of(issuer, sizeof issuer),
	    .serial = sgl_slice_of(serial, 8)};
}

static sgl_status
ask_keys(sgl_mail_desk *d, const char *address,
    const sgl_named_recipient *names, size_t num, sgl_found_keys *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(100000);
	SGL_AUTO_CLEAR(sgl_buf) answer = {0};
	sgl_wire w = sgl_wire_over(&body);
	sgl_unwire u;

	sgl_resolve_add_names(&w, address, names, num);
	TRY(sgl_wire_end(&w, err));
	TRY(ask(d, SGL_RESOLVE_KEYS, &body, SGL_RESOLVED_KEYS, &answer, err));
	u = sgl_unwire_over(sgl_buf_slice(&answer));
	sgl_resolve_read_keys(&u, out);
	return sgl_unwire_end(&u, err);
}

static sgl_status
use(sgl_mail_desk *d, size_t place, sgl_key_op op, sgl_err *err)
{
	/* The base point of P-256 as an originator's key. */
	static const uint8_t point[] =
	    "\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40"
	    "\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2"
	    "\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e"
	    "\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51"
	    "\xf5";
	const sgl_key_request request = {.op = op,
	    .input = sgl_slice_of(point, sizeof point - 1),
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) answer = {0};
	sgl_wire w = sgl_wire_over(&body);

	sgl_farkey_add_question(&w, place, &request);
	TRY(sgl_wire_end(&w, err));
	return ask(d, SGL_MESSAGE_ASK_KEY, &body, SGL_MESSAGE_KEY_ANSWER,
	    &answer, err);
}

/* ------------------------------------------------------------- the tests ---
 */

static void
an_old_mail_opens_one_key_of_a_thousand(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	sgl_named_recipient names[SGL_FIND_AT_ONCE];
	sgl_found_keys found;

	(void)state;
	for (int i = 0; i < SGL_FIND_AT_ONCE; i++)
		names[i] = name_of(100 * SGL_FIND_AT_ONCE + i);
	names[17] = name_of(17);
	assert_int_equal(
	    ask_keys(d, ALICE, names, SGL_FIND_AT_ONCE, &found, NULL), SGL_OK);
	assert_int_equal(found.num, 1);
	assert_int_equal(found.items[0].name, 17);
	assert_int_equal(sgl_mail_desk_num_keys(d), 1);
	assert_int_equal(host.recorded, 1);
	assert_string_equal(host.action, "mail.open");
	assert_string_equal(host.address, ALICE);
	assert_int_equal(host.office, SGL_OFFICE_ADMINISTRATOR);
	/* A layer further inside: another key, the same message. */
	names[0] = name_of(HISTORY - 1);
	assert_int_equal(ask_keys(d, ALICE, names, 1, &found, NULL), SGL_OK);
	assert_int_equal(found.num, 1);
	assert_int_equal(sgl_mail_desk_num_keys(d), 2);
	assert_int_equal(host.recorded, 1);
	assert_int_equal(
	    use(d, found.items[0].place, SGL_KEY_ECDH, NULL), SGL_OK);
}

static void
others_keys_are_not_found(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	const sgl_named_recipient name = name_of(0);
	sgl_found_keys found;

	(void)state;
	assert_int_equal(ask_keys(d, BOB, &name, 1, &found, NULL), SGL_OK);
	assert_int_equal(found.num, 0);
	assert_int_equal(sgl_mail_desk_num_keys(d), 0);
	assert_int_equal(host.recorded, 0);
}

static void
a_key_does_what_it_was_opened_for(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	SGL_AUTO_CLEAR(sgl_buf) answer = {0};
	const sgl_named_recipient name = name_of(1);
	sgl_found_keys found;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(ask_keys(d, ALICE, &name, 1, &found, NULL), SGL_OK);
	assert_int_equal(use(d, 0, SGL_KEY_SIGN, &err), SGL_E_IO);
	assert_int_equal(use(d, 1, SGL_KEY_ECDH, &err), SGL_E_IO);
	assert_int_equal(ask_address(d, SGL_RESOLVE_SIGNER, ALICE,
			     SGL_RESOLVED_IDENTITY, &answer, &err),
	    SGL_OK);
	assert_string_equal(host.action, "mail.sign");
	assert_int_equal(use(d, 1, SGL_KEY_SIGN, &err), SGL_OK);
	assert_int_equal(use(d, 1, SGL_KEY_ECDH, &err), SGL_E_IO);
	/* Not for ever. */
	for (int i = 1; i < 100; i++)
		assert_int_equal(use(d, 1, SGL_KEY_SIGN, &err), SGL_OK);
	assert_int_equal(use(d, 1, SGL_KEY_SIGN, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "too often"));
	/* Whoever keeps them is gone. */
	sgl_mail_desk_drop(d);
	assert_int_equal(use(d, 0, SGL_KEY_ECDH, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "try again"));
}

static void
no_key_without_leave_and_record(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	SGL_AUTO_CLEAR(sgl_buf) answer = {0};
	const sgl_named_recipient name = name_of(1);
	sgl_found_keys found;

	(void)state;
	host.refuses = SGL_E_USAGE;
	assert_int_equal(
	    ask_keys(d, ALICE, &name, 1, &found, NULL), SGL_E_USAGE);
	assert_int_equal(ask_address(d, SGL_RESOLVE_SIGNER, ALICE,
			     SGL_RESOLVED_IDENTITY, &answer, NULL),
	    SGL_E_USAGE);
	/* Not even whether there is such a person. */
	assert_int_equal(ask_address(d, SGL_RESOLVE_READER, "carol@example.org",
			     SGL_RESOLVED_READER, &answer, NULL),
	    SGL_E_USAGE);
	host.refuses = SGL_OK;
	host.record_fails = SGL_E_IO;
	assert_int_equal(ask_keys(d, ALICE, &name, 1, &found, NULL), SGL_E_IO);
	assert_int_equal(ask_address(d, SGL_RESOLVE_SIGNER, ALICE,
			     SGL_RESOLVED_IDENTITY, &answer, NULL),
	    SGL_E_IO);
	assert_int_equal(sgl_mail_desk_num_keys(d), 0);
}

static void
no_key_for_whoever_lost_the_office(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	const sgl_named_recipient name = name_of(1);
	sgl_found_keys found;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(ask_keys(d, ALICE, &name, 1, &found, NULL), SGL_OK);
	assert_int_equal(use(d, 0, SGL_KEY_ECDH, &err), SGL_OK);
	host.refuses = SGL_E_USAGE;
	assert_int_equal(use(d, 0, SGL_KEY_ECDH, &err), SGL_E_USAGE);
	assert_int_equal(host.office, SGL_OFFICE_ADMINISTRATOR);
	/* Nor again, with the office given back. */
	host.refuses = SGL_OK;
	assert_int_equal(use(d, 0, SGL_KEY_ECDH, &err), SGL_E_IO);
}

static void
certificates_are_a_readers(void **state)
{
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	SGL_AUTO_CLEAR(sgl_buf) none = {0};
	sgl_buf answer = {0};

	(void)state;
	assert_int_equal(ask_address(d, SGL_RESOLVE_RECIPIENT, ALICE,
			     SGL_RESOLVED_CERTS, &answer, NULL),
	    SGL_OK);
	sgl_buf_clear(&answer);
	assert_int_equal(host.office, SGL_OFFICE_READER);
	assert_int_equal(
	    ask(d, SGL_RESOLVE_TRUST, &none, SGL_RESOLVED_CERTS, &answer, NULL),
	    SGL_OK);
	sgl_buf_clear(&answer);
	assert_int_equal(host.office, SGL_OFFICE_READER);
	assert_int_equal(host.admitted, 2);
	assert_int_equal(host.recorded, 0);
}

/* Cut short or with a byte too many it is refused, and nothing is opened. */
static void
malformed_questions(void **state)
{
	static const unsigned types[] = {SGL_RESOLVE_SIGNER, SGL_RESOLVE_READER,
	    SGL_RESOLVE_KEYS, SGL_RESOLVE_RECIPIENT, SGL_RESOLVE_TRUST,
	    SGL_RESOLVE_CRL, SGL_MESSAGE_ASK_KEY, 9999};
	SGL_AUTO(sgl_mail_desk)
	d = sit_down();
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(100000);
	const sgl_named_recipient name = name_of(1);
	sgl_wire w = sgl_wire_over(&body);
	size_t address, names;

	(void)state;
	sgl_resolve_add_name(&w, ALICE);
	address = body.len;
	body.len = 0;
	sgl_resolve_add_names(&w, ALICE, &name, 1);
	names = body.len;
	sgl_wire_add_int(&w, 1);
	for (size_t len = body.len; len > 0; len--) {
		const sgl_buf cut = {.data = body.data, .len = len};

		for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
			SGL_AUTO_CLEAR(sgl_buf) answer = {0};

			/* These are whole. */
			if (len == address ||
			    (len == names && types[i] == SGL_RESOLVE_KEYS))
				continue;
			assert_int_not_equal(
			    ask(d, types[i], &cut, 0, &answer, NULL), SGL_OK);
		}
	}
	assert_int_equal(sgl_mail_desk_num_keys(d), 0);
}

static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_mail_desk)
	d = NULL;
	SGL_AUTO_CLEAR(sgl_buf) answer = {0};
	const sgl_named_recipient name = name_of(3);
	sgl_found_keys found;

	(void)ctx;
	TRY(sgl_mail_desk_new(engine, &the_host, &d, err));
	TRY(ask_keys(d, ALICE, &name, 1, &found, err));
	TRY(use(d, 0, SGL_KEY_ECDH, err));
	return ask_address(
	    d, SGL_RESOLVE_SIGNER, ALICE, SGL_RESOLVED_IDENTITY, &answer, err);
}

static void
no_memory(void **state)
{
	(void)state;
	memset(&host, 0, sizeof host);
	/* The engine remembers what it met. */
	assert_int_equal(whole_story(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(whole_story, NULL) > 20);
}

/* -------------------------------------------------------------- the home ---
 */

static sgl_status
add_history(sgl_err *err)
{
	const sgl_new_key want = {.kind = SGL_KEY_P256, .person = alice.id};
	sgl_recipient_name name = {0};
	sgl_vault *vault;
	sgl_digest d;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256,
	    sgl_slice_of(issuer, sizeof issuer), &d, err));
	memcpy(name.issuer, d.bytes, sizeof name.issuer);
	for (int64_t i = 0; i < HISTORY; i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		int64_t id;

		TRY(sgl_vault_generate(vault, &want, &key, &id, err));
		name.serial = name_of(i).serial;
		TRY(sgl_store_add_recipient(
		    sgl_home_store(home), id, &name, err));
	}
	return SGL_OK;
}

static sgl_status
make_home(sgl_err *err)
{
	char domain[] = "example.org", name[] = "Example", algorithm[] = "p256";
	const sgl_organisation o = {.domain = domain,
	    .name = name,
	    .algorithm = algorithm,
	    .is_demo = true};

	TRY(sgl_engine_new(NULL, &engine, err));
	TRY(sgl_home_create(
	    engine, sgl_folder_path(&folder, "home"), &o, NULL, &home, err));
	TRY(sgl_ca_found(home, err));
	TRY(sgl_people_add(home, ALICE, NULL, &alice, err));
	TRY(sgl_people_add(home, BOB, NULL, &bob, err));
	TRY(sgl_ca_issue(home, &alice, SGL_CERT_SIGNING, NULL, err));
	TRY(sgl_ca_issue(home, &alice, SGL_CERT_ENCRYPTION, NULL, err));
	TRY(add_history(err));
	return sgl_home_commit(home, err);
}

static int
set_up(void **state)
{
	sgl_err err = {0};

	(void)state;
	sgl_folder_make(&folder);
	if (make_home(&err) == SGL_OK)
		return 0;
	print_error("%s: %s\n", err.text, err.detail);
	return -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_person_clear(&alice);
	sgl_person_clear(&bob);
	sgl_home_free(home);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_old_mail_opens_one_key_of_a_thousand),
	    cmocka_unit_test(others_keys_are_not_found),
	    cmocka_unit_test(a_key_does_what_it_was_opened_for),
	    cmocka_unit_test(no_key_without_leave_and_record),
	    cmocka_unit_test(no_key_for_whoever_lost_the_office),
	    cmocka_unit_test(certificates_are_a_readers),
	    cmocka_unit_test(malformed_questions),
	    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
