/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ca/ca.h"
#include "ca/crl.h"
#include "ca/revoke.h"
#include "ca/urls.h"
#include "org/people.h"
#include "pki/crl.h"
#include "support/fault.h"
#include "support/folder.h"

#define START ((sgl_time)1800000000)

static sgl_engine *engine;
static sgl_folder folder;
static sgl_time now;

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
make(sgl_engine *with, sgl_home **out, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	char domain[] = "example.org", name[] = "Example", kind[] = "p256";
	const sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = kind};

	TRY(sgl_home_create(
	    with, sgl_folder_path(&folder, "home"), &o, NULL, &home, err));
	TRY(sgl_store_set_setting(sgl_home_store(home), SGL_SETTING_PUBLIC_URL,
	    SGL_LIT("http://pki.example.org/x/"), err));
	TRY(sgl_ca_found(home, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

static sgl_status
issue(sgl_home *home, sgl_cert_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_people_add(home, "alice@example.org", NULL, &p, err));
	return sgl_ca_issue(home, &p, SGL_CERT_SIGNING, out, err);
}

/* As it is stored now. */
static void
read_again(sgl_home *home, sgl_cert_record *c)
{
	sgl_cert_record again = {0};
	bool found;

	assert_int_equal(sgl_store_find_cert_by_serial(sgl_home_store(home),
			     sgl_buf_slice(&c->serial), &again, &found, NULL),
	    SGL_OK);
	assert_true(found);
	sgl_cert_record_clear(c);
	*c = again;
}

static void
start(sgl_home **home, sgl_cert_record *c)
{
	unsigned made;

	assert_int_equal(make(engine, home, NULL), SGL_OK);
	assert_int_equal(issue(*home, c, NULL), SGL_OK);
	assert_int_equal(sgl_ca_make_crls(*home, false, &made, NULL), SGL_OK);
	assert_int_equal(made, 2);
}

static bool
is_due(sgl_home *home, const sgl_cert_record *c)
{
	bool due = false;

	assert_int_equal(sgl_store_is_crl_due(sgl_home_store(home), c->issuer,
			     c->shard, 0, INT64_MAX, &due, NULL),
	    SGL_OK);
	return due;
}

static sgl_status
revoke(sgl_home *home, sgl_cert_record *c, sgl_revocation_reason reason)
{
	const sgl_revocation_mark mark = {.reason = reason};
	sgl_err err = {0};
	sgl_status status = sgl_ca_revoke(home, c, &mark, &err);

	assert_int_equal(status, err.status);
	read_again(home, c);
	return status;
}

static void
a_revocation_is_kept_and_due(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	const sgl_revocation_mark mark = {
	    .reason = SGL_REASON_KEY_COMPROMISE, .invalidity = START - 99};

	(void)state;
	start(&home, &c);
	assert_false(is_due(home, &c));
	now += 7;
	assert_int_equal(sgl_ca_revoke(home, &c, &mark, NULL), SGL_OK);
	read_again(home, &c);
	assert_int_equal(c.status, SGL_CERT_REVOKED);
	assert_int_equal(c.revocation.when, START + 7);
	assert_int_equal(c.revocation.reason, SGL_REASON_KEY_COMPROMISE);
	assert_int_equal(c.revocation.invalidity, START - 99);
	assert_true(is_due(home, &c));
	/* Said again, later: nothing of it is lost. */
	now += 7;
	assert_int_equal(revoke(home, &c, SGL_REASON_KEY_COMPROMISE), SGL_OK);
	assert_int_equal(c.revocation.when, START + 7);
	assert_int_equal(c.revocation.invalidity, START - 99);
}

static void
reasons_change_as_they_may(void **state)
{
	static const struct {
		sgl_revocation_reason from, to;
		sgl_status want;
	} rows[] = {
	    {SGL_REASON_CERTIFICATE_HOLD, SGL_REASON_SUPERSEDED, SGL_OK},
	    {SGL_REASON_CERTIFICATE_HOLD, SGL_REASON_CERTIFICATE_HOLD, SGL_OK},
	    {SGL_REASON_UNSPECIFIED, SGL_REASON_SUPERSEDED, SGL_OK},
	    {SGL_REASON_SUPERSEDED, SGL_REASON_KEY_COMPROMISE, SGL_OK},
	    {SGL_REASON_UNSPECIFIED, SGL_REASON_CERTIFICATE_HOLD, SGL_E_USAGE},
	    {SGL_REASON_SUPERSEDED, SGL_REASON_CERTIFICATE_HOLD, SGL_E_USAGE},
	    {SGL_REASON_SUPERSEDED, SGL_REASON_UNSPECIFIED, SGL_E_USAGE},
	    {SGL_REASON_KEY_COMPROMISE, SGL_REASON_SUPERSEDED, SGL_E_USAGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SGL_AUTO(sgl_home)
		home = NULL;
		SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

		start(&home, &c);
		assert_int_equal(revoke(home, &c, rows[i].from), SGL_OK);
		assert_int_equal(revoke(home, &c, rows[i].to), rows[i].want);
		assert_int_equal(c.revocation.reason,
		    rows[i].want == SGL_OK ? rows[i].to : rows[i].from);
	}
}

static void
what_makes_no_sense_is_refused(void **state)
{
	static const sgl_revocation_mark marks[] = {
	    {.reason = SGL_REASON_CA_COMPROMISE},
	    {.reason = SGL_REASON_AA_COMPROMISE},
	    {.reason = SGL_REASON_REMOVE_FROM_CRL},
	    {.when = START + 1},
	    {.invalidity = START + 1},
	};
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	(void)state;
	start(&home, &c);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		assert_int_equal(
		    sgl_ca_revoke(home, &c, &marks[i], NULL), SGL_E_USAGE);
	read_again(home, &c);
	assert_int_equal(c.status, SGL_CERT_CURRENT);
	assert_false(is_due(home, &c));
}

static void
only_a_hold_is_taken_back(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	(void)state;
	start(&home, &c);
	assert_int_equal(sgl_ca_release(home, &c, NULL), SGL_E_USAGE);
	assert_int_equal(revoke(home, &c, SGL_REASON_CERTIFICATE_HOLD), SGL_OK);
	assert_int_equal(sgl_ca_release(home, &c, NULL), SGL_OK);
	read_again(home, &c);
	assert_int_equal(c.status, SGL_CERT_CURRENT);
	assert_true(is_due(home, &c));
	assert_int_equal(revoke(home, &c, SGL_REASON_SUPERSEDED), SGL_OK);
	assert_int_equal(sgl_ca_release(home, &c, NULL), SGL_E_USAGE);
}

static bool
contains(const sgl_cert_record *c, const char *text)
{
	return memmem(c->der.data, c->der.len, text, strlen(text)) != NULL;
}

static void
certificates_say_where_to_ask(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO_CLEAR(sgl_cert_record) plain = {0};
	SGL_AUTO_CLEAR(sgl_person) bob = {0};

	(void)state;
	start(&home, &c);
	assert_int_equal(c.issuer, 2);
	assert_true(contains(&c, "http://pki.example.org/x/ca/2.cer"));
	assert_true(contains(&c, "http://pki.example.org/x/crl/2-0.crl"));
	assert_true(contains(&c, "http://pki.example.org/x/ocsp"));
	assert_int_equal(sgl_store_set_setting(sgl_home_store(home),
			     SGL_SETTING_PUBLIC_URL, SGL_LIT(""), NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_people_add(home, "bob@example.org", NULL, &bob, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_issue(home, &bob, SGL_CERT_SIGNING, &plain, NULL), SGL_OK);
	assert_false(contains(&plain, "http"));
}

/* -------------------------------------------------------------- the lists ---
 */

static sgl_crl *
list_of(sgl_home *home, int64_t authority, int64_t shard)
{
	SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
	sgl_crl *crl = NULL;
	bool found;

	assert_int_equal(sgl_store_find_crl(sgl_home_store(home), authority,
			     shard, &c, &found, NULL),
	    SGL_OK);
	assert_true(found);
	/* What is read borrows: of what outlives the record. */
	assert_int_equal(
	    sgl_crl_read(engine, sgl_buf_slice(&c.der), &crl, NULL), SGL_OK);
	assert_int_equal(crl->number.len, 1);
	assert_int_equal(crl->number.data[0], c.number);
	assert_int_equal(crl->this_update, c.this_update);
	assert_int_equal(crl->next_update, c.next_update);
	return crl;
}

static unsigned
make_due(sgl_home *home)
{
	unsigned made = 99;

	assert_int_equal(sgl_ca_make_crls(home, false, &made, NULL), SGL_OK);
	return made;
}

static void
a_list_tells_what_is_revoked(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_crl_found what;
	bool found;

	(void)state;
	start(&home, &c);
	now += 10;
	assert_int_equal(revoke(home, &c, SGL_REASON_KEY_COMPROMISE), SGL_OK);
	assert_int_equal(make_due(home), 1);
	assert_int_equal(make_due(home), 0);
	crl = list_of(home, c.issuer, 0);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&c.der), &cert, NULL), SGL_OK);
	assert_int_equal(sgl_crl_find(crl, sgl_cert_get_issuer(cert),
			     sgl_cert_get_serial(cert), &found, &what, NULL),
	    SGL_OK);
	assert_true(found);
	assert_int_equal(what.revoked_at, START + 10);
	assert_int_equal(what.reason, SGL_REASON_KEY_COMPROMISE);
	assert_int_equal(crl->idp.len, 0); /* it is about all */
}

static void
lists_are_made_every_day(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	(void)state;
	start(&home, &c);
	now += 24 * 60 * 60;
	assert_int_equal(make_due(home), 0);
	now++;
	assert_int_equal(make_due(home), 1); /* not yet the root's */
	now += (sgl_time)30 * 24 * 60 * 60;
	assert_int_equal(make_due(home), 2);
}

static void
a_part_lists_its_own(void **state)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO_CLEAR(sgl_person) bob = {0};
	size_t listed = 0;

	(void)state;
	start(&home, &c);
	assert_int_equal(sgl_ca_set_shards(home, 300, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_ca_set_shards(home, 4, NULL), SGL_OK);
	assert_int_equal(sgl_ca_set_shards(home, 3, NULL), SGL_E_USAGE);
	assert_int_equal(make_due(home), 4);
	assert_int_equal(
	    sgl_people_add(home, "bob@example.org", NULL, &bob, NULL), SGL_OK);
	assert_int_equal(revoke(home, &c, SGL_REASON_SUPERSEDED), SGL_OK);
	assert_int_equal(c.shard, 0);
	for (int i = 0; i < 12; i++) {
		SGL_AUTO_CLEAR(sgl_cert_record) one = {0};
		char url[] = "/crl/2-0.crl";

		assert_int_equal(
		    sgl_ca_issue(home, &bob, SGL_CERT_SIGNING, &one, NULL),
		    SGL_OK);
		assert_in_range(one.shard, 0, 3);
		url[7] = (char)('0' + one.shard);
		assert_true(contains(&one, url));
		assert_int_equal(
		    revoke(home, &one, SGL_REASON_SUPERSEDED), SGL_OK);
	}
	make_due(home);
	for (int64_t n = 0; n < 4; n++) {
		SGL_AUTO(sgl_crl)
		crl = list_of(home, 2, n);
		char url[] = "/crl/2-0.crl";

		url[7] = (char)('0' + n);
		listed += crl->num_entries;
		assert_non_null(
		    memmem(crl->idp.data, crl->idp.len, url, strlen(url)));
	}
	assert_int_equal(listed, 13);
}

typedef struct scene {
	sgl_home *home;
	sgl_cert_record c;
} scene;

static sgl_status
revoke_and_list(scene *s, sgl_err *err)
{
	const sgl_revocation_mark mark = {
	    .reason = SGL_REASON_CERTIFICATE_HOLD};
	unsigned made;

	TRY(sgl_home_begin(s->home, err));
	TRY(sgl_ca_revoke(s->home, &s->c, &mark, err));
	return sgl_ca_make_crls(s->home, false, &made, err);
}

static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	scene *s = ctx;
	sgl_status status = revoke_and_list(s, err);

	sgl_home_rollback(s->home);
	return status;
}

static void
no_memory_changes_nothing(void **state)
{
	scene s = {0};

	(void)state;
	start(&s.home, &s.c);
	assert_int_equal(sgl_home_commit(s.home, NULL), SGL_OK);
	assert_true(sgl_fault_each(whole_story, &s) > 10);
	read_again(s.home, &s.c);
	assert_int_equal(s.c.status, SGL_CERT_CURRENT);
	assert_false(is_due(s.home, &s.c));
	sgl_cert_record_clear(&s.c);
	sgl_home_free(s.home);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_revocation_is_kept_and_due),
	    TEST(reasons_change_as_they_may),
	    TEST(what_makes_no_sense_is_refused),
	    TEST(only_a_hold_is_taken_back),
	    TEST(certificates_say_where_to_ask),
	    TEST(a_list_tells_what_is_revoked),
	    TEST(lists_are_made_every_day),
	    TEST(a_part_lists_its_own),
	    TEST(no_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
