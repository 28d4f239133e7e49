/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of other authorities, and files of a migration, when there is no
 * memory: it is told, and nothing is kept, not even half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin/migrate.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/issue.h"

#define BUNDLE_MAX ((size_t)1 << 20)

static sgl_folder folder;
static sgl_session session;
static sgl_who root, issuing, alice, expired;
static sgl_person person;
static sgl_order order;	       /* of cert import */
static sgl_order of_migration; /* of migrate */

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return SGL_ISSUE_TIME;
}

static const sgl_option as_json = {
    .name = "json",
};

static sgl_call call = {.args = {"alice@example.org"}, .num_args = 1};

/* --------------------------------------------------------- what is imported
 * ---
 */

static void
issue(const char *name, const sgl_who *by, sgl_issue what, sgl_who *out)
{
	what.name = name;
	sgl_issue_cert(session.engine, &what, by, out);
}

static void
issue_all(void)
{
	const sgl_issue authority = {.is_ca = true},
			for_alice = {.address = "alice@example.org"};
	sgl_issue long_ago = for_alice;

	long_ago.until = SGL_ISSUE_TIME - 1;
	issue("Other Root", NULL, authority, &root);
	issue("Other CA", &root, authority, &issuing);
	issue("Alice", &issuing, for_alice, &alice);
	issue("Alice", &issuing, long_ago, &expired);
}

static void
add_who(sgl_bundle *b, const sgl_who *who, bool with_key)
{
	assert_int_equal(
	    sgl_keyring_add_cert(&b->ring, who->cert, NULL), SGL_OK);
	if (with_key)
		assert_int_equal(
		    sgl_keyring_add_key(&b->ring, who->key, NULL), SGL_OK);
}

static void
write_orders(void)
{
	sgl_crl *crl = sgl_issue_crl(session.engine, &issuing, NULL, -1);
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	sgl_wire w;

	add_who(&b, &root, false);
	add_who(&b, &issuing, false);
	add_who(&b, &alice, true);
	add_who(&b, &expired, true);
	assert_int_equal(sgl_crls_add(&b.crls, crl, NULL), SGL_OK);
	sgl_crl_unref(crl);
	order.call = &call;
	order.input = (sgl_buf){.max = BUNDLE_MAX, .secret = true};
	assert_int_equal(sgl_bundle_write(&b, &order.input, NULL), SGL_OK);
	of_migration.call = &call;
	of_migration.input = (sgl_buf){.max = BUNDLE_MAX, .secret = true};
	w = sgl_wire_over(&of_migration.input);
	sgl_migrate_add_order(
	    &w, &(sgl_migrate_order){.bundle = sgl_buf_slice(&order.input)});
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
}

static int
set_up(void **state)
{
	static char domain[] = "example.org", name[] = "Example",
		    algorithm[] = "p256";
	const sgl_engine_config config = {.now = tell_time};
	const sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = algorithm};

	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(
	    sgl_engine_new(&config, &session.engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_home_create(session.engine, sgl_folder_path(&folder, "home"),
		&o, NULL, &session.home, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ca_found(session.home, NULL), SGL_OK);
	assert_int_equal(sgl_people_add(session.home, "alice@example.org", NULL,
			     &person, NULL),
	    SGL_OK);
	assert_int_equal(sgl_home_commit(session.home, NULL), SGL_OK);
	issue_all();
	write_orders();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	call.num_given = 0;
	sgl_who_clear(&root);
	sgl_who_clear(&issuing);
	sgl_who_clear(&alice);
	sgl_who_clear(&expired);
	sgl_person_clear(&person);
	order.call = of_migration.call = NULL;
	sgl_order_clear(&order);
	sgl_order_clear(&of_migration);
	sgl_session_close(&session);
	sgl_folder_remove(&folder);
	return 0;
}

/* ---------------------------------------------------------------- the work ---
 */

static size_t
count_certs(void)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	assert_int_equal(sgl_store_list_certs(sgl_home_store(session.home),
			     person.id, &list, NULL),
	    SGL_OK);
	return list.num;
}

static size_t
count_keys(void)
{
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};

	assert_int_equal(sgl_store_list_keys(sgl_home_store(session.home),
			     person.id, &list, NULL),
	    SGL_OK);
	return list.num;
}

/* As the one who performs commands does it: all is kept, or nothing. Here it is
 * undone also where it went well, so that the next finds what this one found.
 */
static sgl_status
perform(sgl_org_work *work, const sgl_order *o, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_status status;

	sgl_reply_init(&r, o->call);
	TRY(sgl_home_begin(session.home, err));
	status = work(&session, o, &r, err);
	if (status == SGL_OK)
		status = sgl_reply_end(&r, err);
	sgl_home_rollback(session.home);
	return status;
}

static sgl_status
import(void *ctx, sgl_err *err)
{
	(void)ctx;
	return perform(sgl_org_cert_import, &order, err);
}

static sgl_status
migrate(void *ctx, sgl_err *err)
{
	(void)ctx;
	return perform(sgl_org_migrate_one, &of_migration, err);
}

/* What the engine and the home keep of the first time they keep. */
static void
fail_each(sgl_fault_job job)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	const uint8_t *number;

	assert_int_equal(job(NULL, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(alice.key, &secret, NULL), SGL_OK);
	number = memmem(secret.data, secret.len, "\x04\x20", 2);
	assert_non_null(number);
	sgl_fault_watch(sgl_slice_of(number + 2, 32));
	assert_true(sgl_fault_each(job, NULL) > 50);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){NULL, 0});
	assert_int_equal(count_certs(), 0);
	assert_int_equal(count_keys(), 0);
}

static void
an_import_without_memory(void **state)
{
	(void)state;
	fail_each(import);
	call.given[0].option = &as_json;
	call.num_given = 1;
	fail_each(import);
}

static void
a_migration_without_memory(void **state)
{
	(void)state;
	fail_each(migrate);
}

/* --------------------------------------------------------- before the work ---
 */

static sgl_status
read_passwords(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_migrate_passwords) p = {0};
	const sgl_migrate_password *found;

	TRY(sgl_migrate_passwords_read(ctx, &p, err));
	found = sgl_migrate_password_of(&p, "alice.p12");
	assert_non_null(found);
	assert_true(sgl_slice_eq(sgl_secret_slice(&found->password),
	    SGL_LIT("correct horse battery")));
	return SGL_OK;
}

static void
passwords_without_memory(void **state)
{
	const char *path = sgl_folder_path(&folder, "passwords");

	(void)state;
	sgl_folder_write(&folder, "passwords",
	    SGL_LIT("file,password\nalice.p12,correct horse battery\n"
		    "bob.p12,another\n"));
	sgl_fault_watch(SGL_LIT("correct horse battery"));
	assert_true(
	    sgl_fault_each(read_passwords, (void *)(uintptr_t)path) > 5);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){NULL, 0});
}

static sgl_status
load(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	const sgl_secret none = {0};

	TRY(sgl_bundle_load(session.engine, ctx, &none, &b, err));
	assert_int_equal(b.ring.certs.num, 1);
	return SGL_OK;
}

static void
a_file_without_memory(void **state)
{
	const char *path = sgl_folder_path(&folder, "alice.der");

	(void)state;
	sgl_folder_write(&folder, "alice.der", sgl_cert_get_der(alice.cert));
	assert_int_equal(load((void *)(uintptr_t)path, NULL), SGL_OK);
	assert_true(sgl_fault_each(load, (void *)(uintptr_t)path) > 2);
}

/* What these took is what was meant: two uses of one, and an old one. */
static void
what_is_taken(void **state)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};

	(void)state;
	sgl_reply_init(&r, &call);
	assert_int_equal(sgl_home_begin(session.home, NULL), SGL_OK);
	assert_int_equal(
	    sgl_org_cert_import(&session, &order, &r, NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(session.home, NULL), SGL_OK);
	assert_int_equal(count_keys(), 2);
	assert_true(count_certs() >= 3);
	assert_int_equal(r.exit_status, SGL_EXIT_OK);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(an_import_without_memory),
	    TEST(a_migration_without_memory),
	    TEST(passwords_without_memory),
	    TEST(a_file_without_memory),
	    TEST(what_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
