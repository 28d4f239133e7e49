/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "ca/ca.h"
#include "ca/lint.h"
#include "org/choose.h"
#include "crypto/hash.h"
#include "org/people.h"
#include "org/recipients.h"
#include "pki/path.h"
#include "store/query.h"
#include "support/fault.h"
#include "support/folder.h"

#define DAY ((sgl_time)24 * 60 * 60)
#define START ((sgl_time)1800000000) /* 2027-01-15 */

static sgl_engine *engine;
static sgl_folder folder;
static sgl_time now;
static char domain[] = "example.org", name[] = "Example";

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return now;
}

static int
set_up(void **state)
{
	const sgl_engine_config config = {.now = tell_time};

	(void)state;
	now = START;
	sgl_folder_make(&folder);
	return sgl_engine_new(&config, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_status
found(sgl_engine *with, const char *algorithm, sgl_home **out, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	char text[16];
	sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = text, .is_demo = true};

	memcpy(text, algorithm, strlen(algorithm) + 1);
	TRY(sgl_home_create(
	    with, sgl_folder_path(&folder, "home"), &o, NULL, &home, err));
	TRY(sgl_ca_found(home, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

static sgl_home *
make(const char *algorithm)
{
	sgl_home *home = NULL;
	sgl_err err = {0};

	if (found(engine, algorithm, &home, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return home;
}

static void
add_alice(sgl_home *home, sgl_person *p)
{
	assert_int_equal(
	    sgl_people_add(home, "alice@example.org", "Alice", p, NULL),
	    SGL_OK);
}

static sgl_cert *
issue(sgl_home *home, const sgl_person *p, sgl_cert_purpose purpose)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	sgl_cert *cert = NULL;
	sgl_err err = {0};

	if (sgl_ca_issue(home, p, purpose, &c, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	assert_int_equal(c.person, p->id);
	assert_int_equal(c.status, SGL_CERT_CURRENT);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&c.der), &cert, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&c.serial), sgl_cert_get_serial(cert)));
	assert_int_equal(c.not_after, sgl_cert_get_not_after(cert));
	return cert;
}

static sgl_path_fault
check_path(sgl_home *home, sgl_cert *cert, sgl_purpose purpose)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	const sgl_evidence evidence = {&roots, &issuing, NULL, NULL};
	const sgl_path_policy policy = {.time = now, .purpose = purpose};

	assert_int_equal(
	    sgl_home_add_authorities(home, &roots, &issuing, NULL), SGL_OK);
	assert_int_equal(roots.num, 1);
	assert_int_equal(issuing.num, 1);
	assert_int_equal(
	    sgl_path_check(engine, cert, &evidence, &policy, &path, NULL),
	    SGL_OK);
	if (path.fault == SGL_PATH_OK)
		assert_int_equal(path.num, 3);
	return path.fault;
}

static void
expect_names(const sgl_cert *cert, const char *subject)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1000);

	assert_int_equal(
	    sgl_name_text(sgl_cert_get_subject(cert), &text, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add(&text, sgl_slice_of("", 1), NULL), SGL_OK);
	assert_string_equal(text.data, subject);
}

static void
people_get_what_their_profile_says(void **state)
{
	static const struct {
		const char *algorithm;
		unsigned encryption_usage;
	} cases[] = {
	    {"p256", SGL_KU_KEY_AGREEMENT},
	    {"rsa-2048", SGL_KU_KEY_ENCIPHERMENT},
	    {"p384", SGL_KU_KEY_AGREEMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO(sgl_home)
		home = make(cases[i].algorithm);
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		SGL_AUTO(sgl_cert)
		signing = NULL;
		SGL_AUTO(sgl_cert)
		encryption = NULL;
		add_alice(home, &p);
		signing = issue(home, &p, SGL_CERT_SIGNING);
		encryption = issue(home, &p, SGL_CERT_ENCRYPTION);
		assert_int_equal(sgl_cert_get_key_usage(signing),
		    SGL_KU_DIGITAL_SIGNATURE | SGL_KU_NON_REPUDIATION);
		assert_int_equal(sgl_cert_get_key_usage(encryption),
		    cases[i].encryption_usage);
		assert_true(sgl_cert_may_sign(signing));
		assert_false(sgl_cert_may_encrypt(signing));
		assert_true(sgl_cert_may_encrypt(encryption));
		assert_false(sgl_cert_may_sign(encryption));
		assert_int_equal(
		    check_path(home, signing, SGL_PURPOSE_MAIL_SIGN),
		    SGL_PATH_OK);
		assert_int_equal(
		    check_path(home, encryption, SGL_PURPOSE_MAIL_ENCRYPT),
		    SGL_PATH_OK);
		expect_names(signing, "CN=DEMO Alice,O=DEMO Example");
		assert_int_equal(sgl_cert_num_addresses(signing), 1);
		assert_true(sgl_slice_eq(sgl_cert_get_address(signing, 0),
		    SGL_LIT("alice@example.org")));
		assert_int_equal(signing->smime_capabilities.len, 0);
		assert_true(encryption->smime_capabilities.len > 0);
		assert_false(sgl_slice_eq(
		    sgl_cert_get_spki(signing), sgl_cert_get_spki(encryption)));
	}
}

static void
one_certificate_can_serve_both_purposes(void **state)
{
	static const struct {
		const char *algorithm;
		unsigned usage;
	} cases[] = {
	    {"p256", SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT},
	    {"rsa-2048", SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_ENCIPHERMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO(sgl_home)
		home = make(cases[i].algorithm);
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
		SGL_AUTO(sgl_cert)
		cert = NULL;
		add_alice(home, &p);
		sgl_cert_unref(issue(home, &p, SGL_CERT_ENCRYPTION));
		cert = issue(home, &p, SGL_CERT_DUAL);
		assert_int_equal(sgl_cert_get_key_usage(cert), cases[i].usage);
		assert_int_equal(
		    check_path(home, cert, SGL_PURPOSE_MAIL_SIGN), SGL_PATH_OK);
		assert_int_equal(
		    check_path(home, cert, SGL_PURPOSE_MAIL_ENCRYPT),
		    SGL_PATH_OK);
		assert_true(cert->smime_capabilities.len > 0);
		assert_int_equal(sgl_store_list_certs(
				     sgl_home_store(home), p.id, &list, NULL),
		    SGL_OK);
		assert_int_equal(list.num, 3);
		assert_true(sgl_cert_is_twin(&list.items[0], &list.items[1]));
		assert_int_equal(list.items[0].key, list.items[1].key);
		assert_int_equal(list.items[2].status, SGL_CERT_SUPERSEDED);
	}
}

static sgl_path_fault
check_policy(sgl_home *home, sgl_cert *cert, const char *dotted)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	SGL_AUTO_CLEAR(sgl_buf) oid = sgl_buf_init(64);
	const sgl_evidence evidence = {&roots, &issuing, NULL, NULL};
	sgl_path_policy policy = {.time = now, .explicit_policy = true};
	sgl_slice contents;

	assert_true(sgl_oid_parse(sgl_slice_str(dotted), &oid));
	contents = sgl_buf_slice(&oid);
	policy.initial_policies = &contents;
	policy.num_initial_policies = 1;
	assert_int_equal(
	    sgl_home_add_authorities(home, &roots, &issuing, NULL), SGL_OK);
	assert_int_equal(
	    sgl_path_check(engine, cert, &evidence, &policy, &path, NULL),
	    SGL_OK);
	return path.fault;
}

/* The URL is in the certificate as IA5String behind id-qt-cps. */
static void
policies_hold_all_the_way_up(void **state)
{
	char policies[] = "1.3.6.1.4.1.99999.1 1.3.6.1.4.1.99999.2";
	char cps[] = "https://example.org/cps", kind[] = "p256";
	const sgl_organisation o = {.domain = domain,
	    .name = name,
	    .algorithm = kind,
	    .is_demo = true,
	    .policies = policies,
	    .cps_url = cps};
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;

	(void)state;
	assert_int_equal(
	    sgl_home_create(engine, sgl_folder_path(&folder, "home"), &o, NULL,
		&home, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ca_found(home, NULL), SGL_OK);
	add_alice(home, &p);
	cert = issue(home, &p, SGL_CERT_SIGNING);
	assert_non_null(
	    memmem(cert->policies.data, cert->policies.len, cps, strlen(cps)));
	assert_int_equal(
	    check_policy(home, cert, "1.3.6.1.4.1.99999.1"), SGL_PATH_OK);
	assert_int_equal(
	    check_policy(home, cert, "1.3.6.1.4.1.99999.2"), SGL_PATH_OK);
	assert_int_equal(
	    check_policy(home, cert, "1.3.6.1.4.1.99999.3"), SGL_PATH_POLICY);
}

static void
authorities_are_what_they_should_be(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	const sgl_cert *root, *ca;

	(void)state;
	assert_int_equal(
	    sgl_home_add_authorities(home, &roots, &issuing, NULL), SGL_OK);
	root = roots.items[0];
	ca = issuing.items[0];
	expect_names(root, "CN=DEMO Example Root CA 2027,O=DEMO Example");
	expect_names(ca, "CN=DEMO Example Issuing CA 2027,O=DEMO Example");
	assert_true(sgl_cert_is_ca(root) && sgl_cert_is_ca(ca));
	assert_false(root->has_path_len);
	assert_true(ca->has_path_len);
	assert_int_equal(ca->path_len, 0);
	assert_int_equal(root->name_constraints.len, 0);
	assert_true(ca->name_constraints.len > 0);
	assert_int_equal(root->ext_key_usage.len, 0);
	assert_true(
	    sgl_cert_has_ext_key_usage(ca, SGL_OID_KP_EMAIL_PROTECTION));
	assert_false(sgl_cert_has_ext_key_usage(ca, SGL_OID_KP_SERVER_AUTH));
	assert_int_equal(sgl_cert_get_not_after(root), START + 7305 * DAY);
	assert_int_equal(sgl_cert_get_not_after(ca), START + 3652 * DAY);
	assert_int_equal(sgl_cert_get_serial(root).len, 16);
	assert_true(sgl_slice_eq(ca->aki_key_id, sgl_cert_get_ski(root)));
}

/* The capabilities are checked against bytes worked out by hand. */
static void
capabilities_name_ciphers_best_first(void **state)
{
	static const uint8_t want[] = {0x30, 0x27, 0x30, 0x0b, 0x06, 0x09, 0x60,
	    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a, 0x30, 0x0b, 0x06,
	    0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16, 0x30,
	    0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01,
	    0x02};
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(100);

	(void)state;
	assert_int_equal(sgl_profile_capabilities(&b, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&b), sgl_slice_of(want, sizeof want)));
}

/* Name constraints hold our own authority to the domain. */
static void
a_strangers_address_is_refused(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	sgl_err err = {0};
	char address[] = "mallory@example.com", key[] = "x", who[] = "Mallory";
	sgl_person p = {.address = address, .address_key = key, .name = who};

	(void)state;
	assert_int_equal(
	    sgl_store_add_person(sgl_home_store(home), &p, &p.id, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_ca_issue(home, &p, SGL_CERT_SIGNING, NULL, &err), SGL_E_USAGE);
	assert_string_equal(err.detail, address);
}

/* By issuer and serial number, and by subject key identifier. */
static void
expect_old_key(sgl_home *home, int64_t person, const sgl_cert *cert)
{
	const sgl_named_recipient names[] = {
	    {.issuer = sgl_cert_get_issuer(cert),
		.serial = sgl_cert_get_serial(cert)},
	    {.ski = sgl_cert_get_ski(cert)}};
	sgl_vault *vault;

	assert_int_equal(sgl_home_vault(home, &vault, NULL), SGL_OK);
	for (size_t i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_key_record) k = {0};
		SGL_AUTO(sgl_key)
		key = NULL;
		bool found = false;

		assert_int_equal(
		    sgl_recipients_find(engine, sgl_home_store(home), person,
			&names[i], &k, &found, NULL),
		    SGL_OK);
		assert_true(found);
		assert_int_equal(sgl_vault_lend(vault, &k,
				     &sgl_ticket_terms_own, &key, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_key_get_spki(key), sgl_cert_get_spki(cert)));
	}
}

static void
renewal_keeps_every_key(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	SGL_AUTO(sgl_cert)
	first = NULL;
	SGL_AUTO(sgl_cert)
	second = NULL;
	SGL_AUTO(sgl_cert)
	signing = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;

	(void)state;
	add_alice(home, &p);
	signing = issue(home, &p, SGL_CERT_SIGNING);
	first = issue(home, &p, SGL_CERT_ENCRYPTION);
	now += 100 * DAY;
	second = issue(home, &p, SGL_CERT_ENCRYPTION);
	assert_int_equal(
	    sgl_store_list_certs(sgl_home_store(home), p.id, &list, NULL),
	    SGL_OK);
	assert_int_equal(list.num, 3);
	assert_int_equal(list.items[0].status, SGL_CERT_CURRENT);
	assert_int_equal(list.items[1].status, SGL_CERT_SUPERSEDED);
	assert_int_equal(list.items[1].superseded, now);
	assert_int_equal(list.items[2].status, SGL_CERT_CURRENT);
	assert_int_equal(
	    sgl_choose_cert(home, p.id, SGL_CERT_ENCRYPTION, &chosen, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(
	    sgl_cert_get_der(chosen.cert), sgl_cert_get_der(second)));
	assert_int_equal(sgl_choose_key(home, &chosen, &key, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_key_get_spki(key), sgl_cert_get_spki(second)));
	expect_old_key(home, p.id, first);
	expect_old_key(home, p.id, second);
	expect_old_key(home, p.id, signing);
}

static void
what_has_expired_is_not_chosen(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;

	(void)state;
	add_alice(home, &p);
	cert = issue(home, &p, SGL_CERT_SIGNING);
	assert_int_equal(sgl_cert_get_not_after(cert), START + 730 * DAY);
	now = START + 730 * DAY;
	assert_int_equal(
	    sgl_choose_cert(home, p.id, SGL_CERT_SIGNING, &chosen, NULL),
	    SGL_OK);
	assert_non_null(chosen.cert);
	sgl_chosen_clear(&chosen);
	now++;
	assert_int_equal(
	    sgl_choose_cert(home, p.id, SGL_CERT_SIGNING, &chosen, NULL),
	    SGL_OK);
	assert_null(chosen.cert);
	assert_int_equal(chosen.ended, START + 730 * DAY);
	assert_int_equal(
	    sgl_choose_cert(home, p.id, SGL_CERT_ENCRYPTION, &chosen, NULL),
	    SGL_OK);
	assert_null(chosen.cert);
	assert_int_equal(chosen.ended, 0);
}

static void
nobody_outlives_the_authority(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_err err = {0};

	(void)state;
	add_alice(home, &p);
	now = START + 3600 * DAY;
	cert = issue(home, &p, SGL_CERT_SIGNING);
	assert_int_equal(sgl_cert_get_not_after(cert), START + 3652 * DAY);
	now = START + 3652 * DAY;
	assert_int_equal(
	    sgl_ca_issue(home, &p, SGL_CERT_SIGNING, NULL, &err), SGL_E_NOKEY);
	assert_string_equal(
	    err.text, "the organisation's issuing authority has expired");
}

/* The newest notBefore wins, the later record among equals; never what is
 * superseded, not begun, or for something else. */
static void
the_latest_valid_one_is_chosen(void **state)
{
	static const struct {
		sgl_time begin, end; /* days from now */
		sgl_cert_purpose purpose;
		sgl_cert_status status;
	} rows[] = {
	    {-50, 50, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT},
	    {-20, 50, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT},
	    {-20, 40, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT}, /* this */
	    {-30, 90, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT},
	    {-10, -1, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT},
	    {10, 90, SGL_CERT_ENCRYPTION, SGL_CERT_CURRENT},
	    {-5, 90, SGL_CERT_ENCRYPTION, SGL_CERT_SUPERSEDED},
	    {-5, 90, SGL_CERT_SIGNING, SGL_CERT_CURRENT},
	};
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	sgl_store *store = sgl_home_store(home);
	int64_t other;
	uint8_t first;

	(void)state;
	add_alice(home, &p);
	assert_int_equal(
	    sgl_ca_issue(home, &p, SGL_CERT_SIGNING, &c, NULL), SGL_OK);
	other = c.key;
	first = c.serial.data[1];
	assert_int_not_equal(other, 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool taken;
		int64_t id;
		c.key = i == 2 ? 1 : other; /* key 1 is the root's */
		c.purpose = rows[i].purpose;
		c.status = rows[i].status;
		c.not_before = now + rows[i].begin * DAY;
		c.not_after = now + rows[i].end * DAY;
		c.serial.data[1] = (uint8_t)(first + i + 1);
		assert_int_equal(sgl_store_take_serial(store,
				     sgl_buf_slice(&c.serial), &taken, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_store_add_cert(store, &c, &id, NULL), SGL_OK);
	}
	assert_int_equal(
	    sgl_choose_cert(home, p.id, SGL_CERT_ENCRYPTION, &chosen, NULL),
	    SGL_OK);
	assert_non_null(chosen.cert);
	assert_int_equal(chosen.key, 1);
}

/* What a certificate under the Baseline Requirements has, and one of an
 * authority that nobody's programs know cannot: one of their policies. */
static bool
is_policy_alone(void *ctx, const sgl_lint_rule *rule, const sgl_lint_note *note)
{
	if (strcmp(rule->id, ctx) != 0)
		fail_msg("%s: %s", rule->id, note->text);
	return true;
}

static void
keeps_rules(const sgl_cert *cert, char *excused)
{
	const sgl_time time = sgl_cert_get_not_before(cert);

	assert_true(sgl_lint_each(cert, time, false, is_policy_alone, excused));
	assert_true(sgl_lint_each(cert, time, true, is_policy_alone, ""));
}

static void
judge_all(const char *algorithm, const char *address, const char *person)
{
	char leaf[] = "br-policy-one", issuer[] = "br-ca-policy", none[] = "";
	SGL_AUTO(sgl_home)
	home = make(algorithm);
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};

	assert_int_equal(
	    sgl_people_add(home, address, person, &p, NULL), SGL_OK);
	for (int i = 0; i < 2; i++) {
		SGL_AUTO(sgl_cert)
		cert = issue(
		    home, &p, i == 0 ? SGL_CERT_SIGNING : SGL_CERT_ENCRYPTION);
		keeps_rules(cert, leaf);
	}
	assert_int_equal(
	    sgl_home_add_authorities(home, &roots, &issuing, NULL), SGL_OK);
	keeps_rules(roots.items[0], none);
	keeps_rules(issuing.items[0], issuer);
}

static void
start_anew(void)
{
	sgl_folder_remove(&folder);
	sgl_folder_make(&folder);
}

static void
our_profiles_keep_the_rules(void **state)
{
	(void)state;
	judge_all("p256", "alice@example.org", "Alice");
	start_anew();
	judge_all("p384", "al\xc3\xad@example.org", "Al\xc3\xad");
	start_anew();
	judge_all("rsa-2048", "alice.al+x@example.org", NULL);
}

/* The key of a certificate, by either name that mail may use. */
static void
expect_recipient(
    sgl_store *store, int64_t person, const sgl_cert *cert, size_t num)
{
	sgl_key_records lists[2] = {{0}};
	sgl_digest issuer, spki;

	assert_int_equal(sgl_hash_once(engine, SGL_DIGEST_SHA256,
			     sgl_cert_get_issuer(cert), &issuer, NULL),
	    SGL_OK);
	assert_int_equal(sgl_hash_once(engine, SGL_DIGEST_SHA256,
			     sgl_cert_get_spki(cert), &spki, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_store_find_key_by_recipient(store, person, issuer.bytes,
		sgl_cert_get_serial(cert), &lists[0], NULL),
	    SGL_OK);
	assert_int_equal(sgl_store_find_key_by_ski(store, person,
			     sgl_cert_get_ski(cert), &lists[1], NULL),
	    SGL_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lists[i].num, num);
		if (num > 0)
			assert_memory_equal(
			    lists[i].items[0].spki_digest, spki.bytes, 32);
		sgl_key_records_clear(&lists[i]);
	}
}

static void
old_mail_finds_its_key(void **state)
{
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO(sgl_cert)
	first = NULL;
	SGL_AUTO(sgl_cert)
	second = NULL;
	sgl_store *store = sgl_home_store(home);

	(void)state;
	add_alice(home, &p);
	first = issue(home, &p, SGL_CERT_ENCRYPTION);
	second = issue(home, &p, SGL_CERT_ENCRYPTION);
	/* In an older form of the database there were no such names. */
	for (int turn = 0; turn < 2; turn++) {
		expect_recipient(store, p.id, first, 1);
		expect_recipient(store, p.id, second, 1);
		assert_int_equal(
		    sgl_store_run(store, "DELETE FROM recipient", NULL),
		    SGL_OK);
		expect_recipient(store, p.id, first, 0);
		assert_int_equal(
		    sgl_recipients_upgrade(engine, store, 1, NULL), SGL_OK);
	}
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
}

/* More than are signed at once. */
#define CROWD 70

static void
add_one_of_many(sgl_home *home, unsigned number, sgl_person *p)
{
	char address[64];

	(void)snprintf(address, sizeof address, "p%u@example.org", number);
	assert_int_equal(sgl_people_add(home, address, NULL, p, NULL), SGL_OK);
}

static void
expect_all(sgl_home *home, unsigned number, size_t num)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) certs = {0};
	char address[64];

	(void)snprintf(address, sizeof address, "p%u@example.org", number);
	assert_int_equal(sgl_people_get(home, address, &p, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_list_certs(sgl_home_store(home), p.id, &certs, NULL),
	    SGL_OK);
	assert_int_equal(certs.num, num);
	for (size_t i = 0; i < num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		assert_int_equal(certs.items[i].status, SGL_CERT_CURRENT);
		assert_int_equal(
		    sgl_cert_read(engine, sgl_buf_slice(&certs.items[i].der),
			&cert, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_cert_get_address(cert, 0), sgl_slice_str(address)));
	}
}

/* Who is suspended gets none, and the others theirs. */
static void
many_are_signed_together(void **state)
{
	const sgl_ca_needs both = {true, true}, one = {false, true};
	SGL_AUTO(sgl_home)
	home = make("p256");
	SGL_AUTO(sgl_ca_many)
	many = NULL;

	(void)state;
	assert_int_equal(sgl_ca_many_new(home, &many, NULL), SGL_OK);
	for (unsigned i = 0; i < CROWD; i++) {
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		add_one_of_many(home, i, &p);
		p.state = i == 5 ? SGL_PERSON_SUSPENDED : SGL_PERSON_ACTIVE;
		assert_int_equal(
		    sgl_ca_many_issue(many, &p, i == 6 ? one : both, NULL),
		    i == 5 ? SGL_E_USAGE : SGL_OK);
	}
	expect_all(home, 0, 2);
	expect_all(home, CROWD - 1, 0);
	assert_int_equal(sgl_ca_many_end(many, NULL), SGL_OK);
	for (unsigned i = 0; i < CROWD; i++)
		expect_all(home, i, i == 5 ? 0 : i == 6 ? 1 : 2);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
}

/* With an engine of its own, for an engine remembers. */
static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	const sgl_engine_config config = {.now = tell_time};
	SGL_AUTO(sgl_engine)
	own = NULL;
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_ca_many)
	many = NULL;
	const sgl_ca_needs both = {true, true};

	(void)ctx;
	TRY(sgl_engine_new(&config, &own, err));
	TRY(found(own, "p256", &home, err));
	TRY(sgl_ca_publish(home, err));
	TRY(sgl_people_add(home, "alice@example.org", NULL, &p, err));
	TRY(sgl_ca_issue(home, &p, SGL_CERT_ENCRYPTION, NULL, err));
	TRY(sgl_choose_cert(home, p.id, SGL_CERT_ENCRYPTION, &chosen, err));
	TRY(sgl_ca_many_new(home, &many, err));
	TRY(sgl_ca_many_issue(many, &p, both, err));
	TRY(sgl_ca_many_end(many, err));
	return sgl_choose_lend(home, &chosen, &sgl_ticket_terms_own, &key, err);
}

static void
no_memory_leaves_nothing(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(whole_story, NULL) > 50);
	assert_int_equal(sgl_folder_num(&folder), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(people_get_what_their_profile_says),
	    TEST(one_certificate_can_serve_both_purposes),
	    TEST(policies_hold_all_the_way_up),
	    TEST(authorities_are_what_they_should_be),
	    TEST(capabilities_name_ciphers_best_first),
	    TEST(a_strangers_address_is_refused),
	    TEST(renewal_keeps_every_key),
	    TEST(what_has_expired_is_not_chosen),
	    TEST(nobody_outlives_the_authority),
	    TEST(the_latest_valid_one_is_chosen),
	    TEST(our_profiles_keep_the_rules),
	    TEST(old_mail_finds_its_key),
	    TEST(many_are_signed_together),
	    TEST(no_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
